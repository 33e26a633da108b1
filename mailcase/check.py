"""Looks whether everything is well and says what to mend: what `mailcase check` prints, line by line."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from mailcase import check_ready, check_servers, commands, config, jobs, morning, references
from mailcase.app import App
from mailcase.check_finding import Finding, Level
from mailcase.reading import own_models
from mailcase.reports.management import members
from mailcase.rules import escalate, screens
from mailcase.rules.deadline import knows_year
from mailcase.store import events, held, numbers
from mailcase.words import HoldReason, MailcaseError, Template

_SOON = timedelta(days=30)


def refuse_to_make_files_for_another(config: config.Config) -> None:
    """Raises MailcaseError where root would make the first files in another user's folder: his daemon lacks them."""
    folder, raw = config.folder, config.folder / config.store.raw
    owner = folder.stat().st_uid
    if os.geteuid() == 0 and owner != 0 and not raw.exists():
        command = f"sudo -u '#{owner}' mailcase check"
        raise MailcaseError(f"{folder} belongs to another user, who could not use what root makes there; run {command}")


def everything(app: App, *, servers: bool = True) -> Iterator[Finding]:
    """Every finding in turn; makes the database first where there is none yet."""
    yield from _database(app)
    yield from _folders(app)
    yield from _readable_by_others(app)
    yield from _alarm_route(app)
    yield from _held(app)
    yield from _texts(app)
    yield from check_ready.everything(app)
    yield from _documents(app)
    yield from _terms(app)
    yield from _stamps(app)
    yield from _report(app)
    yield from _escalation(app)
    yield from _calendar(app)
    yield from _orders(app)
    yield _model(app)
    yield from _plug_ins()
    if servers:
        yield from check_servers.everything(app)


def _database(app: App) -> Iterator[Finding]:
    where = app.db.url.render_as_string(hide_password=True)
    try:
        app.prepare_beside()
        with app.db.read() as view:
            broken, gaps = events.verify(view), numbers.gaps(view)
    except sa.exc.SQLAlchemyError as error:
        said = str(getattr(error, "orig", error)).strip().splitlines()[:1]
        yield Finding(Level.PROBLEM, "database", f"{where}: {''.join(said)}; start it or correct store.url")
        return
    except MailcaseError as behind:
        yield Finding(Level.PROBLEM, "database", f"{where}: {behind}")
        return
    yield Finding(Level.OK, "database", f"{where}, up to date")
    restore = "compare with the backup: the record was changed from outside"
    yield _listed("events", broken, "every chain is whole", restore)
    yield _listed("numbers", gaps, "cases and journal without a gap", restore)


def _listed(what: str, problems: list[str], fine: str, remedy: str) -> Finding:
    if not problems:
        return Finding(Level.OK, what, fine)
    more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
    return Finding(Level.PROBLEM, what, f"{'; '.join(problems[:5])}{more}; {remedy}")


def _folders(app: App) -> Iterator[Finding]:
    page = app.config.page.folder
    shown = page if page is None or page.exists() else page.parent
    for what, folder in (("raw letters", app.raw.folder), ("register page", shown)):
        if folder is None:
            continue
        if os.access(folder, os.W_OK | os.X_OK):
            yield Finding(Level.OK, what, str(folder))
        else:
            yield Finding(Level.PROBLEM, what, f"{folder} cannot be written; give this user the right to")


def _readable_by_others(app: App) -> Iterator[Finding]:
    """Passwords and letters that every user of this machine can read."""
    database = app.db.file
    beside = [Path(f"{database}{end}") for end in ("", "-wal", "-shm")] if database else []
    for what, files in ((".env", [app.given.folder / ".env"]), ("database", beside)):
        names = [str(file) for file in files if file.exists() and file.stat().st_mode & 0o007]
        if names:
            said = f"{', '.join(names)}: other users of this machine may read it; chmod 600 {shlex.join(names)}"
            yield Finding(Level.WARNING, what, said)


def _alarm_route(app: App) -> Iterator[Finding]:
    """The file and the program that hear of what mail cannot tell; the program is not run."""
    route, what = app.config.alarm, "alarms"
    if route.file is not None and not os.access(route.file if route.file.exists() else route.file.parent, os.W_OK):
        yield Finding(Level.PROBLEM, what, f'alarm.file = "{route.file}": this user cannot write it; give the right to')
    if route.command and shutil.which(route.command[0]) is None:
        yield Finding(Level.PROBLEM, what, "alarm.command: there is no such program, or it may not be run")
    ways = [*([str(route.file)] if route.file else []), *(["a program"] if route.command else [])]
    told = f"what mail cannot tell goes to {' and '.join(ways)}"
    if ways:
        yield Finding(Level.OK, what, told)
    else:
        yield Finding(Level.WARNING, what, "nobody hears of what mail cannot tell; name alarm.file or alarm.command")


def _held(app: App) -> Iterator[Finding]:
    try:
        with app.db.read() as view:
            count = held.count(view, HoldReason.BUDGET)
    except sa.exc.SQLAlchemyError:
        # Said already, where the database was looked at.
        return
    if count:
        said = f"{count} automatic letters are over the budgets; `mailcase held` lists and `resend --held` sends them"
        yield Finding(Level.WARNING, "held", said)


