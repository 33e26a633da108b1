"""What a letter becomes: the whole policy on one page, read from top to bottom.

One letter, one decision, with every reason that led to it. In doubt there is a case: a person can close it, and
nobody can find a lost letter. Pure: the same letter and facts always give the same decision.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules import screens
from mailcase.rules.absence import sounds_absent
from mailcase.rules.answer import silence
from mailcase.rules.change import change
from mailcase.rules.classify import classify
from mailcase.rules.client_words import client_words
from mailcase.rules.decision import Bounce, Command, Decided, Decision, Drop, FollowUp, Held, Judgement, Notice, Reason
from mailcase.rules.enclose import enclose
from mailcase.rules.enter import staff_entry
from mailcase.rules.entry import Entry, entry
from mailcase.rules.facts import CaseFact, Facts
from mailcase.rules.model import Model
from mailcase.rules.new_case import Opening, new_case
from mailcase.rules.order_of import order_of
from mailcase.rules.past_us import past_us
from mailcase.rules.people import by_address
from mailcase.rules.remedy import wishes
from mailcase.rules.screens import Hit
from mailcase.rules.staff import staff_letter
from mailcase.rules.staff_letter import StaffLetter
from mailcase.rules.status import status_asked
from mailcase.rules.thread import Place, case_of, place
from mailcase.rules.trust import authentication, prove, servers
from mailcase.words import DropReason, FolderRole, Kind, Register, Verdict

_MACHINE = {
    Verdict.BULK: DropReason.BULK,
    Verdict.AUTO_REPLY: DropReason.AUTO_REPLY,
    Verdict.RECEIPT: DropReason.RECEIPT,
    Verdict.SPAM: DropReason.SPAM,
    Verdict.LOOP: DropReason.LOOP,
}
_SURE = 0.85
"""Above it a letter that no header convicts may be called a machine's or an advertiser's, from a stranger only."""


@dataclass(frozen=True, slots=True)
class _Desk:
    """The letter on the table."""

    letter: Letter
    facts: Facts
    config: Config
    hits: tuple[Hit, ...]
    judged: Judgement
    case: CaseFact | None

    @property
    def verdict(self) -> Verdict:
        return screens.gravest(self.hits)


def judge(letter: Letter, config: Config, trained: Model | None = None) -> Judgement:
    """What the letter's words make it, whatever is known of its sender: this needs no facts and may be done apart.

    `trained` is the laboratory's own model; without one the shipped model judges.
    """
    return classify(client_words(letter, config), config, trained)


def decide(letter: Letter, facts: Facts, config: Config, judged: Judgement | None = None) -> Decided:
    """Apply the table of decisions (architecture 4) to one letter; `judged` is what `judge` said of it."""
    hits = screens.run(letter, facts, config)
    said = _told(judged or judge(letter, config), facts)
    desk = _Desk(letter, facts, config, hits, said, case_of(letter, facts))
    # The gravest first: the ledger shows people the reason that decided.
    seen = tuple(hit.reason for hit in sorted(hits, key=lambda hit: -hit.verdict))
    dropped = _again(facts) if facts.forced else _no_case(desk)
    if dropped is not None:
        decision, why = dropped
        # A notice is what its demand makes it, whoever sent it.
        reasons = (*why, *seen) if isinstance(decision, Notice) else (*seen, *why)
        return Decided(decision, reasons, desk.judged)
    return _for_people(desk, seen)


def _told(judged: Judgement, facts: Facts) -> Judgement:
    """An employee's word about the kind beats what the words sound like."""
    if facts.separated_as is None:
        return judged
    traits = (reason for reason in judged.reasons if reason.rule.startswith("traits."))
    reasons = (Reason("staff.kind", "вид указал сотрудник"), *traits)
    return replace(judged, kind=facts.separated_as, check=False, reasons=reasons)


