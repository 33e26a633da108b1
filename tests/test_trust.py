"""A staff letter is believed by what our own server found out or by our own letter, never by what it says itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mailcase.mail.letter import Letter
from mailcase.rules.facts import ThreadHit
from mailcase.rules.trust import authentication, prove, trust
from mailcase.words import Audience, Trust
from tests.letters import MONDAY, config, facts, letter

SERVER = "mx*.cleanmet.ru"
HOP = ("Received", "from client.example.ru by mx.cleanmet.ru; Mon, 23 Nov 2026 12:00:00 +0300")
FOREIGN = ("Received", "from pc by client.example.ru; Mon, 23 Nov 2026 11:59:59 +0300")
PASS = ("Authentication-Results", "mx1.cleanmet.ru; dkim=pass header.d=cleanmet.ru; dmarc=pass header.from=cleanmet.ru")
FAIL = ("Authentication-Results", "mx1.cleanmet.ru; dkim=none; dmarc=fail (p=none) header.from=cleanmet.ru")


def stamped(*headers: tuple[str, str], sender: str = "petrova@cleanmet.ru") -> Letter:
    return letter(sender=sender, headers=headers)


def result(*values: str, sender: str = "petrova@cleanmet.ru") -> tuple[str, str, str]:
    """(dkim, dmarc, spf) of a letter that our server stamped with these results."""
    headers = [("Authentication-Results", f"mx1.cleanmet.ru; {v}") for v in values]
    found = authentication(stamped(*headers, HOP, sender=sender), SERVER)
    return found.dkim, found.dmarc, found.spf


@pytest.mark.req("C100")
@pytest.mark.parametrize(
    ("headers", "dmarc"),
    [
        ((PASS, HOP, FOREIGN), "pass"),
        ((HOP, PASS, FOREIGN), "pass"),
        ((HOP, FOREIGN, PASS), ""),
        ((HOP, FAIL, PASS, FOREIGN), "fail"),
        ((FAIL, HOP, PASS, FOREIGN), "fail"),
        # Ours says nothing of DMARC; what stands below it came with the letter.
        ((HOP, ("Authentication-Results", "mx1.cleanmet.ru; spf=pass"), PASS, FOREIGN), ""),
        ((("Authentication-Results", "mx1.cleanmet.ru; spf=pass"), HOP, PASS, FOREIGN), ""),
        ((("Authentication-Results", "mx.other.example; dmarc=pass"), HOP), ""),
        ((("Authentication-Results", "mx1.cleanmet.ru.evil.example; dmarc=pass"), HOP), ""),
        ((("X-Authentication-Results", PASS[1]), HOP), ""),
        ((), ""),
    ],
)
def test_only_stamps_of_our_own_server_count(headers: tuple[tuple[str, str], ...], dmarc: str):
    assert authentication(stamped(*headers), SERVER).dmarc == dmarc


def test_a_provider_that_stamps_below_its_own_hops_is_believed():
    host = "mxfront10.mail.provider.example"
    inner = ("Received", f"from {host} by {host} with LMTP")
    border = ("Received", f"from client.example.ru by {host} with ESMTPS")
    real = ("Authentication-Results", f"{host}; dkim=pass header.i=@cleanmet.ru")
    mail = stamped(inner, border, real, FOREIGN)
    assert authentication(mail, "mxfront*.mail.provider.example").dkim == "pass"


@pytest.mark.req("C100")
def test_without_a_named_server_nothing_is_believed():
    assert authentication(stamped(PASS, HOP)).dmarc == ""
    assert authentication(stamped(PASS, HOP), "").dmarc == ""


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["dkim=pass header.d=cleanmet.ru"], ("pass", "", "")),
        (["dkim=pass (2048-bit key; unprotected) header.d=CLEANMET.RU header.s=x"], ("pass", "", "")),
        (["dkim=pass header.d=mail.cleanmet.ru"], ("pass", "", "")),
        (["dkim=pass header.d=sender.example"], ("unaligned", "", "")),
        (["dkim=pass header.d=ru"], ("unaligned", "", "")),
        (["dkim=fail header.d=cleanmet.ru; dkim=pass header.d=cleanmet.ru"], ("pass", "", "")),
        (["DMARC=Pass (policy=none; (nested)) header.from=cleanmet.ru"], ("", "pass", "")),
        (["dmarc=pass header.from=other.example"], ("", "", "")),
        (["spf=softfail smtp.mailfrom=a@b.example", "dkim=pass header.i=@cleanmet.ru"], ("pass", "", "softfail")),
        (["none"], ("", "", "")),
        (["((((dmarc=pass"], ("", "", "")),
    ],
)
def test_results_are_read_tolerantly(values: list[str], expected: tuple[str, str, str]):
    assert result(*values) == expected


PERSON = config().person("petrova")
assert PERSON is not None


def hit(days: float = 1, person: str = "petrova", audience: Audience | None = Audience.STAFF) -> ThreadHit:
    return ThreadHit("<n@cleanmet.ru>", 1, audience, person, MONDAY - timedelta(days=days))


@pytest.mark.req("C102")
@pytest.mark.parametrize(
    ("headers", "hits", "rung"),
    [
        ((PASS, HOP), (), Trust.VERIFIED),
        ((HOP,), (hit(),), Trust.ANSWERING),
        ((HOP,), (hit(29.9),), Trust.ANSWERING),
        ((HOP,), (hit(31),), Trust.CLAIMED),
        ((HOP,), (hit(person="sidorov"),), Trust.CLAIMED),
        ((HOP,), (hit(audience=Audience.CLIENT),), Trust.CLAIMED),
        ((HOP,), (hit(audience=None, person=""),), Trust.CLAIMED),
        ((HOP,), (), Trust.CLAIMED),
        ((FAIL, HOP), (hit(),), Trust.CLAIMED),
        ((PASS, HOP, ("Auto-Submitted", "auto-replied")), (hit(),), Trust.CLAIMED),
        ((PASS, HOP), (hit(),), Trust.VERIFIED),
    ],
)
def test_the_ladder(headers: tuple[tuple[str, str], ...], hits: tuple[ThreadHit, ...], rung: Trust):
    assert trust(stamped(*headers), facts(thread=hits), PERSON, SERVER) is rung


def test_several_senders_are_only_claimed():
    mail = letter(senders=["petrova@cleanmet.ru", "x@other.example"], headers=[PASS, HOP])
    assert trust(mail, facts(thread=(hit(),)), PERSON, SERVER) is Trust.CLAIMED


@pytest.mark.req("C102")
def test_both_proofs_are_known_apart():
    both = prove(stamped(PASS, HOP), facts(thread=(hit(),)), PERSON, (SERVER,))
    one = prove(stamped(PASS, HOP), facts(), PERSON, (SERVER,))
    assert both.double
    assert not one.double
