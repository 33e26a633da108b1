"""How many automatic letters may leave (C14), and the breaker that stops all of them: nothing is dropped, only held.

All are counters, raised in the transaction that decides, so that two workers cannot both pass. The narrow ones come
first and a letter that they hold costs the wider ones nothing: one robot must not silence us for everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from mailcase.config import Config
from mailcase.outgoing import Outgoing
from mailcase.store import outbox
from mailcase.words import Audience, HoldReason, Template

_TALK = (Template.HELD, Template.CONFIRM, Template.RECEIPT)
"""Letters that answer an employee's own letter: with his autoresponder they could go on for ever."""
_HELD = "Письма задержаны, ни одно не потеряно; обращения зарегистрированы, ответы сотрудников уходят."
_RELEASE = "Задержанное показывает mailcase held, отправляет mailcase resend --held budget"
TOLD: dict[HoldReason, tuple[str, list[str], str]] = {
    HoldReason.BUDGET: (
        "Слишком много автоматических писем",
        [_HELD],
        f"Ответьте клиентам сами. {_RELEASE}.",
    ),
    HoldReason.DIGEST: (
        "Слишком много писем одному сотруднику",
        ["Дальнейшие уведомления не отправляются, обращения зарегистрированы: они перечислены в утреннем письме."],
        "Посмотрите журнал: нет ли среди этих писем настоящих. Отдельное уведомление отправит mailcase resend.",
    ),
}
"""What the duty person reads: what happened, details, the remedy."""
BREAKER: tuple[str, list[str], str] = (
    "Автоматические письма клиентам остановлены",
    [
        "Так бывает при петле из автоответов, при атаке или рассылке от нашего имени.",
        _HELD,
        "Новые подтверждения пойдут сами, когда за целый час их понадобится меньше предела. Задержанные сами не уйдут.",
    ],
    f"{_RELEASE}, кроме виновника: --except его-домен",
)


@dataclass(frozen=True, slots=True)
class Exceeded:
    """Which budget is used up; `window` is the day or hour it counts in, `told` whether a person must know at all."""

    name: str
    hold: HoldReason
    window: str
    told: bool = True
    breaker: bool = False


@dataclass(frozen=True, slots=True)
class _Count:
    """One budget that a letter is counted in. Names hold no address: alarms are forwarded."""

    name: str
    scope: str
    limit: int
    told: bool = True


def exceeded(tx: Connection, config: Config, letter: Outgoing) -> Exceeded | None:
    """Count the letter in all its budgets; the first that it exceeds."""
    day = f"{letter.now.astimezone(config.calendar.zone):%Y-%m-%d}"
    counts = _counts(config, letter)
    used = outbox.spend_all(tx, [count.scope for count in counts], day)
    for place, count in enumerate(counts, 1):
        if used[count.scope] > count.limit:
            outbox.give_back(tx, [wider.scope for wider in counts[place:]], day)
            hold = HoldReason.DIGEST if letter.sender is not None else HoldReason.BUDGET
            return Exceeded(count.name, hold, day, count.told)
    if letter.audience is Audience.CLIENT and letter.auto is not None:
        return _breaker(tx, config.budget.per_hour, letter.now)
    return None


def _counts(config: Config, letter: Outgoing) -> list[_Count]:
    if letter.audience is Audience.CLIENT:
        return _answer(config, letter) if letter.auto is None else _automatic(config, letter)
    if letter.template in _TALK:
        name, limit = "вопросы и ответы одному сотруднику", config.budget.per_person_day
        return [_Count(name, f"person:{letter.person}", limit)]
    # Anybody in the world can cause it, by one letter of his each.
    return _notice(config, letter, letter.sender.lower()) if letter.sender is not None else []


def _answer(config: Config, letter: Outgoing) -> list[_Count]:
    name = "ответы по одному обращению"
    return [_Count(name, f"answers:{letter.case_id}", config.budget.answers_per_case_day)]


def _automatic(config: Config, letter: Outgoing) -> list[_Count]:
    budget, address = config.budget, letter.to[0][1].lower()
    domain = address.rpartition("@")[2]
    shared = domain in budget.public_domains
    counts = [
        _Count("письма на один адрес", f"address:{address}", budget.per_address_day),
        _Count("письма по одному обращению", f"case:{letter.chain or letter.case_id}", budget.per_case_day),
    ]
    if letter.words:
        # A robot says the same from whichever address of its domain, and so does who pressed the key twice.
        same = f"words:{address if shared else domain}:{letter.words}"
        counts.insert(0, _Count("одно и то же письмо", same, budget.same_text_day, told=False))
    if not shared:
        counts.append(_Count("письма в одну организацию", f"domain:{domain}", budget.per_domain_day))
    return counts


def _notice(config: Config, letter: Outgoing, address: str) -> list[_Count]:
    budget = config.budget
    domain = address.rpartition("@")[2]
    if letter.template == Template.COPY:
        return [_Count("копии одному сотруднику", f"copies:{letter.person}", budget.copies_per_person_day, told=False)]
    everybody = _Count("уведомления одному сотруднику", f"notices:{letter.person}", budget.notices_per_person_day)
    if address in config.own_addresses or any(address in person.addresses for person in config.employee):
        # The form of our site and colleagues who forward write in many clients' names.
        return [everybody]
    counts = [_Count("уведомления о письмах с одного адреса", f"notices:{address}", budget.notices_per_address_day)]
    if domain not in budget.public_domains:
        name = "уведомления о письмах одной организации"
        counts.append(_Count(name, f"notices:{domain}", budget.notices_per_domain_day))
    return [*counts, everybody]


def _breaker(tx: Connection, limit: int, now: datetime) -> Exceeded | None:
    """Open from the letter that is one too many in its hour until a whole hour needed no more than the limit.

    What it holds is counted on, so that it knows whether the storm is over; nobody has to close it.
    """
    hour, before = (f"{moment.astimezone(UTC):%Y-%m-%dT%H}" for moment in (now, now - timedelta(hours=1)))
    used = outbox.spend(tx, "all", hour)
    raging = outbox.spent(tx, "all", before) > limit
    if used <= limit and not raging:
        return None
    name = f"За час понадобилось больше {limit}."
    return Exceeded(name, HoldReason.BUDGET, hour, told=False, breaker=used == limit + 1 and not raging)
