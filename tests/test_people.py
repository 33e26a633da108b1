"""People leave, go on leave and hand cases over: nothing of theirs is forgotten, and whoever takes over knows all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailcase import post
from mailcase.rules.stand_in import stands_in
from tests.lab import Lab
from tests.letters import _EMPLOYEES, config, employee, raw
from tests.test_flow import CLIENT, PETROVA, reply_to_notice
from tests.test_send import bounce_of
from tests.test_staff_flow import ANSWER, SIDOROV

SMIRNOVA = "smirnova@cleanmet.ru"
COMPLAINT = "К сожалению, в протоколе № 145 снова ошибка, прошу исправить и объяснить причину."


def staff(*gone: str, away: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """The laboratory's people without those who left; those away have a substitute."""
    left = [employee(*card) for card in _EMPLOYEES if card[0] not in gone]
    absent = away or {}
    return [e | {"active": e["login"] not in absent, "substitute": absent.get(e["login"], "")} for e in left]


def again(lab: Lab, folder: Path, people: list[dict[str, Any]], **more: Any) -> Lab:
    """The same laboratory, started anew with other people."""
    new = Lab(folder, employee=people, **more)
    new.now, new.arrived = lab.now, lab.arrived
    return new


def client(n: int, text: str = "Когда будет ответ?", **more: Any) -> bytes:
    """Another letter of the client in the thread of the first."""
    root = "<1@romashka.example.ru>"
    return raw(text, message_id=f"<{n}@romashka.example.ru>", in_reply_to=root, references=root, **more)


@pytest.mark.parametrize(
    ("people", "wanted", "gets"),
    [
        (staff(), "petrova", "petrova"),
        (staff(away={"petrova": "sidorov"}), "petrova", "sidorov"),
        (staff(away={"petrova": "sidorov", "sidorov": "orlov"}), "petrova", "orlov"),
        (staff(away={"petrova": "sidorov", "sidorov": "petrova"}), "petrova", "smirnova"),
        (staff("petrova"), "petrova", "smirnova"),
        (staff("petrova", away={"smirnova": "orlov"}), "petrova", "orlov"),
        (staff(away={"petrova": "", "smirnova": ""}), "petrova", "orlov"),
        (staff(away=dict.fromkeys(("petrova", "smirnova", "sidorov", "orlov"), "")), "petrova", "smirnova"),
    ],
)
def test_somebody_always_stands_in(people: list[dict[str, Any]], wanted: str, gets: str) -> None:
    """Himself, his substitutes, the duty person, the other roles; a circle ends."""
    assert stands_in(wanted, config(employee=people)).login == gets


def test_the_overdue_case_of_somebody_who_left_is_in_the_duty_persons_digest(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw())
    lab = again(lab, tmp_path, staff("petrova"))
    lab.at(datetime(2026, 11, 30, 6, 0, tzinfo=UTC))
    morning = lab.to(SMIRNOVA)[-1]
    assert "просрочено 1" in morning.subject
    assert "вместо: petrova" in morning.text


