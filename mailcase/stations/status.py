"""The answer to «статус»: how a client's own letters stand, from the register, without a person (A43)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import letters, post
from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.mail.russian import greeting
from mailcase.outgoing import Outgoing
from mailcase.rules.status import for_a_person
from mailcase.store import known, outbox, queries
from mailcase.store.events import canonical
from mailcase.words import Audience, Kind, OutboxStatus, Status, Template

_UNDATED = (Kind.CORRESPONDENCE, Kind.FEEDBACK)
"""Kinds that were promised no answer by a day."""


def tell(tx: Connection, config: Config, ids: Sequence[int], letter: Letter, mail_id: int, now: datetime) -> bool:
    """Tell the client of these cases, his own; False where none is named, or where a person has to tell him."""
    if not ids:
        return False
    found = {case.id: case for case in known.cases_by_id(tx, ids)}
    his = [found[case_id] for case_id in ids]
    if any(for_a_person(json.loads(case.risk)) for case in his):
        return False
    lang = letters.language(letter)
    states = [_state(tx, config, case, now, lang) for case in his]
    values = {
        "number": his[0].number,
        "tag": his[0].tag,
        "greeting": greeting(letters.closing(letter), lang),
        "cases": states,
    }
    told = Outgoing(
        key=f"status:{mail_id}",
        template=Template.STATUS,
        audience=Audience.CLIENT,
        to=((letter.sender.name, letter.sender.addr),),
        values=values,
        now=now,
        case_id=his[0].id,
        mail_id=mail_id,
        lang=lang,
        replies_to=letter.message_id,
        references=letters.parents(letter),
        auto="auto-replied",
        # The same news is told an organisation once a day, however often it asks.
        words=f"status:{hashlib.sha256(canonical(states).encode()).hexdigest()[:32]}",
    )
    row_id = post.write(tx, config, told)
    return row_id is not None and outbox.get(tx, row_id).status == OutboxStatus.QUEUED


def _state(tx: Connection, config: Config, case: Row[Any], now: datetime, lang: str) -> dict[str, Any]:
    # He is not told that we wait for him before the letter that asks him has left.
    unasked = case.status == Status.WAITING and not queries.asked(tx, case.id)
    status = Status.OPEN if unasked else case.status
    due = case.due_at if case.status == Status.OPEN and case.kind not in _UNDATED else None
    return {
        **letters.case_values(case),
        "status": status,
        "due": due.isoformat() if due else None,
        "late": bool(due and due < now),
        "answered": case.answered_at.isoformat() if case.answered_at else None,
        "closed": case.closed_at.isoformat() if case.closed_at else None,
        "answerer": letters.person_values(config, case.assignee, lang),
    }
