"""How far a letter from an employee's address is believed: proven by our server, by our own letter, or only claimed.

Only `Authentication-Results` of a server that the configuration names counts, and only where our own server put it
(RFC 8601 section 5, C100). An unknown result is no failure (C101). Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase

from mailcase.config import Config, Employee
from mailcase.mail.letter import Letter
from mailcase.rules.facts import Facts, ThreadHit
from mailcase.rules.screens import Hit
from mailcase.words import Audience, Trust, Verdict

FRESH = timedelta(days=30)
"""So long a letter of ours vouches for whoever answers it."""
_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"^\s*(dkim|dmarc|spf)\s*(?:/\s*\d+)?\s*=\s*(\w+)", re.IGNORECASE)
_PROPERTY = re.compile(r'\b(header\.(?:d|i|from))\s*=\s*"?([^\s";]+)', re.IGNORECASE)
_BY = re.compile(r"\bby\s+([\w.-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Authentication:
    """Results of our own server, lower-case (`pass`, `fail`, `none`, ...); empty where it says nothing.

    `dkim` is `pass` only where the signing domain is the sender's own (aligned, RFC 7489 section 3.1.1).
    """

    dkim: str = ""
    dmarc: str = ""
    spf: str = ""

    @property
    def proven(self) -> bool:
        """The sender's domain vouches for the letter."""
        return self.dmarc == "pass" or (self.dkim == "pass" and self.dmarc != "fail")


@dataclass(frozen=True, slots=True)
class Proof:
    """What speaks for a staff letter: the domain (`verified`), our own letter (`answering`), or something against."""

    verified: bool = False
    answering: bool = False
    refuted: bool = False

    @property
    def trust(self) -> Trust:
        """The rung of the ladder (architecture 10)."""
        if self.refuted:
            return Trust.CLAIMED
        if self.verified:
            return Trust.VERIFIED
        return Trust.ANSWERING if self.answering else Trust.CLAIMED

    @property
    def double(self) -> bool:
        """Both proofs, as risky acts need (C102)."""
        return self.verified and self.answering and not self.refuted


def servers(config: Config) -> tuple[str, ...]:
    """The authserv-ids that are believed; none where the configuration names none."""
    return tuple(dict.fromkeys(box.authserv_id for box in config.mailbox if box.authserv_id))


def authentication(letter: Letter, *authserv_ids: str) -> Authentication:
    """What our own server found out; `authserv_ids` are patterns (`mx*.example.ru`), as providers stamp per host."""
    dkim = dmarc = spf = ""
    domain = letter.sender.addr.rpartition("@")[2].lower()
    for value in _stamps(letter, authserv_ids):
        for part in value.split(";")[1:]:
            found = _RESULT.match(part)
            if not found:
                continue
            method, result = found[1].lower(), found[2].lower()
            named = {k.lower(): v.lower().rpartition("@")[2] for k, v in _PROPERTY.findall(part)}
            if method == "dkim" and dkim != "pass":
                signer = named.get("header.d") or named.get("header.i", "")
                dkim = "unaligned" if result == "pass" and not _aligned(signer, domain) else result
            elif method == "dmarc" and not dmarc and named.get("header.from", domain) == domain:
                dmarc = result
            elif method == "spf":
                spf = spf or result
    return Authentication(dkim, dmarc, spf)


def trust(letter: Letter, facts: Facts, person: Employee, *authserv_ids: str) -> Trust:
    """The rung of the ladder for this letter from that person's address."""
    return prove(letter, facts, person, authserv_ids).trust


def prove(
    letter: Letter, facts: Facts, person: Employee, authserv_ids: tuple[str, ...], hits: tuple[Hit, ...] = ()
) -> Proof:
    """Everything that speaks for and against; a sign of automatic mail or several From speak against."""
    said = authentication(letter, *authserv_ids)
    automatic = any(hit.verdict >= Verdict.BULK or hit.reason.rule == "auto_subject" for hit in hits)
    submitted = letter.header("auto-submitted").strip().lower() not in ("", "no")
    against = automatic or submitted or bool(letter.report_type) or len(letter.senders) != 1
    answering = any(answers(hit, facts, person) for hit in facts.thread)
    return Proof(said.proven, answering, said.dmarc == "fail" or against)


def answers(hit: ThreadHit, facts: Facts, person: Employee) -> bool:
    """Whether this id is of a letter that we sent to that very person within 30 days before his own."""
    if hit.audience is not Audience.STAFF or hit.person != person.login or hit.sent_at is None:
        return False
    return hit.sent_at - timedelta(days=1) <= facts.received_at <= hit.sent_at + FRESH


def _aligned(signer: str, domain: str) -> bool:
    """Relaxed alignment without a list of public suffixes: one is the other or a part of it, never a bare TLD."""
    if "." not in signer or "." not in domain:
        return False
    return signer == domain or domain.endswith("." + signer) or signer.endswith("." + domain)


def _stamps(letter: Letter, authserv_ids: tuple[str, ...]) -> list[str]:
    """The `Authentication-Results` of our own server, comments taken out.

    Everything above the topmost Received was put there by our own server. Below it some servers (Yandex, milters
    that insert) put theirs beneath their own Received: there only the first one counts, and only before the first
    Received of another server, since all that follows came with the letter. A server that neither stamps every
    letter nor strips foreign stamps with its name (RFC 8601 section 5) must not be named in the configuration.
    """
    above: list[str] = []
    received = 0
    for name, value in letter.headers:
        if name == "received":
            received += 1
            if received > 1 and (above or not _ours(_BY.search(_bare(value)), authserv_ids)):
                break
        elif name == "authentication-results":
            stamp = _bare(value)
            if not _ours(re.match(r'\s*"?([^\s";]+)', stamp), authserv_ids):
                continue
            if received:
                return above or [stamp]
            above.append(stamp)
    return above


def _ours(found: re.Match[str] | None, authserv_ids: tuple[str, ...]) -> bool:
    return found is not None and any(fnmatchcase(found[1].lower(), p.lower()) for p in authserv_ids if p)


def _bare(value: str) -> str:
    before = None
    while before != value:
        before, value = value, _COMMENT.sub(" ", value)
    return value
