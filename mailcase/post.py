"""The only way to write to anyone: values are frozen into an outbox row, in the transaction that decides.

The mode (users.md 2) and the budgets (C14) hold letters here; nothing is dropped.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import alarm_route, budgets
from mailcase.budgets import Exceeded
from mailcase.config import Config, Employee
from mailcase.mail.draft import Draft
from mailcase.mail.latin import latin
from mailcase.outgoing import Outgoing
from mailcase.rules.stand_in import stands_in
from mailcase.store import contacts, outbox
from mailcase.store.events import SYSTEM, Happening, canonical, record
from mailcase.words import Audience, EventType, HoldReason, Mode, OutboxStatus, Template


def write(tx: Connection, config: Config, letter: Outgoing) -> int | None:
    """Put the letter into the outbox; its row's id, or None where it is there already."""
    draft = _draft(tx, config, letter)
    automatic = letter.auto is not None
    kept = forbidden(config, letter.template, letter.audience, letter.person, automatic=automatic)
    posted = outbox.enqueue(
        tx,
        {
            "key": letter.key,
            "message_id": draft.message_id,
            "template": letter.template,
            "audience": letter.audience,
            "automatic": automatic,
            "case_id": letter.case_id,
            "mail_id": letter.mail_id,
            "person": letter.person,
            "to_address": letter.to[0][1],
            "envelope_from": _envelope(config, letter),
            "draft": canonical(draft.as_json()),
            "status": OutboxStatus.HELD if kept else OutboxStatus.QUEUED,
            "hold_reason": HoldReason.MODE if kept else None,
            "next_try_at": letter.not_before,
            "created_at": letter.now,
        },
    )
    # The budgets come last: what is there already, or stays here, costs nothing.
    if posted is not None and not kept and (reason := _hold_reason(tx, config, letter)) is not None:
        outbox.hold(tx, posted, reason)
    return posted


def message_id(config: Config, key: str) -> str:
    """The Message-ID of the letter with that key: fixed before sending (C41), and nobody can guess it."""
    digest = hmac.new(config.secret.get_secret_value().encode(), key.encode(), hashlib.sha256).hexdigest()
    return f"<{digest[:32]}@{config.lab.address.partition('@')[2]}>"


def draft_of(row: Row[Any]) -> Draft:
    """The draft of an outbox row."""
    return Draft.from_json(json.loads(row.draft))


def alarm(
    tx: Connection, config: Config, key: str, now: datetime, text: tuple[str, list[str], str], *, grave: str = ""
) -> None:
    """Tell the duty person once: `text` is what happened, details, and the remedy (Russian).

    What is grave goes the other route as well, under that name: `what` and `remedy` of it then hold no personal data.
    """
    what, details, remedy = text
    if grave:
        alarm_route.tell(config, grave, now, f"{what}. {remedy}")
    shadow = config.mode is Mode.SHADOW
    person = config.person(config.lab.quality_manager) if shadow else stands_in(config.lab.duty, config)
    if person is None:
        return
    values = {"what": what, "details": details, "remedy": remedy}
    letter = Outgoing(f"alarm:{key}", Template.ALARM, Audience.STAFF, _to(person), values, now, person=person.login)
    if write(tx, config, letter) is not None:
        record(tx, SYSTEM, Happening(EventType.ALARM, now, detail={"key": key}))


def _to(person: Employee) -> tuple[tuple[str, str], ...]:
    return ((person.name, person.email),)


def _draft(tx: Connection, config: Config, letter: Outgoing) -> Draft:
    lab = config.lab
    replies_to, references = _thread(tx, letter)
    journal = lab.journal_name or f"Журнал {lab.name}"
    name = lab.name_en or latin(lab.name) if letter.lang == "en" else lab.name
    return Draft(
        template=letter.template,
        audience=letter.audience,
        lang=letter.lang,
        message_id=message_id(config, letter.key),
        date=letter.now.astimezone(config.calendar.zone).isoformat(timespec="seconds"),
        from_name=name if letter.audience is Audience.CLIENT else journal,
        from_address=lab.address,
        to=letter.to,
        values={
            **letter.values,
            "lang": letter.lang,
            "lab": {"name": name, "address": lab.address, "site": lab.site, "phone": lab.phone},
        },
        cc=letter.cc,
        reply_to=_reply_to(config, letter),
        in_reply_to=replies_to,
        references=references,
        auto=letter.auto,
        attachments=letter.attachments,
        html=letter.html,
    )


def _reply_to(config: Config, letter: Outgoing) -> str:
    """The case's own subaddress, where the server delivers such (RFC 5233, C47); empty for all other letters."""
    tag = str(letter.values.get("tag") or "")
    if not config.lab.subaddress or letter.audience is not Audience.CLIENT or not tag:
        return ""
    local, _, domain = config.lab.address.partition("@")
    return f"{local}+{tag.lower()}@{domain}"


def _thread(tx: Connection, letter: Outgoing) -> tuple[str, tuple[str, ...]]:
    """In-Reply-To and References: only ids that this recipient wrote or got (architecture 10)."""
    if letter.audience is Audience.CLIENT:
        hidden = outbox.staff_ids(tx, (*letter.references, letter.replies_to))
        seen = tuple(i for i in letter.references if i not in hidden and i != letter.replies_to)
        if not letter.replies_to or letter.replies_to in hidden:
            return "", ()
        return letter.replies_to, (*seen, letter.replies_to)
    if letter.case_id is None:
        return "", ()
    earlier = outbox.staff_thread(tx, letter.case_id, letter.person)
    return (earlier[-1], tuple(dict.fromkeys((earlier[0], earlier[-1])))) if earlier else ("", ())


def _envelope(config: Config, letter: Outgoing) -> str:
    if letter.auto is None:
        return config.lab.address
    if config.smtp.auto_envelope == "<>":
        return ""
    token = message_id(config, letter.key)[1:17]
    return config.smtp.auto_envelope.replace("{token}", token)


def _hold_reason(tx: Connection, config: Config, letter: Outgoing) -> HoldReason | None:
    if letter.audience is Audience.CLIENT and letter.auto and contacts.is_unreachable(tx, letter.to[0][1]):
        return HoldReason.UNREACHABLE
    over = budgets.exceeded(tx, config, letter)
    if over is None:
        return None
    _tell(tx, config, letter, over)
    return over.hold


def _tell(tx: Connection, config: Config, letter: Outgoing, over: Exceeded) -> None:
    """Tell the duty person once a day of each budget, and of the breaker each time that it opens."""
    if over.breaker:
        what, details, remedy = budgets.BREAKER
        alarm(tx, config, f"breaker:{over.window}", letter.now, (what, [over.name, *details], remedy), grave="breaker")
    elif over.told:
        tag = letter.values.get("tag")
        about = f"Первое задержанное: {letter.sender or letter.to[0][1]}" + (f", {tag}." if tag else ".")
        what, details, remedy = budgets.TOLD[over.hold]
        text = (what, [f"Исчерпан предел: {over.name}.", about, *details], remedy)
        alarm(tx, config, f"budget:{over.name}:{over.window}", letter.now, text)


def forbidden(config: Config, template: Template, audience: Audience, person: str, *, automatic: bool) -> bool:
    """Whether the mode keeps such a letter back (users.md 2); asked again right before it leaves."""
    if config.mode is Mode.LIVE:
        return False
    if config.mode is Mode.STAFF:
        return audience is Audience.CLIENT and automatic
    evening = template in (Template.SHADOW, Template.ALARM, Template.LEARNED, Template.REPORT)
    return not (evening and person == config.lab.quality_manager)
