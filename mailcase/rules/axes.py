"""By what else cases are counted beside their register: topics of ISO 9001 8.2.1, categories of talk, who began.

All follow from the kind, the subject of what has no kind of its own, and whether the client was asked, so that each
case has exactly one of each (A44, A60, A71). Pure.
"""

from __future__ import annotations

import re
from enum import StrEnum

from mailcase.words import Kind


class Topic821(StrEnum):
    """Communication with customers by ISO 9001 8.2.1, a to e."""

    INFORMATION = "a"
    ORDERS = "b"
    FEEDBACK = "c"
    PROPERTY = "d"
    CONTINGENCY = "e"


class Category(StrEnum):
    """What talk with a customer is about: anything, one order of his, or what he thinks of us."""

    GENERAL = "general"
    ORDER = "order"
    FEEDBACK = "feedback"


class FeedbackMode(StrEnum):
    """Who began: the customer by himself, or the laboratory, which asked him (rules, 11.1)."""

    ACTIVE = "active"
    PASSIVE = "passive"


_ORDERS = (Kind.REQUEST, Kind.ORDER_CHANGE)
COMPLAINTS = (Kind.COMPLAINT, Kind.CLAIM)
FEEDBACK = (*COMPLAINTS, Kind.SUGGESTION, Kind.FEEDBACK)
"""Kinds of feedback (rules, 11.2)."""
_THING = (
    r"(прибор|оборудовани|манометр|термометр|датчик|счетчик|весы|весов|гир[ьия]|образ(ец|ц)|средств\w* измерени)\w*"
)
_MOVED = (
    r"(возврат|верн|возвра|передач|переда|прием|получени|забра|вывоз|хранени|утер|утрат|потер|поврежд|сохранност)\w*"
)
_PROPERTY = re.compile(rf"\b{_MOVED}[^.!?]{{0,40}}\b{_THING}|\b{_THING}[^.!?]{{0,40}}\b{_MOVED}")
_CONTINGENCY = re.compile(
    r"\b(чрезвычайн|форс-?\s?мажор|авари[яийю]|пожар|затоплен|эвакуаци)\w*"
    r"|\bотключени\w+ (электр|вод|газ|отоплен|связ)\w*|\bприостанов\w+ (действи\w+ )?аккредитаци\w+"
    r"|\bотзыв\w* (результат|протокол|свидетельств|сертификат)\w*"
)


def topic_821(kind: Kind, subject: str = "") -> Topic821:
    """The topic of ISO 9001 8.2.1 (A60): by the kind, and of a mere letter by its subject.

    A complaint about the client's property, or a question in an emergency, is counted by its kind.
    """
    if kind in _ORDERS:
        return Topic821.ORDERS
    if kind in FEEDBACK:
        return Topic821.FEEDBACK
    said = subject.lower().replace("ё", "е")
    if kind is Kind.CORRESPONDENCE and _CONTINGENCY.search(said):
        return Topic821.CONTINGENCY
    if kind is Kind.CORRESPONDENCE and _PROPERTY.search(said):
        return Topic821.PROPERTY
    return Topic821.INFORMATION


def category(kind: Kind) -> Category:
    """The category of the audit guidance, 4.1 (A71)."""
    if kind in _ORDERS:
        return Category.ORDER
    return Category.FEEDBACK if kind in FEEDBACK else Category.GENERAL


def feedback_mode(kind: Kind, *, surveyed: bool) -> FeedbackMode | None:
    """Who began the feedback that a case is, None where it is none (A44).

    A review that is the answer to a survey was asked for; a complaint stays the client's own, whoever asked him before.
    """
    if kind not in FEEDBACK:
        return None
    return FeedbackMode.PASSIVE if surveyed and kind is Kind.FEEDBACK else FeedbackMode.ACTIVE
