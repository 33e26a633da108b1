"""The texts that people read: whole letters as agreed with the laboratory, and rules that hold for all of them."""

from __future__ import annotations

import html as entities
import re
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mailcase import preview
from mailcase.mail import samples
from mailcase.mail.compose import Composer, TemplateFault, packaged
from mailcase.mail.draft import Draft
from mailcase.words import Audience, MailcaseError, Template

COMPOSER = Composer()
DRAFTS = samples.drafts()
IDS = [d.message_id[1:].split(".")[0] for d in DRAFTS]
LETTERS = sorted(p for p in packaged().glob("*.txt.j2") if not p.name.startswith("_"))

ACKNOWLEDGEMENT = """\
Здравствуйте!

Ваше письмо получено и зарегистрировано: вх. № 412 от 20.11.2026. Вложения: Заявка.pdf, Реквизиты.docx.

Ответит Петрова Наталья Викторовна, инженер по метрологии, тел. +7 (495) 000-00-00, доб. 214, — не позднее среды, \
25 ноября (МСК).

Если нужно что-то уточнить или дополнить, просто ответьте на это письмо.

С уважением,
лаборатория ООО «КлинМет»
lab@example.ru, www.example.ru, +7 (495) 000-00-00

Подтверждение отправлено автоматически; Ваш ответ прочитает сотрудник.
"""

COMPLAINT = """\
Уважаемый Игорь Павлович!

Спасибо, что написали нам. Ваше обращение зарегистрировано: вх. № 413 от 20.11.2026. Мы разберёмся в нём по существу.

Рассмотрение ведёт Смирнова Ольга Игоревна, менеджер по качеству, тел. +7 (495) 000-00-00, доб. 205. Можно звонить и \
писать.

Решение утвердит сотрудник, который не участвовал в этих работах.

О ходе рассмотрения сообщим до пятницы, 27 ноября; письменный ответ направим не позднее пятницы, 4 декабря (МСК). Если \
понадобится больше времени, предупредим заранее и объясним причину.

Фото, акты и другие материалы можно прислать в ответ на это письмо. Порядок рассмотрения обращений пришлём по Вашей \
просьбе.

С уважением,
лаборатория ООО «КлинМет»
lab@example.ru, www.example.ru, +7 (495) 000-00-00

Подтверждение отправлено автоматически; Ваш ответ прочитает сотрудник.
"""

NOTICE = """\
Вам: № 412, заявка, ответить до ср 25.11

Анна Сергеевна Ковалёва, ООО «Ромашка», +7 (495) 000-00-16

> Добрый день!
>
> Просим выставить КП на калибровку 12 манометров МП3-У до 10 декабря. Возможен ли выезд?

Приложено: Заявка.pdf, Реквизиты.docx.

Ещё открыто: № 398 (Поверка весов, ждём оплату). Раньше жалоб от этого отправителя не было.

Ответьте на это письмо — текст уйдёт клиенту с Вашей подписью через 10 минут.

Не для клиента:
  [Не моё]: письмо на lab@example.ru, тема «!не моё [KM-26-0412-7351]», текст «Кому передать: »
  [Заметка]: письмо на lab@example.ru, тема «!внутр [KM-26-0412-7351]»
  [Ответ не нужен]: письмо на lab@example.ru, тема «!к сведению [KM-26-0412-7351]»
  [Это жалоба]: письмо на lab@example.ru, тема «!жалоба [KM-26-0412-7351]»

Почему Вам: калибровка давления. Клиенту названы Вы и срок 25.11.
"""


def draft(template: Template, lang: str = "ru") -> Draft:
    return next(d for d in DRAFTS if d.template is template and d.lang == lang)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (Template.ACKNOWLEDGEMENT, ACKNOWLEDGEMENT),
        (Template.ACKNOWLEDGEMENT_COMPLAINT, COMPLAINT),
        (Template.NOTICE, NOTICE),
    ],
)
def test_the_letters_agreed_with_the_laboratory_read_exactly_so(template: Template, text: str) -> None:
    assert COMPOSER.render(draft(template))[1] == text


