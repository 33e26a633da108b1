"""How surely a letter finds its case by the pure thread rule: pairs of real letters, and what programs do to a tag.

The first part reads the collection that `corpus` reads; the second needs nothing. "The same case" counts a link as a
third party, since the writers of the real pairs are members of a list; who is admitted is counted on its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mailcase.mail.letter import Letter, parse
from mailcase.rules import tag
from mailcase.rules.decision import Judgement
from mailcase.rules.facts import CaseFact, Facts, ThreadHit
from mailcase.rules.thread import Place, names, place
from mailcase.words import Kind, Register, Status
from tests.letters import MONDAY, config, facts, raw
from tests.mangling import ANSWERS, FOREIGN, FRAMES, ID, MANGLES, NO_ANSWERS, SECRET, TAG

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
FOUND = tag.Found(2026, 412)
_CASE, _NUMBER = 7, 412


class Trial(NamedTuple):
    """One letter put to the rule: did it find the case (`same`, as wanted), and was a stranger admitted?"""

    name: str
    right: bool
    admitted: bool


def trials() -> Iterator[Trial]:
    """Everything of this module, for the row of the table: the share of `right`, and how many were `admitted`."""
    for part in (pairs, tagged_pairs, mangled, answers):
        yield from part()


def pairs() -> Iterator[Trial]:
    """Each pair of the collection: the letter, and the one that opened a case."""
    with (CORPUS / "threading" / "INDEX.jsonl").open(encoding="utf-8") as index:
        for pair in map(json.loads, index):
            letter, opener = (parse((CORPUS / f).read_bytes()) for f in (pair["file"], pair["expect"]["other"]))
            yield _trial(pair["id"], letter, opener, wanted=pair["expect"]["same_case"])


def tagged_pairs() -> Iterator[Trial]:
    """The same letters with their ids lost: only a tag in a mangled subject is left, or a foreign mark."""
    mangles = list(MANGLES.items())
    with (CORPUS / "threading" / "INDEX.jsonl").open(encoding="utf-8") as index:
        for n, pair in enumerate(map(json.loads, index)):
            letter, opener = (parse((CORPUS / f).read_bytes()) for f in (pair["file"], pair["expect"]["other"]))
            name, mangle = mangles[n % len(mangles)]
            bare = replace(letter, message_id="<lost@example.org>", in_reply_to=(), references=(), headers=())
            subject = mangle(TAG) if pair["expect"]["same_case"] else FOREIGN[n % len(FOREIGN)]
            bare = replace(bare, subject=parse(headed(subject)).subject)
            yield _trial(f"{name}:{pair['id']}", bare, opener, wanted=pair["expect"]["same_case"])


def answers() -> Iterator[Trial]:
    """Every way in which the ids of an answer come back, and headers that name no id of ours."""
    opener = parse(raw(message_id=ID))
    for name, headers in ANSWERS.items():
        letter = replace(parse(_answering(headers)), senders=opener.senders)
        yield _trial(f"answer:{name}", letter, opener, wanted=True)
    for name, headers in NO_ANSWERS.items():
        letter = replace(parse(_answering(headers)), senders=opener.senders)
        yield _trial(f"no answer:{name}", letter, opener, wanted=False)


def _answering(headers: str) -> bytes:
    return headers.replace("\n", "\r\n").encode() + b"\r\n" + headed("Re: KM")


def mangled() -> Iterator[Trial]:
    """Every way in which a subject comes back, from the client himself and from a stranger; and every foreign mark."""
    opener = parse(raw())
    for name, mangle in MANGLES.items():
        for around, frame in FRAMES.items():
            subject = headed(frame.format(mangle(TAG)))
            for who in ("client", "stranger"):
                letter = parse(subject)
                sender = opener.senders if who == "client" else letter.senders
                yield _trial(f"{who}:{name}:{around}", replace(letter, senders=sender), opener, wanted=True)
    for subject in FOREIGN:
        letter = replace(parse(headed(subject)), senders=opener.senders)
        yield _trial(f"foreign:{subject}", letter, opener, wanted=False)


def _trial(name: str, letter: Letter, opener: Letter, *, wanted: bool) -> Trial:
    found = place(letter, known(letter, opener), config(), Judgement(Kind.REQUEST, 0.9), "")
    stranger = letter.sender.addr.lower() != opener.sender.addr.lower()
    return Trial(name, _case(found) == (_CASE if wanted else None), stranger and found.follow_up is not None)


def _case(found: Place) -> int | None:
    if found.follow_up is not None:
        return found.follow_up.case_id
    return found.link.case_id if found.link is not None else None


def known(letter: Letter, opener: Letter) -> Facts:
    """What the database would know of `letter`, were the case of `opener` its only one."""
    ids = set(names(opener))
    thread = tuple(ThreadHit(i, _CASE, None, "", None) for i in names(letter) if i in ids)
    tagged = tag.find(letter.subject, "KM", SECRET) == FOUND
    case = CaseFact(
        id=_CASE,
        number=_NUMBER,
        tag=TAG,
        register=Register.INQUIRY,
        kind=Kind.REQUEST,
        status=Status.OPEN,
        subject=opener.subject,
        assignee="petrova",
        parties=frozenset({opener.sender.addr}),
        closed_at=None,
    )
    return facts(received_at=MONDAY, thread=thread, cases=(case,), tag_case_id=_CASE if tagged else None)


def headed(subject: str) -> bytes:
    """A stranger's letter with exactly this subject header; lines of the value are kept as its folding."""
    top = "From: X <x@stranger.example.net>\r\nTo: lab@cleanmet.ru\r\nMessage-ID: <s@stranger.example.net>\r\n"
    return f"{top}Subject: {subject}\r\n\r\nДобрый день!\r\n".encode()
