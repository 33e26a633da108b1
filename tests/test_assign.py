"""Every letter has exactly one responsible employee, and the reason is told (9.2.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mailcase.rules import surname
from mailcase.rules.assign import assign
from mailcase.rules.decision import Judgement
from mailcase.rules.facts import Load
from mailcase.words import Kind
from tests.letters import MONDAY, config, employee, facts, letter

REQUEST = Judgement(Kind.REQUEST, 0.9)
COMPLAINT = Judgement(Kind.COMPLAINT, 0.9)


def staff(**changes: dict[str, Any]) -> list[dict[str, Any]]:
    """Three engineers for requests and a quality manager; fields of each may be changed."""
    cards = [
        employee("smirnova", "Смирнова Ольга Игоревна", "менеджер по качеству", "205"),
        employee("petrova", "Петрова Наталья Викторовна", "инженер", "214", ("request",)),
        employee("sidorov", "Сидоров Андрей Петрович", "инженер", "216", ("request",)),
        employee("orlov", "Орлов Дмитрий Сергеевич", "директор", "201"),
    ]
    return [{**card, **changes.get(card["login"], {})} for card in cards]


def login(judgement: Judgement, *, mail: dict[str, Any] | None = None, known: Any = None, **overrides: Any) -> str:
    who, why = assign(judgement, letter(**(mail or {})), known or facts(), config(**overrides))
    assert why.why
    return who


@pytest.mark.req("A37")
@pytest.mark.parametrize(
    ("judgement", "who"),
    [
        (REQUEST, "petrova"),
        (COMPLAINT, "smirnova"),
        (Judgement(Kind.CLAIM, 0.9, check=True), "smirnova"),
        (Judgement(Kind.CORRESPONDENCE, 0.9, check=True), "smirnova"),
        (Judgement(Kind.CORRESPONDENCE, 0.4), "smirnova"),
        (Judgement(Kind.SUGGESTION, 0.9), "orlov"),
    ],
)
def test_each_kind_has_its_person(judgement: Judgement, who: str):
    lab = {"duty": "smirnova", "quality_manager": "smirnova"}
    assert login(judgement, lab=lab) == who


def test_a_doubtful_letter_goes_to_the_duty_person():
    assert login(Judgement(Kind.CORRESPONDENCE, 0.9, check=True), lab={"duty": "sidorov"}) == "sidorov"


@pytest.mark.req("A37")
def test_the_least_burdened_gets_it_then_who_waited_longest_then_by_name():
    day = timedelta(days=1)

    def after(petrova: tuple[int, Any], sidorov: tuple[int, Any]) -> str:
        loads = (Load("petrova", *petrova), Load("sidorov", *sidorov))
        return login(REQUEST, known=facts(loads=loads), employee=staff())

    assert after((5, MONDAY), (2, MONDAY)) == "sidorov"
    assert after((2, MONDAY), (2, MONDAY - day)) == "sidorov"
    assert after((2, MONDAY), (2, None)) == "sidorov"
    assert after((2, MONDAY), (2, MONDAY)) == "petrova"
    assert login(REQUEST, known=facts(loads=(Load("petrova", 1, MONDAY),)), employee=staff()) == "sidorov"


def test_rules_of_the_configuration_come_first_and_the_first_that_fits_decides():
    rules = [
        {"words": ["весы"], "kinds": ["request"], "employees": ["sidorov"]},
        {"domains": ["romashka.example.ru"], "employees": ["orlov"]},
        {"words": ["манометр"], "employees": ["smirnova"]},
    ]
    assert login(REQUEST, mail={"text": "Поверьте весы ВЛ-210"}, assign=rules) == "sidorov"
    assert login(Judgement(Kind.CORRESPONDENCE, 0.9), mail={"text": "Весы ВЛ-210"}, assign=rules) == "orlov"
    assert login(REQUEST, mail={"text": "Неизвестные"}, assign=rules) == "orlov"
    stranger = {"sender": "a@other.example.ru", "text": "Просим принять манометров 12 шт."}
    assert login(REQUEST, mail=stranger, assign=rules) == "smirnova"
    assert login(REQUEST, mail={**stranger, "text": "Известно ли Вам", "subject": "вопрос"}, assign=rules) == "petrova"


@pytest.mark.req("A25")
def test_a_rule_without_kinds_gives_no_complaint_to_whoever_serves_the_client():
    text = {"text": "Вы обещали, а весы так и не поверены!"}
    quality = {"quality_manager": "smirnova"}
    by_words = [{"words": ["весы"], "employees": ["sidorov"]}]
    assert login(COMPLAINT, mail=text, assign=by_words, lab=quality) == "smirnova"
    named = [{"words": ["весы"], "kinds": ["complaint"], "employees": ["orlov"]}]
    assert login(COMPLAINT, mail=text, assign=named, lab=quality) == "orlov"


def test_a_domain_is_no_part_of_another():
    rules = [{"domains": ["mashka.example.ru"], "employees": ["orlov"]}]
    assert login(REQUEST, assign=rules) == "petrova"
    assert login(REQUEST, mail={"sender": "a@sub.mashka.example.ru"}, assign=rules) == "orlov"


def test_a_customer_keeps_his_employee_except_for_a_complaint():
    known = facts(known_assignee="sidorov")
    assert login(REQUEST, known=known) == "sidorov"
    assert login(COMPLAINT, known=known) == "smirnova"
    away = {"sidorov": {"active": False}}
    assert login(REQUEST, known=known, employee=staff(**away)) == "petrova"
    assert login(REQUEST, known=facts(known_assignee="gone")) == "petrova"
    rule = [{"words": ["манометр"], "employees": ["petrova"]}]
    assert login(REQUEST, known=known, assign=rule) == "petrova"


@pytest.mark.req("A37")
def test_who_is_away_hands_on_to_the_substitute_and_a_circle_ends_with_the_head():
    chain = {
        "smirnova": {"active": False, "substitute": "petrova"},
        "petrova": {"active": False, "substitute": "sidorov"},
    }
    assert login(COMPLAINT, employee=staff(**chain)) == "sidorov"
    circle = {**chain, "petrova": {"active": False, "substitute": "smirnova"}}
    assert login(COMPLAINT, employee=staff(**circle)) == "orlov"


def test_somebody_is_named_even_where_nobody_is_here():
    away = {card["login"]: {"active": False} for card in staff()}
    away["orlov"] = {"active": False}
    everyone = [*staff(**away)]
    assert login(REQUEST, employee=everyone) == "orlov"


@pytest.mark.req("A25")
@pytest.mark.parametrize("words", ["Ваша Смирнова нагрубила", "Жалоба на СМИРНОВУ О. И.", "разговор со Смирновой"])
def test_nobody_decides_about_a_complaint_that_names_him(words: str):
    assert login(COMPLAINT, mail={"text": words}) == "orlov"
    assert login(COMPLAINT, mail={"text": words}, employee=staff(smirnova={"substitute": "petrova"})) == "petrova"


def test_an_employee_named_in_a_request_may_have_it():
    assert login(REQUEST, mail={"text": "Прошу Петрову подготовить счёт"}) == "petrova"


def test_the_clients_own_signature_accuses_nobody():
    text = "Протокол с ошибкой.\n\nС уважением, Смирнова А. А."
    assert login(COMPLAINT, mail={"text": text, "signature": "С уважением, Смирнова А. А."}) == "smirnova"


@pytest.mark.parametrize(
    ("text", "name", "there"),
    [
        ("отдай Сидорову", "Сидоров Андрей Петрович", True),
        ("с Сидоровым", "Сидоров Андрей Петрович", True),
        ("для Петровой", "Петрова Наталья Викторовна", True),
        ("у петровича", "Петрова Наталья Викторовна", False),
        ("Орловский завод", "Орлов Дмитрий Сергеевич", False),
        ("к Достоевскому", "Достоевский Фёдор Михайлович", True),
        ("Вознесенской Анне", "Вознесенская Анна Павловна", True),
        ("Ковалю", "Коваль Пётр Ильич", True),
        ("Семёнову", "Семёнов Пётр Ильич", True),
        ("Ткачуку", "Ткачук Пётр Ильич", True),
    ],
)
def test_surnames_are_known_in_every_case(text: str, name: str, there: bool):
    assert surname.mentioned(text, name) is there


@pytest.mark.parametrize(
    ("name", "to"),
    [
        ("Сидоров Андрей Петрович", "Сидорову А. П."),
        ("Петрова Наталья Викторовна", "Петровой Н. В."),
        ("Достоевский Фёдор Михайлович", "Достоевскому Ф. М."),
        ("Ткачук Анна Ильинична", "Ткачук А. И."),
        ("Ткачук Пётр Ильич", "Ткачуку П. И."),
        ("Черных Пётр Ильич", "Черных П. И."),
    ],
)
def test_names_are_put_into_the_dative(name: str, to: str):
    assert surname.dative(name) == to
