"""How a running case stood when a letter of its thread came, whatever happened to it since: the events keep it.

Read-only. Not in the record: that an answer left the clock running, so that a case may be called answered too early.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.store.events import DAEMON, case_stream
from mailcase.words import EventType, Kind, Register, Status

_STATUS = {
    EventType.PAUSED: Status.WAITING,
    EventType.RESUMED: Status.OPEN,
    EventType.REOPENED: Status.OPEN,
    EventType.CLOSED: Status.CLOSED,
}
_COMES = (EventType.FOLLOW_UP, EventType.LINKED)
_CHANGES = (
    EventType.REGISTERED,
    EventType.ASSIGNED,
    EventType.RECLASSIFIED,
    EventType.ANSWERED,
    EventType.REQUIREMENTS,
    *_STATUS,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A case at one moment; `case` is its row of today, of which only what never changes is to be used."""

    case: Row[Any]
    kind: Kind
    status: Status = Status.OPEN
    assignee: str = ""
    closed_at: datetime | None = None
    requirements: str = ""
    executors: frozenset[str] = frozenset()
    """Whoever answered it while it was an inquiry, or had it when it became a complaint."""


@dataclass(frozen=True, slots=True)
class Belonged:
    """A letter that came to a running case: it joined, or was split out of the thread at once (`split`).

    `separated`: an employee took it out later, as `said` where he named a kind.
    """

    at: datetime
    standing: Standing
    complaint: Standing | None
    """The open complaint that its sender had beside."""
    split: bool = False
    quiet: bool = False
    separated: bool = False
    said: Kind | None = None


@dataclass(slots=True)
class _Book:
    """The cases as they stand after the events so far, and what was found of letters."""

    cases: Mapping[str, Row[Any]]
    senders: Mapping[int, str]
    now: dict[str, Standing] = field(default_factory=dict)
    complaints: defaultdict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    """Stream by id of a contact's open complaints, by his address."""
    found: dict[int, Belonged] = field(default_factory=dict)

    def read(self, event: Row[Any]) -> None:
        if event.type == EventType.SEPARATED:
            self._separated(event)
        elif event.stream in self.cases and event.type in _COMES:
            self._came(event)
        elif event.stream in self.cases:
            self._changed(event)

    def _changed(self, event: Row[Any]) -> None:
        case, detail = self.cases[event.stream], json.loads(event.detail)
        before = self.now.get(event.stream) or Standing(case, Kind(case.kind))
        after = _after(_worked(before, event, detail), EventType(event.type), event.at, detail)
        self.now[event.stream] = after
        if after.kind.register is Register.COMPLAINT and after.status is not Status.CLOSED:
            self.complaints[case.contact_address][case.id] = event.stream
        elif case.contact_address in self.complaints:
            self.complaints[case.contact_address].pop(case.id, None)

    def _came(self, event: Row[Any]) -> None:
        """A follow-up, or the link of a complaint that was found in the thread, as the older case tells it."""
        sender, standing = self.senders.get(event.mail_id), self.now.get(event.stream)
        if sender is None or standing is None or event.mail_id in self.found or event.actor != DAEMON:
            return
        detail = json.loads(event.detail)
        split = event.type == EventType.LINKED
        if standing.case.opened_by_mail_id == event.mail_id or (split and detail["why"] != "split"):
            return
        theirs = [self.now[stream] for stream in self.complaints.get(sender, {}).values()] if sender else []
        # What was split out is registered before it is linked, and is no complaint that he had before.
        earlier = [one for one in theirs if one.case.opened_by_mail_id != event.mail_id]
        complaint = max(earlier, key=lambda one: one.case.id, default=None)
        quiet = bool(detail.get("quiet"))
        self.found[event.mail_id] = Belonged(event.at, standing, complaint, split=split, quiet=quiet)

    def _separated(self, event: Row[Any]) -> None:
        """The case's own event of it names no kind; the letter's does."""
        name, _, number = event.stream.partition(":")
        before = self.found.get(int(number)) if name == "mail" else None
        if before is not None:
            kind = json.loads(event.detail)["kind"]
            self.found[int(number)] = replace(before, separated=True, said=Kind(kind) if kind else None)


def _worked(before: Standing, event: Row[Any], detail: Mapping[str, Any]) -> Standing:
    """With who answered it or had it when it became a complaint, as `store/involved.py` has it of today's cases."""
    if before.kind.register is not Register.INQUIRY:
        return before
    login = event.actor if event.type == EventType.ANSWERED else ""
    if event.type == EventType.RECLASSIFIED and Kind(detail["kind"]).register is Register.COMPLAINT:
        login = before.assignee if before.assignee != event.actor else ""
    return replace(before, executors=before.executors | ({login} - {"", DAEMON}))


def _after(before: Standing, type_: EventType, at: datetime, detail: Mapping[str, Any]) -> Standing:
    match type_:
        case EventType.REGISTERED | EventType.RECLASSIFIED:
            return replace(before, kind=Kind(detail["kind"]))
        case EventType.ASSIGNED:
            return replace(before, assignee=detail["to"])
        case EventType.REQUIREMENTS:
            return replace(before, requirements=detail["step"])
        case EventType.ANSWERED:
            return before if before.status is Status.CLOSED else replace(before, status=Status.ANSWERED)
    status = _STATUS[type_]
    return replace(before, status=status, closed_at=at if status is Status.CLOSED else None)


def belonged(view: Connection, cases: Mapping[int, Row[Any]], senders: Mapping[int, str]) -> dict[int, Belonged]:
    """What came to a running case, by the letter's id; `senders` are the addresses of the letters that are asked for.

    `cases` are the rows by their ids. What an employee filed himself is left out.
    """
    e = t.event.c
    book = _Book({case_stream(case_id): row for case_id, row in cases.items()}, senders)
    columns = (e.stream, e.type, e.at, e.actor, e.mail_id, e.detail)
    told: sa.Select[Any] = sa.select(*columns).where(e.type.in_((*_CHANGES, *_COMES, EventType.SEPARATED)))
    for event in view.execute(told.order_by(e.id)):
        book.read(event)
    return book.found
