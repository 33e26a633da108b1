"""Takes the armour off a text signed with PGP inside its words (RFC 9580, 7), and knows an encrypted one.

Pure. No signature is checked.
"""

from __future__ import annotations

import re

ENCRYPTED = "encrypted (PGP): only the owner of the key can read it"
_MARK = "-----BEGIN PGP "
_SIGNED = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z]+:[^\n]*\n)*\n(.*?)"
    r"^-----BEGIN PGP SIGNATURE-----\n.*?^-----END PGP SIGNATURE-----[ \t]*$",
    re.MULTILINE | re.DOTALL,
)


def is_encrypted(text: str) -> bool:
    """Whether the words, or the first of them, are a message that only its reader's key opens."""
    return text.lstrip().startswith(_MARK + "MESSAGE-----")


def bare(text: str) -> str:
    """The words without the lines of a signature around them, dashes unescaped."""
    if _MARK not in text:
        return text
    return _SIGNED.sub(lambda found: re.sub(r"(?m)^- ", "", found[1]), text, count=10)
