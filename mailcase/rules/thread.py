"""Which case does a client's letter belong to, and what does it do to it?

References beat the tag (C44); subjects alone never join (C43). A letter joins only where its sender is a party of
the case: anybody else's becomes a case of its own, linked, that learns nothing of the other (C46, pain 27).
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, replace
from datetime import timedelta

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.called import called
from mailcase.rules.decision import FollowUp, Judgement, Reason
from mailcase.rules.facts import CaseFact, Facts, ThreadHit
from mailcase.rules.lookalike import lookalike
from mailcase.rules.people import by_address
from mailcase.rules.requirements import confirms
from mailcase.rules.thanks import only_thanks
from mailcase.rules.trust import authentication, servers
from mailcase.words import Kind, Register, Requirements, Status

# What servers that put an id of their own in its place keep of the old one, and Thunderbird of what it forwards.
_OTHER_IDS = {
    "x-microsoft-original-message-id",
    "x-google-original-message-id",
    "x-mailman-original-message-id",
    "x-original-message-id",
    "x-mailman-original-references",
    "x-forwarded-message-id",
}
_ID = re.compile(r"<[^<>\s]{3,998}>")
_ROOT = 22
"""Bytes of a Thread-Index that every letter of a conversation shares: 1 reserved, 5 of time, 16 of GUID (C48)."""
_CONVERSATION = "@thread-index.invalid>"
ASK = "Если это жалоба, ответьте одним словом: «!жалоба»"
_UNCONFIRMED = "требования клиент ещё не подтвердил; если этим письмом подтверждает, ответьте «!подтверждено»"
_SURE = 0.75
"""Confidence from which a complaint is taken out of an inquiry; below it the assignee is asked."""
_OTHER_WORK = (Kind.REQUEST, Kind.ORDER_CHANGE)


@dataclass(frozen=True, slots=True)
class Link:
    """A new case that stands beside an old one: `kind` is `third_party`, `after_closing`, `split`, …"""

    case_id: int
    kind: str
    assignee: str = ""
    """Login of who must get the new case; empty where the rules decide."""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a letter belongs: to a case, beside one, or (neither) nowhere yet."""

    follow_up: FollowUp | None = None
    link: Link | None = None
    reasons: tuple[Reason, ...] = ()


def names(letter: Letter) -> tuple[str, ...]:
    """Every id of the letter's thread, its own first and the nearest of the others next; lower-case, each once.

    Programs on the way change the case of ids. The conversation of Outlook comes last, in the form of an id (C48).
    """
    others = tuple(i for name, value in letter.headers if name in _OTHER_IDS for i in _ID.findall(value))
    answered = (*letter.in_reply_to, *reversed(letter.references), letter.read_id)
    found = (letter.message_id, *answered, *others, conversation(letter))
    return tuple(dict.fromkeys(i.lower() for i in found if i))


def conversation(letter: Letter) -> str:
    """The root of Thread-Index as an id; empty where there is none. It outlives References that Exchange drops."""
    try:
        root = binascii.a2b_base64(letter.header("thread-index"))[:_ROOT]
    except (binascii.Error, ValueError):
        return ""
    return f"<{root.hex()}{_CONVERSATION}" if len(root) == _ROOT else ""


def parent(letter: Letter, facts: Facts) -> ThreadHit | None:
    """The nearest letter of ours or of a case that this one answers: In-Reply-To, then the last of References."""
    known = {hit.message_id.lower(): hit for hit in facts.thread if not hit.message_id.endswith(_CONVERSATION)}
    for message_id in (*letter.in_reply_to, *reversed(letter.references)):
        if message_id.lower() in known:
            return known[message_id.lower()]
    return next(iter(known.values()), None)


def referred(letter: Letter, facts: Facts) -> int | None:
    """The case that the letter's references name, the nearest first."""
    near = parent(letter, facts)
    if near is not None and near.case_id is not None:
        return near.case_id
    named = (hit for hit in facts.thread if not hit.message_id.endswith(_CONVERSATION))
    return next((hit.case_id for hit in named if hit.case_id is not None), None)


def case_of(letter: Letter, facts: Facts) -> CaseFact | None:
    """The case of a client's or a machine's letter, whoever sent it: references, then tag, then conversation (C43)."""
    found = facts.case(referred(letter, facts)) or facts.case(facts.tag_case_id)
    return found or _by_conversation(letter, facts)


def _by_conversation(letter: Letter, facts: Facts) -> CaseFact | None:
    """Anybody can copy a Thread-Index, so it leads to a case of the sender's own organisation only (C48)."""
    hit = next((hit for hit in facts.thread if hit.message_id.endswith(_CONVERSATION)), None)
    case = facts.case(hit.case_id) if hit else None
    hosts = {_host(party) for party in case.parties} if case else set()
    return case if _host(letter.sender.addr) in hosts else None


def _host(address: str) -> str:
    return address.rpartition("@")[2].lower()