def _again(facts: Facts) -> tuple[Decision, tuple[Reason, ...]] | None:
    """«Это обращение» said of a copy: one letter is one case, however often a person says so."""
    if facts.original_mail_id is None or facts.original_spam:
        return None
    why = f"это же письмо уже зарегистрировано: строка журнала {facts.original_mail_id}"
    return Drop(DropReason.DUPLICATE), (Reason("duplicate", why),)


def _no_case(desk: _Desk) -> tuple[Decision, tuple[Reason, ...]] | None:
    """Rows 1 to 4b: letters that nobody wrote to us just now. A person's word «это обращение» skips them all."""
    facts, case, verdict = desk.facts, desk.case, desk.verdict
    case_id = case.id if case else None
    if facts.original_mail_id is not None and not facts.original_spam:
        return Drop(DropReason.DUPLICATE), (Reason("duplicate", "это же письмо уже получено"),)
    if verdict is Verdict.OWN:
        return Drop(DropReason.OWN, facts.own.case_id if facts.own else None), ()
    if verdict is Verdict.BOUNCE:
        return _returned(desk), ()
    if verdict in (Verdict.AUTO_REPLY, Verdict.BULK) and desk.judged.action and not (facts.history or _ours(desk)):
        return _notice(desk)
    if verdict in _MACHINE:
        return _machine(desk, case_id), ()
    if _ours(desk):
        return _sent_by_us(desk)
    return _by_content(desk)


def _machine(desk: _Desk, case_id: int | None) -> Drop:
    """What a program wrote; that an employee is away, or that our letter was opened, is worth knowing (C20, C36)."""
    reason, letter = _MACHINE[desk.verdict], desk.letter
    person = by_address(desk.config, letter.sender.addr)
    away = person is not None and reason is DropReason.AUTO_REPLY and sounds_absent(letter) and not desk.facts.history
    read = reason is DropReason.RECEIPT and letter.read_id != "" and case_id is not None
    return Drop(reason, case_id, away=person.login if person and away else "", read=read)


def _returned(desk: _Desk) -> Decision:
    """A report, or mail to the address that only reports know: a note of absence there is no failed delivery (C12).

    Without a report `permanent` is None: that is recorded, and nothing is held for lost.
    """
    report, sent = desk.letter.bounce, desk.facts.bounced
    # Also a report that could not be read has the null path; a responder says what it is (RFC 3834 section 5).
    if report is None and any(h.verdict is Verdict.AUTO_REPLY and h.reason.rule != "null_path" for h in desk.hits):
        return Drop(DropReason.AUTO_REPLY, sent.case_id if sent else None)
    told = (report.permanent, report.recipients, report.code) if report else (None, (), "")
    # What came back long ago was seen to then: an archive tells nobody of it.
    return Bounce(None if desk.facts.history else sent, *told)


def _sent_by_us(desk: _Desk) -> tuple[Decision, tuple[Reason, ...]] | None:
    """Letters of the Sent folder, and those with which our own address answered a client past us (users.md 1.2)."""
    person = by_address(desk.config, desk.letter.sender.addr)
    in_sent = desk.facts.role is FolderRole.SENT
    if person is not None and not in_sent:
        return None
    forged = authentication(desk.letter, *servers(desk.config)).dmarc == "fail" and not in_sent
    login = person.login if person else ""
    past = None if forged else past_us(desk.letter, desk.facts, desk.config, desk.case, login)
    if past is not None:
        return past, (Reason("staff.past_us", "ответ клиенту отправлен помимо журнала"),)
    case_id = desk.case.id if desk.case else None
    return (Drop(DropReason.SENT, case_id), (Reason("sent", "отправлено нами"),)) if in_sent else None


def _ours(desk: _Desk) -> bool:
    sender = desk.letter.sender.addr.lower()
    staff = by_address(desk.config, sender) is not None
    return staff or sender in desk.config.own_addresses or desk.facts.role is FolderRole.SENT


