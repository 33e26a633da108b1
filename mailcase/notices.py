"""The letters that employees get: new case, the client wrote again, machine mail, questions, receipts."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import letters, post
from mailcase.config import Config, Employee
from mailcase.mail.attachments import sift
from mailcase.mail.draft import DraftAttachment
from mailcase.mail.letter import Letter
from mailcase.mail.russian import short_name
from mailcase.outgoing import Outgoing
from mailcase.rules.decision import Entered, Held
from mailcase.told import Told
from mailcase.words import Audience, Template

_NOT_FOR_CLIENT = (("Не моё", "!назначить"), ("Заметка", "!внутр"), ("Ответ не нужен", "!закрыть"))
_ENOUGH = (("Этого достаточно", "!достаточно"),)
_READY = (("Отправить этот ответ", "!отправить"),)


def notice(tx: Connection, config: Config, told: Told, letter: Letter) -> int | None:
    """A new case for its responsible employee, with the client's files."""
    words, attached = _everything(config, told, letter)
    values = {
        **letters.case_values(told.case),
        **words,
        **letters.neighbours(tx, told.case),
        "contact": _contact(config, told.case, letter),
        "preferred": told.case.preferred_channel,
        "entered": letters.entered_by(config, told.entered),
        "why": told.why,
        "check": bool(told.case.check),
        "remark": told.remark,
        "silence": told.silence,
        "term": letters.unusual_term(config, told.term),
        "named_to_client": told.acknowledged,
        "progress": told.progress,
        "undo_minutes": math.ceil(config.answer.undo.total_seconds() / 60),
        "actions": letters.actions(config, told.case, _NOT_FOR_CLIENT),
        "ready": told.ready.text,
        "ready_files": [str(document) for document in told.ready.documents],
        "ready_keys": ", ".join(document.key for document in told.ready.documents),
        "appeal": told.ready.appeal,
        "enclosed": told.enclosed.shown(),
        "enough_actions": letters.actions(config, told.case, _ENOUGH) if told.enclosed.texts else [],
        "unstated": told.unstated,
        "remedies": json.loads(told.case.remedies),
        "ready_actions": letters.actions(config, told.case, _READY) if told.ready.text else [],
    }
    # Handed on and back again he gets it twice, because two orders say so.
    order = f":{told.order_id}" if told.order_id is not None else ""
    key = f"notice:{told.mail_id}:{told.person.login}{order}"
    # What an employee orders is no flood of somebody's.
    caused_by = letter.sender.addr if told.order_id is None else None
    return post.write(tx, config, _staff(key, Template.NOTICE, told, values, attached, caused_by))


def copy(tx: Connection, config: Config, told: Told, letter: Letter) -> int | None:
    """The official whom the letter names reads it too; who answers it stands above (A11)."""
    words, attached = _everything(config, told, letter)
    values = {
        **letters.case_values(told.case),
        **words,
        "contact": _contact(config, told.case, letter),
        "answerer": letters.person_values(config, told.case.assignee),
    }
    key = f"copy:{told.mail_id}:{told.person.login}"
    return post.write(tx, config, _staff(key, Template.COPY, told, values, attached, letter.sender.addr))


def _everything(config: Config, told: Told, letter: Letter) -> tuple[dict[str, Any], tuple[DraftAttachment, ...]]:
    """The client's words and files; those of later letters follow, dated, as far as the limit of files reaches."""
    files = sift(letter, config.answer.attachments_max)
    words = letters.client_words(config, letter, files)
    if told.entered is not None:
        words["text"] = told.entered.text
    attached = letters.carried(told.sha256, files[0])
    for later in told.later:
        left = config.answer.attachments_max - sum(file.size for file in attached)
        files = sift(later.letter, left)
        more = letters.client_words(config, later.letter, files)
        at = later.mail.received_at.astimezone(config.calendar.zone)
        said = f"{at:%d.%m.%Y %H:%M}, {later.letter.sender.name or later.letter.sender.addr}:"
        words["text"] = f"{words['text']}\n\n{said}\n{more['text'] or 'Письмо без текста.'}".strip()
        words["attachments"] += more["attachments"]
        words["withheld"] += more["withheld"]
        attached += letters.carried(later.mail.sha256, files[0])
    return words, attached


def pass_on(tx: Connection, config: Config, told: Told, letter: Letter, part: int, preferred: str = "") -> int | None:
    """The client wrote again: his new words and files for the responsible employee, and how he wants his answer now."""
    files = sift(letter, config.answer.attachments_max)
    words = letters.client_words(config, letter, files)
    if not words["contact"]["phone"] and letter.sender.addr == told.case.contact_address:
        words["contact"]["phone"] = told.case.contact_phone
    values = {
        **letters.case_values(told.case),
        **words,
        "part": part,
        "preferred": preferred,
        "remark": told.remark,
        "undo_minutes": math.ceil(config.answer.undo.total_seconds() / 60),
        "actions": letters.actions(config, told.case, _NOT_FOR_CLIENT),
    }
    key = told.key or f"pass:{told.mail_id}:{told.person.login}"
    attached = letters.carried(told.sha256, files[0])
    return post.write(tx, config, _staff(key, Template.PASS_ON, told, values, attached, letter.sender.addr))


def _contact(config: Config, case: Row[Any], letter: Letter) -> dict[str, str]:
    """Whom we answer: for a forwarded letter that is its original writer, not the forwarder."""
    own = case.contact_address == letter.sender.addr
    name = letter.sender.name if own else case.contact_name
    phone = case.contact_phone or (letters.client_phone(config, letter) if own else "")
    return {"name": name, "address": case.contact_address, "organisation": "", "phone": phone}


