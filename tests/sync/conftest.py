"""Worlds for the steps: a fresh server and company file a test."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from sync_world import World, copy_of

from qbwc_server.storage.database import Database


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An upgraded SQLite file without rows, to be copied."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


@pytest.fixture
def make_world(empty_database: Path, tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Makes worlds with other settings, limits or clocks than the usual."""
    made: list[Database] = []

    def make(**options: Any) -> World:
        folder = tmp_path / f"world{len(made)}"
        folder.mkdir()
        made.append(copy_of(empty_database, folder))
        return World(made[-1], **options)

    yield make
    for database in made:
        database.close()


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """The usual world."""
    return make_world()
