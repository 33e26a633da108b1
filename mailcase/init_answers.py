"""What `mailcase init` was told, and what follows from it; pure but for a look at which files exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mailcase.config import Employee

FILES = ("config.toml", ".env")
TAKEN = "{}: exists already and is not overwritten; move it away, or choose another folder with --dir"
_IMAP_PORTS = {"tls": 993, "starttls": 143, "none": 143}
_SMTP_PORTS = {"tls": 465, "starttls": 587, "none": 25}
ROLES = {
    "head": "Head of the laboratory",
    "duty": "Who gets what nobody else is responsible for",
    "quality_manager": "Quality manager",
}
IMAP_VARIABLES = ("MAILCASE_IMAP_PASSWORD", "MAILCASE_MAILBOX_LAB_PASSWORD")
SMTP_VARIABLES = ("MAILCASE_SMTP_PASSWORD",)


@dataclass(frozen=True)
class Answers:
    """What `mailcase init` was told; an empty value was not told, and `settled` gives it its default.

    `smtp_user` is None where it was not told and empty where the server takes letters without a login. `people` are
    employees who were typed in instead of given as a CSV file. Roles name an employee by login, e-mail or full name.
    """

    folder: Path = Path()
    lab_name: str = ""
    lab_name_en: str = ""
    address: str = ""
    imap_host: str = ""
    imap_port: int = 0
    imap_user: str = ""
    imap_tls: str = ""
    authserv_id: str = ""
    smtp_host: str = ""
    smtp_port: int = 0
    smtp_user: str | None = None
    smtp_tls: str = ""
    head: str = ""
    duty: str = ""
    quality_manager: str = ""
    employees: Path | None = None
    people: tuple[Employee, ...] = ()
    mode: str = "shadow"
    yes: bool = False


def settled(answers: Answers) -> Answers:
    """The answers with every default that follows from others; pure."""
    imap_tls, smtp_tls = answers.imap_tls or "tls", answers.smtp_tls or "tls"
    imap_user = answers.imap_user or answers.address
    return replace(
        answers,
        imap_tls=imap_tls,
        smtp_tls=smtp_tls,
        # A word that is no kind of TLS is refused when the result is loaded; until then any port will do.
        imap_port=answers.imap_port or _IMAP_PORTS.get(imap_tls, 993),
        smtp_port=answers.smtp_port or _SMTP_PORTS.get(smtp_tls, 465),
        imap_user=imap_user,
        smtp_host=answers.smtp_host or answers.imap_host,
        smtp_user=imap_user if answers.smtp_user is None else answers.smtp_user,
    )


def password(names: tuple[str, ...], environ: Mapping[str, str]) -> str:
    """The first of these variables that is set, or ""."""
    return next((environ[name] for name in names if environ.get(name)), "")


def other_account(answers: Answers) -> bool:
    """Whether letters are sent by another account than the mailbox's, which has a password of its own."""
    return bool(answers.smtp_user) and answers.smtp_user != answers.imap_user


def taken(folder: Path) -> list[str]:
    """A refusal for each file of the set-up that exists already."""
    return [TAKEN.format(folder / name) for name in FILES if (folder / name).exists()]
