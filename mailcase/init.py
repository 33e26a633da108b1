"""Sets up a laboratory: asks for servers and employees, or takes the answers unattended, and writes two files.

`config.toml` holds everything but secrets, `.env` beside it the secrets. Promises: both are readable by their owner
alone, appear whole, and never replace a file; what is written has been loaded once before, so it is valid; whatever
is missing or wrong is listed at once, and then nothing is written.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mailcase import config_file, init_text, staff_list
from mailcase.config_secrets import Variables
from mailcase.init_answers import (
    FILES,
    IMAP_VARIABLES,
    ROLES,
    SMTP_VARIABLES,
    TAKEN,
    Answers,
    other_account,
    password,
    settled,
    taken,
)
from mailcase.init_ask import Asker, Terminal, ask, ask_passwords
from mailcase.words import ConfigError

__all__ = ["Answers", "Asker", "Terminal", "ask", "ask_passwords", "write"]

_REQUIRED = {"lab_name": "--lab-name", "address": "--address", "imap_host": "--imap-host"}


def write(answers: Answers, environ: Mapping[str, str]) -> list[Path]:
    """Writes `config.toml` and `.env` into `answers.folder`, which is made if need be; returns both paths.

    Passwords come from MAILCASE_IMAP_PASSWORD (or MAILCASE_MAILBOX_LAB_PASSWORD) and MAILCASE_SMTP_PASSWORD of
    `environ`; `ask_passwords` adds those that were typed. Raises ConfigError with all faults at once.
    """
    config, env = (answers.folder / name for name in FILES)
    answers = settled(answers)
    problems = [*taken(answers.folder), *_missing(answers, environ)]
    try:
        people = answers.people or (staff_list.read(answers.employees) if answers.employees else ())
    except ConfigError as error:
        others = problems or _beside_the_list(answers, environ)
        raise ConfigError(others + error.problems) from error
    answers, unknown = _with_roles(replace(answers, people=people))
    if problems + unknown:
        raise ConfigError(problems + unknown)
    variables = _variables(answers, environ)
    text = init_text.config(answers)
    config_file.parse(text, Variables((variables,), answers.folder.resolve()))
    # The secrets first: a config.toml without them would look like a finished set-up.
    _write_new(env, init_text.env(variables))
    _write_new(config, text)
    return [config, env]


def _missing(answers: Answers, environ: Mapping[str, str]) -> list[str]:
    found = [f"{option}: is missing" for field, option in _REQUIRED.items() if not getattr(answers, field)]
    if not answers.people and not answers.employees:
        found.append("--employees: is missing; give a CSV file with the columns name,position,phone,email")
    if not password(IMAP_VARIABLES, environ):
        found.append(f"{IMAP_VARIABLES[0]}: the environment has no password for the mailbox")
    if other_account(answers) and not password(SMTP_VARIABLES, environ):
        found.append(f"{SMTP_VARIABLES[0]}: the environment has no password for {answers.smtp_user}")
    return found


def _beside_the_list(answers: Answers, environ: Mapping[str, str]) -> list[str]:
    """What else is wrong where the list of employees cannot be read: somebody stands in for all of them."""
    cells = {"name": "Сотрудник", "position": "инженер", "phone": "+7 (495) 000-00-00", "email": "nobody@example.org"}
    one = staff_list.employee(cells, ())
    answers = replace(answers, people=(one,), head=one.login, duty=one.login, quality_manager=one.login)
    try:
        variables = Variables((_variables(answers, environ),), answers.folder.resolve())
        config_file.parse(init_text.config(answers), variables)
    except ConfigError as error:
        return error.problems
    return []


def _with_roles(answers: Answers) -> tuple[Answers, list[str]]:
    """The answers with roles as logins, the first employee where none was named; and the names nobody has."""
    if not answers.people:
        return answers, []
    roles: dict[str, str] = {}
    unknown = []
    for role in ROLES:
        who = getattr(answers, role)
        person = staff_list.find(answers.people, who) if who else answers.people[0]
        if not person:
            known = ", ".join(p.login for p in answers.people)
            unknown.append(f'--{role.replace("_", "-")} "{who}": no employee is called so; there are {known}')
        roles[role] = person.login if person else ""
    return replace(answers, head=roles["head"], duty=roles["duty"], quality_manager=roles["quality_manager"]), unknown


def _variables(answers: Answers, environ: Mapping[str, str]) -> dict[str, str]:
    """What goes into `.env`; the key is made anew, because two laboratories must not share one."""
    variables = {
        "MAILCASE_SECRET": secrets.token_hex(32),
        "MAILCASE_MAILBOX_LAB_PASSWORD": password(IMAP_VARIABLES, environ),
    }
    smtp = password(SMTP_VARIABLES, environ)
    if answers.smtp_user and smtp:
        variables["MAILCASE_SMTP_PASSWORD"] = smtp
    problems = [
        f"{name}: holds a line break, which .env cannot" for name, v in variables.items() if set(v) & set("\r\n")
    ]
    if problems:
        raise ConfigError(problems)
    return variables


def _write_new(file: Path, text: str) -> None:
    """The whole file or nothing, mode 0600; a file that came into being meanwhile is left as it is."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            # A link, unlike a rename, fails where the name is taken.
            file.hardlink_to(name)
        finally:
            Path(name).unlink()
    except FileExistsError as error:
        raise ConfigError([TAKEN.format(file)]) from error
    except OSError as error:
        raise ConfigError([f"{file}: cannot be written ({str(error.strerror).lower()})"]) from error
