"""What a letter from an employee's address does: an answer to the client, an order, a note, or a question back.

Words reach a client without a question only where they answer our own notice (or say `!ответ`), go to the laboratory
alone and look like nothing else (users.md 1.1). Everything doubtful is held and asked about; nothing is lost.
"""

from __future__ import annotations

from mailcase.mail.letter import Letter
from mailcase.rules import absence, absence_order
from mailcase.rules import staff_words as words
from mailcase.rules.decision import Act, Command, Drop, FollowUp, Held
from mailcase.rules.facts import CaseFact
from mailcase.rules.leaving import LEAVE, asked, closing, cut, for_client, guarded, held
from mailcase.rules.orders import Mistake
from mailcase.rules.past_us import past_us, recorded
from mailcase.rules.staff_letter import StaffLetter
from mailcase.rules.surname import dative
from mailcase.words import DropReason, Kind, Template

_TOO_LARGE = (
    "Письмо больше допустимого размера, прочитаны только заголовки: текста и файлов у нас нет. Клиенту ничего не "
    "отправлено: пришлите ответ без больших файлов или напишите клиенту прямо, указав лабораторию в копии"
)
# What asks for an answer to the client; a reply to a receipt, a digest or a failed delivery is meant for us.
_INVITES = (None, Template.NOTICE, Template.PASS_ON)
_ABOUT_HELD = {"no": "stop", "agreed": "confirm"}
_STOP = Act("stop")
_NOTHING_ELSE = "Остальное в письме не выполнено и клиенту не отправлено: пришлите его ещё раз с верной строкой"
_NO_QUESTION = (
    "Ничего не сделано: «да» здесь ничего не подтверждает. Придержать ответ — «стоп», остальное — распоряжением "
    "(«!ответ», «!внутр», «!назначить», «!закрыть»)"
)
_Outcome = Command | Held | FollowUp | Drop | None


def staff_letter(given: StaffLetter) -> _Outcome:
    """What the letter becomes; None where it is no staff matter and is treated like anybody's letter (A35)."""
    if not given.others and not given.orders()[0]:
        away = _away(given)
        if away is not None:
            return away
    hit = given.answered
    if hit is not None and hit.held_mail_id is not None:
        return _word(given, hit.held_mail_id) or _about_case(given)
    return _about_case(given) if given.case else _without_case(given)


def _away(given: StaffLetter) -> Drop | Held | None:
    """What sounds like a responder's note never reaches a client, and where it says nothing else, asks for no word.

    A question would only be answered by the next note.
    """
    hit = given.answered
    sounds = absence.sounds_absent(given.letter)
    if given.letter.forwarded or not (sounds or (given.kind is Kind.AUTO and hit)):
        return None
    if (sounds and absence.only_absent(given.letter)) or (hit is not None and hit.held_mail_id is not None):
        return Drop(DropReason.AUTO_REPLY, given.case.id if given.case else None, given.person.login if sounds else "")
    if given.case is None or given.case.history:
        return None
    question = f"Похоже на автоответ об отсутствии: «{cut(given.text)}». Отправить это клиенту?"
    return given.doubt(question, Act("answer", text=given.text))


def _word(given: StaffLetter, held_mail_id: int) -> _Outcome:
    """The employee's word about a letter of his that we asked about; None where it is no such word."""
    said = words.one_word(given.letter, given.person)
    if said:
        return given.command(Act(_ABOUT_HELD.get(said, said), str(held_mail_id)))
    if words.first_word(given.text):
        question = f"Кроме одного слова в письме есть и другой текст: «{cut(given.text)}». Ничего не сделано"
        return given.doubt(f"{question}: пришлите или одно слово, или новый текст целиком, начав его строкой «!ответ»")
    return None


def _without_case(given: StaffLetter) -> _Outcome:
    acts, _, mistakes = given.orders()
    if mistakes:
        return _mistaken(given, mistakes)
    if acts:
        return given.command(*acts)
    if given.answered is None and given.only_to_us and given.letter.forwarded is None:
        away = _reported(given)
        if away:
            return given.command(Act("absent", away))
    # An answer to a morning letter or a machine's notice: nobody waits for it. It stays in the ledger, one line of
    # the next digest, from where «это обращение» still makes a case of it.
    passed_on = given.letter.forwarded is not None or given.letter.truncated
    if given.answered is not None and not passed_on and not _strangers(given):
        return Drop(DropReason.RECEIPT)
    return None


def _reported(given: StaffLetter) -> str:
    """«Отсутствует Петрова до 05.12», on the day that the letter came."""
    day = given.facts.received_at.astimezone(given.config.calendar.zone).date()
    return absence_order.reported(given.letter.subject, given.text, given.person, given.config.employee, day)


def _about_case(given: StaffLetter) -> _Outcome:
    case = given.case
    if case is None:
        return _without_case(given)
    if case.history:
        return None
    elsewhere = past_us(given.letter, given.facts, given.config, case, given.person.login)
    if elsewhere is not None:
        return given.held("", Act("note")) if given.proof.refuted else recorded(elsewhere, given.proof, given.config)
    if given.letter.truncated:
        return given.doubt(_TOO_LARGE)
    if given.facts.wrong_tag:
        question = f"Номер обращения в теме неверен, а письмо связано с № {case.number}. Сохранить его там как заметку?"
        return for_client(given, question, Act("note", text=given.text))
    acts, rest, mistakes = given.orders()
    if mistakes:
        return _mistaken(given, mistakes)
    if set(acts) <= {_STOP} and words.stops(given.letter, given.person, given.config.lab.prefix):
        return given.harmless(_STOP)
    if any(act.command in LEAVE for act in acts):
        return _ordered_answer(given, acts)
    if acts:
        return _ordered(given, acts, rest)
    return _unordered(given, case)


