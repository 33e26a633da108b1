"""Reads `winmail.dat`, the form in which Outlook sends rich letters to servers that do not know it (MS-OXTNEF).

Pure. Promises: what is damaged is read as far as it goes; nothing but ValueError is raised.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

SIGNATURE = b"\x78\x9f\x3e\x22"
# MS-OXTNEF 2.1.3.2: the attributes that hold words, files and properties.
_BODY, _TITLE, _DATA = 0x0002800C, 0x00018010, 0x0006800F
_NEW_FILE, _FILE_PROPERTIES, _PROPERTIES, _CODE_PAGE = 0x00069002, 0x00069005, 0x00069003, 0x00069007
# MS-OXPROPS: tags of the properties.
_SUBJECT, _TEXT, _HTML = 0x0037, 0x1000, 0x1013
_SENDER, _SENDER_ADDRESS = 0x0C1A, 0x5D01
_OBJECT, _NAME, _LONG_NAME, _MIME, _CONTENT_ID = 0x3701, 0x3704, 0x3707, 0x370E, 0x3712
# Sizes of values by type, padded to four bytes; all others are counted.
_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_EMBEDDED, _STRING8, _UNICODE, _BINARY = 13, 30, 31, 258
_MULTIPLE = 0x1000
_MAX_FILES = 200
_MAX_DEPTH = 5


@dataclass(slots=True)
class File:
    """One attachment; `letter` is set where a whole letter is attached, and `data` is empty then."""

    name: str = ""
    type: str = ""
    content_id: str = ""
    data: bytes = b""
    letter: Packed | None = None


@dataclass(slots=True)
class Packed:
    """What a `winmail.dat` holds: words as text and as HTML (bytes in their own code page), and files."""

    subject: str = ""
    sender: str = ""
    text: str = ""
    html: bytes = b""
    files: list[File] = field(default_factory=list)


def read(data: bytes, depth: int = 0) -> Packed:
    """The contents of a stream. Raises ValueError for what is none."""
    if not data.startswith(SIGNATURE) or depth > _MAX_DEPTH:
        raise ValueError("not a TNEF stream")
    packed, page = Packed(), "cp1252"
    for name, value in _attributes(data):
        if name == _CODE_PAGE and len(value) >= 4:
            page = f"cp{int.from_bytes(value[:4], 'little')}"
        elif name == _BODY:
            packed.text = packed.text or _text(value, page)
        elif name == _PROPERTIES:
            _take_letter(packed, dict(_properties(value)), page)
        elif name == _NEW_FILE:
            packed.files.append(File())
        elif packed.files:
            _take_part(packed.files[-1], name, value, page, depth)
        if len(packed.files) > _MAX_FILES:
            break
    return packed


def _take_part(file: File, name: int, value: bytes, page: str, depth: int) -> None:
    if name == _TITLE:
        file.name = _text(value, page)
    elif name == _DATA:
        file.data = value
    elif name == _FILE_PROPERTIES:
        _take_file(file, dict(_properties(value)), page, depth)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each attribute: level, name, length, value, checksum; the key of two bytes stands before the first."""
    at = 6
    while at + 9 <= len(data):
        name, size = struct.unpack_from("<II", data, at + 1)
        at += 9
        yield name, data[at : at + size]
        at += size + 2


def _properties(data: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """Number, type and first value of each property, as far as they can be told apart."""
    at = 4
    for _ in range(min(int.from_bytes(data[:4], "little"), 10_000)):
        if at + 4 > len(data):
            return
        kind, number = struct.unpack_from("<HH", data, at)
        at = _named(data, at + 4) if number >= 0x8000 else at + 4
        size = _FIXED.get(kind)
        if size:
            value, at = data[at : at + size], at + size
        else:
            value, at = _counted(data, at, kind)
        yield number, (kind & ~_MULTIPLE, value)


def _named(data: bytes, at: int) -> int:
    """Behind the name of a property that a program made up: a number, or padded letters."""
    by_letters = int.from_bytes(data[at + 16 : at + 20], "little") == 1
    size = int.from_bytes(data[at + 20 : at + 24], "little") if by_letters else 0
    return at + 24 + size + -size % 4


def _counted(data: bytes, at: int, kind: int) -> tuple[bytes, int]:
    """The first of the values that are counted, and the place behind the last."""
    first, count = b"", int.from_bytes(data[at : at + 4], "little")
    fixed = _FIXED.get(kind & ~_MULTIPLE)
    at += 4
    for number in range(count):
        if at >= len(data):
            break
        size = fixed if fixed else int.from_bytes(data[at : at + 4], "little")
        at += 0 if fixed else 4
        first = first if number else data[at : at + size]
        at += size + -size % 4
    return first, at


def _take_letter(packed: Packed, found: dict[int, tuple[int, bytes]], page: str) -> None:
    packed.subject = _string(found.get(_SUBJECT), page)
    packed.sender = _string(found.get(_SENDER_ADDRESS), page) or _string(found.get(_SENDER), page)
    packed.text = _string(found.get(_TEXT), page) or packed.text
    kind, page_of_words = found.get(_HTML, (0, b""))
    packed.html = _string((kind, page_of_words), page).encode() if kind == _UNICODE else page_of_words


def _take_file(file: File, found: dict[int, tuple[int, bytes]], page: str, depth: int) -> None:
    file.name = _string(found.get(_LONG_NAME), page) or _string(found.get(_NAME), page) or file.name
    file.type = _string(found.get(_MIME), page)
    file.content_id = _string(found.get(_CONTENT_ID), page)
    kind, value = found.get(_OBJECT, (0, b""))
    # An object begins with the id of its interface.
    if kind == _EMBEDDED and value[16:20] == SIGNATURE:
        file.letter = read(value[16:], depth + 1)
    elif kind in (_EMBEDDED, _BINARY) and not file.data:
        file.data = value[16:] if kind == _EMBEDDED else value


def _string(found: tuple[int, bytes] | None, page: str) -> str:
    kind, value = found or (0, b"")
    if kind == _UNICODE:
        return value.decode("utf-16-le", "replace").partition("\0")[0]
    return _text(value, page) if kind == _STRING8 else ""


def _text(value: bytes, page: str) -> str:
    value = value.partition(b"\0")[0]
    try:
        return value.decode(page, "replace")
    except LookupError:
        return value.decode("cp1251", "replace")
