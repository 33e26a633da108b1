"""The independent count itself: it is silent about a good day and names each thing that is wrong."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from tests import audit
from tests.lab import Lab, Sent
from tests.letters import raw

FIRST = raw()
SECOND = raw("Прошу разобраться: протокол с ошибкой, подаю жалобу.", sender="Б <b@x.example.ru>", message_id="<2@x.ru>")
REPLY = raw("Ещё три манометра.", message_id="<3@romashka.example.ru>", in_reply_to="<1@romashka.example.ru>")
ROBOT = raw(
    "Я в отпуске.", sender="Р <r@y.example.ru>", message_id="<4@y.ru>", headers={"Auto-Submitted": "auto-replied"}
)
DAY = [FIRST, SECOND, REPLY, ROBOT]


class Day:
    """Four letters, handled and answered; `wrong` counts them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lab = Lab(folder)
        for letter in DAY:
            self.lab.arrive(letter)
        self.lab.app.db.close()
        self.received: list[Sent] = list(self.lab.postman.sent)
        self.delivered = list(DAY)

    def spoil(self, *statements: str) -> None:
        with contextlib.closing(sqlite3.connect(self.folder / "test.db")) as connection, connection:
            for trigger in ("event_no_update", "event_no_delete"):
                connection.execute(f"DROP TRIGGER {trigger}")
            for statement in statements:
                connection.execute(statement)

    def wrong(self) -> list[str]:
        url = f"sqlite:///{self.folder}/test.db"
        return audit.problems(url, self.delivered, self.received, raw=self.folder / "raw")


@pytest.fixture
def day(tmp_path: Path) -> Day:
    return Day(tmp_path)


def test_a_good_day_is_found_good(day: Day) -> None:
    assert day.wrong() == []
    assert len(day.received) >= 5


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE mail SET status = 'new', outcome = NULL WHERE id = 2", "letter 2 has no outcome"),
        ("UPDATE cases SET number = 3 WHERE number = 2", "numbers of case:2026 are not dense"),
        ("UPDATE counter SET value = 9 WHERE name = 'case:2026'", "the counter of case:2026 says 9"),
        ("DELETE FROM journal WHERE case_id = 2", "0 lines in complaint"),
        ("DELETE FROM outbox WHERE template = 'acknowledgement'", "has 0 acknowledgements"),
        ("UPDATE outbox SET status = 'held', hold_reason = 'budget' WHERE key = 'ack:1'", "is held: budget"),
        ("UPDATE outbox SET status = 'queued' WHERE key = 'ack:1'", "has not left: queued"),
        ("UPDATE outbox SET message_id = '<other@x>' WHERE key = 'ack:1'", "never arrived"),
        ("UPDATE mail SET case_id = 2 WHERE id = 3", "letter 3 answers case 1 and is in case 2"),
        ("UPDATE event SET detail = '{}' WHERE seq = 1 AND stream = 'case:1'", "is not what its hash says"),
        ("DELETE FROM event WHERE stream = 'case:1' AND seq = 2", "event 3 follows 1"),
        ("UPDATE mail SET sha256 = 'ab' WHERE id = 1", "is not whole"),
    ],
)
def test_what_is_wrong_in_the_records_is_named(day: Day, statement: str, sentence: str) -> None:
    day.spoil(statement)
    assert sentence in "\n".join(day.wrong())


def test_a_letter_that_never_came_in_is_named(day: Day) -> None:
    day.delivered.append(raw(message_id="<lost@x.ru>"))
    assert any("<lost@x.ru> was delivered 1 times" in line for line in day.wrong())
    assert any("<lost@x.ru> is nowhere stored" in line for line in day.wrong())


def test_an_acknowledgement_that_never_arrived_is_named(day: Day) -> None:
    day.received = [letter for letter in day.received if "a.kovaleva" not in letter.to[0]]
    assert any("acknowledgement" in line and "never arrived" in line for line in day.wrong())


def test_a_repeat_that_nobody_noted_is_named(day: Day) -> None:
    day.received.append(day.received[0])
    assert any("arrived 2 times and 0 repeats are noted" in line for line in day.wrong())


def test_a_repeat_with_another_text_is_named(day: Day) -> None:
    day.received.append(replace(day.received[0], raw=day.received[0].raw + b"more\r\n"))
    assert any("not as the same letter" in line for line in day.wrong())


@pytest.mark.parametrize("marks", [{}, {"Auto-Submitted": "auto-replied"}])
def test_an_answered_robot_is_named_however_the_answer_is_marked(day: Day, marks: dict[str, str]) -> None:
    ours = {"message_id": "<5@cleanmet.ru>", "headers": marks}
    answer = raw("Ваше письмо получено.", sender="lab@cleanmet.ru", in_reply_to="<4@y.ru>", **ours)
    day.received.append(Sent("", ("r@y.example.ru",), answer))
    assert any("the robot r@y.example.ru was answered" in line for line in day.wrong())
    assert any("nobody wrote it" in line for line in day.wrong())


def test_a_letter_to_a_robot_that_names_none_of_its_letters_is_named(day: Day) -> None:
    letter = raw("Ваше письмо получено.", sender="lab@cleanmet.ru", message_id="<5@cleanmet.ru>")
    day.received.append(Sent("", ("r@y.example.ru",), letter))
    assert any("the robot r@y.example.ru was written to" in line for line in day.wrong())


def test_a_client_left_without_an_acknowledgement_is_named_though_the_record_says_why(day: Day) -> None:
    excuse = "UPDATE event SET type = 'silent' WHERE type = 'acknowledged' AND stream = 'case:1'"
    day.spoil("DELETE FROM outbox WHERE key = 'ack:1'", excuse)
    assert any("has 0 acknowledgements" in line for line in day.wrong())


def test_who_is_known_to_get_no_acknowledgement_and_has_one_is_named(day: Day) -> None:
    url = f"sqlite:///{day.folder}/test.db"
    wrong = audit.problems(url, day.delivered, day.received, silent={audit.message_id(FIRST)})
    assert any("has 1 acknowledgements" in line for line in wrong)
