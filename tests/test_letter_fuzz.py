"""Whatever is done to a letter on its way, it is read: no crash, no hang, no flood of memory, no file changed.

A few seconds by default; `make fuzz MINUTES=10` (MAILCASE_FUZZ_MINUTES) goes on with ever new letters.
"""

from __future__ import annotations

import base64
import json
import os
import quopri
import resource
import time
from hashlib import md5

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from mailcase.explain import Explained, as_json, explain, line
from mailcase.mail.disk import OnDisk
from mailcase.mail.letter import Letter, attachment_bytes, header_ids, parse
from tests.letters import MONDAY
from tests.test_letter import MIXED
from tests.test_report_words import REPORTS
from tests.test_sealed import INNER, opaque, signed
from tests.test_unpack import INVITATION, PHOTO, WINMAIL, part, uu

MINUTES = float(os.environ.get("MAILCASE_FUZZ_MINUTES", "0"))
_SLOWEST = 3.0
"""Seconds of processor time for one letter, which here is under a megabyte."""
_MOST_MEMORY = 600_000
"""KiB above what the tests had before."""

WORDS = "Добрый день!\n\nПросим выставить счёт.\n\n11.03.2024 15:02, Иван Белов пишет:\n> Направляем КП.\n"
HEAD = b"From: a@example.ru\nTo: lab@example.org\nSubject: =?utf-8?B?0KHRh9GR0YI=?=\n"
SEEDS = [
    MIXED,
    HEAD + b"Content-Type: text/plain; charset=koi8-r\nContent-Transfer-Encoding: 8bit\n\n" + WORDS.encode("koi8-r"),
    HEAD + b"Content-Type: text/html; charset=utf-8\n\n" + f"<table><tr><td>{WORDS}</td></tr></table>".encode(),
    HEAD + part("application/ms-tnef", WINMAIL, "winmail.dat"),
    opaque(signed(INNER)),
    HEAD + b"\n" + WORDS.encode() + uu(b"a.bin", PHOTO),
    HEAD + b"Content-Type: text/calendar; charset=utf-8\n\n" + INVITATION.replace("{method}", "REQUEST").encode(),
    *(
        HEAD.replace(b"a@example.ru", b"MAILER-DAEMON@example.ru") + b"\n" + r["text"].encode()
        for r in REPORTS.values()
    ),
]
TOKENS = [
    b"\n\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"--B\n",
    b"--B--\n",
    b"--outer\n",
    b"=?utf-8?B?",
    b"=?koi8-r?Q?=",
    b"?=",
    b'"',
    b"<",
    b">",
    b"(",
    b";",
    b"=",
    b"\xff\xfe",
    b"\xd0",
    b"\xed\xa0\x80",
    b"Content-Type: multipart/mixed; boundary=B\n",
    b"Content-Type: text/html\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: quoted-printable\n",
    b"; charset=utf-16",
    b"; charset=x\0y",
    b"; name*0*=utf-8''%D0; name*1*=%9F",
    b"filename=..\\..\\a",
    b"begin 644 x\n",
    b"\nend\n",
    b"> ",
    b"-----Original Message-----\n",
    "От: а@б.рф\n".encode(),
    b"---------- Forwarded message ---------\n",
    b"Final-Recipient: rfc822; a@b.ru\nAction: failed\n",
    b"<div class=gmail_quote>",
    b"</td><table>",
    b"&#0;&#xD800;",
    b"BEGIN:VEVENT\n",
    b"-----BEGIN PGP MESSAGE-----\n",
    b"\x1b$B",
]


