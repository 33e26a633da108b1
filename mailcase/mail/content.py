"""The bytes of one part of a letter, as its sender put them in.

Never raises: what is encoded wrongly comes out as far as it can be decoded.
"""

from __future__ import annotations

import binascii
import contextlib
import copy
import io
import re
from collections.abc import Sequence
from email.errors import MessageError
from email.generator import BytesGenerator
from email.message import Message

_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_WHOLE = re.compile(r"[A-Za-z0-9+/\r\n]*+={0,2}[\r\n]*+")
_ENCODED = re.compile(rb"\s*[A-Za-z0-9+/]+={0,2}\s*")
# Programs write 60 to 76 signs a line (RFC 2045 section 6.8); no line of words has as many without a blank.
_FULL_LINE = re.compile(rb"\s*[A-Za-z0-9+/]{60}")
# A greeting of one word looks like base64 as well.
_LEAST = 16


def content_of(part: Message) -> bytes:
    """The decoded bytes of one part; an attached letter as its own raw text."""
    payload = part.get_payload()
    if part.get_content_maintype() == "message" and isinstance(payload, list):
        return _attached(part, payload)
    if isinstance(payload, list):
        return b""
    if _coding(part) == "base64":
        return _of_base64(part)
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AttributeError, binascii.Error):
        data = None
    if isinstance(data, bytes):
        return data
    return payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b""


def _attached(part: Message, payload: Sequence[object]) -> bytes:
    inner = payload[0] if payload else None
    if not isinstance(inner, Message):
        return b""
    if _coding(part) == "base64" and not inner.keys():
        # Against RFC 2046 section 5.2.1, yet Exchange and 1C encode attached letters.
        return _of_base64(inner)
    written = io.BytesIO()
    try:
        _Writer(written, mangle_from_=False, policy=inner.policy).flatten(inner)
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # What was written so far; the raw letter that it is attached to has all of it.
        return written.getvalue()
    return written.getvalue()


class _Writer(BytesGenerator):
    """Writes an attached letter as it came, also where its parts have no boundary and 8-bit letters."""

    def _handle_multipart(self, msg: Message) -> None:
        payload = msg.get_payload()
        if isinstance(payload, str) and not payload.isascii():
            # The standard library writes a decoded copy here, and fails.
            data = msg.get_payload(decode=True)
            self.write(data.decode("ascii", "surrogateescape") if isinstance(data, bytes) else "")
        else:
            super()._handle_multipart(msg)  # type: ignore[misc] # typeshed leaves out what is meant to be overridden


def _coding(part: Message) -> str:
    return str(part.get("content-transfer-encoding", "")).strip().lower()


def _of_base64(part: Message) -> bytes:
    """The part decoded, and below it what a gateway wrote under the words of one: scanners add their lines as they are.

    What is called base64 and is not is taken as it stands.
    """
    payload = part.get_payload()
    if isinstance(payload, str) and _WHOLE.fullmatch(payload):
        with contextlib.suppress(binascii.Error):
            return binascii.a2b_base64(payload)
    stands = copy.copy(part)
    del stands["content-transfer-encoding"]
    data = stands.get_payload(decode=True)
    if not isinstance(data, bytes):
        return b""
    coded, below = _below(data.lstrip())
    if b"=" not in coded and len(coded) < _LEAST:
        return data
    words = part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment"
    return from_base64(coded) + b"\n" + below if words and below.strip() else from_base64(coded)


def _below(data: bytes) -> tuple[bytes, bytes]:
    """The encoded lines, and the lines below them."""
    lines = data.splitlines(keepends=True)
    full = (n for n, line in enumerate(lines) if _FULL_LINE.match(line))
    end = max(full, default=-1) + 1
    # Some servers put a blank line under each line.
    gaps = any(not line.strip() for line in lines[:end])
    while end < len(lines) and not (end and b"=" in lines[end - 1]):
        if not _ENCODED.fullmatch(lines[end]) and not (gaps and not lines[end].strip()):
            break
        end += 1
    return b"".join(lines[:end]), b"".join(lines[end:])


def from_base64(data: bytes) -> bytes:
    """The bytes of whole groups and of a last one cut short; pieces that were padded one by one are joined."""
    return b"".join(_piece(piece.translate(None, _NOT_BASE64)) for piece in re.split(rb"=+", data))


def _piece(pure: bytes) -> bytes:
    # A lone last sign carries less than a byte.
    pure = pure[:-1] if len(pure) % 4 == 1 else pure
    return binascii.a2b_base64(pure + b"=" * (-len(pure) % 4))
