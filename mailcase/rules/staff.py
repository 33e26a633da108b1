"""What a letter from an employee's address does: an answer to the client, an order, a note, or a question back.

Words reach a client without a question only where they answer our own notice (or say `!ответ`), go to the laboratory
alone and look like nothing else (users.md 1.1). Everything doubtful is held and asked about; nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mailcase.config import Config, Employee
from mailcase.mail.letter import Letter
from mailcase.rules import absence, tag
from mailcase.rules import staff_words as words
from mailcase.rules.decision import Act, Command, Drop, FollowUp, Held
from mailcase.rules.facts import CaseFact, Facts, ThreadHit
from mailcase.rules.orders import Mistake, parse_orders
from mailcase.rules.past_us import past_us, recorded
from mailcase.rules.people import plain
from mailcase.rules.surname import dative
from mailcase.rules.thread import parent, referred
from mailcase.rules.trust import Proof
from mailcase.words import Audience, DropReason, Kind, Register, Template, Trust

_QUOTE = 120
_TOO_LARGE = (
    "Письмо больше допустимого размера, прочитаны только заголовки: текста и файлов у нас нет. Клиенту ничего не "
    "отправлено: пришлите ответ без больших файлов или напишите клиенту прямо, указав лабораторию в копии"
)
_WAS_IT_YOU = "Это Вы писали?"
# What asks for an answer to the client; a reply to a receipt, a digest or a failed delivery is meant for us.
_INVITES = (None, Template.NOTICE, Template.PASS_ON)
_Outcome = Command | Held | FollowUp | Drop | None


@dataclass(frozen=True, slots=True)
class StaffLetter:
    """A letter from that person's address, with what is known and how far it is believed."""

    letter: Letter
    facts: Facts
    config: Config
    person: Employee
    proof: Proof
    kind: Kind | None = None
    """What the words sound like, whoever wrote them."""

    @property
    def case(self) -> CaseFact | None:
        """The case it is about: staff reuse old mails, so the tag beats references (C44)."""
        facts = self.facts
        return facts.case(facts.tag_case_id) or facts.case(referred(self.letter, facts))

    @property
    def answered(self) -> ThreadHit | None:
        """Our letter to this very person that he answers, and not one further up a talk among colleagues."""
        hit = parent(self.letter, self.facts)
        if hit is None or hit.audience is not Audience.STAFF or hit.person != self.person.login:
            return None
        direct = not self.letter.in_reply_to or hit.message_id.lower() in map(str.lower, self.letter.in_reply_to)
        return hit if direct else None

    @property
    def text(self) -> str:
        """His new words."""
        return self.letter.reply.strip()

    @property
    def only_to_us(self) -> bool:
        """The laboratory is the only recipient."""
        return bool(self.letter.recipients) and not self.others

    @property
    def others(self) -> tuple[str, ...]:
        """Recipients beside the laboratory and the writer himself, lower-case."""
        ours = self.config.own_addresses | set(self.person.addresses)
        return tuple(a.lower() for a in self.letter.recipients if a and plain(a) not in ours)

    @property
    def colleagues(self) -> tuple[Employee, ...]:
        """Other employees in To or Cc."""
        return tuple(e for e in self.config.employee if set(e.addresses) & set(self.others))

    def orders(self) -> tuple[tuple[Act, ...], str, tuple[Mistake, ...]]:
        """Orders of the subject and of the text's top, the remaining words, and what was not understood."""
        return parse_orders(tag.after(self.letter.subject, self.config.lab.prefix), self.text)

    def held(self, question: str, *proposal: Act) -> Held:
        """Wait for his «да» to these acts; without proof he is asked whether he wrote this, which is word enough."""
        trust = self.proof.trust
        asked = _WAS_IT_YOU if trust is Trust.CLAIMED else question
        return Held(self.case.id if self.case else None, self.person.login, trust, asked, proposal)

    def doubt(self, question: str, *proposal: Act, to_client: bool = False) -> Held:
        """As `held`, about the words themselves: «да» to «Это Вы писали?» settles no doubt about them."""
        asked = self.held(question, *proposal)
        return replace(asked, to_client=to_client, then=question if self.proof.trust is Trust.CLAIMED else "")

    def command(self, *acts: Act) -> Command | Held:
        """Act, where the letter is believed (C102)."""
        if self.proof.trust is Trust.CLAIMED:
            return self.held("", *acts)
        return Command(self.case.id if self.case else None, self.person.login, self.proof.trust, acts)


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
    question = f"Похоже на автоответ об отсутствии: «{_cut(given.text)}». Отправить это клиенту?"
    return given.doubt(question, Act("answer", text=given.text))


