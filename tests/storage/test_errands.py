"""An errand is claimed by one process, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from qbwc_server.storage import errands
from qbwc_server.storage.database import Database

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def claim(database: Database, name: str = "letters", *, now: datetime = NOW) -> bool:
    with database.begin() as conn:
        return errands.claim(conn, name, HOUR, now=now)


def test_it_is_claimed_once_in_its_time(database: Database) -> None:
    assert claim(database)
    assert not claim(database)
    assert claim(database, "parcels")
    assert not claim(database, now=NOW + HOUR - timedelta(seconds=1))
    assert claim(database, now=NOW + HOUR)
    assert not claim(database, now=NOW + HOUR)


def test_of_several_that_come_at_once_one_gets_it_the_first_time_and_later(
    url: str, open_database: Callable[[str], Database]
) -> None:
    together = threading.Barrier(4)
    answers: list[tuple[datetime, bool]] = []

    def come() -> None:
        database = open_database(url)
        for now in (NOW, NOW + HOUR):
            together.wait(60)
            answers.append((now, claim(database, now=now)))

    comers = [threading.Thread(target=come) for _ in range(4)]
    for comer in comers:
        comer.start()
    for comer in comers:
        comer.join(60)
    assert sorted(now for now, got in answers if got) == [NOW, NOW + HOUR]
    assert len(answers) == 8
