"""The commands: what a person types, what he is told, and what the program ends with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from mailcase import config_file
from mailcase.alive import alive
from mailcase.app import App
from mailcase.cli import app
from mailcase.store import tables as t
from tests.lab import Lab
from tests.letters import raw

COMMANDS = "run check demo init import explain mail cases show replay resend preview upgrade".split()
CONFIG = """\
mode = "live"
[lab]
name = "ООО «КлинМет»"
address = "lab@cleanmet.ru"
head = "petrova"
duty = "petrova"
quality_manager = "petrova"
[[mailbox]]
name = "lab"
host = "127.0.0.1"
port = 9
user = "lab@cleanmet.ru"
tls = "none"
[smtp]
host = "127.0.0.1"
port = 9
tls = "none"
[[employee]]
login = "petrova"
name = "Петрова Наталья Викторовна"
position = "инженер"
phone = "+7 (495) 000-00-00, доб. 214"
email = "petrova@cleanmet.ru"
kinds = ["request"]
"""
SECRET = "a secret that is long enough"
PASSWORD = "hunter-two"
BOUND = 20.0


@dataclass(frozen=True)
class Told:
    """What a command said and ended with."""

    out: str
    err: str
    code: int

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def mailcase(*args: str, stdin: str | None = None) -> Told:
    result = CliRunner().invoke(app, list(args), input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Told(result.stdout, result.stderr, result.exit_code)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of a laboratory that is set up, with nothing in its database yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILCASE_CONFIG", raising=False)
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    variables = f"MAILCASE_SECRET={SECRET}\nMAILCASE_MAILBOX_LAB_PASSWORD={PASSWORD}\n"
    (tmp_path / ".env").write_text(variables, encoding="utf-8")
    return tmp_path


def opened(folder: Path) -> App:
    return App.build(config_file.load(folder / "config.toml", {}))


def letters(folder: Path, count: int = 1) -> list[str]:
    """Files with one letter each."""
    names = [f"{number}.eml" for number in range(count)]
    for name in names:
        (folder / name).write_bytes(raw(message_id=f"<{name}@romashka.example.ru>", subject=f"Поверка {name}"))
    return names


# Help and configuration


def test_help_lists_every_command_without_loading_the_program() -> None:
    code = (
        "import sys; from mailcase.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "assert not {'sqlalchemy', 'pydantic', 'imapclient', 'jinja2'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=BOUND)
    assert done.returncode == 0, done.stderr
    assert [name for name in COMMANDS if f" {name} " not in done.stdout] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    assert mailcase(command, "--help").code == 0


def test_the_version_is_told() -> None:
    assert mailcase("--version").out.startswith("mailcase 0.")


def test_everything_wrong_with_the_configuration_is_told_at_once_without_a_traceback(folder: Path) -> None:
    wrong = CONFIG.replace("port = 9\nuser", 'port = "25a"\nuser').replace('duty = "petrova"', 'duty = "nobody"')
    (folder / "config.toml").write_text(wrong + 'phome = "x"\n', encoding="utf-8")
    told = mailcase("mail")
    assert (told.code, told.out) == (2, "")
    assert len(told.err.splitlines()) == 3
    for words in ('mailbox[lab].port = "25a"', "nobody", "phome"):
        assert words in told.err
    assert "Traceback" not in told.err


def test_a_missing_configuration_is_told_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = mailcase("cases")
    assert told.code == 2
    assert "mailcase init" in told.err


def test_the_configuration_may_be_named_before_or_behind_the_command_or_by_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailcase("upgrade")
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    file = str(folder / "config.toml")
    assert mailcase("cases").code == 2
    assert mailcase("--config", file, "cases").code == 0
    assert mailcase("cases", "--config", file).code == 0
    monkeypatch.setenv("MAILCASE_CONFIG", file)
    assert mailcase("cases").code == 0


def test_a_database_that_is_not_there_yet_is_one_line_with_the_remedy(folder: Path) -> None:
    told = mailcase("mail")
    assert (told.code, told.err) == (1, "mailcase: the database is not up to date: run `mailcase upgrade`\n")
    assert mailcase("upgrade").code == 0
    assert mailcase("mail").code == 0


def test_a_database_that_cannot_be_reached_is_one_line_without_its_password(folder: Path) -> None:
    with (folder / ".env").open("a") as file:
        file.write("MAILCASE_DATABASE_URL=postgresql://mailcase:opensesame@127.0.0.1:9/x\n")
    told = mailcase("mail")
    assert told.code == 1
    assert "127.0.0.1:9" in told.err
    assert "opensesame" not in told.err
    assert len(told.err.splitlines()) == 1


# Lists


def test_import_tells_what_it_did_and_the_ledger_shows_each_letter(folder: Path) -> None:
    names = letters(folder, 2)
    told = mailcase("import", *names, "missing.eml", names[0])
    assert told.code == 1
    assert told.out.splitlines() == ["imported 2, known already 1, failed 1", "  new_case 2"]
    assert told.err.startswith("missing.eml: cannot be read")
    rows = mailcase("mail", "--json").lines
    assert [row["file"] for row in rows] == names
    assert [row["case"] for row in rows] == ["H-26-000001", "H-26-000002"]
    first = rows[0]
    assert (first["from"], first["subject"]) == ("a.kovaleva@romashka.example.ru", "Поверка 0.eml")
    assert (first["outcome"], len(first["sha256"])) == ("new_case", 64)
    assert first["received_at"].endswith("+00:00")
    assert first["reasons"][0].keys() == {"rule", "why"}


def test_import_takes_paths_from_standard_input(folder: Path) -> None:
    names = letters(folder, 3)
    told = mailcase("import", "-", stdin="\n".join(names) + "\n")
    assert (told.code, told.out.splitlines()[0]) == (0, "imported 3, known already 0, failed 0")


def test_a_letter_that_came_by_mail_is_named_by_its_raw_file(folder: Path) -> None:
    lab = Lab(folder, store={"url": f"sqlite:///{folder}/mailcase.db", "raw": folder / "raw"})
    lab.arrive(raw())
    (row,) = mailcase("mail", "--json").lines
    assert (folder / row["file"]).read_bytes() == raw()


def test_the_register_is_listed_with_the_newest_case_first(folder: Path) -> None:
    mailcase("import", "--live", *letters(folder, 2))
    newest, oldest = mailcase("cases", "--json").lines
    assert (newest["number"], oldest["number"]) == (2, 1)
    assert newest["tag"].startswith("KM-")
    assert (newest["register"], newest["kind"], newest["status"]) == ("inquiry", "request", "open")
    assert (newest["assignee"], newest["closed_at"]) == ("petrova", None)
    assert newest["contact"] == "a.kovaleva@romashka.example.ru"
    shown = mailcase("cases").out
    assert newest["tag"] in shown
    assert "Поверка 1.eml" in shown


@pytest.mark.req("A74")
def test_from_any_outgoing_letter_the_trail_leads_back_to_the_first_incoming_one(folder: Path) -> None:
    mailcase("import", "--live", *letters(folder, 1))
    with opened(folder).db.read() as view:
        sent = view.execute(sa.select(t.outbox.c.message_id)).scalars().all()
    assert len(sent) == 2
    for name in (*sent, "1", mailcase("cases", "--json").lines[0]["tag"]):
        (found,) = mailcase("show", name, "--json").lines
        entries = [step["entry"] for step in found["trail"]]
        assert entries[0] == "letter in"
        assert found["trail"][0]["file"] == "0.eml"
        assert {step["message_id"] for step in found["trail"] if step["entry"] == "letter out"} == set(sent)
        assert [step["at"] for step in found["trail"]] == sorted(step["at"] for step in found["trail"])
        assert {"registered", "assigned"} <= {step["what"] for step in found["trail"]}
        assert "journal" in entries
    assert "registered" in mailcase("show", "1").out


def test_an_unknown_case_is_told_in_one_line(folder: Path) -> None:
    mailcase("upgrade")
    told = mailcase("show", "KM-26-0001-0000")
    assert told.code == 1
    assert told.err.splitlines() == ["mailcase: there is no case 'KM-26-0001-0000'; `mailcase cases` lists all"]


# Single letters


def ids(folder: Path, table: sa.Table, **changes: Any) -> list[int]:
    """Change every row and return the ids."""
    program = opened(folder)
    with program.db.tx() as tx:
        if changes:
            tx.execute(sa.update(table).values(**changes))
        return list(tx.execute(sa.select(table.c.id)).scalars())


def test_what_is_no_case_is_judged_anew(folder: Path) -> None:
    (folder / "news.eml").write_bytes(raw("Я в отпуске.", headers={"Auto-Submitted": "auto-replied"}))
    mailcase("import", "--live", "news.eml")
    assert mailcase("mail", "--json").lines[0]["drop_reason"] == "auto_reply"
    assert mailcase("replay", "1").out == "1: auto_reply\n"


def test_a_case_stays_what_it_is(folder: Path) -> None:
    mailcase("import", "--live", *letters(folder, 1))
    told = mailcase("replay", "1")
    assert told.code == 1
    assert "became new_case and stays so" in told.err
    assert mailcase("replay", "77").err.startswith("mailcase: letter 77 does not exist")


def test_a_letter_that_was_set_aside_is_read_anew_for_the_case_it_has(folder: Path) -> None:
    mailcase("import", "--live", *letters(folder, 1))
    ids(folder, t.mail, status="quarantined", outcome="quarantine", original=False)
    before = len(ids(folder, t.outbox))
    told = mailcase("replay", "1")
    (case,) = mailcase("cases", "--json").lines
    assert told.out == f"1: follow_up {case['tag']}\n"
    assert len(ids(folder, t.outbox)) == before + 1
    assert mailcase("mail", "--json").lines[0]["status"] == "done"


def test_a_letter_that_fails_again_is_set_aside_again_with_the_same_case(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    mail_id = lab.arrive(raw())
    aside = {"status": "new", "outcome": "quarantine", "tries": lab.app.config.limits.tries}
    with lab.app.db.tx() as tx:
        tx.execute(sa.update(t.mail).values(**aside))
    lab.work()
    assert lab.mail(mail_id).status == "quarantined"
    assert len(lab.cases()) == 1


def test_held_letters_are_queued_again_and_every_wrong_id_is_told(folder: Path) -> None:
    mailcase("import", "--live", *letters(folder, 1))
    first, _ = ids(folder, t.outbox, status="held", hold_reason="mode")
    told = mailcase("resend", str(first), "77")
    assert (told.code, told.out) == (1, f"{first}: queued\n")
    assert "77 does not exist" in told.err
    with opened(folder).db.read() as view:
        states = {row.id: row.status for row in view.execute(sa.select(t.outbox))}
    assert states[first] == "queued"


def test_the_samples_are_written_without_any_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    assert mailcase("preview", "samples").code == 0
    assert (tmp_path / "samples" / "acknowledgement.ru.eml").is_file()


# Setting up and looking after


def test_init_writes_what_it_was_told_and_asks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILCASE_IMAP_PASSWORD", PASSWORD)
    card = 'Орлов Дмитрий Сергеевич,директор,"+7 (495) 000-00-00, доб. 201",orlov@cleanmet.ru\n'
    (tmp_path / "staff.csv").write_text(f"name,position,phone,email\n{card}", encoding="utf-8")
    given = {
        "--dir": "lab",
        "--lab-name": "КлинМет",
        "--address": "lab@cleanmet.ru",
        "--imap-host": "imap.cleanmet.ru",
        "--imap-tls": "starttls",
        "--smtp-host": "smtp.cleanmet.ru",
        "--smtp-user": "",
        "--employees": "staff.csv",
        "--mode": "staff",
    }
    told = mailcase("init", *(word for pair in given.items() for word in pair), "--yes")
    assert told.code == 0, told.err
    made = config_file.load(tmp_path / "lab" / "config.toml", {})
    assert (made.mode, made.mailbox[0].tls, made.mailbox[0].port) == ("staff", "starttls", 143)
    assert (made.smtp.host, made.smtp.user, made.lab.head) == ("smtp.cleanmet.ru", "", "orlov")
    assert PASSWORD not in told.out + told.err


def test_init_lists_all_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILCASE_IMAP_PASSWORD", raising=False)
    told = mailcase("init", "--yes")
    assert told.code == 2
    for name in ("--lab-name", "--address", "--imap-host", "--employees", "MAILCASE_IMAP_PASSWORD"):
        assert name in told.err
    assert not list(tmp_path.iterdir())


def test_check_shows_what_is_in_force_with_every_secret_masked(folder: Path) -> None:
    told = mailcase("check", "--offline")
    assert told.code == 0, told.out
    for line in (
        'mode = "live"',
        'mailbox[lab].poll = "1m"',
        'mailbox[lab].password = "********"',
        "terms.claim.limit",
    ):
        assert line in told.out
    assert SECRET not in told.out
    assert PASSWORD not in told.out
    assert "PROBLEM" not in told.out
    for what in ("database:", "events:", "numbers:", "texts:", "calendar:", "commands: answer", "jobs:", "screens:"):
        assert f" {what}" in told.out


def test_check_says_which_servers_do_not_answer_and_fails(folder: Path) -> None:
    told = mailcase("check")
    assert told.code == 1
    problems = [line for line in told.out.splitlines() if line.startswith("PROBLEM")]
    assert [line.split()[1] for line in problems] == ["mailbox", "smtp:"]


def test_check_finds_a_changed_event_and_a_missing_number(folder: Path) -> None:
    mailcase("import", "--live", *letters(folder, 3))
    with opened(folder).db.tx() as tx:
        for (name,) in tx.execute(sa.text("select name from sqlite_master where type = 'trigger'")).all():
            tx.execute(sa.text(f"drop trigger {name}"))
        tx.execute(sa.update(t.event).where(t.event.c.id == 1).values(actor="nobody"))
        tx.execute(sa.delete(t.journal).where(t.journal.c.seq == 2))
        tx.execute(sa.update(t.cases).where(t.cases.c.number == 3).values(number=4))
    told = mailcase("check", "--offline")
    assert told.code == 1
    assert "case:1: event 1 was changed" in told.out
    assert "series inquiry:" in told.out
    assert "missing 2" in told.out
    assert "series case:" in told.out
    assert "missing 3" in told.out


def test_check_finds_a_broken_text(folder: Path) -> None:
    (folder / "texts").mkdir()
    (folder / "texts" / "notice.txt.j2").write_text("Subject: {{ nmber }}\n\nText\n", encoding="utf-8")
    (folder / "config.toml").write_text(f'templates = "texts"\n{CONFIG}', encoding="utf-8")
    told = mailcase("check", "--offline")
    assert told.code == 1
    assert "notice.txt.j2: unknown variable 'nmber'" in told.out


class TestAlive:
    """`check --alive`: the monitor's one question."""

    @pytest.fixture
    def lab(self, tmp_path: Path) -> Lab:
        return Lab(tmp_path)

    def passed(self, lab: Lab) -> None:
        with lab.app.db.tx() as tx:
            tx.execute(sa.delete(t.folder))
            row = {"mailbox": "lab", "name": "INBOX", "role": "inbox", "last_pass": lab.now}
            tx.execute(sa.insert(t.folder).values(**row))

    def test_a_mailbox_that_was_never_read_is_not_alive(self, lab: Lab) -> None:
        state = alive(lab.app)
        assert (state.well, state.text) == (False, "NOT ALIVE: fetch lab never, not handled none, not sent none")

    def test_a_pass_within_a_quarter_of_an_hour_is(self, lab: Lab) -> None:
        self.passed(lab)
        lab.now += timedelta(minutes=15)
        assert alive(lab.app).well
        lab.now += timedelta(seconds=1)
        assert not alive(lab.app).well

    @pytest.mark.parametrize("stuck", ["mail", "outbox"])
    def test_a_letter_that_stays_in_the_queue_is_told(self, lab: Lab, stuck: str) -> None:
        lab.arrive(raw())
        table, status = (t.mail, "new") if stuck == "mail" else (t.outbox, "queued")
        with lab.app.db.tx() as tx:
            tx.execute(sa.update(table).values(status=status, next_try_at=None))
        lab.now += timedelta(minutes=16)
        self.passed(lab)
        state = alive(lab.app)
        assert not state.well
        assert "for 16 min" in state.text

    def test_the_command_ends_accordingly(self, folder: Path) -> None:
        mailcase("upgrade")
        told = mailcase("check", "--alive")
        assert (told.code, len(told.out.splitlines())) == (1, 1)


