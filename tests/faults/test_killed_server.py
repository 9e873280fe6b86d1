"""The real server killed by SIGKILL at each of its commits and at random instants, started again, played to the end.

Webhooks are delivered meanwhile: the receiver misses nothing of what happened, and each record's events are in order.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.worlds.fault_runs import Balance
from tests.worlds.killed_server import KilledServer
from tests.worlds.postgres_server import NoPostgres, own_postgres

pytestmark = pytest.mark.slow

COMMITS = 400
"""More than a run has."""
PORTIONS = 4
"""Tests that share the commit points, so that several processes can."""

Make = Callable[[], KilledServer]


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server: the one QBWC_TEST_POSTGRES_URL names, or one from pip."""
    with ExitStack() as stack:
        url = os.environ.get("QBWC_TEST_POSTGRES_URL")
        try:
            yield url or stack.enter_context(own_postgres())
        except NoPostgres as reason:
            pytest.skip(f"no PostgreSQL: set QBWC_TEST_POSTGRES_URL, or {reason}")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.thorough)])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Makes servers on an empty database each, one after the other."""
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres")
    with ExitStack() as stack:

        def make_one() -> KilledServer:
            stack.close()
            folder = tmp_path / secrets.token_hex(4)
            folder.mkdir()
            made = KilledServer(folder, None if url is None else stack.enter_context(_database(url)))
            stack.callback(made.close)
            return made

        yield make_one


class _database:  # noqa: N801 - a context manager used like a function
    """An empty database on a PostgreSQL server, dropped afterwards; its URL."""

    def __init__(self, server_url: str) -> None:
        psycopg = pytest.importorskip("psycopg")
        self._connection = psycopg.connect(server_url.replace("+psycopg", ""), autocommit=True)
        self._name = f"faults_{secrets.token_hex(4)}"
        self._url = urlsplit(server_url)._replace(path=f"/{self._name}").geturl()

    def __enter__(self) -> str:
        self._connection.execute(f"CREATE DATABASE {self._name}")
        return self._url

    def __exit__(self, *_: object) -> None:
        self._connection.execute(f"DROP DATABASE {self._name} WITH (FORCE)")
        self._connection.close()


@pytest.mark.parametrize(
    ("side", "portion"),
    [
        pytest.param(side, portion, marks=() if (side, portion) == ("after", 0) else pytest.mark.thorough)
        for side in ("before", "after")
        for portion in range(PORTIONS)
    ],
)
def test_the_server_may_die_at_any_commit(
    make: Make,
    side: str,
    portion: int,
    thorough: bool,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    commits = range(1 + portion, COMMITS, PORTIONS) if thorough else range(10, 11)
    balance = Balance()
    for commit in commits:
        history = make()
        history.play_killed_at(monkeypatch, side, commit)
        balance.take(f"{side} commit {commit}", history)
        balance.wrong += [f"{side} commit {commit}: {each}" for each in history.untold()]
        if not history.has_died:
            break
        balance.counts["cuts"] += 1
    balance.close(record_property)
    assert balance.counts["cuts"]


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(6))
def test_the_server_may_die_at_any_instant(
    make: Make, seed: int, record_property: Callable[[str, object], None]
) -> None:
    delays = [random.Random(seed).uniform(0.0, 1.5) for _ in range(4)]
    balance, history = Balance(), make()
    history.play_killed_after(*delays)
    balance.take(f"killed after {delays}", history)
    balance.wrong += history.untold()
    balance.counts["cuts"] += history.kills
    balance.close(record_property)
