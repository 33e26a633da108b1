"""The benchmark measures what it says: its load is what the key says, and its check sees what is wrong."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench import check, load, meter
from bench.intake import run_floor, run_mailcase
from bench.letters import Letters, plain_text
from bench.servers import Kept, Servers
from tests.town import wait_for


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Letters:
    folder = tmp_path_factory.mktemp("load") / "load"
    load.write(folder, 100)
    return Letters.read(folder)


def test_the_same_seed_gives_the_same_letters() -> None:
    assert list(load.build(40, seed=7)) == list(load.build(40, seed=7))
    assert list(load.build(40, seed=7)) != list(load.build(40, seed=8))


def test_the_load_has_the_mix_that_it_promises(letters: Letters) -> None:
    kinds = [key.kind for key in letters.keys]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"new": 80, "reply": 15, "auto": 3, "dsn": 2}
    assert sum(bool(key.attachment_bytes) for key in letters.keys) == 10


def test_the_answer_key_is_what_the_standard_library_reads(letters: Letters) -> None:
    earlier: set[str] = set()
    for key in letters.keys:
        message = letters.parsed(key)
        assert " ".join(str(message["Subject"]).split()) == key.subject
        assert (message["From"].addresses[0].addr_spec, str(message["Message-ID"])) == (key.sender, key.message_id)
        assert str(message["In-Reply-To"] or "") == key.parent
        assert not key.parent or key.parent in earlier
        earlier.add(key.message_id)
        if key.kind != "dsn":
            assert message["From"].addresses[0].display_name == key.sender_name
            assert "Здравствуйте!" in plain_text(message)
        files = [len(part.get_content()) for part in message.iter_attachments()] if key.kind != "dsn" else []
        assert files == ([key.attachment_bytes] if key.attachment_bytes else [])


def entry(letters: Letters, number: int, **given: object) -> check.Entry:
    key = letters.keys[number]
    right = check.Entry(
        key.message_id, "done", "new_case", 1, key.subject, key.sender, key.sender_name, "<n@x.example>"
    )
    return dataclasses.replace(right, **given)  # type: ignore[arg-type]


def answered(letters: Letters, times: int = 1) -> list[Kept]:
    """The first letter as acknowledged so often, and the notice of it to an employee."""
    key = letters.keys[0]
    acks = [
        Kept("", (key.sender,), f"Message-ID: <a{n}@x.example>\nIn-Reply-To: {key.message_id}\n\n".encode())
        for n in range(times)
    ]
    text = plain_text(letters.parsed(key))
    notice = f"Message-ID: <n@x.example>\nContent-Type: text/plain; charset=utf-8\n\n{text}".encode()
    return [*acks, Kept("", ("petrova@staff.example",), notice)]


def test_the_check_sees_a_lost_a_doubled_and_a_misread_letter(letters: Letters) -> None:
    first = dataclasses.replace(letters.part(0, 1).keys[0], attachment_bytes=0)
    one = Letters(letters.folder, (first,))
    assert check.faults(one, [entry(one, 0)], answered(one)) == []
    assert "0 rows in the ledger" in check.faults(one, [], [])[0]
    assert "acknowledged 0 times" in check.faults(one, [entry(one, 0)], answered(one, 0))[0]
    assert "acknowledged 2 times" in check.faults(one, [entry(one, 0)], answered(one, 2))[0]
    assert "subject" in check.faults(one, [entry(one, 0, subject="Р?СЃСЊРјРѕ")], answered(one))[0]
    assert "its text is not in the notice" in check.faults(one, [entry(one, 0)], _with_other_text(answered(one)))[0]


def _with_other_text(kept: list[Kept]) -> list[Kept]:
    return [*kept[:-1], Kept("", kept[-1].to, kept[-1].raw.replace("р".encode(), b"?"))]


def test_the_check_sees_a_reply_in_another_case_and_an_answered_robot(letters: Letters) -> None:
    reply = next(n for n, key in enumerate(letters.keys) if key.kind == "reply")
    parent = next(n for n, key in enumerate(letters.keys) if key.message_id == letters.keys[reply].parent)
    robot = next(n for n, key in enumerate(letters.keys) if key.kind == "auto")
    some = Letters(letters.folder, tuple(letters.keys[n] for n in (parent, reply, robot)))
    ledger = [entry(some, 0), entry(some, 1, outcome="follow_up", case_id=2), entry(some, 2, case_id=3)]
    answer = Kept("", (some.keys[2].sender,), f"In-Reply-To: {some.keys[2].message_id}\n\n".encode())
    found = "\n".join(check.faults(some, ledger, [answer]))
    assert "case 2, its parent's is 1" in found
    assert "a machine was answered (auto)" in found
    assert "a machine's letter became new_case" in found


def test_the_meter_counts_what_children_cost_the_living_and_the_dead() -> None:
    """A shell whose child computes in one process that ends, and waits in another."""
    work = f"{sys.executable} -c 'sum(range(6_000_000))'; echo done; {sys.executable} -c 'input()'; exit"
    with subprocess.Popen(["sh", "-c", work], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as shell:
        assert shell.stdout is not None
        assert shell.stdout.readline() == b"done\n"
        wait_for(lambda: len(meter.family(shell.pid)) == 2, "the waiting child")
        own, below = meter.cpu(shell.pid)
        shell.communicate(b"\n")
    assert own < below
    assert below >= 0.05


@pytest.mark.live
def test_a_run_of_thirty_letters_passes_its_own_check(letters: Letters, tmp_path: Path) -> None:
    """The floor and the daemon, as `make bench` runs them."""
    if not shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
        missing = "smtp-sink is not installed: run `make servers`"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    some = letters.part(0, 30)
    with Servers.start(tmp_path) as servers:
        floor = run_floor(servers, some, tmp_path, "floor", None)
        ours = run_mailcase(servers, some, tmp_path, "mailcase", warm=0)
    assert (floor.n, floor.faults) == (30, [])
    assert (ours.n, ours.faults) == (30, [])
    assert ours.cpu > 0 < floor.cpu
    assert ours.pss_mb > 0 < ours.rate
