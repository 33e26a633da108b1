"""What `mailcase explain` says of what is no letter, of what it passes over, and of a letter written by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from mailcase import explain
from mailcase.cli import app
from tests.letters import SUBJECT, raw
from tests.test_explain import folder, lines

__all__ = ["folder"]


def explained(*paths: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, ["explain", *paths], input=stdin)


def test_a_signature_is_shown_once_and_the_reply_of_programs_stays_whole(folder: Path) -> None:
    signed = "Прошу выставить счёт на поверку.\n\nС уважением,\nКовалёва Анна\nООО «Ромашка»"
    (folder / "signed.eml").write_bytes(raw(signed))
    shown = explained("signed.eml").stdout
    assert [shown.count(line) for line in ("Прошу выставить", "С уважением", "ООО «Ромашка»")] == [1, 1, 1]
    assert lines("signed.eml")[0]["reply"].strip() == signed


@pytest.mark.parametrize(
    "content", [b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 99, b"root:x:0:0:root:/root:/bin/sh\n" * 99]
)
def test_what_is_no_letter_is_called_so_in_a_few_lines(folder: Path, content: bytes) -> None:
    (folder / "odd").write_bytes(content)
    (folder / "good.eml").write_bytes(raw())
    alone = explained("odd")
    assert "does not look like a letter" in alone.stdout
    assert len(alone.stdout) < 8000
    assert alone.exit_code == 1
    assert "does not look" not in explained("good.eml").stdout
    assert explained("odd", "good.eml").exit_code == 0
    told = CliRunner().invoke(app, ["explain", "--json", "odd"])
    assert json.loads(told.stdout)["reasons"][0] == {"rule": "no_letter", "why": explain.NO_LETTER}
    assert told.exit_code == 0


def test_a_bare_body_is_no_file_that_is_no_letter(folder: Path) -> None:
    (folder / "body.txt").write_text("Сколько стоит поверка весов?", encoding="utf-8")
    assert "does not look" not in explained("--kind", "text", "body.txt").stdout


def test_what_a_folder_holds_beside_letters_is_counted_by_reason(folder: Path) -> None:
    inbox = folder / "inbox"
    (inbox / "within").mkdir(parents=True)
    (inbox / "one.eml").write_bytes(raw())
    for name in ("a.jpg", "within/b.jpg"):
        (inbox / name).write_bytes(b"\xff\xd8\xff\xe0")
    (inbox / ".hidden").touch()
    (inbox / "back").symlink_to(inbox)
    os.mkfifo(inbox / "pipe")
    told = explained("inbox")
    expected = "inbox: skipped 5: 1 a link to a folder, 2 begins like no letter, 1 hidden, 1 no regular file\n"
    assert (told.stderr, told.exit_code) == (expected, 0)
    (inbox / "cur").mkdir()
    (inbox / "new").mkdir()
    assert "skipped" not in explained("inbox").stderr


def test_a_letter_in_place_of_paths_is_told_how_to_be_given(folder: Path) -> None:
    assert "explain /dev/stdin <" in explained("-", stdin="Subject: Поверка\n").stderr
    assert "explain /dev/stdin <" not in explained("-", stdin="missing.eml\n").stderr
    (folder / "one.eml").write_bytes(raw())
    command = [sys.executable, "-c", "from mailcase.cli import main; main()", "explain", "--json", "/dev/stdin"]
    with (folder / "one.eml").open("rb") as letter:
        done = subprocess.run(command, stdin=letter, capture_output=True, timeout=60, check=True)
    assert json.loads(done.stdout)["subject"] == SUBJECT


def test_an_empty_file_is_told_with_what_to_do(folder: Path) -> None:
    (folder / "empty.eml").touch()
    assert "save the letter again" in explained("empty.eml").stderr


def test_a_letter_written_by_hand_is_told_what_delivery_would_change(folder: Path) -> None:
    (folder / "delivered.eml").write_bytes(raw())
    (folder / "hand.eml").write_bytes(raw().partition(b"\r\n")[2])
    assert "as a server delivers it has that line; then: yes" in explained("hand.eml").stdout
    assert "as a server delivers" not in explained("delivered.eml").stdout


def test_the_page_is_as_wide_as_the_variable_says(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "one.eml").write_bytes(raw())
    for columns in ("70", "110"):
        monkeypatch.setenv("COLUMNS", columns)
        assert {len(line) for line in explained("one.eml").stdout.splitlines()} == {int(columns)}
