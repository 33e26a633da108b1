"""The commands: what a person types, what he is told, and what the program ends with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mailcase.store import tables as t
from tests.cli import BOUND, COMMANDS, CONFIG, letters, mailcase, opened
from tests.lab import Lab
from tests.letters import raw

# Help and configuration


def test_help_lists_every_command_without_loading_the_program() -> None:
    code = (
        "import sys; from mailcase.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "assert not {'sqlalchemy', 'pydantic', 'imapclient', 'jinja2', 'rich'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=BOUND)
    assert done.returncode == 0, done.stderr
    assert [name for name in COMMANDS if f" {name} " not in done.stdout] == []
    assert "..." not in done.stdout.partition("Commands:")[2], "each command's first sentence is told whole"


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
    remedy = "stop mailcase and run `mailcase upgrade`"
    assert (told.code, told.err) == (1, f"mailcase: the database is not up to date: {remedy}\n")
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


def test_import_tells_what_it_passed_over_in_a_folder(folder: Path) -> None:
    (folder / "old").mkdir()
    (folder / "old" / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (folder / letters(folder)[0]).rename(folder / "old" / "one.eml")
    told = mailcase("import", "old")
    assert (told.code, told.err) == (0, "old: skipped 1: 1 begins like no letter\n")


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
