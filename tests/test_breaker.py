"""Storms, the breaker that holds every automatic letter, and how a person lets go what was held (C14, pain 35)."""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase.stations.send import requeue_all
from mailcase.store import outbox
from mailcase.store import tables as t
from mailcase.store.db import Database, next_number
from tests import storm
from tests.cli import letters, mailcase, opened
from tests.lab import Lab
from tests.letters import raw
from tests.servers.postgres import Postgres
from tests.storm import Damage

COUNT = int(os.environ.get("MAILCASE_STORM", "100"))
"""Letters of a storm; `python -m tests.storm` sends 10 000 with the default budgets."""
SMALL = {"per_domain_day": 10, "per_hour": 40, "notices_per_address_day": 12, "notices_per_domain_day": 25}
BUDGET = {**SMALL, "notices_per_person_day": 60}
CLIENT = "a.kovaleva@romashka.example.ru"
PETROVA = "petrova@cleanmet.ru"
SMIRNOVA = "smirnova@cleanmet.ru"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path, budget=BUDGET)


def requests(lab: Lab, count: int, start: int = 0) -> None:
    """So many strangers, each with a domain and a wish of his own."""
    for n in range(start, start + count):
        sender = f"Клиент <c{n}@h{n}.example.ru>"
        lab.arrive(raw(f"Просим выставить КП на {n} весов.", sender=sender, message_id=f"<q{n}@h{n}.example.ru>"))


def acknowledged(lab: Lab) -> int:
    return sum(row.template == "acknowledgement" and row.status == "sent" for row in lab.outbox())


def told(lab: Lab, subject: str) -> int:
    return sum(sent.subject.startswith(f"Внимание: {subject}") for sent in lab.to(SMIRNOVA))


@pytest.mark.req("C14")
@pytest.mark.parametrize(
    ("kind", "acknowledgements", "notices"),
    [("one address", 3, 12), ("one domain", 10, 25), ("everywhere", 40, 60), ("marked as automatic", 0, 0)],
)
def test_a_storm_is_registered_whole_and_answered_within_the_budgets(
    lab: Lab, kind: str, acknowledgements: int, notices: int
) -> None:
    """Every letter has its case, nobody gets two acknowledgements of one, and the client in its midst has his."""
    found = storm.storm(lab, COUNT, storm.STORMS[kind])
    cases = COUNT if kind != "marked as automatic" else 0
    client = 1 if kind != "everywhere" else 0
    assert found.outcomes == Counter({"new_case": cases + 1} | ({} if cases else {"drop": COUNT}))
    assert found == Damage(
        letters=COUNT + 1,
        outcomes=found.outcomes,
        cases=cases + 1,
        to_clients=acknowledgements + client,
        most_of_a_case=1,
        notices=notices + client,
        alarms=2 if cases else 0,
        held=found.held,
    )
    assert found.held.total() == 2 * (cases + 1) - found.to_clients - found.notices
    assert len(lab.to(CLIENT)) == client


@pytest.mark.req("C14")
def test_what_a_storm_kept_from_an_employee_stands_in_his_morning_letter(lab: Lab) -> None:
    """The hostile lines are cut short, the count is whole, and the client's own line is there."""
    storm.storm(lab, 80, storm.from_one_address)
    lab.at(lab.now.replace(hour=6, minute=1) + timedelta(days=1))
    morning = lab.to(PETROVA)[-1].text
    assert "Без отдельного письма" in morning
    assert "и ещё 38, все есть в журнале" in morning
    assert "Задержано автоматических писем клиентам сверх предела: 77" in lab.to(SMIRNOVA)[-1].text


def test_letters_made_to_break_the_parser_are_no_flood_either(tmp_path: Path) -> None:
    """Each is set aside as a case; the duty person gets the first ones whole and reads of the rest in the morning."""
    lab = Lab(tmp_path, budget={"notices_per_address_day": 2})
    for n in range(4):
        mail_id = lab.arrive(storm.marked(n))
        with lab.app.db.tx() as tx:
            aside = {"status": "new", "tries": lab.app.config.limits.tries, "error": "IndexError: again"}
            tx.execute(sa.update(t.mail).where(t.mail.c.id == mail_id).values(**aside))
        lab.work()
    assert {row.kind for row in lab.cases()} == {"correspondence"}
    assert [row.status for row in lab.outbox() if row.key.startswith("quarantine:")] == ["sent", "sent", "held", "held"]


