"""By what else cases are counted beside their register: the topics of ISO 9001 8.2.1 and three categories of talk.

Both follow from the kind alone, so that each case has exactly one of each (A60, A71). Pure.
"""

from __future__ import annotations

from enum import StrEnum

from mailcase.words import Kind


class Topic821(StrEnum):
    """Communication with customers by ISO 9001 8.2.1, as far as a letter's kind tells: a, b and c."""

    INFORMATION = "a"
    ORDERS = "b"
    FEEDBACK = "c"


class Category(StrEnum):
    """What talk with a customer is about: anything, one order of his, or what he thinks of us."""

    GENERAL = "general"
    ORDER = "order"
    FEEDBACK = "feedback"


_ORDERS = (Kind.REQUEST, Kind.ORDER_CHANGE)
_FEEDBACK = (Kind.COMPLAINT, Kind.CLAIM, Kind.SUGGESTION, Kind.FEEDBACK)


def topic_821(kind: Kind) -> Topic821:
    """The topic of ISO 9001 8.2.1 (A60)."""
    if kind in _ORDERS:
        return Topic821.ORDERS
    return Topic821.FEEDBACK if kind in _FEEDBACK else Topic821.INFORMATION


def category(kind: Kind) -> Category:
    """The category of the audit guidance, 4.1 (A71)."""
    if kind in _ORDERS:
        return Category.ORDER
    return Category.FEEDBACK if kind in _FEEDBACK else Category.GENERAL
