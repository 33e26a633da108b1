"""Turns a draft into the letter that leaves: subject, plain text and HTML from one template, then bytes.

Only module that knows Jinja. Promises: the same draft gives the same bytes; values are data, never markup, code
or headers (C106); a template that names an unknown variable, or prints an empty one, sends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError, meta
from jinja2 import pass_context as with_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailcase.mail import markup, mime, ready, russian, samples
from mailcase.mail.draft import Draft, DraftAttachment
from mailcase.words import MailcaseError, Template

# What a template written by a person may raise while it runs; each is a fault of that file, not of ours.
_FAULTS = (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_GIVEN = frozenset({"lang"})
_LAYOUT = "layout.html.j2"
_PREFIX = re.compile(r"^\s*(?:re|fw|fwd|aw|wg|ответ|отв|на|пересл|fyi)\s*(?:\[\d+\])?\s*:\s*", re.I)
# A letter that waited, or is read again for quotation, while a new version came lacks what that version names.
_BLANK: dict[str, dict[str, Any]] = {d.template: dict.fromkeys(d.values, "") for d in samples.drafts()}
_LONGEST_SUBJECT = 300
_LONGEST_NAME = 60


class TemplateFault(MailcaseError):
    """A template cannot be used; the text names the file and the variable."""


class Composer:
    """Composes letters from the packaged templates, single ones replaced by files of the folder `own`.

    `zone` is that in which dates are printed. Raises MailcaseError where `own` is given and is no folder.
    """

    def __init__(self, own: Path | None = None, zone: ZoneInfo = ZoneInfo("Europe/Moscow")) -> None:  # noqa: B008
        if own is not None and not own.is_dir():
            raise MailcaseError(f"templates folder {own}: there is no such folder")
        self._zone = zone
        self.ready = ready.load(*(p for p in (packaged(), own) if p))
        """The ready texts by name."""
        self._loader = ChoiceLoader([FileSystemLoader(p) for p in (own, packaged()) if p])
        self._files = frozenset(self._loader.list_templates())
        self._texts = self._environment(_finalize)
        for name, write in _FILTERS.items():
            self._texts.filters[name] = write
        for name, moment in _DATES.items():
            self._texts.filters[name] = self._date(moment)
        self._printed: dict[tuple[Template, str], bool] = {}
        self._layouts = self._environment(None)

    def _environment(self, finalize: Callable[[Any], Any] | None) -> ImmutableSandboxedEnvironment:
        return ImmutableSandboxedEnvironment(
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=finalize is None,
            finalize=finalize,
            loader=self._loader,
        )

    def _date(self, write: Callable[[datetime, str], str]) -> Callable[[Context, Any], str]:
        @with_context
        def filtered(context: Context, value: Any) -> str:
            return write(russian.local(str(value), self._zone), context["lang"])

        return filtered

    def prints(self, template: Template, value: str) -> bool:
        """Whether that letter, in all its languages, has a place for the value: a file of your own may have none.

        True where a file cannot be read: its letters are written, fail, and leave once it is mended.
        """
        if (template, value) not in self._printed:
            files = self._files & {f"{template}.txt.j2", f"{template}.en.txt.j2"}
            try:
                self._printed[template, value] = all(value in self._named(file) for file in files)
            except TemplateFault:
                self._printed[template, value] = True
        return self._printed[template, value]

    def compose(self, draft: Draft, attachment: Callable[[DraftAttachment], bytes]) -> bytes:
        """The letter's bytes: CRLF, 7-bit, lines of at most 998 octets (RFC 5322 2.1.1, C73).

        `attachment` gives the bytes of a file; what it raises passes through. Raises MailcaseError for a template
        that fails on these values and for an address that no letter can be sent to.
        """
        return mime.message(draft, mime.Rendered(*self.render(draft)), self._zone, attachment)

    def subject(self, draft: Draft) -> str:
        """The subject line as people read it."""
        return self.render(draft)[0]

    def render(self, draft: Draft) -> tuple[str, str, str]:
        """Subject, plain text and HTML. Raises TemplateFault."""
        values = markup.clean(draft.values)
        subject, parts = self._parts(draft, values)
        text = markup.as_text(parts)
        if draft.html:
            # Ready HTML of an answer stands where its text would: the same words, with tables and pictures.
            parts = self._parts(draft, values | {"text": markup.INSERT})[1]
        body = markup.as_html(parts, markup.clean(draft.html))
        return subject, text, self._layout(self._language(draft), subject, body)

    def _parts(self, draft: Draft, values: dict[str, Any]) -> tuple[str, tuple[markup.Block, ...]]:
        name, lang = self._file(draft), self._language(draft)
        source = markup.close_gaps(self._run(self._texts, name, _BLANK[draft.template] | values | {"lang": lang}))
        first, _, rest = source.lstrip("\n").partition("\n")
        if not first.startswith("Subject: "):
            raise TemplateFault(f"{name}: the first line after the comment must be «Subject: …»")
        return mime.one_line(markup.unshield(first.removeprefix("Subject: "))), markup.blocks(rest)

    def _layout(self, lang: str, subject: str, body: str) -> str:
        return self._run(self._layouts, _LAYOUT, {"lang": lang, "subject": subject, "body": body})

    def _language(self, draft: Draft) -> str:
        """English only where the text itself is: «до Wed 25 Nov» would be worse than Russian."""
        return "en" if draft.lang == "en" and f"{draft.template}.en.txt.j2" in self._files else "ru"

    def _file(self, draft: Draft) -> str:
        return f"{draft.template}{'.en' if self._language(draft) == 'en' else ''}.txt.j2"

    def _run(self, environment: ImmutableSandboxedEnvironment, name: str, values: dict[str, Any]) -> str:
        try:
            return environment.get_template(name).render(values)
        except _FAULTS as fault:
            raise _described(name, fault) from fault

    def check(self) -> list[str]:
        """Problems of every template in both languages, each with file and variable; empty where all is well.

        Renders all samples and compares the variables named anywhere in a file, also in branches that no sample
        takes, with those that the letter has.
        """
        problems: dict[str, None] = {}
        for draft in samples.drafts():
            name = self._file(draft)
            try:
                known = _GIVEN | draft.values.keys()
                problems |= {f"{name}: unknown variable {v!r}": None for v in sorted(self._named(name) - known)}
                self.compose(draft, samples.content)
            except MailcaseError as fault:
                problems[str(fault)] = None
        return list(problems)

    def _named(self, name: str) -> set[str]:
        try:
            source = self._texts.parse(self._loader.get_source(self._texts, name)[0], name)
            parts = filter(None, meta.find_referenced_templates(source))
            return meta.find_undeclared_variables(source).union(*map(self._named, parts))
        except TemplateError as fault:
            raise _described(name, fault) from fault


def _described(name: str, fault: Exception) -> TemplateFault:
    if isinstance(fault, TemplateSyntaxError):
        return TemplateFault(f"{fault.name or name}, line {fault.lineno}: {fault.message}")
    return TemplateFault(f"{name}: {fault}")


def packaged() -> Path:
    """The folder of our own templates: inside the installed package, else that of the repository."""
    inside = Path(str(resources.files("mailcase") / "templates"))
    return inside if inside.is_dir() else Path(__file__).parents[2] / "templates"


def _finalize(value: Any) -> str:
    if value is None:
        raise ValueError("a variable is empty (null) where the letter prints it; guard it with {% if %}")
    return markup.shield(str(value)) or markup.EMPTY


@with_context
def _phone(context: Context, value: Any) -> str:
    return russian.phone(str(value), context["lang"])


@with_context
def _topic(context: Context, value: Any, tag: str = "") -> str:
    """A client's subject without «Re:» and our tag, cut so that the tag after it is never lost."""
    words = mime.one_line(str(value).replace(f"[{tag}]", " ") if tag else str(value))
    while _PREFIX.match(words):
        words = _PREFIX.sub("", words)
    return _cut(words, _LONGEST_SUBJECT) or ("no subject" if context["lang"] == "en" else "без темы")


