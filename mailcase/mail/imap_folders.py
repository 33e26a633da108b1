"""Finds the folders of a mailbox by what they are for, and makes a missing one."""

from __future__ import annotations

import imaplib

from mailcase.mail.idle import Client

# The names that providers and mail programs give, where no folder bears the special use (RFC 6154).
_SENT_NAMES = ("sent", "отправленные", "sent items", "sent messages", "sent mail", "исходящие")

Listed = tuple[tuple[bytes, ...], bytes | None, str]
"""Flags, hierarchy delimiter, name in plain Unicode: the library reads modified UTF-7 (RFC 3501, 5.1.3)."""


def openable(client: Client) -> list[Listed]:
    """Every folder that can be opened; those that only hold others are left out."""
    closed = {rb"\noselect", rb"\nonexistent"}
    return [f for f in client.list_folders() if not closed & {flag.lower() for flag in f[0]}]


def sent_among(folders: list[Listed]) -> str:
    """The folder of sent letters: by its special use, else by the last step of its name; "" for none."""
    for flags, _, name in folders:
        if rb"\sent" in {flag.lower() for flag in flags}:
            return name
    steps: dict[str, str] = {}
    for _, delimiter, name in folders:
        step = name.rsplit(delimiter.decode(), 1)[-1] if delimiter else name
        steps.setdefault(step.casefold(), name)
    return next((steps[known] for known in _SENT_NAMES if known in steps), "")


def make(client: Client, folder: str) -> None:
    """Make a folder and subscribe to it, so that people see it; a second maker in the same moment does no harm."""
    if client.folder_exists(folder):
        return
    try:
        client.create_folder(folder)
        client.subscribe_folder(folder)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        if not client.folder_exists(folder):
            raise
