"""What a decision does: one `match` with nine arms, each calling verbs of the store and `post`. All in one commit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from mailcase import commands, enclosed, letters, notices, post, progress
from mailcase.involved import involved
from mailcase.mail import russian
from mailcase.notices import About
from mailcase.rules import tag
from mailcase.rules.answer import answer_address
from mailcase.rules.decision import (
    Bounce,
    Command,
    Decided,
    Drop,
    Entered,
    FollowUp,
    Held,
    Judgement,
    NewCase,
    Notice,
    Quarantine,
    Reach,
    Score,
)
from mailcase.rules.order_of import LINK
from mailcase.rules.people import ours, plain
from mailcase.rules.ready import NONE
from mailcase.stations.changes import changed
from mailcase.stations.follow_up import follow_up, split_from
from mailcase.stations.returned import returned
from mailcase.stations.work import Result, Work
from mailcase.store import asked, cases, contacts, outbox
from mailcase.store.cases import Actor, Opening
from mailcase.store.events import SYSTEM, Happening, case_stream, employee_stream, mail_stream, record
from mailcase.store.involved import How
from mailcase.told import Told
from mailcase.words import EventType, Kind, MailcaseError, Template, Trust

_CONFIRM_EVERY = timedelta(hours=1)


def apply(work: Work, decided: Decided) -> Result:
    """Carry the decision out; everything it causes commits with the letter's outcome or not at all."""
    match decided.decision:
        case Drop() as drop:
            return _drop(work, drop)
        case Bounce() as bounce:
            return _bounce(work, bounce)
        case Notice() as machine:
            about = About(work.person(machine.person), work.mail, work.now)
            notices.machine_notice(work.tx, work.config, about, work.letter, machine.why)
            return Result()
        case Command() as order:
            return _command(work, order)
        case Held() as held:
            return _held(work, held)
        case FollowUp() as follow:
            return follow_up(work, follow)
        case NewCase() as new:
            return _new_case(work, new, decided)
        case Quarantine() as poison:
            return _quarantine(work, poison)
        case Score():
            raise MailcaseError("surveys are not sent yet, so no letter can answer one")


def _drop(work: Work, drop: Drop) -> Result:
    if drop.away:
        gone = Happening(EventType.AWAY, work.now, drop.away, mail_id=work.mail.id)
        record(work.tx, employee_stream(drop.away), gone)
    if drop.read and drop.case_id is not None:
        cases.note(work.tx, drop.case_id, work.actor, EventType.READ)
    return Result(case_id=drop.case_id)


def _bounce(work: Work, bounce: Bounce) -> Result:
    sent = bounce.original
    if sent is None:
        record(work.tx, mail_stream(work.mail.id), work.actor.happening(EventType.BOUNCED, known=False))
        return Result()
    lost = bounce.permanent is True or (bounce.permanent is None and work.letter.bounce is not None)
    stream = case_stream(sent.case_id) if sent.case_id is not None else SYSTEM
    kind = EventType.BOUNCED if lost else EventType.DELAYED
    code = {"code": bounce.code, "outbox": sent.id}
    record(work.tx, stream, Happening(kind, work.now, mail_id=work.mail.id, outbox_id=sent.id, detail=code))
    if lost:
        returned(work.app, work.tx, work.actor, sent.id, bounce.code)
    return Result(case_id=sent.case_id)


def _command(work: Work, order: Command) -> Result:
    # Whoever writes is here, whatever the configuration says: what he orders bears his own name.
    person = work.config.person(order.person) or work.person(order.person)
    case = cases.get(work.tx, order.case_id) if order.case_id is not None else None
    ordered = tuple(act.command for act in order.acts)
    desk = commands.Desk(work.app, work.tx, case, person, order.trust, work.letter, work.mail, work.now, ordered)
    lines: list[str] = []
    mistakes = list(order.mistakes)
    for act in order.acts:
        try:
            lines.append(commands.run(desk, act))
        except MailcaseError as refusal:
            mistakes.append(str(refusal))
    mistakes.extend(desk.refused)
    said = [line for line in lines if line]
    if said or mistakes:
        about = About(person, work.mail, work.now, case)
        notices.receipt(work.tx, work.config, about, said, mistakes)
    if case is None:
        return Result()
    part = cases.attach(work.tx, case.id, desk.actor, (), by="staff")
    return Result(case.id, part, held=next(iter(desk.waits), None))


