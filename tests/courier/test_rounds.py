"""Every errand is run in its time, by one process alone, and one that fails keeps no other from its own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from qbwc_server.courier.rounds import ERRANDS, Errand, make_round
from qbwc_server.storage.database import Database
from qbwc_server.sync.core import Core
from tests.worlds.hand_clock import HandClock

HOUR = timedelta(hours=1)


@dataclass
class Post:
    """A server with errands that are counted."""

    core: Core
    clock: HandClock
    ran: list[str] = field(default_factory=list)

    def errand(self, name: str, every: timedelta = HOUR) -> Errand:
        return Errand(name, every, lambda _: self.ran.append(name))


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    clock = HandClock()
    database = Database(f"sqlite:///{tmp_path / 'qbwc.db'}")
    database.upgrade()
    yield Post(Core(database, clock, b"k" * 32, "https://qb.example.com"), clock)
    database.close()


def test_an_errand_is_run_at_once_and_again_when_its_time_has_come(post: Post) -> None:
    errands = [post.errand("letters"), post.errand("parcels", 3 * HOUR)]
    assert make_round(post.core, errands) == ["letters", "parcels"]
    post.clock.moment += HOUR - timedelta(seconds=1)
    assert make_round(post.core, errands) == []
    post.clock.moment += timedelta(seconds=1)
    assert make_round(post.core, errands) == ["letters"]
    post.clock.moment += 2 * HOUR
    assert make_round(post.core, errands) == ["letters", "parcels"]
    assert post.ran == ["letters", "parcels", "letters", "letters", "parcels"]


def test_one_that_fails_is_told_run_again_in_its_time_and_keeps_no_other_from_its_own(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Core) -> None:
        raise RuntimeError("the letter box is full")

    errands = [Errand("letters", HOUR, fail), post.errand("parcels")]
    with caplog.at_level(logging.ERROR):
        assert make_round(post.core, errands) == ["letters", "parcels"]
    assert "letters failed; it is tried again in 1:00:00" in caplog.text
    assert post.ran == ["parcels"]
    assert make_round(post.core, errands) == []
    post.clock.moment += HOUR
    assert make_round(post.core, errands) == ["letters", "parcels"]


def test_no_two_errands_are_claimed_under_one_name() -> None:
    assert len({errand.name for errand in ERRANDS}) == len(ERRANDS)
