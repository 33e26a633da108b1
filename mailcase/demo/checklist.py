"""What the demo promises, checked against database and mailboxes: each claim holds or says what is missing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from statistics import median

import sqlalchemy as sa

from mailcase.config import Employee
from mailcase.demo import laboratory, people
from mailcase.demo.replies import Parent
from mailcase.demo.story import Sent, Story, Told
from mailcase.mail.latin import english_name
from mailcase.store import known, queries
from mailcase.store import tables as t
from mailcase.store.events import verify
from mailcase.words import Audience, FolderRole, Kind, MailStatus, OutboxStatus, Register, Status, Template

_QUICK = 1.0
"""Seconds within which a client has his acknowledgement, as the median: one letter may meet a busy disk."""


@dataclass(frozen=True, slots=True)
class Check:
    """One claim; `missing` is empty where it holds."""

    claim: str
    missing: str


def checks(story: Story) -> list[Check]:
    """Every claim in order; what the story did not reach is missing."""
    return [Check(claim, _missing(story, look)) for claim, look in _CLAIMS]


def _missing(story: Story, look: Callable[[Story], Iterator[str]]) -> str:
    try:
        return "; ".join(look(story))
    except KeyError as name:
        return f"the story did not come to {name}"


def _one_outcome(story: Story) -> Iterator[str]:
    for told in story.told.values():
        if told.fate is None:
            yield f"{told.scene.name} became nothing"
        elif told.fate.mail.outcome not in told.scene.becomes:
            yield f"{told.scene.name} became {told.fate.mail.outcome}"
    with story.stage.app.db.read() as view:
        inbox = view.execute(sa.select(t.mail.c.status).where(t.mail.c.role == FolderRole.INBOX)).scalars().all()
    delivered = len(story.stage.servers.delivered(people.LAB))
    if len(inbox) != delivered or set(inbox) != {MailStatus.DONE}:
        yield f"{delivered} letters were delivered, {inbox.count(MailStatus.DONE)} of {len(inbox)} lines are done"


def _numbers(story: Story) -> Iterator[str]:
    with story.stage.app.db.read() as view:
        numbers = sorted(view.execute(sa.select(t.cases.c.number)).scalars())
        lines = list(view.execute(sa.select(t.journal.c.register, t.journal.c.seq)))
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"case numbers are {numbers}"
    for register in (Register.INQUIRY, Register.COMPLAINT):
        entered = sorted(line.seq for line in lines if line.register == register)
        if not entered or entered != list(range(1, len(entered) + 1)):
            yield f"the register {register} has the lines {entered}"


def _acknowledged(story: Story) -> Iterator[str]:
    for told in (told for told in story.told.values() if told.scene.answered):
        acks = [sent for sent in told.sent if sent.acknowledges]
        if len(acks) != 1 or told.fate is None or told.fate.case is None:
            yield f"{told.scene.name} has {len(acks)} acknowledgements"
        elif told.scene.writer is not people.BELOV:
            yield from _names(story, told.fate.case.assignee, acks[0])
    for told in (told for told in story.told.values() if not told.scene.answered):
        if any(sent.acknowledges for sent in told.sent):
            yield f"{told.scene.name} was acknowledged"


def _names(story: Story, login: str, sent: Sent) -> Iterator[str]:
    """What of the person's full name and phone number is missing in a letter."""
    person, text = _person(story, login), _text(sent)
    named = any(name in text for name in (person.name, english_name(person.name)))
    if not text:
        yield f"{sent.row.template} to {sent.row.to_address} did not arrive"
    elif not named or _digits(person.phone) not in _digits(text):
        yield f"{sent.row.template} to {sent.row.to_address} lacks the name or phone of {person.name}"


def _quickly(story: Story) -> Iterator[str]:
    took = [s.after for told in story.told.values() for s in told.sent if s.acknowledges and s.after is not None]
    if not took or median(took) > _QUICK:
        yield f"the median of {[f'{seconds:.2f} s' for seconds in took]} is more"


