"""What the database knows about one letter, gathered in its transaction before anything is decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import enclosed, post
from mailcase.app import App
from mailcase.config import Employee
from mailcase.mail.letter import Letter, parse
from mailcase.rules import tag
from mailcase.rules.client_words import client_address
from mailcase.rules.decision import Judgement
from mailcase.rules.facts import CaseFact, Facts, Load, OutboxFact, ThreadHit
from mailcase.rules.people import by_address, plain
from mailcase.rules.remedy import answers
from mailcase.rules.status import asks_status
from mailcase.rules.thread import names
from mailcase.rules.twin import twin
from mailcase.store import asked, known, outbox, queries
from mailcase.store.involved import executors
from mailcase.words import Audience, FolderRole, Kind, Register, Remedy, Status, Template

_WRONG_TAGS_A_DAY = 5
_LONGEST_ON_THE_WAY = timedelta(days=10)
"""Servers give up after five days as a rule (RFC 5321 section 4.5.4.1)."""
_ASKING = (Template.HELD, Template.CONFIRM)


def gather(tx: Connection, app: App, mail: Row[Any], letter: Letter, judged: Judgement) -> Facts:
    """Facts for `decide`: a handful of indexed questions, whatever the size of the register.

    What only letters of one kind need is asked for those alone: `judged` is what the words make it.
    """
    own = letter.message_id.lower()
    named = tuple(i for i in names(letter) if i != own)
    sent = {row.message_id: row for row in known.sent_as(tx, _all_ids(letter, named))}
    tagged, wrong = _tagged(tx, app, mail, letter)
    person = by_address(app.config, letter.sender.addr)
    client = client_address(letter, app.config)
    known_client, known_assignee = known.client(tx, client)
    complaint = None if mail.history else known.open_complaint(tx, client)
    reused = known.same_id(tx, letter.message_id, letter.fingerprint, mail.id)
    copied = next((row.id for row in reused if row.original and twin(letter, parse(app.raw.get(row.sha256)))), None)
    thread = (*(() if reused else _overtaken(tx, letter, sent)), *_thread(tx, named, sent))
    separated = (queries.separated(tx, mail.id) if mail.forced else None) or {}
    wanted = {hit.case_id for hit in thread} | {tagged, complaint, separated.get("case")} | _asked_about(tx, letter)
    same = known.original(tx, letter.fingerprint, mail.id)
    cases = _reviewed(tx, app, person, _cases(tx, {case_id for case_id in wanted if case_id is not None}))
    if judged.check or judged.register is not Register.INQUIRY or letter.truncated or separated:
        cases = _worked_on(tx, cases)
    return Facts(
        now=app.now(),
        received_at=mail.received_at,
        role=FolderRole(mail.role),
        history=mail.history,
        late=mail.late,
        spam_waived=mail.spam_waived,
        forced=mail.forced,
        original_mail_id=same.id if same else copied,
        own=_own(app, sent.get(own)),
        bounced=_outbox_fact(_bounced(tx, app, letter, sent) or _bounced_by_tag(tx, letter, mail, tagged)),
        thread=thread,
        cases=cases,
        tag_case_id=tagged,
        wrong_tag=wrong,
        reused_id=bool(reused),
        open_complaint_id=complaint,
        orders=_orders(tx, client) if judged.kind is Kind.ORDER_CHANGE and not mail.history else (),
        separated_from=separated.get("case"),
        separated_as=Kind(separated["kind"]) if separated.get("kind") else None,
        known_client=known_client,
        known_assignee=known_assignee,
        loads=tuple(Load(r.assignee, r.open_cases, r.last_assigned) for r in known.loads(tx)),
        answers_sent=known.answers_sent(tx, person.login) if person else None,
        ready=enclosed.enclosable(app.composer) if app.config.answer.enclosed_topics else {},
        notice_text=_notice_text(app, sent, named, person.login if person else ""),
    )


def _all_ids(letter: Letter, named: Iterable[str]) -> list[str]:
    returned = letter.bounce.original_message_id if letter.bounce else ""
    return [i.lower() for i in (*named, letter.message_id, returned) if i]


def _bounced(tx: Connection, app: App, letter: Letter, sent: dict[str, Row[Any]]) -> Row[Any] | None:
    """Which letter of ours a report is about: by the returned original, else by its own envelope address (C31)."""
    if letter.bounce:
        # Exchange and Gmail return no header of ours, but answer it as a person would.
        for message_id in (letter.bounce.original_message_id.lower(), *names(letter)):
            if message_id in sent:
                return sent[message_id]
    if "{token}" not in app.config.smtp.auto_envelope:
        return None
    return known.sent_under(tx, (*letter.delivered_to, *letter.recipients))


def _bounced_by_tag(tx: Connection, letter: Letter, mail: Row[Any], tagged: int | None) -> Row[Any] | None:
    """Old servers return nothing but words: the subject's tag and whom it did not reach tell which letter (C33)."""
    if letter.bounce is None or tagged is None:
        return None
    return known.last_sent_to(tx, tagged, letter.bounce.recipients, mail.received_at - _LONGEST_ON_THE_WAY)


