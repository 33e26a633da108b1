"""Orders of employees: understood in two languages, never guessed, and never read from the middle of a text."""

from __future__ import annotations

import pytest

from mailcase.rules.decision import Act
from mailcase.rules.orders import parse_orders


@pytest.mark.parametrize(
    ("subject", "text", "acts", "rest"),
    [
        ("", "!назначить Сидоров", (Act("assign", "Сидоров"),), ""),
        ("", "!assign sidorov", (Act("assign", "sidorov"),), ""),
        ("", "! Назначить: Сидорову А. П.", (Act("assign", "Сидорову А. П."),), ""),
        ("!закрыть дубль № 398", "", (Act("close", "дубль № 398"),), ""),
        ("!закрыть", "ответ дан по телефону\n\nС уважением", (Act("close", "ответ дан по телефону"),), "С уважением"),
        ("!назначить", "Сидорову", (Act("assign", "Сидорову"),), ""),
        ("", "!закрыть", (Act("close"),), ""),
        (
            "",
            "\n!внутр позвонить им завтра\nи узнать срок",
            (Act("note", text="позвонить им завтра\nи узнать срок"),),
            "",
        ),
        ("!ответ", "Добрый день!\n\nСчёт во вложении.", (Act("answer", text="Добрый день!\n\nСчёт во вложении."),), ""),
        ("", "!ответ\nГотово.", (Act("answer", text="Готово."),), ""),
        ("!ответ", "!ответ Готово.\n!ответ Цена 100 р.", (Act("answer", text="Готово.\nЦена 100 р."),), ""),
        ("", "!да", (Act("confirm"),), ""),
        ("", "!клиенту", (Act("client"),), ""),
        ("", "!стоп", (Act("stop"),), ""),
        ("", "!обращение 812", (Act("promote", "812"),), ""),
        ("", "!назначить Сидоров\n!внутр он в курсе", (Act("assign", "Сидоров"), Act("note", text="он в курсе")), ""),
        ("", "!назначить Сидоров\n\nДобрый день!", (Act("assign", "Сидоров"),), "Добрый день!"),
        ("Калибровка", "Добрый день!\n!закрыть", (), "Добрый день!\n!закрыть"),
        ("", "!!! Срочно\nПросим ускорить", (), "!!! Срочно\nПросим ускорить"),
        ("", "", (), ""),
    ],
)
def test_orders_stand_on_top_and_take_the_words_below(subject: str, text: str, acts: tuple[Act, ...], rest: str):
    assert parse_orders(subject, text) == (acts, rest, ())


@pytest.mark.parametrize(
    ("line", "nearest"),
    [
        ("!закрыт", Act("close")),
        ("!назначит Сидоров", Act("assign", "Сидоров")),
        ("!отвт", Act("answer")),
        ("!clsoe", Act("close")),
        ("!абракадабра", None),
        ("!812", None),
    ],
)
def test_an_unknown_order_is_proposed_and_not_obeyed(line: str, nearest: Act | None):
    acts, _, mistakes = parse_orders("", line)
    assert acts == ()
    assert mistakes[0].nearest == nearest
    assert line in str(mistakes[0])


@pytest.mark.req("C51")
def test_words_are_never_both_an_answer_and_a_note():
    acts, rest, mistakes = parse_orders("", "!внутр не для клиента\n!ответ\nДобрый день!")
    assert acts == ()
    assert rest == "Добрый день!"
    assert mistakes


@pytest.mark.parametrize(
    "lines",
    ["!вложить договор\n!подтвердить", "!отправить\n!подтвердить", "!отправить\n!ответ", "!вложить а\n!отправить"],
)
def test_one_letter_makes_one_letter_to_the_client(lines: str) -> None:
    """Both would have the same key: one of them would be lost, and the case wait for what nobody asked."""
    acts, _, mistakes = parse_orders("", f"{lines}\n12 манометров, калибровка")
    assert str(mistakes[0]).endswith("в одном письме»")
    assert acts == ()
