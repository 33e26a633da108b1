"""Did the sending server ask that nothing ever be sent back?"""

from __future__ import annotations

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.decision import Reason
from mailcase.rules.facts import Facts
from mailcase.rules.form import form
from mailcase.rules.screens import Hit, screen
from mailcase.words import Verdict


@screen("null_path")
def null_path(letter: Letter, _facts: Facts, config: Config) -> Hit | None:
    """AUTO_REPLY for `Return-Path: <>` (RFC 3834 section 2, C2); a missing header says nothing (C3)."""
    if letter.return_path is None or letter.return_path.strip("<> "):
        return None
    if form(letter, config) is not None:
        return Hit(Verdict.SILENT, Reason("null_path", "обратный адрес пуст, но клиент заполнил форму сайта"))
    why = "обратный адрес пуст (Return-Path: <>): так пишут только программы, отвечать некому"
    return Hit(Verdict.AUTO_REPLY, Reason("null_path", why))
