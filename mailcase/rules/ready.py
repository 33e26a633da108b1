"""Which ready answer is offered to the employee in his notice: none leaves before his word (users.md 1.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from mailcase.config import Config, Document
from mailcase.mail.ready import ReadyText
from mailcase.words import Kind, Register, Topic

PRIVATE_PERSON = "private_person"
RULES_KEY = "правила"
"""The key of the [[document]] that is the laboratory's rules (A2)."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A ready answer: its words (empty where none is offered) and the documents that go with it."""

    text: str = ""
    documents: tuple[Document, ...] = ()


NONE = Ready()


def ready_answer(
    texts: Mapping[str, ReadyText], config: Config, today: date, *, kind: str, topics: Iterable[str], consumer: bool
) -> Ready:
    """The answer, where there is one to offer.

    To a private person who asks for a service the polite answer (A15). To a consultation the approved text of each of
    its topics, in one reply, where `answer.consultation` is on and every topic has one (A41, A23). To who asks for the
    laboratory's rules always, with the document of that key or the site where they stand (A1, A2): that text says
    nothing else and needs no approval. To a complaint none: it is not answered with a refusal to do work.
    """
    if Kind(kind).register is Register.COMPLAINT:
        return NONE
    if consumer and PRIVATE_PERSON in texts:
        return Ready(_filled(f"Здравствуйте!\n\n{texts[PRIVATE_PERSON].text}", config))
    asked = [topic.value for topic in Topic if topic in tuple(topics)]
    if kind != Kind.CONSULTATION or not asked:
        return NONE
    papers = _rules(config) if Topic.RULES in asked else ()
    usable = [texts[t] for t in asked if t in texts and _may_go(texts[t], config, today)]
    if len(usable) < len(asked):
        # Half an answer would make the client ask again (A20).
        return NONE
    parts = [text.text if len(usable) == 1 else f"{text.title}. {text.text}" for text in usable]
    return Ready(_filled("\n\n".join(("Здравствуйте!", *parts)), config), papers)


def _may_go(text: ReadyText, config: Config, today: date) -> bool:
    if text.name == Topic.RULES:
        return bool(_rules(config) or config.lab.site)
    return config.answer.consultation and not text.defect(today, config.answer.texts_max_age)


def _rules(config: Config) -> tuple[Document, ...]:
    return tuple(document for document in config.document if document.key == RULES_KEY)


def _where(config: Config) -> str:
    """Where whoever asks for the rules has them."""
    papers = _rules(config)
    if papers:
        return f"Направляем действующую редакцию: {papers[0]}."
    return f"Действующая редакция опубликована на сайте {config.lab.site}." if config.lab.site else ""


def _filled(text: str, config: Config) -> str:
    """The text with what we know: `{rules}`, `{address}`, `{site}`, `{phone}`, `{opens}`, `{closes}`."""
    lab, hours = config.lab, config.calendar
    known = {"rules": _where(config), "address": lab.address, "site": lab.site, "phone": lab.phone}
    known |= {"opens": f"{hours.opens:%H:%M}", "closes": f"{hours.closes:%H:%M}"}
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    return text
