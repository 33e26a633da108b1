"""The questions of `mailcase init`, asked one after another for whatever was not told as an option.

A wrong answer is explained and asked again at once, so that nobody types twenty answers for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Protocol

import typer
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from mailcase import config_values as values
from mailcase import staff_list
from mailcase.config import Employee
from mailcase.config_errors import expected
from mailcase.init_answers import (
    IMAP_VARIABLES,
    ROLES,
    SMTP_VARIABLES,
    Answers,
    other_account,
    password,
    settled,
    taken,
)
from mailcase.words import ConfigError


def ask(partial: Answers, asker: Asker) -> Answers:
    """The answers with a question asked for each one that was not told; with `yes` nothing is asked.

    A wrong answer is explained and asked again. Raises ConfigError at once where a file would be overwritten.
    """
    if partial.yes:
        return partial
    if refusals := taken(partial.folder):
        raise ConfigError(refusals)
    answers, untold = partial, Answers()
    for question in _QUESTIONS:
        if getattr(answers, question.field) == getattr(untold, question.field):
            told: dict[str, Any] = {question.field: _asked(question, answers, asker)}
            answers = replace(answers, **told)
    if not answers.employees and not answers.people:
        answers = replace(answers, people=_people(asker))
    people = answers.people or (staff_list.read(answers.employees) if answers.employees else ())
    asker.tell("Employees: " + ", ".join(person.login for person in people))
    for role, text in ROLES.items():
        while not staff_list.find(people, getattr(answers, role)):
            told = {role: asker.ask(text, people[0].login) or people[0].login}
            answers = replace(answers, **told)
    return answers


def ask_passwords(answers: Answers, environ: Mapping[str, str], asker: Asker) -> dict[str, str]:
    """The environment with the passwords that `write` needs and that it lacks, typed unseen; not with `yes`."""
    answers, filled = settled(answers), dict(environ)
    if answers.yes:
        return filled
    while not password(IMAP_VARIABLES, filled):
        filled[IMAP_VARIABLES[0]] = asker.ask(f"Password of {answers.imap_user} (mailbox)", secret=True)
    while other_account(answers) and not password(SMTP_VARIABLES, filled):
        filled[SMTP_VARIABLES[0]] = asker.ask(f"Password of {answers.smtp_user} (sending)", secret=True)
    return filled


class Asker(Protocol):
    """Somebody who answers questions."""

    def ask(self, question: str, default: str = "", *, secret: bool = False) -> str:
        """The answer as text; an empty one stands for the default. A secret one is not shown while typed."""

    def tell(self, text: str) -> None:
        """Shows a line that wants no answer."""


class Terminal:
    """The person at the keyboard; questions go to stderr, so that stdout stays the program's result."""

    def ask(self, question: str, default: str = "", *, secret: bool = False) -> str:
        """One line from the keyboard."""
        answer = typer.prompt(question, default=default, show_default=bool(default), hide_input=secret, err=True)
        return str(answer).strip()

    def tell(self, text: str) -> None:
        """One line on the screen."""
        typer.echo(text, err=True)


@dataclass(frozen=True)
class _Question:
    """One question: the field it fills, its default given the answers so far, and what an answer must be.

    `before` is a line that explains it.
    """

    field: str
    text: str
    default: Callable[[Answers], str]
    form: Any = values.Text
    before: Callable[[Answers], str] | None = None


def _stamp(answers: Answers) -> str:
    """No default: an id that the server neither stamps nor strips lets anybody write under an employee's name."""
    host = answers.imap_host
    domain = host.partition(".")[2] if host.count(".") > 1 else host
    return (
        "Employees' new letters are believed where your server vouches for them: the first word after "
        f"Authentication-Results: at the top of any letter it received, such as mx.{domain} (*.{domain} if it varies)."
    )


def _one_word(text: str) -> str:
    if set(text) & set(" ;:"):
        raise ValueError("expected one word such as mx.example.org")
    return text


_TLS = Literal["tls", "starttls", "none"]
_PORT = Annotated[int, Field(ge=1, le=65535)]
_STAMP = Annotated[str, AfterValidator(_one_word)]
_QUESTIONS = (
    _Question("lab_name", "Name of the laboratory, as clients know it", lambda a: ""),
    _Question("lab_name_en", "Its name in English (empty: in Latin letters)", lambda a: "", str),
    _Question("address", "Its e-mail address", lambda a: "", values.MailAddress),
    _Question("imap_host", "IMAP server", lambda a: "imap." + a.address.rpartition("@")[2]),
    _Question("imap_tls", "Encryption of IMAP: tls, starttls or none", lambda a: "tls", _TLS),
    _Question("imap_port", "Port of IMAP", lambda a: str(settled(a).imap_port), _PORT),
    _Question("imap_user", "User name of the mailbox", lambda a: a.address),
    _Question("authserv_id", "That word (empty: ask employees each time)", lambda a: "", _STAMP, _stamp),
    _Question("smtp_host", "SMTP server", lambda a: a.imap_host.replace("imap.", "smtp.", 1)),
    _Question("smtp_tls", "Encryption of SMTP: tls, starttls or none", lambda a: "tls", _TLS),
    _Question("smtp_port", "Port of SMTP", lambda a: str(settled(a).smtp_port), _PORT),
    _Question("smtp_user", "User name for sending (- for none)", lambda a: a.imap_user),
)


def _asked(question: _Question, answers: Answers, asker: Asker) -> str | int:
    default = question.default(answers)
    if question.before is not None:
        asker.tell(question.before(answers))
    while True:
        text = asker.ask(question.text, default) or default
        try:
            answer: str | int = TypeAdapter(question.form).validate_python(text)
        except ValidationError as error:
            asker.tell(
                "; ".join(expected(fault, text) for fault in error.errors(include_url=False, include_input=False))
            )
            continue
        host = {"imap_tls": answers.imap_host, "smtp_tls": answers.smtp_host}.get(question.field, "localhost")
        if answer == "none" and not values.loopback(host):
            asker.tell(f"Without encryption the password would be readable on its way to {host}.")
            continue
        return "" if question.field == "smtp_user" and answer == "-" else answer


def _people(asker: Asker) -> tuple[Employee, ...]:
    """Employees typed in one after another; an empty name ends the list, which has at least one."""
    people: list[Employee] = []
    asker.tell("Employees who answer letters, the head first; an empty name ends the list.")
    while (name := asker.ask("Surname, name, patronymic")) or not people:
        cells = {"name": name, **{key: asker.ask(key.capitalize()) for key in ("position", "phone", "email")}}
        try:
            people.append(staff_list.employee(cells, [person.login for person in people]))
        except ConfigError as error:
            asker.tell("\n".join(error.problems))
    return tuple(people)