def _word(given: StaffLetter, held_mail_id: int) -> _Outcome:
    """The employee's word about a letter of his that we asked about; None where it is no such word."""
    said = words.one_word(given.letter, given.person)
    if said:
        return given.command(Act("stop" if said == "no" else said, str(held_mail_id)))
    if words.first_word(given.text):
        question = f"Кроме одного слова в письме есть и другой текст: «{_cut(given.text)}». Ничего не сделано"
        return given.doubt(f"{question}: пришлите или одно слово, или новый текст целиком, начав его строкой «!ответ»")
    return None


def _without_case(given: StaffLetter) -> _Outcome:
    acts, _, mistakes = given.orders()
    if mistakes:
        return _mistaken(given, mistakes)
    if acts:
        return given.command(*acts)
    # An answer to a morning letter or a machine's notice: nobody waits for it. It stays in the ledger, one line of
    # the next digest, from where «это обращение» still makes a case of it.
    passed_on = given.letter.forwarded is not None or given.letter.truncated
    if given.answered is not None and not passed_on and not _strangers(given):
        return Drop(DropReason.RECEIPT)
    return None


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
        return given.doubt(question, Act("note", text=given.text), to_client=True)
    acts, rest, mistakes = given.orders()
    if mistakes:
        return _mistaken(given, mistakes)
    if any(act.command == "answer" for act in acts):
        return _ordered_answer(given, acts)
    if acts:
        return _ordered(given, acts, rest)
    return _unordered(given, case)


def _unordered(given: StaffLetter, case: CaseFact) -> _Outcome:
    if given.answered and words.one_word(given.letter, given.person) == "stop":
        return given.command(Act("stop"))
    if given.others:
        return given.command(Act("note", text=given.text))
    if given.answered and given.answered.ready and words.one_word(given.letter, given.person) == "confirm":
        return _asked(given, (Act("ready"),))
    return _plain_reply(given, case)


def _strangers(given: StaffLetter) -> bool:
    """Whether somebody outside the laboratory gets the letter."""
    known = {address for e in given.config.employee for address in e.addresses}
    return any(address not in known for address in given.others)


def _mistaken(given: StaffLetter, mistakes: tuple[Mistake, ...]) -> Held:
    guess = mistakes[0].nearest
    question = ". ".join(str(m).rstrip(".") for m in mistakes)
    question += "" if question.endswith("?") else ". Ничего не сделано: пришлите распоряжение ещё раз"
    # With several lines the guess would do one of them and forget the rest.
    alone = guess is not None and len(mistakes) == 1 and given.text.strip().count("\n") == 0
    return given.doubt(question, *((guess,) if guess and alone else ()))


def _ordered_answer(given: StaffLetter, acts: tuple[Act, ...]) -> _Outcome:
    """`!ответ` says that the words are for the client; it does not say so of a colleague's copy."""
    text = next(act.text for act in acts if act.command == "answer")
    if not given.only_to_us:
        whom = ", ".join(e.name for e in given.colleagues) or ", ".join(given.others) or "скрытый получатель"
        question = f"Письмо получает не только лаборатория ({whom}). Отправить этот текст клиенту?"
        return given.doubt(" ".join((question, *_closing(given, acts))), *acts)
    return _guarded(given, text, acts)


def _ordered(given: StaffLetter, acts: tuple[Act, ...], rest: str) -> _Outcome:
    """Orders without an answer. The remaining words stay inside: nobody said that they are for the client."""
    if rest and not any(act.command == "note" for act in acts):
        acts = (*acts, Act("note", text=rest))
    return _asked(given, acts)


