"""The kinds of value a configuration may hold: durations, sizes, addresses, times of day, and how each is written.

Durations are `timedelta`, written in TOML as "90s", "10m", "2h" or "5d"; sizes are bytes, written as "20MB".
Every refusal is a ValueError that says what was expected and never repeats the value.
"""

from __future__ import annotations

import difflib
import functools
import ipaddress
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationInfo

from mailcase.words import Kind, Register, Standing

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
_LONGEST_WAIT = timedelta(seconds=10)
_SIZES = {"KB": 1000, "MB": 1000**2, "GB": 1000**3}


class Section(BaseModel):
    """A part of the configuration: frozen, unknown keys refused, values never echoed in errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


# It looks into some six hundred files.
_zones = functools.cache(available_timezones)


def _duration(value: object) -> object:
    found = re.fullmatch(r"(\d+)\s*([smhd])", value) if isinstance(value, str) else None
    if isinstance(value, timedelta):
        return value
    if not found:
        raise ValueError('expected a duration such as "90s", "10m", "2h" or "5d"')
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _positive(wait: timedelta) -> timedelta:
    # Without any pause the program would ask the server thousands of times a second.
    if not wait:
        raise ValueError('expected at least "1s"')
    return wait


def _before_hang_up(wait: timedelta) -> timedelta:
    # Servers may end an IDLE after 30 minutes (RFC 2177).
    if wait > timedelta(minutes=28):
        raise ValueError('expected at most "28m"')
    return wait


def _size(value: object) -> object:
    found = re.fullmatch(r"(\d+)\s*(KB|MB|GB)", value) if isinstance(value, str) else None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if not found:
        raise ValueError('expected a size such as "500KB" or "20MB"')
    return int(found[1]) * _SIZES[found[2]]


def _address(value: object) -> object:
    text = value.strip().lower() if isinstance(value, str) else ""
    if not _ADDRESS.fullmatch(text):
        raise ValueError("expected an e-mail address such as lab@example.org")
    return text


def _clock(value: object) -> object:
    if isinstance(value, time):
        return value
    # A bare number would be taken by pydantic as seconds after midnight: `opens = 9` must not mean 00:00:09.
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", value) if isinstance(value, str) else None
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError('expected a time of day such as "09:00"')
    return time(int(found[1]), int(found[2]))


def _day(value: object) -> object:
    # A number would be taken as seconds since 1970, and a moment (a datetime) is not a day.
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return value
    raise ValueError("expected a day such as 2026-12-31")


def _no_day(value: object) -> object:
    return None if value == "" else _day(value)


def _spell(value: object) -> object:
    """(first day, last day) of "2026-12-28..2027-01-15"."""
    if not isinstance(value, str):
        return value
    try:
        since, until = (date.fromisoformat(day.strip()) for day in value.split(".."))
    except ValueError:
        raise ValueError('expected two days such as "2026-12-28..2027-01-15"') from None
    if until < since:
        raise ValueError("expected the first day before the last")
    return since, until


def _empty_path(value: object) -> object:
    return None if value == "" else value


def _case_kind(value: object) -> object:
    # Spam and bounces are kinds of letters too, but nobody is assigned to them and they have no term.
    kinds = [kind.value for kind in Kind if kind.register is not Register.NONE]
    if value not in kinds:
        raise ValueError(f"expected one of {', '.join(kinds)}{did_you_mean(str(value), kinds)}")
    return value


def _term_name(value: object) -> object:
    names = [*(kind for kind in Kind if kind.register is not Register.NONE), *Standing]
    found = next((name for name in names if name == value), None)
    if found is None:
        raise ValueError(f"expected one of {', '.join(names)}{did_you_mean(str(value), names)}")
    return found


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean `smtp`?` or nothing, when no known word is like it."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.65)
    return f"; did you mean `{near[0]}`?" if near else ""


def _null_or_address(value: str) -> str:
    # `{token}` stands for a part of its own in every letter, so that a bounce names the letter it is about.
    if value != "<>" and not _ADDRESS.fullmatch(value.replace("{token}", "token")):
        raise ValueError('expected "<>" or an address such as bounce+{token}@example.org')
    return value


def _can_be_called(phone: str) -> str:
    # A card without a phone is refused (A5); the extension is no part of the number that a client dials first.
    number = re.split(r"[^\d\s()+.,-]", phone.strip())[0]
    if sum(c.isdigit() for c in number) < 10:
        raise ValueError("expected a number of at least ten digits such as +7 (495) 000-00-00, доб. 214")
    return phone


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("expected a time zone such as Europe/Moscow or Asia/Yekaterinburg")
    return name


def _known_database(url: SecretStr) -> SecretStr:
    if not re.match(r"(sqlite:///|postgresql(\+psycopg)?://)", url.get_secret_value()):
        raise ValueError("expected sqlite:///file.db or postgresql://user:password@host/name")
    return url


def _matching(pattern: str, words: str) -> Callable[[str], str]:
    """A check that says in words what the pattern wants."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"expected {words}")
        return value

    return check