@pytest.mark.parametrize(
    ("template", "subject"),
    [
        (Template.ACKNOWLEDGEMENT, "Вх. № 412 от 20.11.2026: Калибровка манометров [KM-26-0412-7351]"),
        (Template.ACKNOWLEDGEMENT_COMPLAINT, "Вх. № 413 от 20.11.2026: Протокол № 145-К/26 [KM-26-0413-2946]"),
        (Template.STATUS, "Состояние: вх. № 412 от 20.11.2026 [KM-26-0412-7351]"),
        (Template.ADDITION, "Дополнение получено: вх. № 413/2 [KM-26-0413-2946]"),
        (Template.ANSWER, "Re: Калибровка манометров [KM-26-0412-7351]"),
        (Template.NOTICE, "До ср 25.11 · Ромашка · Калибровка манометров [KM-26-0412-7351]"),
        (Template.PASS_ON, "Пишет снова: Ромашка · Калибровка манометров [KM-26-0412-7351]"),
        (Template.COPY, "Вам лично: Ромашка · Калибровка манометров [KM-26-0412-7351]"),
        (Template.MACHINE_NOTICE, "Нужно сделать: Документ ожидает подписи"),
        (Template.RECEIPT, "Сделано: № 412 → Сидоров [KM-26-0412-7351]"),
        (Template.HELD, "Не отправлено: № 412, нужно Ваше слово [KM-26-0412-7351]"),
        (Template.CONFIRM, "Это писали Вы? № 412 [KM-26-0412-7351]"),
        (Template.UNDELIVERED, "Не дошло: № 401 · Счёт за поверку весов [KM-26-0401-1180]"),
        (Template.ALARM, "Внимание: почта не читается 15 минут"),
        (Template.DIGEST, "Пн 23.11: просрочено 1, сегодня 2, завтра 1, ждут Вас 1, не дошло 1"),
        (Template.SHADOW, "Пробный режим, пт 20.11: ушло бы 2 письма"),
        (Template.LEARNED, "Обучение: письма разбирает новая модель"),
        (Template.REPORT, "Отчёт, ноябрь 2026: жалоб 6, не в срок 3"),
    ],
)
def test_subjects_begin_with_the_useful_words_and_end_with_the_tag(template: Template, subject: str) -> None:
    assert COMPOSER.subject(draft(template)) == subject


def test_every_template_has_a_sample_and_renders() -> None:
    assert {d.template for d in DRAFTS} == set(Template)
    assert COMPOSER.check() == []


@pytest.mark.parametrize("path", LETTERS, ids=lambda p: p.name)
def test_a_template_begins_with_the_list_of_exactly_the_variables_it_may_use(path: Path) -> None:
    first = path.read_text(encoding="utf-8").split("\n")[0]
    found = re.fullmatch(r"\{# .+ Variables: (.+) #\}", first)
    assert found, first
    name, _, rest = path.name.partition(".")
    sample = draft(Template(name), "en" if rest.startswith("en") else "ru")
    assert set(found[1].split(", ")) == sample.values.keys() | {"lang"}


def words_of_html(html: str) -> list[str]:
    body = re.sub(r"<!--.*?-->|<head>.*</head>", " ", html, flags=re.S)
    body = re.sub(r"</?(?:strong|em|span|a)\b[^>]*>", "", body)
    return entities.unescape(re.sub(r"<[^>]+>", " ", body)).split()


@pytest.mark.parametrize("d", DRAFTS, ids=IDS)
def test_plain_text_and_html_say_the_same_words(d: Draft) -> None:
    """Only what a button does is spelled out in the plain text: there is nothing to tap."""
    _, text, html = COMPOSER.render(d)
    lines = [re.sub(r"^(?:> ?|- )", "", x) for x in text.split("\n")]
    spoken = [x for x in lines if re.match(r"  \[.+?\]: письмо на ", x)]
    labels = [m for x in spoken for m in re.findall(r"^  \[(.+?)\]: ", x)]
    said = [w for x in lines if x not in spoken for w in x.split()]
    rich = words_of_html(html)
    assert all(label in " ".join(rich) for label in labels)
    for label in labels:
        if f"[{label}]" not in " ".join(said):
            said += label.split()
    assert sorted(w.strip("[]") for w in said) == sorted(w.strip("[]") for w in rich)


@pytest.mark.parametrize("d", DRAFTS, ids=IDS)
def test_no_letter_uses_words_that_clients_do_not_know_or_shouts(d: Draft) -> None:
    subject, text, _ = COMPOSER.render(d)
    ours = re.sub(r"(?m)^>.*$|«[^»]*»", "", f"{subject}\n{text}")
    assert not re.search(r"кейс|тикет|\bУС\b|систем|не отвечайте|ваши? (?:запрос|обращени)", ours)
    assert not re.search(r"\b(?:вы|вас|вам|вами|ваш\w*)\b", ours), "«Вы» is written with a capital"
    assert ours.count("!") - ours.count("«!") <= 1
    assert "None" not in text
    assert "  " not in re.sub(r"(?m)^  (?=\[)", "", text)


def test_a_complaint_is_called_so_only_where_the_client_did() -> None:
    """A polite note about a typo must not come back as «Ваша жалоба»."""
    calm = draft(Template.ACKNOWLEDGEMENT_COMPLAINT)
    asked = replace(calm, values=calm.values | {"called": "complaint"})
    assert "жалоб" not in COMPOSER.render(calm)[1].lower()
    assert "Ваша жалоба зарегистрирована" in COMPOSER.render(asked)[1]


