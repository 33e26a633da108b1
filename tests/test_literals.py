"""Ruling phrases out by their letters never rules out one that is there."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailcase.rules import classify
from mailcase.rules.classify_words import Index, Phrase, Pieces
from mailcase.rules.literals import beginnings, certain

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


@pytest.mark.parametrize("expression", [r"\w+", r"(суд)?", r"суд|\w+", r"[а-я]+", r"(?=суд)", r".*", "x{0}"])
def test_where_nothing_is_certain_nothing_is_ruled_out(expression: str) -> None:
    assert certain(expression) is None


@pytest.mark.parametrize(
    ("expression", "heads"),
    [
        (r"\bжалоб\w+", ("жалоб",)),
        (r"\bнеудовлетворительно", ("неудов",)),
        (r"(?:\bсуд\b)", ("суд",)),
        (r"\b(?:не (удалось|смогли?) доставить)", ("не смо", "не уда")),
        (r"\b(очень )?плохо", ("очень ", "плохо")),
        (r"\bпен[июя] за", ("пени з", "пеню з", "пеня з")),
        (r"\bа{2,}б", ("а",)),
        (r"\bab?c", ("abc", "ac")),
        (r"\b(?!не)да", ("да",)),
        (r"^где\W*$", ("где",)),
        (r"(?m:^отправлено (из|с) )", ("отправ",)),
        (r"\b\d руб", tuple(f"{digit} руб" for digit in range(10))),
    ],
)
def test_a_match_at_the_start_of_a_word_begins_in_one_of_few_ways(expression: str, heads: tuple[str, ...]) -> None:
    assert beginnings(expression) == heads


@pytest.mark.parametrize(
    "expression", ["суд", r"\bсуд|иск", r"\b\w+ суд", r"\b-суд", r"\b(суд)?", r"(\bсуд)?иск", r"[?!]"]
)
def test_where_a_match_may_begin_anywhere_no_beginning_is_told(expression: str) -> None:
    assert beginnings(expression) is None


@pytest.mark.parametrize("phrase", _PHRASES[::9], ids=lambda phrase: phrase.expression[:40])
def test_no_phrase_of_the_word_lists_is_overlooked_in_a_text_that_holds_it(phrase: Phrase) -> None:
    @settings(max_examples=4, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(phrase.pattern))
    def holds(text: str) -> None:
        # The phrase's own word may go on where it is cut off, but begins as one.
        starts = Index([phrase]).likely(text)[phrase.home][phrase]
        assert starts is None or phrase.search(text, starts)

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
