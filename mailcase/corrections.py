"""The laboratory's own labelled letters: what an employee corrected or confirmed, read anew from the raw letter.

An example exists only while somebody learns from it. A letter whose raw file is gone is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mailcase import training
from mailcase.app import App
from mailcase.mail.letter import parse
from mailcase.rules.classify_letter import judged_words
from mailcase.rules.client_words import client_words
from mailcase.store import labels
from mailcase.store.labels import Label
from mailcase.words import MailcaseError


@dataclass(frozen=True, slots=True)
class Correction:
    """An employee's word and the letter it is about."""

    label: Label
    letter: training.Labelled

    @property
    def corrects(self) -> bool:
        """Whether he said something else than the program; else he confirmed it."""
        return self.label.kind is not self.label.taken_for


def gather(app: App) -> list[Correction]:
    """Every correction whose letter is still there, oldest word first; OSError where the raw store is away."""
    with app.db.read() as view:
        found = labels.given(view)
    return list(_read(app, found))


def _read(app: App, found: list[Label]) -> Iterator[Correction]:
    for label in found:
        try:
            raw = app.raw.get(label.sha256)
        except MailcaseError:
            continue
        yield Correction(label, training.labelled(_row(app, label, raw)))


def _row(app: App, label: Label, raw: bytes) -> dict[str, Any]:
    """As a line of the labelled files; letters of one address are one voice, so none is both learned and asked."""
    letter = client_words(parse(raw), app.config)
    sender, subject, body = judged_words(letter)
    return {
        "id": f"mail-{label.mail_id}",
        "voice": hashlib.sha256(letter.sender.addr.lower().encode()).hexdigest()[:16],
        "from": sender,
        "subject": subject,
        "body": body,
        "register": label.kind.register.value,
        "kind": label.kind.value,
        "topic": None,
        # No employee is asked who writes: what the case says is the program's own guess, and teaches nothing.
        "sender": "",
        "consumer_service": False,
        "risk": list(label.risk),
    }
