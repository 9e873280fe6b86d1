"""What every test run has: one reason why Intuit's files are not compared with, times that are true, and no waiting for
a disk.

With THOROUGH in the environment the searches go on for longer, and what is marked as thorough is run (``make search``).
"""

from __future__ import annotations

import gc
import os
import shutil
from contextlib import suppress
from pathlib import Path

import freezegun
import pytest

#: Intuit's own schema and service description: theirs, so they lie beside the repository where they are at hand.
REFERENCE = Path(__file__).parents[2] / "shared" / "reference"

# else a test that stops the clock is said to have taken 1,800,000,000 seconds
freezegun.configure(extend_ignore_list=["_pytest.timing"])

#: Files in memory, where there are any: a commit waits five milliseconds for a disk, and a test makes a dozen of them.
MEMORY, ROOM = "/dev/shm", 2 * 2**30

with suppress(OSError):
    if shutil.disk_usage(MEMORY).free > ROOM and os.access(MEMORY, os.W_OK):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", MEMORY)


def pytest_collection_finish() -> None:
    """Ten thousand tests are a heap that stays: it is not to be walked again whenever garbage is looked for."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips what compares with Intuit's files where there are none; all from this line, so told in one line."""
    if item.get_closest_marker("intuit") and not (REFERENCE / "intuit").is_dir():
        pytest.skip("Intuit's own files are not beside this checkout (../shared/reference)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the many of a kind of which some are tried anyway."""
    if "THOROUGH" in os.environ or config.getoption("--all-faults", default=False):
        return
    left_out = [item for item in items if item.get_closest_marker("thorough")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not item.get_closest_marker("thorough")]
