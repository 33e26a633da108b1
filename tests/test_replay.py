"""A rehearsal tells what would be decided now beside what was decided, and leaves everything as it is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mailcase.replay import Decision, Replayed, Summary, as_json, counted, replay
from mailcase.store import tables as t
from mailcase.words import Kind, Register
from tests.cli import folder as folder
from tests.cli import letters as letter_files
from tests.cli import mailcase
from tests.lab import Lab
from tests.letters import MONDAY, raw
from tests.test_assign import staff
from tests.test_corrections import says

PEOPLE = staff(smirnova={"kinds": ("complaint", "claim")})
PLAIN = "Просим выставить счёт по заявке."


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path, employee=PEOPLE)


def contents(lab: Lab) -> dict[str, list[Any]]:
    """Every row of every table, and every raw letter."""
    with lab.app.db.read() as view:
        rows = {name: [*view.execute(sa.select(table))] for name, table in t.mail.metadata.tables.items()}
    raw_files = sorted(p for p in lab.app.raw.folder.rglob("*") if p.is_file())
    return {name: [tuple(row) for row in found] for name, found in rows.items()} | {"raw": raw_files}


def test_the_same_rules_decide_the_same_as_they_did(lab: Lab) -> None:
    for n in range(7):
        sender = f"Клиент <k{n % 2}@{n % 2}.example>" if n < 4 else "Отдел закупок"
        lab.arrive(raw(f"{PLAIN} № {n}", sender=sender, message_id=f"<{n}@x>", subject=f"Счёт {n}"))
    lab.arrive(raw("Я в отпуске.", message_id="<a@x>", headers={"Auto-Submitted": "auto-replied"}))
    found = [*replay(lab.app)]
    assert [one.changed for one in found] == [()] * 8
    assert found[-1].now.outcome == "auto_reply"


def test_nothing_is_changed_and_nothing_is_written(lab: Lab) -> None:
    lab.arrive(raw(PLAIN))
    says(lab, "!вид предложение")
    before = contents(lab)
    assert [*replay(lab.app)]
    assert contents(lab) == before
    assert before["outbox"]


def test_a_new_rule_shows_which_complaints_it_would_find(lab: Lab, tmp_path: Path) -> None:
    lab.arrive(raw(PLAIN))
    changed = Lab(tmp_path, employee=PEOPLE, classify={"complaint": ["по заявке"]})
    (one,) = counted(replay(changed.app), summary := Summary())
    assert {"register", "kind", "assignee"} <= set(one.changed)
    assert (one.then.register, one.now.register) == (Register.INQUIRY, Register.COMPLAINT)
    assert one.now.assignee == "smirnova"
    assert (summary.found, summary.missed, summary.changed["any"]) == (1, 0, 1)


def test_what_was_decided_first_stands_beside_what_a_person_said(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=PEOPLE, terms={"complaint": {"target": 1, "limit": 1}})
    lab.arrive(raw(PLAIN))
    first = lab.cases()[0]
    says(lab, "!жалоба")
    assert lab.cases()[0].due_at != first.due_at
    (one,) = counted(replay(lab.app), summary := Summary())
    assert (one.then.kind, one.then.due_at, one.then.assignee) == (Kind(first.kind), first.due_at, first.assignee)
    assert one.changed == ()
    assert one.said is not None
    assert one.said.register is Register.COMPLAINT
    assert (summary.said, summary.right_then, summary.right_now) == (1, 0, 0)
    assert as_json(one)["said"] == "complaint"


def test_a_complaint_that_would_be_missed_is_counted_with_and_without_a_mark() -> None:
    summary = Summary()
    one = Replayed(1, MONDAY, "a@x.example", "", _decided(Kind.COMPLAINT), _decided(Kind.REQUEST))
    summary.add(one)
    summary.add(Replayed(2, MONDAY, "", "", _decided(Kind.COMPLAINT), _decided(Kind.REQUEST, check=True)))
    assert (summary.missed, summary.silently, summary.found) == (2, 1, 0)


def _decided(kind: Kind, *, check: bool = False) -> Decision:
    return Decision("new_case", kind.register, kind, check)


def test_since_a_day_only_later_letters_are_looked_at(lab: Lab) -> None:
    lab.arrive(raw(PLAIN))
    lab.now += timedelta(days=2)
    late = lab.arrive(raw(PLAIN, message_id="<2@x>", subject="Другое", sender="Б <b@b.example>"))
    assert [one.mail_id for one in replay(lab.app, (MONDAY + timedelta(days=1)).date())] == [late]


def test_a_letter_whose_text_is_gone_is_left_out(lab: Lab) -> None:
    first = lab.arrive(raw(PLAIN))
    lab.app.raw.path(lab.mail(first).sha256).unlink()
    assert [*replay(lab.app)] == []


def test_the_command_prints_a_table_or_lines(folder: Path) -> None:
    mailcase("import", "--live", *letter_files(folder, 2))
    told = mailcase("replay", "--dry-run").out
    assert "2 letters, 0 decided differently" in told
    assert "inquiry stays: 2" in told
    assert "employees' words: 0" in told
    assert [line["mail"] for line in mailcase("replay", "--dry-run", "--json").lines] == [1, 2]


@pytest.mark.parametrize("wrong", [(), ("1", "--dry-run"), ("1", "--json"), ("--since", "2026-01-01", "1")])
def test_what_does_not_go_together_is_refused(folder: Path, wrong: tuple[str, ...]) -> None:
    assert "give either IDs or --dry-run" in mailcase("replay", *wrong).err
