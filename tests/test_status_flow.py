"""«Статус»: a client is told how his own letters stand, and nobody learns anything of another's (A43)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab import Lab
from tests.letters import raw
from tests.test_flow import CLIENT, PETROVA, reply_to_notice

STRANGER = "Посторонний <x@evil.example.net>"
ANSWER = "Добрый день! Калибровка 12 манометров стоит 12 000 руб., срок 5 рабочих дней."


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory with one open case of Petrova's."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    return lab


def ask(lab: Lab, text: str = "Статус?", **more: object) -> int:
    """The client asks; `lab.arrived` makes his Message-ID a new one."""
    given = {"subject": "Статус", "message_id": f"<s{lab.arrived}@romashka.example.ru>", **more}
    return lab.arrive(raw(text, **given))


def in_thread(lab: Lab) -> dict[str, str]:
    ack = lab.to(CLIENT)[0]
    return {"subject": f"Re: {ack.subject}", "in_reply_to": ack.id}


@pytest.mark.req("A43")
def test_the_cases_own_client_is_told_number_person_phone_and_term(lab: Lab) -> None:
    before = len(lab.to(PETROVA))
    mail_id = ask(lab, **in_thread(lab))
    told = lab.to(CLIENT)[-1]
    assert told.subject == f"Состояние: вх. № 1 от 23.11.2026 [{lab.cases()[0].tag}]"
    for words in ("Вх. № 1 от 23.11.2026", "Петрова Наталья Викторовна", "доб. 214", "не позднее четверга, 26 ноября"):
        assert words in told.text
    assert (told.message["Auto-Submitted"], told.envelope_from) == ("auto-replied", "")
    assert lab.mail(mail_id).outcome == "follow_up"
    assert len(lab.to(PETROVA)) == before


@pytest.mark.parametrize(
    "text",
    [
        "статус",
        "Status",
        "Добрый день! Подскажите, пожалуйста, статус заявки.\n\nС уважением,\nАнна Ковалёва",
        "Статус обращения № 1?",
        "статус [KM-26-0001-0000]",
        "Прошу сообщить статус по моему обращению",
    ],
)
def test_the_word_may_be_said_politely(lab: Lab, text: str) -> None:
    ask(lab, text, **in_thread(lab))
    assert lab.to(CLIENT)[-1].subject.startswith(("Состояние: вх. № 1", "Status: No. 1"))


@pytest.mark.parametrize("text", ["Статус прежний, прибор пока у вас.", "Какой статус у поверки весов и где акт?"])
def test_who_says_more_is_read_by_a_person(lab: Lab, text: str) -> None:
    ask(lab, text, **in_thread(lab))
    assert len(lab.to(CLIENT)) == 1
    assert text[:20] in lab.to(PETROVA)[-1].text


def test_an_empty_letter_whose_subject_says_it_is_enough(lab: Lab) -> None:
    ask(lab, "", subject=f"Статус [{lab.cases()[0].tag}]")
    assert "В работе" in lab.to(CLIENT)[-1].text


def test_without_a_number_he_is_told_of_all_his_running_letters_and_of_no_others(lab: Lab) -> None:
    lab.arrive(raw("Просим КП на поверку весов.", subject="Весы", message_id="<2@x>"))
    lab.arrive(raw("Просим КП на поверку гирь.", sender="Б <b@other.example.org>", subject="Гири", message_id="<3@x>"))
    lab.arrive(
        reply_to_notice(lab, "!закрыть ответ дан по телефону", subject=f"[{lab.cases()[1].tag}]", in_reply_to="")
    )
    ask(lab)
    told = lab.to(CLIENT)[-1]
    assert "Вх. № 1 " in told.text
    assert "Вх. № 3 " not in told.text
    assert "Гири" not in told.text + told.subject
    assert len(lab.cases()) == 3


@pytest.mark.req("A43", "C46")
def test_a_stranger_with_a_right_number_learns_nothing(lab: Lab) -> None:
    """He gets what every first letter gets: a number of his own; whoever has the case sees his letter."""
    tag = lab.cases()[0].tag
    for more in ({"subject": f"Статус [{tag}]"}, in_thread(lab)):
        ask(lab, sender=STRANGER, **more)
    told = "".join(sent.subject + sent.text for sent in lab.to("x@evil.example.net"))
    assert "Калибровка манометров" not in told
    assert "В работе" not in told
    assert "№ 1 от" not in told
    assert lab.cases()[0].parts == 1
    assert len(lab.to(CLIENT)) == 1


def test_a_forged_sender_moves_nothing(tmp_path: Path) -> None:
    box = {"name": "lab", "host": "127.0.0.1", "user": "l", "tls": "none", "password": "x", "authserv_id": "mx.lab"}
    lab = Lab(tmp_path, mailbox=[box])
    lab.arrive(raw())
    forged = {"Authentication-Results": "mx.lab; dmarc=fail header.from=romashka.example.ru"}
    ask(lab, headers=forged, **in_thread(lab))
    assert "Подлинность" in lab.to(PETROVA)[-1].text
    assert len(lab.to(CLIENT)) == 1


@pytest.mark.req("C1")
def test_a_robot_that_says_status_is_not_answered(lab: Lab) -> None:
    ask(lab, headers={"Auto-Submitted": "auto-generated"}, **in_thread(lab))
    assert len(lab.to(CLIENT)) == 1


@pytest.mark.req("C14")
def test_the_same_news_is_told_once_a_day_and_then_a_person_is_told(lab: Lab) -> None:
    more = in_thread(lab)
    ask(lab, **more)
    ask(lab, **more)
    assert len(lab.to(CLIENT)) == 2
    assert "Статус?" in lab.to(PETROVA)[-1].text


def test_asking_runs_no_clock_and_reopens_nothing(lab: Lab) -> None:
    more = in_thread(lab)
    lab.arrive(reply_to_notice(lab, ANSWER))
    lab.later(minutes=11)
    ask(lab, **more)
    assert lab.cases()[0].status == "answered"
    assert "Ответ направлен 23.11.2026" in lab.to(CLIENT)[-1].text


def test_what_is_late_is_called_so(lab: Lab) -> None:
    lab.later(days=7)
    ask(lab, **in_thread(lab))
    assert "должен был уйти не позднее четверга, 26 ноября, и он задерживается" in lab.to(CLIENT)[-1].text


def test_where_there_is_conflict_a_person_tells_how_things_stand(tmp_path: Path) -> None:
    """No robot writes of progress to somebody who is angry (users.md 1.3)."""
    lab = Lab(tmp_path)
    lab.arrive(raw("Это безобразие! Вы издеваетесь? Третий раз ошибка в протоколе, хамите по телефону. Жалуюсь!"))
    assert "conflict" in lab.cases()[0].risk
    ask(lab, **in_thread(lab))
    assert "Статус?" in lab.to("smirnova@cleanmet.ru")[-1].text
    assert not [sent for sent in lab.to(CLIENT) if sent.subject.startswith("Состояние")]


def test_what_a_person_has_to_tell_runs_the_clock_of_an_answered_case(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw("Добрый день! Напоминаем: просим выставить КП на калибровку 12 манометров, пишем второй раз."))
    assert "repeat" in lab.cases()[0].risk
    lab.arrive(reply_to_notice(lab, ANSWER))
    lab.later(minutes=11)
    assert lab.cases()[0].status == "answered"
    ask(lab, **in_thread(lab))
    assert "Статус?" in lab.to(PETROVA)[-1].text
    case = lab.cases()[0]
    assert (case.status, case.due_at is not None) == ("open", True)
    assert '"quiet":false' in [event.detail for event in lab.events(1) if event.type == "follow_up"][-1]


def test_who_has_no_letters_with_us_is_registered_like_anybody(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    ask(lab)
    assert len(lab.cases()) == 1
