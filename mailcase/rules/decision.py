"""The verdict on a letter, and the nine things that it can become. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailcase.mail.ready import ReadyText
from mailcase.rules.facts import OutboxFact
from mailcase.words import (
    Channel,
    DropReason,
    Kind,
    Outcome,
    Register,
    Remedy,
    Risk,
    Sender,
    Topic,
    Trust,
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was decided: the rule's name and a sentence for people (Russian)."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a letter is (label guide of the laboratory)."""

    kind: Kind
    confidence: float
    topics: tuple[Topic, ...] = ()
    sender: Sender = Sender.UNKNOWN
    consumer_service: bool = False
    risk: tuple[Risk, ...] = ()
    check: bool = False
    action: bool = False
    """Machine mail that demands an act of ours."""
    reasons: tuple[Reason, ...] = ()

    @property
    def register(self) -> Register:
        """The register the kind is entered in."""
        return self.kind.register

    @property
    def grounds(self) -> str:
        """Why it is of that kind, as one line."""
        return "; ".join(reason.why for reason in self.reasons if reason.rule.startswith("classify."))


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that a complainant wants done, and the words that say so (A85)."""

    remedy: Remedy
    words: str


@dataclass(frozen=True, slots=True)
class Act:
    """One order of an employee: the command's name and its words; `text` is the body it carries."""

    command: str
    args: str = ""
    text: str = ""


SENDS = ("answer", "requirements", "ready")
"""Orders after which something goes to the client; `ready` sends approved words instead of the employee's own."""


@dataclass(frozen=True, slots=True)
class Drop:
    """No case: a line of the ledger; `case_id` where a machine letter belongs to a case's trail.

    `away` is the login of an employee whose program says that he is away; `read`: somebody opened our letter (C36).
    """

    reason: DropReason
    case_id: int | None = None
    away: str = ""
    read: bool = False
    outcome: Outcome = field(default=Outcome.DROP, init=False)


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery report; `original` is None for a letter we never sent (C34)."""

    original: OutboxFact | None
    permanent: bool | None
    recipients: tuple[str, ...]
    code: str
    outcome: Outcome = field(default=Outcome.BOUNCE, init=False)


@dataclass(frozen=True, slots=True)
class Notice:
    """Machine mail that demands an act: told to a person, no case, no acknowledgement."""

    person: str
    why: str
    outcome: Outcome = field(default=Outcome.NOTICE, init=False)


@dataclass(frozen=True, slots=True)
class Command:
    """A staff letter that acts on a case (or on a ledger line: then `case_id` is None).

    `mistakes`: what was not understood, as sentences (Russian); there are no acts then.
    """

    case_id: int | None
    person: str
    trust: Trust
    acts: tuple[Act, ...]
    mistakes: tuple[str, ...] = ()
    outcome: Outcome = field(default=Outcome.COMMAND, init=False)


@dataclass(frozen=True, slots=True)
class Held:
    """A staff letter that waits for a word of the employee it bears the name of.

    «Да» to `question` (Russian) does `proposal`, or asks `then` first; `to_client` says whether «клиенту» is offered.
    """

    case_id: int | None
    person: str
    trust: Trust
    question: str
    proposal: tuple[Act, ...] = ()
    to_client: bool = False
    then: str = ""
    outcome: Outcome = field(default=Outcome.HELD, init=False)

    @property
    def unsent(self) -> bool:
        """Whether words that may be for a client wait for the answer, and not only an order."""
        return self.to_client or not self.proposal or any(act.command in SENDS for act in self.proposal)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Belongs to a case. `quiet`: filed without a letter to anybody (thanks, machine mail);
    `reopens`: the clock runs again; `sent_by`: login, where it is an answer that a colleague sent past us; `status`:
    its writer only asks how these cases of his stand (A43)."""

    case_id: int
    quiet: bool = False
    reopens: bool = False
    sent_by: str | None = None
    added_ack: bool = False
    status: tuple[int, ...] = ()
    check: str = ""
    """A line for the assignee, such as «похоже на жалобу»."""
    change: str = ""
    """The client's words that change his order (A61)."""
    wishes: tuple[Wish, ...] = ()
    confirms: bool = False
    """The client confirms the requirements that he was asked to confirm (A66)."""
    split_from: int | None = None
    """The inquiry in whose thread this addition to a complaint came."""
    outcome: Outcome = field(default=Outcome.FOLLOW_UP, init=False)


@dataclass(frozen=True, slots=True)
class Score:
    """The answer to a survey."""

    survey_id: int
    value: int
    outcome: Outcome = field(default=Outcome.SCORE, init=False)


@dataclass(frozen=True, slots=True)
class Reach:
    """By which way the client reached us and wants to be answered, and to whom he writes (A11, A13, A46)."""

    channel: Channel = Channel.EMAIL
    phone: str = ""
    """As he or the employee wrote it; empty: the letter's own is looked for."""
    occurred_at: datetime | None = None
    """When he called or came, where an employee entered it later."""
    preferred: Channel | None = None
    addressee: str = ""
    """Login of the official whom the letter names."""
    copy: bool = False
    """That official gets a copy."""


@dataclass(frozen=True, slots=True)
class Entered:
    """What an employee's entry says beside the client's name: subject and words of the case, and what it lacks."""

    person: str
    subject: str
    text: str
    understood: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewCase:
    """Anything else: a case with a responsible employee and a term."""

    judgement: Judgement
    assignee: str
    due_at: datetime
    target_at: datetime
    acknowledge: bool
    silence: str
    """Why no acknowledgement goes out (Russian); empty where one does."""
    contact: tuple[str, str]
    """Address and name of whom we answer; the address may be empty."""
    linked_case_id: int | None = None
    link: str = ""
    """`third_party`, `after_closing`, `history`, `split`, `order_change`."""
    remark: str = ""
    """A line for the assignee (uncertain forward, letter too large, ...)."""
    vague: bool = False
    """The acknowledgement asks to confirm the requirements, of which the order names none (A66)."""
    change: str = ""
    """The client's words that change an order, that of `linked_case_id` where one is known (A61)."""
    wishes: tuple[Wish, ...] = ()
    """What a complainant wants done (A85)."""
    dictated: bool = False
    """An employee wrote down what a client ordered by phone: there is no statement of the client's own (A66)."""
    subject: str = ""
    """What the case is called in place of the letter's subject: a colleague's own words are not for the client."""
    term: Mapping[str, object] = field(default_factory=dict)
    """How `due_at` was reckoned, as the record keeps it."""
    reach: Reach = field(default_factory=Reach)
    entered: Entered | None = None
    """An employee wrote it down, and the client wrote nothing."""
    enclosed: tuple[ReadyText, ...] = ()
    """Approved texts that go along with the acknowledgement, as the client reads them (A41)."""
    outcome: Outcome = field(default=Outcome.NEW_CASE, init=False)


@dataclass(frozen=True, slots=True)
class Quarantine:
    """A letter that could not be handled: a case from its envelope for the duty person."""

    assignee: str
    due_at: datetime
    error: str
    outcome: Outcome = field(default=Outcome.QUARANTINE, init=False)


Decision = Drop | Bounce | Notice | Command | Held | FollowUp | Score | NewCase | Quarantine


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision and every reason that led to it, in order."""

    decision: Decision
    reasons: tuple[Reason, ...]
    judgement: Judgement | None = None
