"""A client changes his order: what was agreed and what he wants now are kept with the order (A61)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Row

from mailcase import post
from mailcase.app import App
from mailcase.mail.letter import parse
from mailcase.rules.change import before
from mailcase.stations.work import Work
from mailcase.store import asked, cases
from mailcase.words import MailcaseError

_LATEST = 10
"""Letters in which the earlier words are sought."""


def changed(work: Work, order_id: int, number: int, words: str) -> str:
    """Keep the change of that order, which came in case `number`; the line about it for whoever has the case."""
    earlier = before(words, _written(work.app, work.tx, order_id, work.mail.id))
    asked.add_change(work.tx, order_id, work.actor, number, (earlier, words))
    order = cases.get(work.tx, order_id)
    was = f", раньше: «{earlier.rstrip('.')}»" if earlier else ""
    return f"клиент меняет заявку № {order.number}: «{words.rstrip('.')}»{was}"


def _written(app: App, tx: Connection, case_id: int, but: int) -> Iterator[str]:
    """What was written to and fro in the case before that letter, the newest first."""
    written = [(row.received_at, row) for row in asked.heard(tx, case_id, but, _LATEST)]
    written += [(row.sent_at, row) for row in asked.answers(tx, case_id, _LATEST)]
    for _, row in sorted(written, key=lambda pair: pair[0], reverse=True):
        text = _text(app, row)
        if text:
            yield text


def _text(app: App, row: Row[object]) -> str:
    if "draft" in row._fields:
        return str(post.draft_of(row).values.get("text") or "")
    try:
        letter = parse(app.raw.get(str(row.sha256)), truncated=bool(row.truncated))
    except MailcaseError:
        # A lost file hides what was agreed, and must not stop the client's letter.
        return ""
    return letter.reply or letter.text
