"""The letters that a decision causes: which values go into which text. Writing is `post`'s, wording the templates'."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal
from urllib.parse import quote

from sqlalchemy import Connection, Row

from mailcase import enclosed, post, references
from mailcase.app import App
from mailcase.config import Config, Employee
from mailcase.involved import stand_in
from mailcase.mail.draft import Draft, DraftAttachment
from mailcase.mail.latin import english_name
from mailcase.mail.letter import Attachment, Letter
from mailcase.mail.russian import greeting, short_name
from mailcase.outgoing import Outgoing
from mailcase.rules.called import called
from mailcase.rules.decision import Entered, NewCase
from mailcase.rules.people import by_address, digits, our_numbers
from mailcase.rules.ready import Ready, ready_answer
from mailcase.rules.tag import bracketed
from mailcase.store import known, queries
from mailcase.words import Audience, HoldReason, Kind, Register, Standing, Status, Template

ACKNOWLEDGEMENTS = (Template.ACKNOWLEDGEMENT, Template.ACKNOWLEDGEMENT_COMPLAINT)
_PHONE = re.compile(r"(?<!\d)(?:\+7|8)[\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}(?:[,\s]*доб\.?\s*\d+)?(?!\d)")
_NAME = re.compile(r"(?:[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?[\s,.]*){2,3}")
_NOTICE_TEXT = 4000
_HELD_BACK: dict[str, str] = {
    HoldReason.BUDGET: "исчерпан предел автоматических писем этому отправителю или всем",
    HoldReason.UNREACHABLE: "прежние письма на этот адрес вернулись",
}


def person_values(config: Config, login: str, lang: str = "ru") -> dict[str, str]:
    """The employee as templates print him; his login alone where he is no longer configured.

    In English his name is in Latin letters, and his position is left out where the card has no English one.
    """
    person = config.person(login)
    if person is None:
        return {"name": login, "position": "", "phone": "", "email": ""}
    name, position = person.name, person.position
    if lang == "en":
        name, position = person.name_en or english_name(person.name), person.position_en
    return {"name": name, "position": position, "phone": person.phone, "email": person.email}


def to_person(person: Employee) -> tuple[tuple[str, str], ...]:
    """The employee as a recipient."""
    return ((person.name, person.email),)


def client_phone(config: Config, letter: Letter) -> str:
    """The first number of the signature or the text; neither ours, nor that of the colleague who forwards it."""
    text = letter
    if by_address(config, letter.sender.addr) is not None:
        passed = letter.forwarded.text if letter.forwarded else ""
        text = replace(letter, signature="", reply=passed)
    ours = our_numbers(config)
    found = (m.group().strip() for source in (text.signature, text.reply) for m in _PHONE.finditer(source))
    return next((number for number in found if digits(number) not in ours), "")


def case_values(case: Row[Any]) -> dict[str, Any]:
    """What every letter about a case may print of it."""
    return {
        "number": case.number,
        "tag": case.tag,
        "opened": case.opened_at.isoformat(),
        "subject": case.subject,
        "kind": case.kind,
        "register": case.register,
        "status": case.status,
        "due": case.due_at.isoformat() if case.due_at else None,
    }


def names(files: Iterable[Attachment]) -> list[str]:
    """File names for people, without the pictures of the text itself."""
    return [f.name or f.safe_name for f in files if not f.inline]


def parents(letter: Letter) -> tuple[str, ...]:
    """References of an answer, without the parent itself (RFC 5322 3.6.4, C40)."""
    return letter.references or (letter.in_reply_to if len(letter.in_reply_to) == 1 else ())


def language(letter: Letter) -> Literal["ru", "en"]:
    """The language of what we send back."""
    return "en" if letter.lang == "en" else "ru"


def acknowledge(tx: Connection, config: Config, case: Row[Any], letter: Letter, new: NewCase) -> int | None:
    """The one acknowledgement of a case (RFC 3834; 9.2.4): number, files received, who answers, by when."""
    judged = new.judgement
    complaint = judged.register is Register.COMPLAINT
    # What an employee wrote down bears his name and his files, and answers no letter of the client's.
    own = letter if new.entered is None else replace(letter, reply="", signature="", attachments=(), lang="ru")
    values = {
        **case_values(case),
        "attachments": names(own.attachments),
        "greeting": greeting(new.contact[1] if new.entered else closing(letter), language(own)),
        "written": new.entered is None,
        "answerer": person_values(config, case.assignee, language(own)),
        "progress": new.target_at.isoformat() if complaint else None,
        "called": called(letter) if complaint else None,
        "promise_date": judged.kind not in (Kind.CORRESPONDENCE, Kind.FEEDBACK),
        # Thanks for irony would be mockery: in doubt the letter is only received.
        "thanks": judged.kind is Kind.FEEDBACK and not judged.check,
        "vague": new.vague,
        "enclosed": enclosed.values(new.enclosed),
    }
    return post.write(
        tx,
        config,
        Outgoing(
            key=f"ack:{case.id}",
            template=ACKNOWLEDGEMENTS[complaint],
            audience=Audience.CLIENT,
            to=((new.contact[1], new.contact[0]),),
            values=values,
            now=case.updated_at,
            case_id=case.id,
            mail_id=case.opened_by_mail_id,
            lang=language(own),
            replies_to=letter.message_id if new.entered is None else "",
            references=parents(letter) if new.entered is None else (),
            auto="auto-replied" if new.entered is None else "auto-generated",
            words=_digest(letter),
            chain=queries.chain_start(tx, case.id) if new.link == "third_party" else None,
        ),
    )


def _digest(letter: Letter) -> str:
    """What the writer says, by which a robot is known that says it again; nothing where he only sends a subject."""
    said = " ".join(letter.reply.lower().split())
    files = sorted(file.md5 for file in letter.attachments)
    return hashlib.sha256("\n".join((said, *files)).encode()).hexdigest()[:32] if said or files else ""


def unconfirmed(row: Row[Any] | None) -> str:
    """Why the acknowledgement did not leave though it might have, for the notice (Russian)."""
    return _HELD_BACK.get(row.hold_reason or "", "") if row is not None else ""


def added(tx: Connection, config: Config, case: Row[Any], letter: Letter, mail_id: int, now: datetime) -> None:
    """«Дополнение получено» for an open complaint, once a day (users.md 2)."""
    values = {
        **case_values(case),
        "part": case.parts,
        "greeting": greeting(letter.signature, language(letter)),
        "answerer": person_values(config, case.assignee, language(letter)),
    }
    post.write(
        tx,
        config,
        Outgoing(
            key=f"added:{case.id}:{now.astimezone(config.calendar.zone):%Y-%m-%d}",
            template=Template.ADDITION,
            audience=Audience.CLIENT,
            to=((letter.sender.name, letter.sender.addr),),
            values=values,
            now=now,
            case_id=case.id,
            mail_id=mail_id,
            lang=language(letter),
            replies_to=letter.message_id,
            references=parents(letter),
            auto="auto-replied",
        ),
    )


def closing(letter: Letter) -> str:
    """The signature, or the last lines where somebody only wrote his name."""
    lines = [line.strip() for line in letter.reply.splitlines() if line.strip()][-4:]
    return letter.signature or "\n".join(line for line in lines if _NAME.fullmatch(line))


def client_words(
    config: Config, letter: Letter, files: tuple[tuple[Attachment, ...], tuple[tuple[str, str], ...]]
) -> dict[str, Any]:
    """The client, his new words and his files, as a notice shows them."""
    passed, withheld = files
    text = letter.reply or letter.text
    if letter.forwarded and letter.forwarded.text.strip() and letter.forwarded.text.strip() not in text:
        # A colleague's cover note alone would hide what the client wrote.
        text = f"{text.strip()}\n\nПереслано:\n{letter.forwarded.text.strip()}"
    cut = text if len(text) <= _NOTICE_TEXT else text[:_NOTICE_TEXT] + " […] (полностью в журнале)"
    return {
        "contact": {
            "name": letter.sender.name,
            "address": letter.sender.addr,
            "organisation": "",
            "phone": client_phone(config, letter),
        },
        "text": cut.strip(),
        "attachments": names(passed),
        "withheld": [{"name": name, "why": why} for name, why in withheld],
    }


def carried(sha256: str, files: Iterable[Attachment]) -> tuple[DraftAttachment, ...]:
    """The client's files as attachments of ours: parts of the stored letter, not copies."""
    return tuple(DraftAttachment(sha256, f.index, f.name or f.safe_name, f.type, f.size) for f in files)


