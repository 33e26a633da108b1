"""After the story: where to look, how to write a letter of one's own, and what becomes of it, told as it happens."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from mailcase.demo import laboratory, people
from mailcase.demo.narrator import Narrator
from mailcase.demo.servers import HOST
from mailcase.demo.stage import UNDER_WAY, Fate, Stage
from mailcase.store import known
from mailcase.store import tables as t
from mailcase.words import FolderRole, MailStatus

_LOOK_EVERY = 0.2
_QUESTION = "Сколько стоит поверка весов и когда можно привезти?"


def guide(stage: Stage) -> str:
    """Where to look and how to take part, ready to be copied into a terminal or a mail program."""
    beside = Path(sys.executable).with_name("mailcase")
    command = f"{beside if beside.exists() else 'mailcase'} --config {stage.folder / 'config.toml'}"
    page = next((stage.folder / laboratory.PAGE).glob("*.html"), None)
    smtp = stage.servers.smtp_port
    return f"""
Everything is still running; Ctrl-C stops it and removes the folder.

Look around
  folder     {stage.folder}
  register   {page.as_uri() if page else "(not written)"}
  log        {stage.log}
  {command} cases
  {command} show 1
  {command} mail

Write to the laboratory yourself, to {people.LAB}
  in a mail program: IMAP {HOST} port {stage.servers.imap_port}, SMTP {HOST} port {smtp}, no encryption, normal password
    user {people.YOU.address}, password {people.PASSWORD}; the same password opens {people.LAB} and every employee's
    mailbox ({", ".join(people.STAFF)}): answer a notice there
  swaks --server {HOST}:{smtp} --from {people.YOU.address} --to {people.LAB} --header 'Subject: Поверка весов' \\
    --body '{_QUESTION}'
  {_python(smtp)}
"""


def _python(port: int) -> str:
    """One line that sends the question without any mail program."""
    sender, lab = people.YOU.address, people.LAB
    header = f"From: {sender}\\nTo: {lab}\\nSubject: Поверка весов\\nContent-Type: text/plain; charset=utf-8"
    return (
        f"python3 -c \"import smtplib; smtplib.SMTP('{HOST}', {port}).sendmail('{sender}', '{lab}', "
        f"'{header}\\n\\n{_QUESTION}'.encode())\""
    )


class Watch:
    """Tells of every letter that comes or goes from now on."""

    def __init__(self, stage: Stage, narrator: Narrator) -> None:
        self.stage, self.narrator = stage, narrator
        self._told_in = {fate.mail.id for fate in self._arrived()}
        self._told_out = {row.id for row in stage.written(0)}

    def run(self) -> None:
        """Until Ctrl-C (KeyboardInterrupt passes) or the end of the daemon."""
        while not self.stage.stopped.wait(_LOOK_EVERY):
            self.look()

    def look(self) -> None:
        """Tell what is new since the last look."""
        for fate in self._arrived():
            if fate.mail.id not in self._told_in:
                self._told_in.add(fate.mail.id)
                self.narrator.say("")
                self.narrator.arrived(fate.mail)
                self.narrator.became(fate)
        delivered = {letter.message_id: letter for letter in self.stage.servers.delivered()}
        for row in self._left():
            self._told_out.add(row.id)
            self.narrator.sent(row, delivered.get(row.message_id), None, shown=True)

    def _arrived(self) -> list[Fate]:
        m = t.mail.c
        done = sa.and_(m.role == FolderRole.INBOX, m.status != MailStatus.NEW)
        with self.stage.app.db.read() as view:
            rows = list(view.execute(sa.select(t.mail).where(done).order_by(m.id)))
            found = {case.id: case for case in known.cases_by_id(view, {row.case_id for row in rows if row.case_id})}
        return [Fate(row, found.get(row.case_id)) for row in rows]

    def _left(self) -> list[Row[Any]]:
        rows = self.stage.written(0)
        return [row for row in rows if row.id not in self._told_out and row.status not in UNDER_WAY]
