"""The tag is found in whatever a client's program makes of it, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailcase.rules import tag

SECRET = "a secret of tests only"
TAG = tag.make("KM", 2026, 412, SECRET)
OURS = tag.Found(2026, 412)
CHECK = TAG[-4:]


def test_a_tag_has_the_shape_that_people_can_say():
    assert TAG.startswith("KM-26-0412-")
    assert tag.bracketed(TAG) == f"[{TAG}]"
    assert len(TAG) == len("KM-26-0412-7351")


@pytest.mark.req("C45")
@given(
    year=st.integers(2000, 2099),
    number=st.integers(1, 9_999_999),
    secret=st.text(min_size=1, max_size=40),
    prefix=st.from_regex(r"[A-Z]{2,6}", fullmatch=True),
    around=st.sampled_from(["{}", "Re: {}", "Fwd: Re: письмо {}", "{} ещё слова", "НА: Ответ: ({})"]),
)
def test_every_tag_is_found_again(year: int, number: int, secret: str, prefix: str, around: str):
    made = tag.make(prefix, year, number, secret)
    for text in (made, f"[{made}]", made.lower(), made.replace("-", " "), made.replace("-", "–")):
        assert tag.find(around.format(text), prefix, secret) == tag.Found(year, number)


@pytest.mark.req("C45")
@pytest.mark.parametrize(
    "subject",
    [
        f"Re: Вх. № 412 от 20.11.2026: Калибровка манометров [{TAG}]",
        f"HA: Ответ: Fwd: Калибровка [{TAG}]",
        f"На: RE[2]: [{TAG}]",
        f"[{TAG}] Калибровка",
        TAG,
        TAG.lower(),
        f"Калибровка {TAG}.",
        f"Калибровка [{TAG.replace('KM', 'КМ')}]",
        f"Калибровка [{TAG.replace('KM', 'кМ')}]",
        f"Калибровка [ {TAG} ]",
        f"Калибровка ({TAG})",
        f"Калибровка [{TAG.replace('-', ' - ')}]",
        f"Калибровка {TAG.replace('-', ' ')}",
        f"Калибровка {TAG.replace('-', '—')}",
        f"Калибровка {TAG.replace('-', chr(0x2011))}",
        f"Калибровка {TAG.replace('-', '')}",
        f"Калибровка [KM-26-О412-{CHECK}]",
        f"Калибровка [KM-26-04\u200b12-{CHECK}]",
        f"SPAM? [EXT] Re: Калибровка [{TAG}] (было: счёт)",
        f"Ваша заявка [#12345] [{TAG}]",
        f"Калибровка [KM-26-0412-0000] [{TAG}]",
    ],
)
def test_a_tag_survives_what_clients_do_to_a_subject(subject: str):
    assert tag.find(subject, "KM", SECRET) == OURS


@pytest.mark.req("C43", "C45")
@pytest.mark.parametrize(
    "subject",
    [
        "Re: Счёт [#12345]",
        "[ABC-1234] Запрос",
        f"[ABC-26-0412-{CHECK}] Запрос",
        "[JIRA] (LAB-26) Запрос",
        "Ticket#2026112010000412",
        "+7 495 000-26-04, доб. 1273",
        "Договор № 26-0412-7351",
        "Договор КМ-26/0412",
        "счёт 0412 от 20.11.2026",
        f"ТУ-{TAG}",
        f"{TAG}-89",
        f"{TAG}/2",
        f"{TAG}5",
        "12 км 26 рейсов",
        "",
    ],
)
def test_a_foreign_number_is_never_a_tag(subject: str):
    assert tag.find(subject, "KM", SECRET) is None


@pytest.mark.req("C45")
@given(check=st.integers(0, 9999).map(lambda n: f"{n:04d}").filter(lambda c: c != CHECK))
def test_wrong_digits_are_told_from_no_tag(check: str):
    assert isinstance(tag.find(f"Re: [KM-26-0412-{check}]", "KM", SECRET), tag.Wrong)


def test_another_secret_makes_another_tag():
    made = [tag.make("KM", 2026, n, "one")[-4:] for n in range(50)]
    assert made != [tag.make("KM", 2026, n, "two")[-4:] for n in range(50)]


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        (f"Re: Вх. № 412: Калибровка [{TAG}]", "Вх. № 412: Калибровка"),
        ("RE: FW: НА: Отв: Пересл: WG: AW: Калибровка", "Калибровка"),
        ("HA: Калибровка", "Калибровка"),
        ("RIF: Odp: 答复：转发: Σχετ: Калибровка", "Калибровка"),
        ("Ответ: Re[2]: Калибровка", "Калибровка"),
        (f"[{TAG}] Re: Калибровка", "Калибровка"),
        ("Ответ на Ваш запрос", "Ответ на Ваш запрос"),
        ("Реклама: калибровка", "Реклама: калибровка"),
        ("Договор 26-0412-7351", "Договор 26-0412-7351"),
        (f"Re: [{TAG}]", ""),
    ],
)
def test_a_subject_is_kept_as_the_client_wrote_it(subject: str, bare: str):
    assert tag.strip(subject) == bare


def test_a_bare_tag_goes_where_the_prefix_is_known():
    assert tag.strip(f"Re: Калибровка {TAG}", "KM") == "Калибровка"


def test_orders_stand_after_the_tag():
    assert tag.after(f"Re: До ср 25.11 · Ромашка [{TAG}] !закрыть дубль", "KM") == "!закрыть дубль"
    assert tag.after("Re: !обращение 812", "KM") == "!обращение 812"
