"""New words are told from history in whatever program and language it was quoted; all names are invented."""

from __future__ import annotations

import pytest

from mailcase.mail.letter import parse
from mailcase.mail.reply import split

# How programs introduce what they quote, `>` before each line below; and the same where nothing marks the lines.
QUOTED = {
    "gmail ru2": "понедельник, 11 марта 2024 г. пользователь Иван Белов <belov@example.org> написал:",
    "gmail ru3": "11 марта 2024 г., 15:02 пользователь Иван Белов <belov@example.org> написал:",
    "gmail be": "пн, 11 сак 2024 г. у 15:02 Иван Белов <belov@example.org> піша:",
    "gmail kk": "2024 ж. 11 нау., дс 15:02 Иван Белов <belov@example.org> деп жазды:",
    "gmail bg": "На пн, 11.03.2024 г. в 15:02 ч. Иван Белов <belov@example.org> написа:",
    "gmail et": "Kontakt Иван Белов (<belov@example.org>) kirjutas kuupäeval E, 11. märts 2024 kell 15:02:",
    "gmail zhtw": "Иван Белов <belov@example.org> 於 2024年3月11日 週一 下午3:02寫道：",
    "gmail ko": "2024년 3월 11일 (월) 오후 3:02, Иван Белов <belov@example.org>님이 작성:",
    "gmail vi": "Vào Th 2, 11 thg 3, 2024 vào lúc 15:02 Иван Белов <belov@example.org> đã viết:",
    "gmail hy": "2024թ. մրտ. 11, երկ, 15:02-ին Иван Белов <belov@example.org> գրել է՝",
    "gmail az": "Иван Белов <belov@example.org> bazar ertəsi, 11 mart 2024 tarixində 15:02 yazdı:",
    "gmail uz": "dush, 11-mar, 2024, 15:02 Иван Белов <belov@example.org> yozdi:",
    "gmail he": "בתאריך יום ב׳, 11 במרץ 2024 ב-15:02 מאת Иван Белов <belov@example.org>:",
    "gmail ar": "في الاثنين، 11 مارس 2024 في 3:02 م تمت كتابة ما يلي بواسطة Иван Белов <belov@example.org>:",
    "gmail el": "Στις Δευ 11 Μαρ 2024 στις 3:02 μ.μ., ο/η Иван Белов <belov@example.org> έγραψε:",
    "gmail ja": "2024年3月11日(月) 15:02 Иван Белов <belov@example.org>:",
    "gmail tr": "Иван Белов <belov@example.org>, 11 Mar 2024 Pzt, 15:02 tarihinde şunu yazdı:",
    "gmail sr": "пон, 11. мар 2024. у 15:02 Иван Белов <belov@example.org> је написао/ла:",
    "gmail lv": "pirmd., 2024. g. 11. marts, plkst. 15:02 — lietotājs Иван Белов (<belov@example.org>) rakstīja:",
    "thunderbird ru": "11.03.2024 15:02, Иван Белов пишет:",
    "thunderbird be": "11.03.2024 15:02, Иван Белов піша:",
    "thunderbird bg": "На 11.3.2024 г. в 15:02 ч., Иван Белов написа:",
    "thunderbird sk": "Dňa 11. 3. 2024 o 15:02 Иван Белов napísal(a):",
    "thunderbird et": "11.03.2024 15:02 Иван Белов kirjutas:",
    "thunderbird hu": "2024. 03. 11. 15:02 keltezéssel, Иван Белов írta:",
    "thunderbird fi": "Иван Белов kirjoitti 11.3.2024 klo 15.02:",
    "thunderbird ro": "În 11.03.2024 15:02, Иван Белов a scris:",
    "thunderbird hr": "Dana 11.3.2024. u 15:02, Иван Белов je napisao/la:",
    "thunderbird tr": "11.03.2024 15:02 tarihinde Иван Белов yazdı:",
    "thunderbird lt": "2024-03-11 15:02, Иван Белов rašė:",
    "yandex3": ('Кому: Анна (a@example.ru);\nТема: КП;\n11.03.2024, 15:02, "Иван Белов" <belov@example.org>:'),
    "yandex-mob": (
        '----------------\nКому: Анна (a@example.ru);\nТема: КП;\n11.03.2024, 15:02, "Иван Белов" <belov@example.org>:'
    ),
    "mailru2": "11 марта 2024, 15:02:05 MSK Иван Белов <belov@example.org>:",
    "mailru-mob2": "понедельник, 11 марта 2024г., 15:02 +03:00 от Иван Белов belov@example.org:",
    "roundcube": "Иван Белов писал 2024-03-11 15:02:",
    "roundcube2": "Иван Белов писал(а) 11.03.2024 15:02:",
    "zoho-ru": "---- Вкл Пн, 11 мар 2024 15:02:00 +0300 Иван Белов <belov@example.org> написал ----",
    "tutanota": "11 мар. 2024 г., 15:02 от belov@example.org:",
    "proton-ru": "В понедельник, 11 марта 2024 г. в 15:02, Иван Белов <belov@example.org> написал:",
    "spark": "11 марта 2024 г., 15:02 +0300, Иван Белов <belov@example.org>, писал:",
    "evolution": "В Пн, 11/03/2024 в 15:02 +0300, Иван Белов пишет:",
    "claws": ("On Mon, 11 Mar 2024 15:02:00 +0300\nИван Белов <belov@example.org> wrote:"),
    "k9": '11 марта 2024 г. 15:02:00 GMT+03:00, "Иван Белов" <belov@example.org> пишет:',
    "aqua": "11 марта 2024 г. 15:02:00 Иван Белов <belov@example.org> написал:",
    "bluemail": ('Отправлено из Blue Mail\n\n11.03.2024, 15:02, 15:02, "Иван Белов" <belov@example.org> написал(а):'),
    "bitrix": "Иван Белов <belov@example.org>, 11.03.2024 15:02:",
    "163": 'At 2024-03-11 15:02:00, "Иван Белов" <belov@example.org> wrote:',
    "kmail": "В письме от понедельник, 11 марта 2024 г. 15:02:00 MSK пользователь Иван Белов написал:",
    "horde": "Цитирую Иван Белов <belov@example.org>:",
    "mutt": "On Mon, Mar 11, 2024 at 03:02:00PM +0300, Иван Белов wrote:",
}
UNMARKED = {
    "thebat": "11 марта 2024 г., 15:02:50, вы писали:",
    "yandex": '11.03.2024, 15:02, "Иван Белов" <belov@example.org>:',
    "yandex3": ('Кому: Анна (a@example.ru);\nТема: КП;\n11.03.2024, 15:02, "Иван Белов" <belov@example.org>:'),
    "mailru": "Понедельник, 11 марта 2024, 15:02 +03:00 от Иван Белов <belov@example.org>:",
    "rambler": "11.03.2024, 15:02 от Иван Белов <belov@example.org>:",
    "apple": "11 марта 2024 г., в 15:02, Иван Белов <belov@example.org> написал(а):",
    "roundcube": "Иван Белов писал 2024-03-11 15:02:",
    "tutanota": "11 мар. 2024 г., 15:02 от belov@example.org:",
    "k9": '11 марта 2024 г. 15:02:00 GMT+03:00, "Иван Белов" <belov@example.org> пишет:',
    "bitrix": "Иван Белов <belov@example.org>, 11.03.2024 15:02:",
    "outlook-ios": "Иван Белов <belov@example.org> написал(а) 11 марта 2024 г. в 15:02:",
    "lotus2": "Иван Белов ---11.03.2024 15:02:00---КП",
    "spark": "11 марта 2024 г., 15:02 +0300, Иван Белов <belov@example.org>, писал:",
    "zoho-ru": "---- Вкл Пн, 11 мар 2024 15:02:00 +0300 Иван Белов <belov@example.org> написал ----",
    "samsung": '-------- Сообщение от "Иван Белов" <belov@example.org> --------',
    "one line": "От: Иван Белов <belov@example.org>, 11.03.2024 15:02",
    "service desk": "---- Пишите ответ выше этой линии ----",
}
BLOCKS = {
    "zimbra-ru": (
        "----- Исходное сообщение -----\n"
        'От: "Иван Белов" <belov@example.org>\n'
        'Кому: "Анна" <a@example.ru>\n'
        "Отправленные: Понедельник, 11 Март 2024 г 15:02:00\n"
        "Тема: КП"
    ),
    "lotus": ("От:\tИван Белов/Lab/RU\nКому:\tanna@example.ru\nДата:\t11.03.2024 15:02\nТема:\tКП"),
    "emclient": (
        "------ Исходное сообщение ------\n"
        'От: "Иван Белов" <belov@example.org>\n'
        'Кому: "Анна" <a@example.ru>\n'
        "Отправлено: 11.03.2024 15:02:00\n"
        "Тема: КП"
    ),
    "samsung2": (
        "-------- Исходное сообщение --------\n"
        "От: Иван Белов <belov@example.org> \n"
        "Дата: 11.03.2024  15:02  (GMT+03:00) \n"
        "Кому: a@example.ru \n"
        "Тема: КП "
    ),
    "qq": (
        "------------------ Original ------------------\n"
        'From: "Иван Белов"<belov@example.org>;\n'
        "Date: Mon, Mar 11, 2024 03:02 PM\n"
        'To: "Anna"<a@example.ru>;\n'
        "Subject: KP"
    ),
    "nine": ('От: "Иван Белов" <belov@example.org>\nОтправлено: 11 мар. 2024 г. 15:02\nКому: Анна\nТема: КП'),
    "outlook-ru": (
        "От: Иван Белов <belov@example.org> \n"
        "Отправлено: понедельник, 11 марта 2024 г. 15:02\n"
        "Кому: Анна <a@example.ru>\n"
        "Тема: КП"
    ),
    "outlook-ru2": (
        "________________________________\n"
        "От: Иван Белов <belov@example.org>\n"
        "Отправлено: 11 марта 2024 г. 15:02\n"
        "Кому: Анна\n"
        "Тема: КП"
    ),
    "outlook-bold": (
        "*От:* Иван Белов <belov@example.org>\n"
        "*Отправлено:* понедельник, 11 марта 2024 г. 15:02\n"
        "*Кому:* Анна\n"
        "*Тема:* КП"
    ),
    "exchange-no-addr": ("От: Иван Белов\nОтправлено: 11 марта 2024 г. 15:02\nКому: Анна\nТема: КП"),
    "outlook-uk": ("Від: Иван Белов <belov@example.org>\nНадіслано: 11 березня 2024 р. 15:02\nКому: Анна\nТема: КП"),
    "outlook-kk": (
        "Кімнен: Иван Белов <belov@example.org>\nЖіберілген: 11 наурыз 2024 ж. 15:02\nКімге: Анна\nТақырып: КП"
    ),
    "outlook-be": ("Ад: Иван Белов <belov@example.org>\nАдпраўлена: 11 сакавіка 2024 г. 15:02\nКаму: Анна\nТэма: КП"),
    "outlook-tr": (
        "Kimden: Иван Белов <belov@example.org>\nGönderildi: 11 Mart 2024 Pazartesi 15:02\nKime: Anna\nKonu: KP"
    ),
    "outlook-lt": ("Nuo: Иван Белов <belov@example.org>\nSiųsta: 2024 m. kovo 11 d. 15:02\nKam: Anna\nTema: KP"),
    "outlook-et": (
        "Saatja: Иван Белов <belov@example.org>\nSaatmisaeg: 11. märts 2024 15:02\nAdressaat: Anna\nTeema: KP"
    ),
    "outlook-bg": ("От: Иван Белов <belov@example.org>\nИзпратено: 11 март 2024 г. 15:02\nДо: Anna\nОтносно: KP"),
    "outlook-sr": ("Šalje: Иван Белов <belov@example.org>\nPoslato: 11. mart 2024. 15:02\nZa: Anna\nTema: KP"),
    "outlook-el": (
        "Από: Иван Белов <belov@example.org>\nΣτάλθηκε: Δευτέρα, 11 Μαρτίου 2024 15:02\nΠρος: Anna\nΘέμα: KP"
    ),
    "outlook-ja": ("差出人: Иван Белов <belov@example.org>\n送信日時: 2024年3月11日 15:02\n宛先: Anna\n件名: KP"),
    "outlook-zhtw": ("寄件者: Иван Белов <belov@example.org>\n寄件日期: 2024年3月11日 15:02\n收件者: Anna\n主旨: KP"),
    "outlook-vi": ("Từ: Иван Белов <belov@example.org>\nĐã gửi: 11 Tháng Ba 2024 15:02\nĐến: Anna\nChủ đề: KP"),
    "outlook-he": ("מאת: Иван Белов <belov@example.org>\nנשלח: 11 במרץ 2024 15:02\nאל: Anna\nנושא: KP"),
}
WORDS = "Спасибо, получили. Просим выслать счёт.\n\nС уважением,\nАнна"
OLD = "Добрый день! Направляем предложение на поверку.\nСтоимость работ 12 000 руб.\n\nИван Белов"


