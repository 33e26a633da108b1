"""What the program makes of a letter and why, told without touching any server or database.

The very functions of the daemon judge it, with empty facts: a letter that belongs to a known case is judged as if it
were the first. Promises: one answer for each letter, whatever is in it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mailcase.config import Config
from mailcase.mail import letter as reader
from mailcase.mail.disk import Broken, Found
from mailcase.mail.letter import Letter
from mailcase.mail.ready import ReadyText
from mailcase.rules import screens
from mailcase.rules.decide import decide, judge
from mailcase.rules.decision import Bounce, Decided, Drop, Judgement, NewCase, Notice
from mailcase.rules.facts import Facts
from mailcase.rules.model import Model
from mailcase.rules.screens import Hit
from mailcase.words import DropReason, Kind, Register, Verdict

_NOBODY = "laboratory.invalid"
_WRITTEN_BY_MACHINE = frozenset({Verdict.AUTO_REPLY, Verdict.RECEIPT, Verdict.LOOP})
# RFC 5322 3.6 and what servers and MIME add; of any file with a colon in its first line a parser makes some field.
_FIELDS = frozenset(
    "from sender reply-to to cc bcc subject date message-id in-reply-to references return-path received delivered-to "
    "mime-version content-type".split()
)
NO_LETTER = "this does not look like a letter (no header field such as From, Date or Subject)"


@dataclass(frozen=True, slots=True)
class Explained:
    """One letter as it was read, what the screens found, and what it became."""

    file: str
    letter: Letter
    facts: Facts
    hits: tuple[Hit, ...]
    decided: Decided

    @property
    def no_letter(self) -> bool:
        """Whether not one header is a letter's: a picture, a list. The daemon registers it all the same."""
        return _FIELDS.isdisjoint(name for name, _ in self.letter.headers)


@dataclass(frozen=True, slots=True)
class Unexplained:
    """One path that gave no answer, and why."""

    file: str
    error: str


Answer = Explained | Unexplained


def explain(found: Found, config: Config | None, trained: Model | None = None) -> Answer:
    """The answer for one letter; without `config` whoever it is addressed to is taken for the laboratory.

    `trained` is the laboratory's own model; without one the shipped model judges.
    """
    if isinstance(found, Broken):
        return Unexplained(found.name, found.why)
    try:
        letter = reader.parse(found.raw)
        known = config or _addressed(letter)
        facts = Facts(now=found.at, received_at=found.at, ready=_ready(known))
        decided = decide(letter, facts, known, judge(letter, known, trained))
        return Explained(found.name, letter, facts, screens.run(letter, facts, known), decided)
    except Exception as error:
        # A bug that one letter meets must not cost the answers about all that follow in the same stream.
        return Unexplained(found.name, f"{type(error).__name__}: {error}; please report this letter")


def as_delivered(answer: Explained, config: Config | None) -> Decided:
    """What the letter becomes once a server has delivered it, which writes its Return-Path (RFC 5321 4.4)."""
    letter = replace(answer.letter, return_path=answer.letter.sender.addr)
    return decide(letter, answer.facts, config or _addressed(letter), answer.decided.judgement)


def _ready(config: Config) -> Mapping[str, ReadyText]:
    """The ready texts, where any may go along with an acknowledgement."""
    return _texts(config.templates, config.calendar.zone) if config.answer.enclosed_topics else {}


@lru_cache(maxsize=1)
def _texts(own: Path | None, zone: ZoneInfo) -> Mapping[str, ReadyText]:
    # Hardly anybody needs it, and it brings the whole machinery of templates along.
    from mailcase import enclosed
    from mailcase.mail.compose import Composer

    return enclosed.enclosable(Composer(own, zone))


def wrapped(body: bytes, kind: str) -> bytes:
    """A letter around a bare body; `kind` is `text` or `html`, the body UTF-8."""
    subtype = "html" if kind == "html" else "plain"
    head = f"Content-Type: text/{subtype}; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    return head.encode() + base64.encodebytes(body)


