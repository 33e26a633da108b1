"""SIGKILL of real `mailcase run` processes at random moments, on a real Dovecot and a real SMTP server; then the count.

    python -m tests.kill --kills 500 --letters 3000               # a longer run by hand, on SQLite
    python -m tests.kill --kills 500 --letters 3000 --postgres

Letters arrive while a process lives, and what it sent is reacted to. Every fifth one dies during its start, every
twentieth is started by the command itself, the others are forked (see `nest`). On PostgreSQL the leases of the dead end
by themselves after minutes; the run moves them into the past after each kill, as the time would.
"""

from __future__ import annotations

import argparse
import imaplib
import random
import re
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import audit
from tests.audit_book import connect, read
from tests.mailbag import LAB, Mailbag, Posted
from tests.nest import Nest
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from tests.servers.sink import Sink
from tests.town import wait_for

_WORK, _START = 0.6, 0.9
"""Seconds that a process lives at most: from when it reads letters, or from its start."""
_END = 600.0
_MEANT = {"drop": ("auto_reply", "bulk"), "thread": ("new_case", "follow_up")}
_SENT = "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"
_STAFF = (
    ("petrova", "Петрова Наталья Викторовна", "инженер по метрологии", '"request", "order_change", "consultation"'),
    ("smirnova", "Смирнова Ольга Игоревна", "менеджер по качеству", '"complaint", "claim"'),
)
_CONFIG = """\
mode = "live"
[lab]
name = "ООО «КлинМет»"
address = "{lab}"
head = "smirnova"
duty = "smirnova"
quality_manager = "smirnova"
[[mailbox]]
name = "lab"
host = "127.0.0.1"
port = {imap}
user = "{user}"
tls = "none"
poll = "1s"
after = "mark"
[smtp]
host = "127.0.0.1"
port = {smtp}
tls = "none"
[answer]
undo = "0s"
confirm_first = 0
# The load of weeks comes in a minute; budgets are tried elsewhere.
[budget]
per_address_day = 1000000
per_domain_day = 1000000
per_case_day = 1000000
same_text_day = 1000000
per_hour = 1000000
per_person_day = 1000000
answers_per_case_day = 1000000
# Whoever kills the process this often is no letter.
[limits]
deaths = 100
"""
_PERSON = """
[[employee]]
login = "{login}"
name = "{name}"
position = "{position}"
phone = "+7 495 000-00-00"
email = "{login}@cleanmet.ru"
kinds = [{kinds}]
"""


def configure(folder: Path, dovecot: Dovecot, sink: Sink, user: str, url: str = "") -> str:
    """Write `config.toml` and `.env` of a laboratory on these servers; the URL of its database."""
    text = _CONFIG.format(lab=LAB, user=user, imap=dovecot.imap_port, smtp=sink.port)
    for login, name, position, kinds in _STAFF:
        text += _PERSON.format(login=login, name=name, position=position, kinds=kinds)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    secrets = {"MAILCASE_SECRET": "a secret of tests only", "MAILCASE_MAILBOX_LAB_PASSWORD": dovecot.users["*"]}
    secrets |= {"MAILCASE_DATABASE_URL": url} if url else {}
    (folder / ".env").write_text("".join(f"{name}='{value}'\n" for name, value in secrets.items()))
    (folder / ".env").chmod(0o600)
    return url or f"sqlite:///{folder}/mailcase.db"


