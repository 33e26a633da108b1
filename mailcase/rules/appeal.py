"""Below which answer of an employee the approved order of appeal belongs: a refusal, the outcome of a complaint (A41).

A refusal is known by its words; whoever tells of the appeal himself is not repeated. Pure.
"""

from __future__ import annotations

import re

from mailcase.rules.surname import plain

_WORK = (
    r"(принять|принимать|взять|выполнить|выполнять|провести|проводить|поверить|откалибровать|испытать|оказать|оформить"
    r"|заключить|удовлетворить|вернуть|возместить|выдать)"
)
_REFUSES = re.compile(
    r"\bвынужден\w* (вам )?отказать|\bотказываем\b|\bприняли решение отказать|\bотказано\b"
    rf"|\bне (сможем|можем|готовы|имеем возможности|имеем права|представляется возможным) (\w+ ){{0,3}}{_WORK}\b"
    rf"|\b{_WORK}\b[^.!?]{{0,60}}\bне (сможем|можем|представляется возможным)\b"
    r"|\b(к сожалению|увы)\b[^.!?]*\bне (выполняем|проводим|оказываем|поверяем|калибруем|испытываем|принимаем)\b"
    r"|\b(вне|за предел\w+) (нашей |нашу )?област\w+ аккредитации|\bне вход\w+ в (нашу )?область аккредитации"
    r"|\b(unable|not able) to (accept|perform|carry out|do)\b|\b(have to|must|regret to) (decline|refuse)\b"
    r"|\b(unfortunately|regrettably)\b[^.!?]*\b(cannot|can't|do not|don't)\b"
)
_TOLD = re.compile(r"обжалов|апелляц|если вы не согласны|росаккредитац|\bв суд\b|\bappeal")
_INTERIM = re.compile(
    r"\b(разбираемся|рассматриваем|проверяем|выясняем|принят[ао] в работу)\b|\bна рассмотрении\b"
    r"|\b(сообщим|ответим|напишем|вернемся)\b[^.!?]*\b(позже|до|не позднее|дополнительно|после|как только)\b"
    r"|\b(looking into|will (let you know|get back|report))\b"
)


def belongs(text: str, *, complaint: bool, waits: bool) -> bool:
    """Whether the answer ends something that the client may dispute; `waits`: it asks him, and the clock stands."""
    said = plain(text)
    if waits or _TOLD.search(said):
        return False
    return not _INTERIM.search(said) if complaint else bool(_REFUSES.search(said))
