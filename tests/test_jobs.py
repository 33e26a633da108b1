"""The morning letter and the other jobs: once per slot, on working days, one letter a person."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailcase import jobs
from mailcase.mail.compose import packaged
from mailcase.stations.send import send
from mailcase.store import intake
from mailcase.store.intake import Arrival
from mailcase.words import FolderRole, SightingState
from tests.lab import Lab
from tests.letters import MONDAY, raw
from tests.test_flow import CLIENT, PETROVA, reply_to_notice

SMIRNOVA = "smirnova@cleanmet.ru"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def nine(day: int) -> datetime:
    """Nine in the morning of that day of November, in Moscow."""
    return datetime(2026, 11, day, 6, 0, tzinfo=UTC)


def digests(lab: Lab) -> list[str]:
    return [row.key for row in lab.outbox() if row.template == "digest"]


def test_nothing_is_made_up_for_the_time_before_the_installation(lab: Lab) -> None:
    """Started at noon: today's nine o'clock was before us."""
    assert lab.at(MONDAY + timedelta(hours=1)) == []


def test_a_slot_runs_once_and_a_missed_one_as_soon_as_we_are_back(lab: Lab) -> None:
    lab.arrive(raw())
    assert "digest" not in lab.at(nine(24) - timedelta(minutes=1))
    assert "digest" in lab.at(nine(24) + timedelta(minutes=20))
    assert "digest" not in lab.at(nine(24) + timedelta(minutes=40))
    assert digests(lab) == ["digest:2026-11-24:smirnova"]


def test_two_schedulers_on_one_database_run_a_slot_once(lab: Lab) -> None:
    lab.now = nine(24)
    first, second = jobs.tick(lab.app), jobs.tick(lab.app)
    assert (first.count("digest"), second.count("digest")) == (1, 0)


def test_no_morning_letter_on_a_day_off(lab: Lab) -> None:
    assert lab.at(nine(28)) == []
    assert lab.at(nine(29)) == []
    assert "digest" in lab.at(nine(30))


def test_the_count_is_sent_at_zero_too_and_adds_up(lab: Lab) -> None:
    """Found = cases and additions + others, lost 0; each non-case is a line with the reason."""
    lab.arrive(raw())
    lab.arrive(raw("Скидки!", subject="Акция", message_id="<a@x>", headers={"Auto-Submitted": "auto-generated"}))
    lab.at(nine(24))
    text = lab.to(SMIRNOVA)[-1].text
    assert "2 письма = 1 обращение или дополнение + 1 прочее" in text
    assert "Потеряно: 0" in text
    assert "Акция" in text
    lab.at(nine(25))
    assert "0 писем = 0" in lab.to(SMIRNOVA)[-1].text


def test_what_employees_write_is_not_counted_among_the_clients_letters(lab: Lab) -> None:
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, "!внутр позвонил"))
    lab.at(nine(24))
    count = "2 письма = 1 обращение или дополнение + 1 письмо сотрудников + 0 прочих. Потеряно: 0."
    assert count in " ".join(lab.to(SMIRNOVA)[-1].text.split())


def test_what_is_due_on_the_next_working_day_is_told_the_day_before(lab: Lab) -> None:
    """Also over a weekend: users.md asks for «tomorrow, today, overdue»."""
    lab.arrive(raw())
    lab.at(nine(25))
    told = lab.to(PETROVA)[-1]
    assert told.subject.startswith("Ср 25.11: просрочено 0, сегодня 0, завтра 1")
    assert "Завтра\n" in "\n".join(told.text.splitlines())
    lab.arrive(raw(sender="b@vega.example.ru", message_id="<b@vega.example.ru>"))
    assert f"{lab.cases()[-1].due_at:%d.%m}" == "30.11"
    lab.at(nine(27))
    assert ", на пн 30.11 — 1," in lab.to(PETROVA)[-1].subject


def test_an_overdue_case_is_told_every_working_morning_to_its_employee_alone(lab: Lab) -> None:
    lab.arrive(raw())
    for day in (24, 25, 26, 27, 30):
        lab.at(nine(day))
    mornings = [s.subject for s in lab.to(PETROVA) if "просрочено" in s.subject]
    assert mornings[0].startswith("Ср 25.11: просрочено 0, сегодня 0, завтра 1")
    assert mornings[1].startswith("Чт 26.11: просрочено 0, сегодня 1")
    assert mornings[2].startswith("Пт 27.11: просрочено 1, сегодня 0")
    assert mornings[3].startswith("Пн 30.11: просрочено 1")
    assert "2 раб. дня" in lab.to(PETROVA)[-1].text
    assert CLIENT not in [address for s in lab.postman.sent[2:] for address in s.to]


def test_one_letter_a_person_whatever_his_roles(lab: Lab) -> None:
    """Smirnova is duty person, quality manager and executor, and still gets one."""
    lab.arrive(raw("К сожалению, в протоколе № 145 снова ошибка, прошу исправить и объяснить причину."))
    lab.at(nine(24))
    assert digests(lab) == ["digest:2026-11-24:smirnova"]


def test_a_ledger_line_becomes_a_case_by_a_word(lab: Lab) -> None:
    """«!обращение 1» in reply to the morning letter."""
    mail_id = lab.arrive(raw(headers={"Precedence": "bulk", "List-Id": "<news.example.ru>"}, to="news@example.ru"))
    assert lab.mail(mail_id).outcome == "drop"
    lab.at(nine(24))
    morning = lab.to(SMIRNOVA)[-1]
    lab.arrive(
        raw(
            f"!обращение {mail_id}",
            sender=SMIRNOVA,
            subject=f"Re: {morning.subject}",
            in_reply_to=morning.id,
            message_id="<s@cleanmet.ru>",
        )
    )
    assert (lab.mail(mail_id).outcome, len(lab.cases())) == ("new_case", 1)


def sums(lab: Lab) -> list[tuple[int, int, int, int]]:
    """(found, cases, other, lost) of every morning letter of the quality manager's."""
    line = re.compile(r"(\d+) пис\S+ = (\d+) обращ.*? \+ (\d+) проч.*?Потеряно: (\d+)", re.S)
    found = (line.search(s.text) for s in lab.to(SMIRNOVA))
    return [(int(m[1]), int(m[2]), int(m[3]), int(m[4])) for m in found if m]


