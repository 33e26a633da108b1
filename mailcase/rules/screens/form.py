"""Did a client fill in a form of the site? Nobody has proven that the address in it is his."""

from __future__ import annotations

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.decision import Reason
from mailcase.rules.facts import Facts
from mailcase.rules.form import form as fields_of
from mailcase.rules.screens import Hit, screen
from mailcase.words import Verdict


@screen("form")
def form(letter: Letter, _facts: Facts, config: Config) -> Hit | None:
    """SILENT for the fields of a form (A34): else anybody could have us write to anybody."""
    if fields_of(letter, config) is None:
        return None
    return Hit(Verdict.SILENT, Reason("form", "заполнена форма сайта: адрес, указанный в ней, никто не проверял"))
