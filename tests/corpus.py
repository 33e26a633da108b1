"""How well real mail is read: `make corpus` prints the table, `test_corpus` holds its floors.

The collection of letters is not part of the project and is looked for beside it, in `../shared/corpus`; its README
says what each measure means. `python -m tests.corpus --failed` names the letters behind each figure.
"""

from __future__ import annotations

import argparse
import email
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mailcase.explain import Explained, automatic, explain, wrapped
from mailcase.mail.disk import OnDisk
from mailcase.mail.letter import Letter, parse
from tests import threads
from tests.letters import MONDAY

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
Case = dict[str, Any]
_SIGNATURES = ("--", "—", "С уважением", "Best regards", "Sent from", "Отправлено", "___")
_ORDINARY = 50_000  # bytes; what is longer has files


@dataclass(slots=True)
class Figure:
    """One cell of the table: the share of cases that came out right (or wrong, where `at_most` is set)."""

    dimension: str
    measure: str
    best: float | None
    """What the best published package reached on the same letters; None where none does it."""
    reach: float
    at_most: bool = False
    right: int = 0
    of: int = 0
    failed: list[str] = field(default_factory=list)

    @property
    def value(self) -> float:
        """The share of hits; 1 where there was nothing to count."""
        return self.right / self.of if self.of else 1.0

    @property
    def reached(self) -> bool:
        """Whether the issue's target is met."""
        return self.value <= self.reach if self.at_most else self.value >= self.reach

    def count(self, case: Case, hit: bool) -> None:
        """Take one case in; what spoils the figure is noted by its id."""
        self.right += hit
        self.of += 1
        if hit is self.at_most:
            self.failed.append(case["id"])


def cases(dimension: str) -> Iterator[Case]:
    """The cases of one dimension, in the order of its index."""
    with (CORPUS / dimension / "INDEX.jsonl").open(encoding="utf-8") as index:
        yield from map(json.loads, index)


def raw_of(case: Case) -> bytes:
    """The letter of a case; a bare body gets the header that `explain --kind` gives it, and its subject if known."""
    data = (CORPUS / case["file"]).read_bytes()
    if case["kind"] == "eml":
        return data
    subject = "".join(case["expect"].get("outer_subject", "").splitlines())
    return f"Subject: {subject}\n".encode() + wrapped(data, case["kind"])


def letter_of(case: Case) -> Letter:
    """The letter of a case, read."""
    return parse(raw_of(case))


def flat(text: str) -> str:
    """White space collapsed, by which the collection compares."""
    return " ".join(text.split())


def wordy(text: str) -> str:
    """The text up to a signature, which may stay or go."""
    lines = text.strip().split("\n")
    cut = next((n for n, line in enumerate(lines) if n and line.strip().startswith(_SIGNATURES)), len(lines))
    return flat("\n".join(lines[:cut]))


def robust() -> list[Figure]:
    """Each letter gives a Letter within two seconds of processor time."""
    figure = Figure("robust", "registered, no crash, at most 2 s", 0.9997, 1.0)
    for case in cases("robust"):
        raw, start = raw_of(case), time.process_time()
        answer = explain(OnDisk(case["file"], raw, MONDAY), None)
        figure.count(case, isinstance(answer, Explained) and time.process_time() - start < 2)
    return [figure]


def parsing() -> list[Figure]:
    """All fields right: letters of real programs, and Russian ones that break the standard (`wild`)."""
    real = Figure("parse", "all fields, real letters", 0.937, 0.98)
    wild = Figure("parse", "all fields, Russian non-standard", 0.44, 0.95)
    for case in cases("parse"):
        (wild if "wild" in case["tags"] else real).count(case, as_expected(letter_of(case), case["expect"]))
    return [real, wild]


