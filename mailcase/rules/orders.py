"""What an employee orders in words: lines that begin with «!», in Russian or English.

Orders stand at the top of the new text or after the tag in the subject, and nowhere else; a client's letter is never
read for orders (C106). What is not understood is never guessed at: the nearest order is only proposed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from mailcase.rules.decision import Act

_NAMES = {
    "assign": "assign назначить назначь передать передай отдать",
    "close": "close закрыть закрой",
    "note": "note внутр внутреннее внутренне заметка",
    "answer": "answer reply ответ ответить",
    "attach": "attach вложить вложи приложить приложи",
    "answered": "answered отвечено",
    "call": "call звонок позвонил позвонила созвонились",
    "ready": "ready отправить отправь",
    "enough": "enough достаточно",
    "stop": "stop cancel стоп отмена",
    "confirm": "confirm yes да",
    "client": "client клиенту",
    "paid": "paid оплачено оплачен оплачена оплата",
    "promote": "promote case обращение",
    "wait": "wait pause жду ждем пауза",
    "resume": "resume продолжить продолжаем",
    "separate": "separate split отдельно отделить",
    "kind": "kind вид",
    "complaint": "complaint жалоба",
    "claim": "claim претензия",
    "review": "review анализ",
    "requirements": "requirements подтвердить подтверди подтвердите",
    "remedies": "remedies просит просят требует",
    "agreed": "agreed подтверждено согласовано согласован",
    "right": "right верно правильно",
    "survey": "survey анкета оценка",
    "improve": "improve улучшение улучшили",
    "effect": "effect эффект",
    "absent": "absent away отсутствует отсутствую отпуск отсутствие",
    "back": "back здесь вернулась вернулся вернулись",
}
_COMMANDS = {name: command for command, names in _NAMES.items() for name in names.split()}
_ORDER = re.compile(r"^\s*[!！]\s*([^\W\d_]+)[.:,]?\s*(.*)$")
_BEGINS = re.compile(r"^\s*[!！]\s*\w")
# These take the words below them; of several in one letter that would be a guess.
_TAKES_TEXT = ("answer", "note", "survey", "requirements")
_NEEDS_WORDS = (
    "answered", "call", "attach", "assign", "close", "promote", "kind", "wait", "improve", "effect", "remedies",
)  # fmt: skip
_KINDS = ("complaint", "claim")
"""Orders that are the name of a kind."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A line that is no order; `nearest` is what may have been meant."""

    line: str
    nearest: Act | None = None

    def __str__(self) -> str:
        """For people."""
        if self.nearest is None:
            return f"Не понятна строка «{self.line}»"
        meant = f"!{_russian(self.nearest.command)} {self.nearest.args}".strip()
        return f"Не понятна строка «{self.line}». Имелось в виду «{meant}»?"


def parse_orders(subject_rest: str, text: str) -> tuple[tuple[Act, ...], str, tuple[Mistake, ...]]:
    """(acts, the words that remain, mistakes).

    `subject_rest` is what stands after the tag, `text` the new words. An answer or a note carries the remaining words
    as its `text`; orders that need a word and have none take the first line below them.
    """
    top, rest = _split(text)
    lines = [line for line in (subject_rest.strip(), *top) if _BEGINS.match(line)]
    acts: list[Act] = []
    mistakes: list[Mistake] = []
    for line in lines:
        read = _read(line)
        if isinstance(read, Act):
            acts.append(read)
        else:
            mistakes.append(read)
    clash = _clash({act.command for act in acts})
    if clash:
        named = " и ".join(f"!{_russian(command)}" for command in clash)
        mistakes.append(Mistake(f"{named} в одном письме"))
        return tuple(a for a in acts if a.command not in clash), rest, tuple(mistakes)
    done, rest = _with_documents(*_with_words(acts, rest))
    # What is written to the client comes first: then the case waits for what he was asked.
    return tuple(sorted(done, key=lambda act: act.command == "wait")), rest, tuple(mistakes)


def _clash(ordered: set[str]) -> tuple[str, ...]:
    """Orders that want the same words, or make two letters to the client of one; empty where all is well."""
    for alone in (_TAKES_TEXT, ("answer", "requirements", "ready"), ("attach", "requirements"), ("attach", "ready")):
        found = tuple(command for command in alone if command in ordered)
        if len(found) > 1:
            return found
    return ()


def _with_documents(acts: tuple[Act, ...], rest: str) -> tuple[tuple[Act, ...], str]:
    """`!вложить договор` says that the letter is for the client: its keys are the answer's `args` (A17)."""
    keys = ", ".join(act.args for act in acts if act.command == "attach")
    if not keys:
        return acts, rest
    text = next((act.text for act in acts if act.command == "answer"), rest)
    others = tuple(act for act in acts if act.command not in ("attach", "answer"))
    return (Act("answer", keys, text), *others), ""


def _split(text: str) -> tuple[list[str], str]:
    """The order lines on top (blank lines between them do no harm) and everything below."""
    lines = text.strip().splitlines()
    top: list[str] = []
    while lines and (not lines[0].strip() or _BEGINS.match(lines[0])):
        line = lines.pop(0)
        if line.strip():
            top.append(line.strip())
    return top, "\n".join(lines).strip()


def _read(line: str) -> Act | Mistake:
    found = _ORDER.match(line)
    if not found:
        return Mistake(line)
    name, args = found[1].lower().replace("ё", "е"), found[2].strip()
    if name in _COMMANDS:
        command = _COMMANDS[name]
        return Act("kind", f"{command} {args}".strip()) if command in _KINDS else Act(command, args)
    near = get_close_matches(name, _COMMANDS, n=1, cutoff=0.6)
    return Mistake(line, Act(_COMMANDS[near[0]], args) if near else None)


def _with_words(acts: list[Act], rest: str) -> tuple[tuple[Act, ...], str]:
    """Give the remaining words to the order that takes them; given on several lines it has the words of each."""
    taker = next((a for a in acts if a.command in _TAKES_TEXT), None)
    if taker is not None:
        words = "\n".join((*(a.args for a in dict.fromkeys(acts) if a.command == taker.command), rest)).strip()
        done = (a for a in acts if a is taker or a.command != taker.command)
        return tuple(Act(a.command, text=words) if a is taker else a for a in done), ""
    last = acts[-1] if acts else None
    if last is None or last.args or last.command not in _NEEDS_WORDS or not rest:
        return tuple(acts), rest
    first, _, below = rest.partition("\n")
    return (*acts[:-1], Act(last.command, first.strip())), below.strip()


def _russian(command: str) -> str:
    return next(name for name in _NAMES[command].split() if not name.isascii())
