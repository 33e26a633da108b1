"""Old letters are taken in from files: each once, in a closed series of its own, and nobody is written to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mailcase.mail import disk
from mailcase.stations import archive
from mailcase.store import numbers
from mailcase.store import tables as t
from mailcase.store.events import verify
from tests.lab import Lab
from tests.letters import CLIENT, LAB, MONDAY, raw

LAST_YEAR = datetime(2025, 3, 4, 9, 0, tzinfo=UTC)


def taken(lab: Lab, *paths: Path, live: bool = False) -> archive.Taken:
    return archive.take(lab.app, disk.letters(map(str, paths)), live=live)


def written(folder: Path, name: str, **letter: Any) -> Path:
    path = folder / name
    path.write_bytes(raw(**{"date": LAST_YEAR, **letter}))
    return path


def rows(lab: Lab, table: sa.Table) -> list[sa.Row[Any]]:
    with lab.app.db.read() as view:
        return list(view.execute(sa.select(table)))


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "lab")


def test_an_old_letter_becomes_a_closed_case_of_the_archive_without_number_line_or_letter(
    lab: Lab, tmp_path: Path
) -> None:
    result = taken(lab, written(tmp_path, "old.eml"))
    (case,) = lab.cases()
    assert (case.tag, case.status, case.due_at, case.assignee) == ("H-25-000001", "closed", None, "")
    assert case.opened_at == LAST_YEAR
    assert rows(lab, t.journal) == []
    assert rows(lab, t.outbox) == []
    assert (result.imported, result.known, result.failed, dict(result.outcomes)) == (1, 0, [], {"new_case": 1})


def test_the_numbers_of_the_living_register_stay_dense(lab: Lab, tmp_path: Path) -> None:
    lab.arrive(raw(message_id="<1@x.example>"))
    for number in range(3):
        taken(lab, written(tmp_path, f"{number}.eml", message_id=f"<old{number}@x.example>"))
    lab.arrive(raw(message_id="<2@x.example>"))
    assert [(c.history, c.number) for c in lab.cases()] == [(0, 1), (1, 1), (1, 2), (1, 3), (0, 2)]
    with lab.app.db.read() as view:
        assert numbers.gaps(view) == []
        assert verify(view) == []


def test_an_old_exchange_is_one_case(lab: Lab, tmp_path: Path) -> None:
    written(tmp_path, "1.eml", message_id="<a@x.example>")
    written(tmp_path, "2.eml", message_id="<b@x.example>", in_reply_to="<a@x.example>", text="И ещё весы.")
    taken(lab, tmp_path / "1.eml", tmp_path / "2.eml")
    (case,) = lab.cases()
    assert (case.parts, case.status) == (2, "closed")
    assert rows(lab, t.outbox) == []


def test_no_old_letter_whatever_it_is_makes_anybody_get_one(lab: Lab, tmp_path: Path) -> None:
    """Also not those that would be told to a person if they came today."""
    today = lab.arrive(raw(message_id="<live@x.example>"))
    (acknowledgement,) = lab.to("a.kovaleva@romashka.example.ru")
    before = len(lab.outbox())
    machine = {"Auto-Submitted": "auto-generated"}
    sign = "Вам поступил документ на подпись. Статус: требуется подпись."
    written(tmp_path, "edo.eml", sender="ЭДО <notify@edo.example>", text=sign, headers=machine, message_id="<e@x>")
    written(tmp_path, "follow.eml", in_reply_to="<live@x.example>", message_id="<f@x.example>", text="Добавьте весы.")
    written(tmp_path, "order.eml", sender="Петрова <petrova@cleanmet.ru>", subject="Заметка", message_id="<o@x>")
    bounce = (
        "From: MAILER-DAEMON@mx.example.ru\nTo: lab@cleanmet.ru\nReturn-Path: <>\nSubject: Undelivered\n"
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        "Final-Recipient: rfc822; a.kovaleva@romashka.example.ru\nAction: failed\nStatus: 5.1.1\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {acknowledgement.id}\n\n--b--\n"
    )
    (tmp_path / "returned.eml").write_text(bounce)
    result = taken(lab, *sorted(tmp_path.glob("*.eml")))
    assert result.imported == 4
    assert result.outcomes["bounce"] == 1
    assert len(lab.outbox()) == before
    assert lab.mail(today).case_id == lab.cases()[0].id


def test_a_letter_that_cannot_be_handled_is_kept_and_told_to_nobody(lab: Lab, tmp_path: Path) -> None:
    path = written(tmp_path, "poison.eml")
    taken(lab, path)
    with lab.app.db.tx() as tx:
        again = {"status": "new", "tries": lab.app.config.limits.tries, "case_id": None, "outcome": None}
        tx.execute(sa.update(t.mail).values(**again))
        tx.execute(sa.update(t.cases).values(opened_by_mail_id=-1))
    lab.work()
    assert [row.status for row in rows(lab, t.mail)] == ["quarantined"]
    assert rows(lab, t.outbox) == []


def test_the_same_letters_again_change_nothing(lab: Lab, tmp_path: Path) -> None:
    path = written(tmp_path, "old.eml")
    taken(lab, path)
    before = [len(rows(lab, table)) for table in (t.mail, t.cases, t.event)]
    result = taken(lab, path, path)
    assert (result.imported, result.known) == (0, 2)
    assert [len(rows(lab, table)) for table in (t.mail, t.cases, t.event)] == before


def test_a_letter_that_came_by_mail_is_not_taken_again_from_the_archive(lab: Lab, tmp_path: Path) -> None:
    path = written(tmp_path, "old.eml")
    lab.arrive(path.read_bytes())
    assert taken(lab, path).known == 1
    assert len(lab.cases()) == 1


def test_letters_are_entered_in_the_order_given(lab: Lab, tmp_path: Path) -> None:
    names = [f"{number}.eml" for number in range(60)]
    paths = [written(tmp_path, name, subject=name, message_id=f"<{name}@x.example>") for name in reversed(names)]
    taken(lab, *paths)
    assert [row.subject for row in rows(lab, t.mail)] == names[::-1]


def test_a_path_that_cannot_be_read_costs_no_other(lab: Lab, tmp_path: Path) -> None:
    result = taken(lab, tmp_path / "missing.eml", written(tmp_path, "old.eml"), tmp_path / "also.mbox")
    assert result.imported == 1
    assert [Path(broken.name).name for broken in result.failed] == ["missing.eml", "also.mbox"]
    assert all("check the path" in broken.why for broken in result.failed)


def test_live_letters_are_new_mail_and_are_answered(lab: Lab, tmp_path: Path) -> None:
    taken(lab, written(tmp_path, "today.eml"), live=True)
    (case,) = lab.cases()
    assert (case.history, case.number, case.status, case.opened_at) == (False, 1, "open", MONDAY)
    assert case.due_at > MONDAY
    lab.work()
    assert len(lab.to("a.kovaleva@romashka.example.ru")) == 1


def test_when_a_letter_came_is_said_by_our_server_then_by_its_writer_then_by_the_file() -> None:
    otherwise = datetime(2026, 1, 1, tzinfo=UTC)
    received = (
        b"Received: from a by b; Tue, 4 Mar 2025 12:00:00 +0300\r\nReceived: from x by a; Mon, 3 Mar 2025 1:00:00\r\n"
    )
    date = b"Date: Sun, 2 Mar 2025 09:00:00 +0000\r\n"
    assert disk.arrived(received + date + b"\r\n", otherwise) == LAST_YEAR
    assert disk.arrived(date + b"\r\n", otherwise) == datetime(2025, 3, 2, 9, tzinfo=UTC)
    assert disk.arrived(b"Subject: x\r\n\r\nDate: 1 Jan 2020 00:00:00 +0000", otherwise) == otherwise


@pytest.mark.parametrize("date", ["Fri, 1 Jan 2100 00:00:00 +0000", "Thu, 1 Jan 1970 00:00:00 +0000", "soon", ""])
def test_a_clock_that_cannot_be_right_is_not_believed(date: str) -> None:
    otherwise = datetime(2026, 1, 1, tzinfo=UTC)
    assert disk.arrived(f"Date: {date}\r\n\r\n".encode(), otherwise) == otherwise


def test_an_answer_to_an_archived_case_opens_a_living_one(lab: Lab, tmp_path: Path) -> None:
    taken(lab, written(tmp_path, "old.eml", message_id="<a@x.example>"))
    lab.now += timedelta(days=1)
    lab.arrive(raw(in_reply_to="<a@x.example>", message_id="<b@x.example>", sender=CLIENT, to=LAB))
    assert [(case.history, case.status) for case in lab.cases()] == [(True, "closed"), (False, "open")]
