"""The report to the top management, from letters that came in to the letter that its members read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailcase import check, jobs, lists
from mailcase.check_finding import Level
from mailcase.jobs import Slot
from mailcase.jobs.report import report
from mailcase.reports import management, period
from tests.cli import mailcase, opened
from tests.lab import Lab
from tests.letters import raw
from tests.servers.postgres import Postgres
from tests.test_assign import staff
from tests.test_corrections import says

ORLOV, SMIRNOVA = "orlov@cleanmet.ru", "smirnova@cleanmet.ru"
TOP = {"top_management": ["orlov", "smirnova"]}
DECEMBER = datetime(2026, 12, 1, 5, 30, tzinfo=UTC)
"""Half past eight of a Tuesday, in Moscow."""


def monthly(folder: Path, **more: object) -> Lab:
    given = {"lab": TOP, "report": {"every": "month"}, "employee": staff()}
    return Lab(folder, **{**given, **more})


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return monthly(tmp_path)


def came(lab: Lab, subject: str, kind: str = "") -> int:
    """A client's letter, of that kind by an employee's word; the case's number."""
    n = len(lab.cases()) + 1
    client = f"Клиент <client{n}@firm{n}.example.ru>"
    lab.arrive(raw(f"Добрый день! {subject}.", sender=client, subject=subject, message_id=f"<{n}@firm.example.ru>"))
    if kind:
        says(lab, f"!вид {kind}")
    return int(lab.cases()[-1].number)


def reports(lab: Lab) -> list[tuple[str, str]]:
    return [(row.person, row.key) for row in lab.outbox() if row.template == "report"]


def told(lab: Lab, at: datetime = DECEMBER) -> str:
    """The report that is due then, as the director reads it; the other jobs of that morning do not run."""
    lab.now = at
    report(lab.app, Slot(at, at, at))
    lab.work()
    return next(s for s in reversed(lab.to(ORLOV)) if s.subject.startswith("Отчёт")).text.replace("\r\n", "\n")


@pytest.mark.req("A4")
def test_a_run_mails_exactly_the_members_and_once(lab: Lab) -> None:
    came(lab, "Калибровка весов")
    assert "report" not in lab.at(DECEMBER - timedelta(minutes=1))
    assert "report" in lab.at(DECEMBER)
    assert "report" not in lab.at(DECEMBER + timedelta(hours=1))
    assert [person for person, _ in reports(lab)] == ["orlov", "smirnova"]
    mailed = [to for s in lab.postman.sent if s.subject.startswith("Отчёт") for to in s.to]
    assert mailed == [ORLOV, SMIRNOVA]
    (letter,) = [s for s in lab.to(ORLOV) if s.subject.startswith("Отчёт")]
    assert letter.subject == "Отчёт, ноябрь 2026: жалоб 0, не в срок 1"
    assert letter.message["Auto-Submitted"] == "auto-generated"
    assert "Ноябрь 2026: 1 обращение" in letter.text
    assert "Ноябрь 2026: 1 обращение" in letter.html


@pytest.mark.req("A4")
def test_an_empty_role_is_a_start_up_error_where_a_report_is_to_go(folder: Path) -> None:
    config = folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(f'{text}\n[report]\nevery = "month"\n', encoding="utf-8")
    told = mailcase("run")
    assert (told.code, told.err.splitlines()[0].startswith("lab.top_management: is empty, but report.every")) == (
        2,
        True,
    )
    config.write_text(text, encoding="utf-8")
    assert opened(folder).config.report.every == "never"


def test_without_a_configured_report_none_goes(tmp_path: Path) -> None:
    lab = Lab(tmp_path, lab=TOP)
    assert "report" not in lab.at(DECEMBER)
    assert reports(lab) == []


def test_an_absent_member_gets_it_and_one_who_left_does_not(tmp_path: Path) -> None:
    away = {"away": ["2026-11-25..2026-12-10"], "substitute": "petrova"}
    lab = monthly(tmp_path, employee=staff(orlov=away, smirnova={"active": False, "substitute": "petrova"}))
    lab.at(DECEMBER)
    assert [person for person, _ in reports(lab)] == ["orlov"]


