"""Puts a letter into its envelope: headers and parts as every mail program reads them.

Promises: 7-bit, CRLF, no line over 998 octets, header lines of 78 where an address or id allows it; the same
input gives the same bytes; no value can start a header of its own (C106). Headers are folded here, with
`email.header.Header`: the newer policies of the standard library lose spaces in Russian names and subjects.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, quote
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote as percent
from zoneinfo import ZoneInfo

from mailcase.mail.draft import Draft, DraftAttachment
from mailcase.mail.markup import clean
from mailcase.words import MailcaseError

Attached = Callable[[DraftAttachment], bytes]
"""Gives the bytes of an attachment."""

SUPPRESS = "OOF, AutoReply, RN, NRN"
"""What Exchange is asked not to send back; never `DR` or `NDR`, as it would drop the reports we need (C22)."""

_ASCII = bytes(range(128))
_LINE = 76
"""Characters of a line of base64 (RFC 2045 6.8)."""
# Quoted local parts are legal and rare; anything else odd is refused rather than sent to an address we made up.
_ADDRESS = re.compile(r'(?:[^\s@<>,;:"()\[\]\\]+|"[^"\\\s]+")@[^\s@<>,;:"()\\]+')
_KEPT_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class Rendered:
    """Subject, plain text and HTML of a letter."""

    subject: str
    text: str
    html: str


def message(draft: Draft, words: Rendered, zone: ZoneInfo, attached: Attached) -> bytes:
    """The whole letter as it goes over the wire.

    Raises MailcaseError for an address or Message-ID that no letter can bear.
    """
    content = _content(draft, words, attached)
    return _Part((*_headers(draft, words.subject, zone), *content.headers), content.body).as_bytes()


@dataclass(frozen=True, slots=True)
class _Part:
    """One part: headers whose values are folded already, and a body of CRLF lines.

    Joined here: the generator of the standard library folds each header and reads each line once more.
    """

    headers: tuple[tuple[str, str], ...]
    body: bytes

    def as_bytes(self) -> bytes:
        """Raises UnicodeEncodeError (a ValueError) for a header that is not ASCII."""
        lines = "".join(f"{name}: {value}\n" for name, value in self.headers)
        return lines.replace("\n", "\r\n").encode("ascii") + b"\r\n" + self.body


def _headers(draft: Draft, subject: str, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    yield "From", _mailboxes("From", ((draft.from_name, draft.from_address),))
    yield "To", _mailboxes("To", draft.to)
    if draft.cc:
        yield "Cc", _mailboxes("Cc", draft.cc)
    if draft.reply_to:
        yield "Reply-To", _mailboxes("Reply-To", (("", draft.reply_to),))
    yield "Subject", unstructured("Subject", subject)
    yield "Date", format_datetime(datetime.fromisoformat(draft.date).astimezone(zone))
    yield "Message-ID", _own_id(draft.message_id)
    yield from _thread(draft)
    if draft.auto:
        yield "Auto-Submitted", draft.auto
        yield "X-Auto-Response-Suppress", SUPPRESS
    yield "MIME-Version", "1.0"


def one_line(text: str) -> str:
    """The text on one line: a header value may not bring a line end of its own."""
    return " ".join(str(clean(text)).split())


def unstructured(name: str, text: str) -> str:
    """A folded header value that reads back as the text: encoded words of whole characters, at most 75 long (C63)."""
    line = one_line(text)
    # ASCII goes as it is, unless it looks encoded already or holds a word that no line can bear.
    plain = line.isascii() and "=?" not in line and max(map(len, line.split()), default=0) < 60
    return Header(line, "us-ascii" if plain else "utf-8", maxlinelen=76, header_name=name).encode()


def _mailboxes(header: str, people: Iterable[tuple[str, str]]) -> str:
    return ",\n ".join(_mailbox(header, one_line(name), address) for name, address in people)


# The same few people and ourselves on most letters.
@lru_cache(maxsize=256)
def _mailbox(header: str, name: str, address: str) -> str:
    addr = _address(address)
    if not name or name == addr:
        return addr
    if name.isascii() and "=?" not in name and len(name) < 60:
        shown = name if re.fullmatch(r"[\w!#$%&'*+/=?^`{|}~ -]+", name) else f'"{quote(name)}"'
    else:
        shown = Header(name, "utf-8", maxlinelen=75, header_name=header).encode()
    first = len(header) + 2 if "\n" not in shown else 0
    fits = first + len(shown.rsplit("\n", 1)[-1]) + len(addr) + 3 <= 76
    return f"{shown}{' ' if fits else chr(10) + ' '}<{addr}>"


def _address(address: str) -> str:
    local, at, domain = address.strip().rpartition("@")
    try:
        addr = local + at + (domain if domain.isascii() else domain.encode("idna").decode())
    except UnicodeError:
        addr = address
    if not addr.isascii() or not _ADDRESS.fullmatch(addr) or clean(addr) != addr or len(addr) > 320:
        raise MailcaseError(f"address {one_line(address)!r}: no letter can be sent there; correct it in the case")
    return addr


def message_id(text: str) -> str:
    """`<id>` for an id with or without brackets; empty where no header could bear it."""
    bare = text.strip().removeprefix("<").removesuffix(">")
    return f"<{bare}>" if re.fullmatch(r"[\x21-\x3b\x3d\x3f-\x7e]{1,900}", bare) else ""


def _own_id(text: str) -> str:
    found = message_id(text)
    if not found:
        raise MailcaseError(f"Message-ID {text!r}: expected <…@…> in ASCII")
    return found


def _thread(draft: Draft) -> Iterator[tuple[str, str]]:
    """In-Reply-To and References (RFC 5322 3.6.4); neither where the letter answered had no id (C9).

    A thread of hundreds of letters is cut to its first id, which names the thread, and the newest ones.
    """
    parent = message_id(draft.in_reply_to)
    chain = [m for m in dict.fromkeys(map(message_id, draft.references)) if m and m != parent]
    chain += [parent] if parent else []
    if len(chain) > _KEPT_REFERENCES + 1:
        chain = [chain[0], *chain[-_KEPT_REFERENCES:]]
    if parent:
        yield "In-Reply-To", parent
    if chain:
        yield "References", "\n ".join(chain)


def _content(draft: Draft, words: Rendered, attached: Attached) -> _Part:
    pictures = [a for a in draft.attachments if a.content_id and draft.html]
    files = [a for a in draft.attachments if a not in pictures]
    html = _text("html", words.html)
    if pictures:
        html = _multipart(draft, "related", [html, *(_file(a, attached(a), "inline") for a in pictures)])
    both = _multipart(draft, "alternative", [_text("plain", words.text), html])
    if not files:
        return both
    return _multipart(draft, "mixed", [both, *(_file(a, attached(a), "attachment") for a in files)])


def _multipart(draft: Draft, subtype: str, parts: list[_Part]) -> _Part:
    # Derived, so that composing twice gives the same bytes; `=_` cannot occur in base64 or quoted-printable.
    boundary = "=_" + sha256(f"{draft.message_id}/{subtype}".encode()).hexdigest()[:24]
    # RFC 2387 wants the type of the part that the pictures belong to.
    kind = 'related; type="text/html"' if subtype == "related" else subtype
    head = ("Content-Type", f'multipart/{kind};\n boundary="{boundary}"')
    between = f"--{boundary}".encode()
    body = b"".join(between + b"\r\n" + part.as_bytes() + b"\r\n" for part in parts)
    return _Part((head,), body + between + b"--\r\n")


def _text(subtype: str, text: str) -> _Part:
    head = ("Content-Type", f"text/{subtype}; charset=utf-8")
    data = text.encode()
    # Mostly Latin text stays readable in the source; Russian is shorter as base64.
    if len(data.translate(None, _ASCII)) * 6 > len(data):
        return _base64((head,), data.replace(b"\n", b"\r\n"))
    coded = quopri.encodestring(data).replace(b"\n", b"\r\n")
    return _Part((head, ("Content-Transfer-Encoding", "quoted-printable")), coded)


def _base64(headers: tuple[tuple[str, str], ...], data: bytes) -> _Part:
    coded = binascii.b2a_base64(data, newline=False)
    lines = [coded[at : at + _LINE] for at in range(0, len(coded), _LINE)]
    return _Part((*headers, ("Content-Transfer-Encoding", "base64")), b"\r\n".join((*lines, b"")))


def _file(a: DraftAttachment, data: bytes, disposition: str) -> _Part:
    name = one_line(a.name).replace("/", "_").replace("\\", "_") or "file"
    kind = ("Content-Type", f"{_media_type(a)};\n {_name_parameter(name)}")
    headers: tuple[tuple[str, str], ...] = (
        kind,
        ("Content-Disposition", f"{disposition};\n {_filename_parameter(name)}"),
    )
    cid = message_id(a.content_id)
    if disposition == "inline" and cid:
        headers = (*headers, ("Content-ID", cid))
    return _base64(headers, data)


def _media_type(a: DraftAttachment) -> str:
    """The type the sender gave, where it is safe to repeat.

    A letter inside a letter may not be base64 (RFC 2046 5.2.1) and a text's charset is unknown here: both travel
    as plain bytes and are opened by the ending of their name.
    """
    known = re.fullmatch(r"(application|audio|font|image|model|video)/[A-Za-z0-9][A-Za-z0-9.+_-]{0,80}", a.type)
    return a.type.lower() if known else "application/octet-stream"


def _name_parameter(name: str) -> str:
    """`name=` of Content-Type, the old way that Outlook reads: encoded words between quotes."""
    if name.isascii() and len(name) < 60 and "=?" not in name:
        return f'name="{quote(name)}"'
    return f'name="{Header(name, "utf-8", maxlinelen=66).encode()}"'


def _filename_parameter(name: str) -> str:
    """`filename=` of Content-Disposition by RFC 2231, in numbered pieces of whole characters."""
    if name.isascii() and len(name) < 60:
        return f'filename="{quote(name)}"'
    pieces = ["utf-8''"]
    for character in name:
        coded = percent(character, safe="")
        if len(pieces[-1]) + len(coded) > 58:
            pieces.append("")
        pieces[-1] += coded
    if len(pieces) == 1:
        return f"filename*={pieces[0]}"
    return ";\n ".join(f"filename*{i}*={piece}" for i, piece in enumerate(pieces))
