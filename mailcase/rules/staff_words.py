"""What an employee's words sound like: an answer to a client, a word to a colleague, or nothing at all.

The costly error is a colleague's word that reaches a client (users.md 1.1), so every sign counts and none is weighed;
an employee who is asked once too often answers with one word. Pure.
"""

from __future__ import annotations

import re

from mailcase.config import Config, Employee
from mailcase.mail.letter import Letter
from mailcase.rules import tag
from mailcase.rules.surname import called, plain

_YES = frozenset("да yes подтверждаю верно согласен согласна".split())
_CLIENT = frozenset(("клиенту", "client", "отправить клиенту", "отправь клиенту", "отправьте клиенту"))
_STOP = frozenset(("стоп", "stop", "отмена", "отменить", "cancel", "не отправлять"))
# To a question these mean «стоп»; elsewhere a client may be told so.
_NO = frozenset(("нет", "no", "не надо"))
_REVIEW = frozenset(("анализ", "анализ проведен", "анализ заявки", "анализ заявки проведен", "review", "reviewed"))
_AGREED = frozenset(("согласовано", "согласован", "согласована", "подтверждено", "agreed"))
_ENOUGH = frozenset(("достаточно", "этого достаточно", "справки достаточно", "enough"))
# To an answer that a client asks about these would be one: only a notice that offers the word is answered by it.
_MEANINGS = {
    "confirm": _YES,
    "client": _CLIENT,
    "stop": _STOP,
    "no": _NO,
    "review": _REVIEW,
    "agreed": _AGREED,
}
_PLEASE = re.compile(r"\b(пожалуйста|спасибо|please|thanks)\b")

# Nobody writes these to a client; the polite plural is left out where clients are asked so too («передайте акт»).
_TO_COLLEAGUE = re.compile(
    r"\b(это\s+)?не\s+(мое|моя|мой|ко\s+мне|к\s+нам|по\s+нашей\s+части|наша\s+тема)(?!\w)"
    r"|\b(отдай|передай|перешли|перекинь|переадресуй|переназначь|назначь|закрой|поручи|глянь|посмотри|разберись|скинь"
    r"|ответь|возьми|забери|сделай|позвони|перезвони|подготовь|проверь|узнай|спроси|напиши|скажи|напомни)(?!\w)"
    r"|\b(отдайте|переназначьте|назначьте|закройте|переадресуйте)(?!\w)"
    r"|\bпусть\s+(он|она|они|этим|займ\w+|ответ\w+|посмотр\w+|\w+\s+(займ|ответ|посмотр|дела)\w+)"
    r"|\b(кто\s+(возьмет|ответит|займется)|кому\s+отдать)"
    r"|^\W*(привет|коллеги\W+(кто|надо|нужно|это))(?!\w)"
    r"|\b(ты|тебе|тебя|тобой|твой|твоя|твое|твои|твоего|твоей|твоим)(?!\w)"
    r"|\b(этот|этого|этому|этим)\s+клиент"
    r"|\b(not\s+mine|assign\s+(it\s+)?to|pass\s+(it\s+|this\s+)?(on\s+)?to|can\s+you\s+take\s+(it|this))\b",
    re.MULTILINE,
)
GREETING = re.compile(
    r"^\W*(добр\w+\s+(день|утро|вечер|времени\s+суток)|здравствуйте|уважаем\w+[^\n!,]*|hello|dear[^\n,!]*|hi)\b\W*"
)
_CLOSING = re.compile(
    r"^\s*(--\s*$|с\s+(уважением|наилучшими)|best\s+regards|kind\s+regards|regards|отправлено\s+(из|с)\b|sent\s+from)",
    re.MULTILINE | re.IGNORECASE,
)
_OPENING_LINES = 3
_SURVIVES = 25
"""A shorter line of a notice may be repeated by chance."""


def own(text: str) -> str:
    """The text without quoted lines."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">")).strip()


def one_word(letter: Letter, writer: Employee) -> str:
    """`confirm`, `client`, `stop`, `no`, `review` or `agreed` where nothing else is said; empty otherwise."""
    return _word(_said(letter, writer))


def stops(letter: Letter, writer: Employee, prefix: str) -> bool:
    """Whether «стоп» is all that is said: in the text or, where it says nothing, beside the number in the subject."""
    said = _said(letter, writer) or plain(_subject(letter, prefix)).lstrip("!")
    return _word(said) == "stop"


def _subject(letter: Letter, prefix: str) -> str:
    """His words beside the number; before it he wrote them only where the subject is that of no earlier letter."""
    after = tag.after(letter.subject, prefix).strip()
    return after if after or letter.in_reply_to else tag.strip(letter.subject, prefix)


def enough(letter: Letter, writer: Employee) -> bool:
    """Whether nothing is said but «достаточно»."""
    return _bare(_said(letter, writer)) in _ENOUGH


def _said(letter: Letter, writer: Employee) -> str:
    """All that is said, in plain letters: greeting, closing, signature and the writer's own name say nothing."""
    text = GREETING.sub("", plain(own(unsigned(letter.reply.strip().lstrip("!"), letter.signature))))
    name = plain(writer.name).split()
    name += [part[0] for part in name]
    lines = [line for line in text.splitlines() if not set(re.findall(r"\w+", line)) <= set(name)]
    return " ".join(lines)


def first_word(text: str) -> str:
    """As `one_word`, of the first line alone, whatever stands below it."""
    return _word(plain(next((line for line in own(text).splitlines() if line.strip()), "")))


def _word(text: str) -> str:
    said = _bare(text)
    return next((meaning for meaning, words in _MEANINGS.items() if said in words), "")


def _bare(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", _PLEASE.sub(" ", text)).split())


def to_colleague(text: str, config: Config, writer: Employee) -> str:
    """The line that seems meant for a colleague, as written; empty where none does."""
    lines = [line.strip() for line in own(unsigned(text)).splitlines() if line.strip()]
    for line in lines:
        if _TO_COLLEAGUE.search(plain(line)):
            return line
    others = [e.name for e in config.employee if e.login != writer.login]
    return next((line for line in lines[:_OPENING_LINES] if any(called(line, name) for name in others)), "")


def colleague(text: str, config: Config, writer: Employee) -> Employee | None:
    """The one colleague whom the words name; None where they name nobody or several."""
    others = [e for e in config.employee if e.login != writer.login and called(text, e.name)]
    return others[0] if len(others) == 1 else None


def says_nothing(letter: Letter, text: str) -> bool:
    """Fewer than three words beside greeting and signature, and no file: no answer to a client (A38)."""
    if any(not file.inline for file in letter.attachments):
        return False
    words = re.findall(r"\w+", GREETING.sub("", plain(unsigned(own(text), letter.signature))))
    return len(words) < 3


def survivor(text: str, notice: str, writer: Employee) -> str:
    """A line of our own notice that stands in the new words: quotation that was not cut off (architecture 10)."""
    written = _squeezed(text)
    lines = (line for line in notice.splitlines() if writer.name not in line and writer.phone not in line)
    return next((s for s in map(_squeezed, lines) if len(s) > _SURVIVES and s in written), "")


def _squeezed(text: str) -> str:
    """Letters and digits only: clients re-wrap, indent and restyle what they quote."""
    return " ".join(re.findall(r"\w+", plain(text)))


def unsigned(text: str, signature: str = "") -> str:
    """The text without its closing and what follows, and without that signature at its end."""
    text = text.rstrip().removesuffix(signature.strip() or "\0").rstrip()
    closing = _CLOSING.search(text)
    return text[: closing.start()] if closing else text
