"""The servers around the measured program: the tests' Dovecot, and Debian postfix's `smtp-sink` that keeps what it got.

Both are processes of their own, so their CPU is never in a figure of ours. The sink answers at once and writes its
letters to memory (/dev/shm) where there is one, so that its disk writes do not slow down our fsyncs.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from imapclient import IMAPClient

from bench import meter
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import free_port

HOST = "127.0.0.1"
PASSWORD = "secret"
_BOUND = 20.0
_BETWEEN = "==== one letter of the sink ===="

_numbers = itertools.count()


@dataclass
class Kept:
    """One letter as the sink got it."""

    envelope_from: str
    to: tuple[str, ...]
    raw: bytes


@dataclass
class Sink:
    """`smtp-sink` on one port; `stop` and `start` again keep the port and the letters."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start and wait until it answers."""
        program = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if program is None:
            raise SystemExit("smtp-sink is missing: apt-get install postfix")
        user = ["-u", _mail_user()] if os.geteuid() == 0 else []
        kept = ["-D", str(self.folder / "letters"), "-S", f"{_BETWEEN}\\n"]
        self.process = subprocess.Popen(
            [program, *user, *kept, f"{HOST}:{self.port}", "512"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _wait_for_port(self.port)
        return self

    def stop(self) -> None:
        """End it at once, as a server that dies; what was acknowledged stays kept."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(_BOUND)
            self.process = None

    def letters(self) -> list[Kept]:
        """Everything that was accepted, oldest first."""
        path = self.folder / "letters"
        if not path.exists():
            return []
        return [_kept(part) for part in path.read_bytes().split(f"{_BETWEEN}\n".encode())[1:]]

    def size(self) -> int:
        """How many bytes were kept so far."""
        path = self.folder / "letters"
        return path.stat().st_size if path.exists() else 0

    def has(self, words: bytes, start: int) -> bool:
        """Whether these bytes were kept behind the first `start` ones."""
        if self.size() <= start:
            return False
        with (self.folder / "letters").open("rb") as file:
            file.seek(start)
            return words in file.read()

    def forget(self) -> None:
        """Throw away what was kept."""
        (self.folder / "letters").unlink(missing_ok=True)


def _kept(part: bytes) -> Kept:
    """The sink's own headers end with its three lines of Received; `X-Mail-Args: <>` is the null path."""
    sender, to = "", []
    lines = part.split(b"\n")
    for at, line in enumerate(lines):
        name, _, value = line.decode(errors="replace").partition(": ")
        address = value.partition(">")[0].lstrip("<")
        if name == "X-Mail-Args":
            sender = address
        elif name == "X-Rcpt-Args":
            to.append(address)
        elif name == "Received":
            return Kept(sender, tuple(to), b"\n".join(lines[at + 3 :]))
    return Kept(sender, tuple(to), b"")


@dataclass
class Servers:
    """A Dovecot that knows every user under PASSWORD, and a sink; `folder` holds their logs."""

    folder: Path
    dovecot: Dovecot
    sink: Sink

    @classmethod
    def start(cls, folder: Path) -> Self:
        """Start both on free ports of loopback."""
        logs = folder / "servers"
        logs.mkdir(parents=True)
        memory = Path("/dev/shm")
        keep = Path(tempfile.mkdtemp(prefix="bench-sink-", dir=memory if memory.is_dir() else None))
        _give(keep)
        return cls(logs, Dovecot.start(logs, {"*": PASSWORD}), Sink(keep).start())

    def stop(self) -> None:
        """End both and remove what they kept."""
        self.sink.stop()
        self.dovecot.stop()
        shutil.rmtree(self.sink.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def connect(self, user: str) -> IMAPClient:
        """Log in as that user, INBOX selected."""
        client = IMAPClient(self.dovecot.host, port=self.dovecot.imap_port, ssl=False, timeout=_BOUND)
        client.login(user, PASSWORD)
        client.select_folder("INBOX")
        return client

    def stop_imap(self) -> None:
        """End Dovecot as an administrator does; letters and ports stay."""
        if self.dovecot.process is not None:
            self.dovecot.process.terminate()
            self.dovecot.process.wait(_BOUND)

    def start_imap(self) -> None:
        """Start it again."""
        with (self.folder / "dovecot.out").open("ab") as output:
            command = ["dovecot", "-F", "-c", str(self.folder / "dovecot.conf")]
            path = f"{os.environ.get('PATH', '')}:/usr/sbin"
            self.dovecot.process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, "PATH": path}
            )
        _wait_for_port(self.dovecot.imap_port)

    def stage(self, user: str, letters: Sequence[bytes], *, sync: bool = True) -> Staged:
        """Lay letters beside the INBOX of that user, who may be new; nobody sees them before `show`."""
        maildir = self.dovecot.home / "mail" / user / "Maildir"
        folders = [maildir.parent, maildir, *(maildir / name for name in ("cur", "new", "tmp"))]
        for made in folders:
            made.mkdir(exist_ok=True)
            _give(made)
        names = []
        for raw in letters:
            # Dovecot numbers what it finds at once by these seconds and then by what stands behind M.
            name = f"{int(time.time())}.M{next(_numbers):06d}P1.bench,S={len(raw)}"
            (maildir / "tmp" / name).write_bytes(raw)
            _give(maildir / "tmp" / name)
            names.append(name)
        if sync:
            # What the disk still has to write is none of the measured program's.
            os.sync()
        return Staged(maildir, names)

    def index(self, user: str) -> None:
        """Let the server number what lies there, as it does when mail is delivered."""
        command = ["doveadm", "-c", str(self.folder / "dovecot.conf"), "index", "-u", user, "INBOX"]
        subprocess.run(command, check=True, capture_output=True)


@dataclass
class Staged:
    """Letters that wait beside an INBOX."""

    maildir: Path
    names: Sequence[str]

    def show(self) -> float:
        """Move them all in, as a local delivery agent does, only faster; when the first one was there."""
        began = meter.now()
        for name in self.names:
            (self.maildir / "tmp" / name).rename(self.maildir / "new" / name)
        return began


class Announced:
    """A client that idles on an INBOX beside the measured program: when the server tells of the first letter."""

    def __init__(self, servers: Servers, user: str) -> None:
        self._client = servers.connect(user)
        self._client.idle()
        self.at: float | None = None
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        end = meter.now() + _BOUND
        while meter.now() < end:
            if any(line[1] == b"EXISTS" for line in self._client.idle_check(timeout=_BOUND) if len(line) > 1):
                self.at = meter.now()
                return

    def wait(self) -> float:
        """The moment, once it has come; the client leaves."""
        self._thread.join(_BOUND)
        self._client.shutdown()
        if self.at is None:
            raise RuntimeError("the server announced nothing")
        return self.at


def _mail_user() -> str:
    return "mail"


def _give(path: Path) -> None:
    """To the user as whom Dovecot reads mail, where we are root."""
    if os.geteuid() == 0:
        owner = pwd.getpwnam(_mail_user())
        os.chown(path, owner.pw_uid, owner.pw_gid)


def _attempts(bound: float) -> Iterator[None]:
    end = meter.now() + bound
    while meter.now() < end:
        yield
        time.sleep(0.02)


def _wait_for_port(port: int) -> None:
    for _ in _attempts(_BOUND):
        try:
            socket.create_connection((HOST, port), 1).close()
        except OSError:
            continue
        return
    raise RuntimeError(f"nothing answers on port {port}")
