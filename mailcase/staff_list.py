"""Reads the laboratory's list of employees from a CSV file, as Excel saves it, and names the line of each fault.

Columns `name,position,phone,email` and, if wanted, `aliases,kinds,substitute,name_en,position_en`; in any order,
separated by commas or semicolons, in UTF-8 or Windows-1251. Several aliases or kinds in one cell are separated by `,`,
`;` or spaces; a substitute is named by name, e-mail or login. Logins are made of the e-mail addresses.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from mailcase.config import Employee
from mailcase.config_errors import sentences
from mailcase.config_values import did_you_mean
from mailcase.words import ConfigError

_REQUIRED = ("name", "position", "phone", "email")
_OPTIONAL = ("aliases", "kinds", "substitute", "name_en", "position_en")


@dataclass(frozen=True)
class _Row:
    """One line of the file; `cells` has every column, empty where the file has none."""

    line: int
    cells: Mapping[str, str]


def read(file: Path) -> tuple[Employee, ...]:
    """The employees of a CSV file, with substitutes as logins; raises ConfigError with all faults at once."""
    rows = _rows(_text(file), file.name)
    problems: list[str] = []
    people: list[Employee] = []
    lines: dict[str, int] = {}
    for row in rows:
        try:
            person = employee(row.cells, [p.login for p in people])
        except ConfigError as error:
            problems += [f"{file.name}, line {row.line}: {problem}" for problem in error.problems]
            continue
        people.append(person)
        lines[person.login] = row.line
    if not problems:
        people, problems = _substituted(people, {login: f"{file.name}, line {n}" for login, n in lines.items()})
    if problems or not people:
        raise ConfigError(problems or [f"{file.name}: no employee in it; expected at least one line below the header"])
    return tuple(people)


def employee(cells: Mapping[str, str], taken: Iterable[str]) -> Employee:
    """One card out of text cells, with a login that is not among `taken`; its substitute is still as it was written.

    Raises ConfigError naming each wrong cell.
    """
    raw = {
        **{key: " ".join(cells.get(key, "").split()) for key in (*_REQUIRED, "substitute", "name_en", "position_en")},
        **{key: [part for part in re.split(r"[,;\s]+", cells.get(key, "")) if part] for key in ("aliases", "kinds")},
        "login": _login(cells.get("email", ""), frozenset(taken)),
    }
    try:
        return Employee.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(sentences(error, raw)) from error


def find(people: Iterable[Employee], who: str) -> Employee | None:
    """The one whose login, e-mail address or full name this is, in whatever case and spacing.

    A part of the name, such as the surname, will do where only one person has it.
    """
    wanted, known = who.lower().split(), list(people)
    exact = [p for p in known if " ".join(wanted) in (p.login, *p.addresses, " ".join(p.name.lower().split()))]
    partly = [p for p in known if wanted and set(wanted) <= set(p.name.lower().split())]
    return exact[0] if exact else partly[0] if len(partly) == 1 else None


def _text(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ConfigError([f"{file}: cannot be read ({str(error.strerror).lower()})"]) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Excel in a Russian Windows saves "CSV" so; the few bytes that cp1251 lacks must not stop the set-up.
        return content.decode("cp1251", "replace")


def _rows(text: str, name: str) -> list[_Row]:
    header = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if ";" in header else ",", restkey="")
    columns = [column.strip().lower() for column in reader.fieldnames or ()]
    problems = [f"{name}, line 1: no column `{key}`" for key in _REQUIRED if key not in columns]
    known = (*_REQUIRED, *_OPTIONAL)
    odd = [column for column in columns if column and column not in known]
    problems += [f"{name}, line 1: unknown column `{c}`{did_you_mean(c, known)}" for c in odd]
    if problems:
        raise ConfigError(problems)
    reader.fieldnames = columns
    rows = []
    for cells in reader:
        # Excel ends lines with empty cells; only a cell with something in it means that a comma was not quoted.
        if "".join(cells.pop("", None) or "").strip():
            problems.append(f"{name}, line {reader.line_num}: more cells than columns; put cells with `,` in quotes")
        if any((value or "").strip() for value in cells.values()):
            rows.append(_Row(reader.line_num, {key: value or "" for key, value in cells.items()}))
    if problems:
        raise ConfigError(problems)
    return rows


def _login(email: str, taken: frozenset[str]) -> str:
    """The local part of the address in the letters that a login may have, numbered where it is taken."""
    local = re.sub(r"[^a-z0-9._-]+", "-", email.strip().lower().partition("@")[0]).strip("-") or "employee"
    if local not in taken:
        return local
    return next(login for n in itertools.count(2) if (login := f"{local}{n}") not in taken)


def _substituted(people: list[Employee], lines: Mapping[str, str]) -> tuple[list[Employee], list[str]]:
    """The same people with the substitute as a login, and what is wrong with substitutes."""
    problems, resolved = [], []
    for person in people:
        other = find(people, person.substitute) if person.substitute else None
        if person.substitute and not other:
            problems.append(
                f'{lines[person.login]}: substitute = "{person.substitute}": nobody in the list is called so'
            )
        resolved.append(person.model_copy(update={"substitute": other.login if other else ""}))
    return resolved, problems
