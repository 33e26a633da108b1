"""What the program makes of a letter, as a page for people: each decision with its reason beside it."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from mailcase.config import Config
from mailcase.explain import NO_LETTER, Explained, as_delivered, automatic, label
from mailcase.mail.letter import Attachment, BounceReport, Letter
from mailcase.rules.decision import Decided, Decision, Drop, NewCase
from mailcase.terminal import plain
from mailcase.words import Outcome

_COLOURS = {Outcome.NEW_CASE: "green", Outcome.FOLLOW_UP: "green", Outcome.DROP: "yellow", Outcome.BOUNCE: "red"}
_LONGEST = 1500
_LONGEST_OF_NO_LETTER = 200


def page(answer: Explained, config: Config | None) -> RenderableType:
    """The whole answer about one letter."""
    letter, decision = answer.letter, answer.decided.decision
    colour = _COLOURS.get(decision.outcome, "cyan")
    became = Text(_became(decision), style=f"bold {colour}")
    warned = [Text(NO_LETTER, style="bold red")] if answer.no_letter else []
    parts: list[RenderableType] = [*warned, became, _pairs(_read(letter)), _pairs(_judged(answer, config))]
    # Without a configuration nobody can say whose letter it is.
    made_up = () if config is not None else ("assign",)
    parts.append(_reasons(answer.decided, made_up))
    longest = _LONGEST_OF_NO_LETTER if answer.no_letter else _LONGEST
    texts = {"new words": _new_words(letter), "quotation": letter.quoted, "signature": letter.signature}
    for head, text in texts.items():
        if text.strip():
            parts += [Text(head, style="bold"), Text(_cut(plain(text.strip()), longest), style="dim")]
    return Panel(
        Group(*parts), title=Text(plain(answer.file)), title_align="left", border_style=colour, box=box.ROUNDED
    )


def _new_words(letter: Letter) -> str:
    """The reply up to the signature, which is shown below it; without `-- ` it is part of the reply."""
    words = letter.reply.rstrip("\n -—")
    return words.removesuffix(letter.signature) if words.endswith(letter.signature) else letter.reply


def _became(decision: Decision) -> str:
    name = str(decision.outcome).replace("_", " ")
    return f"{name}: {decision.reason}" if isinstance(decision, Drop) else name


def _read(letter: Letter) -> dict[str, str]:
    files = "\n".join(_file(file) for file in letter.attachments)
    report, original = letter.bounce, letter.forwarded
    return {
        "from": f"{letter.sender.name} <{letter.sender.addr}>".strip() if letter.senders else "",
        "to": ", ".join(address.addr for address in letter.to),
        "subject": letter.subject,
        "date": letter.date.isoformat() if letter.date else "",
        "language": letter.lang,
        "files": files,
        "delivery report": _report(report) if report else "",
        "forwarded from": f"{original.from_name} <{original.from_addr}>: {original.subject}" if original else "",
        "decoding": f"guessed, sure to {letter.confidence:.0%}" if letter.confidence < 1 else "",
        "mended": "; ".join(letter.defects),
    }


def _report(report: BounceReport) -> str:
    how = {True: "given up", False: "still being tried", None: "not known whether for good"}[report.permanent]
    return f"{', '.join(report.recipients) or 'no recipient named'}: {how} {report.code}".strip()


def _file(file: Attachment) -> str:
    told = f"{file.safe_name} ({file.type}, {file.size} bytes)"
    return f"{told}: not passed on, {file.danger}" if file.danger else told


def _judged(answer: Explained, config: Config | None) -> dict[str, str]:
    kind, judged = label(answer.decided)
    told = {
        "register": str(kind.register),
        "kind": f"{kind} (sure to {judged.confidence:.0%}{', to be checked by a person' if judged.check else ''})",
        "topics": ", ".join(judged.topics),
        "sender": str(judged.sender),
        "risks": ", ".join(judged.risk),
        "automatic": "yes" if automatic(answer) else "",
    }
    decision = answer.decided.decision
    # The person and the term of the built-in laboratory would be made up.
    if isinstance(decision, NewCase) and config is not None:
        told["assignee"] = decision.assignee
        told["answer due"] = f"{decision.due_at.astimezone(config.calendar.zone):%Y-%m-%d %H:%M}"
    if isinstance(decision, NewCase):
        told["acknowledged"] = _acknowledged(decision) + _once_delivered(answer, config)
    return told


def _acknowledged(decision: NewCase) -> str:
    return "yes" if decision.acknowledge else f"no: {decision.silence}"


def _once_delivered(answer: Explained, config: Config | None) -> str:
    """What Return-Path would change: every delivered letter has one, and one typed by hand has none."""
    if answer.letter.return_path is not None or not answer.letter.senders:
        return ""
    then = as_delivered(answer, config).decision
    if not isinstance(then, NewCase) or then.silence == getattr(answer.decided.decision, "silence", ""):
        return ""
    return f"\na letter as a server delivers it has that line; then: {_acknowledged(then)}"


def _pairs(told: dict[str, str]) -> Table:
    made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in told.items():
        if value:
            made.add_row(name, Text(plain(value)))
    return made


def _reasons(decided: Decided, but: tuple[str, ...]) -> Table:
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    made.add_column("rule", style="cyan", no_wrap=True)
    made.add_column("why", overflow="fold")
    for reason in decided.reasons:
        if reason.rule.startswith(but):
            continue
        made.add_row(Text(reason.rule), Text(plain(reason.why)))
    return made


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"
