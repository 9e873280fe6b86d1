"""A world for acceptance: the real server process over real HTTP."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from acceptance_world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A server of its own for one test, started."""
    made = World.create(tmp_path)
    with made.server:
        yield made
