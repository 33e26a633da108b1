"""Reads the fields of an entry: labelled (`от: Иванов`), or told by what they look like.

Pure: text in, fields and the remaining text out. Employees type on telephones, so labels, their order and the
punctuation are free; what is not recognised stays in the text.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from typing import Any

from mailcase.mail.clients import ADDRESS
from mailcase.rules.surname import plain
from mailcase.words import Channel

_LABELS = {
    "channel": "канал|способ|channel",
    "source": "от|от кого|кто|клиент|заявитель|имя|фио|ф\\.и\\.о\\.|контакт|from|client|name",
    "phone": "тел|телефон|номер|моб|phone|tel",
    "address": "почта|email|e-mail|эл\\. ?почта|эл\\. ?адрес|адрес|mail",
    "when": "дата|когда|время|date|when",
    "topic": "тема|о ч[её]м|суть|вопрос|по вопросу|предмет|subject|about",
    "organisation": "организация|орг|компания|фирма|company",
    "whom": "кому|для|адресат|to",
}
_LABELLED = re.compile(
    rf"^\s*(?:{'|'.join(rf'(?P<{name}>{words})' for name, words in _LABELS.items())})\.?\s*[:=]\s*(?P<value>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_CHANNELS = (
    (Channel.ANSWERPHONE, "автоответчик\\w*|голосов\\w+( сообщени\\w+| почт\\w+)?|voice ?mail|answerphone"),
    (Channel.BOOK, "(запись )?(из |в )?книг\\w+( (жалоб|отзывов))?( и предложений)?"),
    (Channel.WEB_FORM, "(форм\\w+ )?(на |с |через )?сайт\\w*|форма|web ?site|web ?form"),
    (Channel.FAX, "(по |новый )?факс\\w*|fax"),
    (Channel.VISIT, "лично|визит\\w*|приш[её]л|пришла|приходил\\w*|посетител\\w*|посещени\\w+|устно|visit|in person"),
    (Channel.PHONE, "(обращени\\w+ )?(по |новый )?телефон\\w*|тел|звонок|(по)?звонил\\w*|phone|call(ed)?"),
    (Channel.EMAIL, "(по )?(электронн\\w+|эл\\.) ?(почт\\w+|письм\\w+)|e-?mail"),
    (Channel.POST, "(по |бумажн\\w+ )?(почт\\w+( россии)?|письм\\w+)|заказн\\w+( письм\\w+)?|post"),
    (Channel.COURIER, "нарочн\\w*|курьер\\w*|courier"),
    (Channel.EDO, "(по |через )?(эдо|диадок\\w*|сбис)"),
    (Channel.MESSENGER, "(в |через )?(мессенджер\\w*|ватсап\\w*|whatsapp|телеграм\\w*|telegram|вайбер|viber|макс|max)"),
)  # fmt: skip
_CHANNEL = tuple((channel, re.compile(rf"(?:{words})(?!\w)[\s:,.–—-]*", re.IGNORECASE)) for channel, words in _CHANNELS)
_PHONE = re.compile(
    r"(?<![\w/-])(?:\+?7|8)?[\s(-]{0,4}\d{3}[\s)-]{0,4}\d{3}[\s-]{0,4}\d{2}[\s-]{0,4}\d{2}"
    r"(?:[,\s]{0,4}доб\.?\s{0,4}\d{1,8})?(?![\w/-])"
)
_DAY = r"\d{1,2}\.\d{1,2}(?:\.\d{2,4})?|\d{4}-\d{2}-\d{2}|вчера|сегодня|позавчера"
_WHEN = re.compile(
    rf"(?:{_DAY})(?:\s*г\.?)?(?:[\s,]*(?:в\s+)?\d{{1,2}}[:.]\d{{2}})?|(?:в\s+)?\d{{1,2}}:\d{{2}}", re.IGNORECASE
)
_FIRM = re.compile(
    r"\b(?:ооо|оао|зао|пао|ао|нао|ип|фгуп|фгбу|фбу|гбу\w*|мбу\w*|муп|гуп|мбоу|гбоу|ano|ltd|llc|inc)\b|[«\"“„]",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?:[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?)(?:\s+(?:[А-ЯЁ]\.\s?){1,2}|(?:\s+[А-ЯЁ][а-яё]+){1,2})"
    r"|(?:[А-ЯЁ]\.\s?){1,2}[А-ЯЁ][а-яё]+"
    r"|[А-ЯЁ][а-яё]{2,}(?:[оеё]ва?|[иы]на?|ко|ук|юк|[сц]к(?:ий|ая)|ян|дзе|швили|[иы]х)"
)
# A comma inside a firm's quotes or before an extension divides nothing.
_COMMAS = re.compile(r",(?![^«]*»)(?!\s*доб)")


@dataclass(frozen=True, slots=True)
class Fields:
    """What was said of the client; `when` and `whom` are words as written."""

    channel: Channel | None = None
    name: str = ""
    organisation: str = ""
    phone: str = ""
    address: str = ""
    when: str = ""
    topic: str = ""
    whom: str = ""


def read(head: str, body: str, own: Container[str] = ()) -> tuple[Fields, str]:
    """(fields, remaining text): of what stands behind the mark, and of the labelled lines on top of the body.

    `own` are the laboratory's addresses, which are no client's wherever they stand in the text.
    """
    found = Fields()
    for label, value in _pieces(head):
        found = _taken(found, label, value)
    lines = body.splitlines()
    while lines and (not lines[0].strip() or _LABELLED.match(lines[0].partition(";")[0])):
        line = lines.pop(0)
        for label, value in _pieces(line):
            found = _taken(found, label, value)
    if not head.strip() and lines and found.channel is None and _channel(lines[0].strip())[0]:
        # The subject is the mark alone: what would stand behind it opens the text, and stays there.
        found = _taken(found, "", lines[0])
    return _from_text(found, "\n".join(lines), own), "\n".join(lines).strip()


def phone_in(text: str) -> str:
    """The first telephone number; empty where there is none."""
    found = _PHONE.search(text)
    return found[0].strip(" ,(-") if found else ""


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """(label, value) of each part between semicolons; the label is empty where none is written."""
    for part in text.split(";"):
        labelled = _LABELLED.match(part)
        if labelled and labelled.lastgroup:
            label = next(name for name in _LABELS if labelled[name])
            yield label, labelled["value"].strip()
        elif part.strip():
            yield "", part.strip()


def _taken(found: Fields, label: str, value: str) -> Fields:
    if not value:
        return found
    if label in ("topic", "when", "whom", "phone", "organisation"):
        if getattr(found, label):
            return _added(found, value)
        words: dict[str, Any] = {label: (phone_in(value) if label == "phone" else "") or value}
        return replace(found, **words)
    if label == "channel":
        channel, rest = _channel(value)
        kept = replace(found, channel=channel or found.channel)
        return _taken(kept, "", rest) if channel else _added(kept, f"канал: {value}")
    for token in _COMMAS.split(value):
        found = _token(found, token.strip(" ."), source=label == "source") if token.strip() else found
    return found


def _token(found: Fields, token: str, *, source: bool) -> Fields:
    """One part between commas: told by its look; behind «от:» what looks like nothing is a name."""
    if not source and found.channel is None:
        channel, rest = _channel(token)
        if channel is not None:
            kept = replace(found, channel=channel)
            # «звонил Иванов», «по телефону Анна»: who, if only one word stands there.
            return _token(kept, rest, source=rest[:1].isupper() and len(rest.split()) <= 3) if rest else kept
    address = ADDRESS.search(token)
    if address and not found.address:
        found, token = replace(found, address=address[0].lower()), _without(token, address)
    phone = _PHONE.search(token)
    if phone and not found.phone:
        found = replace(found, phone=phone[0].strip(" ,(-"))
        found = _token(found, token[: phone.start()].strip(" ,("), source=source)
        return _token(found, token[phone.end() :].strip(" ,)"), source=False)
    when = _WHEN.fullmatch(token.strip())
    if when and not found.when:
        return replace(found, when=when[0])
    return _who(found, token.strip(" ,:–—-"), source=source)


def _who(found: Fields, token: str, *, source: bool) -> Fields:
    if not token:
        return found
    firm = _FIRM.search(token)
    if firm and not found.organisation:
        before = token[: firm.start()].strip(" ,")
        kept = replace(found, organisation=token[firm.start() :].strip())
        return _who(kept, before, source=source) if before else kept
    if not found.name and (source or _NAME.fullmatch(token + ("." if re.search(r"\s[А-ЯЁ]$", token) else ""))):
        dotted = re.search(r"\s[А-ЯЁ](\.\s?[А-ЯЁ])?$", token)
        return replace(found, name=f"{token}." if dotted else token)
    if source and not found.organisation:
        return replace(found, organisation=token)
    return _added(found, token)


def _added(found: Fields, words: str) -> Fields:
    return replace(found, topic=f"{found.topic}, {words}" if found.topic else words)


def _channel(words: str) -> tuple[Channel | None, str]:
    """The channel that the words begin with, and what follows."""
    for channel, pattern in _CHANNEL:
        begins = pattern.match(words)
        if begins:
            return channel, words[begins.end() :].strip()
    return None, words


def _from_text(found: Fields, text: str, own: Container[str]) -> Fields:
    """What only the text tells: how to reach him, and by what he came; of several addresses none is surely his."""
    first = next((line for line in plain(text).splitlines() if line.strip()), "")
    if found.channel is None:
        told = (c for c, pattern in _CHANNEL[:6] for word in [re.search(rf"\b(?:{pattern.pattern})", first)] if word)
        found = replace(found, channel=next(told, None))
    told_of = {address for match in ADDRESS.finditer(text) if (address := match[0].lower()) not in own}
    return replace(
        found,
        phone=found.phone or phone_in(text),
        address=found.address or (next(iter(told_of)) if len(told_of) == 1 else ""),
    )


def _without(text: str, match: re.Match[str]) -> str:
    return " ".join(f"{text[: match.start()]} {text[match.end() :]}".split()).strip(" ,()<>")