def _rules(story: Story) -> Iterator[str]:
    wanted = {"request": "petrova", "html": "sidorov", "complaint": "smirnova"}
    for name, login in wanted.items():
        case = _told(story, name).fate
        found = case.case.assignee if case and case.case else "nobody"
        if found != login:
            yield f"{name} went to {found} instead of {login}"


def _files(story: Story) -> Iterator[str]:
    notice = _told(story, "request").only(Template.NOTICE)
    message = message_from_bytes(notice.delivery.raw if notice and notice.delivery else b"", policy=default)
    names = [part.get_filename() or "" for part in message.iter_attachments()]
    if sorted(name.rpartition(".")[2] for name in names) != ["docx", "pdf"]:
        yield f"the notice of the order carries the files {names}"


def _complaint(story: Story) -> Iterator[str]:
    told = _told(story, "complaint")
    case = told.fate.case if told.fate else None
    if case is None or case.register != Register.COMPLAINT or case.kind != Kind.COMPLAINT:
        yield "it is not in the register of complaints"
    ack = told.only(Template.ACKNOWLEDGEMENT_COMPLAINT)
    if ack is None or "жалоб" in _text(ack).lower():
        yield "the acknowledgement is missing or speaks of a complaint before the client did"


def _english(story: Story) -> Iterator[str]:
    ack = _told(story, "english").only(Template.ACKNOWLEDGEMENT)
    if ack is None or json.loads(ack.row.draft)["lang"] != "en" or "Здравствуйте" in _text(ack):
        yield "the acknowledgement is not in English"


def _bounce(story: Story) -> Iterator[str]:
    told, lost = _told(story, "bounce"), _told(story, "unreachable")
    if not told.fate or not lost.fate or told.fate.mail.case_id != lost.fate.mail.case_id:
        yield "the report was not connected with the case"
    task = told.only(Template.UNDELIVERED)
    if task is None or task.delivery is None or "000-00-17" not in _text(task):
        yield "the responsible employee was not told to call, with the client's number"


def _robots(story: Story) -> Iterator[str]:
    for name in ("newsletter", "e_document", "bounce", "out_of_office"):
        if any(sent.row.audience == Audience.CLIENT for sent in _told(story, name).sent):
            yield f"{name} was answered"


def _ledger(story: Story) -> Iterator[str]:
    for name in ("newsletter", "out_of_office", "e_document", "bounce", "thanks"):
        fate = _told(story, name).fate
        if fate is None or not json.loads(fate.mail.reasons):
            yield f"{name} has no reason"


def _act(story: Story) -> Iterator[str]:
    notice = _told(story, "e_document").only(Template.MACHINE_NOTICE)
    if notice is None or notice.delivery is None or notice.row.person != story.stage.app.config.lab.duty:
        yield "the duty person was not told"


def _addition(story: Story) -> Iterator[str]:
    first, told = _told(story, "request"), _told(story, "addition")
    if not told.fate or not first.fate or (told.fate.mail.case_id, told.fate.mail.part) != (first.fate.mail.case_id, 2):
        yield "it is not part 2 of the case"
    passed = told.only(Template.PASS_ON)
    if passed is None or passed.row.person != "petrova" or "манометров будет 14" not in _text(passed):
        yield "the responsible employee did not get it"


def _answer(story: Story) -> Iterator[str]:
    told = _told(story, "answer")
    answer = told.only(Template.ANSWER)
    if answer is None or answer.delivery is None or answer.delivery.mailbox != people.ANNA.address:
        yield "the client did not get it"
        return
    yield from _names(story, "petrova", answer)
    text, header = _text(answer), answer.delivery.raw.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
    if "1 250 руб" not in text or f"<{people.LAB}>" not in header:
        yield "its text or the laboratory's address is missing"
    if any(mark in text for mark in ("Вам: №", "Пишет снова", "Ответьте на это письмо", "С уважением, Петрова Н. В.")):
        yield "the quoted notice or a second signature went out with it"
    if any(sent.row.message_id in header for sent in _told(story, "addition").sent):
        yield "its header names a letter that the client never got"
    if not told.fate or _status(story, told) != Status.ANSWERED:
        yield "the case does not count as answered"


