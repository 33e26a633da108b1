"""«Стоп» in whatever form holds the writer's own answer (README), and only what speaks against him is asked about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mailcase.rules.decision import Act, Command, Held
from tests.lab import Lab
from tests.letters import raw
from tests.test_flow import CLIENT, FROM_PETROVA, PETROVA, reply_to_notice
from tests.test_staff import DOMAIN, FORGED, NONE, SUBJECT, becomes, forward, hit, known
from tests.test_staff_flow import ANSWER, SIDOROV

TAG = "[KM-26-0412-0000]"
STOP = (Act("stop"),)
NEW: dict[str, Any] = {"in_reply_to": ()}
TAGGED = known(thread=(), tag_case_id=1)
FORMS = [
    ("{tag}", "стоп"),
    ("{tag} стоп", ""),
    ("{tag} !стоп", ""),
    ("{tag}", "!стоп"),
    ("Стоп {tag}", ""),
    ("Re: Калибровка {tag} Отмена!", "С уважением,\nПетрова Н. В."),
    ("Калибровка {tag}", "Добрый день!\nСтоп, пожалуйста.\n\nС уважением,\nПетрова Наталья Викторовна"),
]


@pytest.mark.parametrize("proof", [DOMAIN, NONE])
@pytest.mark.parametrize(("subject", "text"), FORMS)
def test_a_new_letter_that_says_only_stop_stops(subject: str, text: str, proof: Any) -> None:
    decision = becomes(text, TAGGED, proof, subject=subject.format(tag=TAG), **NEW)
    assert decision == Command(1, "petrova", proof.trust, STOP)


@pytest.mark.parametrize(
    ("given", "mail"),
    [
        (known(thread=(hit("sidorov"),)), {}),
        (known(), {"forwarded": forward()}),
        (known(), {"cc": SIDOROV}),
        (known(), {"text": "", "subject": SUBJECT + " стоп"}),
    ],
)
def test_so_does_any_other_letter_about_the_case(given: Any, mail: dict[str, Any]) -> None:
    assert becomes(**{"text": "стоп", "given": given, **mail}).acts == STOP


@pytest.mark.parametrize(
    ("subject", "text"), [(TAG, "стоп, цена неверная"), (f"{TAG} стоп", ANSWER), (f"{TAG} стоп-кран", ""), (TAG, "")]
)
def test_more_or_less_than_the_word_is_asked_about(subject: str, text: str) -> None:
    assert isinstance(becomes(text, TAGGED, DOMAIN, subject=subject, **NEW), Held)


def test_a_clients_subject_is_no_word_of_the_employees() -> None:
    assert isinstance(becomes("", subject=f"Re: Отмена {TAG}"), Held)


def test_another_order_beside_it_is_not_forgotten() -> None:
    decision = becomes("стоп", subject=f"{SUBJECT} !закрыть дубль")
    assert [act.command for act in decision.acts] == ["close", "note"]


@pytest.mark.parametrize("given", [TAGGED, known()])
def test_what_speaks_against_the_writer_is_asked_about(given: Any) -> None:
    decision = becomes("стоп", given, FORGED)
    assert (decision.question, decision.proposal) == ("Это Вы писали?", STOP)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory whose one case Petrova has."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    return lab


def stop(lab: Lab, subject: str = "{tag}", text: str = "стоп", sender: str = FROM_PETROVA) -> str:
    """What the writer is told of a new letter of his."""
    named = subject.format(tag=f"[{lab.cases()[0].tag}]")
    lab.arrive(raw(text, sender=sender, subject=named, message_id=f"<{len(lab.postman.sent)}@new.example>"))
    told = lab.to(SIDOROV if SIDOROV in sender else PETROVA)[-1]
    return f"{told.subject}\n{told.text}".replace("\xa0", " ")


@pytest.mark.parametrize(("subject", "text"), FORMS)
def test_a_new_letter_holds_the_answer_in_its_ten_minutes(lab: Lab, subject: str, text: str) -> None:
    lab.arrive(reply_to_notice(lab, ANSWER))
    told = stop(lab, subject, text)
    assert told.startswith("Сделано: № 1")
    assert "ответ придержан, клиенту не отправлен" in told
    lab.later(minutes=20)
    assert len(lab.to(CLIENT)) == 1


def test_an_answer_of_somebody_else_goes_its_way(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, ANSWER))
    assert "нет Вашего ответа, который ждёт отправки" in stop(lab, sender=f"Сидоров <{SIDOROV}>")
    lab.later(minutes=20)
    assert len(lab.to(CLIENT)) == 2


def test_where_nothing_waits_the_receipt_says_what_became_of_the_answer(lab: Lab) -> None:
    told = stop(lab)
    assert told.startswith("Не сделано: № 1")
    assert "По № 1 нет Вашего ответа, который ждёт отправки: придерживать нечего" in told
    lab.arrive(reply_to_notice(lab, ANSWER, in_reply_to=lab.to(PETROVA)[0].id))
    stop(lab)
    assert "Ваш ответ по № 1 уже придержан" in stop(lab)
    lab.arrive(reply_to_notice(lab, ANSWER, in_reply_to=lab.to(PETROVA)[0].id))
    lab.later(minutes=20)
    assert "Ваш ответ по № 1 уже отправлен 2" in stop(lab)


def test_an_answer_that_waits_for_his_word_is_dropped(lab: Lab) -> None:
    held = lab.arrive(raw(ANSWER, sender=FROM_PETROVA, subject=f"[{lab.cases()[0].tag}]", message_id="<h@x.example>"))
    assert lab.mail(held).held is not None
    assert "письмо никуда не отправлено" in stop(lab)
    assert lab.mail(held).held is None
