"""Ready answers: offered to the employee in his notice, sent by one word of his, and by nobody else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase import check
from mailcase.check_finding import Level
from mailcase.mail import ready
from mailcase.mail.compose import packaged
from mailcase.store import tables as t
from mailcase.words import MailcaseError, Topic
from tests.lab import Lab
from tests.letters import employee, raw
from tests.test_assign import staff
from tests.test_flow import PETROVA, reply_to_notice

PRIVATE = "Пётр Иванов <petr.ivanov@mail.ru>"
HOME = "Здравствуйте! Я частное лицо, нужна поверка домашних весов, сколько стоит?"
COMPLAINT = "Я частное лицо. Третий раз пишу: поверка моих домашних весов с ошибкой. Это безобразие, верните деньги!"
TODAY = date(2026, 11, 23)
YEAR = timedelta(days=365)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory that a private person asked for a service."""
    lab = Lab(tmp_path)
    lab.arrive(raw(HOME, sender=PRIVATE, subject="Весы"))
    assert lab.cases()[0].consumer_service
    return lab


def answers(lab: Lab) -> list[str]:
    """What he got after the acknowledgement, when the undo time is over."""
    lab.later(minutes=11)
    return [sent.text for sent in lab.to("petr.ivanov@mail.ru")[1:]]


@pytest.mark.req("A15")
def test_a_private_person_is_refused_by_nobody_but_an_employee(lab: Lab) -> None:
    notice = lab.to(PETROVA)[0]
    assert "> К сожалению, мы выполняем работы только по договорам" in notice.text
    assert "ответьте на это письмо «да»" in notice.text
    assert answers(lab) == []
    assert "К сожалению" not in lab.to("petr.ivanov@mail.ru")[0].text
    assert lab.cases()[0].status == "open"


@pytest.mark.req("A15", "A38")
def test_one_word_sends_the_ready_answer_with_the_employees_own_signature(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "да", html="<p>да</p>"))
    (text,) = answers(lab)
    assert text.startswith("Здравствуйте!")
    assert "К сожалению, мы выполняем работы только по договорам" in text
    assert "Петрова Наталья Викторовна" in text
    assert "доб. 214" in text
    assert lab.cases()[0].status == "answered"


def test_so_does_the_order_of_the_button(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!отправить"))
    assert "К сожалению" in answers(lab)[0]


@pytest.mark.parametrize("minutes", [1, 11])
def test_it_goes_once_however_often_it_is_ordered(lab: Lab, minutes: int) -> None:
    notice = lab.to(PETROVA)[0].id
    lab.arrive(reply_to_notice(lab, "да"))
    lab.later(minutes=minutes)
    lab.arrive(reply_to_notice(lab, "да", in_reply_to=notice, message_id="<again@cleanmet.ru>"))
    assert len(answers(lab)) == 1
    assert "ответ уже отправлен" in lab.to(PETROVA)[-1].text


def test_it_does_not_follow_a_closing(lab: Lab) -> None:
    notice = lab.to(PETROVA)[0].id
    lab.arrive(reply_to_notice(lab, "!закрыть ответ дан по телефону"))
    lab.arrive(reply_to_notice(lab, "!отправить", in_reply_to=notice))
    assert (lab.cases()[0].status, answers(lab)) == ("closed", [])


def test_a_new_employees_first_ready_answers_wait_for_a_second_word(lab: Lab) -> None:
    with lab.app.db.tx() as tx:
        tx.execute(sa.update(t.employee).where(t.employee.c.login == "petrova").values(founding=False))
    lab.arrive(reply_to_notice(lab, "да"))
    assert answers(lab) == []
    lab.arrive(reply_to_notice(lab, "да"))
    assert "К сожалению" in answers(lab)[0]


def test_it_can_be_stopped_like_any_answer(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "да"))
    lab.arrive(reply_to_notice(lab, "стоп", in_reply_to=lab.to(PETROVA)[0].id))
    assert answers(lab) == []


def test_words_of_ones_own_go_instead_also_where_they_repeat_the_ready_ones(lab: Lab) -> None:
    own = "Пётр, добрый день! К сожалению, мы выполняем работы только по договорам с организациями и индивидуальными "
    lab.arrive(reply_to_notice(lab, f"{own}предпринимателями, поэтому принять такой заказ не сможем."))
    assert answers(lab)[0].startswith("Пётр, добрый день!")


