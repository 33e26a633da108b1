"""What the database knows about one letter, gathered before it is judged; nothing here is written back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailcase.mail.ready import ReadyText
from mailcase.words import Audience, FolderRole, Kind, Register, Remedy, Status, Template


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
    requirements: str = ""
    """A step of `words.Requirements`; empty where nobody asked the client to confirm them."""
    remedies: tuple[Remedy, ...] = ()
    """What the complainant wants and no answer has spoken of yet (A85)."""
    reviewed: bool = False
    """Its requirements were reviewed since they last changed (A65); gathered only where somebody may be asked."""
    executors: frozenset[str] = frozenset()
    """Logins of whoever worked on it as an inquiry; gathered only where the letter may be a complaint (A25)."""


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
    ready: bool = False
    """It offered a ready answer, which «да» sends."""
    enclosed: bool = False
    """It told which approved texts the client has already, of which «достаточно» says that they are the answer."""


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
    known_client: bool = False
    """This client had a case before, of whatever kind."""
    known_assignee: str = ""
    """Login of who last had an inquiry of this client; who considered his complaint does not count."""
    loads: tuple[Load, ...] = ()
    answers_sent: int | None = None
    """Answers that a newly added employee has sent so far; None for one who was there from the start."""
    orders: tuple[CaseFact, ...] = ()
    """The sender's own orders, newest first; gathered only for a letter that changes one (A61)."""
    ready: Mapping[str, ReadyText] = field(default_factory=dict)
    """The ready texts by name, where any may go along with an acknowledgement (A41)."""
    separated_from: int | None = None
    """The case of which an employee said «!отдельно»; with `separated_as` he also said what the letter is."""
    separated_as: Kind | None = None
    notice_text: str = ""
    """The text of the notice that a staff letter answers, to tell quotation from new words."""

    def case(self, case_id: int | None) -> CaseFact | None:
        """The case of that id among those gathered."""
        return next((c for c in self.cases if c.id == case_id), None)
