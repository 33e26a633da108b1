"""What tells of whom a letter is about does not leave this machine; what happened stays readable."""

from __future__ import annotations

import time

import pytest

from mailcase.rules.mask import mask


@pytest.mark.parametrize(
    ("text", "hidden", "kept"),
    [
        ("Пишите на a.kovaleva@romashka.example.ru, жду", ("kovaleva", "romashka"), "жду"),
        ("Звоните: +7 (495) 000-00-16, доб. 12, до вечера", ("495", "00-16", "12"), "до вечера"),
        ("тел. 8 495 0000016", ("495", "0016"), "тел"),
        ("Наш ИНН 7700000000, КПП 770001001", ("7700000000", "770001001"), "Наш"),
        ("ИНН/КПП 7700000000/770001001", ("7700000000", "770001001"), ""),
        ("р/с 40702810000000000001 в банке", ("4070281",), "в банке"),
        ("по договору № 12-К/26 от 15.01.2026 протокола нет", ("12-К", "15.01.2026"), "протокола нет"),
        ("протокол 145-К/26 неверен", ("145",), "неверен"),
        ("Прибор ООО «Ромашка-М» не вернули", ("Ромашка",), "не вернули"),
        ('Прибор АО "Вега плюс" не вернули', ("Вега",), "не вернули"),
        ("для «Лютика» срок сорван", ("Лютик",), "срок сорван"),
        ("ООО Василёк ждёт", ("Василёк",), "ждёт"),
        ("привезите в г. Тверь, ул. Садовая, д. 5, кв. 12", ("Тверь", "Садовая", "5", "12"), "привезите"),
        ("Ваш инженер Сидоров опоздал", ("Сидоров",), "опоздал"),
        ("Сидорова опоздала на час", ("Сидоров",), "опоздала на час"),
        ("Сидоров А. П. опоздал, А.П. Сидоров молчит", ("Сидоров", "А."), "опоздал"),
        ("ИВАНОВ И.И. опоздал", ("ИВАНОВ",), "опоздал"),
        ("ИВАНОВ ПЁТР СЕРГЕЕВИЧ опоздал", ("ИВАНОВ", "ПЁТР", "СЕРГЕЕВИЧ"), "опоздал"),
        ("Анна Ковалёва вам писала", ("Анна", "Ковалёва"), "вам писала"),
        ("Уважаемый Игорь Павлович! Срок прошёл.", ("Игорь", "Павлович"), "Срок прошёл"),
        ("уважаемый игорь павлович, срок прошёл", ("игорь", "павлович"), "срок прошёл"),
        ("We sent it to John Smith and got nothing", ("John", "Smith"), "got nothing"),
        ("паспорт серия 4500 № 000001 приложен", ("4500", "000001"), "приложен"),
        ("смотрите https://romashka.example/x?id=1 сейчас", ("romashka", "id=1"), "сейчас"),
        ("наш сайт romashka.ru обновлён", ("romashka",), "обновлён"),
        ("не хватает ИНН. Посмотрите", (), "ИНН. Посмотрите"),
        ("карта 0000 1111 2222 3333", ("1111",), "карта"),
    ],
)
def test_people_addresses_numbers_and_firms_are_hidden(text: str, hidden: tuple[str, ...], kept: str) -> None:
    masked = mask(text)
    assert [word for word in hidden if word in masked] == []
    assert kept in masked


def test_what_is_said_stays_readable() -> None:
    text = "Добрый день! Мы ждём 12 манометров уже 3 недели. Вы обещали вернуть их 15.11.2026. Когда Ваш ответ?"
    assert mask(text) == text


def test_known_names_are_hidden_in_any_case_and_ending() -> None:
    masked = mask("с ковалёвой говорил ваш сидоров, ромашку обидели", ("Анна Ковалёва", "Сидоров А. П.", "ромашка"))
    assert masked == "с [имя] говорил ваш [имя], [имя] обидели"


@pytest.mark.parametrize("piece", "А|1-|ООО «|ИНН |ИНН 1 |Аа |№1/|a@|a|ов|ул. Аа |Аа-|1 |a.b.|И. |И".split("|"))
def test_hostile_text_costs_no_more_than_many_times_an_ordinary_one(piece: str) -> None:
    assert spent(piece) < 60 * spent("Добрый день, просим сообщить, когда будет готов наш прибор. ")


def spent(piece: str) -> float:
    text = piece * (8000 // len(piece))

    def once() -> float:
        start = time.perf_counter()
        mask(text, ("Анна Ковалёва",))
        return time.perf_counter() - start

    return min(once() for _ in range(3))


def test_masking_twice_changes_nothing() -> None:
    once = mask("Сидоров из ООО «Ромашка» (тел. +7 495 000-00-16) не отвечает по договору № 5/К", ("Ромашка", "имя"))
    assert mask(once, ("Ромашка", "имя")) == once