def _held(work: Work, held: Held) -> Result:
    case = cases.get(work.tx, held.case_id) if held.case_id is not None else None
    person = work.person(held.person, case)
    about = About(person, work.mail, work.now, case)
    # Somebody else cannot be asked «Это Вы писали?»: he gets the real question at once, and his word counts.
    himself = person.login == held.person
    if held.trust is Trust.CLAIMED and himself:
        if outbox.asked_since(work.tx, person.login, work.now - _CONFIRM_EVERY) == 0:
            notices.confirm(work.tx, work.config, about, work.letter)
    else:
        notices.ask(work.tx, work.config, about, work.letter, held)
    actor = Actor(work.now, held.person, held.trust, work.mail.id)
    stream = case_stream(case.id) if case else mail_stream(work.mail.id)
    record(work.tx, stream, actor.happening(EventType.HELD))
    waits = notices.waits(person, held, then=held.then if himself else "")
    return Result(case.id if case else None, held=waits)


def _new_case(work: Work, new: NewCase, decided: Decided) -> Result:
    why = next((reason.why for reason in decided.reasons if reason.rule.startswith("assign")), "")
    terms = (new.target_at, new.due_at)
    case = _open(work, new.judgement, new.assignee, new.contact, terms, why=why, new=new)
    if new.linked_case_id is not None:
        cases.join(work.tx, case.id, work.actor, new.linked_case_id, new.link)
    if case.history:
        return Result(case.id, 1, tag=case.tag)
    remarks = [new.remark, _changed(work, new, case)]
    if any(reason.rule == "assign.head" for reason in decided.reasons):
        cases.note(work.tx, case.id, work.actor, EventType.NOBODY_FITS)
        if case.assignee in involved(work.app, work.tx, case):
            cases.note(work.tx, case.id, work.actor, EventType.INVOLVED, person=case.assignee, how=How.NOBODY_ELSE)
    posted = letters.acknowledge(work.tx, work.config, case, work.letter, new) if new.acknowledge else None
    confirmation = outbox.get(work.tx, posted) if posted is not None else None
    texts = enclosed.along(work.tx, confirmation) if new.enclosed else enclosed.NOTHING
    if not new.acknowledge:
        cases.note(work.tx, case.id, work.actor, EventType.SILENT, why=new.silence)
    told = Told(
        case,
        work.person(case.assignee, case),
        work.now,
        work.mail.id,
        work.mail.sha256,
        why=why,
        remark=russian.as_sentences(remarks),
        entered=new.entered,
        # What he has already is not offered a second time.
        ready=NONE if texts.texts else letters.ready_text(work.app, case, work.letter.lang),
        enclosed=texts,
        silence=new.silence or letters.unconfirmed(confirmation),
        term=new.term,
        unstated=new.vague or new.dictated,
        acknowledged=confirmation is not None and confirmation.status == "queued",
        progress=progress.promised(work.app, confirmation),
    )
    notices.notice(work.tx, work.config, told, work.letter)
    _tell_others(work, new, told)
    if new.link == "split" and new.linked_case_id is not None:
        split_from(work, new.linked_case_id, case)
    return Result(case.id, 1, tag=case.tag)


def _tell_others(work: Work, new: NewCase, told: Told) -> None:
    """A copy for the official whom the letter names, and a receipt for who entered what an answer needs more of."""
    if new.reach.copy:
        official = work.person(new.reach.addressee, told.case)
        if official.login != told.person.login:
            notices.copy(work.tx, work.config, replace(told, person=official), work.letter)
    if new.entered is not None and new.entered.missing:
        about = About(work.person(new.entered.person), work.mail, work.now, told.case)
        notices.entry_receipt(work.tx, work.config, about, new.entered)


def _changed(work: Work, new: NewCase, case: Row[Any]) -> str:
    """The change is kept with the order that it belongs to, with itself where none is known."""
    if not new.change:
        return ""
    order = new.linked_case_id if new.link == LINK and new.linked_case_id is not None else case.id
    return changed(work, order, case.number, new.change)


