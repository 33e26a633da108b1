"""Lines of the morning letter about what a person does outside mail: whom to call, which invoice is not paid yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from mailcase.mail.russian import phone
from mailcase.words import Channel, Status

Line = dict[str, Any]


def wants_call(case: Row[Any]) -> bool:
    """Whether the client asked to be called and nobody has answered him yet (A13)."""
    return bool(case.preferred_channel == Channel.PHONE and case.status == Status.OPEN)


def called(line: Line, case: Row[Any]) -> Line:
    """The line with «позвонить: …» where the client wants that."""
    if not wants_call(case):
        return line
    number = phone(case.contact_phone) if case.contact_phone else "номера в письме нет"
    return {**line, "what": f"позвонить: {number}"}


def answered_since(case: Row[Any], moment: datetime) -> bool:
    """Whether the client has his answer, by whatever way, since a letter to him was lost."""
    done = case.status in (Status.ANSWERED, Status.CLOSED)
    return bool(done and case.answered_at is not None and case.answered_at > moment)
