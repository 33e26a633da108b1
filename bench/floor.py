"""The floor: the least that a Python intake with our durability does for a letter, in one process, and what it costs.

    python -m bench.floor --imap PORT --smtp PORT --user USER --corpus DIR --work DIR

A letter is fetched whole, parsed with `email.policy.default`, committed as a case (SQLite, WAL, synchronous=FULL);
the acknowledgement is composed and sent over one kept connection, that is committed, and the letter is marked as read
by itself. No thread, no judgement, no templates, no journal: whatever mailcase does beyond this is in the ratio.

`--program PATH` runs another floor with the arguments `part full_safe --corpus DIR --work DIR` in this process; its
module `services`, where it has one, is told our ports. Both print one line of JSON: n, wall, cpu, rss_mb.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import email.utils
import importlib
import json
import resource
import runpy
import smtplib
import sqlite3
import subprocess
import sys
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

_BATCH = 50
_ACKNOWLEDGEMENT = """Здравствуйте, {name}!

Ваше письмо получено и зарегистрировано: вх. № {number}.
Тема: {subject}

Ответит сотрудник лаборатории.
"""
_SCHEMA = """
CREATE TABLE cases (id INTEGER PRIMARY KEY, message_id TEXT UNIQUE, sender TEXT, name TEXT, subject TEXT, date TEXT,
                    in_reply_to TEXT, body TEXT, state TEXT);
CREATE INDEX cases_by_sender ON cases (sender);
CREATE TABLE files (id INTEGER PRIMARY KEY, case_id INTEGER, name TEXT, type TEXT, content BLOB);
"""


def run(port: int, smtp_port: int, user: str, password: str, database: Path) -> int:
    """Take every unread letter in; how many."""
    from imapclient import IMAPClient

    box = IMAPClient("127.0.0.1", port=port, ssl=False)
    box.login(user, password)
    box.select_folder("INBOX")
    post = smtplib.SMTP("127.0.0.1", smtp_port, local_hostname="floor.example")
    ledger = sqlite3.connect(database, isolation_level=None)
    ledger.execute("PRAGMA journal_mode=WAL")
    ledger.execute("PRAGMA synchronous=FULL")
    ledger.executescript(_SCHEMA)
    uids = box.search(["UNSEEN"])
    for start in range(0, len(uids), _BATCH):
        batch = uids[start : start + _BATCH]
        got = box.fetch(batch, ["BODY.PEEK[]"])
        for uid in batch:
            letter = _read(got[uid][b"BODY[]"])
            number = _keep(ledger, letter)
            post.send_message(_acknowledge(letter, number), "lab@example.org", [letter["sender"]])
            ledger.execute("UPDATE cases SET state = 'acknowledged' WHERE id = ?", (number,))
            box.add_flags([uid], [b"\\Seen"], silent=True)
    return len(uids)


def _read(raw: bytes) -> dict[str, Any]:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    name, sender = email.utils.parseaddr(str(message["From"]))
    body, files = "", []
    for part in message.walk():
        if part.is_multipart():
            continue
        if part.get_content_disposition() == "attachment" or part.get_filename():
            files.append((part.get_filename(), part.get_content_type(), part.get_payload(decode=True)))
        elif part.get_content_type() == "text/plain" and not body:
            body = part.get_content()
    named = {key: str(message[key] or "") for key in ("Message-ID", "Subject", "Date", "In-Reply-To")}
    return {**named, "name": name, "sender": sender, "body": body, "files": files}


def _keep(ledger: sqlite3.Connection, letter: dict[str, Any]) -> int:
    ledger.execute("BEGIN IMMEDIATE")
    row = tuple(letter[key] for key in ("Message-ID", "sender", "name", "Subject", "Date", "In-Reply-To", "body"))
    columns = "message_id, sender, name, subject, date, in_reply_to, body, state"
    added = ledger.execute(f"INSERT INTO cases ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, 'new')", row)
    for file in letter["files"]:
        ledger.execute("INSERT INTO files (case_id, name, type, content) VALUES (?, ?, ?, ?)", (added.lastrowid, *file))
    ledger.execute("COMMIT")
    return int(added.lastrowid or 0)


def _acknowledge(letter: dict[str, Any], number: int) -> EmailMessage:
    subject = " ".join(letter["Subject"].split())
    message = EmailMessage()
    message["From"] = "lab@example.org"
    message["To"] = letter["sender"]
    message["Subject"] = f"[KM-{number}] {subject}"
    message["Message-ID"] = f"<{number}@example.org>"
    message["In-Reply-To"] = letter["Message-ID"]
    message["Auto-Submitted"] = "auto-replied"
    message.set_content(_ACKNOWLEDGEMENT.format(name=letter["name"], number=number, subject=subject))
    return message


def _measured(options: argparse.Namespace) -> dict[str, float]:
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    done = run(options.imap, options.smtp, options.user, options.password, options.work / "floor.db")
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"n": done, "wall": wall, "cpu": cpu, "rss_mb": after.ru_maxrss / 1024}


def _foreign(options: argparse.Namespace) -> None:
    """The other floor prints its own line."""
    sys.path.insert(0, str(options.program.parent))
    try:
        services: Any = importlib.import_module("services")
    except ImportError:
        services = argparse.Namespace()
    services.IMAP_PORT, services.SMTP_PORT = options.imap, options.smtp
    services.USER, services.PASSWORD = options.user, options.password
    sys.argv = [str(options.program), "part", "full_safe", "--corpus", str(options.corpus), "--work", str(options.work)]
    runpy.run_path(str(options.program), run_name="__main__")


def measure(
    imap: int, smtp: int, user: str, password: str, corpus: Path, work: Path, program: Path | None
) -> dict[str, float]:
    """Run the floor in a process of its own on what lies in that INBOX: n, wall, cpu, rss_mb."""
    ports = ["--imap", str(imap), "--smtp", str(smtp), "--user", user, "--password", password]
    folders = ["--corpus", str(corpus), "--work", str(work), *(["--program", str(program)] if program else [])]
    command = [sys.executable, "-m", "bench.floor", *ports, *folders]
    tree = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the floor failed:\n{done.stderr[-2000:]}")
    return {key: float(value) for key, value in json.loads(done.stdout.splitlines()[-1]).items()}


def main() -> None:
    """Run here, print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--imap", type=int, required=True)
    parser.add_argument("--smtp", type=int, required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--password", default="secret")
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--program", type=Path)
    options = parser.parse_args()
    if options.program:
        _foreign(options)
    else:
        print(json.dumps(_measured(options)))


if __name__ == "__main__":
    main()
