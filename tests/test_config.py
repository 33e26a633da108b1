"""The configuration: where it comes from, what it becomes, and that no secret of it is ever shown."""

from __future__ import annotations

import copy
import dataclasses
import functools
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailcase import config_file
from mailcase.config import Config
from mailcase.config_secrets import Variables
from mailcase.config_values import loopback
from mailcase.words import ConfigError, Kind, Mode

MINIMAL = """\
[lab]
name = "ООО «КлинМет»"
address = "lab@cleanmet.ru"
head = "orlov"
duty = "orlov"
quality_manager = "orlov"

[[mailbox]]
name = "lab"
host = "imap.cleanmet.ru"
user = "lab@cleanmet.ru"

[smtp]
host = "smtp.cleanmet.ru"
user = "lab@cleanmet.ru"

[[employee]]
login = "orlov"
name = "Орлов Дмитрий Сергеевич"
position = "директор"
phone = "+7 (495) 000-00-00, доб. 201"
email = "orlov@cleanmet.ru"
"""
SECRETS = {"MAILCASE_SECRET": "0123456789abcdef", "MAILCASE_MAILBOX_LAB_PASSWORD": "hunter-two"}


def load(folder: Path, text: str = MINIMAL, environ: Mapping[str, str] = SECRETS) -> Config:
    """Writes the text as config.toml of the folder and loads it."""
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return config_file.load(folder / "config.toml", environ)


def problems(folder: Path, text: str = MINIMAL, environ: Mapping[str, str] = SECRETS) -> list[str]:
    """What is said to be wrong with it."""
    with pytest.raises(ConfigError) as caught:
        load(folder, text, environ)
    return caught.value.problems


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    config = load(tmp_path)
    assert config.mode is Mode.SHADOW
    assert config.mailbox[0].port == 993
    assert config.answer.undo == timedelta(minutes=10)
    assert config.terms[Kind.COMPLAINT].limit == 10


def test_paths_start_in_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "ca.pem").touch()
    text = MINIMAL.replace('user = "lab@', 'ca_file = "ca.pem"\nuser = "lab@')
    text = 'templates = "texts"\n' + text + '[store]\nraw = "letters"\nurl = "sqlite:///db/cases.db"\n'
    config = load(tmp_path, text + '[page]\nfolder = "page"\n')
    assert config.folder == tmp_path
    assert config.store.raw == tmp_path / "letters"
    assert config.store.url.get_secret_value() == f"sqlite:///{tmp_path}/db/cases.db"
    assert config.page.folder == tmp_path / "page"
    assert config.templates == tmp_path / "texts"
    assert config.mailbox[0].ca_file == config.smtp.ca_file == tmp_path / "ca.pem"


