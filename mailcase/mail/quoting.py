"""Tells the new words of a letter from the older mail below, between or above them.

Pure and linear. In doubt words stay new: a view without any word falls back to everything, text between quotations is
kept, and nothing is ever deleted from the letter's own text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailcase.mail import clients, html_text, signature

# A conversation longer than this is a log: what follows its first pages belongs to whatever they end with.
_MAX_LINES = 2000
_ABOVE = re.compile(r"\s*(?:Кому|Копия|Тема|To|Cc|Subject):.{0,300};\s*$|\s*-{8,}\s*$")
_WORD = re.compile(r"[\w+👍✅]")


@dataclass(frozen=True, slots=True)
class Split:
    """The new words, the older mail, and the signature (which may also stand at the end of the new words)."""

    reply: str
    quoted: str
    signature: str


def split(text: str, html: str = "") -> Split:
    """Part a letter's text; its HTML helps where the text bears no sign of quotation but the HTML does.

    The closing phrase («С уважением, …») stays in the reply, what stands below `-- ` and the telephone's line go.
    """
    found = _split_text(text)
    if found.quoted or not html:
        return found
    marked = html_text.text_of(html, marks=True)
    by_structure = _split_text(marked)
    return by_structure if by_structure.quoted and by_structure.reply != text else found


def _split_text(text: str) -> Split:
    lines = text.split("\n")
    fresh, old, history = _part(lines[:_MAX_LINES])
    (old if history else fresh).extend(lines[_MAX_LINES:])
    kept = _trim(fresh)
    sign = signature.signature_of(_strip_blank(signature.without_device_lines(fresh)))
    reply = "\n".join(kept).strip("\n").rstrip()
    if not _WORD.search(reply):
        # Only a signature, only a quotation, or a forward without a word: then the whole letter speaks.
        everything = "\n".join(line for line in lines if line != html_text.HISTORY).strip()
        return Split(everything, "", sign)
    return Split(_squeeze(reply), "\n".join(line for line in old if line != html_text.HISTORY).strip("\n"), sign)


def _part(lines: list[str]) -> tuple[list[str], list[str], bool]:
    """New lines and old lines, each in order, and whether everything below the last one is old."""
    fresh: list[str] = []
    old: list[str] = []
    at, count = 0, len(lines)
    while at < count:
        line = lines[at]
        if clients.is_quoted(line):
            old.append(line)
            at += 1
            continue
        if line == html_text.HISTORY or _history_begins(lines, at):
            return fresh, old + lines[at:], True
        taken = clients.attribution_at(lines, at)
        if not taken:
            fresh.append(line)
            at += 1
            continue
        old.extend(_above(fresh))
        old.extend(lines[at : at + taken])
        at += taken
        end = _quotation_end(lines, at)
        if end == at:
            # Nothing marks the quotation, so everything below belongs to it (Yandex, Mail.ru, Yahoo).
            return fresh, old + lines[at:], True
        old.extend(lines[at:end])
        at = end
    return fresh, old, False


def _above(fresh: list[str]) -> list[str]:
    """What Yandex writes over its attribution («Кому: …;», «Тема: …;»), taken from the end of the new lines."""
    at = len(fresh)
    while at and (not fresh[at - 1].strip() or _ABOVE.match(fresh[at - 1])):
        at -= 1
    taken = fresh[at:] if any(line.strip() for line in fresh[at:]) else []
    if taken:
        del fresh[at:]
    return taken


def _history_begins(lines: list[str], at: int) -> bool:
    if clients.divider(lines[at]):
        return True
    if clients.header_at(lines, at):
        return True
    # A bare rule (Outlook on the web, old mail.ru) counts only with a header block under it.
    if re.fullmatch(r"[\s*]*(?:[_=]{4,}|-{5,})[\s*]*", lines[at]):
        below = next((n for n in range(at + 1, min(at + 4, len(lines))) if lines[n].strip()), None)
        return below is not None and clients.header_at(lines, below, ruled=True) is not None
    return False


def _quotation_end(lines: list[str], at: int) -> int:
    """The index behind the quoted lines that follow an attribution; `at` itself where none do."""
    first = next((n for n in range(at, min(at + 6, len(lines))) if lines[n].strip()), None)
    if first is None:
        return len(lines)
    mark = clients.is_quoted if clients.is_quoted(lines[first]) else clients.is_barred
    if not mark(lines[first]):
        return at
    end = first
    while end < len(lines) and (mark(lines[end]) or _wrapped(lines, end, mark is clients.is_quoted)):
        end += 1
    return end


def _wrapped(lines: list[str], at: int, quoted: bool) -> bool:
    """The rest of a quoted line that a mail program broke: short, and more quotation right below it."""
    return (
        quoted
        and 0 < len(lines[at].strip()) < 40
        and at + 1 < len(lines)
        and clients.is_quoted(lines[at + 1])
        and len(lines[at - 1]) > 60
    )


def _trim(lines: list[str]) -> list[str]:
    kept = signature.without_device_lines(lines)
    at = signature.dashes_at(kept)
    kept = signature.without_device_lines(kept[: min(at, _list_footer_at(kept))])
    # A rule or a lone dash that stood above the history is no word.
    while kept and re.fullmatch(r"[\s*]*(?:[-_=—]{2,}|[-—*])?[\s*]*", kept[-1]):
        kept.pop()
    return signature.without_device_lines(kept)


def _list_footer_at(lines: list[str]) -> int:
    """The index of the rule above what mailing-list software appends, or the number of lines."""
    for n in range(max(1, len(lines) - 8), len(lines)):
        if re.fullmatch(r"\s*_{2,}\s*", lines[n]) and re.search(r"(?i)mailing list|рассылк", "\n".join(lines[n:])):
            return n
    return len(lines)


def _strip_blank(lines: list[str]) -> list[str]:
    return "\n".join(lines).strip("\n").split("\n")


def _squeeze(text: str) -> str:
    return re.sub(r"\n\s*\n(?:\s*\n)+", "\n\n", text)
