"""Letters that are damaged, huge or malicious: read as far as they go, in bounded time."""

from __future__ import annotations

import subprocess
import sys
import time
from hashlib import md5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailcase.mail.letter import attachment_bytes, header_ids, parse
from tests.test_letter import MIXED, raw, word


def test_nul_and_lone_surrogates_never_reach_the_database() -> None:
    letter = parse(raw(b"Subject: a\0b \xed\xa0\x80", "From: a@example.ru", body=b"x\0y \xed\xb0\x80 z"))
    everything = letter.subject + letter.text + letter.reply + "".join(n + v for n, v in letter.headers)
    assert "\0" not in everything
    assert everything.encode()


def test_an_attached_letter_without_boundary_keeps_its_words_and_its_md5() -> None:
    inner = b"Subject: x\nContent-Type: multipart/mixed\n\n--B\n\n" + "Просим счёт".encode("koi8-r") + b"\n--B--\n"
    head = b"From: a@example.ru\nContent-Type: multipart/mixed; boundary=outer\n\n--outer\n\nwords\n--outer\n"
    letter = head + b"Content-Type: message/rfc822\n\n" + inner + b"\n--outer--\n"
    (file,) = parse(letter).attachments
    kept = attachment_bytes(letter, file.index)
    assert kept.rstrip() == inner.rstrip()
    assert md5(kept).hexdigest() == file.md5 == parse(letter).attachments[0].md5


# A winmail.dat whose every property claims four milliards of values.
BOTTOMLESS = (
    b"\x78\x9f\x3e\x22\x01\x00\x01\x03\x90\x06\x00\xff\xff\xff\x00"
    + b"\xff" * 4
    + b"\x1e\x10\x01\x00\xff\xff\xff\xff" * 90_000
)
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(900))


@pytest.mark.req("C72")
@pytest.mark.parametrize(
    "hostile",
    [
        b"From: a@example.ru\n" + NESTED,
        b"From: a@example.ru\n" + b"Content-Type: message/rfc822\n\n" * 2000 + b"x",
        b"From: a@example.ru\nContent-Type: multipart/mixed; boundary=B\n\n" + b"--B\n\nx\n" * 5000,
    ],
)
def test_a_bomb_is_cut_and_says_so(hostile: bytes) -> None:
    letter = parse(hostile)
    assert letter.sender.addr == "a@example.ru"
    assert letter.defects


@pytest.mark.req("C72")
@pytest.mark.parametrize(
    "page", ["<div>" * 60_000 + "x", "<p>a" * 20_000, "<table><tr><td>" * 5_000 + "x", "<" * 500_000]
)
def test_a_page_without_end_is_read_in_bounded_time(page: str) -> None:
    start = time.process_time()
    parse(raw("From: a@example.ru", "Content-Type: text/html", body=page))
    assert time.process_time() - start < 5


@pytest.mark.req("C72")
@pytest.mark.parametrize(
    ("top", "body"),
    [
        ("Content-Type: text/plain; " + ";" * 1_000_000, "x"),
        ("Content-Type: text/plain; " + "; ".join(f"name*{n}*=%D0" for n in range(60_000)), "x"),
        ("Cc: " + '"' * 1_000_000, "x"),
        ("Content-Type: multipart/mixed; boundary=B", "--B\n\nx\n" * 200_000),
        ("Content-Type: text/html", "<a href='http://example.org/'>y</a> " * 60_000),
        ("Content-Type: text/html", "a<br>" * 400_000),
        ("Content-Type: text/plain", "-----BEGIN PGP SIGNED MESSAGE-----\n" * 50_000),
        ("Content-Type: text/plain", "-----BEGIN PGP SIGNED MESSAGE-----\n\n-----BEGIN PGP SIGNATURE-----\n" * 25_000),
        ("Content-Type: text/calendar", "BEGIN:VEVENT\nDTSTART" + ";" * 4000 + "\n" + 'A;B="' * 900),
        ("Content-Type: application/ms-tnef", BOTTOMLESS),
        ("\n".join(f"X-{n}: y" for n in range(400_000)), "x"),
    ],
    ids=[
        "semicolons",
        "pieces of a name",
        "quotes",
        "parts",
        "links",
        "lines",
        "signatures",
        "seals",
        "calendar",
        "tnef",
        "fields",
    ],
)
def test_no_letter_of_some_megabytes_takes_two_seconds(top: str, body: str) -> None:
    start = time.process_time()
    assert parse(raw("From: a@example.ru", top, body=body)).sender.addr == "a@example.ru"
    assert time.process_time() - start < 2


