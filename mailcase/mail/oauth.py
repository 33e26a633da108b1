"""Gets the short-lived access token that a mailbox or SMTP server takes instead of a password.

Promises: a refresh token that the provider replaces is stored before anything uses the new access token, so that a
crash never leaves us with a dead one; tokens are never logged; nothing secret leaves this machine unencrypted.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.client import HTTPException, HTTPResponse
from typing import Any

from mailcase import config
from mailcase.config_values import loopback
from mailcase.words import ConfigError, MailcaseError

Load = Callable[[], str]
Save = Callable[[str], None]

_TIMEOUT = 30.0
_LONGEST = 100_000
# A token that ends while the login is under way is refused: it is replaced a little earlier.
_EARLY = timedelta(seconds=90)
# RFC 6749, 5.1 only recommends `expires_in`; the shortest life seen at big providers is an hour.
_UNSAID = timedelta(minutes=10)
# Fetch, tidy and send may share one refresh token, and a provider that rotates takes it once.
_ONE_AT_A_TIME = threading.Lock()


class TokenDown(MailcaseError):
    """No access token now, for a passing reason: network, a busy provider; try again later."""


class TokenRefused(MailcaseError):
    """No access token until a person acts: consent withdrawn, wrong client, wrong command."""


class TokenSource:
    """Gives an access token when called; keeps it until shortly before it expires.

    `stored` loads and saves the refresh token that the provider gave last; what it loads goes before the configured
    one, which is tried where the stored one is dead or missing. Sources that are configured with the same token must
    be given the same place: a provider that rotates takes each token once, whoever comes.
    """

    def __init__(self, settings: config.OAuth, name: str, stored: tuple[Load, Save], now: Callable[[], datetime]):
        """Raises ConfigError for a token_url that is neither https nor loopback, or for no way to a token."""
        self._settings, self._name, self._now = settings, name, now
        self._load, self._save = stored
        self._access, self._good_until = "", datetime.min.replace(tzinfo=UTC)
        self._unsaved = ""
        if not settings.token_command:
            _check_url(settings.token_url, name)

    def __call__(self) -> str:
        """An access token that is good now. Raises TokenDown, TokenRefused, and what saving raises."""
        if self._settings.token_command:
            return self._by_command()
        with _ONE_AT_A_TIME:
            if self._unsaved:
                self._keep(self._unsaved)
            if self._now() >= self._good_until:
                self._refresh()
            return self._access

    def invalidate(self) -> None:
        """The server refused the last token: the next call gets a new one."""
        self._good_until = datetime.min.replace(tzinfo=UTC)

    def _by_command(self) -> str:
        command = self._settings.token_command
        remedy = f"{self._name}: token_command {command[0]!r}"
        # Into a file, as a grandchild that keeps a pipe open would outlive the time limit.
        with tempfile.TemporaryFile() as output:
            try:
                done = subprocess.run(
                    command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL, timeout=_TIMEOUT
                )
            except subprocess.TimeoutExpired as slow:
                raise TokenDown(f"{remedy}: no answer in {_TIMEOUT:.0f} s; run it by hand to see why") from slow
            except OSError as wrong:
                raise TokenRefused(f"{remedy}: cannot be run ({wrong.strerror}); correct the path") from wrong
            output.seek(0)
            token = output.read(_LONGEST).decode("ascii", "replace").strip()
        if done.returncode:
            raise TokenDown(f"{remedy}: ended with status {done.returncode}; run it by hand as the service's user")
        if not _is_token(token):
            raise TokenDown(f"{remedy}: printed no token; it must print the access token alone")
        return token

    def _refresh(self) -> None:
        """Try the stored token, then the configured one; a token stored meanwhile by another process comes first."""
        tried: list[str] = []
        while True:
            stored = self._load()
            configured = self._settings.refresh_token.get_secret_value()
            token = next((t for t in (stored, configured) if t and t not in tried), "")
            if not token:
                raise self._dead(bool(tried))
            answer = self._ask(token)
            if answer is not None:
                break
            tried.append(token)
        access, fresh = answer.get("access_token"), answer.get("refresh_token") or token
        if not isinstance(access, str) or not _is_token(access) or not isinstance(fresh, str):
            raise TokenDown(f"{self._name}: {self._settings.token_url} gave an answer without an access token")
        if fresh != stored:
            self._keep(fresh)
        self._access, self._good_until = access, self._now() + max(_life(answer) - _EARLY, timedelta())

    def _keep(self, refresh_token: str) -> None:
        # Kept in memory too: if the database is busy, the only living token must not be lost with the exception.
        self._unsaved = refresh_token
        self._save(refresh_token)
        self._unsaved = ""

    def _dead(self, tried: bool) -> TokenRefused:
        what = "the provider no longer takes the refresh token" if tried else "there is no refresh token"
        remedy = "grant access again in a browser and set the new refresh token"
        return TokenRefused(f"{self._name}: {what} ({self._settings.token_url}); {remedy}")

    def _ask(self, refresh_token: str) -> dict[str, Any] | None:
        """The provider's answer (RFC 6749, 6); None where it says that this refresh token is dead."""
        s = self._settings
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": s.client_id,
            "client_secret": s.client_secret.get_secret_value(),
            "scope": s.scope,
        }
        body = urllib.parse.urlencode({name: value for name, value in form.items() if value}).encode()
        status, answer = self._post(body)
        if status == 200:
            return answer
        error = answer.get("error")
        if error == "invalid_grant":
            return None
        said = f"{self._name}: {s.token_url} answered {status} {_plain(error)}".rstrip()
        if status in (408, 429) or status >= 500 or not error:
            raise TokenDown(f"{said}; it is tried again")
        raise TokenRefused(f"{said}; check client_id, client_secret and scope")

    def _post(self, body: bytes) -> tuple[int, dict[str, Any]]:
        url = self._settings.token_url
        request = urllib.request.Request(url, body, {"Accept": "application/json"})
        try:
            with _opener(url).open(request, timeout=_TIMEOUT) as response:
                return response.status, _json(response.read(_LONGEST))
        except (OSError, HTTPException) as down:
            # The reason names host and cause, never the form that was sent.
            raise TokenDown(f"{self._name}: {url} cannot be reached ({down}); it is tried again") from down


