"""The laboratory's documents go with an answer by their key, and the record says which version went (A17)."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailcase import check
from mailcase.check_finding import Level
from tests.lab import Lab
from tests.letters import raw
from tests.test_flow import CLIENT, PETROVA, reply_to_notice

WORDS = "Добрый день! Высылаем типовой договор, заполните его, пожалуйста."


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    (tmp_path / "dogovor.pdf").write_bytes(b"%PDF-1.4 edition 3")
    document = {"title": "Типовой договор", "version": "редакция 3", "date": "2026-01-15"}
    contract = {"key": "договор", "file": tmp_path / "dogovor.pdf", **document}
    lab = Lab(tmp_path, document=[contract, {**contract, "key": "прайс", "file": tmp_path / "away.pdf"}])
    lab.arrive(raw())
    return lab


@pytest.mark.req("A17")
@pytest.mark.parametrize("order", ["!вложить договор", "!Вложить: договор", "!ответ\n!приложи договор"])
def test_the_present_version_goes_with_the_answer_and_is_recorded(lab: Lab, order: str) -> None:
    lab.arrive(reply_to_notice(lab, f"{order}\n\n{WORDS}"))
    lab.later(minutes=11)
    answer = lab.to(CLIENT)[-1]
    (file,) = answer.message.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("dogovor.pdf", "application/pdf")
    assert file.get_content() == b"%PDF-1.4 edition 3"
    assert answer.text.startswith("Добрый день! Высылаем")
    assert "вложить" not in answer.text.lower()
    assert any("Типовой договор, редакция 3 от 15.01.2026" in e.detail for e in lab.events(1))


@pytest.mark.parametrize(("key", "said"), [("устав", "Есть: договор, прайс"), ("прайс", "не читается: away.pdf")])
def test_a_document_that_is_not_there_holds_the_answer_back(lab: Lab, key: str, said: str) -> None:
    lab.arrive(reply_to_notice(lab, f"!вложить {key}\n{WORDS}"))
    lab.later(minutes=11)
    assert said in lab.to(PETROVA)[-1].text
    assert len(lab.to(CLIENT)) == 1


def test_check_names_the_missing_file(lab: Lab) -> None:
    told = [f for f in check.everything(lab.app, servers=False) if f.what == "documents"]
    assert [f.level for f in told] == [Level.OK, Level.PROBLEM]
    assert "away.pdf" in told[1].said
