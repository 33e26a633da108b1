"""Signed letters are read through their seal; what is encrypted is kept, and told to a person."""

from __future__ import annotations

import io
import time
import zipfile
import zlib

import pytest

from mailcase.explain import Explained, explain
from mailcase.mail.disk import OnDisk
from mailcase.mail.letter import parse
from mailcase.rules.decision import NewCase
from tests.letters import MONDAY
from tests.test_unpack import HEAD, PHOTO, files, mixed, part

# S/MIME


def der(tag: int, *contents: bytes) -> bytes:
    data = b"".join(contents)
    size = len(data).to_bytes((len(data).bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (bytes([len(data)]) if len(data) < 128 else bytes([0x80 | len(size)]) + size) + data


def ber(tag: int, *contents: bytes) -> bytes:
    return bytes([tag, 0x80]) + b"".join(contents) + b"\0\0"


DATA = der(6, bytes.fromhex("2a864886f70d010701"))
SIGNED = der(6, bytes.fromhex("2a864886f70d010702"))
INNER = mixed(
    b"Content-Type: text/plain; charset=koi8-r\nContent-Transfer-Encoding: 8bit\n\n"
    + "Просим выставить счёт.\n".encode("koi8-r"),
    part("application/pdf", PHOTO, "dogovor.pdf"),
).partition(b"MIME-Version: 1.0\n")[2]


def signed(content: bytes) -> bytes:
    held = der(0x30, DATA, der(0xA0, der(4, content)))
    return der(0x30, SIGNED, der(0xA0, der(0x30, der(2, b"\1"), der(0x31), held, der(0x31))))


def signed_in_pieces(content: bytes) -> bytes:
    """As programs write that do not know the length beforehand."""
    pieces = ber(0x24, *(der(4, content[at : at + 100]) for at in range(0, len(content), 100)))
    held = ber(0x30, DATA, ber(0xA0, pieces))
    return ber(0x30, SIGNED, ber(0xA0, ber(0x30, der(2, b"\1"), der(0x31), held, der(0x31))))


def opaque(data: bytes, kind: str = "signed-data") -> bytes:
    return HEAD + part(f'application/pkcs7-mime; smime-type={kind}; name="smime.p7m"', data)


@pytest.mark.req("C39")
@pytest.mark.parametrize("wrap", [signed, signed_in_pieces])
def test_a_letter_inside_an_opaque_signature_is_read(wrap: object) -> None:
    raw = opaque(wrap(INNER))  # type: ignore[operator]
    letter = parse(raw)
    assert letter.text.strip() == "Просим выставить счёт."
    assert letter.sender.addr == "a@example.ru"
    assert files(raw)["dogovor.pdf"] == PHOTO
    assert "smime.p7m" in files(raw)


def test_a_compressed_letter_is_read() -> None:
    held = der(0x30, DATA, der(0xA0, der(4, zlib.compress(INNER))))
    oid = der(6, bytes.fromhex("2a864886f70d0109100109"))
    raw = opaque(der(0x30, oid, der(0xA0, der(0x30, der(2, b"\0"), der(0x30), held))), "compressed-data")
    assert parse(raw).text.strip() == "Просим выставить счёт."


@pytest.mark.req("C39")
def test_an_encrypted_letter_keeps_its_file_and_says_that_it_is_closed() -> None:
    data = der(0x30, der(6, bytes.fromhex("2a864886f70d010703")), der(0xA0, der(0x30, der(2, b"\0"))))
    letter = parse(opaque(data, "enveloped-data"))
    assert [file.name for file in letter.attachments] == ["smime.p7m"]
    assert "encrypted (S/MIME)" in " ".join(letter.defects)


def test_damaged_signatures_and_bombs_cost_only_themselves() -> None:
    whole = signed(INNER)
    bomb = der(4, zlib.compress(b"\0" * 90_000_000))
    held = der(0x30, DATA, der(0xA0, bomb))
    oid = der(6, bytes.fromhex("2a864886f70d0109100109"))
    damaged = [whole[:at] for at in range(1, len(whole), 97)]
    damaged += [b"\x30\x80" * 50_000, der(0x30, oid, der(0xA0, der(0x30, der(2, b"\0"), held)))[:-5]]
    for data in damaged:
        raw = opaque(data)
        start = time.process_time()
        assert parse(raw).subject == "Zayavka"
        assert time.process_time() - start < 2


# PGP


def test_words_signed_with_pgp_lose_their_armour() -> None:
    body = (
        b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nPlease calibrate two scales.\n- -- \nPetr\n"
        b"-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n"
    )
    assert parse(HEAD + b"\n" + body).text == "Please calibrate two scales.\n-- \nPetr"


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"\n-----BEGIN PGP MESSAGE-----\n\nhQEMA\n=abcd\n-----END PGP MESSAGE-----\n",
        HEAD
        + b"Content-Type: multipart/encrypted; protocol=application/pgp-encrypted; boundary=B\n\n"
        + b"--B\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--B\n"
        + part("application/octet-stream", b"-----BEGIN PGP MESSAGE-----", "encrypted.asc")
        + b"--B--\n",
    ],
    ids=["in the words", "in a part"],
)
def test_a_letter_encrypted_with_pgp_says_so(raw: bytes) -> None:
    assert "encrypted (PGP)" in " ".join(parse(raw).defects)


# What stays closed is told to a person


def remark(raw: bytes) -> str:
    answer = explain(OnDisk("letter.eml", raw, MONDAY), None)
    assert isinstance(answer, Explained)
    assert isinstance(answer.decided.decision, NewCase)
    return answer.decided.decision.remark


def archive(flag: int) -> bytes:
    """A ZIP archive of one file, whose general flags (bit 0: encrypted) are set in both of its headers."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as written:
        written.writestr("a.txt", "a")
    data = bytearray(made.getvalue())
    data[6] |= flag
    data[data.index(b"PK\1\2") + 8] |= flag
    return bytes(data)


@pytest.mark.req("C39")
def test_a_file_behind_a_password_is_named_to_the_employee() -> None:
    words = b"Content-Type: text/plain\n\nPlease send an invoice for two scales.\n"
    assert "a.zip" in remark(mixed(words, part("application/zip", archive(1), "a.zip")))
    assert "b.pdf" in remark(mixed(words, part("application/pdf", b"%PDF-1.7 /Encrypt 5 0 R", "b.pdf")))
    assert remark(mixed(words, part("application/zip", archive(0), "a.zip"))) == ""
    assert remark(mixed(words, part("application/pdf", b"%PDF-1.7", "b.pdf"))) == ""


@pytest.mark.req("C39")
@pytest.mark.req("C72")
def test_what_was_not_read_is_told_to_the_employee() -> None:
    pgp = HEAD + b"\n-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"
    assert "зашифровано" in remark(pgp)
    assert "не целиком" in remark(HEAD + b"\nPlease send an invoice.\n" + b"word\n" * 500_000)