def _texts(app: App) -> Iterator[Finding]:
    yield _listed("texts", app.composer.check(), "every letter can be written", "mend the template")
    missing = [f"`{part}`" for part in morning.SECTIONS if not app.composer.prints(Template.DIGEST, part)]
    if missing:
        said = f"your digest.txt.j2 has no place for {', '.join(missing)}, and nobody is told what belongs there"
        yield Finding(Level.WARNING, "texts", f"{said}; take over the lines with it from ours")


def _documents(app: App) -> Iterator[Finding]:
    for document in app.config.document:
        if document.file.is_file():
            yield Finding(Level.OK, "documents", f"{document.key}: {document}")
        else:
            said = f'{document.key}: there is no file "{document.file}"; put it there or correct document.file'
            yield Finding(Level.PROBLEM, "documents", said)


def _terms(app: App) -> Iterator[Finding]:
    """Who decided each term: what cites a text that the laboratory does not have is marked (A3)."""
    by_source: dict[str, list[str]] = {}
    for name, term in app.config.terms.items():
        by_source.setdefault(term.source, []).append(name)
    by_source.setdefault(app.config.escalation.source, []).append("escalation")
    for source, names in by_source.items():
        told = references.term_source(app.config, source)
        # A default says of itself that it is one; a term that cites a text which is not there claims too much.
        level = Level.OK if told == source or told.endswith(source) else Level.WARNING
        yield Finding(level, "terms", f"{', '.join(names)}: {told}")


def _report(app: App) -> Iterator[Finding]:
    """Who gets the report to the management; of who has left nobody knows it but the configuration (A4)."""
    every, what = app.given.report.every, "report"
    if every == "never":
        return
    if names := [person.login for person in members(app.given)]:
        yield Finding(Level.OK, what, f"after each {every}, to {', '.join(names)}")
    else:
        said = "everybody in lab.top_management has left; name who gets the report"
        yield Finding(Level.PROBLEM, what, said)


def _stamps(app: App) -> Iterator[Finding]:
    """Without the server's stamp anybody could write under an employee's name, so much is asked back (C102)."""
    for box in app.config.mailbox:
        if not box.authserv_id:
            said = 'authserv_id = "": what employees write as new letters is asked about first, notices have no buttons'
            remedy = "set it to the first word after Authentication-Results: in letters that your own server received"
            yield Finding(Level.WARNING, f"mailbox {box.name}", f"{said}; {remedy}")


def _escalation(app: App) -> Iterator[Finding]:
    """Whom overdue complaints rise to: the head alone where the role names nobody who is still here (A4)."""
    after, role, what = app.given.escalation.top_management, escalate.members(app.given), "escalation"
    told = f"complaints overdue by {after} working days rise to {', '.join(role)}"
    if not after:
        yield Finding(Level.OK, what, "overdue complaints do not rise to lab.top_management: 0 working days")
    elif members(app.given):
        yield Finding(Level.OK, what, told)
    else:
        said = f"lab.top_management names nobody who is here: {told} (lab.head); name it, also for reports"
        yield Finding(Level.WARNING, what, said)


def _calendar(app: App) -> Iterator[Finding]:
    year = app.now().astimezone(app.config.calendar.zone).year
    remedy = "update the package `holidays`, or give days in calendar.extra_days_off and extra_working_days"
    for asked in (year, year + 1):
        if knows_year(asked):
            yield Finding(Level.OK, "calendar", f"production calendar of {asked} is known")
        else:
            # The next year's is decreed in autumn: until then nobody can know it.
            level = Level.PROBLEM if asked == year else Level.WARNING
            yield Finding(level, "calendar", f"production calendar of {asked} is not known; {remedy}")


def _orders(app: App) -> Iterator[Finding]:
    """Orders of employees that end soon or have ended: what they had goes to others then (A5)."""
    today = app.now().astimezone(app.given.calendar.zone).date()
    for person in app.given.employee:
        if person.active and person.valid_until and person.valid_until < today + _SOON:
            tense = "ended" if person.valid_until < today else "ends"
            order = f"the order {person.order}" if person.order else "the order"
            said = f"{person.login}: {order} {tense} on {person.valid_until}; renew it and employee.valid_until"
            yield Finding(Level.WARNING, "orders", said)


def _model(app: App) -> Finding:
    """The model that judges letters: the laboratory's own or the shipped one."""
    models = own_models(app.config)
    if fault := models.fault():
        return Finding(Level.PROBLEM, "model", f"{fault}; the shipped one judges meanwhile")
    state = models.state()
    if state.outdated:
        said = f"the shipped one judges: {state.models[0].file} was made for another version; run `mailcase train`"
        return Finding(Level.WARNING, "model", said)
    made = state.in_use
    said = f"the laboratory's own {made.file} judges" if made else "the shipped one judges"
    return Finding(Level.OK, "model", said)


def _plug_ins() -> Iterator[Finding]:
    found: dict[str, Iterable[tuple[str, object]]] = {
        "commands": commands.COMMANDS,
        "jobs": jobs.JOBS,
        "screens": screens.SCREENS,
    }
    for what, registry in found.items():
        try:
            names = [name for name, _ in registry]
        except MailcaseError as error:
            yield Finding(Level.PROBLEM, what, str(error))
        else:
            yield Finding(Level.OK, what, ", ".join(names))
