"""What else a letter tells beside its kind: topics, who writes, risks, and whether a robot's mail demands an act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from mailcase.config import Config
from mailcase.rules import writer
from mailcase.rules.classify_words import Pieces, load, quoted
from mailcase.rules.decision import Judgement, Reason
from mailcase.words import Kind, Register, Risk, Sender, Topic

_TRAITS = load("traits")
_PHRASES = _TRAITS.phrases
_ACTION = load("kinds").phrases["action"]

_MAX_TOPICS = 3
_RISKS = ("home_work", *(name for name in _PHRASES if name.startswith("risk_")))


@dataclass(frozen=True, slots=True)
class Read:
    """A letter as the rules read it, in plain letters; `who` is its sender, `text` title and body as one text.

    `signature` is what was cut off below the body, if anything was.
    """

    who: str
    title: str
    body: str
    text: Pieces
    signature: str = ""


def complete(found: Judgement, read: Read, config: Config | None, likely: Mapping[str, float] | None) -> Judgement:
    """Add topics, sender, consumer service, risks and the demand for an act to a verdict on the kind, each with why.

    `likely` is how probable each writer is to the model; None where there is none.
    """
    topics, risks = _topics(found.kind, read), _risks(found, read)
    who = _writer(found.kind, read, config, likely)
    # Whoever complains of silence may ask again for the work that he wants.
    asks = found.kind in (Kind.REQUEST, Kind.CONSULTATION) or Risk.REPEAT in risks
    who = replace(who, consumer=who.consumer and asks)
    action = found.kind in (Kind.AUTO, Kind.BOUNCE) and _demands_act(read)
    return replace(
        found,
        topics=tuple(topics),
        sender=who.sender,
        consumer_service=who.consumer,
        risk=tuple(risks),
        action=action,
        reasons=(*found.reasons, *_why(topics, risks, who, action=action)),
    )


def _writer(kind: Kind, read: Read, config: Config | None, likely: Mapping[str, float] | None) -> writer.Writer:
    if kind is Kind.BOUNCE:
        # Servers are nobody (label guide).
        return writer.Writer(Sender.UNKNOWN, consumer=False, why="сообщение почтового сервера")
    told = writer.by_own_word(read.body, likely) or writer.by_form(read.who, read.body, read.signature)
    if told is None and likely:
        return writer.by_model(likely)
    return told or writer.by_words(read.who, read.body, read.text, config)


def _why(
    topics: Mapping[Topic, str], risks: Mapping[Risk, str], who: writer.Writer, *, action: bool
) -> Iterator[Reason]:
    if action:
        yield Reason("classify.action", "автоматическое письмо ждёт действия лаборатории")
    yield Reason("traits.sender", writer.said_of(who))
    yield from (Reason(f"traits.topic.{topic.value}", f"«{words}»") for topic, words in topics.items())
    yield from (Reason(f"traits.risk.{risk.value}", f"«{words}»") for risk, words in risks.items())


def signs(read: Read, config: Config | None) -> Iterator[str]:
    """Who writes and what is at risk, as signs for the model."""
    yield from (f"кто:{name}" for name in ("organisation", "citizen") if _PHRASES[name].search_text(read.who))
    yield from (f"текст:{name}" for name in ("organisation", "citizen") if _PHRASES[name].search_text(read.body))
    yield from (
        f"говорит:{name}" for name in ("one", "several", "form_of_firm") if _PHRASES[name].search_text(read.body)
    )
    if writer.public(read.who, config):
        yield "о:public"
    yield from (f"т:{name}" for name in _RISKS if _PHRASES[name].search(read.text))


def _topics(kind: Kind, read: Read) -> dict[Topic, str]:
    """Topics of requests and consultations, the label guide's only bearers of one, each with the words that tell it."""
    if kind not in (Kind.REQUEST, Kind.CONSULTATION):
        return {}
    found = ((topic, _PHRASES[f"topic_{topic.value}"].search(read.text)) for topic in Topic)
    return dict(islice(((topic, quoted(match)) for topic, match in found if match), _MAX_TOPICS))


def _risks(found: Judgement, read: Read) -> dict[Risk, str]:
    if found.register is Register.NONE:
        return {}
    searched = ((risk, _PHRASES[f"risk_{risk.value}"].search(read.text)) for risk in Risk)
    return {risk: quoted(match) for risk, match in searched if match}


def _demands_act(read: Read) -> bool:
    return bool(_ACTION.search(read.text))
