"""A letter that hangs, eats memory or kills its reader becomes a case for a person; all others go on (pains 7, 8)."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailcase.reading import Inline, Read, Unreadable, Wanted
from mailcase.reading_process import ReadingProcess
from mailcase.store import intake
from mailcase.words import MailStatus, Outcome
from tests.lab import Lab
from tests.letters import LAB, config, raw

ENDLESS = b"From: p@example.org\r\nTo: " + LAB.encode() + b"\r\nSubject: x\r\nMessage-ID: <p@example.org>\r\n\r\n"
SLOW = ENDLESS + b"a\r\n" * 8_000_000
"""Takes the parser of the standard library many seconds on any machine."""
GREEDY = ENDLESS + b"x" * 120_000_000


class Apart(Lab):
    """A laboratory whose letters are read by a process of their own."""

    def __init__(self, folder: Path, **limits: object) -> None:
        super().__init__(folder, limits=limits)
        self.reader = ReadingProcess(self.app.config)
        self.app = replace(self.app, reader=self.reader)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Apart]:
    made = Apart(tmp_path, read_time="2s", tries=2)
    yield made
    made.reader.stop()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Apart]:
    made = Apart(tmp_path, read_memory="256MB", tries=2)
    yield made
    made.reader.stop()


def quarantined(lab: Lab, poison: int) -> None:
    for _ in range(3):
        lab.later(minutes=10)
    row = lab.mail(poison)
    assert (row.status, row.outcome) == (MailStatus.QUARANTINED, Outcome.QUARANTINE)
    case = next(c for c in lab.cases() if c.opened_by_mail_id == poison)
    assert case.assignee == "smirnova"
    told = [s for s in lab.to("smirnova@cleanmet.ru") if "не удалось разобрать" in s.subject]
    assert len(told) == 1
    assert lab.to("p@example.org") == []


@pytest.mark.req("C72")
def test_a_letter_that_takes_too_long_is_set_aside_and_holds_nobody_up(slow: Apart) -> None:
    poison = slow.arrive(SLOW)
    slow.arrive(raw(message_id="<good@romashka.example.ru>"))
    assert slow.mail(poison).error == "MailcaseError: not read within 2 s"
    assert len(slow.to("a.kovaleva@romashka.example.ru")) == 1
    quarantined(slow, poison)


@pytest.mark.req("C72")
def test_a_letter_that_needs_too_much_memory_is_set_aside(small: Apart) -> None:
    poison = small.arrive(GREEDY)
    small.arrive(raw(message_id="<good@romashka.example.ru>"))
    assert "memory" in (small.mail(poison).error or "")
    assert len(small.to("a.kovaleva@romashka.example.ru")) == 1
    quarantined(small, poison)


def test_a_letter_set_aside_whose_copy_came_meanwhile_is_read_anew_and_both_cases_are_linked(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    letter = raw(message_id="<z@romashka.example.ru>")
    first = lab.enter(letter)
    file = lab.app.raw.path(lab.mail(first).sha256)
    octets = file.read_bytes()
    file.unlink()
    for _ in range(12):
        lab.later(minutes=10)
    assert lab.mail(first).status == MailStatus.QUARANTINED
    copy = lab.arrive(letter.replace(b"from client.example.ru", b"from backup.example.ru"))
    file.write_bytes(octets)
    with lab.app.db.tx() as tx:
        intake.judge_again(tx, first)
    lab.later(minutes=1)
    assert [lab.mail(n).status for n in (first, copy)] == [MailStatus.DONE, MailStatus.DONE]
    assert [lab.mail(n).original for n in (first, copy)] == [False, True]
    one, two = (lab.mail(n).case_id for n in (first, copy))
    assert one != two
    assert "linked" in [event.type for event in lab.events(one)]
    assert "linked" in [event.type for event in lab.events(two)]


def read(reader: ReadingProcess, folder: Path, *letters: bytes) -> list[Read | Unreadable]:
    wanted = []
    for number, letter in enumerate(letters):
        path = folder / f"{number}.eml"
        path.write_bytes(letter)
        wanted.append(Wanted(path))
    return list(reader.read(wanted))


@pytest.fixture
def reader() -> Iterator[ReadingProcess]:
    made = ReadingProcess(config())
    made.start()
    yield made
    made.stop()


def test_a_letter_that_kills_its_reader_costs_no_letter_around_it(reader: ReadingProcess, tmp_path: Path) -> None:
    good = raw()
    child = reader._child
    assert child is not None
    # As the kernel does it when memory runs out: in the middle of the slow letter, before its answer.
    killer = threading.Timer(1.0, os.kill, (child.process.pid, signal.SIGKILL))
    killer.start()
    answers = read(reader, tmp_path, good, SLOW, good, good)
    killer.join()
    assert [type(answer).__name__ for answer in answers] == ["Read", "Unreadable", "Read", "Read"]
    assert answers[1] == Unreadable("the reader died on it (SIGKILL)")


def test_it_reads_what_is_read_in_this_process(reader: ReadingProcess, tmp_path: Path) -> None:
    path = tmp_path / "one.eml"
    path.write_bytes(raw())
    assert list(reader.read([Wanted(path)])) == list(Inline(config()).read([Wanted(path)]))


def test_a_letter_whose_file_is_gone_is_told_by_name(reader: ReadingProcess, tmp_path: Path) -> None:
    [answer] = reader.read([Wanted(tmp_path / "gone.eml")])
    assert isinstance(answer, Unreadable)
    assert "gone.eml" in answer.why
    assert "backup" in answer.why


def test_answers_that_nobody_waited_for_answer_no_later_question(reader: ReadingProcess, tmp_path: Path) -> None:
    first, other = tmp_path / "1.eml", tmp_path / "2.eml"
    first.write_bytes(raw(subject="Первое"))
    other.write_bytes(raw(subject="Второе"))
    answers = reader.read([Wanted(first), Wanted(first)])
    next(answers)
    del answers
    [answer] = reader.read([Wanted(other)])
    assert isinstance(answer, Read)
    assert answer.letter.subject == "Второе"


def test_a_question_that_somebody_still_holds_gives_no_answer_to_the_next_and_ends_none(
    reader: ReadingProcess, tmp_path: Path
) -> None:
    first, other = tmp_path / "1.eml", tmp_path / "2.eml"
    first.write_bytes(raw(subject="Первое"))
    other.write_bytes(raw(subject="Второе"))
    # As where an error keeps the frame of a batch that an outage ended.
    held = reader.read([Wanted(first)] * 3)
    next(held)
    answers = reader.read([Wanted(other)] * 2)
    one = next(answers)
    child = reader._child
    held.close()  # type: ignore[attr-defined]
    two = next(answers)
    assert [answer.letter.subject for answer in (one, two) if isinstance(answer, Read)] == ["Второе", "Второе"]
    assert reader._child is child


def test_one_process_reads_batch_after_batch(reader: ReadingProcess, tmp_path: Path) -> None:
    path = tmp_path / "one.eml"
    path.write_bytes(raw())
    child = reader._child
    for _ in range(3):
        # As the station asks: it takes as many answers as it has letters, and not the end.
        answers = reader.read([Wanted(path), Wanted(path)])
        next(answers), next(answers)
        del answers
    assert reader._child is child


def test_it_ends_with_whoever_started_it(reader: ReadingProcess) -> None:
    child = reader._child
    assert child is not None
    child.line.close()
    assert child.process.wait(timeout=20) == 0
