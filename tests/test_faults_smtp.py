"""The whole daemon behind a faulty line to the server that takes its letters: each leaves once, whatever breaks."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase.store import tables as t
from tests.remote_lab import RemoteLab, Wires, laboratory
from tests.servers.proxy import cut_after, one_byte, silent_after, slow
from tests.servers.sink import DROP
from tests.town import wait_for

pytestmark = pytest.mark.live
LONG = "Просим выставить КП. " * 300
"""The employee gets the client's words, so that a letter of ours is some twenty thousand bytes."""


def tries(lab: RemoteLab) -> int:
    """How many tries have been in vain so far."""
    return sum(n for (n,) in lab.ask(sa.select(t.outbox.c.tries)))


def failed(lab: RemoteLab) -> list[str]:
    """The keys of letters that were given up."""
    return [key for (key,) in lab.ask(sa.select(t.outbox.c.key).where(t.outbox.c.status == "failed"))]


@pytest.mark.req("C90")
def test_a_line_that_is_cut_before_the_last_dot_brings_every_letter_once(wires: Wires, tmp_path: Path) -> None:
    """Three times at each step. No letter but the one that is tried loses a try."""
    with laboratory(tmp_path, wires, smtp={"keep_open": "0s"}) as lab:
        for done, moment in enumerate((b"ehlo", b"MAIL", b"RCPT", b"DATA\r\n"), start=1):
            assert lab.repeated() == set()
            wires.smtp.up = cut_after(moment, 500 if b"DATA" in moment else 3, times=3)
            lab.deliver(2)
            lab.complete(minutes=2)
            assert (tries(lab), moment) == (3 * done, moment)


@pytest.mark.req("C90")
def test_a_line_that_is_cut_after_the_last_dot_repeats_that_letter_alone_under_its_id(
    wires: Wires, tmp_path: Path
) -> None:
    """Nobody can know whether it was taken; the repeat is on record."""
    with laboratory(tmp_path, wires) as lab:
        wires.sink.answer("END", DROP, times=2)
        lab.deliver(3)
        lab.complete(twins=2, minutes=2)
        assert len(lab.repeated()) <= 2


@pytest.mark.req("C90")
@pytest.mark.parametrize(
    ("reply", "steps"),
    [
        ("451 4.3.0 later", ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "END")),
        ("421 4.3.2 going away", ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "END")),
        ("550 5.7.1 not now", ("CONNECT", "EHLO")),
    ],
)
def test_a_refusal_that_passes_is_made_up_for_at_any_step(
    wires: Wires, tmp_path: Path, reply: str, steps: tuple[str, ...]
) -> None:
    with laboratory(tmp_path, wires, smtp={"keep_open": "0s"}) as lab:
        for done, step in enumerate(steps, start=1):
            wires.sink.answer(step, reply, times=1)
            lab.deliver()
            lab.complete(minutes=2)
            assert (tries(lab), step) == (done, step)
        assert (failed(lab), lab.repeated()) == ([], set())


@pytest.mark.req("C90")
def test_what_the_server_never_takes_is_a_task_for_a_person_and_holds_no_other_letter(
    wires: Wires, tmp_path: Path
) -> None:
    with laboratory(tmp_path, wires) as lab:
        for n, step in enumerate(("MAIL", "RCPT", "DATA", "END"), start=1):
            wires.sink.answer(step, "550 5.7.1 never", times=1)
            lab.deliver(2)
            wait_for(lambda n=n: len(failed(lab)) == n, f"refused at {step}")  # type: ignore[misc]
            wait_for(lambda n=n: len(lab.taken()) == n and lab.idle(), f"the others at {step}\n{lab.state()}")  # type: ignore[misc]
        assert lab.cases() == [1, 2, 3, 4, 5, 6, 7, 8]
        assert set(lab.taken().values()) == {1}
        assert sum("не доставлен" in text for text in lab.staff_letters()) == 4


def test_a_kept_connection_that_died_silently_costs_no_letter_a_try(wires: Wires, tmp_path: Path) -> None:
    with laboratory(tmp_path, wires, smtp={"timeout": "1s", "keep_open": "10m"}) as lab:
        lab.deliver()
        lab.complete()
        wires.smtp.lose()
        lab.deliver(2)
        lab.complete()
        assert tries(lab) == 0


def test_a_line_that_dies_silently_during_any_command_is_given_up_and_dialled_anew(
    wires: Wires, tmp_path: Path
) -> None:
    with laboratory(tmp_path, wires, smtp={"timeout": "1s", "keep_open": "0s"}) as lab:
        for done, command in enumerate((b"ehlo", b"RCPT", b"DATA\r\n"), start=1):
            wires.smtp.up = silent_after(command)
            lab.deliver()
            lab.complete(minutes=2)
            assert (tries(lab), command) == (done, command)


def test_a_line_of_single_bytes_takes_every_letter_whole(wires: Wires, tmp_path: Path) -> None:
    with laboratory(tmp_path, wires) as lab:
        wires.smtp.up = wires.smtp.down = one_byte
        lab.deliver(2, LONG)
        lab.complete()
        assert tries(lab) == 0


def test_a_slow_line_may_take_longer_for_a_letter_than_the_timeout(wires: Wires, tmp_path: Path) -> None:
    with laboratory(tmp_path, wires, smtp={"timeout": "1s"}) as lab:
        wires.smtp.up = slow(20_000)
        lab.deliver(1, LONG)
        lab.complete()
        assert tries(lab) == 0


def tried(lab: RemoteLab, before: int) -> bool:
    lab.later(minutes=5)
    return lab.wires.smtp.dials > before


@pytest.mark.req("C90")
def test_a_server_that_is_away_for_a_day_gets_every_letter_once_afterwards_and_the_record_has_one_alarm(
    wires: Wires, tmp_path: Path
) -> None:
    """Four clients write meanwhile; a try costs only the letter that is tried, and one is made every three hours."""
    with laboratory(tmp_path, wires) as lab:
        wires.smtp.refuses = True
        dials = wires.smtp.dials
        for _ in range(8):
            if lab.delivered < 4:
                lab.deliver()
                wait_for(lambda: len(lab.cases()) == lab.delivered, "a case, though no letter can leave")
            lab.later(hours=3)
            wait_for(partial(tried, lab, wires.smtp.dials), "a try")
        wait_for(lambda: tries(lab) == wires.smtp.dials - dials, "each try has cost one letter one try")
        events = lab.ask(sa.select(t.event.c.detail).where(t.event.c.type == "alarm"))
        assert ["smtp" in detail for (detail,) in events] == [True]
        wires.smtp.fair()
        lab.complete(hours=1)
        assert failed(lab) == []
