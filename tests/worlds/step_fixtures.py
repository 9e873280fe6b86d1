"""Worlds for the steps: a fresh server and company file a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from qbwc_server.storage.database import Database
from qbwc_server.storage.schema import metadata
from tests.worlds.sync_world import World


class Databases:
    """SQLite files for one test after the other: emptied and used again, as making one takes a second."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._free: list[Database] = []
        self._made: list[Database] = []

    def take(self) -> Database:
        """An empty database that nobody else uses."""
        if self._free:
            return self._free.pop()
        database = Database(f"sqlite:///{self._folder / f'{len(self._made)}.db'}")
        database.upgrade()
        self._made.append(database)
        return database

    def give_back(self, database: Database) -> None:
        """Empty it for the next one."""
        with database.begin() as conn:
            for table in reversed(metadata.sorted_tables):
                conn.execute(delete(table))
        self._free.append(database)

    def close(self) -> None:
        """Close them all."""
        for database in self._made:
            database.close()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """The files of this test run."""
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.close()


@pytest.fixture
def make_world(databases: Databases) -> Iterator[Callable[..., World]]:
    """Makes worlds with other settings, limits or clocks than the usual."""
    used: list[Database] = []

    def make(**options: Any) -> World:
        used.append(databases.take())
        return World(used[-1], **options)

    yield make
    for database in used:
        databases.give_back(database)


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """The usual world."""
    return make_world()
