"""Whether a candidate is better is decided by complaints that pass silently, then registers; a small one is learned."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailcase import learning, training
from mailcase.learning import Compared, Differ, Measure, Pair, Task, better, surely_better
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


@pytest.mark.parametrize(
    ("mended", "spoilt", "sure"),
    [
        (0, 0, False),
        (1, 0, False),
        (6, 0, False),
        (7, 0, True),
        (9, 1, False),
        (10, 1, True),
        (0, 9, False),
        (60, 40, False),
        (63, 37, True),
        (2000, 2000, False),
    ],
)
def test_a_few_letters_may_be_luck(mended: int, spoilt: int, sure: bool) -> None:
    assert Pair(mended, spoilt).sure is sure


NOBODY = Pair()


@pytest.mark.parametrize(
    ("new", "differ", "changes"),
    [
        # One letter's difference of the shipped letters is luck, in whatever it is.
        (Measure(1000, 4, 100, 200, 3), Differ(Pair(1, 0), NOBODY, NOBODY), False),
        (Measure(1000, 5, 99, 200, 3), Differ(NOBODY, Pair(12, 11), NOBODY), False),
        (Measure(1000, 4, 99, 200, 3), Differ(Pair(1, 0), Pair(12, 11), Pair(1, 1)), False),
        # Beyond chance, and yet not where more complaints pass silently.
        (Measure(1000, 5, 90, 200, 3), Differ(NOBODY, Pair(11, 1), NOBODY), True),
        (Measure(1000, 6, 90, 200, 3), Differ(Pair(0, 1), Pair(11, 1), NOBODY), False),
        (Measure(1000, 5, 90, 211, 3), Differ(NOBODY, Pair(11, 1), NOBODY), False),
        # What employees said counts from the second letter, where nothing else gets worse.
        (Measure(1000, 5, 100, 200, 4), Differ(NOBODY, NOBODY, Pair(1, 0)), False),
        (Measure(1000, 4, 99, 199, 4), Differ(Pair(1, 0), Pair(1, 0), Pair(1, 0)), False),
        (Measure(1000, 5, 100, 200, 5), Differ(NOBODY, Pair(4, 4), Pair(2, 0)), True),
        (Measure(1000, 5, 99, 199, 5), Differ(NOBODY, Pair(1, 0), Pair(2, 0)), True),
        (Measure(1000, 5, 100, 200, 4), Differ(NOBODY, NOBODY, Pair(2, 1)), False),
        (Measure(1000, 5, 100, 201, 5), Differ(NOBODY, NOBODY, Pair(2, 0)), False),
        (Measure(1000, 4, 101, 200, 5), Differ(Pair(1, 0), Pair(0, 1), Pair(2, 0)), False),
        # Many of them outweigh some, and some more marks, but no register.
        (Measure(1000, 5, 100, 205, 33), Differ(NOBODY, NOBODY, Pair(32, 2)), True),
        (Measure(1000, 4, 105, 200, 33), Differ(Pair(1, 0), Pair(1, 6), Pair(32, 2)), False),
        (OLD, Differ(), False),
    ],
)
def test_by_itself_it_changes_only_beyond_chance_or_to_what_employees_said(
    new: Measure, differ: Differ, changes: bool
) -> None:
    assert surely_better(Compared(OLD, new, differ=differ)) is changes


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
    old, new, differ = compared.old, compared.new, compared.differ
    assert old.letters == new.letters == len(shipped) + 1
    for pair, fewer in ((differ.registers, old.wrong - new.wrong), (differ.own, new.own_right - old.own_right)):
        assert pair.mended - pair.spoilt == fewer
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


def corrected(n: int) -> training.Labelled:
    """What employees call a suggestion, of another client each."""
    voice = {"id": f"mail-{n}", "voice": f"{n}", "from": f"Клиент <c@g{n}.example>", "subject": "Протокол"}
    label = {"register": "inquiry", "kind": "suggestion", "sender": "", "consumer_service": False}
    return training.labelled(voice | label | {"body": f"Коллеги, табличка по протоколу № {n} опять кривая, гляньте."})


def test_what_some_corrections_teach_is_seen_in_the_others() -> None:
    wanted = Task(tuple(corrected(n) for n in range(1, 7)), frozenset(), 6, 6, 0)
    shipped = training.letters(step=200)
    found, asked = learning.compare(wanted, shipped), learning.compare(wanted, shipped, by_hand=True)
    assert found.differ.own == Pair(mended=6, spoilt=0)
    assert (found.new, found.differ) == (asked.new, asked.differ)
    assert bool(found.packed) is surely_better(found)
    assert bool(asked.packed) is better(asked.new, asked.old)


def test_with_nothing_said_nothing_is_due(tmp_path: Path) -> None:
    models = Models(tmp_path)
    assert not learning.due(models, Task((), frozenset(), 0, 0, 0))
