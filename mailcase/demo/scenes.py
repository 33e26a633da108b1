"""The story of the demo, in order: who writes what, and what must become of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mailcase.demo import letters, people
from mailcase.demo.mime_forms import Stamp
from mailcase.demo.people import Client
from mailcase.words import Outcome

CASE = frozenset({Outcome.NEW_CASE})
ADDED = frozenset({Outcome.FOLLOW_UP})
NOTHING = frozenset({Outcome.DROP, Outcome.FOLLOW_UP})
"""For a robot's answer to us: filed with its case or listed in the ledger, and nobody is written to."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One letter of the story. `becomes` holds the outcomes that are right; `answered`: its writer gets one
    acknowledgement; `shown`: what goes out because of it is printed whole."""

    name: str
    title: str
    writer: Client
    becomes: frozenset[Outcome]
    answered: bool = False
    shown: bool = False


@dataclass(frozen=True, slots=True)
class First:
    """A scene whose letter answers no other."""

    scene: Scene
    write: Callable[[Stamp], bytes]


def _case(name: str, title: str, writer: Client, *, shown: bool = False) -> Scene:
    return Scene(name, title, writer, CASE, answered=True, shown=shown)


FIRST = (
    First(
        _case("request", "An order with two files (Thunderbird, utf-8 in base64)", people.ANNA, shown=True),
        letters.request,
    ),
    First(_case("question", "A question (mutt, koi8-r in quoted-printable)", people.GUSEV), letters.question),
    First(
        _case("change", "A change of an order (The Bat!, windows-1251 in eight bits)", people.ZAYTSEVA), letters.change
    ),
    First(_case("html", "An order without plain text (Outlook, HTML only)", people.LEBEDEV), letters.html_only),
    First(
        _case("complaint", "A complaint that never says the word", people.KRYLOVA, shown=True),
        letters.complaint,
    ),
    First(_case("english", "A letter in English", people.CARTER, shown=True), letters.english),
    First(_case("unreachable", "A request from an address that takes no mail", people.BELOV), letters.unreachable),
    First(
        Scene("newsletter", "A newsletter (List-Unsubscribe)", people.NEWSLETTER, frozenset({Outcome.DROP})),
        letters.newsletter,
    ),
    First(
        Scene(
            "e_document", "A robot's letter that wants something done", people.E_DOCUMENTS, frozenset({Outcome.NOTICE})
        ),
        letters.e_document,
    ),
)

BOUNCE = Scene("bounce", "The acknowledgement to that address comes back", Client("", ""), frozenset({Outcome.BOUNCE}))
OUT_OF_OFFICE = Scene("out_of_office", "An absence note answers our acknowledgement", people.GUSEV, NOTHING)
ADDITION = Scene("addition", "The client answers the acknowledgement, from a phone", people.ANNA, ADDED)
ANSWER = Scene(
    "answer",
    "The employee replies (here two seconds to undo it, which his notice rounds up to a minute; in life ten)",
    Client("Петрова Наталья", people.PETROVA),
    frozenset({Outcome.COMMAND}),
    shown=True,
)
THANKS = Scene("thanks", "The client says thank you", people.ANNA, ADDED)