@pytest.mark.req("C14")
def test_the_breaker_holds_automatic_letters_alone_and_tells_of_it_once(tmp_path: Path) -> None:
    lab = Lab(tmp_path, budget={"per_hour": 5})
    requests(lab, 12)
    assert acknowledged(lab) == 5
    assert len(lab.to(PETROVA)) == len(lab.cases()) == 12
    assert "предел автоматических писем" in lab.to(PETROVA)[-1].text
    notice = lab.to(PETROVA)[-1]
    links = {"in_reply_to": notice.id, "references": notice.id}
    lab.arrive(raw("Добрый день! Стоимость 12 000 руб.", sender=PETROVA, subject="Re: КП", message_id="<a@x>", **links))
    lab.later(minutes=11)
    assert "12 000" in lab.to("c11@h11.example.ru")[-1].text
    assert told(lab, "автоматические письма клиентам остановлены") == 1


@pytest.mark.req("C14")
def test_the_breaker_closes_by_itself_after_an_hour_that_needed_less(tmp_path: Path) -> None:
    """While the storm goes on nothing leaves, whatever the clock says; what was held stays held."""
    lab = Lab(tmp_path, budget={"per_hour": 5})
    requests(lab, 12)
    lab.now += timedelta(hours=1)
    requests(lab, 4, start=20)
    assert acknowledged(lab) == 5
    lab.now += timedelta(hours=1)
    requests(lab, 6, start=40)
    assert acknowledged(lab) == 10
    assert told(lab, "автоматические письма клиентам остановлены") == 2
    assert sum(row.hold_reason == "budget" for row in lab.outbox()) == 12


@pytest.mark.req("C14")
def test_one_robot_opens_the_breaker_for_nobody_else(tmp_path: Path) -> None:
    lab = Lab(tmp_path, budget={"per_hour": 5})
    for n in range(20):
        lab.arrive(storm.from_one_address(n))
    requests(lab, 2)
    assert acknowledged(lab) == 5
    assert told(lab, "автоматические письма клиентам остановлены") == 0


@pytest.mark.req("C14")
def test_one_robot_uses_up_nothing_of_its_organisation(tmp_path: Path) -> None:
    lab = Lab(tmp_path, budget={"per_domain_day": 5, "notices_per_address_day": 4, "notices_per_domain_day": 5})
    for n in range(10):
        lab.arrive(storm.from_one_address(n))
    lab.arrive(raw("Просим выставить КП.", sender="person@storm.example.net", message_id="<p@storm.example.net>"))
    assert len(lab.to("person@storm.example.net")) == 1
    assert [row.status for row in lab.outbox() if row.template == "notice"][-1] == "sent"


def test_budgets_of_past_days_are_forgotten_and_todays_are_not(database: Database) -> None:
    with database.tx() as tx:
        for day in ("2026-11-19", "2026-11-20T23", "2026-11-21", "2026-11-23"):
            outbox.spend_all(tx, ["address:a@x.example.ru", "domain:x.example.ru"], day)
        next_number(tx, t.counter, "case:2026")
        assert outbox.forget_budgets(tx, "2026-11-21", 3) == 3
        assert outbox.forget_budgets(tx, "2026-11-21", 3) == 1
        assert outbox.forget_budgets(tx, "2026-11-21", 3) == 0
        assert outbox.spend(tx, "domain:x.example.ru", "2026-11-21") == 2
        assert next_number(tx, t.counter, "case:2026") == 2


@pytest.mark.postgres
@pytest.mark.req("C14")
def test_budgets_breaker_and_release_are_the_same_on_postgresql(tmp_path: Path, postgres: Postgres) -> None:
    store = {"url": postgres.url(), "raw": tmp_path / "raw"}
    lab = Lab(tmp_path, store=store, budget={"per_hour": 3, "notices_per_person_day": 4, "per_address_day": 1})
    requests(lab, 5)
    lab.arrive(raw("Просим КП ещё раз.", sender="c0@h0.example.ru", message_id="<again@h0.example.ru>"))
    assert acknowledged(lab) == 3
    assert Counter(row.hold_reason for row in lab.outbox() if row.status == "held") == {"budget": 3, "digest": 2}
    assert requeue_all(lab.app, "budget", ["h3.example.ru", "c4@h4.example.ru"], ["h4.example.ru"]) == (1, 0)
    lab.at(lab.now.replace(hour=6, minute=1) + timedelta(days=1))
    assert "Без отдельного письма" in lab.to(PETROVA)[-1].text
    assert acknowledged(lab) == 4


