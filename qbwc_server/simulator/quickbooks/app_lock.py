"""The AppLock: a note in the company file by which Web Connectors on several PCs keep out of each other's
way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from qbwc_server.simulator.errors import RequestProcessorError
from qbwc_server.simulator.quickbooks import data_ext
from qbwc_server.simulator.quickbooks.book import Fields

_NAME: Final = "AppLock"
UNLOCKED: Final = "UNLOCKED"

_TICKS_FROM: Final = datetime(1, 1, 1, tzinfo=UTC)
_STALE_AFTER: Final = timedelta(hours=1)
"""A lock this old was left behind by a PC that lost power. (Inferred: how long the real one waits is
unknown.)"""


def locked(machine: str, moment: datetime) -> str:
    """``LOCKED:<machine>:<ticks>``, with .NET's ticks of 100 nanoseconds (seen in captures)."""
    return f"LOCKED:{machine}:{(moment - _TICKS_FROM) // timedelta(microseconds=1) * 10}"


def holder(value: str, moment: datetime) -> str | None:
    """The machine that holds a lock, None when nobody does or the lock is stale."""
    if not value.startswith("LOCKED:"):
        return None
    machine, _, ticks = value.removeprefix("LOCKED:").rpartition(":")
    since = _TICKS_FROM + timedelta(microseconds=int(ticks) // 10)
    return None if moment - since > _STALE_AFTER else machine


def fit(company: Fields, owner_id: str) -> None:
    """Give the company its lock for an application; nobody holds it."""
    data_ext.put(company, owner_id, _NAME, UNLOCKED)


def take(company: Fields, owner_id: str, machine: str, moment: datetime) -> bool:
    """Lock for a machine; False where the company was never registered for the owner.

    Raises:
        RequestProcessorError: 0x8004041B, the Web Connector of another PC holds it. (That the second one is held off
            was observed; with which code was not.)
    """
    entry = data_ext.find(company, owner_id, _NAME)
    if entry is None:
        return False
    held = holder(entry["DataExtValue"], moment)
    if held not in (None, machine):
        raise RequestProcessorError(
            "0x8004041B", f"The company file is in use by the Web Connector on {held}."
        )
    entry["DataExtValue"] = locked(machine, moment)
    return True


def release(company: Fields, owner_id: str, machine: str, moment: datetime) -> bool:
    """Unlock, if it is this machine that holds it; whether it was."""
    entry = data_ext.find(company, owner_id, _NAME)
    if entry is None or holder(entry["DataExtValue"], moment) != machine:
        return False
    entry["DataExtValue"] = UNLOCKED
    return True
