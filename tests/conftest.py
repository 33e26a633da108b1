"""What almost every test starts with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailcase.store import migrations
from mailcase.store.db import Database
from tests.lab import Lab
from tests.servers.postgres import Postgres

pytest_plugins = ["tests.servers.fixtures", "tests.servers.fixtures_smtp", "tests.cli", "tests.remote_lab"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A private PostgreSQL for the whole run."""
    server = Postgres.start(durable=False)
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path) -> Iterator[Database]:
    """An empty, migrated database, of both kinds in turn."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/test.db" if sqlite else request.getfixturevalue("postgres").url()
    db = Database(url)
    migrations.upgrade(db)
    yield db
    db.close()


@pytest.fixture
def two(postgres: Postgres, tmp_path: Path) -> Iterator[list[Lab]]:
    """Two processes on one database; the test gives each its time."""
    store = {"url": postgres.url(), "raw": tmp_path / "raw"}
    labs = [Lab(tmp_path, store=store) for _ in range(2)]
    yield labs
    for lab in labs:
        lab.app.db.close()
