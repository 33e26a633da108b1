"""The register as a page: complete, safe, written only when something changed, and never half."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from mailcase.reports.register_page import FILE, write_if_changed
from mailcase.store import numbers, queries
from mailcase.store.db import Database
from tests.lab import Lab
from tests.letters import MONDAY, raw

Page = Callable[..., tuple[Lab, Path]]


@pytest.fixture
def laboratory(tmp_path: Path) -> Page:
    """A laboratory with a page, and the page's file."""

    def build(**page: Any) -> tuple[Lab, Path]:
        folder = tmp_path / "share"
        return Lab(tmp_path, page={"folder": folder, **page}), folder / FILE

    return build


class Cells(HTMLParser):
    """The rows of the table as lists of texts, and every tag with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.rows = [row for row in self.rows if row]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self.rows.append([])

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] = f"{self.rows[-1][-1]} {data}".strip()


def page_of(lab: Lab, file: Path) -> str:
    lab.now += timedelta(seconds=5)
    assert write_if_changed(lab.app) is False
    return file.read_text(encoding="utf-8")


def test_a_case_stands_on_the_page_with_client_subject_person_phone_and_term(laboratory: Page) -> None:
    lab, file = laboratory()
    lab.arrive(raw())
    rows = Cells(page_of(lab, file)).rows
    assert rows[0] == ["№", "Дата", "Вид", "Клиент", "Тема", "Ответственный", "Срок", "Состояние"]
    number, opened, kind, client, subject, person, term, state = rows[1]
    case = lab.cases()[0]
    assert number == f"1 {case.tag}"
    assert opened.startswith("23.11.2026")
    assert (kind, subject, state) == ("заявка", "Калибровка манометров", "в работе")
    assert client == "Анна Ковалёва a.kovaleva@romashka.example.ru"
    assert person == "Петрова Наталья Викторовна +7 (495) 000-00-00, доб. 214"
    assert term == f"{case.due_at.astimezone(lab.app.config.calendar.zone):%d.%m.%Y}"


def test_the_newest_case_comes_first_and_imported_history_last(laboratory: Page) -> None:
    lab, file = laboratory()
    for number in range(1, 4):
        lab.arrive(raw(message_id=f"<{number}@x.example>"))
    lab.arrive(raw(message_id="<old@x.example>"), history=True)
    shown = [row[0].split()[0] for row in Cells(page_of(lab, file)).rows[1:]]
    assert shown == ["3", "2", "1", "архив"]


def test_no_word_of_a_client_becomes_markup(laboratory: Page) -> None:
    lab, file = laboratory()
    lab.arrive(raw(sender='"<img src=x onerror=alert(1)>" <a@b.example>', subject='"><script>alert(1)</script>'))
    found = Cells(page_of(lab, file))
    assert [tag for tag, _ in found.tags].count("script") == 1
    assert "img" not in [tag for tag, _ in found.tags]
    assert '"><script>alert(1)</script>' in found.rows[1][4]


def test_the_page_asks_nobody_for_anything(laboratory: Page) -> None:
    """It works from a file, without a network: no address in it but in texts, and its policy forbids the rest."""
    lab, file = laboratory()
    lab.arrive(raw())
    page = page_of(lab, file)
    assert not [tag for tag, given in Cells(page).tags if {"src", "href", "action"} & given.keys()]
    assert not re.search(r"https?://|url\(|@import", page)
    assert "default-src 'none'" in page


def test_what_is_searched_is_in_small_letters_with_e_for_yo(laboratory: Page) -> None:
    lab, file = laboratory()
    lab.arrive(raw(subject="СЧЁТ за Поверку"))
    (row,) = [given for tag, given in Cells(page_of(lab, file)).tags if "data-text" in given]
    assert row["data-text"] == "анна ковалева a.kovaleva@romashka.example.ru счет за поверку"
    assert row["data-tag"] == lab.cases()[0].tag.lower()
    assert row["data-number"] == "1"


BROWSER = shutil.which("chromium")


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")
@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("КОВАЛЁВА", ["1", "2"]),
        ("ковалева маном", ["1"]),
        ("№ 2", ["2"]),
        ("счёт", ["2", "3"]),
        ("26", []),
        ("[TAG]", ["3"]),
        ("нет такого", []),
    ],
)
def test_the_page_finds_by_number_client_and_subject_in_a_browser(
    laboratory: Page, tmp_path: Path, words: str, numbers: list[str]
) -> None:
    lab, file = laboratory()
    lab.arrive(raw(message_id="<1@x.example>"))
    lab.arrive(raw(subject="Счёт", message_id="<2@x.example>"))
    lab.arrive(raw(subject="счет", message_id="<3@x.example>", sender="Иван Белов <belov@example.org>"))
    typed = words.replace("TAG", lab.cases()[2].tag)
    act = f'var f=document.getElementById("find");f.value={json.dumps(typed)};f.dispatchEvent(new Event("input"));'
    page = page_of(lab, file).replace("</body>", f"<script>{act}</script></body>")
    (tmp_path / "typed.html").write_text(page, encoding="utf-8")
    shown = [row["data-number"] for row in rows_in_browser(tmp_path) if "hidden" not in row]
    assert sorted(filter(None, shown)) == numbers


def rows_in_browser(folder: Path) -> list[dict[str, str | None]]:
    """The attributes of each row, after the page's own script has run."""
    flags = ["--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
    flags += ["--disable-component-update", "--proxy-server=127.0.0.1:9", f"--user-data-dir={folder}/profile"]
    flags += ["--no-sandbox"] if os.geteuid() == 0 else []
    command = [str(BROWSER), *flags, "--dump-dom", (folder / "typed.html").as_uri()]
    dom = subprocess.run(command, capture_output=True, timeout=60, check=True).stdout.decode()
    return [given for tag, given in Cells(dom).tags if tag == "tr" and "data-text" in given]


def test_an_overdue_case_is_marked_in_words_though_nothing_else_changed(laboratory: Page) -> None:
    lab, file = laboratory()
    lab.arrive(raw())
    assert "просроченных нет" in page_of(lab, file)
    lab.now += timedelta(days=30)
    page = page_of(lab, file)
    assert "просрочено: 1" in page
    assert Cells(page).rows[1][7].startswith("просрочено")


def test_a_mask_hides_names_addresses_and_phones_of_clients_wherever_they_stand(laboratory: Page) -> None:
    lab, file = laboratory(mask=True)
    lab.arrive(raw(subject="Позвоните +7 (916) 000-00-00, a.kovaleva@romashka.example.ru, протокол 145-К/26"))
    page = page_of(lab, file)
    for secret in ("Ковал", "ковал", "romashka", "916", "000-00-00, a"):
        assert secret not in page
    row = Cells(page).rows[1]
    assert row[3] == "А. К."
    assert "протокол 145-К/26" in row[4]


def test_only_so_many_rows_are_shown_and_the_page_says_so(laboratory: Page) -> None:
    lab, file = laboratory(rows=2)
    for number in range(3):
        lab.arrive(raw(message_id=f"<{number}@x.example>"))
    page = page_of(lab, file)
    assert len(Cells(page).rows) == 3
    assert "Показаны последние 2" in page


def test_nothing_is_written_while_nothing_changes(laboratory: Page) -> None:
    lab, file = laboratory()
    lab.arrive(raw())
    page_of(lab, file)
    before = file.stat().st_ino
    page_of(lab, file)
    assert file.stat().st_ino == before
    lab.arrive(raw(message_id="<2@x.example>"))
    page_of(lab, file)
    assert file.stat().st_ino != before


def test_the_page_is_written_at_most_every_two_seconds(laboratory: Page) -> None:
    lab, file = laboratory()
    lab.arrive(raw())
    page_of(lab, file)
    lab.arrive(raw(message_id="<2@x.example>"))
    before = file.read_bytes()
    write_if_changed(lab.app)
    assert file.read_bytes() == before
    lab.now += timedelta(seconds=2)
    write_if_changed(lab.app)
    assert file.read_bytes() != before


def test_colleagues_may_read_the_page_and_nothing_else_is_left_in_the_folder(laboratory: Page) -> None:
    lab, file = laboratory()
    page_of(lab, file)
    assert file.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in file.parent.iterdir()] == [FILE]
    assert "Обращений пока нет" in file.read_text(encoding="utf-8")


def test_without_a_folder_there_is_no_page(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    assert write_if_changed(lab.app) is False
    assert not list(tmp_path.rglob(FILE))


def test_both_kinds_of_database_understand_the_questions_of_the_page_and_of_the_numbers(database: Database) -> None:
    with database.read() as view:
        assert tuple(queries.register_state(view, MONDAY)) == (0, 0, 0, None)
        assert queries.register(view, 10) == []
        assert numbers.gaps(view) == []
