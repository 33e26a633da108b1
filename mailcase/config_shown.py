"""The configuration that is in force, as lines for people, with every secret masked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from pydantic import SecretStr
from pydantic_core import PydanticUndefined
from sqlalchemy.engine import make_url

from mailcase.config import Config, Section

_MASK = "********"
_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def effective(config: Config, *, defaults: bool) -> Iterator[str]:
    """`key = value`, one a line, in the order of `config.example.toml`; employees and mailboxes by their names.

    Without `defaults` the keys that have their default are only counted, in a last line.
    """
    # The folder of the file is no key of it.
    found = [leaf for leaf in _leaves("", config, None) if leaf[0] != "folder"]
    yield from (f"{path} = {_shown(path, value)}" for path, value, changed in found if changed or defaults)
    hidden = sum(not changed for _, _, changed in found)
    if hidden and not defaults:
        yield f"{hidden} keys have their defaults; check --verbose shows them"


def _leaves(path: str, value: Any, default: Any) -> Iterator[tuple[str, Any, bool]]:
    """Each key's path and value, and whether it differs from its default."""
    if isinstance(value, Section):
        for name, field in type(value).model_fields.items():
            usual = getattr(default, name) if default is not None else field.get_default(call_default_factory=True)
            yield from _leaves(f"{path}.{name}".removeprefix("."), getattr(value, name), _known(usual))
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}", inner, (default or {}).get(name))
    elif isinstance(value, tuple) and value and isinstance(value[0], Section):
        for number, inner in enumerate(value, start=1):
            name = getattr(inner, "login", None) or getattr(inner, "name", None) or f"#{number}"
            yield from _leaves(f"{path}[{name}]", inner, None)
    else:
        yield path, value, value != default


def _known(default: Any) -> Any:
    return None if default is PydanticUndefined else default


def _shown(path: str, value: Any) -> str:
    if isinstance(value, SecretStr):
        return json.dumps(_masked(path, value.get_secret_value()))
    if path.endswith(("token_command", "alarm.command")) and value:
        # Whoever writes a command for a token or a message may have written the secret into it.
        return json.dumps([value[0], _MASK])
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        size, unit = next(pair for pair in _UNITS if seconds % pair[0] == 0)
        return f'"{seconds // size}{unit}"'
    return json.dumps("" if value is None else value, ensure_ascii=False, default=str)


def _masked(path: str, secret: str) -> str:
    if path == "store.url":
        return make_url(secret).render_as_string(hide_password=True)
    return _MASK if secret else ""
