"""What mail programs write around older mail: header blocks, dividing lines, «… пишет:», in the languages they speak.

Pure and linear: each test looks at a line or at a handful of joined lines of bounded length. `reply` and `forward`
stand on these tests; the words come from the programs' own translations (C71).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

# A header line, an attribution: longer lines are paragraphs of text.
_MAX_LINE = 500
_MAX_BLOCK = 14

_LABELS = {
    "from": (
        "from|expeditorul|emetteur|absender|remetente|desde|от|от кого|отправитель|von|de|de la|da|od|fra|"
        "från|van|lähettäjä|feladó|gönderen|kimden|šalje|pošiljatelj|від|від кого|mittente|expéditeur|"
        "expeditor|remitente|nadawca|odosielateľ|odesílatel|από|发件人|寄件者|差出人|보낸 사람|кімнен|ад"
    ),
    "date": (
        "sent|date|отправлено|дата|дата отправки|gesendet|datum|envoyé|envoyé le|enviado|enviado el|"
        "enviada em|fecha|data|inviato|verzonden|skickat|dato|sendt|päiväys|päivämäärä|lähetetty|dátum|"
        "elküldve|küldve|tarih|gönderme tarihi|odesláno|odoslané|wysłano|poslano|відправлено|надіслано|"
        "trimis|dată|data trimiterii|message du|sent at|发送时间|日期|送信日時|보낸 날짜|жіберілген"
    ),
    "to": (
        "to|кому|an|à|a|para|aan|till|til|do|komu|pre|prima|címzett|vastaanottaja|alıcı|kime|către|"
        "destinatario|destinataire|destinatarul|destinatar|empfänger|получатель|收件人|宛先|받는 사람|кімге"
    ),
    "cc": (
        "cc|копия|копии|kopie|kopi|kopia|kopio|másolat|másolatot kap|másolatot kapnak|kópia|копія|dw|"
        "copie à|copia|cco|bcc|скрытая копия|bilgi|抄送"
    ),
    "subject": (
        "subject|тема|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|tárgy|konu|"
        "předmět|predmet|temat|naslov|subiect|subiectul|titel|θέμα|主题|件名|제목|тақырып"
    ),
    "other": (
        "reply-to|importance|важность|приоритет|attachments|вложения|priority|organization|организация|"
        "resent-from|antwort an|répondre à|on behalf of|newsgroups|message-id|return-path"
    ),
}
_KIND = {word: kind for kind, words in _LABELS.items() for word in words.split("|")}
_LABEL = re.compile(
    r"^[\s>*_]*("
    + "|".join(sorted(map(re.escape, _KIND), key=len, reverse=True))
    + r")\s?[*_]*\s?[:：][*_]*(?:[ \t]+|(?=\S)|$)(.*)$",
    re.IGNORECASE,
)
_ORIGINAL_WORDS = (
    r"original message|original[- ]nachricht|ursprüngliche nachricht|oprindelig meddelelse|originalmeddelande"
    r"|ursprungligt meddelande|message d.origine|message original|mensaje original|mensagem original"
    r"|messaggio originale"
    r"|oorspronkelijk bericht|opprinnelig melding|alkuperäinen viesti|wiadomość oryginalna"
    r"|původní zpráva|pôvodná správa"
    r"|eredeti üzenet|orijinal mesaj|оригінальне повідомлення|вихідне повідомлення"
    r"|исходное сообщение|оригинал сообщения|оригинальное сообщение|original appointment"
    r"|исходная встреча|исходное письмо"
    r"|бастапқы хабар|предыдущее сообщение|reply message|ответ на сообщение"
)
_FORWARD_WORDS = (
    r"forwarded message|forwarded mail|forwarded by [^-]{1,60}|begin forwarded message|fwd\.?msg"
    r"|пересылаемое сообщение|перенаправленное сообщение|пересланное сообщение|переадресованное сообщение"
    r"|пересылаемое письмо|пересланное письмо|конец пересылаемого сообщения|начало переадресованного сообщения"
    r"|начало пересланного сообщения|перенаправлене повідомлення|переслане повідомлення|переслано"
    r"|қайта жіберілген хабар"
    r"|weitergeleitete nachricht|anfang der weitergeleiteten nachricht|message transféré|message transmis"
    r"|début du message (?:réexpédié|transféré)|mensaje reenviado|inicio del mensaje reenviado|messaggio inoltrato"
    r"|inizio messaggio inoltrato|mensagem (?:encaminhada|reencaminhada)"
    r"|início da mensagem (?:encaminhada|reencaminhada)"
    r"|doorgestuurd bericht|begin doorgestuurd bericht|vidarebefordrat (?:meddelande|brev)|vidarebefordrat mejl"
    r"|videresendt (?:melding|meddelelse|besked)|videresendt e-mail|välitetty viesti|továbbított (?:üzenet|levél)"
    r"|przekazana wiadomość|przesłana dalej wiadomość|přeposlaná zpráva|preposlaná správa|proslijeđena poruka"
    r"|edelleenlähetetty viesti|treść przekazanej wiadomości|iletilmiş (?:mesaj|ileti)"
    r"|iletilen (?:mesaj|ileti)|yönlendirilmiş ileti|mesaj redirecționat|mesaj redirecţionat"
)
_DIVIDER = re.compile(r"^[\s>*]*[-_=–—]{2,}\s*([^-_=–—\s][^_=–—]{2,80}?)\s*(?:[-_=–—]{2,}.*)?$")
_ORIGINAL = re.compile(_ORIGINAL_WORDS, re.IGNORECASE)
_FORWARD = re.compile(_FORWARD_WORDS, re.IGNORECASE)
# Apple writes a sentence with a colon instead of a divider.
_FORWARD_SENTENCE = re.compile(
    r"^[\s>*]*(?:" + _FORWARD_WORDS + r"|начало (?:переадресованного|пересланного) сообщения|välitetty viesti alkaa"
    r"|začátek přeposílané zprávy|začiatok preposlanej správy|započni proslijeđenu poruku"
    r"|rozpoczęcie przekazanej wiadomości"
    r"|początek przekazywanej wiadomości|továbbított levél kezdete|početak proslijeđene poruke"
    r"|inline forwarded message"
    r"|starten på det videresendte|start på videresendt|videresendt besked|vidarebefordrat mejl"
    r"|început mesaj redirecționat"
    r"|iletilmiş mesajın başlangıcı|iletilen e-posta başlangıcı|începe mesajul redirecționat"
    r"|starten på videresendt melding|start på videresendt besked|початок листа, що пересилається"
    r"|начало перенаправленного сообщения|початок переадресованого повідомлення"
    r")[^:]{0,30}:[\s*]*$",
    re.IGNORECASE,
)

ADDRESS = re.compile(r"[^\s<>()\[\]\",;:@'*]+@[^\s<>()\[\]\",;:@'*]+\.[^\s<>()\[\]\",;:@'*.]+")
_DATE = re.compile(
    r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"
    r"|\d{4}[./-]\d{1,2}[./-]\d{1,2}"
    r"|\d{1,2}\.?\s+(?:de\s+)?[^\W\d_]{3,12}\.?,?\s+(?:de\s+)?\d{4}"
    r"|[^\W\d_]{3,12}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}"
    r"|\d{4}\s*(?:年|\.\s)",
)
_VERB = (
    r"wrote|writes|said|schrieb|geschrieben|a écrit|escribió|ha scritto|scrisse|schreef"
    r"|heeft geschreven|escreveu|skrev"
    r"|napisał(?:\(a\))?a?|pisze|napsala?|napsal\(a\)|napísala?|написала?|написал\(-?а\)"
    r"|написав(?:\(ла\))?|писала?|писал\(-?а\)"
    r"|пишет|пише|пишете|kirjoitti|írta|yazdı|je napisao|a scris|έγραψε|写道|жазды|сообщал\(?а?\)?"
)
_WEEKDAY = (
    r"(?:пн|вт|ср|чт|пт|сб|вс|нд|понедельник|вторник|сред[ау]|четверг|пятниц[ау]|суббот[ау]|воскресенье"
    r"|mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+"
)
# «В письме от 12.03.2024 …» is speech, «В Пн, 11/03/2024 …» is Evolution: at most two words stand before the date.
_LEAD = r"(?:on|am|le|el|il|op|em|den|dne|dňa|dnia|w dniu|pe|ons|tir|reply to|在)\s+(?:[^\W\d_]{1,14}[.,]*\s+){0,2}"
_START = re.compile(
    rf"^(?:{_LEAD}|(?:в\s+)?{_WEEKDAY}(?:[^\W\d_]{{3,12}}\s+)?)?(?:[^\W\d_]{{2,5}}\.?,?\s+)?\d", re.IGNORECASE
)
# «Здравствуйте, Ольга. Вы писали 11 марта 2024 г., 15:02:50:» is The Bat!.
_YOU_WROTE = re.compile(r"\b(?:Вы писали|You wrote)\b.{0,20}\d{4}.{0,12}\d:\d\d.{0,12}:\s*$", re.IGNORECASE)
_MACHINE_VERB = re.compile(r"\((?:-?а|ла|а\))\)?\s*:?\s*$|^on\b.{6,300}\bwrote\s*:?[\s-]*$", re.IGNORECASE)
_SENT_FROM_LEAD = re.compile(r"^(?:отправлено|sent|gesendet)\s.{2,40}?\s(?=\S*\s?\d)", re.IGNORECASE)
_ENDS_WITH_VERB = re.compile(
    rf"(?:{_VERB})(?:\s+(?:am|em|le|den|в|on)\s.{{4,60}}|\s*:?\s*\S*<[^<>]+>)?\s*[:：]?\s*-*\s*$", re.IGNORECASE
)
_HAS_VERB = re.compile(rf"(?:^|[\s>»\"”])(?:{_VERB})(?=[\s:：]|$)", re.IGNORECASE)
# What every attribution begins and ends with, to be asked first because most lines of a letter are none.
_MAY_BEGIN = re.compile(r"\d|@|^(?:on|le|am|il|el|op|em|den)\s|:$", re.IGNORECASE)
_ABBREVIATION = re.compile(r"(?:\d\s*[^\W\d_]{1,6}|\d|\b(?:г|inc|ltd|jr|mr|mrs|dr|a\.m|p\.m))\.$", re.IGNORECASE)
_MAY_END = re.compile(r"(?:[:：>-]|wrote|schrieb|skrev|écrit|писал\S{0,5}|пишет)[\s*]*$", re.IGNORECASE)
# Where there is no verb, the sender's name and bracketed address stand last: «12.03.2024, 10:15, Имя <a@b>:».
_NAME_LAST = re.compile(r"\d{1,2}[:.]\d\d.*(?:<[^<>]+>|\bот\b\s.{2,60}@\S+)\s*[:：]\s*$|<[^<>]+>\s*:\s*$")
_TIME = re.compile(r"\d{1,2}[:.]\d\d")
_QUOTED = re.compile(r"^\s{0,3}(?:>|[A-Za-zА-ЯЁа-яё]{1,3}>{1,3}(?:\s|$))")
_BARRED = re.compile(r"^\s{0,3}\|(?:\s|$)")
_MAILTO = re.compile(r"<?\s*mailto:[^<>]{0,200}?>|\[mailto:([^\]]{3,100})\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Header:
    """A block of header lines that a mail program wrote into the text; `size` counts the lines it takes."""

    size: int
    sender: str
    date: str
    subject: str
    kinds: frozenset[str]


def is_quoted(line: str) -> bool:
    """A line that begins with `>` or, as in The Bat!, with initials and `>`."""
    return bool(_QUOTED.match(line[:20]))


def is_barred(line: str) -> bool:
    """A line that begins with `|`: quotation only below an attribution, else a table."""
    return bool(_BARRED.match(line[:6]))


def unquoted(line: str) -> str:
    """The line without its quotation marks."""
    return re.sub(r"^\s{0,3}(?:[A-Za-zА-ЯЁа-яё]{1,3}(?=>))?(?:[>|]\s?)+", "", line)


@lru_cache(maxsize=4096)
def divider(line: str) -> str:
    """`original` or `forward` for a dividing line that names what follows, else empty."""
    if len(line) > _MAX_LINE:
        return ""
    found = _DIVIDER.match(line)
    if found and _FORWARD.search(found[1]):
        return "forward"
    if found and _ORIGINAL.search(found[1]):
        return "original"
    return "forward" if _FORWARD_SENTENCE.match(line) else ""


def header_at(lines: Sequence[str], at: int, *, ruled: bool = False) -> Header | None:
    """The header block that begins at line `at` (labels in any language), or None.

    It needs a sender and another label, and an address or a time of day, which forms typed by people («От: ООО …,
    Дата: …») have not; `ruled` says that a dividing line stands above, which is proof enough.
    """
    first = _label(lines[at])
    if first is None:
        return None
    found, last, size, gaps = {first[0]: first[1]}, first[0], 1, 0
    for n in range(at + 1, min(len(lines), at + _MAX_BLOCK)):
        line = lines[n]
        label = _label(line)
        if label and gaps and label[0] in found:
            break
        if label:
            last, size, gaps = label[0], n - at + 1, 0
            found.setdefault(*label)
        elif not line.strip(" >*\t"):
            gaps += 1
            if gaps > 1 or ("subject" in found and "from" in found and len(found) > 2):
                break
        elif gaps or not _continues(line, last, found):
            break
        else:
            found[last] = f"{found[last]} {unquoted(line).strip()}".strip()
            size = n - at + 1
    if not _is_header(found, ruled):
        return None
    return Header(size, found["from"], found.get("date", ""), found.get("subject", ""), frozenset(found))


@lru_cache(maxsize=4096)
def _label(line: str) -> tuple[str, str] | None:
    match = _LABEL.match(line) if len(line) < _MAX_LINE * 4 else None
    if match is None:
        return None
    value = _MAILTO.sub(lambda m: f"<{m[1]}>" if m[1] else "", match[2])
    return _KIND[match[1].lower()], value.strip().strip("*").strip()


def _continues(line: str, last: str, found: dict[str, str]) -> bool:
    """A folded list of recipients, or a value that stands on the line below its label."""
    return (last in ("to", "cc", "from") and ("@" in line or not found[last])) or (not found[last] and last != "other")


def _is_header(found: dict[str, str], ruled: bool) -> bool:
    if "from" not in found or not found.keys() & {"date", "to", "subject", "cc"}:
        return False
    timed = _TIME.search(found.get("date", "")) is not None and len(found) > 2
    return ruled or timed or ADDRESS.search(found["from"]) is not None


def attribution_at(lines: Sequence[str], at: int) -> int:
    """How many lines from `at` on say «… on that day somebody wrote:»; 0 for none."""
    first = unquoted(lines[at]).strip()
    if not first or len(first) > _MAX_LINE or not _MAY_BEGIN.search(first):
        return 0
    joined, blanks = "", 0
    for n in range(at, min(len(lines), at + 6)):
        line = unquoted(lines[n][:_MAX_LINE]).strip() if n > at else first
        joined = f"{joined} {line}".strip()
        if len(joined) > _MAX_LINE:
            return 0
        if not line:
            # Old Outlook tears the line apart with blank ones; only a plain beginning may be joined over them.
            blanks += 1
            if blanks > 2 or not re.match(r"(?i)on\s.{0,20}\d{4}", joined):
                return 0
            continue
        if n > at and _MAY_END.search(line) and _START.match(line) and _strength(line):
            # The attribution begins only here; what stands above it is text.
            return 0
        strength = _strength(joined) if _MAY_END.search(joined) else 0
        if strength == 2 or (strength == 1 and _quote_follows(lines, n + 1)):
            return n - at + 1
        if line.endswith((".", "!", "?")) and not _ABBREVIATION.search(line):
            # A sentence has ended: this was text.
            return 0
    return 0


def _strength(text: str) -> int:
    """2 where only a mail program writes such a line, 1 where it counts with quotation below it, 0 for no.

    «Иванов пишет: …», «Вчера директор написал:» and «11.03.2024 Ваш сотрудник написал:» are people's speech: what
    a program writes has a date and an address, or a form of the verb that nobody types.
    """
    text = _MAILTO.sub(lambda m: m[1] or "", text)
    if _YOU_WROTE.search(text):
        return 2
    ends = text.rstrip(" -*").endswith((":", "："))
    dated, address = _DATE.search(text) is not None, ADDRESS.search(text) is not None
    starts = _START.match(_SENT_FROM_LEAD.sub("", text).lstrip("-* ")) is not None
    verb_last = _ENDS_WITH_VERB.search(text) is not None
    verb = verb_last or _HAS_VERB.search(text) is not None
    if dated and address and (ends or verb_last) and (verb or (starts and _NAME_LAST.search(text))):
        return 2
    if starts and (ends or verb_last) and _MACHINE_VERB.search(text):
        return 2 if dated or _TIME.search(text) else 1
    if starts and address and verb_last and _TIME.search(text):
        return 2
    if dated and (ends or verb_last) and (verb or starts):
        return 1
    # «2013/7/20 somebody <a@b.c>», as Gmail once wrote, or «Somebody <a@b.c> пишет:» without a date.
    if _DATE.match(text) and text.endswith(">") and address:
        return 1
    return int(ends and verb and (address or len(text) < 60))


def _quote_follows(lines: Sequence[str], at: int) -> bool:
    below = next((line for line in lines[at : at + 3] if line.strip()), "")
    return is_quoted(below) or is_barred(below)
