"""The improvement log is kept by mail: case, what was changed, by whom, by when, and what it brought (A24)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mailcase import lists
from mailcase.rules.improvement import Planned, owner, planned
from mailcase.words import MailcaseError
from tests.lab import Lab
from tests.letters import config, raw
from tests.test_corrections import says
from tests.test_flow import CLIENT, FROM_PETROVA

TODAY = date(2026, 11, 23)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path)
    lab.arrive(raw())
    return lab


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("Второй сотрудник проверяет протокол; Сидоров; до 15.12.2026", ("Сидоров", date(2026, 12, 15))),
        ("Второй сотрудник проверяет протокол; до 15.12; Сидоров", ("Сидоров", date(2026, 12, 15))),
        ("Второй сотрудник проверяет протокол; отдел метрологии; 15 января", ("отдел метрологии", date(2027, 1, 15))),
        ("Второй сотрудник проверяет протокол, Сидоров, до 1 декабря 2026 г.", ("Сидоров", date(2026, 12, 1))),
        ("Второй сотрудник проверяет протокол", ("", None)),
        ("Второй сотрудник проверяет протокол; до 23.11", ("", TODAY)),
    ],
)
def test_action_owner_and_day_are_read(words: str, meant: tuple[str, date | None]) -> None:
    assert planned(words, TODAY) == Planned("Второй сотрудник проверяет протокол", *meant)


@pytest.mark.parametrize("words", ["", "; Сидоров", "Проверка; до 31.02", "Проверка; до 15.мрт"])
def test_what_is_not_understood_is_said_and_not_guessed(words: str) -> None:
    with pytest.raises(MailcaseError, match=r"Не сказано, что изменено|Не понятен срок «до"):
        planned(words, TODAY)


def test_the_owner_is_an_employee_where_one_is_named() -> None:
    people = config().employee
    assert [owner(who, people[0], people) for who in ("", "Сидорову", "Петрова Н. В.", "поверитель")] == [
        "smirnova",
        "sidorov",
        "petrova",
        "поверитель",
    ]


@pytest.mark.req("A24")
def test_a_line_is_written_and_its_effect_told_by_reply(lab: Lab) -> None:
    told = says(lab, "!улучшение Протокол проверяет второй сотрудник; Сидоров; до 15.12.2026")
    assert "журнал улучшений, № 1" in told
    assert "Отвечает Сидоров А. П., до 15.12.2026" in told
    assert "№ 1 записан" in says(lab, "!эффект За месяц ни одной такой ошибки")
    (line,) = lists.improved(lab.app)
    assert (line["case"], line["action"], line["owner"], line["due"], line["effect"]) == (
        lab.cases()[0].tag,
        "Протокол проверяет второй сотрудник",
        "sidorov",
        "2026-12-15",
        "За месяц ни одной такой ошибки",
    )
    assert [e.type for e in lab.events(1) if e.type in ("improved", "effect")] == ["improved", "effect"]
    assert "ошибк" not in "".join(e.detail for e in lab.events(1))
    lab.later(minutes=11)
    assert len(lab.to(CLIENT)) == 1


def test_a_new_letter_with_the_number_does_as_well(tmp_path: Path) -> None:
    box = {"name": "lab", "host": "127.0.0.1", "user": "lab@cleanmet.ru", "tls": "none", "password": "x"}
    lab = Lab(tmp_path, mailbox=[{**box, "authserv_id": "mx.cleanmet.ru"}])
    lab.arrive(raw())
    stamp = {"Authentication-Results": "mx.cleanmet.ru; dmarc=pass header.from=cleanmet.ru"}
    subject = f"Калибровка [{lab.cases()[0].tag}]"
    order = "!улучшение Новая форма заявки; до 01.12.2026"
    lab.arrive(raw(order, sender=FROM_PETROVA, subject=subject, message_id="<new@cleanmet.ru>", headers=stamp))
    assert [line["owner"] for line in lists.improved(lab.app)] == ["petrova"]


def test_of_several_the_one_that_has_no_effect_yet_is_meant_or_the_one_that_is_named(lab: Lab) -> None:
    says(lab, "!улучшение Первое")
    says(lab, "!улучшение Второе; до 01.12.2026")
    assert "!эффект № 2" in says(lab, "!эффект хорошо")
    says(lab, "!эффект № 1: быстрее на день")
    says(lab, "!эффект 3 жалобы вместо 5")
    assert [line["effect"] for line in lists.improved(lab.app)] == ["быстрее на день", "3 жалобы вместо 5"]


def test_an_effect_of_nothing_is_asked_about(lab: Lab) -> None:
    assert "сначала «!улучшение" in says(lab, "!эффект хорошо")
    assert list(lists.improved(lab.app)) == []
