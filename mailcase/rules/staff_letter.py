"""A letter from an employee's address, with what is known of it: what the rules about staff letters look at."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mailcase.config import Config, Employee
from mailcase.mail.letter import Letter
from mailcase.rules import tag
from mailcase.rules.decision import Act, Command, Held
from mailcase.rules.facts import CaseFact, Facts, ThreadHit
from mailcase.rules.orders import Mistake, parse_orders
from mailcase.rules.people import plain
from mailcase.rules.thread import parent, referred
from mailcase.rules.trust import Proof
from mailcase.words import Audience, Kind, Trust

_WAS_IT_YOU = "Это Вы писали?"


@dataclass(frozen=True, slots=True)
class StaffLetter:
    """A letter from that person's address, with what is known and how far it is believed."""

    letter: Letter
    facts: Facts
    config: Config
    person: Employee
    proof: Proof
    kind: Kind | None = None
    """What the words sound like, whoever wrote them."""

    @property
    def case(self) -> CaseFact | None:
        """The case it is about: staff reuse old mails, so the tag beats references (C44)."""
        facts = self.facts
        return facts.case(facts.tag_case_id) or facts.case(referred(self.letter, facts))

    @property
    def answered(self) -> ThreadHit | None:
        """Our letter to this very person that he answers, and not one further up a talk among colleagues."""
        hit = parent(self.letter, self.facts)
        if hit is None or hit.audience is not Audience.STAFF or hit.person != self.person.login:
            return None
        direct = not self.letter.in_reply_to or hit.message_id.lower() in map(str.lower, self.letter.in_reply_to)
        return hit if direct else None

    @property
    def text(self) -> str:
        """His new words."""
        return self.letter.reply.strip()

    @property
    def only_to_us(self) -> bool:
        """The laboratory is the only recipient."""
        return bool(self.letter.recipients) and not self.others

    @property
    def others(self) -> tuple[str, ...]:
        """Recipients beside the laboratory and the writer himself, lower-case."""
        ours = self.config.own_addresses | set(self.person.addresses)
        return tuple(a.lower() for a in self.letter.recipients if a and plain(a) not in ours)

    @property
    def colleagues(self) -> tuple[Employee, ...]:
        """Other employees in To or Cc."""
        return tuple(e for e in self.config.employee if set(e.addresses) & set(self.others))

    def orders(self) -> tuple[tuple[Act, ...], str, tuple[Mistake, ...]]:
        """Orders of the subject and of the text's top, the remaining words, and what was not understood."""
        return parse_orders(tag.after(self.letter.subject, self.config.lab.prefix), self.text)

    def held(self, question: str, *proposal: Act) -> Held:
        """Wait for his «да» to these acts; without proof he is asked whether he wrote this, which is word enough."""
        trust = self.proof.trust
        asked = _WAS_IT_YOU if trust is Trust.CLAIMED else question
        return Held(self.case.id if self.case else None, self.person.login, trust, asked, proposal)

    def doubt(self, question: str, *proposal: Act, to_client: bool = False) -> Held:
        """As `held`, about the words themselves: «да» to «Это Вы писали?» settles no doubt about them."""
        asked = self.held(question, *proposal)
        return replace(asked, to_client=to_client, then=question if self.proof.trust is Trust.CLAIMED else "")

    def command(self, *acts: Act) -> Command | Held:
        """Act, where the letter is believed (C102)."""
        if self.proof.trust is Trust.CLAIMED:
            return self.held("", *acts)
        return self._command(*acts)

    def harmless(self, *acts: Act) -> Command | Held:
        """As `command`, for what harms nobody and helps for minutes only: asked where something speaks against him."""
        return self.command(*acts) if self.proof.refuted else self._command(*acts)

    def mistaken(self, *mistakes: str) -> Command | Held:
        """Tell him what was not understood; nothing is done, and nothing waits for his word."""
        if self.proof.refuted:
            return self.doubt(". ".join(mistakes))
        return self._command(mistakes=mistakes)

    def _command(self, *acts: Act, mistakes: tuple[str, ...] = ()) -> Command:
        case_id = self.case.id if self.case else None
        return Command(case_id, self.person.login, self.proof.trust, acts, mistakes)
