"""Approved texts that a client has with his acknowledgement, without an employee: when, and when not (A41, C11)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mailcase import check
from mailcase.check_finding import Level
from mailcase.store import events
from mailcase.words import Topic
from tests.lab import Lab, Sent
from tests.letters import config, raw
from tests.test_answer import BOX, stamp
from tests.test_flow import CLIENT, PETROVA, reply_to_notice

QUESTION = "Добрый день! Подскажите, пожалуйста, режим работы и какие документы нужны?\n\nС уважением,\nАнна Ковалёва"
OPEN = "Работаем по рабочим дням с 9 до 18, тел. 200-30-40."
NEEDED = "Нужны заявка и реквизиты."
WORDS = {"hours": OPEN, "documents": NEEDED}
PROVEN = stamp("dmarc=pass")


def texts(folder: Path, words: dict[str, str], approved: str = "2026-01-15", **others: str) -> Path:
    """A folder of own texts; `others` gives single ones another day of approval."""
    (folder / "texts" / "ready").mkdir(parents=True, exist_ok=True)
    for name, text in words.items():
        day = others.get(name, approved)
        title = f"Title: Тема {name.partition('.')[0]}\nOwner: Смирнова О. И."
        head = f"{title}\nApproved-By: Орлов Д. С.\nApproved: {day}\n\n"
        (folder / "texts" / "ready" / f"{name}.txt").write_text(f"{head}{text}\n", "utf-8")
    return folder / "texts"


def laboratory(folder: Path, words: dict[str, str] | None = None, **more: Any) -> Lab:
    answer = {"undo": "10m", "enclosed_topics": ["hours", "documents"], **more.pop("answer", {})}
    given = {"templates": texts(folder, words or WORDS, **more.pop("approved", {})), "mailbox": BOX, **more}
    return Lab(folder, answer=answer, **given)


def ask(lab: Lab, text: str = QUESTION, **more: Any) -> list[Sent]:
    """What the client got for his letter."""
    lab.arrive(raw(text, **{"subject": "Вопрос", "headers": PROVEN, **more}))
    return lab.to(CLIENT)


def why(lab: Lab) -> str:
    """What the ledger says of the texts."""
    told = {reason["rule"]: reason["why"] for reason in json.loads(lab.mail(1).reasons)}
    return str(told.get("answer.enclosed", ""))


@pytest.mark.req("A41", "A20")
def test_both_texts_stand_in_the_one_acknowledgement_and_the_case_stays_open(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    (ack,) = ask(lab)
    for face in (ack.text.replace("\r", ""), re.sub(r"<[^>]+>|\r", "", ack.html)):
        for said in ("вх. № 1", "Петрова Наталья Викторовна", "доб. 214", "26 ноября", "Справочно, по Вашему вопросу:"):
            assert said in face
        assert f"Тема hours\n{OPEN}" in face
        assert f"Тема documents\n{NEEDED}" in face
    assert "<strong>Тема hours</strong>" in ack.html
    assert ack.message["Auto-Submitted"] == "auto-replied"
    assert (lab.cases()[0].status, lab.cases()[0].answered_at) == ("open", None)
    lab.later(days=1)
    assert len(lab.to(CLIENT)) == 1


@pytest.mark.req("A23")
def test_no_number_stands_in_it_that_is_not_in_the_approved_text(tmp_path: Path) -> None:
    (ack,) = ask(laboratory(tmp_path))
    block = ack.text.partition("Справочно")[2].partition("Если нужно")[0]
    assert set(re.findall(r"\d+", block)) == set(re.findall(r"\d+", OPEN + NEEDED))


@pytest.mark.req("A21")
def test_which_versions_went_stands_in_the_chain_of_the_case(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    ask(lab)
    (event,) = (e for e in lab.events(1) if e.type == "acknowledged")
    versions = [{"approved": "2026-01-15", "text": name} for name in ("documents", "hours")]
    assert json.loads(event.detail) == {"enclosed": versions}
    with lab.app.db.read() as view:
        assert events.verify(view) == []


@pytest.mark.req("A41")
def test_the_employee_reads_what_the_client_has_and_is_offered_no_repetition(tmp_path: Path) -> None:
    lab = laboratory(tmp_path, answer={"consultation": True})
    ask(lab)
    notice = lab.to(PETROVA)[0].text
    assert (
        "отправлено справочно: «Тема documents» (утверждено 15.01.2026); «Тема hours» (утверждено 15.01.2026)" in notice
    )
    assert "тема «[" in notice.partition("[Этого достаточно]")[2].splitlines()[0]
    assert "Готовый ответ" not in notice
    lab.arrive(reply_to_notice(lab, "!назначить Сидоров"))
    handed = lab.to("sidorov@cleanmet.ru")[0].text
    assert "«Тема hours» (утверждено 15.01.2026)" in handed
    assert "Готовый ответ" not in handed


@pytest.mark.req("C11")
def test_the_largest_texts_keep_it_small_and_larger_ones_stay(tmp_path: Path) -> None:
    room = {"hours": "Щука " * 90, "documents": "Щука " * 83}
    (ack,) = ask(laboratory(tmp_path, room))
    assert "Справочно" in ack.text
    assert len(ack.raw) < 12_000
    assert not list(ack.message.iter_attachments())
    (tmp_path / "large").mkdir()
    lab = laboratory(tmp_path / "large", {**room, "hours": "Щука " * 110})
    assert "Щука" not in ask(lab)[0].text
    assert "слишком длинны" in why(lab)


@pytest.mark.parametrize(
    ("headers", "goes"),
    [
        (PROVEN, True),
        (stamp("dkim=pass header.d=romashka.example.ru"), True),
        (stamp("dmarc=none"), False),
        ({}, False),
    ],
)
@pytest.mark.req("C11")
def test_they_go_to_proven_senders_only(tmp_path: Path, headers: dict[str, str], goes: bool) -> None:
    lab = laboratory(tmp_path)
    (ack,) = ask(lab, headers=headers)
    assert ("Справочно" in ack.text) is goes
    assert "вх. № 1" in ack.text
    assert ("подлинность" in why(lab)) is not goes


NOT_SENT: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("no list", {"answer": {"enclosed_topics": []}}, {}, ""),
    ("one topic only", {"answer": {"enclosed_topics": ["hours"]}}, {}, "тема «documents» не в списке"),
    ("no request", {}, {"text": "Просим КП на калибровку 12 манометров. Какой у вас режим работы?"}, ""),
    ("displeased", {}, {"text": "Который раз спрашиваю: какой у вас режим работы?"}, "недовольства"),
    ("risk", {}, {"text": "Подскажите режим работы. Это нужно для суда."}, "деликатное"),
    ("one more question", {}, {"text": "Подскажите режим работы и поверяете ли вы тахографы?"}, "другое: «поверяете»"),
    ("another question", {}, {"text": "Какой у вас режим работы? А документы для поверки?"}, "другой вопрос"),
    ("below the signature", {}, {"text": f"{QUESTION}\nP.S. Готов ли наш протокол?"}, "ниже подписи"),
    ("one thing", {}, {"text": "Какие документы нужны на манометр? Какой режим работы?"}, "другое: «манометр»"),
    ("one day", {}, {"text": "Здравствуйте! А в субботу работаете?"}, "другой вопрос"),
    ("one order", {}, {"text": "Подскажите, пожалуйста, когда будет готово."}, "о частном случае"),
    ("a number", {}, {"text": "Подскажите режим работы 31 декабря."}, "другое: «31»"),
    ("in the subject", {}, {"subject": "Акт по договору 12"}, "другое: «акт»"),
    ("a file", {}, {"attachments": [("Вопросы.pdf", b"%PDF-1.4")]}, "приложены файлы"),
    ("a quotation", {}, {"text": f"{QUESTION}\n\n> Иван писал:\n> Готов ли протокол?"}, "и другое"),
    ("other words", {}, {"text": "Подскажите режим работы. " * 20}, "длиннее"),
]


@pytest.mark.req("A41", "A20", "A23")
@pytest.mark.parametrize(
    ("settings", "letter", "said"), [row[1:] for row in NOT_SENT], ids=[row[0] for row in NOT_SENT]
)
def test_where_anything_is_left_open_a_person_answers(
    tmp_path: Path, settings: dict[str, Any], letter: dict[str, Any], said: str
) -> None:
    lab = laboratory(tmp_path, **settings)
    (ack,) = ask(lab, **letter)
    assert "Справочно" not in ack.text
    assert "справочно" not in lab.to(PETROVA)[0].text
    assert said in why(lab)
    assert bool(why(lab)) is bool(said)


def test_what_sounds_doubtful_goes_to_a_person(tmp_path: Path) -> None:
    lab = laboratory(tmp_path, {"appeal": "Пишите нам."}, answer={"enclosed_topics": ["appeal"]})
    lab.arrive(raw("Прошу сообщить порядок обжалования результатов поверки.", subject="Обжалование", headers=PROVEN))
    assert lab.cases()[0].check
    assert "под сомнением" in why(lab)
    assert "Справочно" not in lab.to(CLIENT)[0].text


def test_a_private_person_who_wants_work_is_answered_by_a_person(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    home = "Здравствуйте! Я частное лицо, подскажите режим работы: нужна поверка моих домашних весов"
    lab.arrive(raw(home, sender="Пётр <petr@romashka.example.ru>", subject="", headers=PROVEN))
    assert lab.cases()[0].consumer_service
    assert "Справочно" not in lab.to("petr@romashka.example.ru")[0].text


@pytest.mark.req("A21")
@pytest.mark.parametrize("approved", ["", "2025-01-15", "2027-01-15"])
def test_a_text_that_is_not_in_force_stays_and_takes_the_other_with_it(tmp_path: Path, approved: str) -> None:
    lab = laboratory(tmp_path, approved={"hours": approved})
    (ack,) = ask(lab)
    assert "Справочно" not in ack.text
    assert "нет утверждённого текста темы «hours»" in why(lab)


def test_a_robot_gets_neither(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    assert ask(lab, headers={**PROVEN, "Auto-Submitted": "auto-generated"}) == []


def test_an_acknowledgement_over_the_budget_loses_them_whenever_it_is_released(tmp_path: Path) -> None:
    lab = laboratory(tmp_path, budget={"per_address_day": 1}, answer={"consultation": True})
    lab.arrive(raw("Просим КП на калибровку 12 манометров.", message_id="<0@romashka.example.ru>"))
    assert len(ask(lab)) == 1
    notice = lab.to(PETROVA)[1].text
    assert "справочно" not in notice
    assert "Готовый ответ" in notice
    (held,) = (row for row in lab.outbox() if row.status == "held")
    assert OPEN not in held.draft


@pytest.mark.req("A41")
def test_only_the_live_mode_sends_them_and_the_trial_shows_what_would_have_gone(tmp_path: Path) -> None:
    for mode in ("shadow", "staff"):
        (tmp_path / mode).mkdir()
        lab = laboratory(tmp_path / mode, mode=mode)
        assert ask(lab) == []
        assert [OPEN in row.draft for row in lab.outbox() if row.template == "acknowledgement"] == [mode == "shadow"]
        assert "acknowledged" not in [event.type for event in lab.events(1)]
        assert all("справочно" not in sent.text for sent in lab.to(PETROVA))


def test_an_own_acknowledgement_without_a_place_for_them_gets_none(tmp_path: Path) -> None:
    folder = texts(tmp_path, WORDS)
    plain = "Subject: Вх. № {{ number }} [{{ tag }}]\n\nПринято, {{ answerer.name }}.\n"
    (folder / "acknowledgement.txt.j2").write_text(plain, "utf-8")
    lab = laboratory(tmp_path)
    ask(lab)
    assert "справочно" not in lab.to(PETROVA)[0].text
    assert any("no place for them" in said for said in told(lab))


@pytest.mark.req("A2", "C11")
def test_the_rules_go_as_a_link_and_never_as_a_file(tmp_path: Path) -> None:
    rules, asked = {"rules": "Порядок описан в Правилах. {rules}"}, "Пришлите ваши правила работы с заказчиками"
    lab = laboratory(tmp_path, rules, answer={"enclosed_topics": ["rules"]})
    (ack,) = ask(lab, asked, subject="")
    assert "опубликована на сайте www.cleanmet.ru" in ack.text
    (tmp_path / "file").mkdir()
    paper = {"key": "правила", "title": "Правила", "version": "3", "date": "2026-01-15", "file": tmp_path / "r.pdf"}
    lab = laboratory(tmp_path / "file", rules, document=[paper], answer={"enclosed_topics": ["rules"]})
    (ack,) = ask(lab, asked, subject="")
    assert "Справочно" not in ack.text
    assert not list(ack.message.iter_attachments())
    assert "Готовый ответ" in lab.to(PETROVA)[0].text


ENGLISH = "Dear Sirs, which documents are required for calibration? What is your lead time?\n\nBest regards,\nJohn"


@pytest.mark.parametrize("there", [True, False])
def test_an_english_letter_gets_english_texts_or_none(tmp_path: Path, there: bool) -> None:
    words = {"documents": NEEDED, "terms": "Срок в договоре."}
    english = {"documents.en": "An order and your details.", "terms.en": "It stands in the contract."}
    lab = laboratory(tmp_path, {**words, **(english if there else {})}, answer={"enclosed_topics": list(Topic)})
    (ack,) = ask(lab, ENGLISH, subject="Question")
    assert ("For your information, on your question:" in ack.text) is there
    assert ("It stands in the contract." in ack.text) is there
    assert "Срок" not in ack.text
    assert ("утверждено 15.01.2026" in lab.to(PETROVA)[0].text) is there


def told(lab: Lab) -> dict[str, Level]:
    """What `mailcase check` says of them."""
    return {f.said: f.level for f in check.everything(lab.app, servers=False) if f.what == "enclosed texts"}


@pytest.mark.req("A21", "A41")
def test_the_check_warns_of_listed_topics_that_stay(tmp_path: Path) -> None:
    lab = laboratory(tmp_path, {"hours": OPEN, "price": "Щука " * 300}, answer={"enclosed_topics": list(Topic)})
    found = told(lab)
    assert found["hours: may go along with an acknowledgement"] is Level.OK
    warned = " ".join(said for said, level in found.items() if level is Level.WARNING)
    assert "documents: not approved" in warned
    assert "price (Смирнова О. И.): longer than 900 characters" in warned
    assert "hours" not in warned
    assert "none goes" not in warned


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"mode": "staff"}, 'mode = "staff"'),
        ({"answer": {"acknowledge": False}}, "answer.acknowledge = false"),
        ({"mailbox": [{**BOX[0], "authserv_id": ""}]}, "mailbox.authserv_id"),
    ],
)
def test_the_check_warns_where_nothing_can_go(tmp_path: Path, settings: dict[str, Any], why: str) -> None:
    assert any(why in said and level is Level.WARNING for said, level in told(laboratory(tmp_path, **settings)).items())


def test_an_unknown_topic_is_refused_when_the_configuration_is_read() -> None:
    with pytest.raises(ValueError, match="enclosed_topics"):
        config(answer={"enclosed_topics": ["opening"]})
