"""What every test run has: one reason why Intuit's files are not compared with, and times that are true.

With THOROUGH in the environment the searches go on for longer (``make search``).
"""

from __future__ import annotations

from pathlib import Path

import freezegun
import pytest

#: Intuit's own schema and service description: theirs, so they lie beside the repository where they are at hand.
REFERENCE = Path(__file__).parents[2] / "shared" / "reference"

# else a test that stops the clock is said to have taken 1,800,000,000 seconds
freezegun.configure(extend_ignore_list=["_pytest.timing"])


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips what compares with Intuit's files where there are none; all from this line, so told in one line."""
    if item.get_closest_marker("intuit") and not (REFERENCE / "intuit").is_dir():
        pytest.skip("Intuit's own files are not beside this checkout (../shared/reference)")
