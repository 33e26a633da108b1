"""Who works here, by the address that a letter bears, and which addresses are the same box."""

from __future__ import annotations

from mailcase.config import Config, Employee


def by_address(config: Config, address: str) -> Employee | None:
    """The employee who writes from that address, or None; letter case does not matter."""
    return next((e for e in config.employee if address.lower() in e.addresses), None)


def plain(address: str) -> str:
    """The address in lower case without its plus part: lab+case@… is lab@… (RFC 5233)."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