@pytest.mark.req("C71")
@pytest.mark.parametrize("program", QUOTED)
def test_marked_history_goes_with_the_line_above_it(program: str) -> None:
    history = "\n".join(f"> {line}" for line in OLD.split("\n"))
    assert split(f"{WORDS}\n\n{QUOTED[program]}\n{history}\n").reply == WORDS


@pytest.mark.req("C71")
@pytest.mark.parametrize("program", UNMARKED)
def test_unmarked_history_goes_with_the_line_above_it(program: str) -> None:
    assert split(f"{WORDS}\n\n{UNMARKED[program]}\n\n{OLD}\n").reply == WORDS


@pytest.mark.req("C71")
@pytest.mark.parametrize("program", BLOCKS)
def test_a_header_block_in_any_language_begins_the_history(program: str) -> None:
    assert split(f"{WORDS}\n\n{BLOCKS[program]}\n\n{OLD}\n").reply == WORDS


def test_invisible_letters_around_the_line_of_a_telephone_do_not_hide_it() -> None:
    assert split(WORDS + "\n\n\u2063Отправлено из Blue Mail\u200b\n").reply == WORDS


@pytest.mark.parametrize(
    "words",
    [
        "От: ООО «Ромашка», ИНН 7700000000\nДо: 12 декабря\nСрок: 5 дней\nПросим поверить весы.",
        "От: Иванов <ivanov@example.ru>, 5 весов\nСрок: 11.03.2024 15:02\nЖдём счёт.",
        "Цитирую Ивана Белова <belov@example.org>:\nсрок пять дней. Ответа нет.",
        "Контакт: Иванов <ivanov@example.ru>\nВремя: 10:00\nЖдём счёт.",
        "Наш прибор № 12.03.2024 10:15:\nпоказывает неверно.",
        "Вот адреса: <a@example.ru>, <b@example.ru>:\nпервый для счетов, второй для протоколов.",
        "Список приборов:\n----------------\nТема: весы;\nМанометр МП3-У",
        "11.03.2024 в 15:02 мы писали вам (lab@example.org):\nсрок пять дней. Ответа нет.",
        "Я писал 11.03.2024 в 15:02:\nсрок пять дней. Ответа нет.",
        "Наше письмо от 11.03.2024 15:02 на адрес <lab@example.org>:\nпросим поверить весы.",
        "Иванов писал нам в 2024 году в 10:15 так:\nприборы готовы.",
    ],
)
def test_peoples_own_words_are_no_history(words: str) -> None:
    assert split(words).reply == words


