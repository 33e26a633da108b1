"""Nobody who is involved in what a complaint is about gets it in another's place (A25, ISO/IEC 17025 7.9.6)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailcase.involved import NAMED, involved
from mailcase.rules.stand_in import uninvolved
from mailcase.store.involved import executors
from mailcase.store.raw import RawStore
from mailcase.store.standing import belonged
from tests.lab import Lab, Sent
from tests.letters import config, raw
from tests.test_assign import staff

COMPLAINT = "К сожалению, в протоколе № 145 снова ошибка, прошу исправить и объяснить причину."
ROOT = "<1@romashka.example.ru>"
WORKED = "исполнитель по № 1, откуда жалоба"
HERS = {"smirnova": {"kinds": ("complaint", "claim"), "substitute": "petrova"}, "petrova": {"substitute": "sidorov"}}
"""Petrova stands in for the quality manager, and Sidorov for Petrova."""


def lab_of(folder: Path, **more: Any) -> Lab:
    roles = {"quality_manager": "smirnova", "duty": "smirnova"}
    lab = Lab(folder, **{"employee": staff(**HERS), "lab": roles, **more})
    lab.arrive(raw())
    assert lab.cases()[0].assignee == "petrova"
    return lab


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """Petrova has an inquiry, and Smirnova the complaint that came in its thread."""
    lab = lab_of(tmp_path)
    writes(lab, COMPLAINT)
    assert [(case.register, case.assignee) for case in lab.cases()][1:] == [("complaint", "smirnova")]
    return lab


def writes(lab: Lab, text: str, n: int = 2, to: str = ROOT) -> int:
    return lab.arrive(raw(text, message_id=f"<{n}@romashka.example.ru>", in_reply_to=to))


def adds(lab: Lab, text: str, n: int) -> int:
    """The client answers the acknowledgement of his complaint."""
    tag = lab.cases()[1].tag
    return writes(lab, text, n, next(s.id for s in reversed(lab.postman.sent) if f"[{tag}]" in s.subject))


def said(lab: Lab, who: str) -> str:
    """All that went to that employee, as one line."""
    return " ".join(" ".join(f"{sent.subject} {sent.text}".split()) for sent in lab.to(f"{who}@cleanmet.ru"))


def orders(lab: Lab, who: str, text: str) -> Sent:
    """An employee answers the newest letter to him; what he is told."""
    address = f"{who}@cleanmet.ru"
    lab.arrive(raw(text, sender=address, message_id=f"<{lab.arrived}@cleanmet.ru>", in_reply_to=lab.to(address)[-1].id))
    return lab.to(address)[-1]


def answers(lab: Lab, who: str) -> None:
    """An employee answers the client of the newest letter to him, and the answer leaves."""
    orders(lab, who, "Добрый день! Стоимость работ 12 000 руб.")
    lab.later(minutes=11)


def why(lab: Lab, case_id: int) -> dict[str, str]:
    with lab.app.db.read() as view:
        return involved(lab.app, view, lab.cases()[case_id - 1])


def test_who_has_or_answered_the_inquiry_is_involved_and_whom_the_complaint_names(tmp_path: Path) -> None:
    lab = lab_of(tmp_path)
    answers(lab, "petrova")
    orders(lab, "petrova", "!назначить Сидоров")
    writes(lab, f"{COMPLAINT} Ваша Орлова тут ни при чём, разговор был со Смирновой.")
    assert why(lab, 1) == {}, "an inquiry"
    assert why(lab, 2) == {"petrova": WORKED, "sidorov": WORKED, "smirnova": NAMED, "orlov": NAMED}


def test_who_handed_the_inquiry_on_unanswered_is_not_involved(tmp_path: Path) -> None:
    """And whoever has it when the client complains in its thread again is."""
    lab = lab_of(tmp_path)
    orders(lab, "petrova", "!назначить Сидоров")
    writes(lab, COMPLAINT)
    assert why(lab, 2) == {"sidorov": WORKED}
    orders(lab, "sidorov", "!назначить Орлов")
    assert why(lab, 2) == {"sidorov": WORKED}
    writes(lab, COMPLAINT, 3)
    assert why(lab, 2) == {"sidorov": WORKED, "orlov": WORKED}


@pytest.mark.parametrize(
    ("who", "answered", "barred"),
    [("petrova", False, []), ("petrova", True, ["petrova"]), ("orlov", False, ["petrova"])],
)
def test_who_has_what_becomes_a_complaint_is_involved_but_for_who_only_sorted_it(
    tmp_path: Path, who: str, answered: bool, barred: list[str]
) -> None:
    lab = lab_of(tmp_path)
    notice = lab.to("petrova@cleanmet.ru")[-1]
    if answered:
        answers(lab, "petrova")
    order = {"sender": f"{who}@cleanmet.ru", "subject": f"Re: {notice.subject}", "in_reply_to": notice.id}
    lab.arrive(raw("!жалоба", message_id="<o@cleanmet.ru>", **order))
    if who == "orlov":
        assert "Это писали Вы?" in said(lab, who)
        orders(lab, who, "да")
    assert (lab.cases()[0].register, lab.cases()[0].assignee) == ("complaint", "smirnova")
    assert why(lab, 1) == dict.fromkeys(barred, "исполнитель по этому обращению")


@pytest.mark.req("A25")
def test_a_quality_manager_who_makes_a_complaint_of_a_doubtful_letter_considers_it(tmp_path: Path) -> None:
    """It came to her as to the duty person: her word counts, and no other is asked in her place."""
    lab = lab_of(tmp_path)
    orders(lab, "petrova", "!назначить Смирнова")
    assert "Рассматриваете её Вы." in orders(lab, "smirnova", "!жалоба").text
    case = lab.cases()[0]
    assert (case.register, case.assignee, why(lab, 1)) == ("complaint", "smirnova", {})
    writes(lab, "Уважаемая г-жа Смирнова, прилагаю фото.")
    assert why(lab, 1) == {}
    orders(lab, "smirnova", "!назначить Сидоров")
    orders(lab, "sidorov", "!вид вопрос клиент спрашивал о сроках")
    assert ["Согласны?" in said(lab, who) for who in ("smirnova", "orlov")] == [True, False]
    tag = {"subject": f"[{case.tag}]", "sender": "smirnova@cleanmet.ru", "message_id": "<r@cleanmet.ru>"}
    lab.arrive(raw("!просит извинения", **tag))
    assert "заявитель просит: принести извинения" in orders(lab, "smirnova", "да").text


def test_that_a_client_addresses_who_considers_his_complaint_accuses_nobody(lab: Lab) -> None:
    adds(lab, "Уважаемая г-жа Смирнова, прилагаю фото. Работал у вас Сидоров.", 3)
    assert why(lab, 2) == {"petrova": WORKED, "sidorov": NAMED}


def test_what_was_split_out_of_a_complaint_involves_nobody_in_it(tmp_path: Path) -> None:
    """Until the client complains in its thread as well."""
    lab = Lab(tmp_path, employee=staff(**HERS))
    lab.arrive(raw(COMPLAINT))
    lab.arrive(raw("Просим КП на поверку весов ВЛ-210.", subject="Весы", message_id="<2@x.ru>"))
    orders(lab, "smirnova", "!отдельно")
    order = lab.cases()[1]
    assert (order.register, why(lab, 1)) == ("inquiry", {})
    writes(lab, COMPLAINT, 3, "<2@x.ru>")
    assert why(lab, 1) == {order.assignee: "исполнитель по № 2, откуда жалоба"}


def test_the_next_of_the_chain_who_is_not_involved_stands_in_then_who_answers_for_all() -> None:
    away = {"active": False}
    own = config(employee=staff(smirnova={**away, "substitute": "petrova"}, petrova={"substitute": "sidorov"}))

    def who(*names: str, but: str = "") -> str:
        return uninvolved(("smirnova",), own, names, but).login

    assert [who(), who("petrova"), who("petrova", "sidorov")] == ["petrova", "sidorov", "orlov"]
    assert (who("petrova", "sidorov", "orlov"), who("petrova", "sidorov", but="orlov")) == ("orlov", "petrova")


@pytest.mark.req("A25")
def test_who_answered_the_inquiry_before_does_not_get_the_complaint_in_its_thread(tmp_path: Path) -> None:
    lab = lab_of(tmp_path)
    orders(lab, "petrova", "!назначить Смирнова")
    answers(lab, "smirnova")
    orders(lab, "smirnova", "!назначить Петрова")
    mail_id = writes(lab, COMPLAINT)
    assert lab.mail(mail_id).outcome == "new_case"
    assert lab.cases()[1].assignee == "sidorov", "Smirnova answered it, Petrova stands in for her and has it now"


def test_a_letter_of_the_past_is_judged_with_who_had_worked_by_then(tmp_path: Path) -> None:
    lab = lab_of(tmp_path)
    answers(lab, "petrova")
    orders(lab, "petrova", "!назначить Сидоров")
    mail_id = writes(lab, COMPLAINT)
    with lab.app.db.read() as view:
        rows = {case.id: case for case in lab.cases()}
        standing = belonged(view, rows, {mail_id: lab.mail(mail_id).from_address})[mail_id].standing
        assert (standing.executors, standing.assignee) == (executors(view, [1])[1], "sidorov")
    assert standing.executors == {"petrova"}


@pytest.mark.req("A25")
def test_a_complaint_does_not_go_to_the_substitute_who_did_the_work(lab: Lab) -> None:
    """Notices, the receipt and the morning letter: all of them pass her over, and she keeps the rest."""
    told = orders(lab, "smirnova", "!отсутствую до 27.11").text
    assert "письма получит Петрова Н. В." in told
    assert "Сидоров А. П. получит № 2 (Петрова Н. В. — исполнитель по № 1, откуда жалоба)." in " ".join(told.split())
    for who in ("sidorov", "petrova"):
        assert "Вы замещаете: Смирнова О. И." in said(lab, who)
        assert "Сидоров А. П. получит № 2" in said(lab, who)
    adds(lab, "Прилагаю фото весов.", 3)
    assert "Прилагаю фото весов." in said(lab, "sidorov")
    assert "Прилагаю фото весов." not in said(lab, "petrova")
    assert lab.cases()[1].assignee == "smirnova", "it stays hers"


class Counting(RawStore):
    """Raw letters on the disk, and how often each was read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.read: Counter[str] = Counter()

    def get(self, sha256: str) -> bytes:
        self.read[sha256] += 1
        return super().get(sha256)


