"""Who writes: an organisation, a citizen, or nobody can tell; and whether a citizen wants work done for himself (A6).

Whoever says that he is a private person is one; a name or a signature with the form of a firm is an organisation's. Of
all others the model tells, by the words of the letter and the sender's name and address; without one the word lists do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mailcase.config import Config
from mailcase.rules.classify_words import Pieces, load, quoted
from mailcase.words import Sender

CONSUMER = "consumer"
"""A citizen who wants work for himself: a writer of its own to the model."""
_CONSUMER = 0.25
"""Probability from which he is taken for one: an employee is offered the polite answer, and the term is shorter."""
_TELLING = {Sender.ORGANISATION: 0.45, Sender.CITIZEN: 0.6, Sender.UNKNOWN: 0.0}
"""Probability below which nobody can tell: an unsigned letter from a public mailbox may be anybody's (A6)."""
_MOST = 99
"""Per cent; no model is surer."""

_NAMES = {Sender.ORGANISATION: "организация", Sender.CITIZEN: "частное лицо", Sender.UNKNOWN: "неизвестно кто"}
_LINES, _SIGNATURE = 5, 90
"""So many last lines may sign a letter, and so long one may be; text may name somebody else's firm."""
_TRAITS = load("traits")
_PHRASES, _FORMS = _TRAITS.phrases, _TRAITS.parts
# A blank before the name: «Ипатова» and «Анохин» are no firms.
_NAMED = r" ?[«\"“][^»\"”]{2,60}[»\"”]| [а-я][\w-]+(?: [а-я][\w.-]*){0,2}"
_SIGNED = re.compile(
    rf"(?:^|, ?)((?:{_FORMS['form']}|{_FORMS['form_no_proof']})(?:{_NAMED}))\s*(?:$|[,;(|/])"
    rf"|(?:^|, ?)([\w&.' -]{{2,40}},? (?:{_FORMS['form_abroad']}|corp|s\.?r\.?o|b\.?v))\b\.?\s*(?:$|[,;(|/])"
)

# Mail providers' domains where the configuration names none (in the label guide's set: mail., inbox., post.).
_PUBLIC = re.compile(r"@(mail|inbox|post|bk|list|gmail|yandex|ya|rambler|outlook|hotmail|icloud)\.[\w.-]*")


@dataclass(frozen=True, slots=True)
class Writer:
    """Who it is, whether he wants work for himself, and why that is thought (Russian)."""

    sender: Sender
    consumer: bool
    why: str


def by_model(likely: Mapping[str, float]) -> Writer:
    """The likeliest writer; doubt is `unknown`, which is never refused."""
    consumer = likely.get(CONSUMER, 0.0)
    shares = {sender: likely.get(sender.value, 0.0) for sender in Sender}
    shares[Sender.CITIZEN] += consumer
    best = max(Sender, key=lambda sender: shares[sender])
    percent = min(round(100 * shares[best]), _MOST)
    if shares[best] < _TELLING[best]:
        return Writer(Sender.UNKNOWN, consumer=False, why=f"скорее {_NAMES[best]}, {percent} %, но это не ясно")
    return Writer(best, best is Sender.CITIZEN and consumer >= _CONSUMER, f"вероятность {percent} %")


def by_own_word(body: str, likely: Mapping[str, float] | None) -> Writer | None:
    """A citizen who says so of himself («я частное лицо»)."""
    found = _PHRASES["citizen_himself"].search_text(body)
    if found is None:
        return None
    at_home = bool(_PHRASES["home_work"].search_text(body))
    return Writer(Sender.CITIZEN, at_home or (likely or {}).get(CONSUMER, 0.0) >= _CONSUMER, f"«{quoted(found)}»")


def by_form(who: str, body: str, signature: str) -> Writer | None:
    """An organisation by definition: the sender's name or a line that signs has a form of one (ООО, ИП) and a name."""
    name, _, _ = who.rpartition("<")
    last = [line.strip() for line in f"{body}\n{signature}".split("\n") if line.strip()][-_LINES:]
    for line in (name.strip(), *last):
        found = _SIGNED.search(line) if len(line) < _SIGNATURE else None
        if found:
            return Writer(Sender.ORGANISATION, consumer=False, why=f"подпись «{(found[1] or found[2]).strip()}»")
    return None


def by_words(who: str, body: str, text: Pieces, config: Config | None) -> Writer:
    """What the word lists say of the sender `who`, the `body`, and title and body as `text`; all in plain letters."""
    sender, why = _by_words(who, body, text, config)
    at_home = _PHRASES["home_work"].search_text(body) if sender is Sender.CITIZEN else None
    return Writer(sender, at_home is not None, why)


def _by_words(who: str, body: str, text: Pieces, config: Config | None) -> tuple[Sender, str]:
    if found := _PHRASES["organisation"].search_text(who):
        return Sender.ORGANISATION, f"отправитель «{quoted(found)}»"
    if found := _PHRASES["citizen"].search_text(who) or _PHRASES["citizen"].search_text(body):
        return Sender.CITIZEN, f"«{quoted(found)}»"
    if not public(who, config):
        return Sender.ORGANISATION, "адрес не на общедоступном почтовом сервере"
    if not _PHRASES["organisation"].search(text):
        return Sender.UNKNOWN, "ничего не сказано"
    # «Школа», «врач», «директор» stand in anybody's letter; a person says «я», an organisation «мы» or its form.
    alone = _PHRASES["one"].search_text(body) and not _PHRASES["several"].search_text(body)
    if alone and not _PHRASES["form_of_firm"].search(text):
        return Sender.CITIZEN, "пишет от себя"
    return Sender.ORGANISATION, "пишет от организации"


def public(who: str, config: Config | None) -> bool:
    """Whether the address is at a provider where anybody may have one."""
    domain = who.rpartition("@")[2].strip("> ")
    return bool(_PUBLIC.search(who)) or (config is not None and domain in config.budget.public_domains)


def without_provider(who: str) -> str:
    """The sender without the name of a well-known provider, which tells nothing of him and differs by country."""
    return _PUBLIC.sub("@", who)


def said_of(writer: Writer) -> str:
    """For the reasons (Russian)."""
    return f"пишет {_NAMES[writer.sender]}: {writer.why}" + ("; просит работу для себя" if writer.consumer else "")