@dataclass
class Killing:
    """One laboratory whose daemon is killed again and again."""

    folder: Path
    dovecot: Dovecot
    sink: Sink
    user: str
    database: str = ""
    seed: int = 1
    posted: list[Posted] = field(default_factory=list)
    lives: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.url = configure(self.folder, self.dovecot, self.sink, self.user, self.database)
        self.dice, self.nest = random.Random(self.seed), Nest(self.folder)
        self._seen = self.left = 0

    def run(self, kills: int, letters: int) -> list[str]:
        """So many kills while so many letters and their consequences arrive; what is wrong in the end."""
        bag = Mailbag(self.seed, letters)
        waiting = bag.letters()
        try:
            self._first_look()
            for life in range(kills):
                share = -(-len(waiting) // (kills - life))
                self._live(life, [*waiting[:share], *self._reactions(bag)])
                waiting = waiting[share:]
            self.left = len(self.sink.letters)
            self._recover(bag)
            doubled = [*self._renumbered()]
        finally:
            self.nest.close()
        return [*doubled, *self._counted(), *self._not_meant(), *self._copies()]

    def _first_look(self) -> None:
        """What lies in a mailbox before the first start is left alone, so letters arrive from here on."""
        self.nest.fork()
        self._works(0)
        wait_for(lambda: self._ask("SELECT count(*) FROM folder WHERE last_pass IS NOT NULL") == 2, "the first look")
        self.nest.kill()

    def _live(self, life: int, letters: Sequence[Posted]) -> None:
        """One process, which gets its letters at random moments and is killed."""
        before, kind = self.nest.starts(), "start" if life % 5 == 4 else "command" if life % 20 == 7 else "fork"
        (self.nest.run if kind == "command" else self.nest.fork)()
        if kind != "start":
            self._works(before)
        began, span = time.monotonic(), self.dice.uniform(0, _START if kind == "start" else _WORK)
        for moment, letter in zip(sorted(self.dice.uniform(0, span) for _ in letters), letters, strict=True):
            time.sleep(max(0.0, began + moment - time.monotonic()))
            self._deliver(letter)
        time.sleep(max(0.0, began + span - time.monotonic()))
        self.nest.kill()
        self.lives[kind] += 1
        if self.database:
            for table in ("mail", "outbox"):
                self._ask(f"UPDATE {table} SET leased_until = leased_until - interval '1 hour' RETURNING 1")

    def _works(self, before: int) -> None:
        wait_for(lambda: self.nest.starts() > before, f"a daemon that works\n{self.nest.said()}")

    def _recover(self, bag: Mailbag) -> None:
        """The last process lives until nothing is left to do, whatever comes of that; then it ends in order."""
        self.nest.run()
        while True:
            wait_for(self._at_rest, "everything is done", _END)
            more = self._reactions(bag)
            if not more:
                break
            for letter in more:
                self._deliver(letter)
        assert self.nest.end(signal.SIGTERM) == 0, self.nest.said()

    def _renumbered(self) -> Iterator[str]:
        """The server makes INBOX anew, and the same letters lie in it under other UIDs: nothing comes of that."""
        book = "(SELECT count(*) FROM cases) + (SELECT count(*) FROM outbox WHERE audience = 'client')"
        before = self._ask(f"SELECT {book}")
        maildir = self.dovecot.home / "mail" / self.user / "Maildir"
        for file in (maildir / "dovecot-uidlist", *maildir.glob("dovecot.index*")):
            file.unlink()
        self.nest.run()
        seen = "SELECT count(*) FROM sighting s JOIN folder f ON s.folder_id = f.id AND s.uidvalidity = f.uidvalidity"
        seen += " WHERE f.role = 'inbox' AND f.renumbered_after IS NOT NULL"
        wait_for(lambda: self._ask(seen) == len(self.posted) and self._at_rest(), "all letters seen again", _END)
        assert self.nest.end(signal.SIGTERM) == 0, self.nest.said()
        if self._ask(f"SELECT {book}") != before:
            yield "a renumbered folder opened cases or wrote to clients"

    def _at_rest(self) -> bool:
        if self._ask("SELECT count(*) FROM mail WHERE role = 'inbox'") < len(self.posted):
            return False
        waits = "SELECT count(*) FROM outbox WHERE status IN ('queued', 'sending') OR sent_copy LIKE 'due%'"
        return not self._ask("SELECT count(*) FROM mail WHERE status = 'new'") and not self._ask(waits)

    def _ask(self, sql: str) -> int:
        with connect(self.url) as connection:
            row = connection.execute(sql).fetchone()
            return int(next(iter(dict(row).values()))) if row else 0

    def _reactions(self, bag: Mailbag) -> list[Posted]:
        fresh = self.sink.letters[self._seen :]
        self._seen += len(fresh)
        return [letter for taken in fresh for letter in bag.reactions(taken.to, taken.raw)]

    def _deliver(self, letter: Posted) -> None:
        self.posted.append(letter)
        self.dovecot.deliver(self.user, letter.raw, sender=letter.path)

    def _counted(self) -> list[str]:
        delivered = [letter.raw for letter in self.posted]
        return audit.problems(self.url, delivered, self.sink.letters, raw=self.folder / "raw")

    def _not_meant(self) -> Iterator[str]:
        """Letters that became something else than their writers meant."""
        became: dict[str, list[str]] = {}
        for row in read(self.url).mail:
            became.setdefault(row["message_id"].strip("<>"), []).append(row["drop_reason"] or row["outcome"])
        for letter in self.posted:
            name = audit.message_id(letter.raw)
            right = _MEANT.get(letter.becomes, (letter.becomes,))
            if not set(right) & set(became.get(name, [])):
                yield f"<{name}> was meant as {letter.becomes} and became {became.get(name)}"

    def _copies(self) -> Iterator[str]:
        """Each letter to a client lies once in the folder of sent letters."""
        with imaplib.IMAP4(self.dovecot.host, self.dovecot.imap_port) as client:
            client.login(self.user, self.dovecot.users["*"])
            client.select(f'"{_SENT}"', readonly=True)
            _, found = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
        filed = Counter(re.findall(r"<[^<>\s]+>", " ".join(str(part[1]) for part in found if isinstance(part, tuple))))
        sent = [row for row in read(self.url).outbox if row["audience"] == "client" and row["status"] == "sent"]
        for row in sent:
            if filed[row["message_id"]] != 1:
                yield f"the copy of outgoing letter {row['id']} is filed {filed[row['message_id']]} times"


def summary(killing: Killing) -> dict[str, Any]:
    """What the run was, in numbers."""
    book = read(killing.url)
    return {
        "killed": dict(killing.lives),
        "letters delivered": len(killing.posted),
        "became": dict(Counter(row["drop_reason"] or row["outcome"] for row in book.mail)),
        "cases": len(book.cases),
        "letters sent": sum(row["status"] == "sent" for row in book.outbox),
        "arrived at the server": len(killing.sink.letters),
        "arrived before the last process began": killing.left,
        "repeats noted": sum(event["type"] == "resent" for event in book.events),
    }


def main() -> None:
    """The long form."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=500)
    options.add_argument("--letters", type=int, default=3000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--postgres", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="kill-") as name, Sink.start() as sink:
        folder = Path(name)
        (folder / "dovecot").mkdir()
        dovecot = Dovecot.start(folder / "dovecot", users={"*": "secret"})
        postgres = Postgres.start() if given.postgres else None
        try:
            began = time.monotonic()
            url = postgres.url() if postgres else ""
            killing = Killing(folder, dovecot, sink, "lab@example.org", url, given.seed)
            wrong = killing.run(given.kills, given.letters)
            print(f"{time.monotonic() - began:.0f} s", *summary(killing).items(), sep="\n")  # noqa: T201
        finally:
            dovecot.stop()
            if postgres:
                postgres.stop()
    print(*wrong, f"{len(wrong)} things are wrong", sep="\n")  # noqa: T201
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
