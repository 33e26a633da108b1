"""One letter, one file or one process that goes wrong holds up no other letter (found by a review, each once real)."""

from __future__ import annotations

import base64
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase.mail.headers import ids, normal_address, own_id
from mailcase.mail.letter import header_ids
from mailcase.stations.handle import handle
from mailcase.stations.send import send
from mailcase.store import db as databases
from mailcase.store.db import Database
from mailcase.store.outage import away
from mailcase.words import StorageDown
from tests.lab import Lab, bad_sector
from tests.letters import raw
from tests.servers.postgres import Postgres
from tests.town import wait_for


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Lab:
    if request.param == "sqlite":
        return Lab(tmp_path)
    return Lab(tmp_path, store={"url": request.getfixturevalue("postgres").url(), "raw": tmp_path / "raw"})


def bare(headers: str) -> bytes:
    top = f"To: lab@cleanmet.ru\r\nSubject: x\r\nMessage-ID: <e@e.example>\r\n{headers}\r\n\r\n"
    return f"{top}Просим КП\r\n".encode()


def folded(count: int) -> str:
    """An address so long, in encoded words of ordinary length that any server passes."""
    letters = random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=count)
    text = f"{''.join(letters)}@evil.example"
    pieces = [text[at : at + 45] for at in range(0, len(text), 45)]
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(piece.encode()).decode()}?=" for piece in pieces)


def test_a_letter_that_names_thousands_of_ids_is_known_by_the_first_and_the_last() -> None:
    named = [f"<{n}@x.example>" for n in range(1000)]
    found = ids(" ".join(named))
    assert (found[0], found[-1], len(found)) == (named[0], named[-1], 100)


@pytest.mark.req("C72")
def test_thousands_of_references_stop_nobody(lab: Lab) -> None:
    many = "\r\n ".join("".join(f"<{n}.{m}@x>" for m in range(60)) for n in range(90))
    letter = bare(f"From: A <a@a.example>\r\nReferences: {many}\r\nIn-Reply-To: {many}")
    assert len(header_ids(letter)[1]) <= 200
    first, second = lab.enter(letter), lab.enter(raw())
    lab.work()
    assert [lab.mail(i).status for i in (first, second)] == ["done", "done"]


@pytest.mark.parametrize("header", ["From", "Cc", "Reply-To"])
def test_an_endless_address_is_none_and_its_letter_a_case(lab: Lab, header: str) -> None:
    rest = "" if header == "From" else "From: A <a@a.example>\r\n"
    mail_id = lab.enter(bare(f"{rest}{header}: {folded(9000)}"))
    lab.work()
    assert (lab.mail(mail_id).status, lab.mail(mail_id).outcome) == ("done", "new_case")


def test_ids_and_addresses_fit_every_index() -> None:
    wide = "я" * 900
    assert ids(f"<{wide}@x.example>") == ()
    assert len(own_id(wide).encode()) <= 998
    assert normal_address(f"{wide}@x.example") == ""
    assert normal_address("anna@x.example") == "anna@x.example"


def test_a_letter_whose_top_the_database_refuses_is_a_case_without_it(lab: Lab) -> None:
    """Whatever the next such header is: in the end the case is made of what the ledger knows."""
    refuse(lab, "party", "1 = 1")
    mail_id = lab.enter(raw())
    for _ in range(12):
        lab.later(minutes=10)
    row = lab.mail(mail_id)
    assert (row.status, row.outcome) == ("quarantined", "quarantine")
    assert "romashka" not in (row.error or "")


def refuse(lab: Lab, table: str, when: str) -> None:
    """The database takes no more such rows, as after a lost right."""
    with lab.app.db.tx() as tx:
        if lab.app.db.sqlite:
            body = f"WHEN {when} BEGIN SELECT RAISE(ABORT, 'permission denied'); END"
            tx.exec_driver_sql(f"CREATE TRIGGER refused BEFORE INSERT ON {table} {body}")
        else:
            body = "BEGIN RAISE EXCEPTION 'permission denied'; END"
            tx.exec_driver_sql(
                f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS '{body}'".replace(
                    "'permission denied'", "''permission denied''"
                )
            )
            tx.exec_driver_sql(
                f"CREATE TRIGGER refused BEFORE INSERT ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse()"
            )


