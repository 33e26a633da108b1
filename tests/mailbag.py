"""A seeded bag of Russian mail as a laboratory gets it, and what its writers do with our answers.

The same seed gives the same letters, byte for byte. Each letter says what must become of it, so that a run can be
judged by what was meant and not only by what the program thought of it. Whoever opens a case here is acknowledged.
"""

from __future__ import annotations

import base64
import quopri
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import Header, decode_header, make_header
from email.utils import format_datetime

from tests.reports import not_delivered

LAB, STAFF = "lab@cleanmet.ru", ("petrova@cleanmet.ru", "smirnova@cleanmet.ru")
_FORMS = (("utf-8", "base64"), ("utf-8", "qp"), ("windows-1251", "8bit"), ("koi8-r", "base64"), ("iso-8859-5", "qp"))
_NAMES = ("Анна Ковалёва", "Борис Гусев", "Вера Зайцева", "Глеб Лебедев", "Дарья Крылова", "Егор Белов", "Жанна Титова")
_THINGS = ("манометров МП3-У", "весов ВЛТЭ-510", "гирь F2", "термометров ТЛ-4", "счётчиков воды", "мегаомметров")
_ASKS = (
    "Добрый день! Просим выставить КП на калибровку {n} {things}.",
    "Здравствуйте! Прошу принять в поверку {n} {things} и сообщить стоимость.",
    "Добрый день! Подскажите, пожалуйста, сколько стоит калибровка {n} {things} и каков срок?",
)
_COMPLAINT = "Подаём жалобу: в протоколе калибровки {n} {things} ошибка, просим разобраться и исправить."
_ADDS = ("Забыли указать: приборов будет на два больше.", "Дополнение: нужен выезд, адрес сообщим завтра.")
_MACHINES = {
    "robot": (
        {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"},
        "Автоответ",
        "Я в отпуске до понедельника.",
    ),
    "news": (
        {
            "To": "readers@news.example.org",
            "List-Id": "<news.example.org>",
            "List-Unsubscribe": "<mailto:off@example.org>",
            "Precedence": "bulk",
        },
        "Вестник метролога",
        "Новое в поверке и калибровке, выпуск для подписчиков.",
    ),
}
_ANSWER = (
    "Добрый день! Калибровка одного прибора стоит {price} руб. с НДС, срок 7 рабочих дней. "
    "Во всём разобрались и исправили."
)
_DAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Posted:
    """One letter on its way to us: `becomes` is its outcome, `duplicate`, or `thread` where mail may overtake mail and
    either letter may open the one case of both; `path` is the envelope sender."""

    raw: bytes
    becomes: str
    path: str


@dataclass(frozen=True)
class Client:
    """Somebody who writes once, and what answers our letters at his address."""

    number: int
    name: str
    habit: str

    @property
    def address(self) -> str:
        return self.habit if "@" in self.habit else f"{self.habit}{self.number}@firm{self.number % 40}.example.ru"


class Mailbag:
    """`letters` are about `count` letters that come by themselves; `reactions` come on top of them."""

    def __init__(self, seed: int, count: int, lab: str = LAB) -> None:
        self.dice, self.count, self.lab = random.Random(seed), count, lab
        self.clients: dict[str, Client] = {}
        self.seed, self._n = seed, 0
        self._answered: set[str] = set()

    def letters(self) -> list[Posted]:
        found: list[Posted] = []
        while len(found) < self.count:
            found += self._visit(len(found))
        return found[: self.count]

    def _visit(self, n: int) -> Iterator[Posted]:
        kind = self.dice.choices(("ask", "complain", "twice", "copy", "robot", "news"), (50, 8, 17, 5, 12, 8))[0]
        if kind in ("robot", "news"):
            yield self._machine(n, kind)
            return
        habit = self.dice.choices(("mute", "adds", "away", "gone"), (6, 2, 1, 1))[0]
        client = Client(n, self.dice.choice(_NAMES), habit)
        self.clients[client.address] = client
        things = self.dice.choice(_THINGS)
        text = (_COMPLAINT if kind == "complain" else self.dice.choice(_ASKS)).format(
            n=self.dice.randint(2, 60), things=things
        )
        subject, own = f"{things.capitalize()}: заявка {n}", self._id(n)
        first = self._letter(client, subject, text, own)
        yield Posted(first, "thread" if kind == "twice" else "new_case", client.address)
        if kind == "twice":
            thread = {"In-Reply-To": own, "References": own}
            more = self._letter(client, f"Re: {subject}", self.dice.choice(_ADDS), self._id(f"{n}a"), thread)
            yield Posted(more, "thread", client.address)
        if kind == "copy":
            yield Posted(b"X-Route: backup\r\n" + first, "duplicate", client.address)

    def _id(self, n: int | str) -> str:
        return f"<{n}.{self.seed}@firm.example.ru>"

    def _machine(self, n: int, kind: str) -> Posted:
        robot = Client(n, self.dice.choice(_NAMES), kind)
        marks, subject, text = _MACHINES[kind]
        return Posted(self._letter(robot, subject, text, self._id(n), marks), "drop", robot.address)

    def _letter(
        self, client: Client, subject: str, text: str, message_id: str, more: dict[str, str] | None = None
    ) -> bytes:
        """As some mail program writes it: in one of several charsets and encodings, sometimes with a file."""
        charset, encoding = self.dice.choice(_FORMS)
        self._n += 1
        head = {
            "Date": format_datetime(_DAY + timedelta(minutes=self._n)),
            "From": f"{_words(client.name, charset)} <{client.address}>",
            "To": self.lab,
            "Subject": _words(subject, "utf-8"),
            "Message-ID": message_id,
            **(more or {}),
            "MIME-Version": "1.0",
        }
        words = f"{text}\n\nС уважением,\n{client.name}\nтел. +7 (495) 000-00-00\n"
        part = _part(words, charset, encoding)
        if self.dice.random() < 0.15:
            part = _with_file(part, f"Заявка {self._n}.pdf", b"%PDF-1.4\n" + self.dice.randbytes(3000))
        return b"".join(f"{name}: {value}\r\n".encode() for name, value in head.items()) + part

    def reactions(self, to: tuple[str, ...], raw: bytes) -> Iterator[Posted]:
        """What comes back when a letter of ours is delivered; once for each, however often it is delivered."""
        message = message_from_bytes(raw)
        ours, subject = str(message["Message-ID"]).strip(), str(make_header(decode_header(message["Subject"])))
        if ours in self._answered:
            return
        self._answered.add(ours)
        name = re.sub(r"\W", "", ours)[:24]
        thread = {"In-Reply-To": ours, "References": ours}
        if to[0] in STAFF:
            yield from self._employee(to[0], subject, name, thread)
        elif to[0] in self.clients:
            yield from self._client(self.clients[to[0]], raw, subject, name, thread)

    def _employee(self, address: str, subject: str, name: str, thread: dict[str, str]) -> Iterator[Posted]:
        """Every eighth notice of a new case is answered at once."""
        if subject.startswith("До ") and int(name[:2], 16) % 8 == 0:
            text = _ANSWER.format(price=int(name[:4], 16))
            person = Client(0, "Сотрудник", address)
            answer = self._letter(person, f"Re: {subject}", text, f"<{name}.answer@cleanmet.ru>", thread)
            yield Posted(answer, "command", address)

    def _client(self, client: Client, raw: bytes, subject: str, name: str, thread: dict[str, str]) -> Iterator[Posted]:
        if client.habit == "gone":
            report = not_delivered(raw, client.address, message_id=f"<{name}.report@mx.example.ru>", to=self.lab)
            yield Posted(report, "bounce", "")
        if client.habit == "away":
            robot = {"Auto-Submitted": "auto-replied", **thread}
            away = self._letter(client, f"Автоответ: {subject}", "Я в отпуске.", f"<{name}.away@example.ru>", robot)
            yield Posted(away, "drop", "")
        if client.habit == "adds":
            more = self.dice.choice(_ADDS)
            added = self._letter(client, f"Re: {subject}", more, f"<{name}.adds@example.ru>", thread)
            yield Posted(added, "follow_up", client.address)


def _words(text: str, charset: str) -> str:
    return Header(text, charset).encode(linesep="\r\n")


def _part(text: str, charset: str, encoding: str) -> bytes:
    octets = text.replace("\n", "\r\n").encode(charset)
    name = {"qp": "quoted-printable"}.get(encoding, encoding)
    if encoding == "base64":
        octets = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    elif encoding == "qp":
        octets = quopri.encodestring(octets)
    head = f'Content-Type: text/plain; charset="{charset}"\r\nContent-Transfer-Encoding: {name}\r\n\r\n'
    return head.encode() + octets


def _with_file(part: bytes, name: str, content: bytes) -> bytes:
    shown = _words(name, "utf-8")
    head = f'Content-Type: application/pdf; name="{shown}"\r\nContent-Disposition: attachment; filename="{shown}"\r\n'
    octets = base64.encodebytes(content).replace(b"\n", b"\r\n")
    file = head.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + octets
    whole = b"--part\r\n" + part + b"\r\n--part\r\n" + file + b"--part--\r\n"
    return b'Content-Type: multipart/mixed; boundary="part"\r\n\r\n' + whole
