"""What a complainant wants done is read from his letter, shown, and answered point by point (A85)."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mailcase import lists
from mailcase.rules.remedy import answers, unanswered, wishes
from mailcase.store import events
from mailcase.store import tables as t
from mailcase.words import Remedy
from tests.lab import Lab
from tests.letters import letter, raw
from tests.test_assign import staff
from tests.test_flow import CLIENT

SMIRNOVA = "smirnova@cleanmet.ru"
COMPLAINT = (
    "Жалоба. В протоколе № 145-К/26 снова неверный диапазон. Просим исправить протокол и объяснить причину ошибки. "
    "Верните, пожалуйста, деньги за повторный выезд. Ждём извинений."
)
OUTCOME = (
    "Рассмотрение Вашей жалобы завершено, жалоба обоснованна. Причина: ошибка при переносе данных. Исправленный "
    "протокол во вложении. Вернуть деньги за выезд не можем: он был нужен в любом случае."
)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory with one complaint of Smirnova's."""
    lab = Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint", "claim")}))
    lab.arrive(raw(COMPLAINT, subject="Протокол № 145-К/26"))
    return lab


def answer(lab: Lab, text: str, to: int = 0, **more: Any) -> int:
    """She answers the notice, or a later letter of ours."""
    told = lab.to(SMIRNOVA)[to]
    given = {"sender": f"Смирнова <{SMIRNOVA}>", "in_reply_to": told.id, **more}
    return lab.arrive(raw(text, subject=f"Re: {told.subject}", message_id=f"<s{lab.arrived}@cleanmet.ru>", **given))


def wanted(lab: Lab) -> dict[str, str]:
    """Each remedy with what was said of it."""
    return {one["remedy"]: one["answer"] for one in json.loads(lab.cases()[0].remedies)}


def test_a_complaint_bears_what_its_writer_wants_in_his_own_words_and_the_notice_shows_it(lab: Lab) -> None:
    kept = json.loads(lab.cases()[0].remedies)
    assert [one["remedy"] for one in kept] == ["corrected_document", "explanation", "refund", "apology"]
    assert kept[0]["words"] == "Просим исправить протокол и объяснить причину ошибки."
    notice = " ".join(lab.to(SMIRNOVA)[0].text.split())
    both = "исправить документ; объяснить причину («Просим исправить протокол и объяснить причину ошибки.»);"
    assert f"Заявитель просит: {both}" in notice, "what one sentence asks for is quoted once"
    assert "вернуть деньги («Верните, пожалуйста, деньги за повторный выезд.»)" in notice


@pytest.mark.req("A85")
def test_the_outcome_letter_answers_each_remedy_and_the_record_says_yes_or_no(lab: Lab) -> None:
    answer(lab, f"{OUTCOME} Приносим извинения.")
    lab.later(minutes=11)
    assert "жалоба обоснованна" in lab.to(CLIENT)[-1].text
    assert wanted(lab) == {"corrected_document": "yes", "explanation": "yes", "refund": "no", "apology": "yes"}
    (event,) = [e for e in lab.events(1) if e.type == "remedies"]
    assert (event.actor, "Верните" in event.detail) == ("smirnova", False)
    shown = lists.trail(lab.app, lab.cases()[0].tag)
    assert shown is not None
    assert [one["answer"] for one in shown["case"]["remedies"]] == ["yes", "yes", "no", "yes"]
    with lab.app.db.read() as view:
        assert events.verify(view) == []


@pytest.mark.req("A85")
def test_an_outcome_that_leaves_a_remedy_without_a_word_is_asked_about_and_one_word_lets_it_go(lab: Lab) -> None:
    held = answer(lab, OUTCOME)
    lab.later(minutes=11)
    assert (lab.mail(held).outcome, len(lab.to(CLIENT))) == ("held", 1)
    question = " ".join(lab.to(SMIRNOVA)[-1].text.split())
    assert "Заявитель просил: принести извинения. В ответе об этом ни слова. Отправить так?" in question
    answer(lab, "да", to=-1)
    lab.later(minutes=11)
    assert "жалоба обоснованна" in lab.to(CLIENT)[-1].text
    assert wanted(lab)["apology"] == "unsaid"
    told = len(lab.to(SMIRNOVA))
    answer(lab, "Добрый день! Номер нового протокола 145-К/26-1, оригинал отправлен почтой.")
    lab.later(minutes=11)
    assert ("145-К/26-1" in lab.to(CLIENT)[-1].text, len(lab.to(SMIRNOVA))) == (True, told)


