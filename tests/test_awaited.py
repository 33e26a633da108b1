"""Letters from employees' addresses that wait for a word: listed to whose word it is, and not for ever (C102)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from mailcase.store import intake
from mailcase.words import Trust
from tests.cli import folder, mailcase  # noqa: F401  # the fixture
from tests.lab import Lab
from tests.letters import raw
from tests.test_flow import FROM_PETROVA, PETROVA, reply_to_notice
from tests.test_jobs import nine
from tests.test_people import again, staff
from tests.test_staff_flow import SIDOROV

AWAY = {"petrova": "sidorov"}


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """Petrova has a case, and two orders under her name came from nobody knows where; one was asked about."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    forge(lab, 2)
    return lab


def forge(lab: Lab, count: int) -> None:
    tag = lab.cases()[0].tag
    for n in range(count):
        subject = f"[{tag}] !закрыть спам {n}"
        lab.arrive(raw("", sender=FROM_PETROVA, subject=subject, message_id=f"<{lab.arrived}@evil.example>"))


def day(lab: Lab, number: int) -> None:
    """The morning of that day, counted from the last of October: one job after another."""
    nine_oclock = nine(1) + timedelta(days=number - 1)
    lab.at(nine_oclock - timedelta(minutes=15))
    lab.at(nine_oclock)


def morning(lab: Lab, address: str) -> str:
    """The last morning letter, in one line."""
    (*_, last) = [sent for sent in lab.to(address) if "ждут Вас" in sent.subject or "срочного нет" in sent.subject]
    return " ".join(last.text.split())


def asked(lab: Lab) -> int:
    return sum("Это писали Вы?" in sent.subject for sent in lab.to(PETROVA))


def waiting(lab: Lab) -> list[str]:
    return [json.loads(row.held)["person"] for n in range(1, lab.arrived + 1) if (row := lab.mail(n)).held]


def test_an_unproven_order_is_listed_to_whose_address_it_bears(lab: Lab) -> None:
    lab.at(nine(24))
    told = morning(lab, PETROVA)
    assert "письмо с Вашего адреса ждёт слова до 23.12.2026: «да» или «стоп» в ответ на вопрос «Это писали Вы?»" in told
    assert "ждут Вас 2" in lab.to(PETROVA)[-2].subject + lab.to(PETROVA)[-1].subject


def test_an_unproven_order_of_somebody_away_is_not_listed_to_his_substitute(lab: Lab, tmp_path: Path) -> None:
    """Only he can say «да»; what came while he is away waits for the substitute, and stands in his letter."""
    lab = again(lab, tmp_path, staff(away=AWAY))
    forge(lab, 1)
    lab.at(nine(24))
    told = morning(lab, SIDOROV)
    assert told.count("письмо с адреса") == 1
    assert f"письмо с адреса {PETROVA} ждёт Вашего слова до 23.12.2026: «да», «клиенту» или «стоп»" in told
    lab = again(lab, tmp_path, staff())
    lab.at(nine(25))
    assert morning(lab, PETROVA).count("письмо с Вашего адреса") == 2


def test_a_proven_doubt_of_somebody_away_is_listed_to_his_substitute(lab: Lab, tmp_path: Path) -> None:
    """A client waits for these words."""
    lab.arrive(reply_to_notice(lab, "ок"))
    lab = again(lab, tmp_path, staff(away=AWAY))
    lab.at(nine(24))
    told = morning(lab, SIDOROV)
    assert told.count("письмо с адреса") == 1
    assert "не отправлено: автора, который должен подтвердить его, нет на месте" in told


def test_who_leaves_a_question_unanswered_is_asked_about_the_next_in_the_morning(lab: Lab) -> None:
    forge(lab, 1)
    assert asked(lab) == 1
    day(lab, 24)
    day(lab, 24)
    assert asked(lab) == 2
    day(lab, 25)
    assert asked(lab) == 3


def test_an_unproven_order_expires_when_its_question_can_be_answered_no_more(lab: Lab) -> None:
    """Never before 30 days after we asked; it is an event, told once, and a late «да» does nothing."""
    question = next(sent for sent in lab.to(PETROVA) if "Это писали Вы?" in sent.subject)
    day(lab, 24)
    day(lab, 23 + 30)
    assert len(waiting(lab)) == 2
    text = (
        "не выполнено: письмо с Вашего адреса от 23.11.2026 30 дней ждало слова; если оно ещё нужно, пришлите его снова"
    )
    day(lab, 24 + 30)
    assert (waiting(lab), morning(lab, PETROVA).count(text)) == ([], 2)
    lab.arrive(reply_to_notice(lab, "да", in_reply_to=question.id, references=question.id))
    assert [case.status for case in lab.cases()] == ["open"]
    assert lab.mail(2).outcome == "held"
    told = [row for row in lab.events(1) if row.type == "expired"]
    assert [(row.mail_id, row.actor) for row in told] == [(2, "mailcase"), (3, "mailcase")]
    day(lab, 25 + 30)
    assert "не выполнено" not in morning(lab, PETROVA)


