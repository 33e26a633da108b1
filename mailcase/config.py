"""The configuration as one frozen value; every key is documented in `config.example.toml`.

`config_file.load` reads it from TOML and the environment; nothing below `cli` and `app` reads either.
A section refuses what it can see to be wrong by itself; `config_checks` sees what only shows between sections.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from mailcase import config_values as values
from mailcase.config_budget import Alarm, Budget
from mailcase.config_documents import Document as Document
from mailcase.config_references import Reference
from mailcase.config_staff import AssignRule as AssignRule
from mailcase.config_staff import Employee as Employee
from mailcase.config_terms import Escalation as Escalation
from mailcase.config_terms import Term as Term
from mailcase.config_terms import decided, over_defaults
from mailcase.config_terms import default_terms as default_terms
from mailcase.config_values import Section as Section
from mailcase.words import Channel, Mode, Topic


class Lab(Section):
    """The laboratory and its standing roles; roles name employees by login."""

    name: values.Text
    name_en: str = ""
    address: values.MailAddress
    aliases: tuple[values.MailAddress, ...] = ()
    site: str = ""
    phone: str = ""
    journal_name: str = ""
    prefix: values.Prefix = "KM"
    subaddress: bool = False
    department: str = "Дирекция"
    in_person: tuple[Channel, ...] = (Channel.VISIT, Channel.BOOK)
    head: str
    duty: str
    quality_manager: str
    top_management: tuple[str, ...] = ()


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

    name: values.BoxName
    host: values.Text
    port: int = Field(default=993, ge=1, le=65535)
    user: values.Text
    tls: values.Tls = "tls"
    ca_file: values.OptionalPath = None
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
    poll: values.Wait = timedelta(minutes=1)
    idle: bool = True
    idle_renew: values.IdleWait = timedelta(minutes=8)
    timeout: values.Wait = timedelta(seconds=60)
    max_size: values.Size = 50_000_000
    authserv_id: str = ""

    @field_validator("move_to")
    @classmethod
    def _has_target(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("after") == "move" and not value.strip():
            raise ValueError('expected a folder, because after = "move"')
        return value


class Smtp(Section):
    """The server that takes our letters."""

    host: values.Text
    port: int = Field(default=465, ge=1, le=65535)
    user: str = ""
    tls: values.Tls = "tls"
    ca_file: values.OptionalPath = None
    auth: Literal["password", "xoauth2"] = "password"
    oauth: OAuth = OAuth()
    password: SecretStr = SecretStr("")
    timeout: values.Wait = timedelta(seconds=60)
    keep_open: values.Duration = timedelta(seconds=30)
    auto_envelope: values.Envelope = "<>"
    retry_for: values.Duration = timedelta(days=5)


class Store(Section):
    """Where records and raw letters live."""

    url: values.DatabaseUrl = SecretStr("sqlite:///mailcase.db")
    raw: Path = Path("raw")


class Answer(Section):
    """How answers and acknowledgements leave."""

    acknowledge: bool = True
    undo: values.Duration = timedelta(minutes=10)
    confirm_first: int = Field(default=5, ge=0)
    attachments_max: values.Size = 20_000_000
    silence_days: int = Field(default=5, ge=1)
    payment_days: int = Field(default=5, ge=1)
    reopen_days: int = Field(default=30, ge=0)
    consultation: bool = False
    enclosed_topics: tuple[Topic, ...] = ()
    texts_max_age: values.Duration = timedelta(days=365)


class Request(Section):
    """How orders are reviewed before the laboratory commits itself, and their requirements confirmed (A65, A66)."""

    review: Literal["ask", "record", "off"] = "record"
    remind_days: int = Field(default=3, ge=1)


class Calendar(Section):
    """Working hours and days of the laboratory, over the Russian production calendar."""

    timezone: values.ZoneName = "Europe/Moscow"
    opens: values.Clock = time(9, 0)
    closes: values.Clock = Field(default=time(17, 30), validate_default=True)
    extra_days_off: tuple[values.Day, ...] = ()
    extra_working_days: tuple[values.Day, ...] = ()

    @field_validator("closes")
    @classmethod
    def _after_opening(cls, value: time, info: ValidationInfo) -> time:
        if "opens" in info.data and value <= info.data["opens"]:
            raise ValueError(f"expected a time after opens, {info.data['opens']:%H:%M}")
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which dates are counted and printed."""
        return ZoneInfo(self.timezone)


