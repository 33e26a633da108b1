"""What `compose` puts on the wire reads back, in two other parsers, as what was meant."""

from __future__ import annotations

import email
import email.policy
import random
import re
from dataclasses import replace
from email.header import decode_header
from email.message import EmailMessage
from typing import Any

import mailparser
import pytest

from mailcase.mail import samples
from mailcase.mail.compose import Composer
from mailcase.mail.draft import Draft, DraftAttachment
from mailcase.words import MailcaseError, Template

COMPOSER = Composer()
DRAFTS = samples.drafts()
IDS = [f"{d.message_id[1:].split('.')[0]}" for d in DRAFTS]
CLIENT_AUTOMATIC = (Template.ACKNOWLEDGEMENT, Template.ACKNOWLEDGEMENT_COMPLAINT, Template.ADDITION, Template.STATUS)
EVIL = (
    "x\r\nBcc: spy@example.net\r\n\r\n\x00<script>alert(1)</script> **b** *i* [a](mailto:b) \n> q\n- l\n# h\u202e\ufdd0"
)


def draft(template: Template, lang: str = "ru", **values: Any) -> Draft:
    found = next(d for d in DRAFTS if d.template is template and d.lang == lang)
    return replace(found, values=found.values | values)


def sent(d: Draft) -> bytes:
    return COMPOSER.compose(d, samples.content)


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def head(raw: bytes) -> list[str]:
    return raw.split(b"\r\n\r\n")[0].decode("ascii").split("\r\n")


