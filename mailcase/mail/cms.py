"""Finds the letter inside an opaque S/MIME part, which holds it between signatures and certificates (RFC 5652).

Pure: the encoding (BER) is walked, no signature is checked. Raises nothing.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_SIGNED = bytes.fromhex("2a864886f70d010702")
_ENVELOPED = (bytes.fromhex("2a864886f70d010703"), bytes.fromhex("2a864886f70d0109100117"))
_COMPRESSED = bytes.fromhex("2a864886f70d0109100109")
_SEQUENCE, _OID, _OCTETS, _CONSTRUCTED, _CONTEXT_0 = 0x30, 0x06, 0x04, 0x20, 0xA0
# Larger is no letter but a bomb; the part itself stays an attachment.
_MAX_CONTENT = 50_000_000
_MAX_DEPTH = 20
_MAX_ELEMENTS = 200_000


@dataclass(frozen=True, slots=True)
class Content:
    """What a part is (`signed`, `encrypted`, `compressed`, else empty), and the bytes in it where they can be read."""

    kind: str
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class _Element:
    tag: int
    start: int
    end: int
    """Where its contents begin and end."""
    after: int


def content(data: bytes) -> Content:
    """The content of a PKCS #7 or CMS part."""
    try:
        outer = _element(data, 0, len(data), 0)
        kind, wrapped = list(_children(data, outer))[:2]
        oid = data[kind.start : kind.end]
        inner = next(_children(data, wrapped))
        if oid in _ENVELOPED:
            return Content("encrypted")
        if oid in (_SIGNED, _COMPRESSED):
            found = b"".join(_octets(data, _encapsulated(data, inner), 0))[:_MAX_CONTENT]
            return Content("signed", found) if oid == _SIGNED else Content("compressed", _inflated(found))
    except (ValueError, IndexError, StopIteration, zlib.error, RecursionError):
        pass
    return Content("")


def _encapsulated(data: bytes, signed: _Element) -> _Element:
    """The wrapped octets: the third field of SignedData and of CompressedData is (type, [0] content)."""
    for child in _children(data, signed):
        if child.tag == _SEQUENCE:
            parts = list(_children(data, child))
            if len(parts) > 1 and parts[0].tag == _OID and parts[1].tag == _CONTEXT_0:
                return next(_children(data, parts[1]))
    raise ValueError("no content: the signature stands apart")


def _octets(data: bytes, element: _Element, depth: int) -> Iterator[bytes]:
    """A string of octets, whole or in pieces."""
    if element.tag == _OCTETS:
        yield data[element.start : element.end]
    elif element.tag == _OCTETS | _CONSTRUCTED and depth < _MAX_DEPTH:
        for child in _children(data, element):
            yield from _octets(data, child, depth + 1)


def _children(data: bytes, element: _Element) -> Iterator[_Element]:
    at = element.start
    for _ in range(_MAX_ELEMENTS):
        if at >= element.end:
            return
        child = _element(data, at, element.end, 0)
        yield child
        at = child.after


def _element(data: bytes, at: int, limit: int, depth: int) -> _Element:
    """The element that begins at `at`. Raises ValueError or IndexError where there is none."""
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deep")
    tag, size, start = data[at], data[at + 1], at + 2
    if size == 0x80:
        # Of indefinite length: up to two zero bytes behind the last child.
        at = start
        while data[at : at + 2] != b"\0\0":
            at = _element(data, at, limit, depth + 1).after
            if at >= limit:
                raise ValueError("no end")
        return _Element(tag, start, at, at + 2)
    if size > 0x80:
        width = size & 0x7F
        size, start = int.from_bytes(data[start : start + width], "big"), start + width
    if start + size > limit:
        raise ValueError("longer than what holds it")
    return _Element(tag, start, start + size, start + size)


def _inflated(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, _MAX_CONTENT)