def actions(config: Config, case: Row[Any], orders: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    """Links that write an order: only where our own server stamps letters, or each tap would be asked about."""
    if not any(box.authserv_id for box in config.mailbox):
        return []
    subject = f"{bracketed(case.tag)} "
    return [
        {"label": label, "href": f"mailto:{config.lab.address}?subject={quote(subject + order)}"}
        for label, order in orders
    ]


def ready_text(app: App, case: Row[Any], lang: str) -> Ready:
    """The ready answer that goes with the case's notice, in the language of the letter."""
    given = {"kind": case.kind, "topics": json.loads(case.topics), "consumer": bool(case.consumer_service)}
    today = app.now().astimezone(app.config.calendar.zone).date()
    found = ready_answer(app.composer.ready, app.config, today, lang="en" if lang == "en" else "ru", **given)
    return found if app.composer.prints(Template.ANSWER, "appeal") else replace(found, appeal="")


def neighbours(tx: Connection, case: Row[Any]) -> dict[str, Any]:
    """What else this client has with us, in one line of the notice."""
    others = queries.of_contact(tx, case.contact_address, case.id)
    live = [c for c in others if c.status in (Status.OPEN, Status.WAITING)]
    return {
        "open_cases": [{"number": c.number, "subject": c.subject, "status": _stands(c)} for c in live[:5]],
        "complaints": sum(1 for c in others if c.register == Register.COMPLAINT),
    }


def _stands(case: Row[Any]) -> str:
    return f"ждём: {case.waits_for}" if case.waits_for else str(case.status)


def undelivered(app: App, tx: Connection, row: Row[Any], draft: Draft, why: str, now: datetime) -> None:
    """A letter to a client did not arrive: a task for the assignee, with the phone number if we have one."""
    if row.audience != Audience.CLIENT or row.case_id is None:
        return
    found = known.cases_by_id(tx, [row.case_id])
    person = stand_in(app, tx, found[0].assignee, found[0])
    values = {
        **case_values(found[0]),
        "to": row.to_address,
        "why": why[:500],
        "phone": queries.phone_of(tx, row.to_address),
        "text": str(draft.values.get("text") or enclosed.confirmation(found[0].number, draft)),
    }
    task = Outgoing(
        key=f"undelivered:{row.id}",
        template=Template.UNDELIVERED,
        audience=Audience.STAFF,
        to=to_person(person),
        values=values,
        now=now,
        case_id=row.case_id,
        person=person.login,
    )
    post.write(tx, app.config, task)


def whole(mail: Row[Any]) -> tuple[DraftAttachment, ...]:
    """The letter itself as one attached file."""
    return (DraftAttachment(mail.sha256, -1, f"письмо-{mail.id}.eml", "message/rfc822", mail.size),)


def entered_by(config: Config, entered: Entered | None) -> str:
    """Who wrote it down, how and when the client spoke; empty for a letter of his own."""
    if entered is None:
        return ""
    name = short_name(person_values(config, entered.person)["name"])
    return f"{name}: {'; '.join(entered.understood)}"


def unusual_term(config: Config, term: Mapping[str, Any]) -> dict[str, Any]:
    """How the term was reckoned, where nobody would expect it: holidays within it, or a term that is not the kind's."""
    holidays = any(date.fromisoformat(day).weekday() < 5 for day in term.get("skipped", ()))
    if not holidays and term.get("name") not in list(Standing):
        return {}
    return {**term, "source": references.term_source(config, term["source"])}
