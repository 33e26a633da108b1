"""What of a letter is judged, and what is learned where an employee corrects the verdict."""

from __future__ import annotations

from collections.abc import Iterator

from mailcase.mail.letter import Letter

_COVERING = 200
"""Characters below which a text is a covering line, and what is enclosed says what the letter is."""
_DOCUMENTS = frozenset({"pdf", "doc", "docx", "odt", "rtf", "xls", "xlsx", "ods"})


def judged_words(letter: Letter) -> tuple[str, str, str]:
    """Of a letter what is judged, and what is learned where an employee corrects it: sender, subject, new words."""
    name = f"{letter.sender.name} <{letter.sender.addr}>"
    text = letter.reply or letter.text
    if letter.forwarded is not None and letter.forwarded.text not in text:
        text = f"{text}\n\n---------- Forwarded message ----------\n{letter.forwarded.text}"
    if len(text) < _COVERING:
        text = "\n".join((*_enclosed(letter), text))
    return name, letter.subject, text


def _enclosed(letter: Letter) -> Iterator[str]:
    """The names of enclosed documents, which say more than «во вложении»; a picture's or a program's says nothing."""
    for part in letter.attachments:
        stem, dot, ending = part.name.rpartition(".")
        if dot and ending.lower() in _DOCUMENTS:
            yield stem.replace("_", " ")
