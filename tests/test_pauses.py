"""What a pause may not do: move the date that a client was told, or stand where nobody asked him anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab import Lab
from tests.letters import raw
from tests.test_flow import CLIENT, PETROVA, reply_to_notice
from tests.test_send import bounce_of
from tests.test_wait import ASKS, more

ANSWER = "!ответ\nДобрый день! Стоимость работ 12 000 руб."


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory with one open case of Petrova's."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    return lab


def test_a_question_that_came_back_does_not_release_the_date_that_the_client_was_told(lab: Lab) -> None:
    promised = lab.cases()[0].due_at
    lab.arrive(reply_to_notice(lab, ASKS))
    lab.later(minutes=11)
    lab.later(days=2)
    lab.arrive(bounce_of(lab.to(CLIENT)[-1].id))
    assert (lab.cases()[0].status, lab.cases()[0].due_at) == ("open", promised)


def test_after_an_answer_that_came_back_a_pause_is_bound_by_the_date_and_says_so(lab: Lab) -> None:
    promised = lab.cases()[0].due_at
    lab.arrive(reply_to_notice(lab, ANSWER))
    lab.later(minutes=11)
    lab.arrive(bounce_of(lab.to(CLIENT)[-1].id))
    lab.arrive(reply_to_notice(lab, "!жду реквизиты"))
    assert "Клиенту назван срок" in lab.to(PETROVA)[-1].text
    lab.later(days=2)
    more(lab, "Вот реквизиты нашей организации.")
    assert (lab.cases()[0].status, lab.cases()[0].due_at) == ("open", promised)
