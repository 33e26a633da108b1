"""What a letter says: raw bytes to one frozen `Letter`; loses nothing, raises only MemoryError.

The stages are in siblings: `message` opens the bytes, `headers` and `addresses` read the top, `body` finds words and
files, `reply`, `forward` and `report` tell what the words are. mail-parser is asked about dates that they cannot read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from itertools import islice

import mailparser

from mailcase.mail import addresses, body, charset, forward, headers, language, message, receipt, reply, report
from mailcase.mail.body import Attachment, Body
from mailcase.mail.content import content_of
from mailcase.mail.forward import Forwarded
from mailcase.mail.headers import Address
from mailcase.mail.report import BounceReport

__all__ = ["Address", "Attachment", "BounceReport", "Forwarded", "Letter", "attachment_bytes", "header_ids", "parse"]

# mail-parser looks at each of these headers many times; a person's letter has a few kilobytes of them.
_SECOND_OPINION = 32_000
# Sixty hops and signatures of every server on the way are a few hundred.
_MAX_FIELDS = 2_000
_HIDDEN_ZONE = re.compile(r"\)\s*[+-]\d")


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
    read_id: str = ""
    """The Message-ID of the letter that a read receipt is about."""

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


def parse(raw: bytes, *, truncated: bool = False) -> Letter:
    """The letter in `raw`, whatever is in it; `truncated` says that only header and structure were fetched.

    What cannot be read is empty and said in `defects`; raises nothing but MemoryError. Pure: the same bytes give the
    same letter.
    """
    opened = message.open_letter(raw)
    root = opened.message
    return _letter(raw, root, _content(root), opened.defects, truncated)


def _content(root: Message) -> Body:
    try:
        return body.read(root)
    except MemoryError:
        # No fault of the letter: whoever reads it again with more memory reads all of it.
        raise
    except Exception as error:
        # A letter is worth more than its body: the parser under `email` has raised a dozen kinds of exceptions on
        # damaged mail, and one of them must not keep the sender's name from the register.
        return Body("", "", (), (), 0.3, (f"body not readable ({type(error).__name__})",), "")


def header_ids(raw: bytes) -> tuple[str, tuple[str, ...]]:
    """The Message-ID ("" for none) and every id of In-Reply-To and References in order, each once (C42).

    Reads only the header; never raises. Ids carry their angle brackets.
    """
    own, answered, thread = "", "", ""
    for name, value in message.fields(raw):
        if name == "message-id" and not own:
            own = headers.own_id(value)
        elif name == "in-reply-to":
            answered += " " + value
        elif name == "references":
            thread += " " + value
    return own, tuple(dict.fromkeys(headers.ids(answered) + headers.ids(thread)))


def attachment_bytes(raw: bytes, index: int) -> bytes:
    """The decoded bytes of part `index` of the raw letter; empty where there is no such part. Never raises."""
    for part in message.parts(message.open_letter(raw).message):
        if part.index == index:
            return content_of(part.message)
    return b""


def _letter(raw: bytes, root: Message, content: Body, defects: tuple[str, ...], truncated: bool) -> Letter:
    top, confidence = _headers(root, content.hint)
    first = dict(reversed(top))
    fields = _fields(root)
    senders = _people(fields, "from", content.hint) or _people(fields, "sender", content.hint)
    path = _return_path(fields)
    sender = senders[0] if senders else Address("", "")
    subject = first.get("subject", "")
    bounce = report.find(root, content.text, subject, sender, path == "" or first.get("from", "") == "<>")
    view = reply.split(content.text, content.html)
    kind = report.report_type(root)
    message_id = headers.own_id(_raw(root, "message-id"))
    date, doubts = _date(raw, root)
    return Letter(
        sha256=hashlib.sha256(raw).hexdigest(),
        size=len(raw),
        message_id=message_id,
        in_reply_to=headers.ids(" ".join(fields.get("in-reply-to", ()))),
        references=headers.ids(" ".join(fields.get("references", ()))),
        subject=subject,
        senders=senders,
        reply_to=_people(fields, "reply-to", content.hint),
        to=_people(fields, "to", content.hint),
        cc=_people(fields, "cc", content.hint),
        date=date,
        return_path=path,
        delivered_to=_delivered_to(fields),
        received=len(fields.get("received", ())),
        headers=tuple(top),
        text=content.text,
        html=content.html,
        reply=view.reply,
        quoted=view.quoted,
        signature=view.signature,
        attachments=content.attachments,
        lang=language.of(view.reply or subject),
        report_type=kind,
        bounce=bounce,
        forwarded=None if bounce else _forwarded(root, content, subject),
        fingerprint=_fingerprint(message_id, sender.addr, first.get("date", ""), content),
        confidence=min(confidence, content.confidence),
        defects=(*defects, *_cut_header(root), *content.defects, *doubts),
        truncated=truncated,
        read_id=receipt.read_id(root) if kind == "disposition-notification" else "",
    )


def _raw(root: Message, name: str) -> str:
    return str(root.get(name, ""))


def _fields(root: Message) -> dict[str, list[str]]:
    """The raw values of each top header by its lower-case name, in order."""
    found: dict[str, list[str]] = {}
    for name, value in root.raw_items():
        found.setdefault(name.lower(), []).append(value)
    return found


def _headers(root: Message, hint: str) -> tuple[list[tuple[str, str]], float]:
    """Every top header decoded, and how sure the decoding of the whole is."""
    found, confidence = [], 1.0
    for name, value in islice(root.raw_items(), _MAX_FIELDS):
        words = headers.decode(value, hint)
        found.append((charset.clean(name).lower(), words.text))
        confidence = min(confidence, words.confidence)
    return found, confidence


def _cut_header(root: Message) -> tuple[str, ...]:
    return (f"more than {_MAX_FIELDS} header fields: the rest is not read",) if len(root) > _MAX_FIELDS else ()


def _people(fields: Mapping[str, list[str]], name: str, hint: str) -> tuple[Address, ...]:
    read = addresses.authors if name in ("from", "sender", "reply-to") else addresses.addresses
    found = [a for value in fields.get(name, ()) for a in read(value, hint)]
    # A name without an address can still be shown, but only a sender is worth showing so.
    return tuple(a for a in found[: addresses.MAX_ADDRESSES] if a.addr or name == "from")


def _return_path(fields: Mapping[str, list[str]]) -> str | None:
    """None without the header (C3), empty for `<>` (C2), else the address; brackets may be missing."""
    paths = fields.get("return-path")
    if not paths:
        return None
    text = headers.decode(paths[0]).text
    inner = text[text.find("<") + 1 : text.rfind(">")] if "<" in text and ">" in text else text.partition(" ")[0]
    return headers.normal_address(inner)


def _delivered_to(fields: Mapping[str, list[str]]) -> tuple[str, ...]:
    names = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")
    values = (a.addr for n in names for v in fields.get(n, ()) for a in addresses.addresses(v))
    return tuple(dict.fromkeys(v for v in values if v))


def _forwarded(root: Message, content: Body, subject: str) -> Forwarded | None:
    """The forwarded original; of one that is attached, its words too."""
    attached = forward.attached(root, content.attachments)
    found = forward.find(content.text, subject, attached)
    if found is None or found.text or len(attached) != 1:
        return found
    return replace(found, text=_content(attached[0]).text)


def _fingerprint(message_id: str, sender: str, date: str, content: Body) -> str:
    """One value for one letter by whatever route: nothing in it is written by the servers on the way."""
    words = " ".join(content.text.split())
    stuff = "\0".join((message_id, sender.lower(), " ".join(date.split()), words, *content.digests))
    return hashlib.sha256(stuff.encode("utf-8", "replace")).hexdigest()


def _date(raw: bytes, root: Message) -> tuple[datetime | None, tuple[str, ...]]:
    """The Date header in UTC, and what mail-parser finds wrong with the header where it had to be asked.

    Date is only a claim (C74): an absurd one is kept, an unreadable one is None; terms never rest on it.
    """
    claimed = _raw(root, "date")
    try:
        moment = parsedate_to_datetime(claimed)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return _second_opinion(raw)
    # `(EDT) -0400`: a comment before the zone hides it from the standard library.
    return _second_opinion(raw) if _HIDDEN_ZONE.search(claimed) else (_utc(moment), ())


def _second_opinion(raw: bytes) -> tuple[datetime | None, tuple[str, ...]]:
    """What mail-parser makes of a header that we could not read: asked only then, as it costs a whole parse."""
    try:
        # The header alone: its work on bodies is done better by `body`.
        found = mailparser.MailParser(BytesHeaderParser().parsebytes(message.head(raw)[:_SECOND_OPINION]))
        date = found.date
        return _utc(date) if isinstance(date, datetime) else None, tuple(sorted(map(str, found.defects_categories)))
    except MemoryError:
        raise
    except Exception as error:
        # mail-parser raises exceptions of three libraries on one damaged header in a hundred; it only advises here.
        return None, (f"header not readable by mail-parser ({type(error).__name__})",)


def _utc(moment: datetime) -> datetime | None:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
