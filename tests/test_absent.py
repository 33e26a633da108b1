"""Absence is told by mail: letters go to whoever stands in, and come back by themselves (A37, users.md 3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from mailcase.app import App
from mailcase.rules.absence_order import Absence, absence, reported, whose
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
        ("Иванов до 05.12", "Не понятно, кто отсутствует: «иванов». Есть: Смирнова"),
        ("Сидоров, Смирнова до 05.12", "Не понятно, кто отсутствует"),
        ("до 05.12, замещает Иванов", "Не понятно, кто замещает: «иванов»"),
        ("до 05.12, замещает", "Не понятно, кто замещает"),
        ("до 05.12, замещает Петрова", "не может замещать сам себя"),
    ],
)
def test_what_is_not_understood_is_said_and_not_guessed(words: str, why: str) -> None:
    with pytest.raises(MailcaseError, match=why):
        absence(words, PETROVA, PEOPLE, TODAY)


def test_who_is_back_is_named_or_the_writer() -> None:
    assert [whose(words, PETROVA, PEOPLE).login for words in ("", "Сидоров", "с отпуска")] == [
        "petrova",
        "sidorov",
        "petrova",
    ]


def test_a_plain_word_about_a_colleague_is_an_order_and_a_programs_note_is_none() -> None:
    assert reported("", "\nОтсутствует Петрова до 05.12\n") == "Петрова до 05.12"
    assert reported("Отсутствует Петрова до 05.12", "") == "Петрова до 05.12"
    assert not reported("Автоответ", "Я отсутствую до 05.12")


@pytest.mark.req("A37")
def test_letters_go_to_the_substitute_for_these_days_and_no_longer(lab: Lab) -> None:
    told = says(lab, "petrova", "!отсутствую с 24.11 по 27.11, замещает Сидоров")
    assert "Петрова Н. В. отсутствует с 24.11.2026 по 27.11.2026 включительно: письма получит Сидоров А. П." in told
    assert "Открытые обращения (1) ведёт Сидоров А. П.: № 1 (до чт 26.11)." in told
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
    assert "отсутствие с 24.11.2026 отменено" in says(lab, "petrova", "!здесь")
    lab.now += timedelta(days=1)
    assert assignee(lab, 2) == "petrova"


def test_a_new_word_replaces_what_overlaps_and_leaves_the_rest(lab: Lab) -> None:
    for words in ("с 01.12 по 04.12", "с 20.12 по 25.12", "с 03.12 по 10.12"):
        says(lab, "petrova", f"!отсутствую {words}")
    with lab.app.db.read() as view:
        found = [(row.since[5:], row.until[5:]) for row in absences.of_employee(view, "petrova", TODAY)]
    assert found == [("12-01", "12-02"), ("12-03", "12-10"), ("12-20", "12-25")]


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
