"""A letter whose bulk is set aside while it is read is the same letter."""

from __future__ import annotations

import base64
import email
import random
from email.message import EmailMessage, Message
from email.policy import SMTP

import pytest

from mailcase.mail import blocks
from mailcase.mail.letter import attachment_bytes, parse

FILE = random.Random(7).randbytes(200_000)


def with_file() -> bytes:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = "Чертежи"
    message["From"] = "a@example.org"
    message.set_content("Добрый день! Файл приложен.", cte="base64")
    message.add_attachment(FILE, maintype="application", subtype="pdf", filename="чертёж.pdf")
    message.add_attachment(b"short", maintype="text", subtype="csv", filename="b.csv")
    return message.as_bytes()


def as_base64(data: bytes, end: bytes = b"\r\n") -> bytes:
    return base64.encodebytes(data).replace(b"\n", end)


def nested(raw: bytes) -> bytes:
    head = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="out"\r\n\r\n--out\r\n'
    return head + b"Content-Type: message/rfc822\r\n\r\n" + raw + b"\r\n--out--\r\n"


PLAIN = b"Subject: x\r\nContent-Type: text/plain\r\n"
LETTERS = {
    "a file": with_file(),
    "line ends of Unix": with_file().replace(b"\r\n", b"\n"),
    "a letter in a letter": nested(with_file()),
    "nothing but base64": PLAIN + b"Content-Transfer-Encoding: base64\r\n\r\n" + as_base64(FILE),
    "no line end at the end": PLAIN + b"Content-Transfer-Encoding: base64\r\n\r\n" + as_base64(FILE)[:-2],
    "8-bit words around a block": PLAIN + b"\r\n\xc4\xee\xe1\xf0\xfb\xe9\r\n" + as_base64(FILE) + b"\xe4\xe5\xed\xfc",
    "a block in the header": b"Subject: x\r\n" + as_base64(FILE) + b"\r\n\r\nwords",
    "two blocks in one part": PLAIN + b"\r\n" + as_base64(FILE) + b"---\r\n" + as_base64(FILE) + b"end",
    "a block after the last boundary": with_file() + as_base64(FILE),
    "a file cut off": with_file()[:150_000],
}


@pytest.mark.parametrize("name", LETTERS)
def test_the_tree_is_the_one_that_the_whole_letter_gives(name: str) -> None:
    raw = LETTERS[name]

    def told(root: Message) -> list[tuple[object, ...]]:
        return [
            (part.items(), part.get_payload() if not part.is_multipart() else None, part.preamble, part.epilogue)
            for part in root.walk()
        ]

    assert told(blocks.tree(raw)) == told(email.message_from_bytes(raw))


def test_the_bytes_of_a_file_come_out_unchanged() -> None:
    letter = parse(with_file())
    assert [attachment_bytes(with_file(), file.index) for file in letter.attachments] == [FILE, b"short"]
    assert letter.text == "Добрый день! Файл приложен."
