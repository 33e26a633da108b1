"""The configuration as one frozen value; every key is documented in `config.example.toml`.

`config_file.load` reads it from TOML and the environment; nothing below `cli` and `app` reads either.
Durations are `timedelta`, written in TOML as "90s", "10m", "2h" or "5d"; sizes are bytes, written as "20MB".
"""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from mailcase.words import Kind, Mode

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZES = {"KB": 1000, "MB": 1000**2, "GB": 1000**3}


def _duration(value: object) -> object:
    found = re.fullmatch(r"(\d+)\s*([smhd])", value) if isinstance(value, str) else None
    if isinstance(value, timedelta):
        return value
    if not found:
        raise ValueError('expected a duration such as "90s", "10m", "2h" or "5d"')
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _size(value: object) -> object:
    found = re.fullmatch(r"(\d+)\s*(KB|MB|GB)", value) if isinstance(value, str) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not found:
        raise ValueError('expected a size such as "500KB" or "20MB"')
    return int(found[1]) * _SIZES[found[2]]


def _address(value: object) -> object:
    text = value.strip().lower() if isinstance(value, str) else ""
    if not re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+", text):
        raise ValueError("expected an e-mail address such as lab@example.org")
    return text


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Size = Annotated[int, BeforeValidator(_size)]
MailAddress = Annotated[str, BeforeValidator(_address)]
Tls = Literal["tls", "starttls", "none"]


class Section(BaseModel):
    """A part of the configuration: frozen, unknown keys refused, values never echoed in errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Lab(Section):
    """The laboratory and its standing roles; roles name employees by login."""

    name: str
    address: MailAddress
    aliases: tuple[MailAddress, ...] = ()
    site: str = ""
    phone: str = ""
    journal_name: str = ""
    prefix: str = Field(default="KM", pattern=r"^[A-Z]{2,6}$")
    head: str
    duty: str
    quality_manager: str


class OAuth(Section):
    """Where an XOAUTH2 access token comes from: a command's output, or a refresh token that rotates."""

    token_command: tuple[str, ...] = ()
    token_url: str = ""
    client_id: str = ""
    scope: str = ""
    client_secret: SecretStr = SecretStr("")
    refresh_token: SecretStr = SecretStr("")


class Mailbox(Section):
    """One IMAP account that is watched."""

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    host: str
    port: int = Field(default=993, ge=1, le=65535)
    user: str
    tls: Tls = "tls"
    ca_file: Path | None = None
    auth: Literal["password", "xoauth2"] = "password"
    oauth: OAuth = OAuth()
    password: SecretStr = SecretStr("")
    inbox: str = "INBOX"
    spam_folder: str = ""
    sent_folder: str = "auto"
    watch_sent: bool = True
    save_sent: bool = True
    after: Literal["leave", "mark", "move"] = "leave"
    move_to: str = "Mailcase"
    poll: Duration = timedelta(minutes=1)
    idle: bool = True
    idle_renew: Annotated[Duration, Field(le=timedelta(minutes=28))] = timedelta(minutes=8)
    timeout: Duration = timedelta(seconds=60)
    max_size: Size = 50_000_000
    authserv_id: str = ""


class Smtp(Section):
    """The server that takes our letters."""

    host: str
    port: int = Field(default=465, ge=1, le=65535)
    user: str = ""
    tls: Tls = "tls"
    ca_file: Path | None = None
    auth: Literal["password", "xoauth2"] = "password"
    oauth: OAuth = OAuth()
    password: SecretStr = SecretStr("")
    timeout: Duration = timedelta(seconds=60)
    keep_open: Duration = timedelta(seconds=30)
    auto_envelope: str = "<>"
    retry_for: Duration = timedelta(days=5)


class Store(Section):
    """Where records and raw letters live."""

    url: SecretStr = SecretStr("sqlite:///mailcase.db")
    raw: Path = Path("raw")


class Answer(Section):
    """How answers and acknowledgements leave."""

    acknowledge: bool = True
    undo: Duration = timedelta(minutes=10)
    confirm_first: int = Field(default=5, ge=0)
    attachments_max: Size = 20_000_000
    silence_days: int = Field(default=5, ge=1)
    reopen_days: int = Field(default=30, ge=0)


class Term(Section):
    """How long an answer may take; `limit` is what clients are promised, `target` what employees aim at."""

    target: int = Field(ge=0)
    limit: int = Field(ge=1)
    unit: Literal["working", "calendar"] = "working"
    source: str = "по умолчанию, не из СТО-СМК-005"


