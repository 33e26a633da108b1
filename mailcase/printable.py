"""Which lines of a morning letter can be printed: one that breaks the template costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mailcase.app import App
from mailcase.mail.draft import Draft
from mailcase.words import MailcaseError

Values = dict[str, Any]


def printable(
    app: App, probe: Callable[[Values], Draft], values: Values, blank: Values, sections: tuple[str, ...]
) -> Values:
    """The values without the lines that the template cannot print; each is named among what waits instead.

    `probe` makes the draft to try, `blank` is a line of nothing, `sections` name the lists of lines.
    """
    if _prints(app, probe(values)):
        return values
    alone = {**values, **{section: [] for section in sections}}
    kept: dict[str, list[Values]] = {section: [] for section in sections}
    broken = []
    for section, line in _lines(values, sections):
        if _prints(app, probe({**alone, section: [line]})):
            kept[section].append(line)
        else:
            name = f"№ {line['number']}" if line.get("number") else line.get("subject") or "без номера"
            broken.append({**blank, "what": f"строку не удалось составить: {name}; она есть в журнале"})
    mended = {**values, **kept, "waiting": [*kept["waiting"], *broken]}
    # A template that fails even so is broken as a whole: the letter fails, and the duty person is told.
    return mended if _prints(app, probe(mended)) else values


def _lines(values: Values, sections: tuple[str, ...]) -> Iterator[tuple[str, Values]]:
    return ((section, line) for section in sections for line in values[section])


def _prints(app: App, draft: Draft) -> bool:
    try:
        app.composer.render(draft)
    except MailcaseError:
        return False
    return True
