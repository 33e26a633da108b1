"""How Russian does a text look? By this the code page of bytes is told that nobody declared, or declared wrongly (C61).

Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

# Occurrences of each letter in a thousand of Russian text (a common published table, rounded).
_FREQUENCY = dict(
    zip(
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
        map(int, "110 85 80 74 67 63 55 47 45 44 35 32 30 28 26 20 19 17 17 16 16 14 12 10 9 7 6 5 4 3 3 1 1".split()),
        strict=True,
    )
) | dict.fromkeys("іїєґ", 20)
_COMMON_SIGNS = frozenset("«»—–…№„“”’°§ ±·")
_WORD = re.compile(r"[а-яёіїєґА-ЯЁІЇЄҐ]{2,}")
# Inside a word nobody changes from small to capital letters, nor from Latin to Russian.
_HUMP = re.compile(r"[а-яё][А-ЯЁ]|[A-Za-z][а-яё]|[а-яё][A-Za-z]")
# Pairs that make three quarters of Russian and Ukrainian words and a fifth of what a wrong code page makes of them.
_PAIRS = frozenset(
    "ст но ен то на ов ни ра во ко по ро ре пр не ал го ли ть ос ер ла ол ка ет та ле де ны ор ва ло ом ан од ит "
    "ес те ат ем от об ри ве ел ак за ам ви ог да ки ил ас мо ти ми тр ин им ед ик из ру со ча же зн ьн ск ше че "
    "ые ый ой ая их ым ах ям ши жи щи ща чт бы бо бе вы до ду ме му мы ма ну пе пи сл сп су ты тв уд уч ую хо ци "
    "ша юд яз пл ав ар ай ей ие ия ку ля нт он оп ош па пу рг рм ры рт ря св се си ся см сч ту ун ур ус ут чи шт "
    "эт яв ят як иб ив иц кв кт лу ль лю ня оч ож оз ок ох уг ук ум ух жд зв ез еб ег еж ек еп ех ящ бр бу бл вн "
    "вс вр гл гр га ге дн др дл ді ні ів ії рі ві пі мі ій бі ці лі із іт ін ує ає ює".split()
)
# Letters of Serbian and Macedonian, which stand in the Cyrillic code pages where others have Russian capitals.
_FOREIGN = re.compile("[ЂЃЉЊЋЏЅЈђѓљњћџѕјЌќ]")


def foreign(text: str) -> int:
    """How many letters the beginning of a text has that Russian, Ukrainian and Belarusian lack."""
    return len(_FOREIGN.findall(text[:2000]))


def likelihood(text: str) -> float:
    """How Russian the non-ASCII part of a text looks: about 0.5 to 1 for Russian, below 0.4 for a wrong code page."""
    count = Counter(text)
    high = {c: n for c, n in count.items() if c > "\x7f"}
    many = sum(high.values())
    if not many:
        return 0.0
    weight = sum(_weight(c) * n for c, n in high.items()) / many / 60
    words = _WORD.findall(text)
    humps = min(1.0, len(_HUMP.findall(text)) / len(words)) if words else 0.0
    letters = sum(n for c, n in count.items() if c.isalpha())
    # Western text has single accented letters among Latin ones; a code page of words has whole words.
    whole = sum(map(len, words)) / many
    share = many / max(1, letters)
    shape = 0.6 + 0.4 * min(1.0, 2 * _paired(words))
    odd = 0.1 if _FOREIGN.search(text) else 0.0
    return max(
        0.0, shape * min(1.0, weight) * min(1.0, whole * 1.2) - humps * 0.6 - (0.3 if share < 0.1 else 0.0) - odd
    )


def _paired(words: list[str]) -> float:
    """Which share of the pairs of letters in the words is common; half where there are too few to say."""
    joined = " ".join(words[:200]).lower()
    many = sum(len(word) - 1 for word in words[:200])
    # No common pair has a blank, so that those between two words need not be left out.
    return sum(map(_PAIRS.__contains__, map("".join, pairwise(joined)))) / many if many > 5 else 0.5


def _weight(character: str) -> int:
    return _FREQUENCY.get(character.lower(), 30 if character in _COMMON_SIGNS else -60)
