"""The alphabet of a letter is found out where it is declared wrongly or not at all."""

from __future__ import annotations

import unicodedata

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


CAPITALS = "ЗАЯВКА НА ПОВЕРКУ ВЕСОВ ОТ ООО РОМАШКА"
UKRAINIAN = "Добрий день! Просимо надіслати рахунок за повірку вагів, її термін і ціну."


@pytest.mark.req("C61")
@pytest.mark.parametrize("text", [RUSSIAN, CAPITALS], ids=["words", "capitals"])
@pytest.mark.parametrize("meant", ["cp1251", "koi8-r", "cp866", "mac-cyrillic", "iso8859-5"])
@pytest.mark.parametrize("declared", ["windows-1251", "win-1251", "koi8-r", "x-mac-cyrillic", "cp-866", "iso-ir-144"])
def test_one_russian_code_page_called_another_is_found_out(text: str, meant: str, declared: str) -> None:
    assert decode(text.encode(meant), declared).text == text


@pytest.mark.parametrize("meant", ["cp1251", "koi8-u", "mac-cyrillic"])
def test_ukrainian_is_recognised(meant: str) -> None:
    assert decode(UKRAINIAN.encode(meant), "koi8-u" if meant == "koi8-u" else "").text == UKRAINIAN


def misread(text: str, meant: str, read: str) -> str:
    """The text as a program shows it that takes one code page for another; what has no sign keeps its number."""
    return "".join(
        chr(byte) if (sign := bytes([byte]).decode(read, "replace")) == "\ufffd" else sign
        for byte in text.encode(meant)
    )


@pytest.mark.parametrize("text", [RUSSIAN, CAPITALS, UKRAINIAN, "Просим счёт"])
@pytest.mark.parametrize("read", ["cp1251", "cp1252", "latin-1", "koi8-r", "cp866"])
def test_text_encoded_twice_is_repaired(text: str, read: str) -> None:
    found = decode(misread(text, "utf-8", read).encode(), "utf-8")
    assert found.text == text
    assert found.confidence < 1


@pytest.mark.parametrize(
    ("meant", "read"), [("cp1251", "latin-1"), ("koi8-r", "latin-1"), ("cp1251", "koi8-r"), ("koi8-r", "cp1251")]
)
def test_a_code_page_taken_for_another_on_the_way_is_repaired(meant: str, read: str) -> None:
    assert decode(misread(RUSSIAN, meant, read).encode(), "utf-8").text == RUSSIAN


@pytest.mark.parametrize(
    "text",
    [
        "Die Hasen und die Frösche: größer, schöner, älter",
        "Élève à l'école, où il était déjà",
        "Þetta er íslenska og það er ágætt að lesa hana",
        "РСФСР, РСПП и СССР: РС-100, РС-200, СР-5",
        "мРНК и кДНК, цена за рКЖ?",
        "Србија: Ђорђе Љубичић и Његош, Џакарта",
        "п. 1, п. 2, п. 3, я и Пётр",
        "╔══╤══╗\n║ А│ Б║\n╚══╧══╝",
        "— Да. – Нет. — Кто? – Я. — Вы? – Он.",
    ],
)
def test_honest_text_is_left_alone(text: str) -> None:
    assert decode(text.encode(), "utf-8").text == text


def test_letters_of_two_signs_become_one() -> None:
    assert decode(unicodedata.normalize("NFD", "Йод, ёмкость").encode()).text == "Йод, ёмкость"
