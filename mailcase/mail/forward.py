"""Reads a forwarded letter: who wrote the original, about what, and its words.

Pure. A reply quotes what it answers in the same forms in which some programs forward, so the dividing line and the
prefix of the subject decide; where neither speaks, the finding is not `certain`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message

from mailcase.mail import addresses, clients, headers, html_text, message
from mailcase.mail.body import Attachment
from mailcase.mail.content import content_of

# Original letters stand near the top; a history of hundreds of lines is searched no further.
_MAX_LINES = 1000
# Sender, subject and words of an attached file stand in its beginning; what follows are its own files.
_MAX_LETTER = 5_000_000
# Whoever attaches several letters forwards none of them as his own question, and each costs a parse.
_MAX_LETTERS = 8

_FORWARD_PREFIX = re.compile(
    r"^\s*(?:\[[^\]]{1,40}\]\s*)?(?:fwd?|fw|wg|tr|rv|enc|i|pd|vb|vl|vs|doorst|továbbítás|tov|ilt"
    r"|пересл|пер|переслано|прд"
    r"|пересл\.|transf|res|fs|на|қж)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]\s*",
    re.IGNORECASE,
)
_REPLY_PREFIX = re.compile(
    r"^\s*(?:re|aw|ответ|отв|на|sv|vá|odp|ynt|r|rif|res|antw|bls|ре|ha)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]", re.IGNORECASE
)
_ANY_PREFIX = re.compile(rf"(?:{_FORWARD_PREFIX.pattern[1:]}|{_REPLY_PREFIX.pattern[1:]}\s*)", re.IGNORECASE)
_BEFORE_LABEL = re.compile(
    r"(?<=[^\s])(?=(?:{})\s?:\s*\S)".format(
        "|".join(
            "Subject|Sent|Date|To|Cc|Тема|Отправлено|Дата|Кому|Копия|Objet|Envoyé|À|Cc|Betreff|Gesendet|An"
            "|Oggetto|Inviato|A|Asunto|Enviado"
            "|Para|Assunto|Temat|Wysłano|Do|Tárgy|Elküldve|Címzett|Másolat|Aihe|Lähetetty|Vastaanottaja|Kopio"
            "|Emne|Sendt|Til|Kopi"
            "|Відправлено|Копія|Ämne|Skickat|Till|Kopia|Onderwerp|Verzonden|Aan|Konu|Tarih|Kime|Předmět|Odesláno|Komu|Subiect|Trimis".split(
                "|"
            )
        )
    )
)


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The original of a forwarded letter, as far as the forward tells."""

    from_addr: str
    from_name: str
    subject: str
    date: str
    text: str
    certain: bool


def find(text: str, subject: str, letters: Sequence[Message] = ()) -> Forwarded | None:
    """The forwarded original in `text`, or else in the one attached letter; None for a letter that forwards nothing.

    `letters` are those attached to this one, as `attached` finds them.
    """
    lines = _one_line_headers(text.split("\n")[:_MAX_LINES])
    found = _inline(lines, subject)
    if found is not None or len(letters) != 1:
        return found
    return _attached(letters[0])


def attached(root: Message, files: Sequence[Attachment]) -> list[Message]:
    """The letters among the `files` of a letter: message/rfc822, also encoded, and files that are called `.eml`.

    Web mail attaches a saved letter as application/octet-stream. A file without a From is no letter; of very many
    letters none is given.
    """
    places = {f.index for f in files if f.type == "message/rfc822" or f.name.lower().endswith(".eml")}
    if not 0 < len(places) <= _MAX_LETTERS:
        return []
    found = [_opened(part.message) for part in message.parts(root) if part.index in places]
    return [letter for letter in found if letter is not None]


def _opened(part: Message) -> Message | None:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    attached = inner if isinstance(inner, Message) else None
    if attached is not None and attached.keys():
        return attached
    letter = message.open_letter(content_of(part)[:_MAX_LETTER]).message
    return letter if message.raw_value(letter, "from") else attached


def bare_subject(subject: str) -> str:
    """The subject without the prefixes that programs put before it."""
    while True:
        shorter = _ANY_PREFIX.sub("", subject, count=1)
        if shorter == subject or not shorter.strip():
            return subject.strip()
        subject = shorter


