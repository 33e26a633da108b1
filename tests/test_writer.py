"""Who writes, and what else a letter tells: by the model, by words alone, each with a reason that people understand."""

from __future__ import annotations

import pytest

from mailcase.mail.letter import parse
from mailcase.rules import writer
from mailcase.rules.classify import classify, classify_text, rules_alone
from mailcase.rules.classify_words import load
from mailcase.rules.decision import Judgement
from mailcase.words import Kind, Sender
from tests.letters import config, raw

PARTS = {name: part.replace("[зксд]?о?", "").split("|") for name, part in load("traits").parts.items()}
FORMS_ABROAD, NO_PROOF = PARTS["form_abroad"], PARTS["form_no_proof"]
FORMS = [form for part in PARTS.values() for form in part]
HOME = "Здравствуйте! В моей квартире ночью гудит вентиляция. Хочу заказать замер шума за свой счёт, сколько это стоит?"
FIRM = "Добрый день. Просим включить в договор ещё 4 манометра. Пишу с личной почты, наша на ремонте.\nООО «Вектор»"


def judge(who: str, text: str, subject: str = "Вопрос") -> Judgement:
    return classify_text(who, subject, text, config=config())


def why(found: Judgement, rule: str) -> str:
    return next(reason.why for reason in found.reasons if reason.rule == rule)


@pytest.mark.req("A6")
@pytest.mark.parametrize("domain", ["gmail.com", "mail.ru", "yandex.ru", "inbox.example.org", "rambler.ru"])
def test_a_private_person_is_known_whatever_provider_he_has(domain: str) -> None:
    found = judge(f"Инна Котова <innakot81@{domain}>", HOME)
    assert (found.sender, found.consumer_service) == (Sender.CITIZEN, True)
    assert found == judge("Инна Котова <innakot81@hotmail.com>", HOME), "the provider says nothing of its clients"


@pytest.mark.req("A6")
@pytest.mark.parametrize(
    "text",
    [
        FIRM,
        "Сколько стоит поверка весов?\nОлег Ким\nИП Ким О.В.\nг. Химки\n+7 495 000-12-34",
        "Сколько стоит замер шума в моём доме?\nС уважением,\nАнна Ким\nООО «Тишина»\nтел. +7 495 000-12-34",
        "How much is a check of my scales?\nRegards,\nAnn Kim, Silence Ltd.\n+7 495 000-12-34",
    ],
)
def test_a_signature_with_the_form_of_a_firm_is_a_firms_even_on_a_private_mailbox(text: str) -> None:
    assert judge("Олег <oleg.v.77@gmail.com>", text).sender is Sender.ORGANISATION


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_firm_is_known_wherever_one_is_sought(form: str) -> None:
    """One list serves the sender's name, the text and the line that signs."""
    body = f"добрый день\n{form} «тишина»" if form not in FORMS_ABROAD else f"good day\nsilence {form}"
    assert writer.by_form("", body, "") is not None
    organisation, said = (load("traits").phrases[name] for name in ("organisation", "form_of_firm"))
    assert organisation.search_text(f"{form} <a@b.example>")
    assert bool(said.search_text(body)) is (form not in NO_PROOF)


@pytest.mark.parametrize("name", ["Ипполит Варламов", "Анохин Сергей", "Аоки Инна", "Мауэр Олег", "Муповская И."])
def test_a_name_that_begins_like_a_form_is_a_persons(name: str) -> None:
    found = judge(f"{name} <kot81@mail.ru>", f"{HOME}\n{name}")
    assert (found.sender, found.consumer_service) == (Sender.CITIZEN, True)


@pytest.mark.parametrize("firm", ["ООО«Тишина»", "ГБУЗ «Больница № 5»", "МБУДО «Школа»", "АО Тишина", "ИП Ким О. В."])
def test_a_form_stands_before_a_name_or_a_quotation(firm: str) -> None:
    assert judge("Олег <oleg.v.77@gmail.com>", f"{HOME}\n{firm}").sender is Sender.ORGANISATION


def test_a_signature_that_was_cut_off_counts_too() -> None:
    letter = parse(raw(f"{HOME}\n-- \nАнна Ким\nООО «Тишина»\n8 495 000-12-34", sender="Анна <anna.kim@mail.ru>"))
    assert "Тишина" not in letter.reply
    assert classify(letter, config()).sender is Sender.ORGANISATION


