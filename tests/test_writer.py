"""Who writes, and what else a letter tells: by the model, by words alone, each with a reason that people understand."""

from __future__ import annotations

import pytest

from mailcase.rules import writer
from mailcase.rules.classify import classify_text, rules_alone
from mailcase.rules.decision import Judgement
from mailcase.words import Kind, Sender
from tests.letters import config

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
def test_a_firm_is_known_on_a_private_mailbox_and_on_a_provider_that_the_laboratory_named() -> None:
    assert judge("Олег <oleg.v.77@gmail.com>", FIRM).sender is Sender.ORGANISATION
    named = config(budget={"public_domains": ["post-of-town.example.ru"]})
    there = classify_text("Инна Котова <innakot81@post-of-town.example.ru>", "Вопрос", HOME, config=named)
    assert there.sender is Sender.CITIZEN


@pytest.mark.req("A6")
def test_a_complaint_or_thanks_of_a_private_person_asks_for_no_work() -> None:
    thanks = judge("Инна Котова <innakot81@mail.ru>", "Спасибо, мастер приехал вовремя и всё объяснил моей маме.")
    assert (thanks.kind, thanks.consumer_service) == (Kind.FEEDBACK, False)


def test_servers_are_nobody_and_doubt_is_unknown() -> None:
    bounce = judge("Mail Delivery System <mailer-daemon@mx.example.ru>", "550 5.1.1 user unknown", "Undelivered mail")
    assert (bounce.kind, bounce.sender) == (Kind.BOUNCE, Sender.UNKNOWN)
    torn = {"organisation": 0.4, "citizen": 0.3, "unknown": 0.3}
    assert writer.by_model(torn).sender is Sender.UNKNOWN
    assert writer.by_model({"organisation": 0.4, "citizen": 0.3, writer.CONSUMER: 0.3}).consumer


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
