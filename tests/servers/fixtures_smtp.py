"""SMTP servers that tests ask for by name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.certificate import Certificate
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import Postfix
from tests.servers.sink import Sink


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for `localhost` and 127.0.0.1, and its authority."""
    return Certificate.make(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A mail server without encryption or login, of this test alone."""
    with Sink.start() as server:
        yield server


@pytest.fixture(scope="session")
def postfix(tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot) -> Iterator[Postfix]:
    """A Postfix that asks the shared Dovecot for passwords and hands it every letter."""
    server = Postfix.start(tmp_path_factory.mktemp("postfix"), dovecot)
    yield server
    server.stop()
