"""How the classifier learns from the labelled letters, and how well it judges letters it has not learned from.

Voices (groups of letters that sound alike) are kept apart: none is both learned and asked in one fold.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from sys import intern
from typing import Any

from mailcase.rules import fit, model
from mailcase.rules.classify import classify_text, features_of, rules_alone
from mailcase.rules.decision import Judgement
from mailcase.rules.writer import CONSUMER
from mailcase.words import Register

FOLDS = 5
_FILES = ("dev.jsonl", "voices.jsonl", "post.jsonl", "others.jsonl")
_RULES_SAW = "dev.jsonl"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled letter: its row of the file, what the model reads in it and what the rules alone say."""

    row: dict[str, Any]
    found: dict[str, list[str]]
    ruled: Judgement
    file: str = ""
    """The file it is shipped in; empty for what an employee of the laboratory corrected."""

    @property
    def seen(self) -> bool:
        """Whether the rules were written with this letter in view."""
        return self.file == _RULES_SAW

    @property
    def example(self) -> fit.Example:
        """What is learned of it; how far to trust the rules only where they had not seen the letter."""
        writer = CONSUMER if self.row["consumer_service"] else self.row["sender"]
        return fit.Example({**self.found, "r": []} if self.seen else self.found, self.row["kind"], writer)

    def judged(self, trained: model.Model) -> Judgement:
        """The whole verdict on the letter by rules and this model, as on a letter that arrives."""
        return classify_text(self.row["from"], self.row["subject"], self.row["body"], trained=trained)


def letters(*, step: int = 1) -> list[Labelled]:
    """The letters that the package carries, in their order; with a `step` only each such one."""
    home = files("mailcase.labelled")
    lines = [(line, name) for name in _FILES for line in (home / name).read_text("utf-8").splitlines()]
    return [labelled(json.loads(line), name) for line, name in lines[::step]]


def labelled(row: dict[str, Any], file: str = "") -> Labelled:
    """A letter to learn from; `row` is a line of that labelled file, or like one."""
    text = (row["from"], row["subject"], row["body"])
    # One string for a feature of however many letters: there are thousands of letters with hundreds each.
    found = {group: [intern(name) for name in names] for group, names in features_of(*text).items()}
    return Labelled(row, found, rules_alone(*text), file)


def train(known: Sequence[Labelled]) -> bytes:
    """The model of these letters, as the bytes of its file."""
    return fit.fit([letter.example for letter in known])


def write(packed: bytes, path: Path | None = None) -> Path:
    """Put the model where the classifier reads it, or elsewhere."""
    target = path or Path(str(files("mailcase.rules") / model.FILE))
    target.write_bytes(packed)
    return target


def cross_validate(known: Sequence[Labelled]) -> list[Judgement]:
    """The verdict on each letter of a model that learned from the other folds."""
    fold_of = folds([letter.row for letter in known])
    with ProcessPoolExecutor() as pool:
        models = [*map(model.unpack, pool.map(partial(_fold, known, fold_of), range(FOLDS)))]
    return [letter.judged(models[fold]) for letter, fold in zip(known, fold_of, strict=True)]


def _fold(known: Sequence[Labelled], fold_of: Sequence[int], left_out: int) -> bytes:
    return train([letter for letter, fold in zip(known, fold_of, strict=True) if fold != left_out])


def folds(rows: Sequence[dict[str, Any]]) -> list[int]:
    """The fold of each letter: voices whole and spread evenly, letters without one by their id."""
    sizes = Counter(row["voice"] for row in rows if "voice" in row)
    load, of_voice = [0] * FOLDS, {}
    for voice, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        of_voice[voice] = load.index(min(load))
        load[of_voice[voice]] += size
    return [of_voice[r["voice"]] if "voice" in r else zlib.crc32(r["id"].encode()) % FOLDS for r in rows]


@dataclass(frozen=True, slots=True)
class Figures:
    """How verdicts compare with labels; shares between 0 and 1."""

    letters: int
    accuracy: float
    found: float
    """Complaints found."""
    precise: float
    """Complaints among what was called one."""
    silent: float
    """Complaints neither found nor marked for a check, among complaints."""
    checked: float
    """Letters marked for a check."""
    none_precise: float
    kind_f1: float
    registers: Counter[tuple[str, str]]
    kinds: Counter[tuple[str, str]]
    senders: Counter[tuple[str, str]]
    consumers: Counter[tuple[str, str]]
    """Whether a private person asks for work for himself (A6)."""


def figures(known: Sequence[Labelled], verdicts: Sequence[Judgement]) -> Figures:
    """Compare verdicts with labels."""
    pairs = [(letter.row, verdict) for letter, verdict in zip(known, verdicts, strict=True)]
    registers = Counter((row["register"], v.register.value) for row, v in pairs)
    kinds = Counter((row["kind"], v.kind.value) for row, v in pairs)
    complaint, none = Register.COMPLAINT.value, Register.NONE.value
    missed = sum(r["register"] == complaint != v.register.value and not v.check for r, v in pairs)
    complaints = sum(n for (label, _), n in registers.items() if label == complaint)
    return Figures(
        letters=len(pairs),
        accuracy=accuracy(registers),
        found=registers[complaint, complaint] / max(complaints, 1),
        precise=_precision(registers, complaint),
        silent=missed / max(complaints, 1),
        checked=sum(v.check for _, v in pairs) / len(pairs),
        none_precise=_precision(registers, none),
        kind_f1=_macro_f1(kinds),
        registers=registers,
        kinds=kinds,
        senders=Counter((row["sender"], v.sender.value) for row, v in pairs),
        consumers=Counter((_yes(row["consumer_service"]), _yes(v.consumer_service)) for row, v in pairs),
    )


def accuracy(table: Counter[tuple[str, str]]) -> float:
    """The share of letters whose verdict is their label, between 0 and 1."""
    return sum(n for (label, verdict), n in table.items() if label == verdict) / table.total()


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _precision(table: Counter[tuple[str, str]], label: str) -> float:
    called = sum(n for (_, verdict), n in table.items() if verdict == label)
    return table[label, label] / called if called else 1.0


def _macro_f1(table: Counter[tuple[str, str]]) -> float:
    labels = {label for label, _ in table}
    scores = []
    for label in labels:
        both = sum(n for pair, n in table.items() for side in pair if side == label)
        scores.append(2 * table[label, label] / both)
    return sum(scores) / len(scores)


Part = tuple[str, Callable[[Labelled], bool]]
PARTS: tuple[Part, ...] = (
    ("all letters", lambda letter: True),
    ("ordinary post (post.jsonl)", lambda letter: letter.file == "post.jsonl"),
    ("many voices, mostly hard (voices.jsonl)", lambda letter: letter.file == "voices.jsonl"),
    ("clients of other organisations (others.jsonl)", lambda letter: letter.file == "others.jsonl"),
    ("letters the rules were written by (dev.jsonl): optimistic", lambda letter: letter.seen),
)


def parts(known: Sequence[Labelled], verdicts: Sequence[Judgement]) -> list[tuple[str, Figures]]:
    """Figures for all letters and for each file."""
    told = []
    for name, wanted in PARTS:
        chosen = [(k, v) for k, v in zip(known, verdicts, strict=True) if wanted(k)]
        told.append((name, figures([k for k, _ in chosen], [v for _, v in chosen])))
    return told
