"""Responders without headers are told by what they say and all they say; people who mention an absence are not."""

from __future__ import annotations

import pytest

from mailcase.explain import Explained, automatic, explain
from mailcase.mail.disk import OnDisk
from tests.letters import MONDAY, raw

NOTES = [
    (
        "Re: КП",
        "Здравствуйте. Я нахожусь в отпуске до 14 декабря. Ваше письмо будет прочитано после моего возвращения.",
    ),
    ("Нет на месте: КП", "Я в командировке до пятницы, доступ к почте ограничен."),
    (
        "Вне офиса",
        "Спасибо за ваше письмо. Сейчас я отсутствую на рабочем месте и вернусь 15 декабря.\n\nПётр Белов\nинженер",
    ),
    ("Re: КП", "Меня не будет до 9 января. По срочным вопросам обращайтесь к Сидорову: sidorov@example.com."),
    ("Re: КП", "Сотрудник больше не работает в компании. Направляйте письма на info@example.com."),
    ("Re: KP", "Thank you for your message. I am currently out of the office and will return on 15 December."),
    (
        "Away from my mail",
        'I will not be reading my mail for a while. Your mail about "KP" will be read when I return.',
    ),
    ("Abwesenheitsnotiz: KP", "Ich bin bis 12.12. nicht im Büro. In dringenden Fällen rufen Sie an."),
    ("Re: КП", "Я у відпустці до 14 грудня. З термінових питань звертайтеся до колег."),
]
PEOPLE = [
    ("Заявка на поверку", "Просим поверить весы. С 1 декабря наш бухгалтер в отпуске, счёт пришлите мне."),
    ("Отпуск", "Добрый день, я ухожу в отпуск с понедельника, заберите приборы до пятницы."),
    ("Re: КП", "Извините за задержку, был в отпуске. Просим выставить счёт."),
    ("Командировка", "Наш водитель в командировке, приборы привезём в среду."),
    ("Автоответчик не работает", "Автоответчик на вашем сайте не работает, дозвониться не могу."),
    ("Re: КП", "Я сейчас в отпуске. А кто у вас занимается весами?"),
    ("Out of office", "Our scales are out of order, please send a quotation. I am out of office on Friday."),
    ("Re: КП", "Я в отпуске, но вопрос срочный: вторую неделю никто не отвечает нам по существу."),
]


def answered(subject: str, text: str) -> Explained:
    answer = explain(OnDisk("letter.eml", raw(text, subject=subject), MONDAY), None)
    assert isinstance(answer, Explained)
    return answer


@pytest.mark.req("C19")
@pytest.mark.parametrize(("subject", "text"), NOTES)
def test_a_note_that_says_only_that_somebody_is_away_is_automatic_and_stays_a_letter(subject: str, text: str) -> None:
    answer = answered(subject, text)
    assert automatic(answer)
    assert not getattr(answer.decided.decision, "acknowledge", False)


@pytest.mark.req("C19")
@pytest.mark.parametrize(("subject", "text"), PEOPLE)
def test_whoever_has_something_else_to_say_is_a_person(subject: str, text: str) -> None:
    answer = answered(subject, text)
    assert not automatic(answer)
    assert answer.decided.decision.outcome == "new_case"
