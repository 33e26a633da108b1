"""`!звонок …`, `!отвечено почтой РПО … исх. 218`: the client was answered outside mail, and the clock stops (A13).

His number, date and way stand in the record; what was said stays in the employee's letter.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from mailcase.commands import Desk, command
from mailcase.involved import acted
from mailcase.mail import russian
from mailcase.rules.decision import Act
from mailcase.rules.surname import plain
from mailcase.store import cases
from mailcase.store.involved import How
from mailcase.words import Channel, EventType, MailcaseError

_WAYS = {
    Channel.PHONE: r"(по )?тел\w*|звон\w+|(по|со|пере)звон\w+|phone|call",
    Channel.EMAIL: r"(по )?(электронн\w+|эл\.?|e-?mail) ?(почт\w+|письм\w+)?|e-?mail|письмом",
    Channel.POST: r"(по )?почт\w+|заказн\w+|рпо\b|бандерол\w+|на бумаге|post",
    Channel.EDO: r"(по |через )?(эдо|диадок\w*|сбис|контур\w*|тензор)",
    Channel.COURIER: r"нарочн\w*|курьер\w*|под роспись|courier",
    Channel.FAX: r"(по )?факс\w*|fax",
    Channel.MESSENGER: r"(в |через )?(мессенджер\w*|ватсап\w*|whatsapp|телеграм\w*|telegram|вайбер|viber|max|макс)",
    Channel.VISIT: r"лично|устно|очно|при встрече|на встрече|in person",
}
_NOT_REACHED = re.compile(
    r"\bне (дозвон|дозван|бер[еу]т|взял|отве[чт]|застал|доступ|удалось|получилось)\w*|\b(недоступ|занят|перезвон)\w*"
    r"|\bнет ответа\b|\bавтоответчик\w*|\bno answer\b|\bbusy\b"
)
_NUMBER = re.compile(r"исх\.?\s*(?:№|n)?\s*([\w][\w/.-]{0,30})", re.IGNORECASE)
_TRACK = re.compile(r"рпо\s*(?:№|n)?\s*(\d[\d ]{7,24}\d)", re.IGNORECASE)
_DAY = re.compile(r"\b(?:от\s+)?(\d{1,2})\.(\d{1,2})(?:\.(\d{4}|\d{2}))?\b")


@command("call")
def call(desk: Desk, act: Act) -> str:
    """A conversation by phone is the answer, unless nobody was reached."""
    if not _NOT_REACHED.search(plain(act.args)):
        return _record(desk, Channel.PHONE, act.args)
    case = desk.the_case()
    cases.note(desk.tx, case.id, desk.actor, EventType.CALLED, reached=False)
    due = f", ответить до {russian.short(case.due_at.astimezone(desk.config.calendar.zone))}" if case.due_at else ""
    return f"№ {case.number}: звонок записан, но не как ответ{due}. Если клиент всё узнал — «!отвечено телефон»."


@command("answered")
def answered(desk: Desk, act: Act) -> str:
    """The way comes first, then number, date and whatever else there is to say."""
    said = plain(act.args).strip()
    for way, words in _WAYS.items():
        if re.match(rf"(?:{words})(?!\w)", said):
            return _record(desk, way, act.args)
    ways = ", ".join(russian.channel(way) for way in _WAYS)
    raise MailcaseError(f"Не понятно, как ответили: «{act.args.strip()}». Начните с одного из: {ways}")


def _record(desk: Desk, way: Channel, words: str) -> str:
    """The case is answered; silent, like an answer by mail (users.md 1.4)."""
    number, track = _NUMBER.search(words), _TRACK.search(words)
    found = {
        "channel": way.value,
        "number": number[1].rstrip(".,;") if number else "",
        "dated": _day(desk, words),
        "track": track[1].replace(" ", "") if track else "",
    }
    detail: dict[str, Any] = {name: value for name, value in found.items() if value}
    case = cases.answer(desk.tx, desk.the_case().id, desk.actor, russian.channel(way), **detail)
    acted(desk.app, desk.tx, case, desk.actor, How.ANSWERED)
    return ""


def _day(desk: Desk, words: str) -> str:
    """The day of the answer as ISO text; empty where none is said or it is none."""
    found = _DAY.search(words)
    if found is None:
        return ""
    year = int(found[3] or desk.today.year)
    try:
        return date(year + 2000 if year < 100 else year, int(found[2]), int(found[1])).isoformat()
    except ValueError:
        return ""
