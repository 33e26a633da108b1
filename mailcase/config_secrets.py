"""Passwords and keys, which come from the environment or from `.env` and never from `config.toml`.

The environment wins over `.env`. Each name may end in `_FILE` instead: then the file it names holds the value
(Docker secrets, systemd credentials). An empty value counts as not given.
"""

from __future__ import annotations

import copy
import difflib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from mailcase.config import Store
from mailcase.config_errors import KeyPath, where
from mailcase.words import ConfigError

_SHORTEST_SECRET = 16


@dataclass(frozen=True)
class Variables:
    """The environment over `.env`; what cannot be read is noted in `problems` instead of raised."""

    sources: tuple[Mapping[str, str], ...]
    folder: Path
    problems: list[str] = field(default_factory=list)

    def value(self, name: str) -> str:
        """The value of a variable or of the file that `<name>_FILE` names, or "" where neither is given."""
        for source in self.sources:
            plain, file = source.get(name, ""), source.get(f"{name}_FILE", "")
            if plain and file:
                self.problems.append(f"{name}: given together with {name}_FILE; keep one of them")
            if plain or file:
                return plain or self._content(f"{name}_FILE", self.folder / file)
        return ""

    def _content(self, name: str, file: Path) -> str:
        try:
            value = file.read_text(encoding="utf-8-sig").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f'{name} = "{file}": cannot be read as text ({_why(error)})')
            return ""
        if not value:
            self.problems.append(f'{name} = "{file}": the file is empty')
        return value

    def like(self, name: str) -> str:
        """`; you have NAME, did you misspell it?` where a variable of ours has nearly this name."""
        known = [key for source in self.sources for key in source if key.startswith("MAILCASE_")]
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
        return f"; {near[0]} is set, is its name misspelt?" if near and near[0] != name else ""


def variables(environ: Mapping[str, str], folder: Path) -> Variables:
    """The environment over `.env` of the folder; raises ConfigError where `.env` is not UTF-8 text."""
    file = folder / ".env"
    try:
        text = file.read_text(encoding="utf-8-sig") if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{file}: cannot be read as UTF-8 text ({_why(error)})"]) from error
    # Without interpolation: a password may well hold `${`.
    dotenv = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return Variables((environ, {name: value or "" for name, value in dotenv.items()}), folder)


def _why(error: OSError | UnicodeDecodeError) -> str:
    return str(error.strerror).lower() if isinstance(error, OSError) else "not UTF-8"


@dataclass(frozen=True)
class _Slot:
    """One place of the configuration that only a variable may fill."""

    path: KeyPath
    variable: str

    @property
    def key(self) -> str:
        """The last key of the path."""
        return str(self.path[-1])


_OF_ACCOUNT: tuple[tuple[KeyPath, str], ...] = (
    (("password",), "PASSWORD"),
    (("oauth", "refresh_token"), "REFRESH_TOKEN"),
    (("oauth", "client_secret"), "CLIENT_SECRET"),
)


def _slots(raw: Mapping[str, Any]) -> list[_Slot]:
    accounts: list[tuple[KeyPath, str]] = []
    boxes = raw.get("mailbox")
    for number, box in enumerate(boxes if isinstance(boxes, list) else []):
        accounts.append((("mailbox", number), f"MAILBOX_{_box_name(box)}"))
    accounts.append((("smtp",), "SMTP"))
    model = _Slot(("language_model", "api_key"), "MAILCASE_LANGUAGE_MODEL_API_KEY")
    slots = [
        _Slot((*account, *key), f"MAILCASE_{middle}_{end}") for account, middle in accounts for key, end in _OF_ACCOUNT
    ]
    return [_Slot(("secret",), "MAILCASE_SECRET"), *slots, model]


def _box_name(box: object) -> str:
    name = box.get("name") if isinstance(box, dict) else None
    return name.upper() if isinstance(name, str) and re.fullmatch(r"[a-z0-9_]+", name) else "<NAME>"


def misplaced(raw: Mapping[str, Any]) -> list[str]:
    """One sentence for each secret that stands in the file itself; its value is not shown."""
    found = [
        f"{where(slot.path, raw)}: a secret does not belong here; move it to .env as {slot.variable}"
        for slot in _slots(raw)
        if _section(raw, slot).get(slot.key) is not None
    ]
    store = raw.get("store")
    url = store.get("url") if isinstance(store, dict) else None
    if isinstance(url, str) and "@" in url and not url.startswith("sqlite"):
        found.append(
            "store.url: an address with a password does not belong here; move it to .env as MAILCASE_DATABASE_URL"
        )
    return found


