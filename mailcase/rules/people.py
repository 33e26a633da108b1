"""Who works here, by the address that a letter bears."""

from __future__ import annotations

from mailcase.config import Config, Employee


def by_address(config: Config, address: str) -> Employee | None:
    """The employee who writes from that address, or None; letter case does not matter."""
    return next((e for e in config.employee if address.lower() in e.addresses), None)
