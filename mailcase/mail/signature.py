"""Finds where a letter's words end and its signature begins, so that a client never gets two signatures.

Pure. Nothing is taken for a signature that is not short lines at the very end; in doubt the words stay.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# Nobody signs with more; what is longer is a postscript or another letter.
_MAX_LINES = 14
_MAX_WIDTH = 120

_DASHES = re.compile(r"^\s*(?:--|—|-- )\s*$")
_CLOSING = re.compile(
    r"^\s*(?:с\s+(?:глубоким\s+|искренним\s+|большим\s+)?уважением|с\s+наилучшими\s+пожеланиями|с\s+почтением"
    r"|с\s+надеждой\s+на\s+(?:плодотворное\s+)?сотрудничество|всего\s+(?:доброго|хорошего|наилучшего)"
    r"|искренне\s+ваша?"
    r"|хорошего\s+дня|(?:best|kind|warm|with\s+kind|with\s+best)\s+(?:regards|wishes)|regards|sincerely(?:\s+yours)?"
    r"|yours\s+(?:faithfully|sincerely|truly)|br|mit\s+freundlichen\s+grüßen|cordialement|з\s+повагою|құрметпен)"
    r"\s*[,.!]*\s*(?P<name>[^?]{0,80})$",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"^[\s*]*(?:sent\s+from\s+(?:my\s+)?[\w.+\-]+(?:\s+[\w.+\-]+){0,4}"
    r"|sent\s+(?:with|via|using)\s+[\w.+\-]+(?:\s+[\w.+\-]+){0,4}|sent\s+via\s+(?:the\s+)?samsung\s.{2,60}"
    r"|get\s+[\w+]+(?:\s+mail)?\s+for\s+\w+"
    # «Отправлено через СДЭК» is speech: a program names a device, or itself in Latin letters.
    r"|(?:отправлено|послано)\s+(?=[^?!,]*(?:[a-z]{3}|почт|смартфон|телефон|устройств|планшет|приложени|мобильн|айфон))"
    r"(?:с|со|из|через)\s+[^?!,]{2,60}?(?:[.,]?\s(?:извините|простите)\sза\sкраткость)?"
    r"|написано\s+с\s+(?:моего\s+)?(?:iphone|ipad|телефона)|(?:извините|простите)\sза\sкраткость.{0,60}"
    r"|von\s+meinem\s+[\w ]{2,30}\s+gesendet|gesendet\s+(?:von|mit)\s+[\w .]{2,40}"
    r"|envoyé\s+de(?:puis)?\s+mon\s+[\w ]{2,30}|enviado\s+(?:desde\s+mi|do\s+meu)\s+[\w ]{2,30}"
    r"|inviato\s+da(?:l\s+mio)?\s+[\w ]{2,30}|надіслано\s+з\s+[^?!,]{2,50}"
    r"|(?=.{0,50}(?:iphon|ipad|android|samsung|galaxy|huawei|xiaomi|blackberry|outlook|gmail|yahoo))[^?!]{0,40}"
    r"(?:verstuurd|verzonden|wysłan[eo]|odeslán[oa]|odoslan[éo]|skickat|lähetetty|gönderildi|sendt|küldve|trimis|poslano"
    r"|išsiųsta|sūtīts|saadetud|发送|发自|發送|送信|жіберілді)[^?!]{0,50}"
    r"|(?:скачать|скачайте|получить|получите|установите)\s+outlook\s+для\s+\w+"
    r"|это\sписьмо\sпроверено\sна\sвирусы.{0,80}|без\sвирусов.{0,40}avast.{0,20}|virus-free.{0,40}avast.{0,20})"
    r"[\s.]*(?:<[^<>]*>)?[\s.*]*$",
    re.IGNORECASE,
)
_LINK = re.compile(r"^\s*(?:https?://|www\.)\S{1,100}\s*$", re.IGNORECASE)
# Blue Mail puts such around its line.
_INVISIBLE = "\u200b\u200c\u200d\u2060\u2063\ufeff \t"
_CONTACT = re.compile(
    r"(?i)\b(?:тел|телефон|моб|факс|доб|phone|tel|mob|mobile|fax|e-?mail|почта|сайт|www|http|адрес"
    r"|whatsapp|telegram)\b"
    r"|\+?\d[\d ()\-]{8,}\d|@\w"
)


def is_device_line(line: str) -> bool:
    """«Отправлено с iPhone», "Sent from my Verizon Wireless BlackBerry": a line that the telephone wrote."""
    return len(line) < _MAX_WIDTH and _DEVICE.match(line.strip(_INVISIBLE)) is not None


def without_device_lines(lines: Sequence[str]) -> list[str]:
    """The lines without what the telephone wrote at their end, and without empty lines there."""
    kept = list(lines)
    while kept and (not kept[-1].strip() or is_device_line(kept[-1]) or _advertised(kept)):
        kept.pop()
    return kept


def _advertised(lines: Sequence[str]) -> bool:
    """A link at the end below what the telephone wrote."""
    return len(lines) > 1 and _LINK.match(lines[-1][:200]) is not None and is_device_line(lines[-2])


def dashes_at(lines: Sequence[str]) -> int:
    """The index of the line `-- ` (RFC 3676 section 4.3) above a signature at the end, or the number of lines."""
    last = [n for n, line in enumerate(lines) if n and _DASHES.match(line)]
    for n in last[-2:]:
        below = [line for line in lines[n + 1 :] if line.strip()]
        if len(below) <= _MAX_LINES and all(len(line) <= _MAX_WIDTH * 2 for line in below):
            return n
    return len(lines)


def closing_at(lines: Sequence[str]) -> int:
    """The index of «С уважением» or the like above the last short lines, or the number of lines."""
    filled = [n for n, line in enumerate(lines) if line.strip()]
    for n in reversed(filled[-_MAX_LINES:]):
        if _CLOSING.match(lines[n][:_MAX_WIDTH]) and len(lines[n]) <= _MAX_WIDTH:
            below = lines[n + 1 :]
            return n if all(len(x) <= _MAX_WIDTH and not x.rstrip().endswith("?") for x in below) else len(lines)
    return len(lines)


def signature_of(lines: Sequence[str]) -> str:
    """The signature at the end of a person's new words, as far as it can be told; else empty."""
    at = min(closing_at(lines), dashes_at(lines))
    return "\n".join(lines[at:]).strip("\n -—") if at < len(lines) else ""


