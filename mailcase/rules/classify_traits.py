"""What else a letter tells beside its kind: topics, who writes, risks, and whether a robot's mail demands an act."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mailcase.config import Config
from mailcase.rules.classify_words import Pieces, load
from mailcase.rules.decision import Judgement, Reason
from mailcase.words import Kind, Register, Risk, Sender, Topic

_TRAITS = load("traits")
_PHRASES = _TRAITS.phrases
_ACTION = load("kinds").phrases["action"]

# Mail providers' domains where the configuration names none (in the label guide's set: mail., inbox., post.).
_PUBLIC = re.compile(r"@(mail|inbox|post|bk|list|gmail|yandex|ya|rambler|outlook|hotmail|icloud)\.")
_MAX_TOPICS = 3
_RISKS = ("home_work", *(name for name in _PHRASES if name.startswith("risk_")))


@dataclass(frozen=True, slots=True)
class Read:
    """A letter as the rules read it, in plain letters; `who` is its sender, `text` title and body as one text."""

    who: str
    title: str
    body: str
    text: Pieces


def complete(found: Judgement, read: Read, config: Config | None) -> Judgement:
    """Add topics, sender, consumer service, risks and the demand for an act to a verdict on the kind."""
    sender = _sender(found.kind, read, config)
    risk = _risks(found, read)
    action = found.kind in (Kind.AUTO, Kind.BOUNCE) and _demands_act(read)
    wants_work = found.kind in (Kind.REQUEST, Kind.CONSULTATION) or Risk.REPEAT in risk
    consumer = sender is Sender.CITIZEN and wants_work and _wants_work_at_home(found, read)
    reasons = found.reasons
    if action:
        reasons = (*reasons, Reason("classify.action", "автоматическое письмо ждёт действия лаборатории"))
    return replace(
        found,
        topics=_topics(found.kind, read),
        sender=sender,
        consumer_service=consumer,
        risk=risk,
        action=action,
        reasons=reasons,
    )


def signs(read: Read) -> Iterator[str]:
    """Who writes and what is at risk, as signs for the model."""
    yield from (f"кто:{name}" for name in ("organisation", "citizen") if _PHRASES[name].search_text(read.who))
    yield from (f"текст:{name}" for name in ("organisation", "citizen") if _PHRASES[name].search_text(read.body))
    if _PUBLIC.search(read.who):
        yield "о:public"
    yield from (f"т:{name}" for name in _RISKS if _PHRASES[name].search(read.text))


def _topics(kind: Kind, read: Read) -> tuple[Topic, ...]:
    """Topics of requests and consultations, the label guide's only bearers of one."""
    if kind not in (Kind.REQUEST, Kind.CONSULTATION):
        return ()
    return tuple(t for t in Topic if _PHRASES[f"topic_{t.value}"].search(read.text))[:_MAX_TOPICS]


def _sender(kind: Kind, read: Read, config: Config | None) -> Sender:
    """Who writes; servers are nobody (label guide), and doubt is `unknown`, which is never refused (A6)."""
    if kind is Kind.BOUNCE:
        return Sender.UNKNOWN
    if _PHRASES["organisation"].search_text(read.who):
        return Sender.ORGANISATION
    if _PHRASES["citizen"].search_text(read.who) or _PHRASES["citizen"].search_text(read.body):
        return Sender.CITIZEN
    if not _public_address(read.who, config):
        return Sender.ORGANISATION
    if not _PHRASES["organisation"].search(read.text):
        return Sender.UNKNOWN
    # «Школа», «врач», «директор» stand in anybody's letter; a person says «я», an organisation «мы» or its form.
    alone = _PHRASES["one"].search_text(read.body) and not _PHRASES["several"].search_text(read.body)
    return Sender.CITIZEN if alone and not _PHRASES["form_of_firm"].search(read.text) else Sender.ORGANISATION


def _public_address(who: str, config: Config | None) -> bool:
    domain = who.rpartition("@")[2].strip("> ")
    return bool(_PUBLIC.search(who)) or (config is not None and domain in config.budget.public_domains)


def _wants_work_at_home(found: Judgement, read: Read) -> bool:
    return found.register is not Register.NONE and bool(_PHRASES["home_work"].search_text(read.body))


def _risks(found: Judgement, read: Read) -> tuple[Risk, ...]:
    if found.register is Register.NONE:
        return ()
    return tuple(r for r in Risk if _PHRASES[f"risk_{r.value}"].search(read.text))


def _demands_act(read: Read) -> bool:
    return bool(_ACTION.search(read.text))
