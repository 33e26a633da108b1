"""Which words refuse, and which are the outcome of a complaint; in doubt none (A41)."""

from __future__ import annotations

import pytest

from mailcase.rules.appeal import belongs

REFUSALS = [
    "Вынуждены Вам отказать.",
    "К сожалению, тахографы мы не поверяем.",
    "К сожалению, манометры до 60 МПа мы не поверяем.",
    "Эти работы не входят в нашу область аккредитации.",
    "Принять такой заказ не сможем.",
    "На Ваше письмо от 20 ноября 2026 г. сообщаем: заказ принять не можем. Если будут вопросы, звоните.",
    "Мы не сможем\nпринять заказ: этих работ нет в нашей области, о чём знает и Росаккредитация.",
    "К сожалению, этого мы не выполняем. Вы можете обратиться к лабораториям из реестра Росаккредитации.",
    "Unfortunately we do not calibrate such scales.",
]
NO_REFUSALS = [
    "Мы не представляем, когда придёт прибор.",
    "Не можем дозвониться, позвоните нам, пожалуйста.",
    "Заказ принят, срок 5 дней.",
    "К сожалению, раньше 5 декабря мы не сможем провести калибровку, но готовы 7-го. КП во вложении.",
    "К сожалению, в пятницу не сможем принять, приезжайте в понедельник.",
    "К сожалению, по субботам приборы не принимаем.",
    "До оплаты выдать свидетельство не можем.",
    "Если не будет паспорта, провести поверку не сможем.",
    "Не сможем выполнить работы за 3 дня.",
    "Не можем принять такой заказ. Может быть, подойдёт калибровка?",
    "Вместо поверки, которую провести не можем, предлагаем калибровку.",
    "Мы не отказываем никому.",
    "К сожалению, провести встречу не сможем.",
    "К сожалению, мы не принимаем оплату картой.",
    "Выдать протокол не можем, нет подписи.",
    "Unfortunately we cannot open the attached file.",
    "Unfortunately we cannot accept instruments on Fridays.",
    "Мы вынуждены отказать. Вы вправе обратиться в Росаккредитацию.",
]
OUTCOMES = [
    "Жалоба признана обоснованной, протокол заменён.",
    "Ваша претензия необоснованна: срок не нарушен.",
    "Ваше требование удовлетворено, деньги вернули 2 декабря.",
    "По результатам рассмотрения нарушений не выявлено.",
    "По Вашему обращению принято решение заменить протокол.",
    "Мы рассмотрели Вашу жалобу и признаём ошибку, протокол исправлен.",
    "Ваше обращение рассмотрено, нарушений нет.",
    "Вернуть деньги не можем: работа выполнена.",
    "Your complaint is justified; the certificate has been replaced.",
]
NO_OUTCOMES = [
    "Пришлите, пожалуйста, фото шильдика прибора.",
    "Добрый день! Перезвоню Вам сегодня.",
    "Спасибо, фото получили.",
    "Когда Вам удобно подъехать?",
    "Добрый день! Ответ направим до 04.12.",
    "Разбираемся, о решении сообщим не позднее пятницы.",
    "Проверяем, обоснована ли жалоба.",
    "Решение по жалобе ещё не принято.",
    "По результатам рассмотрения направим Вам решение.",
    "Жалоба обоснованна. Просим сообщить реквизиты для возврата.",
    "Прибор в удовлетворительном состоянии.",
    "По результатам проверки прибор годен, протокол во вложении.",
    "Надеемся, Вы удовлетворены.",
    "Сегодня не сможем Вас принять.",
    "Претензия обоснованна. Если Вы не согласны, напишите директору.",
]


@pytest.mark.req("A41")
@pytest.mark.parametrize("text", REFUSALS)
def test_a_plain_refusal_is_known_by_its_words(text: str) -> None:
    assert belongs(text, complaint=False)


@pytest.mark.req("A41")
@pytest.mark.parametrize("text", NO_REFUSALS)
def test_what_leaves_a_way_open_refuses_nothing(text: str) -> None:
    assert not belongs(text, complaint=False)


@pytest.mark.req("A41")
@pytest.mark.parametrize("text", OUTCOMES)
def test_the_outcome_of_a_complaint_is_known_by_its_words(text: str) -> None:
    assert belongs(text, complaint=True)


@pytest.mark.req("A41")
@pytest.mark.parametrize("text", NO_OUTCOMES)
def test_a_word_on_the_way_to_the_outcome_is_no_outcome(text: str) -> None:
    assert not belongs(text, complaint=True)


def test_what_closes_a_complaint_is_its_outcome_and_what_waits_is_none() -> None:
    assert belongs("Протокол заменён.", complaint=True, closes=True)
    assert not belongs("Протокол заменён.", complaint=False, closes=True)
    assert not belongs("Жалоба обоснованна.", complaint=True, waits=True)