# The daemon on a real server


@pytest.fixture
def servers() -> Iterator[Any]:
    pytest.importorskip("pymap", reason="the extra `demo` is not installed")
    from mailcase.demo import people
    from mailcase.demo.servers import DemoServers

    with DemoServers(people.MAILBOXES, people.PASSWORD) as running:
        yield running


def test_check_is_content_with_servers_that_work(servers: Any, tmp_path: Path) -> None:
    from mailcase.demo import laboratory

    laboratory.write(tmp_path, servers)
    told = mailcase("check", "--config", str(tmp_path / "config.toml"))
    assert told.code == 0, told.out
    for words in ("sent letters are in Sent", "the server offers IDLE, MOVE, UIDPLUS", "smtp: 127.0.0.1 takes letters"):
        assert words in told.out


def test_the_daemon_runs_answers_an_imported_letter_and_stops_when_told(servers: Any, tmp_path: Path) -> None:
    from mailcase.demo import laboratory, people

    laboratory.write(tmp_path, servers)
    file = str(tmp_path / "config.toml")
    command = [sys.executable, "-c", "from mailcase.cli import main; main()", "--config", file, "run"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ}) as daemon:
        until(lambda: mailcase("--config", file, "check", "--alive").code == 0)
        (tmp_path / "one.eml").write_bytes(raw(sender=f"Клиент <{people.YOU.address}>"))
        assert mailcase("--config", file, "import", "--live", str(tmp_path / "one.eml")).code == 0
        assert servers.wait_for(people.YOU.address, lambda _: True, BOUND) is not None
        daemon.send_signal(signal.SIGTERM)
        _, log = daemon.communicate(timeout=BOUND)
    assert daemon.returncode == 0
    assert "INFO mailcase stopped" in log
    assert "send outbox=" in log
    assert people.YOU.address not in log
    assert "Traceback" not in log


def until(come_true: Callable[[], bool]) -> None:
    """Ask again and again, at most so long."""
    end = time.monotonic() + BOUND
    while not come_true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.1)
