"""What an employee enters by hand: a call, a visit, a fax, the book of complaints, the answering machine (A18, A46).

`[новое] канал: телефон; от: Иванов И. И., ООО «Ромашка», +7 916 000-00-00; тема: поверка весов` in the subject of a new
letter, or what a secretary types on a telephone: `новое: звонил Иванов, +7 916 000-00-00, поверка весов`. A note of the
answering machine that he forwards needs no mark. Whatever is not understood is the text, so that nothing is lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules import entry_fields as fields
from mailcase.rules.entry_fields import Fields
from mailcase.rules.people import by_address, digits, our_numbers, ours
from mailcase.rules.people import plain as bare
from mailcase.rules.staff_words import unsigned
from mailcase.rules.surname import plain
from mailcase.words import Channel

# Who forwards puts the mark behind «Fwd:»; «Re:» answers an entry, and makes no second one.
_MARK = re.compile(
    r"^\W{0,3}(?:(?:fwd?|fw|пересл|пер)\s*:\s*){0,3}"
    r"(?:\[\s*(?:новое|новая|новый|new)\s*\]|\(\s*(?:новое|new)\s*\)|[!！]\s*(?:новое|new)\b)"
    r"\s*[:.,;–—-]?\s*(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
# Clients begin subjects so, too: behind «Fwd:» or «Re:», or in a letter that goes to one, it is his.
_PLAIN_MARK = re.compile(
    r"^\W{0,3}(?:(?:новое|new)\s*:|новое\s+(?=обращени|сообщени|посещени)|новый\s+(?=звон|факс|визит)"
    r"|новая\s+(?=жалоб|запись)|новое\s*$)\s*[:.,;–—-]?\s*(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_STRICT = re.compile(r"^\s*(?:\[\s*(?:новое|new)\s*\]|[!！]\s*(?:новое|new)\b)[:.,;]?\s*(?P<rest>.*)$", re.IGNORECASE)
_VOICE = re.compile(
    r"голосов(ое|ая|ого|ой) (сообщени|почт)|автоответчик|voice ?mail|voice message|запись (звонка|разговора)"
    r"|пропущенн\w+ (звон|вызов)|missed call"
)
_FAX = re.compile(
    r"\b(входящ\w+|получен|новый|принят|incoming|new) факс|\bфакс\w* (сообщени\w+ )?(от|с номера)|\bfax from\b"
)
_AUDIO = frozenset("mp3 wav ogg opus m4a amr gsm wma aac".split())
_LONGEST = 80
"""Characters of a subject that is made of the text."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What was entered; empty where it was not said. `marked`: he ordered it, and did not only forward."""

    fields: Fields
    text: str
    marked: bool

    @property
    def subject(self) -> str:
        """What the register calls the case."""
        said = self.fields.topic or next((line.strip() for line in self.text.splitlines() if line.strip()), "")
        return said if len(said) <= _LONGEST else said[: _LONGEST - 1].rsplit(" ", 1)[0] + "…"

    @property
    def contact(self) -> tuple[str, str]:
        """Address and name of whom we answer."""
        return self.fields.address, ", ".join(filter(None, (self.fields.name, self.fields.organisation)))

    @property
    def missing(self) -> tuple[str, ...]:
        """What an answer will need and nobody said (Russian)."""
        said = self.fields
        wanted = (
            ("канал", said.channel is not None),
            ("от кого", bool(said.name or said.organisation)),
            ("телефон или адрес почты", bool(said.phone or said.address)),
            ("суть обращения", bool(said.topic or self.text)),
        )
        return tuple(name for name, given in wanted if not given)


def entry(letter: Letter, config: Config) -> Entry | None:
    """What an employee's letter enters; None for any other letter."""
    if by_address(config, letter.sender.addr) is None:
        return None
    body = unsigned(letter.reply, letter.signature).strip()
    found = _MARK.match(letter.subject) or (_PLAIN_MARK.match(letter.subject) if _is_new(letter, config) else None)
    if found is None:
        first, _, body_below = body.partition("\n")
        found, body = (_STRICT.match(first), body_below.strip()) if _STRICT.match(first) else (None, body)
    if found is None:
        return _forwarded(letter)
    read, text = fields.read(found["rest"], body, ours(config))
    passed = letter.forwarded
    if passed is not None:
        text = "\n\n".join(filter(None, (text if text not in passed.text else "", passed.text.strip())))
        read = replace(read, when=read.when or passed.date)
    return Entry(_of_client(read, letter, config), text.strip(), marked=True)


def _is_new(letter: Letter, config: Config) -> bool:
    """Whether he wrote it to nobody but us, neither in answer to a letter nor to pass one on."""
    inside = all(bare(address) in ours(config) for address in letter.recipients if address)
    return inside and not letter.in_reply_to and letter.forwarded is None


def _of_client(read: Fields, letter: Letter, config: Config) -> Fields:
    """Without what the writer's own signature brought; the channel by the files, where the words do not tell."""
    if bare(read.address) in ours(config):
        read = replace(read, address="")
    if digits(read.phone) in our_numbers(config):
        read = replace(read, phone="")
    if read.channel is None and _has_audio(letter):
        return replace(read, channel=Channel.ANSWERPHONE)
    return read


def _forwarded(letter: Letter) -> Entry | None:
    """A note of the telephone exchange or the fax: its robot is nobody's client, who called stands in its words."""
    passed = letter.forwarded
    if passed is None:
        return None
    title, said = plain(passed.subject or letter.subject), plain(passed.text)
    # A client who writes of an answering machine is no note of one.
    voice = _VOICE.search(title) or (_has_audio(letter) and _VOICE.search(said))
    channel = Channel.ANSWERPHONE if voice else Channel.FAX if _FAX.search(title) else None
    phone = fields.phone_in(f"{passed.subject}\n{passed.text}")
    if channel is None or not (phone or _has_audio(letter)):
        return None
    what = "Голосовое сообщение" if channel is Channel.ANSWERPHONE else "Факс"
    topic = f"{what} с номера {phone}" if phone else what
    return Entry(Fields(channel=channel, phone=phone, when=passed.date, topic=topic), passed.text.strip(), marked=False)


def _has_audio(letter: Letter) -> bool:
    return any(
        file.type.startswith("audio/") or PurePosixPath(file.name.lower()).suffix.lstrip(".") in _AUDIO
        for file in letter.attachments
    )
