"""Does a domain look like another one without being it? Letters of another alphabet, digits, pairs of letters (C69)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache

# Cyrillic and Greek letters that look like Latin ones; accents are taken off before.
_LETTERS = str.maketrans("асеорхукмтвнзѕіјԁһԛԝгпьԍαβεηικνορτυχωɩɑɡ", "aceopxykmtbhesijdhqwrnbgabenikvoptuxwiag")
_DIGITS = str.maketrans("0135689l", "oiesbbgi")
# «cl» looks like «d»; every «l» is an «i» by then.
_PAIRS = (("rn", "m"), ("vv", "w"), ("ci", "d"))


def lookalike(domain: str, known: Iterable[str]) -> str:
    """The known domain that this one looks like, or an empty string; a domain of theirs is no look-alike.

    `domain` may be in A-labels. One that begins with theirs (`cleanmet.ru.example`, `cleanmet-ru.example`) is one.
    """
    low = domain.lower().rstrip(".")
    theirs = [own for own in known if "." in own]
    if any(low == own or low.endswith(f".{own}") for own in theirs):
        return ""
    seen = skeleton(low)
    return next((own for own in theirs if seen == skeleton(own) or _begins(seen, skeleton(own))), "")


def _begins(seen: str, own: str) -> bool:
    return seen.startswith((f"{own}.", f"{own}-", f"{own.replace('.', '-')}."))


@lru_cache(maxsize=1024)
def skeleton(domain: str) -> str:
    """The domain as the eye reads it; two of one skeleton are easily confused."""
    low = shown(domain)
    bare = "".join(c for c in unicodedata.normalize("NFKD", low) if not unicodedata.combining(c))
    plain = bare.translate(_LETTERS).translate(_DIGITS)
    for pair, letter in _PAIRS:
        plain = plain.replace(pair, letter)
    return plain


def shown(domain: str) -> str:
    """The domain as people are shown it: A-labels in their own alphabet (C66)."""
    low = domain.lower()
    # A label that is no valid A-label is left as it is written.
    with suppress(UnicodeError):
        low = low.encode("ascii").decode("idna")
    return low
