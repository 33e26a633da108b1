"""House rules that a reader should be able to rely on without looking."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "mailcase"
FILES = [p for p in sorted(PACKAGE.rglob("*.py")) if "migrations" not in p.parts]


def named(pattern: str) -> set[str]:
    """Files that hold the pattern outside comments, relative to the package."""
    found = re.compile(pattern, re.MULTILINE)
    return {str(p.relative_to(PACKAGE)) for p in FILES if found.search(re.sub(r"(?m)#.*$", "", p.read_text()))}


def test_only_the_database_module_commits() -> None:
    assert named(r"\.commit\(") <= {"store/db.py"}


def test_only_the_verbs_change_a_case() -> None:
    assert named(r"update\(t\.cases\)|insert\(t\.cases\)") == {"store/cases.py"}


def test_broad_excepts_are_few_and_known() -> None:
    """One for a station's loop, one for a row, one for the parser's foreign library, one a line for explain."""
    allowed = {"daemon.py", "store/claims.py", "mail/letter.py", "mail/message.py", "explain.py"}
    assert named(r"except Exception\b|except:") <= allowed


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("imapclient", {"mail/mailbox.py", "mail/idle.py", "mail/imap_login.py"}),
        ("mailparser", {"mail/letter.py", "mail/message.py"}),
        ("smtplib", {"mail/smtp.py"}),
        ("jinja2", {"mail/compose.py", "reports/register_page.py"}),
        ("apscheduler", {"daemon.py"}),
        ("dotenv", {"config_file.py", "config_secrets.py"}),
    ],
)
def test_each_library_is_imported_in_its_own_module(library: str, home: set[str]) -> None:
    importers = {name for name in named(rf"^\s*(from|import) {library}\b") if not name.startswith("demo/")}
    assert importers
    assert importers <= home


def test_rules_read_no_clock_and_roll_no_dice() -> None:
    asked = named(r"datetime\.now|datetime\.utcnow|time\.time\(|\brandom\.")
    assert not {name for name in asked if name.startswith("rules/")}


def test_files_and_names_stay_small() -> None:
    long = {str(p.relative_to(PACKAGE)): n for p in FILES if (n := len(p.read_text().splitlines())) > 300}
    assert long == {}
    assert not [p for p in FILES if p.stem in {"utils", "helpers", "common", "misc"}]
