"""Facts a decision may rest on, and the nine things a letter can become. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailcase.words import (
    Audience,
    DropReason,
    FolderRole,
    Kind,
    Outcome,
    Register,
    Risk,
    Sender,
    Status,
    Template,
    Topic,
    Trust,
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was decided: the rule's name and a sentence for people (Russian)."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class CaseFact:
    """What a decision needs of an existing case; `live_successor` goes on where this one was closed."""

    id: int
    number: int
    tag: str
    register: Register
    kind: Kind
    status: Status
    subject: str
    assignee: str
    """Login; empty for imported history."""
    parties: frozenset[str]
    """Addresses that may be told about the case."""
    closed_at: datetime | None
    history: bool = False
    live_successor: int | None = None


@dataclass(frozen=True, slots=True)
class ThreadHit:
    """A Message-ID named by the letter that belongs to a case.

    `audience` and `person` (login of staff, else empty) say to whom *we* sent it; empty for what we received.
    """

    message_id: str
    case_id: int | None
    audience: Audience | None
    person: str
    sent_at: datetime | None
    held_mail_id: int | None = None
    """Set where the id is that of our question about a held letter."""
    outbox_id: int | None = None
    template: Template | None = None
    """Which letter of ours it is; a reply to a receipt is no answer to a client."""


@dataclass(frozen=True, slots=True)
class OutboxFact:
    """An outgoing letter of ours that the letter at hand is, or reports about."""

    id: int
    message_id: str
    fingerprint: str
    case_id: int | None
    audience: Audience
    to_address: str


@dataclass(frozen=True, slots=True)
class Load:
    """How many open cases an employee carries, and when he last got one."""

    login: str
    open_cases: int
    last_assigned: datetime | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database knows about one letter, gathered before deciding; nothing here is written back."""

    now: datetime
    received_at: datetime
    role: FolderRole = FolderRole.INBOX
    history: bool = False
    late: bool = False
    """Found only after the folder was renumbered, and older than the last good pass: no acknowledgement (C80)."""
    spam_waived: bool = False
    """A person took the letter out of the spam folder."""
    forced: bool = False
    """A person said of a ledger line «это обращение»."""
    original_mail_id: int | None = None
    """An earlier letter with this fingerprint that became something."""
    original_spam: bool = False
    own: OutboxFact | None = None
    """The outbox row with this letter's Message-ID."""
    bounced: OutboxFact | None = None
    """The outbox row that a delivery report is about."""
    thread: tuple[ThreadHit, ...] = ()
    """What the letter's ids are known by, the nearest letter first."""
    cases: tuple[CaseFact, ...] = ()
    """Every case named by the thread, by the tag or by an open complaint of the sender."""
    tag_case_id: int | None = None
    """The case of a valid tag in subject or first line (C45); ignored after too many wrong tags."""
    wrong_tag: bool = False
    reused_id: bool = False
    """Another letter bore this Message-ID and said something else (C49)."""
    open_complaint_id: int | None = None
    """The open complaint of the client: the sender, or whose letter an employee forwards."""
    known_assignee: str = ""
    """Login of who last answered this client."""
    loads: tuple[Load, ...] = ()
    answers_sent: int | None = None
    """Answers that a newly added employee has sent so far; None for one who was there from the start."""
    separated_from: int | None = None
    """The case of which an employee said «!отдельно»; with `separated_as` he also said what the letter is."""
    separated_as: Kind | None = None
    notice_text: str = ""
    """The text of the notice that a staff letter answers, to tell quotation from new words."""

    def case(self, case_id: int | None) -> CaseFact | None:
        """The case of that id among those gathered."""
        return next((c for c in self.cases if c.id == case_id), None)


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


@dataclass(frozen=True, slots=True)
class Act:
    """One order of an employee: the command's name and its words; `text` is the body it carries."""

    command: str
    args: str = ""
    text: str = ""


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
    """A staff letter that acts on a case (or on a ledger line: then `case_id` is None)."""

    case_id: int | None
    person: str
    trust: Trust
    acts: tuple[Act, ...]
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


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Belongs to a case. `quiet`: filed without a letter to anybody (thanks, machine mail);
    `reopens`: the clock runs again; `sent_by`: login, where it is an answer that a colleague sent past us."""

    case_id: int
    quiet: bool = False
    reopens: bool = False
    sent_by: str | None = None
    added_ack: bool = False
    check: str = ""
    """A line for the assignee, such as «похоже на жалобу»."""
    outcome: Outcome = field(default=Outcome.FOLLOW_UP, init=False)


@dataclass(frozen=True, slots=True)
class Score:
    """The answer to a survey."""

    survey_id: int
    value: int
    outcome: Outcome = field(default=Outcome.SCORE, init=False)


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
    """`third_party`, `after_closing`, `history`, `split`."""
    remark: str = ""
    """A line for the assignee (uncertain forward, letter too large, ...)."""
    term: Mapping[str, object] = field(default_factory=dict)
    """How `due_at` was reckoned, as the record keeps it."""
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
