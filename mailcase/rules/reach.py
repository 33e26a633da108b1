"""By which way a client reached us and wants to be answered, and to whom he writes (A11, A13, A46)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mailcase.config import Config
from mailcase.mail import russian
from mailcase.mail.letter import Letter
from mailcase.rules.addressee import Addressee, addressee, meant
from mailcase.rules.client_words import client_words
from mailcase.rules.decision import Entered, Reach
from mailcase.rules.entry import Entry
from mailcase.rules.entry_when import moment
from mailcase.rules.facts import Facts
from mailcase.rules.form import form
from mailcase.rules.wishes import preferred_channel
from mailcase.words import Channel

_NO_ADDRESS = "клиент не оставил адреса электронной почты"
_SPOKEN = (Channel.PHONE, Channel.ANSWERPHONE)
BY_PHONE = "Обращение по телефону"
"""What a call is named, where nobody named its topic."""


def reach(letter: Letter, config: Config) -> Reach:
    """Of a letter, by the client's own words."""
    wrote = client_words(letter, config)
    return replace(
        _to(addressee(wrote, config), config),
        channel=Channel.WEB_FORM if form(letter, config) else Channel.EMAIL,
        preferred=preferred_channel(wrote),
    )


def reach_of_entry(entry: Entry, letter: Letter, received_at: datetime, config: Config) -> Reach:
    """Of what an employee entered; who left nothing but a telephone number is called back."""
    said = entry.fields
    whom = meant(said.whom, config) if said.whom else None
    to = Addressee(whom.login, personally=True) if whom else addressee(client_words(letter, config), config)
    channel = said.channel or Channel.OTHER
    call = Channel.PHONE if said.phone and not said.address and channel in _SPOKEN else None
    return replace(
        _to(to, config),
        channel=channel,
        phone=said.phone,
        occurred_at=moment(said.when, received_at, config.calendar.zone) if said.when else None,
        preferred=preferred_channel(client_words(letter, config)) or call,
    )


def _to(to: Addressee | None, config: Config) -> Reach:
    """Every formal letter begins with the director's title: he gets a copy only where he is meant in person."""
    if to is None:
        return Reach()
    return Reach(addressee=to.login, copy=to.personally or to.login != config.lab.head)


def silence_of_entry(entry: Entry, facts: Facts, config: Config) -> str:
    """Why the client of an entry gets no confirmation (Russian); only he who left an address does."""
    address = entry.fields.address
    if not address:
        return _NO_ADDRESS
    if facts.history or facts.late:
        return "запись найдена позже, чем пришла"
    return "" if config.answer.acknowledge else "подтверждения выключены в настройке"


def entered(entry: Entry, person: str, reach: Reach, config: Config) -> Entered:
    """What the register, the notice and the receipt tell of an entry."""
    said = entry.fields
    when = reach.occurred_at.astimezone(config.calendar.zone) if reach.occurred_at else None
    known = (
        ("", russian.channel(said.channel) if said.channel else ""),
        ("от: ", entry.contact[1]),
        ("тел. ", russian.phone(said.phone) if said.phone else ""),
        ("", said.address),
        ("", f"{when:%d.%m.%Y}" + (f" в {when:%H:%M}" if (when.hour or when.minute) else "") if when else ""),
        ("тема: ", said.topic),
    )
    understood = tuple(f"{label}{value}" for label, value in known if value)
    # Whoever left an address reads the subject: nobody's notes about him stand there.
    subject = entry.subject if said.topic or not said.address else ""
    subject = subject or (BY_PHONE if reach.channel in _SPOKEN else f"Обращение: {russian.channel(reach.channel)}")
    return Entered(person, subject, entry.text or entry.subject, understood, entry.missing if entry.marked else ())