def as_expected(letter: Letter, expect: dict[str, Any]) -> bool:
    """Whether every field that is known came out so."""
    text, names = flat(letter.text), [a.name for a in letter.attachments]
    words = expect.get("body_words", [])
    return all(
        (
            "subject" not in expect or _said(expect["subject"], letter.subject, whole=True),
            "from_addr" not in expect or letter.sender.addr.lower() == expect["from_addr"].lower(),
            "from_name" not in expect or flat(letter.sender.name) == flat(expect["from_name"]),
            all(_said(part, text) for part in expect.get("body_contains", [])),
            sum(w in text for w in words) >= 0.9 * len(words),
            all(any(_said(name, n, whole=True) for n in names) for name in expect.get("attachments", [])),
            len(names) >= expect.get("attachment_min", 0),
            set(expect.get("attachment_md5", [])) <= {a.md5 for a in letter.attachments},
        )
    )


def _said(truth: str, found: str, *, whole: bool = False) -> bool:
    """Whether `found` holds (or is) the truth; where its own reader gave a character up, any character is right."""
    if "\ufffd" not in truth:
        return flat(truth) == flat(found) if whole else flat(truth) in flat(found)
    pattern = ".".join(map(re.escape, flat(truth).split("\ufffd")))
    return (re.fullmatch if whole else re.search)(pattern, flat(found)) is not None


def bounces() -> list[Figure]:
    """Reports that mail did not arrive; a report that is missed is wrong in recipients and permanence as well."""
    precision = Figure("bounce", "precision", 0.990, 0.995)
    recall = Figure("bounce", "recall", 0.964, 0.98)
    people = Figure("bounce", "recipients all right", 0.836, 0.95)
    terms = Figure("bounce", "permanent right", 0.842, 0.93)
    for case in cases("bounce"):
        expect, found = case["expect"], letter_of(case).bounce
        if found:
            precision.count(case, expect["bounce"])
        if expect["bounce"]:
            recall.count(case, found is not None)
        if "recipients" in expect:
            people.count(case, found is not None and _same_people(found.recipients, expect))
        if "permanent" in expect:
            terms.count(case, found is not None and found.permanent == expect["permanent"])
    return [precision, recall, people, terms]


def _same_people(named: Iterable[str], expect: dict[str, Any]) -> bool:
    """Nobody missing and nobody made up; another name of the same person is as good."""
    found = {a.lower() for a in named}
    wanted = {a.lower() for a in expect["recipients"]}
    also = {a.lower() for a in expect.get("recipients_also", [])}
    return found <= wanted | also and len(found) >= min(len(wanted), len(wanted | also))


def autoreplies() -> list[Figure]:
    """Letters of responders; of mailing lists either answer is right."""
    precision = Figure("autoreply", "precision", 1.0, 0.99)
    recall = Figure("autoreply", "recall", 0.934, 0.97)
    for case in cases("autoreply"):
        if "list" in case["tags"]:
            continue
        answer = explain(OnDisk(case["file"], raw_of(case), MONDAY), None)
        found = isinstance(answer, Explained) and automatic(answer)
        if found:
            precision.count(case, case["expect"]["auto"])
        if case["expect"]["auto"]:
            recall.count(case, found)
    return [precision, recall]


def replies() -> list[Figure]:
    """New words and history told apart."""
    exact = Figure("reply", "exact but a signature", 0.823, 0.90)
    kept = Figure("reply", "nothing lost", 0.977, 0.995)
    leaks = Figure("reply", "history leaks", 0.149, 0.04, at_most=True)
    russian = Figure("reply", "Russian, exact but a signature", 0.34, 0.92)
    for case in cases("reply"):
        expect, reply = case["expect"], letter_of(case).reply
        wanted = expect.get("reply_contains", [expect["reply"]] if "reply" in expect else [])
        unwanted = expect.get("reply_excludes", [])
        right = _same_words(reply, expect)
        exact.count(case, right)
        if "russian" in case["tags"]:
            russian.count(case, right)
        kept.count(case, all(wordy(part) in flat(reply) for part in wanted))
        leaks.count(case, any(flat(u) in flat(reply) for u in unwanted) or _leaks(reply, expect))
    return [exact, kept, leaks, russian]


def _same_words(reply: str, expect: dict[str, Any]) -> bool:
    if "reply" in expect:
        return flat(reply) == flat(expect["reply"]) or wordy(reply) == wordy(expect["reply"])
    contained = all(flat(w) in flat(reply) for w in expect.get("reply_contains", []))
    return contained and not any(flat(u) in flat(reply) for u in expect.get("reply_excludes", []))


