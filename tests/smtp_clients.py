"""Our side of SMTP connections to servers of tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mailcase.config import Smtp as Settings
from mailcase.mail.smtp import Smtp
from tests.letters import LAB, raw
from tests.servers.certificate import Certificate
from tests.servers.sink import HOST, Sink

TO = "a.kovaleva@romashka.example.ru"
LETTER = raw()
USERS = {LAB: "пароль лаборатории"}


def settings(port: int, **given: Any) -> Settings:
    """Settings of a server on loopback, unencrypted unless a test says otherwise."""
    return Settings.model_validate({"host": HOST, "port": port, "tls": "none", "timeout": "5s", **given})


@contextmanager
def client(server: Sink, token: Callable[[], str] | None = None, **given: Any) -> Iterator[Smtp]:
    """A client that trusts the sink's certificate and logs in as its first user."""
    values: dict[str, Any] = {"tls": server.tls}
    if server.certificate:
        values["ca_file"] = server.certificate.ca
    for user, password in list(server.users.items())[:1]:
        values |= {"user": user, "password": password}
    smtp = Smtp(settings(server.port, **{**values, **given}), token)
    try:
        yield smtp
    finally:
        smtp.close()


def secure(certificate: Certificate, tls: str = "starttls", **given: Any) -> Sink:
    """A sink with encryption and USERS."""
    return Sink.start(tls=tls, certificate=certificate, users=USERS, **given)
