"""`mailcase init` turns options or answers into two files that load, and refuses what it cannot do without harm."""

from __future__ import annotations

import dataclasses
import stat
from pathlib import Path

import pytest

from mailcase import config_file, init, staff_list
from mailcase.config import Config
from mailcase.init import Answers
from mailcase.words import ConfigError, Kind, Mode

STAFF = """\
name,position,phone,email,aliases,kinds,substitute
Орлов Дмитрий Сергеевич,директор,"+7 (495) 000-00-00, доб. 201",Orlov@cleanmet.ru,,,
Смирнова Ольга Игоревна,менеджер по качеству,+7 (495) 000-00-00,smirnova@cleanmet.ru,,complaint claim,orlov
Петрова Наталья Викторовна,инженер,84950000000,petrova@cleanmet.ru,np@a.ru;n.p@a.ru,request,Смирнова Ольга Игоревна
"""
ENVIRON = {"MAILCASE_IMAP_PASSWORD": "hunter-two"}


def staff(folder: Path, text: str = STAFF, encoding: str = "utf-8") -> Path:
    """The CSV file with that text."""
    file = folder / "staff.csv"
    file.write_text(text, encoding=encoding)
    return file


def answers(folder: Path, **changes: object) -> Answers:
    """The fewest unattended answers that are enough."""
    enough = Answers(
        folder=folder / "lab",
        lab_name="ООО «КлинМет»",
        address="lab@cleanmet.ru",
        imap_host="mail.cleanmet.ru",
        employees=folder / "staff.csv",
        yes=True,
    )
    return dataclasses.replace(enough, **changes)  # type: ignore[arg-type]


def written(folder: Path, environ: dict[str, str] | None = None, **changes: object) -> Config:
    """The configuration that comes of it, loaded from the files alone."""
    if not (folder / "staff.csv").exists():
        staff(folder)
    files = init.write(answers(folder, **changes), ENVIRON if environ is None else environ)
    assert files == [folder / "lab" / "config.toml", folder / "lab" / ".env"]
    return config_file.load(files[0], {})


def refused(folder: Path, environ: dict[str, str] | None = None, **changes: object) -> list[str]:
    """What is said against it; nothing may have been written then."""
    before = sorted(folder.rglob("*"))
    with pytest.raises(ConfigError) as caught:
        init.write(answers(folder, **changes), ENVIRON if environ is None else environ)
    assert sorted(folder.rglob("*")) == before
    return [problem.replace(f"{folder}/", "") for problem in caught.value.problems]


def test_the_fewest_answers_give_a_configuration_that_loads(tmp_path: Path) -> None:
    config = written(tmp_path)
    box, smtp = config.mailbox[0], config.smtp
    assert (box.name, box.host, box.port, box.user, box.tls) == (
        "lab",
        "mail.cleanmet.ru",
        993,
        "lab@cleanmet.ru",
        "tls",
    )
    assert (smtp.host, smtp.port, smtp.user, smtp.tls) == ("mail.cleanmet.ru", 465, "lab@cleanmet.ru", "tls")
    assert box.password.get_secret_value() == smtp.password.get_secret_value() == "hunter-two"
    assert config.mode is Mode.SHADOW
    assert (config.lab.head, config.lab.duty, config.lab.quality_manager) == ("orlov", "orlov", "orlov")


def test_every_option_lands_in_the_configuration(tmp_path: Path) -> None:
    config = written(
        tmp_path,
        {"MAILCASE_IMAP_PASSWORD": "one", "MAILCASE_SMTP_PASSWORD": "two"},
        imap_host="localhost",
        imap_port=1143,
        imap_user="box",
        imap_tls="none",
        smtp_host="smtp.cleanmet.ru",
        smtp_port=2525,
        smtp_user="out",
        smtp_tls="starttls",
        head="orlov",
        duty="Петрова  наталья Викторовна",
        quality_manager="SMIRNOVA@cleanmet.ru",
        mode="live",
    )
    box, smtp = config.mailbox[0], config.smtp
    assert (config.lab.name, config.lab.address, config.mode) == ("ООО «КлинМет»", "lab@cleanmet.ru", Mode.LIVE)
    assert (box.host, box.port, box.user, box.tls) == ("localhost", 1143, "box", "none")
    assert (smtp.host, smtp.port, smtp.user, smtp.tls) == ("smtp.cleanmet.ru", 2525, "out", "starttls")
    assert (box.password.get_secret_value(), smtp.password.get_secret_value()) == ("one", "two")
    assert (config.lab.head, config.lab.duty, config.lab.quality_manager) == ("orlov", "petrova", "smirnova")
    assert config.lab.top_management == ("orlov",)


