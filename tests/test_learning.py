"""Whether a candidate is better is decided by complaints that pass silently, then registers; a small one is learned."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailcase import learning, training
from mailcase.learning import Measure, Task, better
from mailcase.models import Models
from tests.lab import Lab
from tests.letters import raw
from tests.test_assign import staff
from tests.test_corrections import says

OLD = Measure(letters=1000, silent=5, wrong=100, marked=200, own_right=3)


@pytest.mark.parametrize(
    ("new", "is_better"),
    [
        (Measure(1000, 4, 110, 210, 0), True),
        (Measure(1000, 4, 111, 200, 9), False),
        (Measure(1000, 4, 100, 211, 9), False),
        (Measure(1000, 6, 50, 100, 9), False),
        (Measure(1000, 5, 99, 200, 0), True),
        (Measure(1000, 5, 100, 200, 4), True),
        (OLD, False),
    ],
)
def test_silent_complaints_count_before_registers_and_neither_is_bought_dearly(new: Measure, is_better: bool) -> None:
    assert better(new, OLD) is is_better


def test_both_are_asked_about_the_same_letters_and_only_the_candidate_knows_the_new_ones(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint", "claim")}))
    lab.arrive(raw())
    says(lab, "!вид предложение")
    models = Models(tmp_path / "models")
    wanted = learning.task(lab.app, models)
    assert (wanted.corrected, wanted.confirmed, wanted.known) == (1, 0, frozenset())
    assert learning.due(models, wanted)
    shipped = training.letters(step=40)
    compared = learning.compare(wanted, shipped)
    assert compared.old.letters == compared.new.letters == len(shipped) + 1
    models.tried(wanted.until)
    assert not learning.due(models, learning.task(lab.app, models))


def test_a_model_that_knows_a_letter_already_is_compared_as_one_that_does(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint", "claim")}))
    lab.arrive(raw())
    says(lab, "!вид предложение")
    models = Models(tmp_path / "models")
    wanted = learning.task(lab.app, models)
    models.adopt(b"", lab.now.date(), wanted.until)
    again = learning.task(lab.app, models)
    assert again.known == {wanted.own[0].row["id"]}
    compared = learning.compare(again, training.letters(step=40))
    assert (compared.old, compared.packed) == (compared.new, b"")


def test_with_nothing_said_nothing_is_due(tmp_path: Path) -> None:
    models = Models(tmp_path)
    assert not learning.due(models, Task((), frozenset(), 0, 0, 0))
