"""The vocabulary: one word per idea, the same in code, tables, config, templates and docs.

Imports nothing of ours but its own continuation. Values of the enums are what tables, JSON and logs show.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

from mailcase.words_asked import Remedy as Remedy
from mailcase.words_asked import Requirements as Requirements
from mailcase.words_events import EventType as EventType
from mailcase.words_service import Channel as Channel
from mailcase.words_service import DocumentType as DocumentType


class Register(StrEnum):
    """The journal a letter belongs to (requirements, finding 2)."""

    INQUIRY = "inquiry"
    COMPLAINT = "complaint"
    NONE = "none"


class Kind(StrEnum):
    """What a letter is; the first six are inquiries, the next two complaints, the last three no case."""

    REQUEST = "request"
    ORDER_CHANGE = "order_change"
    CONSULTATION = "consultation"
    SUGGESTION = "suggestion"
    FEEDBACK = "feedback"
    CORRESPONDENCE = "correspondence"
    COMPLAINT = "complaint"
    CLAIM = "claim"
    AUTO = "auto"
    BOUNCE = "bounce"
    SPAM = "spam"

    @property
    def register(self) -> Register:
        """The register this kind is entered in."""
        if self in (Kind.COMPLAINT, Kind.CLAIM):
            return Register.COMPLAINT
        if self in (Kind.AUTO, Kind.BOUNCE, Kind.SPAM):
            return Register.NONE
        return Register.INQUIRY


class Standing(StrEnum):
    """Who asks for what, where that and not the kind decides the term (B.8)."""

    CITIZEN = "citizen"
    CONSUMER = "consumer"
    PERSONAL_DATA = "personal_data"
    AUTHORITY = "authority"


class Topic(StrEnum):
    """The seven consultation topics of the laboratory's rules (A41), and the rules themselves (A2)."""

    TERMS = "terms"
    DOCUMENTS = "documents"
    PRICE = "price"
    COMPLETENESS = "completeness"
    DOCUMENT_SOURCE = "document_source"
    HOURS = "hours"
    APPEAL = "appeal"
    RULES = "rules"


class Sender(StrEnum):
    """Who writes, as far as the letter says (A6)."""

    ORGANISATION = "organisation"
    CITIZEN = "citizen"
    UNKNOWN = "unknown"


class Risk(StrEnum):
    """What makes a case urgent or delicate."""

    SAFETY = "safety"
    LEGAL = "legal"
    MEDIA = "media"
    REPEAT = "repeat"
    CONFLICT = "conflict"
    CONFIDENTIAL = "confidential"
    IMPARTIALITY = "impartiality"


class Outcome(StrEnum):
    """The nine things a letter can become; every letter becomes exactly one."""

    DROP = "drop"
    BOUNCE = "bounce"
    NOTICE = "notice"
    COMMAND = "command"
    SCORE = "score"
    FOLLOW_UP = "follow_up"
    NEW_CASE = "new_case"
    HELD = "held"
    QUARANTINE = "quarantine"


class DropReason(StrEnum):
    """Why a letter is no case; the ledger shows it to people (A36)."""

    DUPLICATE = "duplicate"
    OWN = "own"
    SENT = "sent"
    AUTO_REPLY = "auto_reply"
    RECEIPT = "receipt"
    BULK = "bulk"
    SPAM = "spam"
    LOOP = "loop"


class Verdict(IntEnum):
    """What a screen says of a letter; the gravest verdict wins, silence comes before every answer."""

    CLEAR = 0
    SILENT = 1
    BULK = 2
    AUTO_REPLY = 3
    RECEIPT = 4
    SPAM = 5
    LOOP = 6
    BOUNCE = 7
    OWN = 8


class Status(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    WAITING = "waiting"
    ANSWERED = "answered"
    CLOSED = "closed"


class MailStatus(StrEnum):
    """Where a stored letter stands in the flow."""

    NEW = "new"
    DONE = "done"
    QUARANTINED = "quarantined"
    ERASED = "erased"


class OutboxStatus(StrEnum):
    """Where an outgoing letter stands; one that is found `sending` by a later claim may have left already."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"


class HoldReason(StrEnum):
    """Why an outgoing letter waits for a person."""

    MODE = "mode"
    BUDGET = "budget"
    DIGEST = "digest"
    UNREACHABLE = "unreachable"
    STOPPED = "stopped"


class SightingState(StrEnum):
    """What became of one UID of one folder."""

    FETCHED = "fetched"
    TOO_LARGE = "too_large"
    BEFORE_START = "before_start"
    PENDING = "pending"
    GONE = "gone"


class FolderRole(StrEnum):
    """What a watched folder means for the letters in it."""

    INBOX = "inbox"
    SPAM = "spam"
    SENT = "sent"


class Mode(StrEnum):
    """To whom the daemon writes at all (users.md 2)."""

    SHADOW = "shadow"
    STAFF = "staff"
    LIVE = "live"


class Audience(StrEnum):
    """Who is to read an outgoing letter."""

    CLIENT = "client"
    STAFF = "staff"


class Trust(StrEnum):
    """How far a letter from a staff address is believed (architecture 10)."""

    VERIFIED = "verified"
    ANSWERING = "answering"
    CLAIMED = "claimed"


class Template(StrEnum):
    """Every text that leaves the laboratory; `templates/<value>.txt.j2`."""

    ACKNOWLEDGEMENT = "acknowledgement"
    ACKNOWLEDGEMENT_COMPLAINT = "acknowledgement_complaint"
    ADDITION = "addition"
    STATUS = "status"
    REMINDER = "reminder"
    ANSWER = "answer"
    NOTICE = "notice"
    PASS_ON = "pass_on"
    MACHINE_NOTICE = "machine_notice"
    RECEIPT = "receipt"
    HELD = "held"
    CONFIRM = "confirm"
    UNDELIVERED = "undelivered"
    ALARM = "alarm"
    DIGEST = "digest"
    SHADOW = "shadow"
    LEARNED = "learned"
    REPORT = "report"
    COPY = "copy"


class MailcaseError(Exception):
    """Something a person can mend; the text names the thing, the value and the remedy."""


class ConfigError(MailcaseError):
    """The configuration is wrong; `problems` lists every fault at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class StorageDown(MailcaseError):
    """The database or the disk cannot be used now; nothing is wrong with the letter that met it."""


class LeaseLost(Exception):
    """Another worker has taken this row over; whatever was done for it rolls back."""
