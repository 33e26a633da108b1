"""What clients answered when they were asked, and what the laboratory changed because of clients (A12, A24)."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from mailcase.store.columns import long, when, word


class Survey(SQLModel, table=True):
    """A client's answer to a survey, at most one a case: `score` is 1 to 5, `comment` his or the employee's words."""

    __tablename__ = "survey"
    case_id: int = Field(primary_key=True, foreign_key="cases.id")
    score: int
    comment: str = long(default="")
    answered_at: datetime = when(index=True)
    recorded_by: str = long()
    mail_id: int = Field(foreign_key="mail.id")


class Improvement(SQLModel, table=True):
    """A line of the improvement log; `owner` is a login or words for who is none, `due` a day (ISO 8601) or empty."""

    __tablename__ = "improvement"
    number: int = Field(primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    action: str = long()
    owner: str = long()
    due: str = word(10, default="")
    effect: str = long(default="")
    effect_at: datetime | None = when(default=None)
    entered_by: str = long()
    entered_at: datetime = when(index=True)
    mail_id: int = Field(foreign_key="mail.id")