@pytest.mark.req("C71")
@pytest.mark.parametrize(
    "line",
    [
        "Отправлено с iPhone",
        "Отправлено из мобильной Яндекс.Почты: https://ya.cc/mobile-mail",
        "Отправлено с моего смартфона HUAWEI",
        "Отправлено с Android-устройства с помощью K-9 Mail. Извините за краткость.",
        "Отправлено с помощью AquaMail для Android\nhttps://aqua.example.org/",
        "Отправлено из мобильного приложения МойОфис Почта",
        "Скачайте Outlook для Android",
        "Надіслано з iPhone",
        "Get BlueMail for Android",
        "Sent via the Samsung Galaxy S10, an AT&T 5G smartphone",
        "Gesendet mit der GMX Mail App",
        "Verstuurd vanaf mijn iPhone",
        "Wysłane z iPhone'a",
        "Odesláno z iPhonu",
        "iPhone'umdan gönderildi",
        "发自我的iPhone",
        "Это письмо проверено на вирусы антивирусной программой Avast.\nwww.avast.com",
    ],
)
def test_what_a_telephone_writes_below_the_words_is_none_of_them(line: str) -> None:
    assert split(f"{WORDS}\n\n{line}\n").reply == WORDS


@pytest.mark.parametrize(
    "line",
    [
        "11 марта 2024 г. в 15:02 вы писали:\nсрок пять дней. Это неверно.",
        "Прибор отправлен с курьером",
        "Отправлено через СДЭК",
        "Отправлено из Москвы",
        "Отправлено 3 прибора",
        "www.example.ru",
    ],
)
def test_what_a_person_writes_in_such_words_stays(line: str) -> None:
    assert split(f"Добрый день!\n\n{line}\n").reply == f"Добрый день!\n\n{line}"


