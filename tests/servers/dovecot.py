"""A private Dovecot 2.3 on free ports of loopback: IMAP, IMAP with TLS, LMTP, and SASL for Postfix.

Its certificate names `localhost` and 127.0.0.1; the same ports answer on 127.0.0.2 (`WRONG_NAME`), which the
certificate does not name. On 127.0.0.3 (`NO_MOVE`) it offers UIDPLUS without MOVE, on 127.0.0.4 (`BARE`) neither,
nor IDLE.
"""

from __future__ import annotations

import contextlib
import getpass
import grp
import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.certificate import Certificate
from tests.servers.postgres import free_port

HOST, WRONG_NAME, NO_MOVE, BARE = "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"
SENT = "Отправленные"
"""The folder that bears the special use \\Sent in every account."""

_BOUND = 20.0
_CONFIG = """
protocols = imap lmtp
listen = {listen}
base_dir = {home}/run
state_dir = {home}/state
log_path = {folder}/dovecot.log
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
disable_plaintext_auth = no
auth_mechanisms = plain login{mechanisms}
auth_failure_delay = 0
mail_location = maildir:~/Maildir
mail_max_userip_connections = 100
first_valid_uid = 1
first_valid_gid = 1
lda_mailbox_autocreate = yes
submission_host = 127.0.0.1:9
postmaster_address = postmaster@example.org
{rootless}
{oauth}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN {folder}/users
}}
{anyone}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  mailbox {sent} {{
    auto = create
    special_use = \\Sent
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
  process_min_avail = 1
  service_count = 0
}}
# No penalty for all who come from this address because one test gave a wrong password.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  user = {auth_user}
  inet_listener {{
    address = 127.0.0.1
    port = {auth}
  }}
}}
local 127.0.0.3 {{
  protocol imap {{
    imap_capability = IMAP4rev1 LITERAL- IDLE UIDPLUS NAMESPACE
  }}
}}
local 127.0.0.4 {{
  protocol imap {{
    imap_capability = IMAP4rev1 LITERAL-
  }}
}}
"""
# A user without rights cannot confine processes (Dovecot manual, rootless installation).
_ROOTLESS = """
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
_ANYONE = """
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
"""
_OAUTH_PASSDB = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
"""
_OAUTH = """
introspection_mode = post
introspection_url = {url}
force_introspection = yes
username_attribute = username
active_attribute = active
active_value = true
"""


@dataclass
class Dovecot:
    """A running server. `log` is its log file; `home` holds sockets and letters and goes with `stop`."""

    imap_port: int
    imaps_port: int
    lmtp_port: int
    auth_port: int
    ca_file: Path
    users: dict[str, str]
    log: Path
    home: Path
    process: subprocess.Popen[bytes] | None = None
    host: str = HOST

    @classmethod
    def start(cls, folder: Path, users: Mapping[str, str], oauth_url: str | None = None) -> Dovecot:
        """Start with these users (name -> password; `"*"` is anyone); `oauth_url` is an introspection endpoint.

        Skips the test where Dovecot is not installed, and fails it where CI=true.
        """
        program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if program is None or not Path("/usr/lib/dovecot/lmtp").exists():
            missing = "Dovecot with LMTP is not installed: run `make servers`"
            pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
        # Sockets need a short path and letters one that the mail user may enter; pytest's folders are neither.
        home = Path(tempfile.mkdtemp(prefix="dovecot-"))
        ports = [free_port() for _ in range(4)]
        ca = Certificate.make(folder).ca
        made = cls(*ports, ca, dict(users), folder / "dovecot.log", home)
        made._write(folder, oauth_url)
        with (folder / "dovecot.out").open("wb") as output:
            command = [program, "-F", "-c", folder / "dovecot.conf"]
            made.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        made._wait()
        return made

    def _write(self, folder: Path, oauth_url: str | None) -> None:
        root = os.geteuid() == 0
        owner = pwd.getpwnam("mail") if root else pwd.getpwuid(os.geteuid())
        self.home.chmod(0o755)
        for name in ("run", "state", "mail"):
            (self.home / name).mkdir()
        os.chown(self.home / "mail", owner.pw_uid, owner.pw_gid)
        lines = [f"{name}:{{PLAIN}}{password}" for name, password in self.users.items() if name != "*"]
        (folder / "users").write_text("\n".join(lines) + "\n")
        if oauth_url:
            (folder / "oauth2.conf").write_text(_OAUTH.format(url=oauth_url))
        group = grp.getgrgid(os.getegid()).gr_name
        text = _CONFIG.format(
            listen=", ".join((HOST, WRONG_NAME, NO_MOVE, BARE)),
            home=self.home,
            folder=folder,
            mechanisms=" xoauth2 oauthbearer" if oauth_url else "",
            oauth=_OAUTH_PASSDB.format(folder=folder) if oauth_url else "",
            anyone=_ANYONE.format(password=self.users["*"]) if "*" in self.users else "",
            rootless="" if root else _ROOTLESS.format(user=getpass.getuser(), group=group),
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            sent=SENT,
            imap=self.imap_port,
            imaps=self.imaps_port,
            lmtp=self.lmtp_port,
            auth=self.auth_port,
            auth_user="root" if root else getpass.getuser(),
        )
        (folder / "dovecot.conf").write_text(text)

    def _wait(self) -> None:
        """Until every port answers; a server that dies shows its log."""
        end = time.monotonic() + _BOUND
        for port in (self.imap_port, self.imaps_port, self.lmtp_port, self.auth_port):
            while not _answers(port):
                dead = self.process is None or self.process.poll() is not None
                if dead or time.monotonic() > end:
                    said = self.log.read_text() if self.log.exists() else ""
                    said += (self.log.parent / "dovecot.out").read_text()
                    self.stop()
                    raise RuntimeError(f"Dovecot does not answer on port {port}:\n{said}")
                time.sleep(0.02)

    def stop(self) -> None:
        """End the server and remove its letters."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(_BOUND)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(_BOUND)
        shutil.rmtree(self.home, ignore_errors=True)

    def deliver(self, user: str, raw: bytes, sender: str = "client@example.ru") -> None:
        """Hand a letter over by LMTP, as an MTA does: the server adds Return-Path and Delivered-To."""
        with smtplib.LMTP(self.host, self.lmtp_port, timeout=_BOUND) as lmtp:
            lmtp.sendmail(sender, [user], raw)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False
