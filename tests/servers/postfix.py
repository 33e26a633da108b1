"""A private Postfix on free ports of loopback: submission with STARTTLS, and smtps; both only after a login.

Dovecot knows the passwords and gets the letters by LMTP. An address that has no mailbox there is accepted and comes
back as a real bounce; so does every address of a foreign domain: nothing leaves this machine.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.certificate import Certificate
from tests.servers.dovecot import HOST, Dovecot
from tests.servers.postgres import free_port

UNKNOWN = "unknown"
"""Where Dovecot knows everyone, addresses that begin with this word have no mailbox all the same."""
DOMAINS = ("cleanmet.ru", "example.org", "example.ru", "example.com", "example.net")
"""Local to the server, with everything below them."""

_BOUND = 30.0
_MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/mail.log
maillog_file_prefixes = {home}
syslog_name = {name}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.org
mydestination =
mynetworks =
relayhost =
alias_maps =
alias_database =
notify_classes =
default_transport = error:5.4.4 the tests reach no other machine
relay_transport = error:5.4.4 the tests reach no other machine
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
recipient_delimiter = +
virtual_mailbox_domains = regexp:{home}/domains
virtual_transport = lmtp:inet:[127.0.0.1]:{lmtp}
transport_maps = regexp:{home}/transport
# Unknown users are found out at delivery, so that the sender gets a report and no reply code.
smtpd_reject_unlisted_recipient = no
smtpd_tls_cert_file = {home}/server.pem
smtpd_tls_key_file = {home}/server.key
smtpd_tls_loglevel = 0
tls_random_source = dev:/dev/urandom
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_sasl_security_options = noanonymous
smtpd_tls_auth_only = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
in_flow_delay = 0
message_size_limit = 50000000
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
"""
_MASTER = """
127.0.0.1:{submission} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
127.0.0.1:{smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass
class Postfix:
    """A running server. `home` holds everything of it and goes with `stop`."""

    submission_port: int
    smtps_port: int
    ca_file: Path
    home: Path
    host: str = HOST

    @classmethod
    def start(cls, folder: Path, dovecot: Dovecot, domains: tuple[str, ...] = DOMAINS) -> Postfix:
        """Start beside this Dovecot; `folder` gets the certificates.

        Skips the test where Postfix is not installed or we are not root, and fails it where CI=true.
        """
        program = shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if program is None or os.geteuid() != 0:
            missing = "Postfix is not installed: run `make servers`" if program is None else "Postfix needs root"
            pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
        # Its processes run as users that may not enter pytest's folders.
        home = Path(tempfile.mkdtemp(prefix="postfix-"))
        made = cls(free_port(), free_port(), Certificate.make(folder).ca, home)
        made._write(folder, dovecot, domains)
        try:
            made._control("start")
            made._wait()
        except BaseException:
            made.stop()
            raise
        return made

    def log(self) -> str:
        """What the server has logged."""
        path = self.home / "mail.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def stop(self) -> None:
        """End the server and remove its queue."""
        master = self.home / "queue" / "pid" / "master.pid"
        if master.exists():
            self._control("stop")
            _until(lambda: not _alive(master), "Postfix does not end")
        shutil.rmtree(self.home, ignore_errors=True)

    def _write(self, folder: Path, dovecot: Dovecot, domains: tuple[str, ...]) -> None:
        self.home.chmod(0o755)
        for name in ("server.pem", "server.key"):
            shutil.copy(folder / name, self.home / name)
        for name in ("queue", "data"):
            (self.home / name).mkdir()
        os.chown(self.home / "data", pwd.getpwnam("postfix").pw_uid, -1)
        lmtp, auth = dovecot.lmtp_port, dovecot.auth_port
        (self.home / "main.cf").write_text(
            _MAIN.format(home=self.home, name=self.home.name, lmtp=lmtp, auth=auth).lstrip()
        )
        ports = {"submission": self.submission_port, "smtps": self.smtps_port}
        (self.home / "master.cf").write_text(_MASTER.format(**ports).lstrip())
        ours = "|".join(map(re.escape, domains))
        (self.home / "domains").write_text(f"/^(.+\\.)?({ours})$/ ours\n")
        (self.home / "transport").write_text(_routes(dovecot, ours))

    def _wait(self) -> None:
        """Until both ports greet; what Postfix logged meanwhile says why one does not."""
        _until(lambda: self._greets(self.submission_port), "Postfix does not answer", self.log)
        _until(lambda: "daemon started" in self.log(), "Postfix does not log", self.log)

    def _greets(self, port: int) -> bool:
        with contextlib.suppress(OSError, smtplib.SMTPException), smtplib.SMTP(HOST, port, timeout=_BOUND) as client:
            return client.noop()[0] in (250, 503)
        return False

    def _control(self, order: str) -> None:
        command = ["postfix", "-c", str(self.home), order]
        path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
        done = subprocess.run(command, env={**os.environ, "PATH": path}, capture_output=True, timeout=_BOUND)
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise RuntimeError(f"postfix {order}: status {done.returncode}\n{said}\n{self.log()}")


def _routes(dovecot: Dovecot, domains: str) -> str:
    """The transport table: who has a mailbox, by Dovecot's users."""
    nobody = "error:5.1.1 user unknown"
    here = f"lmtp:inet:[127.0.0.1]:{dovecot.lmtp_port}"
    below = f"@(.+\\.)?({domains})$/"
    if "*" in dovecot.users:
        return f"/^{UNKNOWN}.*{below} {nobody}\n"
    known = "".join(f"/^{re.escape(user)}$/ {here}\n" for user in dovecot.users)
    return known + f"/{below} {nobody}\n"


def _alive(pid_file: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):
        os.kill(int(pid_file.read_text().split()[0]), 0)
        return True
    return False


def _until(reached: Callable[[], bool], otherwise: str, said: Callable[[], str] = str) -> None:
    end = time.monotonic() + _BOUND
    while not reached():
        if time.monotonic() > end:
            raise RuntimeError(f"{otherwise}\n{said()}")
        time.sleep(0.02)
