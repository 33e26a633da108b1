"""What mail programs write around older mail: header blocks, dividing lines, «… пишет:», in the languages they speak.

Pure and linear: each test looks at a line or at a handful of joined lines of bounded length. `reply` and `forward`
stand on these tests; the words come from the programs' own translations (C71).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from mailcase.mail.client_words import FORWARD_SENTENCES, FORWARD_WORDS, LABELS, ORIGINAL_WORDS, VERB

# A header line, an attribution: longer lines are paragraphs of text.
_MAX_LINE = 500
_MAX_BLOCK = 14

_KIND = {word: kind for kind, words in LABELS.items() for word in words.split("|")}
_LABEL = re.compile(
    r"^[\s>*_]*("
    + "|".join(sorted(map(re.escape, _KIND), key=len, reverse=True))
    + r")\s?[*_]*\s?[:：][*_]*(?:[ \t]+|(?=\S)|$)(.*)$",
    re.IGNORECASE,
)
# The Bat! draws scissors: «===8<====Исходный текст письма====».
_DIVIDER = re.compile(r"^[\s>*]*[-_=–—]{2,}(?:8<[-_=]{2,})?\s*([^-_=–—\s][^_=–—]{2,80}?)\s*(?:[-_=–—]{2,}.*)?$")
_ORIGINAL = re.compile(ORIGINAL_WORDS, re.IGNORECASE)
_FORWARD = re.compile(FORWARD_WORDS, re.IGNORECASE)
_FORWARD_LINE = re.compile(
    r"^\s*(?:это пересылаемое (?:сообщение|письмо)|this is a forwarded message)\s*\.?\s*$", re.IGNORECASE
)
# Apple writes a sentence with a colon instead of a divider.
_FORWARD_SENTENCE = re.compile(
    r"^[\s>*]*(?:" + FORWARD_WORDS + "|" + FORWARD_SENTENCES + r")[^:]{0,30}:[\s*]*$",
    re.IGNORECASE,
)

# Begins where a word does, or one long word without «@» would be read from each of its letters.
ADDRESS = re.compile(
    r"(?<![^\s<>()\[\]\",;:@'*])[^\s<>()\[\]\",;:@'*]+@[^\s<>()\[\]\",;:@'*]+\.[^\s<>()\[\]\",;:@'*.]+"
)
_DATE = re.compile(
    r"\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}"
    r"|\d{4}[./-]\d{1,2}[./-]\d{1,2}"
    r"|\d{1,2}\.?\s+(?:de\s+)?[^\W\d_]{3,12}\.?,?\s+(?:de\s+)?\d{4}"
    r"|[^\W\d_]{3,12}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}"
    r"|\d{4}\s*(?:年|년|\.\s)",
)
_WEEKDAY = (
    r"(?:пн|вт|ср|чт|пт|сб|вс|нд|понедельник|вторник|сред[ау]|четверг|пятниц[ау]|суббот[ау]|воскресенье"
    r"|mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+"
)
# «В письме от 12.03.2024 …» is speech, «В Пн, 11/03/2024 …» is Evolution: at most two words stand before the date.
_LEAD = r"(?:on|am|le|el|il|op|em|den|dne|dňa|dnia|w dniu|pe|ons|tir|reply to|在)\s+(?:[^\W\d_]{1,14}[.,]*\s+){0,2}"
_START = re.compile(
    rf"^(?:{_LEAD}|(?:в\s+)?{_WEEKDAY}(?:[^\W\d_]{{3,12}}\s+)?)?(?:[^\W\d_]{{2,5}}\.?,?\s+)?\d", re.IGNORECASE
)
# «Здравствуйте, Ольга. Вы писали 11 марта 2024 г., 15:02:50:» is The Bat!.
_YOU_WROTE = re.compile(
    r"\b(?:Вы писали|You wrote)\b.{0,20}\d{4}.{0,12}\d:\d\d.{0,12}:\s*$"
    r"|\d{4}.{0,12}\d:\d\d:\d\d.{0,6}\s(?:вы писали|you wrote)\s*:\s*$",
    re.IGNORECASE,
)
_MACHINE_VERB = re.compile(r"\((?:-?а|ла|а\))\)?\s*:?\s*$|^on\b.{6,300}\bwrote\s*:?[\s-]*$", re.IGNORECASE)
_SENT_FROM_LEAD = re.compile(r"^(?:отправлено|sent|gesendet)\s.{2,40}?\s(?=\S*\s?\d)", re.IGNORECASE)
_ENDS_WITH_VERB = re.compile(
    rf"(?:{VERB})(?:\s+(?:am|em|le|den|в|on)\s.{{4,60}}|\s*:?\s*\S*<[^<>]+>)?\s*[:：]?\s*-*\s*$", re.IGNORECASE
)
_HAS_VERB = re.compile(rf"(?:^|[\s>»\"”])(?:{VERB})(?=[\s:：]|$)", re.IGNORECASE)
# What every attribution begins and ends with, to be asked first because most lines of a letter are none.
_MAY_BEGIN = re.compile(r"[\d@]")
_MAY_BEGIN_WITH = ("on ", "le ", "am ", "il ", "el ", "op ", "em ", "den ")
_ABBREVIATION = re.compile(r"(?:\d\s*[^\W\d_]{1,6}|\d|\b(?:г|inc|ltd|jr|mr|mrs|dr|a\.m|p\.m))\.$", re.IGNORECASE)
_MAY_END = re.compile(r"(?:[:：՝>\u202c\u200f-]|wrote|schrieb|skrev|écrit|писал\S{0,5}|пишет)[\s*]*$", re.IGNORECASE)
_LONGEST_END = 24
# Where there is no verb, the sender's name and bracketed address stand last: «12.03.2024, 10:15, Имя <a@b>:».
_NAME_LAST = re.compile(r"\d{1,2}[:.]\d\d.*(?:<[^<>]+>|\bот\b\s.{2,60}@\S+)\s*[:：]\s*$|<[^<>]+>\s*:\s*$")
# Roundcube: «Иван Белов писал 2024-03-11 15:02:»; Lotus Notes: «Иван Белов ---11.03.2024 15:02:00---КП».
_VERB_DATE = re.compile(
    rf"^(?:[\w.«»\"@<>-]+\s+){{1,5}}(?:{VERB})\s(?:{_DATE.pattern})[,\s]+(?:[^\W\d_]{{1,3}}\s)?\d{{1,2}}:\d\d(?::\d\d)?:\s*$",
    re.IGNORECASE,
)
_NOTES = re.compile(r"^[\w.\- /]{2,60} ---\d{1,4}[./-]\d{1,2}[./-]\d{1,4} \d{1,2}:\d\d(?::\d\d)?(?: [AP]M)?---")
# Bitrix: the whole header in one line, «От: Имя <a@b>, 12.03.2024 10:15».
_ONE_LINE = re.compile(
    rf"^\*?(?:от|from)\s?:\s[^<>@]{{0,100}}<?(?:{ADDRESS.pattern})>?,?\s+(?:{_DATE.pattern}),?\s+(?:в\s)?\d{{1,2}}:\d\d(?::\d\d)?$",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"[<(]\S{1,100}@\S{1,100}[>)]")
_CLOCK = re.compile(r"(?:^|[^\d:.])\d{1,2}[:.]\d\d(?!\d|[.:]?\d)|\d{1,2}:\d\d:\d\d")
# «11.03.2024 в 15:02 мы писали вам (lab@…):» is a person's sentence, and what follows it are his words.
_SPEECH = re.compile(
    r"\b(?:мы|я|вы|нам|вам|мне|нас|вас|наш\w*|ваш\w*|письм\w*|адрес\w*|почт\w*|запрос\w*|we|i|our|your|you|my)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_MARKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069]")
_QUOTED = re.compile(r"^\s{0,3}(?:>|[A-Za-zА-ЯЁа-яё]{1,3}>{1,3}(?:\s|$))")
_BARRED = re.compile(r"^\s{0,3}\|(?:\s|$)")
_MAILTO = re.compile(r"<?\s*mailto:[^<>]{0,200}?>|\[mailto:([^\]]{3,100})\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Header:
    """A block of header lines that a mail program wrote into the text; `size` counts the lines it takes."""

    size: int
    sender: str
    date: str
    subject: str
    kinds: frozenset[str]


def is_quoted(line: str) -> bool:
    """A line that begins with `>` or, as in The Bat!, with initials and `>`."""
    return bool(_QUOTED.match(line[:20]))


def is_barred(line: str) -> bool:
    """A line that begins with `|`: quotation only below an attribution, else a table."""
    return bool(_BARRED.match(line[:6]))


def unquoted(line: str) -> str:
    """The line without its quotation marks."""
    return re.sub(r"^\s{0,3}(?:[A-Za-zА-ЯЁа-яё]{1,3}(?=>))?(?:[>|]\s?)+", "", line)


@lru_cache(maxsize=4096)
def divider(line: str) -> str:
    """`original` or `forward` for a dividing line that names what follows, else empty."""
    if len(line) > _MAX_LINE:
        return ""
    found = _DIVIDER.match(line)
    if found and _FORWARD.search(found[1]):
        return "forward"
    if found and _ORIGINAL.search(found[1]):
        return "original"
    return "forward" if _FORWARD_SENTENCE.match(line) or _FORWARD_LINE.match(line) else ""


def header_at(lines: Sequence[str], at: int, *, ruled: bool = False) -> Header | None:
    """The header block that begins at line `at` (labels in any language), or None.

    It needs a sender and another label, and an address or a time of day, which forms typed by people («От: ООО …,
    Дата: …») have not; `ruled` says that a dividing line stands above, which is proof enough.
    """
    first = _label(lines[at])
    if first is None:
        return None
    found, last, size, gaps = {first[0]: first[1]}, first[0], 1, 0
    for n in range(at + 1, min(len(lines), at + _MAX_BLOCK)):
        line = lines[n]
        label = _label(line)
        if label and gaps and label[0] in found:
            break
        if label:
            last, size, gaps = label[0], n - at + 1, 0
            found.setdefault(*label)
        elif not line.strip(" >*\t"):
            gaps += 1
            if gaps > 1 or ("subject" in found and "from" in found and len(found) > 2):
                break
        elif gaps or not _continues(line, last, found):
            break
        else:
            found[last] = f"{found[last]} {unquoted(line).strip()}".strip()
            size = n - at + 1
    if not _is_header(found, ruled):
        return None
    return Header(size, found["from"], found.get("date", ""), found.get("subject", ""), frozenset(found))


@lru_cache(maxsize=4096)
def _label(line: str) -> tuple[str, str] | None:
    match = _LABEL.match(line) if len(line) < _MAX_LINE * 4 else None
    if match is None:
        return None
    value = _MAILTO.sub(lambda m: f"<{m[1]}>" if m[1] else "", match[2])
    return _KIND[match[1].lower()], value.strip().strip("*").strip()


def _continues(line: str, last: str, found: dict[str, str]) -> bool:
    """A folded list of recipients, or a value that stands on the line below its label."""
    return (last in ("to", "cc", "from") and ("@" in line or not found[last])) or (not found[last] and last != "other")


def _is_header(found: dict[str, str], ruled: bool) -> bool:
    if "from" not in found or not found.keys() & {"date", "to", "subject", "cc"}:
        return False
    timed = _CLOCK.search(found.get("date", "")) is not None and len(found) > 2
    return ruled or timed or ADDRESS.search(found["from"]) is not None


def attribution_at(lines: Sequence[str], at: int) -> int:
    """How many lines from `at` on say «… on that day somebody wrote:»; 0 for none."""
    first = unquoted(lines[at]).strip()
    if not first or len(first) > _MAX_LINE or not _may_begin(first):
        return 0
    if _NOTES.match(first) or _ONE_LINE.match(first):
        return 1
    joined, blanks = "", 0
    for n in range(at, min(len(lines), at + 6)):
        line = unquoted(lines[n][:_MAX_LINE]).strip() if n > at else first
        joined = f"{joined} {line}".strip()
        if len(joined) > _MAX_LINE:
            return 0
        if not line:
            # Old Outlook tears the line apart with blank ones; only a plain beginning may be joined over them.
            blanks += 1
            if blanks > 2 or not re.match(r"(?i)on\s.{0,20}\d{4}", joined):
                return 0
            continue
        if n > at and _may_end(line) and _START.match(line) and _strength(line):
            # The attribution begins only here; what stands above it is text.
            return 0
        strength = _strength(joined) if _may_end(joined) else 0
        if strength == 2 or (strength == 1 and _quote_follows(lines, n + 1)):
            return n - at + 1
        if line.endswith((".", "!", "?")) and not _ABBREVIATION.search(line):
            # A sentence has ended: this was text.
            return 0
    return 0


def _may_begin(line: str) -> bool:
    return bool(_MAY_BEGIN.search(line)) or line.endswith(":") or line[:4].lower().startswith(_MAY_BEGIN_WITH)


def _may_end(line: str) -> bool:
    return _MAY_END.search(line[-_LONGEST_END:]) is not None


@lru_cache(maxsize=4096)
def _strength(text: str) -> int:
    """2 where only a mail program writes such a line, 1 where it counts with quotation below it, 0 for no.

    «Иванов пишет: …», «Вчера директор написал:» and «11.03.2024 Ваш сотрудник написал:» are people's speech: what
    a program writes has a date and an address, or a form of the verb that nobody types.
    """
    text = _MARKS.sub("", _MAILTO.sub(lambda m: m[1] or "", text))
    ends = text.rstrip(" -*").endswith((":", "：", "՝"))
    if ends and (_YOU_WROTE.search(text) or (_VERB_DATE.search(text) and not _SPEECH.search(text))):
        return 2
    dated, address = _DATE.search(text) is not None, ADDRESS.search(text) is not None
    starts = _START.match(_SENT_FROM_LEAD.sub("", text).lstrip("-* ")) is not None
    if not (ends or dated or starts):
        return 0
    verb_last = _ENDS_WITH_VERB.search(text) is not None
    verb = verb_last or _HAS_VERB.search(text) is not None
    if dated and address and (ends or verb_last) and (verb or (starts and _NAME_LAST.search(text))):
        return 2
    # In whatever language: who, with his address in brackets, on which day, at which minute, and a colon.
    if ends and _BRACKETED.search(text) and _YEAR.search(text) and _CLOCK.search(text):
        return 2 if dated and not _SPEECH.search(text) else 1
    if starts and (ends or verb_last) and _MACHINE_VERB.search(text):
        return 2 if dated or _CLOCK.search(text) else 1
    if starts and address and verb_last and _CLOCK.search(text):
        return 2
    if dated and (ends or verb_last) and (verb or starts):
        return 1
    # «2013/7/20 somebody <a@b.c>», as Gmail once wrote, or «Somebody <a@b.c> пишет:» without a date.
    if _DATE.match(text) and text.endswith(">") and address:
        return 1
    return int(ends and verb and (address or len(text) < 60))


def _quote_follows(lines: Sequence[str], at: int) -> bool:
    below = next((line for line in lines[at : at + 3] if line.strip()), "")
    return is_quoted(below) or is_barred(below)