def counted(lab: Lab) -> Counter[str]:
    """From now on, how often the laboratory reads each letter."""
    raw_store = Counting(lab.app.raw.folder)
    lab.app = replace(lab.app, raw=raw_store)
    return raw_store.read


def test_a_mornings_letters_read_those_of_a_complaint_once(lab: Lab) -> None:
    """However many employees there are, and though it has risen to the head and the top management."""
    added = adds(lab, "Прилагаю фото весов.", 3)
    orders(lab, "smirnova", "!отсутствую до 25.12")
    lab.now = lab.now.replace(hour=6, minute=5) + timedelta(days=21)
    letters = [lab.mail(mail_id).sha256 for mail_id in (lab.cases()[1].opened_by_mail_id, added)]
    read = counted(lab)
    assert "digest" in lab.at(lab.now)
    assert ["№ 2 · " in said(lab, who) for who in ("sidorov", "orlov", "petrova")] == [True, True, False]
    assert {sha256: read[sha256] for sha256 in letters} == dict.fromkeys(letters, 1)


def test_thanks_that_nobody_is_told_of_read_no_other_letter(lab: Lab) -> None:
    """They are filed beside other letters in one commit: what they read everybody waits for."""
    orders(lab, "smirnova", "!отсутствую до 27.11")
    read = counted(lab)
    thanks = adds(lab, "Спасибо!", 3)
    assert (lab.mail(thanks).case_id, "Спасибо!" in said(lab, "sidorov")) == (2, False)
    assert lab.mail(lab.cases()[1].opened_by_mail_id).sha256 not in read
    adds(lab, "Прилагаю фото весов.", 4)
    assert read[lab.mail(lab.cases()[1].opened_by_mail_id).sha256] > 0, "then whoever is told is sought"


def test_the_morning_letter_tells_of_the_complaint_whoever_is_to_see_to_it(lab: Lab) -> None:
    orders(lab, "smirnova", "!отсутствую до 11.12")
    lab.at(lab.now.replace(hour=6, minute=5) + timedelta(days=14))
    assert "№ 2 · до" in said(lab, "sidorov")
    assert "№ 2 · до" not in said(lab, "petrova")


@pytest.mark.req("A25")
def test_who_is_named_does_not_decide_whether_it_is_a_complaint(tmp_path: Path) -> None:
    lab = lab_of(tmp_path, employee=staff(petrova={"kinds": ("complaint", "request")}))
    lab.arrive(raw(f"{COMPLAINT} Ваша Смирнова нагрубила.", subject="Весы", message_id="<7@x.ru>", sender="b@x.ru"))
    assert lab.cases()[1].assignee == "petrova"
    orders(lab, "petrova", "!вид вопрос клиент спрашивал о сроках")
    assert "Согласны?" in said(lab, "orlov")
    assert "Согласны?" not in said(lab, "smirnova")
