"""Opens a raw letter: bytes to a tree of parts, with a bound on how big and how deep a tree may be.

Never raises. The parser is the one of the standard library with the compat32 policy: the newer policies raised on
every eighth damaged letter. Whatever is mended or cut here is said in `Opened.defects`; the raw letter is kept anyway.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

from mailcase.mail import blocks, bounded, headers, unpack
from mailcase.mail.bounded import MAX_DEPTH, MAX_PARTS

# Nothing in a header block beyond this is read by anybody.
MAX_HEAD = 1_000_000

_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_KNOWN = re.compile(
    rb"(from|to|cc|subject|date|message-id|received|reply-to|in-reply-to|references|return-path|mime-version"
    rb"|content-[a-z-]+|x-[a-z0-9-]+|sender|delivered-to|dkim-signature)[ \t]*:",
    re.IGNORECASE,
)
_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n|\r\r")
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|$)")


@dataclass(frozen=True, slots=True)
class Opened:
    """The tree of a letter and what was wrong with it (short English phrases)."""

    message: Message
    defects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a letter: `index` is its place in `Message.walk()`.

    `inside` is true in a letter that is attached to this one; `choice` is the index of the outermost
    multipart/alternative around it, or -1.
    """

    index: int
    message: Message
    inside: bool
    choice: int
    related: bool


def open_letter(raw: bytes) -> Opened:
    """The tree of `raw`; the same bytes always give the same tree, so an index into it stays good."""
    raw, defects = _mend(raw)
    raw, too_long = _short_head(raw)
    raw, too_many = bounded.cut(raw)
    defects += filter(None, (too_long, too_many))
    try:
        tree = _without_nul(blocks.tree(raw))
        return Opened(tree, (*defects, *unpack.unpack(tree)))
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:
        defects.append(f"structure not readable ({type(error).__name__}): only the header was parsed")
        message = BytesHeaderParser(policy=bounded.POLICY).parsebytes(raw[:MAX_HEAD])
        return Opened(message, tuple(defects))


def _short_head(raw: bytes) -> tuple[bytes, str]:
    """The letter with at most MAX_HEAD bytes of header, and what was done about more (empty for nothing)."""
    if len(raw) <= MAX_HEAD or _BLANK.search(raw, 0, MAX_HEAD):
        return raw, ""
    end = _BLANK.search(raw, MAX_HEAD)
    kept = raw[: raw.rfind(b"\n", 0, MAX_HEAD) + 1] or raw[:MAX_HEAD]
    return kept + (raw[end.start() :] if end else b""), f"header of more than {MAX_HEAD} bytes: the rest is not read"


def _without_nul(message: Message) -> Message:
    """The tree with no NUL in the fields that describe its parts: `get_payload` raises where a charset holds one."""
    for part in itertools.islice(message.walk(), MAX_PARTS):
        for name, value in part.raw_items():
            if "\0" in value and name.lower().startswith("content-"):
                part.replace_header(name, value.replace("\0", ""))
    return message


def raw_value(part: Message, name: str) -> str:
    """The first header of that name as it stands in the letter (8-bit bytes as surrogates), or an empty string."""
    return next(iter(raw_values(part, name)), "")


def raw_values(part: Message, name: str) -> list[str]:
    """Every header of that (lower-case) name as `headers.decode` takes it: `get` puts U+FFFD for each 8-bit byte."""
    return [value for own, value in part.raw_items() if own.lower() == name]


def head(raw: bytes) -> bytes:
    """The header block alone, mended, without the blank line that ends it."""
    raw, _ = _mend(raw[:MAX_HEAD])
    end = _BLANK.search(raw)
    return raw[: end.start()] if end else raw


def fields(raw: bytes) -> Iterator[tuple[str, str]]:
    """Name (lower-case) and value of each header; nothing of the body is looked at."""
    for line in re.split(rb"\r?\n(?![ \t])|\r(?![ \t\n])", head(raw)):
        name, colon, value = line.partition(b":")
        if colon:
            text = value.decode("ascii", "surrogateescape")
            yield name.strip().lower().decode("ascii", "replace"), headers.unfold(text)


def _mend(raw: bytes) -> tuple[bytes, list[str]]:
    """Repair what makes the parser take the header for the body: leading blanks, and lines that are no header."""
    defects: list[str] = []
    if raw[:3] == b"\xef\xbb\xbf":
        raw = raw[3:]
    if b"\n" not in raw:
        # Old Macintosh line ends: decoders of quoted-printable stop at them.
        raw = raw.replace(b"\r", b"\n")
    if raw[:1] in (b"\r", b"\n", b" ", b"\t"):
        raw = raw.lstrip(b"\r\n\t ")
        defects.append("blank lines before the header")
    end = _BLANK.search(raw, 0, MAX_HEAD)
    top = raw[: end.start()] if end else raw[:MAX_HEAD]
    if top.startswith(b"From ") or top.startswith(b">From "):
        first = _LINE.match(top)
        skip = first.end() if first else 0
        top, raw = top[skip:], raw[skip:]
    lines = [m[0] for m in _LINE.finditer(top) if m[0]]
    bad = [n for n, line in enumerate(lines) if not (line[:1] in b" \t" or _whole(line))]
    if not bad:
        return raw, defects
    last = max((n for n, line in enumerate(lines) if _KNOWN.match(line)), default=-1)
    for n in bad:
        if n < last:
            # `Subject : x` loses its blank, any other line is hung on the header above it.
            lines[n] = re.sub(rb"^([!-9;-~]+)[ \t]+:", rb"\1:", lines[n]) if _FIELD.match(lines[n]) else b" " + lines[n]
    if bad[0] < last:
        defects.append("lines in the header that are no header")
    return b"".join(lines) + raw[len(top) :], defects


def _whole(line: bytes) -> bool:
    name = line.partition(b":")[0]
    return b":" in line and name.isascii() and name.strip() == name and b" " not in name


def parts(message: Message) -> Iterator[Part]:
    """The parts in the order of `Message.walk()`, without recursion, at most MAX_PARTS of them."""
    stack: list[tuple[Message, bool, int, bool, int]] = [(message, False, -1, False, 0)]
    index = 0
    while stack and index < MAX_PARTS:
        node, inside, choice, related, depth = stack.pop()
        yield Part(index, node, inside, choice, related)
        kind = node.get_content_type()
        payload = node.get_payload()
        if isinstance(payload, list) and node.is_multipart() and depth < MAX_DEPTH:
            inner = inside or kind.startswith("message/")
            around = index if kind == "multipart/alternative" and choice < 0 else choice
            rel = related or kind == "multipart/related"
            stack.extend(
                (child, inner, around, rel, depth + 1) for child in reversed(payload) if isinstance(child, Message)
            )
        index += 1
