"""Station 3: retries, refusals, repeats; one bad letter never holds another."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase.mail.smtp import Accepted, Deferred, Refused
from mailcase.stations.send import requeue, send
from mailcase.store import tables as t
from mailcase.words import MailcaseError
from tests.lab import Lab
from tests.letters import raw
from tests.test_flow import CLIENT, PETROVA, reply_to_notice


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def row(lab: Lab, key: str) -> sa.Row:
    return next(r for r in lab.outbox() if r.key == key)


@pytest.mark.req("C90")
def test_a_deferred_letter_is_tried_again_in_growing_steps_under_one_message_id(lab: Lab) -> None:
    lab.postman.answers = [Deferred("451 later", 451), Accepted("250 notice"), Deferred("451 later", 451)]
    lab.arrive(raw())
    first = row(lab, "ack:1")
    assert (first.status, first.tries) == ("queued", 1)
    lab.later(seconds=30)
    assert lab.to(CLIENT) == []
    lab.later(minutes=2)
    second = row(lab, "ack:1")
    assert (second.tries, second.message_id) == (2, first.message_id)
    lab.later(minutes=5)
    (sent,) = lab.to(CLIENT)
    assert sent.id == first.message_id


@pytest.mark.req("C90")
def test_after_five_days_without_success_a_person_is_told_to_phone(lab: Lab) -> None:
    lab.arrive(raw("Просим выставить КП на калибровку. С уважением, Анна Ковалёва, тел. +7 (495) 000-00-01"))
    lab.arrive(reply_to_notice(lab, "Добрый день! Цена калибровки 12 000 руб."))
    lab.later(minutes=9)
    lab.postman.answers = [Deferred("451 busy", 451)] * 60
    for _ in range(58):
        lab.later(hours=4)
    answer = row(lab, "answer:2")
    assert answer.status == "failed"
    lab.postman.answers = []
    lab.later(hours=5)
    task = lab.to(PETROVA)[-1]
    assert "+7 (495) 000-00-01" in task.text
    assert "12 000 руб." in task.text
    assert lab.cases()[0].status == "open"


def test_a_refused_letter_is_a_task_at_once_and_holds_no_other(lab: Lab) -> None:
    lab.postman.answers = [Refused("550 no such user", 550)]
    lab.arrive(raw())
    assert row(lab, "ack:1").status == "failed"
    assert len(lab.to(PETROVA)) == 2
    assert "550 no such user" in lab.to(PETROVA)[-1].text


def test_a_server_that_is_away_costs_only_the_first_letter_a_try(lab: Lab) -> None:
    lab.postman.answers = [Deferred("connection refused", connection=True)]
    lab.arrive(raw())
    assert [(r.key, r.tries) for r in lab.outbox()] == [("ack:1", 1), ("notice:1:petrova", 0)]


def test_in_a_rush_clients_hear_first(lab: Lab) -> None:
    """Ten letters at once: no client waits until the notices about the others are written."""
    for number in range(10):
        text, sender = f"Просим выставить КП на калибровку {number + 2} весов.", f"Иван <i@c{number}.example>"
        lab.enter(raw(text, message_id=f"<{number}@c.example>", sender=sender))
    lab.work()
    left = [sent.to[0] for sent in lab.postman.sent]
    clients = [place for place, address in enumerate(left) if address.startswith("i@")]
    assert clients == list(range(10))
    assert len(left) > 10


@pytest.mark.req("C41")
def test_a_letter_that_may_have_left_is_sent_again_under_the_same_id_and_noted(lab: Lab) -> None:
    """Killed between the server's 250 and our commit: the row's lease is all that is left."""

    class Killed(BaseException):
        """Nothing may catch it."""

    class Dies:
        """Accepts the letter, and then the process ends."""

        def send(self, *_: object) -> None:
            raise Killed

    lab.postman.answers = [Deferred("first wait", 451)] * 2
    lab.arrive(raw())
    lab.now += timedelta(minutes=2)
    with pytest.raises(Killed):
        send(lab.app, Dies())  # type: ignore[arg-type]
    assert row(lab, "ack:1").leased_until is not None
    lab.later(minutes=20)
    (sent,) = lab.to(CLIENT)
    assert sent.id == row(lab, "ack:1").message_id
    with lab.app.db.read() as view:
        noted = view.execute(sa.select(t.event).where(t.event.c.type == "resent")).all()
    assert [event.outbox_id for event in noted] == [row(lab, "ack:1").id]


def test_a_broken_template_fails_its_letter_and_no_registration(tmp_path: Path) -> None:
    own = tmp_path / "templates"
    own.mkdir()
    (own / "acknowledgement.txt.j2").write_text("Subject: {{ no_such_variable }}\n\nx")
    lab = Lab(tmp_path, templates=own)
    lab.arrive(raw())
    assert (len(lab.cases()), row(lab, "ack:1").status, len(lab.to(CLIENT))) == (1, "failed", 0)
    assert "no_such_variable" in row(lab, "ack:1").last_error


def test_a_failed_letter_can_be_sent_again_by_hand(lab: Lab) -> None:
    lab.postman.answers = [Refused("550 no such user", 550)]
    lab.arrive(raw())
    requeue(lab.app, row(lab, "ack:1").id)
    lab.work()
    assert len(lab.to(CLIENT)) == 1
    with pytest.raises(MailcaseError, match="does not exist"):
        requeue(lab.app, 999)


def test_a_bounce_makes_a_task_and_runs_the_answers_clock_again(lab: Lab) -> None:
    lab.arrive(raw("Просим выставить КП. Анна Ковалёва, тел. +7 (495) 000-00-01"))
    lab.arrive(reply_to_notice(lab, "Добрый день! Цена калибровки 12 000 руб."))
    lab.later(minutes=11)
    answer = lab.to(CLIENT)[-1]
    mail_id = lab.arrive(bounce_of(answer.id))
    assert lab.mail(mail_id).outcome == "bounce"
    assert lab.cases()[0].status == "open"
    assert "+7 (495) 000-00-01" in lab.to(PETROVA)[-1].text
    assert len(lab.cases()) == 1


def test_a_delay_is_noted_and_nobody_is_bothered(lab: Lab) -> None:
    lab.arrive(raw())
    told = len(lab.postman.sent)
    lab.arrive(bounce_of(lab.to(CLIENT)[0].id, action="delayed", status="4.4.1"))
    assert len(lab.postman.sent) == told


def bounce_of(message_id: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    """A delivery report of RFC 3464 about our letter."""
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.org\r\nTo: lab@cleanmet.ru\r\n"
        f"Subject: Undelivered Mail Returned to Sender\r\nMessage-ID: <b{status}@mx.example.org>\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThe mail could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; {CLIENT}\r\nAction: {action}\r\nStatus: {status}\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {message_id}\r\n--b--\r\n"
    ).encode()
