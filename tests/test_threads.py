"""The row of the table on threading: each letter finds its case, and no stranger is admitted."""

from __future__ import annotations

import pytest

from tests import threads

here = pytest.mark.skipif(not threads.CORPUS.is_dir(), reason="the mail collection is not here")


@here
@pytest.mark.req("C42", "C43")
def test_real_letters_find_the_case_of_the_letter_that_they_answer_and_no_other() -> None:
    assert [trial for trial in threads.pairs() if not trial.right or trial.admitted] == []


@here
@pytest.mark.req("C43", "C45")
def test_real_letters_without_ids_find_it_by_the_tag_alone() -> None:
    assert [trial for trial in threads.tagged_pairs() if not trial.right or trial.admitted] == []


@pytest.mark.req("C43", "C45", "C46")
def test_a_tag_is_found_whatever_became_of_the_subject_and_admits_no_stranger() -> None:
    trials = list(threads.mangled())
    assert [trial for trial in trials if not trial.right or trial.admitted] == []
    assert len(trials) > 3000


@pytest.mark.req("C42", "C43")
def test_an_answer_is_known_whatever_became_of_its_ids() -> None:
    assert [trial for trial in threads.answers() if not trial.right or trial.admitted] == []
