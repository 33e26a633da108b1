"""An employee's reply goes to the client: from the laboratory's address, with the block of who answers (9.2.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from mailcase import documents, enclosed, letters, post
from mailcase.commands import Desk, command
from mailcase.commands.review import by_offer
from mailcase.mail.draft import DraftAttachment
from mailcase.mail.letter import Letter, attachment_bytes, parse
from mailcase.mail.ready import ReadyText
from mailcase.mail.reply import answer_html, strip_signature
from mailcase.outgoing import Outgoing
from mailcase.rules.answer import answer_address
from mailcase.rules.appeal import belongs
from mailcase.rules.decision import Act
from mailcase.rules.papers import paper
from mailcase.rules.ready import for_client
from mailcase.store import cases, outbox, papers, queries
from mailcase.words import Audience, EventType, MailcaseError, Register, Template, Topic

READY = "!ready"
"""Begins the `args` of an answer whose text is the ready one, and not of this letter; keys of documents follow."""


@command("answer")
def answer(desk: Desk, act: Act) -> str:
    """Queue the answer, delayed by the undo time; the case becomes answered when it has left."""
    case = desk.the_case()
    if not case.contact_address:
        raise MailcaseError(f"У обращения № {case.number} нет адреса клиента: ответьте по телефону и запишите это")
    text = unsigned(desk, act.text)
    ready = act.args.startswith(READY)
    own = documents.wanted(desk.config, act.args.removeprefix(READY))
    if not text and not desk.letter.attachments and not own:
        raise MailcaseError("В письме нет текста для клиента")
    # The HTML of «да» is not that of the ready answer which it sends.
    html = "" if ready else answer_html(desk.letter, text)
    files = tuple(documents.attached(desk.app.raw, document) for document in own)
    # The ready text goes exactly as it was shown.
    appeal = () if ready else _appeal(desk, text)
    sent = queue(desk, text, html=html, files=files, appeal=enclosed.values(appeal))
    reviewed = by_offer(desk, text, [file.name for file in sent])
    for document in own:
        cases.note(desk.tx, case.id, desk.actor, EventType.NOTED, what="document", document=str(document))
    along = {"enclosed": enclosed.versions(appeal)} if appeal else {}
    cases.note(desk.tx, case.id, desk.actor, EventType.NOTED, what="answer queued", **along)
    if desk.letter.in_reply_to and desk.mail.held is None:
        # A plain answer gets no receipt (users.md 1.4) but for words that he has not seen; one that was asked about
        # gets it for his word.
        return _below(desk, appeal)
    at = (desk.now + desk.config.answer.undo).astimezone(desk.config.calendar.zone)
    leaves = f"Уйдёт клиенту в {at:%H:%M}: № {case.number}. Придержать? Ответьте «стоп»."
    return " ".join(filter(None, (leaves, _below(desk, appeal), reviewed)))


def unsigned(desk: Desk, text: str) -> str:
    """The words without the writer's own signature: the laboratory's stands below them."""
    return strip_signature(text, [desk.person.name, *desk.person.name.split()[:1]]).strip()


def queue(
    desk: Desk,
    text: str,
    *,
    html: str = "",
    files: tuple[DraftAttachment, ...] = (),
    confirms: bool = False,
    appeal: Sequence[Mapping[str, str]] = (),
) -> tuple[DraftAttachment, ...]:
    """Let these words leave after the undo time, with the letter's files and those; all its files.

    `confirms`: the client is asked to confirm them as his requirements (A66). `appeal` is the text that stands below.
    """
    letter = _outgoing(desk, text, desk.now + desk.config.answer.undo)
    attached = (*_files(desk, html), *files)
    values = {**letter.values, "confirms": confirms, "appeal": list(appeal)}
    outgoing = replace(letter, html=html, attachments=attached, values=values)
    _issue(desk, attached, post.write(desk.tx, desk.config, outgoing))
    return attached


def _outgoing(desk: Desk, text: str, leaves: datetime) -> Outgoing:
    case = desk.the_case()
    asked = last_of_client(desk)
    lang = letters.language(asked) if asked else "ru"
    values = {
        **letters.case_values(case),
        "text": text,
        "signatory": letters.person_values(desk.config, desk.person.login, lang),
    }
    return Outgoing(
        key=f"answer:{desk.mail.id}",
        template=Template.ANSWER,
        audience=Audience.CLIENT,
        to=((case.contact_name, _address(desk, asked)),),
        values=values,
        now=desk.now,
        case_id=case.id,
        mail_id=desk.mail.id,
        person=desk.person.login,
        lang=lang,
        replies_to=asked.message_id if asked else "",
        references=letters.parents(asked) if asked else (),
        auto=None,
        not_before=leaves,
    )


def _appeal(desk: Desk, text: str) -> tuple[ReadyText, ...]:
    """The order of appeal, where it is approved and belongs below these words (A41)."""
    case, ordered = desk.the_case(), desk.ordered
    complaint = case.register == Register.COMPLAINT
    shown = desk.app.composer.prints(Template.ANSWER, "appeal")
    if not shown or not belongs(text, complaint=complaint, closes="close" in ordered, waits="wait" in ordered):
        return ()
    if any(below(answer) for answer in queries.stopped_answers(desk.tx, case.id, desk.person.login)):
        # He was told of it, and said «стоп»: the same words leave without it.
        return ()
    asked = last_of_client(desk)
    lang = letters.language(asked) if asked else "ru"
    found = for_client(desk.app.composer.ready, desk.config, desk.today, Topic.APPEAL, lang)
    return (found,) if found is not None else ()


def below(answer: Row[Any]) -> str:
    """The title of the order of appeal below that answer of the outbox; empty where none stands there."""
    texts = post.draft_of(answer).values.get("appeal") or ()
    return next((str(text["title"]) for text in texts), "")


def _below(desk: Desk, appeal: tuple[ReadyText, ...]) -> str:
    """What the employee reads of words below his own that he did not write."""
    said = [f"Под ответом будет текст «{text.title}» (порядок обжалования)" for text in appeal]
    refuse = "; не нужен — ответьте «стоп» и пришлите ответ ещё раз" if desk.config.answer.undo else ""
    return "".join(f"{one}{refuse}." for one in said)


def _issue(desk: Desk, files: tuple[DraftAttachment, ...], outbox_id: int | None) -> None:
    """Invoices, acts and the like among the employee's files are on record with the case (A19)."""
    for file in files:
        kind = paper(file.name) if file.index >= 0 and not file.content_id else None
        if kind is not None:
            papers.issue(desk.tx, desk.the_case().id, desk.actor, kind, file.name, outbox_id)


