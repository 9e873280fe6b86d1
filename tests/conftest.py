"""What every test run has: one reason why Intuit's files are not compared with, times that are true, and no waiting for
a disk.

With THOROUGH in the environment the searches go on for longer, and what is marked as thorough is run (``make search``).
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import freezegun
import pytest
from argon2 import PasswordHasher

from qbwc_server.access import passwords

REFERENCE = Path(__file__).parents[2] / "shared" / "reference"
"""Intuit's own schema and service description: theirs, so they lie beside the repository where they are at hand."""

# else a test that stops the clock is said to have taken 1,800,000,000 seconds
freezegun.configure(extend_ignore_list=["_pytest.timing"])

MEMORY, ROOM = "/dev/shm", 2 * 2**30
"""Files in memory, where there are any: a commit waits five milliseconds for a disk, and a test makes a dozen of
them."""

with suppress(OSError):
    if shutil.disk_usage(MEMORY).free > ROOM and os.access(MEMORY, os.W_OK):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", MEMORY)

LONGEST = (
    "tests/browser/test_pages.py",
    "tests/packaging/",
    "tests/test_readme.py",
    "tests/test_guides.py",
    "tests/browser/test_walks.py",
    "tests/browser/test_journeys.py",
)
"""What takes longest. Left to the end of its folder, one worker was at it for minutes when the others had done."""


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """A password is stored so that guessing takes long; every sign-in of a test would take a quarter of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        patch.setattr(passwords, "_NOBODY", passwords._hash_of_nothing())
        yield


def pytest_collection_finish() -> None:
    """Ten thousand tests are a heap that stays: it is not to be walked again whenever garbage is looked for."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips what compares with Intuit's files where there are none; all from this line, so told in one line."""
    if item.get_closest_marker("intuit") and not (REFERENCE / "intuit").is_dir():
        pytest.skip("Intuit's own files are not beside this checkout (../shared/reference)")


@pytest.hookimpl(trylast=True)  # when it is known what runs
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the many of a kind of which some are tried anyway; let each worker begin with what takes longest."""
    if "THOROUGH" not in os.environ and not config.getoption("--all-faults", default=False):
        left_out = [item for item in items if item.get_closest_marker("thorough")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    if workers > 1:
        items[:] = _shared_out(items, workers)


def _shared_out(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """As many stretches as there are workers, each with its share of the longest in front."""
    longest: list[list[pytest.Item]] = [[] for _ in range(workers)]
    for number, place in enumerate(LONGEST):
        longest[number % workers] += [item for item in items if item.nodeid.startswith(place)]
    others = [item for item in items if not item.nodeid.startswith(LONGEST)]
    size = max(1, -(-len(others) // workers))
    stretches = [others[start : start + size] for start in range(0, size * workers, size)]
    return [item for first, then in zip(longest, stretches, strict=True) for item in (*first, *then)]
