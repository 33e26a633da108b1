"""Says in words what an invitation (iCalendar, RFC 5545) asks: what, when, where, by whom.

Pure. Only told, never answered: nobody's calendar is touched (C39).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

_MAX_TEXT = 200_000
_FOLDED = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"^([A-Za-z-]{1,40})((?:;[^:;\"]*(?:\"[^\"]*\"[^:;\"]*)*)*):(.*)$")
_ZONE = re.compile(r";TZID=\"?([^\";:]{1,60})", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([\\;,nN])")
_WHAT = {
    "REQUEST": "Приглашение",
    "PUBLISH": "Событие",
    "CANCEL": "Отмена встречи",
    "REPLY": "Ответ на приглашение",
    "COUNTER": "Предложено другое время",
}


def summary(text: str) -> str:
    """One Russian paragraph about the first event; empty where there is none."""
    found = _event(text[:_MAX_TEXT])
    if not found:
        return ""
    what = _WHAT.get(_value(found, "METHOD").upper(), "Событие")
    told = [f"{what}: {_value(found, 'SUMMARY') or 'без темы'}"]
    for word, value in (
        ("Когда", _when(found)),
        ("Где", _value(found, "LOCATION")),
        ("Организатор", _person(_value(found, "ORGANIZER"))),
    ):
        if value:
            told.append(f"{word}: {value}")
    return "\n".join(told)


def _event(text: str) -> dict[str, tuple[str, str]]:
    """Parameters and value of each field of the first event, and the method of the whole."""
    found: dict[str, tuple[str, str]] = {}
    inside = 0
    for name, parameters, value in _fields(text):
        if name == "BEGIN":
            inside += value.upper() == "VEVENT" or inside > 0
        elif name == "END":
            if inside == 1:
                return found
            inside -= inside > 0
        elif inside == 1 or (name == "METHOD" and not inside):
            found.setdefault(name, (parameters, value))
    return {}


def _fields(text: str) -> Iterator[tuple[str, str, str]]:
    for line in re.split(r"\r?\n|\r", _FOLDED.sub("", text)):
        match = _LINE.match(line[:5000])
        if match:
            yield match[1].upper(), match[2], match[3].strip()


def _value(found: dict[str, tuple[str, str]], name: str) -> str:
    text = _ESCAPED.sub(lambda m: " " if m[1] in "nN" else m[1], found.get(name, ("", ""))[1])
    return " ".join(text.split())


def _person(value: str) -> str:
    return re.sub(r"(?i)^mailto:", "", value)


def _when(found: dict[str, tuple[str, str]]) -> str:
    parameters, start = found.get("DTSTART", ("", ""))
    begins, ends = _moment(start), _moment(found.get("DTEND", ("", ""))[1])
    if not begins:
        return ""
    zone = _ZONE.search(parameters)
    named = "UTC" if start.endswith("Z") else zone[1] if zone else ""
    same_day = ends[:10] == begins[:10]
    until = f" – {ends[11:] if same_day else ends}" if len(ends) > 10 else ""
    return f"{begins}{until}{f' ({named})' if named else ''}"


def _moment(value: str) -> str:
    """`dd.mm.yyyy hh:mm`, without the hour where it is a whole day; empty for what is no date."""
    for pattern, shown in (("%Y%m%dT%H%M%S", "%d.%m.%Y %H:%M"), ("%Y%m%d", "%d.%m.%Y")):
        try:
            return datetime.strptime(value.removesuffix("Z"), pattern).strftime(shown)  # noqa: DTZ007 (as it is written)
        except ValueError:
            continue
    return ""
