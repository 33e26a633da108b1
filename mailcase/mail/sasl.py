"""The lines of a login to a mail server: by password, or by an access token.

Pure. Written here because the library's own takes ASCII alone, and passwords may be Russian (RFC 4616, 2).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Literal

WAYS = {"password": ("PLAIN", "LOGIN"), "xoauth2": ("XOAUTH2",)}
"""The mechanisms for each value of `auth`, the best first."""


def lines(auth: Literal["password", "xoauth2"], offered: Sequence[str], user: str, secret: str) -> list[str]:
    """What the client says, a line for each reply 334 (RFC 4954, 4); empty where nothing offered will do."""
    way = next((w for w in WAYS[auth] if w in offered), "")
    if way == "PLAIN":
        return ["AUTH PLAIN " + _base64(f"\0{user}\0{secret}")]
    if way == "LOGIN":
        return ["AUTH LOGIN", _base64(user), _base64(secret)]
    if way == "XOAUTH2":
        # The empty line asks for the refusal proper, after a challenge that holds its reason.
        return ["AUTH XOAUTH2 " + _base64(f"user={user}\1auth=Bearer {secret}\1\1"), ""]
    return []


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()