@pytest.mark.parametrize(
    "text",
    [
        "Добрый день! Мы разбираемся, о ходе рассмотрения сообщим до пятницы.",
        "Добрый день! Какой диапазон Вы указывали в заявке?",
        "!жду фото\n!ответ\nДобрый день! Нам нужно фото шкалы прибора.",
    ],
)
def test_an_interim_letter_is_not_asked_about(lab: Lab, text: str) -> None:
    sent = answer(lab, text)
    lab.later(minutes=11)
    assert (lab.mail(sent).outcome, len(lab.to(CLIENT))) == ("command", 2)
    assert set(wanted(lab).values()) == {""}


def test_the_quality_manager_corrects_it_by_a_plain_order(lab: Lab) -> None:
    answer(lab, "!просит исправить протокол, компенсацию")
    assert "заявитель просит: исправить документ, возместить убытки" in lab.to(SMIRNOVA)[-1].text
    assert list(wanted(lab)) == ["corrected_document", "compensation"]
    answer(lab, "!просит луну")
    assert "Непонятно, о чём просит заявитель: «луну»" in lab.to(SMIRNOVA)[-1].text
    answer(lab, "!просит ничего")
    assert wanted(lab) == {}


def test_nobody_else_corrects_it(lab: Lab) -> None:
    tag = lab.cases()[0].tag
    order = {"sender": "Сидоров <sidorov@cleanmet.ru>", "subject": f"!просит ничего [{tag}]", "message_id": "<x@y>"}
    lab.arrive(raw("", **order))
    asked = lab.to("sidorov@cleanmet.ru")[-1]
    yes = {"sender": "Сидоров <sidorov@cleanmet.ru>", "in_reply_to": asked.id, "message_id": "<z@y>"}
    lab.arrive(raw("да", **yes))
    assert len(wanted(lab)) == 4


def test_what_he_asks_for_later_is_added(lab: Lab) -> None:
    more = {"message_id": "<2@romashka.example.ru>", "in_reply_to": "<1@romashka.example.ru>"}
    lab.arrive(raw("И ещё требуем уплатить неустойку по договору.", **more))
    assert list(wanted(lab))[-1] == "penalty"
    assert "заявитель просит ещё: уплатить неустойку" in lab.to(SMIRNOVA)[-1].text.lower()


def test_an_order_has_no_remedies_and_its_answer_is_not_asked_about(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw("Просим КП на калибровку 12 манометров, исправьте, пожалуйста, реквизиты в карточке."))
    assert lab.cases()[0].remedies == "[]"


