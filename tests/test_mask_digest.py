"""Morning letters name clients without personal data: initials, firm or domain, and the number (A26)."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailcase.rules.mask import client, out_of_reach
from tests.lab import Lab
from tests.letters import raw
from tests.test_flow import PETROVA
from tests.test_jobs import nine
from tests.test_send import bounce_of

PUBLIC = ("mail.example",)


def morning(lab: Lab, day: int) -> str:
    lab.at(nine(day))
    return " ".join(lab.to(PETROVA)[-1].text.replace("\xa0", " ").split())


@pytest.mark.parametrize(
    ("name", "address", "shown"),
    [
        ("Анна Ковалёва", "a.kovaleva@romashka.example.ru", "А. К., romashka.example.ru"),
        ("Анна Ковалёва", "a.kovaleva@mail.example", "А. К."),
        ("Петров Иван Павлович", "i@mail.example", "П. И. П."),
        ("ООО «Ромашка», Анна Ковалёва", "a@romashka.example.ru", "ООО «Ромашка»"),
        ("ИП Петров", "p@mail.example", "ИП Петров"),
        ("a.kovaleva@romashka.example.ru", "a.kovaleva@romashka.example.ru", "romashka.example.ru"),
        ("", "a@mail.example", ""),
        ("Анна Ковалёва", "", "А. К."),
    ],
)
def test_a_person_is_shown_by_initials_and_a_firm_by_its_name(name: str, address: str, shown: str) -> None:
    assert client(name, address, PUBLIC) == shown


def test_addresses_and_phones_are_taken_out_of_a_subject() -> None:
    assert out_of_reach("Перезвоните: +7 495 000-00-16, a@b.example, протокол 145-К/26") == (
        "Перезвоните: …, …, протокол 145-К/26"
    )


@pytest.mark.req("A26")
def test_the_morning_letter_shows_initials_and_the_number(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw(subject="КП, мой тел. +7 916 000-00-16"))
    told = morning(lab, 25)
    assert "№ 1 · до 17:30 · А. К., romashka.example.ru · КП, мой тел. …" in told
    told += morning(lab, 30)
    for secret in ("Ковалёва", "a.kovaleva", "000-00-16"):
        assert secret not in told


@pytest.mark.req("A26")
def test_who_is_to_be_called_is_named(tmp_path: Path) -> None:
    """Nobody can be asked for by initials on the phone (users.md 4)."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    lab.arrive(bounce_of(lab.to("a.kovaleva@romashka.example.ru")[0].id))
    told = morning(lab, 25)
    assert "адрес не принимает письма · Анна Ковалёва, телефона нет" in told
