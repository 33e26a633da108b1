"""Sample values for every template: what `mailcase check` renders, `mailcase preview` shows and tests compare.

Each template has at least one sample; those whose text depends on a value have more, down to the emptiest.
Those of the letters that jobs write stand in `samples_jobs`. All people, firms and numbers are invented.
"""

from __future__ import annotations

from typing import Any, Literal

from mailcase.mail import samples_jobs as jobs
from mailcase.mail.draft import Draft, DraftAttachment
from mailcase.mail.samples_reports import EMPTY, QUARTER, REPORT
from mailcase.words import Audience, Template

_TAG = jobs.TAG
_LAB = {"name": "ООО «КлинМет»", "address": "lab@example.ru", "site": "www.example.ru", "phone": "+74950000000"}
_LAB_EN = _LAB | {"name": "CleanMet LLC, Metrology Laboratory"}
_OPENED, _DUE, _PROGRESS = jobs.OPENED, "2026-11-25T17:30:00+03:00", "2026-11-27T17:30:00+03:00"
_COMPLAINT_DUE = "2026-12-04T17:30:00+03:00"
_PETROVA = {
    "name": "Петрова Наталья Викторовна",
    "position": "инженер по метрологии",
    "phone": "+74950000000 доб. 214",
    "email": "petrova@example.ru",
}
_SMIRNOVA = {
    "name": "Смирнова Ольга Игоревна",
    "position": "менеджер по качеству",
    "phone": "+74950000000 доб. 205",
    "email": "smirnova@example.ru",
}
_PETROVA_EN = _PETROVA | {"name": "Natalia Viktorovna Petrova", "position": "metrology engineer"}
_CONTACT = {
    "name": "Анна Сергеевна Ковалёва",
    "address": "a.kovaleva@example.org",
    "organisation": "ООО «Ромашка»",
    "phone": "+74950000016",
}
_NOBODY = {"name": "", "address": "", "organisation": "", "phone": ""}
_WORDS = "Добрый день!\n\nПросим выставить КП на калибровку 12 манометров МП3-У до 10 декабря. Возможен ли выезд?"
_SUBJECT = jobs.SUBJECT
_FILES = ["Заявка.pdf", "Реквизиты.docx"]


