"""Is this letter nothing but «спасибо, получили»? Then it is filed without a word to anybody (users.md 2)."""

from __future__ import annotations

import re

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.decision import Judgement
from mailcase.rules.surname import plain
from mailcase.words import Register

_LONGEST = 25
"""Words; a longer letter has something to say."""

_CORE = re.compile(r"спасибо|благодар\w+|признательн\w+|получ(ил|ен)\w*|принят[оаы]|принял\w*|thanks?|thx|received")
_POLITE = re.compile(
    r"спасибо|благодар\w+|признательн\w+|получ(ил|ен)\w*|принят[оаы]|принял\w*|ознакомил\w*|подтвержда\w+|получени\w+"
    r"|огромн\w+|больш\w+|искренн\w+|очень|вам|вас|ваш\w*|все|всем|за|и|с|в|на|от|мы|я|что|так|уже|нам|по"
    r"|ответ\w*|информаци\w+|письм\w+|документ\w*|помощь|работу|сотрудничество|оперативн\w+|быстр\w+|подробн\w+"
    r"|разъяснени\w+|консультаци\w+|счет\w*|протокол\w*|свидетельств\w*|кп|договор\w*|файл\w*|материал\w*|внимание"
    r"|ок|окей|хорошо|отлично|понятно|ясно|понял\w*|учтем|договорились|супер|здорово"
    r"|добрый|доброе|день|утро|вечер|здравствуйте|хорош\w+|удачн\w+|дня|вечера|выходных|всего|доброго|наилучшего"
    r"|thanks?|thx|thank|you|received|got|it|very|much|for|your|the|reply|answer|letter|quick|help|well|noted|ok|all|a"
)
# Of these a model's doubt means nothing: irony needs more words («спасибо за оперативность»).
_BARE = re.compile(
    r"спасибо|благодар\w+|получ(ил|ен)\w*|принят[оаы]|принял\w*|вам|вас|все|мы|я|уже|добрый|доброе|день|утро|вечер"
    r"|здравствуйте|письм\w+|документ\w*|счет\w*|протокол\w*|кп|договор\w*|thanks?|thank|you|received|we|have|it"
)
_CLOSING = re.compile(
    r"^\s*(--\s*$|с уважением|с наилучшими|best regards|kind regards|regards|отправлено из)", re.M | re.I
)


def only_thanks(letter: Letter, judgement: Judgement, config: Config) -> bool:
    """True where every word is one of thanks, receipt or politeness: no question, no file, no shade of complaint.

    A mere doubt counts where more is said than that something came.
    """
    if judgement.register is Register.COMPLAINT:
        return False
    if any(not file.inline for file in letter.attachments):
        return False
    body = _own_words(letter)
    if not body or "?" in body or not _CORE.search(body):
        return False
    words = re.findall(r"[^\W\d_]+|\d+", body)
    names = {part for person in config.employee for part in plain(person.name).split()}
    doubt = any(r.rule == "classify.doubt" for r in judgement.reasons)
    known = _BARE if doubt else _POLITE
    return len(words) <= _LONGEST and all(w in names or known.fullmatch(w) for w in words)


def _own_words(letter: Letter) -> str:
    text = letter.reply or letter.text
    text = text.rstrip().removesuffix(letter.signature.strip() or "\0")
    closing = _CLOSING.search(text)
    text = text[: closing.start()] if closing else text
    return plain("\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))).strip()