def test_what_needs_no_answer_is_acknowledged_without_a_promised_date() -> None:
    plain = draft(Template.ACKNOWLEDGEMENT)
    filed = COMPOSER.render(replace(plain, values=plain.values | {"promise_date": False}))[1]
    thanked = COMPOSER.render(replace(plain, values=plain.values | {"promise_date": False, "thanks": True}))[1]
    assert "не позднее" not in filed + thanked
    assert "Письмо передано: Петрова Наталья Викторовна" in filed
    assert "Благодарим за отзыв. Ваше письмо получено" in thanked


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_an_answer_holds_nothing_but_the_persons_words_and_who_he_is(lang: str) -> None:
    d = draft(Template.ANSWER, lang)
    text = COMPOSER.render(d)[1]
    assert text.startswith(d.values["text"])
    rest = text.removeprefix(d.values["text"]).strip().split("\n")
    who = d.values["signatory"]
    assert rest[1] == f"{who['name']}, {who['position']}"
    assert re.fullmatch(r"(тел\. \+7 .+, доб\. 214|tel\. \+7 .+, ext\. 214)", rest[2])
    assert len(rest) == 4


def test_a_staff_letter_is_russian_to_the_last_date_whatever_the_clients_language() -> None:
    assert COMPOSER.render(draft(Template.NOTICE, "en")) == COMPOSER.render(draft(Template.NOTICE))


def test_dates_are_printed_in_the_laboratorys_zone() -> None:
    d = draft(Template.ACKNOWLEDGEMENT)
    late = replace(d, values=d.values | {"due": "2026-11-25T16:00:00+00:00"})
    assert "четверга, 26 ноября" in Composer(zone=ZoneInfo("Asia/Vladivostok")).render(late)[1]


def test_a_folder_of_ones_own_replaces_single_templates(tmp_path: Path) -> None:
    (tmp_path / "alarm.txt.j2").write_text("Subject: Беда: {{ what }}\n\nЗвоните.\n", encoding="utf-8")
    own = Composer(tmp_path)
    assert own.subject(draft(Template.ALARM)) == "Беда: почта не читается 15 минут"
    assert own.subject(draft(Template.ANSWER)) == COMPOSER.subject(draft(Template.ANSWER))
    assert own.check() == []


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("Subject: x\n\n{{ whta }}", "'whta' is undefined"),
        ("Subject: x\n\n{% if what == 'never' %}{{ remdy }}{% endif %}", "unknown variable 'remdy'"),
        ("Subject: x\n\n{{ lab.adress }}", "no attribute 'adress'"),
        ("Subject: x\n\n{% if what %}", "line 3: Unexpected end of template"),
        ("{{ what }}\n", "must be «Subject: …»"),
        ("Subject: x\n\n{{ what|day }}", "Invalid isoformat string"),
        ("Subject: x\n\n{{ what.__class__.__mro__ }}", "unsafe"),
    ],
)
def test_a_template_with_a_fault_is_named_with_the_variable_and_never_sent(
    tmp_path: Path, source: str, problem: str
) -> None:
    (tmp_path / "alarm.txt.j2").write_text(source, encoding="utf-8")
    own = Composer(tmp_path)
    found = [p for p in own.check() if problem in p]
    assert found
    assert found[0].startswith("alarm.txt.j2")
    if "unknown" not in problem:
        with pytest.raises(TemplateFault):
            own.render(draft(Template.ALARM))


def test_a_value_that_is_missing_or_null_where_it_is_printed_sends_nothing() -> None:
    d = draft(Template.ACKNOWLEDGEMENT)
    for values in (d.values | {"due": None}, {k: v for k, v in d.values.items() if k != "due"}):
        with pytest.raises(TemplateFault, match=r"acknowledgement\.txt\.j2"):
            COMPOSER.render(replace(d, values=values))


def test_a_templates_folder_that_is_none_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(MailcaseError, match="there is no such folder"):
        Composer(tmp_path / "nowhere")


def test_the_preview_writes_each_letter_as_mail_text_and_page(tmp_path: Path) -> None:
    written = preview.write(tmp_path / "letters", pictures=False)
    assert all(p.is_file() and p.stat().st_size for p in written)
    client = sum(d.lang == "en" and d.audience is Audience.CLIENT for d in DRAFTS)
    assert len(written) == 3 * (len(DRAFTS) // 2 + client) == len(set(written))
    assert (tmp_path / "letters" / "notice.ru.txt").read_text(encoding="utf-8").endswith(f"\n\n{NOTICE}")
