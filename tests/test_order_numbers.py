"""Numbers in orders: what no ledger and no telephone of ours holds is answered, and never kills the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab import Lab
from tests.letters import raw
from tests.servers.postgres import Postgres
from tests.test_flow import FROM_PETROVA, PETROVA, reply_to_notice

HUGE = "99999999999999999999"
REFUSED = [
    (f"!обращение {HUGE}", "нет среди «прочих»"),
    ("!обращение ²", "нет среди «прочих»"),
    (f"!да {HUGE}", "уже не ждёт решения"),
    (f"!клиенту {HUGE}", "уже не ждёт решения"),
    (f"!стоп {HUGE}", "уже не ждёт решения"),
    (f"!анализ {HUGE}", "уже не ждёт решения"),
    ("!анализ ²", "уже не ждёт решения"),
    (f"!отдельно {HUGE}", "Не понятно, какое письмо отделить"),
]


@pytest.mark.parametrize(("order", "said"), REFUSED)
def test_a_number_that_nothing_has_is_refused_in_words(tmp_path: Path, order: str, said: str) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw())
    mail_id = lab.arrive(reply_to_notice(lab, order))
    assert (lab.mail(mail_id).outcome, lab.mail(mail_id).error) == ("command", None)
    assert said in lab.to(PETROVA)[-1].text


@pytest.mark.postgres
def test_so_it_is_on_postgresql_whose_numbers_are_shorter(tmp_path: Path, postgres: Postgres) -> None:
    lab = Lab(tmp_path, store={"url": postgres.url(), "raw": tmp_path / "raw"})
    lab.arrive(raw())
    mail_id = lab.arrive(reply_to_notice(lab, "!обращение 99999999999"))
    assert lab.mail(mail_id).outcome == "command"


def test_a_case_that_is_his_already_is_told_in_one_full_sentence(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, "!назначить Петрова", sender=FROM_PETROVA))
    receipt = lab.to(PETROVA)[-1].text
    assert "№ 1 и так у сотрудника: Петрова Н. В." in receipt
    assert ".." not in receipt