def _leaks(reply: str, expect: dict[str, Any]) -> bool:
    """Whether a line of the history that says something stands in the view and not in the new words."""
    words = flat(expect.get("reply", ""))
    told = [flat(line) for line in expect.get("quoted", "").split("\n")]
    shown = {flat(line) for line in reply.split("\n")}
    return any(line in shown and line not in words for line in told if len(line) > 12)


def forwards() -> list[Figure]:
    """Forwarded letters, and whose they were; a forward that is missed has lost its author."""
    precision = Figure("forward", "precision", 0.967, 0.98)
    recall = Figure("forward", "recall", 0.574, 0.90)
    author = Figure("forward", "original sender", 0.398, 0.85)
    for case in cases("forward"):
        expect, found = case["expect"], letter_of(case).forwarded
        if found:
            precision.count(case, expect["forwarded"])
        if expect["forwarded"]:
            recall.count(case, found is not None)
        if "orig_from" in expect:
            wanted = expect["orig_from"].lower()
            author.count(case, found is not None and found.from_addr.lower() == wanted)
    return [precision, recall, author]


def threading() -> list[Figure]:
    """By the pure thread rule: real pairs, with their ids and with a tag alone; what becomes of tags and ids."""
    real = Figure("threading", "same case, real letters with their ids", None, 1.0)
    mangled = Figure("threading", "same case, mangled tag or ids", None, 1.0)
    strangers = Figure("threading", "strangers admitted", None, 0.0, at_most=True)
    for trial in threads.trials():
        (real if trial.name.startswith("threading:") else mangled).count({"id": trial.name}, trial.right)
        strangers.count({"id": trial.name}, trial.admitted)
    return [real, mangled, strangers]


MEASURES: dict[str, Callable[[], list[Figure]]] = {
    "robust": robust,
    "parse": parsing,
    "bounce": bounces,
    "autoreply": autoreplies,
    "reply": replies,
    "forward": forwards,
    "threading": threading,
}


def speed() -> str:
    """Ordinary letters explained a second on one core, beside what the standard library needs to open them."""
    raws = [raw for raw in map(raw_of, cases("robust")) if len(raw) < _ORDINARY]
    explain(OnDisk("warm", raws[0], MONDAY), None)
    ours = _seconds(raws, lambda raw: explain(OnDisk("letter", raw, MONDAY), None))
    bare = _seconds(raws, email.message_from_bytes)
    rates = f"explain {len(raws) / ours:.0f} a second (reach 150), bare parsing {len(raws) / bare:.0f}"
    return f"{len(raws)} ordinary letters: {rates}"


def _seconds(raws: list[bytes], work: Callable[[bytes], object]) -> float:
    start = time.process_time()
    for raw in raws:
        work(raw)
    return time.process_time() - start


def row(figure: Figure) -> str:
    """One line of the table in Markdown."""
    mark = "" if figure.reached else " **missed**"
    best = "–" if figure.best is None else f"{figure.best:.4g}"
    cells = figure.dimension, figure.measure, best, f"{'≤ ' * figure.at_most}{figure.reach:.4g}"
    return f"| {' | '.join(cells)} | {figure.value:.4f} ({figure.right}/{figure.of}){mark} |"


def main() -> None:
    """Print the table for all dimensions or the named ones."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__.splitlines()[0])
    parser.add_argument("dimension", nargs="*", help=f"any of {', '.join(MEASURES)}, speed; by default all")
    parser.add_argument("--failed", action="store_true", help="name the letters that spoil a figure")
    asked = parser.parse_args()
    if not CORPUS.is_dir():
        parser.error("../shared/corpus is absent: public test letters, no part of the project; all else works")
    print("| | measure | best package | reach | here |\n" + "|---" * 5 + "|")
    for name in (chosen := asked.dimension or [*MEASURES, "speed"]):
        for figure in MEASURES[name]() if name in MEASURES else ():
            print(row(figure), flush=True)
            for each in figure.failed if asked.failed else ():
                print(f"    {each}")
    if "speed" in chosen:
        print(f"\n{speed()}")


if __name__ == "__main__":
    main()
