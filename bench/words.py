"""What the letters of the load say: people, subjects and paragraphs of a laboratory's clients, all made up."""

from __future__ import annotations

import random

_FIRST = "Анна Борис Вера Глеб Дарья Егор Зоя Илья Кира Лев Майя Никита Ольга Павел Рита Семён Тамара Фёдор".split()
_LAST = "Белов Ветров Громов Дубов Ершов Жуков Зимин Котов Ларин Мохов Носов Орехов Пухов Рогов Снегов Щукин".split()
_DOMAINS = ("romashka.example", "teplo.example", "gidro.example", "energo.example", "zavod.example", "mail.example")
_SUBJECTS = (
    "Поверка манометров", "Калибровка весов", "Запрос коммерческого предложения", "Вопрос по счёту",
    "Договор на поверку счётчиков", "Протокол испытаний", "Жалоба на срыв сроков", "Свидетельство о поверке",
    "Изменение реквизитов", "Срочная аттестация стенда", "Вызов метролога на объект", "Акт выполненных работ",
)  # fmt: skip
_SENTENCES = (
    "Просим выставить счёт на поверку {n} манометров МП3-У",
    "Направляем приборы на калибровку, всего {n} штук, опись приложена",
    "Сообщите, пожалуйста, когда будет готово свидетельство № {n}",
    "В прошлый раз работы выполнялись по договору № {n}/26, условия нас устраивают",
    "Приёмка приборов нужна до конца месяца, так как объект сдаётся в эксплуатацию",
    "Наш представитель приедет с доверенностью и заберёт оригиналы документов",
    "Если нужны дополнительные сведения о средствах измерений, мы их вышлем",
    "Адрес объекта и контактное лицо указаны в заявке, пропуск закажем сами",
    "Оплату гарантируем в течение {n} дней после подписания акта",
    "Просим подтвердить область аккредитации по расходомерам и счётчикам газа",
    "Технический паспорт и предыдущее свидетельство можем прислать отдельно",
    "Уточните стоимость выездной поверки и срок, в который её возможно провести",
)  # fmt: skip
_LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh sch - y - e yu ya".split(),
        strict=True,
    )
)


def person(dice: random.Random) -> tuple[str, str]:
    """(name, address); few enough people that some write again."""
    first, last = dice.choice(_FIRST), dice.choice(_LAST)
    if first[-1] in "ая" and first != "Илья" and first != "Никита":
        last += "а"
    address = f"{_latin(first)}.{_latin(last)}{dice.randint(1, 40)}@{dice.choice(_DOMAINS)}"
    return f"{first} {last}", address


def subject(dice: random.Random) -> str:
    """A subject with a number of the client's own."""
    return f"{dice.choice(_SUBJECTS)} № {dice.randint(10, 99)}-{dice.randint(100, 999)}"


def paragraph(dice: random.Random) -> str:
    """Two to five sentences."""
    return " ".join(f"{s.format(n=dice.randint(2, 999))}." for s in dice.sample(_SENTENCES, dice.randint(2, 5)))


def letter(dice: random.Random, name: str) -> list[str]:
    """A salutation, some paragraphs, a signature."""
    paragraphs = [paragraph(dice) for _ in range(dice.randint(2, 6))]
    return ["Здравствуйте!", *paragraphs, f"С уважением,\n{name}\nтел. +7 495 000-00-00"]


def _latin(name: str) -> str:
    return "".join(_LATIN.get(c, c) for c in name.lower()).replace("-", "")
