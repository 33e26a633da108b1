"""An employee's doubtful letters: asked about until the question is settled, and never answered by a robot's note."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailcase.mail.outline import short_letter
from tests.lab import Lab
from tests.letters import LAB, raw
from tests.test_answer import BOX
from tests.test_flow import CLIENT, FROM_PETROVA, PETROVA, reply_to_notice
from tests.test_rules_flow import ANSWER, COMPLAINT, SMIRNOVA, reply


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory with one open case of Petrova's."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    return lab


def to_client(lab: Lab) -> list[str]:
    """Texts that reached the client after the acknowledgement, when the undo time is over."""
    lab.later(minutes=11)
    return [sent.text for sent in lab.to(CLIENT)[1:]]


def claimed(lab: Lab, text: str) -> int:
    """A new letter with Petrova's address that nothing proves."""
    subject = f"Калибровка [{lab.cases()[0].tag}]"
    return lab.arrive(raw(text, sender=FROM_PETROVA, subject=subject, message_id="<c@x.example>"))


def test_yes_to_who_wrote_it_is_followed_by_the_real_question(lab: Lab) -> None:
    """A misspelt order without proof: «да» never says «Сделано» of nothing, and the guess waits for its own «да»."""
    mail_id = claimed(lab, "!закырть ответили по телефону")
    lab.arrive(reply_to_notice(lab, "да"))
    assert "Имелось в виду «!закрыть" in lab.to(PETROVA)[-1].text
    assert (lab.cases()[0].status, lab.mail(mail_id).held is None) == ("open", False)
    lab.arrive(reply_to_notice(lab, "да"))
    assert (lab.cases()[0].status, lab.mail(mail_id).held) == ("closed", None)


def test_an_unproven_answer_never_becomes_a_note_in_silence(lab: Lab) -> None:
    claimed(lab, ANSWER)
    lab.arrive(reply_to_notice(lab, "да"))
    assert "Сохранить его как внутреннюю заметку?" in lab.to(PETROVA)[-1].text
    lab.arrive(reply_to_notice(lab, "клиенту"))
    (text,) = to_client(lab)
    assert "12 000 руб." in text


def test_yes_to_what_was_not_understood_is_told_to_do_nothing(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!абракадабра"))
    lab.arrive(reply_to_notice(lab, "да"))
    assert lab.to(PETROVA)[-1].subject.startswith("Не сделано")
    assert "Ничего не сделано" in lab.to(PETROVA)[-1].text


AWAY = [
    "Здравствуйте! Я в отпуске до 5 декабря, по срочным вопросам звоните в лабораторию.",
    "Здравствуйте! Сейчас не могу ответить, буду на связи с понедельника, спасибо за понимание.",
    "Добрый день! Нахожусь в отпуске с 1 по 14 декабря 2026 г.\nПишите Сидорову А. П., +7 495 000-00-00 доб. 216.\n\n"
    "С уважением,\nПетрова Н. В.",
    "I am out of office until 5 December. For urgent matters please call the laboratory.",
]


@pytest.mark.parametrize("text", AWAY)
def test_a_note_of_absence_reaches_no_client_and_asks_for_nothing(lab: Lab, text: str) -> None:
    told = len(lab.to(PETROVA))
    mail_id = lab.arrive(reply_to_notice(lab, text))
    assert to_client(lab) == []
    assert (lab.mail(mail_id).drop_reason, len(lab.to(PETROVA))) == ("auto_reply", told)
    assert lab.mail(mail_id).case_id == lab.cases()[0].id


@pytest.mark.parametrize("text", AWAY)
def test_a_responder_that_answers_our_question_ends_the_talk(lab: Lab, text: str) -> None:
    lab.arrive(reply_to_notice(lab, "ок"))
    told = len(lab.to(PETROVA))
    for _ in range(4):
        lab.arrive(reply_to_notice(lab, text))
    assert (to_client(lab), len(lab.to(PETROVA))) == ([], told)


@pytest.mark.parametrize(
    "text",
    [
        "Добрый день! Стоимость 12 000 руб. Я в отпуске до 5 декабря.",
        "Добрый день! Приборы привозите в пятницу. Наш инженер сейчас в отпуске, поэтому срок 10 дней.",
    ],
)
def test_an_answer_that_mentions_a_holiday_is_asked_about_and_not_lost(lab: Lab, text: str) -> None:
    lab.arrive(reply_to_notice(lab, text))
    assert to_client(lab) == []
    lab.arrive(reply_to_notice(lab, "да"))
    assert len(to_client(lab)) == 1


def test_a_reply_over_the_size_limit_waits_and_offers_nothing(lab: Lab) -> None:
    whole = reply_to_notice(lab, "КП во вложении", attachments=[("КП.pdf", b"x" * 100)])
    top = whole.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    mail_id = lab.arrive(short_letter(top, 60_000_000, None), truncated=True)
    question = lab.to(PETROVA)[-1].text
    assert "больше допустимого размера" in question
    assert "«клиенту»" not in question
    assert "«да»" not in question
    assert (to_client(lab), lab.mail(mail_id).outcome) == ([], "held")
    lab.arrive(reply_to_notice(lab, "клиенту"))
    assert to_client(lab) == []


@pytest.mark.parametrize("first", ["Нет.", "Не надо."])
def test_an_answer_that_begins_with_no_is_an_answer(lab: Lab, first: str) -> None:
    lab.arrive(reply_to_notice(lab, f"{first}\nТакие приборы мы не калибруем, обратитесь в Ростест."))
    (text,) = to_client(lab)
    assert "Ростест" in text


def test_no_stops_only_what_was_asked_about(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, ANSWER))
    lab.arrive(reply_to_notice(lab, "Нет"))
    assert len(to_client(lab)) == 1


