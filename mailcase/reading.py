"""Reads letters and judges their words: what of a letter's way needs no database may be done by a process apart.

`Inline` reads in this very process, for commands and tests; the daemon uses `reading_process`, where time and memory
have limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from mailcase.config import Config
from mailcase.mail.letter import Letter, parse
from mailcase.models import Models
from mailcase.rules.decide import judge
from mailcase.rules.decision import Judgement

_TOP = 64_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stored letter to read: `truncated` where only its top was fetched, `top` where only its top is to be read."""

    path: Path
    truncated: bool = False
    top: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A letter and what its words make it."""

    letter: Letter
    judged: Judgement


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A letter that could not be read, and why."""

    why: str


class Reader(Protocol):
    """Whoever reads letters."""

    def start(self) -> None:
        """Be ready, or raise MailcaseError: then nobody must be asked to wait for this reader."""

    def read(self, wanted: Sequence[Wanted]) -> Iterator[Read | Unreadable]:
        """An answer for each, in order; they end early where nothing can be read any more."""

    def ready(self) -> bool:
        """Whether the next answer can be had without waiting for it."""

    def stop(self) -> None:
        """Give back what it holds; it may be started again."""


def own_models(config: Config) -> Models:
    """The laboratory's own models."""
    return Models(config.folder / config.classify.models)


def read(wanted: Wanted, config: Config, models: Models) -> Read | Unreadable:
    """Read one letter; its parser never raises, but its file may be gone."""
    try:
        raw = wanted.path.read_bytes()
    except OSError as gone:
        return Unreadable(f"raw letter {wanted.path.name} cannot be read ({gone.strerror}); restore it from the backup")
    if wanted.top:
        raw = raw[:_TOP].partition(b"\r\n\r\n")[0].partition(b"\n\n")[0] + b"\r\n\r\n"
    letter = parse(raw, truncated=wanted.truncated or wanted.top)
    return Read(letter, judge(letter, config, models.current()))


class Inline:
    """Reads here and now."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._models = own_models(config)

    def start(self) -> None:
        """As Reader.start."""

    def read(self, wanted: Sequence[Wanted]) -> Iterator[Read | Unreadable]:
        """As Reader.read; an error that one letter meets ends no other's."""
        return map(partial(read, config=self._config, models=self._models), wanted)

    def ready(self) -> bool:
        """As Reader.ready: it waits for nobody."""
        return True

    def stop(self) -> None:
        """As Reader.stop."""