def test_an_absolute_path_stays_as_it_is(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    config = load(tmp_path, MINIMAL + f'[store]\nraw = "{elsewhere}"\nurl = "sqlite:///{elsewhere}/a.db"\n')
    assert config.store.raw == elsewhere
    assert config.store.url.get_secret_value() == f"sqlite:///{elsewhere}/a.db"


def test_a_relative_config_path_gives_an_absolute_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text(MINIMAL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert config_file.load(Path("config.toml"), SECRETS).store.raw == tmp_path / "raw"


def test_secrets_come_from_env_file_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "MAILCASE_SECRET=from-the-env-file\nMAILCASE_MAILBOX_LAB_PASSWORD='a # ${b} \"c\"'\nOTHER=1\n", encoding="utf-8"
    )
    config = load(tmp_path, environ={"MAILCASE_SECRET": "from-the-environment"})
    assert config.secret.get_secret_value() == "from-the-environment"
    assert config.mailbox[0].password.get_secret_value() == 'a # ${b} "c"'


def test_a_secret_may_lie_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("from a file\n", encoding="utf-8")
    environ = SECRETS | {"MAILCASE_MAILBOX_LAB_PASSWORD": "", "MAILCASE_MAILBOX_LAB_PASSWORD_FILE": "password"}
    assert load(tmp_path, environ=environ).mailbox[0].password.get_secret_value() == "from a file"


def test_a_file_named_in_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MAILCASE_SECRET=from-the-env-file\n", encoding="utf-8")
    (tmp_path / "key").write_text("from-a-systemd-credential", encoding="utf-8")
    environ = {"MAILCASE_SECRET_FILE": str(tmp_path / "key"), "MAILCASE_MAILBOX_LAB_PASSWORD": "x"}
    assert load(tmp_path, environ=environ).secret.get_secret_value() == "from-a-systemd-credential"


def test_a_secret_given_twice_or_in_a_missing_file_is_refused(tmp_path: Path) -> None:
    environ = SECRETS | {"MAILCASE_SECRET_FILE": "key", "MAILCASE_SMTP_PASSWORD_FILE": "absent"}
    assert problems(tmp_path, environ=environ) == [
        "MAILCASE_SECRET: given together with MAILCASE_SECRET_FILE; keep one of them",
        f'MAILCASE_SMTP_PASSWORD_FILE = "{tmp_path}/absent": cannot be read as text (no such file or directory)',
    ]


def test_smtp_takes_the_password_of_the_mailbox_with_the_same_user(tmp_path: Path) -> None:
    assert load(tmp_path).smtp.password.get_secret_value() == "hunter-two"
    own = load(tmp_path, environ=SECRETS | {"MAILCASE_SMTP_PASSWORD": "its own"})
    assert own.smtp.password.get_secret_value() == "its own"


def test_another_smtp_user_does_not_get_the_mailbox_password(tmp_path: Path) -> None:
    text = MINIMAL.replace('smtp.cleanmet.ru"\nuser = "lab@', 'smtp.cleanmet.ru"\nuser = "out@')
    assert problems(tmp_path, text) == ["smtp: has no password; put MAILCASE_SMTP_PASSWORD=… into .env"]


def test_a_local_relay_needs_neither_user_nor_password(tmp_path: Path) -> None:
    text = MINIMAL.replace(
        'host = "smtp.cleanmet.ru"\nuser = "lab@cleanmet.ru"', 'host = "::1"\ntls = "none"\nport = 25'
    )
    assert load(tmp_path, text).smtp.password.get_secret_value() == ""


def test_the_database_address_comes_from_the_environment(tmp_path: Path) -> None:
    url = "postgresql://mailcase:hunter-three@localhost/mailcase"
    config = load(tmp_path, environ=SECRETS | {"MAILCASE_DATABASE_URL": url})
    assert config.store.url.get_secret_value() == url
    assert "hunter" not in repr(config)


def test_tokens_reach_the_mailbox_and_smtp(tmp_path: Path) -> None:
    oauth = 'auth = "xoauth2"\noauth = { token_url = "https://auth.example.org", client_id = "lab" }\nuser = "lab@'
    environ = SECRETS | {
        "MAILCASE_MAILBOX_LAB_REFRESH_TOKEN": "box token",
        "MAILCASE_MAILBOX_LAB_CLIENT_SECRET": "box secret",
        "MAILCASE_SMTP_REFRESH_TOKEN": "smtp token",
    }
    config = load(tmp_path, MINIMAL.replace('user = "lab@', oauth), environ)
    assert config.mailbox[0].oauth.refresh_token.get_secret_value() == "box token"
    assert config.mailbox[0].oauth.client_secret.get_secret_value() == "box secret"
    assert config.smtp.oauth.refresh_token.get_secret_value() == "smtp token"


def test_a_term_changes_its_own_kind_and_no_longer_calls_itself_a_default(tmp_path: Path) -> None:
    config = load(tmp_path, MINIMAL + "[terms.complaint]\nlimit = 15\n")
    complaint, request = config.terms[Kind.COMPLAINT], config.terms[Kind.REQUEST]
    assert (complaint.target, complaint.limit, complaint.source) == (5, 15, "установлено лабораторией")
    assert (request.limit, request.source) == (3, "по умолчанию, не из СТО-СМК-005")


def test_a_file_saved_by_notepad_with_a_mark_at_its_start_loads(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(MINIMAL, encoding="utf-8-sig")
    (tmp_path / ".env").write_text("MAILCASE_SECRET=0123456789abcdef\n", encoding="utf-8-sig")
    environ = {"MAILCASE_MAILBOX_LAB_PASSWORD": "x"}
    assert config_file.load(tmp_path / "config.toml", environ).lab.address == "lab@cleanmet.ru"


def test_a_file_in_windows_1251_is_refused_with_the_line_and_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("mode = 'shadow'\n" + MINIMAL, encoding="cp1251")
    with pytest.raises(ConfigError) as caught:
        config_file.load(tmp_path / "config.toml", SECRETS)
    assert caught.value.problems == [
        "config.toml, line 3: the file is not UTF-8; it seems to be Windows-1251; save it as UTF-8"
    ]


def test_a_missing_file_names_init_as_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file; `mailcase init` makes one"):
        config_file.load(tmp_path / "config.toml", SECRETS)


def test_a_lost_key_is_to_be_restored_where_there_is_a_database_already(tmp_path: Path) -> None:
    given = {name: value for name, value in SECRETS.items() if name != "MAILCASE_SECRET"}
    (fresh,) = problems(tmp_path, environ=given)
    assert fresh == "MAILCASE_SECRET: is missing; put 32 random letters into .env"
    (tmp_path / "mailcase.db").touch()
    (lost,) = problems(tmp_path, environ=given)
    assert "mailcase.db was made with one: restore it into .env from the backup" in lost
    assert "no number that was sent out is recognised" in lost
    assert problems(tmp_path, MINIMAL + '[store]\nurl = "sqlite:///other.db"\n', given) == [fresh]


def test_no_secret_is_ever_printed(tmp_path: Path) -> None:
    """Wherever a secret is put by mistake, the message names the place and not the value."""
    text = MINIMAL.replace('user = "lab@', 'password = "hunter-two"\npasword = "hunter-two"\nuser = "lab@')
    text = 'secret = "hunter-two"\n' + text + '[imap]\npassword = "hunter-two"\n'
    text += '[store]\nurl = "mysql://lab:hunter-two@localhost/lab"\n'
    environ = SECRETS | {"MAILCASE_SECRET": "hunter-two"}
    found = problems(tmp_path, text, environ)
    assert len(found) >= 7
    assert "hunter" not in "\n".join(found)


def test_a_misspelt_variable_is_pointed_out(tmp_path: Path) -> None:
    environ = {"MAILCASE_SECRET": "0123456789abcdef", "MAILCASE_MAILBOX_LAP_PASSWORD": "x"}
    assert "MAILCASE_MAILBOX_LAP_PASSWORD is set, is its name misspelt?" in problems(tmp_path, environ=environ)[0]


WRONG: tuple[Any, ...] = (1, -1, 1.5, True, "", "x", [], [1], ["x"], {}, {"x": 1}, [{}], [[]], date(2026, 11, 23))


def test_whatever_stands_in_the_file_is_refused_in_words_and_never_breaks_the_program(tmp_path: Path) -> None:
    """Each value of the example is replaced by values of every shape; nothing but ConfigError ever comes out."""
    example = tomllib.loads((Path(__file__).resolve().parents[1] / "config.example.toml").read_text(encoding="utf-8"))
    given = Variables((SECRETS,), tmp_path)
    refused: list[str] = []
    for path in every_path(example):
        for wrong in WRONG:
            broken = copy.deepcopy(example)
            functools.reduce(lambda here, part: here[part], path[:-1], broken)[path[-1]] = wrong
            try:
                config_file.from_tables(broken, dataclasses.replace(given, problems=[]))
            except ConfigError as error:
                refused += error.problems
    assert len(refused) > 1000
    assert [problem for problem in refused if not problem.endswith("(config.toml)") and ".env" not in problem] == []


def every_path(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each value inside nested tables and lists."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, child in inner:
        yield (*path, part)
        yield from every_path(child, (*path, part))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]"])
def test_this_machine_is_loopback(host: str) -> None:
    assert loopback(host)


@pytest.mark.parametrize("host", ["mail.cleanmet.ru", "10.0.0.1", "0.0.0.0", "localhost.cleanmet.ru", "::2", ""])
def test_another_machine_is_not_loopback(host: str) -> None:
    assert not loopback(host)


@pytest.mark.req("A5")
@pytest.mark.parametrize("phone", ["", "доб. 214", "000-00-00", "(495) 000-00-0, доб. 12345"])
def test_a_card_without_a_phone_that_can_be_dialled_is_refused(tmp_path: Path, phone: str) -> None:
    found = problems(tmp_path, MINIMAL.replace("+7 (495) 000-00-00, доб. 201", phone))
    assert len(found) == 1
    assert found[0].startswith("employee[orlov].phone")


@pytest.mark.parametrize("phone", ["+7 (495) 000-00-00, доб. 214", "8 495 0000000", "+74950000000 ext. 5"])
def test_a_phone_is_kept_as_it_is_printed(tmp_path: Path, phone: str) -> None:
    assert load(tmp_path, MINIMAL.replace("+7 (495) 000-00-00, доб. 201", phone)).employee[0].phone == phone
