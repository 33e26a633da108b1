"""Only the new words of an answer count; in doubt words are new, and nothing is ever lost."""

from __future__ import annotations

import pytest

from mailcase.mail.letter import Letter, parse
from mailcase.mail.reply import answer_html, split, strip_signature

NEW = "Добрый день!\n\nДа, срок 25 ноября нас устраивает. Пришлите, пожалуйста, счёт."
OLD = "Здравствуйте!\nПоверка возможна 25 ноября.\nС уважением, лаборатория"
QUOTED = "\n".join(f"> {line}" for line in OLD.split("\n"))
LAB = "Лаборатория <lab@example.org>"

ATTRIBUTIONS = [
    f"пт, 20 нояб. 2026 г. в 15:02, {LAB}:",
    "пт, 20 нояб. 2026 г. в 15:02, Лаборатория по поверке <\nlab@example.org>:",
    f'20.11.2026, 15:02, "Лаборатория" <{LAB.split("<")[1]}:',
    f"Пятница, 20 ноября 2026, 15:02 +03:00 от {LAB}:",
    "--\nОтправлено из Mail.ru для Android пятница, 20 ноября 2026, 15:02 +03:00 от Лаборатория lab@example.org:",
    f"20 ноября 2026 г., в 15:02, {LAB} написал(а):",
    f"20 нояб. 2026 г. 15:02 пользователь {LAB} написал:",
    f"В Пт, 20/11/2026 в 15:02 +0300, {LAB} пишет:",
    "Здравствуйте, Анна.\nВы писали 20 ноября 2026 г., 15:02:50:",
    f"On Fri, Nov 20, 2026 at 3:02 PM {LAB} wrote:",
    "On Nov 20, 2026, at 3:02 PM, Laboratory\n<lab@example.org> wrote:",
    f"Am 20.11.2026 um 15:02 schrieb {LAB}:",
    "-----Исходное сообщение-----",
    "-------- Исходное сообщение --------\nОт: Лаборатория <lab@example.org>\nДата: пт, 20 нояб."
    " 2026 г., 15:02\nКому: a@example.ru",
    "-----Original Message-----",
    "________________________________\nОт: Лаборатория\nОтправлено: 20 ноября 2026 г. 15:02\nКому:"
    " Анна\nТема: RE: поверка",
    "*From:* Laboratory [mailto:lab@example.org]\n*Sent:* Friday, November 20, 2026 3:02 PM\n*To:* Anna\n*Subject:* x",
    "От кого: lab@example.org\nКому: a@example.ru\nДата: 20 ноября 2026, 15:02\nТема: поверка",
]


@pytest.mark.req("C71")
@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("old", [OLD, QUOTED], ids=["bare", "quoted"])
def test_what_mail_programs_put_above_older_mail_ends_the_new_words(attribution: str, old: str) -> None:
    found = split(f"{NEW}\n\n{attribution}\n{old}\n")
    greeting = "\n\nЗдравствуйте, Анна." if attribution.startswith("Здравствуйте") else ""
    assert found.reply in (NEW, NEW + greeting)
    assert "Поверка возможна" in found.quoted
    assert "Поверка возможна" not in found.reply


@pytest.mark.parametrize(
    "above",
    [
        "11.03.2024 15:02, Лаборатория пишет:",
        "Анна <a@example.ru> пишет:",
        "2013/7/20 Anna <a@example.ru>",
        "Иванов писал:",
    ],
)
def test_a_doubtful_line_counts_only_above_quotation(above: str) -> None:
    assert split(f"{NEW}\n{above}\n{QUOTED}").reply == NEW
    bare = f"{NEW}\n{above}\nприборы готовы"
    assert split(bare).reply == bare


