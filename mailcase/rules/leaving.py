"""The last look at an employee's words before they reach a client: what must be asked first (A38, C51, C102).

Whatever is in doubt is asked in one question, and one word answers it. Pure.
"""

from __future__ import annotations

from mailcase.mail import russian
from mailcase.rules import staff_words as words
from mailcase.rules.decision import SENDS, Act, Command, Held
from mailcase.rules.offer import ORDERS, offered
from mailcase.rules.remedy import unanswered
from mailcase.rules.staff_letter import StaffLetter
from mailcase.words import Register, Remedy

LEAVE = ("answer", "requirements")
"""Orders whose words go to the client."""
_QUOTE = 120
_REVIEW = (
    "Лаборатория берёт на себя обязательства («{offer}»), а анализ заявки (возможности, объём, метод, срок) не записан "
    "или заявка с тех пор изменилась. Он проведён? Тогда ответьте «анализ» или «да»: он будет записан за Вами, "
    "и письмо уйдёт."
)
_AND_REVIEWED = "Здесь обязательства лаборатории («{offer}»): словом «клиенту» Вы подтверждаете и анализ заявки."


def guarded(given: StaffLetter, text: str, acts: tuple[Act, ...]) -> Command | Held:
    """Act, unless the words themselves are in doubt."""
    # «!подтвердить» without words sends the client's own.
    empty = not text and any(act.command == "requirements" for act in acts)
    doubt = "" if empty else _doubt(given, text)
    return held(given, (doubt, *closing(given, acts)), acts) if doubt else asked(given, acts)


def asked(given: StaffLetter, acts: tuple[Act, ...]) -> Command | Held:
    """Act, or first ask what must be confirmed: a new employee's first answers, his own words or ready ones."""
    limit, sent = given.config.answer.confirm_first, given.facts.answers_sent
    question = closing(given, acts)
    if sent is not None and sent < limit and any(act.command in SENDS for act in acts):
        which = "готовый ответ" if any(act.command == "ready" for act in acts) else "этот текст"
        first = f"Первые ответы нового сотрудника ({limit}) подтверждаются. Отправить клиенту {which}?"
        question = (first, *question)
    if _unreviewed(given, acts) or _unsaid(given, acts):
        return held(given, question, acts)
    return given.held(" ".join(question), *acts) if question else given.command(*acts)


def for_client(given: StaffLetter, question: str, *proposal: Act) -> Held:
    """Ask about words that may be for somebody else; «клиенту» sends them, and answers what is asked of a letter."""
    offer = _unreviewed(given, (Act("answer", text=given.text),))
    more = _AND_REVIEWED.format(offer=offer) if offer else ""
    return given.doubt(" ".join(filter(None, (question, more))), *proposal, to_client=True)


def closing(given: StaffLetter, acts: tuple[Act, ...]) -> tuple[str, ...]:
    """What must be asked before a complaint or a colleague's case is closed without both proofs (C102)."""
    case = given.case
    if case is None or given.proof.double or not any(act.command == "close" for act in acts):
        return ()
    complaint = case.register is Register.COMPLAINT
    if not complaint and case.assignee == given.person.login:
        return ()
    whose = "жалобу" if complaint else "обращение другого сотрудника"
    return (f"Закрыть {whose}, № {case.number}? Подтвердите, пожалуйста.",)


def held(given: StaffLetter, questions: tuple[str, ...], acts: tuple[Act, ...]) -> Held:
    """All questions about the words in one; his word also says that the order was reviewed, where that is asked."""
    offer = _unreviewed(given, acts)
    review = _REVIEW.format(offer=offer) if offer else ""
    reviewed = (Act("review"),) if offer else ()
    unsaid = _unsaid(given, acts)
    wanted = ", ".join(map(russian.remedy, unsaid))
    left = f"Заявитель просил: {wanted}. В ответе об этом ни слова. Отправить так?" if unsaid else ""
    settled = (Act("unsaid", ",".join(unsaid)),) if unsaid else ()
    return given.doubt(" ".join(filter(None, (*questions, left, review))), *reviewed, *settled, *acts)


def _unreviewed(given: StaffLetter, acts: tuple[Act, ...]) -> str:
    """What makes an answer an offer whose order nobody is known to have reviewed (A65); empty where all is well."""
    case, config = given.case, given.config
    if config.request.review != "ask" or case is None or case.kind not in ORDERS or case.reviewed:
        return ""
    if any(act.command == "review" for act in acts):
        return ""
    titles = {paper.key: paper.title for paper in config.document}
    for act in (act for act in acts if act.command == "answer"):
        papers = (f"{key.strip()} {titles.get(key.strip(), '')}" for key in act.args.split(","))
        offer = offered(act.text, (*(f.name or f.safe_name for f in given.letter.attachments), *papers))
        if offer:
            return cut(offer.strip(" .!"))
    return ""


def _unsaid(given: StaffLetter, acts: tuple[Act, ...]) -> tuple[Remedy, ...]:
    """What a complainant wants and a closing letter leaves without a word (A85)."""
    case = given.case
    if case is None or not case.remedies or any(act.command == "wait" for act in acts):
        return ()
    files = " ".join(file.name for file in given.letter.attachments)
    left = [unanswered(f"{act.text}\n{files}", case.remedies) for act in acts if act.command == "answer"]
    return tuple(dict.fromkeys(remedy for some in left for remedy in some))


def _doubt(given: StaffLetter, text: str) -> str:
    """What is wrong with words for a client; empty where nothing is."""
    if words.says_nothing(given.letter, text):
        return f"В ответе почти нет текста: «{cut(text)}». Отправить его клиенту как есть?"
    leaked = words.survivor(text, given.facts.notice_text, given.person)
    if leaked:
        return f"В тексте осталась строка нашего внутреннего письма: «{cut(leaked)}». Отправить клиенту как есть?"
    return ""


def cut(text: str) -> str:
    """One line of bounded length, as a question quotes it."""
    line = " ".join(text.split())
    return line if len(line) <= _QUOTE else line[: _QUOTE - 1] + "…"
