"""The two files of a new laboratory as text: a `config.toml` that people can read and change, and its `.env`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from mailcase.config import Employee
from mailcase.init_answers import Answers

_Toml = str | int | Iterable[str]
_HEAD = """\
# The configuration of mailcase, made by `mailcase init`. Passwords are in .env beside it.
# config.example.toml explains every key that can stand here; what is left out has its default.
# After a change: `mailcase check`.

# To whom letters are written at all: shadow (only the quality manager, each evening), staff (employees) or live.
"""
_ENV_HEAD = """\
# Secrets of mailcase, made by `mailcase init`; nobody else may read this file.
# Keep MAILCASE_SECRET: with another one, case numbers that were sent out are not recognised any more.
"""


def config(answers: Answers) -> str:
    """The text of `config.toml`; the answers are settled and their roles are logins."""
    lab: dict[str, _Toml] = {
        "name": answers.lab_name,
        **({"name_en": answers.lab_name_en} if answers.lab_name_en else {}),
        "address": answers.address,
        "head": answers.head,
        "duty": answers.duty,
        "quality_manager": answers.quality_manager,
        "top_management": (answers.head,),
    }
    mailbox: dict[str, _Toml] = {
        "name": "lab",
        "host": answers.imap_host,
        "port": answers.imap_port,
        "user": answers.imap_user,
        "tls": answers.imap_tls,
        **({"authserv_id": answers.authserv_id} if answers.authserv_id else {}),
    }
    smtp: dict[str, _Toml] = {
        "host": answers.smtp_host,
        "port": answers.smtp_port,
        "user": answers.smtp_user or "",
        "tls": answers.smtp_tls,
    }
    sections = (
        f"{_HEAD}mode = {_value(answers.mode)}\n",
        _section("[lab]", lab, "head, duty, quality_manager and top_management are logins of employees below."),
        _section("[[mailbox]]", mailbox, "The mailbox that is watched."),
        _section("[smtp]", smtp, "The server that takes our letters; an empty user means no login."),
        "# The people who answer letters.\n" + "\n".join(_employee(person) for person in answers.people),
    )
    return "\n".join(sections)


def env(variables: Mapping[str, str]) -> str:
    """The text of `.env`, in single quotes, where `#`, `$` and spaces mean nothing; values are single lines."""
    lines = (f"{name}='{_escaped(value)}'\n" for name, value in variables.items())
    return _ENV_HEAD + "".join(lines)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def _employee(person: Employee) -> str:
    card: dict[str, _Toml] = {
        "login": person.login,
        "name": person.name,
        "position": person.position,
        "name_en": person.name_en,
        "position_en": person.position_en,
        "phone": person.phone,
        "email": person.email,
        "aliases": person.aliases,
        "kinds": person.kinds,
        "substitute": person.substitute,
    }
    return _section("[[employee]]", {key: value for key, value in card.items() if value})


def _section(header: str, content: Mapping[str, _Toml], comment: str = "") -> str:
    lines = [f"# {comment}"] if comment else []
    lines += [header, *(f"{key} = {_value(value)}" for key, value in content.items())]
    return "\n".join(lines) + "\n"


def _value(value: _Toml) -> str:
    if isinstance(value, str):
        # A string of JSON is one of TOML, but for DEL, which only TOML wants escaped.
        return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")
    return str(value) if isinstance(value, int) else f"[{', '.join(map(_value, value))}]"
