"""An access token is always there, and a replaced refresh token is never lost."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from mailcase.config import OAuth
from mailcase.mail.oauth import TokenDown, TokenRefused, TokenSource, token_source
from mailcase.words import ConfigError
from tests.letters import MONDAY, config
from tests.servers.tokens import CLIENT_ID, CLIENT_SECRET, Tokens

USER = "lab@example.org"


@dataclass
class Stored:
    """A place for a refresh token that remembers every change; may be broken for a while."""

    value: str = ""
    saved: list[str] = field(default_factory=list)
    broken: bool = False

    def load(self) -> str:
        return self.value

    def save(self, value: str) -> None:
        if self.broken:
            raise OSError("disk full")
        self.saved.append(value)
        self.value = value

    @property
    def pair(self) -> tuple[Callable[[], str], Callable[[str], None]]:
        return self.load, self.save


@dataclass
class Clock:
    """A clock that goes on when a test says so."""

    time: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stored() -> Stored:
    return Stored()


def by_refresh(provider: Tokens, stored: Stored, clock: Clock, **given: Any) -> TokenSource:
    settings = {
        "token_url": provider.token_url,
        "client_id": CLIENT_ID,
        "client_secret": SecretStr(CLIENT_SECRET),
        "refresh_token": SecretStr(provider.issue(USER)),
    }
    return TokenSource(OAuth(**{**settings, **given}), "mailbox:lab", stored.pair, clock)


def by_command(*command: str) -> TokenSource:
    return TokenSource(OAuth(token_command=command), "mailbox:lab", Stored().pair, Clock())


@pytest.fixture
def provider() -> Any:
    """An OAuth2 provider of this test alone."""
    provider = Tokens.start()
    yield provider
    provider.stop()


def test_an_access_token_is_kept_until_shortly_before_it_expires(provider, stored, clock):
    source = by_refresh(provider, stored, clock)
    first = source()
    assert provider.access[first] == USER
    clock.time += timedelta(seconds=provider.expires_in - 120)
    assert source() == first
    clock.time += timedelta(seconds=60)
    assert source() != first
    assert provider.grants == 2


def test_a_token_without_a_known_life_is_replaced_within_minutes(provider, stored, clock):
    provider.expires_in = None  # type: ignore[assignment]
    source = by_refresh(provider, stored, clock)
    first = source()
    assert source() == first
    clock.time += timedelta(minutes=10)
    assert source() != first


def test_a_replaced_refresh_token_is_stored_before_the_access_token_is_used(provider, stored, clock):
    source = by_refresh(provider, stored, clock)
    stored.broken = True
    with pytest.raises(OSError, match="disk full"):
        source()
    assert provider.grants == 1
    stored.broken = False
    assert provider.access[source()] == USER
    assert stored.value in provider.refresh


def test_a_stored_refresh_token_survives_a_restart(provider, stored, clock):
    first = by_refresh(provider, stored, clock)
    first()
    again = by_refresh(provider, stored, clock, refresh_token=SecretStr("used up long ago"))
    assert provider.access[again()] == USER


def test_a_newly_configured_refresh_token_replaces_a_dead_stored_one(provider, stored, clock):
    stored.value = "withdrawn"
    assert provider.access[by_refresh(provider, stored, clock)()] == USER
    assert stored.value in provider.refresh


def test_a_refresh_token_that_does_not_rotate_is_used_again(provider, stored, clock):
    provider.rotate = False
    source = by_refresh(provider, stored, clock)
    first = source()
    source.invalidate()
    assert source() != first
    assert len(stored.saved) == 1


def test_a_token_rotated_by_another_process_meanwhile_is_taken_up(provider, stored, clock):
    class Raced(Stored):
        def load(self) -> str:
            seen, self.value = self.value, fresh
            return seen

    fresh = provider.issue(USER)
    source = by_refresh(provider, Raced("used up"), clock, refresh_token=SecretStr(""))
    assert provider.access[source()] == USER


def test_a_withdrawn_consent_is_final_and_names_url_and_remedy(provider, stored, clock):
    source = by_refresh(provider, stored, clock, refresh_token=SecretStr("withdrawn-by-the-user"))
    with pytest.raises(TokenRefused) as refused:
        source()
    assert provider.token_url in str(refused.value)
    assert "grant access again" in str(refused.value)
    assert "withdrawn-by-the-user" not in str(refused.value)


def test_a_wrong_client_secret_is_final_and_never_shown(provider, stored, clock):
    source = by_refresh(provider, stored, clock, client_secret=SecretStr("wrong-secret"))
    with pytest.raises(TokenRefused, match="invalid_client; check client_id") as refused:
        source()
    assert "wrong-secret" not in str(refused.value)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_provider_is_tried_again_later(provider, stored, clock, status):
    source = by_refresh(provider, stored, clock)
    provider.failures.append(status)
    with pytest.raises(TokenDown, match=str(status)):
        source()
    assert provider.access[source()] == USER


def test_a_redirect_is_not_followed_with_the_secret(provider, stored, clock):
    source = by_refresh(provider, stored, clock)
    provider.failures.append(307)
    with pytest.raises(TokenRefused, match="307"):
        source()
    assert provider.grants == 0


def test_an_unreachable_provider_is_tried_again_later(provider, stored, clock):
    source = by_refresh(provider, stored, clock)
    provider.stop()
    with pytest.raises(TokenDown, match="cannot be reached"):
        source()


@pytest.mark.parametrize("url", ["http://login.example.org/token", "ftp://127.0.0.1/token", ""])
def test_secrets_go_to_https_or_to_this_machine_only(url, stored, clock):
    with pytest.raises(ConfigError, match=r"https|token_url"):
        TokenSource(OAuth(token_url=url), "mailbox:lab", stored.pair, clock)


def test_a_command_prints_the_token(stored):
    assert by_command(sys.executable, "-c", "print(' ya29.token \\n')")() == "ya29.token"


def test_a_command_that_fails_names_itself_and_the_remedy():
    with pytest.raises(TokenDown, match=r"ended with status 3; run it by hand"):
        by_command(sys.executable, "-c", "import sys; print('half'); sys.exit(3)")()


def test_a_command_that_does_not_exist_is_final():
    with pytest.raises(TokenRefused, match=r"'/nowhere/token': cannot be run .*correct the path"):
        by_command("/nowhere/token")()


@pytest.mark.parametrize("printed", ["", "a\x01auth=Bearer b", "two words", "токен"])
def test_what_is_no_token_never_enters_the_login(printed):
    with pytest.raises(TokenDown, match="printed no token"):
        by_command(sys.executable, "-c", f"print({printed!a})")()


def test_a_mailbox_with_a_password_has_no_token_source(stored):
    password = config().mailbox[0]
    oauth = password.model_copy(update={"auth": "xoauth2", "oauth": OAuth(token_command=("true",))})
    assert token_source(password, "mailbox:lab", stored.pair) is None
    assert isinstance(token_source(oauth, "mailbox:lab", stored.pair), TokenSource)
