"""The ledger, the register and a case's trail as plain values: what `--json` prints and the tables show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import questions
from mailcase.app import App
from mailcase.rules.axes import category, feedback_mode, topic_821
from mailcase.stations.archive import SOURCE
from mailcase.store import asked, held, improvements, known, papers, queries, surveys
from mailcase.words import Audience, Kind, OutboxStatus

Values = dict[str, Any]


def ledger(app: App) -> Iterator[Values]:
    """Every letter that came in, oldest first."""
    with app.db.read() as view:
        rows = queries.ledger(view)
    for row in rows:
        yield {**_letter(app, row), "case": row.tag}


def _letter(app: App, row: Row[Any]) -> Values:
    return {
        "id": row.id,
        "file": _file(app, row),
        "sha256": row.sha256,
        "message_id": row.message_id,
        "from": row.from_address,
        "subject": row.subject,
        "received_at": _iso(row.received_at),
        "status": row.status,
        "outcome": row.outcome,
        "drop_reason": row.drop_reason,
        "reasons": json.loads(row.reasons),
    }


def _file(app: App, row: Row[Any]) -> str:
    """The path under which the letter was imported, else where its bytes lie, from the folder of the configuration."""
    if row.source.startswith(SOURCE):
        return str(row.source.removeprefix(SOURCE))
    path = app.raw.path(row.sha256)
    return str(path.relative_to(app.config.folder) if path.is_relative_to(app.config.folder) else path)


def kept(app: App) -> Iterator[Values]:
    """Every letter of ours that did not leave and will not by itself, oldest first."""
    with app.db.read() as view:
        rows = held.kept(view)
    for row in rows:
        yield {
            "id": row.id,
            "why": row.hold_reason if row.status == OutboxStatus.HELD else row.status,
            "since": _iso(row.created_at),
            "letter": row.template,
            "case": row.tag,
            "to": row.to_address,
            "error": row.last_error,
        }


def awaited(app: App) -> Iterator[Values]:
    """Every letter of an employee's that waits for a word: of whom, and until when an unproven one does."""
    with app.db.read() as view:
        found = questions.waiting(view)
    for one in found:
        yield {
            "mail": one.row.id,
            "why": "unproven" if one.unproven else "doubt",
            "since": _iso(one.row.handled_at),
            "for": one.person,
            "from": one.row.from_address,
            "case": one.row.tag,
            "subject": one.row.subject,
            "asked": _iso(one.row.asked_at),
            "until": _iso(one.until),
        }


def register(app: App) -> Iterator[Values]:
    """Every case, newest first, imported history last."""
    with app.db.read() as view:
        rows, surveyed = queries.register(view), surveys.of_cases(view)
    for row in rows:
        yield _case(app, row, surveyed.get(row.id))


def _case(app: App, row: Row[Any], survey: Row[Any, Any, Any] | None) -> Values:
    person = app.config.person(row.assignee)
    lab = app.config.lab
    return {
        "number": row.number,
        "tag": row.tag,
        "register": row.register,
        "kind": row.kind,
        "category": category(Kind(row.kind)),
        "iso_821": topic_821(Kind(row.kind), row.subject),
        "feedback_mode": feedback_mode(Kind(row.kind), surveyed=survey is not None),
        "survey_score": survey.score if survey else None,
        "survey_comment": survey.comment if survey else "",
        "status": row.status,
        "subject": row.subject,
        "contact": row.contact_address,
        "contact_name": row.contact_name,
        "contact_phone": row.contact_phone,
        "channel": row.channel,
        "service": "in_person" if row.channel in lab.in_person else "remote",
        "occurred_at": _iso(row.occurred_at),
        "preferred_channel": row.preferred_channel,
        "addressee": row.addressee,
        "department": (person.department if person else "") or lab.department,
        "assignee": row.assignee,
        "opened_at": _iso(row.opened_at),
        "due_at": _iso(row.due_at),
        "paused_at": _iso(row.paused_at),
        "waits_for": row.waits_for,
        "requirements": row.requirements,
        "remedies": asked.remedies(row),
        "closed_at": _iso(row.closed_at),
        "history": row.history,
    }


