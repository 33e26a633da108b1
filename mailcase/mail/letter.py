"""What a letter says: raw bytes to one frozen `Letter`; never raises, loses nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of a header: display name (decoded, may be empty) and address (lower-case domain as A-label)."""

    name: str
    addr: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """One part that is not the readable text.

    `index` is its place in `Message.walk()` of the raw letter, by which `attachment_bytes` finds it again;
    `name` is the sender's, `safe_name` has no path in it; `size` counts decoded bytes.
    """

    index: int
    name: str
    safe_name: str
    type: str
    size: int
    md5: str
    inline: bool = False
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class BounceReport:
    """What a delivery report says (RFC 3464 and the old forms).

    `permanent` is True for given up, False for still being tried, None where the report does not tell.
    """

    recipients: tuple[str, ...]
    permanent: bool | None
    original_message_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The original of a forwarded letter, as far as the forward tells."""

    from_addr: str
    from_name: str
    subject: str
    date: str
    text: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as a careful secretary reads it. All text is free of NUL and of lone surrogates."""

    sha256: str
    size: int
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    subject: str
    senders: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    date: datetime | None
    return_path: str | None
    """None: no such header (C3); an empty string: the null path `<>` (C2)."""
    delivered_to: tuple[str, ...]
    received: int
    """How many Received headers (hops)."""
    headers: tuple[tuple[str, str], ...]
    """All top headers in order, names lower-case, values decoded and unfolded."""
    text: str
    html: str
    reply: str
    """The new words only; never empty where `text` is not."""
    quoted: str
    signature: str
    attachments: tuple[Attachment, ...]
    lang: str
    """`ru`, `en`, `uk` or `kk` (a guess by letters)."""
    report_type: str
    """The `report-type` parameter of a multipart/report, lower-case, else empty."""
    bounce: BounceReport | None
    forwarded: Forwarded | None
    fingerprint: str
    confidence: float
    """How sure the decoding is, 0 to 1; 1 where every declared charset fitted."""
    defects: tuple[str, ...] = field(default=())
    truncated: bool = False
    """Only headers and structure were fetched (letter over the size limit)."""

    @property
    def sender(self) -> Address:
        """The first From address, or an empty one."""
        return self.senders[0] if self.senders else Address("", "")

    def header(self, name: str) -> str:
        """The first header of that name, or an empty string."""
        return next((v for n, v in self.headers if n == name.lower()), "")

    def all_headers(self, name: str) -> tuple[str, ...]:
        """Every header of that name, topmost first."""
        return tuple(v for n, v in self.headers if n == name.lower())

    @property
    def recipients(self) -> tuple[str, ...]:
        """Addresses of To and Cc."""
        return tuple(a.addr for a in self.to + self.cc)


# The functions below are the module's interface; their bodies follow with the parser.
# parse(raw: bytes, *, truncated: bool = False) -> Letter
# header_ids(raw: bytes) -> tuple[str, tuple[str, ...]]      Message-ID and every id of In-Reply-To and References
# attachment_bytes(raw: bytes, index: int) -> bytes
