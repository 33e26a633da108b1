"""A colleague's words never reach a client by accident, and no answer sent elsewhere is sent again (users.md 1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailcase.mail.letter import Attachment, Forwarded
from mailcase.rules.decision import Act, Command, FollowUp, Held
from mailcase.rules.facts import Facts, ThreadHit
from mailcase.rules.staff import staff_letter
from mailcase.rules.staff_letter import StaffLetter
from mailcase.rules.trust import Proof
from mailcase.words import Audience, Register, Template, Trust
from tests.letters import LAB, MONDAY, config, facts, letter
from tests.test_thread import CLIENT, case

NOTICE = "<notice@cleanmet.ru>"
SUBJECT = "Re: До ср 25.11 · Ромашка · Калибровка манометров [KM-26-0412-0000]"
ANSWER = "Добрый день!\n\nКалибровка 12 манометров стоит 24 000 руб., срок 5 рабочих дней."
BOTH, DOMAIN, THREAD = Proof(verified=True, answering=True), Proof(verified=True), Proof(answering=True)
NONE, FORGED = Proof(), Proof(answering=True, refuted=True)
PROOFS = (BOTH, DOMAIN, THREAD, NONE, FORGED)
QUESTION = (
    ThreadHit("<held@cleanmet.ru>", 1, Audience.STAFF, "petrova", MONDAY - timedelta(hours=1), 77, 9, Template.HELD),
)


def hit(person: str = "petrova", template: Template | None = Template.NOTICE, case_id: int | None = 1) -> ThreadHit:
    sent = MONDAY - timedelta(hours=2)
    return ThreadHit(NOTICE, case_id, Audience.STAFF, person, sent, outbox_id=5, template=template)


def known(**given: Any) -> Facts:
    """Petrova answers her notice about case 1."""
    return facts(**{"cases": (case(),), "thread": (hit(),), **given})


def becomes(text: str = ANSWER, given: Facts | None = None, proof: Proof = THREAD, **mail: Any) -> Any:
    fields = {"sender": "petrova@cleanmet.ru", "subject": SUBJECT, "in_reply_to": (NOTICE,), "text": text, **mail}
    conf = config()
    person = conf.person("petrova")
    assert person is not None
    return staff_letter(StaffLetter(letter(**fields), given or known(), conf, person, proof))


def file(inline: bool = False) -> Attachment:
    return Attachment(1, "КП_412.pdf", "КП_412.pdf", "application/pdf", 100, "", inline)


def goes_out(decision: Any) -> bool:
    return isinstance(decision, Command) and any(act.command == "answer" for act in decision.acts)


@pytest.mark.parametrize("proof", [THREAD, DOMAIN, BOTH])
def test_a_reply_to_our_notice_is_the_answer(proof: Proof):
    assert becomes(proof=proof) == Command(1, "petrova", proof.trust, (Act("answer", text=ANSWER),))


@pytest.mark.parametrize(
    "text", ["Добрый день! КП во вложении", "Добрый день! КП во вложении.\n\nС уважением, Петрова Н. В."]
)
def test_a_short_answer_with_a_file_is_a_full_answer(text: str):
    assert goes_out(becomes(text, attachments=(file(),)))


def test_an_ordered_answer_needs_no_notice():
    text = "!ответ\nГотово, заберите приборы в пятницу."
    assert goes_out(becomes(text, known(thread=(), tag_case_id=1), DOMAIN, in_reply_to=()))


@pytest.mark.parametrize(
    "text",
    [
        "Это не моё, отдай Сидорову",
        "это не мое",
        "Оля, посмотри",
        "Привет!\nЭто не моё, отдай Сидорову.",
        "Добрый день!\n\nПередай это Смирновой",
        "передай Орлову",
        "назначь Сидорова",
        "закрой",
        "закрой это обращение, пожалуйста",
        "Сидоров сделает завтра",
        "Андрей Петрович, это к Вам",
        "Добрый день, Оля! Это к тебе",
        "Пусть Сидоров ответит",
        "Назначьте Сидорова, пожалуйста",
        "not mine, assign it to sidorov please",
        "Коллеги, кто возьмёт?",
        "Андрей, это же твой прибор?",
        "Здравствуйте! Этому клиенту уже отвечали на той неделе.",
    ],
)
def test_a_word_to_a_colleague_is_held(text: str):
    decision = becomes(text)
    assert isinstance(decision, Held)
    assert decision.to_client
    assert "коллеге" in decision.question


def test_the_question_names_the_colleague_and_proposes_to_hand_over():
    decision = becomes("Это не моё, отдай Сидорову")
    expected = "Похоже, это письмо коллеге, а не клиенту: «Это не моё, отдай Сидорову». Передать Сидорову А. П.?"
    assert decision.question == expected
    assert decision.proposal == (Act("assign", "sidorov"),)


@pytest.mark.parametrize(
    "text", ["ок", "Принято", "Ок, спасибо", "", "> Добрый день! Просим КП", "Добрый день!\n\nС уважением, Петрова"]
)
def test_an_answer_that_says_nothing_is_held(text: str):
    decision = becomes(text)
    assert isinstance(decision, Held)
    assert decision.case_id == 1


@pytest.mark.parametrize("text", ["ок", "Принято", ""])
def test_a_picture_in_the_signature_is_no_file(text: str):
    assert isinstance(becomes(text, attachments=(file(inline=True),)), Held)


@pytest.mark.req("C51")
def test_a_line_of_our_notice_in_the_new_words_is_held():
    notice = "Вам: № 412, заявка, ответить до ср 25.11\nПочему Вам: калибровка давления. Клиенту названы Вы."
    text = f"{ANSWER}\n\n*Почему Вам:  калибровка\nдавления. Клиенту названы Вы.*"
    decision = becomes(text, known(notice_text=notice))
    assert isinstance(decision, Held)
    assert "внутреннего письма" in decision.question
    assert goes_out(becomes(given=known(notice_text=notice)))


def test_the_first_answers_of_a_new_employee_are_confirmed():
    asked = becomes(given=known(answers_sent=4))
    assert isinstance(asked, Held)
    assert asked.proposal == (Act("answer", text=ANSWER),)
    assert goes_out(becomes(given=known(answers_sent=5)))


@pytest.mark.parametrize("text", ["да", "!отправить"])
def test_so_is_a_ready_answer_among_them(text: str):
    offered = replace(hit(), ready=True)
    asked = becomes(text, known(answers_sent=4, thread=(offered,)))
    assert isinstance(asked, Held)
    assert asked.proposal == (Act("ready"),)
    assert "Отправить клиенту готовый ответ?" in asked.question
    sent = becomes(text, known(answers_sent=5, thread=(offered,)))
    assert sent == Command(1, "petrova", Trust.ANSWERING, (Act("ready"),))


@pytest.mark.parametrize("where", ["to", "cc"])
def test_a_colleague_among_the_recipients_makes_it_a_note(where: str):
    copies = {"to": (LAB, "sidorov@cleanmet.ru")} if where == "to" else {"cc": "sidorov@cleanmet.ru"}
    decision = becomes(**copies)
    assert decision == Command(1, "petrova", Trust.ANSWERING, (Act("inside", "Сидоров Андрей Петрович", ANSWER),))


def test_an_ordered_answer_with_a_colleague_in_copy_is_asked_about():
    decision = becomes("!ответ\n" + ANSWER, cc="sidorov@cleanmet.ru")
    assert isinstance(decision, Held)
    assert "Сидоров Андрей Петрович" in decision.question
    assert decision.proposal == (Act("answer", text=ANSWER),)


@given(text=st.text(max_size=200), order=st.sampled_from(["", "!ответ ", "!answer\n"]), proof=st.sampled_from(PROOFS))
def test_no_words_go_out_on_their_own_with_a_colleague_in_copy(text: str, order: str, proof: Proof):
    assert not goes_out(becomes(order + text, proof=proof, cc="sidorov@cleanmet.ru"))


@given(text=st.text(max_size=200), proof=st.sampled_from(PROOFS))
def test_no_new_letter_goes_out_without_an_order(text: str, proof: Proof):
    unordered = text.replace("!", "").replace("！", "")
    assert not goes_out(becomes(unordered, facts(cases=(case(),), tag_case_id=1), proof, in_reply_to=()))


@pytest.mark.parametrize(
    "text",
    [
        "Здравствуйте, Анна Сергеевна! Посмотрите, пожалуйста, счёт во вложении и подтвердите срок.",
        "Добрый день! Передайте, пожалуйста, подписанный акт с курьером до пятницы.",
        "Уважаемый Игорь Павлович! Поверка возможна не ранее 10 декабря, выезд бесплатный.",
        "Dear Mr Smith, the certificate will be ready on Friday.",
    ],
)
def test_polite_words_to_a_client_are_not_taken_for_a_colleagues(text: str):
    assert goes_out(becomes(text))


def test_a_third_party_among_the_recipients_gets_nothing_more_sent():
    assert not goes_out(becomes(cc="boss@other.example"))


@pytest.mark.parametrize("proof", [THREAD, DOMAIN, NONE])
def test_what_the_client_already_got_is_recorded_and_never_sent(proof: Proof):
    for copies in ({"to": CLIENT, "cc": LAB}, {"cc": CLIENT.upper()}, {"to": "other@romashka.example.ru", "cc": LAB}):
        assert becomes(proof=proof, **copies) == FollowUp(1, sent_by="petrova")
    assert becomes("!ответ\nГотово", proof=proof, cc=CLIENT) == FollowUp(1, sent_by="petrova")


@pytest.mark.req("C102")
def test_a_forged_letter_does_not_count_as_an_answer():
    decision = becomes(proof=FORGED, cc=CLIENT)
    assert isinstance(decision, Held)
    assert decision.trust is Trust.CLAIMED


def forward(text: str = "") -> Forwarded:
    return Forwarded(CLIENT, "Анна", "Калибровка", "", text, True)


@pytest.mark.parametrize(
    ("given", "mail"),
    [
        pytest.param(known(thread=(), tag_case_id=1), {"in_reply_to": ()}, id="new letter with the tag"),
        pytest.param(known(), {"forwarded": forward()}, id="forward"),
        pytest.param(known(), {"subject": "Fwd: " + SUBJECT}, id="forward by its subject"),
        pytest.param(known(), {"subject": "Пересл: " + SUBJECT}, id="forward in Russian"),
        pytest.param(known(thread=(hit("sidorov"),)), {}, id="a colleague's notice"),
        pytest.param(known(thread=(hit(case_id=2),), tag_case_id=1), {}, id="another case's notice"),
        pytest.param(known(), {"in_reply_to": ("<talk@cleanmet.ru>",), "references": (NOTICE,)}, id="a talk about it"),
        pytest.param(known(thread=(hit(template=Template.RECEIPT),)), {}, id="a receipt"),
        pytest.param(known(thread=(hit(template=Template.UNDELIVERED),)), {}, id="a failed delivery"),
        pytest.param(known(), {"to": ()}, id="hidden recipients"),
        pytest.param(known(wrong_tag=True), {}, id="a wrong number"),
    ],
)
def test_what_does_not_answer_our_notice_is_asked_about(given: Facts, mail: dict[str, Any]):
    decision = becomes(given=given, **mail)
    assert isinstance(decision, Held)
    assert decision.proposal == (Act("note", text=ANSWER),)
    assert decision.to_client


@pytest.mark.req("C44")
def test_the_tag_beats_references_for_staff():
    given = known(cases=(case(1), case(2)), tag_case_id=2)
    decision = becomes("!внутр позвонил", given)
    assert decision == Command(2, "petrova", Trust.ANSWERING, (Act("note", text="позвонил"),))


@pytest.mark.req("C102")
@pytest.mark.parametrize("proof", [NONE, FORGED])
@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        (ANSWER, (Act("answer", text=ANSWER),)),
        ("!закрыть дубль", (Act("close", "дубль"),)),
        ("!назначить Сидоров", (Act("assign", "Сидоров"),)),
    ],
)
def test_a_claimed_letter_is_asked_about_and_not_obeyed(proof: Proof, text: str, proposal: tuple[Act, ...]):
    decision = becomes(text, proof=proof)
    assert decision == Held(1, "petrova", Trust.CLAIMED, "Это Вы писали?", proposal)


@pytest.mark.parametrize("proof", [NONE, FORGED])
def test_a_doubt_about_the_words_outlives_the_question_who_wrote_them(proof: Proof):
    decision = becomes("ок", proof=proof)
    assert decision.question == "Это Вы писали?"
    assert "почти нет текста" in decision.then


@pytest.mark.req("C102")
def test_closing_a_complaint_or_anothers_case_needs_both_proofs():
    complaint = known(cases=(case(register=Register.COMPLAINT),))
    anothers = known(cases=(case(assignee="sidorov"),))
    for about in (complaint, anothers):
        assert isinstance(becomes("!закрыть обоснованна", about, THREAD), Held)
        assert isinstance(becomes("!закрыть обоснованна", about, DOMAIN), Held)
        assert isinstance(becomes("!закрыть обоснованна", about, BOTH), Command)
    assert isinstance(becomes("!закрыть дубль", proof=THREAD), Command)
