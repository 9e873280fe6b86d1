"""Options, databases and the balance of the fault tests.

Everything runs with ``--all-faults`` (``make faults``); without it a part that is quick.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from qbwc_server.storage.database import Database

DEFAULT_SEED = 5
HISTORIES = 500
_BALANCE = ("histories", "cuts", "duplicates", "lost", "false states")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--all-faults``, ``--seed``, ``--histories``: known when this folder is named on the command line."""
    group = parser.getgroup("faults")
    group.addoption("--all-faults", action="store_true", help="every cut, every history, every kill")
    group.addoption("--seed", type=int, default=DEFAULT_SEED, help="of the random histories")
    group.addoption("--histories", type=int, default=HISTORIES, help="how many with --all-faults")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Random histories in portions, so that several processes can share them."""
    if "seeds" not in metafunc.fixturenames:
        return
    config = metafunc.config
    seed = int(config.getoption("--seed", default=DEFAULT_SEED))
    total = int(config.getoption("--histories", default=HISTORIES)) if is_thorough(config) else 6
    size = 25 if is_thorough(config) else 3
    portions = [range(start, min(start + size, total)) for start in range(0, total, size)]
    metafunc.parametrize(
        "seeds",
        [[seed * 1_000_000 + number for number in numbers] for numbers in portions],
        ids=[f"seed{seed}-{numbers.start}" for numbers in portions],
    )


def is_thorough(config: pytest.Config) -> bool:
    """Whether everything is to be run."""
    return bool(config.getoption("--all-faults", default=False))


@pytest.fixture(scope="session")
def thorough(pytestconfig: pytest.Config) -> bool:
    """Whether everything is to be run."""
    return is_thorough(pytestconfig)


@pytest.fixture(scope="session")
def database_file() -> Iterator[Database]:
    """One SQLite file for all histories of a process: making one takes a second.

    It lies in memory where there is a place for that: histories within one process prove nothing about disks.
    """
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None, prefix="qbwc-faults-") as folder:
        made = Database(f"sqlite:///{Path(folder) / 'faults.db'}")
        made.upgrade()
        yield made
        made.close()


# --- the balance --------------------------------------------------------------------------------------------


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Histories, cuts, duplicates, lost: over all tests of this folder, whichever process ran them."""
    sums: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()) if _is_call(report) else ():
                if name in _BALANCE:
                    sums[name] += int(value)
    if sums["histories"]:
        words = ", ".join(f"{sums[name]} {name}" for name in _BALANCE)
        terminalreporter.write_sep("-", f"faults: {words}")


def _is_call(report: object) -> bool:
    return getattr(report, "when", None) == "call"
