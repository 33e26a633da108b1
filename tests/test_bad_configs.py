"""Every known mistake in a configuration is answered with a sentence that names the key, the value and the remedy.

A folder of `test_bad_configs` is one mistake: `config.toml` and, where it matters, `.env`; `expected.txt` is what the
operator reads, whole.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mailcase import config_file
from mailcase.words import ConfigError

FOLDERS = sorted((Path(__file__).parent / "test_bad_configs").iterdir())
SECRETS = {"MAILCASE_SECRET": "0123456789abcdef", "MAILCASE_MAILBOX_LAB_PASSWORD": "hunter-two"}


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_a_bad_configuration_is_explained(folder: Path) -> None:
    environ = {} if (folder / ".env").exists() else SECRETS
    with pytest.raises(ConfigError) as caught:
        config_file.load(folder / "config.toml", environ)
    said = str(caught.value).replace(f"{folder}/", "")
    assert said + "\n" == (folder / "expected.txt").read_text(encoding="utf-8")
    assert "hunter" not in said
