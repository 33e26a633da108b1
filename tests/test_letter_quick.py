"""No letter takes much longer than another of its size: each of these once took from two seconds to minutes."""

from __future__ import annotations

import time

import pytest

from mailcase.mail.letter import parse
from mailcase.rules.decide import judge
from tests.letters import config
from tests.test_letter import raw

_MUCH = 20_000
LETTERS = {
    "a name without an end": raw("From: " + "a" * 60_000),
    "quotes without an end": raw("From: " + '"\\' * 32_000),
    "a word without an end": raw("From: MAILER-DAEMON@x.example", body="a" * _MUCH),
    "lines of a dash": raw("From: a@x.example", body="-\n" * _MUCH),
    "lines of dots": raw("From: a@x.example", body="...\n" * _MUCH),
    "a line of dashes": raw("From: a@x.example", body="-" * _MUCH),
    "an empty table": raw("From: a@x.example", body="| | | |\n" * _MUCH),
    "a page of dashes": raw("From: a@x.example", "Content-Type: text/html", body="<p>—</p>" * _MUCH),
    "a name of a file without an end": raw("From: a@x.example", body="a" * _MUCH + ".pdf" * 50),
}


ORDINARY = raw("From: a@x.example", body="Просим выставить счёт на поверку манометров. " * 1_500)


def seconds(letter: bytes) -> float:
    """Processor time of reading and judging."""
    start = time.process_time()
    judge(parse(letter), config())
    return time.process_time() - start


@pytest.mark.req("C72")
@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_of_one_character_takes_no_hundred_times_as_long(name: str) -> None:
    seconds(ORDINARY)
    ordinary = min(seconds(ORDINARY) for _ in range(3))
    assert seconds(LETTERS[name]) < 100 * ordinary
