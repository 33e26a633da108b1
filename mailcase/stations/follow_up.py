"""What a letter does to the case that it belongs to: it is filed, told to whoever has the case, and the clock runs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from mailcase import letters, notices, pauses, progress
from mailcase.config import Employee
from mailcase.mail.russian import as_sentences, remedy, short_name
from mailcase.rules import deadline, term
from mailcase.rules.decision import FollowUp
from mailcase.rules.offer import ORDERS, POINTS, offered
from mailcase.rules.papers import paper
from mailcase.rules.rest import asks_more
from mailcase.rules.wishes import preferred_channel
from mailcase.stations import status
from mailcase.stations.answered import answered
from mailcase.stations.changes import changed
from mailcase.stations.work import Result, Work
from mailcase.store import asked, cases, contacts, known, papers
from mailcase.store.cases import Actor
from mailcase.store.involved import How, executors
from mailcase.told import Told
from mailcase.words import EventType, Kind, Register, Requirements, Status


def follow_up(work: Work, follow: FollowUp) -> Result:
    """File the letter with its case; an answer past us stops the clock, a client's word lets it run again."""
    actor = (
        work.actor if follow.sent_by is None else Actor(work.now, follow.sent_by or "mailcase", mail_id=work.mail.id)
    )
    done = follow.quiet or status.tell(work.tx, work.config, follow.status, work.letter, work.mail.id, work.now)
    # Who named another case's thread must not lead later letters of that thread to this case.
    ids = work.ids() if follow.split_from is None else (work.letter.message_id.lower(),)
    whence = {} if follow.split_from is None else {"whence": follow.split_from}
    part = cases.attach(work.tx, follow.case_id, actor, ids, quiet=done, **whence)
    case = cases.get(work.tx, follow.case_id)
    result = Result(case.id, part, tag=case.tag)
    status.tell_of_overdue(work, follow, part, answered=done)
    if follow.sent_by is not None:
        _past_us(work, case, actor, follow)
        return result
    phone = letters.client_phone(work.config, work.letter)
    contacts.remember(work.tx, work.letter.sender.addr, work.letter.sender.name, phone)
    remarks = [follow.check]
    if follow.change and case.register == Register.INQUIRY:
        order = asked.order_of(work.tx, case.id) or case.id
        remarks.append(changed(work, order, case.number, follow.change))
    remarks.append(_wants_more(work, case, actor, follow))
    if follow.confirms:
        evidence = {"message_id": work.letter.message_id, "part": part}
        asked.requirements(work.tx, case.id, actor, Requirements.CONFIRMED, **evidence)
    # «Статус» that no robot answers waits for a person, like any question.
    if follow.reopens or (follow.status and not done and case.status != Status.OPEN):
        remarks.insert(0, _run_again(work, case))
        case = cases.get(work.tx, follow.case_id)
    if done:
        return result
    # Before anybody is told: whoever had that inquiry considers the complaint in nobody's place.
    fresh = follow.split_from is not None and cases.join(work.tx, case.id, actor, follow.split_from, "split")
    # Not for what nobody is told of: while its person is away, the letters of a complaint are read for it.
    person = work.person(case.assignee, case)
    remarks.append(_whence(work, case, person, follow, fresh=fresh))
    wish = preferred_channel(work.letter)
    if wish is not None:
        asked.prefer(work.tx, case.id, work.actor, wish, phone)
        case = cases.get(work.tx, case.id)
    remark = as_sentences([_pressing(work, case), *remarks])
    told = Told(case, person, work.now, work.mail.id, work.mail.sha256, remark=remark)
    # The client's letter before the employee's, as for a new case: two workers raise budgets in one order.
    if follow.added_ack:
        letters.added(work.tx, work.config, case, work.letter, work.mail.id, work.now)
    notices.pass_on(work.tx, work.config, told, work.letter, part, preferred=wish or "")
    if follow.split_from is not None and (fresh or asks_more(work.letter)):
        split_from(work, follow.split_from, case)
    return result


def _past_us(work: Work, case: Row[Any], actor: Actor, follow: FollowUp) -> None:
    """An employee answered from elsewhere: the clock stops, and what his letter brought is on record (A19, A65)."""
    cases.answer(work.tx, case.id, actor, "письмом помимо журнала")
    for file in work.letter.attachments:
        kind = paper(file.name) if not file.inline else None
        if kind is not None:
            papers.issue(work.tx, case.id, actor, kind, file.name, None)
    answered(work.app, work.tx, case, work.letter.reply, actor)
    if follow.sent_by:
        _reviewed(work, case, actor)


