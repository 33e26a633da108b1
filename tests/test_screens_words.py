"""A note of absence without headers is told from a person who says that he will be away."""

from __future__ import annotations

import pytest

from mailcase.rules.screens import run
from tests.letters import config, facts, letter


def screens(text: str, subject: str = "Re: Ваш запрос") -> set[str]:
    return {hit.reason.rule for hit in run(letter(text=text, subject=subject), facts(), config())}


@pytest.mark.req("C19")
@pytest.mark.parametrize(
    "text",
    [
        "Я в отпуске с 24.11 по 08.12. По срочным вопросам пишите Петровой.",
        "Здравствуйте! Меня не будет до 3 декабря. С уважением, Иван Иванов",
        "Спасибо за Ваше письмо! Мы получили Ваше обращение и ответим в ближайшее время.",
        "Сотрудник Иванов И.И. больше не работает в компании. Пишите на info@example.org.",
        "Я в декретном отпуске. По всем вопросам обращайтесь к коллегам.",
        "Этот ящик не просматривается. Пишите на info@example.org.",
        "I am out of the office until 8 December. For urgent matters please contact my colleague.",
    ],
)
def test_what_only_a_program_says_silences_us(text: str) -> None:
    assert "auto_words" in screens(text)


@pytest.mark.parametrize(
    "text",
    [
        "Добрый день! Завтра меня не будет, перенесите выезд на четверг.",
        "Я буду отсутствовать завтра, звоните Петрову.",
        "Буду на связи после обеда.",
        "Директор вне офиса, подпишет завтра.",
        "Здравствуйте! Временно отсутствует печать, направим акт позже.",
        "Меня не будет в пятницу. С уважением, Иван",
    ],
)
def test_a_person_who_will_be_away_has_his_acknowledgement(text: str) -> None:
    assert "auto_words" not in screens(text)
