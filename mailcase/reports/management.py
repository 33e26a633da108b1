"""The report to the top management: gathered from the records, judged by `figures`, sent to its members alone (A4)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import letters, post
from mailcase.app import App
from mailcase.config import Config, Employee
from mailcase.mail.draft import Draft
from mailcase.mail.russian import short_name
from mailcase.outgoing import Outgoing
from mailcase.reports.figures import Answer, Counted, Figures, Satisfaction, Step, Topic, figures
from mailcase.reports.period import Period, month_name
from mailcase.rules.axes import COMPLAINTS
from mailcase.store import figures as records
from mailcase.store import improvements, surveys
from mailcase.store.events import case_stream
from mailcase.words import Audience, Kind, Template

_MANY = 10
"""Lines of one list: the report is one page on a phone."""
Values = dict[str, Any]


def members(config: Config) -> tuple[Employee, ...]:
    """Who the top management is: the configured employees, absent ones too, without those who have left."""
    found = (config.person(login) for login in dict.fromkeys(config.lab.top_management))
    return tuple(person for person in found if person is not None and person.active)


def write(tx: Connection, app: App, period: Period, now: datetime, run: str = "") -> list[int]:
    """One letter to each member; the outbox rows that were written. `run` sets a repeated run apart from the first."""
    said = values(app, tx, period, now)
    # As the file says: whoever is away today is a member all the same.
    written = (post.write(tx, app.config, _letter(person, said, period, now, run)) for person in members(app.given))
    return [row for row in written if row is not None]


def _letter(person: Employee, said: Values, period: Period, now: datetime, run: str) -> Outgoing:
    return Outgoing(
        key=f"report:{period.first}:{period.last}{run}:{person.login}",
        template=Template.REPORT,
        audience=Audience.STAFF,
        to=letters.to_person(person),
        values=said,
        now=now,
        person=person.login,
    )


def printed(app: App, period: Period) -> str:
    """The report as a member reads it: the subject, an empty line, the plain text."""
    lab, now = app.config.lab, app.now()
    with app.db.read() as view:
        said = values(app, view, period, now)
    named = {"name": lab.name, "address": lab.address, "site": lab.site, "phone": lab.phone}
    draft = Draft(
        template=Template.REPORT,
        audience=Audience.STAFF,
        lang="ru",
        message_id="<report>",
        date=now.isoformat(),
        from_name=lab.name,
        from_address=lab.address,
        to=((lab.name, lab.address),),
        values={**said, "lang": "ru", "lab": named},
    )
    subject, text, _html = app.composer.render(draft)
    return f"{subject}\n\n{text}"


def values(app: App, view: Connection, period: Period, now: datetime) -> Values:
    """What the template prints; of a span that is not over yet, what is known now."""
    zone = app.config.calendar.zone
    since, over = period.bounds(zone)
    until = min(over, now)
    found = figures(_cases(app.config, view, since, until), _answers(view, since, until), until)
    earlier = period.before()
    return {
        "period": str(period),
        "so_far": until.isoformat() if until < over else None,
        **_counts(found),
        "before": {"period": str(earlier), "cases": len(records.opened(view, *earlier.bounds(zone)))},
        "months": _months(period, found),
        "survey": _survey(found.satisfaction),
        "active": {"count": sum(found.active.values()), "kinds": _kinds(found)},
        "improvements": _improvements(app.config, view, period, until),
        "topics": [_topic(topic) for topic in found.topics],
    }


def _cases(config: Config, view: Connection, since: datetime, until: datetime) -> list[Counted]:
    steps: dict[str, list[Step]] = {}
    for row in records.steps(view, since, until):
        before = json.loads(row.detail).get("old_due")
        moved = datetime.fromisoformat(before) if before else None
        steps.setdefault(row.stream, []).append(Step(row.type, row.at, moved))
    return [
        Counted(
            id=row.id,
            number=row.number,
            kind=Kind(row.kind),
            subject=row.subject,
            opened=row.opened_at.astimezone(config.calendar.zone).date(),
            due_at=row.due_at,
            steps=tuple(steps.get(case_stream(row.id), ())),
        )
        for row in records.opened(view, since, until)
        if row.due_at is not None
    ]


def _answers(view: Connection, since: datetime, until: datetime) -> list[Answer]:
    rows = surveys.answered(view, since, until)
    return [Answer(row.case_id, row.number, row.score, row.comment) for row in rows]


def _counts(found: Figures) -> Values:
    return {
        "cases": found.cases,
        "complaints": found.complaints,
        "reviews": found.reviews,
        "late": _numbers(found.late),
        "late_complaints": _numbers(found.late_complaints),
    }


def _numbers(cases: Iterable[Counted]) -> Values:
    """How many, and the first of their numbers."""
    numbers = [case.number for case in cases]
    return {"count": len(numbers), "numbers": numbers[:_MANY], "more": max(0, len(numbers) - _MANY)}


def _months(period: Period, found: Figures) -> list[Values]:
    """Each calendar month of a span of several."""
    months = list(period.months())
    told = [{"name": month_name(month), "cases": found.months.get(month, 0)} for month in months]
    return told if len(months) > 1 else []


def _survey(said: Satisfaction) -> Values:
    low = [{"number": a.number, "score": a.score, "comment": " ".join(a.comment.split())} for a in said.low[:3]]
    average = f"{said.average:.1f}".replace(".", ",") if said.average is not None else ""
    scores = [{"score": score, "count": count} for score, count in said.scores.items()]
    return {"n": said.n, "average": average, "scores": scores, "low": low}


def _kinds(found: Figures) -> Values:
    """Complaints and claims are one line of the rules (11.2)."""
    return {
        "complaints": sum(found.active[kind] for kind in COMPLAINTS),
        "suggestions": found.active[Kind.SUGGESTION],
        "reviews": found.active[Kind.FEEDBACK],
    }


def _topic(line: Topic) -> Values:
    example = {"number": line.example.number, "subject": line.example.subject} if line.example else None
    return {"topic": str(line.topic), "count": line.count, "example": example}


def _improvements(config: Config, view: Connection, period: Period, until: datetime) -> Values:
    since, _ = period.bounds(config.calendar.zone)
    rows = improvements.changed(view, (since, until), (period.first, period.last))
    today = until.astimezone(config.calendar.zone).date()
    return {
        "lines": [_improvement(config, row, until, today) for row in rows[:_MANY]],
        "more": max(0, len(rows) - _MANY),
    }


def _improvement(config: Config, row: Row[Any], until: datetime, today: date) -> Values:
    person = config.person(row.owner)
    known = row.effect_at is not None and row.effect_at < until
    return {
        "case": row.case_number,
        "action": row.action,
        "owner": short_name(person.name) if person else row.owner,
        "due": row.due or None,
        "effect": row.effect if known else "",
        "overdue": bool(row.due) and not known and date.fromisoformat(row.due) < today,
    }