def enter(lab: Lab, text: str) -> int:
    """A letter is stored and lies there unhandled."""
    data = raw(text, message_id=f"<{len(text)}@x.example>")
    arrival = Arrival(lab.app.raw.put(data), len(data), text, FolderRole.INBOX, lab.now, lab.now)
    with lab.app.db.tx() as tx:
        return intake.enter(tx, arrival)[0]


def tick(lab: Lab, moment: datetime) -> None:
    """The clock ticks while the handling of letters stands still; what is written leaves."""
    lab.now = moment
    jobs.tick(lab.app)
    send(lab.app, lab.postman)  # type: ignore[arg-type]  # the seam of the real Smtp


def test_a_letter_that_comes_between_the_slot_and_a_late_run_is_counted_once(lab: Lab) -> None:
    lab.now = nine(24) + timedelta(minutes=10)
    lab.arrive(raw())
    lab.at(nine(24) + timedelta(minutes=20))
    lab.at(nine(25))
    assert sums(lab) == [(0, 0, 0, 0), (1, 1, 0, 0)]


def test_a_letter_of_the_last_seconds_is_not_lost_but_told_tomorrow(lab: Lab) -> None:
    lab.now = nine(24) - timedelta(seconds=5)
    enter(lab, "Просим КП")
    tick(lab, nine(24))
    lab.work()
    lab.at(nine(25))
    assert sums(lab) == [(0, 0, 0, 0), (1, 1, 0, 0)]


def test_a_lost_letter_is_told_every_day_until_somebody_mends_it(lab: Lab) -> None:
    lab.now = nine(24) - timedelta(minutes=11)
    enter(lab, "Просим КП")
    for day in (24, 25, 26):
        tick(lab, nine(day))
    lab.work()
    lab.at(nine(27))
    assert sums(lab) == [(1, 0, 0, 1), (1, 0, 0, 1), (1, 0, 0, 1), (1, 1, 0, 0)]


def test_what_the_server_does_not_deliver_is_lost_until_it_is_there(lab: Lab) -> None:
    with lab.app.db.tx() as tx:
        box = intake.folder(tx, "lab", "INBOX", FolderRole.INBOX)
        intake.set_folder(tx, box.id, uidvalidity=7)
        box = intake.folder(tx, "lab", "INBOX", FolderRole.INBOX)
        intake.sight(tx, box, 5, SightingState.PENDING, lab.now)
    lab.at(nine(24))
    lab.at(nine(25))
    with lab.app.db.tx() as tx:
        intake.sight(tx, box, 5, SightingState.GONE, lab.now)
    lab.at(nine(26))
    assert sums(lab) == [(1, 0, 0, 1), (1, 0, 0, 1), (0, 0, 0, 0)]


