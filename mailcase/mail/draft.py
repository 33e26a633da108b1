"""A letter we mean to send, with every value frozen: what `post` writes and `compose` turns into bytes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from mailcase.words import Audience, Template


@dataclass(frozen=True, slots=True)
class DraftAttachment:
    """A file to send: part `index` of the stored raw letter `sha256` (index -1: the whole letter as .eml).

    `content_id` is set for a picture of the HTML text.
    """

    sha256: str
    index: int
    name: str
    type: str
    size: int
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """One outgoing letter. `values` holds plain JSON values only: they are the template's variables.

    `auto` is None for a human's answer, which carries no Auto-Submitted (C8). `date` is ISO 8601 with zone.
    """

    template: Template
    audience: Audience
    lang: Literal["ru", "en"]
    message_id: str
    date: str
    from_name: str
    from_address: str
    to: tuple[tuple[str, str], ...]
    values: dict[str, Any]
    cc: tuple[tuple[str, str], ...] = ()
    reply_to: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    auto: Literal["auto-replied", "auto-generated"] | None = None
    attachments: tuple[DraftAttachment, ...] = ()
    html: str = ""
    """Sanitised HTML of a human's answer that replaces the plain text's rendering (tables, pictures)."""

    def as_json(self) -> dict[str, Any]:
        """Plain values for the outbox row."""
        # Not `asdict`, which copies every value of it, too.
        values = {name: getattr(self, name) for name in _FIELDS}
        return {**values, "attachments": [asdict(file) for file in self.attachments]}

    @staticmethod
    def from_json(data: dict[str, Any]) -> Draft:
        """The draft of an outbox row."""
        pairs = {k: tuple(tuple(p) for p in data[k]) for k in ("to", "cc")}
        return Draft(
            **{
                **data,
                **pairs,
                "template": Template(data["template"]),
                "audience": Audience(data["audience"]),
                "references": tuple(data["references"]),
                "attachments": tuple(DraftAttachment(**a) for a in data["attachments"]),
            }
        )


_FIELDS = tuple(field.name for field in fields(Draft))
