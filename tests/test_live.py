"""A day of mail on a real Dovecot and a real Postfix: the daemon as a process, people as mail programs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.letters import raw
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import PASSWORD
from tests.servers.postfix import UNKNOWN, Postfix
from tests.town import Program, Town, text_of, wait_for

pytestmark = pytest.mark.live

ACKNOWLEDGEMENT = """\
Здравствуйте!

Ваше письмо получено и зарегистрировано: вх. № {number} от {date}.

Ответит Петрова Наталья Викторовна, инженер по метрологии, тел. +7 (495) 000-00-00, доб. 214, — не позднее {due}.

Если нужно что-то уточнить или дополнить, просто ответьте на это письмо.

С уважением,
лаборатория ООО «КлинМет»
{lab}

Подтверждение отправлено автоматически; Ваш ответ прочитает сотрудник.
"""
ANSWER = """\
Добрый день! Калибровка 12 манометров стоит 12 000 руб., срок 5 рабочих дней.

С уважением,
Петрова Наталья Викторовна, инженер по метрологии
тел. +7 (495) 000-00-00, доб. 214
лаборатория ООО «КлинМет», {lab}
"""


@pytest.fixture
def town(dovecot: Dovecot, postfix: Postfix) -> Town:
    return Town(dovecot, postfix)


@pytest.fixture
def program(town: Town, tmp_path: Path) -> Iterator[Program]:
    """Set up by `mailcase init`, as an operator does it unattended; two mailboxes, no undo time."""
    made = Program(tmp_path)
    staff = tmp_path / "staff.csv"
    staff.write_text(
        "name,position,phone,email,aliases,kinds,substitute\n"
        f"Петрова Наталья Викторовна,инженер по метрологии,+7 495 000-00-00 доб. 214,{town.address('petrova')},,"
        "request consultation order_change correspondence,\n"
        f"Смирнова Ольга Игоревна,менеджер по качеству,+7 495 000-00-00 доб. 205,{town.address('smirnova')},,,\n"
    )
    set_up(made, town, staff)
    yield made
    if made.process is not None:
        made.stop()


def set_up(made: Program, town: Town, staff: Path) -> None:
    lab, imap, smtp = town.address("lab"), town.dovecot, town.postfix
    servers = f"--imap-host {imap.host} --imap-port {imap.imaps_port} --imap-user {lab} --imap-tls tls"
    servers += f" --smtp-host {smtp.host} --smtp-port {smtp.submission_port} --smtp-user {lab} --smtp-tls starttls"
    people = f"--head {town.address('smirnova')} --duty {town.address('smirnova')}"
    people += f" --quality-manager {town.address('smirnova')} --employees {staff}"
    words = f"init --dir {made.folder} --address {lab} {servers} {people} --mode live --yes".split()
    done = made.command(
        *words, "--lab-name", "ООО «КлинМет»", MAILCASE_IMAP_PASSWORD=PASSWORD, MAILCASE_SMTP_PASSWORD=PASSWORD
    )
    assert done.returncode == 0, done.stderr
    config = made.folder / "config.toml"
    text = config.read_text()
    trusted = f'ca_file = "{imap.ca_file}"\npoll = "1s"\n'
    text = text.replace("[[mailbox]]\n", f"[[mailbox]]\n{trusted}", 1)
    text = text.replace("[smtp]\n", f'[smtp]\nca_file = "{smtp.ca_file}"\n', 1)
    office = town.address("office")
    text = text.replace("[lab]\n", f'[lab]\naliases = ["{office}"]\n', 1)
    text += (
        f'\n[[mailbox]]\nname = "office"\nhost = "{imap.host}"\nport = {imap.imaps_port}\nuser = "{office}"\n{trusted}'
    )
    text += '\n[answer]\nundo = "0s"\n'
    config.write_text(text)
    with (made.folder / ".env").open("a") as env:
        env.write(f"MAILCASE_MAILBOX_OFFICE_PASSWORD={PASSWORD}\n")


def use_polling(program: Program) -> None:
    config = program.folder / "config.toml"
    config.write_text(config.read_text().replace('poll = "1s"\n', 'poll = "1s"\nidle = false\n'))


def client_letter(town: Town, name: str, text: str, **more: object) -> tuple[str, bytes]:
    sender = town.address(name, "example.org")
    given = {
        "sender": f"Клиент <{sender}>",
        "to": town.address("lab"),
        "message_id": f"<{name}-{town.suffix}@example.org>",
    }
    letter = raw(text, **{**given, **more})
    return sender, bare(letter)


def bare(letter: bytes) -> bytes:
    """Without the headers that the servers add."""
    return re.sub(rb"(?m)\A((Return-Path|Received):.*\r\n([ \t].*\r\n)*)+", b"", letter)


def write(town: Town, name: str, text: str, **more: object) -> str:
    sender, letter = client_letter(town, name, text, **more)
    town.submit(sender, [str(more.get("to", town.address("lab")))], letter)
    return sender


def check_acknowledgement(town: Town, ack: EmailMessage, name: str, number: int) -> None:
    """The whole letter: envelope, headers, text."""
    assert str(ack["Return-Path"]) == "<>"
    assert ack["Auto-Submitted"] == "auto-replied"
    assert str(ack["X-Auto-Response-Suppress"]) == "OOF, AutoReply, RN, NRN"
    assert str(ack["In-Reply-To"]) == f"<{name}-{town.suffix}@example.org>"
    assert town.address("lab") in str(ack["From"])
    assert town.address(name, "example.org") in str(ack["To"])
    assert re.search(rf"\[KM-\d\d-{number:04d}-\d{{4}}\]$", str(ack["Subject"]))
    text = text_of(ack)
    dates = re.search(r"от (\S+)\.\n\n.*не позднее ([^.]+)\.\n", text, re.DOTALL)
    assert dates is not None, text
    expected = ACKNOWLEDGEMENT.format(number=number, date=dates[1], due=dates[2], lab=town.address("lab"))
    assert text.strip() == expected.strip()


@pytest.mark.req("A36", "A37", "C82")
@pytest.mark.parametrize("way", ["idle", "polling"])
def test_a_day_of_mail(town: Town, program: Program, way: str) -> None:
    """Two mailboxes, a restart in between, every letter that comes out compared whole."""
    if way == "polling":
        use_polling(program)
    checked = program.command("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    program.start()
    anna = write(town, "anna", "Добрый день! Просим выставить КП на калибровку 12 манометров.", charset="koi8-r")
    (ack,) = town.wait(anna, 1, "the acknowledgement")
    check_acknowledgement(town, ack, "anna", 1)
    boris = write(town, "boris", "Просим выставить счёт на поверку весов.", to=town.address("office"))
    (second,) = town.wait(boris, 1, "the acknowledgement of the second mailbox")
    check_acknowledgement(town, second, "boris", 2)
    robot = write(town, "robot", "Я в отпуске.", headers={"Auto-Submitted": "auto-replied"})
    answer_the_notice(town, anna)
    assert program.stop() == 0
    carol = write(town, "carol", "Просим выставить КП на калибровку трёх весов.")
    program.start()
    (third,) = town.wait(carol, 1, "the acknowledgement after the restart")
    check_acknowledgement(town, third, "carol", 3)
    outcomes = {"new_case": 3, "drop": 1, "command": 1}
    wait_for(lambda: counted(program, "inbox") == outcomes, f"every letter has one outcome\n{program.log()}")
    assert town.letters(robot) == []
    assert [len(town.letters(who)) for who in (anna, boris, carol)] == [2, 1, 1]
    copies = wait_for(
        lambda: len(town.letters(town.address("lab"), "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-")) == 4, "copies"
    )
    assert copies
    assert program.stop() == 0


def counted(program: Program, role: str) -> dict[str, int]:
    rows = program.ask(f"SELECT outcome, count(*) FROM mail WHERE role = '{role}' GROUP BY outcome")
    return {str(outcome): int(str(count)) for outcome, count in rows}


def answer_the_notice(town: Town, client: str) -> None:
    """Petrova answers her notice like any letter; the client gets her words and her signature, nothing else."""
    petrova = town.address("petrova")
    notices = town.wait(petrova, 2, "the notices")
    notice = next(n for n in notices if "12 манометров" in text_of(n))
    quoted = "\n".join(f"> {line}" for line in text_of(notice).splitlines())
    reply = raw(
        f"Добрый день! Калибровка 12 манометров стоит 12 000 руб., срок 5 рабочих дней.\n\n"
        f"С уважением,\nНаталья Петрова\n\n20.11.2026, 12:00, Журнал пишет:\n{quoted}",
        sender=f"Петрова Наталья <{petrova}>",
        to=town.address("lab"),
        subject=f"Re: {notice['Subject']}",
        message_id=f"<reply-{town.suffix}@cleanmet.ru>",
        in_reply_to=str(notice["Message-ID"]).strip(),
        references=str(notice["Message-ID"]).strip(),
    )
    town.submit(petrova, [town.address("lab")], bare(reply))
    answer = town.wait(client, 2, "the answer")[1]
    assert text_of(answer).strip() == ANSWER.format(lab=town.address("lab")).strip()
    assert answer["Auto-Submitted"] is None
    assert str(answer["Return-Path"]) == f"<{town.address('lab')}>"


def test_a_real_bounce_of_an_answer_becomes_a_task_with_the_phone_number(town: Town, program: Program) -> None:
    program.start()
    gone = town.address(f"{UNKNOWN}client", "example.org")
    write(
        town,
        f"{UNKNOWN}client",
        "Просим выставить КП на калибровку манометров. Анна, тел. +7 (495) 000-00-01",
    )
    petrova = town.address("petrova")
    (notice,) = town.wait(petrova, 1, "the notice")
    parent = str(notice["Message-ID"]).strip()
    reply = raw(
        "Добрый день! Калибровка стоит 12 000 руб., срок 5 рабочих дней.",
        sender=petrova,
        to=town.address("lab"),
        subject=f"Re: {notice['Subject']}",
        message_id=f"<r-{town.suffix}@cleanmet.ru>",
        in_reply_to=parent,
    )
    town.submit(petrova, [town.address("lab")], bare(reply))
    task = town.wait(petrova, 2, "the task")[1]
    assert "+7 (495) 000-00-01" in text_of(task)
    assert gone in text_of(task)
    assert program.ask("SELECT status FROM cases") == [("open",)]


@pytest.mark.req("C91")
def test_a_certificate_of_a_stranger_is_refused_on_both_sides(town: Town, program: Program) -> None:
    """`check` names both servers; nothing was sent to either."""
    config = program.folder / "config.toml"
    config.write_text(re.sub(r"(?m)^ca_file = .*\n", "", config.read_text()))
    checked = program.command("check")
    assert checked.returncode == 1
    assert checked.stdout.count("certificate") + checked.stderr.count("certificate") >= 2


def test_the_lists_tell_the_same_day(town: Town, program: Program) -> None:
    """The ledger, the register and a case's trail, for people and for programs."""
    program.start()
    anna = write(town, "anna", "Добрый день! Просим выставить КП на калибровку 12 манометров.")
    town.wait(anna, 1, "the acknowledgement")
    (case,) = [json.loads(line) for line in program.command("cases", "--json").stdout.splitlines()]
    assert (case["number"], case["register"], case["status"], case["contact"]) == (1, "inquiry", "open", anna)
    mail = json.loads(program.command("mail", "--json").stdout.splitlines()[0])
    assert (mail["outcome"], mail["case"], mail["from"]) == ("new_case", case["tag"], anna)
    shown = program.command("show", case["tag"])
    assert shown.returncode == 0
    assert "Калибровка" in shown.stdout
