"""What programs and people do to a tag in a subject, and to ids: the trials of `threads`."""

from __future__ import annotations

import base64
from collections.abc import Callable

from mailcase.rules import tag

SECRET = "a secret of tests only"
TAG = tag.make("KM", 2026, 412, SECRET)
SUBJECT = "Калибровка манометров"


def _coded(charset: str, encoding: str) -> Callable[[str], str]:
    def code(text: str) -> str:
        data = f"{SUBJECT} [{text}]".encode(charset)
        if encoding == "B":
            return f"=?{charset}?B?{base64.b64encode(data).decode()}?="
        return f"=?{charset}?Q?{''.join(f'={byte:02X}' for byte in data)}?="

    return code


def _split(size: int) -> Callable[[str], str]:
    """Encoded words that cut the tag, and characters of two bytes, anywhere."""

    def code(text: str) -> str:
        data = f"Re: {SUBJECT} [{text}]".encode()
        words = [base64.b64encode(data[at : at + size]).decode() for at in range(0, len(data), size)]
        return "\r\n ".join(f"=?UTF-8?B?{word}?=" for word in words)

    return code


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _letters(latin: str, other: str) -> Callable[[str], str]:
    return lambda text: f"{SUBJECT} [{text.translate(str.maketrans(latin, other))}]"


def _between(sign: str) -> Callable[[str], str]:
    return lambda text: f"{SUBJECT} [{sign.join(text)}]"


def _dashed(dash: str) -> Callable[[str], str]:
    return lambda text: f"{SUBJECT} [{text.replace('-', dash)}]"


MANGLES: dict[str, Callable[[str], str]] = {
    "as sent": lambda t: f"{SUBJECT} [{t}]",
    "alone": lambda t: f"[{t}]",
    "bare": lambda t: t,
    "first": lambda t: f"[{t}] {SUBJECT}",
    "lower": lambda t: f"{SUBJECT} [{t.lower()}]",
    "no brackets": lambda t: f"{SUBJECT} {t}",
    "round brackets": lambda t: f"{SUBJECT} ({t})",
    "braces": lambda t: f"{SUBJECT} {{{t}}}",
    "quotes": lambda t: f"{SUBJECT} «{t}»",
    "underscores for brackets": lambda t: f"{SUBJECT.replace(' ', '_')}_{t}_",
    "numero": lambda t: f"{SUBJECT}, №{t}",
    "sentence": lambda t: f"По обращению {t}, срочно!",
    "file": lambda t: f"{SUBJECT} {t}.",
    "words after": lambda t: f"{SUBJECT} {t} 12 манометров",
    "firm after": lambda t: f"{t} ООО «Ромашка»",
    "glued dash after": lambda t: f"{t}-срочно",
    "old subject": lambda t: f"Новое дело (было: {SUBJECT} [{t}])",
    "foreign mark too": lambda t: f"[#12345] {SUBJECT} [{t}] [JIRA-26-0412]",
    "wrong tag too": lambda t: f"[{t[:-4]}0000] [{t}]" if t[-4:] != "0000" else t,
    "spaces inside": lambda t: f"{SUBJECT} [ {t} ]",
    "spaces for dashes": _dashed(" "),
    "spaces round dashes": _dashed(" - "),
    "no dashes": _dashed(""),
    "en dash": _dashed("–"),
    "em dash": _dashed("—"),
    "hyphen": _dashed("‐"),
    "no-break hyphen": _dashed("\u2011"),
    "minus": _dashed("−"),
    "full-width hyphen": _dashed("－"),
    "small hyphen": _dashed("﹣"),
    "underscore": _dashed("_"),
    "no-break space": _dashed("\u00a0"),
    "thin space": _dashed("\u2009"),
    "figure dash": _dashed("‒"),
    "two dashes": _dashed("--"),
    "Cyrillic letters": _letters("KM", "КМ"),
    "Cyrillic small letters": _letters("KM", "км"),
    "Cyrillic first letter": _letters("K", "К"),
    "Greek letters": _letters("KM", "ΚΜ"),
    "letter O": _letters("0", "O"),
    "Cyrillic letter O": _letters("0", "О"),
    "small letter o": _letters("0", "o"),
    "letter l": _letters("1", "l"),
    "letter I": _letters("1", "I"),
    "full width": lambda t: f"{SUBJECT} {_wide(f'[{t}]')}",
    "Arabic digits": _letters("0123456789", "٠١٢٣٤٥٦٧٨٩"),
    "bold letters": _letters("KM0123456789", "𝐊𝐌𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"),
    "zero width": _between("\u200b"),
    "joiners": _between("\u200d"),
    "soft hyphens": _between("\u00ad"),
    "byte order mark": lambda t: f"\ufeff[{t}] {SUBJECT}",
    "direction marks": lambda t: f"{SUBJECT} \u202a[{t}]\u202c",
    "isolates": lambda t: f"{SUBJECT} \u2068[{t}]\u2069",
    "folded": lambda t: f"=?UTF-8?B?{base64.b64encode(SUBJECT.encode()).decode()}?=\r\n\t[{t}]",
    "folded inside": lambda t: f"Calibration of pressure gauges [{t[:6]}\r\n {t[6:]}]",
    "folded in a number": lambda t: f"Calibration of pressure gauges [{t[:8]}\r\n {t[8:]}]",
    "base64 utf-8": _coded("utf-8", "B"),
    "quoted utf-8": _coded("utf-8", "Q"),
    "base64 koi8-r": _coded("koi8-r", "B"),
    "quoted windows-1251": _coded("windows-1251", "Q"),
    "quoted iso-8859-5": _coded("iso-8859-5", "Q"),
    "cut words": _split(9),
    "cut words of one byte more": _split(10),
    "tag in a word of its own": lambda t: f"Re: =?utf-8?B?{base64.b64encode(f'[{t}]'.encode()).decode()}?=",
    "entities": lambda t: f"{SUBJECT} &#91;{t}&#93;",
    "markup": lambda t: f"<b>{SUBJECT}</b> [<i>{t}</i>]",
    "dots": _dashed("."),
    "slashes": _dashed("/"),
    "keycaps": lambda t: f"{SUBJECT} " + "".join(f"{c}\ufe0f\u20e3" if c.isdigit() else c for c in t),
    "no zeroes": lambda t: f"{SUBJECT} [{t.replace('-0', '-')}]",
    "percent": lambda t: f"{SUBJECT} %5B{t}%5D",
    "percent, small": lambda t: f"%5b{t}%5d",
    "starred": lambda t: f"{SUBJECT} *{t}*",
}
"""What programs and people make of a tag, by a name; each gives a whole subject."""

