"""Looks at the approved texts: what `mailcase check` says of those that are offered and those that go by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from mailcase import enclosed
from mailcase.app import App
from mailcase.check_finding import Finding, Level
from mailcase.mail.ready import ReadyText
from mailcase.rules.enclose import ROOM
from mailcase.rules.ready import needs_file
from mailcase.words import Mode, Topic

_WHAT = "ready texts"
_SENT = "enclosed texts"


def everything(app: App) -> Iterator[Finding]:
    """Every finding in turn."""
    yield from _offered(app)
    yield from _enclosed(app)


def _offered(app: App) -> Iterator[Finding]:
    """The approved texts of consultations: what is not approved, or too long ago, is offered to nobody (A21)."""
    if not app.config.answer.consultation:
        yield Finding(Level.OK, _WHAT, "texts of consultations are not offered: answer.consultation = false")
        return
    wanted = [topic.value for topic in Topic if topic is not Topic.RULES]
    found = {name: _defect(app, name) for name in wanted}
    for name, defect in found.items():
        if defect:
            yield Finding(Level.WARNING, _WHAT, f"{name}{_owner(app, name)}: {defect}; it is offered to nobody")
    if not any(found.values()):
        yield Finding(Level.OK, _WHAT, f"{len(found)} texts of consultations are approved")


def _enclosed(app: App) -> Iterator[Finding]:
    """What keeps the texts of `answer.enclosed_topics` from going to a client by themselves (A41, C11)."""
    topics = app.config.answer.enclosed_topics
    if not topics:
        return
    for topic in dict.fromkeys(topics):
        if defect := _stays(app, topic):
            said = f"{topic}{_owner(app, topic)}: {defect}; answer.enclosed_topics names it, and employees answer it"
            yield Finding(Level.WARNING, _SENT, said)
    yield from (Finding(Level.WARNING, _SENT, f"none goes by itself: {why}") for why in _nothing_goes(app))
    goes = [topic for topic in dict.fromkeys(topics) if not _stays(app, topic)]
    if goes:
        yield Finding(Level.OK, _SENT, f"{', '.join(goes)}: may go along with an acknowledgement")


def _nothing_goes(app: App) -> Iterator[str]:
    config = app.config
    if config.mode is not Mode.LIVE:
        yield f'mode = "{config.mode}", they go in live mode only'
    if not config.answer.acknowledge:
        yield "answer.acknowledge = false, and they are a part of the acknowledgement"
    if not any(box.authserv_id for box in config.mailbox):
        yield "they go to proven senders only; name the server that stamps your mail in mailbox.authserv_id"
    for file in enclosed.without_place(app.composer):
        yield f"your {file} has no place for them; take over the lines with `enclosed` from ours"


def _stays(app: App, name: str) -> str:
    if needs_file(app.config, name):
        return "a file has to go with it, which no acknowledgement carries, or lab.site is not set"
    text = app.composer.ready.get(name)
    long = text is not None and len(text.title) + len(text.text) > ROOM
    return _defect(app, name) or (f"longer than {ROOM} characters, too long for an acknowledgement" if long else "")


def _defect(app: App, name: str) -> str:
    text: ReadyText | None = app.composer.ready.get(name)
    today = app.now().astimezone(app.config.calendar.zone).date()
    return text.defect(today, app.config.answer.texts_max_age) if text else "there is no such file"


def _owner(app: App, name: str) -> str:
    text = app.composer.ready.get(name)
    return f" ({text.owner})" if text is not None and text.owner else ""
