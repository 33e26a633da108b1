"""Takes the armour off a text signed with PGP inside its words (RFC 9580, 7), and knows an encrypted one.

Pure. No signature is checked.
"""

from __future__ import annotations

import re

ENCRYPTED = "encrypted (PGP): only the owner of the key can read it"
_MARK = "-----BEGIN PGP "
_SIGNED, _SIGNATURE, _END = (
    f"{_MARK}SIGNED MESSAGE-----\n",
    f"\n{_MARK}SIGNATURE-----\n",
    "-----END PGP SIGNATURE-----",
)
_FIELDS = re.compile(r"(?:[A-Za-z]+:[^\n]*\n)*\n")
_DASHES = re.compile(r"^- ", re.MULTILINE)
_MAX_MESSAGES = 10


def is_encrypted(text: str) -> bool:
    """Whether the words, or the first of them, are a message that only its reader's key opens."""
    return text.lstrip().startswith(_MARK + "MESSAGE-----")


def bare(text: str) -> str:
    """The words without the lines of a signature around them, dashes unescaped."""
    for _ in range(_MAX_MESSAGES):
        begin = text.find(_SIGNED)
        middle = text.find(_SIGNATURE, begin) if begin >= 0 else -1
        end = text.find(_END, middle) if middle >= 0 else -1
        fields = _FIELDS.match(text, begin + len(_SIGNED)) if end >= 0 else None
        if fields is None or fields.end() > middle + 1:
            break
        words = _DASHES.sub("", text[fields.end() : middle + 1])
        text = text[:begin] + words + text[end + len(_END) :]
    return text
