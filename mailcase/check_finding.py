"""One line of what `mailcase check` found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How grave a finding is; only a problem makes the check fail."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "PROBLEM"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what was found; a problem says how to mend it."""

    level: Level
    what: str
    said: str

    def __str__(self) -> str:
        return f"{self.level:<8} {self.what}: {self.said}"
