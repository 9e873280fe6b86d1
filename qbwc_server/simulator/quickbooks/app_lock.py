"""The AppLock: a note in the company file by which Web Connectors on several PCs keep out of each other's
way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

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