@pytest.mark.parametrize(
    "line",
    [
        "Шум от вентиляции магазина ООО «Ромашка».",
        "Извещатели у нас стоят ИП 212.",
        "Инна Котова, Ямало-Ненецкий АО, г. Надым",
        "ООО «КлинМет» мне посоветовали соседи",
    ],
)
def test_a_last_line_that_names_somebodys_firm_is_no_signature(line: str) -> None:
    assert judge("Инна Котова <plc@mail.ru>", f"{HOME}\n{line}").sender is Sender.CITIZEN


@pytest.mark.req("A6")
@pytest.mark.parametrize("word", ["Я частное лицо.", "Пишу как физическое лицо.", "I am a private person."])
def test_who_says_that_he_is_a_private_person_is_one(word: str) -> None:
    assert judge("x77 <x77@gmail.com>", f"{word} Пожалуйста, пришлите договор и счёт.").sender is Sender.CITIZEN


@pytest.mark.req("A6")
def test_an_unsigned_question_from_a_public_mailbox_is_nobodys() -> None:
    found = judge("dim77 <dim77@gmail.com>", "Сколько стоит поверка термометров, 5 шт?")
    assert (found.sender, found.consumer_service) == (Sender.UNKNOWN, False)
    assert "пишет неизвестно кто" in why(found, "traits.sender")


def test_a_provider_that_the_laboratory_named_is_one() -> None:
    named = config(budget={"public_domains": ["post-of-town.example.ru"]})
    there = "инна <innakot81@post-of-town.example.ru>"
    assert writer.public(there, named)
    assert not writer.public(there, None)


@pytest.mark.req("A6")
def test_thanks_of_a_private_person_ask_for_no_work() -> None:
    thanks = judge("Инна Котова <innakot81@mail.ru>", "Спасибо, мастер приехал вовремя и всё объяснил моей маме.")
    assert (thanks.kind, thanks.consumer_service) == (Kind.FEEDBACK, False)


def test_servers_are_nobody_and_doubt_is_unknown() -> None:
    bounce = judge("Mail Delivery System <mailer-daemon@mx.example.ru>", "550 5.1.1 user unknown", "Undelivered mail")
    assert (bounce.kind, bounce.sender) == (Kind.BOUNCE, Sender.UNKNOWN)
    torn = {"organisation": 0.4, "citizen": 0.3, "unknown": 0.3}
    assert writer.by_model(torn).sender is Sender.UNKNOWN
    assert writer.by_model({"organisation": 0.3, "citizen": 0.4, writer.CONSUMER: 0.3}).consumer


def test_without_a_model_the_word_lists_tell() -> None:
    for who, text, sender in (
        ("Инна <innakot81@mail.ru>", HOME, Sender.CITIZEN),
        ("Отдел главного метролога <ogm@mail.ru>", "Просим счёт.", Sender.ORGANISATION),
        ("Инна <inna@zavod.example.ru>", "Просим счёт.", Sender.ORGANISATION),
        ("Инна <innakot81@mail.ru>", "Сколько стоит поверка?", Sender.UNKNOWN),
    ):
        found = rules_alone(who, "Вопрос", text)
        assert found.sender is sender, (who, found)
        assert why(found, "traits.sender").startswith("пишет ")


@pytest.mark.req("A6", "A15")
def test_each_trait_is_stored_with_what_it_was_read_from() -> None:
    text = "Подскажите, сколько стоит поверка 5 весов и какие сроки? Если нет, обратимся в прокуратуру."
    found = judge("Снабжение <snab@zavod.example.ru>", text)
    assert why(found, "traits.sender").startswith("пишет организация: вероятность 9")
    for rule in (*(f"traits.topic.{t}" for t in found.topics), *(f"traits.risk.{r}" for r in found.risk)):
        words = why(found, rule).strip("«»")
        assert words in text.lower().replace("ё", "е"), (rule, words)
    assert {"traits.risk.legal"} <= {reason.rule for reason in found.reasons}
    assert "traits" not in found.grounds
    assert "прокур" not in found.grounds