def default_terms() -> dict[Kind, Term]:
    """Requirements B.8, the rows that a letter's kind decides."""
    return {
        Kind.REQUEST: Term(target=2, limit=3),
        Kind.ORDER_CHANGE: Term(target=1, limit=2),
        Kind.CONSULTATION: Term(target=1, limit=3),
        Kind.SUGGESTION: Term(target=10, limit=30, unit="calendar"),
        Kind.FEEDBACK: Term(target=5, limit=5),
        Kind.CORRESPONDENCE: Term(target=5, limit=5),
        Kind.COMPLAINT: Term(target=5, limit=10),
        Kind.CLAIM: Term(target=5, limit=10, unit="calendar"),
    }


class Calendar(Section):
    """Working hours and days of the laboratory, over the Russian production calendar."""

    timezone: str = "Europe/Moscow"
    opens: time = time(9, 0)
    closes: time = time(17, 30)
    extra_days_off: tuple[date, ...] = ()
    extra_working_days: tuple[date, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which dates are counted and printed."""
        return ZoneInfo(self.timezone)


class Budget(Section):
    """How many automatic letters may leave (C14); over it they are held and a person is told."""

    per_address_day: int = Field(default=3, ge=1)
    per_domain_day: int = Field(default=50, ge=1)
    per_hour: int = Field(default=200, ge=1)
    public_domains: tuple[str, ...] = (
        "gmail.com", "yandex.ru", "ya.ru", "mail.ru", "bk.ru", "inbox.ru", "list.ru",
        "rambler.ru", "outlook.com", "hotmail.com", "icloud.com",
    )


class Classify(Section):
    """Words of the laboratory's own that decide a kind, beside the built-in ones."""

    complaint: tuple[str, ...] = ()
    claim: tuple[str, ...] = ()
    request: tuple[str, ...] = ()
    spam: tuple[str, ...] = ()


class AssignRule(Section):
    """Who gets a letter: every condition given must hold; the first rule that fits decides."""

    kinds: tuple[Kind, ...] = ()
    words: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    employees: tuple[str, ...] = Field(min_length=1)


class Schedule(Section):
    """Hours of the daily letters, in the laboratory's time zone, on working days."""

    digest: time = time(9, 0)
    shadow: time = time(18, 0)
    silence: time = time(8, 0)


class Page(Section):
    """The static HTML register; an empty folder means none."""

    folder: Path | None = None
    mask: bool = False
    rows: int = Field(default=5000, ge=1)


class Limits(Section):
    """Bounds on one letter; over them the rest is kept raw and the reason is recorded."""

    parts: int = Field(default=500, ge=1)
    depth: int = Field(default=50, ge=1)
    deaths: int = Field(default=5, ge=1)
    tries: int = Field(default=5, ge=1)


class Employee(Section):
    """One person who answers for letters (A5, 9.2.4: a card without a phone is refused)."""

    login: str = Field(pattern=r"^[a-z0-9._-]+$")
    name: str = Field(min_length=3)
    position: str = Field(min_length=2)
    phone: str = Field(min_length=5)
    email: MailAddress
    aliases: tuple[MailAddress, ...] = ()
    kinds: tuple[Kind, ...] = ()
    substitute: str = ""
    active: bool = True

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address this person writes from, the main one first."""
        return (self.email, *self.aliases)


class Config(Section):
    """Everything the program may know of its surroundings."""

    mode: Mode = Mode.SHADOW
    lab: Lab
    mailbox: tuple[Mailbox, ...] = Field(min_length=1)
    smtp: Smtp
    store: Store = Store()
    answer: Answer = Answer()
    terms: dict[Kind, Term] = Field(default_factory=default_terms)
    calendar: Calendar = Calendar()
    budget: Budget = Budget()
    classify: Classify = Classify()
    assign: tuple[AssignRule, ...] = ()
    schedule: Schedule = Schedule()
    page: Page = Page()
    limits: Limits = Limits()
    templates: Path | None = None
    employee: tuple[Employee, ...] = Field(min_length=1)
    secret: SecretStr
    folder: Path = Path()
    """Where the config file lies: relative paths start here. Not a key of the file."""

    def person(self, login: str) -> Employee | None:
        """The employee of that login, or None."""
        return next((e for e in self.employee if e.login == login), None)

    @property
    def own_addresses(self) -> frozenset[str]:
        """The laboratory's addresses: the official one and those that redirect to it (A35)."""
        return frozenset({self.lab.address, *self.lab.aliases})
