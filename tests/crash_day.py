"""A small day of mail with one of everything, which a world lives through whatever crashes; then the folder is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

from tests.audit_book import read
from tests.crash import World
from tests.letters import raw
from tests.reports import not_delivered
from tests.servers.sink import Taken

ANNA, BORIS, ROBOT = "anna@romashka.example.ru", "boris@vasilek.example.org", "office@away.example.org"
GONE, STAFF = "gone@closed.example.org", "petrova@cleanmet.ru"
MORNING = (
    raw(
        "Добрый день! Просим выставить КП на калибровку 12 манометров. Заявка во вложении.",
        sender=f"Анна Ковалёва <{ANNA}>",
        message_id="<a1@romashka.example.ru>",
        attachments=[("Заявка.pdf", b"%PDF-1.4 order")],
    ),
    raw(
        "Прошу разобраться: в протоколе ошибка, подаю жалобу.",
        sender=f"Борис Васильев <{BORIS}>",
        subject="Жалоба",
        message_id="<b1@vasilek.example.org>",
        charset="koi8-r",
    ),
    raw(
        "И ещё приложение к жалобе.",
        sender=f"Борис Васильев <{BORIS}>",
        subject="Re: Жалоба",
        message_id="<b2@vasilek.example.org>",
        in_reply_to="<b1@vasilek.example.org>",
    ),
    raw(
        "Я в отпуске до понедельника.",
        sender=f"Офис <{ROBOT}>",
        subject="Автоответ",
        message_id="<r1@away.example.org>",
        headers={"Auto-Submitted": "auto-replied"},
    ),
    raw("Сколько стоит поверка весов?", sender=f"Глеб <{GONE}>", message_id="<g1@closed.example.org>"),
)
COPY = MORNING[0].replace(b"from client.example.ru", b"from backup.example.ru")
"""The first letter once more, by another route."""


def day(world: World, monkeypatch: Any) -> None:
    """Morning, replies to what we wrote, an answer that leaves; in the evening the folders are numbered anew."""
    world.live(monkeypatch, [_morning, _noon, _afternoon, _evening])


def _morning(world: World) -> None:
    world.arrive(*MORNING, MORNING[0], COPY)


def _noon(world: World) -> None:
    world.arrive(*_replies(world.received))


def _afternoon(world: World) -> None:
    """The undo time of the employee's answer is over."""
    world.now += timedelta(minutes=15)


def _evening(world: World) -> None:
    world.now += timedelta(hours=1)
    for box in world.boxes.values():
        box.renumber()


def _replies(received: list[Taken]) -> Iterator[bytes]:
    """The client writes again, a robot answers, a letter of ours comes back, and the employee answers his notice."""
    ack, lost, notice = (_first(received, who, about) for who, about in ((ANNA, ""), (GONE, ""), (STAFF, "манометр")))
    yield raw("Манометров будет 14.", sender=f"Анна Ковалёва <{ANNA}>", **_reply(ack, "<a2@romashka.example.ru>"))
    robot = {"Auto-Submitted": "auto-replied", "Precedence": "auto_reply"}
    yield raw(
        "Я в отпуске.",
        sender=f"Борис Васильев <{BORIS}>",
        headers=robot,
        **_reply(_first(received, BORIS), "<b3@vasilek.example.org>"),
    )
    yield not_delivered(lost.raw, GONE, message_id="<report@closed.example.org>")
    yield raw(
        "Добрый день! Калибровка стоит 12 000 руб., срок 5 рабочих дней.",
        sender=f"Петрова Наталья Викторовна <{STAFF}>",
        **_reply(notice, "<p1@cleanmet.ru>"),
    )


def _first(received: list[Taken], address: str, about: str = "") -> Taken:
    found = (t for t in received if address in t.to and about in _text(t))
    return next(found)


def _text(taken: Taken) -> str:
    body = message_from_bytes(taken.raw, policy=policy.default).get_body(("plain",))  # type: ignore[attr-defined]
    return str(body.get_content())


def _reply(taken: Taken, message_id: str) -> dict[str, str]:
    message = message_from_bytes(taken.raw, policy=policy.default)
    parent = str(message["Message-ID"]).strip()
    subject = f"Re: {message['Subject']}"
    return {"subject": subject, "message_id": message_id, "in_reply_to": parent, "references": parent}


def story(world: World) -> dict[str, Counter[Any]]:
    """What the day became, without the numbers that may differ: the same whatever crashed."""
    book = read(world.url)
    ours = {o["message_id"]: o["template"] for o in book.outbox}
    return {
        "letters": Counter(
            (ours.get(m["message_id"], m["message_id"]), m["outcome"], m["drop_reason"], m["role"]) for m in book.mail
        ),
        "cases": Counter((c["contact_address"], c["register"], c["kind"], c["status"]) for c in book.cases),
        "outgoing": Counter((o["template"], o["to_address"], o["status"], o["sent_copy"]) for o in book.outbox),
        "copies in Sent": Counter(Counter(s.raw for s in world.boxes["Sent"].letters.values()).values()),
    }
