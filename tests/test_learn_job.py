"""Once a week the model learns, apart from the stations; the quality manager reads of it where there is news."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase import check, jobs, learning, training
from mailcase.check_finding import Level
from mailcase.jobs import JOBS, Slot
from mailcase.jobs.learn import settle
from mailcase.learning import Compared, Measure, Task
from mailcase.learning_process import compare_apart
from mailcase.reading import own_models
from mailcase.store import tables as t
from mailcase.words import LeaseLost, MailcaseError
from tests.lab import Lab
from tests.letters import raw
from tests.test_assign import staff
from tests.test_corrections import says

SMIRNOVA = "smirnova@cleanmet.ru"
OLD = Measure(1000, 5, 100, 200, 3)
NEW = Measure(1000, 4, 99, 201, 7)
NOTHING = Task((), frozenset(), 0, 0, 0)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint", "claim")}))


def four(day: int) -> datetime:
    """Four in the morning of that day of November or December, in Moscow."""
    return datetime(2026, 11, 1, 1, 0, tzinfo=UTC) + timedelta(days=day - 1)


def claimed(lab: Lab) -> Slot:
    lab.now = four(30)
    at = lab.now.astimezone(lab.app.config.calendar.zone)
    slot = jobs.claim_slot(lab.app, "learn", at, at - timedelta(days=7))
    assert slot is not None
    return slot


def learned(lab: Lab) -> list[str]:
    return [s.subject for s in lab.to(SMIRNOVA) if s.subject.startswith("Обучение")]


def test_it_runs_on_the_first_working_day_of_the_week_once(lab: Lab) -> None:
    assert [day for day in range(24, 38) if "learn" in lab.at(four(day))] == [30, 37]


def test_a_missed_monday_is_made_up_for_and_a_day_off_moves_it(tmp_path: Path) -> None:
    lab = Lab(tmp_path, calendar={"extra_days_off": ["2026-12-07"]})
    assert [day for day in (32, 33, 38) if "learn" in lab.at(four(day))] == [32, 38]


def test_with_nothing_said_nothing_is_trained_and_nobody_is_written_to(lab: Lab) -> None:
    lab.arrive(raw())
    assert "learn" in lab.at(four(30))
    assert learned(lab) == []
    assert not own_models(lab.app.config).folder.exists()


def test_a_better_model_judges_from_now_on_and_the_quality_manager_reads_why(lab: Lab) -> None:
    lab.arrive(raw())
    says(lab, "!вид предложение")
    models = own_models(lab.app.config)
    wanted = learning.task(lab.app, models)
    packed = training.train(training.letters(step=40))
    settle(lab.app, claimed(lab), models, wanted, Compared(OLD, NEW, packed))
    lab.work()
    assert learned(lab) == ["Обучение: письма разбирает новая модель"]
    text = lab.to(SMIRNOVA)[-1].text
    assert "исправили вид у 1 письма" in text
    assert "5 → 4" in text
    assert models.current() is not None
    assert not learning.due(models, learning.task(lab.app, models))


def test_a_worse_model_is_only_reported(lab: Lab) -> None:
    lab.arrive(raw())
    says(lab, "!вид предложение")
    models = own_models(lab.app.config)
    settle(lab.app, claimed(lab), models, learning.task(lab.app, models), Compared(NEW, OLD))
    lab.work()
    assert learned(lab) == ["Обучение: модель осталась прежней"]
    assert models.current() is None
    assert not learning.due(models, learning.task(lab.app, models))


def test_no_report_where_nothing_changed_and_nobody_said_anything(lab: Lab) -> None:
    settle(lab.app, claimed(lab), own_models(lab.app.config), NOTHING, Compared(OLD, OLD))
    assert lab.outbox() == []


def test_who_overslept_the_slot_adopts_nothing(lab: Lab) -> None:
    slot = claimed(lab)
    with lab.app.db.tx() as tx:
        tx.execute(sa.update(t.job_run).where(t.job_run.c.job == "learn").values(claim_no=t.job_run.c.claim_no + 1))
    models = own_models(lab.app.config)
    with pytest.raises(LeaseLost):
        settle(lab.app, slot, models, NOTHING, Compared(OLD, NEW, b"x"))
    assert not models.folder.exists()
    assert lab.outbox() == []


def test_names_that_cannot_be_read_are_told_and_stop_no_other_job(lab: Lab) -> None:
    models = own_models(lab.app.config)
    models.folder.mkdir()
    (models.folder / "in-use.json").write_text("{")
    assert {"learn", "silence"} <= set(lab.at(four(30) + timedelta(hours=5)))
    assert [row.key for row in lab.outbox() if row.template == "alarm"] == ["alarm:learn:2026-11-30"]
    mail_id = lab.arrive(raw())
    assert lab.mail(mail_id).outcome == "new_case"


def test_no_other_process_may_begin_while_it_learns(lab: Lab) -> None:
    entry = dict(JOBS)["learn"]
    at = four(30).astimezone(lab.app.config.calendar.zone)
    lab.now = four(30)
    assert jobs.claim_slot(lab.app, "learn", at, at, entry.lease) is not None
    lab.now += timedelta(minutes=31)
    assert jobs.claim_slot(lab.app, "learn", at, at, entry.lease) is None
    lab.now += timedelta(minutes=20)
    assert jobs.claim_slot(lab.app, "learn", at, at, entry.lease) is not None


def test_a_process_apart_finds_the_same(lab: Lab) -> None:
    lab.arrive(raw())
    says(lab, "!вид предложение")
    wanted = learning.task(lab.app, own_models(lab.app.config))
    shipped = training.letters(step=40)
    apart = compare_apart(wanted, threading.Event(), timedelta(minutes=2), shipped)
    assert apart == learning.compare(wanted, shipped)


def test_it_ends_when_the_daemon_does_or_when_it_takes_too_long() -> None:
    stop = threading.Event()
    with pytest.raises(MailcaseError, match="takes longer than"):
        compare_apart(NOTHING, stop, timedelta(0))
    stop.set()
    assert compare_apart(NOTHING, stop, timedelta(minutes=1)) is None


def test_a_process_that_dies_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "PYTHONHOME", "/nonexistent")
    with pytest.raises(MailcaseError, match="the training failed: it ended with 1"):
        compare_apart(NOTHING, threading.Event(), timedelta(minutes=1))


def test_check_says_which_model_judges(lab: Lab) -> None:
    def said() -> tuple[Level, str]:
        return next((f.level, f.said) for f in check.everything(lab.app, servers=False) if f.what == "model")

    assert said() == (Level.OK, "the shipped one judges")
    models = own_models(lab.app.config)
    made = models.adopt(training.train(training.letters(step=40)), lab.now.date(), 1)
    assert said() == (Level.OK, f"the laboratory's own {made.file} judges")
    (models.folder / made.file).write_bytes(b"broken")
    level, text = said()
    assert level is Level.PROBLEM
    assert "was damaged" in text