_ACTIONS = [
    {"label": "Не моё", "href": jobs.mail("!не моё", "Кому передать: ")},
    {"label": "Заметка", "href": jobs.mail("!внутр")},
    {"label": "Ответ не нужен", "href": jobs.mail("!к сведению")},
    {"label": "Это жалоба", "href": jobs.mail("!жалоба")},
]
_ACK: dict[str, Any] = {
    "number": 412, "tag": _TAG, "opened": _OPENED, "subject": _SUBJECT, "attachments": _FILES,
    "greeting": "Здравствуйте!", "answerer": _PETROVA, "due": _DUE, "progress": None,
    "called": None, "promise_date": True, "thanks": False, "vague": False, "written": True, "enclosed": [],
}  # fmt: skip
_TEXTS = [
    {"name": "hours", "approved": "2026-01-15", "title": "Режим работы",
     "text": "Лаборатория работает по рабочим дням с 09:00 до 17:30. В предпраздничные дни — на час меньше."},
    {"name": "documents", "approved": "2026-01-15", "title": "Какие документы нужны",
     "text": "Для начала работы нужны заявка с перечнем средств измерений и реквизиты организации."},
]  # fmt: skip
_APPEAL = [
    {"name": "appeal", "approved": "2026-01-15", "title": "Если Вы не согласны с нашим решением",
     "text": "Напишите нам на lab@example.ru. Обращение рассмотрит сотрудник, который не участвовал в этих работах."},
]  # fmt: skip
_APPEAL_EN = [
    {"name": "appeal.en", "approved": "2026-01-15", "title": "If you disagree with our decision",
     "text": "Write to lab@example.ru in any form. It will be considered by a person who took no part in the work."},
]  # fmt: skip
_TEXTS_EN = [
    {"name": "hours.en", "approved": "2026-01-15", "title": "Opening hours",
     "text": "The laboratory is open on working days from 09:00 to 17:30."},
]  # fmt: skip
_ACK_TEXTS = _ACK | {"attachments": [], "subject": "Режим работы и документы", "enclosed": _TEXTS}
_COMPLAINT = _ACK | {
    "number": 413, "tag": "KM-26-0413-2946", "subject": "Протокол № 145-К/26", "attachments": [],
    "greeting": "Уважаемый Игорь Павлович!", "answerer": _SMIRNOVA, "due": _COMPLAINT_DUE, "progress": _PROGRESS,
}  # fmt: skip
_ADDITION = {k: _COMPLAINT[k] for k in ("number", "tag", "opened", "answerer", "greeting")} | {"part": 2}
_STATE: dict[str, Any] = {
    "number": 412, "tag": _TAG, "opened": _OPENED, "subject": _SUBJECT, "kind": "request", "register": "inquiry",
    "status": "open", "due": _DUE, "late": False, "answered": None, "closed": None, "answerer": _PETROVA,
}  # fmt: skip
_REMINDER: dict[str, Any] = {"number": 412, "tag": _TAG, "opened": _OPENED, "asked": _OPENED, "answerer": _PETROVA}
_STATUS: dict[str, Any] = {"number": 412, "tag": _TAG, "greeting": "Здравствуйте!", "cases": [_STATE]}
_STATUSES = _STATUS | {
    "cases": [
        _STATE | {"late": True},
        _STATE | {"number": 413, "subject": "Протокол № 145-К/26", "register": "complaint", "answerer": _SMIRNOVA},
        _STATE | {"number": 405, "subject": "", "status": "answered", "answered": _OPENED, "due": None},
        _STATE | {"number": 398, "subject": "Счёт", "status": "waiting", "due": None},
        _STATE | {"number": 377, "subject": "Весы", "status": "closed", "closed": _OPENED, "due": None},
        _STATE | {"number": 420, "subject": "Акт сверки", "due": None},
    ],
}  # fmt: skip
_ANSWER: dict[str, Any] = {
    "text": "Анна Сергеевна, добрый день!\n\nКП на калибровку 12 манометров МП3-У во вложении. "
    "Выезд возможен 3 и 4 декабря.",
    "number": 412, "tag": _TAG, "opened": _OPENED, "subject": _SUBJECT, "signatory": _PETROVA, "confirms": False,
    "appeal": [],
}  # fmt: skip
_TERM: dict[str, Any] = {
    "name": "consumer", "start": "2026-11-20", "target": 1, "limit": 3, "unit": "working",
    "skipped": ["2026-11-21", "2026-11-22"], "source": "значение по умолчанию, не из СТО-СМК-005",
}  # fmt: skip
_NOTICE: dict[str, Any] = {
    "number": 412, "tag": _TAG, "kind": "request", "register": "inquiry", "subject": _SUBJECT, "opened": _OPENED,
    "due": _DUE, "contact": _CONTACT, "text": _WORDS, "attachments": _FILES, "withheld": [],
    "open_cases": [{"number": 398, "subject": "Поверка весов", "status": "ждём оплату"}], "complaints": 0,
    "why": "калибровка давления", "check": False, "remark": "", "named_to_client": True, "undo_minutes": 10, "term": {},
    "silence": "", "actions": _ACTIONS, "ready": "", "ready_files": [], "ready_keys": "", "ready_actions": [],
    "preferred": "", "entered": "", "unstated": False, "remedies": [], "enclosed": [], "enough_actions": [],
    "appeal": "", "progress": "",
}  # fmt: skip
_NOTICE_BARE = _NOTICE | {
    "kind": "complaint", "register": "complaint", "subject": "", "contact": _NOBODY, "text": "", "attachments": [],
    "withheld": [{"name": "setup.exe", "why": "исполняемый файл"}], "open_cases": [], "complaints": 2, "check": True,
    "remark": "пересланное письмо: автор определён по тексту", "named_to_client": False, "undo_minutes": 0,
    "silence": "обратного адреса нет", "actions": [], "term": _TERM, "appeal": "Если Вы не согласны с нашим решением",
    "remedies": [{"remedy": "refund", "words": "Верните деньги!"}, {"remedy": "apology", "words": ""}],
}  # fmt: skip
_NOTICE_READY = _NOTICE | {
    "subject": "Домашние весы", "text": "Добрый день! Проверьте, пожалуйста, мои кухонные весы.", "attachments": [],
    "ready": "Здравствуйте!\n\nСпасибо, что обратились к нам.\n\nК сожалению, мы выполняем работы только по "
    "договорам с организациями и индивидуальными предпринимателями.",
    "ready_actions": [{"label": "Отправить этот ответ", "href": jobs.mail("!отправить")}],
}  # fmt: skip
_NOTICE_ENCLOSED = _NOTICE | {
    "kind": "consultation", "subject": "Режим работы и документы", "attachments": [],
    "text": "Добрый день! Подскажите, пожалуйста, режим работы и какие документы нужны.",
    "enclosed": [{"title": text["title"], "approved": "15.01.2026"} for text in _TEXTS],
    "enough_actions": [{"label": "Этого достаточно", "href": jobs.mail("!достаточно")}],
}  # fmt: skip
_NOTICE_ENTERED = _NOTICE | {
    "preferred": "phone",
    "entered": "Смирнова О. И.: телефон; от: Ковалёва",
    "contact": _NOBODY,
}
_NOTICE_COMPLAINT = _NOTICE | {
    "kind": "complaint", "register": "complaint", "due": _COMPLAINT_DUE, "progress": _PROGRESS,
    "subject": "Протокол № 145-К/26", "text": "Добрый день! В протоколе снова ошибка, прошу исправить.",
}  # fmt: skip
_NOTICE_CALL = _NOTICE | {"preferred": "phone"}
_COPY: dict[str, Any] = {
    "number": 412, "tag": _TAG, "kind": "request", "register": "inquiry", "subject": _SUBJECT, "opened": _OPENED,
    "due": _DUE, "contact": _CONTACT, "text": _WORDS, "attachments": _FILES, "withheld": [],
    "answerer": _PETROVA, "status": "open",
}  # fmt: skip
_PASS_ON: dict[str, Any] = {
    "number": 412, "part": 2, "tag": _TAG, "subject": f"Re: {_SUBJECT} [{_TAG}]", "due": _DUE, "contact": _CONTACT,
    "text": "И ещё два термометра, список приложила.", "attachments": ["Термометры.xlsx"], "withheld": [],
    "status": "open", "remark": "", "undo_minutes": 10, "actions": _ACTIONS[:3], "preferred": "",
}  # fmt: skip
_PASS_ON_BARE = _PASS_ON | {
    "due": None, "contact": _NOBODY, "text": "", "status": "answered", "remark": "похоже на жалобу",
    "undo_minutes": 0, "actions": [],
}  # fmt: skip
_MACHINE: dict[str, Any] = {
    "subject": "Документ ожидает подписи", "sender": "ЭДО «Обмен» <robot@example.net>",
    "why": "документ на подпись", "text": "Акт № 77 от 19.11.2026 ожидает подписи до 24.11.2026.",
    "attachments": ["Акт 77.pdf"], "received": _OPENED,
}  # fmt: skip
_RECEIPT: dict[str, Any] = {
    "title": "Сделано: № 412 → Сидоров", "number": 412, "tag": _TAG,
    "lines": [
        "Передано: Сидоров Андрей Петрович (доб. 216). Срок прежний: ср 25.11.",
        "Клиенту не писали: новое имя он увидит в ответе. Ошиблись? Ответьте «отмена».",
    ],
    "preview": None, "mistakes": [], "actions": [],
}  # fmt: skip
_RECEIPT_PREVIEW = _RECEIPT | {
    "title": "Уйдёт клиенту в 10:47: № 412", "lines": [],
    "preview": {
        "to": "Анна Сергеевна Ковалёва, a.kovaleva@example.org", "files": ["КП_412.pdf"],
        "text": "Анна Сергеевна, добрый день!\n\nКП во вложении.\n\nС уважением,\nПетрова Наталья Викторовна",
        "leaves": "2026-11-20T10:47:00+03:00",
    },
    "mistakes": ["«!назначит Сидоров»: такого поручения нет. Может быть, «!назначить Сидоров»?"],
    "actions": [{"label": "Придержать", "href": jobs.mail("!стоп")}],
}  # fmt: skip
_HELD: dict[str, Any] = {
    "number": 412, "tag": _TAG, "question": "Похоже, это письмо коллеге, а не клиенту.",
    "text": "Это не моё, отдай Сидорову.",
    "options": [
        {"word": "да", "what": "передать Сидорову А. П.", "href": jobs.mail("!да")},
        {"word": "клиенту", "what": "всё-таки отправить клиенту", "href": ""},
    ],
    "unsent": True,
}  # fmt: skip
_CONFIRM: dict[str, Any] = {
    "number": 412, "tag": _TAG, "received": _OPENED, "subject": "!закрыть", "text": "!закрыть\nклиент передумал",
}  # fmt: skip
_UNDELIVERED: dict[str, Any] = {
    "number": 401, "tag": "KM-26-0401-1180", "to": "a.kovaleva@example.org", "why": "адрес не существует",
    "phone": "84950000016", "text": "Анна Сергеевна, счёт во вложении.", "subject": "Счёт за поверку весов",
}  # fmt: skip
_ALARM: dict[str, Any] = {
    "what": "почта не читается 15 минут",
    "details": ["ящик lab@example.ru: сервер не отвечает", "последняя удачная проверка в 09:40"],
    "remedy": "проверьте связь с imap.example.ru и пароль ящика.",
}
_RU: tuple[tuple[Template, dict[str, Any]], ...] = (
    (Template.ACKNOWLEDGEMENT, _ACK),
    (Template.ACKNOWLEDGEMENT, _ACK | {"promise_date": False, "attachments": [], "subject": ""}),
    (Template.ACKNOWLEDGEMENT, _ACK | {"promise_date": False, "attachments": [], "thanks": True, "subject": "Отзыв"}),
    (Template.ACKNOWLEDGEMENT, _ACK | {"vague": True, "attachments": [], "subject": "Запрос КП"}),
    (Template.ACKNOWLEDGEMENT, _ACK_TEXTS),
    (Template.ACKNOWLEDGEMENT_COMPLAINT, _COMPLAINT),
    (Template.ACKNOWLEDGEMENT_COMPLAINT, _COMPLAINT | {"called": "complaint", "progress": None}),
    (Template.ACKNOWLEDGEMENT_COMPLAINT, _COMPLAINT | {"called": "claim", "attachments": _FILES}),
    (Template.ADDITION, _ADDITION),
    (Template.STATUS, _STATUS),
    (Template.STATUS, _STATUSES),
    (Template.REMINDER, _REMINDER),
    (Template.ANSWER, _ANSWER),
    (Template.ANSWER, _ANSWER | {"confirms": True}),
    (Template.ANSWER, _ANSWER | {"text": "К сожалению, мы не сможем принять этот заказ.", "appeal": _APPEAL}),
    *((Template.NOTICE, values) for values in (_NOTICE, _NOTICE_BARE, _NOTICE_READY, _NOTICE | {"unstated": True})),
    *(
        (Template.NOTICE, values)
        for values in (_NOTICE_ENCLOSED, _NOTICE_ENTERED, _NOTICE_CALL, _NOTICE_CALL | {"preferred": "post"})
    ),
    (Template.NOTICE, _NOTICE_COMPLAINT),
    (Template.COPY, _COPY),
    (Template.PASS_ON, _PASS_ON),
    (Template.PASS_ON, _PASS_ON_BARE),
    (Template.MACHINE_NOTICE, _MACHINE),
    (Template.MACHINE_NOTICE, _MACHINE | {"text": "", "attachments": []}),
    (Template.RECEIPT, _RECEIPT),
    (Template.RECEIPT, _RECEIPT_PREVIEW),
    (Template.RECEIPT, _RECEIPT | {"number": None, "tag": ""}),
    (Template.HELD, _HELD),
    (Template.HELD, _HELD | {"number": None, "tag": ""}),
    (Template.HELD, _HELD | {"question": "Закрыть жалобу, № 412? Подтвердите, пожалуйста.", "unsent": False}),
    (Template.CONFIRM, _CONFIRM),
    (Template.CONFIRM, _CONFIRM | {"number": None, "tag": ""}),
    (Template.UNDELIVERED, _UNDELIVERED),
    (Template.UNDELIVERED, _UNDELIVERED | {"number": None, "tag": "", "phone": ""}),
    (Template.ALARM, _ALARM),
    *(
        (Template.DIGEST, values)
        for values in (jobs.DIGEST, jobs.QUIET_DAY, jobs.QUIET_DAY | {"count": None}, jobs.NO_CASE, jobs.DIRECTOR)
    ),
    (Template.SHADOW, jobs.SHADOW),
    (Template.SHADOW, jobs.SHADOW | {"letters": []}),
    (Template.LEARNED, jobs.LEARNED),
    (Template.LEARNED, jobs.LEARNED | {"changed": False}),
    *((Template.REPORT, values) for values in (REPORT, QUARTER, EMPTY)),
)
_EN_WORDS: dict[str, Any] = {
    "greeting": "Hello,", "answerer": _PETROVA_EN, "subject": "Calibration of 12 gauges", "lab": _LAB_EN,
    "attachments": ["Request.pdf"], "signatory": _PETROVA_EN, "enclosed": _TEXTS_EN, "appeal": _APPEAL_EN,
    "text": "Dear Ms Brown,\n\nPlease find our offer attached.",
}  # fmt: skip
_ANSWERS = (Template.ANSWER,)
_REPLIES = (Template.ACKNOWLEDGEMENT, Template.ACKNOWLEDGEMENT_COMPLAINT, Template.ADDITION, Template.STATUS)
_CLIENT = (*_REPLIES, *_ANSWERS, Template.REMINDER)


