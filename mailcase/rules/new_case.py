"""Opens a case in the mind: which kind, who is responsible, by when, whether a robot may say so, and to whom.

Nobody finds a lost letter, so in doubt there is a case, marked `check` and told to a person (axiom 5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from mailcase.config import Config, Employee
from mailcase.mail.form import Form
from mailcase.mail.letter import Letter
from mailcase.mail.russian import short_name
from mailcase.rules.answer import answer_address
from mailcase.rules.assign import assign
from mailcase.rules.client_words import client_words
from mailcase.rules.deadline import due
from mailcase.rules.decision import Judgement, NewCase, Reach, Reason
from mailcase.rules.entry import Entry
from mailcase.rules.facts import Facts
from mailcase.rules.form import form
from mailcase.rules.offer import ORDERS
from mailcase.rules.people import ours, plain
from mailcase.rules.reach import BY_PHONE, entered, reach, reach_of_entry, silence_of_entry
from mailcase.rules.requirements import dictated_by
from mailcase.rules.term import of_letter
from mailcase.rules.thread import Link
from mailcase.rules.trust import authentication, servers
from mailcase.rules.vague import vague
from mailcase.words import Kind, Register

_TOO_LARGE = "письмо больше допустимого размера, прочитаны только заголовки: откройте его в почтовом ящике"
_REUSED = "такой же идентификатор был у другого письма: отправитель использует его повторно"
_FROM_FORM = "письмо отправлено формой сайта, а не самим клиентом"
# RFC 8098, 2.1: a receipt is a person's to send, and nobody's duty (C37).
_RECEIPT_WISHES = frozenset({"disposition-notification-to", "return-receipt-to", "x-confirm-reading-to"})
_RECEIPT = "клиент просит подтвердить прочтение: программа этого не делает, решите сами"
_VAGUE = "в заявке нет ни предмета, ни количества: в подтверждении клиента просят их назвать"
_DATE_OFF = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Opening:
    """A letter that opens a case, with what was found out about it; `person` wrote it, if an employee did."""

    letter: Letter
    facts: Facts
    judgement: Judgement
    silence: str
    person: Employee | None = None
    link: Link | None = None
    entry: Entry | None = None


def new_case(given: Opening, config: Config) -> tuple[NewCase, tuple[Reason, ...]]:
    """The case and the reasons of its person, its term and its silence."""
    given, ways = _ways(given, config)
    letter, facts = given.letter, given.facts
    judged = _registrable(given.judgement, letter)
    login, why = _assignee(given, judged, config, ways.addressee)
    name = of_letter(letter, judged.kind, judged.sender, consumer_service=judged.consumer_service)
    terms = due(name, facts.received_at, config)
    contact, contact_remark = _contact(given, config)
    remarks = [given.link.remark if given.link else "", contact_remark, _TOO_LARGE if letter.truncated else ""]
    remarks.append(_REUSED if facts.reused_id else "")
    remarks.extend(_unread(letter))
    unclear = not given.silence and given.entry is None and vague(letter, judged)
    remarks.append(_VAGUE if unclear else "")
    remarks.append(_addressed(ways, login, config))
    remarks.append(_RECEIPT if any(name in _RECEIPT_WISHES for name, _ in letter.headers) else "")
    case = NewCase(
        judgement=judged,
        assignee=login,
        due_at=terms.due_at,
        target_at=terms.target_at,
        acknowledge=not given.silence,
        silence=given.silence,
        contact=contact,
        linked_case_id=given.link.case_id if given.link else None,
        link=given.link.kind if given.link else "",
        remark=". ".join(r for r in remarks if r),
        vague=unclear,
        dictated=judged.kind is Kind.REQUEST and _written_down(given, contact[0]),
        subject=BY_PHONE if _written_down(given, contact[0]) else "",
        term=terms.record(),
        reach=ways,
        entered=entered(given.entry, given.person.login, ways, config) if given.entry and given.person else None,
    )
    silent = (Reason("answer.silence", f"без подтверждения: {given.silence}"),) if given.silence else ()
    unread = (Reason("read", said) for said in _unread(letter))
    return case, (*unread, *_about_date(letter, facts), why, *silent)


def _ways(given: Opening, config: Config) -> tuple[Opening, Reach]:
    """How the client reached us; of an entry also the client's words, and whether he is confirmed."""
    letter, facts, entry = given.letter, given.facts, given.entry
    if entry is None:
        return given, Reach() if facts.history else reach(letter, config)
    ways = reach_of_entry(entry, letter, facts.received_at, config)
    quiet = silence_of_entry(entry, facts, config)
    return replace(given, letter=client_words(letter, config), silence=quiet), ways


def _addressed(ways: Reach, login: str, config: Config) -> str:
    """To whom the letter is written, where somebody else answers it."""
    to = config.person(ways.addressee) if ways.copy and ways.addressee != login else None
    return f"письмо адресовано сотруднику, он получит копию: {short_name(to.name)}" if to else ""


def _written_down(given: Opening, client: str) -> bool:
    """An employee's own words about what that client said, and no letter of a client that he passes on."""
    return given.person is not None and given.letter.forwarded is None and client != given.letter.sender.addr


