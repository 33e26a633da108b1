"""What letters a text must hold before a regular expression can match in it: most word lists are ruled out at once.

Judging a letter asks for some two thousand phrases. Most of them share not three letters in a row with it, which a
set tells sooner than a search. Pure and cautious: where a pattern's letters cannot be told, nothing is ruled out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LENGTH = 3
"""Letters in a gram: two are in every text, four would leave out short words."""
_FEW = 4
"""Characters of a class that are told one by one."""
_ZERO_OR_MORE = "?*"
_SPECIAL = frozenset(".^$")


def grams(text: str) -> frozenset[str]:
    """Every three letters in a row of the text."""
    return frozenset([text[i : i + LENGTH] for i in range(len(text) - LENGTH + 1)])


def certain(expression: str) -> tuple[str, ...] | None:
    """Words one of which stands in every match of this regular expression; None where it may match without any."""
    return _alternatives(_Source(expression))


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


@dataclass(slots=True)
class _Sequence:
    """One alternative: words that it certainly holds, each as the ways in which it may be written."""

    run: str = ""
    certain: list[tuple[str, ...]] = field(default_factory=list)

    def end_run(self) -> None:
        if self.run:
            self.certain.append((self.run,))
        self.run = ""

    def best(self) -> tuple[str, ...] | None:
        """The most telling of them: the longest, taken by its shortest way of writing."""
        self.end_run()
        return max(self.certain, key=lambda ways: min(map(len, ways)), default=None)


def _alternatives(source: _Source) -> tuple[str, ...] | None:
    """Read to the end of the group (or of all): one certain word for each alternative, or None."""
    found: list[tuple[str, ...] | None] = []
    sequence = _Sequence()
    while (sign := source.take()) and sign != ")":
        if sign == "|":
            found.append(sequence.best())
            sequence = _Sequence()
        else:
            _item(sign, source, sequence)
    found.append(sequence.best())
    if any(ways is None for ways in found):
        return None
    return tuple(word for ways in found if ways is not None for word in ways)


def _item(sign: str, source: _Source, sequence: _Sequence) -> None:
    """Read one item with its quantifier into the sequence."""
    literal, group = "", None
    if sign == "(":
        group = _group(source)
    elif sign == "[":
        group = _one_of(source)
    elif sign == "\\":
        escaped = source.take()
        literal = "" if escaped.isalnum() else escaped
    elif sign not in _SPECIAL:
        literal = sign
    optional, repeated = _quantifier(source)
    if literal and not optional:
        sequence.run += literal
    if not literal or optional or repeated:
        sequence.end_run()
    if group is not None and not optional:
        sequence.certain.append(group)


def _group(source: _Source) -> tuple[str, ...] | None:
    """The certain words of a group; of what only looks ahead or behind there are none."""
    looks = source.peek() == "?"
    if looks and source.text.startswith("?:", source.at):
        source.at += 2
        looks = False
    words = _alternatives(source)
    return None if looks else words


def _one_of(source: _Source) -> tuple[str, ...] | None:
    """Past a class of characters, whose first character may be its closing bracket; a few plain ones are told."""
    start = source.at
    source.at += source.peek() == "^"
    source.at += source.peek() == "]"
    while (sign := source.take()) and sign != "]":
        source.at += sign == "\\"
    inside = source.text[start : source.at - 1]
    return tuple(inside) if len(inside) <= _FEW and not set(inside) & set("^-\\") else None


def _quantifier(source: _Source) -> tuple[bool, bool]:
    """(whether the item may be missing, whether it may come several times)."""
    optional = repeated = False
    if source.peek() and source.peek() in _ZERO_OR_MORE:
        optional, repeated = True, True
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
