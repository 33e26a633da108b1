"""What the rules and the model in use now would decide on past mail, beside what was decided then; changes nothing.

Each letter is judged by the facts of its time (`replay_facts`) in a record that stays as it was: what an earlier letter
would have become now changes nothing for a later one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from mailcase.app import App
from mailcase.reading import Read, Wanted
from mailcase.replay_facts import Book, facts_then
from mailcase.rules.decide import decide
from mailcase.rules.decision import Decided, Drop, FollowUp, NewCase
from mailcase.rules.facts import Facts
from mailcase.rules.thread import ASK
from mailcase.store import labels, verdicts
from mailcase.store.verdicts import Verdict
from mailcase.words import Kind, Register, Status

_STATUS = '"thread.status"'
"""The rule by which «статус» is answered."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One verdict as plain values; `kind`, `assignee` (login) and `due_at` are None where it opens no case."""

    outcome: str
    register: Register = Register.NONE
    """Of the case that it opens or joins, as that stood then."""
    kind: Kind | None = None
    check: bool | None = False
    """A person is asked what it is; None where it joined a case then, as that was not recorded."""
    assignee: str | None = None
    due_at: datetime | None = None
    joined: str | None = None
    """Tag of the running case to which it is filed; `split_from`: out of which it is registered as a complaint."""
    split_from: str | None = None
    quiet: bool = False
    """Filed as mere thanks: nobody is told."""

    @property
    def complaint(self) -> bool:
        """Whether it is in the register of complaints."""
        return self.register is Register.COMPLAINT


@dataclass(frozen=True, slots=True)
class Replayed:
    """One letter of the past: decided then, decided now, and the last word of a person where there is one.

    `running` is the tag of the case to which it came, None for the first letter of a thread; `status`: how that stood.
    """

    mail_id: int
    received_at: datetime
    sender: str
    subject: str
    then: Decision
    now: Decision
    said: Kind | None = None
    running: str | None = None
    status: Status | None = None

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of what would be decided differently; what was not recorded is not compared."""
        names = [name.name for name in fields(Decision) if name.name != "check" or self.then.check is not None]
        return tuple(name for name in names if getattr(self.then, name) != getattr(self.now, name))

    @property
    def place(self) -> tuple[str, str] | None:
        """(then, now) of a letter that came to a running case: `joined`, `split out` or `judged otherwise`."""
        return None if self.running is None else (self._place(self.then), self._place(self.now))

    def _place(self, decision: Decision) -> str:
        if decision.split_from == self.running:
            return "split out"
        return "joined" if decision.joined == self.running else "judged otherwise"


def replay(app: App, since: date | None = None) -> Iterator[Replayed]:
    """Every letter that was judged by its words since that day of the laboratory, oldest first.

    A letter whose text is gone or cannot be read is left out.
    """
    with app.db.read() as view:
        past = verdicts.first(view)
        said = {label.mail_id: label.kind for label in labels.given(view)}
    book = Book()
    zone = app.config.calendar.zone
    for verdict in past:
        if since is None or verdict.mail.received_at.astimezone(zone).date() >= since:
            for reading in app.reader.read([Wanted(app.raw.path(verdict.mail.sha256))]):
                if isinstance(reading, Read):
                    yield _replayed(app, verdict, reading, book, said.get(verdict.mail.id))
        book.enter(verdict)


def _replayed(app: App, verdict: Verdict, reading: Read, book: Book, said: Kind | None) -> Replayed:
    mail = verdict.mail
    facts = facts_then(verdict, reading.letter, book)
    came = verdict.belonged
    return Replayed(
        mail_id=mail.id,
        received_at=mail.received_at,
        sender=mail.from_address,
        subject=mail.subject,
        then=_then(verdict),
        now=_now(decide(reading.letter, facts, app.config, reading.judged), facts),
        said=said or (came.said if came else None),
        running=came.standing.case.tag if came else None,
        status=came.standing.status if came else None,
    )


def _then(verdict: Verdict) -> Decision:
    came, kind = verdict.belonged, verdict.kind
    if came is not None and not came.split:
        # A question «статус» that was answered at once is recorded as if nobody had to be told.
        quiet = came.quiet and _STATUS not in verdict.mail.reasons
        case = came.standing
        return Decision(verdict.outcome, case.kind.register, check=None, joined=case.case.tag, quiet=quiet)
    if kind is None:
        return Decision(verdict.outcome)
    of = came.standing.case.tag if came else None
    return Decision(
        verdict.outcome, kind.register, kind, verdict.check, verdict.assignee, verdict.due_at, split_from=of
    )


def _now(decided: Decided, facts: Facts) -> Decision:
    made = decided.decision
    if isinstance(made, NewCase):
        judged, beside = made.judgement, facts.case(made.linked_case_id)
        of = beside.tag if beside and made.link == "split" else None
        return Decision(
            made.outcome, judged.register, judged.kind, judged.check, made.assignee, made.due_at, split_from=of
        )
    case = facts.case(made.case_id) if isinstance(made, FollowUp) else None
    if isinstance(made, FollowUp) and case is not None:
        return Decision(made.outcome, case.register, check=ASK in made.check, joined=case.tag, quiet=made.quiet)
    return Decision(made.reason if isinstance(made, Drop) else made.outcome)


@dataclass(slots=True)
class Summary:
    """Counts of letters."""

    registers: Counter[tuple[Register, Register]] = field(default_factory=Counter)
    """(then, now)."""
    places: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(then, now) of letters that came to a running case."""
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
        if one.place is not None:
            self.places[one.place] += 1
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
        "running": {"case": one.running, "status": one.status} if one.running else None,
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
        "joined": decision.joined,
        "split_from": decision.split_from,
        "quiet": decision.quiet,
    }
