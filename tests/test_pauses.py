"""What a pause may not do: move the date that a client was told, or stand where nobody asked him anything."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mailcase.mail.smtp import Refused
from mailcase.store import queries
from tests.lab import Lab
from tests.letters import raw
from tests.test_flow import CLIENT, PETROVA, reply_to_notice
from tests.test_send import bounce_of
from tests.test_status_flow import ask, in_thread
from tests.test_wait import ASKS, ORLOV, SMIRNOVA, complain, more, order

ANSWER = "!ответ\nДобрый день! Стоимость работ 12 000 руб."
ASKS_SAMPLE = "!жду образец\n!ответ\nДобрый день! Пришлите, пожалуйста, сам образец."


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory with one open case of Petrova's."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    return lab


def test_a_question_that_came_back_does_not_release_the_date_that_the_client_was_told(lab: Lab) -> None:
    promised = lab.cases()[0].due_at
    lab.arrive(reply_to_notice(lab, ASKS))
    lab.later(minutes=11)
    lab.later(days=2)
    lab.arrive(bounce_of(lab.to(CLIENT)[-1].id))
    assert (lab.cases()[0].status, lab.cases()[0].due_at) == ("open", promised)


def test_after_an_answer_that_came_back_a_pause_is_bound_by_the_date_and_says_so(lab: Lab) -> None:
    promised = lab.cases()[0].due_at
    lab.arrive(reply_to_notice(lab, ANSWER))
    lab.later(minutes=11)
    lab.arrive(bounce_of(lab.to(CLIENT)[-1].id))
    lab.arrive(reply_to_notice(lab, "!жду реквизиты"))
    assert "Клиенту назван срок" in lab.to(PETROVA)[-1].text
    lab.later(days=2)
    more(lab, "Вот реквизиты нашей организации.")
    assert (lab.cases()[0].status, lab.cases()[0].due_at) == ("open", promised)


def asked_again(lab: Lab) -> None:
    """The client has his answer, asks for more and then for the status: he is told the new term."""
    lab.arrive(reply_to_notice(lab, ANSWER))
    lab.later(minutes=11)
    more(lab, "Нужна ещё калибровка трёх датчиков давления, когда возьмёте?", 3)


def test_a_date_told_in_answer_to_status_binds_until_a_later_answer(lab: Lab) -> None:
    asked_again(lab)
    ask(lab, **in_thread(lab))
    promised = lab.cases()[0].due_at
    assert "не позднее" in lab.to(CLIENT)[-1].text
    lab.arrive(reply_to_notice(lab, "!жду реквизиты"))
    assert "Клиенту назван срок" in lab.to(PETROVA)[-1].text
    lab.later(days=2)
    more(lab, "Вот реквизиты нашей организации.", 4)
    assert lab.cases()[0].due_at == promised
    lab.arrive(reply_to_notice(lab, ASKS))
    lab.later(minutes=11)
    lab.later(days=2)
    more(lab, "И ещё раз реквизиты нашей организации.", 5)
    assert lab.cases()[0].due_at > promised


def test_a_date_told_for_several_cases_at_once_binds_each_of_them(lab: Lab) -> None:
    asked_again(lab)
    lab.arrive(raw("Просим КП на поверку весов.", subject="Весы", message_id="<9@romashka.example.ru>"))
    ask(lab)
    assert "Вх. № 1 " in lab.to(CLIENT)[-1].text
    assert "Вх. № 2 " in lab.to(CLIENT)[-1].text
    assert lab.outbox()[-1].case_id == 1
    with lab.app.db.read() as view:
        for case in lab.cases():
            told = [at for due, at in queries.promised(view, case) if datetime.fromisoformat(due) == case.due_at]
            assert lab.outbox()[-1].sent_at in told


def test_a_lost_file_of_the_opening_letter_stops_no_morning_letter_and_no_reply(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, ASKS))
    lab.later(minutes=11)
    lab.app.raw.path(lab.mail(lab.cases()[0].opened_by_mail_id).sha256).unlink()
    assert "digest" in lab.at(lab.now.replace(hour=6, minute=5) + timedelta(days=7))
    assert "ждём клиента" in lab.to(PETROVA)[-1].text
    mail_id = more(lab, "Вот реквизиты нашей организации.")
    assert (lab.mail(mail_id).outcome, lab.mail(mail_id).case_id) == ("follow_up", lab.cases()[0].id)
    assert lab.cases()[0].status == "open"


def says_yes(lab: Lab) -> None:
    """The head agrees, late, to the question whether a complaint's clock may stop."""
    asked = next(sent for sent in lab.to(ORLOV) if "Остановить срок?" in sent.text)
    lab.arrive(raw("да", sender=f"Орлов <{ORLOV}>", in_reply_to=asked.id, message_id="<yes@cleanmet.ru>"))


