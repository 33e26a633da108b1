"""The answer to «статус»: how a client's own letters stand, from the register, without a person (A43).

What is overdue a client does not only want to know: whoever has it learns that he asks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import letters, notices, post, progress
from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.mail.russian import as_sentences, greeting
from mailcase.outgoing import Outgoing
from mailcase.rules.decision import FollowUp
from mailcase.rules.status import for_a_person
from mailcase.stations.work import Work
from mailcase.store import cases, known, outbox, queries
from mailcase.store.events import canonical
from mailcase.told import Told
from mailcase.words import Audience, Kind, OutboxStatus, Status, Template

_UNDATED = (Kind.CORRESPONDENCE, Kind.FEEDBACK)
"""Kinds that were promised no answer by a day."""
_ASKS = "клиент спрашивает, как обстоят дела"
_ANSWERED = f"{_ASKS}; автоматически ему сообщено только состояние, ответа он ждёт от Вас"
_NOT_ANSWERED = f"{_ASKS} со всеми его письмами; ответа он ждёт от Вас"


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


def tell_of_overdue(work: Work, follow: FollowUp, part: int, *, answered: bool) -> None:
    """Whoever has such cases that are overdue learns that their client asks: one letter, that names the others.

    Where the client was not answered, the case that his letter is `part` of comes to its employee with the letter.
    """
    for login, late in _late(work, follow, answered=answered).items():
        # A letter about several cases is part of one; the record of the others names it too.
        joined = {follow.case_id: part}
        parts = [joined.get(case.id) or cases.attach(work.tx, case.id, work.actor, (), quiet=True) for case in late]
        first, *others = late
        owed = progress.owed_in(work.app, work.tx, first)
        asks = _ANSWERED if answered else _NOT_ANSWERED
        remarks = [progress.pressing(work.app, first, owed, work.now), asks, _named(others)]
        key = f"asks:{first.id}:{_midnight(work):%Y-%m-%d}:{login}"
        remark, person = as_sentences(remarks), work.person(first.assignee, first)
        told = Told(first, person, work.now, work.mail.id, work.mail.sha256, remark=remark, key=key)
        notices.pass_on(work.tx, work.config, told, work.letter, parts[0])


def _late(work: Work, follow: FollowUp, *, answered: bool) -> dict[str, list[Row[Any]]]:
    """The overdue cases by the login of who is to hear of them; none of which he had a letter today."""
    found: dict[str, list[Row[Any]]] = {}
    for case in sorted(known.cases_by_id(work.tx, follow.status), key=lambda case: follow.status.index(case.id)):
        with_letter = case.id == follow.case_id and not answered
        if with_letter or not progress.overdue(case, progress.owed_in(work.app, work.tx, case), work.now):
            continue
        login = work.person(case.assignee, case).login
        if not outbox.told_since(work.tx, case.id, login, _midnight(work)):
            found.setdefault(login, []).append(case)
    return found


def _midnight(work: Work) -> datetime:
    here = work.now.astimezone(work.config.calendar.zone)
    return here.replace(hour=0, minute=0, second=0, microsecond=0)


def _named(others: Sequence[Row[Any]]) -> str:
    numbers = ", ".join(f"№ {case.number}" for case in others)
    return f"задерживаются и другие его обращения: {numbers}" if others else ""


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
