"""What the model reads in a letter: stems, neighbours, negation, pieces of words, and the signs of the word lists.

A feature is a string whose first letter tells its group: `w` words, `c` pieces of words, `r` signs and shape. The
words are cut, not looked up: six letters tell «поверка» from «повестка» and cost nothing to load.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_STEM = 6
_PIECE = 4
_LONGEST_WORDS = 400
"""Words that the model reads: who is angry says so sooner, and pasted tables say nothing."""

_TOKENS = re.compile(r"[^\W\d_]+|\d+|[?!…]+|\.{2,}|[%№₽@]|[:;]-?\)+|\)\)+")
_DATE = re.compile(r"\d{1,2}[./]\d{1,2}|\d{1,2} (янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)")
_NEGATIONS = frozenset({"не", "ни", "нет", "без", "not", "no", "never", "нельзя", "ne", "net"})


def features(title: str, body: str, who: str, signs: Iterable[str]) -> dict[str, list[str]]:
    """The features of a letter by group, in no order; all texts in plain letters, `signs` what the word lists found."""
    words = _TOKENS.findall(body)[:_LONGEST_WORDS]
    heading = _TOKENS.findall(title)[:40]
    said = set(_words(words))
    said.update(f"w^{word}" for word in _words(heading, pairs=False))
    said.update(f"w@{_stem(word)}" for word in _TOKENS.findall(who))
    pieces = {f"c{piece}" for word in {*words, *heading} for piece in _pieces(word)}
    pieces.update(f"c@{piece}" for word in _TOKENS.findall(who) for piece in _pieces(word))
    return {"w": [*said], "c": [*pieces], "r": [*{*_shape(body, words), *(f"r{s}" for s in signs)}]}


def _stem(word: str) -> str:
    if word[0].isdigit():
        return "0" * min(len(word), 4)
    return word[:_STEM]


def _words(words: list[str], *, pairs: bool = True) -> Iterable[str]:
    """Stems, each also with the negation or the word before it, and with the word before that."""
    before, earlier = "^", ""
    for word in words:
        stem = _stem(word)
        yield f"w{stem}"
        if pairs or before in _NEGATIONS:
            yield f"w{before} {stem}"
        if pairs and earlier:
            yield f"w{earlier} * {stem}"
        before, earlier = stem, before


@lru_cache(maxsize=4096)
def _pieces(word: str) -> tuple[str, ...]:
    """Four letters in a row, the word's edges marked; of what is no word none."""
    if not word[0].isalpha():
        return ()
    edged = f"<{word}>"
    return tuple(edged[start : start + _PIECE] for start in range(len(edged) - _PIECE + 1))


def _shape(body: str, words: list[str]) -> Iterable[str]:
    """How the letter looks: its length, how it ends, what stands in it."""
    yield f"rдлина {min(len(words) // 12, 6)}"
    yield f"rвопросов {min(body.count('?'), 2)}"
    yield f"rвосклицаний {min(body.count('!'), 3)}"
    if body.rstrip().endswith("?"):
        yield "rв конце вопрос"
    if _DATE.search(body):
        yield "rесть дата"
