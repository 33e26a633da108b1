"""The letters of the demo that answer another: with its Message-ID, its subject and its text as a quotation."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime

from mailcase.demo import people
from mailcase.demo.mime_forms import Headers, Stamp, head, letter, text_part
from mailcase.demo.people import Client

_PETROVA = Client("Петрова Наталья", people.PETROVA)


@dataclass(frozen=True, slots=True)
class Parent:
    """The letter that is answered, as the answering person's mail program knows it."""

    message_id: str
    references: str
    subject: str
    date: str
    """As programs print it in front of a quotation."""
    text: str

    @staticmethod
    def of(raw: bytes) -> Parent:
        """Read it out of its bytes."""
        message = message_from_bytes(raw, policy=default)
        return Parent(
            message_id=str(message["Message-ID"]).strip(),
            references=" ".join(str(message["References"] or "").split()),
            subject=str(message["Subject"]),
            date=f"{parsedate_to_datetime(str(message['Date'])):%d.%m.%Y, %H:%M}",
            text=_text(message),
        )

    @property
    def thread(self) -> Headers:
        """In-Reply-To and References of a reply to it (RFC 5322 3.6.4)."""
        return (
            ("In-Reply-To", self.message_id),
            ("References", "\r\n ".join([*self.references.split(), self.message_id])),
        )

    @property
    def quotation(self) -> str:
        """Its text with `> ` in front of each line."""
        return "\n".join(f"> {line}".rstrip() for line in self.text.strip().splitlines())


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return str(body.get_content()) if body else ""


def _reply(stamp: Stamp, sender: Client, parent: Parent, text: str, headers: Headers = ()) -> bytes:
    subject = parent.subject if parent.subject.startswith("Re:") else f"Re: {parent.subject}"
    top = head(stamp, sender, subject, "utf-8", (*headers, *parent.thread))
    return letter(top, text_part(text, "utf-8", "base64"))


def addition(stamp: Stamp, acknowledgement: Parent) -> bytes:
    """The client answers the acknowledgement from his phone with something he forgot."""
    text = f"""\
Здравствуйте! Забыла написать: манометров будет 14, и два из них с электроконтактами. Адрес для выезда сообщу завтра.

Отправлено с iPhone

> {acknowledgement.date}, {people.LAB_NAME} <{people.LAB}> написал(а):
>
{acknowledgement.quotation}
"""
    return _reply(stamp, people.ANNA, acknowledgement, text, (("X-Mailer", "iPhone Mail"),))


def out_of_office(stamp: Stamp, acknowledgement: Parent) -> bytes:
    """The client's Exchange answers our acknowledgement by itself: nobody is there to read a second one."""
    text = "Здравствуйте! Я в отпуске и отвечу Вам по возвращении. По срочным вопросам звоните: 8 (495) 000-00-12.\n"
    robot = (("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All"), ("Precedence", "auto_reply"))
    top = head(
        stamp,
        people.GUSEV,
        f"Автоматический ответ: {acknowledgement.subject}",
        "utf-8",
        (*robot, *acknowledgement.thread),
    )
    return letter(top, text_part(text, "utf-8", "base64"))


def answer(stamp: Stamp, notice: Parent) -> bytes:
    """The employee answers his notice in her mail program, which quotes it whole under her own signature."""
    text = f"""\
Здравствуйте, Анна Сергеевна!

Калибровка одного манометра МП3-У стоит 1 250 руб. с НДС, срок — 7 рабочих дней со дня поступления приборов.
На 14 приборов сделаем скидку 10 %. Выезд в Подольск возможен от двадцати приборов.

Счёт и договор пришлём, как только подтвердите количество.

С уважением,
Петрова Н. В.

{notice.date}, "Журнал {people.LAB_NAME}" <{people.LAB}>:
{notice.quotation}
"""
    return _reply(stamp, _PETROVA, notice, text, (("User-Agent", "Mozilla Thunderbird"),))


def thanks(stamp: Stamp, received: Parent) -> bytes:
    """The client says thank you; nobody has to do anything."""
    text = f"""\
Спасибо, получили!

{received.date}, {people.LAB_NAME} пишет:
{received.quotation}
"""
    return _reply(stamp, people.ANNA, received, text)
