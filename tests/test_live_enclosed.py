"""Approved texts on a real Dovecot and a real Postfix: one letter to the client, one word of the employee (A41)."""

from __future__ import annotations

import json

import pytest

from tests.letters import raw
from tests.test_enclosed_flow import NEEDED, OPEN, QUESTION, WORDS, texts
from tests.test_live import bare, program, town, write
from tests.town import Program, Town, text_of, wait_for

__all__ = ["program", "town"]
pytestmark = pytest.mark.live


def configure(program: Program) -> None:
    """As an operator does it: his folder of texts, the topics, the name of the server that stamps his mail."""
    texts(program.folder, WORDS)
    config = program.folder / "config.toml"
    text = config.read_text().replace("[[mailbox]]\n", '[[mailbox]]\nauthserv_id = "*"\n')
    text = text.replace("[answer]\n", '[answer]\nenclosed_topics = ["hours", "documents"]\n')
    config.write_text(f'templates = "texts"\n{text}')


@pytest.mark.req("A41", "A20", "A21", "C11")
def test_a_plain_question_is_answered_at_once_by_the_daemon_and_ended_by_one_word(town: Town, program: Program) -> None:
    configure(program)
    checked = program.command("check")
    assert "enclosed texts: hours, documents: may go along" in checked.stdout
    program.start()
    proven = {"Authentication-Results": "mx.example.org; dmarc=pass header.from=example.org"}
    anna = write(town, "anna", QUESTION, subject="Вопрос", headers=proven)
    (ack,) = town.wait(anna, 1, "the acknowledgement")
    assert str(ack["Return-Path"]) == "<>"
    assert "Справочно, по Вашему вопросу:" in text_of(ack)
    assert OPEN in text_of(ack)
    assert NEEDED in text_of(ack)
    boris = write(town, "boris", QUESTION.replace("Анна Ковалёва", "Борис"), subject="Вопрос")
    (unproven,) = town.wait(boris, 1, "the acknowledgement of whom nobody vouches for")
    assert "Справочно" not in text_of(unproven)
    petrova = town.address("petrova")
    notice = next(n for n in town.wait(petrova, 2, "the notices") if "справочно" in text_of(n))
    ids = str(notice["Message-ID"]).strip()
    word = raw("достаточно", sender=petrova, to=town.address("lab"), subject=f"Re: {notice['Subject']}",
               message_id=f"<word-{town.suffix}@cleanmet.ru>", in_reply_to=ids, references=ids)  # fmt: skip
    town.submit(petrova, [town.address("lab")], bare(word))
    states = "SELECT status FROM cases ORDER BY id"
    wait_for(lambda: program.ask(states) == [("answered",), ("open",)], f"the word counts\n{program.log()}")
    ((detail,),) = program.ask("SELECT detail FROM event WHERE type = 'answered'")
    assert {"approved": "2026-01-15", "text": "hours"} in json.loads(str(detail))["enclosed"]
    assert [len(town.letters(who)) for who in (anna, boris, petrova)] == [1, 1, 2]
