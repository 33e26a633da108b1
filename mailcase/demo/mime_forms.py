"""How mail programs put text into bytes: encoded words, transfer encodings, file names. For the demo's letters."""

from __future__ import annotations

import base64
import io
import quopri
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from urllib.parse import quote

from mailcase.demo.people import LAB, Client

_BOUNDARY = "------------0a1b2c3d4e5f"
Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one letter from another: its number in the demo and when it was written (aware)."""

    number: int
    at: datetime

    def message_id(self, sender: Client) -> str:
        """The Message-ID that the sender's program gives it."""
        return f"<{self.number:02d}.{self.at:%Y%m%d%H%M%S}@{sender.address.partition('@')[2]}>"


def head(stamp: Stamp, sender: Client, subject: str, charset: str, program: Headers = ()) -> list[tuple[str, str]]:
    """The header of a letter to the laboratory, its words encoded in that charset."""
    return [
        ("Date", format_datetime(stamp.at)),
        ("From", f"{words(sender.name, charset)} <{sender.address}>"),
        ("To", LAB),
        ("Subject", words(subject, charset)),
        ("Message-ID", stamp.message_id(sender)),
        *program,
        ("MIME-Version", "1.0"),
    ]


def words(text: str, charset: str) -> str:
    """A header's text as encoded words (RFC 2047); plain where it is ASCII."""
    return text if text.isascii() else Header(text, charset).encode(linesep="\r\n")


def letter(headers: Headers, part: tuple[Headers, bytes]) -> bytes:
    """Header and one part to bytes with CRLF line ends."""
    more, body = part
    lines = "".join(f"{name}: {value}\r\n" for name, value in (*headers, *more))
    return lines.encode("ascii") + b"\r\n" + body


def text_part(text: str, charset: str, encoding: str, subtype: str = "plain") -> tuple[Headers, bytes]:
    """A text as `base64`, `quoted-printable` or `8bit`: its header lines and its body."""
    raw = text.replace("\n", "\r\n").encode(charset)
    if encoding == "base64":
        raw = base64.encodebytes(raw).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        raw = quopri.encodestring(raw)
    kind = f'text/{subtype}; charset="{charset}"'
    return (("Content-Type", kind), ("Content-Transfer-Encoding", encoding)), raw


def file_part(name: str, content_type: str, content: bytes) -> tuple[Headers, bytes]:
    """A file whose Cyrillic name is split and percent-encoded as Thunderbird does (RFC 2231)."""
    # Whole characters in each piece: no program splits one.
    pieces = [quote(name[at : at + 10]) for at in range(0, len(name), 10)]
    pieces[0] = f"UTF-8''{pieces[0]}"
    lines = [f"filename*{n}*={piece}" for n, piece in enumerate(pieces)]
    disposition = "attachment;\r\n " + ";\r\n ".join(lines)
    headers = (
        ("Content-Type", content_type),
        ("Content-Disposition", disposition),
        ("Content-Transfer-Encoding", "base64"),
    )
    return headers, base64.encodebytes(content).replace(b"\n", b"\r\n")


def mixed(parts: Iterable[tuple[Headers, bytes]]) -> tuple[Headers, bytes]:
    """Several parts as one multipart/mixed."""
    body = b"".join(f"--{_BOUNDARY}\r\n".encode() + letter((), part) + b"\r\n" for part in parts)
    return (("Content-Type", f'multipart/mixed; boundary="{_BOUNDARY}"'),), body + f"--{_BOUNDARY}--\r\n".encode()


def pdf() -> bytes:
    """A file that passes for a PDF document."""
    return b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def docx(text: str) -> bytes:
    """A small Word document with one paragraph."""
    inside = io.BytesIO()
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    document = (
        f'<w:document xmlns:w="{namespace}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>'
    )
    types = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    with zipfile.ZipFile(inside, "w") as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("word/document.xml", document)
    return inside.getvalue()