def _closing(given: StaffLetter, acts: tuple[Act, ...]) -> tuple[str, ...]:
    """What must be asked before a complaint or a colleague's case is closed without both proofs (C102)."""
    case = given.case
    if case is None or given.proof.double or not any(act.command == "close" for act in acts):
        return ()
    complaint = case.register is Register.COMPLAINT
    if not complaint and case.assignee == given.person.login:
        return ()
    whose = "жалобу" if complaint else "обращение другого сотрудника"
    return (f"Закрыть {whose}, № {case.number}? Подтвердите, пожалуйста",)


def _plain_reply(given: StaffLetter, case: CaseFact) -> _Outcome:
    """No order: an answer to our notice, or something that must be asked about."""
    note = Act("note", text=given.text)
    forwarded = given.letter.forwarded is not None or _forwards(given.letter)
    hit = given.answered
    if forwarded or hit is None or hit.case_id != case.id or not given.only_to_us:
        what = "переслали письмо" if forwarded else "прислали новое письмо"
        question = f"Вы {what} с номером обращения № {case.number}. Сохранить его как внутреннюю заметку?"
        return given.doubt(question, note, to_client=True)
    if hit.held_mail_id is not None or hit.template not in _INVITES:
        question = f"Непонятно, кому это: «{_cut(given.text)}». Сохранить как внутреннюю заметку?"
        return given.doubt(question, note, to_client=True)
    line = words.to_colleague(given.text, given.config, given.person)
    if line:
        return _for_colleague(given, line)
    return _guarded(given, given.text, (Act("answer", text=given.text),))


def _for_colleague(given: StaffLetter, line: str) -> Held:
    whom = words.colleague(given.text, given.config, given.person)
    question = f"Похоже, это письмо коллеге, а не клиенту: «{_cut(line)}»."
    if whom is None:
        return given.doubt(f"{question} Сохранить как заметку?", Act("note", text=given.text), to_client=True)
    return given.doubt(f"{question} Передать {dative(whom.name)}?", Act("assign", whom.login), to_client=True)


def _guarded(given: StaffLetter, text: str, acts: tuple[Act, ...]) -> _Outcome:
    """The last look at words that are about to leave (A38, C51)."""
    doubt = _doubt(given, text)
    return given.doubt(" ".join((doubt, *_closing(given, acts))), *acts) if doubt else _asked(given, acts)


def _asked(given: StaffLetter, acts: tuple[Act, ...]) -> _Outcome:
    """Act, or first ask what must be confirmed: a new employee's first answers, his own words or ready ones."""
    limit, sent = given.config.answer.confirm_first, given.facts.answers_sent
    question = _closing(given, acts)
    if sent is not None and sent < limit and any(act.command in ("answer", "ready") for act in acts):
        which = "готовый ответ" if any(act.command == "ready" for act in acts) else "этот текст"
        first = f"Первые ответы нового сотрудника ({limit}) подтверждаются. Отправить клиенту {which}?"
        question = (first, *question)
    return given.held(" ".join(question), *acts) if question else given.command(*acts)


def _doubt(given: StaffLetter, text: str) -> str:
    """What is wrong with words for a client; empty where nothing is."""
    if words.says_nothing(given.letter, text):
        return f"В ответе почти нет текста: «{_cut(text)}». Отправить его клиенту как есть?"
    leaked = words.survivor(text, given.facts.notice_text, given.person)
    if leaked:
        return f"В тексте осталась строка нашего внутреннего письма: «{_cut(leaked)}». Отправить клиенту как есть?"
    return ""


def _forwards(letter: Letter) -> bool:
    """A forward by its subject, whatever the language of the mark (pain 30)."""
    mark = letter.subject.strip().lower().partition(":")[0].strip(". ")
    return mark in ("fw", "fwd", "wg", "tr", "rv", "пер", "пересл", "переслано", "пересылка")


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _QUOTE else line[: _QUOTE - 1] + "…"