@pytest.mark.parametrize(("tls", "imap", "smtp"), [("tls", 993, 465), ("starttls", 143, 587), ("none", 143, 25)])
def test_ports_follow_the_encryption(tmp_path: Path, tls: str, imap: int, smtp: int) -> None:
    config = written(tmp_path, imap_host="127.0.0.1", imap_tls=tls, smtp_tls=tls)
    assert (config.mailbox[0].port, config.smtp.port) == (imap, smtp)


def test_employees_come_from_the_csv_file(tmp_path: Path) -> None:
    orlov, smirnova, petrova = written(tmp_path).employee
    assert (orlov.login, orlov.email, orlov.phone) == ("orlov", "orlov@cleanmet.ru", "+7 (495) 000-00-00, доб. 201")
    assert smirnova.kinds == (Kind.COMPLAINT, Kind.CLAIM)
    assert smirnova.substitute == "orlov"
    assert petrova.aliases == ("np@a.ru", "n.p@a.ru")
    assert petrova.substitute == "smirnova"


def test_kinds_in_a_quoted_cell_may_stand_between_commas(tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.write_text(STAFF.replace("complaint claim", '"complaint, claim"'), encoding="utf-8")
    assert staff_list.read(file)[1].kinds == (Kind.COMPLAINT, Kind.CLAIM)


def test_a_relay_on_this_machine_needs_no_login(tmp_path: Path) -> None:
    config = written(tmp_path, smtp_host="127.0.0.1", smtp_tls="none", smtp_user="")
    assert (config.smtp.user, config.smtp.password.get_secret_value()) == ("", "")


def test_nobody_else_may_read_the_files(tmp_path: Path) -> None:
    written(tmp_path)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "lab").iterdir()}
    assert modes == {"config.toml": 0o600, ".env": 0o600}


def test_no_secret_stands_in_the_configuration(tmp_path: Path) -> None:
    config = written(tmp_path)
    text = (tmp_path / "lab" / "config.toml").read_text(encoding="utf-8")
    assert "hunter-two" not in text
    assert config.secret.get_secret_value() not in text


def test_each_laboratory_gets_a_key_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first, second = written(tmp_path), written(tmp_path / "other")
    assert len(first.secret.get_secret_value()) == 64
    assert first.secret != second.secret


@pytest.mark.parametrize(
    "password", ["a b#c", "it's", '"', "back\\slash\\", "${HOME}", " space ", "пароль", "\\'", "%d="]
)
def test_any_password_survives_the_env_file(tmp_path: Path, password: str) -> None:
    config = written(tmp_path, {"MAILCASE_MAILBOX_LAB_PASSWORD": password})
    assert config.mailbox[0].password.get_secret_value() == password


def test_a_password_of_two_lines_is_refused(tmp_path: Path) -> None:
    staff(tmp_path)
    assert refused(tmp_path, {"MAILCASE_IMAP_PASSWORD": "two\nlines"}) == [
        "MAILCASE_MAILBOX_LAB_PASSWORD: holds a line break, which .env cannot"
    ]


@pytest.mark.parametrize("name", ['ООО "КлинМет"', "C:\\lab", "a\tb\x7f", "x = 'y' # z", "[lab]"])
def test_any_name_survives_the_configuration(tmp_path: Path, name: str) -> None:
    assert written(tmp_path, lab_name=name).lab.name == name


@pytest.mark.parametrize("name", ["config.toml", ".env"])
def test_a_file_is_never_overwritten(tmp_path: Path, name: str) -> None:
    staff(tmp_path)
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / name).write_text("precious", encoding="utf-8")
    told = f"lab/{name}: exists already and is not overwritten; move it away, or choose another folder with --dir"
    assert refused(tmp_path) == [told]
    assert (tmp_path / "lab" / name).read_text(encoding="utf-8") == "precious"


def test_everything_missing_is_listed_at_once(tmp_path: Path) -> None:
    assert refused(tmp_path, {}, lab_name="", address="", imap_host="", smtp_user="out", employees=None) == [
        "--lab-name: is missing",
        "--address: is missing",
        "--imap-host: is missing",
        "--employees: is missing; give a CSV file with the columns name,position,phone,email",
        "MAILCASE_IMAP_PASSWORD: the environment has no password for the mailbox",
        "MAILCASE_SMTP_PASSWORD: the environment has no password for out",
    ]


