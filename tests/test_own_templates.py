"""A laboratory's own templates that are older than what letters can say: what they leave out is told to nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailcase import check
from mailcase.check_finding import Level
from mailcase.mail.compose import packaged
from tests.lab import Lab
from tests.letters import raw
from tests.test_enclosed_flow import WORDS, ask, laboratory, texts, why
from tests.test_english import laboratory as english
from tests.test_english import letters
from tests.test_escalation import AMONG, LATE_BY_THREE, ORLOV, SIDOROV, complains, lab_of, nine, risen, told
from tests.test_flow import CLIENT, PETROVA

DIGEST = "Subject: Утро {{ date|short }}\n\nПросрочено: {{ overdue|length }}, сегодня: {{ today|length }}\n"
PARTS = "{% for row in colleagues %}\n- Просрочено у сотрудников: № {{ row.number }}\n{% endfor %}\n"
GUARD = re.compile(r"{% if ([\w.]+\.position) %}(.*?){% endif (?:\+?)%}")


def own(folder: Path, name: str, text: str) -> Path:
    (folder / "own").mkdir(exist_ok=True)
    (folder / "own" / name).write_text(text, "utf-8")
    return folder / "own"


def warned(lab: Lab) -> str:
    """What `mailcase check` warns of."""
    return "\n".join(f.said for f in check.everything(lab.app, servers=False) if f.level is Level.WARNING)


@pytest.mark.req("A4")
def test_what_an_own_morning_letter_has_no_place_for_is_not_on_record_as_told(tmp_path: Path) -> None:
    """Nobody is written to for it either; once the laboratory takes over our lines, all are told."""
    lab = lab_of(tmp_path, templates=own(tmp_path, "digest.txt.j2", DIGEST))
    case_id = complains(lab)
    lab.at(LATE_BY_THREE)
    assert (risen(lab, case_id), risen(lab, case_id, "head")) == ([], [])
    assert (lab.to(ORLOV), lab.to(SIDOROV)) == ([], [])
    after = lab_of(tmp_path)
    after.at(nine(11))
    assert [one["told"] for one in risen(after, case_id)] == ["orlov", "sidorov"]
    assert [one["told"] for one in risen(after, case_id, "head")] == ["petrova"]


def test_a_complaint_stands_among_what_is_overdue_where_only_that_has_a_place(tmp_path: Path) -> None:
    """For who is head and top management at once it would otherwise stand nowhere."""
    folder, role = own(tmp_path, "digest.txt.j2", DIGEST + PARTS), {"head": "orlov", "top_management": ["orlov"]}
    lab = lab_of(tmp_path, templates=folder, lab=role)
    case_id = complains(lab)
    lab.at(LATE_BY_THREE)
    assert len(told(lab, ORLOV, AMONG)) == 1
    assert risen(lab, case_id) == []
    assert [one["told"] for one in risen(lab, case_id, "head")] == ["orlov"]


def test_the_check_names_the_parts_that_an_own_morning_letter_lacks(tmp_path: Path) -> None:
    said = warned(lab_of(tmp_path, templates=own(tmp_path, "digest.txt.j2", DIGEST)))
    assert "your digest.txt.j2 has no place for `complaints`, `tomorrow`, `waiting`, `colleagues`, " in said
    assert "take over the lines with" in said
    assert "digest" not in warned(lab_of(tmp_path))


def test_an_own_morning_letter_that_cannot_be_read_stops_nothing_else(tmp_path: Path) -> None:
    lab = lab_of(tmp_path, templates=own(tmp_path, "digest.txt.j2", f"{DIGEST}{{% if %}}"))
    complains(lab)
    lab.at(LATE_BY_THREE)
    assert lab.to(ORLOV) == []
    assert [row.status for row in lab.outbox() if row.person == "orlov"] == ["failed"]
    assert "digest.txt.j2, line" in lab.to("smirnova@cleanmet.ru")[-1].text
    assert "digest" not in warned(lab)


@pytest.mark.req("A41")
def test_no_text_goes_along_that_the_employee_would_not_read_of(tmp_path: Path) -> None:
    """His notice would show neither the text nor «достаточно», and his ready answer would be withheld."""
    ours = (packaged() / "notice.txt.j2").read_text("utf-8")
    start, end = ours.index("{% if enclosed %}"), ours.index("{% if ready and")
    (texts(tmp_path, WORDS) / "notice.txt.j2").write_text(ours[:start] + ours[end:], "utf-8")
    lab = laboratory(tmp_path, answer={"consultation": True})
    (ack,) = ask(lab)
    assert "Справочно" not in ack.text
    assert "вх. № 1" in ack.text
    assert "Готовый ответ" in lab.to(PETROVA)[0].text
    assert why(lab)
    assert "none goes by itself: your notice.txt.j2 has no place for them" in warned(lab)


@pytest.mark.parametrize("brackets", [False, True])
def test_an_own_english_letter_shows_no_gap_where_a_card_has_no_english_position(
    tmp_path: Path, brackets: bool
) -> None:
    for name in ("acknowledgement.en.txt.j2", "answer.en.txt.j2"):
        text, guards = GUARD.subn(r"\2", (packaged() / name).read_text("utf-8"))
        assert guards
        folder = own(tmp_path, name, re.sub(r", ({{ \w+.position }})", r" (\1)", text) if brackets else text)
    (tmp_path / "lab").mkdir()
    lab = english(tmp_path / "lab")
    lab = Lab(tmp_path, **{**lab.overrides, "templates": folder})
    ack, answer = letters(lab)
    for face in (ack.text, re.sub(r"<[^>]+>", "", ack.html)):
        assert "Natalia Viktorovna Petrova, tel." in " ".join(face.split())
    assert "Natalia Viktorovna Petrova\ntel." in "\n".join(answer.text.splitlines())


def test_the_words_of_a_letter_keep_their_commas(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw("Нужны манометры, , и весы (), всё."))
    assert "манометры, , и весы (), всё." in lab.to(PETROVA)[0].text
    assert lab.to(CLIENT)
