"""An employee's reply goes to the client: from the laboratory's address, with the block of who answers (9.2.4)."""

from __future__ import annotations

from datetime import datetime

from mailcase import letters, post
from mailcase.commands import Desk, command
from mailcase.mail.draft import DraftAttachment
from mailcase.mail.letter import header_ids
from mailcase.mail.reply import answer_html, strip_signature
from mailcase.post import Outgoing
from mailcase.rules.decision import Act
from mailcase.store import cases, queries
from mailcase.words import Audience, EventType, MailcaseError, Template


@command("answer")
def answer(desk: Desk, act: Act) -> str:
    """Queue the answer, delayed by the undo time; the case becomes answered when it has left."""
    case = desk.the_case()
    if not case.contact_address:
        raise MailcaseError(f"У обращения № {case.number} нет адреса клиента: ответьте по телефону и запишите это")
    text = strip_signature(act.text, [desk.person.name, *desk.person.name.split()[:1]]).strip()
    if not text and not desk.letter.attachments:
        raise MailcaseError("В письме нет текста для клиента")
    leaves = desk.now + desk.config.answer.undo
    post.write(desk.tx, desk.config, _outgoing(desk, text, leaves))
    cases.note(desk.tx, case.id, desk.actor, EventType.NOTED, what="answer queued")
    if desk.letter.in_reply_to:
        return ""
    at = leaves.astimezone(desk.config.calendar.zone)
    return f"Уйдёт клиенту в {at:%H:%M}: № {case.number}. Придержать? Ответьте «стоп»."


def _outgoing(desk: Desk, text: str, leaves: datetime) -> Outgoing:
    case = desk.the_case()
    replies_to, references, english = _last_of_client(desk)
    values = {
        **letters.case_values(case),
        "text": text,
        "signatory": letters.person_values(desk.config, desk.person.login),
    }
    # With only the text's own words known to be new, the HTML may carry what was cut from the text.
    html = answer_html(desk.letter) if text == desk.letter.reply.strip() else ""
    return Outgoing(
        key=f"answer:{desk.mail.id}",
        template=Template.ANSWER,
        audience=Audience.CLIENT,
        to=((case.contact_name, case.contact_address),),
        values=values,
        now=desk.now,
        case_id=case.id,
        mail_id=desk.mail.id,
        person=desk.person.login,
        lang="en" if english else "ru",
        replies_to=replies_to,
        references=references,
        auto=None,
        attachments=_files(desk, html),
        not_before=leaves,
        html=html,
    )


def _files(desk: Desk, html: str) -> tuple[DraftAttachment, ...]:
    sha256 = desk.mail.sha256
    return tuple(
        DraftAttachment(sha256, f.index, f.name or f.safe_name, f.type, f.size, f.content_id if f.inline else "")
        for f in desk.letter.attachments
        if not f.inline or (html and f.content_id and f.content_id in html)
    )


def _last_of_client(desk: Desk) -> tuple[str, tuple[str, ...], bool]:
    """(Message-ID, its References, whether in English) of the client's newest letter of the case."""
    row = queries.last_from_client(desk.tx, desk.the_case().id)
    if row is None:
        return "", (), False
    message_id, ids = header_ids(desk.app.raw.get(row.sha256))
    return message_id, ids, bool(row.lang == "en")
