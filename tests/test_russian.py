"""Dates, plurals, phones and greetings read as a careful Russian secretary writes them."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailcase.mail import russian

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        ("С уважением, Ковалёва Анна Сергеевна", "Уважаемая Анна Сергеевна!"),
        ("Игорь Павлович Петров", "Уважаемый Игорь Павлович!"),
        ("С уважением,\nГУРЕВИЧ СЕРГЕЙ ПЕТРОВИЧ\nдиректор", "Уважаемый Сергей Петрович!"),
        ("Инженер Семёнов Артем Фёдорович\nООО «Ромашка»", "Уважаемый Артем Фёдорович!"),
        ("Анна Сергеевна Гуревич", "Уважаемая Анна Сергеевна!"),
        ("Илья Ильич", "Уважаемый Илья Ильич!"),
        ("Львова Любовь Кузьминична", "Уважаемая Любовь Кузьминична!"),
    ],
)
def test_a_signature_with_name_and_patronymic_is_greeted_by_both(signature: str, expected: str) -> None:
    assert russian.greeting(signature) == expected


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "С уважением, Анна",
        "Ковалёва А. С.",
        "Сергей Гуревич",
        "Менеджер Павлович И. С.",
        "Мамедов Ахмед Гасан оглы",
        "в лице директора Иванова Ивана Ивановича",
        "Директор Иванов Иван Иванович\nИсп. Петрова Анна Сергеевна",
        "Best regards, John Smith",
        "ООО «Ромашка»\nОтдел Главного Метролога",
    ],
)
def test_a_signature_that_leaves_a_doubt_is_greeted_neutrally(signature: str) -> None:
    assert russian.greeting(signature) == "Здравствуйте!"


def test_an_english_letter_is_greeted_in_english() -> None:
    assert russian.greeting("Ковалёва Анна Сергеевна", "en") == "Hello,"


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("+74950000000 доб. 214", "+7 (495) 000-00-00, доб. 214"),
        ("8 (495) 000-00-00", "+7 (495) 000-00-00"),
        ("84950000000,214", "+7 (495) 000-00-00, доб. 214"),
        ("+7-495-000-00-00 ext 214", "+7 (495) 000-00-00, доб. 214"),
        ("8 495 000 00 00 (214)", "+7 (495) 000-00-00, доб. 214"),
        ("4950000000", "+7 (495) 000-00-00"),
        ("+7 (495) 000-00-00, доб. 214", "+7 (495) 000-00-00, доб. 214"),
        ("8 800 000-00-00", "8 (800) 000-00-00"),
        ("+375 17 000-00-00", "+375 17 000-00-00"),
        ("вн. 214", "вн. 214"),
    ],
)
def test_phones_print_alike_and_foreign_ones_stay_as_written(written: str, printed: str) -> None:
    assert russian.phone(written) == printed


def test_an_extension_is_english_in_an_english_letter() -> None:
    assert russian.phone("+74950000000 доб. 214", "en") == "+7 (495) 000-00-00, ext. 214"


@pytest.mark.parametrize(
    ("n", "form"), [(0, "дней"), (1, "день"), (2, "дня"), (5, "дней"), (11, "дней"), (14, "дней"), (21, "день")]
)
def test_a_word_agrees_with_its_number(n: int, form: str) -> None:
    assert russian.plural(n, "день", "дня", "дней") == form
    assert russian.working_days(n) == f"{n} раб. {form}"


def test_a_date_is_written_in_every_form_that_letters_need() -> None:
    wednesday = date(2026, 11, 25)
    assert russian.day(wednesday) == "среда, 25 ноября"
    assert russian.day_gen(wednesday) == "среды, 25 ноября"
    assert russian.over_day(wednesday) == "среду, 25.11"
    assert russian.numeric(wednesday) == "25.11.2026"
    assert russian.short(wednesday) == "ср 25.11"
    assert russian.day_gen(wednesday, "en") == russian.day(wednesday, "en") == "Wednesday, 25 November"
    assert russian.numeric(wednesday, "en") == "25 November 2026"
    assert russian.short(wednesday, "en") == "Wed 25 Nov"


def test_a_moment_is_told_in_the_zone_of_the_laboratory() -> None:
    assert russian.numeric(russian.local("2026-11-20T22:30:00+00:00", MOSCOW)) == "21.11.2026"
    assert russian.numeric(russian.local("2026-11-20", MOSCOW)) == "20.11.2026"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        russian.local("2026-11-20T10:00:00", MOSCOW)


def test_names_are_shortened_to_surname_and_initials() -> None:
    assert russian.short_name("Петрова Наталья Викторовна") == "Петрова Н. В."
    assert russian.short_name("Петрова") == "Петрова"


def test_a_firm_is_named_without_its_legal_form() -> None:
    assert russian.firm("ООО «Ромашка»") == "Ромашка"
    assert russian.firm("ИП Петров") == "ИП Петров"
    assert russian.firm("Аоста") == "Аоста"


def test_kinds_and_statuses_are_named_in_russian_and_other_words_stay() -> None:
    assert (russian.kind("request"), russian.kind("заявка")) == ("заявка", "заявка")
    assert (russian.status("open"), russian.status("ждём оплату")) == ("в работе", "ждём оплату")


# What follows holds for every day and number, not only for those above.
A_YEAR = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
FIRST = dict(zip(range(7), "понедельника вторника среды четверга пятницы субботы воскресенья".split(), strict=True))


@pytest.mark.parametrize("day", A_YEAR[::17], ids=str)
def test_a_term_names_the_weekday_in_the_case_of_its_preposition(day: date) -> None:
    weekday, rest = russian.day_gen(day).split(", ")
    assert weekday == FIRST[day.weekday()]
    assert russian.day(day).endswith(f", {rest}")
    assert rest.split()[0] == str(day.day)
    assert rest.split()[1][-1] in "яа"


def test_days_that_differ_are_never_told_alike() -> None:
    for told in (russian.day, russian.day_gen, russian.numeric, russian.over_day):
        assert len({told(day) for day in A_YEAR}) == len(A_YEAR)


@pytest.mark.parametrize("n", range(200))
def test_plurals_follow_the_last_digits_and_the_teens_are_many(n: int) -> None:
    form = russian.plural(n, "письмо", "письма", "писем")
    assert form == russian.plural(n + 200, "письмо", "письма", "писем")
    if 11 <= n % 100 <= 14:
        assert form == "писем"
    else:
        assert form == {1: "письмо", 2: "письма", 3: "письма", 4: "письма"}.get(n % 10, "писем")


MEN = ("Иван Петрович", "Сергей Ильич", "Пётр Алексеевич", "Илья Львович", "Андрей Николаевич", "Дмитрий Юрьевич")
WOMEN = ("Анна Сергеевна", "Любовь Ильинична", "Наталья Андреевна", "Мария Львовна", "Юлия Никитична")
FRAMES = ("С уважением,\n{}", "{}\nинженер\nООО «Ромашка»", "С уважением, Кузнец {}", "{} Кузнец", "С уважением,\n{}.")


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(("word", "names"), [("Уважаемый", MEN), ("Уважаемая", WOMEN)])
def test_the_greeting_agrees_with_the_gender_of_name_and_patronymic(
    word: str, names: tuple[str, ...], frame: str
) -> None:
    for name in names:
        assert russian.greeting(frame.format(name)) == f"{word} {name}!"
        assert russian.greeting(frame.format(name.split()[0])) == "Здравствуйте!"


@pytest.mark.parametrize(("man", "woman"), [*zip(MEN, reversed(WOMEN), strict=False)])
def test_two_people_in_a_signature_are_greeted_by_nobodys_name(man: str, woman: str) -> None:
    first, last = man.split()[0], woman.split()[1]
    assert russian.greeting(f"{man}\n{woman}") == "Здравствуйте!"
    assert russian.greeting(f"{first} {last}") == "Здравствуйте!", "a man's name with a woman's patronymic"
