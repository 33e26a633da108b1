"""Asks a language model of the user's own (OpenAI-compatible chat completions) about a letter: off by default.

One try of bounded time and size, no redirects. After failures in a row it rests, so that a dead server costs the mail
nothing. What may be asked, and what an answer may do, stands in `rules/second_opinion.py`.
"""

from __future__ import annotations

import json
import logging
import threading
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from mailcase import config
from mailcase.config_values import loopback
from mailcase.mail.letter import Letter
from mailcase.rules.decision import Judgement
from mailcase.rules.facts import Facts
from mailcase.rules.second_opinion import INSTRUCTION, answered, question, with_opinion, worth_asking
from mailcase.words import MailcaseError

log = logging.getLogger(__name__)
_LONGEST = 64_000
"""Bytes of an answer."""
_FAILURES = 3
_REST = timedelta(minutes=5)
_TOKENS = 30


class LanguageModel:
    """One address, with a breaker; for one thread."""

    def __init__(self, settings: config.LanguageModel, now: Callable[[], datetime]) -> None:
        self._settings, self._now = settings, now
        self._failed = 0
        self._rests_until = datetime.min.replace(tzinfo=UTC)

    def second_opinion(self, letter: Letter, judged: Judgement, facts: Facts, known: config.Config) -> Judgement:
        """The verdict, with a mark where the model sees dissatisfaction; as it was where it fails."""
        if self._now() < self._rests_until or not worth_asking(letter, judged, facts, known):
            return judged
        try:
            complaint = self.ask(question(letter, known))
        except MailcaseError as failed:
            self._note(failed)
            return judged
        self._failed = 0
        return with_opinion(judged, complaint)

    def ask(self, text: str) -> bool:
        """Whether the model sees dissatisfaction in a masked text; raises MailcaseError where it does not say."""
        found: list[bool | str] = []
        # The time limit of a socket is one of each read: a server that drips would hold the letter for hours.
        asked = threading.Thread(target=lambda: found.append(self._asked(text)), daemon=True)
        asked.start()
        asked.join(self._settings.timeout.total_seconds())
        said = found[0] if found else f"no answer within {self._settings.timeout.total_seconds():g} s"
        if isinstance(said, str):
            raise MailcaseError(f"language_model.url {self._settings.url}: {said}")
        return said

    def _note(self, failed: MailcaseError) -> None:
        self._failed += 1
        log.warning("language model: %s", failed)
        if self._failed >= _FAILURES:
            self._rests_until = self._now() + _REST
            log.warning("language model: not asked for %s", _REST)

    def _asked(self, text: str) -> bool | str:
        """The answer, or why there is none; an answer's own words are never told, as it may repeat the letter."""
        request = self._request(text)
        try:
            opener = _opener(self._settings.url)
            with opener.open(request, timeout=self._settings.timeout.total_seconds()) as response:
                status, body = response.status, response.read(_LONGEST + 1)
            if status != 200:
                return f"answered {status}"
            if len(body) > _LONGEST:
                return "the answer is too long"
            said = answered(json.loads(body)["choices"][0]["message"]["content"])
        except (OSError, HTTPException) as down:
            return f"cannot be reached ({down})"
        except (ValueError, LookupError, TypeError, RecursionError):
            return "the answer is no chat completion"
        return "the answer says neither yes nor no" if said is None else said

    def _request(self, text: str) -> urllib.request.Request:
        asked: dict[str, Any] = {
            "model": self._settings.model,
            "messages": [{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": text}],
            "temperature": 0,
            "max_tokens": _TOKENS,
        }
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key := self._settings.api_key.get_secret_value():
            headers["Authorization"] = f"Bearer {key}"
        return urllib.request.Request(self._settings.url, json.dumps(asked).encode(), headers)


def _opener(url: str) -> urllib.request.OpenerDirector:
    handlers: list[urllib.request.BaseHandler] = [_AsItIs()]
    if loopback(urlsplit(url).hostname or ""):
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers)


class _AsItIs(urllib.request.HTTPErrorProcessor):
    """Every status is an answer; a redirect could carry letter and key where nobody meant them."""

    def http_response(self, request: urllib.request.Request, response: HTTPResponse) -> HTTPResponse:
        return response

    https_response = http_response
