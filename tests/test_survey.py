"""A client's answer to a survey is recorded by an employee in a reply, once a case (A12)."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase import lists
from mailcase.store import tables as t
from tests.lab import Lab
from tests.letters import raw
from tests.test_corrections import says
from tests.test_flow import CLIENT


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path)
    lab.arrive(raw())
    return lab


def kept(lab: Lab) -> list[tuple[int, str]]:
    with lab.app.db.read() as view:
        return [(row.score, row.comment) for row in view.execute(sa.select(t.survey))]


@pytest.mark.parametrize(
    ("said", "row"),
    [
        ("!анкета 4", (4, "")),
        ("!анкета 4 долго ждали", (4, "долго ждали")),
        ("!анкета 5/5: всё хорошо", (5, "всё хорошо")),
        ("!оценка 3 из 5\nДолго ждали.\nПозвонили сами.", (3, "Долго ждали.\nПозвонили сами.")),
        ("!анкета 2 2 раза звонили", (2, "2 раза звонили")),
        ("!анкета 4\nДовольны.\n\nС уважением,\nПетрова Наталья", (4, "Довольны.")),
    ],
)
def test_a_score_and_the_clients_words_are_recorded(lab: Lab, said: str, row: tuple[int, str]) -> None:
    assert "из 5 записана" in says(lab, said)
    assert kept(lab) == [row]
    (listed,) = lists.register(lab.app)
    assert (listed["survey_score"], listed["survey_comment"]) == row
    lab.later(minutes=11)
    assert len(lab.to(CLIENT)) == 1, "the client is not written to"


@pytest.mark.parametrize("said", ["!анкета", "!анкета хорошо", "!анкета 6", "!анкета 4,5", "!анкета 5, 4, 5"])
def test_what_is_no_score_is_recorded_nowhere(lab: Lab, said: str) -> None:
    assert "от 1 до 5" in says(lab, said)
    assert kept(lab) == []


def test_a_slip_is_corrected_by_a_second_word_and_stays_on_record(lab: Lab) -> None:
    says(lab, "!анкета 1")
    assert "было 1, стало 4" in says(lab, "!анкета 4 ошибся строкой")
    assert kept(lab) == [(4, "ошибся строкой")]
    assert [e.detail for e in lab.events(1) if e.type == "surveyed"] == [
        '{"before":null,"score":1}',
        '{"before":1,"score":4}',
    ]


def test_an_answer_is_recorded_after_the_case_was_closed_and_opens_nothing(lab: Lab) -> None:
    says(lab, "!закрыть ответ дан по телефону")
    says(lab, "!анкета 5")
    assert (kept(lab), [case.status for case in lab.cases()]) == ([(5, "")], ["closed"])


def test_a_low_score_reminds_that_it_may_be_a_complaint(lab: Lab) -> None:
    assert "«!жалоба»" in says(lab, "!анкета 2 потеряли акт")


def test_a_score_and_an_answer_in_one_letter_are_asked_about(lab: Lab) -> None:
    assert "!ответ и !анкета в одном письме" in says(lab, "!ответ Спасибо!\n!анкета 5")
    assert kept(lab) == []
