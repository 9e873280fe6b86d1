"""Every single fault at every call, message set and session of a run of sixty records and changes to them.

Judged from the company file: nothing twice, nothing lost, no false state.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qbwc_server.simulator.faults import METHODS, Fault
from qbwc_server.storage.database import Database
from tests.worlds.fault_runs import Balance, play
from tests.worlds.fault_script import FULL, SMALL
from tests.worlds.fault_world import emptied

BEYOND = 200
"""More occurrences than any run has."""

QUICK = {"sendRequestXML": (2, 5), "receiveResponseXML": (2, 4)}
"""Where the quick part strikes; the thorough one strikes everywhere."""

MESSAGES = ("drop-before", "drop-after", "duplicate", "late", "second", "delay")
ANSWERS = ("truncate", "garble", "empty")
SETS = (
    *(f"kill:{done}" for done in ("0", "1", "5", "99")),
    *(f"refuse:{hresult}" for hresult in ("0x80040400", "0x80040402", "0x8004041B", "0x80040408")),
    "unstored",
    "unbegun",
)
SESSIONS = (
    "wrong-file",
    "restore",
    "clock-jump:3600",
    "clock-jump:-3600",
    "clock-jump:90000",
    "clock-jump:-90000",
)

Strike = Callable[[list[Fault]], int]


@pytest.fixture
def strike(database_file: Database, thorough: bool, record_property: Callable[[str, object], None]) -> Strike:
    """Plays the run once for each of these faults, until one lies behind its end."""

    def play_all(faults: list[Fault]) -> int:
        balance = Balance()
        for fault in faults:
            history = play(emptied(database_file), [fault], FULL if thorough else SMALL, balance)
            if history is not None and not history.plan.fired and fault.kind != "restore":
                break
        balance.close(record_property)
        return balance.counts["cuts"]

    return play_all


def _at(kind: str, numbers: tuple[int, ...] | range, method: str | None = None) -> list[Fault]:
    name, _, argument = kind.partition(":")
    return [Fault(name, method, number, argument or None) for number in numbers]


@pytest.mark.parametrize(
    "method",
    [pytest.param(method, marks=() if method in QUICK else pytest.mark.thorough) for method in METHODS],
)
@pytest.mark.parametrize("kind", MESSAGES)
def test_a_message_may_be_cut_anywhere(strike: Strike, thorough: bool, kind: str, method: str) -> None:
    numbers = range(1, BEYOND) if thorough else QUICK[method][:1]
    struck = strike(_at(kind, numbers, method))
    assert struck or method in ("connectionError", "getLastError")  # which a run without trouble never calls


@pytest.mark.slow
@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_may_arrive_broken(strike: Strike, thorough: bool, kind: str) -> None:
    numbers = range(1, BEYOND) if thorough else QUICK["receiveResponseXML"]
    assert strike(_at(kind, numbers, "receiveResponseXML"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=pytest.mark.thorough if nth % 2 else ()) for nth, kind in enumerate(SETS)],
)
def test_quickbooks_may_fail_in_any_message_set(strike: Strike, thorough: bool, kind: str) -> None:
    assert strike(_at(kind, range(1, BEYOND) if thorough else (2, 4)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", SESSIONS)
def test_any_session_may_meet_another_file_or_another_time(strike: Strike, thorough: bool, kind: str) -> None:
    assert strike(_at(kind, range(1, 10) if thorough else (2, 3)))
