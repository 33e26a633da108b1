"""The whole daemon behind a faulty line to its mailbox: every letter comes in once, and the line's end ends nothing."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.mailboxes import other_program
from tests.remote_lab import Hurry, RemoteLab, Wires, laboratory
from tests.servers import proxy
from tests.servers.proxy import Connection, Proxy, cut_after, one_byte, silent_after, slow
from tests.town import wait_for

pytestmark = pytest.mark.live


@pytest.mark.parametrize("tls", ["none", "tls", "starttls"])
def test_a_line_that_is_cut_in_the_middle_of_a_letter_costs_none(wires: Wires, tmp_path: Path, tls: str) -> None:
    """In clear the cut is known to be within the literal; encrypted it is somewhere in the letter's 40 000 bytes."""
    with laboratory(tmp_path, wires, tls) as lab:
        dials = wires.imap.dials
        wires.imap.down = cut_after(b"BODY[] {", 700, 3) if tls == "none" else cut_after(b"", 30_000, 3)
        lab.deliver(3, text="Просим выставить КП. " * 1000)
        lab.complete()
        assert wires.imap.dials >= dials + 3


@pytest.mark.req("C82")
def test_a_line_that_dies_silently_while_we_wait_delays_a_letter_by_one_poll_and_one_timeout(
    wires: Wires, tmp_path: Path
) -> None:
    with RemoteLab(tmp_path, wires, mailbox={"poll": "2s", "timeout": "1s"}) as lab:
        lab.deliver()
        lab.complete()
        wires.imap.lose()
        lab.deliver()
        start = time.monotonic()
        lab.complete()
        # Both bounds, and a second's pause before the new connection.
        assert time.monotonic() - start < 2 + 1 + 1.3 + 3


def test_a_line_that_dies_silently_during_any_command_is_given_up_and_dialled_anew(
    wires: Wires, tmp_path: Path
) -> None:
    with laboratory(tmp_path, wires, mailbox={"timeout": "1s"}) as lab:
        for command in (b"SEARCH", b"FETCH", b"EXAMINE", b"LOGIN"):
            dials = wires.imap.dials
            wires.imap.up = silent_after(command)
            wires.imap.hang_up()
            lab.deliver()
            lab.complete()
            assert wires.imap.dials >= dials + 2


@pytest.mark.parametrize("tls", ["none", "starttls"])
def test_a_line_of_single_bytes_brings_every_letter_whole(wires: Wires, tmp_path: Path, tls: str) -> None:
    with laboratory(tmp_path, wires, tls) as lab:
        wires.imap.down = wires.imap.up = one_byte
        wires.imap.hang_up()
        lab.deliver(3)
        lab.complete()
        assert lab.alarms() == []


def test_a_slow_line_may_take_longer_for_a_letter_than_the_timeout(wires: Wires, tmp_path: Path) -> None:
    """The timeout is for silence; three times as long as that is fine where bytes keep coming."""
    with laboratory(tmp_path, wires, mailbox={"timeout": "1s", "save_sent": False}) as lab:
        dials = wires.imap.dials
        wires.imap.down = slow(20_000)
        lab.deliver(text="Просим выставить КП. " * 800)
        lab.complete()
        assert wires.imap.dials == dials


def goodbyes(number: int) -> proxy.Rule:
    """The server says BYE on that many connections, at the end of any line; its letters may be cut in the middle."""
    chance, left = random.Random(83), number
    patience: dict[Connection, int] = {}

    def rule(connection: Connection, piece: bytes) -> Iterator[bytes]:
        nonlocal left
        due = patience.setdefault(connection, chance.randint(1, 25))
        for line in piece.splitlines(keepends=True):
            yield line
            due -= 1
            if due == 0 and left > 0:
                left -= 1
                yield b"* BYE logged out for inactivity\r\n"
                raise proxy.Cut
        patience[connection] = due

    return rule


def more_dials(wire: Proxy) -> Callable[[], bool]:
    before = wire.dials
    return lambda: wire.dials > before


@pytest.mark.req("C83")
def test_a_hundred_goodbyes_at_any_moment_cost_no_letter_and_make_no_twin(wires: Wires, tmp_path: Path) -> None:
    """The letters are fetched, marked and copied to Sent meanwhile; every goodbye is followed by a rest."""
    stop = Hurry(0.01)
    with laboratory(tmp_path, wires, stop=stop, mailbox={"after": "mark"}) as lab:
        dials = wires.imap.dials
        wires.imap.down = goodbyes(100)
        wires.imap.hang_up()
        while wires.imap.dials < dials + 100:
            lab.deliver()
            lab.app.wake.tidy.set()
            wait_for(more_dials(wires.imap), "another connection")
        wires.imap.fair()
        lab.complete()
        rests = stop.of("fetch") + stop.of("tidy")
        # A pass may dial several times: neither another folder that fails nor one letter costs the others anything.
        assert 4 * len(rests) >= 100
        # Doubled after each failure that follows a failure, and forgotten after a good pass.
        assert max(rests) > 4
        assert len(lab.alarms()) == 0
        wait_for(lambda: copies(wires) == lab.delivered, "one copy of each acknowledgement in Sent")


def copies(wires: Wires) -> int:
    with other_program(wires.dovecot, wires.account) as program:
        program.select('"&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"', readonly=True)
        return len(program.uid("SEARCH", "ALL")[1][0].split())


@pytest.mark.req("C85")
@pytest.mark.parametrize("moment", [b"MOVE", b"NOOP"])
def test_a_move_whose_answer_is_lost_leaves_every_letter_in_one_folder(
    wires: Wires, tmp_path: Path, moment: bytes
) -> None:
    with laboratory(tmp_path, wires, mailbox={"after": "move", "move_to": "Done"}) as lab:
        wires.imap.up = cut_after(b" " + moment, 10, times=2)
        lab.deliver(4)
        lab.complete()

        def moved() -> bool:
            lab.app.wake.tidy.set()
            return numbers(wires, "Done") == [1, 2, 3, 4]

        wait_for(moved, "all of them are in Done, once each")
        assert numbers(wires, "INBOX") == []


def numbers(wires: Wires, folder: str) -> list[int]:
    """Which clients' letters lie in a folder."""
    with other_program(wires.dovecot, wires.account) as program:
        if program.select(folder, readonly=True)[0] != "OK":
            return []
        uids = program.uid("SEARCH", "ALL")[1][0].split()
        found = [program.uid("FETCH", uid.decode(), "(BODY.PEEK[HEADER])")[1][0][1] for uid in uids]
    return sorted(int(header.partition(b"<client")[2].partition(b"@")[0]) for header in found)
