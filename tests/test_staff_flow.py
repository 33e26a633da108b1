"""Employees work by mail: what leaves, what stays inside, what is held and asked about (users.md 1.1, 1.2)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from mailcase.words import FolderRole
from tests.lab import Lab
from tests.letters import LAB, raw
from tests.test_flow import CLIENT, FROM_PETROVA, PETROVA, reply_to_notice

SIDOROV = "sidorov@cleanmet.ru"
ANSWER = "Добрый день! Калибровка 12 манометров стоит 12 000 руб., срок 5 рабочих дней."


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory with one open case of Petrova's."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    return lab


def to_client(lab: Lab) -> int:
    """Letters that reached the client after the acknowledgement, when the undo time is over."""
    lab.later(minutes=11)
    return len(lab.to(CLIENT)) - 1


def word(lab: Lab, text: str) -> bytes:
    """A reply of one word to the newest letter that Petrova got."""
    return reply_to_notice(lab, text)


def test_a_colleague_in_copy_makes_it_a_note(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "Андрей, посмотри прибор, пожалуйста, мне кажется, он битый.", cc=SIDOROV))
    assert to_client(lab) == 0
    assert lab.cases()[0].status == "open"
    assert len(lab.to(PETROVA)) == 1, "he wrote to a colleague, and nothing is to be told"


def test_whose_answer_became_a_note_learns_that_the_client_has_nothing(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, ANSWER, cc=SIDOROV))
    assert to_client(lab) == 0
    told = lab.to(PETROVA)[-1]
    assert told.subject.startswith("Не сделано: № 1")
    assert "получает не только лаборатория (Сидоров Андрей Петрович), поэтому оно сохранено как" in told.text
    again = lab.to(PETROVA)[0]
    lab.arrive(reply_to_notice(lab, ANSWER, subject=f"Re: {again.subject}", in_reply_to=again.id, references=again.id))
    assert to_client(lab) == 1


@pytest.mark.parametrize("order", ["!внутр ", "!note\n", "!внутр клиент на объекте\n!внутр "])
def test_an_ordered_note_needs_no_receipt(lab: Lab, order: str) -> None:
    lab.arrive(reply_to_notice(lab, f"{order}позвонить им в пятницу", cc=SIDOROV))
    assert (to_client(lab), len(lab.to(PETROVA))) == (0, 1)


def test_a_misspelt_note_that_was_confirmed_says_nothing_of_recipients(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!внутрр позвонить им в пятницу"))
    lab.arrive(word(lab, "да"))
    assert lab.to(PETROVA)[-1].subject.startswith("Сделано")
    assert "получает не только лаборатория" not in lab.to(PETROVA)[-1].text


def test_a_forward_never_goes_to_the_client_by_itself(lab: Lab) -> None:
    notice = lab.to(PETROVA)[-1]
    lab.arrive(
        reply_to_notice(
            lab,
            "Для сведения.\n\n-------- Пересылаемое сообщение --------\nОт: Склад <sklad@example.org>\n\nОн тут.",
            subject=f"Fwd: {notice.subject}",
        )
    )
    assert to_client(lab) == 0


def test_a_new_letter_with_the_number_is_held_and_asked_about(lab: Lab) -> None:
    tag = lab.cases()[0].tag
    lab.arrive(raw(ANSWER, sender=FROM_PETROVA, subject=f"Калибровка [{tag}]", message_id="<n@cleanmet.ru>"))
    assert to_client(lab) == 0
    assert len(lab.to(PETROVA)) == 2


def test_words_to_a_colleague_are_held_and_yes_hands_the_case_over(lab: Lab) -> None:
    """«Это не моё, отдай Сидорову» is asked about; «да» gives the case to Sidorov with its files."""
    lab.arrive(reply_to_notice(lab, "это не моё, отдай Сидорову"))
    assert to_client(lab) == 0
    assert "Сидорову А. П." in lab.to(PETROVA)[-1].text
    lab.arrive(word(lab, "да"))
    assert lab.cases()[0].assignee == "sidorov"
    assert "12 манометров" in lab.to(SIDOROV)[-1].text
    assert to_client(lab) == 0


def test_a_held_letter_goes_to_the_client_only_by_his_word(lab: Lab) -> None:
    tag = lab.cases()[0].tag
    headers = {"References": lab.to(PETROVA)[0].id}
    forwarded = raw(
        ANSWER, sender=FROM_PETROVA, subject=f"Fwd: Калибровка [{tag}]", message_id="<n@cleanmet.ru>", headers=headers
    )
    lab.arrive(forwarded)
    assert to_client(lab) == 0
    lab.arrive(word(lab, "клиенту"))
    assert to_client(lab) == 1
    assert "12 000 руб." in lab.to(CLIENT)[-1].text


def test_an_empty_agreement_is_no_answer(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "ок"))
    assert to_client(lab) == 0
    assert "почти нет текста" in lab.to(PETROVA)[-1].text


@pytest.mark.req("A38")
def test_a_short_text_with_a_file_is_a_full_answer(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "Добрый день! КП во вложении", attachments=[("КП_1.pdf", b"%PDF-1.4 offer")]))
    assert to_client(lab) == 1
    answer = lab.to(CLIENT)[-1]
    (file,) = answer.message.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("КП_1.pdf", b"%PDF-1.4 offer")
    assert "Петрова Наталья Викторовна" in answer.text
    assert "доб. 214" in answer.text


def test_a_surviving_line_of_the_notice_holds_the_answer(lab: Lab) -> None:
    line = next(line for line in lab.to(PETROVA)[-1].text.splitlines() if line.startswith("Почему Вам"))
    lab.arrive(reply_to_notice(lab, f"Добрый день!\n{line}\nЦена 12 000 руб."))
    assert to_client(lab) == 0
    assert "внутреннего письма" in lab.to(PETROVA)[-1].text


def test_a_new_employees_first_answers_are_confirmed(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    with lab.app.db.tx() as tx:
        tx.exec_driver_sql("UPDATE employee SET founding = false WHERE login = 'petrova'")
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, ANSWER))
    assert to_client(lab) == 0
    lab.arrive(word(lab, "да"))
    assert to_client(lab) == 1


def test_an_answer_that_went_past_us_is_recorded_and_never_sent_again(lab: Lab) -> None:
    """The client in To, the laboratory in Cc: the case is answered, nothing leaves."""
    lab.arrive(
        raw(ANSWER, sender=FROM_PETROVA, to=CLIENT, cc=LAB, in_reply_to="<1@romashka.example.ru>", message_id="<p@x>")
    )
    assert to_client(lab) == 0
    assert lab.cases()[0].status == "answered"


def test_an_answer_found_in_the_sent_folder_is_the_answer(lab: Lab) -> None:
    """A colleague answered from webmail, under the laboratory's address."""
    sent = raw(ANSWER, sender=LAB, to=CLIENT, in_reply_to="<1@romashka.example.ru>", message_id="<w@cleanmet.ru>")
    lab.arrive(sent, role=FolderRole.SENT)
    assert to_client(lab) == 0
    assert lab.cases()[0].status == "answered"


