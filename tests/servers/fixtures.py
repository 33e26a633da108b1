"""Servers that tests ask for by name; each is started once, and only when a test needs it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.servers.certificate import Certificate
from tests.servers.dovecot import Dovecot
from tests.servers.tokens import Tokens

PASSWORD = "correct-horse-battery-staple"
"""Of every account of the shared Dovecot."""

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def tokens() -> Iterator[Tokens]:
    """An OAuth2 provider that the shared Dovecot believes."""
    provider = Tokens.start()
    yield provider
    provider.stop()


@pytest.fixture(scope="session")
def dovecot(tmp_path_factory: pytest.TempPathFactory, tokens: Tokens) -> Iterator[Dovecot]:
    """A Dovecot that knows every user name, with PASSWORD or a token of `tokens`."""
    folder = tmp_path_factory.mktemp("dovecot")
    server = Dovecot.start(folder, users={"*": PASSWORD}, oauth_url=tokens.introspection_url)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for fakes of 127.0.0.1, of an authority of its own."""
    return Certificate.make(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def account() -> str:
    """The user name of an empty mailbox of the shared Dovecot, another one for every test."""
    return f"lab{next(_numbers)}@example.org"