def test_what_comes_for_somebody_who_is_away_goes_to_his_substitute(tmp_path: Path) -> None:
    """The client's next letter, the morning letter and the letter that came back; the absent person gets nothing."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    ack = lab.to(CLIENT)[0]
    lab = again(lab, tmp_path, staff(away={"petrova": "sidorov"}))
    lab.arrive(client(2))
    lab.arrive(bounce_of(ack.id))
    lab.at(datetime(2026, 11, 30, 6, 0, tzinfo=UTC))
    subjects = [s.subject for s in lab.to(SIDOROV)]
    assert [s.split(":")[0] for s in subjects] == ["Пишет снова", "Не дошло", "Пн 30.11"]
    assert "вместо: Петрова Н. В." in lab.to(SIDOROV)[-1].text
    assert lab.to(PETROVA) == []
    assert lab.cases()[0].assignee == "petrova"


def test_the_substitute_is_asked_about_a_letter_from_an_absent_persons_address_and_his_word_counts(
    tmp_path: Path,
) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw())
    tag = lab.cases()[0].tag
    lab = again(lab, tmp_path, staff(away={"petrova": "sidorov"}))
    lab.arrive(raw(ANSWER, sender=PETROVA, subject=f"Re: КП [{tag}]", message_id="<p@cleanmet.ru>"))
    asked = lab.to(SIDOROV)[-1]
    assert "Петрова Н. В." in asked.text
    assert lab.to(PETROVA) == []
    lab.at(datetime(2026, 11, 24, 6, 0, tzinfo=UTC))
    assert f"письмо с адреса {PETROVA} ждёт Вашего слова" in lab.to(SIDOROV)[-1].text
    word = raw("клиенту", sender=SIDOROV, subject=f"Re: {asked.subject}", in_reply_to=asked.id, message_id="<s@x>")
    lab.arrive(word)
    lab.later(minutes=11)
    assert "12 000" in lab.to(CLIENT)[-1].text


def test_an_alarm_reaches_whoever_stands_in_for_the_duty_person(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=staff(away={"smirnova": "orlov"}))
    with lab.app.db.tx() as tx:
        post.alarm(tx, lab.app.config, "x", lab.now, ("почта не читается", [], "проверьте связь"))
    lab.work()
    assert [s.to for s in lab.postman.sent] == [("orlov@cleanmet.ru",)]


def test_an_order_of_somebody_on_leave_bears_his_own_name(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw())
    order = reply_to_notice(lab, "!закрыть ответ дан по телефону")
    lab = again(lab, tmp_path, staff(away={"petrova": "sidorov"}))
    lab.arrive(order)
    assert lab.cases()[0].status == "closed"
    assert lab.to(SIDOROV) == []


def test_a_case_handed_back_is_told_again_with_all_that_came_meanwhile(tmp_path: Path) -> None:
    """Every change of hands makes a notice; later words and files of the client are in it, dated."""
    lab = Lab(tmp_path)
    lab.arrive(raw(attachments=[("Заявка.pdf", b"%PDF-1.4")]))
    tag = lab.cases()[0].tag
    lab.arrive(client(2, "И ещё два термометра.", attachments=[("Термометры.pdf", b"%PDF-1.5")]))
    lab.arrive(reply_to_notice(lab, "!назначить Сидоров"))
    handed = lab.to(SIDOROV)[-1]
    assert "12 манометров" in handed.text
    assert "23.11.2026 12:00, Анна Ковалёва" in handed.text
    assert "два термометра" in handed.text
    assert [f.get_filename() for f in handed.message.iter_attachments()] == ["Заявка.pdf", "Термометры.pdf"]
    before = len(lab.to(PETROVA))
    back = raw(
        "!назначить Петрова",
        sender=SIDOROV,
        subject=f"Re: {handed.subject}",
        in_reply_to=handed.id,
        message_id="<s@cleanmet.ru>",
    )
    lab.arrive(back)
    assert lab.cases()[0].assignee == "petrova"
    assert len(lab.to(PETROVA)) == before + 1
    assert tag in lab.to(PETROVA)[-1].subject


def test_later_files_beyond_the_limit_are_named_and_not_sent(tmp_path: Path) -> None:
    lab = Lab(tmp_path, answer={"undo": "10m", "attachments_max": "1 MB"})
    lab.arrive(raw(attachments=[("a.pdf", b"a" * 600_000)]))
    lab.arrive(client(2, "Ещё файл", attachments=[("b.pdf", b"b" * 600_000)]))
    lab.arrive(reply_to_notice(lab, "!назначить Сидоров"))
    handed = lab.to(SIDOROV)[-1]
    assert [f.get_filename() for f in handed.message.iter_attachments()] == ["a.pdf"]
    assert "b.pdf (не поместился" in handed.text


def answer(lab: Lab, text: str = ANSWER) -> str:
    """Petrova answers the client and the answer leaves; its Message-ID."""
    notice = next(s for s in lab.to(PETROVA) if s.subject.startswith("До "))
    number = len(lab.postman.sent)
    lab.arrive(
        raw(
            text,
            sender=PETROVA,
            subject=f"Re: {notice.subject}",
            in_reply_to=notice.id,
            message_id=f"<a{number}@cleanmet.ru>",
        )
    )
    lab.later(minutes=11)
    return lab.to(CLIENT)[-1].id


def test_a_late_report_about_an_older_answer_reopens_nothing(tmp_path: Path) -> None:
    """Nor does a second report about the newest one."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    first = answer(lab)
    lab.arrive(bounce_of(first))
    assert lab.cases()[0].status == "open"
    newest = answer(lab, "Добрый день! Повторяем: стоимость калибровки 12 000 руб.")
    lab.arrive(bounce_of(first, status="5.4.7"))
    assert (newest != first, lab.cases()[0].status) == (True, "answered")
    lab.arrive(bounce_of(newest, status="5.1.2"))
    assert lab.cases()[0].status == "open"


