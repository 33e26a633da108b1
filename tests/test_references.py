"""The register of normative references, and what it says of a term whose source has no text (A3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailcase import references
from mailcase.config import Config
from tests.cli import letters, mailcase
from tests.letters import config

DEFAULT = "по умолчанию, не из СТО-СМК-005"
MARK = "значение по умолчанию"
CITED = '[terms.request]\nlimit = 4\nsource = "СТО-СМК-005, 6.2"\n'
TEXT = '[[reference]]\nid = "СТО-СМК-005"\nedition = "редакция 2"\nfile = "sto.pdf"\n'


def known(folder: Path, *ids: str) -> Config:
    """A laboratory that has these texts."""
    for number, name in enumerate(ids):
        (folder / f"{number}.pdf").write_bytes(b"%PDF-1.4")
        assert name
    return config(reference=[{"id": name, "file": folder / f"{n}.pdf"} for n, name in enumerate(ids)])


def append(folder: Path, text: str) -> None:
    with (folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write(text)


def terms(folder: Path) -> list[str]:
    return [line for line in mailcase("check", "--offline").out.splitlines() if " terms: " in line]


@pytest.mark.req("A3")
def test_the_list_has_nine_entries_and_says_which_texts_there_are(folder: Path) -> None:
    rows = mailcase("refs", "list", "--json").lines
    assert [row["id"] for row in rows] == [
        "152-ФЗ",
        "Приказ № 707",
        "ИСО 9001",
        "ИСО/МЭК 17025",
        "СТО-СМК-003",
        "СТО-СМК-005",
        "Пр-СМК-002",
        "Пр-СМК-003",
        "Прв-СМК-003",
    ]
    assert {row["status"] for row in rows} == {"нет текста"}
    assert all(row["title"] for row in rows)
    append(folder, TEXT)
    (folder / "sto.pdf").write_bytes(b"%PDF-1.4")
    ours = mailcase("refs", "list", "--json").lines[5]
    assert ours == {"id": "СТО-СМК-005", "title": "«Работа с потребителями»", "edition": "редакция 2", "status": "есть"}
    shown = mailcase("refs", "list").out
    assert "СТО-СМК-005" in shown
    assert "нет текста" in shown


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (DEFAULT, f"значение {DEFAULT}"),
        (f"{DEFAULT}; по образцу 152-ФЗ", f"значение {DEFAULT}; по образцу 152-ФЗ"),
        ("СТО-СМК-005, 6.2", f"СТО-СМК-005, 6.2 ({MARK}, пока нет текста: СТО-СМК-005)"),
        ("Прв-СМК-003", f"Прв-СМК-003 ({MARK}, пока нет текста: Прв-СМК-003)"),
        ("приказ 707", f"приказ 707 ({MARK}, пока нет текста: Приказ № 707)"),
        ("ГОСТ ISO/IEC 17025-2019", f"ГОСТ ISO/IEC 17025-2019 ({MARK}, пока нет текста: ИСО/МЭК 17025)"),
        ("установлено лабораторией", "установлено лабораторией"),
        ("СТО-СМК-0051", "СТО-СМК-0051"),
    ],
)
def test_a_source_that_names_a_reference_without_text_is_marked(source: str, told: str) -> None:
    assert references.term_source(config(), source) == told


def test_with_the_text_the_source_stands_as_it_is(tmp_path: Path) -> None:
    having = known(tmp_path, "СТО-СМК-005")
    assert references.term_source(having, "СТО-СМК-005, 6.2") == "СТО-СМК-005, 6.2"
    (tmp_path / "0.pdf").unlink()
    assert MARK in references.term_source(having, "СТО-СМК-005, 6.2")


def test_a_reference_of_the_laboratorys_own_is_one_more(tmp_path: Path) -> None:
    own = references.register(known(tmp_path, "РК-01"))
    assert [one.id for one in own][9:] == ["РК-01"]


@pytest.mark.req("A3")
def test_check_and_show_mark_a_deadline_whose_source_has_no_text(folder: Path) -> None:
    append(folder, CITED)
    append(folder, TEXT)
    marked = f"СТО-СМК-005, 6.2 ({MARK}, пока нет текста: СТО-СМК-005)"
    assert f"request: {marked}" in "\n".join(terms(folder))
    assert mailcase("import", "--live", *letters(folder)).code == 0
    # A terminal breaks the cell over several lines.
    assert "".join(marked.split()) in "".join(mailcase("show", "1").out.split())
    (recorded,) = [s for s in mailcase("show", "1", "--json").lines[0]["trail"] if s["what"] == "registered"]
    assert recorded["detail"]["term"]["source"] == "СТО-СМК-005, 6.2", "the record stays what it was"
    (folder / "sto.pdf").write_bytes(b"%PDF-1.4")
    assert any(line.endswith("request: СТО-СМК-005, 6.2") for line in terms(folder))
    assert MARK not in "".join(mailcase("show", "1").out)
