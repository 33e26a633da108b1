"""Whom an overdue case rises to: absent, left and partial members; how the configuration names them (A4, A25)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mailcase import check, config_file
from mailcase.check_finding import Level as Grade
from mailcase.config import Escalation
from mailcase.reading import own_models
from mailcase.rules.escalate import Level, levels, members, to_head, to_top_management
from mailcase.rules.stand_in import stands_in
from mailcase.words import Register
from tests.cli import mailcase, opened
from tests.lab import Lab
from tests.letters import config, raw
from tests.test_assign import staff
from tests.test_escalation import COMPLAINT, LATE_BY_THREE, ORLOV, SMIRNOVA, complains, lab_of, risen, told

NAMES_ORLOV = "К сожалению, в протоколе снова ошибка, а ваш директор Орлов нам нагрубил. Прошу разобраться."
BOTH = ("orlov", "sidorov")


@pytest.mark.req("A4")
@pytest.mark.parametrize(
    ("register", "late", "risen_to"),
    [
        (Register.INQUIRY, 0, ()),
        (Register.INQUIRY, 1, (Level.HEAD,)),
        (Register.INQUIRY, 30, (Level.HEAD,)),
        (Register.COMPLAINT, 2, (Level.HEAD,)),
        (Register.COMPLAINT, 3, (Level.HEAD, Level.TOP_MANAGEMENT)),
    ],
)
def test_only_complaints_rise_to_the_top(register: Register, late: int, risen_to: tuple[Level, ...]) -> None:
    assert levels(register, late, config()) == risen_to


def test_days_are_the_laboratorys_and_nought_switches_a_level_off() -> None:
    own = config(escalation={"head": 0, "top_management": 5})
    assert [levels(Register.COMPLAINT, late, own) for late in (4, 5)] == [(), (Level.TOP_MANAGEMENT,)]
    assert (own.escalation.source, Escalation().source) == (
        "установлено лабораторией",
        "по умолчанию, не из СТО-СМК-005",
    )


def top(role: tuple[str, ...], *involved: str, assignee: str = "petrova", **more: Any) -> list[tuple[str, bool]]:
    """(who is told, whether beside the role)."""
    own = config(employee=staff(**more))
    late = frozenset({assignee, stands_in(assignee, own).login})
    found = to_top_management(role, late, frozenset(involved), own)
    return [(one.person, one.beside) for one in found]


@pytest.mark.req("A4", "A25")
def test_a_member_who_is_involved_is_never_the_only_one_told() -> None:
    """Head is orlov; quality manager and duty person is smirnova."""
    assert top(BOTH) == [("orlov", False), ("sidorov", False)]
    assert top(BOTH, "orlov") == [("orlov", False), ("sidorov", False)]
    assert top(("orlov",), "orlov") == [("orlov", False), ("smirnova", True)]
    assert top(("smirnova",), assignee="smirnova") == [("orlov", True)]
    # Of those who are late with it somebody is better than nobody.
    assert top(("orlov",), "orlov", assignee="smirnova") == [("orlov", False), ("smirnova", True)]
    assert top(("orlov",), "orlov", "smirnova") == [("orlov", False)]


def test_who_is_away_has_a_substitute_who_reads_once_for_two() -> None:
    away = {"active": False, "substitute": "sidorov"}
    assert top(BOTH, orlov=away) == [("sidorov", False)]
    assert top(BOTH, assignee="orlov", orlov=away) == [("smirnova", True)]
    own = config(employee=staff(orlov=away))
    assert [(one.person, one.to) for one in to_head(frozenset({"petrova"}), own)] == [("sidorov", ("orlov",))]
    assert to_head(frozenset({"orlov", "sidorov"}), own) == ()


def test_who_has_left_is_no_member_and_without_any_the_head_is_told() -> None:
    left = staff(sidorov={"active": False})
    assert members(config(employee=left, lab={"top_management": BOTH})) == ("orlov",)
    assert members(config(employee=left, lab={"head": "smirnova", "top_management": ("sidorov",)})) == ("smirnova",)
    assert members(config(employee=left)) == ("orlov",)


@pytest.mark.req("A4", "A25")
def test_a_complaint_that_names_the_director_is_told_to_somebody_else_as_well(tmp_path: Path) -> None:
    people = staff(sidorov={"kinds": ("complaint",)})
    lab = lab_of(tmp_path, lab={"top_management": ["orlov"]}, employee=people)
    lab.arrive(raw(NAMES_ORLOV))
    assert lab.cases()[0].assignee == "sidorov"
    lab.at(LATE_BY_THREE)
    assert [one["told"] for one in risen(lab, 1)] == ["orlov", "smirnova"]
    assert "руководство названо в жалобе, ведёт её или вело обращение, откуда она" in told(lab, SMIRNOVA)[0]
    assert "руководство названо" not in told(lab, ORLOV)[0]


@pytest.mark.req("A25")
def test_who_had_the_case_before_it_was_a_complaint_is_involved(tmp_path: Path) -> None:
    lab = lab_of(tmp_path, lab={"top_management": ["petrova"], "head": "orlov"})
    lab.arrive(raw())
    notice = lab.to("petrova@cleanmet.ru")[-1]
    order = {"sender": ORLOV, "in_reply_to": notice.id, "subject": f"Re: {notice.subject}"}
    lab.arrive(raw("!жалоба", message_id="<o@cleanmet.ru>", **order))
    lab.arrive(raw("да", sender=ORLOV, message_id="<yes@cleanmet.ru>", in_reply_to=lab.to(ORLOV)[-1].id))
    assert (lab.cases()[0].register, lab.cases()[0].assignee) == ("complaint", "smirnova")
    # A Monday passes, and the correction is not to be learned here: that takes minutes.
    own_models(lab.app.config).tried(lab.events(1)[-1].id)
    lab.at(LATE_BY_THREE)
    assert [one["told"] for one in risen(lab, 1)] == ["orlov", "petrova"]


def test_a_lost_file_of_the_complaint_stops_nothing(tmp_path: Path) -> None:
    lab = lab_of(tmp_path)
    complains(lab, COMPLAINT)
    lab.app.raw.path(lab.mail(1).sha256).unlink()
    lab.at(LATE_BY_THREE)
    assert len(told(lab, ORLOV)) == 1


EMPTY, OFF = "top_management = []\n", "\n[escalation]\ntop_management = 0\n"


@pytest.mark.req("A4")
@pytest.mark.parametrize(
    ("role", "after", "starts"),
    [
        ("", "", True),
        ("", "\n[escalation]\ntop_management = 3\n", False),
        ("", OFF, True),
        (EMPTY, "", False),
        (EMPTY, OFF, True),
        ('top_management = ["petrova"]\n', "", True),
    ],
)
def test_an_empty_role_is_a_start_up_error_unless_it_is_left_out_or_nothing_rises(
    folder: Path, role: str, after: str, starts: bool
) -> None:
    """Left out, as before an upgrade, it is the head's."""
    file = folder / "config.toml"
    text = file.read_text(encoding="utf-8")
    manager = 'quality_manager = "petrova"\n'
    file.write_text(text.replace(manager, manager + role, 1) + after, encoding="utf-8")
    if starts:
        assert members(opened(folder).given) == ("petrova",)
        return
    said = mailcase("run")
    assert (said.code, said.err.splitlines()[0].startswith("lab.top_management: names nobody, but overdue")) == (
        2,
        True,
    )


def test_check_says_whom_complaints_rise_to(tmp_path: Path) -> None:
    def said(**more: Any) -> tuple[Grade, str]:
        findings = check.everything(Lab(tmp_path, **more).app, servers=False)
        return next((one.level, one.said) for one in findings if one.what == "escalation")

    assert said(lab={"top_management": BOTH}) == (
        Grade.OK, "complaints overdue by 3 working days rise to orlov, sidorov"
    )  # fmt: skip
    level, text = said()
    assert (level, "rise to orlov (lab.head)" in text) == (Grade.WARNING, True)
    assert said(escalation={"top_management": 0})[0] is Grade.OK


def test_the_example_and_a_new_laboratory_name_somebody() -> None:
    example = Path(__file__).resolve().parents[1] / "config.example.toml"
    secrets = {"MAILCASE_SECRET": "0123456789abcdef", "MAILCASE_MAILBOX_LAB_PASSWORD": "x"}
    assert members(config_file.load(example, secrets)) == ("orlov", "smirnova")
