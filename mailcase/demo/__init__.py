"""The whole product in two minutes on one machine: a mail server, a laboratory, a dozen letters and their fate.

servers, bounce                 IMAP and SMTP in this process
people, letters, replies        who writes what, in the forms that mail programs really send
laboratory, stage               the folder, the configuration and the running daemon
scenes, story, narrator         what happens, in order, told on the terminal
checklist                       what must have come true
watch                           afterwards: where to look, and letters of one's own
"""

from __future__ import annotations

from rich.console import Console

from mailcase.words import MailcaseError


def run(once: bool, console: Console | None = None) -> int:
    """Play the demo and return the exit code: 1 where anything is missing; without `once` it stays until Ctrl-C.

    Raises MailcaseError where the extra `demo` is not installed or a server does not start.
    """
    # Imported only now, because pymap and aiosmtpd come with the extra alone.
    try:
        from mailcase.demo.show import show
    except ModuleNotFoundError as absent:
        if (absent.name or "").partition(".")[0] == "mailcase":
            raise
        raise MailcaseError(f"{absent.name} is not installed: pip install 'mailcase[demo]'") from absent
    return show(once, console or Console(highlight=False, soft_wrap=False))
