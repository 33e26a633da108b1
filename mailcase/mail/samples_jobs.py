"""Sample values of the letters that jobs write: the morning letter, the evening one of the trial, what was learned."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

TAG = "KM-26-0412-7351"
OPENED = "2026-11-20T10:12:00+03:00"
SUBJECT = "Калибровка манометров"


def mail(order: str, body: str = "") -> str:
    """A link that writes an order."""
    text = f"&body={quote(body)}" if body else ""
    return f"mailto:lab@example.ru?subject={quote(f'{order} [{TAG}]')}{text}"


ROW: dict[str, Any] = {
    "number": 398, "tag": "KM-26-0398-5512", "who": "ООО «Ромашка»", "subject": "Счёт за поверку весов",
    "due": "2026-11-18T17:30:00+03:00", "late": 2, "phone": "", "href": mail("Re: Счёт"), "what": "",
}  # fmt: skip
RISEN: dict[str, Any] = ROW | {"holder": "Петрова Н. В.", "due": "2026-11-18", "late": 3}
MORE = {
    "complaints": 0,
    "colleagues": 0,
    "overdue": 0,
    "today": 0,
    "tomorrow": 0,
    "waiting": 0,
    "paused": 0,
    "untold": 0,
    "undelivered": 0,
    "ledger": 0,
}
DIGEST: dict[str, Any] = {
    "date": "2026-11-23", "overdue": [ROW],
    "complaint_days": 3, "complaints_stay": False, "complaints": [], "colleagues": [],
    "next_day": "завтра",
    "tomorrow": [ROW | {"number": 409, "who": "ООО «Сфера»", "due": "2026-11-24T17:30:00+03:00", "href": ""}],
    "today": [
        ROW | {"number": 405, "who": "ИП Петров", "subject": "Срок калибровки", "due": "2026-11-23T17:30:00+03:00"},
        ROW | {"number": 407, "who": "АО «Вега»", "subject": "", "due": "2026-11-23T15:00:00+03:00", "href": ""},
    ],
    "waiting": [
        ROW | {"number": 413, "what": "утвердить решение по жалобе", "who": "«Гамма»", "subject": "протокол 145-К/26"},
    ],
    "paused": [ROW | {"number": 421, "what": "ждём клиента 2 раб. дня: реквизиты", "subject": "Заявка 32"}],
    "untold": [ROW | {"number": 420, "who": "ООО «Лютик»", "subject": "Заявка 31"}],
    "held": 17, "more": MORE | {"untold": 8},
    "undelivered": [
        ROW | {"number": 401, "what": "адрес не существует", "who": "Анна Сергеевна", "phone": "+74950000016"},
    ],
    "count": {"day": "2026-11-20", "found": 40, "cases": 24, "staff": 5, "other": 11, "lost": 0},
    "ledger": [
        {"mail_id": 801, "at": OPENED, "sender": "news@example.net", "subject": "Скидки на гири",
         "why": "рассылка", "href": mail("!это обращение 801")},
        {"mail_id": 802, "at": OPENED, "sender": "b.orlov@example.org", "subject": "Автоответ: в отпуске",
         "why": "автоответ", "href": ""},
    ],
}  # fmt: skip
QUIET_DAY: dict[str, Any] = {
    "date": "2026-11-24T09:00:00+03:00", "overdue": [], "today": [], "waiting": [], "paused": [], "undelivered": [],
    "next_day": "завтра", "tomorrow": [],
    "complaint_days": 3, "complaints_stay": False, "complaints": [], "colleagues": [],
    "count": {"day": "2026-11-23T00:00:00+03:00", "found": 0, "cases": 0, "staff": 0, "other": 0, "lost": 0},
    "ledger": [], "untold": [], "held": 0, "more": MORE,
}  # fmt: skip
NO_CASE: dict[str, Any] = QUIET_DAY | {
    "overdue": [ROW | {"who": "ООО «Ромашка» (вместо: Петрова Н. В.)"}],
    "waiting": [
        ROW | {"number": None, "tag": "", "who": "", "subject": "", "due": None, "late": 0, "href": "",
                "what": "Ваше письмо ждёт слова: «да», «клиенту» или «стоп» в ответ на вопрос"},
    ],
}  # fmt: skip
DIRECTOR: dict[str, Any] = QUIET_DAY | {
    "count": None,
    "complaints": [
        RISEN | {"number": 377, "subject": "Протокол № 131-К/26", "holder": "Смирнова О. И.", "href": mail("!внутр")},
        RISEN | {"number": 379, "href": "",
                 "what": "сообщаем и Вам: руководство названо в жалобе, ведёт её или вело обращение, откуда она"},
    ],
    "colleagues": [RISEN | {"number": 402, "late": 1, "subject": "Поверка гирь", "href": mail("!назначить")}],
}  # fmt: skip
SHADOW: dict[str, Any] = {
    "date": "2026-11-20",
    "letters": [
        {"to": "a.kovaleva@example.org", "subject": f"Вх. № 412 от 20.11.2026: {SUBJECT} [{TAG}]", "number": 412,
         "text": "Здравствуйте!\n\nВаше письмо получено и зарегистрировано: вх. № 412 от 20.11.2026."},
        {"to": "petrova@example.ru", "subject": "Нужно сделать: Документ ожидает подписи", "number": None,
         "text": "ЭДО «Обмен» прислал автоматическое письмо."},
    ],
}  # fmt: skip
LEARNED: dict[str, Any] = {
    "changed": True, "corrected": 5, "confirmed": 12, "own": 41, "letters": 1285,
    "old": {"silent": 6, "wrong": 97, "marked": 230, "own_right": 33},
    "new": {"silent": 5, "wrong": 95, "marked": 233, "own_right": 37},
}  # fmt: skip
