"""The classifier's model: learned from the letters that are shipped, the same each time, and honest in its figures."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from mailcase import training
from mailcase.rules import classify_model, fit, model
from mailcase.rules.classify import classify_text
from mailcase.rules.decision import Judgement, Reason
from mailcase.rules.features import features
from mailcase.training import Labelled
from mailcase.words import Kind, Register, Risk, Sender, Topic


@cache
def letters() -> tuple[Labelled, ...]:
    return tuple(training.letters())


@pytest.fixture(scope="module", autouse=True)
def _for_this_file_alone() -> Iterator[None]:
    """Thousands of letters with their features would slow down whatever this process tests next."""
    yield
    letters.cache_clear()


def test_the_shipped_letters_are_labelled_by_the_guide() -> None:
    rows = [letter.row for letter in letters()]
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert Kind(row["kind"]).register is Register(row["register"]), row["id"]
        assert row["topic"] is None or (Topic(row["topic"]) and row["kind"] in ("request", "consultation")), row["id"]
        assert Sender(row["sender"])
        assert all(Risk(risk) for risk in row["risk"])
        assert not (row["register"] == "none" and row["risk"]), row["id"]
        assert not row["consumer_service"] or row["sender"] == "citizen", row["id"]


def test_six_hundred_letters_have_a_voice_and_all_are_invented() -> None:
    spoken = [letter.row for letter in letters() if not letter.seen]
    assert len(spoken) >= 600
    assert len({row["voice"] for row in spoken}) >= 30
    for row in spoken:
        for host in re.findall(r"@[\w.-]+", row["from"]):
            assert re.search(r"[@.]example\.", host), row["id"]
        for phone in re.findall(r"\+7[ ()\d-]{8,}", row["body"]):
            assert re.match(r"\+7 \(?495\)? 000-", phone), row["id"]


def test_no_voice_is_both_learned_and_asked() -> None:
    rows = [letter.row for letter in letters()]
    at = training.folds(rows)
    assert len(set(at)) == training.FOLDS
    homes = Counter(
        voice for voice, _ in {(row["voice"], fold) for row, fold in zip(rows, at, strict=True) if "voice" in row}
    )
    assert set(homes.values()) == {1}


def test_the_shipped_model_was_made_from_the_shipped_letters() -> None:
    """What it knows is what stands in enough letters, by the features as they are read today."""
    shipped = model.shipped()
    assert shipped
    seen = Counter(name for letter in letters() for names in letter.example.found.values() for name in names)
    assert set(shipped.at) == {name for name, count in seen.items() if count >= fit._SEEN_IN}, "run `mailcase train`"


def test_the_same_letters_give_the_same_model() -> None:
    some = letters()[::12]
    packed = training.train(some)
    assert zlib.decompress(training.train(some)) == zlib.decompress(packed)
    learned = model.unpack(packed)
    told = (classify_model.weighed(one.ruled, one.found, learned.known(one.found), learned) for one in some)
    right = sum(verdict.register.value == one.row["register"] for verdict, one in zip(told, some, strict=True))
    assert right / len(some) > 0.9


def test_a_letter_of_the_rules_own_set_teaches_nothing_about_the_rules() -> None:
    old = next(letter for letter in letters() if letter.seen)
    assert old.found["r"]
    assert not old.example.found["r"]


def test_figures_count_what_passes_silently() -> None:
    some = [
        next(k for k in letters() if k.row["register"] == register) for register in ("complaint", "inquiry", "none")
    ]
    quiet = Judgement(Kind.CORRESPONDENCE, 0.9)
    figures = training.figures(some, [quiet, quiet, quiet])
    assert (figures.found, figures.silent, figures.checked) == (0.0, 1.0, 0.0)
    marked = training.figures(some, [Judgement(Kind.CORRESPONDENCE, 0.9, check=True), quiet, quiet])
    assert (marked.silent, round(marked.checked, 2)) == (0.0, 0.33)
    right = training.figures(some, [Judgement(Kind(k.row["kind"]), 0.9) for k in some])
    assert (right.accuracy, right.found, right.precise, right.kind_f1) == (1.0, 1.0, 1.0, 1.0)


def test_figures_compare_the_writer_with_the_label() -> None:
    citizen = next(k for k in letters() if k.row["consumer_service"])
    company = next(k for k in letters() if k.row["sender"] == "organisation" and k.row["kind"] == "complaint")
    told = Judgement(Kind.REQUEST, 0.9, sender=Sender.CITIZEN, consumer_service=True)
    figures = training.figures([citizen, company], [told, Judgement(Kind.COMPLAINT, 0.9, sender=Sender.ORGANISATION)])
    assert figures.senders == {("citizen", "citizen"): 1, ("organisation", "organisation"): 1}
    assert figures.consumers == {("yes", "yes"): 1, ("no", "no"): 1}
    assert training.accuracy(Counter({("yes", "yes"): 3, ("yes", "no"): 1})) == 0.75


def test_probabilities_sum_up_to_one_even_for_a_letter_without_known_words() -> None:
    shipped = model.shipped()
    assert shipped
    known = shipped.known({"w": ["wъъъ"], "c": [], "r": []})
    for asked in (shipped.kind, shipped.writer):
        assert sum(asked.probabilities(known).values()) == pytest.approx(1)


def test_negation_is_read_together_with_what_it_denies() -> None:
    assert "wне получи" in features("", "счёт не получили", "", ())["w"]
    assert "wне получи" not in features("", "счёт получили, не спешим", "", ())["w"]


# None of these is among the shipped letters.
@pytest.mark.req("A9", "A10")
@pytest.mark.parametrize(
    "text",
    [
        "Сдали шесть датчиков, вернулось пять.",
        "Третью неделю слышим, что документы будут завтра.",
        "Протокол выписан на чужую организацию.",
        "К сожалению, в свидетельстве снова ошибка, прошу пояснить.",
        "The box came back without the power cable we had packed.",
        "Звонил вам дважды, оба раза обещали перезвонить. Тишина.",
    ],
)
def test_dissatisfaction_by_bare_facts_does_not_pass_silently(text: str) -> None:
    found = classify_text("Цех <ceh@zavod.example.ru>", "", text)
    assert found.register is Register.COMPLAINT or found.check, found


@pytest.mark.req("A45")
def test_thanks_are_neither_a_complaint_nor_advertising() -> None:
    found = classify_text(
        "Цех <ceh@zavod.example.ru>", "Спасибо", "Спасибо вашей Ирине, всё сделано в срок и аккуратно."
    )
    assert found.kind is Kind.FEEDBACK


def test_a_reason_of_the_model_is_told_in_words() -> None:
    shipped = model.shipped()
    assert shipped
    ruled = Judgement(Kind.FEEDBACK, 0.4, reasons=(Reason("classify.feedback", "…"),))
    body = "приборы сдали месяц назад, до сих пор не вернули"
    found = features("", body, "цех", ())
    told = classify_model.weighed(ruled, found, shipped.known(found), shipped)
    assert told.register is Register.COMPLAINT
    assert "«" in told.reasons[0].why
    words = re.findall(r"«([^»]+)»", told.reasons[0].why)
    assert all(part in f"{body} цех" for word in words for part in word.split(" … ")), words
