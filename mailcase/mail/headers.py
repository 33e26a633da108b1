"""Reads what stands above the text: who wrote, to whom, about what, and which letters it answers.

Never raises. Addresses are taken apart before anything is decoded, so that an encoded comma cannot make two people
of one (RFC 2047 section 6.2, C62); adjacent encoded words are joined as bytes, so that a letter cut in half between
two of them is whole again (C60); raw 8-bit headers are read by the frequency of letters (C61).
"""

from __future__ import annotations

import binascii
import contextlib
import html
import re
import unicodedata
from dataclasses import dataclass

from mailcase.mail import charset

# A header longer than this is an attack or a list of thousands: the rest is not read (it stays in the raw letter).
MAX_HEADER = 64_000
# Each id is looked up and locked: a thread is known by its first id and its newest ones.
_MAX_IDS = 100
# RFC 5322 2.1.1 for an id, RFC 5321 4.5.3.1 for an address: no index of a database takes what is longer.
_LONGEST_ID = 998
_LONGEST_ADDRESS = 320

# Blanks inside Q words, an RFC 2231 language and missing blanks between words are against RFC 2047 and common.
ENCODED_WORD = re.compile(r"=\?([^?\s*=]{1,60})(?:\*[\w-]*)?\?([bBqQ])\?([^\r\n]{0,4000}?)\?=", re.DOTALL)
# A header that was cut off within its last word.
_CUT_WORD = re.compile(r"=\?[\w-]{2,60}\?(?:[bB]\?[A-Za-z0-9+/=]{4,}|[qQ]\?[\w=.,:-]{4,})\??$")
_LONGEST_WORD = 1000
_FOLD = re.compile(r"\r?\n[ \t]*|\r[ \t]*")
_QUOTED_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_ID = re.compile(r"<([^<>]{1,998})>")
_NO_ID = re.compile(r"[\s<>()\"',;]+")


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of a header: display name (decoded, may be empty) and address (lower-case domain as A-label)."""

    name: str
    addr: str


@dataclass(frozen=True, slots=True)
class Words:
    """A decoded header and how sure the decoding is, 0 to 1."""

    text: str
    confidence: float


def unfold(value: str) -> str:
    """The header on one line (RFC 5322 section 2.2.3), cut to what is ever read."""
    value = value[:MAX_HEADER]
    return _FOLD.sub(" ", value).strip() if "\n" in value or "\r" in value else value.strip()


def decode(value: str, hint: str = "") -> Words:
    """The readable text of an unstructured header value as compat32 gives it (8-bit bytes as surrogates).

    `hint` is the code page of the letter's body, which settles short raw headers.
    """
    value = unfold(value)
    if "=?" not in value:
        return _raw(value, hint)
    found = _words(value, hint)
    # Encoded twice, as gateways do with a subject that they take for plain text.
    return _words(found.text, hint) if ENCODED_WORD.fullmatch(found.text) else found


def _words(value: str, hint: str) -> Words:
    out: list[str] = []
    confidence = 1.0
    run: list[tuple[str, bytes, str]] = []
    at = 0
    if _CUT_WORD.search(value[-_LONGEST_WORD:]):
        value = value.removesuffix("?") + "?="
    for word in ENCODED_WORD.finditer(value):
        between = value[at : word.start()]
        if between.strip() or (between and not run):
            _flush(run, out)
            plain = _raw(between, hint, keep_blanks=True)
            out.append(plain.text)
            confidence = min(confidence, plain.confidence)
        run.append((word[1], _content(word[2], word[3]), word[0]))
        at = word.end()
    confidence = min(confidence, _flush(run, out))
    rest = _raw(value[at:], hint, keep_blanks=True)
    return Words(_tidy("".join(out) + rest.text), min(confidence, rest.confidence))


def _flush(run: list[tuple[str, bytes, str]], out: list[str]) -> float:
    """Decode a run of adjacent encoded words; those in one alphabet are joined as bytes first (C60)."""
    confidence = 1.0
    while run:
        name, data, literal = run.pop(0)
        while run and run[0][0].lower() == name.lower():
            data, literal = data + run[0][1], literal + run.pop(0)[2]
        word = charset.decode(data, name)
        # Rubbish tells less than the word as it was sent, which somebody may still decipher.
        out.append(word.text if word.confidence > 0.4 else charset.clean(literal))
        confidence = min(confidence, word.confidence)
    return confidence


def _content(encoding: str, text: str) -> bytes:
    data = text.encode("ascii", "surrogateescape") if text.isascii() or _escaped(text) else text.encode()
    if encoding in "qQ":
        return _QUOTED_HEX.sub(lambda m: bytes([int(m[1], 16)]), data.replace(b"_", b" "))
    pure = _NOT_BASE64.sub(b"", data)
    # A lone last sign carries less than a byte; padding is what senders forget.
    pure = pure[: len(pure) - 1] if len(pure) % 4 == 1 else pure
    try:
        return binascii.a2b_base64(pure + b"=" * (-len(pure) % 4))
    except binascii.Error:
        return data


def _escaped(text: str) -> bool:
    return all(c < "\x80" or "\udc80" <= c <= "\udcff" for c in text)


def _raw(value: str, hint: str, keep_blanks: bool = False) -> Words:
    """A stretch without encoded words: ASCII, or bytes in a code page that nobody named."""
    if value.isascii():
        text, confidence = charset.clean(value), 1.0
    elif _escaped(value):
        found = charset.decode(value.encode("ascii", "surrogateescape"), "", hint)
        text, confidence = found.text, found.confidence
    else:
        text, confidence = charset.clean(value), 1.0
    return Words(text if keep_blanks else _tidy(text), confidence)


def _tidy(text: str) -> str:
    return " ".join(text.split())


def ids(value: str) -> tuple[str, ...]:
    """Every Message-ID of a header, with its angle brackets, in order, each once (RFC 5322 section 4, C42).

    Folding inside an id is taken out; comments, words and missing blanks between ids do no harm, nor do encoded words
    and entities that programs make of them. A header without any whole id gives its words that look like one.
    """
    value = charset.clean(_FOLD.sub(" ", value[:MAX_HEADER]))
    value = decode(value).text if "=?" in value else value
    value = html.unescape(value) if "&lt;" in value else value
    found = [_joined(m) for m in _ID.findall(value)] or [f"<{w}>" for w in _NO_ID.split(value) if _like_an_id(w)]
    unlike = tuple(dict.fromkeys(i for i in found if i and _fits(i, _LONGEST_ID)))
    return unlike if len(unlike) <= _MAX_IDS else (unlike[0], *unlike[1 - _MAX_IDS :])


def _fits(text: str, octets: int) -> bool:
    return len(text.encode(errors="replace")) <= octets


def _like_an_id(word: str) -> bool:
    return len(word) < 999 and 0 < word.find("@") < len(word) - 1


def _joined(text: str) -> str:
    bare = "".join(text.split()).removeprefix("mailto:")
    return f"<{bare}>" if bare and (bare == text.strip() or "@" in bare) else ""


def own_id(value: str) -> str:
    """The letter's own Message-ID with its brackets; empty where there is none worth the name."""
    found = ids(value)
    if found:
        return found[0]
    bare = charset.clean("".join(value.split())).strip("<>")[:_LONGEST_ID]
    while not _fits(bare, _LONGEST_ID - 2):
        bare = bare[: len(bare) // 2]
    return f"<{bare}>" if bare else ""


def normal_address(addr: str) -> str:
    """The address in the one spelling we compare: NFC, domain in lower case as A-labels (C65, C66)."""
    addr = unicodedata.normalize("NFC", charset.clean(addr)).strip().strip("<>").strip()
    addr = addr[7:] if addr.lower().startswith("mailto:") else addr
    local, at, domain = addr.rpartition("@")
    if not _fits(addr, _LONGEST_ADDRESS):
        return ""
    if not at:
        return addr
    domain = domain.strip().rstrip(".").lower()
    if not domain.isascii():
        with contextlib.suppress(UnicodeError):
            domain = domain.encode("idna").decode("ascii")
    return f"{local.strip()}@{domain}"