def token_source(
    settings: config.Mailbox | config.Smtp,
    name: str,
    stored: tuple[Load, Save],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> TokenSource | None:
    """The token source of a mailbox or SMTP server, None where it logs in with a password. Raises ConfigError."""
    return TokenSource(settings.oauth, name, stored, now) if settings.auth == "xoauth2" else None


def _check_url(url: str, name: str) -> None:
    parts = urllib.parse.urlsplit(url)
    if not url:
        raise ConfigError([f"{name}: xoauth2 needs token_command, or token_url with a refresh token"])
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback(parts.hostname or "")):
        raise ConfigError([f"{name}: token_url = {url!r}: expected https, as secrets are sent there"])


def _opener(url: str) -> urllib.request.OpenerDirector:
    handlers: list[urllib.request.BaseHandler] = [_AsItIs()]
    if loopback(urllib.parse.urlsplit(url).hostname or ""):
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers)


class _AsItIs(urllib.request.HTTPErrorProcessor):
    """Every status is an answer; a redirect is not followed, as it could carry the secret where nobody meant it."""

    def http_response(self, request: urllib.request.Request, response: HTTPResponse) -> HTTPResponse:
        return response

    https_response = http_response


def _json(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _life(answer: dict[str, Any]) -> timedelta:
    try:
        return timedelta(seconds=float(answer["expires_in"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return _UNSAID


def _is_token(text: str) -> bool:
    # Anything else could break out of the SASL message that it is put into.
    return re.fullmatch(r"[\x21-\x7e]{1,20000}", text) is not None


def _plain(error: object) -> str:
    return error if isinstance(error, str) and re.fullmatch(r"[\w.-]{1,60}", error) else ""