@pytest.mark.parametrize("word", ["Нет", "Стоп, пожалуйста.", "Добрый день!\nНе надо.\n\nС уважением,\nПетрова Н. В."])
def test_no_to_a_question_drops_the_letter(lab: Lab, word: str) -> None:
    mail_id = lab.arrive(reply_to_notice(lab, "ок"))
    lab.arrive(reply_to_notice(lab, word))
    assert (to_client(lab), lab.mail(mail_id).held) == ([], None)


def test_a_word_with_more_text_below_it_sends_nothing(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "это не моё, отдай Сидорову"))
    lab.arrive(reply_to_notice(lab, "Клиенту\nТолько исправь цену на 15 000, пожалуйста."))
    assert to_client(lab) == []
    assert "исправь цену" in lab.to(PETROVA)[-1].text
    assert "«клиенту» —" not in lab.to(PETROVA)[-1].text


@pytest.mark.req("C102")
@pytest.mark.parametrize("order", ["!закрыть обоснованна", "!закрыть обоснованна\n!ответ\n" + ANSWER])
def test_a_complaint_is_closed_only_by_two_proofs_or_a_second_word(tmp_path: Path, order: str) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw(COMPLAINT, subject="Жалоба"))
    lab.arrive(reply(lab, lab.to(SMIRNOVA)[-1], order))
    assert lab.cases()[0].status == "open"
    assert "Закрыть жалобу" in lab.to(SMIRNOVA)[-1].text
    lab.arrive(reply(lab, lab.to(SMIRNOVA)[-1], "да"))
    assert lab.cases()[0].status == "closed"


@pytest.mark.req("C102")
def test_an_unproven_answer_past_us_lets_the_clock_run(tmp_path: Path) -> None:
    for name, box, status in (("named", BOX, "open"), ("unnamed", None, "answered")):
        (tmp_path / name).mkdir()
        lab = Lab(tmp_path / name, **({"mailbox": box} if box else {}))
        lab.arrive(raw())
        subject = f"Re: [{lab.cases()[0].tag}]"
        forged = raw(
            "Мы ответили.", sender=FROM_PETROVA, to=CLIENT, cc=LAB, subject=subject, message_id="<f@x.example>"
        )
        lab.arrive(forged)
        assert lab.cases()[0].status == status
        told = "подлинность не подтверждена" in lab.to(PETROVA)[-1].text
        assert told is (name == "named")
