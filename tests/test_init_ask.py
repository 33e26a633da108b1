"""`mailcase init` asks for what was not told."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

import pytest

from mailcase import config_file, init
from mailcase.init import Answers
from mailcase.words import ConfigError
from tests.test_init import ENVIRON, answers, staff


class Script:
    """Somebody who answers questions from a list and remembers what was asked and told."""

    def __init__(self, replies: Iterable[str]) -> None:
        self.replies = iter(replies)
        self.asked: list[tuple[str, str]] = []
        self.told: list[str] = []

    def ask(self, question: str, default: str = "", *, secret: bool = False) -> str:
        self.asked.append(("secret" if secret else question, default))
        return next(self.replies)

    def tell(self, text: str) -> None:
        self.told.append(text)


def test_what_was_not_told_is_asked(tmp_path: Path) -> None:
    servers = ["Лаборатория", "", "lab.cleanmet.ru", "lab@cleanmet.ru", "", "", "", "", "", "", "", "", "-"]
    orlov = ["Орлов Дмитрий Сергеевич", "директор", "201", "orlov@cleanmet.ru"]
    again = ["Орлов Дмитрий Сергеевич", "директор", "8 495 000 00 00", "orlov@cleanmet.ru", ""]
    script = Script([*servers, *orlov, *again, "", "никто", "orlov", "", "hunter-two"])
    told = init.ask(Answers(folder=tmp_path), script)
    environ = init.ask_passwords(told, {}, script)
    config = config_file.load(init.write(told, environ)[0], {})
    assert (config.mailbox[0].host, config.mailbox[0].port) == ("imap.cleanmet.ru", 993)
    assert (config.smtp.host, config.smtp.port, config.smtp.user) == ("smtp.cleanmet.ru", 465, "")
    assert config.mailbox[0].password.get_secret_value() == "hunter-two"
    assert config.employee[0].phone == "8 495 000 00 00"
    assert any("ten digits" in line for line in script.told)
    assert "expected an e-mail address such as lab@example.org" in script.told
    assert script.asked[-1] == ("secret", "")


def test_what_was_told_is_not_asked(tmp_path: Path) -> None:
    staff(tmp_path)
    everything = answers(
        tmp_path,
        imap_port=993,
        imap_user="a",
        imap_tls="tls",
        lab_name_en="CleanMet LLC",
        authserv_id="mx.cleanmet.ru",
        smtp_host="b",
        smtp_port=25,
        smtp_user="",
        smtp_tls="tls",
    )
    roles = dataclasses.replace(everything, head="orlov", duty="orlov", quality_manager="orlov", yes=False)
    assert init.ask(roles, Script([])) == roles


def test_unattended_asks_nothing(tmp_path: Path) -> None:
    assert init.ask(Answers(yes=True), Script([])) == Answers(yes=True)
    assert init.ask_passwords(Answers(yes=True), {}, Script([])) == {}


def test_plain_text_to_another_machine_is_asked_again(tmp_path: Path) -> None:
    staff(tmp_path)
    told = answers(tmp_path, imap_port=993, imap_user="a", smtp_host="b", smtp_port=465, smtp_user="", smtp_tls="tls")
    told = dataclasses.replace(told, lab_name_en="CleanMet LLC", authserv_id="mx.cleanmet.ru")
    roles = dataclasses.replace(told, head="orlov", duty="orlov", quality_manager="orlov", yes=False)
    script = Script(["none", "starttls"])
    assert init.ask(roles, script).imap_tls == "starttls"
    assert any("readable" in line for line in script.told)


def test_questions_are_not_asked_in_vain(tmp_path: Path) -> None:
    """Where a file would be overwritten, that is said before the first question."""
    (tmp_path / "config.toml").touch()
    with pytest.raises(ConfigError, match="exists already"):
        init.ask(Answers(folder=tmp_path), Script([]))


def test_the_english_name_and_whose_stamp_is_believed_are_asked(tmp_path: Path) -> None:
    """What to look for is explained beside an example of the server's own domain; Enter believes nobody."""
    staff(tmp_path)
    told = answers(tmp_path, imap_port=993, imap_user="a", imap_tls="tls", smtp_host="b", smtp_port=465, smtp_user="")
    told = dataclasses.replace(told, smtp_tls="tls", head="orlov", duty="orlov", quality_manager="orlov", yes=False)
    nothing = init.ask(told, Script(["", ""]))
    assert (nothing.lab_name_en, nothing.authserv_id) == ("", "")
    script = Script(["CleanMet LLC", "Authentication-Results: mx.cleanmet.ru", "mx.cleanmet.ru"])
    config = config_file.load(init.write(init.ask(told, script), ENVIRON)[0], {})
    assert (config.lab.name_en, config.mailbox[0].authserv_id) == ("CleanMet LLC", "mx.cleanmet.ru")
    assert "such as mx.cleanmet.ru (*.cleanmet.ru if it varies)" in script.told[0]
    assert "expected one word such as mx.example.org" in script.told
