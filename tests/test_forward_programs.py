"""The original of a forwarded letter is found in whatever program passed it on; the letters are invented."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mailcase.mail.letter import parse

PROGRAMS = tomllib.loads(Path(__file__).with_name("forward_programs.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("words", ["", "Коллеги, это к вам.\n\nС уважением,\nАнна"], ids=["bare", "with a word"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_original_and_the_forwarders_own_words_are_told_apart(program: str, words: str) -> None:
    subject = f"{PROGRAMS[program].get('prefix', 'Fwd:')} Поверка весов"
    head = f"From: anna@example.ru\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n"
    letter = parse(f"{head}{words}\n\n{PROGRAMS[program]['text']}".encode())
    found = letter.forwarded
    assert found is not None
    assert (found.from_addr, found.from_name) == ("belov@example.org", "Иван Белов")
    assert found.subject == "Поверка весов"
    assert "Здравствуйте!" in found.text
    assert not words or letter.reply == words
