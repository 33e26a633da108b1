"""A register of very many cases, written straight into the tables of a SQLite ledger: how a laboratory's looks.

Of each case there are the letter that opened it, its acknowledgement and its notice, a party, an id of its thread, a
journal line and five events. All but one in two hundred are closed, as in a register that has grown for years; people
write again, and some of the load's own writers are among them. Hashes and ids are made up, and in order: so the
indexes are written fast, and are as deep as any.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from bench import meter, report

_EVENTS = 5
_STRANGERS = 50_000
_NUMBERS = """
CREATE TEMP TABLE n AS
WITH RECURSIVE count(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM count WHERE i < {cases}) SELECT i FROM count
"""
_CASE = """
CREATE TEMP TABLE made AS
SELECT n.i AS i,
       coalesce(w.address, 'client' || (n.i % {strangers}) || '@firm' || (n.i % 997) || '.example') AS address,
       CASE WHEN n.i % 400 = 0 THEN 'open' WHEN n.i % 400 = 200 THEN 'answered' ELSE 'closed' END AS status,
       CASE n.i % 3 WHEN 0 THEN 'petrova' WHEN 1 THEN 'sidorov' ELSE 'belova' END AS assignee,
       CASE WHEN n.i % 50 = 1 THEN 'complaint' ELSE 'inquiry' END AS register,
       datetime('2020-01-01', (n.i * 187) || ' seconds') || '.000000' AS at
FROM n LEFT JOIN writers w ON w.rowid = n.i / 20 AND n.i % 20 = 7
"""
_FILL = (
    """INSERT INTO mail (id, sha256, size, source, role, received_at, entered_at, status, outcome, reasons, fingerprint,
           original, message_id, from_address, from_name, subject, case_id, part, lang, history, late, spam_waived,
           forced, truncated, handled_at, claim_no, deaths, tries)
       SELECT i, printf('%064d', i), 8000, 'lab/INBOX/1/' || i, 'inbox', at, at, 'done', 'new_case',
           '[{"rule":"classify.request","why":"просят счёт"}]', printf('%032d', i), 1,
           '<old.' || i || '@firm.example>', address, 'Клиент ' || i, 'Поверка манометров № ' || i, i, 1, 'ru', 0, 0, 0,
           0, 0, at, 1, 0, 0 FROM made""",
    """INSERT INTO cases (id, history, year, number, tag, opened_by_mail_id, register, kind, topics, sender,
           consumer_service, risk, "check", confidence, status, subject, contact_address, contact_name, assignee,
           opened_at, target_at, due_at, closed_at, close_reason, parts, updated_at)
       SELECT i, 0, 2020, i, 'KM-20-' || i || '-0000', i, register,
           CASE register WHEN 'complaint' THEN 'complaint' ELSE 'request' END, '[]', 'organisation', 0, '[]', 0, 0.9,
           status,
           'Поверка манометров № ' || i, address, 'Клиент ' || i, assignee, at, at, at,
           CASE status WHEN 'closed' THEN at END, '', 1, at FROM made""",
    "INSERT INTO party (case_id, address, name, role) SELECT i, address, 'Клиент ' || i, 'client' FROM made",
    "INSERT INTO thread (message_id, case_id) SELECT '<old.' || i || '@firm.example>', i FROM made",
    "INSERT INTO journal (register, year, seq, case_id, entered_at) SELECT register, 2020, i, i, at FROM made",
    "INSERT OR IGNORE INTO contact (address, name, phone) SELECT address, 'Клиент ' || i, '' FROM made",
    """INSERT INTO event (stream, seq, at, actor, type, mail_id, detail, hash)
       SELECT 'case:' || made.i, k.k, at, 'mailcase',
           CASE k.k WHEN 1 THEN 'registered' WHEN 2 THEN 'assigned' WHEN 3 THEN 'acknowledged' WHEN 4 THEN 'sent'
           ELSE 'closed' END, made.i, '{"number":' || made.i || ',"kind":"request"}', printf('%064d', made.i)
       FROM made JOIN (SELECT i AS k FROM n WHERE i <= {events}) k""",
    """INSERT INTO stream (name, last_seq, last_hash)
       SELECT 'case:' || i, {events}, printf('%064d', i) FROM made""",
)
_OUTBOX = """
INSERT INTO outbox ("key", message_id, template, audience, automatic, case_id, mail_id, person, to_address,
    envelope_from, draft, sha256, status, sent_copy, claim_no, deaths, tries, created_at, sent_at)
SELECT '{template}:' || i, '<{template}.' || i || '@example.org>', '{template}', '{audience}', 1, i, i,
    {person}, {to}, '', printf('%1200c', ' '), printf('%064d', i), 'sent',
    'none', 1, 0, 0, at, at FROM made
"""


def fill(database: Path, cases: int, writers: Sequence[str] = ()) -> None:
    """Put so many cases into an empty, migrated ledger that no daemon has open."""
    began = meter.now()
    with closing(sqlite3.connect(database, isolation_level=None)) as ledger:
        # Written once and thrown away after the run: durability would only cost time here.
        for pragma in ("synchronous=off", "temp_store=memory", "cache_size=-200000"):
            ledger.execute(f"PRAGMA {pragma}")
        ledger.execute("BEGIN")
        ledger.execute("CREATE TEMP TABLE writers (address TEXT)")
        ledger.executemany("INSERT INTO writers VALUES (?)", [(address,) for address in writers])
        numbers = {"cases": cases, "strangers": _STRANGERS, "events": _EVENTS}
        for statement in (_NUMBERS, _CASE, *_FILL, *_letters_out()):
            ledger.execute(_with(statement, numbers))
        ledger.execute("COMMIT")
        ledger.execute("PRAGMA wal_checkpoint(truncate)")
    size = database.stat().st_size / 2**20
    report.progress(f"register: {cases} cases written in {meter.now() - began:.0f} s, {size:.0f} MB")


def _letters_out() -> list[str]:
    client = {"template": "acknowledgement", "audience": "client", "person": "''", "to": "address"}
    staff = {"template": "notice", "audience": "staff", "person": "assignee", "to": "assignee || '@staff.example'"}
    return [_with(_OUTBOX, given) for given in (client, staff)]


def _with(statement: str, values: Mapping[str, object]) -> str:
    for name, value in values.items():
        statement = statement.replace(f"{{{name}}}", str(value))
    return statement
