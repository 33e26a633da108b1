"""When a robot keeps silent, and where a person's answer goes."""

from __future__ import annotations

from typing import Any

import pytest

from mailcase.rules import screens
from mailcase.rules.answer import answer_address, silence
from mailcase.rules.decision import Judgement
from mailcase.words import FolderRole, Kind
from tests.letters import LAB, config, facts, letter

REQUEST = Judgement(Kind.REQUEST, 0.9)
BOX = [
    {"name": "lab", "host": "127.0.0.1", "user": LAB, "tls": "none", "password": "x", "authserv_id": "mx.cleanmet.ru"}
]
DOMAIN = "romashka.example.ru"


def stamp(result: str) -> dict[str, str]:
    return {"Authentication-Results": f"mx.cleanmet.ru; {result} header.from={DOMAIN}"}


def why(known: Any = None, judged: Judgement = REQUEST, settings: dict[str, Any] | None = None, **mail: Any) -> str:
    """The reason for silence of a letter; empty where an acknowledgement may go."""
    conf = config(**{"mailbox": BOX, **(settings or {})})
    known, built = known or facts(), letter(**mail)
    return silence(built, known, conf, judged, screens.run(built, known, conf))


def test_a_clients_plain_letter_is_acknowledged():
    assert why() == ""
    assert why(to=("Лаборатория <LAB@cleanmet.ru>",)) == ""
    assert why(to="boss@other.example", cc="lab+c12-ab@cleanmet.ru") == ""
    assert why(to="info@cleanmet.ru", settings={"lab": {"aliases": ["info@cleanmet.ru"]}}) == ""


def test_what_is_hardly_a_robots_is_acknowledged_as_a_persons():
    """Whoever is left out does not know that his letter came; a robot is told by its marks, and by the budgets."""
    assert "автоматическое" in why(judged=Judgement(Kind.AUTO, 0.6))
    assert why(judged=Judgement(Kind.AUTO, 0.45)) == ""


@pytest.mark.parametrize(
    ("mail", "said"),
    [
        pytest.param({"return_path": ""}, "обратный адрес пуст", id="null path"),
        pytest.param({"return_path": None}, "Return-Path", id="no path", marks=pytest.mark.req("C3")),
        pytest.param(
            {"senders": ["a@x.example", "b@y.example"]}, "несколько отправителей", id="C5", marks=pytest.mark.req("C5")
        ),
        pytest.param({"senders": []}, "нет адреса", id="no sender"),
        pytest.param({"sender": "Кто-то <>", "return_path": "x@y.example"}, "нет адреса", id="name only"),
        pytest.param({"sender": LAB}, "адреса лаборатории", id="own"),
        pytest.param({"sender": "lab+x@cleanmet.ru"}, "адреса лаборатории", id="own plus"),
        pytest.param({"sender": "petrova@cleanmet.ru"}, "сотрудника", id="staff"),
        pytest.param({"to": "x@other.example"}, "не названа", id="Bcc", marks=pytest.mark.req("C18")),
        pytest.param({"to": ()}, "не названа", id="no To", marks=pytest.mark.req("C18")),
        pytest.param({"headers": {"X-Auto-Response-Suppress": "All"}}, "X-Auto-Response-Suppress", id="asked"),
        pytest.param(
            {"headers": {"List-Unsubscribe": "<mailto:x@y.example>"}}, "рассыл", id="C7", marks=pytest.mark.req("C7")
        ),
        pytest.param({"headers": {"Auto-Submitted": "auto-notified"}}, "Auto-Submitted", id="C1"),
        pytest.param({"headers": stamp("dmarc=fail")}, "DMARC", id="C101", marks=pytest.mark.req("C101")),
    ],
)
def test_silence(mail: dict[str, Any], said: str):
    assert said in why(**mail)


@pytest.mark.req("C6")
@pytest.mark.parametrize(
    "local",
    "no-reply noreply no_reply do-not-reply donotreply do_not_reply noreply-spam info.noreply noreply+12 noreply12 "
    "MAILER-DAEMON mailerdaemon postmaster owner-list list-request bounce bounces+a=b bounce-12".split(),
)
def test_nobody_reads_there(local: str):
    assert "ответов не читает" in why(sender=f"{local}@authority.example")


@pytest.mark.parametrize("local", ["reply", "noreplyova", "postmaster.ivanov", "requests", "request", "owner"])
def test_people_with_unlucky_names_are_answered(local: str):
    assert why(sender=f"{local}@client.example") == ""


@pytest.mark.req("C3")
def test_without_a_return_path_only_a_proven_sender_is_answered():
    assert why(return_path=None, headers=stamp("dmarc=pass")) == ""
    signed = {"Authentication-Results": f"mx.cleanmet.ru; dkim=pass header.d={DOMAIN}"}
    assert why(return_path=None, headers=signed) == ""
    forged = {"Authentication-Results": "mx.other.example; dmarc=pass"}
    assert "Return-Path" in why(return_path=None, headers=forged)


@pytest.mark.req("C101")
def test_an_unknown_result_is_no_failure_and_a_known_client_may_fail():
    assert why(headers=stamp("dmarc=none")) == ""
    assert why(facts(known_client=True), headers=stamp("dmarc=fail")) == ""


@pytest.mark.req("C80")
def test_a_letter_found_after_a_renumbering_is_not_acknowledged():
    assert "найдено позже" in why(facts(late=True))


def test_the_archive_is_silent():
    assert why(facts(history=True)) == "письмо из архива"


def test_spam_of_the_provider_is_not_answered():
    assert why(facts(role=FolderRole.SPAM)) != ""
    assert why(facts(role=FolderRole.SPAM, spam_waived=True)) == ""


@pytest.mark.parametrize("kind", [Kind.AUTO, Kind.BOUNCE, Kind.SPAM])
def test_what_sounds_like_a_machine_is_not_answered(kind: Kind):
    assert why(judged=Judgement(kind, 0.6)) != ""


def test_acknowledgements_can_be_switched_off():
    assert "настройке" in why(settings={"answer": {"acknowledge": False}})


@pytest.mark.req("C4")
def test_a_persons_answer_goes_where_the_client_asks_and_a_foreign_domain_is_marked():
    plain, own, foreign = (
        answer_address(letter(reply_to=to), config()) for to in ((), f"sales@{DOMAIN}", "list@lists.example.org")
    )
    assert (plain.address.addr, plain.foreign) == (f"a.kovaleva@{DOMAIN}", False)
    assert (own.address.addr, own.foreign) == (f"sales@{DOMAIN}", False)
    assert (foreign.address.addr, foreign.foreign) == ("list@lists.example.org", True)