def is_party(address: str, case: CaseFact) -> bool:
    """Whether this address may be told about the case; letter case does not matter."""
    return address.lower() in {party.lower() for party in case.parties}


def place(letter: Letter, facts: Facts, config: Config, judgement: Judgement, silence: str) -> Place:
    """Where a letter of anybody but an employee belongs; `silence` is why no robot may answer it."""
    case = case_of(letter, facts)
    reasons = _notes(letter, facts)
    if facts.separated_from is not None:
        return _split(facts.case(facts.separated_from), reasons, "сотрудник выделил письмо в отдельное обращение")
    if case is None:
        return _by_open_complaint(letter, facts, config, judgement, silence, reasons)
    forged = authentication(letter, *servers(config)).dmarc == "fail"
    outside = _outside(case, letter, facts, reasons, forged=forged)
    if outside is not None:
        return outside
    joined = Reason("thread.reference" if referred(letter, facts) else "thread.tag", f"относится к № {case.number}")
    if facts.history:
        return Place(FollowUp(case.id, quiet=True), reasons=(*reasons, joined))
    later = _successor(letter, case, facts, config)
    if later is not None:
        joined = Reason("thread.successor", f"обращение № {case.number} закрыто, его продолжает № {later.number}")
        case = later
    if case.history:
        remark = f"продолжает архивное обращение № {case.number}"
        return Place(link=Link(case.id, "history", remark=remark), reasons=(*reasons, Reason("thread.history", remark)))
    yes = None if forged else _confirmation(case, letter, facts, config)
    brief = yes or _thanks(case, letter, config, judgement)
    if brief is not None:
        return replace(brief, reasons=(*reasons, joined, *brief.reasons))
    if _long_closed(case, facts, config):
        remark = f"обращение № {case.number} закрыто давно, поэтому это новое"
        link = Link(case.id, "after_closing", remark=remark)
        return Place(link=link, reasons=(*reasons, Reason("thread.after_closing", remark)))
    if _hides_complaint(case, judgement, letter):
        return _complained(case, _by_open_complaint(letter, facts, config, judgement, silence, reasons), reasons)
    doubts = _doubts(reasons, forged=forged)
    return Place(_follow(case, judgement, silence, letter, doubts), reasons=(*reasons, joined))


def _doubts(reasons: tuple[Reason, ...], *, forged: bool) -> str:
    doubts = [r.why for r in reasons if r.rule == "thread.conflict"]
    doubts += ["подлинность отправителя не подтверждена (DMARC): проверьте, он ли пишет"] if forged else []
    return ". ".join(doubts)


def _thanks(case: CaseFact, letter: Letter, config: Config, judgement: Judgement) -> Place | None:
    if not only_thanks(letter, judgement, config):
        return None
    thanked = Reason("thread.thanks", "благодарность или подтверждение получения: приобщено без уведомлений")
    return Place(FollowUp(case.id, quiet=True), reasons=(thanked,))


def _confirmation(case: CaseFact, letter: Letter, facts: Facts, config: Config) -> Place | None:
    """«Подтверждаю» about the requirements (A66); who only knows the tag, and is not proven, confirms nothing."""
    his = referred(letter, facts) is not None or authentication(letter, *servers(config)).proven
    asked = case.requirements == Requirements.AWAITING_CONFIRMATION and his
    if not asked or _long_closed(case, facts, config) or not confirms(letter, config):
        return None
    yes = Reason("thread.confirmed", "клиент подтвердил требования")
    follow = FollowUp(case.id, reopens=case.status is not Status.OPEN, confirms=True, check=yes.why)
    return Place(follow, reasons=(yes,))


def _outside(
    case: CaseFact, letter: Letter, facts: Facts, reasons: tuple[Reason, ...], *, forged: bool
) -> Place | None:
    """Beside the case, where the sender is no party of it or may not be who he says; None where he belongs to it."""
    if not is_party(letter.sender.addr, case):
        return _beside(case, reasons, "thread.third_party", _third_party(letter, case))
    if forged and referred(letter, facts) is None:
        # A tag is said on the phone and stands in every forward; ids only who got our letter knows.
        remark = f"письмо с номером № {case.number} от имени участника, но подлинность не подтверждена (DMARC)"
        return _beside(case, reasons, "thread.unproven", remark)
    return None


def _hides_complaint(case: CaseFact, judgement: Judgement, letter: Letter) -> bool:
    """A complaint in the thread of an inquiry; of one that is only supposed the assignee is asked.

    What the client himself calls one is not left to the person whom it may be about.
    """
    if judgement.register is not Register.COMPLAINT or case.register is Register.COMPLAINT or letter.truncated:
        return False
    sure = not judgement.check and judgement.confidence >= _SURE
    return sure or called(letter) is not None


def _complained(case: CaseFact, added: Place, reasons: tuple[Reason, ...]) -> Place:
    """Whoever complains already adds to his complaint (users.md 2); for all others it is a case of its own."""
    if added.follow_up:
        return replace(added, follow_up=replace(added.follow_up, split_from=case.id))
    return _split(case, reasons, f"жалоба в переписке по № {case.number}: зарегистрирована отдельно")


