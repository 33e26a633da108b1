"""Real mail of public test suites is read as it should be; skipped where the collection is not beside the project."""

from __future__ import annotations

import time

import pytest

from mailcase.mail.letter import parse
from tests import corpus

# Three letters quote at their top or between the new words, and their collection keeps what they quote.
SHORT = {("reply", "nothing lost"): 0.97}
pytestmark = pytest.mark.skipif(not corpus.CORPUS.is_dir(), reason="the mail collection is not here")


@pytest.mark.req("C72")
@pytest.mark.parametrize("dimension", ["robust", "parse"])
def test_no_letter_raises_or_hangs_or_leaves_what_a_database_refuses(dimension: str) -> None:
    for case in corpus.cases(dimension):
        data = corpus.raw_of(case)
        start = time.process_time()
        letter = parse(data)
        assert time.process_time() - start < 2, case["id"]
        everything = letter.subject + letter.text + letter.html + letter.reply + letter.quoted
        everything += "".join(n + v for n, v in letter.headers) + "".join(a.name for a in letter.attachments)
        assert "\0" not in everything, case["id"]
        assert everything.encode() is not None
        assert letter.reply or not letter.text.strip(), case["id"]
        assert not [a for a in letter.attachments if set(a.safe_name) & {"/", "\\"} or a.safe_name.startswith("..")]


@pytest.mark.parametrize(
    "dimension",
    [
        "robust",
        "parse",
        pytest.param("bounce", marks=pytest.mark.req("C33")),
        "autoreply",
        pytest.param("reply", marks=pytest.mark.req("C71")),
        "forward",
    ],
)
def test_every_figure_of_the_table_is_reached(dimension: str) -> None:
    for figure in corpus.MEASURES[dimension]():
        short = SHORT.get((figure.dimension, figure.measure))
        assert figure.reached or (short and figure.value >= short), f"{corpus.row(figure)}: {figure.failed}"
