"""Approved words of the laboratory for one letter: the ready answer that is offered to the employee in his notice, the
texts that go along with an acknowledgement, the order of appeal below an answer (A15, A41).

A text for letters in English is a file of its own, `hours.en.txt` beside `hours.txt`; without it there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from mailcase.config import Config, Document
from mailcase.mail.ready import ReadyText
from mailcase.mail.russian import greeting
from mailcase.words import Kind, Register, Topic

PRIVATE_PERSON = "private_person"
RULES_KEY = "правила"
"""The key of the [[document]] that is the laboratory's rules (A2)."""
_ENCLOSED = "Направляем действующую редакцию"
_PUBLISHED = "Действующая редакция опубликована на сайте"
Texts = Mapping[str, ReadyText]
Lang = Literal["ru", "en"]


@dataclass(frozen=True, slots=True)
class Ready:
    """A ready answer: its words (empty where none is offered) and the documents that go with it."""

    text: str = ""
    documents: tuple[Document, ...] = ()
    appeal: str = ""
    """Title of the text that will stand below his answer to a complaint, so that he does not repeat it (A41)."""


NONE = Ready()


def ready_answer(
    texts: Texts, config: Config, today: date, *, kind: str, topics: Iterable[str], consumer: bool, lang: Lang = "ru"
) -> Ready:
    """The answer, where there is one to offer.

    To a private person who asks for a service the polite answer, with the order of appeal where that is approved (A15,
    A41). To a consultation the approved text of each of its topics, in one reply, where `answer.consultation` is on and
    every topic has one (A41, A23). To who asks for the laboratory's rules always, with the document of that key or the
    site where they stand (A1, A2): that text says nothing else and needs no approval. To a complaint none: it is not
    answered with a refusal to do work.
    """
    appeal = for_client(texts, config, today, Topic.APPEAL, lang)
    if Kind(kind).register is Register.COMPLAINT:
        return Ready(appeal=appeal.title) if appeal is not None else NONE
    refusal = _of(texts, PRIVATE_PERSON, lang)
    if consumer and refusal is not None:
        below = (f"{appeal.title}\n{appeal.text}",) if appeal is not None else ()
        return Ready(_filled("\n\n".join((greeting("", lang), refusal.text, *below)), config, lang))
    asked = [topic.value for topic in Topic if topic in tuple(topics)]
    if kind != Kind.CONSULTATION or not asked:
        return NONE
    papers = _rules(config) if Topic.RULES in asked else ()
    found = [_of(texts, name, lang) for name in asked]
    usable = [text for text in found if text is not None and _may_go(text, config, today)]
    if len(usable) < len(asked):
        # Half an answer would make the client ask again (A20).
        return NONE
    parts = [text.text if len(usable) == 1 else f"{text.title}. {text.text}" for text in usable]
    return Ready(_filled("\n\n".join((greeting("", lang), *parts)), config, lang), papers)


def for_client(texts: Texts, config: Config, today: date, name: str, lang: Lang) -> ReadyText | None:
    """An approved text as the client reads it; None where there is none, or where a file has to go with it (C11)."""
    text = _of(texts, name, lang)
    if text is None or text.defect(today, config.answer.texts_max_age) or needs_file(config, name):
        return None
    return replace(text, text=_filled(text.text, config, lang))


def needs_file(config: Config, name: str) -> bool:
    """Whether that text only says something with the file of the rules, as no site is known where they stand."""
    return name == Topic.RULES and bool(_rules(config) or not config.lab.site)


def _of(texts: Texts, name: str, lang: Lang) -> ReadyText | None:
    return texts.get(name if lang == "ru" else f"{name}.{lang}")


def _may_go(text: ReadyText, config: Config, today: date) -> bool:
    if text.name.partition(".")[0] == Topic.RULES:
        return bool(_rules(config) or config.lab.site)
    return config.answer.consultation and not text.defect(today, config.answer.texts_max_age)


def _rules(config: Config) -> tuple[Document, ...]:
    return tuple(document for document in config.document if document.key == RULES_KEY)


def _where(config: Config, lang: Lang) -> str:
    """Where whoever asks for the rules has them."""
    papers, site = _rules(config), config.lab.site
    if papers:
        return f"The current edition is enclosed: {papers[0]}." if lang == "en" else f"{_ENCLOSED}: {papers[0]}."
    if not site:
        return ""
    return f"The current edition is published at {site}." if lang == "en" else f"{_PUBLISHED} {site}."


def _filled(text: str, config: Config, lang: Lang) -> str:
    """The text with what we know: `{rules}`, `{address}`, `{site}`, `{phone}`, `{opens}`, `{closes}`."""
    lab, hours = config.lab, config.calendar
    known = {"rules": _where(config, lang), "address": lab.address, "site": lab.site, "phone": lab.phone}
    known |= {"opens": f"{hours.opens:%H:%M}", "closes": f"{hours.closes:%H:%M}"}
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    return text