ANSWER = "<p>Спасибо, просим выставить счёт.</p><p>С уважением,<br>Анна</p>"
QUOTED_PAGE = "<p>Добрый день! Направляем КП.</p><table><tr><td>Весы</td><td>1000 руб.</td></tr></table>"
PAGES = {
    "outlook": '<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>От:</b> Иван &lt;b@example.org&gt;<br>'
    "<b>Отправлено:</b> 11 марта 2024 г. 15:02<br><b>Кому:</b> Анна<br><b>Тема:</b> КП</p></div>{}",
    "outlook on the web": '<hr tabindex="-1"><div id="divRplyFwdMsg"><b>От:</b> Иван</div>{}',
    "gmail": '<div class="gmail_quote"><div class="gmail_attr">пн, 11 мар. 2024 г., Иван:</div>'
    "<blockquote>{}</blockquote></div>",
    "yandex": '<div>11.03.2024, 15:02, "Иван Белов" &lt;b@example.org&gt;:</div><blockquote>{}</blockquote>',
    "mail.ru": '<blockquote style="border-left:1px solid #0857A6">Понедельник, 11 марта 2024: {}</blockquote>',
    "iphone": '<div>Отправлено с iPhone</div><blockquote type="cite">11 марта 2024 г., Иван написал(а):'
    '</blockquote><blockquote type="cite">{}</blockquote>',
    "zimbra": '<hr id="zwchr" data-marker="__DIVIDER__"><b>От: </b>Иван &lt;b@example.org&gt;<br><b>Тема: </b>КП<br>{}',
    "em client": "<div>------ Исходное сообщение ------</div><div>От: Иван &lt;b@example.org&gt;</div>"
    "<div>Кому: Анна</div><div>Тема: КП</div>{}",
}


@pytest.mark.req("C71")
@pytest.mark.parametrize("program", PAGES)
def test_history_of_a_page_goes_by_its_structure(program: str) -> None:
    page = f"<html><body><div>{ANSWER}</div>{PAGES[program].format(QUOTED_PAGE)}</body></html>"
    letter = parse(f"From: a@example.ru\nContent-Type: text/html; charset=utf-8\n\n{page}".encode())
    assert " ".join(letter.reply.split()) == "Спасибо, просим выставить счёт. С уважением, Анна"
    assert "1000 руб." in letter.quoted
