"""`!анкета 4 долго ждали`: what a client answered when he was asked, by telephone, on paper or by mail (A12)."""

from __future__ import annotations

import re

from mailcase.commands import Desk, command
from mailcase.rules.decision import Act
from mailcase.rules.staff_words import own, unsigned
from mailcase.store import surveys
from mailcase.words import MailcaseError, Register

# «4», «4 из 5», «4/5», then the comment; «4,5» and «5, 4, 5» are no one score.
_SCORE = re.compile(r"\s*([1-5])(?!\d|\s*[.,]\s*\d)(?:\s*(?:/|из)\s*5\b)?[\s:.,;–—-]*(.*)", re.DOTALL)
_LOW = 2


@command("survey")
def survey(desk: Desk, act: Act) -> str:
    """Record the client's score with his words; a second one of the case corrects the first."""
    case = desk.the_case()
    found = _SCORE.fullmatch(act.text or act.args)
    if found is None:
        raise MailcaseError(
            "Не понятна оценка: одно число от 1 до 5 и, если есть, слова клиента: «!анкета 4 долго ждали»"
        )
    score, comment = int(found[1]), own(unsigned(found[2], desk.letter.signature))
    before = surveys.enter(desk.tx, case.id, desk.actor, score, comment)
    said = f"№ {case.number}: оценка клиента по анкете {score} из 5 записана. Клиенту не писали."
    if before is not None:
        said = f"№ {case.number}: оценка клиента по анкете исправлена, было {before}, стало {score}."
    if score <= _LOW and case.register != Register.COMPLAINT:
        said += " Если клиент недоволен и ждёт ответа, ответьте ещё и «!жалоба»."
    return said
