"""The section of a normative reference, and the nine that the laboratory's rules name (section 2, A3)."""

from __future__ import annotations

from mailcase import config_values as values


class Reference(values.Section):
    """A law, a standard or a procedure; `file` is its text, where the laboratory has it."""

    id: values.Text
    title: str = ""
    edition: str = ""
    file: values.OptionalPath = None


NINE = (
    Reference(id="152-ФЗ", title="Федеральный закон «О персональных данных»", edition="от 27.07.2006"),
    Reference(id="Приказ № 707", title="Приказ Минэкономразвития о критериях аккредитации", edition="от 26.10.2020"),
    Reference(id="ИСО 9001", title="ГОСТ Р ИСО 9001 «Системы менеджмента качества. Требования»", edition="2015"),
    Reference(id="ИСО/МЭК 17025", title="ГОСТ ISO/IEC 17025, требования к компетентности лабораторий", edition="2019"),
    Reference(id="СТО-СМК-003", title="«Управление несоответствующей услугой»"),
    Reference(id="СТО-СМК-005", title="«Работа с потребителями»"),
    Reference(id="Пр-СМК-002", title="«Анализ со стороны руководства»"),
    Reference(id="Пр-СМК-003", title="«Анализ данных»"),
    Reference(id="Прв-СМК-003", title="«Правила обеспечения конфиденциальности информации»"),
)
"""None of their texts comes with the program."""


def merged(given: tuple[Reference, ...]) -> tuple[Reference, ...]:
    """The nine as the configuration completes them, then what it adds; what it leaves out keeps its default."""
    own = {reference.id: reference for reference in given}
    return (*(_over(nine, own.pop(nine.id, None)) for nine in NINE), *own.values())


def _over(nine: Reference, given: Reference | None) -> Reference:
    if given is None:
        return nine
    return nine.model_copy(update={key: value for key in given.model_fields_set if (value := getattr(given, key))})
