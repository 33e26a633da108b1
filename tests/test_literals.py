"""Ruling phrases out by their letters never rules out one that is there."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailcase.rules import classify
from mailcase.rules.classify_words import Index, Phrase, Pieces
from mailcase.rules.literals import certain

_TABLES = [table for words in (classify._COMPLAINT, classify._KINDS) for table in words.tables.values()]
_LISTS = [sign.phrases for table in _TABLES for sign in table]
_PHRASES = [phrase for phrases in _LISTS for phrase in phrases.all]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        (r"жалоб\w+", ("жалоб",)),
        (r"\bсуд\b", ("суд",)),
        (r"не (удалось|смогли?) доставить", (" доставить",)),
        (r"(верн(ите|уть)|возмести)", ("верн", "возмести")),
        (r"(очень )?плохо", ("плохо",)),
        (r"пен[июя]", ("пен",)),
        (r"[?!]{3}", ("?", "!")),
        (r"возмести|иск", ("возмести", "иск")),
        (r"ошибк(?!и не)", ("ошибк",)),
        (r"(?:акт|счет) с", ("акт", "счет")),
        (r"5\.1\.1", ("5.1.1",)),
        (r"за{2,}", ("за",)),
        (r"x{0,3}yz", ("yz",)),
        (r"аб+в", ("аб",)),
        (r"[]а]", ("]", "а")),
    ],
)
def test_a_match_holds_one_of_the_certain_words(expression: str, words: tuple[str, ...]) -> None:
    assert certain(expression) == words


@pytest.mark.parametrize("expression", [r"\d+", r"(суд)?", r"суд|\w+", r"[а-я]+", r"(?=суд)", r".*", "x{0}"])
def test_where_nothing_is_certain_nothing_is_ruled_out(expression: str) -> None:
    assert certain(expression) is None


@pytest.mark.parametrize("phrase", _PHRASES[::9], ids=lambda phrase: phrase.expression[:40])
def test_no_phrase_of_the_word_lists_is_overlooked_in_a_text_that_holds_it(phrase: Phrase) -> None:
    @settings(max_examples=4, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(phrase.pattern))
    def holds(text: str) -> None:
        assert any(word in text for word in Index([phrase]).likely([text])[phrase])

    holds()


def test_every_phrase_of_the_word_lists_is_a_regular_expression() -> None:
    assert all(phrase.pattern for phrase in _PHRASES)


def test_a_list_finds_what_its_single_expression_finds() -> None:
    texts = (
        "мы недовольны: протокол с ошибкой",
        "верните деньги до пятницы, иначе обратимся в суд",
        "спасибо, вопросов нет!",
    )
    for phrases in _LISTS:
        first = next((m for m in map(phrases.pattern.search, texts) if m), None)
        found = phrases.search(Pieces(texts))
        assert (found and found.span()) == (first and first.span())
