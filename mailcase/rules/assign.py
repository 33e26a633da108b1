"""Who is responsible for a letter: exactly one person, with the reason why (9.2.3, A37).

Rules of the configuration come first, then who works on that kind, then the standing roles. Among several the least
burdened gets it. Who is away hands on to his substitute. Nobody decides about a complaint that names him, or about one
in a case of his own (A25, ISO/IEC 17025 7.9.6).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from mailcase.config import AssignRule, Config
from mailcase.mail import russian
from mailcase.mail.letter import Letter
from mailcase.rules import surname
from mailcase.rules.decision import Judgement, Reason
from mailcase.rules.facts import Facts, Load
from mailcase.rules.stand_in import first_here
from mailcase.words import Register

_DOUBTFUL = 0.5
_NEVER = datetime.min.replace(tzinfo=UTC)


def assign(
    judgement: Judgement, letter: Letter, facts: Facts, config: Config, addressee: str = ""
) -> tuple[str, Reason]:
    """(login, why); the login is always a configured employee, the head where nobody else fits.

    `addressee` is the login of whom an inquiry names: he gets it where it is his work.
    """
    named = _involved(judgement, letter, facts, config)
    inquiry = judgement.register is not Register.COMPLAINT
    if addressee and inquiry and addressee in _present(_wanted(judgement, letter, config)[0], config, named):
        return addressee, Reason("assign.addressee", "письмо адресовано этому сотруднику")
    return _chosen(judgement, letter, named, facts.known_assignee, facts.loads, config)


def reassign(
    judgement: Judgement, letter: Letter, involved: frozenset[str], loads: tuple[Load, ...], config: Config
) -> tuple[str, Reason]:
    """As `assign`, where a case turns out to be a complaint about what these employees did."""
    return _chosen(judgement, letter, _named(judgement, letter, config) | involved, "", loads, config)


def _chosen(
    judgement: Judgement,
    letter: Letter,
    named: frozenset[str],
    known_assignee: str,
    loads: tuple[Load, ...],
    config: Config,
) -> tuple[str, Reason]:
    wanted, why, by_rule = _wanted(judgement, letter, config)
    people = _present(wanted, config, named)
    known = config.person(known_assignee)
    bound = by_rule or judgement.register is Register.COMPLAINT
    if judgement.register is Register.COMPLAINT and len(people) > 1:
        # Whoever worked for this client last may be whom he complains of, without a name or a number.
        people = tuple(login for login in people if login != known_assignee)
    elif known and known.active and known.login not in named and (known.login in people or not bound):
        return known.login, Reason("assign.known", "этому заказчику отвечал и раньше")
    if people:
        return _least_loaded(people, loads), Reason("assign", _explained(why, named))
    lab = config.lab
    for login in (lab.head, lab.quality_manager, lab.duty):
        found = _present((login,), config, named)
        if found:
            return found[0], Reason("assign.head", _explained("подходящего сотрудника нет", named))
    return lab.head, Reason("assign.head", "подходящего сотрудника нет: все отсутствуют или названы в обращении")


def _explained(why: str, named: frozenset[str]) -> str:
    return f"{why}; кто назван в жалобе или вёл это обращение, её не рассматривает" if named else why


def _wanted(judgement: Judgement, letter: Letter, config: Config) -> tuple[tuple[str, ...], str, bool]:
    """(logins, why, whether a rule of the configuration says so)."""
    for rule in config.assign:
        fits = _fits(rule, judgement, letter)
        if fits:
            return rule.employees, f"правило: {fits}", True
    skilled = tuple(e.login for e in config.employee if judgement.kind in e.kinds)
    if skilled:
        return skilled, "ведёт такие обращения", False
    if judgement.register is Register.COMPLAINT:
        return (config.lab.quality_manager,), "жалобы рассматривает менеджер по качеству", False
    if judgement.check or judgement.confidence < _DOUBTFUL:
        return (config.lab.duty,), "вид обращения неясен, его разбирает дежурный", False
    return (config.lab.head,), "для таких обращений никто не назначен", False


def _fits(rule: AssignRule, judgement: Judgement, letter: Letter) -> str:
    """What of the letter meets the rule, for people; empty where a condition fails."""
    text = surname.plain(f"{letter.subject}\n{letter.reply}")
    domain = letter.sender.addr.rpartition("@")[2].lower()
    word = next((w for w in rule.words if re.search(rf"\b{re.escape(surname.plain(w))}", text)), "")
    host = next((d for d in rule.domains if domain == d.lower() or domain.endswith("." + d.lower())), "")
    topic = next((russian.topic(topic) for topic in rule.topics if topic in judgement.topics), "")
    if (rule.words and not word) or (rule.domains and not host) or (rule.topics and not topic):
        return ""
    # A rule without kinds speaks of inquiries: whoever serves a client is not who decides about his complaints.
    complaint = judgement.register is Register.COMPLAINT
    if ((rule.kinds or complaint) and judgement.kind not in rule.kinds) or (
        rule.languages and letter.lang not in rule.languages
    ):
        return ""
    return ", ".join(filter(None, (f"«{word}»" if word else "", host, topic))) or "такие письма"


def _involved(judgement: Judgement, letter: Letter, facts: Facts, config: Config) -> frozenset[str]:
    """Employees whom a complaint names, or in whose cases it comes (A25)."""
    named = _named(judgement, letter, config)
    if judgement.register is not Register.COMPLAINT and not judgement.check:
        return named
    about = {hit.case_id for hit in facts.thread} | {facts.tag_case_id}
    worked = (case.executors | {case.assignee} for case in facts.cases if case.id in about)
    return named.union(*worked) - {""}


def _named(judgement: Judgement, letter: Letter, config: Config) -> frozenset[str]:
    """Employees whom a complaint, or what may be one, names."""
    if judgement.register is not Register.COMPLAINT and not judgement.check:
        return frozenset()
    return who_is_named(letter, config)


def who_is_named(letter: Letter, config: Config) -> frozenset[str]:
    """Logins of the employees whom the letter names; its signature is the client's own name."""
    body = (letter.reply or letter.text).rstrip().removesuffix(letter.signature.strip() or "\0")
    text = f"{letter.subject}\n{body}"
    return frozenset(e.login for e in config.employee if surname.mentioned(text, e.name))


def _present(logins: Iterable[str], config: Config, named: frozenset[str]) -> tuple[str, ...]:
    """Each person, or the first of his chain of substitutes who is here; a circle of absences ends in nobody."""
    here = (first_here(login, config, named) for login in logins)
    return tuple({person.login: None for person in here if person is not None})


def _least_loaded(logins: tuple[str, ...], loads: tuple[Load, ...]) -> str:
    """Fewest open cases, then longest without a new one, then by login."""
    known = {load.login: load for load in loads}

    def burden(login: str) -> tuple[int, datetime, str]:
        load = known.get(login)
        return (load.open_cases, load.last_assigned or _NEVER, login) if load else (0, _NEVER, login)

    return min(logins, key=burden)
