"""The command line as tests call it, and a folder with a laboratory for it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mailcase import config_file
from mailcase.app import App
from mailcase.cli import app
from tests.letters import raw

COMMANDS = (
    "run check demo init import explain mail cases show held improvements report replay resend preview refs upgrade"
).split()
CONFIG = """\
mode = "live"
[lab]
name = "ООО «КлинМет»"
address = "lab@cleanmet.ru"
head = "petrova"
duty = "petrova"
quality_manager = "petrova"
[[mailbox]]
name = "lab"
host = "127.0.0.1"
port = 9
user = "lab@cleanmet.ru"
tls = "none"
[smtp]
host = "127.0.0.1"
port = 9
tls = "none"
[[employee]]
login = "petrova"
name = "Петрова Наталья Викторовна"
position = "инженер"
phone = "+7 (495) 000-00-00, доб. 214"
email = "petrova@cleanmet.ru"
kinds = ["request"]
"""
SECRET = "a secret that is long enough"
PASSWORD = "hunter-two"
BOUND = 20.0


@dataclass(frozen=True)
class Told:
    """What a command said and ended with."""

    out: str
    err: str
    code: int

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def mailcase(*args: str, stdin: str | None = None) -> Told:
    result = CliRunner().invoke(app, list(args), input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Told(result.stdout, result.stderr, result.exit_code)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of a laboratory that is set up, with nothing in its database yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILCASE_CONFIG", raising=False)
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    variables = f"MAILCASE_SECRET={SECRET}\nMAILCASE_MAILBOX_LAB_PASSWORD={PASSWORD}\n"
    (tmp_path / ".env").write_text(variables, encoding="utf-8")
    return tmp_path


def opened(folder: Path) -> App:
    return App.build(config_file.load(folder / "config.toml", {}))


def letters(folder: Path, count: int = 1) -> list[str]:
    """Files with one letter each."""
    names = [f"{number}.eml" for number in range(count)]
    for name in names:
        (folder / name).write_bytes(raw(message_id=f"<{name}@romashka.example.ru>", subject=f"Поверка {name}"))
    return names
