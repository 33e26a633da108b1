"""What the documents promise is what the program does: every config key is documented with its default."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic_core import PydanticUndefined

from mailcase import config_file
from mailcase.config import Config, Section, Term, default_terms

REPO = Path(__file__).resolve().parents[1]
EXAMPLE = (REPO / "config.example.toml").read_text(encoding="utf-8")
ENV_EXAMPLE = (REPO / ".env.example").read_text(encoding="utf-8")
SECRETS = {"MAILCASE_SECRET": "0123456789abcdef", "MAILCASE_MAILBOX_LAB_PASSWORD": "x"}
SECRET_KEYS = {"secret", "password", "client_secret", "refresh_token", "api_key"}
NOT_KEYS = {"folder"}
"""Fields of Config itself that the file cannot hold."""


def section_of(annotation: Any) -> type[Section] | None:
    """The section inside `Smtp`, `tuple[Mailbox, ...]` or `dict[Kind, Term]`."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next((found for found in map(section_of, get_args(annotation)) if found), None)


def sections(model: type[Section] = Config, path: str = "") -> Iterator[tuple[str, type[Section]]]:
    """Every section with its path as the example heads it."""
    yield path, model
    for name, field in model.model_fields.items():
        inner = section_of(field.annotation)
        if inner and inner is not Term:
            yield from sections(inner, f"{path}.{name}".removeprefix("."))


def documented(path: str) -> dict[str, str]:
    """The keys under the first heading of that path, each with its line of the example."""
    parts = re.split(r"(?m)^\[+([\w.]+)\]+\n", EXAMPLE)
    blocks = dict(reversed(list(zip(["", *parts[1::2]], parts[0::2], strict=True))))
    return {m[1]: m[0] for m in re.finditer(r"(?m)^(\w+) = (?:\[\n(?:.*\n)*?\]|.*)", blocks.get(path, ""))}


KEYS = [
    (path, model, key)
    for path, model in sections()
    for key, field in model.model_fields.items()
    if key not in SECRET_KEYS and not (model is Config and key in NOT_KEYS) and not section_of(field.annotation)
]


@pytest.mark.parametrize(("path", "model", "key"), KEYS, ids=[f"{path}.{key}".strip(".") for path, _, key in KEYS])
def test_every_key_is_in_the_example_with_its_default(path: str, model: type[Section], key: str) -> None:
    """A key without a default says "required"; one whose example differs from its default says "default: …"."""
    lines = documented(path)
    assert key in lines, f"[{path}] of config.example.toml lacks {key}"
    field = model.model_fields[key]
    if field.default is PydanticUndefined:
        assert "required" in lines[key]
        return
    said = re.search(r"# default: (\S+?)(;|$)", lines[key])
    written = f"{key} = {said[1]}" if said else lines[key]
    # Validating one key alone: the required ones of the section are left out of the comparison.
    value = tomllib.loads(written)[key]
    checked = model.__pydantic_validator__.validate_assignment(model.model_construct(), key, value)
    assert getattr(checked, key) == field.default


def test_every_secret_is_in_the_example_of_the_variables() -> None:
    names = re.findall(r"(?m)^#?(MAILCASE_\w+)=", ENV_EXAMPLE)
    suffixes = ("PASSWORD", "REFRESH_TOKEN", "CLIENT_SECRET")
    accounts = {f"MAILCASE_{account}_{end}" for account in ("MAILBOX_LAB", "SMTP") for end in suffixes}
    assert set(names) == {"MAILCASE_SECRET", "MAILCASE_DATABASE_URL", "MAILCASE_LANGUAGE_MODEL_API_KEY", *accounts}


def test_every_default_term_is_in_the_example() -> None:
    written = {kind: Term.model_validate(term) for kind, term in tomllib.loads(EXAMPLE)["terms"].items()}
    assert written == {kind.value: term for kind, term in default_terms().items()}


def test_the_example_loads() -> None:
    config = config_file.load(REPO / "config.example.toml", SECRETS)
    assert [person.login for person in config.employee] == ["orlov", "smirnova", "petrova"]


def test_an_unfilled_copy_of_the_variables_gives_no_secret(tmp_path: Path) -> None:
    """Whoever copies .env.example and forgets to fill it in is told, instead of running with a key from the docs."""
    (tmp_path / "config.toml").write_text(EXAMPLE, encoding="utf-8")
    (tmp_path / ".env").write_text(ENV_EXAMPLE, encoding="utf-8")
    with pytest.raises(config_file.ConfigError) as caught:
        config_file.load(tmp_path / "config.toml", {})
    assert "MAILCASE_SECRET: is missing" in str(caught.value)
    assert "put MAILCASE_MAILBOX_LAB_PASSWORD=… into .env" in str(caught.value)


README = (REPO / "README.md").read_text(encoding="utf-8")


def test_every_command_is_in_the_readme() -> None:
    from mailcase.cli import app

    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert names
    assert [name for name in sorted(names) if name not in README] == []


def test_every_order_of_an_employee_is_in_the_readme() -> None:
    from mailcase.commands import COMMANDS
    from mailcase.rules.orders import parse_orders

    written = [*re.findall(r"(?m)^\| `!?(\w+)", README), "клиенту"]
    heard = {act.command for word in written for act in parse_orders("", f"!{word} 1\nтекст")[0]}
    # Nobody can order these in words.
    assert {name for name, _ in COMMANDS} - {"downgrade", "entrust", "pause", "enter", "inside", "unsaid"} <= heard


def test_every_job_has_its_hour_in_the_example() -> None:
    from mailcase.jobs import JOBS

    assert {name for name, _ in JOBS} <= set(tomllib.loads(EXAMPLE)["schedule"])
