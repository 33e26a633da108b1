"""What a text must hold before a regular expression can match in it: most word lists are ruled out at once.

Judging a letter asks for some two thousand phrases. Nearly all of them begin with a word, so that the first letters of
each word of the letter tell which may stand there; of the others a word is known that every match holds. Pure and
cautious: where a pattern's letters cannot be told, nothing is ruled out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

LENGTH = 6
"""Letters by which the beginning of a phrase is told."""
_FEW = 4
"""Characters of a class that are told one by one."""
_MANY = 80
"""Ways to begin beyond which a phrase is told by fewer letters."""
_ZERO_OR_MORE = "?*"
_EDGES = frozenset("bB")
_CLASSES = {"d": "0123456789"}
"""Classes whose characters are told, `d` by those that mail is written with."""
_ANCHORS = frozenset("^$")
_WORD_STARTS = frozenset({r"\b", "^"})
"""Assertions after which a letter begins a word."""
_TAKES_ALL = ("?:", "?m:")
"""Signs of a group that is one of its alternatives and no more."""
_LOOKS = ("?=", "?!", "?<")


@dataclass(frozen=True, slots=True)
class _Item:
    """One item of a regular expression: a group, or a character that is one of `signs` (any, where that is empty)."""

    signs: str = ""
    group: tuple[_Sequence, ...] = ()
    edge: str = ""
    """An assertion that takes no characters, as it is written."""
    optional: bool = False
    repeated: bool = False


_Sequence = tuple[_Item, ...]


def certain(expression: str) -> tuple[str, ...] | None:
    """Words one of which stands in every match of this regular expression; None where it may match without any."""
    return _certain(_alternatives(_Source(expression)))


def beginnings(expression: str) -> tuple[str, ...] | None:
    """What its matches begin with, up to `LENGTH` letters; None where one may begin inside a word."""
    ways = _alternatives(_Source(expression))
    if not all(map(_starts_word, ways)):
        return None
    heads = {head for way in ways for head in _heads(way)}
    return tuple(sorted(heads)) if all(head[:1].isalnum() for head in heads) else None


def _certain(ways: tuple[_Sequence, ...]) -> tuple[str, ...] | None:
    """One certain word for each alternative, or None."""
    found = [_most_telling(sequence) for sequence in ways]
    if any(words is None for words in found):
        return None
    return tuple(word for words in found if words is not None for word in words)


def _most_telling(sequence: _Sequence) -> tuple[str, ...] | None:
    """The longest of the words that an alternative certainly holds, taken by its shortest way of writing."""
    held: list[tuple[str, ...]] = []
    run = ""
    for item in (*sequence, _Item()):
        if len(item.signs) == 1 and not item.optional:
            run += item.signs
        if (len(item.signs) != 1 or item.optional or item.repeated) and run:
            held.append((run,))
            run = ""
        words = _certain(item.group) if item.group else tuple(item.signs) if len(item.signs) > 1 else None
        if words is not None and not item.optional:
            held.append(words)
    return max(held, key=lambda words: min(map(len, words)), default=None)


def _starts_word(sequence: _Sequence) -> bool:
    first = sequence[0] if sequence else _Item()
    inside = bool(first.group) and not first.optional and all(map(_starts_word, first.group))
    return first.edge in _WORD_STARTS or inside


def _heads(sequence: _Sequence) -> Iterator[str]:
    """The ways in which a match of the sequence may begin, each of `LENGTH` letters or as many as are certain."""
    yield from (head for head, _ in _begun(sequence))


def _begun(sequence: _Sequence) -> set[tuple[str, bool]]:
    """Its beginnings, each with whether it is all of the sequence, so that what follows goes on there."""
    heads = {("", True)}
    for item in sequence:
        if item.edge:
            continue
        ways = _ways(item)
        heads = {(head, False) for head, whole in heads if not whole} | {
            ((head + more)[:LENGTH], ended and len(head + more) <= LENGTH)
            for head, whole in heads if whole for more, ended in ways
        }  # fmt: skip
        if len(heads) > _MANY:
            heads = {(head[: LENGTH // 2], False) for head, _ in heads}
        if not any(whole for _, whole in heads):
            break
    return heads


def _ways(item: _Item) -> set[tuple[str, bool]]:
    """What an item may begin with, as `_begun`."""
    if item.group:
        ways = {way for sequence in item.group for way in _begun(sequence)}
    else:
        ways = {(sign, True) for sign in item.signs} or {("", False)}
    if item.repeated:
        ways = {(head, False) for head, _ in ways}
    return ways | {("", True)} if item.optional else ways


@dataclass(slots=True)
class _Source:
    """A regular expression that is being read."""

    text: str
    at: int = 0

    def take(self) -> str:
        self.at += 1
        return self.text[self.at - 1 : self.at]

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]


def _alternatives(source: _Source) -> tuple[_Sequence, ...]:
    """Read to the end of the group, or of all."""
    ways: list[_Sequence] = []
    sequence: list[_Item] = []
    while (sign := source.take()) and sign != ")":
        if sign == "|":
            ways.append(tuple(sequence))
            sequence = []
        else:
            item = _item(sign, source)
            optional, repeated = _quantifier(source)
            sequence.append(replace(item, optional=optional, repeated=repeated))
    return (*ways, tuple(sequence))


def _item(sign: str, source: _Source) -> _Item:
    if sign == "(":
        return _group(source)
    if sign == "[":
        return _Item(_one_of(source))
    if sign == "\\":
        escaped = source.take()
        if escaped in _EDGES:
            return _Item(edge=sign + escaped)
        return _Item(_CLASSES.get(escaped, "") if escaped.isalnum() else escaped)
    if sign in _ANCHORS:
        return _Item(edge=sign)
    return _Item("" if sign == "." else sign)


def _group(source: _Source) -> _Item:
    """A group; what only looks ahead or behind takes no characters, and of one with flags nothing is told."""
    start = source.at
    for sign in _TAKES_ALL:
        if source.text.startswith(sign, start):
            source.at += len(sign)
            return _Item(group=_alternatives(source))
    ways = _alternatives(source)
    if source.text[start : start + 1] != "?":
        return _Item(group=ways)
    return _Item(edge="(?" if source.text.startswith(_LOOKS, start) else "")


def _one_of(source: _Source) -> str:
    """Past a class of characters, whose first character may be its closing bracket; a few plain ones are told."""
    start = source.at
    source.at += source.peek() == "^"
    source.at += source.peek() == "]"
    while (sign := source.take()) and sign != "]":
        source.at += sign == "\\"
    inside = source.text[start : source.at - 1]
    return inside if len(inside) <= _FEW and not set(inside) & set("^-\\") else ""


def _quantifier(source: _Source) -> tuple[bool, bool]:
    """(whether the item may be missing, whether it may come several times)."""
    optional = repeated = False
    if source.peek() and source.peek() in _ZERO_OR_MORE:
        optional, repeated = True, source.peek() == "*"
        source.at += 1
    elif source.peek() == "+":
        repeated = True
        source.at += 1
    elif source.peek() == "{":
        end = source.text.index("}", source.at)
        optional, repeated = source.text[source.at + 1 : end].startswith(("0", ",")), True
        source.at = end + 1
    if (optional or repeated) and source.peek() and source.peek() in "?+":
        # Lazy or possessive: it changes what is taken, not what must be there.
        source.at += 1
    return optional, repeated
