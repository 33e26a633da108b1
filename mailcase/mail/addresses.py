"""Takes a list of addresses apart: From, To, Cc, Reply-To, as clients really write them.

Never raises. Tokens first, decoding last: an encoded word, a quoted string and a bracketed address are each one
thing, whatever is inside them (RFC 5322 section 3.4, RFC 2047 section 6.2, C62). Group names and empty groups
yield no address (C68). A comma that the sender forgot to quote parts no name from its address in From.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mailcase.mail import headers
from mailcase.mail.headers import Address

# More addresses than this in one header are a mailing, and no one of them matters to us.
MAX_ADDRESSES = 500

_TOKEN = re.compile(
    r"(?P<word>=\?[^?\s]{1,60}\?[bBqQ]\?[^\r\n]{0,4000}?\?=)"
    r'|(?P<quoted>"(?:[^"\\]|\\.){0,500}")'
    r"|(?P<angle><[^<>]{0,1000}>)"
    r"|(?P<mark>[,;:()])"
    r'|(?P<other>(?:(?!=\?)[^,;:()<>"\s])+|=\?|["<>])'
    r"|(?P<blank>\s+)",
    re.DOTALL,
)
# No name is longer; without a bound each of a thousand open quotes is read to the end.
_QUOTED = re.compile(r'("(?:[^"\\]|\\.){0,500}")')
# Begins where a word does, or a header without any «@» would be read from each of its letters.
_BARE = re.compile(r"(?<![^\s@<>,;:\"()])[^\s@<>,;:\"()]+@[^\s@<>,;:\"()]+")


@dataclass(slots=True)
class _Item:
    """One address while it is being read."""

    phrase: list[str] = field(default_factory=list)
    comment: list[str] = field(default_factory=list)
    angle: str | None = None
    mark: str = ""
    """The comma or semicolon before it."""


def addresses(value: str, hint: str = "") -> tuple[Address, ...]:
    """Every mailbox of an address header as compat32 gives it; a name alone becomes an Address without addr."""
    value = headers.unfold(value)
    return _found(value, hint, [_address(item, hint) for item in _items(value)])


def authors(value: str, hint: str = "") -> tuple[Address, ...]:
    """As `addresses`, for From, Sender and Reply-To: `Иванов, Иван <a@b>` is one person, though it is unquoted.

    Only what stands before the first address is joined to its name: a list begins with an address, a person does not.
    """
    value = headers.unfold(value)
    items = _items(value)
    found = [_address(item, hint) for item in items]
    first = next((n for n, a in enumerate(found) if a.addr), 0)
    if first:
        pieces = [(i.mark, a.name) for i, a in zip(items, found[: first + 1], strict=False) if a.name]
        name = "".join(f"{mark} {piece}" for mark, piece in pieces).strip(",; ")
        found[: first + 1] = [Address(name, found[first].addr)]
    return _found(value, hint, found)


def _found(value: str, hint: str, people: list[Address]) -> tuple[Address, ...]:
    found = [a for a in people if a.addr or a.name]
    if not any(a.addr for a in found):
        # The whole mailbox inside an encoded word is against RFC 2047 section 5 and yet sent by web forms.
        text = headers.decode(value, hint).text
        bare = _BARE.search(text) if "=?" in value else None
        if bare:
            return (Address(text[: bare.start()].strip(" <\"'"), headers.normal_address(bare[0])),)
    return tuple(found)


def _items(value: str) -> list[_Item]:
    items, item, depth = [_Item()], _Item(), 0
    items[0] = item
    for token in _TOKEN.finditer(value):
        text, kind = token[0], token.lastgroup
        if kind == "mark" and text in "()":
            depth = max(0, depth + (1 if text == "(" else -1))
            item.comment.append(" ")
        elif depth:
            item.comment.append(text)
        elif kind == "mark" and text in ",;":
            if len(items) >= MAX_ADDRESSES:
                break
            item = _Item(mark=text)
            items.append(item)
        elif kind == "mark":
            # What stands before a colon is the name of a group, unless an address follows in the same item.
            item.phrase = []
        elif kind == "angle" and item.angle is None:
            item.angle = text[1:-1]
        else:
            item.phrase.append(text)
    return items


def _address(item: _Item, hint: str) -> Address:
    phrase = "".join(item.phrase).strip()
    if item.angle is not None:
        inner = item.angle.rpartition(":")[2] if item.angle.startswith("@") else item.angle
        comment = _name("".join(item.comment), hint)
        name = _name(phrase, hint)
        # «Иванов (ООО «Ромашка») <a@b>»: the comment of the standard is part of the name to whoever wrote it.
        return Address(f"{name} ({comment})" if name and comment else name or comment, _normal(inner))
    bare = phrase.replace(" ", "") if re.fullmatch(r"\S+\s*@\s*\S+", phrase) else ""
    if bare:
        return Address(_name("".join(item.comment), hint), _normal(bare))
    found = _BARE.search(phrase)
    if found:
        return Address(_name(phrase.replace(found[0], " "), hint), _normal(found[0]))
    return Address(_name(phrase, hint), "")


def _normal(addr: str) -> str:
    """The address itself, with raw bytes and encoded words made readable."""
    text = headers.decode(addr).text
    return headers.normal_address(text if text.startswith('"') else text.replace(" ", ""))


def _name(phrase: str, hint: str) -> str:
    """A display name: quotes off, quoted pairs resolved, encoded words decoded (inside quotes too: Outlook, 1C)."""
    parts = _QUOTED.split(phrase.strip())
    plain = "".join(re.sub(r"\\(.)", r"\1", p[1:-1]) if len(p) > 1 and p[0] == p[-1] == '"' else p for p in parts)
    # Brackets that are left over belong to an address that was written wrongly.
    return headers.decode(plain.strip(), hint).text.strip(" <>")
