"""How the model learns: logistic regression by stochastic gradient descent over sparse letters, in plain Python.

Deterministic: the letters come in one order that their number gives, so the same letters give the same model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, exp, log
from operator import itemgetter, mul

from mailcase.rules import model

_LESSONS = 36_000
"""How many letters are learned from in all, each in several rounds: more letters take no more time."""
_MOST_ROUNDS = 20
_RATE = 2.0
_FORGET = 1e-5
"""What a weight loses with each letter, so that one letter's words are not learned by heart."""
_SEEN_IN = 10
"""Letters a feature must stand in to be learned."""
_TOLD = 0.01
"""Errors below this teach nothing worth the time."""
_SIGN = 0.08
"""How loud a sign of the word lists is while learning, beside words of which hundreds share a loudness of one."""

Found = Mapping[str, list[str]]
_Letter = tuple[tuple[int, ...], list[float], str]


@dataclass(frozen=True, slots=True)
class Example:
    """One letter to learn from: its features by group, its kind, and who writes; empty where nobody has told."""

    found: Found
    kind: str
    writer: str = ""


def fit(examples: Sequence[Example]) -> bytes:
    """The packed model (see `model.pack`) of these letters, of which at least one tells its writer."""
    counts = Counter(name for e in examples for names in e.found.values() for name in names)
    names = sorted(name for name, count in counts.items() if count >= _SEEN_IN)
    rare = {name: _SIGN if name[0] == "r" else log(len(examples) / counts[name]) / 4 for name in names}
    at = {name: place for place, name in enumerate(names)}
    letters = [(*_vector(e.found, at, rare), e.kind, e.writer) for e in examples]
    kind = _learned([(places, values, kind) for places, values, kind, _ in letters], names, rare)
    writer = _learned([(places, values, who) for places, values, _, who in letters if who], names, rare)
    return model.pack(names, kind, writer)


def _learned(letters: Sequence[_Letter], names: list[str], rare: Mapping[str, float]) -> model.Learned:
    """The answer to one question from letters with their labels."""
    counts = Counter(label for _, _, label in letters)
    labels = tuple(sorted(counts))
    heed = _heed(counts, labels)
    weights = [[0.0] * len(names) for _ in labels]
    bias = [0.0] * len(labels)
    scale = 1.0
    rounds = min(_MOST_ROUNDS, ceil(_LESSONS / len(letters)))
    for step, (places, values, told) in enumerate(_order(letters, rounds)):
        label = labels.index(told)
        rate = _RATE / (1 + 3 * step / (len(letters) * rounds))
        scale *= 1 - rate * _FORGET
        _learn(weights, bias, places, values, label, scale, rate * heed[label])
    learned = [[w * scale * rare[name] for w, name in zip(row, names, strict=True)] for row in weights]
    return model.Learned(labels, bias, learned)


def _heed(counts: Mapping[str, int], labels: Sequence[str]) -> list[float]:
    """How much a letter of each label counts: rare ones more, lest everything be what is frequent."""
    mean = sum(counts.values()) / len(labels)
    return [(mean / counts[label]) ** 0.5 for label in labels]


def _vector(found: Found, at: Mapping[str, int], rare: Mapping[str, float]) -> tuple[tuple[int, ...], list[float]]:
    places: list[int] = []
    values: list[float] = []
    for group, names in found.items():
        known = sorted(name for name in names if name in at)
        loud = model.loudness(group, len(known))
        places += [at[name] for name in known]
        values += [loud * rare[name] for name in known]
    return tuple(places), values


def _order(letters: Sequence[_Letter], rounds: int) -> Iterator[_Letter]:
    """Every letter in every round, each time in another order that follows from the round alone."""
    count = len(letters)
    for number in range(rounds):
        seed = number + 1
        for at in sorted(range(count), key=lambda i: (i * 7919 + seed * 104_729) * 2_654_435_761 % 4_294_967_296):
            yield letters[at]


def _learn(
    weights: list[list[float]], bias: list[float], places: tuple[int, ...], values: list[float],
    label: int, scale: float, rate: float,
) -> None:  # fmt: skip
    """Move the weights a step towards the label of one letter."""
    take = itemgetter(*places)
    sums = [b + scale * sum(map(mul, take(row), values)) for row, b in zip(weights, bias, strict=True)]
    top = max(sums)
    powers = [exp(s - top) for s in sums]
    total = sum(powers)
    for i, power in enumerate(powers):
        error = (i == label) - power / total
        if abs(error) < _TOLD:
            continue
        bias[i] += 0.1 * rate * error
        row, step = weights[i], rate * error / scale
        for place, value in zip(places, values, strict=True):
            row[place] += step * value
