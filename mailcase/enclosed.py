"""Approved texts that went along with an acknowledgement: as letters show them, and which a client has (A41, A21)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import post
from mailcase.mail import russian
from mailcase.mail.compose import Composer
from mailcase.mail.draft import Draft
from mailcase.mail.ready import ReadyText
from mailcase.store import outbox
from mailcase.store.events import canonical
from mailcase.words import HoldReason, OutboxStatus, Template

_PLACES = (Template.ACKNOWLEDGEMENT, Template.NOTICE)
_GONE = (OutboxStatus.QUEUED, OutboxStatus.SENDING, OutboxStatus.SENT)


@dataclass(frozen=True, slots=True)
class Enclosed:
    """Texts that a client has, or will have in a moment: `sent_at` is None until they have left."""

    texts: tuple[dict[str, str], ...] = ()
    sent_at: datetime | None = None

    def shown(self) -> list[dict[str, str]]:
        """Title and day of approval of each, as a notice prints them."""
        return [
            {"title": text["title"], "approved": russian.numeric(date.fromisoformat(text["approved"]))}
            for text in self.texts
        ]

    def versions(self) -> list[dict[str, str]]:
        """Name and day of approval of each, as the record keeps them (A21)."""
        return [{"text": text["name"], "approved": text["approved"]} for text in self.texts]


NOTHING = Enclosed()


def without_place(composer: Composer) -> list[str]:
    """The files that have none: no text goes to a client where he, or the employee, would not read of it."""
    return [f"{template}.txt.j2" for template in _PLACES if not composer.prints(template, "enclosed")]


def enclosable(composer: Composer) -> Mapping[str, ReadyText]:
    """The texts that may go along with an acknowledgement; none where it, or the notice, has no place for them."""
    return {} if without_place(composer) else composer.ready


def values(texts: Iterable[ReadyText]) -> list[dict[str, str]]:
    """What an acknowledgement's draft holds of each text: all that is known of its version."""
    return [
        {"name": text.name, "title": text.title, "text": text.text, "approved": text.approved.isoformat()}
        for text in texts
        if text.approved is not None
    ]


def versions(texts: Iterable[ReadyText]) -> list[dict[str, str]]:
    """Name and day of approval of each text, as the record keeps them."""
    return Enclosed(tuple(values(texts))).versions()


def of_draft(draft: Draft) -> Enclosed:
    """What goes along with that letter."""
    return Enclosed(tuple(draft.values.get("enclosed") or ()))


def confirmation(number: int, draft: Draft) -> str:
    """What an automatic letter that did not arrive was about (Russian)."""
    titles = ", ".join(f"«{text['title']}»" for text in of_draft(draft).texts)
    said = f"Подтверждение о получении: вх. № {number}"
    return f"{said}. С ним справочно: {titles}" if titles else said


def along(tx: Connection, row: Row[Any] | None) -> Enclosed:
    """What leaves with this acknowledgement now; of one that is held back nothing does, whenever it is released."""
    if row is None or not (found := of_draft(post.draft_of(row))).texts:
        return NOTHING
    if row.status in _GONE and row.bounced_at is None:
        return replace(found, sent_at=row.sent_at)
    if row.status == OutboxStatus.HELD and row.hold_reason != HoldReason.MODE:
        # Days later the employee has answered, and the text may be approved no longer.
        draft = post.draft_of(row)
        bare = replace(draft, values={**draft.values, "enclosed": []})
        outbox.redraft(tx, row.id, canonical(bare.as_json()))
    return NOTHING


def had(tx: Connection, case_id: int) -> Enclosed:
    """What the client of a case has got with its acknowledgement."""
    acknowledged = outbox.keyed(tx, f"ack:{case_id}")
    return along(tx, outbox.get(tx, acknowledged) if acknowledged is not None else None)
