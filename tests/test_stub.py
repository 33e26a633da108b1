"""A plain part that only points to the HTML is told from a short letter; the letters are invented."""

from __future__ import annotations

import pytest

from mailcase.mail.letter import Letter, parse

PAGE = "Просим поверить весы и манометры"


@pytest.mark.parametrize(
    ("plain", "page"),
    [
        ("Ваша программа не показывает HTML.", "Просим выставить счёт на поверку приборов по списку. " * 12),
        ("Ваш почтовый клиент не поддерживает HTML", PAGE),
        ("This is a multi-part message in MIME format.", PAGE),
        ("Your e-mail program cannot display HTML.", PAGE),
        ("Откройте это сообщение в браузере", f"{PAGE}, счёт и договор пришлите на этот адрес."),
    ],
)
def test_a_stub_gives_way_to_the_html_it_points_to(plain: str, page: str) -> None:
    assert alternative(plain, page).text.startswith(page.strip()[:30])


@pytest.mark.parametrize("plain", ["Нужна поверка.", "Форма не поддерживает HTML. Просим исправить."])
def test_a_short_text_of_ones_own_is_no_stub(plain: str) -> None:
    assert alternative(plain, f"<p>{plain}</p><p>ООО «Ромашка»</p>").text == plain


def alternative(plain: str, page: str) -> Letter:
    head = "From: a@example.ru\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
    body = (
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{plain}\r\n"
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>{page}</p>\r\n--b--\r\n"
    )
    return parse((head + body).encode())
