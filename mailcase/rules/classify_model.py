"""The model's word beside the rules': which kind is likeliest, how sure that is, and what spoke for it.

What the rules found is put before the model as signs, so that both give one verdict: it was learned from letters that
the rules had not seen how far each sign is to be trusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from mailcase.rules.classify_words import Found
from mailcase.rules.decision import Judgement, Reason
from mailcase.rules.model import Known, Model
from mailcase.words import Kind, Register

_COMPLAINT = 0.35
"""Probability of dissatisfaction that makes a complaint."""
_DOUBT = 0.10
"""... that asks a person to look (see README of the labelled letters for what it costs and saves)."""
_NO_CASE = 0.42
"""Probability of a robot or advertising below which a letter is a case."""
_CERTAIN = 0.75
"""Confidence of the rules, from four points of signs, with which they call something no case on their own."""
_FEW = 30
"""Features of words (a word gives up to three) below which the model guesses: «И на весы тоже.» tells nothing."""
_SURE_OF_FEW = 0.6
"""Probability of dissatisfaction from which so few words tell it all the same: «Счёт нам насчитали дважды.»"""
_UNSURE = 0.36
"""Probability of the register below which the verdict is a guess."""
_ALONE = 0.6
"""Probability of dissatisfaction below which a complaint that no word list sees is a guess, too."""
_SUREST, _DOUBTFUL = 0.99, 0.49
"""No verdict is surer, and none that a sign of dissatisfaction speaks against."""
_TOLD = 5
"""Words that are shown as reasons."""

_AUTHORITY = "rо:authority"
_SILENT = "rk0"
"""No word list speaks of dissatisfaction."""

# In one order, so that every process sums up to the same number.
_OF = {register: tuple(k.value for k in Kind if k.register is register) for register in Register}


def signs(ruled: Judgement, angry: Found, tables: Mapping[str, Found], others: Iterator[str]) -> Iterator[str]:
    """What the rules found, as names of features."""
    yield from (f"к:{name}" for name, _, _ in angry.hits)
    yield f"k{min(angry.score, 9) // 2}"
    for table, found in tables.items():
        yield from (f"{table}:{name}" for name, _, _ in found.hits)
        yield f"{table}{min(found.score, 6) // 2}"
    yield from others
    yield f"=вид {ruled.kind.value}"
    yield f"=реестр {ruled.register.value}"
    if ruled.check:
        yield "=check"


def weighed(ruled: Judgement, found: Mapping[str, list[str]], known: Known, model: Model) -> Judgement:
    """The verdict of rules and model together; `found` as `features.features` gives it, `known` what of it counts."""
    likely = model.kind.probabilities(known)
    share = {register: sum(likely.get(kind, 0.0) for kind in kinds) for register, kinds in _OF.items()}
    # Notices of an authority are registered even where a robot wrote them, unless the rules saw through them.
    authority = ruled.register is not Register.NONE and _AUTHORITY in found["r"]
    register = _register(share, ruled, authority=authority)
    few = len(found["w"]) < _FEW
    guessed = few and _SILENT in found["r"] and share[Register.COMPLAINT] < _SURE_OF_FEW
    if register is Register.COMPLAINT is not ruled.register and guessed:
        register = Register.INQUIRY  # and marked: the doubt below stays
    agreed_none = ruled.register is register is Register.NONE  # which machine or which advertising the rules know best
    kind = ruled.kind if agreed_none else Kind(max(_OF[register], key=lambda k: (likely.get(k, 0.0), k)))
    reasons = ruled.reasons if kind is ruled.kind else _reasons(kind, found, model)
    against = register is not Register.COMPLAINT and share[Register.COMPLAINT] >= _DOUBT
    if against and not any(r.rule == "classify.doubt" for r in reasons):
        words = _told(found, model, _OF[Register.COMPLAINT])
        reasons = (*reasons, Reason("classify.doubt", f"возможно недовольство: {words}"))
    if not against:
        reasons = tuple(r for r in reasons if r.rule != "classify.doubt")
    alone = register is Register.COMPLAINT is not ruled.register and share[register] < _ALONE
    check = against or alone or share[register] < _UNSURE
    agreed = agreed_none or ruled.register is register is Register.COMPLAINT
    trusted = max(share[register], ruled.confidence) if agreed else share[register]
    # «Статус»: one word looks like advertising, too, and whoever wrote it must not be left without a confirmation.
    doubtful = against or (few and register is Register.NONE is not ruled.register)
    sure = min(trusted, _DOUBTFUL if doubtful else _SUREST)
    return replace(ruled, kind=kind, confidence=sure, check=check, reasons=reasons)


def _register(share: Mapping[Register, float], ruled: Judgement, *, authority: bool) -> Register:
    """What the rules call a robot's by several signs is one; else the model decides (C6: authorities are cases)."""
    if ruled.register is Register.NONE and ruled.confidence >= _CERTAIN:
        return Register.NONE
    if share[Register.NONE] >= _NO_CASE and not authority:
        return Register.NONE
    return Register.COMPLAINT if share[Register.COMPLAINT] >= _COMPLAINT else Register.INQUIRY


def _reasons(kind: Kind, found: Mapping[str, list[str]], model: Model) -> tuple[Reason, ...]:
    return (Reason(f"classify.{kind.value}", f"похоже на такие письма по словам: {_told(found, model, {kind.value})}"),)


def _told(found: Mapping[str, list[str]], model: Model, kinds: Iterable[str]) -> str:
    """The words and signs that spoke loudest, as a manager reads them."""
    shown = [_shown(name) for name in model.speaking(found, frozenset(kinds), _TOLD * 3)]
    return ", ".join(list(dict.fromkeys(filter(None, shown)))[:_TOLD]) or "письмо в целом, ни одно слово не выделяется"


def _shown(name: str) -> str:
    """A feature in Russian; empty for one that says nothing to people."""
    group, rest = name[0], name[1:]
    if group == "w":
        words = rest.removeprefix("^w").lstrip("^@").replace(" * ", " … ").strip(" …")
        writer = "отправитель " if rest[0] == "@" else ""
        # «в», «at»: they speak, but to nobody.
        return f"{writer}«{words}»" if any(len(w) > 3 and w.isalpha() for w in words.split()) else ""
    if rest.startswith("="):
        return ""
    _, mark, sign = rest.partition(":")
    return f"примета «{sign}»" if mark and sign[:1].isalpha() and sign[0] > "z" else ""
