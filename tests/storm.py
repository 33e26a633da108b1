"""Programs that answer whatever they get, two laboratories that write to each other, and storms of hostile letters.

`python -m tests.storm [count]` sends each kind of storm in its long form, 10 000 letters, and prints what became of it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mailcase.mail.letter import header_ids
from mailcase.store import intake
from mailcase.store.intake import Arrival
from mailcase.words import FolderRole
from tests.lab import Lab, Sent
from tests.letters import CLIENT, LAB, raw

OTHER = "lab@other.example.ru"
ROBOT_DOMAIN = "robot.example.ru"
WORDS = "Добрый день! Письмо передано в отдел закупок. Просим счёт на поверку весов."
_ROUNDS = 60
"""So many answers a program gives at most: whoever is still answered then has found a loop."""

Answer = Callable[[int, Sent], bytes]
"""What a program makes of the n-th letter that it gets from us."""


def robot(n: int, got: Sent, **more: Any) -> bytes:
    """An answer without any sign of a robot, under a new subject and a new Message-ID."""
    given = {
        "text": f"Добрый день! Письмо передано в отдел закупок. Просим счёт на поверку весов, позиция {n}.",
        "sender": f"Служба поддержки <support@{ROBOT_DOMAIN}>",
        "subject": f"Принято в работу {n}",
        "message_id": f"<r{n}@{ROBOT_DOMAIN}>",
        **more,
    }
    return raw(given.pop("text"), **given)


def same_words(n: int, got: Sent) -> bytes:
    return robot(n, got, text=WORDS)


def same_words_from_anywhere(n: int, got: Sent) -> bytes:
    return robot(n, got, text=WORDS, sender=f"no{n}@{ROBOT_DOMAIN}")


def with_our_tag(n: int, got: Sent) -> bytes:
    return robot(n, got, subject=f"Принято {n}: {got.subject}")


def with_our_tag_from_anywhere(n: int, got: Sent) -> bytes:
    return robot(n, got, subject=f"Принято {n}: {got.subject}", sender=f"ticket{n}@{ROBOT_DOMAIN}")


def in_our_thread_from_anywhere(n: int, got: Sent) -> bytes:
    return robot(n, got, in_reply_to=got.id, references=got.id, sender=f"ticket{n}@{ROBOT_DOMAIN}")


def quoting_us(n: int, got: Sent) -> bytes:
    quoted = "\n".join(f"> {line}" for line in got.text.splitlines())
    return robot(n, got, text=f"{WORDS} Позиция {n}.\n\n{quoted}")


def complaining(n: int, got: Sent) -> bytes:
    text = f"Жалоба № {n}: в протоколе № {n}/26 ошибка, мы недовольны качеством работ и требуем исправить."
    return robot(n, got, text=text, subject=f"Жалоба {n}")


def from_anywhere(n: int, got: Sent) -> bytes:
    return robot(n, got, sender=f"agent{n}@{ROBOT_DOMAIN}")


ROBOTS: tuple[Answer, ...] = (
    robot,
    same_words,
    same_words_from_anywhere,
    with_our_tag,
    with_our_tag_from_anywhere,
    in_our_thread_from_anywhere,
    quoting_us,
    complaining,
)
"""Each is answered three times at most. `from_anywhere` has nothing by which it is known but its domain."""


def talk(lab: Lab, answer: Answer) -> list[Sent]:
    """A robot answers every letter of ours that reaches its domain, beginning with our first; all that it got."""
    lab.arrive(raw("Просим выставить КП на калибровку манометров.", sender=f"support@{ROBOT_DOMAIN}"))
    for n in range(1, _ROUNDS):
        got = to_domain(lab, ROBOT_DOMAIN)
        if len(got) < n:
            break
        lab.arrive(answer(n, got[n - 1]))
    return to_domain(lab, ROBOT_DOMAIN)


def to_domain(lab: Lab, domain: str) -> list[Sent]:
    """Everything that went to that domain, oldest first."""
    return [s for s in lab.postman.sent if any(address.endswith(f"@{domain}") for address in s.to)]


def as_it_is(n: int, sent: Sent) -> bytes:
    """The letter as a server delivers it."""
    return f"Return-Path: <{sent.envelope_from}>\r\n".encode() + sent.raw


def stripped(n: int, sent: Sent) -> bytes:
    """What a bad gateway makes of it: no header but the necessary ones, a new subject and a new Message-ID."""
    sender = str(sent.message["From"])
    return raw(
        f"{sent.text}\n{n}", sender=sender, to=sent.to, subject=f"Сообщение {n}", message_id=f"<g{n}@gate.example.ru>"
    )


def between(one: Lab, two: Lab, deliver: Answer) -> Counter[str]:
    """Carry what either writes to the other until nothing moves; who wrote how many letters."""
    names = {LAB: one, OTHER: two}
    carried: Counter[str] = Counter()
    moved = True
    while moved and carried.total() < _ROUNDS:
        moved = False
        for name, lab in names.items():
            other_name, other = next((n, x) for n, x in names.items() if x is not lab)
            for letter in lab.to(other_name)[carried[name] :]:
                carried[name] += 1
                moved = True
                other.arrive(deliver(carried.total(), letter))
    return carried


def reworded(n: int, sent: Sent) -> bytes:
    """Nothing of it is left but who wrote to whom."""
    sender = str(sent.message["From"])
    return raw(f"{WORDS} Позиция {n}.", sender=sender, to=sent.to, subject=f"Сообщение {n}", message_id=f"<w{n}@gate>")


Hostile = Callable[[int], bytes]


def from_one_address(n: int, **more: Any) -> bytes:
    given = {"sender": "Робот <bot@storm.example.net>", "subject": f"Сообщение {n}", "message_id": f"<s{n}@storm>"}
    return raw(f"{WORDS} Позиция {n}.", **{**given, **more})


def from_one_domain(n: int) -> bytes:
    return from_one_address(n, sender=f"bot{n}@storm.example.net")


def from_everywhere(n: int) -> bytes:
    return from_one_address(n, sender=f"bot@host{n}.example.net")


def marked(n: int) -> bytes:
    """With the header that every decent program writes."""
    return from_one_address(n, headers={"Auto-Submitted": "auto-replied"})


STORMS: Mapping[str, Hostile] = {
    "one address": from_one_address,
    "one domain": from_one_domain,
    "everywhere": from_everywhere,
    "marked as automatic": marked,
}


@dataclass
class Damage:
    """What a storm did: letters in, cases, what left to whom, what is held and why."""

    letters: int
    outcomes: Counter[str]
    cases: int
    to_clients: int
    most_of_a_case: int
    notices: int
    alarms: int
    held: Counter[str]
    seconds: float = field(default=0.0, compare=False)


def storm(lab: Lab, count: int, letter: Hostile) -> Damage:
    """So many letters at once; one of a real client comes in their midst."""
    began = time.monotonic()
    letters = [letter(n) for n in range(count)]
    letters.insert(count // 2, raw("Просим выставить КП на поверку весов.", sender=CLIENT))
    with lab.app.db.tx() as tx:
        for n, one in enumerate(letters):
            _enter(lab, tx, one, n)
    lab.work()
    return damage(lab, count + 1, time.monotonic() - began)


def _enter(lab: Lab, tx: sa.Connection, letter: bytes, n: int) -> None:
    message_id, ids = header_ids(letter)
    stored = lab.app.raw.put(letter)
    source = f"lab/INBOX/1/{n}"
    arrival = Arrival(stored, len(letter), source, FolderRole.INBOX, lab.now, lab.now, message_id=message_id, ids=ids)
    intake.enter(tx, arrival)


def damage(lab: Lab, letters: int, seconds: float = 0.0) -> Damage:
    rows = lab.outbox()
    clients = [row for row in rows if row.audience == "client" and row.status == "sent"]
    of_case = Counter(row.case_id for row in clients)
    with lab.app.db.read() as view:
        outcomes = Counter(view.exec_driver_sql("SELECT coalesce(outcome, 'none') FROM mail").scalars())
    return Damage(
        letters=letters,
        outcomes=outcomes,
        cases=len(lab.cases()),
        to_clients=len(clients),
        most_of_a_case=max(of_case.values(), default=0),
        notices=sum(row.template == "notice" and row.status == "sent" for row in rows),
        alarms=sum(row.template == "alarm" for row in rows),
        held=Counter(row.hold_reason for row in rows if row.status == "held"),
        seconds=seconds,
    )


def main(count: int) -> None:
    for name, letter in STORMS.items():
        with tempfile.TemporaryDirectory() as folder:
            lab = Lab(Path(folder))
            found = storm(lab, count, letter)
            lab.now += timedelta(hours=1)
            sys.stdout.write(f"{name}: {found}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
