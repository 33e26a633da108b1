"""Turns bytes into readable words, also where the sender named the wrong alphabet or none.

Never raises. Russian mail is declared wrongly more often than any other, so a declaration is a hint that has to
prove itself; without one, UTF-8 is tried first and then the Russian code pages by the frequency of letters (C61).
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from mailcase.mail import mojibake
from mailcase.mail.russian_letters import foreign, likelihood

# Names that clients write and Python does not know, and sets that a larger one contains (WHATWG does the same).
_ALIASES = {
    "x-cp1251": "cp1251",
    "cp-1251": "cp1251",
    "win-1251": "cp1251",
    "win1251": "cp1251",
    "windows1251": "cp1251",
    "x-windows-1251": "cp1251",
    "microsoft-cp1251": "cp1251",
    "koi8r": "koi8-r",
    "koi8": "koi8-r",
    "koi-8-r": "koi8-r",
    "x-koi8-r": "koi8-r",
    "koi8-ru": "koi8-u",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-cp866": "cp866",
    "dos-866": "cp866",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode": "utf-16",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "x-euc-jp": "euc-jp",
    "iso-2022-jp": "iso-2022-jp-2",
    "tis-620": "cp874",
    "windows-31j": "cp932",
}
# Codecs of Python that are no alphabet of a letter; some of them raise foreign exceptions.
_FOREIGN = frozenset({"undefined", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"})
_RUSSIAN = ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic")
_CYRILLIC = frozenset(_RUSSIAN)
# A declaration of one of these proves nothing about 8-bit bytes: it is what programs write without thinking.
_CARELESS = frozenset({"ascii", "cp1252", "cp1250", "cp1254", "cp437", "cp850", "iso8859-15", "iso8859-2"})
_SINGLE_BYTE = re.compile(r"^(cp125\d|cp8\d\d|cp437|iso8859-\d+|koi8-[ru]|mac-cyrillic|cp874)$")

_HIGH = re.compile(rb"[\x80-\xff]")
# So much likelier must another code page be than the declared one.
_BETTER = 0.35
# Letters say what the code page is long before the end of a book.
_SAMPLE = 6000


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text in NFC without NUL or surrogates, how sure we are of it (0 to 1), and the codec that gave it."""

    text: str
    confidence: float
    charset: str


@lru_cache(maxsize=256)
def codec(name: str) -> str:
    """Python's name of the alphabet that a letter calls `name`; empty where there is none."""
    low = name.strip().strip("\"'").lower().split(",")[0].strip()[:60]
    low = _ALIASES.get(low, low)
    if not low or not low.isascii() or "\0" in low:
        return ""
    try:
        found = codecs.lookup(low)
    except (LookupError, ValueError):
        return ""
    known = _ALIASES.get(found.name, found.name)
    # `_is_text_encoding` is what bytes.decode() itself asks to refuse base64, rot13 and the like.
    return known if found._is_text_encoding and known.replace("-", "_") not in _FOREIGN else ""


def decode(data: bytes, declared: str = "", hint: str = "") -> Decoded:
    """The text of `data`, said to be in `declared`; `hint` is the code page the rest of the letter is in."""
    found = _decode(data, declared, hint)
    if found.text.isascii():
        return found
    repaired = mojibake.repaired(found.text)
    sure = found.confidence if repaired == found.text else min(found.confidence, 0.8)
    # A Macintosh writes «й» in file names and names as two signs, which no search for «й» finds (C65).
    return Decoded(unicodedata.normalize("NFC", clean(repaired)), sure, found.charset)


def _decode(data: bytes, declared: str, hint: str) -> Decoded:
    if not data:
        return Decoded("", 1.0, "ascii")
    marked = _byte_order_mark(data)
    if marked:
        return marked
    named = codec(declared)
    if not _HIGH.search(data):
        return _seven_bit(data, named)
    if not named or named == "ascii":
        return _guess(data, hint)
    try:
        text = data.decode(named)
    except (UnicodeError, ValueError, LookupError):
        return _broken(data, named, hint)
    if not _SINGLE_BYTE.match(named):
        return Decoded(clean(text), 1.0, named)
    return _doubt(data, text, named, hint)


def clean(text: str) -> str:
    """The text without what databases and UTF-8 refuse: NUL, lone surrogates; and without C0 controls."""
    return _REFUSED.sub("", text)


_REFUSED = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ud800-\udfff\ufeff]")


