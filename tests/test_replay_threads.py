"""A rehearsal tells of letters in a running thread, too: what stays, and which complaint would be split out."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailcase.models import Models
from mailcase.replay import Replayed, Summary, as_json, counted, replay
from mailcase.store import cases
from mailcase.store.cases import Actor
from mailcase.words import Kind, Register, Status
from tests.cli import folder as folder
from tests.cli import mailcase
from tests.lab import Lab
from tests.letters import MONDAY, raw
from tests.test_assign import staff
from tests.test_flow import CLIENT, reply_to_notice
from tests.test_models import one_kind
from tests.test_split import COMPLAINT, SMIRNOVA, writes

PEOPLE = staff(smirnova={"kinds": ("complaint", "claim")})
MORE = "Добавьте, пожалуйста, ещё два термометра к нашей заявке."
DAY = MONDAY.date()


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory with one inquiry."""
    lab = Lab(tmp_path, employee=PEOPLE)
    lab.arrive(raw())
    return lab


def harsh(folder: Path) -> Models:
    """A new model, to which every letter is a complaint."""
    models = Models(folder / "models")
    models.adopt(one_kind(Kind.COMPLAINT), DAY, 0)
    return models


def judged_now(lab: Lab) -> tuple[Replayed, Summary]:
    """The last letter of the past, and the counts."""
    *_, last = counted(replay(lab.app), summary := Summary())
    return last, summary


def closed(lab: Lab, case_id: int) -> None:
    with lab.app.db.tx() as tx:
        cases.close(tx, case_id, Actor(lab.now, "smirnova"), "решение принято")


def test_the_same_rules_leave_every_letter_of_a_thread_where_it_is(lab: Lab) -> None:
    writes(lab, MORE)
    writes(lab, "Спасибо, получили.", 3)
    writes(lab, "статус", 4)
    writes(lab, COMPLAINT, 5)
    writes(lab, "Повторяю: в протоколе № 145 ошибка, требую исправить.", 6)
    lab.arrive(raw("Ждём ответа.", message_id="<7@x>", subject="Протокол"))
    found = [*counted(replay(lab.app), summary := Summary())]
    assert [one.changed for one in found] == [()] * 7
    inquiry, complaint = (case.tag for case in lab.cases())
    assert [one.running for one in found] == [None, *[inquiry] * 4, *[complaint] * 2]
    assert [one.now.quiet for one in found] == [False, False, True, False, False, False, False]
    assert summary.places == {("joined", "joined"): 5, ("split out", "split out"): 1}
    assert summary.registers == {(Register.INQUIRY,) * 2: 4, (Register.COMPLAINT,) * 2: 3}


def test_a_new_model_finds_the_complaint_in_the_thread(lab: Lab, tmp_path: Path) -> None:
    writes(lab, MORE)
    harsh(tmp_path)
    one, summary = judged_now(lab)
    tag = lab.cases()[0].tag
    assert (one.then.outcome, one.then.joined, one.then.register) == ("follow_up", tag, Register.INQUIRY)
    assert (one.now.outcome, one.now.split_from, one.now.kind) == ("new_case", tag, Kind.COMPLAINT)
    assert one.now.assignee == "smirnova", "who does the work of the inquiry does not consider the complaint"
    # The letter that opened the inquiry, too.
    assert (summary.found, summary.missed, summary.places) == (2, 0, {("joined", "split out"): 1})


def test_a_model_that_was_given_back_would_leave_the_complaint_in_the_thread(lab: Lab, tmp_path: Path) -> None:
    models = harsh(tmp_path)
    writes(lab, MORE)
    models.back()
    one, summary = judged_now(lab)
    tag = lab.cases()[0].tag
    assert (one.then.split_from, one.then.kind, one.then.assignee) == (tag, Kind.COMPLAINT, "smirnova")
    assert (one.now.joined, one.now.register, one.now.check) == (tag, Register.INQUIRY, False)
    assert (summary.missed, summary.silently, summary.places) == (1, 1, {("split out", "joined"): 1})


def test_a_supposed_complaint_stays_and_would_be_asked_about(lab: Lab, tmp_path: Path) -> None:
    writes(lab, MORE)
    one, summary = judged_now(Lab(tmp_path, employee=PEOPLE, classify={"complaint": ["два термометра"]}))
    assert one.then.check is None, "what the assignee was asked then is not on record"
    assert (one.now.joined, one.now.check, one.changed) == (lab.cases()[0].tag, True, ())
    assert summary.changed["any"] == 0


def test_the_case_is_taken_as_it_stood_when_the_letter_came(lab: Lab, tmp_path: Path) -> None:
    """Now it is a closed complaint, from which nothing would be split out."""
    writes(lab, MORE)
    with lab.app.db.tx() as tx:
        actor, case = Actor(lab.now, "petrova"), lab.cases()[0]
        cases.reclassify(tx, 1, actor, Kind.COMPLAINT, (case.target_at, case.due_at), lab.now.year)
    closed(lab, 1)
    harsh(tmp_path)
    one, _ = judged_now(lab)
    assert (one.status, one.then.register, one.now.split_from) == (Status.OPEN, Register.INQUIRY, lab.cases()[0].tag)


