"""Whether the laboratory's corrections make a better model, and the change to it where they do.

Candidate and model in use are compared as recipes: for each of the same five folds either learns from what it knows of
the other four and judges all letters of the fold, so neither is asked about a letter that it has learned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import comb
from typing import Any

from mailcase import corrections, training
from mailcase.app import App
from mailcase.corrections import Correction
from mailcase.models import Models
from mailcase.rules import model
from mailcase.rules.decision import Judgement
from mailcase.training import Labelled
from mailcase.words import Register

_ONCE_IN = 100
"""Tests that chance alone may pass one of: a laboratory asks some fifty times a year, in three respects."""

_SAID = 2
"""Own letters that are judged rightly now: corrections that teach each other, where one may be the toss of a coin."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is compared: the laboratory's letters, those of them that the model in use knows, and up to which event."""

    own: tuple[Labelled, ...]
    known: frozenset[str]
    until: int
    corrected: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class Measure:
    """How a model judged letters that it had not learned; counts of letters."""

    letters: int
    silent: int
    """Complaints neither found nor marked for a person."""
    wrong: int
    """In the wrong register."""
    marked: int
    own_right: int
    """Of the laboratory's own letters, those of the right kind."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Letters in which both models differ: only the candidate is right (`mended`) or only the one in use (`spoilt`)."""

    mended: int = 0
    spoilt: int = 0

    @property
    def sure(self) -> bool:
        """Whether the candidate is better beyond chance: the exact McNemar test, one-sided, at one per cent.

        If both were equally good, a letter that only one has right would be either's by the toss of a coin (McNemar,
        Psychometrika 12, 1947; for two classifiers and one set of letters Dietterich, Neural Computation 10, 1998).
        It takes 7 letters to none, 10 to one.
        """
        differ = self.mended + self.spoilt
        as_many = sum(comb(differ, heads) for heads in range(self.mended, differ + 1))
        return _ONCE_IN * as_many <= 1 << differ


@dataclass(frozen=True, slots=True)
class Differ:
    """In what both models differ: silent complaints, registers, the kinds of the laboratory's own letters."""

    silent: Pair = Pair()
    registers: Pair = Pair()
    own: Pair = Pair()


@dataclass(frozen=True, slots=True)
class Compared:
    """Both measures and where they differ, and the candidate's file where it is to judge, else nothing."""

    old: Measure
    new: Measure
    packed: bytes = b""
    differ: Differ = Differ()


def better(new: Measure, old: Measure) -> bool:
    """Complaints that pass silently first, then registers, then the kinds of the laboratory's own letters.

    Fewer silent ones must not be bought with more wrong registers or more marked letters than one of a hundred.
    """
    slack = old.letters // 100
    if new.wrong > old.wrong + slack or new.marked > old.marked + slack:
        return False
    return (new.silent, new.wrong, -new.own_right) < (old.silent, old.wrong, -old.own_right)


def surely_better(found: Compared) -> bool:
    """Whether a model may change by itself: `better`, and by more than luck.

    Either silent complaints or registers are better beyond chance; or the laboratory's own letters are, and registers
    no worse. Two of them are evidence as well, because employees said so, where each that changes is right now, and
    neither registers nor marks get worse. One may be luck, and is never its own doing: no model is asked about a letter
    that it has learned.
    """
    old, new, own = found.old, found.new, found.differ.own
    if not better(new, old):
        return False
    if found.differ.silent.sure or found.differ.registers.sure:
        return True
    said = own.mended >= _SAID and not own.spoilt and new.marked <= old.marked
    return (own.sure or said) and new.wrong <= old.wrong


def task(app: App, models: Models) -> Task:
    """What there is to learn; raises MailcaseError where the names of the models cannot be read."""
    found = corrections.gather(app)
    in_use = models.state().in_use
    learned = in_use.until if in_use else 0
    return Task(
        own=tuple(c.letter for c in found),
        known=frozenset(c.letter.row["id"] for c in found if c.label.event_id <= learned),
        until=max((c.label.event_id for c in found), default=0),
        corrected=_new(found, models, corrects=True),
        confirmed=_new(found, models, corrects=False),
    )


def _new(found: list[Correction], models: Models, *, corrects: bool) -> int:
    tried = models.state().tried_until
    return sum(c.corrects is corrects and c.label.event_id > tried for c in found)


def due(models: Models, wanted: Task) -> bool:
    """Whether a training may change anything: somebody said more, or the program brought other letters."""
    state = models.state()
    return bool(wanted.own) and (wanted.corrected + wanted.confirmed > 0 or state.outdated)


def compare(wanted: Task, shipped: Sequence[Labelled] | None = None, *, by_hand: bool = False) -> Compared:
    """Measure both by five folds; pure computing, some minutes of one core.

    Somebody who asks for it `by_hand` reads the figures, so any that is `better` is made; else one that surely is.
    """
    every = [*(training.letters() if shipped is None else shipped), *wanted.own]
    own = {letter.row["id"] for letter in wanted.own}
    before = [letter.row["id"] not in own or letter.row["id"] in wanted.known for letter in every]
    olds, news = _judged(every, before), _judged(every, [True] * len(every))
    found = Compared(_measure(every, olds, own), _measure(every, news, own), differ=_differ(every, olds, news, own))
    wins = better(found.new, found.old) if by_hand else surely_better(found)
    return replace(found, packed=training.train(every)) if wins else found


def _judged(every: Sequence[Labelled], learned: Sequence[bool]) -> list[Judgement]:
    """The verdict on each letter of a model that learned those of the other folds that are its to learn."""
    fold_of = training.folds([letter.row for letter in every])
    models = []
    for fold in range(training.FOLDS):
        known = [x for x, at, wanted in zip(every, fold_of, learned, strict=True) if wanted and at != fold]
        models.append(model.unpack(training.train(known)))
    return [letter.judged(models[fold]) for letter, fold in zip(every, fold_of, strict=True)]


def _silent(row: dict[str, Any], verdict: Judgement) -> bool:
    return bool(row["register"] == Register.COMPLAINT != verdict.register and not verdict.check)


def _right_register(row: dict[str, Any], verdict: Judgement) -> bool:
    return bool(row["register"] == verdict.register)


def _right_kind(row: dict[str, Any], verdict: Judgement) -> bool:
    return bool(row["kind"] == verdict.kind)


def _measure(every: Sequence[Labelled], verdicts: Sequence[Judgement], own: set[str]) -> Measure:
    pairs = [(letter.row, verdict) for letter, verdict in zip(every, verdicts, strict=True)]
    return Measure(
        letters=len(pairs),
        silent=sum(_silent(row, v) for row, v in pairs),
        wrong=sum(not _right_register(row, v) for row, v in pairs),
        marked=sum(v.check for _, v in pairs),
        own_right=sum(row["id"] in own and _right_kind(row, v) for row, v in pairs),
    )


def _differ(every: Sequence[Labelled], olds: Sequence[Judgement], news: Sequence[Judgement], own: set[str]) -> Differ:
    triples = [(letter.row, old, new) for letter, old, new in zip(every, olds, news, strict=True)]

    def pair(right: Callable[[dict[str, Any], Judgement], bool]) -> Pair:
        both = [(right(row, old), right(row, new)) for row, old, new in triples]
        return Pair(mended=both.count((False, True)), spoilt=both.count((True, False)))

    return Differ(
        silent=pair(lambda row, v: not _silent(row, v)),
        registers=pair(_right_register),
        own=pair(lambda row, v: row["id"] in own and _right_kind(row, v)),
    )