def drafts() -> tuple[Draft, ...]:
    """Every sample as a whole draft: client letters in Russian and English, staff letters in both languages' turn."""
    russian = [_draft(t, "ru", values, n) for n, (t, values) in enumerate(_RU)]
    english = [_draft(t, "en", _in_english(t, values), n) for n, (t, values) in enumerate(_RU)]
    return (*russian, *english)


def _in_english(template: Template, values: dict[str, Any]) -> dict[str, Any]:
    if template not in _CLIENT:
        return values
    return values | {k: v for k, v in _EN_WORDS.items() if values.get(k) or k == "lab"}


def _draft(template: Template, lang: Literal["ru", "en"], values: dict[str, Any], n: int) -> Draft:
    client = template in _CLIENT
    file = DraftAttachment("0" * 64, 3, "КП_412.pdf", "application/pdf", 9)
    auto: Literal["auto-replied", "auto-generated"] = "auto-replied" if template in _REPLIES else "auto-generated"
    return Draft(
        template=template,
        audience=Audience.CLIENT if client else Audience.STAFF,
        lang=lang,
        message_id=f"<{template}-{lang}-{n}.sample@example.ru>",
        date="2026-11-20T10:15:00+03:00",
        from_name="Лаборатория КлинМет" if client else "Журнал КлинМет",
        from_address="lab@example.ru",
        to=(("Ковалёва Анна Сергеевна", "a.kovaleva@example.org"),) if client else (("", "petrova@example.ru"),),
        values={"lab": _LAB, **values},
        in_reply_to="<request-412@example.org>" if client else "",
        references=("<request-412@example.org>",) if client else (),
        auto=None if template in _ANSWERS else auto,
        attachments=(file,) if template in _ANSWERS else (),
    )


def content(attachment: DraftAttachment) -> bytes:
    """The bytes that stand for a sample's file."""
    return b"%PDF-1.4\n"