def lose(lab: Lab, mail_id: int) -> None:
    """The file of that letter is gone: the backup had none of it."""
    lab.app.raw.path(lab.mail(mail_id).sha256).unlink()


def test_a_letter_whose_file_is_missing_stops_neither_the_others_nor_their_term(lab: Lab) -> None:
    forge(lab, 1)
    lose(lab, 3)
    day(lab, 24)
    assert asked(lab) == 2
    day(lab, 23 + 31)
    assert waiting(lab) == []


def test_an_order_is_done_though_the_next_letter_to_ask_about_has_no_file(lab: Lab) -> None:
    lose(lab, 3)
    question = next(sent for sent in lab.to(PETROVA) if "Это писали Вы?" in sent.subject)
    lab.arrive(reply_to_notice(lab, "да", in_reply_to=question.id, references=question.id))
    assert (lab.cases()[0].status, lab.mail(2).held) == ("closed", None)
    assert "Сделано" in lab.to(PETROVA)[-1].subject


def test_a_letter_held_by_an_older_program_expires_by_what_was_asked_about_it(lab: Lab) -> None:
    """It kept no `trust`: «Это писали Вы?» tells that nothing was proven, any other question that it was."""
    proven = lab.arrive(reply_to_notice(lab, "ок"))
    for mail_id in (2, 3, proven):
        kept = {name: value for name, value in json.loads(lab.mail(mail_id).held).items() if name != "trust"}
        with lab.app.db.tx() as tx:
            intake.hold(tx, mail_id, json.dumps(kept))
    day(lab, 24)
    day(lab, 24 + 31)
    assert [mail_id for mail_id in (2, 3, proven) if lab.mail(mail_id).held] == [proven]


@pytest.mark.req("A26")
def test_a_subject_shows_no_address_and_no_phone(lab: Lab) -> None:
    subject = f"[{lab.cases()[0].tag}] !закрыть позвонил +7 495 000-00-11, ivanov@romashka.example.ru"
    lab.arrive(raw("", sender=FROM_PETROVA, subject=subject, message_id="<p@evil.example>"))
    lab.at(nine(24))
    told = morning(lab, PETROVA)
    assert "позвонил" in told
    assert "000-00-11" not in told
    assert "ivanov@" not in told


def test_a_proven_doubt_waits_until_it_is_answered(lab: Lab) -> None:
    """Words for a client are nobody's to drop."""
    held = lab.arrive(reply_to_notice(lab, "ок"))
    assert json.loads(lab.mail(held).held)["trust"] == Trust.ANSWERING
    lab.at(nine(24) + timedelta(days=62))
    assert lab.mail(held).held is not None
    assert "Ваше письмо ждёт слова: «да», «клиенту» или «стоп»" in morning(lab, PETROVA)


def test_words_that_the_writer_has_said_are_his_wait_as_proven_ones(lab: Lab) -> None:
    """«Да» to «Это писали Вы?» vouches for them; what they mean is still to be answered."""
    tag = lab.cases()[0].tag
    doubtful = raw("это не моё, отдай Сидорову", sender=FROM_PETROVA, subject=f"Re: [{tag}]", message_id="<d@x>")
    lab.later(hours=2)
    held = lab.arrive(doubtful)
    assert json.loads(lab.mail(held).held)["trust"] == Trust.CLAIMED
    question = lab.to(PETROVA)[-1]
    lab.arrive(reply_to_notice(lab, "да", in_reply_to=question.id, references=question.id))
    assert json.loads(lab.mail(held).held)["trust"] == Trust.ANSWERING


def test_held_lists_what_waits_for_a_word_and_how_to_let_it_go(folder: Path) -> None:  # noqa: F811
    """For whom, since when, until when; in a table of its own."""
    (folder / "1.eml").write_bytes(raw("!закрыть", sender=FROM_PETROVA, subject="Обращение", message_id="<h@x>"))
    mailcase("upgrade")
    assert mailcase("held").out.endswith("nothing is held\n")
    mailcase("import", "--live", "1.eml")
    *_, row = mailcase("held", "--json").lines
    assert {**row, "since": "", "until": "", "asked": ""} == {
        "mail": 1, "why": "unproven", "since": "", "for": "petrova", "from": PETROVA, "case": None,
        "subject": "Обращение", "asked": "", "until": "",
    }  # fmt: skip
    assert row["since"] < row["until"]
    told = mailcase("held").out
    assert "letters that wait for an employee's word" in told
    assert "«да» carries it out, «стоп» drops it" in told
    assert "unproven 1" in told
