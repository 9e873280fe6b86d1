"""Hostile visitors, full disks and curious neighbours: the worlds they are let loose on."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qbwc_server.storage.database import Database
from tests.worlds.security_world import Place


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the present schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "qbwc.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


@pytest.fixture
def place(tmp_path: Path, template: Path) -> Iterator[Place]:
    """A server's folder with a database of its own."""
    made = Place.create(tmp_path, template)
    yield made
    made.close()


@pytest.fixture
def make_place(tmp_path: Path, template: Path) -> Iterator[Callable[[str], Place]]:
    """Makes several of them."""
    made: list[Place] = []

    def make(name: str) -> Place:
        (tmp_path / name).mkdir()
        made.append(Place.create(tmp_path / name, template))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(autouse=True)
def _no_settings_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("QBWC_"):
            monkeypatch.delenv(name)