def test_where_all_members_have_left_the_duty_person_is_told(tmp_path: Path) -> None:
    lab = monthly(tmp_path, lab={"top_management": ["orlov"]}, employee=staff(orlov={"active": False}))
    lab.at(DECEMBER)
    assert reports(lab) == []
    assert "alarm:report:2026-11-01" in [row.key for row in lab.outbox()]


def test_in_shadow_mode_only_the_quality_manager_gets_it(tmp_path: Path) -> None:
    lab = monthly(tmp_path, mode="shadow")
    lab.at(DECEMBER)
    written = {row.person: row.status for row in lab.outbox() if row.template == "report"}
    assert written == {"orlov": "held", "smirnova": "sent"}


@pytest.mark.postgres
def test_the_whole_path_is_the_same_on_postgresql(tmp_path: Path, postgres: Postgres) -> None:
    lab = monthly(tmp_path, store={"url": postgres.url(), "raw": tmp_path / "raw"})
    number = came(lab, "Неудобная форма", "предложение")
    says(lab, "!анкета 5")
    says(lab, "!анкета 4")
    says(lab, "!улучшение Новая форма; до 28.11.2026")
    says(lab, "!эффект заполняют без вопросов")
    text = told(lab)
    assert "«4»\xa0—\xa01" in text
    assert f"№ {number} · Новая форма · " in text
    assert "до 28.11.2026 · эффект: заполняют без вопросов" in text
    assert next(iter(lists.improved(lab.app)))["due"] == "2026-11-28"


def test_a_quarter_is_told_on_its_first_working_day_with_its_months(tmp_path: Path) -> None:
    lab = monthly(tmp_path, report={"every": "quarter"})
    came(lab, "Калибровка весов")
    assert [day for day in range(1, 13) if "report" in lab.at(DECEMBER + timedelta(days=30 + day))] == [11]
    text = lab.to(ORLOV)[-1].text
    assert "IV квартал 2026: 1 обращение" in text
    assert "По месяцам: октябрь 0, ноябрь 1, декабрь 0." in text


def test_a_month_is_that_of_the_laboratory_and_not_of_greenwich(lab: Lab) -> None:
    lab.now = datetime(2026, 11, 30, 20, 59, tzinfo=UTC)
    came(lab, "Последнее письмо ноября")
    lab.now = datetime(2026, 11, 30, 21, 0, tzinfo=UTC)
    came(lab, "Первое письмо декабря")
    assert "Ноябрь 2026: 1 обращение" in told(lab)


def test_two_schedulers_on_one_database_report_once(lab: Lab) -> None:
    lab.now = DECEMBER
    ran = [*jobs.tick(lab.app), *jobs.tick(lab.app)]
    assert (ran.count("report"), len(reports(lab))) == (1, 2)


@pytest.mark.req("A12")
def test_satisfaction_is_what_clients_answered_and_stands_apart_from_guesses(lab: Lab) -> None:
    came(lab, "Жалоба на срыв срока", "жалоба")
    came(lab, "Спасибо за работу", "отзыв")
    text = told(lab)
    measured, _, guessed = text.partition("Косвенные показатели (не оценка)")
    assert "Оценка по анкетам n=0" in measured
    assert "удовлетворённость не измерена" in measured
    assert guessed.strip().startswith("Жалобы и претензии 1, отзывы 1,")
    assert "%" not in text


@pytest.mark.req("A12")
@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ((5, 2), "Оценка по анкетам n=2\n\nМало данных, среднее не считается: «5»\xa0—\xa01, «2»\xa0—\xa01."),
        ((5, 5, 4, 4, 2), "Оценка по анкетам n=5\n\nВ среднем 4,0 из 5: «5»\xa0—\xa02, «4»\xa0—\xa02, «2»\xa0—\xa01."),
    ],
)
def test_few_answers_are_listed_and_enough_are_averaged(lab: Lab, scores: tuple[int, ...], said: str) -> None:
    for score in scores:
        number = came(lab, "Поверка весов")
        says(lab, f"!анкета {score} слова клиента")
    text = told(lab)
    assert said in text
    assert f"№ {number}: оценка 2, «слова клиента»" in text


