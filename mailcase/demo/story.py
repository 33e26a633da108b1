"""Plays the story: each letter by real SMTP, then whatever it causes, told as it happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row

from mailcase.demo import people, replies, scenes
from mailcase.demo.mime_forms import Stamp
from mailcase.demo.narrator import Narrator
from mailcase.demo.replies import Parent
from mailcase.demo.scenes import Scene
from mailcase.demo.servers import Delivery
from mailcase.demo.stage import PATIENCE, Fate, Stage
from mailcase.jobs import JOBS, Slot, installed
from mailcase.rules.deadline import workdays
from mailcase.words import Audience, MailcaseError, Template


@dataclass(frozen=True)
class Sent:
    """A letter of ours that one scene caused; `after` is the time since the cause was sent, in seconds."""

    row: Row[Any]
    delivery: Delivery | None
    after: float | None

    @property
    def acknowledges(self) -> bool:
        """Whether it tells a client that his letter was registered."""
        return self.row.template in (Template.ACKNOWLEDGEMENT, Template.ACKNOWLEDGEMENT_COMPLAINT)


@dataclass(frozen=True)
class Told:
    """One scene as it went; `fate` is None where the letter never became anything."""

    scene: Scene
    message_id: str
    fate: Fate | None
    sent: tuple[Sent, ...]

    def only(self, template: Template) -> Sent | None:
        """The letter made from that template, if there is exactly one."""
        found = [sent for sent in self.sent if sent.row.template == template]
        return found[0] if len(found) == 1 else None


@dataclass
class Story:
    """The demo from the first letter to the morning a fortnight later."""

    stage: Stage
    narrator: Narrator
    told: dict[str, Told] = field(default_factory=dict)
    digests: tuple[Sent, ...] = ()
    morning: datetime | None = None

    def play(self) -> None:
        """Everything in order; raises MailcaseError where a letter that the story goes on from is missing."""
        for first in scenes.FIRST:
            self._write(first.scene, first.write)
            if first.scene.writer is people.BELOV:
                self._comes_back()
        acknowledged = self._received("question", Template.ACKNOWLEDGEMENT)
        self._write(scenes.OUT_OF_OFFICE, lambda stamp: replies.out_of_office(stamp, acknowledged))
        registered = self._received("request", Template.ACKNOWLEDGEMENT)
        self._write(scenes.ADDITION, lambda stamp: replies.addition(stamp, registered))
        notice = self._received("addition", Template.PASS_ON)
        self._write(scenes.ANSWER, lambda stamp: replies.answer(stamp, notice))
        answer = self._received("answer", Template.ANSWER)
        self._write(scenes.THANKS, lambda stamp: replies.thanks(stamp, answer))
        self._fortnight()

    def _received(self, name: str, template: Template) -> Parent:
        sent = self.told[name].only(template)
        if sent is None or sent.delivery is None:
            raise MailcaseError(f"scene {name!r}: no letter {template} arrived, so the story cannot go on")
        return Parent.of(sent.delivery.raw)

    def _write(self, scene: Scene, write: Callable[[Stamp], bytes]) -> None:
        number = len(self.told) + 1
        self.narrator.title(number, scene.title)
        stamp = Stamp(number, self.stage.app.now().astimezone(self.stage.app.config.calendar.zone))
        mark = self.stage.newest()
        begun = self.stage.mail(scene.writer.address, write(stamp))
        self._tell(scene, stamp.message_id(scene.writer), mark, begun)

    def _comes_back(self) -> None:
        """The server's report about the acknowledgement that it could not deliver."""
        self.narrator.title(len(self.told) + 1, scenes.BOUNCE.title)
        mark = self.stage.newest()
        report = self.stage.servers.wait_for(people.LAB, lambda letter: letter.envelope_from == "", PATIENCE)
        self._tell(scenes.BOUNCE, report.message_id if report else "", mark, None)

    def _tell(self, scene: Scene, message_id: str, mark: int, begun: float | None) -> None:
        fate = self.stage.until(lambda: self.stage.fate(message_id))
        if fate is None:
            self.narrator.say("nothing became of this letter", "bold red")
        else:
            self.narrator.arrived(fate.mail)
            self.narrator.became(fate)
        sent = self._letters_after(mark, begun)
        self.told[scene.name] = Told(scene, message_id, fate, sent)
        for letter in sent:
            whole = scene.shown and (letter.row.audience == Audience.CLIENT or scene.name == "request")
            self.narrator.sent(letter.row, letter.delivery, letter.after, shown=whole)

    def _letters_after(self, mark: int, begun: float | None) -> tuple[Sent, ...]:
        rows = self.stage.until(lambda: self.stage.gone(mark))
        if rows is None:
            rows = self.stage.written(mark)
        delivered = {delivery.message_id: delivery for delivery in self.stage.servers.delivered()}
        found = [(row, delivered.get(row.message_id)) for row in rows]
        return tuple(Sent(row, at, at.at - begun if at and begun is not None else None) for row, at in found)

    def _fortnight(self) -> None:
        """The digest of a working morning two weeks later, by which time some letters are overdue."""
        app = self.stage.app
        calendar = app.config.calendar
        day = (app.now().astimezone(calendar.zone) + timedelta(days=14)).date()
        while not workdays(calendar).is_working(day):
            day += timedelta(days=1)
        self.morning = datetime.combine(day, app.config.schedule.digest, calendar.zone)
        self.narrator.title(
            len(self.told) + 1, f"A fortnight later, {self.morning:%d.%m.%Y, %H:%M}: the morning letter"
        )
        digest = JOBS.get("digest")
        if digest is None:
            raise MailcaseError("there is no job called digest")
        mark = self.stage.newest()
        digest.run(app, Slot(self.morning, installed(app), self.morning.astimezone(UTC)))
        app.wake.send.set()
        self.digests = self._letters_after(mark, None)
        for letter in self.digests:
            accountable = letter.row.person in (app.config.lab.quality_manager, people.PETROVA.partition("@")[0])
            self.narrator.sent(letter.row, letter.delivery, None, shown=accountable)
