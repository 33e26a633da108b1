"""A client's letter joins the case it belongs to, and nobody else's letter joins anything."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailcase.rules.decision import Judgement, Reason
from mailcase.rules.facts import CaseFact, Facts, ThreadHit
from mailcase.rules.thanks import only_thanks
from mailcase.rules.thread import Place, conversation, names, place
from mailcase.words import Audience, Kind, Register, Status
from tests.letters import MONDAY, config, facts, letter
from tests.test_answer import BOX

CLIENT = "a.kovaleva@romashka.example.ru"
ID = "<ack@cleanmet.ru>"
REQUEST = Judgement(Kind.REQUEST, 0.9)


def case(case_id: int = 1, **given: Any) -> CaseFact:
    """An open inquiry of the client; № is 411 + id."""
    defaults: dict[str, Any] = {"id": case_id, "number": 411 + case_id} | {
        "tag": f"KM-26-0{411 + case_id}-0000",
        "register": Register.INQUIRY,
        "kind": Kind.REQUEST,
        "status": Status.OPEN,
        "subject": "Калибровка манометров",
        "assignee": "petrova",
        "parties": frozenset({CLIENT}),
        "closed_at": None,
    }
    return CaseFact(**{**defaults, **given})


def hit(case_id: int | None = 1, message_id: str = ID) -> ThreadHit:
    return ThreadHit(message_id, case_id, Audience.CLIENT, "", MONDAY)


def known(*cases: CaseFact, **more: Any) -> Facts:
    """Facts of a letter that answers our letter of case 1."""
    return facts(**{"cases": cases or (case(),), "thread": (hit(),), **more})


def where(given: Facts, judged: Judgement = REQUEST, silence: str = "", **mail: Any) -> Place:
    return place(letter(**{"in_reply_to": (ID,), **mail}), given, config(), judged, silence)


@pytest.mark.req("C43")
def test_a_reference_joins_its_case():
    follow = where(known()).follow_up
    assert follow is not None
    assert (follow.case_id, follow.quiet, follow.reopens, follow.check) == (1, False, False, "")


@pytest.mark.req("C43")
def test_a_tag_joins_where_references_are_lost_and_a_subject_never_does():
    tagged = where(facts(cases=(case(),), tag_case_id=1), in_reply_to=())
    assert tagged.follow_up is not None
    assert where(facts(), subject="Re: Калибровка манометров", in_reply_to=()) == Place()


@pytest.mark.req("C44")
def test_references_beat_the_tag_of_a_client_and_the_conflict_is_told():
    found = where(known(case(1), case(2), tag_case_id=2))
    assert found.follow_up is not None
    assert found.follow_up.case_id == 1
    assert "№ 413" in found.follow_up.check
    assert any(r.rule == "thread.conflict" for r in found.reasons)


def test_the_nearest_reference_decides():
    given = facts(cases=(case(1), case(2)), thread=(hit(1, "<old@x.example>"), hit(2, "<new@x.example>")))
    follow = where(given, in_reply_to=("<new@x.example>",), references=("<old@x.example>",)).follow_up
    assert follow is not None
    assert follow.case_id == 2
    follow = where(given, in_reply_to=(), references=("<old@x.example>", "<new@x.example>")).follow_up
    assert follow is not None
    assert follow.case_id == 2


@pytest.mark.req("C46")
@pytest.mark.parametrize("given", [known(), facts(cases=(case(),), tag_case_id=1)])
def test_a_stranger_joins_nothing_even_with_a_right_tag(given: Facts):
    found = where(given, sender="stranger@other.example")
    assert found.follow_up is None
    assert found.link is not None
    assert (found.link.case_id, found.link.kind, found.link.assignee) == (1, "third_party", "petrova")
    assert "третьего лица по № 412" in found.link.remark


def test_the_case_of_letters_in_an_address_makes_no_stranger():
    assert where(known(), sender="A.Kovaleva@romashka.example.ru").follow_up is not None


@pytest.mark.req("C45")
def test_a_wrong_tag_alone_joins_nothing():
    found = where(facts(wrong_tag=True), in_reply_to=())
    assert (found.follow_up, found.link) == (None, None)
    assert [r.rule for r in found.reasons] == ["thread.wrong_tag"]


@pytest.mark.req("C50")
def test_a_closed_case_opens_again_within_the_days_and_later_gets_a_neighbour():
    def after(days: int) -> Place:
        return where(known(case(status=Status.CLOSED, closed_at=MONDAY - timedelta(days=days))))

    again, late = after(30), after(31)
    assert again.follow_up is not None
    assert again.follow_up.reopens
    assert late.follow_up is None
    assert late.link is not None
    assert (late.link.kind, late.link.case_id) == ("after_closing", 1)


@pytest.mark.parametrize(("status", "reopens"), [(Status.OPEN, False), (Status.WAITING, True), (Status.ANSWERED, True)])
def test_a_clock_that_stood_runs_again(status: Status, reopens: bool):
    follow = where(known(case(status=status))).follow_up
    assert follow is not None
    assert follow.reopens is reopens


def test_an_answer_to_the_archive_opens_a_linked_case():
    found = where(known(case(history=True, status=Status.CLOSED, assignee="")))
    assert found.link is not None
    assert found.link.kind == "history"


def test_an_archived_letter_joins_its_archived_case_in_silence():
    follow = where(known(case(history=True, status=Status.CLOSED), history=True)).follow_up
    assert follow is not None
    assert follow.quiet


def test_whoever_has_an_open_complaint_adds_to_it_under_any_subject():
    complaint = case(5, register=Register.COMPLAINT, kind=Kind.COMPLAINT)
    given = facts(cases=(complaint,), open_complaint_id=5)
    follow = where(given, in_reply_to=(), subject="совсем другое").follow_up
    assert follow is not None
    assert (follow.case_id, follow.added_ack) == (5, True)
    assert "отдельная заявка" in follow.check
    silent = where(given, silence="нет Return-Path", in_reply_to=()).follow_up
    assert silent is not None
    assert not silent.added_ack


ANGRY = Judgement(Kind.COMPLAINT, 0.8, reasons=(Reason("classify.complaint", "ошибка: «неверный диапазон»"),))


def test_supposed_dissatisfaction_within_an_inquiry_is_asked_about_with_one_word():
    follow = where(known(), replace(ANGRY, check=True)).follow_up
    assert follow is not None
    assert follow.check.startswith("похоже на жалобу: ошибка: «неверный диапазон»")
    doubt = Judgement(Kind.REQUEST, 0.5, check=True, reasons=(Reason("classify.doubt", "возможно недовольство"),))
    for judged in (doubt, replace(ANGRY, check=True)):
        follow = where(known(), judged).follow_up
        assert follow is not None
        assert follow.check.endswith("ответьте одним словом: «!жалоба»")


@pytest.mark.parametrize("status", [Status.OPEN, Status.WAITING, Status.ANSWERED, Status.CLOSED])
def test_a_complaint_within_an_inquiry_is_a_case_of_its_own_beside_it(status: Status):
    closed = MONDAY - timedelta(days=1) if status is Status.CLOSED else None
    found = where(known(case(status=status, closed_at=closed)), ANGRY)
    assert found.follow_up is None
    assert found.link is not None
    assert (found.link.kind, found.link.case_id, found.link.assignee) == ("split", 1, "")


def test_a_complaint_within_an_inquiry_adds_to_the_open_complaint_of_its_sender():
    complaint = case(5, register=Register.COMPLAINT, kind=Kind.COMPLAINT)
    follow = where(known(case(), complaint, open_complaint_id=5), ANGRY).follow_up
    assert follow is not None
    assert follow.case_id == 5


@pytest.mark.parametrize("status", [Status.OPEN, Status.ANSWERED, Status.CLOSED])
def test_thanks_are_filed_without_a_word_and_open_nothing(status: Status):
    past = known(case(status=status, closed_at=MONDAY - timedelta(days=90) if status is Status.CLOSED else None))
    follow = where(past, text="Спасибо, получили!").follow_up
    assert follow is not None
    assert (follow.quiet, follow.reopens, follow.added_ack) == (True, False, False)


@pytest.mark.parametrize(
    ("text", "thanks"),
    [
        ("Спасибо, получили!", True),
        ("Добрый день!\nБольшое спасибо за оперативный ответ.\n\nС уважением,\nАнна Ковалёва", True),
        ("Наталья Викторовна, благодарю Вас, документы получены.", True),
        ("Принято, спасибо.\n> Счёт во вложении", True),
        ("Thank you very much, received.", True),
        ("Спасибо. Когда будет готов протокол?", False),
        ("Спасибо, получили, но в протоколе ошибка", False),
        ("Спасибо, что снова сорвали срок", False),
        ("Спасибо, счёт № 12 не получили", False),
        *((text, False) for text in ("Хорошо", "")),
    ],
)
def test_only_thanks_are_thanks(text: str, thanks: bool):
    assert only_thanks(letter(text=text), Judgement(Kind.FEEDBACK, 0.9), config()) is thanks


def test_a_doubt_makes_no_mere_receipt_loud_and_a_complaint_does():
    doubt = Judgement(Kind.FEEDBACK, 0.5, check=True, reasons=(Reason("classify.doubt", "возможно недовольство"),))
    assert not only_thanks(letter(text="Спасибо за оперативность, получили"), doubt, config())
    complaint, bare = Judgement(Kind.COMPLAINT, 0.5), letter(text="Спасибо, получили")
    assert (only_thanks(bare, doubt, config()), only_thanks(bare, complaint, config())) == (True, False)


ROOT = bytes([1]) + bytes(range(21))


def outlook(children: int = 0) -> dict[str, str]:
    """The Thread-Index of a conversation with that many answers below its root."""
    return {"Thread-Index": base64.b64encode(ROOT + bytes(5 * children)).decode()}


def by_conversation(**mail: Any) -> Place:
    given = facts(cases=(case(),), thread=(hit(message_id=conversation(letter(headers=outlook()))),))
    return where(given, in_reply_to=(), **{"headers": outlook(2), **mail})


@pytest.mark.req("C48")
def test_outlooks_conversation_leads_to_the_case_where_references_are_lost():
    follow = by_conversation().follow_up
    assert follow is not None
    assert follow.case_id == 1


@pytest.mark.req("C48")
@pytest.mark.parametrize("sender", ["x@evil.example.net", "a.kovaleva@romashka.example.ru.evil.example", ""])
def test_a_copied_conversation_leads_nobody_of_another_domain_anywhere(sender: str):
    assert by_conversation(sender=sender) == Place()


@pytest.mark.req("C48")
def test_a_colleague_of_the_client_in_the_same_conversation_is_a_third_party():
    found = by_conversation(sender="boss@romashka.example.ru")
    assert found.follow_up is None
    assert found.link is not None
    assert found.link.kind == "third_party"


@pytest.mark.req("C43", "C48")
def test_a_tag_beats_the_conversation():
    root = hit(2, conversation(letter(headers=outlook())))
    given = facts(cases=(case(1), case(2)), thread=(root,), tag_case_id=1)
    follow = where(given, in_reply_to=(), headers=outlook(1)).follow_up
    assert follow is not None
    assert follow.case_id == 1


@pytest.mark.parametrize("value", ["", "AQ==", "not base64", "Фыва", base64.b64encode(ROOT[:21]).decode()])
def test_a_broken_thread_index_is_no_conversation(value: str):
    assert conversation(letter(headers={"Thread-Index": value})) == ""


def test_the_names_of_a_letter_are_its_own_id_the_nearest_and_what_servers_replaced():
    mail = letter(
        message_id="<A@x.example>",
        in_reply_to=("<B@x.example>",),
        references=("<C@x.example>", "<B@x.example>"),
        headers={"X-Microsoft-Original-Message-ID": "<D@x.example>"},
    )
    assert names(mail) == ("<a@x.example>", "<b@x.example>", "<c@x.example>", "<d@x.example>")


FORGED = {"Authentication-Results": "mx.cleanmet.ru; dmarc=fail header.from=romashka.example.ru"}


@pytest.mark.req("C46")
def test_a_forged_sender_with_a_right_tag_joins_nothing():
    given = facts(cases=(case(),), tag_case_id=1)
    found = place(letter(headers=FORGED), given, config(mailbox=BOX), REQUEST, "")
    assert found.follow_up is None
    assert found.link is not None
    assert (found.link.kind, "DMARC" in found.link.remark) == ("third_party", True)


def test_a_sender_that_fails_authentication_but_knows_our_id_joins_with_a_doubt():
    """Forwarders and lists break signatures; the id stands only in the letter that we sent to the client."""
    found = place(letter(headers=FORGED, in_reply_to=(ID,)), known(), config(mailbox=BOX), REQUEST, "")
    assert found.follow_up
    assert "DMARC" in found.follow_up.check


@pytest.mark.req("C46", "C69")
@pytest.mark.parametrize(
    ("domain", "forged"),
    [("r0mashka.example.ru", True), ("romashka-example-ru.example.net", True), ("other.example.ru", False)],
)
def test_a_third_party_whose_domain_looks_like_the_clients_is_named_a_forgery(domain: str, forged: bool):
    found = where(known(), sender=f"a.kovaleva@{domain}")
    assert found.follow_up is None
    assert ("подделка" in (found.link.remark if found.link else "")) is forged
