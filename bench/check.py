"""Whether a measured run was right: every letter against the answer key, the ledger and what the sink got.

A figure of a run that lost, doubled or misread one letter is worth nothing, so it is not shown as a figure.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from bench.letters import Key, Letters, parsed, plain_text, words
from bench.program import STAFF
from bench.servers import Kept

LEDGER = """
SELECT m.message_id, m.status, m.outcome, m.case_id, m.subject, m.from_address, m.from_name, o.message_id AS notice,
  (SELECT max(l.other_id) FROM link l WHERE l.case_id = m.case_id AND l.why = 'split') AS taken_from
FROM mail m LEFT JOIN outbox o ON o.mail_id = m.id AND o.case_id = m.case_id AND o.template IN ('notice', 'pass_on')
"""
"""The columns that `faults` needs of each letter, with the notice of its case that went to an employee: whoever has the
inquiry out of which a complaint was taken is told, too."""
_ATTRIBUTION = re.compile(r"(?m)^.*пишет:\s*$")


@dataclass(frozen=True)
class Entry:
    """What the ledger says of one letter."""

    message_id: str
    status: str
    outcome: str
    case_id: int | None
    subject: str
    from_address: str
    from_name: str
    notice: str
    taken_from: int | None = None
    """The inquiry in whose thread this complaint came."""


def entries(rows: Sequence[Sequence[Any]]) -> list[Entry]:
    """The rows of `LEDGER`."""
    found = []
    for message_id, status, outcome, case_id, *texts, taken_from in rows:
        subject, address, name, notice = (text or "" for text in texts)
        found.append(Entry(message_id, status, outcome or "", case_id, subject, address, name, notice, taken_from))
    return found


def faults(letters: Letters, ledger: Sequence[Entry], kept: Sequence[Kept], repeats: Collection[str] = ()) -> list[str]:
    """Everything that is wrong, one line each; empty where the run was right.

    `repeats` are ids of ours that the ledger says may have left twice.
    """
    by_id: dict[str, list[Entry]] = defaultdict(list)
    for entry in ledger:
        by_id[entry.message_id].append(entry)
    got = _Got(kept)
    found: list[str] = []
    cases = _Cases()
    for key in letters.keys:
        rows = by_id[key.message_id]
        if len(rows) != 1:
            found.append(f"{key.file}: {len(rows)} rows in the ledger")
            continue
        cases.add(key, rows[0])
        found += [f"{key.file}: {fault}" for fault in _faults_of(letters, key, rows[0], got, cases)]
    found += [
        f"{count} letters under {name} at the sink"
        for name, count in got.ids.items()
        if count > 1 and name not in repeats
    ]
    return found


class _Got:
    """What the sink got, by what it answers and by its own id."""

    def __init__(self, kept: Sequence[Kept]) -> None:
        self.ids: Counter[str] = Counter()
        self.notices: dict[str, EmailMessage] = {}
        self.to_clients: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for letter in kept:
            message = parsed(letter.raw)
            name = str(message["Message-ID"]).strip()
            self.ids[name] += 1
            if self.ids[name] > 1:
                continue
            if set(letter.to) <= set(STAFF):
                self.notices[name] = message
            else:
                self.to_clients[str(message["In-Reply-To"] or "").strip()].append(letter.to)


def _faults_of(letters: Letters, key: Key, row: Entry, got: _Got, cases: _Cases) -> Iterator[str]:
    answers = got.to_clients[key.message_id]
    if row.status != "done":
        yield f"status {row.status}"
    if key.kind in ("auto", "dsn"):
        if answers:
            yield f"a machine was answered ({key.kind})"
        if row.outcome in ("new_case", "follow_up"):
            yield f"a machine's letter became {row.outcome}"
        return
    if row.case_id is None:
        yield f"no case: {row.outcome}"
        return
    if " ".join(row.subject.split()) != " ".join(key.subject.split()):
        yield f"subject {row.subject!r} instead of {key.subject!r}"
    if row.from_address != key.sender or (key.sender_name and row.from_name != key.sender_name):
        yield f"sender {row.from_name!r} <{row.from_address}>"
    if key.kind == "reply" and cases.of_letter.get(key.parent) not in (row.case_id, row.taken_from):
        yield f"case {row.case_id}, its parent's is {cases.of_letter.get(key.parent)}"
    yield from _wrongly_acknowledged(key, row, len(answers), cases)
    if any(to != (key.sender,) for to in answers):
        yield f"the acknowledgement went to {answers}"
    yield from _misread(letters, key, got.notices.get(row.notice))


class _Cases:
    """Which case each letter so far is in, and who opened it."""

    def __init__(self) -> None:
        self.of_letter: dict[str, int | None] = {}
        self.opened_by: dict[int | None, str] = {}

    def add(self, key: Key, row: Entry) -> None:
        self.of_letter[key.message_id] = row.case_id
        self.opened_by.setdefault(row.case_id, key.sender)


def _wrongly_acknowledged(key: Key, row: Entry, times: int, cases: _Cases) -> Iterator[str]:
    """Who opens a case is answered once. Who has an open complaint adds to it, and hears so once a day."""
    if key.kind == "new" and row.outcome == "new_case":
        if times != 1:
            yield f"acknowledged {times} times"
        return
    if times > 1:
        yield f"acknowledged {times} times"
    if cases.opened_by[row.case_id] != key.sender:
        yield f"joined case {row.case_id} of somebody else"


def _misread(letters: Letters, key: Key, notice: EmailMessage | None) -> Iterator[str]:
    """The employee reads every word that the client wrote and gets his file."""
    if notice is None:
        yield "no notice to an employee"
        return
    written = words(_own_words(plain_text(letters.parsed(key))))
    if written not in words(plain_text(notice)):
        yield f"its text is not in the notice: {written[:60]}…"
    files = [len(part.get_content()) for part in notice.iter_attachments()]
    if key.attachment_bytes and key.attachment_bytes not in files:
        yield f"its file of {key.attachment_bytes} bytes is not with the notice: {files}"


def _own_words(text: str) -> str:
    """Without the letter that it quotes, and without the signature, which a notice shows in its own way."""
    fresh = _ATTRIBUTION.split(text)[0]
    fresh = "\n".join(line for line in fresh.splitlines() if not line.startswith(">"))
    return fresh.partition("С уважением")[0]