def built_in() -> Config:
    """A laboratory of no name, for letters that are judged without a configuration."""
    person = {"login": "duty", "name": "Дежурный сотрудник", "position": "дежурный", "phone": "+7 (495) 000-00-00"}
    return Config.model_validate(
        {
            "secret": "judges letters and signs nothing",
            "lab": {
                "name": "Лаборатория",
                "address": f"lab@{_NOBODY}",
                "head": "duty",
                "duty": "duty",
                "quality_manager": "duty",
            },
            "mailbox": [{"name": "lab", "host": "localhost", "user": "lab"}],
            "smtp": {"host": "localhost"},
            "employee": [{**person, "email": f"duty@{_NOBODY}"}],
        }
    )


def _addressed(letter: Letter) -> Config:
    config = built_in()
    senders = {sender.addr.lower() for sender in letter.senders}
    own = {address.lower() for address in letter.delivered_to or letter.recipients} - senders
    return config.model_copy(update={"lab": config.lab.model_copy(update={"aliases": tuple(sorted(own))})})


def as_json(answer: Answer) -> dict[str, Any]:
    """The answer as plain values, in the order in which people read them."""
    if isinstance(answer, Unexplained):
        return {"file": answer.file, "error": answer.error}
    return {"file": answer.file, **_read(answer.letter), **_judged(answer)}


def line(values: dict[str, Any]) -> bytes:
    """One JSON line in UTF-8; a file name that is no UTF-8 is written with escapes."""
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _read(letter: Letter) -> dict[str, Any]:
    keys = ("name", "safe_name", "type", "size", "md5")
    return {
        "message_id": letter.message_id,
        "subject": letter.subject,
        "from_addr": letter.sender.addr,
        "from_name": letter.sender.name,
        "to": [address.addr for address in letter.to],
        "date": _iso(letter.date),
        "lang": letter.lang,
        "body": letter.text,
        "reply": letter.reply,
        "quoted": letter.quoted,
        "signature": letter.signature,
        "attachments": [{key: getattr(file, key) for key in keys} for file in letter.attachments],
    }


def _judged(answer: Explained) -> dict[str, Any]:
    letter, decided = answer.letter, answer.decided
    kind, judged = label(decided)
    report, original = letter.bounce, letter.forwarded
    return {
        "outcome": decided.decision.outcome,
        "reasons": [*_doubts(answer), *(asdict(reason) for reason in decided.reasons)],
        "bounce": None if report is None else asdict(report),
        "auto": automatic(answer),
        "bulk": any(hit.verdict is Verdict.BULK for hit in answer.hits),
        "forwarded": None if original is None else _of_forward(original),
        "register": kind.register,
        "kind": kind,
        "topic": judged.topics[0] if judged.topics else None,
        "sender": judged.sender,
        "consumer_service": judged.consumer_service,
        "risk": list(judged.risk),
        "check": judged.check,
        "confidence": round(judged.confidence, 3),
    }


def _doubts(answer: Explained) -> list[dict[str, str]]:
    return [{"rule": "no_letter", "why": NO_LETTER}] if answer.no_letter else []


def _of_forward(original: reader.Forwarded) -> dict[str, str]:
    return {key: getattr(original, key) for key in ("from_addr", "from_name", "subject", "date")}


def label(decided: Decided) -> tuple[Kind, Judgement]:
    """The kind that the outcome stands for, and the judgement behind it: what is no case is a machine's or spam."""
    judged = decided.judgement or Judgement(Kind.CORRESPONDENCE, 0.0)
    match decided.decision:
        case NewCase() as new:
            return new.judgement.kind, new.judgement
        case Bounce():
            return Kind.BOUNCE, judged
        case Drop(reason=DropReason.SPAM):
            return Kind.SPAM, judged
        case Drop() | Notice():
            return (judged.kind if judged.register is Register.NONE else Kind.AUTO), judged
        case _:
            return judged.kind, judged


def automatic(answer: Explained) -> bool:
    """Whether a responder or another program wrote it; newsletters are `bulk`, delivery reports are `bounce`."""
    if isinstance(answer.decided.decision, Bounce):
        return False
    by_words = isinstance(answer.decided.decision, Drop | Notice) and label(answer.decided)[0] is Kind.AUTO
    absent = any(hit.reason.rule == "auto_words" for hit in answer.hits)
    listed = any(hit.verdict is Verdict.BULK for hit in answer.hits)
    by_header = any(hit.verdict in _WRITTEN_BY_MACHINE for hit in answer.hits)
    return by_header or absent or (by_words and not listed)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
