"""Absence is told by mail: letters go to whoever stands in, and come back by themselves (A37, users.md 3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from mailcase.app import App
from mailcase.rules.absence_order import Absence, absence, back, reported
from mailcase.store import absences
from mailcase.words import MailcaseError
from tests.lab import Lab
from tests.letters import config, raw
from tests.test_assign import staff

TODAY = date(2026, 11, 23)
PEOPLE = config(employee=staff()).employee
PETROVA = next(person for person in PEOPLE if person.login == "petrova")


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """One request has come in, and Petrova has it."""
    lab = Lab(tmp_path, employee=staff(sidorov={"kinds": ("suggestion",)}))
    lab.arrive(raw())
    return lab


def says(lab: Lab, who: str, text: str, to: str = "") -> str:
    """An employee answers the newest letter to her, or writes a new one; what she is told."""
    address = f"{who}@cleanmet.ru"
    lab.arrive(raw(text, subject=to or "Отпуск", sender=address, message_id=f"<{lab.arrived}@cleanmet.ru>",
                   in_reply_to="" if to else lab.to(address)[-1].id))  # fmt: skip
    return lab.to(address)[-1].text


def assignee(lab: Lab, number: int) -> str:
    """Who gets a new request of a new client."""
    lab.arrive(raw(sender=f"klient{number}@zavod.example.ru", message_id=f"<new{number}@zavod.example.ru>"))
    return str(lab.cases()[-1].assignee)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("до 05.12", ("petrova", TODAY, date(2026, 12, 5), "")),
        ("по 5 декабря", ("petrova", TODAY, date(2026, 12, 5), "")),
        ("Сидоров до 05.12", ("sidorov", TODAY, date(2026, 12, 5), "")),
        ("Сидоров с 01.12 по 14.12, замещает Петрова", ("sidorov", date(2026, 12, 1), date(2026, 12, 14), "petrova")),
        (
            "с 1 по 14 декабря 2027 года, вместо меня Сидоров",
            ("petrova", date(2027, 12, 1), date(2027, 12, 14), "sidorov"),
        ),
        ("замещает Сидоров, с 28.12 по 15.01", ("petrova", date(2026, 12, 28), date(2027, 1, 15), "sidorov")),
        ("20.11–30.11", ("petrova", date(2026, 11, 20), date(2026, 11, 30), "")),
        ("1-14.12", ("petrova", date(2026, 12, 1), date(2026, 12, 14), "")),
        ("Сидорова в отпуске с 2026-12-01 по 2026-12-14", ("sidorov", date(2026, 12, 1), date(2026, 12, 14), "")),
        ("завтра", ("petrova", date(2026, 11, 24), date(2026, 11, 24), "")),
        ("Сидоров 30.11", ("sidorov", date(2026, 11, 30), date(2026, 11, 30), "")),
        (
            "Сидоров А. П. с 01.12.2026 г. по 14.12.2026 г., замещает Петрова Н.В.",
            ("sidorov", date(2026, 12, 1), date(2026, 12, 14), "petrova"),
        ),
        ("с 30.11. (пн) по 04.12. (пт) включительно", ("petrova", date(2026, 11, 30), date(2026, 12, 4), "")),
        ("до 05.12, подменяет Сидоров", ("petrova", TODAY, date(2026, 12, 5), "sidorov")),
        ("Смирновой Ольги до 05.12", ("smirnova", TODAY, date(2026, 12, 5), "")),
    ],
)
def test_days_and_people_are_read(words: str, meant: tuple[str, date, date, str]) -> None:
    assert absence(words, PETROVA, PEOPLE, TODAY) == Absence(*meant)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "Не сказано, с какого и по какой день"),
        ("в отпуске", "Не сказано, с какого и по какой день"),
        ("с 01.12", "Не сказано, по какой день"),
        ("до 31.11", "Такого дня нет: «31.11»"),
        ("до 20.11", "Этот срок уже прошёл: «20.11»"),
        ("до 20.11.2026", "Этот срок уже прошёл"),
        ("с 14.12.2026 по 01.12.2026", "Первый день позже последнего"),
        ("с 31.12 по 01.12", "Первый день позже последнего"),
        ("Иванов до 05.12", "Не понятно, кто отсутствует: «иванов». Есть: Смирнова"),
        ("Сидоров, Смирнова до 05.12", "Не понятно, кто отсутствует"),
        ("до 05.12, замещает Иванов", "Не понятно, кто замещает: «иванов»"),
        ("до 05.12, замещает", "Не понятно, кто замещает"),
        ("до 05.12, замещает Петрова", "не может замещать сам себя"),
        ("до 05.12, вопросы к Сидорову", "Не понятны слова «вопросы к»"),
        ("Петрова не до 05.12", "Не понятны слова «не»"),
        ("до 05.12, замещает не Сидоров", "Не понятны слова «не»"),
        ("Петрова, вернётся 07.12", "Не понятны слова «вернется»"),
        ("буду 07.12", "Не понятно, кто отсутствует: «буду»"),
        ("с 07.12 в отпуске до 20.12", "Не понятно, кто отсутствует"),
        ("Петрова с понедельника по 05.12", "Не понятны слова «с понедельника»"),
        ("Петрова 30.11 и 04.12", "Не понятны слова «и 04.12»"),
    ],
)
def test_what_is_not_understood_is_said_and_not_guessed(words: str, why: str) -> None:
    with pytest.raises(MailcaseError, match=why):
        absence(words, PETROVA, PEOPLE, TODAY)


def test_who_is_back_is_named_or_the_writer() -> None:
    said = ("", "Сидоров", "с отпуска", "Сидоров с 14.12")
    found = [back(words, PETROVA, PEOPLE, TODAY) for words in said]
    days = [None, None, None, date(2026, 12, 14)]
    assert [(person.login, day) for person, day in found] == list(zip(["petrova", "sidorov"] * 2, days, strict=True))


def test_of_namesakes_the_whole_name_tells() -> None:
    sister = {**staff()[1], "login": "petrova2", "name": "Петрова Мария Ивановна", "email": "p2@cleanmet.ru"}
    brother = {**staff()[1], "login": "petrov", "name": "Петров Иван Ильич", "email": "p3@cleanmet.ru"}
    people = config(employee=[*staff(), sister, brother]).employee
    for words in ("Петрова Мария Ивановна", "Петрова М. И.", "Петрова Мария", "petrova2"):
        assert absence(f"{words} до 05.12", PETROVA, people, TODAY).login == "petrova2"
    with pytest.raises(MailcaseError, match=r"Есть: Петрова Наталья Викторовна \(petrova\), Петрова Мария"):
        absence("Петрова до 05.12", PETROVA, people, TODAY)


def test_a_plain_word_about_a_colleague_is_an_order_and_nothing_else_is() -> None:
    order = "Петрова до 05.12"
    for subject, text in (("", f"\nОтсутствует {order}\n"), (f"Отсутствует {order}", "")):
        assert reported(subject, text, PETROVA, PEOPLE, TODAY) == order
    for text in (
        "Я отсутствую до 05.12",
        "Отсутствует связь с заводом «Вектор», просят перезвонить.",
        "Отсутствует подпись Сидорова в протоколе от 20.12.2026, просят исправить",
        "Отсутствует Сидоров до 05.12.\n\nПросим выставить счёт.",
    ):
        assert not reported("", text, PETROVA, PEOPLE, TODAY)


def test_what_only_begins_like_an_absence_is_a_case(lab: Lab) -> None:
    text = "Отсутствует связь с заводом «Вектор», просят перезвонить по поводу поверки 12 манометров."
    mail_id = lab.arrive(raw(text, sender="smirnova@cleanmet.ru", message_id="<s@cleanmet.ru>"))
    assert lab.mail(mail_id).outcome == "new_case"


@pytest.mark.req("A37")
def test_letters_go_to_the_substitute_for_these_days_and_no_longer(lab: Lab) -> None:
    told = says(lab, "petrova", "!отсутствую с 24.11 по 27.11, замещает Сидоров")
    assert "Петрова Н. В. отсутствует с 24.11.2026 по 27.11.2026 включительно: письма получит Сидоров А. П." in told
    assert "Открытые обращения на эти дни (1): № 1, Анна Ковалёва (до чт 26.11)." in told
    assert assignee(lab, 2) == "petrova", "the day before"
    lab.now += timedelta(days=1)
    assert assignee(lab, 3) != "petrova"
    lab.at(datetime.fromisoformat("2026-11-26T09:05:00+03:00"))
    assert "вместо: Петрова Н. В." in lab.to("sidorov@cleanmet.ru")[-1].text
    lab.now = datetime.fromisoformat("2026-11-30T10:00:00+03:00")
    assert assignee(lab, 4) == "petrova"


@pytest.mark.req("A37")
def test_a_client_who_writes_meanwhile_is_read_by_the_substitute(lab: Lab) -> None:
    says(lab, "petrova", "!отсутствую до 27.11, замещает Сидоров")
    (case,) = lab.cases()
    lab.arrive(raw("Когда будет готово?", subject=f"Re: [{case.tag}]", message_id="<2@romashka.example.ru>"))
    assert "Когда будет готово?" in lab.to("sidorov@cleanmet.ru")[-1].text
    assert lab.cases()[0].assignee == "petrova", "the case stays hers"


def test_a_colleague_says_it_for_who_is_ill_and_confirms_a_new_letter(lab: Lab) -> None:
    told = says(lab, "smirnova", "Отсутствует Петрова до 27.11\nболеет", to="Петрова")
    assert "пришло письмо «Петрова»" in told
    assert "отсутствует с 23.11.2026 по 27.11.2026" in says(lab, "smirnova", "да")
    assert assignee(lab, 2) != "petrova"
    assert len(lab.cases()) == 2, "no case of the letter itself"
    (event,) = lab.stream("employee:petrova")
    assert (event.type, event.actor) == ("absent", "smirnova")


def test_who_is_back_earlier_gets_letters_at_once(lab: Lab) -> None:
    says(lab, "petrova", "!отсутствую до 27.11")
    assert assignee(lab, 2) != "petrova"
    assert "Петрова Н. В. снова на месте" in says(lab, "petrova", "!здесь")
    assert assignee(lab, 3) == "petrova"
    assert "отсутствие и так не отмечено" in says(lab, "petrova", "!здесь")


def test_a_leave_that_is_called_off_does_not_begin(lab: Lab) -> None:
    says(lab, "petrova", "!отпуск с 24.11 по 27.11")
    assert "если его не будет, напишите «!здесь Петрова с 24.11.2026»" in says(lab, "petrova", "!здесь")
    assert "отсутствие с 24.11.2026 отменено" in says(lab, "petrova", "!здесь с 24.11")
    lab.now += timedelta(days=1)
    assert assignee(lab, 2) == "petrova"


def test_a_new_word_counts_for_its_days_and_the_rest_stays(lab: Lab) -> None:
    for words in ("с 01.12 по 10.12, замещает Сидоров", "с 20.12 по 25.12", "с 03.12 по 05.12, замещает Орлов"):
        told = says(lab, "petrova", f"!отсутствую {words}")
    assert "Раньше было отмечено: с 01.12.2026 по 10.12.2026 включительно; в эти дни теперь действует новая" in told
    says(lab, "petrova", "!отсутствую до 24.11")
    assert "Сидоров" not in says(lab, "petrova", "!отсутствую с 24.12 по 28.12")
    assert "письма получит Сидоров" in says(lab, "petrova", "!отсутствую с 09.12 по 12.12"), "prolonged"
    with lab.app.db.read() as view:
        found = [(r.since[5:], r.until[5:], r.substitute) for r in absences.of_employee(view, "petrova", TODAY)]
    assert found == [
        ("11-23", "11-24", ""),
        ("12-01", "12-02", "sidorov"),
        ("12-03", "12-05", "orlov"),
        ("12-06", "12-08", "sidorov"),
        ("12-09", "12-12", "sidorov"),
        ("12-20", "12-23", ""),
        ("12-24", "12-28", ""),
    ]


def test_whoever_it_concerns_is_told_at_once(lab: Lab) -> None:
    says(lab, "smirnova", "!отсутствует Петрова сегодня, замещает Сидоров", to="Петрова")
    says(lab, "smirnova", "да")
    told = lab.to("sidorov@cleanmet.ru")[-1]
    assert told.subject == "Вы замещаете: Петрова Н. В."
    assert "Петрова Н. В. отсутствует 23.11.2026: письма получите Вы." in told.text
    assert "№ 1, Анна Ковалёва (до чт 26.11)" in told.text
    assert "Отметил(а) Смирнова О. И.: Петрова Н. В. отсутствует 23.11.2026." in lab.to("petrova@cleanmet.ru")[-1].text


def test_tomorrow_is_the_day_after_the_letter_and_not_after_the_word_about_it(lab: Lab) -> None:
    says(lab, "smirnova", "!отсутствует Петрова завтра", to="Петрова")
    lab.now += timedelta(days=2)
    assert "Этот срок уже прошёл: 24.11.2026" in says(lab, "smirnova", "да")


def test_a_substitute_who_is_away_too_is_named_and_passed_over(lab: Lab) -> None:
    says(lab, "petrova", "!отсутствует Сидоров до 27.11")
    told = says(lab, "petrova", "!отсутствую до 27.11, замещает Сидоров")
    assert "письма получит Смирнова О. И. (Сидоров А. П. в эти дни тоже отсутствует)." in told


def test_another_process_hears_of_it_within_seconds(lab: Lab) -> None:
    other = App.build(config(**lab.overrides), now=lambda: lab.now)
    assert other.config.person("petrova").active  # type: ignore[union-attr]
    says(lab, "petrova", "!отсутствую до 27.11, замещает Сидоров")
    lab.now += timedelta(seconds=21)
    person = other.config.person("petrova")
    assert person is not None
    assert (person.active, person.substitute) == (False, "sidorov")
