"""The part of the configuration that keeps letters from becoming a flood, and says who hears of it without mail."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import Field

from mailcase import config_values as values


class Budget(values.Section):
    """How many automatic letters may leave (C14); over it they are held and a person is told."""

    per_address_day: int = Field(default=3, ge=1)
    per_domain_day: int = Field(default=20, ge=1)
    per_case_day: int = Field(default=3, ge=1)
    same_text_day: int = Field(default=1, ge=1)
    per_hour: int = Field(default=500, ge=1)
    per_person_day: int = Field(default=40, ge=1)
    answers_per_case_day: int = Field(default=10, ge=1)
    notices_per_address_day: int = Field(default=30, ge=1)
    notices_per_domain_day: int = Field(default=100, ge=1)
    copies_per_person_day: int = Field(default=1, ge=0)
    notices_per_person_day: int = Field(default=500, ge=1)
    # fmt: off
    public_domains: tuple[str, ...] = (
        "gmail.com", "yandex.ru", "ya.ru", "mail.ru", "bk.ru", "inbox.ru", "list.ru",
        "rambler.ru", "outlook.com", "hotmail.com", "icloud.com",
    )
    # fmt: on


class Alarm(values.Section):
    """The other route of grave alarms: mail cannot carry the news that mail is dead (pain list, part 3, row 20)."""

    file: values.OptionalPath = Path("alarms.log")
    command: tuple[str, ...] = ()
    timeout: values.Wait = timedelta(seconds=30)
    stalled: values.Wait = timedelta(hours=1)