def _reviewed(work: Work, case: Row[Any], actor: Actor) -> None:
    """An offer that went past us could not be asked about: who sent it is on record as having reviewed it (A65)."""
    names = [file.name for file in work.letter.attachments]
    if work.config.request.review == "off" or case.kind not in ORDERS or not offered(work.letter.reply, names):
        return
    if not known.reviewed(work.tx, case.id):
        cases.note(work.tx, case.id, actor, EventType.REVIEWED, how="implied", points=list(POINTS))


def _wants_more(work: Work, case: Row[Any], actor: Actor, follow: FollowUp) -> str:
    """What the complainant asks for beside what he asked before is kept (A85); the line about it."""
    wanted = asked.remedies(case) if follow.wishes and case.register == Register.COMPLAINT else []
    known = {one["remedy"] for one in wanted}
    more = [asked.remedy(wish.remedy, wish.words) for wish in follow.wishes if wish.remedy not in known]
    if case.register != Register.COMPLAINT or not more:
        return ""
    asked.want(work.tx, case, actor, [*wanted, *more])
    return f"заявитель просит ещё: {', '.join(remedy(one['remedy']) for one in more)}"


def _whence(work: Work, complaint: Row[Any], person: Employee, follow: FollowUp, *, fresh: bool) -> str:
    """In whose thread an addition came: nobody decides about his own work (ISO/IEC 17025 7.9.6)."""
    if follow.split_from is None:
        return ""
    inquiry = cases.get(work.tx, follow.split_from)
    worked = executors(work.tx, [inquiry.id, complaint.id]).get(inquiry.id, frozenset())
    if fresh and complaint.assignee in worked:
        cases.note(work.tx, complaint.id, work.actor, EventType.INVOLVED, person=complaint.assignee, how=How.JOINED)
    line = f"письмо пришло в переписке по № {inquiry.number}"
    if person.login not in worked:
        return line
    return f"{line}, где исполнитель Вы: если это жалоба на Вашу работу, передайте её командой «!назначить»"


def split_from(work: Work, case_id: int, complaint: Row[Any]) -> None:
    """The inquiry in whose thread a complaint came goes on: whoever has it is told what is his and what is not."""
    case = cases.get(work.tx, case_id)
    if work.mail.case_id == case_id:
        # An employee ordered it, and was told of the letter when it came.
        return
    if case.status == Status.CLOSED and not asks_more(work.letter):
        # Nothing is left to be done there: a finished inquiry is no new work for whoever did it.
        return
    part = cases.attach(work.tx, case_id, work.actor, (), split=complaint.number, quiet=False)
    if case.status != Status.OPEN:
        _run_again(work, case)
    person = work.config.person(complaint.assignee)
    whose = f"рассмотрит {short_name(person.name)}" if person else "рассмотрит другой сотрудник"
    added = complaint.opened_by_mail_id != work.mail.id
    kept = "приобщена к открытой жалобе" if added else "зарегистрирована отдельно,"
    remark = f"жалоба из этого письма {kept} № {complaint.number}, {whose}; ответьте только на остальное"
    case = cases.get(work.tx, case_id)
    remark = as_sentences([_pressing(work, case), remark])
    told = Told(case, work.person(case.assignee), work.now, work.mail.id, work.mail.sha256, remark=remark)
    notices.pass_on(work.tx, work.config, told, work.letter, part)


def _pressing(work: Work, case: Row[Any]) -> str:
    """That its term is over or due today; of a complaint also the news of its progress that is owed."""
    owed = progress.owed_in(work.app, work.tx, case) if case.register == Register.COMPLAINT else ""
    return progress.pressing(work.app, case, owed, work.now)


def _run_again(work: Work, case: Row[Any]) -> str:
    """The clock runs again; a line about it for the assignee, where he made it stand."""
    if case.status == Status.WAITING:
        pauses.resume(work.app, work.tx, case, work.actor)
        return f"пауза окончена (ждали: {case.waits_for}), срок снова идёт"
    name = term.of_case(Kind(case.kind), case.sender, consumer_service=case.consumer_service)
    due = deadline.due(name, work.mail.received_at, work.config).due_at
    if case.due_at is not None and case.due_at > work.now:
        # What the client was promised is never moved later without a letter to him (users.md 2).
        due = min(due, case.due_at)
    cases.reopen(work.tx, case.id, work.actor, due, "клиент написал снова")
    return ""