def _byte_order_mark(data: bytes) -> Decoded | None:
    marks = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
    for mark, name in marks:
        if data.startswith(mark) and len(data) > len(mark):
            try:
                return Decoded(clean(data.decode(name)), 1.0, name)
            except UnicodeError:
                continue
    return None


def _seven_bit(data: bytes, named: str) -> Decoded:
    # Stateful alphabets (Japanese, UTF-7, UTF-16) live in seven bits and must be named, or show their escapes.
    if b"\x1b$" in data or b"\x1b(" in data:
        named = named if named.startswith("iso2022") else "iso2022_jp_2"
    stateful = named.startswith(("iso2022", "utf-7", "utf-16", "utf-32", "hz"))
    try:
        return Decoded(clean(data.decode(named if stateful else "ascii")), 1.0, named or "ascii")
    except (UnicodeError, ValueError):
        return Decoded(clean(data.decode("ascii", "replace")), 0.5, "ascii")


def _doubt(data: bytes, text: str, named: str, hint: str) -> Decoded:
    """A single-byte declaration always fits; is it likely? UTF-8 called cp1251 and cp1251 called latin are common."""
    if _looks_utf8(data):
        return Decoded(clean(data.decode("utf-8")), 0.9, "utf-8")
    if named in _CARELESS:
        guessed = _russian(data, hint)
        return guessed if guessed else Decoded(clean(text), 1.0, named)
    if named in _RUSSIAN and foreign(text):
        # Macintosh and Windows differ in capitals only, so a few letters that no Russian word has must tell.
        guessed = _russian(data, hint)
        if guessed and not foreign(guessed.text) and likelihood(guessed.text) > likelihood(text):
            return guessed
    if named in _RUSSIAN and (unlike := likelihood(text) + _BETTER) < 1.0:
        # No score is above 1, so honest Russian is not read five times more.
        guessed = _russian(data, hint)
        if guessed and guessed.charset != named and likelihood(guessed.text) > unlike:
            return guessed
    return Decoded(clean(text), 1.0, named)


def _looks_utf8(data: bytes) -> bool:
    """Strict UTF-8 with at least three characters beyond ASCII is UTF-8, whatever it is called."""
    try:
        return len(data) - len(data.decode("utf-8")) >= 3
    except UnicodeDecodeError:
        return False


def _guess(data: bytes, hint: str) -> Decoded:
    try:
        return Decoded(clean(data.decode("utf-8")), 0.95, "utf-8")
    except UnicodeDecodeError:
        pass
    return _russian(data, hint) or _broken(data, "", hint)


def _broken(data: bytes, named: str, hint: str) -> Decoded:
    """Bytes that do not fit what they are called: other alphabets first, then what can be saved."""
    if named != "utf-8" and _looks_utf8(data):
        return Decoded(clean(data.decode("utf-8")), 0.9, "utf-8")
    if named in _CARELESS | _CYRILLIC and (guessed := _russian(data, hint)):
        return guessed
    if not named or named in ("utf-8", "ascii"):
        saved = data.decode("utf-8", "replace")
        high = sum(c > "\x7f" for c in saved)
        # A cut or a stray byte in honest UTF-8 spoils a few characters, a foreign code page nearly all of them.
        if saved.count("�") <= max(1, high // 10) and high > 3:
            return Decoded(clean(saved), 0.8, "utf-8")
        guessed = _russian(data, hint)
        if guessed:
            return guessed
        named = codec(hint) if hint and codec(hint) not in ("utf-8", "ascii") else "cp1252"
    text = data.decode(named, "replace")
    lost = text.count("�") / max(1, len(_HIGH.findall(data)))
    return Decoded(clean(text), 0.7 if lost < 0.05 else 0.3, named)


def _russian(data: bytes, hint: str) -> Decoded | None:
    """The Russian code page that makes the likeliest words, or None where none makes Russian."""
    first = _HIGH.search(data)
    sample = data[max(0, first.start() - 200) :][:_SAMPLE] if first else data[:_SAMPLE]
    best, best_score = "", 0.0
    for rank, name in enumerate(_RUSSIAN):
        score = likelihood(sample.decode(name, "replace")) - rank * 0.01 + (0.08 if codec(hint) == name else 0.0)
        if score > best_score:
            best, best_score = name, score
    if best_score < 0.4:
        return None
    return Decoded(clean(data.decode(best, "replace")), min(0.9, 0.3 + best_score / 2), best)