ID = "<AbC.1.x_y+Z=Q@PC-7.Romashka.example.ru>"
_MORE = " ".join(f"<{n}.{'x' * 60}@list.example.net>" for n in range(60))
ANSWERS: dict[str, str] = {
    "both": f"In-Reply-To: {ID}\nReferences: {ID}",
    "In-Reply-To": f"In-Reply-To: {ID}",
    "References": f"References: <a@b.example> {ID}",
    "not the last": f"References: {ID} <a@b.example>\nIn-Reply-To: <a@b.example>",
    "words and an id": f'In-Reply-To: Your message of "Mon, 23 Nov 2026" {ID}',
    "id and words": f'In-Reply-To: {ID} from "Anna" at Nov 23, 26 12:00:00 pm',
    "comment": f"In-Reply-To: (Anna's message) {ID} (of Monday)",
    "no brackets": f"In-Reply-To: {ID[1:-1]}",
    "words and no brackets": f"In-Reply-To: Message {ID[1:-1]} of Monday",
    "no brackets, several": f"References: a@b.example {ID[1:-1]}",
    "no brackets, commas": f"References: a@b.example,{ID[1:-1]}",
    "one bracket": f"In-Reply-To: {ID[:-1]}",
    "other bracket": f"In-Reply-To: {ID[1:]}",
    "double brackets": f"In-Reply-To: <{ID}>",
    "quotes": f'In-Reply-To: "{ID[1:-1]}"',
    "no blanks between": f"References: <a@b.example>{ID}<c@d.example>",
    "commas": f"References: <a@b.example>, {ID}, <c@d.example>",
    "semicolons": f"References: <a@b.example>;{ID};<c@d.example>",
    "folded": f"References: <a@b.example>\n {ID}\n\t<c@d.example>",
    "folded inside": f"References: <a@b.example> {ID[:9]}\n {ID[9:]}",
    "blank inside": f"In-Reply-To: {ID[:9]} {ID[9:]}",
    "lower case": f"In-Reply-To: {ID.lower()}",
    "upper case": f"In-Reply-To: {ID.upper()}",
    "lower-case domain": f"In-Reply-To: {ID.replace('PC-7.Romashka', 'pc-7.romashka')}",
    "header in lower case": f"in-reply-to: {ID}",
    "many": f"References: {ID} {_MORE}",
    "many folded": "References: " + f"{ID} {_MORE}".replace(" ", "\n "),
    "two headers": f"References: <a@b.example>\nReferences: {ID}",
    "two In-Reply-To": f"In-Reply-To: <a@b.example>\nIn-Reply-To: {ID}",
    "encoded word": f"In-Reply-To: =?utf-8?B?{base64.b64encode(ID.encode()).decode()}?=",
    "quoted word": f"References: =?us-ascii?Q?{ID.replace('=', '=3D').replace('_', '=5F')}?=",
    "entities": f"In-Reply-To: &lt;{ID[1:-1]}&gt;",
    "mailto": f"In-Reply-To: <mailto:{ID[1:-1]}>",
    "zero width": f"In-Reply-To: \u200b{ID}\u200b",
    "8-bit words": f"In-Reply-To: Ваше письмо {ID}",
    "Exchange kept the old id": f"In-Reply-To: <new@outlook.example>\nX-Microsoft-Original-Message-ID: {ID}",
    "Mailman kept the old references": f"X-Mailman-Original-References: {ID}",
    "Thunderbird forwards it": f"X-Forwarded-Message-Id: {ID}",
}
"""Headers of a letter that answers the one of that id, as programs leave them."""

