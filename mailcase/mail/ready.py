"""Ready texts: `ready/<name>.txt` beside the templates, each with its title, owner and who approved it when (A21, A41).

Header lines up to the first empty line, then the words. Your own folder of templates replaces single files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from mailcase.words import MailcaseError

_HEADERS = ("title", "owner", "approved-by", "approved")


@dataclass(frozen=True, slots=True)
class ReadyText:
    """Words that the laboratory has decided on; `approved` is the day, None where nobody has approved them."""

    name: str
    title: str
    owner: str
    approved_by: str
    approved: date | None
    text: str

    def defect(self, today: date, max_age: timedelta) -> str:
        """Why it may not go to a client by itself (English, for the administrator); empty where it may."""
        if self.approved is None or not self.approved_by or not self.owner:
            return "not approved: Owner, Approved-By and Approved must be filled in"
        if self.approved > today:
            return f"approved only from {self.approved}"
        return f"approved on {self.approved}, too long ago" if today - self.approved > max_age else ""


def load(*folders: Path) -> dict[str, ReadyText]:
    """Every ready text by its name; later folders replace files of earlier ones. Raises MailcaseError for a bad one."""
    files = {path.stem: path for folder in folders for path in sorted((folder / "ready").glob("*.txt"))}
    return {name: _read(path) for name, path in files.items()}


def _read(path: Path) -> ReadyText:
    try:
        head, _, text = path.read_text(encoding="utf-8-sig").partition("\n\n")
    except (OSError, UnicodeDecodeError) as error:
        raise MailcaseError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    given = {name.strip().lower(): value.strip() for name, _, value in (s.partition(":") for s in head.splitlines())}
    if set(given) != set(_HEADERS) or not given["title"] or not text.strip():
        raise MailcaseError(f"{path}: expected the lines Title, Owner, Approved-By, Approved, an empty line, the text")
    return ReadyText(path.stem, given["title"], given["owner"], given["approved-by"], _day(path, given), text.strip())


def _day(path: Path, given: Mapping[str, str]) -> date | None:
    try:
        return date.fromisoformat(given["approved"]) if given["approved"] else None
    except ValueError:
        raise MailcaseError(f"{path}: Approved: expected a day such as 2026-11-20") from None
