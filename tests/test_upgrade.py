"""Who brings the database up to date: the daemon that is alone on it, or whoever is told to; nobody beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase import daemon
from mailcase.check import everything
from mailcase.check_finding import Level
from mailcase.store import migrations
from mailcase.store import tables as t
from mailcase.store.db import Database
from mailcase.words import MailcaseError
from tests.lab import Lab
from tests.letters import raw
from tests.test_flow import CLIENT, reply_to_notice


def old(lab: Lab) -> None:
    """The database of an earlier version, as far as anybody can see."""
    with lab.app.db.tx() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))


def test_nothing_changes_the_schema_under_a_running_daemon_of_another_version(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    with daemon.only_process(lab.app):
        old(lab)
        with pytest.raises(MailcaseError, match="another mailcase runs on"):
            daemon.run(lab.app, signals=False)
        with pytest.raises(MailcaseError, match="another mailcase runs on"):
            lab.app.prepare_beside(upgrade=True)
        (found,) = (finding for finding in everything(lab.app, servers=False) if finding.what == "database")
        assert (found.level, "stop mailcase and run `mailcase upgrade`" in found.said) == (Level.PROBLEM, True)
        with pytest.raises(MailcaseError, match="stop mailcase and run"):
            lab.app.prepare_beside()
        assert migrations.version(lab.app.db) == "0001"


def test_a_daemon_that_cannot_bring_its_database_up_to_date_says_so_and_leaves_it_as_it_was(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lab = Lab(tmp_path)
    old(lab)
    with pytest.raises(MailcaseError, match="could not be brought up to date"), daemon.only_process(lab.app):
        pytest.fail("it runs on a database of another version")
    assert migrations.version(lab.app.db) == "0001"
    assert "no such index" in capfd.readouterr().err


def test_a_daemons_database_is_made_by_a_process_apart(tmp_path: Path) -> None:
    """The daemon's own process never loads Alembic."""
    fresh = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
    code = "import sys; from mailcase.store import migrations as m; from mailcase.store.db import Database\n"
    code += "m.upgrade_apart(Database(sys.stdin.read())); print('alembic' in sys.modules)"
    url = fresh.url.render_as_string(hide_password=False)
    done = subprocess.run([sys.executable, "-c", code], input=url, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert migrations.version(fresh) == migrations.newest()


def test_letters_that_an_earlier_version_wrote_leave_and_are_answered(tmp_path: Path) -> None:
    """A newer template names what their drafts never held."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    _forget(lab, "remedies", "preferred", "entered", "unstated", "ready_files", "progress")
    mail_id = lab.arrive(reply_to_notice(lab, "Добрый день! Калибровка стоит 12 000 руб."))
    assert lab.mail(mail_id).outcome == "command"
    _forget(lab, "confirms")
    lab.later(minutes=11)
    assert "12 000 руб." in lab.to(CLIENT)[-1].text


def _forget(lab: Lab, *names: str) -> None:
    """The drafts as they were before templates knew these names."""
    with lab.app.db.tx() as tx:
        for row in tx.execute(sa.select(t.outbox.c.id, t.outbox.c.draft)).all():
            draft = json.loads(row.draft)
            draft["values"] = {name: value for name, value in draft["values"].items() if name not in names}
            tx.execute(sa.update(t.outbox).where(t.outbox.c.id == row.id).values(draft=json.dumps(draft)))
