"""Calls, visits, faxes and the book of complaints stand in the register like letters (A18, A46)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mailcase import lists
from mailcase.reports.register_page import FILE, write_if_changed
from mailcase.store import tables as t
from tests.lab import Lab
from tests.letters import raw
from tests.test_flow import CLIENT, PETROVA

BOX = {"name": "lab", "host": "127.0.0.1", "user": "lab", "tls": "none", "password": "x"}
OURS = {**BOX, "authserv_id": "mx.cleanmet.ru"}
SECRETARY = "Смирнова <smirnova@cleanmet.ru>"
SMIRNOVA = "smirnova@cleanmet.ru"
PASS = {"Authentication-Results": "mx.cleanmet.ru; dmarc=pass header.from=cleanmet.ru"}
FULL = "[новое] канал: телефон; от: Иванов И. И., ООО «Ромашка», +7 (916) 000-00-16; тема: калибровка манометров"
ORDER = "Просит КП на калибровку 12 манометров МП3-У."


def lab_with(folder: Path, **more: Any) -> Lab:
    return Lab(folder, mailbox=[OURS], page={"folder": folder / "share"}, **more)


def enter(lab: Lab, subject: str, text: str = ORDER, n: int = 1, **more: Any) -> int:
    """The secretary writes it to the laboratory."""
    given = {"sender": SECRETARY, "headers": PASS, "message_id": f"<e{n}@cleanmet.ru>", **more}
    return lab.arrive(raw(text, subject=subject, **given))


@pytest.mark.req("A18", "A46")
def test_a_call_and_a_letter_make_the_same_row_and_only_the_channel_differs(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    lab.arrive(raw(f"Добрый день! {ORDER}", subject="калибровка манометров", sender="ivanov@romashka.example.ru"))
    enter(lab, FULL)
    called, written = [dict(row) for row in lists.register(lab.app)]
    same = ("register", "kind", "category", "subject", "assignee", "status", "service", "department")
    assert {name: called[name] for name in same} == {name: written[name] for name in same}
    assert (written["channel"], called["channel"]) == ("email", "phone")
    assert (called["contact_name"], called["contact_phone"]) == ("Иванов И. И., ООО «Ромашка»", "+7 (916) 000-00-16")
    assert [row.number for row in lab.cases()] == [1, 2]
    write_if_changed(lab.app)
    page = (tmp_path / "share" / FILE).read_text(encoding="utf-8")
    assert "<small>телефон</small>" in page


@pytest.mark.req("A13", "A18", "A46")
def test_who_left_only_a_number_gets_no_letter_and_is_called_back(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    enter(lab, FULL)
    (notice,) = lab.postman.sent
    assert notice.to == (PETROVA,)
    assert "Записал(а) Смирнова О. И.: телефон; от: Иванов И. И., ООО «Ромашка»" in notice.text
    assert "> Просит КП на калибровку 12 манометров" in notice.text
    assert "Позвонить: +7 (916) 000-00-16." in notice.text
    lab.arrive(
        raw(
            "!звонок КП пришлю с курьером", sender=f"П <{PETROVA}>", in_reply_to=notice.id, message_id="<p@cleanmet.ru>"
        )
    )
    assert lab.cases()[0].status == "answered"


@pytest.mark.req("A46")
def test_who_left_an_address_is_confirmed_without_a_trace_of_the_secretarys_letter(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    subject = "[новое] канал: телефон; от: Иванов Иван Иванович, ivanov@romashka.example.ru; тема: калибровка"
    text = f"{ORDER}\n\nС уважением,\nСмирнова Ольга Игоревна\n+7 495 000-00-00 доб. 205"
    enter(lab, subject, text, attachments=[("Запись.mp3", b"ID3")])
    (ack,) = lab.to("ivanov@romashka.example.ru")
    assert ack.text.startswith("Уважаемый Иван Иванович!")
    assert "Ваше обращение зарегистрировано: вх. № 1" in ack.text
    for secret in ("Смирнова", "Запись.mp3", "Ваше письмо"):
        assert secret not in ack.text
    assert (ack.message["In-Reply-To"], ack.message["References"]) == (None, None)
    assert ack.message["Auto-Submitted"] == "auto-generated"
    assert [party.address for party in _parties(lab)] == ["ivanov@romashka.example.ru"]
    assert lab.cases()[0].contact_phone == ""


def _parties(lab: Lab) -> list[Any]:
    with lab.app.db.read() as view:
        return list(view.execute(sa.select(t.party)))


VOICE = (
    "Запись автоответчика, перезвоните клиенту.\n\n"
    "-------- Пересылаемое сообщение --------\n"
    "От: АТС <pbx@telecom.example.net>\nДата: 20.11.2026, 18:42\nТема: Голосовое сообщение от +79160000016\n"
    "Кому: smirnova@cleanmet.ru\n\n"
    "Вам оставлено голосовое сообщение от +79160000016. Длительность 35 секунд."
)


@pytest.mark.req("A46")
def test_a_forwarded_note_of_the_answering_machine_is_a_case_with_its_own_date_and_no_letter(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    subject = "Fwd: Голосовое сообщение от +79160000016"
    enter(lab, subject, VOICE, attachments=[("msg0001.wav", b"RIFF")])
    (case,) = lab.cases()
    assert (case.channel, case.contact_address, case.contact_phone) == ("answerphone", "", "+79160000016")
    assert f"{case.occurred_at.astimezone(lab.app.config.calendar.zone):%d.%m.%Y %H:%M}" == "20.11.2026 18:42"
    assert [sent.to for sent in lab.postman.sent] == [(f"{case.assignee}@cleanmet.ru",)]
    (notice,) = lab.postman.sent
    assert "20.11.2026 в 18:42" in notice.text
    assert "Позвонить: +7 (916) 000-00-16." in notice.text
    assert [part.get_filename() for part in notice.message.iter_attachments()] == ["msg0001.wav"]


def test_the_secretarys_signature_is_no_part_of_the_entry_and_no_word_of_it_is_lost(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    text = f"вопрос: и сколько это стоит?\n{ORDER}\n\nСмирнова О. И.\nsmirnova@cleanmet.ru, +7 495 000-00-00 доб. 205"
    enter(lab, "[новое] телефон; от: Иванов; тема: калибровка", text)
    (case,) = lab.cases()
    assert (case.contact_address, case.contact_phone) == ("", "")
    assert "и сколько это стоит?" in case.subject
    assert ORDER in lab.to(PETROVA)[0].text


@pytest.mark.req("A18")
def test_the_form_of_the_site_is_a_channel_of_its_own(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    text = (
        "Имя: Анна\nE-mail: anna@romashka.example.ru\nТелефон: +7 916 000-00-16\nСообщение: нужна калибровка манометров"
    )
    lab.arrive(raw(text, sender="Сайт <www@cleanmet.ru>", subject="Заявка с сайта", headers={"X-Form": "order"}))
    (case,) = lab.cases()
    assert (case.channel, case.contact_phone) == ("web_form", "+7 916 000-00-16")


def test_a_client_who_writes_of_an_answering_machine_is_forwarded_like_any(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    text = VOICE.replace("АТС <pbx@telecom.example.net>", "Анна Ковалёва <a.kovaleva@romashka.example.ru>")
    text = text.replace("Голосовое сообщение от +79160000016", "Калибровка манометров")
    text = text.replace(
        "Вам оставлено голосовое сообщение от", "Звонила, там автоответчик. Нужна калибровка, мой номер"
    )
    enter(lab, "Fwd: Калибровка манометров", text)
    (case,) = lab.cases()
    assert (case.channel, case.contact_address) == ("email", "a.kovaleva@romashka.example.ru")


@pytest.mark.req("A46")
@pytest.mark.parametrize(
    ("subject", "channel"),
    [
        ("[новое] канал: книга отзывов и предложений; от: Иванов; тема: благодарность", "book"),
        ("[новое] факс; от: АО «Вега»; тел: 8 495 000 00 17; вопрос: акт сверки", "fax"),
        ("[новое] канал: сайт; от: Анна; тема: калибровка", "web_form"),
        ("[новое] посетитель; Иван Петрович; жалоба на сроки", "visit"),
        ("[новое] канал: автоответчик; от: +7 916 000-00-16", "answerphone"),
        ("новое: звонил Иванов, +7 916 000-00-16, калибровка манометров", "phone"),
        ("Новый звонок: Иванов 89160000016 калибровка", "phone"),
        ("(новое) почта; от: АО «Вега»", "post"),
        ("!новое по телефону, Анна Ковалёва, ООО Ромашка, a.k@romashka.example.ru", "phone"),
        ("[new] channel: phone; from: Anna; subject: calibration", "phone"),
    ],
)
def test_every_channel_of_the_rules_may_be_entered_as_a_secretary_types_it(
    tmp_path: Path, subject: str, channel: str
) -> None:
    lab = lab_with(tmp_path)
    enter(lab, subject)
    assert [case.channel for case in lab.cases()] == [channel]


@pytest.mark.req("A46")
def test_fields_may_stand_in_the_text_and_the_day_is_kept(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    text = "канал: книга отзывов\nот: Сидоренко Пётр\nтел: 8 916 000-00-16\nдата: 19.11.2026\n\nБлагодарит за работу."
    enter(lab, "[новое]", text)
    (case,) = lab.cases()
    assert (case.channel, case.contact_name, case.subject) == ("book", "Сидоренко Пётр", "Благодарит за работу.")
    assert f"{case.occurred_at.astimezone(lab.app.config.calendar.zone):%d.%m.%Y}" == "19.11.2026"


@pytest.mark.req("A46")
def test_a_half_filled_entry_is_registered_and_its_writer_told_what_is_missing(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    enter(lab, "[новое] звонок; Иванов", "Нужна калибровка весов, спрашивает цену.")
    assert len(lab.cases()) == 1
    (told,) = (sent for sent in lab.to(SMIRNOVA) if "Понято" in sent.text)
    assert "Понято: телефон; от: Иванов." in told.text
    assert "Не хватает: телефон или адрес почты." in told.text
    assert told.subject == f"Сделано: № 1 [{lab.cases()[0].tag}]"


def test_a_subject_that_is_no_list_of_fields_is_registered_as_it_is(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    enter(lab, "[новое] канал: голубиная почта; что-то про весы", "")
    (case,) = lab.cases()
    assert (case.channel, "голубиная почта" in case.subject, "весы" in case.subject) == ("other", True, True)
    assert "Не хватает: канал, от кого, телефон или адрес почты" in lab.to(SMIRNOVA)[-1].text


def test_an_entry_of_nothing_is_answered_with_how_one_is_written(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    enter(lab, "[новое]", "")
    assert lab.cases() == []
    assert "В записи ничего нет. Пишите так" in lab.to(SMIRNOVA)[-1].text


def test_who_already_complains_is_known_by_the_address_that_he_left(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    lab.arrive(raw("К сожалению, в протоколе № 145 снова ошибка, прошу исправить и объяснить причину."))
    enter(lab, f"[новое] телефон; от: Анна Ковалёва, {CLIENT}; тема: протокол", "Спрашивает, когда исправят протокол.")
    assert lab.cases()[0].register == "complaint"
    notices = [sent.text for sent in lab.postman.sent if "Записал(а)" in sent.text]
    assert "у клиента открыта жалоба № 1" in notices[0].lower()


@pytest.mark.req("A46", "C106")
@pytest.mark.parametrize("sender", ["Иванов <ivanov@romashka.example.ru>", "Смирнова <smirnova@c1eanmet.ru>"])
def test_a_clients_letter_is_never_read_so(tmp_path: Path, sender: str) -> None:
    lab = lab_with(tmp_path)
    lab.arrive(raw(ORDER, subject=FULL, sender=sender))
    (case,) = lab.cases()
    assert (case.channel, case.contact_phone) == ("email", "")


@pytest.mark.req("A46", "C102")
def test_what_nobody_vouches_for_is_asked_about_and_registered_by_one_word(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    mail_id = enter(lab, FULL, headers={})
    assert (lab.cases(), lab.mail(mail_id).outcome) == ([], "held")
    (asked,) = lab.to(SMIRNOVA)
    assert asked.subject.startswith("Это писали Вы?")
    lab.arrive(
        raw("да", sender=SECRETARY, in_reply_to=asked.id, subject=f"Re: {asked.subject}", message_id="<y@cleanmet.ru>")
    )
    (case,) = lab.cases()
    assert (case.channel, case.contact_name) == ("phone", "Иванов И. И., ООО «Ромашка»")
    assert lab.mail(mail_id).held is None
