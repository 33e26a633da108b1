"""What was known when a past letter came, as far as the record tells: facts for judging it anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from mailcase.mail.letter import Letter
from mailcase.rules.facts import CaseFact, Facts, Load, ThreadHit
from mailcase.store.standing import Standing
from mailcase.store.verdicts import Verdict
from mailcase.words import FolderRole, Register

_BY_COMPLAINT = '"thread.open_complaint"'
"""The rule by which a letter that names no case joined the open complaint of its writer."""


@dataclass(slots=True)
class Book:
    """Who had how much at the time of a letter, as far as the record tells it."""

    known: dict[str, str] = field(default_factory=dict)
    """The employee who last had an inquiry of this address; empty where it had complaints only."""
    carried: dict[str, list[datetime | None]] = field(default_factory=dict)
    last: dict[str, datetime] = field(default_factory=dict)

    def loads(self, at: datetime) -> tuple[Load, ...]:
        """The load of every employee at that time."""
        for login, ends in self.carried.items():
            self.carried[login] = [end for end in ends if end is None or end > at]
        return tuple(Load(login, len(ends), self.last.get(login)) for login, ends in self.carried.items())

    def enter(self, verdict: Verdict) -> None:
        """The letter was handled: whoever got its case has one more."""
        if verdict.assignee:
            at = verdict.mail.handled_at or verdict.mail.received_at
            if verdict.mail.from_address:
                complaint = verdict.kind is not None and verdict.kind.register is Register.COMPLAINT
                self.known.setdefault(verdict.mail.from_address, "")
                if not complaint:
                    self.known[verdict.mail.from_address] = verdict.assignee
            self.carried.setdefault(verdict.assignee, []).append(verdict.ended)
            self.last[verdict.assignee] = at


def facts_then(verdict: Verdict, letter: Letter, book: Book) -> Facts:
    """The facts of that time.

    Where the letter belongs is taken from the record: a letter that came to a running case names that case and its
    sender is a party, one that opened a case names none.
    """
    mail, came = verdict.mail, verdict.belonged
    at = came.at if came else mail.handled_at or mail.received_at
    case = came.standing if came else None
    by_complaint = case is not None and _BY_COMPLAINT in mail.reasons
    complaint = case if by_complaint else came.complaint if came else None
    hit = ThreadHit(letter.message_id, case.case.id, None, "", None) if case and not by_complaint else None
    running = {one.case.id: _fact(one, letter.sender.addr) for one in (case, complaint) if one}
    return Facts(
        now=at,
        received_at=mail.received_at,
        role=FolderRole(mail.role),
        late=mail.late,
        spam_waived=mail.spam_waived,
        # «!отдельно» was said only after it had joined.
        forced=mail.forced and not (came and came.separated),
        thread=(hit,) if hit else (),
        cases=tuple(running.values()),
        open_complaint_id=complaint.case.id if complaint else None,
        known_client=letter.sender.addr in book.known,
        known_assignee=book.known.get(letter.sender.addr, ""),
        loads=book.loads(at),
    )


def _fact(standing: Standing, sender: str) -> CaseFact:
    case = standing.case
    return CaseFact(
        id=case.id,
        number=case.number,
        tag=case.tag,
        register=standing.kind.register,
        kind=standing.kind,
        status=standing.status,
        subject=case.subject,
        assignee=standing.assignee,
        parties=frozenset({sender}),
        closed_at=standing.closed_at,
        requirements=standing.requirements,
        executors=standing.executors,
    )