class Classify(Section):
    """Words of the laboratory's own that decide a kind, beside the built-in ones; where its own models lie."""

    models: Path = Path("models")
    complaint: tuple[str, ...] = ()
    claim: tuple[str, ...] = ()
    request: tuple[str, ...] = ()
    spam: tuple[str, ...] = ()


class LanguageModel(Section):
    """A language model of the user's own that is asked about inquiries nobody doubts; without a url none is."""

    url: values.SafeUrl = ""
    model: str = ""
    timeout: values.ShortWait = timedelta(seconds=5)
    api_key: SecretStr = SecretStr("")


class Schedule(Section):
    """Hours of the jobs, in the laboratory's time zone, on working days."""

    digest: values.Clock = time(9, 0)
    shadow: values.Clock = time(18, 0)
    silence: values.Clock = time(8, 0)
    forget: values.Clock = time(3, 0)
    learn: values.Clock = time(4, 0)
    report: values.Clock = time(8, 30)
    remind: values.Clock = time(10, 0)
    expire: values.Clock = time(8, 45)


class Report(Section):
    """After which calendar months the top management gets its report by itself."""

    every: Literal["never", "month", "quarter"] = "never"


class Page(Section):
    """The static HTML register; an empty folder means none."""

    folder: values.OptionalPath = None
    mask: bool = False
    rows: int = Field(default=5000, ge=1)


class Limits(Section):
    """Bounds on one letter; over them the rest is kept raw and the reason is recorded."""

    parts: int = Field(default=500, ge=1)
    depth: int = Field(default=50, ge=1)
    deaths: int = Field(default=5, ge=1)
    tries: int = Field(default=5, ge=1)
    read_time: values.Duration = timedelta(seconds=30)
    read_memory: values.Size = 1_000_000_000


class Config(Section):
    """Everything the program may know of its surroundings."""

    mode: Mode = Mode.SHADOW
    lab: Lab
    mailbox: tuple[Mailbox, ...] = Field(min_length=1)
    smtp: Smtp
    store: Store = Store()
    answer: Answer = Answer()
    request: Request = Request()
    terms: dict[values.TermName, Term] = Field(default_factory=default_terms)
    escalation: Escalation = Escalation()
    calendar: Calendar = Calendar()
    budget: Budget = Budget()
    alarm: Alarm = Alarm()
    classify: Classify = Classify()
    language_model: LanguageModel = LanguageModel()
    assign: tuple[AssignRule, ...] = ()
    document: tuple[Document, ...] = ()
    reference: tuple[Reference, ...] = ()
    schedule: Schedule = Schedule()
    report: Report = Report()
    page: Page = Page()
    limits: Limits = Limits()
    templates: values.OptionalPath = None
    employee: tuple[Employee, ...] = Field(min_length=1)
    secret: SecretStr
    folder: Path = Path()
    """Where the config file lies: relative paths start here. Not a key of the file."""

    @field_validator("terms", mode="before")
    @classmethod
    def _over_defaults(cls, value: object) -> object:
        return over_defaults(value)

    @field_validator("escalation", mode="before")
    @classmethod
    def _with_source(cls, value: object) -> object:
        return decided(value, "head", "top_management") if isinstance(value, Mapping) else value

    def person(self, login: str) -> Employee | None:
        """The employee of that login, or None."""
        return next((e for e in self.employee if e.login == login), None)

    def as_of(self, day: date) -> Config:
        """The configuration of that day: who is away, or has no order for it, is not active (A5)."""
        employees = tuple(e.as_of(day) for e in self.employee)
        return self if employees == self.employee else self.model_copy(update={"employee": employees})

    @property
    def own_addresses(self) -> frozenset[str]:
        """The laboratory's addresses: the official one and those that redirect to it (A35)."""
        return frozenset({self.lab.address, *self.lab.aliases})
