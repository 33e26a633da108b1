"""An employee's word about a letter is a labelled example, read from the letter itself when it is learned."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase import corrections
from mailcase.corrections import Correction
from mailcase.mail.compose import Composer
from mailcase.mail.samples import drafts
from mailcase.store import tables as t
from mailcase.words import Kind, Register, Template
from tests.lab import Lab
from tests.letters import raw
from tests.test_assign import staff

VAGUE = "Добрый день. Ждали вас с приборами в среду."


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint", "claim")}))


def says(lab: Lab, word: str) -> str:
    """Whoever has the newest case answers his notice of it; what he is told."""
    case = lab.cases()[-1]
    address = f"{case.assignee}@cleanmet.ru"
    notice = next(s for s in reversed(lab.to(address)) if case.tag in s.subject)
    lab.arrive(raw(word, sender=address, message_id=f"<{lab.arrived}@cleanmet.ru>", in_reply_to=notice.id))
    return lab.to(address)[-1].text


def only(lab: Lab) -> Correction:
    (found,) = corrections.gather(lab.app)
    return found


def test_a_corrected_kind_is_an_example_of_the_very_words_that_were_judged(lab: Lab) -> None:
    lab.arrive(raw(VAGUE, subject="Приборы"))
    before = Kind(lab.cases()[0].kind)
    wanted, word = (Kind.CLAIM, "!претензия") if before is Kind.COMPLAINT else (Kind.COMPLAINT, "!жалоба")
    says(lab, word)
    example = only(lab)
    assert (example.label.kind, example.label.taken_for, example.corrects) == (wanted, before, True)
    row = example.letter.row
    assert (row["register"], row["kind"], row["subject"]) == ("complaint", wanted, "Приборы")
    assert row["body"].strip() == VAGUE
    assert example.letter.example.found["r"], "how far to trust the rules is learned as well"


def test_what_a_client_quotes_is_not_learned(lab: Lab) -> None:
    lab.arrive(raw("Ждём ответа.\n\n> К сожалению, протокол с ошибкой.\n"))
    says(lab, "!жалоба")
    assert "ошибкой" not in only(lab).letter.row["body"]


@pytest.mark.parametrize("word", ["!верно", "!right"])
def test_one_word_confirms_a_doubtful_kind_and_ends_the_doubt(lab: Lab, word: str) -> None:
    lab.arrive(raw(VAGUE))
    with lab.app.db.tx() as tx:
        tx.execute(sa.update(t.cases).values(check=True))
    before = lab.cases()[0]
    assert "вид подтверждён" in says(lab, word)
    after = lab.cases()[0]
    assert (after.kind, after.due_at, after.check) == (before.kind, before.due_at, False)
    assert (only(lab).corrects, only(lab).label.checked) == (False, True)


def test_the_notice_of_a_doubtful_case_names_the_word() -> None:
    doubtful = next(d for d in drafts() if d.template is Template.NOTICE and d.values["check"])
    assert "Если записано верно, ответьте одним словом: «!верно»" in Composer().render(doubtful)[1]


def test_naming_the_kind_that_is_recorded_confirms_it(lab: Lab) -> None:
    lab.arrive(raw())
    says(lab, f"!вид {lab.cases()[0].kind}")
    assert not only(lab).corrects


def test_the_last_word_counts_and_what_the_program_(lab: Lab) -> None:
    lab.arrive(raw())
    before = Kind(lab.cases()[0].kind)
    says(lab, "!вид предложение")
    says(lab, "!жалоба")
    label = only(lab).label
    assert (label.taken_for, label.kind) == (before, Kind.COMPLAINT)


def test_a_held_letter_that_is_confirmed_labels_nothing(lab: Lab) -> None:
    lab.arrive(raw())
    says(lab, "Ок")
    address = f"{lab.cases()[0].assignee}@cleanmet.ru"
    question = lab.to(address)[-1]
    assert question.subject.startswith("Не отправлено")
    lab.arrive(raw("да", sender=address, message_id="<yes@cleanmet.ru>", in_reply_to=question.id))
    assert "confirmed" in [event.type for event in lab.events(1)]
    assert corrections.gather(lab.app) == []


def test_an_erased_letter_teaches_nothing_and_costs_the_others_nothing(lab: Lab) -> None:
    first = lab.arrive(raw())
    says(lab, "!вид предложение")
    lab.arrive(raw("Просим счёт", sender="Борис <b@liliya.example>", message_id="<2@x>", subject="Счёт"))
    says(lab, "!жалоба")
    assert [c.label.kind.register for c in corrections.gather(lab.app)] == [Register.INQUIRY, Register.COMPLAINT]
    lab.app.raw.path(lab.mail(first).sha256).unlink()
    assert [c.label.kind for c in corrections.gather(lab.app)] == [Kind.COMPLAINT]


def test_letters_of_one_address_are_one_voice(lab: Lab) -> None:
    for n in (1, 2):
        lab.arrive(raw(f"Просим счёт {n}", message_id=f"<{n}@x>", subject=f"Счёт {n}"))
        says(lab, "!вид предложение")
    assert len({c.letter.row["voice"] for c in corrections.gather(lab.app)}) == 1
