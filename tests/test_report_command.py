"""`mailcase report`: the report of any span, mailed to the top management or only printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli import Told, letters, mailcase, opened

NOBODY = "lab.top_management: nobody is named"


@pytest.fixture
def laboratory(folder: Path) -> Path:
    """One with a letter in its register, and nobody in its top management."""
    assert mailcase("import", "--live", *letters(folder)).code == 0
    return folder


def with_management(folder: Path) -> None:
    config = folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    role = 'quality_manager = "petrova"\n'
    config.write_text(text.replace(role, f'{role}top_management = ["petrova"]\n', 1), encoding="utf-8")


def this_month(folder: Path, *more: str) -> Told:
    return mailcase("report", "--from", f"{opened(folder).now():%Y-%m}", *more)


def reports(folder: Path) -> list[str]:
    with opened(folder).db.read() as view:
        return [row.person for row in view.exec_driver_sql("SELECT person FROM outbox WHERE template = 'report'")]


def test_it_is_printed_without_anybody_being_written_to(laboratory: Path) -> None:
    told = this_month(laboratory, "--print")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("Отчёт, ")
    assert "Оценка по анкетам n=0" in told.out
    assert reports(laboratory) == []


@pytest.mark.req("A4")
def test_it_is_mailed_to_the_role_each_time_that_somebody_asks(laboratory: Path) -> None:
    with_management(laboratory)
    assert "queued for petrova" in this_month(laboratory).out
    assert "queued for petrova" in this_month(laboratory).out
    assert reports(laboratory) == ["petrova", "petrova"]


@pytest.mark.req("A4")
def test_with_nobody_in_the_role_it_says_what_to_do(laboratory: Path) -> None:
    told = mailcase("report")
    assert (told.code, NOBODY in told.err, "Traceback" in told.err) == (1, True, False)


@pytest.mark.parametrize(
    ("options", "said"),
    [(("--to", "2026-11"), "needs --from"), (("--from", "11.2026"), "expected a month such as 2026-11")],
)
def test_a_span_that_is_none_is_one_line(laboratory: Path, options: tuple[str, ...], said: str) -> None:
    told = mailcase("report", *options)
    assert (told.code, said in told.err, told.err.count("\n")) == (1, True, 1)
