"""Once a week the laboratory's model learns what employees corrected, and the quality manager reads what came of it."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import timedelta

from mailcase import learning, letters, post
from mailcase.app import App
from mailcase.jobs import Slot, each_week, job
from mailcase.learning import Compared, Task
from mailcase.learning_process import compare_apart
from mailcase.models import Models
from mailcase.outgoing import Outgoing
from mailcase.reading import own_models
from mailcase.rules.stand_in import stands_in
from mailcase.words import Audience, MailcaseError, Template

log = logging.getLogger(__name__)
_PATIENCE = timedelta(minutes=30)
_LEASE = timedelta(minutes=45)
"""Longer than the training may take, so that no other process begins it meanwhile."""


@job("learn", lambda config: config.schedule.learn, begins=each_week, lease=_LEASE)
def learn(app: App, slot: Slot) -> None:
    """Train where somebody said something new, and judge by the new model from now on where it surely is better."""
    models = own_models(app.config)
    try:
        wanted = learning.task(app, models)
        compared = compare_apart(wanted, app.wake.stop, _PATIENCE) if learning.due(models, wanted) else None
    except MailcaseError as failed:
        _alarm(app, slot, str(failed))
        return
    if app.wake.stop.is_set():
        raise MailcaseError("learning was stopped; it begins anew")
    if compared is not None:
        settle(app, slot, models, wanted, compared)


def settle(app: App, slot: Slot, models: Models, wanted: Task, compared: Compared) -> None:
    """Adopt what is better and write the report; nothing where another process has taken the slot over (LeaseLost)."""
    day = slot.at.astimezone(app.config.calendar.zone).date()
    with app.db.tx() as tx:
        slot.fence(tx)
        if compared.packed or wanted.corrected or wanted.confirmed:
            post.write(tx, app.config, _report(app, slot, wanted, compared))
        # Last, as the folder cannot be rolled back.
        if compared.packed:
            models.adopt(compared.packed, day, wanted.until)
        else:
            models.tried(wanted.until)
    log.info("learn own=%d changed=%s", len(wanted.own), bool(compared.packed))


def _report(app: App, slot: Slot, wanted: Task, compared: Compared) -> Outgoing:
    person = stands_in(app.config.lab.quality_manager, app.config)
    return Outgoing(
        key=f"learned:{slot.at.astimezone(app.config.calendar.zone).date().isoformat()}",
        template=Template.LEARNED,
        audience=Audience.STAFF,
        to=letters.to_person(person),
        values={
            "changed": bool(compared.packed),
            "corrected": wanted.corrected,
            "confirmed": wanted.confirmed,
            "own": len(wanted.own),
            "letters": compared.new.letters,
            "old": asdict(compared.old),
            "new": asdict(compared.new),
        },
        now=slot.now,
        person=person.login,
    )


def _alarm(app: App, slot: Slot, why: str) -> None:
    log.warning("learn: %s", why)
    details = [why[:300], "Письма принимаются и разбираются как обычно, по прежней модели."]
    remedy = "Запустите обучение вручную: mailcase train. Само оно повторится через неделю"
    with app.db.tx() as tx:
        slot.fence(tx)
        key = f"learn:{slot.at.date().isoformat()}"
        post.alarm(tx, app.config, key, slot.now, ("Обучение на исправлениях не удалось", details, remedy))
