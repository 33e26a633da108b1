"""The commands about single letters: take old ones in, explain one, send one again, show samples."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailcase.cli_config import ConfigFile, load_if_any, opened
from mailcase.words import MailcaseError

if TYPE_CHECKING:
    from mailcase.config import Config
    from mailcase.explain import Answer
    from mailcase.mail.disk import Found
    from mailcase.stations.archive import Taken

_STDIN = "-"


class BodyKind(StrEnum):
    """A file that is no letter but the body of one."""

    TEXT = "text"
    HTML = "html"


Paths = Annotated[
    list[str],
    typer.Argument(metavar="PATH", help="Letters (.eml), mbox files, maildirs, folders; - reads one path a line."),
]


def import_(
    ctx: typer.Context,
    paths: Paths,
    live: Annotated[bool, typer.Option("--live", help="As new mail, which a running daemon answers.")] = False,
    config: ConfigFile = None,
) -> None:
    """Take letters in from files, in their order; the same letter is never taken twice.

    Without --live they are history: a closed series of its own (H-…), no letter to anybody.
    """
    from mailcase.mail import disk
    from mailcase.stations import archive

    app = opened(ctx, config, prepare=True)
    with _progress(paths) as told:
        taken = archive.take(app, disk.letters(_given(paths)), live=live, told=told)
    for broken in taken.failed:
        typer.echo(f"{_plain(broken.name)}: {broken.why}", err=True)
    _skipped(paths)
    _summary(taken)
    if taken.failed:
        raise typer.Exit(1)


def _given(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        if path == _STDIN:
            yield from filter(None, _piped())
        else:
            yield path


def _piped() -> Iterator[str]:
    """One path a line, each as soon as it is there; in whatever encoding the file system has."""
    for line in iter(sys.stdin.buffer.readline, b""):
        yield os.fsdecode(line.rstrip(b"\r\n"))


@contextmanager
def _progress(paths: list[str]) -> Iterator[Callable[[Found], None] | None]:
    """A bar on the terminal, measured in bytes; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from mailcase.mail import disk

    total = None if _STDIN in paths else disk.size(paths)
    columns = (BarColumn(), TextColumn("{task.fields[letters]} letters"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total, letters=0)
        count = 0

        def told(found: Found) -> None:
            nonlocal count
            count += 1
            progress.update(task, advance=len(getattr(found, "raw", b"")), letters=count)

        yield told


def _summary(taken: Taken) -> None:
    typer.echo(f"imported {taken.imported}, known already {taken.known}, failed {len(taken.failed)}")
    for outcome, count in sorted(taken.outcomes.items()):
        typer.echo(f"  {outcome} {count}")


def explain(
    ctx: typer.Context,
    paths: Paths,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line, at once.")] = False,
    kind: Annotated[BodyKind | None, typer.Option(help="Each file is a bare body in UTF-8, not a letter.")] = None,
    config: ConfigFile = None,
) -> None:
    """Tell what the program makes of letters and why; touches no server and no database, needs no configuration.

    Ends with 1 where a path could not be read and, for people, where no file was a letter.
    """
    from mailcase import explain as explained
    from mailcase.reading import own_models

    known = load_if_any(ctx, config)
    trained = own_models(known).current() if known else None
    failed, read, foreign = False, 0, 0
    for found in _letters(paths, kind):
        answer = explained.explain(found, known, trained)
        if isinstance(answer, explained.Unexplained):
            failed = True
        else:
            read, foreign = read + 1, foreign + answer.no_letter
        _answer(answer, known, json)
    _skipped(paths)
    if failed or (not json and read and read == foreign):
        raise typer.Exit(1)


def _skipped(paths: Iterable[str]) -> None:
    """What lies in the folders and was not taken for letters."""
    from mailcase.mail import disk

    for path in paths:
        reasons = disk.skipped(Path(path)) if path.strip() and Path(path).is_dir() else {}
        if reasons:
            told = ", ".join(f"{count} {why}" for why, count in sorted(reasons.items()))
            typer.echo(f"{_plain(path)}: skipped {sum(reasons.values())}: {told}", err=True)


def _letters(paths: list[str], kind: BodyKind | None) -> Iterator[Found]:
    """The letters one by one; a path from standard input is one letter, whatever lies there."""
    from mailcase.mail import disk

    for path in paths:
        if path == _STDIN:
            yield from (_single(line, kind) for line in _piped())
        elif kind is not None:
            yield _single(path, kind)
        else:
            yield from disk.letters([path])


def _single(path: str, kind: BodyKind | None) -> Found:
    from mailcase import explain as explained
    from mailcase.mail import disk

    found = disk.letter(path)
    if kind is None or isinstance(found, disk.Broken):
        return found
    return disk.OnDisk(found.name, explained.wrapped(found.raw, kind), found.at)


def _answer(answer: Answer, config: Config | None, json: bool) -> None:
    from mailcase import explain as explained

    if json:
        typer.echo(explained.line(explained.as_json(answer)), nl=False)
    elif isinstance(answer, explained.Unexplained):
        typer.echo(f"{_plain(answer.file)}: {answer.error}", err=True)
    else:
        from mailcase import explain_page, terminal

        terminal.console(narrow=True).print(explain_page.page(answer, config))


def _plain(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()


class Pile(StrEnum):
    """What may be sent all at once; what an employee stopped or the mode held back is looked at one by one."""

    BUDGET = "budget"
    DIGEST = "digest"
    FAILED = "failed"


def resend(
    ctx: typer.Context,
    ids: Annotated[list[int] | None, typer.Argument(metavar="ID", min=1)] = None,
    held: Annotated[Pile | None, typer.Option(help="All that is held for this reason, or has failed.")] = None,
    to: Annotated[list[str] | None, typer.Option(metavar="ADDRESS|DOMAIN", help="Of those, only to these.")] = None,
    but: Annotated[
        list[str] | None, typer.Option("--except", metavar="ADDRESS|DOMAIN", help="Of those, none to these.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Send held or failed outgoing letters (again), under their old Message-ID; a running daemon does it.

    `held` lists them. With --held, an acknowledgement stays where the case has been answered or closed meanwhile.
    """
    from mailcase.stations import send

    if bool(ids) == bool(held) or ((to or but) and not held):
        raise MailcaseError("give either IDs or --held; --to and --except choose among the held")
    app = opened(ctx, config)
    if held is not None:
        gone, late = send.requeue_all(app, held.value, to or (), but or ())
        typer.echo(f"{gone} queued" + (f", {late} stay: their cases are answered or closed" if late else ""))
        return
    refused = []
    for outbox_id in ids or ():
        try:
            send.requeue(app, outbox_id)
            typer.echo(f"{outbox_id}: queued")
        except MailcaseError as error:
            refused.append(str(error))
    if refused:
        raise MailcaseError("\n".join(refused))


def preview(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Made if missing.")],
    config: ConfigFile = None,
) -> None:
    """Write every outgoing letter, filled with sample values, as files (and pictures where there is a Chromium)."""
    from mailcase import preview as previews

    known = load_if_any(ctx, config)
    written = previews.write(folder, own=known.templates) if known else previews.write(folder)
    typer.echo(f"{len(written)} files in {folder}")
    if not previews.found_browser():
        typer.echo("no Chromium was found, so there are pages and no pictures; install the package chromium for them")