def loopback(host: str) -> bool:
    """Whether a host is this very machine, so that nobody can listen in between."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _tls_or_loopback(tls: str, info: ValidationInfo) -> str:
    if tls == "none" and not loopback(info.data.get("host", "localhost")):
        raise ValueError(
            'passwords and letters would cross the network readable; expected "tls" or "starttls" '
            "(none is for 127.0.0.1, ::1 and localhost)"
        )
    return tls


def _safe_url(url: str) -> str:
    parts = urlsplit(url)
    if url and parts.scheme != "https" and not (parts.scheme == "http" and loopback(parts.hostname or "")):
        raise ValueError("letters would cross the network readable; expected https://… (http only to this machine)")
    return url


def _short(wait: timedelta) -> timedelta:
    if not timedelta() < wait <= _LONGEST_WAIT:
        raise ValueError("expected more than 0s and at most 10s, as every letter waits for it")
    return wait


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Wait = Annotated[Duration, AfterValidator(_positive)]
ShortWait = Annotated[Duration, AfterValidator(_short)]
SafeUrl = Annotated[str, AfterValidator(_safe_url)]
IdleWait = Annotated[Wait, AfterValidator(_before_hang_up)]
Size = Annotated[int, BeforeValidator(_size)]
MailAddress = Annotated[str, BeforeValidator(_address)]
Clock = Annotated[time, BeforeValidator(_clock)]
Day = Annotated[date, BeforeValidator(_day)]
OptionalDay = Annotated[date | None, BeforeValidator(_no_day)]
Spell = Annotated[tuple[date, date], BeforeValidator(_spell)]
CaseKind = Annotated[Kind, BeforeValidator(_case_kind)]
TermName = Annotated[Kind | Standing, BeforeValidator(_term_name)]
OptionalPath = Annotated[Path | None, BeforeValidator(_empty_path)]
Tls = Annotated[Literal["tls", "starttls", "none"], AfterValidator(_tls_or_loopback)]
Text = Annotated[str, Field(min_length=1)]
Login = Annotated[str, AfterValidator(_matching(r"[a-z0-9._-]+", "lower-case Latin letters, digits, . _ and -"))]
BoxName = Annotated[str, AfterValidator(_matching(r"[a-z0-9_]+", "lower-case Latin letters, digits and _"))]
DocumentKey = Annotated[str, AfterValidator(_matching(r"[a-zа-яё0-9_-]+", "small letters, digits, _ and -"))]
Prefix = Annotated[str, AfterValidator(_matching(r"[A-Z]{2,6}", "two to six capital Latin letters such as KM"))]
Envelope = Annotated[str, AfterValidator(_null_or_address)]
Phone = Annotated[str, AfterValidator(_can_be_called)]
ZoneName = Annotated[str, AfterValidator(_known_zone)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_known_database)]