def test_a_letter_that_opened_the_case_again_came_to_a_closed_one(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!ответ\nДобрый день! Стоимость работ 12 000 руб."))
    lab.later(minutes=11)
    lab.arrive(reply_to_notice(lab, "!закрыть работа сделана"))
    writes(lab, MORE)
    (*_, one) = replay(lab.app)
    assert (lab.cases()[0].status, one.status, one.changed) == ("open", Status.CLOSED, ())


@pytest.mark.parametrize("running", [True, False])
def test_who_has_an_open_complaint_adds_to_it(lab: Lab, tmp_path: Path, running: bool) -> None:
    """Only what was open when the letter came."""
    writes(lab, COMPLAINT)
    if not running:
        closed(lab, 2)
    writes(lab, MORE, 3)
    if running:
        closed(lab, 2)
    harsh(tmp_path)
    one, summary = judged_now(lab)
    inquiry, complaint = (case.tag for case in lab.cases())
    assert one.then.joined == inquiry
    assert (one.now.joined, one.now.split_from) == ((complaint, None) if running else (None, inquiry))
    assert ("joined", "judged otherwise" if running else "split out") in summary.places


def test_what_an_employee_took_out_of_the_thread_had_joined_it(lab: Lab, tmp_path: Path) -> None:
    writes(lab, MORE)
    lab.arrive(reply_to_notice(lab, "!жалоба"))
    one, summary = judged_now(lab)
    assert (one.then.outcome, one.now.outcome, one.said) == ("follow_up", "follow_up", Kind.COMPLAINT)
    assert (summary.said, summary.right_now) == (1, 0)
    harsh(tmp_path)
    one, summary = judged_now(lab)
    assert (one.now.kind, summary.right_then, summary.right_now) == (Kind.COMPLAINT, 0, 1)


def test_an_order_separated_from_an_open_complaint_had_joined_it(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=PEOPLE)
    lab.arrive(raw(COMPLAINT))
    lab.arrive(raw("Просим выставить КП на поверку весов ВЛ-210.", subject="Весы", message_id="<2@x.example.ru>"))
    told = lab.to(SMIRNOVA)[-1]
    mine = {"sender": f"Смирнова <{SMIRNOVA}>", "in_reply_to": told.id, "subject": f"Re: {told.subject}"}
    lab.arrive(raw("!отдельно", message_id="<s@cleanmet.ru>", **mine))
    assert len(lab.cases()) == 2
    one, _ = judged_now(lab)
    assert (one.then.joined, one.now.joined, one.said) == (lab.cases()[0].tag, lab.cases()[0].tag, None)


def test_letters_of_employees_and_answers_past_us_are_left_out(lab: Lab) -> None:
    past_us = {"to": CLIENT, "cc": "lab@cleanmet.ru"}
    writes(lab, "Добрый день! Калибровка стоит 12 000 руб.", 2, sender="Сидоров <sidorov@cleanmet.ru>", **past_us)
    writes(lab, "Добрый день! Срок пять дней.", 3, sender="Лаборатория <lab@cleanmet.ru>", **past_us)
    lab.arrive(reply_to_notice(lab, "!внутр позвонить завтра"))
    assert lab.cases()[0].parts > 2
    assert [one.mail_id for one in replay(lab.app)] == [1]


def test_a_line_of_json_tells_the_case_as_it_stood(lab: Lab, tmp_path: Path) -> None:
    writes(lab, MORE)
    harsh(tmp_path)
    told = as_json(judged_now(lab)[0])
    tag = lab.cases()[0].tag
    assert told["running"] == {"case": tag, "status": "open"}
    assert (told["then"]["joined"], told["then"]["register"], told["then"]["check"]) == (tag, "inquiry", None)
    assert (told["now"]["split_from"], told["now"]["kind"]) == (tag, "complaint")
    assert {"outcome", "joined", "split_from", "register"} <= set(told["changed"])


def test_the_command_names_what_would_be_split_out(folder: Path) -> None:
    files = []
    for n, text in enumerate(("Просим КП на поверку весов.", MORE), 1):
        (folder / f"{n}.eml").write_bytes(raw(text, message_id=f"<{n}@x>", in_reply_to="<1@x>" if n > 1 else ""))
        files.append(f"{n}.eml")
    mailcase("import", "--live", *files)
    assert "  joined, the same now: 1" in mailcase("replay", "--dry-run").out
    harsh(folder)
    told = mailcase("replay", "--dry-run").out
    flat = " ".join(told.split())
    assert "came to a running case: 1" in told
    assert "  joined, would be split out: 1" in told
    assert "  inquiry becomes complaint: 2" in told
    assert "joined KM-" in flat
    assert "(inquiry, open)" in flat
    assert "split out of KM-" in flat
