"""Invoices, acts and the like that an answer brings are on record, and an unpaid invoice is not forgotten (A19)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailcase import lists
from mailcase.rules.papers import paper
from mailcase.words import DocumentType
from tests.lab import Lab
from tests.letters import raw
from tests.test_flow import CLIENT, PETROVA, reply_to_notice

PDF = b"%PDF-1.4"
ANSWER = "Добрый день! Счёт и акт во вложении."


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path)
    lab.arrive(raw())
    return lab


def send(lab: Lab, *files: str, minutes: int = 11) -> None:
    lab.arrive(reply_to_notice(lab, ANSWER, attachments=[(name, PDF) for name in files]))
    lab.later(minutes=minutes)


def documents(lab: Lab) -> list[dict[str, Any]]:
    found = lists.trail(lab.app, "1")
    assert found is not None
    return found["case"]["documents"]


def morning(lab: Lab, days: int) -> str:
    """Petrova's morning letter that many days later; empty where she gets none."""
    before = len(lab.to(PETROVA))
    lab.at(lab.now.replace(hour=6, minute=5) + timedelta(days=days))
    return "\n".join(sent.text for sent in lab.to(PETROVA)[before:])


@pytest.mark.req("A19")
def test_an_invoice_of_an_answer_is_an_outgoing_document_of_its_case(lab: Lab) -> None:
    send(lab, "счёт_123.pdf", "Акт № 77 от 19.11.2026.pdf", "Реквизиты.docx")
    assert [(d["type"], d["number"], d["name"]) for d in documents(lab)] == [
        ("invoice", "123", "счёт_123.pdf"),
        ("act", "77", "Акт № 77 от 19.11.2026.pdf"),
    ]
    assert all(d["sent_at"] for d in documents(lab))
    issued = [event.detail for event in lab.events(1) if event.type == "issued"]
    assert '"document":"invoice","number":"123"' in issued[0]
    assert len(list(lab.to(CLIENT)[-1].message.iter_attachments())) == 3


@pytest.mark.req("A19")
def test_an_unpaid_invoice_is_a_line_for_the_employee_until_he_says_that_it_is_paid(lab: Lab) -> None:
    send(lab, "счёт_123.pdf")
    letters = len(lab.to(CLIENT))
    assert "не оплачен" not in morning(lab, 1)
    assert "счёт № 123 не оплачен 5 раб. дней" in morning(lab, 6)
    assert "не оплачен" not in morning(lab, 1), "once in five days is enough"
    assert "счёт № 123 не оплачен 10 раб. дней" in morning(lab, 6)
    before = len(lab.postman.sent)
    lab.arrive(reply_to_notice(lab, "!оплачено", in_reply_to=lab.to(PETROVA)[0].id, references=""))
    assert len(lab.postman.sent) == before
    assert documents(lab)[0]["paid_at"] is not None
    assert "не оплачен" not in morning(lab, 7)
    assert len(lab.to(CLIENT)) == letters, "no robot asks a client for money"


def test_what_was_stopped_or_came_back_is_owed_by_nobody(lab: Lab) -> None:
    send(lab, "счёт_123.pdf", minutes=1)
    lab.arrive(reply_to_notice(lab, "стоп"))
    lab.later(minutes=11)
    assert documents(lab) == []
    assert "не оплачен" not in morning(lab, 7)


def test_of_several_invoices_the_one_is_paid_that_is_named(lab: Lab) -> None:
    send(lab, "счёт_123.pdf", "Счет на оплату № 124.pdf")
    told = {"in_reply_to": lab.to(PETROVA)[0].id, "references": ""}
    lab.arrive(reply_to_notice(lab, "!оплачено 777", message_id="<a@cleanmet.ru>", **told))
    assert "№ 1: какой из счетов оплачен? Есть: 123, 124" in lab.to(PETROVA)[-1].text
    lab.arrive(reply_to_notice(lab, "!оплачено № 124", message_id="<b@cleanmet.ru>", **told))
    assert [bool(d["paid_at"]) for d in documents(lab)] == [False, True]
    lab.arrive(reply_to_notice(lab, "!оплачено", message_id="<c@cleanmet.ru>", **told))
    lab.arrive(reply_to_notice(lab, "!оплачено", message_id="<d@cleanmet.ru>", **told))
    assert "счетов к оплате нет" in lab.to(PETROVA)[-1].text


@pytest.mark.req("A19")
def test_an_invoice_that_went_past_us_is_on_record_too(lab: Lab) -> None:
    case = lab.cases()[0]
    given = {"sender": f"Петрова <{PETROVA}>", "to": CLIENT, "cc": "lab@cleanmet.ru", "message_id": "<web@cleanmet.ru>"}
    lab.arrive(raw("Счёт во вложении.", subject=f"Re: [{case.tag}]", attachments=[("счёт_5.pdf", PDF)], **given))
    assert lab.cases()[0].status == "answered"
    assert [(d["type"], d["number"]) for d in documents(lab)] == [("invoice", "5")]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("счёт_123.pdf", (DocumentType.INVOICE, "123")),
        ("Счет на оплату № КМ-123 от 20.11.2026.pdf", (DocumentType.INVOICE, "КМ-123")),
        ("Invoice INV-2026-17.pdf", (DocumentType.INVOICE, "INV-2026-17")),
        ("Счет от 20.11.2026.pdf", (DocumentType.INVOICE, "")),
        ("Счёт Ромашка.pdf", (DocumentType.INVOICE, "")),
        ("счёт-фактура 88.pdf", (DocumentType.TAX_INVOICE, "88")),
        ("УПД_45.xml", (DocumentType.TRANSFER, "45")),
        ("Акт сверки 2026-11-20.pdf", (DocumentType.ACT, "")),
        ("Протокол № 145-К.pdf", (DocumentType.PROTOCOL, "145-К")),
        ("Свидетельство о поверке С-77.pdf", (DocumentType.CERTIFICATE, "С-77")),
        ("КП_412.pdf", (DocumentType.OFFER, "412")),
        ("Извещение о непригодности 3.pdf", (DocumentType.UNFITNESS, "3")),
        ("Договор.docx", (DocumentType.CONTRACT, "")),
        ("Расчёт стоимости.xlsx", None),
        ("Показания счётчика 5.pdf", None),
        ("Контакты.docx", None),
        ("Реквизиты.pdf", None),
        (".pdf", None),
        ("", None),
    ],
)
def test_the_name_tells_type_and_number(name: str, found: tuple[DocumentType, str] | None) -> None:
    assert paper(name) == found