def _tagged(tx: Connection, app: App, mail: Row[Any], letter: Letter) -> tuple[int | None, bool]:
    """(case of a valid tag, whether a wrong one was tried); after five wrong ones a day none counts (C45)."""
    lab, secret = app.config.lab, app.config.secret.get_secret_value()
    first = next((line for line in letter.reply.splitlines() if line.strip()), "")
    scope = f"wrong-tag:{letter.sender.addr}"
    day = f"{mail.received_at.astimezone(app.config.calendar.zone):%Y-%m-%d}"
    wrong = False
    for text in (_subaddress(app, letter), letter.subject, letter.text if letter.bounce else first):
        found = tag.find(text, lab.prefix, secret)
        if isinstance(found, tag.Found):
            if outbox.spent(tx, scope, day) >= _WRONG_TAGS_A_DAY:
                return None, True
            return known.case_numbered(tx, found.year, found.number), False
        wrong = wrong or found is not None
    if wrong:
        outbox.spend(tx, scope, day)
    return None, wrong


def _subaddress(app: App, letter: Letter) -> str:
    """What stands behind the plus of our address (RFC 5233, C47); the first alone, so that nobody tries a thousand."""
    ours = app.config.own_addresses
    named = (a for a in (*letter.recipients, *letter.delivered_to) if plain(a) in ours and "+" in a)
    return next(named, "").rpartition("@")[0].partition("+")[2]


def _thread(tx: Connection, named: tuple[str, ...], sent: dict[str, Row[Any]]) -> tuple[ThreadHit, ...]:
    ours = [
        ThreadHit(
            message_id=row.message_id,
            case_id=row.case_id,
            audience=Audience(row.audience),
            person=row.person if row.audience == Audience.STAFF else "",
            sent_at=row.sent_at or row.created_at,
            held_mail_id=row.mail_id if row.template in _ASKING else None,
            outbox_id=row.id,
            template=Template(row.template),
            **_offered(row),
        )
        for message_id in named
        if (row := sent.get(message_id)) is not None
    ]
    theirs = [
        ThreadHit(row.message_id, row.case_id, None, "", None)
        for row in known.received_in(tx, [i for i in named if i not in sent])
    ]
    near = {message_id: n for n, message_id in enumerate(named)}
    return tuple(sorted((*ours, *theirs), key=lambda hit: near[hit.message_id]))


def _offered(row: Row[Any]) -> dict[str, bool]:
    """What of a notice one word answers."""
    values = post.draft_of(row).values if row.template == Template.NOTICE else {}
    return {name: bool(values.get(name)) for name in ("ready", "enclosed")}


def _overtaken(tx: Connection, letter: Letter, sent: dict[str, Row[Any]]) -> tuple[ThreadHit, ...]:
    """Mail overtakes mail: where the reply came first, its case knows the id of the letter that comes now."""
    if letter.message_id.lower() in sent:
        return ()
    found = known.received_in(tx, [letter.message_id.lower()])
    return tuple(ThreadHit(row.message_id, row.case_id, None, "", None) for row in found)


