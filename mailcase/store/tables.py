"""Every table and invariant. People see tags, not ids; times are aware UTC; JSON is canonical, so that hashes hold.

Classes describe the tables (SQLModel), the names at the end are the same for queries; more indexes: `indexes.py`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from mailcase.store.columns import long, table_of, when, word
from mailcase.store.tables_own import Absence, Counter, JobRun, Lease, Token
from mailcase.store.tables_quality import Improvement, Survey


class Mail(SQLModel, table=True):
    """One letter that came in, whatever became of it: this table is the ledger (A36)."""

    __tablename__ = "mail"
    id: int | None = Field(default=None, primary_key=True)
    sha256: str = word(64, unique=True)
    size: int
    source: str = long()
    role: str = word()
    received_at: datetime = when()
    entered_at: datetime = when(index=True)
    status: str = word()
    outcome: str | None = word(default=None)
    drop_reason: str | None = word(default=None)
    reasons: str = long(default="[]")
    fingerprint: str | None = word(64, default=None)
    original: bool = False  # its fingerprint counts: it is neither a duplicate nor dropped as spam
    message_id: str = long(default="", index=True)
    from_address: str = long(default="", index=True)
    from_name: str = long(default="")
    subject: str = long(default="")
    case_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    part: int | None = None
    lang: str = word(default="ru")
    held: str | None = long(default=None)  # JSON: what waits for a word of the employee
    history: bool = False
    late: bool = False
    spam_waived: bool = False
    forced: bool = False
    truncated: bool = False
    handled_at: datetime | None = when(default=None)
    claim_no: int = 0
    deaths: int = 0
    tries: int = 0
    next_try_at: datetime | None = when(default=None)
    leased_until: datetime | None = when(default=None)
    error: str | None = long(default=None)


class MailRef(SQLModel, table=True):
    """The ids a letter names; a claim passes over a letter whose elder is still new (architecture 4)."""

    __tablename__ = "mail_ref"
    mail_id: int = Field(primary_key=True, foreign_key="mail.id")
    message_id: str = long(primary_key=True, index=True)


class Folder(SQLModel, table=True):
    """One watched IMAP folder: UIDs below `start_uidnext` came first; `renumbered_after` is the last good pass."""

    __tablename__ = "folder"
    __table_args__ = (UniqueConstraint("mailbox", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    mailbox: str = long()
    name: str = long()
    role: str = word()
    uidvalidity: int | None = None
    start_uidnext: int = 1
    renumbered_after: datetime | None = when(default=None)
    low_water: int = 1
    last_pass: datetime | None = when(default=None)


class Sighting(SQLModel, table=True):
    """What became of one UID (C80); `mail_id` is empty before the start and while pending."""

    __tablename__ = "sighting"
    __table_args__ = (UniqueConstraint("folder_id", "uidvalidity", "uid"),)
    id: int | None = Field(default=None, primary_key=True)
    folder_id: int = Field(foreign_key="folder.id")
    uidvalidity: int
    uid: int
    mail_id: int | None = Field(default=None, foreign_key="mail.id", index=True)
    state: str = word()
    message_id: str = long(default="")
    size: int = 0
    internal_date: datetime | None = when(default=None)
    tries: int = 0
    seen_at: datetime = when()
    tidied_at: datetime | None = when(default=None)


class Case(SQLModel, table=True):
    """A registered letter and all that follows it; changed only by `store/cases.py`."""

    __tablename__ = "cases"
    __table_args__ = (UniqueConstraint("history", "year", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    history: bool = False
    year: int
    number: int
    tag: str = word(unique=True)
    opened_by_mail_id: int = Field(unique=True)
    register_: str = word(sa_column_kwargs={"name": "register"})
    kind: str = word()
    topics: str = long(default="[]")
    sender: str = word(default="unknown")
    consumer_service: bool = False
    risk: str = long(default="[]")
    check: bool = False
    confidence: float = 0.0
    status: str = word()
    subject: str = long()
    contact_address: str = long(default="")
    contact_name: str = long(default="")
    contact_phone: str = long(default="")
    channel: str = word(default="email")  # how the client reached us, and when, where it was entered later
    occurred_at: datetime | None = when(default=None)
    preferred_channel: str = word(default="")  # how he wants to be answered
    addressee: str = long(default="")  # login of the official whom he writes to
    assignee: str = long(default="")
    opened_at: datetime = when()
    target_at: datetime | None = when(default=None)
    due_at: datetime | None = when(default=None)
    paused_at: datetime | None = when(default=None)
    waits_for: str = long(default="")  # in the employee's words, while the case is `waiting`
    requirements: str = word(default="")  # a step of `words.Requirements`
    remedies: str = long(default="[]")  # JSON: what a complainant wants, in his words, and what we said of it
    changes: str = long(default="[]")  # JSON: changes of the order, in the client's words, and who agreed
    answered_at: datetime | None = when(default=None)
    closed_at: datetime | None = when(default=None)
    close_reason: str = long(default="")
    parts: int = 1
    updated_at: datetime = when(index=True)


class Party(SQLModel, table=True):
    """Who may be told about a case (C46)."""

    __tablename__ = "party"
    case_id: int = Field(primary_key=True, foreign_key="cases.id")
    address: str = long(primary_key=True, index=True)
    name: str = long(default="")
    role: str = word(default="client")


class Thread(SQLModel, table=True):
    """Every Message-ID received in a case or seen in its References; what we sent stands in `outbox`."""

    __tablename__ = "thread"
    message_id: str = long(primary_key=True)
    case_id: int = Field(primary_key=True, foreign_key="cases.id")


class Link(SQLModel, table=True):
    """Two cases that belong together, and why."""

    __tablename__ = "link"
    case_id: int = Field(primary_key=True, foreign_key="cases.id")
    other_id: int = Field(primary_key=True, foreign_key="cases.id")
    why: str = word()


class Contact(SQLModel, table=True):
    """An address that wrote to us."""

    __tablename__ = "contact"
    id: int | None = Field(default=None, primary_key=True)
    address: str = long(unique=True)
    name: str = long(default="")
    phone: str = long(default="")
    undeliverable_since: datetime | None = when(default=None)


class EmployeeRow(SQLModel, table=True):
    """Mirror of the configured employees, never deleted; `founding` ones were there at the first start."""

    __tablename__ = "employee"
    login: str = long(primary_key=True)
    name: str = long()
    position: str = long()
    phone: str = long()
    address: str = long()
    active: bool = True
    founding: bool = False


class Journal(SQLModel, table=True):
    """The two legal registers, dense per register and year; a correction adds a line and fills `moved_to`."""

    __tablename__ = "journal"
    register_: str = word(primary_key=True, sa_column_kwargs={"name": "register"})
    year: int = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    entered_at: datetime = when()
    moved_to: str | None = long(default=None)


class Event(SQLModel, table=True):
    """What happened; append-only by trigger, hash-chained within its stream, no personal data in `detail`."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("stream", "seq"),)
    id: int | None = Field(default=None, primary_key=True)
    stream: str = long()
    seq: int
    at: datetime = when(index=True)
    actor: str = long()
    trust: str | None = word(default=None)
    type: str = word()
    mail_id: int | None = None
    outbox_id: int | None = None
    detail: str = long(default="{}")
    hash: str = word(64)