NO_ANSWERS: dict[str, str] = {
    "nothing": "X-Mailer: x",
    "words": "In-Reply-To: Your message of Monday",
    "another id": "In-Reply-To: <other@pc-7.romashka.example.ru>",
    "part of the id": f"In-Reply-To: <{ID[3:-1]}>",
    "its domain": "In-Reply-To: <Romashka.example.ru>",
    "empty": "In-Reply-To:\nReferences: <>",
    "an address": "In-Reply-To: Message from a.kovaleva@romashka.example.ru",
}

FRAMES: dict[str, str] = {
    "plain": "{}",
    "Re": "Re: {}",
    "RE[2]": "RE[2]: {}",
    "Re^3": "Re^3: {}",
    "Re(4)": "Re(4): {}",
    "Fwd": "Fwd: {}",
    "FW twice": "FW: FW: {}",
    "На": "НА: {}",
    "HA": "HA: {}",
    "Отв": "Отв: {}",
    "Ответ": "Ответ: {}",
    "Пересл": "Пересл: {}",
    "AW": "AW: WG: {}",
    "Antw": "Antw: {}",
    "SV": "SV: VS: {}",
    "RIF": "RIF: {}",
    "TR": "TR: RE : {}",
    "Ynt": "Ynt: {}",
    "Odp": "Odp: PD: {}",
    "回复": "回复: {}",
    "答复": "答复：{}",
    "転送": "転送: {}",
    "Σχετ": "Σχετ: {}",
    "הועבר": "הועבר: {}",
    "EXT": "[EXT] Re: {}",
    "External": "[Внешний отправитель] Re: {}",
    "SPAM": "*** SPAM *** Re: {}",
    "list": "[metrology-list] Re: {}",
}
"""What programs put before a subject."""

FOREIGN: tuple[str, ...] = (
    SUBJECT,
    f"Re: {SUBJECT}",
    "Re: Счёт [#12345]",
    "[Ticket#2026112010000412] Запрос",
    "[JIRA] (KM-412) Поверка",
    f"[KM-412] {SUBJECT}",
    f"[KM-26-0412] {SUBJECT}",
    f"[AB{TAG[2:]}] {SUBJECT}",
    f"[K{TAG[2:]}] {SUBJECT}",
    f"ТУ-{TAG}",
    f"X{TAG}",
    f"{TAG}-89",
    f"{TAG}/2",
    f"{TAG}.5",
    f"{TAG}5",
    f"1{TAG}",
    TAG[3:],
    f"Договор № {TAG[3:]}",
    "+7 495 000-26-04, доб. 1273",
    "КМ 26/0412 от 20.11.2026",
    "12 км 26 рейсов 0412 7351",
    "Заказ 26-0412-7351, 12 манометров",
    f"[KM-27{TAG[5:]}] {SUBJECT}",
)
"""Marks of other systems and numbers that are no tag of ours."""
