"""A letter to write, as those who cause it describe it; `post` freezes it into the outbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from mailcase.mail.draft import DraftAttachment
from mailcase.words import Audience, Template


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter to write. `key` names the effect, so that the same one is never written twice.

    `replies_to` and `references` are ids of the client's letter; a staff letter finds its own thread.
    `not_before` delays it (the undo time). For the budgets: `sender` is the address whose letter causes a notice
    (None where an employee does), `words` the digest of what is confirmed, `chain` the case that led to this one.
    """

    key: str
    template: Template
    audience: Audience
    to: tuple[tuple[str, str], ...]
    values: dict[str, Any]
    now: datetime
    case_id: int | None = None
    mail_id: int | None = None
    person: str = ""
    lang: Literal["ru", "en"] = "ru"
    replies_to: str = ""
    references: tuple[str, ...] = ()
    auto: Literal["auto-replied", "auto-generated"] | None = "auto-generated"
    attachments: tuple[DraftAttachment, ...] = ()
    cc: tuple[tuple[str, str], ...] = ()
    not_before: datetime | None = None
    html: str = field(default="", repr=False)
    sender: str | None = None
    words: str = ""
    chain: int | None = None