def strip_signature(text: str, known_names: Sequence[str]) -> str:
    """A staff answer without its own signature, so that ours can follow (users.md 3).

    `known_names` are full names of the one who writes; a last line that holds only one of them (in any order, with
    initials) and what follows it goes as well. Where nothing would be left the text stays as it is.
    """
    lines = without_device_lines(text.rstrip().split("\n"))
    for at in (dashes_at(lines), closing_at(lines), _name_at(lines, known_names)):
        lines = without_device_lines(lines[:at])
    kept = "\n".join(lines).rstrip()
    return kept if re.search(r"\w", kept) else text


def _name_at(lines: Sequence[str], known_names: Sequence[str]) -> int:
    """The index of the last line that is just the name, with only contact lines and short ones below it."""
    names = [set(re.findall(r"\w+", name.lower())) for name in known_names if name.strip()]
    filled = [n for n, line in enumerate(lines) if line.strip()][-8:]
    for n in reversed(filled[1:] if len(filled) > 1 else []):
        words = re.findall(r"\w+", lines[n].lower())
        if words and len(lines[n]) <= 60 and any(_is_name(words, name) for name in names):
            below = [line for line in lines[n + 1 :] if line.strip()]
            return n if all(_CONTACT.search(line) or len(line) <= 60 for line in below) else len(lines)
    return len(lines)


def _is_name(words: Sequence[str], name: set[str]) -> bool:
    initials = {part[0] for part in name}
    whole = [w for w in words if w in name]
    return bool(whole) and all(w in name or (len(w) == 1 and w in initials) for w in words)