def _by_content(desk: _Desk) -> tuple[Decision, tuple[Reason, ...]] | None:
    """What only sounds like a machine or an advertiser: never thrown away from anybody we know."""
    judged, facts = desk.judged, desk.facts
    if desk.case or facts.known_client or facts.open_complaint_id or facts.history:
        return None
    if judged.action:
        return _notice(desk)
    if judged.kind not in (Kind.AUTO, Kind.BOUNCE, Kind.SPAM) or judged.confidence < _SURE or desk.letter.truncated:
        return None
    reason = DropReason.SPAM if judged.kind is Kind.SPAM else DropReason.AUTO_REPLY
    return Drop(reason), judged.reasons


def _for_people(desk: _Desk, seen: tuple[Reason, ...]) -> Decided:
    """Rows 5 to 8: an employee acts, a client adds to a case, or a new case is opened."""
    letter, facts, config, judged = desk.letter, desk.facts, desk.config, desk.judged
    person = by_address(config, letter.sender.addr)
    entered = entry(letter, config) if facts.tag_case_id is None and not facts.wrong_tag else None
    quiet = silence(letter, facts, config, judged, desk.hits)
    if person is not None and not facts.history and not facts.forced:
        proof = prove(letter, facts, person, servers(config), desk.hits)
        given = StaffLetter(letter, facts, config, person, proof, judged.kind)
        acted = staff_entry(given, entered) if entered else staff_letter(given)
        if acted is not None:
            return Decided(acted, (*seen, _why_staff(acted)), judged)
    where = _where(desk, quiet, entered)
    if where.follow_up is not None:
        follow = _added(where.follow_up, letter, facts, judged)
        return Decided(follow, (*seen, *where.reasons, *judged.reasons), judged)
    case, why = new_case(Opening(letter, facts, judged, quiet, person, where.link, entered), config)
    words, complains = client_words(letter, config), case.judgement.register is Register.COMPLAINT
    case = replace(case, change=change(words, case.judgement), wishes=wishes(words) if complains else ())
    case, texts = enclose(case, letter, facts, config)
    return Decided(case, (*seen, *where.reasons, *case.judgement.reasons, *why, *texts), case.judgement)


def _where(desk: _Desk, quiet: str, entered: Entry | None) -> Place:
    """Where the client's words belong; an entry opens a case, whatever old letter was answered to write it."""
    letter, config = desk.letter, desk.config
    facts = desk.facts if entered is None else replace(desk.facts, thread=())
    where = status_asked(letter, facts, config, quiet) or place(letter, facts, config, desk.judged, quiet)
    if entered is not None:
        where = replace(where, follow_up=None)
    if where.follow_up is not None or where.link is not None:
        return where
    return order_of(letter, facts, config, desk.judged) or where


def _added(follow: FollowUp, letter: Letter, facts: Facts, judged: Judgement) -> FollowUp:
    """With what the letter asks for beside: a change of the order, or more remedies of the complaint."""
    case = facts.case(follow.case_id)
    if follow.quiet or case is None or case.history:
        return follow
    if case.register is Register.COMPLAINT:
        return replace(follow, wishes=wishes(letter))
    return replace(follow, change=change(letter, judged))


def _notice(desk: _Desk) -> tuple[Decision, tuple[Reason, ...]]:
    act = next((r for r in desk.judged.reasons if r.rule == "classify.action"), None)
    act = act or Reason("classify.action", "письмо ждёт действия лаборатории")
    return Notice(desk.config.lab.duty, act.why), (act, *(r for r in desk.judged.reasons if r != act))


def _why_staff(decision: Decision) -> Reason:
    match decision:
        case Held():
            return Reason("staff.held", f"ждёт слова сотрудника: {decision.then or decision.question}")
        case Command():
            done = ", ".join(act.command for act in decision.acts)
            return Reason("staff.command", done or "; ".join(decision.mistakes))
        case FollowUp():
            return Reason("staff.past_us", decision.check or "ответ клиенту отправлен помимо журнала")
        case Drop(reason=DropReason.AUTO_REPLY):
            return Reason("staff.away", "похоже на автоответ об отсутствии сотрудника: клиенту не отправлено")
        case _:
            return Reason("staff.reply", "ответ сотрудника на служебное письмо")
