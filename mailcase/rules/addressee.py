"""To whom a letter is written: «лично директору», «для Петровой Н. В.», a heading «Генеральному директору …» (A11).

The register records him; a copy goes to him only where he is meant in person. Every formal letter begins with the
director's title, and he reads two letters a day (users.md 1.4). Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mailcase.config import Config, Employee
from mailcase.mail.letter import Letter
from mailcase.rules.people import plain as bare
from mailcase.rules.surname import mentioned, plain

_TOP = 6
"""Lines in which somebody is addressed; a heading has a title, a firm and a name."""
_LONGEST = 90
"""Characters of such a line; what is longer is the letter itself."""
_PERSONALLY = re.compile(
    r"\b(лично( в руки)?|в собственные руки|вниманию|для|кому|attn|attention|personal(ly)?|private)\b"
    r"\W*(?P<whom>[^.!?\n]{3,60}(\.\s?[а-я]\.)*)"
)
_STARTS = re.compile(rf"\W*{_PERSONALLY.pattern[2:]}")
_IN_PERSON = re.compile(r"\b(лично|в собственные руки|personally)\b")
_HEAD = re.compile(
    r"\b((генеральн|исполнительн)\w+ )?директору\b|\bруководителю( (организации|лаборатории|предприятия))?\b"
    r"|\b(начальнику|заведующ(ему|ей)) (испытательн\w+ )?лаборатори\w+|\b(general |managing )?director\b|\bceo\b"
    r"|\bhead of (the )?laboratory\b"
)
_OF_HEAD = re.compile(r"(генерального |исполнительного )?директора( лаборатории)?\W*")
_HANDED = re.compile(r"\bдиректору\W{1,3}(лично|в собственные руки)\b|\b(лично|в собственные руки)\W{1,3}директору\b")
_DEPUTY = re.compile(r"\b(заместител\w+|зам\.?|помощник\w*|deputy)\b[^,\n]{0,20}$")
_GREETING = re.compile(r"^\W*(уважаем\w+|добр\w+ \w+|здравствуйте|dear|hello)\b|[!,]\s*(добр\w+ \w+|здравствуйте)\W*$")


@dataclass(frozen=True, slots=True)
class Addressee:
    """Login of the official; `personally` where the letter means him and not his office."""

    login: str
    personally: bool


def addressee(letter: Letter, config: Config) -> Addressee | None:
    """Whom the subject, the first lines or the name in To address; None where they name nobody or several."""
    lines = _top(letter.reply or letter.text)
    for line, pattern in ((letter.subject, _PERSONALLY), *((line, _STARTS) for line in lines)):
        found = pattern.search(plain(line)) if pattern is _PERSONALLY else pattern.match(plain(line))
        person = _addressed(found, config) if found else None
        if person is not None:
            return Addressee(person.login, personally=True)
    person = _handed(" ".join(lines), config)
    if person is not None:
        return Addressee(person.login, personally=True)
    shown = [a.name for a in letter.to if a.name and bare(a.addr) in config.own_addresses]
    person = meant(" ".join(shown), config, titles=False)
    if person is not None:
        return Addressee(person.login, personally=True)
    return _heading(lines, config)


def _addressed(found: re.Match[str], config: Config) -> Employee | None:
    """Who stands after such a word; «лично Сидоров обещал» is written about him and not to him."""
    whom = found["whom"]
    if found[1] == "для" and re.search(r"\w", found.string[: found.start()]):
        return None  # «прибор для Петровой» is nobody's address
    if _OF_HEAD.fullmatch(whom):
        return config.person(config.lab.head)
    person = meant(whom, config)
    about = person is not None and not found[1].isascii() and re.search(rf"\b{_surname(person)}\b", whom)
    return None if about else person


def _handed(text: str, config: Config) -> Employee | None:
    """«Прошу передать директору лично»."""
    found = _HANDED.search(plain(text))
    return config.person(config.lab.head) if found and not _DEPUTY.search(plain(text)[: found.start()]) else None


def _heading(lines: tuple[str, ...], config: Config) -> Addressee | None:
    """The lines above the greeting, or a greeting by name and patronymic."""
    for line in lines:
        low = plain(line)
        greeted = _GREETING.search(low) is not None
        person = _by_patronymic(low, config) if greeted else _titled(line, config)
        if person is not None:
            return Addressee(person.login, personally=bool(_IN_PERSON.search(low)))
        if greeted:
            return None
    return None


def _titled(line: str, config: Config) -> Employee | None:
    """Who a line of a heading is written to: nothing but a title, a firm and a name stands in it."""
    low = plain(line)
    by_title = _by_title(low, config)
    by_name = _one(e for e in config.employee if re.match(rf"\W*{_initials(e)}\W*$", low) and mentioned(low, e.name))
    if by_title is None:
        return by_name
    return (
        _one(e for e in config.employee if mentioned(low, e.name)) or by_title if _starts_titled(low, config) else None
    )


def meant(words: str, config: Config, *, titles: bool = True) -> Employee | None:
    """The one employee whom a name or a title («директору», «менеджеру по качеству») means."""
    low = plain(words)
    named = [e for e in config.employee if mentioned(low, e.name)]
    if named:
        return named[0] if len(named) == 1 else None
    return _by_patronymic(low, config) or (_by_title(low, config) if titles else None)


def _by_title(low: str, config: Config) -> Employee | None:
    found = _HEAD.search(low)
    if found and not _DEPUTY.search(low[: found.start()]):
        return config.person(config.lab.head)
    return _one(e for e in config.employee if e.login != config.lab.head and re.search(_position(e), low))


def _starts_titled(low: str, config: Config) -> bool:
    head = _HEAD.match(low.lstrip(" \t«\"'*_"))
    return head is not None or any(re.match(rf"\W*{_position(e)}", low) for e in config.employee)


def _position(person: Employee) -> str:
    """«менеджеру по качеству» for «менеджер по качеству»: the endings are left open."""
    words = re.findall(r"\w+", plain(person.position))
    stems = [rf"{re.escape(w[:-2] if len(w) > 4 else w)}\w{{0,3}}" for w in words]
    first = re.escape(words[0][:-1] if words[0][-1:] in "аьйя" else words[0])
    return rf"\b{first}(?:у|ю|е|ому|ему|ой)\b" + "".join(rf"\W+{stem}" for stem in stems[1:])


def _by_patronymic(low: str, config: Config) -> Employee | None:
    return _one(e for e in config.employee if _full(e) and re.search(rf"\b{_full(e)}\b", low))


def _full(person: Employee) -> str:
    """«дмитрий сергеевич»; empty where the card has no patronymic."""
    given = plain(person.name).split()[1:3]
    return r"\s+".join(map(re.escape, given)) if len(given) == 2 else ""


def _surname(person: Employee) -> str:
    return re.escape(plain(person.name).split()[0])


def _initials(person: Employee) -> str:
    """A surname in any case with initials before or after it, or with the name written out."""
    surname = re.escape(plain(person.name).split()[0][:3])
    return rf"(?:\w\.\s?\w?\.?\s*)?{surname}\w*(?:\s+\w+){{0,2}}(?:\s*\w\.\s?(?:\w\.)?)?"


def _one(people: Iterable[Employee]) -> Employee | None:
    found = tuple(people)
    return found[0] if len(found) == 1 else None


def _top(text: str) -> tuple[str, ...]:
    filled = [line.strip() for line in text.splitlines() if line.strip()][:_TOP]
    return tuple(line for line in filled if len(line) <= _LONGEST)
