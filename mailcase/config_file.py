"""Reads `config.toml` and the secrets beside it into one frozen Config, or says everything that is wrong with them.

Promises: all faults come at once, each a sentence with its remedy; the value of a secret is never printed; relative
paths start in the folder of the file, wherever the program was started. Nothing else reads the file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from mailcase import config_checks, config_errors, config_secrets
from mailcase.config import Config
from mailcase.words import ConfigError

_Part = TypeVar("_Part", bound=BaseModel)
_SQLITE = "sqlite:///"
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """The configuration of `path`, with secrets from `environ` and from `.env` beside it; raises ConfigError."""
    path = path.resolve()
    text = _text(path)
    return parse(text, config_secrets.variables(environ, path.parent), path.name)


def parse(text: str, given: config_secrets.Variables, file: str = "config.toml") -> Config:
    """The configuration that TOML text and variables say; paths start in `given.folder`; raises ConfigError.

    `file` is how messages call the text. Looks at the disk only to see whether named files and folders exist.
    """
    return from_tables(_toml(text, file), given, file)


def from_tables(raw: Mapping[str, Any], given: config_secrets.Variables, file: str = "config.toml") -> Config:
    """The same for TOML that is read already, as tables of plain values."""
    filled = config_secrets.with_secrets(raw, given)
    found = [*config_secrets.misplaced(raw), *_inner_keys(raw)]
    config = None
    try:
        config = _resolved(Config.model_validate({**filled, "folder": given.folder}))
        found += _absent(config)
    except ValidationError as error:
        found += config_errors.sentences(error, filled)
    found += config_checks.problems(raw)
    if found or given.problems or not config:
        raise ConfigError([f"{problem} ({file})" for problem in found] + given.problems)
    return config


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError([f"{path}: there is no such file; `mailcase init` makes one"]) from error
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({str(error.strerror).lower()})"]) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        remedy = "it seems to be Windows-1251; save it as UTF-8"
        raise ConfigError([f"{path.name}, line {line}: the file is not UTF-8; {remedy}"]) from error


def _toml(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        at = _AT_LINE.search(message)
        place = f"{file}, line {at[1]}" if at else file
        said = _AT_LINE.sub("", message).replace(" (at end of document)", " at the end of the file")
        hint = _remedy(said, text.split("\n")[int(at[1]) - 1] if at else "")
        raise ConfigError([f"{place}: {said[:1].lower()}{said[1:]}{hint}"]) from error


def _remedy(said: str, line: str) -> str:
    """What to do about the three commonest cases: quotes within quotes, a Windows path between them, and none."""
    if said.startswith("Expected newline") and line.count('"') > 2:
        return '; inside quotes write «ёлочки», or each quote as \\"'
    if "\\" in said:
        return "; write a backslash twice, or use single quotes"
    return "; text goes between quotes" if said == "Invalid value" else ""


def _inner_keys(raw: Mapping[str, Any]) -> Iterator[str]:
    if "folder" in raw:
        yield "folder: unknown key; did you mean `folder` in [page]?"


def _resolved(config: Config) -> Config:
    """The same configuration with every path absolute."""
    folder = config.folder
    store = _with(config.store, raw=folder / config.store.raw, url=_database(config.store.url, folder))
    mailboxes = tuple(_with(box, ca_file=_under(folder, box.ca_file)) for box in config.mailbox)
    return _with(
        config,
        store=store,
        mailbox=mailboxes,
        smtp=_with(config.smtp, ca_file=_under(folder, config.smtp.ca_file)),
        alarm=_with(config.alarm, file=_under(folder, config.alarm.file)),
        document=tuple(_with(one, file=folder / one.file) for one in config.document),
        reference=tuple(_with(one, file=_under(folder, one.file)) for one in config.reference),
        classify=_with(config.classify, models=folder / config.classify.models),
        page=_with(config.page, folder=_under(folder, config.page.folder)),
        templates=_under(folder, config.templates),
    )


def _with(part: _Part, **changes: object) -> _Part:
    return part.model_copy(update=changes)


def _under(folder: Path, path: Path | None) -> Path | None:
    return folder / path if path else None


def _database(url: SecretStr, folder: Path) -> SecretStr:
    text = url.get_secret_value()
    file = text.removeprefix(_SQLITE)
    if file == text or not file or file.startswith(":memory:"):
        return url
    return SecretStr(f"{_SQLITE}{folder / file}")


def _absent(config: Config) -> Iterator[str]:
    """Files and folders that are named but not there; the daemon makes its own, never a shared folder's parent."""
    for box in config.mailbox:
        yield from _no_file(f"mailbox[{box.name}].ca_file", box.ca_file)
    yield from _no_file("smtp.ca_file", config.smtp.ca_file)
    if config.templates and not config.templates.is_dir():
        yield f'templates = "{config.templates}": there is no such folder'
    if config.page.folder and not config.page.folder.parent.is_dir():
        yield f'page.folder = "{config.page.folder}": its parent folder does not exist; is the share mounted?'


def _no_file(key: str, path: Path | None) -> Iterator[str]:
    if path and not path.is_file():
        yield f'{key} = "{path}": there is no such file'
