"""Did the client get an answer that did not pass through us? Then it is recorded, and never sent again.

A recorded answer stops the clock, and anybody can put an employee's name in From: a claim alone is only told.
"""

from __future__ import annotations

from dataclasses import replace

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.decision import FollowUp
from mailcase.rules.facts import CaseFact, Facts
from mailcase.rules.thread import is_party
from mailcase.rules.trust import Proof, servers
from mailcase.words import Trust

_UNPROVEN = "письмо с адреса сотрудника ушло клиенту помимо журнала; подлинность не подтверждена, срок идёт"


def past_us(letter: Letter, facts: Facts, config: Config, case: CaseFact | None, login: str) -> FollowUp | None:
    """An answer that went to the client without us is recorded and never sent again (users.md 1.2).

    `login` is empty where the laboratory's own address wrote. A colleague of a party, under the same domain that is
    no public provider's, is the client too.
    """
    if case is None or case.history:
        return None
    hosts = {_host(p) for p in case.parties} - set(config.budget.public_domains)
    hosts -= {_host(a) for a in config.own_addresses} | {_host(a) for e in config.employee for a in e.addresses}
    to_client = any(is_party(a, case) or _host(a) in hosts for a in letter.recipients if a)
    return FollowUp(case.id, sent_by=login) if to_client and not facts.history else None


def recorded(answer: FollowUp, proof: Proof, config: Config) -> FollowUp:
    """The employee's answer past us as it may be entered: as the answer, or as a line for whoever has the case.

    Where no mailbox names its `authserv_id` nothing could ever be proven: there the record that an answer went past
    us matters more (users.md 1.2), and only a letter that something speaks against is kept out by the caller.
    """
    if proof.trust is Trust.CLAIMED and servers(config):
        return replace(answer, sent_by=None, check=_UNPROVEN)
    return answer


def _host(address: str) -> str:
    return address.rpartition("@")[2].lower()
