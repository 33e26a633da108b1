"""What an employee is told of a case, before it becomes the words of a notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from mailcase.config import Employee
from mailcase.enclosed import NOTHING, Enclosed
from mailcase.mail.letter import Letter
from mailcase.rules.decision import Entered
from mailcase.rules.ready import NONE, Ready


@dataclass(frozen=True, slots=True)
class Later:
    """A letter that came to the case after the one that opened it."""

    mail: Row[Any]
    letter: Letter


@dataclass(frozen=True, slots=True)
class Told:
    """Whom we tell about which case, and what his letter says beside the client's words.

    `ready` is the answer that he may send with one word, `enclosed` what the client has with the acknowledgement,
    `unstated`: he put no requirements in writing (A66), `progress` by when he was told to hear how it goes (ISO 8601).
    Where an employee's order causes it, `order_id` is his letter, `later` what was added since. `key` names what is
    told once, and not with every letter of the client's.
    """

    case: Row[Any]
    person: Employee
    now: datetime
    mail_id: int
    sha256: str
    why: str = ""
    remark: str = ""
    silence: str = ""
    acknowledged: bool = False
    progress: str = ""
    term: Mapping[str, Any] = field(default_factory=dict)
    entered: Entered | None = None
    order_id: int | None = None
    ready: Ready = NONE
    enclosed: Enclosed = NOTHING
    unstated: bool = False
    later: tuple[Later, ...] = ()
    key: str = ""
