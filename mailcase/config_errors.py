"""Turns what is wrong with a configuration into sentences that name the key, the value and the remedy.

A value is shown only where it cannot be a secret: never a password, a token, an address of a database, or anything
that stands under a key we do not know (`pasword = "…"` would print the very thing).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mailcase.config import Config, Section
from mailcase.config_values import did_you_mean

KeyPath = tuple[str | int, ...]
"""Where a value stands in the file: `("mailbox", 0, "port")`."""

SECRET_KEYS = frozenset({"password", "client_secret", "refresh_token", "secret"})
_UNSHOWN_KEYS = SECRET_KEYS | {"url", "token_command", "command", "token_url", "client_id"}
_NO_KEYS = frozenset({"folder", "secret"})
"""Fields of the configuration that are no keys of the file."""
_NAMED_BY = ("login", "name")
_LONGEST_SHOWN = 60
_NO_SECTION = ("model_type", "model_attributes_type", "dict_type")
_SENTENCES = {
    "string_type": "expected text in quotes",
    "path_type": "expected a path in quotes",
    "path_parsing": "expected a path in quotes",
    "tuple_type": "expected a list in square brackets",
    **dict.fromkeys(_NO_SECTION, "expected a section with keys of its own"),
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "int_parsing_size": "expected a smaller number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "too_short": "expected at least one",
}


def sentences(error: ValidationError, raw: Mapping[str, Any]) -> list[str]:
    """One sentence for each fault that pydantic found in `raw`, without the name of the file."""
    found = error.errors(include_url=False, include_input=False)
    # A list whose entries are all wrong also counts as too short; the entries' own faults say enough.
    within = {fault["loc"][:1] for fault in found if len(fault["loc"]) > 1}
    hollow = [fault for fault in found if fault["type"] == "too_short" and fault["loc"] in within]
    # What stands under a key that should not be there is beside the point.
    odd = {fault["loc"][:-1] for fault in found if fault["loc"][-1] == "[key]"}
    beside = [fault for fault in found if fault["loc"][:-1] in odd and fault["loc"][-1] != "[key]"]
    return [_sentence(fault, raw) for fault in found if fault not in hollow and fault not in beside]


def where(path: KeyPath, raw: Mapping[str, Any]) -> str:
    """A path as people write it: `smtp.port`, `employee[petrova].phone`, `employee[#2]` where it has no name."""
    written, here = "", _Place(raw)
    for part in path:
        here = here.child(part)
        if part == "[key]":
            continue
        written += f"[{here.name or f'#{part + 1}'}]" if isinstance(part, int) else f".{part}"
    return written.removeprefix(".")


def shown(path: KeyPath, value: object) -> str:
    """` = "25a"` where the value may be printed, else nothing."""
    if _UNSHOWN_KEYS.intersection(path) or isinstance(value, Mapping | list | tuple | None):
        return ""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return f" = {text[:_LONGEST_SHOWN]}{'…' if len(text) > _LONGEST_SHOWN else ''}"


def _sentence(fault: ErrorDetails, raw: Mapping[str, Any]) -> str:
    path: KeyPath = fault["loc"]
    name = where(path, raw)
    if fault["type"] == "extra_forbidden":
        hint = did_you_mean(str(path[-1]), keys(path[:-1]))
        if len(path) > 1 and path[-1] in _top_keys():
            hint = "; it stands in the wrong section: move it above the first [section]"
        secret = any(f"`{key}`" in hint for key in SECRET_KEYS)
        return f"{name}: unknown key{hint}{' that belongs in .env' if secret else ''}"
    if fault["type"] == "missing":
        return f"{name}: is missing; config.example.toml explains it"
    # A wrong key shows itself already, and what was written in place of a whole section may be a password.
    value = None if path[-1] == "[key]" or fault["type"] in _NO_SECTION else _Place(raw).descend(path).value
    return f"{name}{shown(path, value)}: {expected(fault, value)}"


def expected(fault: ErrorDetails, value: object) -> str:
    """What should stand there instead of `value`, in plain words; `fault` is one of pydantic's, with its context."""
    limits = fault.get("ctx", {})
    match fault["type"]:
        case "tuple_type" if isinstance(value, Mapping):
            return "expected double brackets around the name of this section, because there may be several"
        case "value_error":
            return str(limits["error"])
        case "literal_error" | "enum":
            choices = limits["expected"].replace("'", "").replace(" or ", ", ").split(", ")
            return f"expected one of {', '.join(choices)}{did_you_mean(str(value), choices)}"
        case "greater_than_equal":
            return f"expected {limits['ge']} or more"
        case "less_than_equal":
            return f"expected {limits['le']} or less"
        case "string_too_short":
            letters = limits["min_length"]
            return "must not be empty" if letters == 1 else f"expected at least {letters} letters"
        case kind:
            return _SENTENCES.get(kind, fault["msg"])


def _top_keys() -> frozenset[str]:
    """The keys that stand above the first section of the file: in TOML what follows a section is part of it."""
    return frozenset(n for n, field in Config.model_fields.items() if _inner(field.annotation) is None) - _NO_KEYS


def keys(path: KeyPath) -> tuple[str, ...]:
    """The keys that the section at `path` may have; empty where there is no section."""
    section: Any = Config
    for part in path:
        if isinstance(section, type) and issubclass(section, Section) and isinstance(part, str):
            field = section.model_fields.get(part)
            section = _inner(field.annotation) if field else None
    return tuple(k for k in section.model_fields if k != "folder" or path) if section else ()


def _inner(annotation: Any) -> type[Section] | None:
    """The section class inside `Smtp`, `tuple[Mailbox, ...]` or `dict[Kind, Term]`."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next((inner for inner in map(_inner, get_args(annotation)) if inner), None)


class _Place:
    """A value of the file that can be walked into without minding whether it has the right shape."""

    def __init__(self, value: Any) -> None:
        self.value = value

    @property
    def name(self) -> str:
        """What a person calls this entry of a list: its login or name."""
        names = (self.value.get(key) for key in _NAMED_BY) if isinstance(self.value, Mapping) else ()
        return next((name for name in names if isinstance(name, str) and name), "")

    def child(self, part: str | int) -> _Place:
        if isinstance(self.value, Mapping):
            return _Place(self.value.get(part))
        if isinstance(self.value, list) and isinstance(part, int) and part < len(self.value):
            return _Place(self.value[part])
        return _Place(None)

    def descend(self, path: KeyPath) -> _Place:
        here = self
        for part in path:
            here = here.child(part)
        return here
