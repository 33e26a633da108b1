"""Whether the servers answer, take what we send and can do what the configuration asks of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mailcase import config
from mailcase.app import App
from mailcase.check_finding import Finding, Level
from mailcase.mail.mailbox import Mailbox
from mailcase.mail.oauth import token_source
from mailcase.mail.smtp import Smtp
from mailcase.post import message_id
from mailcase.words import MailcaseError


def everything(app: App) -> Iterator[Finding]:
    """Every mailbox, the server that takes our letters, and the language model where there is one."""
    for settings in app.config.mailbox:
        yield from _mailbox(app, settings)
    yield from _smtp(app)
    yield from language_model(app)


def _mailbox(app: App, settings: config.Mailbox) -> Iterator[Finding]:
    what = f"mailbox {settings.name}"
    try:
        token = token_source(settings, f"mailbox:{settings.name}", app.token_store(settings.oauth))
        mailbox = Mailbox(settings, token)
        try:
            mailbox.connect()
            yield from _inside(what, mailbox, settings)
        finally:
            mailbox.close()
    except MailcaseError as error:
        yield Finding(Level.PROBLEM, what, str(error))


def _inside(what: str, mailbox: Mailbox, settings: config.Mailbox) -> Iterator[Finding]:
    folders = mailbox.folders()
    yield Finding(Level.OK, what, f"logged in to {settings.host} as {settings.user}; folders: {', '.join(folders)}")
    for key in ("inbox", "spam_folder"):
        name = getattr(settings, key)
        # INBOX is the one name that no server tells apart by its case (RFC 3501, 5.1).
        if name and name not in folders and name.upper() != "INBOX":
            yield Finding(Level.PROBLEM, what, f'{key} = "{name}": there is no such folder; choose one of those above')
    sent = mailbox.sent_folder()
    if sent and sent in folders:
        yield Finding(Level.OK, what, f"sent letters are in {sent}")
    else:
        said = f'sent_folder = "{settings.sent_folder}": {"no such folder" if sent else "none was found"}'
        yield Finding(Level.WARNING, what, f"{said}; name it, or answers from webmail stay unseen")
    offered = [name for name in ("IDLE", "MOVE", "UIDPLUS") if name in mailbox.capabilities]
    yield Finding(Level.OK, what, f"the server offers {', '.join(offered) or 'none of IDLE, MOVE, UIDPLUS'}")
    yield from _tidying(what, mailbox, settings, offered)


def _tidying(what: str, mailbox: Mailbox, settings: config.Mailbox, offered: Iterable[str]) -> Iterator[Finding]:
    mailbox.select(settings.inbox, readonly=False)
    if settings.after == "mark" and not mailbox.keeps_mark:
        said = 'after = "mark": the server keeps no keywords, so letters stay as they are; take "leave" or "move"'
        yield Finding(Level.WARNING, what, said)
    if settings.after == "move" and not {"MOVE", "UIDPLUS"}.intersection(offered):
        said = 'after = "move": the server can neither MOVE nor UIDPLUS, so letters are only marked; take "mark"'
        yield Finding(Level.WARNING, what, said)


def _smtp(app: App) -> Iterator[Finding]:
    settings, what = app.config.smtp, "smtp"
    token = message_id(app.config, "check")[1:17]
    automatic = "" if settings.auto_envelope == "<>" else settings.auto_envelope.replace("{token}", token)
    try:
        smtp = Smtp(settings, token_source(settings, "smtp", app.token_store(settings.oauth)))
        problems = smtp.check([app.config.lab.address, automatic])
    except MailcaseError as error:
        problems = [str(error)]
    for problem in problems:
        yield Finding(Level.PROBLEM, what, problem)
    if not problems:
        yield Finding(Level.OK, what, f"{settings.host} takes letters from {app.config.lab.address} and automatic ones")


def language_model(app: App) -> Iterator[Finding]:
    """One question without a word of any letter; where it does not answer, letters are judged without it."""
    settings, what = app.config.language_model, "language model"
    if not settings.url:
        return
    try:
        app.language_model.ask("Добрый день! Просим прислать прайс-лист.")
    except MailcaseError as error:
        yield Finding(Level.PROBLEM, what, f"{error}; correct [language_model] or its key, or empty the url")
    else:
        yield Finding(Level.OK, what, f"{settings.model} answers at {settings.url}")
