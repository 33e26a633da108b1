"""The laboratory's own model: taken up without a restart, given back by one command, never used when damaged."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mailcase.models import Models, shipped_digest
from mailcase.reading import Read, Wanted
from mailcase.reading_process import ReadingProcess
from mailcase.rules import model
from mailcase.stations import model_alarm
from mailcase.words import Kind, MailcaseError
from tests.cli import folder as folder
from tests.cli import mailcase
from tests.lab import Lab
from tests.letters import MONDAY, config, raw

DAY = date(MONDAY.year, MONDAY.month, MONDAY.day)


def one_kind(kind: Kind) -> bytes:
    """A model to which everything is of one kind."""
    told = (model.Learned((label,), [0.0], [[1.0]]) for label in (kind.value, "organisation"))
    return model.pack(["wпросим"], *told)


def test_without_a_folder_the_shipped_model_judges(tmp_path: Path) -> None:
    models = Models(tmp_path / "none")
    assert (models.current(), models.fault()) == (None, "")
    with pytest.raises(MailcaseError, match="shipped model judges already"):
        models.back()


def test_a_model_is_taken_up_by_whoever_judges_already_and_given_back(tmp_path: Path) -> None:
    models, other = Models(tmp_path / "m"), Models(tmp_path / "m")
    assert other.current() is None
    first = models.adopt(one_kind(Kind.REQUEST), DAY, 3)
    assert first.file == f"model-{DAY}.bin"
    assert other.current() is not None
    assert other.current().kind.labels == ("request",)  # type: ignore[union-attr]
    second = models.adopt(one_kind(Kind.CLAIM), DAY, 5)
    assert second.file == f"model-{DAY}-2.bin"
    assert other.current().kind.labels == ("claim",)  # type: ignore[union-attr]
    assert models.back().in_use == first
    assert other.current().kind.labels == ("request",)  # type: ignore[union-attr]
    assert models.back().in_use is None
    assert other.current() is None
    assert models.state().tried_until == 5, "what was given up is not learned again by itself"


def test_old_models_do_not_pile_up(tmp_path: Path) -> None:
    models = Models(tmp_path)
    for n in range(8):
        models.adopt(one_kind(Kind.REQUEST), DAY, n)
    assert len(models.state().models) == len(list(tmp_path.glob("model-*.bin"))) == 5


def test_what_was_given_up_goes_with_the_next_model(tmp_path: Path) -> None:
    models = Models(tmp_path)
    first, second = (models.adopt(one_kind(kind), DAY, 1) for kind in (Kind.REQUEST, Kind.CLAIM))
    copy = tmp_path / "model-copy.bin"
    copy.write_bytes(b"an administrator's own")
    assert models.back().in_use == first
    assert (tmp_path / second.file).exists(), "until then the way back can be undone by hand"
    third = models.adopt(one_kind(Kind.FEEDBACK), DAY, 2)
    assert models.state().models == (third, first)
    assert set(tmp_path.glob("model-*.bin")) == {copy, tmp_path / first.file, tmp_path / third.file}
    assert models.back().in_use == first
    assert (models.fault(), models.current() is None) == ("", False)


def test_a_model_of_an_earlier_version_of_the_program_rests(tmp_path: Path) -> None:
    models = Models(tmp_path)
    models.adopt(one_kind(Kind.REQUEST), DAY, 1)
    names = tmp_path / "in-use.json"
    names.write_text(names.read_text().replace(shipped_digest(), "0" * 64))
    assert models.current() is None
    assert models.state().outdated
    assert models.fault() == ""


def of_another_version(models: Models) -> None:
    """The program was upgraded: what it learned so far was made for the version before."""
    names = models.folder / "in-use.json"
    names.write_text(names.read_text().replace(shipped_digest(), "0" * 64))


def test_the_way_back_from_the_first_model_of_a_version_is_the_shipped_one(folder: Path) -> None:
    models = Models(folder / "models")
    old = models.adopt(one_kind(Kind.CLAIM), DAY, 1)
    of_another_version(models)
    assert mailcase("train", "--back").err == (
        "mailcase: the shipped model judges already; those before were made for another version\n"
    )
    models.adopt(one_kind(Kind.REQUEST), DAY, 2)
    told = mailcase("train", "--back").out
    assert told == f"in use: the shipped model\nmade for another version of the program and passed over: {old.file}\n"
    assert (models.current(), models.state().outdated) == (None, False)
    assert models.state().tried_until == 2, "what was given up is not learned again by itself"


def test_the_way_back_passes_over_what_was_not_in_use(tmp_path: Path) -> None:
    """A program that was upgraded and returned to its old version has models of both."""
    models = Models(tmp_path)
    models.adopt(one_kind(Kind.CLAIM), DAY, 1)
    of_another_version(models)
    first, _ = (models.adopt(one_kind(kind), DAY, 2) for kind in (Kind.REQUEST, Kind.FEEDBACK))
    assert models.back().in_use == first
    assert models.back().in_use is None


@pytest.mark.parametrize("harm", ["cut", "other", "gone", "names"])
def test_what_is_damaged_is_never_used_and_says_so(tmp_path: Path, harm: str) -> None:
    models = Models(tmp_path)
    path = tmp_path / models.adopt(one_kind(Kind.REQUEST), DAY, 1).file
    assert models.current() is not None
    if harm == "gone":
        path.unlink()
    elif harm == "names":
        (tmp_path / "in-use.json").write_text('{"models": [{')
    else:
        path.write_bytes(path.read_bytes()[:-9] if harm == "cut" else one_kind(Kind.CLAIM))
    assert models.current() is None
    assert "train --back" in models.fault()
    assert models.back().in_use is None
    assert models.fault() == ""


@pytest.mark.parametrize("content", [b"no model at all", one_kind(Kind.REQUEST)[:-9]], ids=["other", "cut"])
def test_a_model_that_was_damaged_before_it_was_taken_up_is_told_of(folder: Path, content: bytes) -> None:
    """Its digest is right, and yet nobody can judge by it."""
    models = Models(folder / "models")
    models.adopt(one_kind(Kind.REQUEST), DAY, 1)
    assert models.fault() == ""
    models.adopt(content, DAY, 2)
    assert models.current() is None
    assert [models.fault(), models.fault()] == [Models(folder / "models").fault()] * 2
    assert "is no model of this version" in models.fault()
    told = mailcase("check", "--offline")
    assert f"model-{DAY}-2.bin: is no model of this version" in " ".join(told.out.split())
    assert "train --back" in told.out


def test_the_process_that_reads_takes_up_a_new_model_without_a_restart(tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(raw())
    reader = ReadingProcess(config(classify={"models": tmp_path / "models"}))
    wanted = Wanted(tmp_path / "1.eml")
    try:
        (before,) = reader.read([wanted])
        Models(tmp_path / "models").adopt(one_kind(Kind.SUGGESTION), DAY, 1)
        (after,) = reader.read([wanted])
    finally:
        reader.stop()
    assert isinstance(before, Read)
    assert isinstance(after, Read)
    assert (before.judged.kind, after.judged.kind) == (Kind.REQUEST, Kind.SUGGESTION)


def test_explain_judges_by_the_model_of_the_laboratory(folder: Path) -> None:
    (folder / "1.eml").write_bytes(raw())
    assert mailcase("explain", "--json", "1.eml").lines[0]["kind"] == "request"
    Models(folder / "models").adopt(one_kind(Kind.SUGGESTION), DAY, 1)
    assert mailcase("explain", "--json", "1.eml").lines[0]["kind"] == "suggestion"
    assert mailcase("train", "--back").out == "in use: the shipped model\n"
    assert mailcase("explain", "--json", "1.eml").lines[0]["kind"] == "request"


def test_a_model_is_readable_by_nobody_else(tmp_path: Path) -> None:
    made = Models(tmp_path / "m").adopt(one_kind(Kind.REQUEST), DAY, 1)
    assert (tmp_path / "m" / made.file).stat().st_mode & 0o077 == 0


def test_a_damaged_model_is_told_once_a_day_and_mail_goes_on(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    models = Models(tmp_path / "models")
    made = models.adopt(one_kind(Kind.SUGGESTION), DAY, 1)
    assert not model_alarm.tell(lab.app, models)
    (tmp_path / "models" / made.file).write_bytes(b"x")
    assert [model_alarm.tell(lab.app, models) for _ in range(2)] == [True, True]
    lab.arrive(raw())
    assert lab.cases()[0].kind == "request"
    assert [s.subject for s in lab.to("smirnova@cleanmet.ru")] == ["Внимание: модель лаборатории повреждена"]