@pytest.mark.req("C72")
def test_many_lines_under_many_boundaries_take_no_minutes() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(90))
    start = time.process_time()
    letter = parse(b"From: a@example.ru\n" + nested + b"--\n" * 500_000)
    assert time.process_time() - start < 2
    assert "multiparts" in " ".join(letter.defects)


MEMORY = """
import os, resource
from mailcase.mail.letter import parse

size = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
raw = b"From: a@example.ru\\nContent-Type: text/plain; format=flowed\\n\\n" + b"word\\n" * 60_000
for more in range(0, 60_000_000, 2_000_000):
    if os.fork():
        print(os.waitstatus_to_exitcode(os.wait()[1]))
        continue
    resource.setrlimit(resource.RLIMIT_AS, (size + more, -1))
    try:
        letter = parse(raw)
    except MemoryError:
        os._exit(1)
    os._exit(2 if any("MemoryError" in defect for defect in letter.defects) else 0)
"""


@pytest.mark.req("C72")
def test_a_letter_that_runs_out_of_memory_is_never_taken_for_an_empty_one() -> None:
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True, timeout=60)
    assert set(done.stdout.split()) == {"0", "1"}


@pytest.mark.parametrize(
    "damaged", [b"", b"\0", b"\n\n\n", b":\n:\n", b"\xff" * 50, b"From:\n\n", b"Subject: =?x?q?=", b"\r" * 99]
)
def test_what_is_hardly_a_letter_is_one_all_the_same(damaged: bytes) -> None:
    letter = parse(damaged)
    assert letter.size == len(damaged)
    assert header_ids(damaged)[1] == ()


def test_lines_that_are_no_header_do_not_hide_the_rest_of_it() -> None:
    letter = parse(b"From: a@example.ru\nthis is no header\nSubject : Zayavka\nTo: lab@example.org\n\nbody\n")
    assert letter.subject == "Zayavka"
    assert letter.recipients == ("lab@example.org",)
    assert letter.text.strip() == "body"


_SEEDS = [
    MIXED,
    raw(
        f"From: {word('Иванов')} <a@example.ru>",
        "Date: Mon, 11 Mar 2024 15:02:00 +0300",
        "Content-Type: text/html; charset=koi8-r",
    ),
    raw(
        "From: MAILER-DAEMON",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=r",
        body="--r\r\n"
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; b@x.ru\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\n\r\n--r--\r\n",
    ),
    raw(
        "Subject: FW: x",
        body="---------- Forwarded message ---------\r\nFrom: A <a@b.ru>\r\nDate: 1.1.2024 10:10\r\n\r\nhi",
    ),
]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(_SEEDS), st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=12)), min_size=1, max_size=12)
)
def test_no_damage_makes_parse_raise(seed: bytes, damage: list[tuple[int, bytes]]) -> None:
    for at, piece in damage:
        at %= len(seed)
        seed = seed[:at] + piece + seed[at + len(piece) // 2 :]
    letter = parse(seed)
    assert letter.reply or not letter.text.strip()
    (letter.text + letter.subject + letter.reply + letter.quoted).encode()
    for file in letter.attachments:
        assert len(attachment_bytes(seed, file.index)) == file.size
    header_ids(seed)


@pytest.mark.req("C64")
@pytest.mark.parametrize("charset", ["cp1251", "utf-8", "koi8-r"])
def test_a_file_name_in_raw_8_bit_bytes_is_readable(charset: str) -> None:
    """Old programs write the name unencoded, in whatever the machine speaks."""
    raw = (
        "From: a@example.ru\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nhi there\r\n--b\r\nContent-Type: application/pdf\r\n"
        'Content-Disposition: attachment; filename="Протокол 12.pdf"\r\n\r\nXX\r\n--b--\r\n'
    ).encode(charset)
    (file,) = parse(raw).attachments
    assert file.name == "Протокол 12.pdf"
