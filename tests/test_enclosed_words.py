"""Which words ask plainly about a topic, and which about one letter of ours or one answer (A41, A20)."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailcase.words import Topic
from tests.test_enclosed_flow import ask, laboratory, why

PLAIN = [
    "Какие документы нужны для поверки?",
    "Какие нужны документы для заключения договора?",
    "Подскажите, какие документы вам нужно предоставить?",
    "Подскажите, какие документы нужны для калибровки? Заранее спасибо за скорый ответ.",
    "Какие у вас сроки калибровки? Ждём ответа.",
    "Подскажите срок проведения работ.",
]
PARTICULAR = [
    "Добрый день! Подскажите, пожалуйста, какие документы вы прислали?",
    "Какие документы вы нам направили?",
    "Какие документы вы направляли?",
    "Какие ещё документы вам нужны?",
    "Подскажите, какие документы?",
    "Скажите, вы направили перечень документов для договора?",
    "Какие документы нужны, вы разъяснили?",
    "Какой срок ответа на запрос?",
    "Какой у вас срок ответа?",
    "Какой срок для ответа на обращение?",
    "Ответ в какой срок?",
    "Подскажите сроки подготовки информации.",
    "Dear Sirs, what is your usual turnaround time for a request?",
]


@pytest.mark.req("A41", "A20")
@pytest.mark.parametrize(("text", "goes"), [(t, True) for t in PLAIN] + [(t, False) for t in PARTICULAR])
def test_only_a_question_in_general_gets_the_text(tmp_path: Path, text: str, goes: bool) -> None:
    words = {"documents": "Нужны заявка и реквизиты.", "terms": "Срок в договоре.", "terms.en": "See the contract."}
    lab = laboratory(tmp_path, words, answer={"enclosed_topics": list(Topic)})
    (ack,) = ask(lab, text)
    assert any(mark in ack.text for mark in ("Справочно", "For your information")) is goes, why(lab)
