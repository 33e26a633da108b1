"""The bytes of one part of a letter, as its sender put them in.

Never raises: what is encoded wrongly comes out as far as it can be decoded.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Sequence
from email.errors import MessageError
from email.generator import BytesGenerator
from email.message import Message


def content_of(part: Message) -> bytes:
    """The decoded bytes of one part; an attached letter as its own raw text."""
    payload = part.get_payload()
    if part.get_content_maintype() == "message" and isinstance(payload, list):
        return _attached(part, payload)
    if isinstance(payload, list):
        return b""
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
    coded = str(part.get("content-transfer-encoding", "")).strip().lower() == "base64"
    if coded and not inner.keys():
        # Against RFC 2046 section 5.2.1, yet Exchange and 1C encode attached letters.
        return _base64(str(inner.get_payload()))
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


def _base64(text: str) -> bytes:
    pure = re.sub(r"[^A-Za-z0-9+/]", "", text)
    pure = pure[: len(pure) - 1] if len(pure) % 4 == 1 else pure
    return base64.b64decode(pure + "=" * (-len(pure) % 4))
