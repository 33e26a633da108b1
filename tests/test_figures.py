"""What the numbers of a report mean, reckoned by hand: lateness, satisfaction, who began, ISO 9001 8.2.1."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from mailcase.reports.figures import Answer, Counted, Step, figures, satisfaction
from mailcase.rules.axes import FeedbackMode, Topic821, feedback_mode, topic_821
from mailcase.words import Kind

DUE = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
END = datetime(2026, 11, 30, 21, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOON, LATE = Step("answered", DUE - HOUR), Step("answered", DUE + HOUR)


def case(*steps: Step, kind: Kind = Kind.REQUEST, due: datetime = DUE, **more: object) -> Counted:
    given = {"id": 1, "number": 1, "subject": "Калибровка", "opened": date(2026, 11, 17), **more}
    return Counted(kind=kind, due_at=due, steps=steps, **given)  # type: ignore[arg-type]


def answers(*scores: int) -> list[Answer]:
    return [Answer(n, n, score) for n, score in enumerate(scores, 1)]


@pytest.mark.parametrize(
    ("counted", "late"),
    [
        (case(SOON), False),
        (case(LATE), True),
        (case(Step("closed", DUE - HOUR)), False),
        (case(SOON, LATE), False),
        (case(), True),
        (case(due=END + HOUR), False),
        (case(Step("paused", DUE - HOUR)), False),
        (case(Step("paused", DUE - HOUR), Step("reclassified", DUE, DUE)), False),
        (case(Step("paused", DUE - 2 * HOUR), Step("resumed", DUE - HOUR, DUE)), True),
        # The term was moved before the answer, and after it: what counts is the term that was in force then.
        (case(Step("resumed", DUE - 2 * HOUR, DUE - 9 * HOUR), LATE, due=DUE + 2 * HOUR), False),
        (case(LATE, Step("reopened", DUE + 2 * HOUR, DUE), due=END), True),
    ],
)
def test_a_case_is_late_by_its_first_answer_and_the_term_then_in_force(counted: Counted, late: bool) -> None:
    assert counted.late(END) is late


def test_no_answers_no_average_and_few_answers_no_average() -> None:
    assert (satisfaction([]).n, satisfaction([]).average) == (0, None)
    few = satisfaction(answers(5, 5, 1, 4))
    assert (few.n, few.average, few.scores) == (4, None, {5: 2, 4: 1, 1: 1})
    enough = satisfaction(answers(5, 5, 1, 4, 3))
    assert (enough.n, enough.average) == (5, 3.6)
    assert [answer.score for answer in enough.low] == [1, 3]


def test_complaints_and_thanks_change_no_score() -> None:
    cases = [case(LATE, kind=Kind.COMPLAINT, id=n) for n in range(5)]
    assert figures(cases, answers(5, 5, 5, 5, 5), END).satisfaction.average == 5
    assert figures(cases, [], END).satisfaction.average is None


def test_a_review_that_was_asked_for_is_counted_once_and_as_passive() -> None:
    cases = [case(kind=Kind.FEEDBACK, id=1), case(kind=Kind.FEEDBACK, id=2), case(kind=Kind.COMPLAINT, id=3)]
    found = figures(cases, [Answer(1, 1, 5), Answer(3, 3, 2)], END)
    assert (found.active[Kind.FEEDBACK], found.active[Kind.COMPLAINT], found.satisfaction.n) == (1, 1, 2)


@pytest.mark.parametrize(
    ("kind", "surveyed", "mode"),
    [
        (Kind.REQUEST, True, None),
        (Kind.SUGGESTION, True, FeedbackMode.ACTIVE),
        (Kind.FEEDBACK, False, FeedbackMode.ACTIVE),
        (Kind.FEEDBACK, True, FeedbackMode.PASSIVE),
        (Kind.CLAIM, True, FeedbackMode.ACTIVE),
    ],
)
def test_who_began(kind: Kind, surveyed: bool, mode: FeedbackMode | None) -> None:
    assert feedback_mode(kind, surveyed=surveyed) is mode


@pytest.mark.req("A60")
@pytest.mark.parametrize(
    ("kind", "subject", "topic"),
    [
        (Kind.CONSULTATION, "Сроки поверки", Topic821.INFORMATION),
        (Kind.CONSULTATION, "Возврат манометров", Topic821.INFORMATION),
        (Kind.REQUEST, "Авария, срочно поверка", Topic821.ORDERS),
        (Kind.ORDER_CHANGE, "", Topic821.ORDERS),
        (Kind.FEEDBACK, "", Topic821.FEEDBACK),
        (Kind.SUGGESTION, "", Topic821.FEEDBACK),
        (Kind.COMPLAINT, "Повреждён манометр", Topic821.FEEDBACK),
        (Kind.CLAIM, "", Topic821.FEEDBACK),
        (Kind.CORRESPONDENCE, "Акт сверки", Topic821.INFORMATION),
        (Kind.CORRESPONDENCE, "Re: Возврат приборов из калибровки", Topic821.PROPERTY),
        (Kind.CORRESPONDENCE, "Манометры: когда можно забрать", Topic821.PROPERTY),
        (Kind.CORRESPONDENCE, "Акт приёма-передачи образцов", Topic821.PROPERTY),
        (Kind.CORRESPONDENCE, "Передача показаний", Topic821.INFORMATION),
        (Kind.CORRESPONDENCE, "Аварийное отключение электроэнергии", Topic821.CONTINGENCY),
        (Kind.CORRESPONDENCE, "Приостановление действия аккредитации", Topic821.CONTINGENCY),
    ],
)
def test_each_case_has_one_topic_of_iso_9001(kind: Kind, subject: str, topic: Topic821) -> None:
    assert topic_821(kind, subject) is topic


def test_the_coverage_names_the_first_case_of_each_topic() -> None:
    cases = [case(id=1, number=7), case(id=2, number=8), case(id=3, number=9, kind=Kind.CLAIM)]
    found = {line.topic: (line.count, line.example and line.example.number) for line in figures(cases, [], END).topics}
    assert found == {
        Topic821.INFORMATION: (0, None),
        Topic821.ORDERS: (2, 7),
        Topic821.FEEDBACK: (1, 9),
        Topic821.PROPERTY: (0, None),
        Topic821.CONTINGENCY: (0, None),
    }
