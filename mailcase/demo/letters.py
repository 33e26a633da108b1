"""The letters of the demo as their senders' programs write them, byte for byte: charsets, encodings, headers.

Every text is invented. Replies, which need a letter to answer, are in `replies`.
"""

from __future__ import annotations

from mailcase.demo import people
from mailcase.demo.mime_forms import Stamp, docx, file_part, head, letter, mixed, pdf, text_part

_THUNDERBIRD = (("User-Agent", "Mozilla Thunderbird"), ("Content-Language", "ru"))
_MUTT = (("User-Agent", "Mutt/2.2.9"),)
_BAT = (("X-Mailer", "The Bat! (v7.4.16) Professional"), ("X-Priority", "3 (Normal)"))
_OUTLOOK = (("X-Mailer", "Microsoft Outlook 16.0"), ("Content-Language", "ru"))


def request(stamp: Stamp) -> bytes:
    """An order with two files, from Thunderbird: utf-8 in base64, names of files in RFC 2231."""
    text = """\
Добрый день!

Просим выставить коммерческое предложение на калибровку 12 манометров МП3-У
(0–1,6 МПа, класс точности 1,5). Приборы нужны нам к концу следующего месяца.
Возможен ли выезд к нам в Подольск, если приборов наберётся больше двадцати?

Заявка и реквизиты во вложении.

--\u0020
С уважением,
Ковалёва Анна Сергеевна
инженер КИПиА, ООО «Ромашка»
тел. +7 (495) 000-00-11
"""
    parts = (
        text_part(text, "utf-8", "base64"),
        file_part("Заявка на калибровку манометров.pdf", "application/pdf", pdf()),
        file_part(
            "Реквизиты ООО «Ромашка».docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            docx("ООО «Ромашка», ИНН 0000000000"),
        ),
    )
    return letter(head(stamp, people.ANNA, "Калибровка манометров МП3-У", "utf-8", _THUNDERBIRD), mixed(parts))


def question(stamp: Stamp) -> bytes:
    """A question, from a terminal program of the old days: koi8-r in quoted-printable."""
    text = """\
Здравствуйте.

Подскажите, пожалуйста, сколько времени занимает поверка пяти штангенциркулей
ШЦ-I-150 и можно ли сдать их без паспортов: они остались у прежнего владельца.
В какие часы Вы принимаете приборы?

--\u0020
Гусев П.И., инструментальный участок
тел. 8 (495) 000-00-12
"""
    headers = head(stamp, people.GUSEV, "Сроки поверки штангенциркулей", "koi8-r", _MUTT)
    return letter(headers, text_part(text, "koi8-r", "quoted-printable"))


def change(stamp: Stamp) -> bytes:
    """A change of an order, from The Bat!: windows-1251 in bare eight bits."""
    text = """\
Здравствуйте!

Просим внести изменения в нашу заявку № 118: исключить два термогигрометра ИВА-6
и добавить один барометр-анероид М-67. Остальные позиции без изменений.
Новый счёт пришлите, пожалуйста, на этот адрес.

С уважением,
Зайцева Марина
отдел закупок, ЗАО «Гамма»
+7 495 000-00-13
"""
    headers = head(stamp, people.ZAYTSEVA, "Изменение заявки № 118", "windows-1251", _BAT)
    return letter(headers, text_part(text, "windows-1251", "8bit"))


def html_only(stamp: Stamp) -> bytes:
    """An order from Outlook that has no plain text at all, with a table pasted from Excel."""
    html = """\
<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv="Content-Type" \
content="text/html; charset=utf-8"><style><!-- p.MsoNormal {margin:0cm; font-size:11.0pt;} --></style></head>
<body lang="RU"><div class="WordSection1">
<p class="MsoNormal">Добрый день!<o:p></o:p></p>
<p class="MsoNormal"><o:p>&nbsp;</o:p></p>
<p class="MsoNormal">Прошу принять в поверку лабораторные весы и гири:<o:p></o:p></p>
<table class="MsoNormalTable" border="1"><tr><td>Весы ВЛТЭ-510</td><td>2&nbsp;шт.</td></tr>
<tr><td>Гири F2, набор 1&nbsp;г&nbsp;— 500&nbsp;г</td><td>1&nbsp;компл.</td></tr></table>
<p class="MsoNormal">Сообщите, пожалуйста, стоимость и когда можно привезти.<o:p></o:p></p>
<p class="MsoNormal"><o:p>&nbsp;</o:p></p>
<p class="MsoNormal">С уважением,<br>Лебедев Игорь Павлович<br>ИП Лебедев, тел. +7 (495) 000-00-14<o:p></o:p></p>
</div></body></html>
"""
    headers = head(stamp, people.LEBEDEV, "Поверка весов и гирь", "utf-8", _OUTLOOK)
    return letter(headers, text_part(html, "utf-8", "quoted-printable", "html"))