def with_secrets(raw: Mapping[str, Any], given: Variables) -> dict[str, Any]:
    """The file's content with secrets from variables alone; what is missing is added to `given.problems`."""
    filled: dict[str, Any] = copy.deepcopy(dict(raw))
    for slot in _slots(filled):
        value = given.value(slot.variable)
        if value and slot.path[-2:-1] == ("oauth",):
            _section(filled, _Slot(slot.path[:-1], "")).setdefault("oauth", {})
        # Also without a value: a secret that stands in the file was refused already and must not be shown again.
        section = _section(filled, slot)
        section.pop(slot.key, None)
        if value:
            section[slot.key] = value
    if url := given.value("MAILCASE_DATABASE_URL"):
        filled.setdefault("store", {})
        _section(filled, _Slot(("store", "url"), ""))["url"] = url
    _share_password(filled)
    given.problems.extend([*_key(filled, given), *_accounts(filled, given)])
    # pydantic would say of it the same in other words.
    filled.setdefault("secret", "missing")
    return filled


def _section(raw: Mapping[str, Any], slot: _Slot) -> dict[str, Any]:
    """The section a slot stands in, or one that is thrown away where the file has no such section."""
    here: Any = raw
    for part in slot.path[:-1]:
        if isinstance(here, dict):
            here = here.get(part)
        elif isinstance(here, list) and isinstance(part, int):
            here = here[part]
    return here if isinstance(here, dict) else {}


def _share_password(filled: Mapping[str, Any]) -> None:
    """One account has one password: SMTP takes that of the first mailbox with the same user."""
    smtp, boxes = filled.get("smtp"), filled.get("mailbox")
    if not isinstance(smtp, dict) or not isinstance(boxes, list) or not smtp.get("user"):
        return
    same = [box for box in boxes if isinstance(box, dict) and box.get("user") == smtp["user"] and box.get("password")]
    if same:
        smtp.setdefault("password", same[0]["password"])


def _key(filled: Mapping[str, Any], given: Variables) -> Iterator[str]:
    secret = filled.get("secret", "")
    if not secret:
        yield f"MAILCASE_SECRET: is missing; {_new_key(filled, given)}{given.like('MAILCASE_SECRET')}"
    elif len(secret) < _SHORTEST_SECRET:
        yield f"MAILCASE_SECRET: is too short to be safe from guessing; expected {_SHORTEST_SECRET} letters or more"


def _new_key(filled: Mapping[str, Any], given: Variables) -> str:
    """Where letters have gone out with numbers that were signed by the old key, only the old one will do."""
    store = filled.get("store")
    url = str((store if isinstance(store, dict) else {}).get("url") or Store().url.get_secret_value())
    file = given.folder / url.removeprefix("sqlite:///")
    if not url.startswith("sqlite:///") or not file.is_file():
        return "put 32 random letters into .env"
    lost = "with a new one no number that was sent out is recognised"
    return f"{file.name} was made with one: restore it into .env from the backup; {lost}"


def _accounts(filled: Mapping[str, Any], given: Variables) -> Iterator[str]:
    """What an account lacks to log in; SMTP without a user logs in nowhere and lacks nothing."""
    for slot in _slots(filled):
        account = _section(filled, slot)
        if slot.key != "password" or not account:
            continue
        name, prefix = where(slot.path[:-1], filled), slot.variable.removesuffix("PASSWORD")
        if account.get("auth") == "xoauth2":
            yield from _oauth(name, account, f"{prefix}REFRESH_TOKEN")
        elif account.get("user") and not account.get("password") and not _shares(account, filled):
            yield f"{name}: has no password; put {slot.variable}=… into .env{given.like(slot.variable)}"


def _shares(account: Mapping[str, Any], filled: Mapping[str, Any]) -> bool:
    """Whether this is SMTP with the user of a mailbox: the mailbox's password, asked for already, is enough."""
    if account is not filled.get("smtp"):
        return False
    boxes = filled.get("mailbox")
    # Without a list of mailboxes there is a graver fault to mend first.
    return not isinstance(boxes, list) or account["user"] in [box.get("user") for box in boxes if isinstance(box, dict)]


def _oauth(name: str, account: Mapping[str, Any], variable: str) -> Iterator[str]:
    source = account.get("oauth")
    source = source if isinstance(source, dict) else {}
    if not account.get("user"):
        yield f'{name}.user: is missing, but auth = "xoauth2" needs it'
    if not source.get("token_command") and not all(map(source.get, ("token_url", "client_id", "refresh_token"))):
        yield f'{name}: auth = "xoauth2" needs oauth.token_command, or oauth.token_url, oauth.client_id and {variable}'
