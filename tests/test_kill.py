"""SIGKILL at random moments of real processes on real servers: nothing lost, nothing doubled. The long form: `kill`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kill import Killing, summary
from tests.servers.dovecot import Dovecot
from tests.servers.sink import Sink

pytestmark = pytest.mark.live


@pytest.mark.req("A36", "C80", "C81", "C90")
def test_fifty_kills_lose_none_of_three_hundred_letters_and_double_none(
    tmp_path: Path, dovecot: Dovecot, sink: Sink, account: str
) -> None:
    """Every letter one outcome, as its writer meant it; every number once; every repeat under its id and noted.

    In the end the server numbers the folder anew, and nothing comes of that. On SQLite; the long form does PostgreSQL.
    """
    killing = Killing(tmp_path, dovecot, sink, account)
    wrong = killing.run(kills=50, letters=300)
    assert wrong == [], f"{summary(killing)}\n{killing.nest.said()}"
    # Those that come by themselves, and what answers our letters.
    assert len(killing.posted) > 300
    assert killing.lives.total() == 50
    # Kills that hit nothing but the start would show nothing.
    assert killing.left > 50