def complaint(stamp: Stamp) -> bytes:
    """A complaint that never says the word: a protocol with a mistake, told politely."""
    text = """\
Добрый день!

Вчера получили от Вас протокол калибровки № 145-К/26, спасибо. К сожалению,
протокол с ошибкой: указан диапазон 0–10 МПа, а наши манометры на 0–1,6 МПа,
и заводской номер третьего прибора не наш. Использовать такой протокол мы не можем,
а через неделю у нас аудит.

Скажите, пожалуйста, как и когда мы получим исправленный документ?

С уважением,
Крылова Ольга Андреевна
главный метролог, АО «Вектор»
тел. +7 (495) 000-00-15
"""
    headers = head(stamp, people.KRYLOVA, "Протокол № 145-К/26", "utf-8", _THUNDERBIRD)
    return letter(headers, text_part(text, "utf-8", "8bit"))


def english(stamp: Stamp) -> bytes:
    """A letter in English: what goes back is in English, too."""
    text = """\
Dear Sir or Madam,

Could you please send us a quotation for the calibration of two torque wrenches
(20-100 N*m and 60-340 N*m)? We would also like to know whether your certificates
can be issued in English.

Kind regards,
James Carter
Maintenance engineer, Northwind Trading
+7 495 000-00-16
"""
    headers = head(stamp, people.CARTER, "Calibration of torque wrenches", "us-ascii")
    return letter(headers, text_part(text, "us-ascii", "7bit"))


def unreachable(stamp: Stamp) -> bytes:
    """A request from an address that takes no mail: the acknowledgement will come back."""
    text = """\
Здравствуйте! Сколько стоит калибровка одного мультиметра Fluke 87V и нужен ли договор?
Позвоните мне, пожалуйста: 8 (495) 000-00-17.

Белов Тимофей
"""
    headers = head(stamp, people.BELOV, "Калибровка мультиметра", "utf-8")
    return letter(headers, text_part(text, "utf-8", "base64"))


def newsletter(stamp: Stamp) -> bytes:
    """A newsletter that nobody needs to answer."""
    text = """\
Вестник метролога: новости недели

Открыта запись на бесплатный вебинар «Неопределённость измерений без слёз».
Свежий номер журнала и подборка статей на нашем сайте.

Вы получили это письмо, потому что подписаны на рассылку. Отписаться: https://news.example.org/off
"""
    listed = (
        ("List-Id", "<weekly.news.example.org>"),
        ("List-Unsubscribe", "<https://news.example.org/off>"),
        ("Precedence", "bulk"),
    )
    headers = head(stamp, people.NEWSLETTER, "Новости недели: вебинар и подборка статей", "utf-8", listed)
    return letter(headers, text_part(text, "utf-8", "base64"))


def e_document(stamp: Stamp) -> bytes:
    """A robot's letter that is no inquiry and still wants something done: a document waits for a signature."""
    text = """\
Вам поступил документ на подпись.

Отправитель: ООО «Ромашка». Документ: Договор № 31/26 на оказание услуг по калибровке.
Подпишите документ или отклоните его в течение трёх рабочих дней в личном кабинете.

Это автоматическое уведомление, не отвечайте на него.
"""
    robot = (("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All"))
    headers = head(stamp, people.E_DOCUMENTS, "Документ на подпись от ООО «Ромашка»", "utf-8", robot)
    return letter(headers, text_part(text, "utf-8", "base64"))
