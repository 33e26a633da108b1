"""What the provider says of a letter, and domains that only look like ours."""

from __future__ import annotations

import pytest

from mailcase.rules.screens import run
from mailcase.words import FolderRole, Verdict
from tests.letters import config, facts, letter
from tests.test_screens import KNOWN, verdict


@pytest.mark.req("C105")
@pytest.mark.parametrize(
    "header",
    [
        ("X-Spam-Flag", "YES"),
        ("X-Spam-Status", "Yes, score=9.1 required=5.0"),
        ("X-Spam", "Yes"),
        ("X-Yandex-Spam", "4"),
        ("X-MS-Exchange-Organization-SCL", "6"),
        ("X-Forefront-Antispam-Report", "CIP:192.0.2.1;SFV:SPM;SCL:5;"),
    ],
)
def test_the_providers_verdict_leads_to_the_ledger_until_a_person_waives_it(header: tuple[str, str]) -> None:
    mail = letter(headers=(header,))
    assert verdict(mail) is Verdict.SPAM
    assert verdict(mail, facts(spam_waived=True)) is Verdict.CLEAR


@pytest.mark.parametrize(
    "header",
    [
        ("X-Spam-Flag", "NO"),
        ("X-Spam-Status", "No, score=-1.0"),
        ("X-Yandex-Spam", "1"),
        ("X-MS-Exchange-Organization-SCL", "-1"),
        ("X-Forefront-Antispam-Report", "SFV:NSPM;SCL:1;"),
    ],
)
def test_a_clean_bill_of_the_provider_is_no_verdict(header: tuple[str, str]) -> None:
    assert verdict(letter(headers=(header,))) is Verdict.CLEAR


@pytest.mark.req("C105")
def test_the_spam_folder_is_a_verdict_but_an_answer_to_a_case_is_kept() -> None:
    assert verdict(letter(), facts(role=FolderRole.SPAM)) is Verdict.SPAM
    assert verdict(letter(), facts(role=FolderRole.SPAM, spam_waived=True)) is Verdict.CLEAR
    assert verdict(letter(), facts(role=FolderRole.SPAM, thread=(KNOWN,))) is Verdict.SILENT
    assert verdict(letter(), facts(role=FolderRole.SPAM, tag_case_id=1)) is Verdict.SILENT


@pytest.mark.req("C69")
@pytest.mark.parametrize(
    "domain",
    [
        "cl\u0435anmet.ru",
        "xn--clanmet-8gg.ru",
        "c1eanmet.ru",
        "cIeanmet.ru",
        "cleanrnet.ru",
        "deanmet.ru",
        "сӏеаnмеt.ru".replace("ӏ", "l"),
        "cléanmet.ru",
        "cleanmet.ru.example.net",
        "cleanmet-ru.example.net",
    ],
)
def test_a_domain_that_only_looks_like_ours_is_shown_and_answered_by_no_robot(domain: str) -> None:
    for mail in (letter(sender=f"Лаборатория <lab@{domain}>"), letter(reply_to=f"lab@{domain}")):
        (hit,) = run(mail, facts(), config())
        assert (hit.verdict, hit.reason.rule) == (Verdict.SILENT, "spoof")
        assert "похож на наш (cleanmet.ru)" in hit.reason.why


@pytest.mark.req("C69")
@pytest.mark.parametrize(
    "domain",
    ["cleanmet.ru", "mail.cleanmet.ru", "clean.example.ru", "cleanmet.example.ru", "gmail.com", "met.ru", "localhost"],
)
def test_our_own_domain_and_other_peoples_are_no_look_alikes(domain: str) -> None:
    assert verdict(letter(sender=f"X <x@{domain}>")) is Verdict.CLEAR
