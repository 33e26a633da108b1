"""The sender's own newest words in a letter as it is judged, and its sentences; all in plain letters. Pure."""

from __future__ import annotations

import re

from mailcase.rules.classify_words import load

_PATTERNS = load("kinds").patterns

_SENTENCES = re.compile(r"(?<=[.!?…;])\s+|\n+")
_QUOTED = re.compile(r"^(-{3,} ?(original message|исходное)\b|от: .*\n *(отправлено|кому|дата|sent|to):)", re.MULTILINE)


def newest(body: str) -> str:
    """The sender's own words; a forwarded letter counts only where it is passed on to us for an answer."""
    quoted = _QUOTED.search(body)
    lines = (body[: quoted.start()] if quoted else body).splitlines()
    text = "\n".join(line for line in lines if not line.startswith(">"))
    intro, mark, rest = _split_forward(text)
    passed_on = not intro.strip() or bool(_PATTERNS["passes_on"].search(intro))
    kept = f"{intro}\n{rest}" if mark and passed_on and not _PATTERNS["for_information"].search(intro) else intro
    return _PATTERNS["form_lines"].sub("", kept).strip()


def _split_forward(text: str) -> tuple[str, str, str]:
    mark = _PATTERNS["forward_mark"].search(text)
    return (text[: mark.start()], mark[0], text[mark.end() :]) if mark else (text, "", "")


def sentences(body: str) -> tuple[str, ...]:
    """The body cut after marks of the end of a sentence and at ends of lines."""
    return tuple(s.strip() for s in _SENTENCES.split(body) if s.strip())