def _files(desk: Desk, html: str) -> tuple[DraftAttachment, ...]:
    """The employee's files, without those that carry our internal letter (an attached original, C51)."""
    sha256 = desk.mail.sha256
    raw = desk.app.raw.get(sha256)
    secret = outbox.internal_ids(desk.tx, desk.the_case().id)
    return tuple(
        DraftAttachment(sha256, f.index, f.name or f.safe_name, f.type, f.size, f.content_id if f.inline else "")
        for f in desk.letter.attachments
        if (not f.inline or (html and f.content_id and f.content_id in html))
        and not _holds(attachment_bytes(raw, f.index), secret)
    )


def _holds(data: bytes, ids: tuple[str, ...]) -> bool:
    """Whether a file holds one of the ids, as .eml files and winmail.dat spell it, or .msg files in two bytes each."""
    bare = [i.strip("<>") for i in ids]
    return any(i.encode() in data or i.encode("utf-16-le") in data for i in bare)


def last_of_client(desk: Desk) -> Letter | None:
    """The client's newest letter of the case, read again."""
    row = queries.last_from_client(desk.tx, desk.the_case().id)
    return parse(desk.app.raw.get(row.sha256), truncated=row.truncated) if row else None


def _address(desk: Desk, asked: Letter | None) -> str:
    """A human's answer goes to Reply-To (RFC 5322 3.6.2) where that is the writer's own address, else to the writer."""
    contact = str(desk.the_case().contact_address)
    if asked is None or asked.sender.addr != contact:
        return contact
    wanted = answer_address(asked, desk.config)
    return contact if wanted.foreign else wanted.address.addr
