"""A laboratory whose servers are at the far ends of two wires: the daemon in this process, a real Dovecot, a sink.

Letters are delivered past the wire; at the end `complete` counts by itself, from the ledger and from what the sink
took. `now` runs with the real clock and is moved ahead by `skew`. `Hurry` shortens the rests and remembers them.
"""

from __future__ import annotations

import email
import email.policy
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import pytest
import sqlalchemy as sa

from mailcase import daemon
from mailcase.app import App, Wakes, clock
from mailcase.store import tables as t
from tests.letters import config, raw
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import PASSWORD
from tests.servers.proxy import Proxy
from tests.servers.sink import Sink
from tests.town import wait_for

DUTY = "smirnova@cleanmet.ru"


class Hurry(threading.Event):
    """A stop that nobody waits for longer than a moment; who would have rested how long is kept by thread."""

    def __init__(self, moment: float = 0.05) -> None:
        super().__init__()
        self.moment = moment
        self.rests: list[tuple[str, float]] = []

    def wait(self, timeout: float | None = None) -> bool:
        if timeout is None:
            return super().wait()
        self.rests.append((threading.current_thread().name, timeout))
        return super().wait(min(timeout, self.moment))

    def of(self, station: str) -> list[float]:
        """The rests of one station, in their order."""
        return [seconds for name, seconds in self.rests if name.startswith(station)]


@dataclass
class Wires:
    """What stands between: `imap` and `smtp`, with the real servers behind them."""

    dovecot: Dovecot
    account: str
    sink: Sink
    imap: Proxy
    smtp: Proxy


@pytest.fixture
def wires(dovecot: Dovecot, account: str, sink: Sink) -> Iterator[Wires]:
    """An empty mailbox and a sink, both behind wires that are fair."""
    with Proxy(dovecot.imap_port) as imap, Proxy(sink.port) as smtp:
        yield Wires(dovecot, account, sink, imap, smtp)


