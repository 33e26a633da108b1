"""Whether the laboratory's corrections make a better model, and the change to it where they do.

Candidate and model in use are compared as recipes: for each of the same five folds either learns from what it knows of
the other four and judges all letters of the fold, so neither is asked about a letter that it has learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailcase import corrections, training
from mailcase.app import App
from mailcase.corrections import Correction
from mailcase.models import Models
from mailcase.rules import model
from mailcase.rules.decision import Judgement
from mailcase.training import Labelled
from mailcase.words import Register


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
class Compared:
    """Both measures, and the candidate's file where it is better, else nothing."""

    old: Measure
    new: Measure
    packed: bytes = b""


def better(new: Measure, old: Measure) -> bool:
    """Complaints that pass silently first, then registers, then the kinds of the laboratory's own letters.

    Fewer silent ones must not be bought with more wrong registers or more marked letters than one of a hundred.
    """
    slack = old.letters // 100
    if new.wrong > old.wrong + slack or new.marked > old.marked + slack:
        return False
    return (new.silent, new.wrong, -new.own_right) < (old.silent, old.wrong, -old.own_right)


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


def compare(wanted: Task, shipped: Sequence[Labelled] | None = None) -> Compared:
    """Measure both by five folds; pure computing, some minutes of one core."""
    every = [*(training.letters() if shipped is None else shipped), *wanted.own]
    own = {letter.row["id"] for letter in wanted.own}
    before = [letter.row["id"] not in own or letter.row["id"] in wanted.known for letter in every]
    old = _measure(every, _judged(every, before), own)
    new = _measure(every, _judged(every, [True] * len(every)), own)
    return Compared(old, new, training.train(every) if better(new, old) else b"")


def _judged(every: Sequence[Labelled], learned: Sequence[bool]) -> list[Judgement]:
    """The verdict on each letter of a model that learned those of the other folds that are its to learn."""
    fold_of = training.folds([letter.row for letter in every])
    models = []
    for fold in range(training.FOLDS):
        known = [x for x, at, wanted in zip(every, fold_of, learned, strict=True) if wanted and at != fold]
        models.append(model.unpack(training.train(known)))
    return [letter.judged(models[fold]) for letter, fold in zip(every, fold_of, strict=True)]


def _measure(every: Sequence[Labelled], verdicts: Sequence[Judgement], own: set[str]) -> Measure:
    pairs = [(letter.row, verdict) for letter, verdict in zip(every, verdicts, strict=True)]
    complaint = Register.COMPLAINT
    return Measure(
        letters=len(pairs),
        silent=sum(row["register"] == complaint != v.register and not v.check for row, v in pairs),
        wrong=sum(row["register"] != v.register for row, v in pairs),
        marked=sum(v.check for _, v in pairs),
        own_right=sum(row["id"] in own and row["kind"] == v.kind for row, v in pairs),
    )