def test_whoever_is_handed_the_case_is_offered_it_too(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!назначить Сидоров"))
    assert "К сожалению" in lab.to("sidorov@cleanmet.ru")[-1].text


def test_a_private_persons_complaint_is_offered_no_refusal(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw(COMPLAINT, sender=PRIVATE, subject="Весы"))
    case = lab.cases()[0]
    assert (case.register, case.consumer_service) == ("complaint", True)
    assert "по договорам" not in lab.to(f"{case.assignee}@cleanmet.ru")[-1].text


def test_what_is_made_a_complaint_is_handed_over_without_the_refusal(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint", "claim")}))
    lab.arrive(raw(HOME, sender=PRIVATE, subject="Весы"))
    lab.arrive(reply_to_notice(lab, "!жалоба"))
    assert lab.cases()[0].assignee == "smirnova"
    assert "по договорам" not in lab.to("smirnova@cleanmet.ru")[-1].text


@pytest.mark.parametrize("word", ["да", "!отправить"])
def test_an_offer_from_before_it_became_a_complaint_is_sent_by_nobody(tmp_path: Path, word: str) -> None:
    """Petrova is alone, so nobody else gets a notice without it."""
    roles = dict.fromkeys(("head", "duty", "quality_manager"), "petrova")
    alone = employee("petrova", "Петрова Наталья Викторовна", "инженер", "214")
    lab = Lab(tmp_path, lab=roles, employee=[alone])
    lab.arrive(raw(HOME, sender=PRIVATE, subject="Весы"))
    lab.arrive(reply_to_notice(lab, "!жалоба"))
    lab.arrive(reply_to_notice(lab, word, in_reply_to=lab.to(PETROVA)[0].id))
    assert (lab.cases()[0].register, answers(lab)) == ("complaint", [])
    assert "готовый ответ к ней не подходит" in lab.to(PETROVA)[-1].text


def test_where_nothing_is_ready_nothing_leaves(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, "!отправить"))
    lab.later(minutes=11)
    assert "Готового ответа к № 1 нет" in lab.to(PETROVA)[-1].text
    assert len(lab.to("a.kovaleva@romashka.example.ru")) == 1


def own_texts(folder: Path, names: Iterable[str], approved: str) -> Path:
    (folder / "texts" / "ready").mkdir(parents=True)
    for name in names:
        head = f"Title: Тема {name}\nOwner: Смирнова О. И.\nApproved-By: Орлов Д. С.\nApproved: {approved}\n\n"
        (folder / "texts" / "ready" / f"{name}.txt").write_text(f"{head}Слова о {name}: с {{opens}}.\n", "utf-8")
    return folder / "texts"


def consulted(folder: Path, approved: str, *, on: bool = True) -> Lab:
    texts = own_texts(folder, Topic, approved)
    return Lab(folder, templates=texts, answer={"undo": "10m", "consultation": on})


def ask(lab: Lab) -> str:
    """The notice about a question of two topics."""
    lab.arrive(raw("Добрый день! Подскажите, пожалуйста, режим работы и какие документы нужны?", subject="Вопрос"))
    case = lab.cases()[0]
    assert (case.kind, case.topics) == ("consultation", '["documents","hours"]')
    return lab.to(PETROVA)[0].text


@pytest.mark.req("A41", "A23")
def test_approved_texts_of_all_topics_are_composed_into_one_reply(tmp_path: Path) -> None:
    notice = ask(consulted(tmp_path, "2026-01-15"))
    assert "> Тема documents. Слова о documents: с 09:00." in notice
    assert "> Тема hours. Слова о hours: с 09:00." in notice
    assert notice.count("Здравствуйте!") == 1


@pytest.mark.req("A21")
@pytest.mark.parametrize("approved", ["", "2025-01-15", "2027-01-15"])
def test_what_is_not_approved_or_too_long_ago_is_offered_to_nobody_and_told(tmp_path: Path, approved: str) -> None:
    lab = consulted(tmp_path, approved)
    assert "Слова о" not in ask(lab)
    told = [f for f in check.everything(lab.app, servers=False) if f.what == "ready texts"]
    assert {f.level for f in told} == {Level.WARNING}
    assert len(told) == len(Topic) - 1
    assert "hours (Смирнова О. И.)" in "".join(f.said for f in told)


def test_consultations_are_offered_only_where_configured(tmp_path: Path) -> None:
    assert "Слова о" not in ask(consulted(tmp_path, "2026-01-15", on=False))


@pytest.mark.req("A41")
def test_a_text_of_each_topic_is_shipped_and_none_is_approved_by_us() -> None:
    """Only the laboratory can approve what is said in its name."""
    texts = ready.load(packaged())
    assert set(Topic) < set(texts)
    assert all(text.defect(TODAY, YEAR).startswith("not approved") for text in texts.values())


@pytest.mark.req("A16")
@pytest.mark.parametrize("name", sorted(ready.load(packaged())))
def test_a_shipped_text_is_polite_and_blames_nobody(name: str) -> None:
    text = ready.load(packaged())[name].text
    assert "!" not in text
    for word in (" вы ", " вас ", " вам ", "обязаны", "неверно", "система", "тикет"):
        assert word not in text
    assert not [c for c in text.replace("{opens}", "").replace("{closes}", "") if c.isdigit()]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("Слова без заголовка.", "expected the lines Title"),
        ("Title: Т\nOwner:\nApproved-By:\nApproved: вчера\n\nСлова.", "expected a day"),
        ("Title: Т\nOwner:\nApproved-By:\nApproved:\n\n", "expected the lines Title"),
    ],
)
def test_a_bad_file_is_named_at_the_start(tmp_path: Path, source: str, said: str) -> None:
    (tmp_path / "ready").mkdir()
    (tmp_path / "ready" / "hours.txt").write_text(source, encoding="utf-8")
    with pytest.raises(MailcaseError, match=said):
        ready.load(tmp_path)
