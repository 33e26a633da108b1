"""Who answers letters, from when to when, and the rules by which letters come to them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from mailcase import config_values as values
from mailcase.config_values import Section
from mailcase.words import Topic


class Away(Section):
    """Days on which somebody is not here, both included."""

    since: values.Day
    until: values.Day

    @field_validator("until")
    @classmethod
    def _not_before_since(cls, value: date, info: ValidationInfo) -> date:
        return _ordered(value, info, "since")


class Employee(Section):
    """One person who answers for letters (A5, 9.2.4: a card without a phone is refused).

    `order` is the order that authorises him, as people cite it; outside its dates he gets nothing new.
    """

    login: values.Login
    name: str = Field(min_length=3)
    position: str = Field(min_length=2)
    phone: values.Phone
    email: values.MailAddress
    aliases: tuple[values.MailAddress, ...] = ()
    department: str = ""
    kinds: tuple[values.CaseKind, ...] = ()
    substitute: str = ""
    order: str = ""
    valid_from: values.Day | None = None
    valid_until: values.Day | None = None
    away: tuple[Away, ...] = ()
    active: bool = True

    @field_validator("valid_until")
    @classmethod
    def _not_before_from(cls, value: date | None, info: ValidationInfo) -> date | None:
        return value if value is None else _ordered(value, info, "valid_from")

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address this person writes from, the main one first."""
        return (self.email, *self.aliases)

    def as_of(self, day: date) -> Employee:
        """The card of that day: whoever gets nothing on it is not active."""
        return self.model_copy(update={"active": False}) if self.active and self.absence(day) else self

    def absence(self, day: date) -> str:
        """Why he gets nothing on that day, for people (Russian); empty where he does."""
        order = f"приказ {self.order}" if self.order else "приказ"
        if self.valid_from and day < self.valid_from:
            return f"{order} действует с {self.valid_from:%d.%m.%Y}"
        if self.valid_until and day > self.valid_until:
            return f"{order} действовал до {self.valid_until:%d.%m.%Y}"
        away = next((spell for spell in self.away if spell.since <= day <= spell.until), None)
        if away:
            return f"отсутствует до {away.until:%d.%m.%Y}"
        return ""


class AssignRule(Section):
    """Who gets a letter: every condition given must hold; the first rule that fits decides."""

    kinds: tuple[values.CaseKind, ...] = ()
    topics: tuple[Topic, ...] = ()
    languages: tuple[Literal["ru", "en", "uk", "kk"], ...] = ()
    words: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    employees: tuple[str, ...] = Field(min_length=1)


def _ordered(value: date, info: ValidationInfo, earlier: str) -> date:
    begin = info.data.get(earlier)
    if begin is not None and value < begin:
        raise ValueError(f"expected a day not before {earlier}, {begin:%Y-%m-%d}")
    return value