def improved(app: App) -> Iterator[Values]:
    """The improvement log, oldest line first (A24)."""
    with app.db.read() as view:
        rows = improvements.everything(view)
    for row in rows:
        yield {
            "number": row.number,
            "case": row.tag,
            "action": row.action,
            "owner": row.owner,
            "due": row.due or None,
            "effect": row.effect,
            "effect_at": _iso(row.effect_at),
            "entered_by": row.entered_by,
            "entered_at": _iso(row.entered_at),
        }


def trail(app: App, name: str) -> Values | None:
    """One case and all that happened in it, oldest first (A74); None where no case is called so.

    `name` is a tag, a number, or the Message-ID of a letter of the case.
    """
    with app.db.read() as view:
        case = _by_message(view, name) if "@" in name else queries.case_tagged(view, name)
        if case is None:
            return None
        found, survey = queries.trail(view, case.id), surveys.of_cases(view, case.id).get(case.id)
        issued = papers.of_case(view, case.id)
    steps = [
        *(_in(app, row) for row in found["mail"]),
        *(_out(row) for row in found["outbox"]),
        *(_event(row) for row in found["event"]),
        *(_line(row) for row in found["journal"]),
        *(_changed(change) for change in asked.changes(case)),
    ]
    # What one commit wrote bears one moment; the letter that caused it all comes first.
    told = {**_case(app, case, survey), "documents": [_paper(row) for row in issued]}
    return {"case": told, "trail": sorted(steps, key=lambda step: (step["at"], _ORDER[step["entry"]]))}


def _paper(row: Row[Any]) -> Values:
    paper = {"type": row.type, "number": row.number, "name": row.name, "sent_at": _iso(row.sent_at)}
    return {**paper, "paid_at": _iso(row.paid_at)}


_ORDER = {"letter in": 0, "event": 1, "change": 1, "journal": 2, "letter out": 3}


def _by_message(view: Connection, name: str) -> Row[Any] | None:
    message_id = f"<{name.strip().strip('<>')}>"
    sent = [row.case_id for row in known.sent_as(view, [message_id])]
    received = [row.case_id for row in known.received_in(view, [message_id])]
    ids = [case_id for case_id in (*sent, *received) if case_id is not None]
    return next(iter(known.cases_by_id(view, ids[:1])), None)


def _in(app: App, row: Row[Any]) -> Values:
    told = {"part": row.part, "from": row.from_address, "subject": row.subject, "message_id": row.message_id}
    mail = {"mail": row.id, "file": _file(app, row)}
    return {"at": _iso(row.received_at), "entry": "letter in", "what": row.outcome, **mail, **told}


def _out(row: Row[Any]) -> Values:
    draft = json.loads(row.draft)
    return {
        "at": _iso(row.sent_at or row.created_at),
        "entry": "letter out",
        "what": row.template,
        "outbox": row.id,
        "status": row.status,
        "hold_reason": row.hold_reason,
        "to": row.to_address,
        "staff": row.audience == Audience.STAFF,
        "message_id": row.message_id,
        "in_reply_to": draft["in_reply_to"],
        "caused_by_mail": row.mail_id,
        "error": row.last_error,
    }


def _event(row: Row[Any]) -> Values:
    told = {"actor": row.actor, "trust": row.trust, "mail": row.mail_id, "outbox": row.outbox_id}
    return {"at": _iso(row.at), "entry": "event", "what": row.type, **told, "detail": json.loads(row.detail)}


def _changed(change: Values) -> Values:
    """What the client changed of this order: before, after, and who agreed (A61)."""
    return {"at": change["at"], "entry": "change", "what": "order", **{k: v for k, v in change.items() if k != "at"}}


def _line(row: Row[Any]) -> Values:
    number = f"{row.register} {row.year}/{row.seq}"
    return {"at": _iso(row.entered_at), "entry": "journal", "what": number, "moved_to": row.moved_to}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