def _thanks(story: Story) -> Iterator[str]:
    told = _told(story, "thanks")
    if told.sent or _status(story, told) != Status.ANSWERED:
        yield "somebody was written to, or the case was opened again"


def _digest(story: Story) -> Iterator[str]:
    texts = {sent.row.person: _text(sent) for sent in story.digests}
    if "Просрочено" not in texts.get("petrova", ""):
        yield "the employee's letter shows nothing overdue"
    if "Потеряно: 0" not in texts.get(story.stage.app.config.lab.quality_manager, ""):
        yield "the quality manager's letter does not say that nothing was lost"


def _gone(story: Story) -> Iterator[str]:
    rows = story.stage.written(0)
    left = [f"{row.template} is {row.status}" for row in rows if row.status != OutboxStatus.SENT]
    received = story.stage.servers.delivered()
    twice = len(received) - len({(letter.mailbox, letter.message_id) for letter in received})
    yield from left
    if twice or not rows:
        yield f"{twice} letters arrived twice"


def _page(story: Story) -> Iterator[str]:
    with story.stage.app.db.read() as view:
        tags = [case.tag for case in queries.register(view)]
    folder = story.stage.folder / laboratory.PAGE

    def written() -> bool | None:
        pages = "".join(page.read_text(encoding="utf-8") for page in folder.glob("*.html"))
        return all(tag in pages for tag in tags) or None

    if not tags or story.stage.until(written) is None:
        yield "a case is not on it"


def _record(story: Story) -> Iterator[str]:
    with story.stage.app.db.read() as view:
        yield from verify(view)


def _log(story: Story) -> Iterator[str]:
    found = re.findall(r"^\S+ \S+ ((?:ERROR|CRITICAL) .*)", story.stage.log.read_text(encoding="utf-8"), re.MULTILINE)
    yield from dict.fromkeys(found)


_CLAIMS: tuple[tuple[str, Callable[[Story], Iterator[str]]], ...] = (
    ("every letter became exactly one thing, and the right one", _one_outcome),
    ("case numbers and both registers have no gaps", _numbers),
    ("each client got exactly one acknowledgement, with full name and phone of who answers", _acknowledged),
    (f"within {_QUICK:.0f} second of writing", _quickly),
    ("each case went to the employee whom the rules name", _rules),
    ("the client's files went along to the employee", _files),
    ("the polite complaint is in the register of complaints, with the quality manager", _complaint),
    ("the English letter was acknowledged in English", _english),
    ("the returned acknowledgement became a call to make", _bounce),
    ("no robot was answered", _robots),
    ("letters without an answer are in the ledger, each with the reason", _ledger),
    ("the document that waits for a signature was told to the duty person", _act),
    ("the client's addition is in her case and with her employee", _addition),
    ("the employee's reply reached the client from the laboratory, signed, without the notice", _answer),
    ("the thank-you was filed and troubled nobody", _thanks),
    ("the morning letter shows what is overdue and that nothing was lost", _digest),
    ("every letter of ours left, none arrived twice", _gone),
    ("the register page shows every case", _page),
    ("the record of events is whole", _record),
    ("the daemon logged no error", _log),
)


def _told(story: Story, name: str) -> Told:
    return story.told[name]


def _person(story: Story, login: str) -> Employee:
    return next(person for person in story.stage.app.config.employee if person.login == login)


def _status(story: Story, told: Told) -> str:
    """How that scene's case stands now."""
    with story.stage.app.db.read() as view:
        found = known.cases_by_id(view, [told.fate.mail.case_id] if told.fate else [])
    return str(found[0].status) if found else ""


def _text(sent: Sent) -> str:
    """What the recipient reads, in one line; empty where it did not arrive."""
    return " ".join(Parent.of(sent.delivery.raw).text.split()) if sent.delivery else ""


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