def test_what_an_employee_calls_a_complaint_has_its_remedies_too(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint", "claim")}))
    lab.arrive(raw("Добрый день! Прошу переоформить протокол № 145: сменились реквизиты.", subject="Протокол"))
    assert lab.cases()[0].register == "inquiry"
    told = lab.to(lab.app.config.person(lab.cases()[0].assignee).email)[-1]  # type: ignore[union-attr]
    sender = told.to[0]
    lab.arrive(raw("!жалоба", sender=sender, in_reply_to=told.id, subject=f"Re: {told.subject}", message_id="<k@y>"))
    assert (lab.cases()[0].register, list(wanted(lab))) == ("complaint", ["corrected_document"])
    (notice,) = [sent for sent in lab.postman.sent if "Заявитель просит" in sent.text]
    assert notice.to == (lab.app.config.person(lab.cases()[0].assignee).email,)  # type: ignore[union-attr]
    assert "исправить документ" in notice.text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Просим провести поверку повторно.", {Remedy.REDO}),
        ("Требуем вернуть уплаченные деньги.", {Remedy.REFUND}),
        ("Прошу переоформить свидетельство.", {Remedy.CORRECTED_DOCUMENT}),
        ("Почему сорван срок?", {Remedy.EXPLANATION}),
        ("Ждём официальных извинений.", {Remedy.APOLOGY}),
        ("Замените инженера, пожалуйста.", {Remedy.REPLACEMENT}),
        ("Требуем возместить убытки и уплатить неустойку.", {Remedy.COMPENSATION, Remedy.PENALTY}),
        ("Предлагаем встретиться.", {Remedy.MEETING}),
        ("Примите меры, чтобы это не повторялось.", {Remedy.MEASURES}),
        ("Please correct the certificate and explain the reason.", {Remedy.CORRECTED_DOCUMENT, Remedy.EXPLANATION}),
        ("Как можно было написать «соответствует»?", {Remedy.EXPLANATION}),
        ("Требуем уменьшить цену соразмерно или домерить остальное.", {Remedy.COMPENSATION, Remedy.REDO}),
        ("Элеватор нас штрафует за Ваше свидетельство.", set()),
        ("Возврата денег не требуем.", set()),
        ("Извините за беспокойство. Прибор мы забрали.", set()),
    ],
)
def test_remedies_are_read_from_plain_words(text: str, found: set[Remedy]) -> None:
    assert {wish.remedy for wish in wishes(letter(text=text))} == found


def test_a_word_about_it_is_enough_and_a_refusal_is_an_answer() -> None:
    assert unanswered("Деньги не возвращаем: работа выполнена.", [Remedy.REFUND, Remedy.APOLOGY]) == (Remedy.APOLOGY,)
    assert answers("Деньги вернуть не можем: работа выполнена.", Remedy.REFUND) == "no"
    assert answers("Деньги вернём до пятницы.", Remedy.REFUND) == "yes"


@pytest.mark.parametrize("piece", ["деньг", "нуж", "протокол", "возврат", "просим ", "а"])
def test_a_letter_of_one_piece_over_and_over_is_read_at_once(piece: str) -> None:
    text, began = piece * (200_000 // len(piece)), time.process_time()
    wishes(letter(text=text))
    unanswered(text, list(Remedy))
    assert time.process_time() - began < 2


@pytest.mark.req("A85")
def test_what_his_first_letter_answers_is_not_asked_about_while_it_waits_to_leave(lab: Lab) -> None:
    answer(lab, f"{OUTCOME} Приносим извинения.")
    mail_id = answer(lab, "Добрый день! В дополнение: оригинал протокола уйдёт заказным письмом завтра.")
    assert lab.mail(mail_id).outcome == "command"
    lab.later(minutes=11)
    assert set(wanted(lab).values()) == {"yes", "no"}


def test_what_was_let_go_without_a_word_may_be_answered_later(lab: Lab) -> None:
    answer(lab, "Исправленный протокол во вложении, причина в ошибке переноса.")
    answer(lab, "да", to=-1)
    lab.later(minutes=11)
    assert wanted(lab)["refund"] == "unsaid"
    answer(lab, "Деньги за выезд возвращаем сегодня.")
    lab.later(minutes=11)
    assert (wanted(lab)["refund"], wanted(lab)["apology"]) == ("yes", "unsaid")


def test_what_is_no_complaint_any_more_is_answered_without_a_question(lab: Lab) -> None:
    with lab.app.db.tx() as tx:
        tx.execute(sa.update(t.cases).values(kind="consultation", register="inquiry"))
    assert lab.mail(answer(lab, "Добрый день! Приедем в пятницу, 27 ноября.")).outcome == "command"


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("Приносим извинения, линия была перегружена. Звоните по доб. 214.", Remedy.EXPLANATION),
        ("Извините, прибор сломался, замер повторим завтра.", Remedy.EXPLANATION),
        ("С инженером проведена беседа, приносим извинения.", Remedy.MEASURES),
    ],
)
def test_an_ordinary_answer_is_heard_in_its_own_words(text: str, remedy: Remedy) -> None:
    assert unanswered(text, (remedy,)) == ()
