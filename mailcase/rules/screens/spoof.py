"""Does the sender's domain only look like ours? Somebody wants to be taken for us or for an employee."""

from __future__ import annotations

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.decision import Reason
from mailcase.rules.facts import Facts
from mailcase.rules.lookalike import lookalike, shown
from mailcase.rules.screens import Hit, screen
from mailcase.words import Verdict


@screen("spoof")
def spoof(letter: Letter, _facts: Facts, config: Config) -> Hit | None:
    """SILENT where a domain of From or Reply-To looks like one of ours (C69); a person decides about the letter."""
    for address in (*letter.senders, *letter.reply_to):
        domain = address.addr.rpartition("@")[2]
        ours = lookalike(domain, _own_domains(config))
        if ours:
            why = f"домен отправителя ({shown(domain)}) похож на наш ({ours}), но не наш: возможна подделка"
            return Hit(Verdict.SILENT, Reason("spoof", why))
    return None


def _own_domains(config: Config) -> frozenset[str]:
    """Employees may write from a public provider; that is nobody's own domain."""
    addresses = (*config.own_addresses, *(a for e in config.employee for a in e.addresses))
    return frozenset(a.rpartition("@")[2] for a in addresses) - set(config.budget.public_domains)
