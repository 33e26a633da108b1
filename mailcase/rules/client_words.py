"""Whose words a letter brings, and from whom: an employee forwards a client's letter, or enters his call."""

from __future__ import annotations

from dataclasses import replace

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.entry import entry
from mailcase.rules.people import by_address


def client_words(letter: Letter, config: Config) -> Letter:
    """What is judged: the client's words, and not the cover note or the signature of the employee who brings them."""
    if by_address(config, letter.sender.addr) is None:
        return letter
    entered = entry(letter, config)
    if entered is not None:
        return replace(letter, reply=entered.text or entered.subject, subject=entered.subject, signature="")
    original = letter.forwarded
    if original is None or not original.text.strip():
        return letter
    return replace(letter, reply=original.text, subject=original.subject or letter.subject)


def client_address(letter: Letter, config: Config) -> str:
    """By whom the register knows this client; empty where an employee entered a call without an address."""
    if by_address(config, letter.sender.addr) is None:
        return letter.sender.addr
    entered = entry(letter, config)
    if entered is not None:
        return entered.fields.address
    return letter.forwarded.from_addr if letter.forwarded else letter.sender.addr
