"""Delivery reports in plain words are told from everything that only looks like one; the letters are invented."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from mailcase.mail.letter import Letter, parse

SAMPLES = tomllib.loads(Path(__file__).with_name("report_words.toml").read_text(encoding="utf-8"))
REPORTS: dict[str, dict[str, Any]] = SAMPLES["reports"]
OTHERS: dict[str, dict[str, Any]] = SAMPLES["others"]


def told(sample: dict[str, Any], path: str) -> Letter:
    head = f"Return-Path: {path}\nFrom: {sample['sender']}\nTo: lab@example.org\nSubject: {sample['subject']}\n"
    return parse(f"{head}Content-Type: text/plain; charset=utf-8\n\n{sample['text']}".encode())


@pytest.mark.req("C33")
@pytest.mark.parametrize("program", REPORTS)
def test_a_report_in_plain_words_says_for_whom_and_whether_for_good(program: str) -> None:
    sample = REPORTS[program]
    report = told(sample, "<>").bounce
    assert report is not None
    assert report.recipients == ("petrov@example.com",)
    assert report.permanent is sample.get("permanent", report.permanent)


@pytest.mark.req("C33")
@pytest.mark.parametrize("name", OTHERS)
def test_what_only_looks_like_a_report_is_none(name: str) -> None:
    sample = OTHERS[name]
    assert told(sample, sample.get("path", f"<{sample['sender']}>")).bounce is None