class Stream(SQLModel, table=True):
    """The head of each event stream: a cut-off tail shows against it."""

    __tablename__ = "stream"
    name: str = long(primary_key=True)
    last_seq: int
    last_hash: str = word(64)


class Outbox(SQLModel, table=True):
    """An outgoing letter, written only by `post`; `person` is the employee it goes to, or whose answer it is."""

    __tablename__ = "outbox"
    id: int | None = Field(default=None, primary_key=True)
    key: str = long(unique=True)
    message_id: str = long(unique=True)
    template: str = word(40)
    audience: str = word()
    automatic: bool
    case_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    mail_id: int | None = Field(default=None, foreign_key="mail.id", index=True)
    person: str = long(default="")
    to_address: str = long()
    envelope_from: str = long()
    draft: str = long()
    sha256: str | None = word(64, default=None)
    status: str = word()
    hold_reason: str | None = word(default=None)
    sent_copy: str = word(default="none")
    claim_no: int = 0
    deaths: int = 0
    tries: int = 0
    next_try_at: datetime | None = when(default=None)
    leased_until: datetime | None = when(default=None)
    last_error: str | None = long(default=None)
    created_at: datetime = when(index=True)
    sent_at: datetime | None = when(default=None)
    bounced_at: datetime | None = when(default=None)


class OutgoingDocument(SQLModel, table=True):
    """A paper that went to a client as a file: an invoice, an act (A19). `mail_id` is the letter that carried it to us;
    without `outbox_id` it went past us."""

    __tablename__ = "outgoing_document"
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    mail_id: int = Field(foreign_key="mail.id")
    outbox_id: int | None = Field(default=None, foreign_key="outbox.id")
    type: str = word()
    number: str = long(default="")
    name: str = long(default="")
    paid_at: datetime | None = when(default=None)


mail, mail_ref, folder, sighting = table_of(Mail), table_of(MailRef), table_of(Folder), table_of(Sighting)
cases, party, thread, link = table_of(Case), table_of(Party), table_of(Thread), table_of(Link)
contact, employee, journal, outbox = table_of(Contact), table_of(EmployeeRow), table_of(Journal), table_of(Outbox)
outgoing_document = table_of(OutgoingDocument)
event, stream, token = table_of(Event), table_of(Stream), table_of(Token)
job_run, lease, counter = table_of(JobRun), table_of(Lease), table_of(Counter)
survey, improvement, absence = table_of(Survey), table_of(Improvement), table_of(Absence)
metadata = SQLModel.metadata