def _one_line_headers(lines: list[str]) -> list[str]:
    """Yahoo writes divider and header block on one line, labels glued to the values before them."""
    out: list[str] = []
    for line in lines:
        cut = re.match(r"^(\s*-{3,}[^-]{4,60}-{3,})\s*(\S.*)$", line) if len(line) < 3000 else None
        if cut and clients.divider(cut[1]):
            out.append(cut[1])
            rest = re.sub(r"(?<=>)\s*(Dw|DW)\s(?=\S)", "\n\\1: ", cut[2])
            out.extend(_BEFORE_LABEL.sub("\n", rest).split("\n"))
        else:
            out.append(line)
    return out


def _inline(lines: list[str], subject: str) -> Forwarded | None:
    prefixed = _FORWARD_PREFIX.match(subject) is not None
    answers = _REPLY_PREFIX.match(subject) is not None and not prefixed
    for at, line in enumerate(lines):
        if line == html_text.HISTORY:
            continue
        kind = clients.divider(line)
        if kind:
            made = _below(lines, at + 1, subject)
            if kind == "forward":
                return made or Forwarded("", "", bare_subject(subject), "", _body(lines, at + 1), False)
            return _unless(answers, made, prefixed)
        block = clients.header_at(lines, at, ruled=prefixed or _ruled(lines, at))
        if block:
            return _unless(answers, _from_block(lines, at, block, subject), prefixed)
        taken = clients.attribution_at(lines, at)
        if taken:
            # Outlook for Mac forwards under the line with which others answer; only the subject tells.
            return _from_attribution(lines, at, taken, subject) if prefixed else None
    return None


def _unless(answers: bool, made: Forwarded | None, prefixed: bool) -> Forwarded | None:
    if answers or made is None:
        return None
    return Forwarded(made.from_addr, made.from_name, made.subject, made.date, made.text, made.certain and prefixed)


def _ruled(lines: list[str], at: int) -> bool:
    above = next((line for line in reversed(lines[max(0, at - 3) : at]) if line.strip(" >")), "")
    return re.fullmatch(r"[\s>*]*[-_=]{4,}[\s*]*", above) is not None


def _below(lines: list[str], at: int, subject: str) -> Forwarded | None:
    """The header block right below a dividing line."""
    for n in range(at, min(at + 5, len(lines))):
        block = clients.header_at(lines, n, ruled=True)
        if block:
            return _from_block(lines, n, block, subject)
        taken = clients.attribution_at(lines, n)
        if taken:
            return _from_attribution(lines, n, taken, subject)
    return None


def _from_block(lines: list[str], at: int, block: clients.Header, subject: str) -> Forwarded:
    name, addr = _who(block.sender)
    title = block.subject or bare_subject(subject)
    return Forwarded(addr, name, title, block.date, _body(lines, at + block.size), bool(addr))


def _from_attribution(lines: list[str], at: int, taken: int, subject: str) -> Forwarded:
    line = " ".join(clients.unquoted(x).strip() for x in lines[at : at + taken])
    found = clients.ADDRESS.search(line)
    named = re.search(r"[\"«“]([^\"»”]{2,80})[\"»”]\s*<", line)
    addr = headers.normal_address(found[0]) if found else ""
    return Forwarded(addr, named[1] if named else "", bare_subject(subject), "", _body(lines, at + taken), bool(addr))


def _who(sender: str) -> tuple[str, str]:
    """Name and address of a From line; of `A <a@b> on behalf of c@d` the first."""
    sender = re.split(r"(?i)\s(?:on behalf of|от имени|im auftrag von|de la part de)\s", sender)[0]
    sender = re.sub(r"\[(?:mailto:)?([^\]\s]+@[^\]\s]+)\]", r"<\1>", sender)
    people = addresses.authors(sender)
    person = next((p for p in people if "@" in p.addr), None)
    if person is None:
        found = clients.ADDRESS.search(sender)
        return (people[0].name if people else sender.strip(), headers.normal_address(found[0]) if found else "")
    return person.name.strip("'\""), person.addr


def _body(lines: list[str], at: int) -> str:
    below = [line for line in lines[at:] if line != html_text.HISTORY]
    filled = [line for line in below if line.strip()]
    if filled and all(clients.is_quoted(line) for line in filled[:5]):
        below = [clients.unquoted(line) for line in below]
    return "\n".join(below).strip()


def _attached(inner: Message) -> Forwarded:
    """The one letter attached to this one."""
    people = addresses.authors(message.raw_value(inner, "from"))
    first = people[0] if people else headers.Address("", "")
    subject = headers.decode(message.raw_value(inner, "subject")).text
    date = headers.decode(message.raw_value(inner, "date")).text
    return Forwarded(first.addr, first.name, subject, date, "", bool(first.addr))
