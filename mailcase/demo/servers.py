"""A mail server of its own for the demo: IMAP and SMTP on loopback, in this process, gone when it ends.

Promises: needs no root, listens on 127.0.0.1 alone, relays nothing, keeps nothing on disk. A letter to an address
that it does not know comes back as a report, as with a real server. Only import of pymap and aiosmtpd.
"""

from __future__ import annotations

import asyncio
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.utils import format_datetime, make_msgid
from typing import Any
from uuid import uuid4

from aiosmtpd.smtp import SMTP, AuthResult
from proxyprotocol.result import ProxyResultLocal
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, Login, Session
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxSet
from pymap.concurrent import Subsystem
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

from mailcase.demo.bounce import bounce
from mailcase.words import MailcaseError

HOST = "127.0.0.1"
NAME = "mx.cleanmet.ru"
_START = 30.0
_SIZE = 60_000_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """A letter put into a mailbox: when (seconds of the monotonic clock), from whom (envelope), its bytes."""

    at: float
    mailbox: str
    envelope_from: str
    message_id: str
    raw: bytes


class DemoServers:
    """IMAP and SMTP for a fixed list of mailboxes with one password; port 0 means a free one."""

    def __init__(self, mailboxes: Iterable[str], password: str, *, imap_port: int = 0, smtp_port: int = 0) -> None:
        self.mailboxes = tuple(mailboxes)
        self.password = password
        self.imap_port, self.smtp_port = imap_port, smtp_port
        self._delivered: list[Delivery] = []
        self._news = threading.Condition()
        self._started: Future[None] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="demo-servers", daemon=True)

    def __enter__(self) -> DemoServers:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen; `imap_port` and `smtp_port` are true afterwards. Raises MailcaseError where a port is taken."""
        self._thread.start()
        self._started.result(_START)

    def stop(self) -> None:
        """Hang up on everybody and return when both ports are free again."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(_START)

    def delivered(self, address: str = "") -> tuple[Delivery, ...]:
        """Everything delivered so far, oldest first; with an address, to that mailbox only."""
        with self._news:
            return tuple(d for d in self._delivered if address in ("", d.mailbox))

    def wait_for(self, address: str, wanted: Callable[[Delivery], bool], seconds: float) -> Delivery | None:
        """The first letter in that mailbox that is wanted, as soon as it is there; None after so many seconds."""

        def found() -> Delivery | None:
            return next((d for d in self._delivered if d.mailbox == address and wanted(d)), None)

        with self._news:
            return self._news.wait_for(found, seconds)

    async def _serve(self) -> None:
        """Both servers on one event loop; its end cancels every connection."""
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        listening: list[asyncio.Server] = []
        try:
            listening.append(await self._imap())
            listening.append(await self._smtp())
        except OSError as taken:
            port = self.smtp_port if listening else self.imap_port
            self._started.set_exception(MailcaseError(f"port {port} on {HOST} is not free ({taken.strerror})"))
            self._ended.set()
        else:
            self.imap_port, self.smtp_port = (server.sockets[0].getsockname()[1] for server in listening)
            self._started.set_result(None)
        await self._ended.wait()
        for server in listening:
            server.close()

    async def _imap(self) -> asyncio.Server:
        config = _ImapConfig(HOST, self.imap_port)
        # Sets a context variable: what is opened from here on belongs to this server.
        config.apply_context()
        login = Login(config)
        self._sessions: dict[str, Session] = {}
        for address in self.mailboxes:
            login.users_dict[address] = UserMetadata(config, address, password=self.password)
            folders, filters = MailboxSet(), FilterSet()
            await folders.add_mailbox("Sent")
            config.set_cache[address] = (folders, filters)
            self._sessions[address] = Session(address, config, folders, filters)
        serve = IMAPServer(login, config)
        talks: set[asyncio.Task[None] | None] = set()

        async def kept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # The event loop keeps no task alive by itself: since Python 3.13 waiting connections were seen to vanish.
            talks.add(asyncio.current_task())
            try:
                await serve(reader, writer, SocketInfo.get(writer, ProxyResultLocal(), unique_id=uuid4().bytes))
            finally:
                talks.discard(asyncio.current_task())

        return await asyncio.start_server(kept, HOST, self.imap_port)

    async def _smtp(self) -> asyncio.Server:
        def connected() -> SMTP:
            return SMTP(
                self,
                hostname=NAME,
                ident="demo",
                data_size_limit=_SIZE,
                enable_SMTPUTF8=True,
                auth_require_tls=False,
                authenticator=self._authenticate,
                loop=self._loop,
            )

        return await self._loop.create_server(connected, HOST, self.smtp_port)

    def _authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        known = given.login.decode("utf-8", "replace").lower() in self.mailboxes
        # Not "handled": aiosmtpd is to say the refusal.
        return AuthResult(success=known and given.password == self.password.encode(), handled=False)

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        """aiosmtpd's hook. Addresses without a mailbox come back to the envelope sender, unless that is nobody."""
        # aiosmtpd says "<>" for the null path.
        sender, raw = (envelope.mail_from or "").strip("<>"), envelope.original_content or envelope.content
        lost = [address for address in envelope.rcpt_tos if not await self._deliver(session, sender, address, raw)]
        if lost and sender:
            await self._deliver(session, "", sender, bounce(NAME, sender, lost, raw))
        return "250 2.0.0 Ok: delivered"

    async def _deliver(self, session: Any, sender: str, recipient: str, raw: bytes) -> bool:
        """Put the letter into the recipient's INBOX; False where there is no such mailbox."""
        address = _without_detail(recipient)
        if address not in self._sessions:
            return False
        now = datetime.now(UTC)
        trace = (
            f"Return-Path: <{sender}>\r\nDelivered-To: {recipient}\r\n"
            f"Received: from {session.host_name or 'unknown'} ([{HOST}]) by {NAME} with ESMTP\r\n"
            f" id {make_msgid(domain=NAME)[1:20]} for <{recipient}>; {format_datetime(now)}\r\n"
        ).encode("ascii", "replace")
        await self._sessions[address].append_messages("INBOX", [AppendMessage(trace + raw, now)])
        message_id = str(BytesHeaderParser().parsebytes(raw).get("Message-ID", "")).strip()
        with self._news:
            self._delivered.append(Delivery(time.monotonic(), address, sender, message_id, trace + raw))
            self._news.notify_all()
        return True


def _without_detail(address: str) -> str:
    """`lab+a1b2@cleanmet.ru` reaches lab@cleanmet.ru (RFC 5233): so a returned letter finds its sender."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


class _ImapConfig(Config):
    """pymap without TLS, without hashed passwords and without asking the DNS for anything."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            Namespace(passlib_cfg=None, proxy_protocol=None),
            host=host,
            port=port,
            demo_data=False,
            demo_user="",
            demo_password="",
            tls_enabled=False,
            reject_dnsbl=False,
            hash_context=Cleartext(),
            # Without hashes there is nothing to compute, so no pool of threads is left behind.
            cpu_subsystem=Subsystem.for_asyncio(),
        )

    @property
    def greeting(self) -> bytes:
        """The first line; pymap's own asks the DNS for the name of this machine."""
        return b"demo of mailcase"