@pytest.mark.req("C90")
def test_a_file_that_cannot_be_read_holds_no_other_letter(tmp_path: Path) -> None:
    """A bad sector under one stored letter: what leaves without it leaves, it is tried again each minute."""
    lab = Lab(tmp_path)
    bad = lab.enter(raw(attachments=[("a.pdf", b"%PDF")], message_id="<b@b.example>", sender="Б <b@b.example>"))
    good = lab.enter(raw(message_id="<g@g.example>", sender="Г <g@g.example>"))
    handle(lab.app)
    with bad_sector(lab, bad):
        for _ in range(3):
            with pytest.raises(StorageDown):
                send(lab.app, lab.postman)
            send(lab.app, lab.postman)
            lab.now += timedelta(minutes=2)
    waiting = [row.mail_id for row in lab.outbox() if row.status != "sent"]
    assert waiting == [bad]
    assert good not in waiting
    assert [row.tries for row in lab.outbox() if row.status != "sent"] == [0]
    lab.later(minutes=2)
    assert all(row.status == "sent" for row in lab.outbox())


@pytest.mark.req("C41")
def test_what_left_is_not_sent_again_because_its_record_is_refused(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    # Shorter pauses between the tries to store it, and nothing else.
    monkeypatch.setattr(databases, "_INSIST", (0.001,) * 7)
    lab.enter(raw())
    handle(lab.app)
    refuse(lab, "event", "NEW.type = 'acknowledged'")
    for _ in range(20):
        lab.later(minutes=16)
    assert Counter(sent.to[0] for sent in lab.postman.sent if "romashka" in sent.to[0]).most_common() == [
        ("a.kovaleva@romashka.example.ru", 1)
    ]


def fault_of(db: Database, *steps: str | Callable[[], None]) -> BaseException:
    """What the database says to these statements in one transaction."""
    try:
        with db.tx() as tx:
            for step in steps:
                if isinstance(step, str):
                    tx.execute(sa.text(step))
                else:
                    step()
    except sa.exc.DBAPIError as error:
        return error
    raise AssertionError("nothing failed")


def passes(postgres: Postgres) -> None:
    """Wait until the server has ended whoever slept in a transaction."""
    watcher = Database(postgres.url())
    asleep = sa.text("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'")

    def ended() -> bool:
        with watcher.read() as view:
            return view.execute(asleep).scalar_one() == 0

    wait_for(ended, "the end of the transaction that slept")
    watcher.close()


@pytest.mark.postgres
def test_a_read_only_server_is_an_outage_and_no_fault_of_a_letter(postgres: Postgres) -> None:
    db = Database(postgres.url())
    assert away(fault_of(db, "SET TRANSACTION READ ONLY", "CREATE TABLE x (a int)"))
    db.close()


@pytest.mark.postgres
def test_the_server_ends_a_transaction_that_sleeps(postgres: Postgres) -> None:
    """A suspended machine holds the number of a case for a minute and not until it wakes."""
    db = Database(postgres.url())
    with db.read() as view:
        assert view.execute(sa.text("SHOW idle_in_transaction_session_timeout")).scalar() == "1min"
    # The server counts from the end of the first statement: the second one comes too late, whoever is quicker.
    fault = fault_of(db, "SET LOCAL idle_in_transaction_session_timeout = 1", lambda: passes(postgres), "SELECT 1")
    assert away(fault)
    db.close()


@pytest.mark.postgres
def test_two_daemons_of_one_process_number_hear_each_other(postgres: Postgres) -> None:
    """In containers each is process 1: by its name a daemon knows its own wake-ups."""
    names = {Database(postgres.url()).name.rpartition("-")[2] for _ in range(20)}
    assert len(names) == 20


def test_no_error_tells_the_values_of_a_row(lab: Lab) -> None:
    with pytest.raises(sa.exc.SQLAlchemyError) as found, lab.app.db.tx() as tx:
        tx.execute(sa.text("INSERT INTO nowhere VALUES (:address)"), {"address": "anna@romashka.example"})
    assert "anna" not in str(found.value)