class Post(RuleBasedStateMachine):
    """A letter on its way through programs that wrap it, add files to it and damage it."""

    def __init__(self) -> None:
        super().__init__()
        self.raw = b""
        self.files: list[str] = []
        self.damaged = False

    @initialize(seed=st.sampled_from(SEEDS))
    def written(self, seed: bytes) -> None:
        self.raw, self.files, self.damaged = seed, [], False

    @rule(data=st.binary(min_size=1, max_size=400), coding=st.sampled_from(["base64", "quoted-printable"]))
    def file_added(self, data: bytes, coding: str) -> None:
        coded = base64.encodebytes(data) if coding == "base64" else quopri.encodestring(data)
        boundary = f"b{md5(self.raw).hexdigest()}".encode()
        around = b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=" + boundary + b"\n\n"
        inner = b"--" + boundary + b"\nContent-Type: text/plain; charset=utf-8\n\nwords\n"
        head = b"Content-Type: application/octet-stream; name=a.bin\nContent-Transfer-Encoding: " + coding.encode()
        file = b"--" + boundary + b"\n" + head + b"\n\n" + coded + b"\n"
        letter = b"--" + boundary + b"\nContent-Type: message/rfc822\n\n" + self.raw + b"\n"
        self.raw = HEAD + around + inner + file + letter + b"--" + boundary + b"--\n"
        # What is in an attached letter is that letter's; quoted-printable may not tell how its last line ended.
        self.files = [md5(data).hexdigest()] if coding == "base64" else []
        self.damaged = False

    @rule(token=st.sampled_from(TOKENS), place=st.floats(0, 1), times=st.sampled_from([1, 1, 1, 2, 30, 500]))
    def something_inserted(self, token: bytes, place: float, times: int) -> None:
        self._replaced(place, 0, token * times)

    @rule(place=st.floats(0, 1), size=st.integers(1, 300), new=st.binary(max_size=40))
    def something_overwritten(self, place: float, size: int, new: bytes) -> None:
        self._replaced(place, size, new)

    @rule(place=st.floats(0, 1), size=st.integers(1, 2000), times=st.integers(1, 20))
    def something_repeated(self, place: float, size: int, times: int) -> None:
        at = int(place * len(self.raw))
        self._replaced(place, 0, self.raw[at : at + size] * times)

    @rule(
        old=st.sampled_from([b"utf-8", b"base64", b"boundary", b"Content-", b"\n", b"=", b":"]),
        new=st.binary(max_size=8),
    )
    def words_changed(self, old: bytes, new: bytes) -> None:
        self.raw, self.damaged = self.raw.replace(old, new, 20), True

    @rule(place=st.floats(0.1, 1))
    def cut_short(self, place: float) -> None:
        self.raw, self.damaged = self.raw[: int(place * len(self.raw))], True

    def _replaced(self, place: float, size: int, new: bytes) -> None:
        at = int(place * len(self.raw))
        self.raw, self.damaged = (self.raw[:at] + new + self.raw[at + size :])[:900_000], True

    @invariant()
    def is_read(self) -> None:
        start = time.process_time()
        letter = parse(self.raw)
        assert time.process_time() - start < _SLOWEST
        _holds(letter, self.raw)
        if not self.damaged:
            assert set(self.files) <= {file.md5 for file in letter.attachments}


def _holds(letter: Letter, raw: bytes) -> None:
    """What is promised of every letter."""
    assert letter.reply.strip() or not letter.text.strip()
    assert all(each.startswith("<") for each in header_ids(raw)[1])
    for file in letter.attachments[:20]:
        assert md5(attachment_bytes(raw, file.index)).hexdigest() == file.md5
        assert not set(file.safe_name) & {"/", "\\", "\0"}
        assert not file.safe_name.startswith("..")
    answer = explain(OnDisk("letter.eml", raw, MONDAY), None)
    assert isinstance(answer, Explained), answer
    told = line(as_json(answer))
    assert "\\u0000" not in told.decode()
    assert "\\ud8" not in told.decode().replace("\\\\", "")
    assert json.loads(told)["from_addr"] == letter.sender.addr


@pytest.mark.req("C72")
def test_a_letter_is_read_whatever_happened_to_it() -> None:
    before, until = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic() + MINUTES * 60
    long = MINUTES > 0
    how = settings(
        max_examples=200 if long else 25,
        stateful_step_count=12 if long else 8,
        deadline=None,
        derandomize=not long,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    while True:
        run_state_machine_as_test(Post, settings=how)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < _MOST_MEMORY
        if time.monotonic() >= until:
            break