def test_a_promised_date_is_never_moved_later_by_the_clients_next_letter(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw())
    promised = lab.cases()[0].due_at
    answer(lab)
    lab.later(days=1)
    lab.arrive(client(2, "А в январе сможете?"))
    assert (lab.cases()[0].status, lab.cases()[0].due_at) == ("open", promised)


def test_after_the_promised_date_a_new_question_has_its_own_term(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw())
    answer(lab)
    lab.now = lab.cases()[0].due_at + timedelta(days=1)
    lab.arrive(client(2, "А в январе сможете?"))
    assert lab.cases()[0].due_at > lab.now


def test_our_own_address_with_a_plus_part_is_no_party(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw(cc=("lab+ivanov@cleanmet.ru", "Petrova+x@cleanmet.ru", "boss@romashka.example.ru")))
    with lab.app.db.read() as view:
        told = sorted(row[0] for row in view.exec_driver_sql("select address from party"))
    assert told == [CLIENT, "boss@romashka.example.ru"]


def test_an_answered_complaint_stays_in_sight_until_a_person_closes_it(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=[*staff("sidorov"), employee("sidorov", *_SIDOROV, ("complaint",))])
    lab.arrive(raw(COMPLAINT))
    assert lab.cases()[0].assignee == "sidorov"
    notice = lab.to(SIDOROV)[-1]
    interim = {"sender": SIDOROV, "subject": f"Re: {notice.subject}", "in_reply_to": notice.id}
    lab.arrive(raw("Добрый день! Разбираемся, ответим до конца недели.", message_id="<i@cleanmet.ru>", **interim))
    lab.later(minutes=11)
    assert lab.cases()[0].status == "answered"
    lab.at(datetime(2026, 11, 24, 6, 0, tzinfo=UTC))
    for address in (SIDOROV, SMIRNOVA):
        assert "жалоба: ответ дан, рассмотрение не завершено" in lab.to(address)[-1].text
    close = {**interim, "message_id": "<c@cleanmet.ru>"}
    lab.arrive(raw("!закрыть обоснованна, протокол заменён", **close))
    asked = lab.to(SIDOROV)[-1]
    lab.arrive(raw("да", sender=SIDOROV, subject="Re: вопрос", in_reply_to=asked.id, message_id="<y@cleanmet.ru>"))
    assert lab.cases()[0].status == "closed"
    lab.at(datetime(2026, 11, 25, 6, 0, tzinfo=UTC))
    assert "рассмотрение не завершено" not in lab.to(SMIRNOVA)[-1].text


_SIDOROV = ("Сидоров Андрей Петрович", "инженер", "216")


def test_whoever_has_an_answered_complaint_adds_to_it(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw(COMPLAINT))
    notice = lab.to(SMIRNOVA)[-1]
    interim = {"sender": SMIRNOVA, "subject": f"Re: {notice.subject}", "in_reply_to": notice.id}
    lab.arrive(raw("Добрый день! Разбираемся, ответим до конца недели.", message_id="<i@cleanmet.ru>", **interim))
    lab.later(minutes=11)
    lab.arrive(raw("Прилагаю фото.", subject="Фото", message_id="<f@romashka.example.ru>"))
    (case,) = lab.cases()
    assert (case.status, case.parts) == ("open", 3)
