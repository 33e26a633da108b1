"""An order has its days, a leave too; nobody decides about his own work; rules know topics and languages."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailcase.check import everything
from mailcase.rules.assign import assign
from mailcase.rules.decision import Judgement
from mailcase.rules.facts import CaseFact, ThreadHit
from mailcase.words import ConfigError, Kind, Register, Status, Topic
from tests.lab import Lab
from tests.letters import MONDAY, config, facts, letter, raw
from tests.test_assign import COMPLAINT, REQUEST, login, staff
from tests.test_flow import PETROVA, reply_to_notice

EXPIRED = {"order": "№ 12 от 15.01.2026", "valid_from": "2026-01-15", "valid_until": f"{MONDAY:%Y-%m-%d}"}
TUESDAY = date(MONDAY.year, MONDAY.month, MONDAY.day + 1)


def on(day: date, **cards: dict[str, Any]) -> str:
    return assign(REQUEST, letter(), facts(), config(employee=staff(**cards)).as_of(day))[0]


@pytest.mark.req("A5")
def test_whose_order_expired_yesterday_gets_nothing_new() -> None:
    assert on(MONDAY.date(), petrova=EXPIRED) == "petrova"
    assert on(TUESDAY, petrova=EXPIRED) == "sidorov"
    assert on(date(2026, 1, 14), petrova=EXPIRED) == "sidorov"


@pytest.mark.req("A5")
def test_a_leave_ends_by_itself() -> None:
    leave = {"away": ["2026-12-01..2026-12-14"], "substitute": "orlov"}
    days = (date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 14), date(2026, 12, 15))
    assert [on(day, petrova=leave, sidorov={"kinds": ()}) for day in days] == ["petrova", "orlov", "orlov", "petrova"]


@pytest.mark.req("A5")
def test_handing_a_case_to_somebody_without_an_order_is_refused_with_the_reason(tmp_path: Path) -> None:
    expired = {"order": "№ 12 от 15.01.2026", "valid_until": "2026-01-31"}
    lab = Lab(tmp_path, employee=staff(petrova={}, sidorov=expired))
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, "!назначить Сидоров"))
    assert lab.cases()[0].assignee == "petrova"
    told = lab.to(PETROVA)[-1].text
    assert "Сидоров" in told
    assert "приказ № 12 от 15.01.2026 действовал до 31.01.2026" in told


@pytest.mark.req("A5")
@pytest.mark.parametrize(
    ("card", "said"),
    [
        ({"phone": ""}, "phone"),
        ({"valid_from": "2026-02-01", "valid_until": "2026-01-01"}, "valid_until"),
        ({"away": ["2026-02-01..2026-01-01"]}, "the first day before"),
        ({"away": ["с понедельника"]}, "expected two days"),
    ],
)
def test_a_card_that_cannot_be_true_is_refused(card: dict[str, Any], said: str) -> None:
    with pytest.raises((ConfigError, ValueError), match=said):
        config(employee=staff(petrova=card))


def thread_of(assignee: str) -> Any:
    case = CaseFact(
        id=7,
        number=7,
        tag="KM-26-7-AAAA",
        register=Register.INQUIRY,
        kind=Kind.REQUEST,
        status=Status.CLOSED,
        subject="",
        assignee=assignee,
        parties=frozenset(),
        closed_at=MONDAY,
    )
    return facts(thread=(ThreadHit("<1@x.example>", 7, None, "", None),), cases=(case,))


@pytest.mark.req("A25")
def test_who_did_the_work_does_not_decide_about_a_complaint_of_it() -> None:
    assert login(COMPLAINT, known=thread_of("petrova")) == "smirnova"
    assert login(COMPLAINT, known=thread_of("smirnova")) == "orlov"
    assert login(REQUEST, known=thread_of("petrova")) == "petrova"
    both = staff(smirnova={"kinds": ("complaint",)}, petrova={"kinds": ("complaint",)})
    assert login(COMPLAINT, known=facts(known_assignee="petrova"), employee=both) == "smirnova"


def test_rules_know_topics_and_languages() -> None:
    rules = [
        {"languages": ["en"], "employees": ["sidorov"]},
        {"topics": ["hours", "price"], "employees": ["orlov"]},
    ]
    asked = Judgement(Kind.CONSULTATION, 0.9, topics=(Topic.PRICE,))
    assert login(asked, assign=rules) == "orlov"
    assert login(asked, mail={"lang": "en"}, assign=rules) == "sidorov"
    assert login(REQUEST, assign=rules) == "petrova"
    who, why = assign(asked, letter(), facts(), config(assign=rules))
    assert (who, why.why) == ("orlov", "правило: стоимость")


def test_where_nobody_fits_the_head_gets_it_and_that_is_an_event(tmp_path: Path) -> None:
    gone = {name: {"active": False} for name in ("petrova", "sidorov")}
    lab = Lab(tmp_path, employee=staff(**gone))
    lab.arrive(raw())
    assert "nobody_fits" in [event.type for event in lab.events(1)]


@pytest.mark.req("A5")
def test_check_tells_of_an_order_that_ends_soon(tmp_path: Path) -> None:
    soon = f"{MONDAY.date() + timedelta(days=20):%Y-%m-%d}"
    lab = Lab(tmp_path, employee=staff(petrova={"order": "№ 12", "valid_until": soon}))
    found = [str(finding) for finding in everything(lab.app, servers=False) if finding.what == "orders"]
    assert found == [f"warning  orders: petrova: the order № 12 ends on {soon}; renew it and employee.valid_until"]