@pytest.mark.parametrize(
    "speech",
    [
        "В письме от 12.03.2024, 10:15, Вы обещали акт. Его нет.\n\nВчера директор написал:\nждём до пятницы.",
        "Иванов пишет: приборы не поверены.\nПетров пишет: поверены.",
        "11.03.2024 в 15:02 Ваш сотрудник написал:\nприборы готовы.\nЭто не так.",
        "12.03.2024 направили письмо на lab@example.org:\nответа нет.",
        "Данные для счёта:\n-----\nИНН 7700000000\n-----\nПросим выставить сегодня.",
        "Заявка с сайта\nОт: ООО «Ромашка»\nДата: 12.03.2024\nКомментарий: поверить весы",
        "Заявка\nОт: ООО «Ромашка»\nДата: 12.03.2024\nТема: поверка\nПросим поверить пять весов.",
        "От: имени организации подпишет директор.\nКому: бухгалтерии",
        "On the surface this is fine.\nOn average, too.",
        "Прибор > 5 шт.\n| Манометр | 12 |\n| Весы | 1 |",
    ],
)
def test_what_people_type_is_never_taken_for_older_mail(speech: str) -> None:
    assert split(speech).reply == speech


def test_answers_between_quotations_are_all_kept() -> None:
    text = (
        f"{ATTRIBUTIONS[0]}\n> Какой срок?\n25 ноября.\n\n> Сколько приборов?\n> И каких?"
        f"\nДвенадцать манометров.\n\n> Спасибо\n"
    )
    found = split(text)
    assert found.reply == "25 ноября.\n\nДвенадцать манометров."
    assert "Какой срок?" in found.quoted


def test_words_below_the_quotation_are_the_new_ones() -> None:
    assert split(f"{QUOTED}\n\n{NEW}").reply == NEW
    assert split(f"Лаборатория <lab@example.org> wrote:\n{QUOTED}\n\n{NEW}").reply == NEW


@pytest.mark.parametrize("text", [QUOTED, f"{ATTRIBUTIONS[0]}\n{QUOTED}", "-- \nАнна", "Отправлено с iPhone"])
def test_a_view_without_words_falls_back_to_everything(text: str) -> None:
    assert split(text).reply == text


@pytest.mark.parametrize("short", ["Да", "+", "ок", "Согласны.", "👍"])
def test_a_single_word_is_an_answer(short: str) -> None:
    assert split(f"{short}\n\n{ATTRIBUTIONS[0]}\n{QUOTED}").reply == short


@pytest.mark.req("C71")
@pytest.mark.parametrize(
    "line",
    [
        "Отправлено с iPhone",
        "Отправлено из мобильной Почты Mail.ru",
        "Sent from my Verizon Wireless BlackBerry",
        "Get Outlook for iOS",
    ],
)
def test_the_line_of_the_telephone_goes(line: str) -> None:
    assert split(f"{NEW}\n\n{line}\n\n{ATTRIBUTIONS[0]}\n{QUOTED}").reply == NEW
    assert split(f"{NEW}\n{line}").reply == NEW


def test_a_sentence_about_sending_is_no_line_of_a_telephone() -> None:
    text = "Протокол отправлен.\n\nОтправлено с опозданием, за что просим извинить?"
    assert split(text).reply == text


def test_the_signature_is_known_and_the_closing_stays() -> None:
    found = split(f"{NEW}\n\nС уважением,\nАнна Ковалёва\nтел. +7 495 000-00-00")
    assert found.reply.endswith("тел. +7 495 000-00-00")
    assert found.signature.startswith("С уважением,\nАнна Ковалёва")
    assert split(f"{NEW}\n-- \nАнна\nООО «Ромашка»").signature == "Анна\nООО «Ромашка»"


def html_letter(page: str, plain: str = "") -> Letter:
    head = "From: a@example.ru\nMIME-Version: 1.0\n"
    kind = "Content-Type: text/{}; charset=utf-8\n\n{}\n"
    if not plain:
        return parse((head + kind.format("html", page)).encode())
    parts = "".join(f"--b\n{kind.format(*p)}" for p in (("plain", plain), ("html", page)))
    return parse(f"{head}Content-Type: multipart/alternative; boundary=b\n\n{parts}--b--\n".encode())