class RemoteLab:
    """Runs while the `with` block lasts; begins after the first good pass, so that every letter is new mail."""

    def __init__(self, folder: Path, wires: Wires, stop: threading.Event | None = None, **overrides: Any) -> None:
        self.wires, self.skew = wires, timedelta()
        box = {"name": "lab", "host": "127.0.0.1", "port": wires.imap.port, "user": wires.account, "tls": "none"}
        box |= {"password": PASSWORD, "poll": "1s", "timeout": "2s", **overrides.pop("mailbox", {})}
        smtp = {"host": "127.0.0.1", "port": wires.smtp.port, "tls": "none", "timeout": "2s"}
        smtp |= overrides.pop("smtp", {})
        overrides.setdefault("store", {"url": f"sqlite:///{folder}/test.db", "raw": folder / "raw"})
        overrides["alarm"] = {"file": folder / "alarms.log", **overrides.get("alarm", {})}
        overrides["classify"] = {"models": folder / "models", **overrides.get("classify", {})}
        budget = {"per_domain_day": 10_000, "per_hour": 10_000}
        settings = config(mailbox=[box], smtp=smtp, budget=budget, **overrides)
        app = App.build(settings, now=lambda: clock() + self.skew)
        self.app = replace(app, wake=Wakes(stop=stop or threading.Event()))
        self.delivered = 0
        self._thread = threading.Thread(target=daemon.run, args=(self.app,), kwargs={"signals": False}, name="run")

    def __enter__(self) -> Self:
        self.app.prepare()
        self._thread.start()
        wait_for(lambda: self.ask(sa.select(t.folder.c.last_pass).where(t.folder.c.role == "inbox"))[:1], "a pass")
        wait_for(lambda: self.ask(sa.select(t.folder.c.last_pass))[0][0], "a first good pass")
        return self

    def __exit__(self, *_: object) -> None:
        self.app.wake.halt()
        self._thread.join(30)
        alive = self._thread.is_alive()
        self.app.db.close()
        assert not alive, "the daemon does not end"

    def ask(self, query: sa.Select[Any]) -> list[sa.Row[Any]]:
        with self.app.db.read() as view:
            return list(view.execute(query))

    def deliver(self, count: int = 1, text: str = "Просим выставить КП на калибровку манометров.") -> None:
        """That many clients write, each from his own firm."""
        for n in range(self.delivered + 1, self.delivered + count + 1):
            letter = raw(f"{text} Позиция {n}.", sender=f"Клиент <{client(n)}>", message_id=message_id(n))
            self.wires.dovecot.deliver(self.wires.account, letter, client(n))
        self.delivered += count

    def later(self, **span: float) -> None:
        """Time passes, and who rests until a moment looks at once."""
        self.skew += timedelta(**span)
        self.app.wake.send.set()

    def cases(self) -> list[int]:
        """The numbers of all cases, ascending."""
        return [number for (number,) in self.ask(sa.select(t.cases.c.number).order_by(t.cases.c.number))]

    def staff_letters(self) -> list[str]:
        """The texts of the letters that employees have got."""
        found = [email.message_from_bytes(s.raw, policy=email.policy.default) for s in list(self.wires.sink.letters)]
        to_staff = [m for m in found if "@cleanmet.ru" in str(m["To"])]
        return [str(m.get_body(("plain",)).get_content()) for m in to_staff]  # type: ignore[union-attr, attr-defined]

    def taken(self) -> Counter[str]:
        """How many letters each client has got."""
        return Counter(to for letter in list(self.wires.sink.letters) for to in letter.to if to.startswith("client"))

    def answered(self) -> bool:
        return len(self.taken()) >= self.delivered

    def idle(self) -> bool:
        """Whether nothing is left to send."""
        waits = t.outbox.c.status.in_(("queued", "sending"))
        return not self.ask(sa.select(t.outbox.c.id).where(waits))

    def complete(self, twins: int = 0, **span: float) -> None:
        """Every letter delivered has one line, one outcome, one case and one acknowledgement; nothing else left twice.

        `twins` letters have come twice, under the same Message-ID and noted as repeats. With a `span` so much time
        passes at every look.
        """

        def done() -> bool:
            if span:
                self.later(**span)
            return self.answered() and self.idle()

        wait_for(done, f"{self.delivered} acknowledgements; at first it was\n{self.state()}")
        mails = self.ask(sa.select(t.mail).where(t.mail.c.role == "inbox").order_by(t.mail.c.id))
        expected = Counter(message_id(n) for n in range(1, self.delivered + 1))
        assert Counter(mail.message_id for mail in mails) == expected
        assert {(mail.status, mail.outcome) for mail in mails} <= {("done", "new_case")}
        assert len({mail.case_id for mail in mails}) == self.delivered
        assert self.cases() == list(range(1, self.delivered + 1))
        ids = Counter(sent_id(letter.raw) for letter in self.wires.sink.letters)
        assert sum(ids.values()) - len(ids) == twins
        assert {id_ for id_ in ids if ids[id_] > 1} <= self.repeated()
        acks = Counter(to for to, _ in {(to, sent_id(s.raw)) for s in self.wires.sink.letters for to in s.to})
        assert {acks[client(n)] for n in range(1, self.delivered + 1)} <= {1}

    def repeated(self) -> set[str]:
        """The Message-IDs of letters that are on record as sent again, because they may have left before."""
        joined = t.event.join(t.outbox, t.event.c.outbox_id == t.outbox.c.id)
        wanted = sa.select(t.outbox.c.message_id).select_from(joined).where(t.event.c.type == "resent")
        return {message_id for (message_id,) in self.ask(wanted)}

    def state(self) -> str:
        """For people: what the ledger and the outbox hold."""
        mails = self.ask(sa.select(t.mail.c.status, t.mail.c.outcome, t.mail.c.tries, t.mail.c.error))
        letters = self.ask(sa.select(t.outbox.c.key, t.outbox.c.status, t.outbox.c.tries, t.outbox.c.last_error))
        return "\n".join(str(tuple(row)) for row in [*mails, *letters])

    def alarms(self, about: str = "") -> list[str]:
        """The keys of the alarms that were written to the duty person."""
        keys = self.ask(sa.select(t.outbox.c.key).where(t.outbox.c.template == "alarm").order_by(t.outbox.c.id))
        return [key.removeprefix("alarm:") for (key,) in keys if key.startswith(f"alarm:{about}")]


def client(n: int) -> str:
    return f"client{n}@h{n}.example.ru"


def message_id(n: int) -> str:
    return f"<m{n}@h{n}.example.ru>"


def sent_id(raw: bytes) -> str:
    """The Message-ID of a letter that left."""
    line = next(line for line in raw.split(b"\r\n") if line.lower().startswith(b"message-id:"))
    return line.partition(b":")[2].strip().decode()


@contextmanager
def laboratory(folder: Path, wires: Wires, tls: str = "none", **more: Any) -> Iterator[RemoteLab]:
    """With short rests; `tls` is the way to the mailbox."""
    wires.imap.target = wires.dovecot.imaps_port if tls == "tls" else wires.dovecot.imap_port
    mailbox = {"tls": tls, "ca_file": wires.dovecot.ca_file, **more.pop("mailbox", {})}
    with RemoteLab(folder, wires, more.pop("stop", None) or Hurry(), mailbox=mailbox, **more) as lab:
        yield lab
