"""`!отдельно`: a letter that joined a case becomes a case of its own, with its own number, person and term."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Row

from mailcase.commands import Desk, command
from mailcase.rules.decision import Act
from mailcase.rules.people import ours
from mailcase.store import cases, intake, known, queries
from mailcase.words import FolderRole, Kind, MailcaseError, Template

_PART = re.compile(r"(?:^|[\s/№])([0-9]{1,4})\s*$")


@command("separate")
def separate(desk: Desk, act: Act) -> str:
    """Split off the letter whose notice he answers, or the part that he names."""
    case = desk.the_case()
    part = _PART.search(act.args)
    if part is None:
        # A number that is no part (a telephone's) names no letter, and least of all the one that he answers.
        mail = None if any(map(str.isdigit, act.args)) else passed_on(desk)
    else:
        mail = queries.part_of(desk.tx, case.id, int(part[1]))
    if mail is None:
        raise MailcaseError("Не понятно, какое письмо отделить: ответьте на «Пишет снова» или укажите «!отдельно 2»")
    return split_off(desk, mail, None)


def passed_on(desk: Desk) -> Row[Any] | None:
    """The client's letter of this case about which our letter told that the employee answers."""
    for row in known.sent_as(desk.tx, [i.lower() for i in desk.letter.in_reply_to]):
        if row.template == Template.PASS_ON and row.case_id == desk.the_case().id and row.mail_id is not None:
            return queries.mail(desk.tx, row.mail_id)
    return None


def split_off(desk: Desk, mail: Row[Any], kind: Kind | None) -> str:
    """Have the letter judged anew, as that kind where one is given; raises MailcaseError where it cannot be."""
    case = desk.the_case()
    if mail.role == FolderRole.SENT or mail.from_address in ours(desk.config):
        raise MailcaseError(f"№ {case.number}/{mail.part} написал не клиент, а лаборатория: отделять нечего")
    if mail.case_id != case.id or not intake.separate(desk.tx, mail.id):
        raise MailcaseError(f"Это письмо нельзя отделить: с него началось № {case.number} или оно уже отделено")
    cases.detach(desk.tx, case.id, desk.actor, mail, kind)
    desk.app.wake.handle.set()
    return f"№ {case.number}/{mail.part}: письмо будет зарегистрировано отдельно, № {case.number} идёт дальше."
