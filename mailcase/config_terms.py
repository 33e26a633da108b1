"""How long an answer may take, by the kind of the letter or by who asks for what, and to whom what is late rises (B.8).

No statute is a constant of the program: every term is configuration, and bears who decided it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from mailcase.config_values import Section
from mailcase.words import Kind, Standing

BY_DEFAULT = "по умолчанию, не из СТО-СМК-005"
_DECIDED = "установлено лабораторией"


class Term(Section):
    """How long an answer may take; `limit` is what clients are promised, `target` what employees aim at.

    `no_later` is the calendar day after arrival beyond which no pause moves the term; 0: there is none.
    """

    target: int = Field(ge=0)
    limit: int = Field(ge=1)
    unit: Literal["working", "calendar"] = "working"
    no_later: int = Field(default=0, ge=0)
    source: str = BY_DEFAULT

    @field_validator("limit")
    @classmethod
    def _not_before_target(cls, value: int, info: ValidationInfo) -> int:
        if value < info.data.get("target", 0):
            raise ValueError(f"expected at least the target, {info.data['target']}")
        return value


class Escalation(Section):
    """So many working days after its term a case rises to the head, a complaint to the top management; 0: never."""

    head: int = Field(default=1, ge=0)
    top_management: int = Field(default=3, ge=0)
    source: str = BY_DEFAULT


def default_terms() -> dict[Kind | Standing, Term]:
    """The rows of B.8 that a letter decides; its 10 working days of a suggestion's target are 14 in calendar days."""
    return {
        Kind.REQUEST: Term(target=2, limit=3),
        Kind.ORDER_CHANGE: Term(target=1, limit=2),
        Kind.CONSULTATION: Term(target=1, limit=3),
        Kind.SUGGESTION: Term(target=14, limit=30, unit="calendar"),
        Kind.FEEDBACK: Term(target=5, limit=5),
        Kind.CORRESPONDENCE: Term(target=5, limit=5),
        Kind.COMPLAINT: Term(target=5, limit=10, no_later=30, source=f"{BY_DEFAULT}; по образцу ISO 10002"),
        Kind.CLAIM: Term(
            target=5, limit=10, unit="calendar", no_later=30, source=f"{BY_DEFAULT}; по образцу АПК РФ, ст. 4"
        ),
        Standing.CITIZEN: Term(
            target=15, limit=30, unit="calendar", no_later=60, source=f"{BY_DEFAULT}; по образцу 59-ФЗ"
        ),
        Standing.CONSUMER: Term(target=1, limit=1),
        Standing.PERSONAL_DATA: Term(target=5, limit=10, no_later=21, source=f"{BY_DEFAULT}; по образцу 152-ФЗ"),
        Standing.AUTHORITY: Term(target=1, limit=3, source=f"{BY_DEFAULT}; в этот срок установить срок из письма"),
    }


def over_defaults(given: object) -> object:
    """A term given for one kind changes that kind alone, and only the keys that are given."""
    if not isinstance(given, Mapping):
        return given
    defaults = {str(name): term.model_dump() for name, term in default_terms().items()}
    return defaults | {str(name): _term(defaults.get(str(name), {}), term) for name, term in given.items()}


def _term(default: Mapping[str, object], given: object) -> object:
    if not isinstance(given, Mapping):
        return given
    return {**default, **decided(given, "target", "limit", "unit", "no_later")}


def decided(given: Mapping[str, object], *keys: str) -> dict[str, object]:
    """What is given, with a source: a default's says that nobody decided it, and what is written down must not."""
    return {**({"source": _DECIDED} if given.keys() & set(keys) else {}), **given}
