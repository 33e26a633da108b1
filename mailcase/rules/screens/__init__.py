"""Which letters a robot sent, or nobody may answer: one question per file, all asked of every letter.

A screen is `(Letter, Facts, Config) -> Hit | None`, registered by its file's name with `@screen("name")`.
All screens always run and never see each other; the gravest verdict wins, so their order cannot be a bug.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.plugins import Registry
from mailcase.rules.decision import Reason
from mailcase.rules.facts import Facts
from mailcase.words import Verdict


@dataclass(frozen=True, slots=True)
class Hit:
    """What one screen found; the reason is a Russian sentence for the ledger."""

    verdict: Verdict
    reason: Reason


Screen = Callable[[Letter, Facts, Config], Hit | None]

SCREENS: Registry[Screen] = Registry("mailcase.rules.screens")
screen = SCREENS.add


def run(letter: Letter, facts: Facts, config: Config) -> tuple[Hit, ...]:
    """Ask every screen; hits come in the order of the screens' names."""
    answers = (ask(letter, facts, config) for _, ask in SCREENS)
    return tuple(hit for hit in answers if hit)


def gravest(hits: Iterable[Hit]) -> Verdict:
    """The gravest verdict, CLEAR where no screen hit."""
    return max((hit.verdict for hit in hits), default=Verdict.CLEAR)
