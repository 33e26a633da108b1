"""Who answers letters, from when to when, and the rules by which letters come to them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from mailcase import config_values as values
from mailcase.config_values import Section
from mailcase.words import Topic


class Employee(Section):
    """One person who answers for letters (A5, 9.2.4: a card without a phone is refused).

    `name_en` and `position_en` stand in letters to those who wrote in English. `order` is the order that authorises
    him, as people cite it; outside its dates he gets nothing new.
    """

    login: values.Login
    name: str = Field(min_length=3)
    position: str = Field(min_length=2)
    name_en: str = ""
    position_en: str = ""
    phone: values.Phone
    email: values.MailAddress
    aliases: tuple[values.MailAddress, ...] = ()
    department: str = ""
    kinds: tuple[values.CaseKind, ...] = ()
    substitute: str = ""
    order: str = ""
    valid_from: values.OptionalDay = None
    valid_until: values.OptionalDay = None
    away: tuple[values.Spell, ...] = ()
    active: bool = True

    @field_validator("valid_until")
    @classmethod
    def _not_before_from(cls, value: date | None, info: ValidationInfo) -> date | None:
        begin = info.data.get("valid_from")
        if value is not None and begin is not None and value < begin:
            raise ValueError(f"expected a day not before valid_from, {begin:%Y-%m-%d}")
        return value

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
        until = next((until for since, until in self.away if since <= day <= until), None)
        return f"отсутствует до {until:%d.%m.%Y}" if until else ""


class AssignRule(Section):
    """Who gets a letter: every condition given must hold; the first rule that fits decides."""

    kinds: tuple[values.CaseKind, ...] = ()
    topics: tuple[Topic, ...] = ()
    languages: tuple[Literal["ru", "en", "uk", "kk"], ...] = ()
    words: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    employees: tuple[str, ...] = Field(min_length=1)
