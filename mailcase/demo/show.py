"""`mailcase demo`: the story on the terminal, then the list of what it showed, then the stage is yours."""

from __future__ import annotations

import socket
from contextlib import closing

from rich.console import Console

from mailcase.demo.checklist import checks
from mailcase.demo.narrator import Narrator
from mailcase.demo.servers import HOST
from mailcase.demo.stage import Stage, open_stage, tail
from mailcase.demo.story import Story
from mailcase.demo.watch import Watch, guide
from mailcase.words import MailcaseError

IMAP_PORT, SMTP_PORT = 10143, 10025
"""Where people find the servers, unless something else listens there."""


def show(once: bool, console: Console) -> int:
    """Play the demo; 1 where anything is missing. Without `once` it stays up until Ctrl-C."""
    ports = (0, 0) if once else (_free(IMAP_PORT), _free(SMTP_PORT))
    try:
        with open_stage(*ports) as stage:
            narrator = Narrator(console, stage.app.config)
            _welcome(narrator, stage, once)
            complete = _play(narrator, stage)
            if not once:
                narrator.verbatim(guide(stage))
                Watch(stage, narrator).run()
    except KeyboardInterrupt:
        console.print("\nThe demo is over; its folder is gone.")
        return 0
    return 0 if complete else 1


def _welcome(narrator: Narrator, stage: Stage, once: bool) -> None:
    servers, lab = stage.servers, stage.app.config.lab
    narrator.say(f"mailcase demo: the laboratory {lab.name}, {lab.address}, and a mail server of its own", "bold")
    narrator.say(f"IMAP {HOST}:{servers.imap_port}, SMTP {HOST}:{servers.smtp_port}")
    until = (
        "it is deleted at the end; without --once (ONCE=1) it stays until Ctrl-C" if once else "deleted after Ctrl-C"
    )
    narrator.say(f"everything lies in {stage.folder} ({until})")


def _play(narrator: Narrator, stage: Stage) -> bool:
    """The story and the list; True where nothing is missing."""
    story = Story(stage, narrator)
    try:
        story.play()
    except MailcaseError as end:
        narrator.say(f"\n{end}", "bold red")
    narrator.title(len(story.told) + 2, "What this showed")
    done = checks(story)
    for check in done:
        narrator.check(check.claim, check.missing)
    missing = sum(1 for check in done if check.missing)
    if missing:
        narrator.say(f"\n{missing} of {len(done)} are missing. The log ends:\n{tail(stage.log)}", "bold red")
    return not missing


def _free(port: int) -> int:
    """That port, or 0 (any free one) where something listens there already."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return 0
    return port
