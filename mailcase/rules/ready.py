"""Which ready answer is offered to the employee in his notice: none leaves before his word (users.md 1.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from mailcase.config import Config
from mailcase.mail.ready import ReadyText
from mailcase.words import Kind, Register, Topic

PRIVATE_PERSON = "private_person"


def ready_answer(
    texts: Mapping[str, ReadyText], config: Config, today: date, *, kind: str, topics: Iterable[str], consumer: bool
) -> str:
    """The answer's words; empty where there is none to offer.

    To a private person who asks for a service the polite answer (A15). To a consultation the approved text of each of
    its topics, in one reply, where `answer.consultation` is on and every topic has one (A41, A23). To a complaint
    none: it is not answered with a refusal to do work.
    """
    if Kind(kind).register is Register.COMPLAINT:
        return ""
    if consumer and PRIVATE_PERSON in texts:
        return _filled(f"Здравствуйте!\n\n{texts[PRIVATE_PERSON].text}", config)
    asked = [topic.value for topic in Topic if topic in tuple(topics)]
    if not config.answer.consultation or kind != Kind.CONSULTATION or not asked:
        return ""
    usable = [texts[t] for t in asked if t in texts and not texts[t].defect(today, config.answer.texts_max_age)]
    if len(usable) < len(asked):
        # Half an answer would make the client ask again (A20).
        return ""
    parts = [text.text if len(usable) == 1 else f"{text.title}. {text.text}" for text in usable]
    return _filled("\n\n".join(("Здравствуйте!", *parts)), config)


def _filled(text: str, config: Config) -> str:
    """The text with what the configuration knows: `{address}`, `{site}`, `{phone}`, `{opens}`, `{closes}`."""
    lab, hours = config.lab, config.calendar
    known = {"address": lab.address, "site": lab.site, "phone": lab.phone}
    known |= {"opens": f"{hours.opens:%H:%M}", "closes": f"{hours.closes:%H:%M}"}
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    return text
