"""A private PostgreSQL on a free port of loopback, made and removed by the tests."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

_BOUND = 30.0


@dataclass
class Postgres:
    """A running server; `url(name)` makes a fresh database in it."""

    port: int
    process: subprocess.Popen[bytes]
    home: Path
    made: int = 0

    @classmethod
    def start(cls, *, durable: bool = True) -> Postgres:
        """Make a cluster and start it, as `nobody` where we are root (initdb refuses root).

        Tests end our processes, never the server or the machine, so nothing needs to reach the disk but for measuring.
        """
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        if not found:
            missing = "PostgreSQL is not installed: run `make servers`"
            pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
        bin_folder = found[-1].parent
        # Not in a folder of pytest: the next run of it on this machine closes all of them to other users.
        folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        data = folder / "data"
        data.mkdir()
        user: str | None = None
        if os.geteuid() == 0:
            user = "nobody"
            shutil.chown(folder, user)
            shutil.chown(data, user)
        make = [
            bin_folder / "initdb",
            "-D",
            data,
            "-U",
            "mailcase",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C",
        ]
        subprocess.run(make, check=True, user=user, stdout=subprocess.DEVNULL, cwd="/")
        port = free_port()
        options = ["-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"]
        options += [] if durable else ["-c", "fsync=off"]
        process = subprocess.Popen(
            [bin_folder / "postgres", "-D", data, *options], user=user, cwd="/", stderr=subprocess.DEVNULL
        )
        server = cls(port, process, folder)
        server._wait()
        return server

    def _wait(self) -> None:
        end = time.monotonic() + _BOUND
        while time.monotonic() < end:
            try:
                psycopg.connect(self._dsn("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
            else:
                return
        pytest.fail("the private PostgreSQL did not start")

    def _dsn(self, name: str) -> str:
        return f"postgresql://mailcase@127.0.0.1:{self.port}/{name}"

    def url(self, like: str = "") -> str:
        """The URL of a new database: an empty one, or a copy of the one with that URL, which nobody may use now."""
        self.made += 1
        name = f"test{self.made}"
        template = like.rpartition("/")[2] or "template1"
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._dsn(name)

    def drop(self, url: str) -> None:
        """Remove a database, also where a connection to it was forgotten."""
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def stop(self) -> None:
        """End the server we started."""
        # Not SIGTERM, which waits for every client to go.
        self.process.send_signal(signal.SIGINT)
        self.process.wait(_BOUND)
        shutil.rmtree(self.home, ignore_errors=True)


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