def test_plain_text_to_another_machine_is_refused(tmp_path: Path) -> None:
    staff(tmp_path)
    problem = refused(tmp_path, imap_tls="none")[0]
    assert problem.startswith('mailbox[lab].tls = "none": passwords and letters would cross the network readable')


def test_a_role_for_somebody_unknown_is_refused(tmp_path: Path) -> None:
    staff(tmp_path)
    assert refused(tmp_path, head="Иванов", quality_manager="q@cleanmet.ru") == [
        '--head "Иванов": no employee is called so; there are orlov, smirnova, petrova',
        '--quality-manager "q@cleanmet.ru": no employee is called so; there are orlov, smirnova, petrova',
    ]


def test_a_role_may_be_named_by_surname_where_one_person_bears_it(tmp_path: Path) -> None:
    names = ("Смирнова Ольга Петровна", "Смирнова Анна Ивановна", "Орлов Пётр Ильич")
    cells = {"position": "инженер", "phone": "+7 (495) 000-00-00", "email": "one@example.org"}
    people = [staff_list.employee({**cells, "name": name}, ()) for name in names]
    assert staff_list.find(people, " орлов") == people[2]
    assert staff_list.find(people, "Смирнова Анна") == people[1]
    for nobody in ("Смирнова", "Орлова", ""):
        assert staff_list.find(people, nobody) is None


def test_a_faulty_list_hides_no_other_fault(tmp_path: Path) -> None:
    staff(tmp_path, STAFF.replace("84950000000", ""))
    told = refused(tmp_path, address="lab", imap_tls="none")
    assert [problem.partition(" = ")[0] for problem in told] == [
        "lab.address",
        "mailbox[lab].tls",
        "staff.csv, line 4: phone",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_list_from_excel_is_read(tmp_path: Path, encoding: str, delimiter: str) -> None:
    cells = ("Петрова Наталья Викторовна", "инженер", "8 495 000 00 00", "petrova@cleanmet.ru")
    text = f"Name;Position;phone;email;\r\n{';'.join(cells)};\r\n;;;;\r\n".replace(";", delimiter)
    people = staff_list.read(staff(tmp_path, text, encoding))
    assert [(p.name, p.position, p.phone, p.email) for p in people] == [cells]


def test_logins_are_made_of_addresses_and_differ(tmp_path: Path) -> None:
    rows = [f"Имя {n},инженер,8 495 000 00 0{n},{email}" for n, email in enumerate(["n@a.ru", "N@b.ru", "n+1@a.ru"])]
    people = staff_list.read(staff(tmp_path, "name,position,phone,email\n" + "\n".join(rows)))
    assert [person.login for person in people] == ["n", "n2", "n-1"]


def test_the_list_may_say_how_people_are_called_in_english(tmp_path: Path) -> None:
    columns = "name,position,phone,email,name_en,position_en\n"
    staff(tmp_path, columns + "Орлов Дмитрий Сергеевич,директор,84950000000,orlov@cleanmet.ru,Dmitry Orlov,Director\n")
    (card,) = written(tmp_path).employee
    assert (card.name_en, card.position_en) == ("Dmitry Orlov", "Director")


@pytest.mark.req("A5")
def test_a_person_without_a_phone_is_refused_with_the_line(tmp_path: Path) -> None:
    staff(tmp_path, STAFF.replace("84950000000", "").replace("orlov\n", "никто\n"))
    assert refused(tmp_path) == [
        'staff.csv, line 4: phone = "": expected a number of at least ten digits such as +7 (495) 000-00-00, доб. 214'
    ]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (STAFF.replace(",orlov\n", ",никто\n"), ['line 3: substitute = "никто": nobody in the list is called so']),
        (STAFF.replace("phone", "телефон"), ["line 1: no column `phone`", "line 1: unknown column `телефон`"]),
        (STAFF.replace("aliases", "alias"), ["line 1: unknown column `alias`; did you mean `aliases`?"]),
        (
            STAFF.replace("инженер", "инженер, метролог"),
            ["line 4: more cells than columns; put cells with `,` in quotes"],
        ),
        ("name,position,phone,email\n", ["no employee in it; expected at least one line below the header"]),
        ("", [f"line 1: no column `{key}`" for key in ("name", "position", "phone", "email")]),
    ],
)
def test_a_faulty_list_is_explained_by_line(tmp_path: Path, text: str, problems: list[str]) -> None:
    staff(tmp_path, text)
    said = [problem.replace("staff.csv: ", "").replace("staff.csv, ", "") for problem in refused(tmp_path)]
    assert said == problems


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path) == ["staff.csv: cannot be read (no such file or directory)"]
