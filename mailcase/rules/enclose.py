"""Which approved texts go along with the acknowledgement of a consultation, before any employee has read it (A41, A23).

Only where they leave nothing open: half an answer makes the client ask again (A20), and in doubt a person answers. The
acknowledgement is not the answer: the case stays open with its clock. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.mail.ready import ReadyText
from mailcase.rules.classify import displeased
from mailcase.rules.classify_words import load, plain
from mailcase.rules.decision import NewCase, Reason
from mailcase.rules.facts import Facts
from mailcase.rules.newest import sentences
from mailcase.rules.ready import for_client
from mailcase.rules.staff_words import own, unsigned
from mailcase.rules.trust import authentication, servers
from mailcase.rules.vague import WHO, is_logo, quotes
from mailcase.words import Kind, Mode, Topic

_LONGEST = 40
"""Words; whoever writes more asks more."""
_MOST = 2000
"""Characters of the letter's own words, with a signature of whatever size."""
_MORE = re.compile(r"\?|\bp\.? ?s\b|\bз\.? ?ы\b|\b(про(шу|сим)|подскажите|скажите|сообщите|пришлите|уточните|please)\b")
"""What a signature does not hold."""
ROOM = 900
"""Characters of all texts together: an acknowledgement stays small, each letter weighs six bytes in it (C11)."""


def enclose(case: NewCase, letter: Letter, facts: Facts, config: Config) -> tuple[NewCase, tuple[Reason, ...]]:
    """The case with the texts that go along, and why they do or do not.

    Without `answer.enclosed_topics`, or where no acknowledgement goes, there is nothing to say.
    """
    judged = case.judgement
    if not config.answer.enclosed_topics or judged.kind is not Kind.CONSULTATION or not case.acknowledge:
        return case, ()
    found = _texts(judged.topics, letter, facts, config)
    why = _for_a_person(case, letter, config) or _unproven(case, letter, config) or _asks_more(case, letter)
    why = why or (found if isinstance(found, str) else "")
    if isinstance(found, str) or why:
        return case, (Reason("answer.enclosed", f"утверждённые тексты без сотрудника не уходят: {why}"),)
    said = ", ".join(f"«{text.title}»" for text in found)
    goes = Reason("answer.enclosed", f"с подтверждением уходят утверждённые тексты: {said}")
    return replace(case, enclosed=found), (goes,)


def _for_a_person(case: NewCase, letter: Letter, config: Config) -> str:
    """What of the verdict asks for a person's eyes first (users.md 1.3)."""
    judged = case.judgement
    if judged.check:
        return "вид обращения под сомнением"
    if judged.risk:
        return "обращение деликатное или срочное"
    if judged.consumer_service:
        return "частное лицо просит об услуге"
    if case.linked_case_id is not None:
        return "письмо связано с другим обращением"
    return "есть признаки недовольства" if displeased(letter, config) else ""


def _unproven(case: NewCase, letter: Letter, config: Config) -> str:
    """Texts of this size go to nobody whose address may be another's (C11, RFC 3834 section 2)."""
    if config.mode is Mode.STAFF:
        return "в режиме staff клиентам автоматически не пишем"
    if case.entered is not None or case.contact[0] != letter.sender.addr:
        return "пишет не сам клиент"
    proven = authentication(letter, *servers(config)).proven
    return "" if proven else "подлинность отправителя не подтверждена почтовым сервером"


def _asks_more(case: NewCase, letter: Letter) -> str:
    """Whether the letter says anything beyond plain questions about its topics."""
    if letter.truncated or letter.forwarded is not None or quotes(letter):
        return "в письме есть и другое, кроме вопроса"
    if any(not is_logo(file, letter) for file in letter.attachments):
        return "к письму приложены файлы"
    return _beyond(letter, case.judgement.topics)


def _beyond(letter: Letter, topics: Iterable[Topic]) -> str:
    """What no plain question about these topics holds; empty where there is nothing else."""
    body = unsigned(own(letter.reply[: _MOST + 1]), letter.signature)
    below = plain(f"{own(letter.reply)[len(body) :]}\n{letter.signature}")
    patterns, text = load("question").patterns, WHO.sub(" ", plain(f"{letter.subject}\n{body}"))
    if len(letter.reply) > _MOST or len(text.split()) > _LONGEST:
        return "письмо длиннее простого вопроса"
    if _MORE.search(below):
        return "ниже подписи есть и другое"
    for sentence in sentences(text):
        if "?" in sentence and not any(patterns[topic.value].search(sentence) for topic in topics):
            return f"есть и другой вопрос: «{sentence[:60]}»"
    for topic in topics:
        text, asked = patterns[topic.value].subn(" ", text)
        if not asked:
            return f"о теме «{topic}» спрашивают не вообще, а о частном случае"
    text = patterns["courtesy"].sub(" ", text)
    his = set(re.findall(r"\w+", plain(letter.sender.name)))
    words = (word for word in re.findall(r"\w+", text) if word not in his)
    other = next((word for word in words if not patterns["beside"].fullmatch(word)), "")
    return f"в письме есть и другое: «{other}»" if other else ""


def _texts(topics: tuple[Topic, ...], letter: Letter, facts: Facts, config: Config) -> tuple[ReadyText, ...] | str:
    """The text of each topic as the client reads it, or what is missing."""
    today = facts.now.astimezone(config.calendar.zone).date()
    found: list[ReadyText] = []
    for topic in topics:
        if topic not in config.answer.enclosed_topics:
            return f"тема «{topic}» не в списке answer.enclosed_topics"
        text = for_client(facts.ready, config, today, topic.value, "en" if letter.lang == "en" else "ru")
        if text is None:
            return f"нет утверждённого текста темы «{topic}»"
        found.append(text)
    if sum(len(text.title) + len(text.text) for text in found) > ROOM:
        return "тексты слишком длинны для подтверждения"
    return tuple(found) or "тема вопроса не понята"
