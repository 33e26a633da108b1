"""What a mail server's reply means for a letter: taken, later, never, or "the server is of no use now".

Pure. Promises: every reply code has exactly one meaning (RFC 5321, 4.2.1); the server's own words, with the enhanced
code, are kept on one bounded line.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailcase import config

# Replies that say nothing of the letter: going away, out of step, not logged in, not encrypted (RFC 4954, 6).
_NOT_THE_LETTER = frozenset({421, 503, 530, 534, 535, 538})


@dataclass(frozen=True)
class Accepted:
    """The server has taken the letter for every recipient."""

    reply: str


@dataclass(frozen=True)
class Deferred:
    """Try again later: `code` 4xx, or `connection`: the server could not be used, nothing is wrong with this letter.

    `unknown`: the letter was on its way, and nobody can say whether the server has taken it.
    """

    why: str
    code: int = 0
    connection: bool = False
    unknown: bool = False


@dataclass(frozen=True)
class Refused:
    """This letter never leaves as it is: `code` 5xx, or 0 where we would not even ask the server."""

    why: str
    code: int


SendResult = Accepted | Deferred | Refused


@dataclass(frozen=True)
class Reply:
    """One reply; `code` is -1 where the server said something that is no SMTP."""

    code: int
    text: str

    @classmethod
    def of(cls, code: int, text: bytes | str) -> Reply:
        """A reply as smtplib gives it."""
        said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        # It ends in the database, a log and letters: one line, bounded, no control characters.
        shown = "".join(c if c.isprintable() else " " for c in said)
        return cls(code, " ".join(shown.split())[:500])

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip()


class Unusable(Exception):
    """The server cannot be used: `key` is the setting of [smtp] to look at first, `remedy` what to do about it."""

    def __init__(self, key: str, why: str, remedy: str, code: int = 0, *, unknown: bool = False) -> None:
        super().__init__(why)
        self.key, self.why, self.remedy, self.code, self.unknown = key, why, remedy, max(code, 0), unknown


def judge(reply: Reply, what: str, where: str) -> Deferred | Refused | None:
    """What a reply to MAIL, RCPT, DATA or the letter (`what`) of the server `where` means; None is "go on".

    Raises Unusable for a reply that is not about the letter.
    """
    if reply.code // 100 == 2:
        return None
    if reply.code in _NOT_THE_LETTER or reply.code // 100 not in (4, 5):
        why = f"{where} cannot be used now: {reply} (to {what})"
        raise Unusable("host", why, "check smtp.host, smtp.user and what the provider says", reply.code)
    why = f"{what}: {reply}"
    return Deferred(why, reply.code) if reply.code < 500 else Refused(why, reply.code)


def sender_problem(sender: str, why: str, settings: config.Smtp) -> str:
    """The sentence for an envelope sender that the server does not take: key, value and remedy."""
    if not sender:
        return f'smtp.auto_envelope = "<>": {why}; set "bounce+{{token}}@" with a domain of yours'
    start, token, end = settings.auto_envelope.partition("{token}")
    automatic = sender.startswith(start) and sender.endswith(end)
    key = f'smtp.auto_envelope = "{start}{token}{end}"' if automatic else f'lab.address = "{sender}"'
    return f"{key}: {why}; use an address that {settings.user or 'we'} may send from"
