"""An independent count of what became of every letter: plain SQL and the standard library, not a line of the program.

    wrong = audit.problems(database_url, delivered, received)
    assert wrong == []

`delivered` are the bytes that were put into the mailbox after the daemon's first look at it, `received` what the SMTP
server accepted (`Taken` of the sink, `Sent` of the laboratory), each as often as it came. The count is meant for a
daemon that has nothing more to do: what still waits is reported. With `raw` (the folder of stored letters) every
stored letter is compared with what was delivered. `silent` are the Message-IDs, without brackets, of letters that may
open a case and get no acknowledgement: whoever delivers them knows, and the program is not asked.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Protocol

from tests.audit_book import Book, Row, read

_ACKNOWLEDGEMENTS = ("acknowledgement", "acknowledgement_complaint")
_EXCUSED = ("unreachable", "stopped", "mode")
"""Reasons for which a letter is rightly held back; a budget is none: whoever counts raises it."""
_JOINED = ("follow_up", "command")
_LEFT = ("acknowledged", "sent", "answered")


class Received(Protocol):
    """One letter that an SMTP server accepted."""

    @property
    def to(self) -> tuple[str, ...]: ...
    @property
    def raw(self) -> bytes: ...


@dataclass(frozen=True)
class _Letter:
    """What the standard library reads in the header of a letter."""

    id: str
    parents: tuple[str, ...]
    sender: str
    robot: bool
    body: str

    @staticmethod
    def read(raw: bytes) -> _Letter:
        message = message_from_bytes(raw)
        own = _ids(message["Message-ID"])
        parents = (*_ids(message["In-Reply-To"]), *reversed(_ids(message["References"])))
        text = _lines(raw).partition(b"\n\n")[2]
        sender = parseaddr(str(message["From"] or ""))[1].lower()
        body = hashlib.sha256(text).hexdigest()
        return _Letter(own[0] if own else "", tuple(dict.fromkeys(parents)), sender, _robot(message), body)


def message_id(raw: bytes) -> str:
    """The Message-ID of a letter, without its brackets."""
    return _Letter.read(raw).id


def _ids(value: Any) -> list[str]:
    return re.findall(r"<([^<>\s]+)>", str(value or ""))


def _lines(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n")


def _robot(message: Message) -> bool:
    """A machine that says so in the header (RFC 3834, RFC 2076, and what programs write)."""
    said = {name: str(message[name] or "").strip().lower() for name in ("Auto-Submitted", "Precedence", "Return-Path")}
    return (
        said["Auto-Submitted"].partition(";")[0].strip() not in ("", "no")
        or said["Precedence"] in ("bulk", "junk", "list", "auto_reply")
        or said["Return-Path"] == "<>"
        or message.get_content_type() == "multipart/report"
        or any(message[name] for name in ("List-Id", "X-Autoreply", "X-Autorespond"))
    )


def problems(
    database_url: str,
    delivered: Iterable[bytes],
    received: Iterable[Received],
    *,
    raw: Path | None = None,
    silent: Collection[str] = (),
) -> list[str]:
    """Everything that is wrong, as sentences; empty where every letter has what is due to it, once."""
    book = read(database_url)
    letters = [(_Letter.read(octets), octets) for octets in delivered]
    known = [letter for letter, _ in letters]
    taken = [(letter, _Letter.read(letter.raw)) for letter in received]
    found = [*_ledger(book, known), *_numbers(book), *_cases(book), *_acknowledgements(book, known, taken, silent)]
    found += [*_outbox(book, taken), *_robots(book, known, taken), *_threads(book, known), *_chains(book)]
    return found + ([*_files(book, [octets for _, octets in letters], raw)] if raw else [])


def _ledger(book: Book, letters: list[_Letter]) -> Iterator[str]:
    """Every letter is in the ledger, every line has one outcome, and copies are copies."""
    by_id: dict[str, list[_Letter]] = defaultdict(list)
    for letter in letters:
        by_id[letter.id].append(letter)
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in book.mail:
        if row["status"] not in ("done", "quarantined") or not row["outcome"]:
            yield f"letter {row['id']} has no outcome: it is {row['status']} ({row['error']})"
        if row["role"] == "inbox" and not row["history"]:
            rows[_bare(row["message_id"])].append(row)
    for name, same in by_id.items():
        different, lines = len({letter.body for letter in same}), rows.pop(name, [])
        if not different <= len(lines) <= len(same):
            yield f"<{name}> was delivered {len(same)} times ({different} different) and has {len(lines)} lines"
        originals = [row for row in lines if row["drop_reason"] != "duplicate"]
        if lines and len(originals) != different:
            yield f"<{name}>: {different} different letters, {len(originals)} of its lines are no duplicates"
    yield from (f"<{name}> is in the ledger and was never delivered" for name in rows)


def _bare(message_id: str | None) -> str:
    return (message_id or "").strip("<>")


def _numbers(book: Book) -> Iterator[str]:
    """Numbers of cases and of both registers run from 1 without a gap to what the counter says."""
    series: dict[str, list[int]] = defaultdict(list)
    for case in book.cases:
        series[f"{'history' if case['history'] else 'case'}:{case['year']}"].append(case["number"])
    for line in book.journal:
        series[f"{line['register']}:{line['year']}"].append(line["seq"])
    for name, numbers in series.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield f"numbers of {name} are not dense: {sorted(numbers)}"
        if book.counters.get(name) != len(numbers):
            yield f"the counter of {name} says {book.counters.get(name)}, there are {len(numbers)} numbers"


def _cases(book: Book) -> Iterator[str]:
    """No letter opened two cases, every case has its letter and its one line in the register it belongs to."""
    opened = Counter(case["opened_by_mail_id"] for case in book.cases)
    yield from (f"letter {mail_id} opened {count} cases" for mail_id, count in opened.items() if count > 1)
    lines = Counter((line["case_id"], line["register"]) for line in book.journal if line["moved_to"] is None)
    letters = {row["id"]: row for row in book.mail}
    for case in book.cases:
        mail = letters.get(case["opened_by_mail_id"])
        if mail is None or mail["case_id"] != case["id"]:
            yield f"case {case['tag']} is not the case of the letter that opened it"
        if not case["history"] and case["register"] != "none" and lines[case["id"], case["register"]] != 1:
            yield f"case {case['tag']} has {lines[case['id'], case['register']]} lines in {case['register']}"
    having = {case["opened_by_mail_id"] for case in book.cases}
    for row in book.mail:
        if row["outcome"] in ("new_case", "quarantine") and row["id"] not in having:
            yield f"letter {row['id']} became {row['outcome']} and there is no case of it"


def _acknowledgements(
    book: Book, letters: list[_Letter], taken: list[tuple[Received, _Letter]], silent: Collection[str]
) -> Iterator[str]:
    """Whoever opened a case has one acknowledgement on the wire, unless he is one of those who get none."""
    opened_by = {row["id"]: _bare(row["message_id"]) for row in book.mail}
    arrived = {got.id: letter for letter, got in taken}
    for case in (case for case in book.cases if not case["history"]):
        acks = [o for o in book.outbox if o["case_id"] == case["id"] and o["template"] in _ACKNOWLEDGEMENTS]
        if len(acks) != (opened_by.get(case["opened_by_mail_id"]) not in silent):
            yield f"case {case['tag']} has {len(acks)} acknowledgements"
        for ack in acks:
            if ack["status"] == "held" and ack["hold_reason"] not in _EXCUSED:
                yield f"the acknowledgement of {case['tag']} is held: {ack['hold_reason']}"
            there = arrived.get(_bare(ack["message_id"]))
            if there is None and ack["status"] == "sent":
                yield f"the acknowledgement of {case['tag']} never arrived"
            if there is not None and case["contact_address"] not in there.to:
                yield f"the acknowledgement of {case['tag']} went to {there.to}, not to {case['contact_address']}"
    automatic: dict[str, set[str]] = defaultdict(set)
    ours = {_bare(o["message_id"]): o for o in book.outbox}
    mine = {letter.id for letter in letters}
    for _, got in taken:
        row = ours.get(got.id)
        if row and row["audience"] == "client" and row["automatic"] and got.parents[:1] and got.parents[0] in mine:
            automatic[got.parents[0]].add(got.id)
    yield from (f"<{name}> got {len(ids)} automatic answers" for name, ids in automatic.items() if len(ids) > 1)


def _outbox(book: Book, taken: list[tuple[Received, _Letter]]) -> Iterator[str]:
    """What is sent arrived; what arrived twice is the same letter and noted; nothing waits."""
    copies: dict[str, list[Received]] = defaultdict(list)
    for letter, got in taken:
        copies[got.id].append(letter)
    repeats = Counter(event["outbox_id"] for event in book.events if event["type"] == "resent")
    left = Counter(event["outbox_id"] for event in book.events if event["type"] in _LEFT)
    returned = {event["outbox_id"] for event in book.events if event["type"] == "bounced"}
    for row in book.outbox:
        what, came = f"outgoing letter {row['id']} ({row['template']})", copies.pop(_bare(row["message_id"]), [])
        if row["status"] in ("queued", "sending"):
            yield f"{what} has not left: {row['status']} ({row['last_error']})"
        if row["status"] == "sent" and not came:
            yield f"{what} is sent and never arrived"
        if row["status"] == "sent" and row["case_id"] and left[row["id"]] != 1 and row["id"] not in returned:
            yield f"{what} has {left[row['id']]} events that it left"
        if len(came) - 1 > repeats[row["id"]]:
            yield f"{what} arrived {len(came)} times and {repeats[row['id']]} repeats are noted"
        if len({(tuple(letter.to), letter.raw) for letter in came}) > 1:
            yield f"{what} arrived {len(came)} times and not as the same letter"
    yield from (f"<{name}> arrived and nobody wrote it" for name in copies)


def _robots(book: Book, letters: list[_Letter], taken: list[tuple[Received, _Letter]]) -> Iterator[str]:
    """No letter of the program itself answers a machine, however it is marked; what an employee writes may."""
    robots = {letter.id: letter for letter in letters if letter.robot and letter.id}
    machines = {letter.sender for letter in robots.values()} - {one.sender for one in letters if not one.robot}
    written = {_bare(o["message_id"]) for o in book.outbox if o["template"] == "answer" or o["audience"] == "staff"}
    for letter, got in (pair for pair in taken if pair[1].id not in written):
        to = {address.lower() for address in letter.to}
        asked = next((robots[name] for name in got.parents if name in robots), None)
        if asked is not None and asked.sender in to:
            yield f"the robot {asked.sender} was answered: <{got.id}> to <{asked.id}>"
        yield from (f"the robot {machine} was written to: <{got.id}>" for machine in sorted(to & machines))


def _threads(book: Book, letters: list[_Letter]) -> Iterator[str]:
    """Every reply is in the case of the letter that it answers, or in one that is linked with it."""
    case_of = {_bare(row["message_id"]): row["case_id"] for row in book.mail if row["case_id"]}
    case_of |= {_bare(row["message_id"]): row["case_id"] for row in book.outbox if row["case_id"]}
    parents = {letter.id: letter.parents for letter in letters if letter.id}
    for row in book.mail:
        named = parents.get(_bare(row["message_id"]), ())
        case_id = next((case_of[name] for name in named if name in case_of), None)
        if case_id is None or row["drop_reason"] == "duplicate" or row["outcome"] == "quarantine":
            continue
        near = {case_id} | {other for one, other in book.links if one == case_id}
        if row["case_id"] not in near and (row["case_id"] or row["outcome"] in _JOINED):
            yield f"letter {row['id']} answers case {case_id} and is in case {row['case_id']} ({row['outcome']})"


def _chains(book: Book) -> Iterator[str]:
    """Each stream runs from 1 to its head, and every hash holds what is written and the hash before."""
    streams: dict[str, tuple[int, str]] = {}
    for event in book.events:
        seq, before = streams.get(event["stream"], (0, ""))
        kept = {name: value for name, value in event.items() if name not in ("id", "hash")}
        text = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if event["seq"] != seq + 1:
            yield f"stream {event['stream']}: event {event['seq']} follows {seq}"
        if event["hash"] != hashlib.sha256(f"{before}\n{text}".encode()).hexdigest():
            yield f"stream {event['stream']}: event {event['seq']} is not what its hash says"
        streams[event["stream"]] = (event["seq"], event["hash"])
    if streams != book.heads:
        yield f"heads of streams differ: {sorted(set(streams.items()) ^ set(book.heads.items()))[:4]}"
    registered = Counter(event["stream"] for event in book.events if event["type"] == "registered")
    for case in book.cases:
        times = registered[f"case:{case['id']}"]
        if times != 1:
            yield f"case {case['tag']} was registered {times} times"


def _files(book: Book, delivered: list[bytes], folder: Path) -> Iterator[str]:
    """Each stored letter is whole, and each delivered one is stored: a server adds lines at the top alone."""
    stored: dict[str, list[bytes]] = defaultdict(list)
    for sha256 in {row["sha256"] for row in (*book.mail, *book.outbox) if row["sha256"]}:
        path = folder / sha256[:2] / f"{sha256}.eml"
        octets = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(octets).hexdigest() != sha256:
            yield f"the stored letter {sha256} is not whole"
        stored[_Letter.read(octets).body].append(_lines(octets))
    for octets in delivered:
        if not any(there.endswith(_lines(octets)) for there in stored[_Letter.read(octets).body]):
            yield f"<{_Letter.read(octets).id}> is nowhere stored as it was delivered"