def test_what_was_called_a_case_later_is_not_counted_again(lab: Lab) -> None:
    mail_id = lab.arrive(raw(headers={"Precedence": "bulk", "List-Id": "<news.example.ru>"}, to="news@example.ru"))
    lab.at(nine(24))
    with lab.app.db.tx() as tx:
        assert intake.promote(tx, mail_id)
    lab.work()
    lab.at(nine(25))
    assert len(lab.cases()) == 1
    assert sums(lab) == [(1, 0, 1, 0), (0, 0, 0, 0)]


def test_a_held_letter_without_a_case_stands_in_the_digest_without_a_number(lab: Lab) -> None:
    lab.arrive(raw("!закрыть", sender=SMIRNOVA, subject="Обращение", message_id="<h@cleanmet.ru>"))
    assert lab.mail(1).outcome == "held"
    lab.at(nine(24))
    text = lab.to(SMIRNOVA)[-1].text
    assert "письмо с Вашего адреса ждёт слова до 23.12.2026" in text
    assert "№ None" not in text


def test_a_line_that_cannot_be_printed_costs_only_itself(tmp_path: Path) -> None:
    """A template of the laboratory's own fails on one case and prints the others."""
    own = tmp_path / "templates"
    own.mkdir()
    text = (packaged() / "digest.txt.j2").read_text(encoding="utf-8")
    breaks = "{% for row in overdue %}{{ 1 // (row.number - 2) and '' }}"
    (own / "digest.txt.j2").write_text(text.replace("{% for row in overdue %}", breaks), encoding="utf-8")
    lab = Lab(tmp_path, templates=own)
    for n in (1, 2, 3):
        lab.arrive(raw(f"Просим КП на {n} манометров", message_id=f"<{n}@x>", sender=f"Клиент <c{n}@x{n}.example>"))
    lab.at(nine(30))
    (morning,) = [s for s in lab.to(PETROVA) if "просрочено" in s.subject]
    assert "просрочено 2, сегодня 0, ждут Вас 1" in morning.subject
    assert "строку не удалось составить: № 2" in morning.text


def test_one_letter_that_cannot_be_composed_does_not_cost_the_evening_letter(tmp_path: Path) -> None:
    own = tmp_path / "templates"
    own.mkdir()
    (own / "acknowledgement.txt.j2").write_text("Subject: x\n\n{{ nonsense }}\n", encoding="utf-8")
    lab = Lab(tmp_path, templates=own, mode="shadow")
    lab.arrive(raw())
    lab.at(datetime(2026, 11, 23, 17, 0, tzinfo=UTC))
    evening = lab.to(SMIRNOVA)[-1]
    assert "ушло бы 2 письма" in evening.subject
    assert "(acknowledgement) составить не удалось" in evening.text
    assert "12 манометров" in evening.text


def away_note(lab: Lab, **headers: str) -> int:
    """Petrova's program answers her last notice."""
    notice = lab.to(PETROVA)[-1]
    return lab.arrive(
        raw(
            "Я в отпуске до 12 декабря.",
            sender=f"Петрова <{PETROVA}>",
            subject=f"Автоматический ответ: {notice.subject}",
            in_reply_to=notice.id,
            message_id=f"<away{lab.arrived}@cleanmet.ru>",
            headers=headers,
        )
    )


@pytest.mark.req("C20")
@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-generated", "X-MS-Exchange-Generated-Message-Source": "Mailbox Rules Agent"},
        {"Auto-Submitted": "auto-replied"},
        {},
    ],
)
def test_an_employees_note_of_absence_suggests_his_substitute_and_changes_nothing(
    lab: Lab, headers: dict[str, str]
) -> None:
    lab.arrive(raw())
    before = lab.cases()
    assert lab.mail(away_note(lab, **headers)).drop_reason == "auto_reply"
    away_note(lab, **headers)
    assert lab.cases() == before
    lab.at(nine(24))
    morning = lab.to(SMIRNOVA)[-1].text
    assert morning.count("похоже, нет на месте: Петрова Наталья Викторовна, открытых обращений 1") == 1
    assert "замещающий не указан" in morning
    lab.at(nine(25))
    assert "нет на месте" not in lab.to(SMIRNOVA)[-1].text


@pytest.mark.req("C20")
def test_a_clients_note_of_absence_says_nothing_of_our_people(lab: Lab) -> None:
    lab.arrive(
        raw("Я в отпуске до 12 декабря.", subject="Автоматический ответ", headers={"Auto-Submitted": "auto-replied"})
    )
    lab.at(nine(24))
    assert "нет на месте" not in lab.to(SMIRNOVA)[-1].text