def _staff(
    key: str,
    template: Template,
    told: Told,
    values: dict[str, Any],
    files: tuple[DraftAttachment, ...],
    caused_by: str | None,
) -> Outgoing:
    return Outgoing(
        key=key,
        template=template,
        audience=Audience.STAFF,
        to=letters.to_person(told.person),
        values=values,
        now=told.now,
        case_id=told.case.id,
        mail_id=told.mail_id,
        person=told.person.login,
        attachments=files,
        sender=caused_by,
    )


@dataclass(frozen=True, slots=True)
class About:
    """A letter from somebody, told to an employee; `case` is None where it belongs to none."""

    person: Employee
    mail: Row[Any]
    now: datetime
    case: Row[Any] | None = None

    def outgoing(self, key: str, template: Template, values: dict[str, Any], **more: Any) -> Outgoing:
        """The letter to him, with the case's number and tag where there is one."""
        named = {
            "number": self.case.number if self.case else None,
            "tag": self.case.tag if self.case else "",
        }
        return Outgoing(
            key=key,
            template=template,
            audience=Audience.STAFF,
            to=letters.to_person(self.person),
            values={**named, **values},
            now=self.now,
            case_id=self.case.id if self.case else None,
            mail_id=self.mail.id,
            person=self.person.login,
            **more,
        )


def machine_notice(tx: Connection, config: Config, about: About, letter: Letter, why: str) -> int | None:
    """Machine mail that demands an act of ours: to a person, with its files."""
    files = sift(letter, config.answer.attachments_max)
    words = letters.client_words(config, letter, files)
    values = {
        "subject": letter.subject,
        "sender": letter.sender.name or letter.sender.addr,
        "why": why,
        "text": words["text"],
        "attachments": words["attachments"],
        "withheld": words["withheld"],
        "received": about.mail.received_at.isoformat(),
        "mail_id": about.mail.id,
    }
    key = f"machine:{about.mail.id}"
    attached = letters.carried(about.mail.sha256, files[0])
    more = {"attachments": attached, "sender": letter.sender.addr}
    return post.write(tx, config, about.outgoing(key, Template.MACHINE_NOTICE, values, **more))


def ask(tx: Connection, config: Config, about: About, letter: Letter, held: Held) -> int | None:
    """Ask the employee about his own letter that was held; nothing of it was done."""
    options = [{"word": "да", "what": proposed(config, held), "href": ""}] if held.proposal else []
    if held.to_client:
        options.append({"word": "клиенту", "what": "отправить клиенту этот текст", "href": ""})
    options.append({"word": "стоп", "what": "ничего не делать", "href": ""})
    values: dict[str, Any] = {"question": _question(config, about, held), "unsent": held.unsent}
    values |= {"text": letter.reply[:2000], "options": options}
    # The word about a letter may need another one.
    keys = (f"held:{about.mail.id}", f"held:{about.mail.id}:2")
    written = (post.write(tx, config, about.outgoing(key, Template.HELD, values)) for key in keys)
    return next(filter(None, written), None)


def waits(person: Employee, held: Held, *, then: str = "") -> str:
    """What is kept with the held letter until that person answers: the JSON that `commands/confirm.py` reads."""
    proposal = [asdict(act) for act in held.proposal]
    kept = {"person": person.login, "trust": held.trust, "proposal": proposal}
    return json.dumps({**kept, "to_client": held.to_client, "then": then}, ensure_ascii=False)


def _question(config: Config, about: About, held: Held) -> str:
    """The question itself; whoever is asked in another's place learns whose letter it is."""
    if about.person.login == held.person:
        return held.question
    name = short_name(letters.person_values(config, held.person)["name"])
    return f"Письмо с адреса сотрудника, которого нет на месте ({name}). {held.then or 'Ничего не сделано. Выполнить?'}"


def proposed(config: Config, held: Held) -> str:
    """What «да» does, in words (Russian)."""
    act = held.proposal[0]
    person = config.person(act.args) if act.command in ("assign", "entrust") else None
    words = {"answer": "отправить клиенту", "note": "сохранить как заметку", "close": "закрыть обращение"}
    words |= {"unsaid": "отправить клиенту так", "review": "анализ заявки проведён, отправить клиенту"}
    words |= {"downgrade": "снять с учёта жалоб", "pause": "остановить срок", "inside": words["note"]}
    if person is not None:
        return f"передать: {person.name}"
    return words.get(act.command, "выполнить")


def confirm(tx: Connection, config: Config, about: About, letter: Letter) -> int | None:
    """«Это Вы писали?»: to the known address of the employee, at most one open an hour and person (architecture 10)."""
    values = {
        "received": about.mail.received_at.isoformat(),
        "subject": letter.subject,
        "text": letter.reply[:2000],
    }
    return post.write(tx, config, about.outgoing(f"confirm:{about.mail.id}", Template.CONFIRM, values))


def entry_receipt(tx: Connection, config: Config, about: About, entered: Entered) -> int | None:
    """What of an entry was understood and what it lacks; it is registered all the same."""
    understood = "; ".join(entered.understood) or "ничего, кроме самого текста"
    lines = [f"Запись зарегистрирована. Понято: {understood}.", f"Не хватает: {', '.join(entered.missing)}."]
    lines.append("Если узнаете больше, ответьте на это письмо строкой «!внутр …»: она останется в деле.")
    return receipt(tx, config, about, lines, [])


def receipt(tx: Connection, config: Config, about: About, lines: list[str], mistakes: list[str]) -> int | None:
    """What was done and what was not understood."""
    done = "Не сделано" if mistakes and not lines else "Сделано"
    title = f"{done}: № {about.case.number}" if about.case else done
    values = {"title": title, "lines": lines, "preview": None, "mistakes": mistakes, "actions": []}
    return post.write(tx, config, about.outgoing(f"receipt:{about.mail.id}", Template.RECEIPT, values))