def spaced(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.req("C73")
@pytest.mark.parametrize("d", DRAFTS, ids=IDS)
def test_every_letter_is_seven_bit_with_short_lines_and_reads_back_in_two_parsers(d: Draft) -> None:
    raw, (subject, text, html) = sent(d), COMPOSER.render(d)
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    parsed = read(raw)
    assert not [part.defects for part in parsed.walk() if part.defects]
    assert parsed["subject"] == subject
    assert str(parsed["from"].addresses[0].display_name) == d.from_name
    assert parsed["date"].datetime.utcoffset() is not None
    plain, rich = parsed.get_body(("plain",)), parsed.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert plain.get_content().replace("\r\n", "\n") == text
    assert rich.get_content().replace("\r\n", "\n").strip() == html.strip()
    other = mailparser.parse_from_bytes(raw)
    assert spaced(other.subject) == subject
    assert other.text_plain[0].replace("\r\n", "\n").strip() == text.strip()


def test_a_word_or_line_of_thousands_of_letters_breaks_no_line() -> None:
    d = draft(Template.ANSWER, text="W" * 5000 + "\nFrom here\n.\n" + "я" * 5000, subject="S" * 5000)
    raw = sent(d)
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    body = read(raw).get_body(("plain",))
    assert body is not None
    assert "W" * 5000 + "\nFrom here\n.\n" + "я" * 5000 in body.get_content().replace("\r\n", "\n")


def test_composing_twice_gives_the_same_bytes() -> None:
    assert all(sent(d) == Composer().compose(d, samples.content) for d in DRAFTS[:6])


@pytest.mark.req("C8", "C22")
@pytest.mark.parametrize("d", DRAFTS, ids=IDS)
def test_automatic_letters_say_so_and_a_persons_answer_says_nothing(d: Draft) -> None:
    parsed = read(sent(d))
    if d.template is Template.ANSWER:
        assert parsed["auto-submitted"] is None
        assert parsed["x-auto-response-suppress"] is None
    else:
        wanted = "auto-replied" if d.template in CLIENT_AUTOMATIC else "auto-generated"
        assert parsed["auto-submitted"] == wanted
        # `All`, `DR` or `NDR` would make Exchange drop the report we need.
        assert parsed["x-auto-response-suppress"] == "OOF, AutoReply, RN, NRN"
    assert parsed["precedence"] is None


@pytest.mark.req("C9", "C40")
@pytest.mark.parametrize(
    ("in_reply_to", "references", "expected"),
    [
        ("<c@x>", ("<a@x>", "<b@x>"), ("<c@x>", "<a@x> <b@x> <c@x>")),
        ("<c@x>", ("<b@x>",), ("<c@x>", "<b@x> <c@x>")),
        ("c@x", ("b@x", "c@x"), ("<c@x>", "<b@x> <c@x>")),
        ("<c@x>", (), ("<c@x>", "<c@x>")),
        ("", (), (None, None)),
    ],
)
def test_the_thread_is_the_parents_references_and_the_parent(
    in_reply_to: str, references: tuple[str, ...], expected: tuple[str | None, str | None]
) -> None:
    """A letter without Message-ID gives neither header: no id is invented."""
    parsed = read(sent(replace(draft(Template.ACKNOWLEDGEMENT), in_reply_to=in_reply_to, references=references)))
    found = tuple(None if parsed[n] is None else spaced(parsed[n]) for n in ("in-reply-to", "references"))
    assert found == expected


def test_a_thread_of_hundreds_keeps_its_first_and_newest_ids_on_short_lines() -> None:
    ids = tuple(f"<{i}.{'x' * 40}@example.org>" for i in range(300))
    raw = sent(replace(draft(Template.ANSWER), in_reply_to=ids[-1], references=ids[:-1]))
    assert read(raw)["references"].split() == [ids[0], *ids[-20:]]
    assert max(map(len, head(raw))) <= 78


def test_an_id_that_no_header_can_bear_is_left_out() -> None:
    odd = ("<a b@x>", "<я@x>", "<" + "y" * 2000 + "@x>", "<ok@x>")
    parsed = read(sent(replace(draft(Template.ANSWER), in_reply_to="<c@x>\r\nBcc: d@x", references=odd)))
    assert (parsed["in-reply-to"], parsed["references"], parsed["bcc"]) == (None, "<ok@x>", None)


@pytest.mark.req("C10")
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_an_acknowledgement_bears_the_number_the_clients_subject_and_the_tag_last(lang: str) -> None:
    d = draft(Template.ACKNOWLEDGEMENT, lang, subject="Re: Ответ: Калибровка манометров")
    raw = sent(d)
    subject = str(read(raw)["subject"])
    assert re.match(r"Вх\. № 412 от 20\.11\.2026: |No\. 412 of 20 November 2026: ", subject)
    assert subject.endswith(": Калибровка манометров [KM-26-0412-7351]")
    assert max(map(len, head(raw))) <= 76


@pytest.mark.req("C11")
@pytest.mark.parametrize("lang", ["ru", "en"])
@pytest.mark.parametrize("template", CLIENT_AUTOMATIC)
def test_an_acknowledgement_stays_under_twelve_kilobytes_whatever_the_client_sent(
    template: Template, lang: str
) -> None:
    long = {"subject": "Щука " * 2000, "attachments": ["Щ" * 250 + ".pdf"] * 500}
    d = draft(template, lang)
    raw = sent(replace(d, values=d.values | {k: v for k, v in long.items() if k in d.values}))
    assert len(raw) <= 12_000
    assert not list(read(raw).iter_attachments())


def encoded_words(raw: bytes, header: str) -> list[str]:
    unfolded = "\n".join(head(raw)).replace("\n ", " ").split("\n")
    line = next(x for x in unfolded if x.startswith(f"{header}: "))
    return [w for w in line.split() if w.startswith("=?")]


@pytest.mark.req("C63")
def test_a_subject_of_three_hundred_cyrillic_letters_survives_in_whole_characters() -> None:
    subject = ("Съешь ещё этих мягких французских булок, да выпей же чаю; " * 6)[:299] + "🙂"
    raw = sent(draft(Template.ANSWER, subject=subject))
    assert read(raw)["subject"] == f"Re: {spaced(subject)} [KM-26-0412-7351]"
    words = encoded_words(raw, "Subject")
    assert len(words) > 5
    assert all(len(w) <= 75 for w in words)
    for word in words:
        data, charset = decode_header(word)[0]
        assert isinstance(data, bytes)
        data.decode(charset or "ascii")
    assert max(map(len, head(raw))) <= 76


@pytest.mark.req("C63")
def test_russian_names_and_subjects_never_lose_a_space() -> None:
    """The standard library's newer folding does lose them; dependencies of ours may never return to it."""
    dice = random.Random(412)
    words = ["калибровка", "средств", "измерений", "и", "ООО «Ромашка»", "№", "12", "gauge", "Петрова", "—", "Ё"]
    for _ in range(150):
        name, subject = (" ".join(dice.choices(words, k=dice.randint(2, 14))) for _ in range(2))
        d = replace(draft(Template.ANSWER, subject=subject), from_name=name, to=((name, "a@example.org"),) * 3)
        raw = sent(d)
        other = mailparser.parse_from_bytes(raw)
        assert read(raw)["subject"] == spaced(other.subject) == f"Re: {subject} [KM-26-0412-7351]"
        assert other.from_[0] == (name, "lab@example.ru")
        assert [a.addr_spec for a in read(raw)["to"].addresses] == ["a@example.org"] * 3
        assert all(len(w) <= 75 for w in encoded_words(raw, "From"))
        assert max(map(len, head(raw))) <= 78


@pytest.mark.parametrize("name", ['Smith, John "JJ"', "J. Smith", "=?utf-8?b?0Y8=?=", "O'Neill (lab)", "a@b.ru", ""])
def test_a_name_with_signs_of_the_grammar_reads_back(name: str) -> None:
    found = read(sent(replace(draft(Template.ANSWER), to=((name, "a@example.org"),))))["to"].addresses
    assert [(a.display_name, a.addr_spec) for a in found] == [(name, "a@example.org")]


def test_a_subject_that_looks_encoded_stays_literal() -> None:
    d = draft(Template.ANSWER, subject="=?utf-8?b?0Y8=?= x")
    assert str(read(sent(d))["subject"]) == "Re: =?utf-8?b?0Y8=?= x [KM-26-0412-7351]"


def evil(value: Any) -> Any:
    """Every text of a value made hostile; moments, tags and links are ours and stay, as does what is empty."""
    if isinstance(value, str) and value and not re.match(r"\d{4}-\d\d-\d\d|mailto:|KM-", value):
        return value + EVIL
    if isinstance(value, list):
        return [evil(v) for v in value]
    if isinstance(value, dict):
        return {k: evil(v) for k, v in value.items()}
    return value


@pytest.mark.req("C106")
@pytest.mark.parametrize("d", DRAFTS, ids=IDS)
def test_no_value_becomes_a_header_a_script_or_markup(d: Draft) -> None:
    """Subjects, names, texts: each may hold line ends, NUL, HTML and our own markup, and stays plain words."""
    hostile = replace(d, values=evil(d.values), from_name=d.from_name + EVIL, to=tuple((n + EVIL, a) for n, a in d.to))
    raw = sent(hostile)
    assert read(raw).keys() == read(sent(d)).keys()
    _, text, html = COMPOSER.render(hostile)
    assert "<script" not in html
    assert 'href="mailto:b"' not in html
    assert "<strong>b</strong>" not in html
    # A heading or list that a value might have started would show as one more than the sample has.
    calm = COMPOSER.render(d)[2]
    assert [html.count(t) for t in ("<li", "<blockquote", "<ul", "<em>")] == [
        calm.count(t) for t in ("<li", "<blockquote", "<ul", "<em>")
    ]
    assert not re.search(r"[\x00\u202e\ufdd0-\ufdef]", text + html)
    # Some letters print no text of others at all, such as the digest of a quiet day.
    assert ("**b** *i* [a](mailto:b)" in text) == ("spy@example.net" in text)


@pytest.mark.req("C106")
@pytest.mark.parametrize(
    "address", ["a@b.ru\r\nBcc: c@d.ru", "a@b.ru, c@d.ru", "a@b.ru\x00", "a b@c.ru", "<a@b.ru>", "", "почта@b.ru"]
)
def test_an_address_that_no_letter_can_be_sent_to_is_refused_not_mended(address: str) -> None:
    for field in ({"to": (("", address),)}, {"cc": (("", address),)}, {"from_address": address}):
        with pytest.raises(MailcaseError, match="no letter can be sent"):
            sent(replace(draft(Template.ANSWER), **field))


def test_a_russian_domain_travels_as_its_ascii_form() -> None:
    found = read(sent(replace(draft(Template.ANSWER), to=(("", "info@лаборатория.рф"),))))["to"].addresses[0]
    assert found.addr_spec.encode().decode("ascii").startswith("info@xn--")


def test_files_arrive_whole_with_their_russian_names() -> None:
    long = "Очень длинное название файла заявки на калибровку манометров (копия 2), 20.11.2026 года.docx"
    files = {
        long: ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK\x03\x04"),
        "таблица.csv": ("text/csv; charset=x", "строка;1\r\n".encode("cp1251")),
        "письмо.eml": ("message/rfc822", b"From: a@b\n\nbody\n"),
        'q"uote.pdf': ("application/pdf\r\nX: y", b"%PDF"),
    }
    parts = tuple(DraftAttachment("0" * 64, i, n, t, len(b)) for i, (n, (t, b)) in enumerate(files.items()))
    raw = COMPOSER.compose(replace(draft(Template.ANSWER), attachments=parts), lambda a: files[a.name][1])
    found = {p.get_filename(): p for p in read(raw).iter_attachments()}
    assert {n: p.get_payload(decode=True) for n, p in found.items()} == {n: b for n, (_, b) in files.items()}
    # The old way of naming says the same to programs that do not know RFC 2231.
    assert all(p.get_param("name") == n for n, p in found.items())
    kinds = [p.get_content_type() for p in found.values()]
    assert kinds == [files[long][0], *["application/octet-stream"] * 3]
    assert [a["filename"] for a in mailparser.parse_from_bytes(raw).attachments] == list(files)
    assert raw.isascii()


def test_ready_html_of_an_answer_replaces_its_text_and_brings_its_pictures() -> None:
    picture = DraftAttachment("0" * 64, 2, "image001.png", "image/png", 4, "pic1@example.ru")
    html = '<table><tr><td>МП3-У</td><td>1200</td></tr></table><img src="cid:pic1@example.ru">'
    d = replace(draft(Template.ANSWER), html=html, attachments=(picture,))
    parsed = read(sent(d))
    _, text, shown = COMPOSER.render(d)
    assert html in shown
    assert "Выезд возможен" in text
    assert "Выезд возможен" not in shown
    assert "Петрова Наталья Викторовна" in shown
    kinds = [p.get_content_type() for p in parsed.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    assert list(parsed.walk())[-1]["content-id"] == "<pic1@example.ru>"


def test_a_draft_that_went_through_the_outbox_gives_the_same_letter() -> None:
    assert all(sent(Draft.from_json(d.as_json())) == sent(d) for d in DRAFTS[:8])
