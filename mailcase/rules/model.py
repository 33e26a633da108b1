"""The trained model: how much each feature of a letter speaks for each kind, and the file that it is kept in.

A multinomial logistic regression. Groups of features are weighed by the square root of their number, so that a long
letter is no surer than a short one. Pure but for reading the one file that the package carries.
"""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
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


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by label and feature; `scales` turn the bytes into numbers."""

    labels: tuple[str, ...]
    bias: tuple[float, ...]
    scales: tuple[float, ...]
    at: Mapping[str, int]
    weights: tuple[array[int], ...]

    def probabilities(self, found: Mapping[str, list[str]]) -> dict[str, float]:
        """The probability of each label, in their order; they sum up to one."""
        sums = list(self.bias)
        for group, names in found.items():
            places = [place for name in names if (place := self.at.get(name)) is not None]
            if not places:
                continue
            loud = loudness(group, len(places))
            take = itemgetter(*places, places[0])
            for i, row in enumerate(self.weights):
                sums[i] += loud * self.scales[i] * (sum(take(row)) - row[places[0]])
        top = max(sums)
        powers = [exp(s - top) for s in sums]
        total = sum(powers)
        return {label: power / total for label, power in zip(self.labels, powers, strict=True)}

    def speaking(self, found: Mapping[str, list[str]], labels: frozenset[str], most: int) -> tuple[str, ...]:
        """The words and signs that speak loudest for these labels, pieces of words left out."""
        chosen = [i for i, label in enumerate(self.labels) if label in labels]
        told: list[tuple[float, str]] = []
        for group in ("w", "r"):
            known = [(name, self.at[name]) for name in found[group] if name in self.at]
            loud = loudness(group, len(known))
            for name, place in known:
                pull = loud * max(self.scales[i] * self.weights[i][place] for i in chosen)
                told.append((-pull, name))
        return tuple(name for pull, name in sorted(told)[:most] if pull < 0)


def pack(
    labels: tuple[str, ...], bias: list[float], names: list[str], weights: list[list[float]]
) -> bytes:  # fmt: skip
    """The model as the bytes of its file; the same numbers give the same bytes."""
    scales = [max(map(abs, row), default=0.0) / _MOST or 1.0 for row in weights]
    rows = [array("b", [round(w / scale) for w in row]) for row, scale in zip(weights, scales, strict=True)]
    head = {"labels": labels, "bias": [round(b, 6) for b in bias], "scales": [float(f"{s:.9g}") for s in scales]}
    text = json.dumps(head) + "\n" + "\n".join(names)
    return zlib.compress(text.encode() + b"\0" + b"".join(row.tobytes() for row in rows), _LEVEL)


def unpack(packed: bytes) -> Model:
    """The model of such bytes. Raises zlib.error or ValueError where they are none."""
    text, _, rest = zlib.decompress(packed).partition(b"\0")
    head, *names = text.decode().split("\n")
    told = json.loads(head)
    size = len(names)
    rows = tuple(array("b", rest[i * size : (i + 1) * size]) for i in range(len(told["labels"])))
    return Model(
        labels=tuple(told["labels"]),
        bias=tuple(told["bias"]),
        scales=tuple(told["scales"]),
        at={name: place for place, name in enumerate(names)},
        weights=rows,
    )


@lru_cache
def shipped() -> Model | None:
    """The model that the package carries; None before the first training."""
    path = files("mailcase.rules") / FILE
    return unpack(path.read_bytes()) if path.is_file() else None
