"""The trained model: how much each feature of a letter speaks for each kind, and for each writer, and its file.

Two multinomial logistic regressions over the same features. Groups of features are weighed by the square root of their
number, so that a long letter is no surer than a short one. Pure but for reading the one file that the package carries.
"""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from math import exp, sqrt
from operator import itemgetter

FILE = "model.bin"
_LEVEL = 9
_MOST = 127
"""Weights are kept as signed bytes."""

SHARE = {"w": 1.0, "c": 1.0, "r": 1.0}
"""How loud each group of features is; signs are told one by one, their number says nothing."""


def loudness(group: str, known: int) -> float:
    """What a weight of this group counts in a letter with so many known features of it."""
    return SHARE[group] if group == "r" else SHARE[group] / sqrt(max(known, 1))


Known = list[tuple[float, list[int]]]
"""Of each group of features how loud it is, and the places of those that the model knows."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a letter: weights by label and feature; `scales` turn the bytes into numbers."""

    labels: tuple[str, ...]
    bias: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[array[int], ...]

    def probabilities(self, known: Known) -> dict[str, float]:
        """The probability of each label, in their order; they sum up to one."""
        sums = list(self.bias)
        for loud, places in known:
            take = itemgetter(*places, places[0])
            for i, row in enumerate(self.weights):
                sums[i] += loud * self.scales[i] * (sum(take(row)) - row[places[0]])
        top = max(sums)
        powers = [exp(s - top) for s in sums]
        total = sum(powers)
        return {label: power / total for label, power in zip(self.labels, powers, strict=True)}


@dataclass(frozen=True, slots=True)
class Model:
    """Where each feature stands, and the two things that are asked: of what kind a letter is, and who writes."""

    at: Mapping[str, int]
    kind: Question
    writer: Question

    def known(self, found: Mapping[str, list[str]]) -> Known:
        """The places of a letter's features, as both questions take them."""
        groups = ((group, [at for n in names if (at := self.at.get(n)) is not None]) for group, names in found.items())
        return [(loudness(group, len(places)), places) for group, places in groups if places]

    def speaking(self, found: Mapping[str, list[str]], labels: frozenset[str], most: int) -> tuple[str, ...]:
        """The words and signs that speak loudest for these kinds, pieces of words left out."""
        chosen = [i for i, label in enumerate(self.kind.labels) if label in labels]
        told: list[tuple[float, str]] = []
        for group in ("w", "r"):
            known = [(name, self.at[name]) for name in found[group] if name in self.at]
            loud = loudness(group, len(known))
            for name, place in known:
                pull = loud * max(self.kind.scales[i] * self.kind.weights[i][place] for i in chosen)
                told.append((-pull, name))
        return tuple(name for pull, name in sorted(told)[:most] if pull < 0)


@dataclass(frozen=True, slots=True)
class Learned:
    """An answer to one question before it is packed: a bias for each label, and weights in the order of the names."""

    labels: tuple[str, ...]
    bias: list[float]
    weights: list[list[float]]


def pack(names: list[str], kind: Learned, writer: Learned) -> bytes:
    """The model as the bytes of its file; the same numbers give the same bytes."""
    head, rows = [], []
    for asked in (kind, writer):
        scales = [max(map(abs, row), default=0.0) / _MOST or 1.0 for row in asked.weights]
        rows += [array("b", [round(w / s) for w in row]) for row, s in zip(asked.weights, scales, strict=True)]
        exact = {"bias": [round(b, 6) for b in asked.bias], "scales": [float(f"{s:.9g}") for s in scales]}
        head.append({"labels": asked.labels, **exact})
    text = json.dumps(head) + "\n" + "\n".join(names)
    return zlib.compress(text.encode() + b"\0" + b"".join(row.tobytes() for row in rows), _LEVEL)


def unpack(packed: bytes) -> Model:
    """The model of such bytes. Raises zlib.error, ValueError, KeyError or TypeError for others."""
    text, _, rest = zlib.decompress(packed).partition(b"\0")
    head, *names = text.decode().split("\n")
    size = len(names)
    rows = (array("b", rest[start : start + size]) for start in range(0, len(rest), size))
    kind, writer = (
        Question(
            labels=tuple(told["labels"]),
            bias=tuple(told["bias"]),
            scales=tuple(told["scales"]),
            weights=tuple(islice(rows, len(told["labels"]))),
        )
        for told in json.loads(head)
    )
    return Model({name: place for place, name in enumerate(names)}, kind, writer)


@lru_cache
def shipped() -> Model | None:
    """The model that the package carries; None before the first training."""
    path = files("mailcase.rules") / FILE
    return unpack(path.read_bytes()) if path.is_file() else None
