"""Takes files out of a text that holds them uuencoded, as programs from before MIME send them, and some scanners.

Pure. Only whole blocks are taken: a line `begin 644 name`, lines whose first letter says their length, and `end`.
"""

from __future__ import annotations

import binascii
import re

_BEGIN = re.compile(r"^begin [0-7]{3,4} ([^\r\n]{1,255}?)[ \t]*\r?$", re.MULTILINE)
_END = re.compile(r"^end[ \t]*\r?$\n?", re.MULTILINE)
_LINE = re.compile(r"[ -`]{1,100}")
_LINES = re.compile(r"[^\n]*\n")
_MAX_FILES = 100
# Beginnings of files that were none, after which the rest is taken for prose as well.
_MAX_PROSE = 10


def take(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text without its files, and the name and content of each."""
    kept: list[str] = []
    files: list[tuple[str, bytes]] = []
    at, prose = 0, 0
    while len(files) < _MAX_FILES and prose < _MAX_PROSE:
        begin = _BEGIN.search(text, at)
        end = _END.search(text, begin.end()) if begin else None
        if begin is None or end is None:
            break
        data = _decoded(text, begin.end(), end.start())
        if data is None:
            prose += 1
            kept.append(text[at : begin.end()])
            at = begin.end()
            continue
        kept.append(text[at : begin.start()])
        files.append((begin[1], data))
        at = end.end()
    return "".join(kept) + text[at:], files


def _decoded(text: str, start: int, end: int) -> bytes | None:
    """The bytes of the lines between; None where one of them cannot be part of a file."""
    out: list[bytes] = []
    for found in _LINES.finditer(text, start, end):
        line = found[0].rstrip("\r\n")
        if line.strip("` "):
            data = _decoded_line(line)
            if data is None:
                return None
            out.append(data)
    return b"".join(out) if out else None


def _decoded_line(line: str) -> bytes | None:
    if not _LINE.fullmatch(line):
        return None
    # Encoders of Windows write more letters in a line than it says.
    size = (ord(line[0]) - 32) & 63
    for written in (line, line[: 1 + (size * 4 + 2) // 3]):
        try:
            return binascii.a2b_uu(written)
        except binascii.Error:
            continue
    return None