@with_context
def _names(context: Context, value: Any, most: int = 10) -> str:
    """File names in a row; an acknowledgement stays small whatever was attached (C11)."""
    files = [mime.one_line(str(name)) for name in value]
    shown = [f"{n[: _LONGEST_NAME - 9]}…{n[-8:]}" if len(n) > _LONGEST_NAME else n for n in files[:most]]
    more = len(files) - len(shown)
    if more:
        shown[-1] += f" and {more} more" if context["lang"] == "en" else f" и ещё {more}"
    return ", ".join(shown)


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0][: most - 1].rstrip() + "…"


def _first_up(text: Any) -> str:
    """The text with a capital at its beginning; «capitalize» would lower the rest."""
    words = str(text)
    return words[:1].upper() + words[1:]


def _stop(text: Any) -> str:
    """The text with one mark at its end, whether or not the writer of the reason set a full stop."""
    words = str(text).rstrip()
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."


def _time(moment: datetime, lang: str) -> str:
    return f"{moment:%H:%M}"


_FILTERS: dict[str, Callable[..., Any]] = {
    "phone": _phone,
    "topic": _topic,
    "names": _names,
    "cut": _cut,
    "first_up": _first_up,
    "stop": _stop,
    "plural": russian.plural,
    "working_days": russian.working_days,
    "short_name": russian.short_name,
    "firm": russian.firm,
    "kind": russian.kind,
    "remedy": russian.remedy,
    "status": russian.status,
    "reckoned": russian.reckoned,
}
_DATES: dict[str, Callable[[datetime, str], str]] = {
    "day": russian.day,
    "day_gen": russian.day_gen,
    "over_day": russian.over_day,
    "date": russian.numeric,
    "short": russian.short,
    "time": _time,
    "zone": russian.zone,
    "clock": russian.clock,
}
