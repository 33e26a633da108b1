"""Who brings the database up to date: the daemon that is alone on it, or whoever is told to; nobody beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase import daemon
from mailcase.check import everything
from mailcase.check_finding import Level
from mailcase.store import migrations
from mailcase.words import MailcaseError
from tests.lab import Lab


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
