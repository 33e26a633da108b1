"""The register as one HTML page in a shared folder: found by number, client or subject while he is on the phone.

Promises: read-only and without a server; nothing in it comes from elsewhere, and no client's word becomes markup;
readers see the old page or the new one, never half of one.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from sqlalchemy import Row

from mailcase.app import App
from mailcase.config import Config
from mailcase.mail import russian
from mailcase.mail.compose import packaged
from mailcase.rules.mask import initials, out_of_reach
from mailcase.store import queries
from mailcase.words import Channel, Register, Status

FILE = "register.html"
_TEMPLATE = "register.html.j2"
_EVERY = timedelta(seconds=2)
_STAMP = re.compile(r'name="mailcase-stamp" content="(\w+) ([^"]+)"')


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of the page; every value is what people read, `text` what is searched."""

    number: str
    tag: str
    opened: str
    opened_time: str
    kind: str
    channel: str
    client: str
    address: str
    subject: str
    assignee: str
    phone: str
    addressee: str
    due: str
    status: str
    since: str
    overdue: bool
    classes: str
    text: str


def write_if_changed(app: App) -> bool:
    """Write the page where anything on it has changed, at most every two seconds; False: there is no more to do.

    Does nothing without `page.folder`. Raises OSError where the folder cannot be written.
    """
    folder = app.config.page.folder
    if folder is None:
        return False
    now, target = app.now(), folder / FILE
    template = _template(app.config)
    with app.db.read() as view:
        state = queries.register_state(view, now)
        stamp = _stamp(app.config, template, state)
        if not _due(target, stamp, now):
            return False
        rows = queries.register(view, app.config.page.rows)
    _replace(target, _render(app.config, template, rows, state, (stamp, now)))
    return False


def _template(config: Config) -> Template:
    folders = [folder for folder in (config.templates, packaged()) if folder]
    loader = FileSystemLoader(folders)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(_TEMPLATE)


def _stamp(config: Config, template: Template, state: Row[Any]) -> str:
    """One value for everything that the page shows but its time, so that a restart writes nothing in vain."""
    shape = Path(template.filename or "").read_text(encoding="utf-8")
    people = [(person.login, person.name, person.phone) for person in config.employee]
    seen = (tuple(state), config.page.mask, config.page.rows, config.lab.name, config.calendar.timezone, people, shape)
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]


def _due(target: Path, stamp: str, now: datetime) -> bool:
    """Whether the page that is there shows something else, and is older than two seconds."""
    try:
        with target.open(encoding="utf-8", errors="replace") as page:
            found = _STAMP.search(page.read(2000))
    except FileNotFoundError:
        return True
    if found is None:
        return True
    return found[1] != stamp and now - datetime.fromisoformat(found[2]) >= _EVERY


def _render(
    config: Config, template: Template, rows: list[Row[Any]], state: Row[Any], written: tuple[str, datetime]
) -> str:
    stamp, now = written
    local = now.astimezone(config.calendar.zone)
    return template.render(
        title=config.lab.name,
        stamp=f"{stamp} {now.isoformat()}",
        as_of=f"{russian.short(local)}.{local:%Y %H:%M}",
        totals=state._asdict(),
        cut=len(rows) if len(rows) < state.cases else 0,
        masked=config.page.mask,
        rows=[_line(config, row, now) for row in rows],
    )


def _line(config: Config, case: Row[Any], now: datetime) -> _Line:
    opened = case.opened_at.astimezone(config.calendar.zone)
    person, to = config.person(case.assignee), config.person(case.addressee)
    client, address, subject = _client(config, case)
    overdue = case.status == Status.OPEN and case.due_at is not None and case.due_at < now
    classes = {case.status: True, "late": overdue, "complaint": case.register == Register.COMPLAINT}
    number = "архив" if case.history else str(case.number)
    return _Line(
        number=number,
        tag=case.tag,
        opened=russian.numeric(opened),
        opened_time=f"{opened:%H:%M}",
        kind=russian.kind(case.kind),
        channel="" if case.channel == Channel.EMAIL else russian.channel(case.channel),
        client=client,
        address=address,
        subject=subject,
        assignee=person.name if person else case.assignee,
        phone=russian.phone(person.phone) if person else "",
        addressee=russian.short_name(to.name) if to else case.addressee,
        due="не идёт" if case.paused_at else _day(config, case.due_at),
        status=russian.status(case.status),
        since=_day(config, case.closed_at or case.paused_at or case.answered_at),
        overdue=overdue,
        classes=" ".join(name for name, wanted in classes.items() if wanted),
        text=_plain(f"{client} {address} {subject}"),
    )


def _client(config: Config, case: Row[Any]) -> tuple[str, str, str]:
    """(name, address, subject), without personal data where the page must not show it."""
    if not config.page.mask:
        names = (case.contact_name, case.contact_address) if case.contact_name else (case.contact_address, "")
        return (*names, case.subject)
    return initials(case.contact_name), "", out_of_reach(case.subject)


def _day(config: Config, moment: datetime | None) -> str:
    return russian.numeric(moment.astimezone(config.calendar.zone)) if moment else ""


def _plain(text: str) -> str:
    """As the page's search compares: small letters, «е» for «ё»."""
    return " ".join(text.lower().replace("ё", "е").split())


def _replace(target: Path, page: str) -> None:
    """Written beside the target and renamed, so that no reader sees half a page."""
    target.parent.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".register.", suffix=".new")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
        # A temporary file is its owner's alone; the folder is shared so that colleagues can read.
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