def test_our_own_copies_in_the_sent_folder_change_nothing(lab: Lab) -> None:
    mail_id = lab.arrive(lab.to(CLIENT)[0].raw, role=FolderRole.SENT)
    assert lab.mail(mail_id).drop_reason == "own"
    assert lab.cases()[0].status == "open"


@pytest.mark.parametrize(
    ("order", "status"), [("!закрыть ответ дан по телефону", "closed"), ("!внутр перезвонить завтра", "open")]
)
def test_orders_act_and_reach_no_client(lab: Lab, order: str, status: str) -> None:
    lab.arrive(reply_to_notice(lab, order))
    assert lab.cases()[0].status == status
    assert to_client(lab) == 0


@pytest.mark.req("A14")
def test_closing_without_answer_and_reason_is_refused_with_a_hint(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!закрыть"))
    assert lab.cases()[0].status == "open"
    assert len(lab.to(PETROVA)) == 2
    assert "Укажите причину" in lab.to(PETROVA)[-1].text


def test_an_order_in_the_subject_assigns(lab: Lab) -> None:
    tag = lab.cases()[0].tag
    notice = lab.to(PETROVA)[-1]
    lab.arrive(reply_to_notice(lab, "Спасибо!", subject=f"[{tag}] !назначить Сидоров", in_reply_to=notice.id))
    assert lab.cases()[0].assignee == "sidorov"
    assert "Сделано: № 1" in lab.to(PETROVA)[-1].subject


@pytest.mark.req("C102")
def test_a_forged_order_is_held_and_the_real_person_asked(lab: Lab) -> None:
    """From alone proves nothing: no reference to our notice, no proof by our own server."""
    tag = lab.cases()[0].tag
    forged = raw(
        "Тема говорит сама за себя.",
        sender=FROM_PETROVA,
        subject=f"[{tag}] !закрыть спам",
        message_id="<f@evil.example>",
    )
    mail_id = lab.arrive(forged)
    assert (lab.mail(mail_id).outcome, lab.cases()[0].status) == ("held", "open")
    assert "Это писали Вы?" in lab.to(PETROVA)[-1].subject
    lab.arrive(word(lab, "да"))
    assert lab.cases()[0].status == "closed"


@pytest.mark.req("C106")
def test_a_clients_letter_is_never_read_for_orders(lab: Lab) -> None:
    ack = lab.to(CLIENT)[0]
    lab.arrive(
        raw("!закрыть\n!назначить Сидоров", subject=f"Re: {ack.subject}", in_reply_to=ack.id, message_id="<2@x>")
    )
    case = lab.cases()[0]
    assert (case.status, case.assignee) == ("open", "petrova")


def test_all_letters_of_a_case_to_one_employee_are_one_thread(lab: Lab) -> None:
    ack = lab.to(CLIENT)[0]
    lab.arrive(raw("И ещё два прибора", subject=f"Re: {ack.subject}", in_reply_to=ack.id, message_id="<2@x>"))
    first, second = lab.to(PETROVA)
    assert second.message["In-Reply-To"] == first.id


@pytest.mark.req("A35")
def test_a_clients_letter_that_an_employee_forwards_opens_the_case_for_the_client(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    forward = (
        'Пришло мне лично.\n\n-------- Пересылаемое сообщение --------\n20.11.2026, 10:00, "Анна Ковалёва" '
        f"<{CLIENT}>:\n\nДобрый день! Просим выставить КП на калибровку 12 манометров."
    )
    lab.arrive(raw(forward, sender=FROM_PETROVA, subject="Fwd: Калибровка", message_id="<f@cleanmet.ru>"))
    (case,) = lab.cases()
    assert case.contact_address == CLIENT


def test_thanks_are_filed_silently_and_silence_closes_the_case(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, ANSWER))
    lab.later(minutes=11)
    answer, told = lab.to(CLIENT)[-1], len(lab.to(PETROVA))
    lab.arrive(raw("Спасибо, получили!", subject=f"Re: {answer.subject}", in_reply_to=answer.id, message_id="<3@x>"))
    assert (lab.cases()[0].status, len(lab.to(PETROVA))) == ("answered", told)
    answered = lab.now
    for day in (1, 2, 3, 4, 7):
        lab.at(answered.replace(hour=7) + timedelta(days=day))
        assert lab.cases()[0].status == "answered"
    lab.at(answered.replace(hour=7) + timedelta(days=8))
    assert lab.cases()[0].status == "closed"


def test_a_complaint_goes_to_the_quality_manager_and_never_closes_by_itself(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw("К сожалению, в протоколе № 145 снова ошибка, прошу исправить и объяснить причину."))
    (case,) = lab.cases()
    assert (case.register, case.assignee) == ("complaint", "smirnova")
    lab.arrive(
        raw(
            "Добрый день! Протокол № 145 исправлен; причина ошибки — перенос данных, приносим извинения.",
            sender="Смирнова <smirnova@cleanmet.ru>",
            subject="Re: протокол",
            in_reply_to=lab.to("smirnova@cleanmet.ru")[-1].id,
            message_id="<s@cleanmet.ru>",
        )
    )
    lab.later(minutes=11)
    assert lab.cases()[0].status == "answered"
    lab.at(lab.now + timedelta(days=28))
    assert lab.cases()[0].status == "answered"


def test_a_letter_of_an_open_complaints_sender_joins_it_under_any_subject(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw("К сожалению, в протоколе № 145 снова ошибка, прошу исправить и объяснить причину."))
    for n in (2, 3):
        lab.arrive(raw(f"Прилагаю фото {n}", subject="Фото к протоколу", message_id=f"<{n}@x>"))
    (case,) = lab.cases()
    assert case.parts == 3
    assert len([s for s in lab.to(CLIENT) if "ополнение" in s.text]) == 1
