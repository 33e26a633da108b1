"""Sample values of the report to the top management."""

from __future__ import annotations

from typing import Any

_NONE: dict[str, Any] = {"count": 0, "numbers": [], "more": 0}
REPORT: dict[str, Any] = {
    "period": "ноябрь 2026", "so_far": None, "cases": 412, "complaints": 6, "reviews": 5,
    "late": {"count": 3, "numbers": [398, 405, 413], "more": 0},
    "late_complaints": {"count": 1, "numbers": [413], "more": 0},
    "before": {"period": "октябрь 2026", "cases": 398}, "months": [],
    "survey": {
        "n": 12, "average": "4,4",
        "scores": [{"score": 5, "count": 8}, {"score": 4, "count": 2}, {"score": 3, "count": 1},
                   {"score": 2, "count": 1}],
        "low": [{"number": 405, "score": 2, "comment": "Долго ждали счёт"}, {"number": 390, "score": 3, "comment": ""}],
    },
    "active": {"count": 14, "kinds": {"complaints": 6, "suggestions": 3, "reviews": 5}},
    "improvements": {
        "lines": [
            {"case": 413, "action": "Перенос данных в протокол проверяет второй сотрудник", "owner": "Сидоров А. П.",
             "due": "2026-12-15", "effect": "за две недели ни одной такой ошибки", "overdue": False},
            {"case": 377, "action": "В форме заявки появилось поле «нужен выезд»", "owner": "отдел приёма",
             "due": "2026-11-20", "effect": "", "overdue": True},
        ],
        "more": 0,
    },
    "topics": [
        {"topic": "a", "count": 121, "example": {"number": 371, "subject": "Сроки поверки весов"}},
        {"topic": "b", "count": 274, "example": {"number": 370, "subject": "Re: Заявка на калибровку"}},
        {"topic": "c", "count": 14, "example": {"number": 377, "subject": "Предложение"}},
        {"topic": "d", "count": 3, "example": {"number": 381, "subject": "Возврат манометров"}},
        {"topic": "e", "count": 0, "example": None},
    ],
}  # fmt: skip
QUARTER: dict[str, Any] = REPORT | {
    "period": "IV квартал 2026", "cases": 1050, "so_far": "2026-12-20T12:00:00+03:00", "late_complaints": _NONE,
    "before": {"period": "III квартал 2026", "cases": 1130},
    "months": [{"name": "октябрь", "cases": 398}, {"name": "ноябрь", "cases": 412}, {"name": "декабрь", "cases": 240}],
    "late": {"count": 14, "numbers": list(range(390, 400)), "more": 4},
    "survey": {"n": 3, "average": "", "scores": [{"score": 5, "count": 2}, {"score": 4, "count": 1}], "low": []},
    "improvements": {**REPORT["improvements"], "more": 2},
}  # fmt: skip
EMPTY: dict[str, Any] = REPORT | {
    "cases": 0, "complaints": 0, "reviews": 0, "late": _NONE, "late_complaints": _NONE,
    "before": {"period": "октябрь 2026", "cases": 0},
    "survey": {"n": 0, "average": "", "scores": [], "low": []},
    "active": {"count": 0, "kinds": {"complaints": 0, "suggestions": 0, "reviews": 0}},
    "improvements": {"lines": [], "more": 0},
    "topics": [{"topic": topic, "count": 0, "example": None} for topic in "abcde"],
}  # fmt: skip