def _split(case: CaseFact | None, reasons: tuple[Reason, ...], why: str) -> Place:
    """A case of its own for a letter of that case, which goes on; both are linked."""
    link = Link(case.id, "split", remark=f"{why} (связано с № {case.number})") if case else None
    return Place(link=link, reasons=(*reasons, Reason("thread.split", why)))


def _beside(case: CaseFact, reasons: tuple[Reason, ...], rule: str, remark: str) -> Place:
    """A case of its own that its assignee sees beside the other one, and that learns nothing of it (C46)."""
    link = Link(case.id, "third_party", case.assignee, remark)
    return Place(link=link, reasons=(*reasons, Reason(rule, remark)))


def _third_party(letter: Letter, case: CaseFact) -> str:
    said = f"письмо третьего лица по № {case.number}: в том обращении отправитель не участвует"
    twin = lookalike(_host(letter.sender.addr), frozenset(map(_host, case.parties)))
    return f"{said}. Его домен похож на {twin}: возможна подделка" if twin else said


def _notes(letter: Letter, facts: Facts) -> tuple[Reason, ...]:
    by_reference = facts.case(referred(letter, facts))
    tagged = facts.case(facts.tag_case_id)
    if by_reference and tagged and by_reference.id != tagged.id:
        why = f"письмо отвечает на № {by_reference.number}, а в теме указан № {tagged.number}: проверьте"
        return (Reason("thread.conflict", why),)
    if facts.wrong_tag:
        return (Reason("thread.wrong_tag", "номер в письме похож на наш, но неверен"),)
    return ()


def _by_open_complaint(
    letter: Letter, facts: Facts, config: Config, judgement: Judgement, silence: str, reasons: tuple[Reason, ...]
) -> Place:
    """Whoever has an open complaint and writes again, under whatever subject, adds to it (users.md 2)."""
    case = facts.case(facts.open_complaint_id)
    if case is None or facts.history:
        return Place(reasons=reasons)
    # Here From is all that ties the letter to the case, and our own server says that it is forged.
    if authentication(letter, *servers(config)).dmarc == "fail":
        remark = f"у отправителя открыта жалоба № {case.number}, но подлинность письма не подтверждена (DMARC)"
        return _beside(case, reasons, "thread.unproven", remark)
    if by_address(config, letter.sender.addr):
        # What an employee forwards may be cut or old: it is offered, and whoever has the complaint decides.
        remark = f"у клиента открыта жалоба № {case.number}: возможно, это дополнение к ней"
        return _beside(case, reasons, "thread.forwarded", remark)
    why = Reason("thread.open_complaint", f"у отправителя открыта жалоба № {case.number}: дополнение к ней")
    if only_thanks(letter, judgement, config):
        return Place(FollowUp(case.id, quiet=True), reasons=(*reasons, why))
    order = "в письме, похоже, отдельная заявка: если так, ответьте «!отдельно»"
    other = order if judgement.kind in _OTHER_WORK and not judgement.check else ""
    return Place(_follow(case, judgement, silence, letter, other), reasons=(*reasons, why))


def _follow(case: CaseFact, judgement: Judgement, silence: str, letter: Letter, remark: str) -> FollowUp:
    """The letter joins; a clock that stood runs again. A robot confirms it only where one may answer at all."""
    complaint = case.register is Register.COMPLAINT
    lines = [remark] if remark else []
    if not complaint and judgement.register is Register.COMPLAINT:
        lines.append(f"похоже на жалобу: {judgement.grounds}")
    doubt = judgement.check and any(r.rule == "classify.doubt" for r in judgement.reasons)
    if not complaint and (judgement.register is Register.COMPLAINT or doubt):
        lines.append(ASK if lines else f"возможно недовольство. {ASK}")
    if case.requirements == Requirements.AWAITING_CONFIRMATION:
        lines.append(_UNCONFIRMED)
    if letter.truncated:
        lines.append("письмо больше допустимого размера, прочитаны только заголовки: откройте его в почтовом ящике")
    return FollowUp(
        case.id,
        reopens=case.status is not Status.OPEN,
        added_ack=complaint and not silence,
        check=". ".join(lines),
    )


def _successor(letter: Letter, case: CaseFact, facts: Facts, config: Config) -> CaseFact | None:
    """The running case that an earlier letter opened after this one's end, so that a second opens no other."""
    ended = case.history or _long_closed(case, facts, config)
    later = facts.case(case.live_successor) if ended else None
    return later if later is not None and is_party(letter.sender.addr, later) else None


def _long_closed(case: CaseFact, facts: Facts, config: Config) -> bool:
    closed = case.closed_at if case.status is Status.CLOSED else None
    return closed is not None and facts.received_at > closed + timedelta(days=config.answer.reopen_days)
