"""Who works here, by the address that a letter bears, and which addresses are the same box."""

from __future__ import annotations

import re

from mailcase.config import Config, Employee


def by_address(config: Config, address: str) -> Employee | None:
    """The employee who writes from that address, or None; letter case does not matter."""
    return next((e for e in config.employee if address.lower() in e.addresses), None)


def ours(config: Config) -> frozenset[str]:
    """Every address of the laboratory and of those who work here."""
    return config.own_addresses | {a for e in config.employee for a in e.addresses}


def our_numbers(config: Config) -> frozenset[str]:
    """Every telephone number of the laboratory and of those who work here, as `digits` compares them."""
    return frozenset(digits(number) for number in (config.lab.phone, *(e.phone for e in config.employee)))


def digits(phone: str) -> str:
    """What two ways of writing one number have in common: its last ten digits before an extension."""
    return "".join(re.findall(r"\d", phone.partition("доб")[0]))[-10:]


def plain(address: str) -> str:
    """The address in lower case without its plus part: lab+case@… is lab@… (RFC 5233)."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