def _unordered(given: StaffLetter, case: CaseFact) -> _Outcome:
    word = words.one_word(given.letter, given.person)
    if given.answered and word in ("review", "agreed"):
        return given.command(Act(word))
    if given.answered and given.answered.enclosed and words.enough(given.letter, given.person):
        return given.command(Act("enough"))
    if given.others:
        return given.command(_as_note(given))
    if given.answered and given.answered.ready and word == "confirm":
        return asked(given, (Act("ready"),))
    if given.answered and given.answered.template is Template.RECEIPT and word == "confirm":
        return given.mistaken(_NO_QUESTION)
    return _plain_reply(given, case)


def _strangers(given: StaffLetter) -> bool:
    """Whether somebody outside the laboratory gets the letter."""
    known = {address for e in given.config.employee for address in e.addresses}
    return any(address not in known for address in given.others)


def _mistaken(given: StaffLetter, mistakes: tuple[Mistake, ...]) -> Command | Held:
    """A guess is asked about; where there is none to confirm he is told, and nothing waits."""
    guess = mistakes[0].nearest
    # With several lines the guess would do one of them and forget the rest.
    if guess is not None and len(mistakes) == 1 and given.text.count("\n") == 0:
        return given.doubt(str(mistakes[0]), guess)
    acts, rest, _ = given.orders()
    return given.mistaken(*map(str, mistakes), *((_NOTHING_ELSE,) if acts or rest else ()))


def _ordered_answer(given: StaffLetter, acts: tuple[Act, ...]) -> _Outcome:
    """`!ответ` says that the words are for the client; it does not say so of a colleague's copy."""
    text = next(act.text for act in acts if act.command in LEAVE)
    if not given.only_to_us:
        question = f"Письмо получает не только лаборатория ({_whom(given)}). Отправить этот текст клиенту?"
        return held(given, (question, *closing(given, acts)), acts)
    return guarded(given, text, acts)


def _whom(given: StaffLetter) -> str:
    """Who else gets the letter."""
    return ", ".join(e.name for e in given.colleagues) or ", ".join(given.others) or "скрытый получатель"


def _as_note(given: StaffLetter) -> Act:
    """The letter stays inside; who may have written it for the client is told so."""
    if _may_be_an_answer(given):
        return Act("inside", _whom(given), given.text)
    return Act("note", text=given.text)


def _may_be_an_answer(given: StaffLetter) -> bool:
    """Whether a note may be the client's answer after all: it replies to a notice, and to no colleague by its words."""
    hit = given.answered
    if hit is None or hit.held_mail_id is not None or hit.template not in _INVITES:
        return False
    to_colleague = words.to_colleague(given.text, given.config, given.person)
    return not to_colleague and not words.says_nothing(given.letter, given.text)


def _ordered(given: StaffLetter, acts: tuple[Act, ...], rest: str) -> _Outcome:
    """Orders without an answer. The remaining words stay inside: nobody said that they are for the client."""
    if rest and not any(act.command == "note" for act in acts):
        acts = (*acts, Act("note", text=rest))
    return asked(given, acts)


def _plain_reply(given: StaffLetter, case: CaseFact) -> _Outcome:
    """No order: an answer to our notice, or something that must be asked about."""
    note = Act("note", text=given.text)
    forwarded = given.letter.forwarded is not None or _forwards(given.letter)
    hit = given.answered
    if forwarded or hit is None or hit.case_id != case.id or not given.only_to_us:
        what = "переслали письмо" if forwarded else "прислали новое письмо"
        question = f"Вы {what} с номером обращения № {case.number}. Сохранить его как внутреннюю заметку?"
        return for_client(given, question, note)
    if hit.held_mail_id is not None or hit.template not in _INVITES:
        question = f"Непонятно, кому это: «{cut(given.text)}». Сохранить как внутреннюю заметку?"
        return for_client(given, question, note)
    line = words.to_colleague(given.text, given.config, given.person)
    if line:
        return _for_colleague(given, line)
    return guarded(given, given.text, (Act("answer", text=given.text),))


def _for_colleague(given: StaffLetter, line: str) -> Held:
    whom = words.colleague(given.text, given.config, given.person)
    question = f"Похоже, это письмо коллеге, а не клиенту: «{cut(line)}»."
    if whom is None:
        return for_client(given, f"{question} Сохранить как заметку?", Act("note", text=given.text))
    return for_client(given, f"{question} Передать {dative(whom.name)}?", Act("assign", whom.login))


def _forwards(letter: Letter) -> bool:
    """A forward by its subject, whatever the language of the mark (pain 30)."""
    mark = letter.subject.strip().lower().partition(":")[0].strip(". ")
    return mark in ("fw", "fwd", "wg", "tr", "rv", "пер", "пересл", "переслано", "пересылка")