def test_a_late_yes_opens_no_closed_complaint(tmp_path: Path) -> None:
    lab = complain(tmp_path)
    order(lab, ASKS_SAMPLE, 1)
    lab.later(minutes=11)
    order(lab, "!закрыть обоснованна, протокол заменён", 2)
    closing = lab.to(SMIRNOVA)[-1]
    lab.arrive(raw("да", sender=f"Смирнова <{SMIRNOVA}>", in_reply_to=closing.id, message_id="<s3@cleanmet.ru>"))
    assert lab.cases()[0].status == "closed"
    says_yes(lab)
    assert (lab.cases()[0].status, lab.cases()[0].closed_at is not None) == ("closed", True)
    assert "закрыто: ждать нечего" in lab.to(ORLOV)[-1].text


def test_a_late_yes_stops_no_clock_that_the_client_has_set_running(tmp_path: Path) -> None:
    lab = complain(tmp_path)
    order(lab, ASKS_SAMPLE, 1)
    lab.later(minutes=11)
    more(lab, "Образец отправили вчера курьером, накладная у инженера.")
    says_yes(lab)
    assert (lab.cases()[0].status, lab.cases()[0].paused_at) == ("open", None)
    refusal = lab.to(ORLOV)[-1]
    assert "клиент уже написал" in refusal.text
    assert "Письмо больше не ждёт решения" in refusal.text
    assert ".." not in refusal.text
    assert all(lab.mail(row.mail_id).held is None for row in lab.outbox() if row.template == "held")


def test_where_the_question_is_stopped_the_clock_runs_and_the_client_hears_nothing_of_waiting(lab: Lab) -> None:
    due = lab.cases()[0].due_at
    lab.arrive(reply_to_notice(lab, ASKS))
    assert lab.cases()[0].status == "waiting"
    lab.arrive(reply_to_notice(lab, "стоп"))
    assert (lab.cases()[0].status, lab.cases()[0].due_at) == ("open", due)
    assert "срок снова идёт" in lab.to(PETROVA)[-1].text
    ask(lab, **in_thread(lab))
    assert "Ждём ответа" not in lab.to(CLIENT)[-1].text


def test_where_the_question_is_refused_by_the_server_the_clock_runs(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, ASKS))
    lab.postman.answers = [Refused("550 no such user", "5.1.1")]
    lab.later(minutes=11)
    assert (lab.cases()[0].status, lab.cases()[0].waits_for) == ("open", "")


def test_another_answer_that_is_stopped_ends_no_pause(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, ASKS))
    lab.later(minutes=11)
    lab.arrive(reply_to_notice(lab, "!ответ\nДобрый день! Ждём и карточку предприятия."))
    lab.arrive(reply_to_notice(lab, "стоп"))
    assert lab.cases()[0].status == "waiting"
    ask(lab, **in_thread(lab))
    assert "Ждём ответа" in lab.to(CLIENT)[-1].text


def test_who_waits_without_having_asked_does_not_let_the_client_believe_he_has(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!жду реквизиты"))
    ask(lab, **in_thread(lab))
    assert "Ждём ответа" not in lab.to(CLIENT)[-1].text


def test_a_yes_stops_no_complaints_clock_where_the_question_was_stopped(tmp_path: Path) -> None:
    lab = complain(tmp_path)
    order(lab, ASKS_SAMPLE, 1)
    assert ".." not in lab.to(SMIRNOVA)[-1].text
    order(lab, "стоп", 2)
    says_yes(lab)
    assert lab.cases()[0].status == "open"
    assert "только вместе с письмом клиенту" in lab.to(ORLOV)[-1].text


def test_an_answer_of_before_the_clients_last_letter_is_no_notice_of_a_pause(tmp_path: Path) -> None:
    lab = complain(tmp_path)
    order(lab, ANSWER, 1)
    lab.later(minutes=11)
    more(lab, "Это не ответ: когда исправите протокол № 145?")
    order(lab, "!жду образец", 2)
    assert "только вместе с письмом клиенту" in lab.to(SMIRNOVA)[-1].text
    assert not any("Остановить срок?" in sent.text for sent in lab.to(ORLOV))
