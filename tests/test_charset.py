"""The alphabet of a letter is found out where it is declared wrongly or not at all."""

from __future__ import annotations

import pytest

from mailcase.mail.charset import clean, codec, decode

RUSSIAN = "Просим поверить манометры до пятницы, ООО Прибор"


@pytest.mark.req("C61")
@pytest.mark.parametrize("charset", ["utf-8", "cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic"])
@pytest.mark.parametrize("declared", ["", "us-ascii", "iso-8859-1", "unknown-8bit", "x-nonsense", "utf-8"])
def test_russian_is_recognised_whatever_it_is_called(charset: str, declared: str) -> None:
    found = decode(RUSSIAN.encode(charset), declared)
    assert found.text == RUSSIAN
    assert found.confidence > 0.6


@pytest.mark.parametrize("charset", ["cp1251", "koi8-r", "utf-8"])
@pytest.mark.parametrize("text", ["СРОЧНО", "Привет", "Иванов И. И.", "Счёт", "ООО «Прибор»"])
def test_a_few_letters_are_enough(text: str, charset: str) -> None:
    try:
        data = text.encode(charset)
    except UnicodeEncodeError:
        pytest.skip("this alphabet has no such signs")
    assert decode(data).text == text


@pytest.mark.parametrize("declared", ["windows-1251", "koi8-r"])
def test_utf8_under_a_russian_name_is_still_utf8(declared: str) -> None:
    assert decode(RUSSIAN.encode(), declared).text == RUSSIAN


@pytest.mark.parametrize(
    ("text", "declared"), [("Die Hasen und die Frösche", "iso-8859-1"), ("Příloha č. 5", "iso-8859-2")]
)
def test_western_letters_are_not_taken_for_russian(text: str, declared: str) -> None:
    assert decode(text.encode(declared), declared).text == text


def test_a_cut_character_costs_one_character() -> None:
    found = decode(RUSSIAN.encode()[:-13], "utf-8")
    assert found.text.startswith("Просим поверить манометры")
    assert found.text.count("�") <= 1


@pytest.mark.parametrize(
    "name", ["base64", "rot13", "undefined", "idna", "unicode_escape", "x\0y", "", "нет такой", "a" * 500]
)
def test_no_codec_that_is_no_alphabet_is_used(name: str) -> None:
    assert codec(name) == ""
    assert decode(b"plain", name).text == "plain"


def test_clean_takes_out_what_databases_refuse_and_nothing_else() -> None:
    assert clean("a\0b\ud800\tв\nг\ufeff👍") == "ab\tв\nг👍"
