"""Cuts what only an attack has, before the parser of the standard library spends minutes on it.

Pure. That parser tries every boundary around a line on that line, makes an object of each part, and takes a header's
parameters apart in quadratic time; ordinary letters come nowhere near the limits here.
"""

from __future__ import annotations

import itertools
import re
from email.policy import Compat32

# A person's letter has a dozen parts; hundreds are a bomb that costs minutes.
MAX_PARTS = 500
# Mail programs nest five deep, forwards of forwards twenty; the parser's cost grows with depth times lines.
MAX_DEPTH = 50
# Boundaries times lines: a second of the parser's time.
_MAX_TRIES = 8_000_000
# A file name of 255 Russian letters in the longest of its spellings takes a quarter of this.
_MAX_PARAMETERS = 8_000

_BOUNDARY = re.compile(rb"boundary[ \t]*=[ \t]*(?:\"([^\"\r\n]{1,200})\"|([^\s;\"]{1,200}))?", re.IGNORECASE)
_EMPTY_PARAMETERS = re.compile(r"(?:;[ \t\r\n]*){2,}")


class Bounded(Compat32):
    """The compat32 policy with the fields that describe a part cut to what has a meaning."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Name and value of one field as it stands in the letter."""
        name, value = super().header_source_parse(sourcelines)
        if len(value) > 500 and name.lower().startswith("content-"):
            value = _EMPTY_PARAMETERS.sub("; ", value)[:_MAX_PARAMETERS]
        return name, value


POLICY = Bounded()


def cut(raw: bytes) -> tuple[bytes, str]:
    """The letter as far as it is read, and why not farther (English; empty for an ordinary letter)."""
    if raw.lower().count(b"boundary") > 5:
        lines = raw.count(b"\n")
        most = min(MAX_DEPTH * 2, max(5, _MAX_TRIES // (lines + 1)))
        many = list(itertools.islice(_BOUNDARY.finditer(raw), most + 1))
        if len(many) > most:
            return raw[: many[-1].start()], f"more than {most} multiparts: the rest is not read"
    if raw.count(b"\n--") > MAX_PARTS * 2:
        end = _end_of_parts(raw)
        if end < len(raw):
            return raw[:end], f"more than {MAX_PARTS} parts: the rest is not read"
    return raw, ""


def _end_of_parts(raw: bytes) -> int:
    """Where the part begins that is one too many."""
    names = {found[1] or found[2] for found in itertools.islice(_BOUNDARY.finditer(raw), MAX_DEPTH * 2)}
    known = b"|".join(re.escape(name) for name in sorted(names - {None}))
    if not known:
        return len(raw)
    delimiter = re.compile(rb"^--(?:" + known + rb")[ \t]*\r?$", re.MULTILINE)
    beyond = next(itertools.islice(delimiter.finditer(raw), MAX_PARTS, None), None)
    return beyond.start() if beyond else len(raw)
