"""Whatever a client writes and however he writes it, it is registered and answered; nobody is refused by a program."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailcase import lists
from mailcase.rules.axes import category, topic_821
from mailcase.rules.classify import classify_text
from mailcase.words import Kind, Register, Sender
from tests.lab import Lab
from tests.letters import raw
from tests.test_flow import CLIENT

REPO = Path(__file__).resolve().parents[1]
RULES = REPO.parent / "shared" / "sources"
CASE_KINDS = [kind for kind in Kind if kind.register is not Register.NONE]


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


@pytest.mark.req("A80")
def test_a_complaint_of_two_lines_without_any_number_is_registered_and_confirmed_at_once(lab: Lab) -> None:
    lab.arrive(raw("Опять ошибка в протоколе.\nИсправьте!", subject=""))
    (case,), (acked,) = lab.cases(), lab.to(CLIENT)
    assert (case.register, case.status) == ("complaint", "open")
    assert f"вх. № {case.number}" in acked.text
    assert "форм" not in acked.text.lower()


@pytest.mark.req("A16")
def test_a_rude_complaint_is_registered_and_confirmed_in_the_same_words_as_any(lab: Lab) -> None:
    lab.arrive(raw("Вы там совсем охренели, бездельники? Третий раз ошибка в протоколе, исправляйте немедленно!"))
    lab.arrive(
        raw("К сожалению, в протоколе ошибка, прошу исправить.", sender="b@vega.example.ru", message_id="<2@x.example>")
    )
    rude, polite = lab.cases()
    assert (rude.register, polite.register) == ("complaint", "complaint")
    said = lab.to(CLIENT)[0].text.replace(f"№ {rude.number} ", "№ N ")
    assert said == lab.to("b@vega.example.ru")[0].text.replace(f"№ {polite.number} ", "№ N ")


@pytest.mark.req("A6")
def test_a_sole_trader_is_an_organisation_and_who_does_not_say_is_unknown_and_never_refused(lab: Lab) -> None:
    trader = classify_text("Пётр <petrov@gmail.com>", "Весы", "Нужна поверка весов.\nИП Петров, ИНН 770000000000")
    assert trader.sender is Sender.ORGANISATION
    lab.arrive(raw("Сколько стоит поверка весов?", sender="vesy1980@gmail.com"))
    (case,), (acked,) = lab.cases(), lab.to("vesy1980@gmail.com")
    assert (case.sender, case.status) == ("unknown", "open")
    assert "зарегистрировано" in acked.text


@pytest.mark.req("A60", "A71")
@pytest.mark.parametrize("kind", CASE_KINDS)
def test_each_case_is_counted_once_on_each_axis(kind: Kind) -> None:
    talk, topic = category(kind), topic_821(kind)
    assert (talk == "order") == (topic == "b") == (kind in (Kind.REQUEST, Kind.ORDER_CHANGE))
    assert (talk == "feedback") == (topic == "c")
    assert talk == "feedback" or kind.register is Register.INQUIRY


@pytest.mark.req("A71")
def test_the_register_lists_the_axes_of_each_case(lab: Lab) -> None:
    lab.arrive(raw())
    assert [(row["category"], row["iso_821"]) for row in lists.register(lab.app)] == [("order", "b")]


@pytest.mark.req("A61")
def test_a_change_of_an_order_stays_with_the_order_and_reaches_its_employee(lab: Lab) -> None:
    lab.arrive(raw())
    lab.arrive(raw("Просим перенести выезд на 5-е.", message_id="<2@x.example>", in_reply_to="<1@romashka.example.ru>"))
    (case,) = lab.cases()
    assert case.parts == 2
    assert "перенести выезд на 5-е" in lab.to("petrova@cleanmet.ru")[-1].text
    assert (
        classify_text("Анна <a@vega.example.ru>", "Выезд", "Просим перенести выезд на 5-е.").kind is Kind.ORDER_CHANGE
    )


@pytest.mark.req("A1")
def test_no_sentence_of_the_laboratorys_rules_stands_in_the_project() -> None:
    """They may not be reproduced without permission."""
    texts = sorted(RULES.glob("000_*.txt"))
    if not texts:
        pytest.skip("the laboratory's rules do not lie beside the project")
    sentences = {" ".join(s.split()).lower() for s in texts[0].read_text(encoding="utf-8").split(".")}
    long = {sentence for sentence in sentences if len(sentence) > 80}
    assert long
    ours = [*(REPO / "mailcase").rglob("*.*"), *(REPO / "templates").glob("*"), *REPO.glob("*.md")]
    for path in (p for p in ours if p.suffix in (".py", ".toml", ".j2", ".md", ".jsonl")):
        text = " ".join(path.read_text(encoding="utf-8").split()).lower()
        assert not [sentence for sentence in long if sentence in text], path
