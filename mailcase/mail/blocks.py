"""Reads the structure of a letter without its bulk: long blocks of base64 are set aside while parts are looked for.

The parser of the standard library takes a letter line by line, and an attachment of 200 KB has three thousand lines
that tell it nothing. The tree comes out as it would have been; where that is not certain, everything is parsed.
"""

from __future__ import annotations

import email
import re
from collections.abc import Sequence
from email.message import Message
from hashlib import sha256

from mailcase.mail.bounded import POLICY

# Begins at the start of a line, so that one endless line is looked at once and not from each of its letters. Nothing
# that was taken is given back: no other way to read a line of base64 would end it elsewhere.
_BLOCK = re.compile(rb"^(?:[A-Za-z0-9+/]{60,76}+\r?+\n){100,}+", re.MULTILINE)
_WORTH = 10_000
"""Bytes of a letter below which nothing is gained."""


def tree(raw: bytes) -> Message:
    """What `email.message_from_bytes` makes of `raw`. Raises what it raises."""
    if len(raw) < _WORTH:
        return email.message_from_bytes(raw, policy=POLICY)
    mark = f"block.{sha256(raw).hexdigest()[:24]}."
    skeleton, blocks = _set_aside(raw, mark)
    if blocks:
        root = email.message_from_bytes(skeleton, policy=POLICY)
        if _put_back(root, mark, blocks):
            return root
    return email.message_from_bytes(raw, policy=POLICY)


def _set_aside(raw: bytes, mark: str) -> tuple[bytes, list[str]]:
    blocks: list[str] = []

    def shorten(found: re.Match[bytes]) -> bytes:
        block = found[0]
        end = b"\r\n" if block.endswith(b"\r\n") else b"\n"
        blocks.append(block[: -len(end)].decode("ascii"))
        return f"{mark}{len(blocks) - 1}.".encode() + end

    return _BLOCK.sub(shorten, raw), blocks


def _put_back(root: Message, mark: str, blocks: Sequence[str]) -> bool:
    """Whether each block is in the payload of a part again."""
    placed = 0
    for part in root.walk():
        payload = part.get_payload()
        if isinstance(payload, str) and mark in payload:
            if not payload.isascii():
                # 8-bit bytes around a block: what we were given is a decoded copy of what is there.
                return False
            first, *rest = payload.split(mark)
            pieces = [first]
            for piece in rest:
                number, _, after = piece.partition(".")
                pieces += [blocks[int(number)], after]
            part.set_payload("".join(pieces))
            placed += len(rest)
    return placed == len(blocks)
