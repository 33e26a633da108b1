"""What stands on the outside of a letter for SMTP: who sends it, who gets it, and its bytes ready for the wire.

Pure. Promises: an address is written as it is or not at all, never mended into another one (C67); nothing in an
address can end a command and begin another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# RFC 5321, 4.5.3.1.3: a path is at most 256 octets; the brackets are ours.
_LONGEST_PATH = 254
_LONGEST_LINE = 998
# An unquoted bracket, blank or comma would be read as the end of the path; whoever quotes them gets no letter from us.
_PATH = re.compile(r'(?:[^\s@<>,;:"()\[\]\\]+|"[^"\\\s<>]+")@[^\s@<>,;:"()\\]+')


class BadAddress(Exception):
    """No letter can be sent to or from this address; the text names it."""


@dataclass(frozen=True)
class Envelope:
    """Addresses as they go over the wire: domains as A-labels; `sender` "" is the null path."""

    sender: str
    to: tuple[str, ...]

    @classmethod
    def of(cls, sender: str, to: Sequence[str]) -> Envelope:
        """Each recipient once, in the given order. Raises BadAddress."""
        return cls(_path(sender) if sender else "", tuple(dict.fromkeys(map(_path, to))))

    @property
    def international(self) -> tuple[str, ...]:
        """Addresses that only a server with SMTPUTF8 takes (RFC 6531, 3)."""
        return tuple(a for a in (self.sender, *self.to) if not a.isascii())


def _path(address: str) -> str:
    local, at, domain = address.rpartition("@")
    try:
        path = local + at + (domain if domain.isascii() else domain.encode("idna").decode("ascii"))
        fits = len(path.encode()) <= _LONGEST_PATH
    except UnicodeError:
        # A domain that no name server can hold, or half of a character.
        path, fits = address, False
    # Without isprintable() invisible characters would pass, as direction marks that a copied address brings along.
    if not fits or not path.isprintable() or not _PATH.fullmatch(path):
        shown = "".join(c if c.isprintable() else "?" for c in address[:100])
        raise BadAddress(f"{shown}: not an address that a letter can be sent to; correct it")
    return path


def literal(address: str) -> str:
    """An IP address as a server is named by it (RFC 5321, 4.1.3)."""
    bare = address.partition("%")[0]
    return f"[IPv6:{bare}]" if ":" in bare else f"[{bare}]"


def stuffed(raw: bytes) -> bytes:
    """The letter with a dot before each leading dot, and the final dot (RFC 5321, 4.5.2).

    Raises ValueError for line ends other than CRLF and for lines over 998 octets: servers cut or refuse them.
    """
    if not raw.count(b"\r\n") == raw.count(b"\r") == raw.count(b"\n"):
        raise ValueError("the letter has line ends that are not CRLF")
    if max(map(len, raw.split(b"\r\n"))) > _LONGEST_LINE:
        raise ValueError(f"the letter has a line of more than {_LONGEST_LINE} octets")
    end = b"" if raw.endswith(b"\r\n") else b"\r\n"
    dot = b"." if raw.startswith(b".") else b""
    return dot + raw.replace(b"\r\n.", b"\r\n..") + end + b".\r\n"