WORDS = "<div>Срок нас устраивает.</div>"
HISTORIES = [
    '<div class="gmail_quote"><div class="gmail_attr">пт, 20 нояб. 2026 г. в 15:02, Л &lt;l@e.org&gt;:</div>{}</div>',
    '<div>20.11.2026, 15:02, "Л" &lt;l@e.org&gt;:</div><blockquote>{}</blockquote>',
    '<div class="moz-cite-prefix">20.11.2026 15:02, Л пишет:</div><blockquote type="cite">{}</blockquote>',
    '<div id="appendonsend"></div><hr tabindex="-1"><div id="divRplyFwdMsg"><b>От:</b> Л</div><div>{}</div>',
    '<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> Л</p></div><p>{}</p>',
    '<div class="yahoo_quoted">{}</div>',
    '<br><blockquote type="cite"><div>20 нояб. 2026 г., в 15:02, Л &lt;l@e.org&gt; написал(а):</div>{}</blockquote>',
]


@pytest.mark.parametrize("history", HISTORIES)
def test_html_alone_shows_where_older_mail_begins(history: str) -> None:
    letter = html_letter(WORDS + history.format("<p>Поверка возможна 25 ноября.</p>"))
    assert letter.reply == "Срок нас устраивает."
    assert "Поверка возможна" in letter.quoted
    assert "Поверка возможна" in letter.text


def test_an_indented_paragraph_is_no_quotation() -> None:
    letter = html_letter('<p>Просим:</p><blockquote style="margin:0 0 0 40px;border:none">поверить весы</blockquote>')
    assert "поверить весы" in letter.reply


TABLE = (
    '<div>Цены ниже:<table border="1" onclick="x()"><tr><td style="color:red;background:url(http://e.org/x)">Весы</td>'
    '<td>500</td></tr></table><img src="cid:1"><img src="http://e.org/spy.png"><script>x()</script></div>'
)
PLAIN = f"Цены ниже:\nВесы 500\n\n{ATTRIBUTIONS[0]}\n> Вам: № 412\n> Ответьте на это письмо"


@pytest.mark.parametrize("history", HISTORIES)
def test_html_for_the_client_has_tables_and_no_older_mail(history: str) -> None:
    page = answer_html(html_letter(TABLE + history.format("<table><tr><td>Вам: № 412</td></tr></table>"), PLAIN))
    assert "<td>500</td>" in page
    assert 'src="cid:1"' in page
    assert "412" not in page


@pytest.mark.parametrize("trick", ["script", "onclick", "spy.png", "url(", "x()"])
def test_html_for_the_client_bears_no_tricks(trick: str) -> None:
    assert trick not in answer_html(html_letter(TABLE, "Цены ниже:\nВесы 500"))


@pytest.mark.parametrize(
    "rest",
    [
        "<div>Вам: № 412. Ответьте на это письмо, текст уйдёт клиенту с Вашей подписью через десять минут.</div>",
        '<div>20.11.2026, 15:02, "Л" &lt;l@e.org&gt;:</div><div>Вам: № 412</div>',
    ],
)
def test_there_is_no_html_where_older_mail_may_be_left_in_it(rest: str) -> None:
    assert answer_html(html_letter(TABLE + rest, PLAIN)) == ""


def test_there_is_no_html_without_table_or_picture() -> None:
    assert answer_html(html_letter(WORDS)) == ""


NAMES = ["Петрова Наталья Викторовна"]


@pytest.mark.parametrize(
    "signature",
    [
        "С уважением,\nПетрова Наталья\nинженер\nтел. 214",
        "-- \nПетрова Н. В.\nlab@example.org",
        "Наталья Петрова\n+7 495 000-00-00",
        "Петрова Н.В.",
        "С уважением, Наталья\n\nОтправлено с iPhone",
        "Best regards,\nNatalia",
    ],
)
def test_a_staff_answer_loses_its_own_signature(signature: str) -> None:
    assert strip_signature(f"{NEW}\n\n{signature}", NAMES) == NEW


@pytest.mark.parametrize(
    "text",
    [
        "Наталья",
        "С уважением отнеслись к Вашей просьбе.\nСчёт во вложении.\nСрок поверки — десять рабочих дней?",
        "Вам ответит Петрова Наталья Викторовна, инженер.",
        "Петрова Наталья Викторовна\nведёт Ваше обращение и позвонит Вам завтра после обеда, чтобы"
        " согласовать срок и цену.",
    ],
)
def test_words_are_not_taken_for_a_signature(text: str) -> None:
    assert strip_signature(text, NAMES) == text
