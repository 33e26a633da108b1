"""What the rules and the model in use now would decide on past mail, beside what was decided then; changes nothing.

Each letter is judged as the first of its thread, with the load and the client's employee of that time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from mailcase.app import App
from mailcase.mail.letter import Letter
from mailcase.reading import Read, Wanted
from mailcase.rules.decide import decide
from mailcase.rules.decision import Decided, Drop, NewCase
from mailcase.rules.facts import Facts, Load
from mailcase.store import labels, verdicts
from mailcase.store.verdicts import Verdict
from mailcase.words import FolderRole, Kind, Register


@dataclass(frozen=True, slots=True)
class Decision:
    """One verdict as plain values; `kind`, `assignee` (login) and `due_at` are None where there is no case."""

    outcome: str
    register: Register = Register.NONE
    kind: Kind | None = None
    check: bool = False
    assignee: str | None = None
    due_at: datetime | None = None

    @property
    def complaint(self) -> bool:
        """Whether it is in the register of complaints."""
        return self.register is Register.COMPLAINT


@dataclass(frozen=True, slots=True)
class Replayed:
    """One letter of the past: decided then, decided now, and the last word of a person where there is one."""

    mail_id: int
    received_at: datetime
    sender: str
    subject: str
    then: Decision
    now: Decision
    said: Kind | None = None

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of what would be decided differently."""
        names = ("outcome", "register", "kind", "check", "assignee", "due_at")
        return tuple(name for name in names if getattr(self.then, name) != getattr(self.now, name))


@dataclass(slots=True)
class _Book:
    """Who had how much at the time of a letter, as far as the record tells it."""

    known: dict[str, str] = field(default_factory=dict)
    """The employee who last had an inquiry of this address; empty where it had complaints only."""
    carried: dict[str, list[datetime | None]] = field(default_factory=dict)
    last: dict[str, datetime] = field(default_factory=dict)

    def loads(self, at: datetime) -> tuple[Load, ...]:
        for login, ends in self.carried.items():
            self.carried[login] = [end for end in ends if end is None or end > at]
        return tuple(Load(login, len(ends), self.last.get(login)) for login, ends in self.carried.items())

    def enter(self, verdict: Verdict) -> None:
        if verdict.assignee:
            at = verdict.mail.handled_at or verdict.mail.received_at
            if verdict.mail.from_address:
                complaint = verdict.kind is not None and verdict.kind.register is Register.COMPLAINT
                self.known.setdefault(verdict.mail.from_address, "")
                if not complaint:
                    self.known[verdict.mail.from_address] = verdict.assignee
            self.carried.setdefault(verdict.assignee, []).append(verdict.ended)
            self.last[verdict.assignee] = at


def replay(app: App, since: date | None = None) -> Iterator[Replayed]:
    """Every letter that was judged by its words since that day of the laboratory, oldest first.

    A letter whose text is gone or cannot be read is left out.
    """
    with app.db.read() as view:
        past = verdicts.first(view)
        said = {label.mail_id: label.kind for label in labels.given(view)}
    book = _Book()
    zone = app.config.calendar.zone
    for verdict in past:
        if since is None or verdict.mail.received_at.astimezone(zone).date() >= since:
            for reading in app.reader.read([Wanted(app.raw.path(verdict.mail.sha256))]):
                if isinstance(reading, Read):
                    yield _replayed(app, verdict, reading, book, said.get(verdict.mail.id))
        book.enter(verdict)


def _replayed(app: App, verdict: Verdict, reading: Read, book: _Book, said: Kind | None) -> Replayed:
    mail = verdict.mail
    facts = _facts(verdict, reading.letter, book)
    return Replayed(
        mail_id=mail.id,
        received_at=mail.received_at,
        sender=mail.from_address,
        subject=mail.subject,
        then=_then(verdict),
        now=_now(decide(reading.letter, facts, app.config, reading.judged)),
        said=said,
    )


def _facts(verdict: Verdict, letter: Letter, book: _Book) -> Facts:
    mail = verdict.mail
    at = mail.handled_at or mail.received_at
    return Facts(
        now=at,
        received_at=mail.received_at,
        role=FolderRole(mail.role),
        late=mail.late,
        spam_waived=mail.spam_waived,
        forced=mail.forced,
        known_client=letter.sender.addr in book.known,
        known_assignee=book.known.get(letter.sender.addr, ""),
        loads=book.loads(at),
    )


def _then(verdict: Verdict) -> Decision:
    if verdict.kind is None:
        return Decision(verdict.outcome)
    kind = verdict.kind
    return Decision(verdict.outcome, kind.register, kind, verdict.check, verdict.assignee, verdict.due_at)


def _now(decided: Decided) -> Decision:
    made = decided.decision
    if isinstance(made, NewCase):
        judged = made.judgement
        return Decision(made.outcome, judged.register, judged.kind, judged.check, made.assignee, made.due_at)
    return Decision(made.reason if isinstance(made, Drop) else made.outcome)


@dataclass(slots=True)
class Summary:
    """Counts of letters."""

    registers: Counter[tuple[Register, Register]] = field(default_factory=Counter)
    """(then, now)."""
    changed: Counter[str] = field(default_factory=Counter)
    """By what is decided differently; `any` counts each letter once."""
    found: int = 0
    """Complaints that were none then."""
    missed: int = 0
    """Complaints then that would be none now; `silently` without a mark for a person either."""
    silently: int = 0
    said: int = 0
    right_then: int = 0
    right_now: int = 0
    """Of what persons said, the same kind."""

    def add(self, one: Replayed) -> None:
        """Count one letter."""
        self.registers[one.then.register, one.now.register] += 1
        self.changed.update((*one.changed, "any") if one.changed else ())
        self.found += one.now.complaint and not one.then.complaint
        missed = one.then.complaint and not one.now.complaint
        self.missed += missed
        self.silently += missed and not one.now.check
        if one.said is not None:
            self.said += 1
            self.right_then += one.then.kind is one.said
            self.right_now += one.now.kind is one.said


def counted(letters: Iterable[Replayed], summary: Summary) -> Iterator[Replayed]:
    """The same letters, each counted as it passes."""
    for one in letters:
        summary.add(one)
        yield one


def as_json(one: Replayed) -> dict[str, Any]:
    """One letter as plain values; times in UTC."""
    return {
        "mail": one.mail_id,
        "received_at": one.received_at.isoformat(),
        "from": one.sender,
        "subject": one.subject,
        "then": _plain(one.then),
        "now": _plain(one.now),
        "said": one.said,
        "changed": list(one.changed),
    }


def _plain(decision: Decision) -> dict[str, Any]:
    return {
        "outcome": decision.outcome,
        "register": decision.register,
        "kind": decision.kind,
        "check": decision.check,
        "assignee": decision.assignee,
        "due_at": decision.due_at.isoformat() if decision.due_at else None,
    }
