"""What the numbers of a report say: judged from plain values, so that each can be reckoned again by hand. Pure.

Satisfaction is what clients answered when they were asked, never what complaints or thanks let guess (A12); of a few
answers no average is made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mailcase.rules.axes import COMPLAINTS, FEEDBACK, FeedbackMode, Topic821, feedback_mode, topic_821
from mailcase.words import EventType, Kind

_FEW = 5
"""So many answers make an average; below is «мало данных» (A48)."""
_LOW = 3
"""Up to this score a client was not content."""
_ENDS = (EventType.ANSWERED, EventType.CLOSED)


@dataclass(frozen=True, slots=True)
class Step:
    """An answer, a close, a pause, or what moved the term: then `old_due` is the term before it."""

    type: str
    at: datetime
    old_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """One case of the span, with what happened to it up to the end of the span."""

    id: int
    number: int
    kind: Kind
    subject: str
    opened: date
    due_at: datetime
    steps: tuple[Step, ...] = ()

    def late(self, at: datetime) -> bool:
        """Whether its first answer came after the term then in force, or has not come though that was over at `at`.

        A case that waits for its client is not late.
        """
        ends = next((n for n, step in enumerate(self.steps) if step.type in _ENDS), None)
        if ends is None:
            return not self._waits and self.due_at < at
        moved = next((step.old_due for step in self.steps[ends + 1 :] if step.old_due), None)
        return self.steps[ends].at > (moved or self.due_at)

    @property
    def _waits(self) -> bool:
        """Whether the clock stands; another kind alone does not let it run."""
        clock = [step.type for step in self.steps if step.type != EventType.RECLASSIFIED]
        return clock[-1:] == [EventType.PAUSED]


@dataclass(frozen=True, slots=True)
class Answer:
    """A client's answer to a survey, with the id and the number of its case."""

    case_id: int
    number: int
    score: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """What `n` answers say: how often each score, their average where there are enough, and who was not content."""

    n: int
    scores: Mapping[int, int]
    average: float | None
    low: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """A line of the coverage by ISO 9001 8.2.1, and the first case as an example (A60)."""

    topic: Topic821
    count: int
    example: Counted | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything a report counts; `late` and `late_complaints` are the cases themselves, for their numbers."""

    cases: int
    complaints: int
    late: tuple[Counted, ...]
    late_complaints: tuple[Counted, ...]
    months: Mapping[date, int]
    topics: tuple[Topic, ...]
    active: Mapping[Kind, int]
    """Feedback that clients gave of themselves, by kind (A44)."""
    reviews: int
    satisfaction: Satisfaction


def figures(cases: Sequence[Counted], answers: Sequence[Answer], at: datetime) -> Figures:
    """Count the cases of a span and the answers to surveys that came in it; `at` is its end."""
    late = tuple(case for case in cases if case.late(at))
    asked = {answer.case_id for answer in answers}
    own = (case.kind for case in cases if feedback_mode(case.kind, surveyed=case.id in asked) is FeedbackMode.ACTIVE)
    counted = Counter(own)
    return Figures(
        cases=len(cases),
        complaints=sum(case.kind in COMPLAINTS for case in cases),
        late=late,
        late_complaints=tuple(case for case in late if case.kind in COMPLAINTS),
        months=Counter(case.opened.replace(day=1) for case in cases),
        topics=_topics(cases),
        active={kind: counted[kind] for kind in FEEDBACK},
        reviews=sum(case.kind is Kind.FEEDBACK for case in cases),
        satisfaction=satisfaction(answers),
    )


def satisfaction(answers: Sequence[Answer]) -> Satisfaction:
    """What the answers say and no more: no average of a few."""
    scores = [answer.score for answer in answers]
    average = sum(scores) / len(scores) if len(scores) >= _FEW else None
    low = tuple(sorted((a for a in answers if a.score <= _LOW), key=lambda answer: answer.score))
    return Satisfaction(len(scores), dict(sorted(Counter(scores).items(), reverse=True)), average, low)


def _topics(cases: Iterable[Counted]) -> tuple[Topic, ...]:
    found: dict[Topic821, list[Counted]] = {topic: [] for topic in Topic821}
    for case in cases:
        found[topic_821(case.kind, case.subject)].append(case)
    return tuple(Topic(topic, len(of), next(iter(of), None)) for topic, of in found.items())