@pytest.mark.req("C14")
def test_the_same_words_are_confirmed_once_a_day(lab: Lab) -> None:
    """Whoever pressed the key twice has two cases, one confirmation, and an employee who knows."""
    for n in range(2):
        lab.arrive(raw(subject=f"Заявка {n}", message_id=f"<{n}@romashka.example.ru>"))
    assert (len(lab.cases()), len(lab.to(CLIENT)), len(lab.to(PETROVA))) == (2, 1, 2)
    assert "Подтверждение клиенту не отправлено" in lab.to(PETROVA)[-1].text
    lab.now += timedelta(days=1)
    lab.arrive(raw(subject="Заявка 3", message_id="<3@romashka.example.ru>"))
    assert len(lab.to(CLIENT)) == 2


@pytest.mark.req("C14")
def test_the_same_words_with_another_file_are_another_letter(lab: Lab) -> None:
    for n in range(2):
        file = (f"Заявка {n}.pdf", f"%PDF-1.4 {n}".encode())
        lab.arrive(raw("Заявка во вложении.", subject=f"Заявка {n}", message_id=f"<{n}@x>", attachments=[file]))
    assert len(lab.to(CLIENT)) == 2


@pytest.mark.req("C14")
def test_a_case_has_its_own_budget(tmp_path: Path) -> None:
    """The acknowledgement and one «дополнение получено» would be two."""
    lab = Lab(tmp_path, budget={"per_case_day": 1})
    lab.arrive(raw("В протоколе № 145 снова ошибка, прошу исправить и объяснить причину."))
    lab.arrive(raw("Прилагаю фото", subject="Фото", message_id="<2@x>"))
    assert [row.hold_reason for row in lab.outbox() if row.template == "addition"] == ["budget"]


def test_an_order_of_an_employee_is_no_storm(tmp_path: Path) -> None:
    """Whoever gets a case from a colleague gets its notice, however many he had today."""
    lab = Lab(tmp_path, budget={"notices_per_person_day": 1})
    requests(lab, 1)
    for n, (giver, taker) in enumerate([("petrova", "Сидоров"), ("sidorov", "Петрова")]):
        notice = lab.to(f"{giver}@cleanmet.ru")[0]
        links = {"in_reply_to": notice.id, "references": notice.id, "message_id": f"<o{n}@cleanmet.ru>"}
        lab.arrive(raw(f"!назначить {taker}", sender=f"{giver}@cleanmet.ru", subject=f"Re: {notice.subject}", **links))
    assert lab.cases()[0].assignee == "petrova"
    notices = [(row.person, row.status) for row in lab.outbox() if row.template == "notice"]
    assert notices == [("petrova", "sent"), ("sidorov", "sent"), ("petrova", "sent")]


def held(folder: Path, why: str) -> list[str]:
    return [row["to"] for row in mailcase("held", "--json").lines if row["why"] == why]


def test_what_is_held_is_listed_and_let_go_together(folder: Path) -> None:
    """Never to whoever is excepted, never about a case that has its answer, never what an employee stopped."""
    mailcase("import", "--live", *letters(folder, 5))
    assert held(folder, "budget") == [CLIENT] * 4
    assert "budget 4" in mailcase("held").out
    assert "4 automatic letters are over the budgets" in mailcase("check", "--offline").out
    assert mailcase("resend", "--held", "budget", "--except", "romashka.example.ru").out == "0 queued\n"
    assert mailcase("resend", "--held", "budget", "--to", "example.ru").out == "0 queued\n"
    with opened(folder).db.tx() as tx:
        tx.exec_driver_sql("UPDATE cases SET status = 'answered' WHERE number = 3")
        tx.exec_driver_sql("UPDATE outbox SET hold_reason = 'stopped' WHERE case_id = 4 AND audience = 'client'")
    told = mailcase("resend", "--held", "budget", "--to", CLIENT)
    assert told.out == "2 queued, 1 stay: their cases are answered or closed\n"
    assert (held(folder, "budget"), held(folder, "stopped")) == ([CLIENT], [CLIENT])


@pytest.mark.parametrize("words", [[], ["1", "--held", "budget"], ["1", "--to", "example.ru"]])
def test_what_is_to_be_sent_again_is_said_one_way_or_the_other(folder: Path, words: list[str]) -> None:
    told = mailcase("resend", *words)
    assert told.code == 1
    assert "either IDs or --held" in told.err


def test_the_nightly_job_forgets_budgets(lab: Lab) -> None:
    lab.arrive(raw())
    budgets = sa.select(sa.func.count()).select_from(t.counter).where(t.counter.c.name.startswith("budget:"))
    for days, left in ((1, True), (6, False)):
        assert "forget" in lab.at(lab.now + timedelta(days=days))
        with lab.app.db.read() as view:
            assert bool(view.execute(budgets).scalar_one()) is left
