"""What the program keeps for itself: tokens, jobs, leases, counters. `tables.py` lists them with all others."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from mailcase.store.columns import long, when, word


class Token(SQLModel, table=True):
    """Rotated OAuth refresh tokens."""

    __tablename__ = "token"
    name: str = long(primary_key=True)
    value: str = long()
    updated_at: datetime = when()


class Absence(SQLModel, table=True):
    """An employee is away from one day to another, both included (ISO 8601), as a colleague or he himself told by mail.

    `substitute` is who stands in meanwhile, empty for the one of the card.
    """

    __tablename__ = "absence"
    id: int | None = Field(default=None, primary_key=True)
    login: str = long()
    since: str = word(10)
    until: str = word(10, index=True)
    substitute: str = long(default="")
    entered_by: str = long()
    entered_at: datetime = when()
    mail_id: int = Field(foreign_key="mail.id")


class JobRun(SQLModel, table=True):
    """One row a job and slot, so that a job runs once whoever wakes first."""

    __tablename__ = "job_run"
    job: str = word(primary_key=True)
    slot: str = word(primary_key=True)
    claim_no: int = 0
    leased_until: datetime | None = when(default=None)
    finished_at: datetime | None = when(default=None)
    note: str = long(default="")


class Lease(SQLModel, table=True):
    """What one process does at a time, by name: the watching of a mailbox, its tidying, the register page."""

    __tablename__ = "lease"
    name: str = long(primary_key=True)
    claim_no: int = 0
    leased_until: datetime | None = when(default=None)


class Counter(SQLModel, table=True):
    """Gap-free numbers, and budgets used (C14): raised in the transaction that uses them."""

    __tablename__ = "counter"
    name: str = long(primary_key=True)
    value: int
