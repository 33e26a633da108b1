"""Does a client only ask «статус»? Then he is told at once how his own letters stand, and of nobody else's (A43)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules import tag
from mailcase.rules.decision import FollowUp, Reason
from mailcase.rules.facts import CaseFact, Facts
from mailcase.rules.staff_words import GREETING, own, unsigned
from mailcase.rules.surname import plain
from mailcase.rules.thread import Place, case_of, is_party, referred
from mailcase.rules.trust import authentication, servers
from mailcase.words import Risk, Status

_ASKED = re.compile(
    r"(?:(?:какой|каков|подскажите|сообщит[еь]|уточнит[еь]|узнать|прошу|просим|запрос) )*(?:текущий )?статуса?"
    r"(?: (?:моей|моего|нашей|нашего|по|моему|нашему))*(?: (?:обращени[яю]|заявк[ие]|заказ[ау]|письм[ау]|вопрос[ау]))?"
    r"(?: (?:вх )?\d{1,7})?|(?:order |request )?status(?: (?:of )?(?:my |our )?(?:order|request|letter|enquiry))?"
)
_PLEASE = re.compile(r"\b(?:пожалуйста|спасибо|заранее благодарю|please|thanks|thank you)\b")
_LONGEST = 600
"""Characters, signature and all: every letter is asked, and a longer one says more."""
_RUNNING = (Status.OPEN, Status.WAITING, Status.ANSWERED)
_DELICATE = frozenset({Risk.CONFLICT, Risk.REPEAT})


def asks_status(letter: Letter) -> bool:
    """Whether the new words say nothing but «статус»; where there are none, the subject."""
    if letter.truncated or letter.forwarded is not None or any(not file.inline for file in letter.attachments):
        return False
    if len(letter.reply) > _LONGEST:
        return False
    said = own(unsigned(letter.reply, letter.signature))
    # Hardly any text holds a tag, and seeking one costs more than all the rest.
    text = GREETING.sub("", plain(tag.strip(said) if "[" in said else said))
    return bool(_ASKED.fullmatch(_bare(text) or _bare(plain(tag.strip(letter.subject)))))


def _bare(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", _PLEASE.sub(" ", text)).split())


def status_asked(letter: Letter, facts: Facts, config: Config, silence: str) -> Place | None:
    """Where such a letter belongs and what its writer is told of; None for any other, and where no robot may answer.

    A letter that names a case asks about that one, and learns nothing unless its writer is a party; one that names
    none asks about all that he has running.
    """
    if silence or facts.history or not asks_status(letter):
        return None
    if authentication(letter, *servers(config)).dmarc == "fail":
        return None
    named = case_of(letter, facts)
    his = [case for case in ((named,) if named else facts.cases) if _may_be_told(letter, case, named is not None)]
    if not his:
        return None
    why = Reason("thread.status", "спрашивает только о состоянии: отвечено без сотрудника")
    joined = "thread.reference" if referred(letter, facts) else "thread.status"
    numbers = ", ".join(f"№ {case.number}" for case in his)
    told = FollowUp(his[0].id, status=tuple(case.id for case in his))
    return Place(told, reasons=(Reason(joined, f"относится к {numbers}"), why))


def _may_be_told(letter: Letter, case: CaseFact, named: bool) -> bool:
    return not case.history and is_party(letter.sender.addr, case) and (named or case.status in _RUNNING)


def for_a_person(risks: Iterable[str]) -> bool:
    """Where conflict or repetition is marked, a person tells the client how things stand (users.md 1.3)."""
    return bool(_DELICATE.intersection(risks))