def _unread(letter: Letter) -> tuple[str, ...]:
    """What of the letter its reader could not see, so that a person looks (C39, C72)."""
    files = [defect.partition(": ")[2] for defect in letter.defects if defect.startswith("encrypted file: ")]
    told = [f"вложение под паролем: {', '.join(files)}"] if files else []
    if any(defect.startswith("encrypted (") for defect in letter.defects):
        told.append("письмо зашифровано: откройте его в почтовой программе с ключом получателя")
    if any(defect.endswith("is not read") for defect in letter.defects):
        told.append("письмо необычно велико и прочитано не целиком: откройте его в почтовом ящике")
    return tuple(told)


def _registrable(judgement: Judgement, letter: Letter) -> Judgement:
    """A kind that a case can have: what sounds like a machine's or an advertiser's letter is left to a person."""
    if judgement.register is Register.NONE:
        said = Reason("classify.kept", "похоже на автоматическое или рекламное письмо, но уверенности нет")
        return replace(judgement, kind=Kind.CORRESPONDENCE, check=True, reasons=(*judgement.reasons, said))
    return replace(judgement, check=True) if letter.truncated else judgement


def _assignee(given: Opening, judged: Judgement, config: Config, addressee: str) -> tuple[str, Reason]:
    wanted = config.person(given.link.assignee) if given.link else None
    if wanted is not None and wanted.active and judged.register is not Register.COMPLAINT:
        return wanted.login, Reason("assign.linked", "ведёт обращение, с которым связано это письмо")
    return assign(judged, given.letter, given.facts, config, addressee)


def _contact(given: Opening, config: Config) -> tuple[tuple[str, str], str]:
    """(address, name) of the client and a line about him. The address is his From, by which he is known again."""
    letter = given.letter
    if given.entry is not None:
        return given.entry.contact, ""
    if given.person is not None and letter.forwarded is not None:
        return _forwarded(given, config)
    if given.person is not None:
        return _dictated(given, config)
    filled = form(letter, config)
    if filled is not None or plain(letter.sender.addr) in config.own_addresses:
        return _form(letter, filled, config)
    to = answer_address(letter, config)
    if len(letter.senders) > 1:
        names = ", ".join(a.addr for a in letter.senders)
        return (letter.sender.addr, letter.sender.name), f"отправителей несколько: {names}"
    if not to.foreign:
        return (letter.sender.addr, letter.sender.name), ""
    remark = f"клиент просит отвечать на {to.address.addr}, это не адрес отправителя: проверьте, прежде чем отвечать"
    return (letter.sender.addr, letter.sender.name), remark


def _dictated(given: Opening, config: Config) -> tuple[tuple[str, str], str]:
    """What an employee wrote down of a call is the client's order, where he names the client's address (A66)."""
    letter = given.letter
    # Nothing but an order is taken for a client's words: what colleagues tell each other of somebody is theirs.
    client = dictated_by(letter, config) if given.judgement.kind in ORDERS else ""
    if not client:
        return (letter.sender.addr, letter.sender.name), "письмо сотрудника, а не клиента"
    said = f"записано сотрудником со слов клиента, ответ уйдёт на {client}: проверьте адрес, прежде чем отвечать"
    if authentication(letter, *servers(config)).dmarc == "fail":
        said = f"{said}. Подлинность письма сотрудника не подтверждена (DMARC): проверьте, он ли это записал"
    return (client, ""), said


def _form(letter: Letter, filled: Form | None, config: Config) -> tuple[tuple[str, str], str]:
    """The client of a web form, which writes from an address of its own and names him inside or in Reply-To (C15)."""
    us = ours(config)
    client = next((a for a in letter.reply_to if a.addr and plain(a.addr) not in us), None)
    address, name = (client.addr, client.name) if client else ("", "")
    if filled and not address and plain(filled.address) not in us:
        address = filled.address
    name = name or (filled.name if filled else "")
    card = _card(filled) if filled else ""
    if not address:
        return ("", name), f"{_FROM_FORM}, адрес клиента не указан: ищите его в тексте{card}"
    return (address, name), f"{_FROM_FORM}, адрес клиента взят из формы: {address}{card}"


def _card(filled: Form) -> str:
    """What else the form says of the client."""
    told = (("организация", filled.organisation), ("ИНН", filled.inn), ("телефон", filled.phone))
    said = ", ".join(f"{what} {value}" for what, value in told if value)
    return f" ({said})" if said else ""


def _forwarded(given: Opening, config: Config) -> tuple[tuple[str, str], str]:
    """The original sender of a letter that an employee passed on (A35)."""
    original, person = given.letter.forwarded, given.person
    if original is None or person is None:
        return ("", ""), ""
    client = original.from_addr if original.from_addr.lower() not in ours(config) else ""
    passed = f"переслал(а) {person.name}, подтверждение клиенту не отправлялось"
    if not client:
        return ("", original.from_name), f"{passed}. Адреса клиента в пересланном письме нет"
    if authentication(given.letter, *servers(config)).dmarc == "fail":
        passed = f"{passed}. Подлинность письма сотрудника не подтверждена (DMARC): проверьте, пересылал ли он его"
    if not original.certain:
        passed = f"{passed}. Отправитель определён по тексту ({client}): проверьте адрес, прежде чем отвечать"
    return (client, original.from_name), passed


def _about_date(letter: Letter, facts: Facts) -> tuple[Reason, ...]:
    """A Date header is a claim; where it is far off, the record says by what the term was counted (C74)."""
    if letter.date is None or letter.date.tzinfo is None or abs(letter.date - facts.received_at) < _DATE_OFF:
        return ()
    said = f"дата в письме ({letter.date:%d.%m.%Y}) неверна: срок считается от поступления"
    return (Reason("deadline.date", said),)
