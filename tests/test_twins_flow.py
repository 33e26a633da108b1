"""One letter by two routes is one case, and another letter under its id is kept."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab
from tests.letters import MONDAY, raw


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory with one open case of Petrova's."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    return lab


TWIN = "Добрый день! Просим выставить КП на калибровку 12 манометров МП3-У."


@pytest.mark.req("C49")
@pytest.mark.parametrize(
    "changed",
    [
        {"text": f"{TWIN}\n\n--\nПроверено антивирусом. Письмо пришло извне организации."},
        {"text": f"ВНИМАНИЕ: внешний отправитель.\n{TWIN}"},
        {"subject": "[EXT] Калибровка манометров", "text": f"{TWIN}\n_______\nlist mailing list"},
        {"text": TWIN.replace(" ", "\n")},
    ],
)
def test_a_letter_that_a_server_wrote_on_is_one_with_its_twin(lab: Lab, changed: dict[str, str]) -> None:
    sent = len(lab.postman.sent)
    row = lab.mail(lab.arrive(raw(**{"text": TWIN, **changed}, headers={"X-Route": "info@"})))
    assert (row.outcome, row.drop_reason) == ("drop", "duplicate")
    assert (len(lab.cases()), len(lab.postman.sent)) == (1, sent)


@pytest.mark.req("C49")
@pytest.mark.parametrize(
    "changed",
    [
        {"text": "Просим выставить КП на поверку весов."},
        {"text": f"{TWIN} " + "И ещё: нужна поверка весов, срок до пятницы, счёт на ООО «Ромашка». " * 20},
        {"text": f"{TWIN} И ещё.", "date": MONDAY + timedelta(hours=1)},
        {"text": f"{TWIN} И ещё.", "sender": "Х <x@evil.example.net>"},
        {"text": f"{TWIN} И ещё.", "attachments": [("Схема.pdf", b"%PDF")]},
    ],
)
def test_another_letter_under_the_same_id_is_kept(lab: Lab, changed: dict[str, Any]) -> None:
    assert lab.mail(lab.arrive(raw(**changed))).outcome in ("new_case", "follow_up")
