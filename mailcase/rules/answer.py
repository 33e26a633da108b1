"""May a robot answer this letter, and if not, why? And where does a person's answer go?

The laboratory's address is a service responder (RFC 3834 section 4): an acknowledgement goes to the one From
address and nowhere else (C4). Silence never means that the letter is not registered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mailcase.config import Config
from mailcase.mail.letter import Address, Letter
from mailcase.rules import screens
from mailcase.rules.decision import Judgement
from mailcase.rules.facts import Facts
from mailcase.rules.people import by_address, plain
from mailcase.rules.screens import Hit
from mailcase.rules.trust import authentication, servers
from mailcase.words import Kind, Verdict

_NOBODY = re.compile(
    r"owner-.*|.*-request|mailer-?daemon|postmaster|www(-data)?|apache|nginx|wordpress|bitrix|bounces?([+._=-].*)?"
    r"|(.*[._+-])?(no|not|do[._-]?not|dont)[._-]?reply(\d*|[._+-].*)",
    re.IGNORECASE,
)

_LIKELY = 0.6
"""Confidence below which a letter that bears no mark of a robot is confirmed as a person's: he must not be left out,
and one needless confirmation to a robot ends there (budgets)."""


@dataclass(frozen=True, slots=True)
class AnswerTo:
    """Where a person's answer goes; `foreign` where the letter does not show that the address is the writer's own."""

    address: Address
    foreign: bool


def answer_address(letter: Letter, config: Config) -> AnswerTo:
    """Reply-To if there is one (RFC 5322 section 3.6.2), else From; never for acknowledgements (C4).

    From is easily forged, so a Reply-To is the writer's own only within his own domain: at a public provider
    everybody has the same one, and a stranger's box there would get what the client is to read.
    """
    wanted = next((a for a in letter.reply_to if a.addr), letter.sender)
    domain = _domain(letter.sender.addr)
    same = wanted.addr.lower() == letter.sender.addr.lower()
    his_own = _domain(wanted.addr) == domain and domain not in config.budget.public_domains
    return AnswerTo(wanted, not (same or his_own))


def silence(letter: Letter, facts: Facts, config: Config, judgement: Judgement, hits: Iterable[Hit]) -> str:
    """Why no acknowledgement may go (Russian); empty where one may. The first reason found is told."""
    found = tuple(hits)
    worst = screens.gravest(found)
    if worst >= Verdict.SILENT:
        return next(hit.reason.why for hit in found if hit.verdict is worst)
    return _by_record(facts, config, judgement) or _by_sender(letter, config) or _by_path(letter, facts, config)


def _by_record(facts: Facts, config: Config, judgement: Judgement) -> str:
    if facts.history:
        return "письмо из архива"
    if facts.late:
        return "письмо найдено позже, чем пришло, и могло быть обработано раньше"
    if judgement.kind in (Kind.AUTO, Kind.BOUNCE, Kind.SPAM) and judgement.confidence >= _LIKELY:
        return "похоже на автоматическое или рекламное письмо"
    if not config.answer.acknowledge:
        return "подтверждения выключены в настройке"
    return ""


def _by_sender(letter: Letter, config: Config) -> str:
    if len(letter.senders) > 1:
        return "в письме несколько отправителей (From)"
    local, at, domain = letter.sender.addr.rpartition("@")
    if not at or not local or not domain:
        return "в письме нет адреса отправителя"
    if plain(letter.sender.addr) in config.own_addresses:
        return "письмо отправлено с адреса лаборатории"
    if by_address(config, letter.sender.addr):
        return "письмо сотрудника"
    if _NOBODY.fullmatch(local):
        return "отправитель ответов не читает (служебный адрес)"
    return ""


def _by_path(letter: Letter, facts: Facts, config: Config) -> str:
    said = authentication(letter, *servers(config))
    if letter.return_path is not None and not letter.return_path.strip("<> "):
        return "обратный адрес пуст: отвечать некому"
    if letter.return_path is None and not said.proven:
        return "почтовый сервер не записал обратный адрес (нет Return-Path)"
    if not config.own_addresses & {plain(a) for a in letter.recipients}:
        return "лаборатория не названа в полях «Кому» и «Копия»"
    if said.dmarc == "fail" and not facts.known_client:
        return "подлинность отправителя не подтверждена, пишет впервые (DMARC)"
    return ""


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