def _asked_about(tx: Connection, letter: Letter) -> set[int]:
    """All cases of a client who asks «статус»; nobody else's letter needs them."""
    return {row.id for row in queries.of_contact(tx, letter.sender.addr, 0)} if asks_status(letter) else set()


def _orders(tx: Connection, client: str) -> tuple[CaseFact, ...]:
    """The orders of that client, newest first: a number, or there being but one, tells which he means."""
    found = {case.id: case for case in _cases(tx, {row.id for row in queries.of_contact(tx, client, 0)})}
    return tuple(found[i] for i in sorted(found, reverse=True) if found[i].kind is Kind.REQUEST)


def _cases(tx: Connection, ids: set[int]) -> tuple[CaseFact, ...]:
    if not ids:
        return ()
    rows = known.cases_by_id(tx, ids)
    # What goes on after the end of a case goes on in one other, which must be known, too.
    later = {r.id: known.successor(tx, r.id) for r in rows if r.history or r.status == Status.CLOSED}
    rows += known.cases_by_id(tx, {i for i in later.values() if i is not None} - ids)
    told = known.parties(tx, [row.id for row in rows])
    return tuple(
        CaseFact(
            id=row.id,
            number=row.number,
            tag=row.tag,
            register=Register(row.register),
            kind=Kind(row.kind),
            status=Status(row.status),
            subject=row.subject,
            assignee=row.assignee,
            parties=told.get(row.id, frozenset()),
            closed_at=row.closed_at,
            history=row.history,
            live_successor=later.get(row.id),
            requirements=row.requirements,
            remedies=asked.open_remedies(row) if row.register == Register.COMPLAINT else (),
        )
        for row in rows
    )


def _reviewed(tx: Connection, app: App, person: Employee | None, found: tuple[CaseFact, ...]) -> tuple[CaseFact, ...]:
    """With what an employee's answer might be held for: the review that an offer wants (A65), remedies (A85)."""
    if person is None:
        return found
    found = tuple(replace(case, remedies=_unspoken(tx, case, person)) if case.remedies else case for case in found)
    if app.config.request.review != "ask":
        return found
    return tuple(replace(case, reviewed=known.reviewed(tx, case.id)) for case in found)


def _worked_on(tx: Connection, found: tuple[CaseFact, ...]) -> tuple[CaseFact, ...]:
    """With whom a complaint from the thread may be about (A25)."""
    inquiries = [case.id for case in found if case.register is Register.INQUIRY]
    worked = executors(tx, inquiries) if inquiries else {}
    return tuple(replace(case, executors=worked.get(case.id, frozenset())) for case in found)


def _unspoken(tx: Connection, case: CaseFact, person: Employee) -> tuple[Remedy, ...]:
    """The remedies of which his answer, that waits for the end of its undo time, does not speak either."""
    row = queries.pending_answer(tx, case.id, person.login)
    text = str(post.draft_of(row).values.get("text") or "") if row is not None else ""
    return tuple(remedy for remedy in case.remedies if not answers(text, remedy))


def _own(app: App, row: Row[Any] | None) -> OutboxFact | None:
    """Our letter of that Message-ID, with the fingerprint of what left: only a returning copy needs it."""
    if row is None or row.sha256 is None:
        return _outbox_fact(row)
    return _outbox_fact(row, parse(app.raw.get(row.sha256)).fingerprint)


def _outbox_fact(row: Row[Any] | None, fingerprint: str = "") -> OutboxFact | None:
    if row is None:
        return None
    return OutboxFact(row.id, row.message_id, fingerprint, row.case_id, Audience(row.audience), row.to_address)


def _notice_text(app: App, sent: dict[str, Row[Any]], named: tuple[str, ...], login: str) -> str:
    """What this employee's notice said, as he saw it, so that its lines are known for quotation."""
    mine = [sent[i] for i in named if i in sent and login and sent[i].person == login]
    drafts = [post.draft_of(row) for row in mine[-3:]]
    # The ready answer is meant for the client, in whatever words it is changed.
    shown = (replace(d, values={**d.values, "ready": ""}) if d.values.get("ready") else d for d in drafts)
    return "\n".join(app.composer.render(draft)[1] for draft in shown)
