"""Reads the delivery reports that a sending service mails as JSON (Amazon SES through SNS).

Pure. Raises nothing; what is no such report is an empty answer.
"""

from __future__ import annotations

import json
import re
from typing import Any

# Relays break lines of more than 998 octets with `!` and a blank.
_BROKEN = re.compile(r"!\n |\n")
_BOUNCE = re.compile(r'"(?:notificationType|eventType)"\s*:\s*"Bounce"')
_MAX_TEXT = 100_000


def bounce(text: str) -> tuple[tuple[str, ...], bool | None, str, str] | None:
    """Recipients, whether for good, Message-ID and code of a notification `Bounce`; None for anything else."""
    start = text.find("{")
    if start < 0 or not _BOUNCE.search(text[:_MAX_TEXT]):
        return None
    try:
        told, _ = json.JSONDecoder(strict=False).raw_decode(_BROKEN.sub("", text[start:_MAX_TEXT]))
    except (ValueError, RecursionError):
        return None
    report = _part(told, "bounce")
    people = [each for each in report.get("bouncedRecipients") or () if isinstance(each, dict)]
    addresses = tuple(dict.fromkeys(str(each.get("emailAddress", "")) for each in people if each.get("emailAddress")))
    if not addresses:
        return None
    permanent = {"permanent": True, "transient": False}.get(str(report.get("bounceType", "")).lower())
    code = next((str(each["status"]) for each in people if each.get("status")), "")
    return addresses, permanent, _message_id(_part(told, "mail")), code


def _part(told: Any, name: str) -> dict[str, Any]:
    part = told.get(name) if isinstance(told, dict) else None
    return part if isinstance(part, dict) else {}


def _message_id(mail: dict[str, Any]) -> str:
    """The id that the sender gave; the service's own stands in the same place where it replaced that."""
    common = _part(mail, "commonHeaders")
    return str(common.get("messageId", ""))