@pytest.mark.req("A44")
def test_what_clients_wrote_of_themselves_and_what_the_laboratory_asked_are_split(lab: Lab) -> None:
    came(lab, "Жалоба на срыв срока", "жалоба")
    came(lab, "Предложение о приёме", "предложение")
    came(lab, "Отзыв о работе", "отзыв")
    came(lab, "Заполненная анкета", "отзыв")
    says(lab, "!анкета 5")
    came(lab, "Поверка весов")
    says(lab, "!анкета 4")
    text = told(lab)
    assert "(активная): 3 = жалобы и претензии 1 + предложения 1 + отзывы 1" in text
    assert "(пассивная): анкеты 2" in text
    modes = [row["feedback_mode"] for row in reversed(list(lists.register(lab.app)))]
    assert modes == ["active", "active", "active", "passive", None]


@pytest.mark.req("A24")
def test_what_was_changed_because_of_cases_is_listed_with_their_numbers(lab: Lab) -> None:
    first = came(lab, "Ошибка в протоколе", "жалоба")
    says(lab, "!улучшение Протокол проверяет второй сотрудник; Сидоров; до 27.11.2026")
    second = came(lab, "Неудобная форма", "предложение")
    says(lab, "!улучшение Новая форма заявки; отдел приёма; до 28.11.2026")
    says(lab, "!эффект форму заполняют без вопросов")
    text = told(lab)
    changed = text.partition("Что изменено по обращениям")[2]
    assert f"№ {first} · Протокол проверяет второй сотрудник · Сидоров А. П., до 27.11.2026 · срок прошёл" in changed
    line = "Новая форма заявки · отдел приёма, до 28.11.2026 · эффект: форму заполняют без вопросов"
    assert f"№ {second} · {line}" in changed
    assert "За период ничего не записано" in told(lab, datetime(2027, 1, 11, 5, 30, tzinfo=UTC))


@pytest.mark.req("A60")
def test_the_coverage_of_iso_9001_has_counts_and_an_example_each(lab: Lab) -> None:
    numbers = [
        came(lab, "Сколько стоит поверка", "вопрос"),
        came(lab, "Заявка на калибровку", "заявка"),
        came(lab, "Ещё заявка", "заявка"),
        came(lab, "Не тот протокол", "претензия"),
        came(lab, "Возврат манометров", "письмо"),
        came(lab, "Авария в сети", "письмо"),
    ]
    table = told(lab).partition("8.2.1")[2]
    assert f"a, информация об услугах: 1, например № {numbers[0]} «Сколько стоит поверка»" in table
    assert f"b, заявки и заказы: 2, например № {numbers[1]} «Заявка на калибровку»" in table
    assert f"c, обратная связь и жалобы: 1, например № {numbers[3]} «Не тот протокол»" in table
    assert f"d, имущество клиентов: 1, например № {numbers[4]} «Возврат манометров»" in table
    assert f"e, чрезвычайные случаи: 1, например № {numbers[5]} «Авария в сети»" in table


def test_a_case_that_was_answered_or_waits_for_its_client_is_in_time(lab: Lab) -> None:
    came(lab, "Просим выставить счёт на калибровку весов")
    says(lab, "Добрый день! Стоимость работ 12 000 руб., срок 5 рабочих дней.")
    lab.later(minutes=11)
    came(lab, "Калибровка гирь", "заявка")
    says(lab, "!жду реквизиты")
    late = came(lab, "Калибровка манометров", "заявка")
    assert f"не отвечено в срок: 1 (№ {late})" in told(lab)


def test_the_first_line_says_the_most_important(lab: Lab) -> None:
    number = came(lab, "Ошибка в протоколе", "жалоба")
    lab.now = datetime(2026, 12, 20, 9, 0, tzinfo=UTC)
    december = period.named("2026-11", "2026-12", lab.now.date())
    text = management.printed(lab.app, december)
    assert text.splitlines()[2] == f"Жалоб и претензий 1, из них не отвечено в срок 1: № {number}."
    assert "Период не закончился: данные на 20.12.2026, 12:00." in text


@pytest.mark.parametrize(
    ("orlov", "said"),
    [({}, (Level.OK, "after each month, to orlov")), ({"active": False}, (Level.PROBLEM, "has left; name who"))],
)
def test_check_says_who_gets_it(tmp_path: Path, orlov: dict[str, object], said: tuple[Level, str]) -> None:
    lab = monthly(tmp_path, lab={"top_management": ["orlov"]}, employee=staff(orlov=orlov))
    (found,) = [finding for finding in check.everything(lab.app, servers=False) if finding.what == "report"]
    assert (found.level, said[1] in found.said) == (said[0], True)
