"""Builders that tests share: a Letter, its raw bytes, a laboratory's Config, Facts; each with sensible defaults."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import fields as fields_of
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from typing import Any

from mailcase.config import Config
from mailcase.mail.letter import Address, Letter
from mailcase.rules.facts import Facts

LAB = "lab@cleanmet.ru"
CLIENT = "Анна Ковалёва <a.kovaleva@romashka.example.ru>"
SUBJECT = "Калибровка манометров"
TEXT = "Добрый день! Просим выставить КП на калибровку 12 манометров МП3-У."
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A working Monday at noon in Moscow, on which letters arrive unless a test says otherwise."""

_EMPLOYEES: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("smirnova", "Смирнова Ольга Игоревна", "менеджер по качеству", "205", ()),
    (
        "petrova",
        "Петрова Наталья Викторовна",
        "инженер по метрологии",
        "214",
        ("request", "order_change", "consultation"),
    ),
    ("sidorov", "Сидоров Андрей Петрович", "инженер", "216", ()),
    ("orlov", "Орлов Дмитрий Сергеевич", "директор", "201", ()),
)


def address(value: str | Address) -> Address:
    """`Имя <a@b>` as an Address."""
    return value if isinstance(value, Address) else Address(*parseaddr(value))


def _addresses(value: str | Address | Iterable[str | Address]) -> tuple[Address, ...]:
    return (address(value),) if isinstance(value, str | Address) else tuple(address(v) for v in value)


def _pairs(value: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    pairs = value.items() if isinstance(value, Mapping) else value
    return tuple((name.lower(), text) for name, text in pairs)


def letter(**given: Any) -> Letter:
    """A client's plain letter to the laboratory; any field of Letter may be given by name.

    Shortcuts: `sender="Имя <a@b>"`; `to`, `cc`, `reply_to`, `senders` take strings; `headers` takes a dict of extra
    headers; `reply` follows `text` unless given.
    """
    senders = _addresses(given.pop("senders", given.pop("sender", CLIENT)))
    text = given.pop("text", TEXT)
    message_id = given.pop("message_id", "<1@romashka.example.ru>")
    subject = given.pop("subject", SUBJECT)
    mailboxes = {name: _addresses(given.pop(name, LAB if name == "to" else ())) for name in ("to", "cc", "reply_to")}
    digest = hashlib.sha256("\n".join((message_id, subject, text, senders[0].addr if senders else "")).encode())
    defaults: dict[str, Any] = {
        "sha256": digest.hexdigest(),
        "size": len(text.encode()),
        "message_id": message_id,
        "in_reply_to": (),
        "references": (),
        "subject": subject,
        "senders": senders,
        **mailboxes,
        "date": MONDAY,
        "return_path": senders[0].addr if senders else None,
        "delivered_to": (LAB,),
        "received": 2,
        "headers": _pairs(given.pop("headers", ())),
        "text": text,
        "html": "",
        "reply": text,
        "quoted": "",
        "signature": "",
        "attachments": (),
        "lang": "ru",
        "report_type": "",
        "bounce": None,
        "forwarded": None,
        "fingerprint": digest.hexdigest()[:32],
        "confidence": 1.0,
    }
    unknown = given.keys() - {f.name for f in fields_of(Letter)}
    if unknown:
        raise TypeError(f"Letter has no field {', '.join(sorted(unknown))}")
    return Letter(**{**defaults, **given})


def _header(message: EmailMessage, name: str, value: str) -> None:
    if value:
        message[name] = value


def raw(
    text: str = TEXT,
    *,
    sender: str = CLIENT,
    to: str | Iterable[str] = LAB,
    cc: str | Iterable[str] = (),
    subject: str = SUBJECT,
    message_id: str = "<1@romashka.example.ru>",
    in_reply_to: str = "",
    references: str = "",
    date: datetime | None = MONDAY,
    return_path: str | None = None,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    html: str = "",
    attachments: Iterable[tuple[str, bytes]] = (),
    charset: str = "utf-8",
) -> bytes:
    """The bytes of one letter, CRLF line ends; an empty string leaves a header out.

    `return_path=None` writes the sender's address, `""` the null path `<>`; `attachments` are (name, content) pairs.
    """
    message = EmailMessage(policy=SMTP)
    path = parseaddr(sender)[1] if return_path is None else return_path
    message["Return-Path"] = f"<{path}>"
    message["Received"] = "from client.example.ru by mx.cleanmet.ru; " + format_datetime(date or MONDAY)
    for name, value in headers.items() if isinstance(headers, Mapping) else headers:
        message.add_header(name, value)
    _header(message, "From", formataddr(parseaddr(sender)) if sender.isascii() else sender)
    _header(message, "To", to if isinstance(to, str) else ", ".join(to))
    _header(message, "Cc", cc if isinstance(cc, str) else ", ".join(cc))
    _header(message, "Subject", subject)
    _header(message, "Message-ID", message_id)
    _header(message, "In-Reply-To", in_reply_to)
    _header(message, "References", references)
    _header(message, "Date", format_datetime(date) if date else "")
    message.set_content(text, charset=charset)
    if html:
        message.add_alternative(html, subtype="html", charset=charset)
    for name, content in attachments:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def config(**overrides: Any) -> Config:
    """A valid Config of a laboratory with four employees, in live mode; sections given as dicts are merged in.

    Whoever has a folder names `alarm.file` and `classify.models` in it: nothing is written where tests are started.
    """
    values: dict[str, Any] = {
        "mode": "live",
        "secret": "a secret of tests only",
        "lab": {
            "name": "ООО «КлинМет»",
            "address": LAB,
            "site": "www.cleanmet.ru",
            "phone": "+7 495 000-00-00",
            "head": "orlov",
            "duty": "smirnova",
            "quality_manager": "smirnova",
        },
        "mailbox": [{"name": "lab", "host": "127.0.0.1", "user": LAB, "tls": "none", "password": "x"}],
        "smtp": {"host": "127.0.0.1", "tls": "none"},
        "alarm": {"file": ""},
        "employee": [employee(*card) for card in _EMPLOYEES],
    }
    for name, value in overrides.items():
        merged = isinstance(value, Mapping) and isinstance(values.get(name), dict)
        values[name] = {**values[name], **value} if merged else value
    return Config.model_validate(values)


def employee(login: str, name: str, position: str, extension: str, kinds: tuple[str, ...] = ()) -> dict[str, Any]:
    """One `[[employee]]` table."""
    phone = f"+7 495 000-00-00 доб. {extension}"
    return {
        "login": login,
        "name": name,
        "position": position,
        "phone": phone,
        "email": f"{login}@cleanmet.ru",
        "kinds": kinds,
    }


def facts(**overrides: Any) -> Facts:
    """What the database knows of a new stranger's letter: nothing but when it came."""
    return Facts(**{"now": MONDAY + timedelta(minutes=1), "received_at": MONDAY, **overrides})