def _open(
    work: Work,
    judged: Judgement,
    assignee: str,
    contact: tuple[str, str],
    terms: tuple[datetime, datetime],
    *,
    why: str = "",
    new: NewCase | None = None,
) -> Row[Any]:
    ways = new.reach if new is not None else Reach()
    entered = new.entered if new is not None else None
    wanted, wishes = (new.subject, new.wishes) if new is not None else ("", ())
    phone = ways.phone or letters.client_phone(work.config, work.letter)
    contacts.remember(work.tx, contact[0], contact[1], phone)
    history = bool(work.mail.history)
    secret, prefix = work.config.secret.get_secret_value(), work.config.lab.prefix

    def make_tag(year: int, number: int) -> str:
        return f"H-{year % 100:02d}-{number:06d}" if history else tag.make(prefix, year, number, secret)

    opening = Opening(
        mail_id=work.mail.id,
        now=work.now,
        opened_at=work.mail.received_at if history else work.now,
        register=judged.register,
        kind=judged.kind,
        subject=entered.subject if entered else wanted or tag.strip(work.letter.subject, prefix),
        assignee="" if history else assignee,
        contact=contact,
        contact_phone=phone,
        channel=ways.channel,
        occurred_at=ways.occurred_at,
        preferred_channel=ways.preferred or "",
        addressee=ways.addressee,
        target_at=None if history else terms[0],
        due_at=None if history else terms[1],
        topics=judged.topics,
        sender=judged.sender,
        consumer_service=judged.consumer_service,
        risk=judged.risk,
        check=judged.check,
        confidence=judged.confidence,
        parties=_parties(work, contact, entered),
        thread_ids=_thread_ids(work, new),
        why_assigned=why,
        term={} if history or new is None else new.term,
        remedies=() if history else tuple(asked.remedy(wish.remedy, wish.words) for wish in wishes),
        history=history,
    )
    return cases.open_case(work.tx, opening, make_tag, work.config.calendar.zone)


def _thread_ids(work: Work, new: NewCase | None) -> tuple[str, ...]:
    """Who named another case's thread must not lead later letters of that thread to his own case."""
    alone = new is not None and new.link in ("third_party", "split")
    ids = (work.letter.message_id.lower(),) if alone else work.ids()
    return tuple(i for i in ids if i)


def _parties(work: Work, contact: tuple[str, str], entered: Entered | None) -> tuple[tuple[str, str], ...]:
    """The writer and whom he let read it; never ourselves, an employee, a site's server, or a foreign Reply-To.

    Of what an employee entered only the client himself.
    """
    if entered is not None:
        return (contact,) if contact[0] else ()
    letter, config = work.letter, work.config
    us = ours(config)
    own = () if answer_address(letter, config).foreign else letter.reply_to
    senders = letter.senders if contact[0] == letter.sender.addr else ()
    named = [contact, *((a.addr, a.name) for a in (*senders, *own, *letter.to, *letter.cc))]
    return tuple({a: (a, name) for a, name in named if a and not {a.lower(), plain(a)} & us}.values())


def _quarantine(work: Work, poison: Quarantine) -> Result:
    judged = Judgement(Kind.CORRESPONDENCE, 0.0, check=True)
    sender = work.letter.sender
    case = _open(work, judged, poison.assignee, (sender.addr, sender.name), (poison.due_at, poison.due_at))
    cases.note(work.tx, case.id, work.actor, EventType.QUARANTINED, error=poison.error.partition(":")[0][:100])
    if case.history:
        return Result(case.id, 1, tag=case.tag)
    about = About(work.person(poison.assignee), work.mail, work.now, case)
    values = {
        "what": f"Письмо не удалось разобрать: № {case.number}",
        "details": [f"От: {sender.addr or 'неизвестно'}.", f"Причина: {poison.error[:300]}"],
        "remedy": "Прочтите письмо в приложенном файле и ответьте клиенту сами.",
    }
    more = {"attachments": letters.whole(work.mail), "sender": sender.addr}
    post.write(work.tx, work.config, about.outgoing(f"quarantine:{work.mail.id}", Template.ALARM, values, **more))
    return Result(case.id, 1, tag=case.tag)
