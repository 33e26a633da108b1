"""Screens: robots are recognised by what they say of themselves, and a person's letter is never taken for one."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from mailcase.mail.letter import Address, BounceReport, Letter
from mailcase.rules.facts import Facts, OutboxFact, ThreadHit
from mailcase.rules.screens import SCREENS, gravest, run
from mailcase.words import Audience, FolderRole, Verdict
from tests.letters import CLIENT, LAB, MONDAY, config, facts, letter


def verdict(mail: Letter, known: Facts | None = None, **overrides: object) -> Verdict:
    return gravest(run(mail, known or facts(), config(**overrides)))


def ours(fingerprint: str) -> OutboxFact:
    return OutboxFact(7, "<7@cleanmet.ru>", fingerprint, 1, Audience.CLIENT, "a@example.org")


KNOWN = ThreadHit("<7@cleanmet.ru>", 1, Audience.CLIENT, "", MONDAY - timedelta(days=1))
REPORT = BounceReport(("a@example.org",), True, "<7@cleanmet.ru>", "5.1.1")


def test_a_clients_plain_letter_passes_every_screen() -> None:
    assert run(letter(), facts(), config()) == ()
    assert gravest(()) is Verdict.CLEAR


@pytest.mark.req("C1")
@pytest.mark.parametrize(
    "value",
    [
        "auto-replied",
        "AUTO-GENERATED",
        "auto-notified; x=1 (cron)",
        "(a comment) Auto-Replied",
        "something-new",
        "auto-generated (no)",
    ],
)
def test_any_auto_submitted_but_no_is_a_machine(value: str) -> None:
    assert verdict(letter(headers={"Auto-Submitted": value})) is Verdict.AUTO_REPLY


@pytest.mark.req("C1")
@pytest.mark.parametrize("value", ["no", "No", " no (a person)", "NO; x=1", ""])
def test_auto_submitted_no_is_a_person(value: str) -> None:
    assert verdict(letter(headers={"Auto-Submitted": value})) is Verdict.CLEAR


@pytest.mark.req("C2")
def test_a_null_return_path_is_never_answered_however_human_the_text() -> None:
    assert verdict(letter(return_path="")) is Verdict.AUTO_REPLY
    assert verdict(letter(return_path="<>")) is Verdict.AUTO_REPLY


def test_a_missing_return_path_says_nothing() -> None:
    assert verdict(letter(return_path=None)) is Verdict.CLEAR


@pytest.mark.req("C7")
@pytest.mark.parametrize(
    "header",
    [
        ("List-Id", "<clients.romashka.example.ru>"),
        ("List-Unsubscribe", "<mailto:out@romashka.example.ru>"),
        ("List-Post", "<mailto:all@romashka.example.ru>"),
        ("Precedence", "Bulk"),
        ("Precedence", "list"),
        ("X-Precedence", "junk"),
    ],
)
def test_a_request_written_to_us_through_a_mailer_is_registered_in_silence(header: tuple[str, str]) -> None:
    assert verdict(letter(headers=(header,))) is Verdict.SILENT


@pytest.mark.req("C7")
def test_a_newsletter_is_bulk_even_where_it_names_our_address() -> None:
    text = "Дайджест: новости метрологии за неделю. Вы получили письмо, так как подписаны на рассылку. Отписаться."
    mail = letter(subject="Новости", text=text, headers={"List-Unsubscribe": "<https://news.example.ru/u>"})
    assert verdict(mail) is Verdict.BULK


@pytest.mark.req("C7")
def test_list_mail_that_does_not_name_us_is_bulk_unless_it_answers_a_case() -> None:
    mail = letter(to="all@romashka.example.ru", headers={"List-Id": "<all.romashka.example.ru>"})
    assert verdict(mail) is Verdict.BULK
    assert verdict(mail, facts(thread=(KNOWN,))) is Verdict.SILENT
    assert verdict(mail, facts(tag_case_id=1)) is Verdict.SILENT


@pytest.mark.req("C15")
def test_own_mail_is_known_by_message_id_and_content_together() -> None:
    mail = letter()
    assert verdict(mail, facts(own=ours(mail.fingerprint))) is Verdict.OWN
    assert verdict(mail, facts(own=ours("something else"))) is Verdict.CLEAR


@pytest.mark.req("C15")
def test_our_message_id_under_our_address_is_own_mail_whatever_a_server_added() -> None:
    assert verdict(letter(sender=LAB), facts(own=ours("before the footer"))) is Verdict.OWN


@pytest.mark.req("C15")
def test_our_address_in_from_alone_is_a_form_and_not_own_mail() -> None:
    assert verdict(letter(sender=LAB)) is Verdict.CLEAR
    form = letter(sender=LAB, headers={"Auto-Submitted": "auto-generated"})
    assert verdict(form) is Verdict.SILENT


def test_in_the_sent_folder_the_message_id_alone_tells_our_mail() -> None:
    known = facts(own=ours("rewritten by the server"), role=FolderRole.SENT)
    assert verdict(letter(sender=LAB), known) is Verdict.OWN


@pytest.mark.req("C16")
def test_more_than_fifty_hops_are_a_loop() -> None:
    assert verdict(letter(received=51)) is Verdict.LOOP
    assert verdict(letter(received=50)) is Verdict.CLEAR


@pytest.mark.req("C19")
@pytest.mark.parametrize(
    "subject",
    [
        "Автоматический ответ: КП",
        "Re: Автоматический ответ: КП на калибровку",
        "Ответ: [KM-26-0412-7351] Вне офиса",
        "Автоответ",
        "Я в отпуске до 15 августа",
        "В командировке по 20.11",
        "На больничном",
        "Out of Office: Quotation 877",
        "Automatic reply: Calibration",
    ],
)
def test_an_automatic_sounding_subject_only_silences(subject: str) -> None:
    assert verdict(letter(subject=subject)) is Verdict.SILENT


@pytest.mark.req("C19")
@pytest.mark.parametrize(
    "subject",
    [
        "Автоответчик на вашем сайте не работает",
        "Отсутствуют свидетельства на приборы",
        "Больничный комплекс: поверка тонометров",
        "Кто вместо Вас в отпуске?",
        "Office moved: new address",
    ],
)
def test_a_persons_subject_with_such_words_is_left_alone(subject: str) -> None:
    assert verdict(letter(subject=subject)) is Verdict.CLEAR


@pytest.mark.req("C19")
@pytest.mark.parametrize(
    "header",
    [
        ("X-Autoreply", "yes"),
        ("X-Autorespond", "vacation"),
        ("X-AutoResponse", "1"),
        ("X-Mail-Autoreply", "autoreply"),
        ("X-Autogenerated", "Reply"),
        ("X-Apple-Action", "vacation"),
        ("X-FC-MachineGenerated", "true"),
        ("Precedence", "auto_reply"),
        ("X-Amazon-Auto-Reply", "true"),
        ("X-Auto-Reply-From", "a@example.org"),
        ("X-Example-Vacation", "1"),
        ("Delivered-To", "Autoresponder"),
        ("X-POST-MessageClass", "9; Autoresponder"),
        ("X-Mailer", "vacation 1.2"),
    ],
)
def test_responders_own_headers_tell_a_machine(header: tuple[str, str]) -> None:
    assert verdict(letter(headers=(header,))) is Verdict.AUTO_REPLY


def test_a_responders_header_that_says_no_is_no_sign() -> None:
    assert verdict(letter(headers={"X-Autoreply": "no"})) is Verdict.CLEAR


@pytest.mark.req("C20")
def test_an_exchange_absence_note_is_a_machine() -> None:
    agent = {"X-MS-Exchange-Generated-Message-Source": "Mailbox Rules Agent"}
    assert verdict(letter(subject="Automatic reply: Dig", headers=agent)) is Verdict.AUTO_REPLY
    # Also from our own domain: a colleague's absence note is never taken for a form of our site.
    own = letter(sender=LAB, headers={**agent, "Auto-Submitted": "auto-generated"})
    assert verdict(own) is Verdict.AUTO_REPLY


@pytest.mark.req("C20")
def test_a_persons_letter_that_an_exchange_rule_redirected_is_kept_in_silence() -> None:
    assert verdict(letter(headers={"X-MS-Exchange-Inbox-Rules-Loop": "a@example.org"})) is Verdict.SILENT


@pytest.mark.req("C21")
@pytest.mark.parametrize("value", ["All", "OOF", "DR, AutoReply", "oof,rn"])
def test_a_wish_for_no_automatic_answer_silences_and_registers(value: str) -> None:
    assert verdict(letter(headers={"X-Auto-Response-Suppress": value})) is Verdict.SILENT


@pytest.mark.req("C21")
def test_suppressed_reports_alone_leave_the_acknowledgement() -> None:
    assert verdict(letter(headers={"X-Auto-Response-Suppress": "DR, NDR, RN, NRN"})) is Verdict.CLEAR


@pytest.mark.req("C36")
def test_a_disposition_notification_is_a_receipt() -> None:
    mail = letter(report_type="disposition-notification", headers={"Auto-Submitted": "auto-replied"}, return_path="")
    assert verdict(mail) is Verdict.RECEIPT


def test_a_delivery_report_is_a_bounce_though_it_also_looks_automatic() -> None:
    mail = letter(bounce=REPORT, headers={"Auto-Submitted": "auto-replied"}, return_path="")
    hits = run(mail, facts(), config())
    assert gravest(hits) is Verdict.BOUNCE
    assert {hit.reason.rule for hit in hits} == {"bounce", "auto_reply", "null_path"}


@pytest.mark.parametrize(
    "envelope", ["lab+ack@cleanmet.ru", "lab+ack-{token}@cleanmet.ru", "Lab+ack-{token}@cleanmet.ru"]
)
def test_mail_to_the_envelope_of_acknowledgements_comes_from_servers(envelope: str) -> None:
    smtp = {"auto_envelope": envelope}
    assert verdict(letter(to="Lab+ACK-3f2a@cleanmet.ru"), smtp=smtp) is Verdict.BOUNCE
    assert verdict(letter(delivered_to=("lab+ack-3f2a@cleanmet.ru",)), smtp=smtp) is Verdict.BOUNCE
    assert verdict(letter(to="lab+acknowledge@cleanmet.ru"), smtp=smtp) is Verdict.CLEAR
    assert verdict(letter(to=LAB), smtp=smtp) is Verdict.CLEAR


def test_every_screen_bears_its_files_name_and_gives_russian_reasons() -> None:
    names = [name for name, _ in SCREENS]
    assert names == sorted(names)
    worst = letter(
        sender=Address("", ""),
        reply_to="x@c1eanmet.ru",
        return_path="",
        received=99,
        report_type="disposition-notification",
        bounce=REPORT,
        subject="Автоответ",
        to="list@example.org",
        headers={
            "Auto-Submitted": "auto-replied",
            "List-Id": "<x>",
            "X-Spam-Flag": "YES",
            "X-Auto-Response-Suppress": "All",
            "X-Form": "1",
        },
        text="Имя: Иван\nE-mail: ivan@example.org\nТема: КП",
        reply="Я в отпуске до 15 августа.",
    )
    hits = run(worst, facts(own=ours(worst.fingerprint)), config())
    assert [hit.reason.rule for hit in hits] == names
    assert all(any("а" <= c <= "я" for c in hit.reason.why) for hit in hits)
    assert gravest(hits) is Verdict.OWN


def test_the_order_of_screens_changes_no_verdict() -> None:
    mail = letter(sender=CLIENT, return_path="", received=60, headers={"X-Auto-Response-Suppress": "All"})
    hits = run(mail, facts(), config())
    assert {gravest(some) for some in permutations(hits)} == {Verdict.LOOP}
