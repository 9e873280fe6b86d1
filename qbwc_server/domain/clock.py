"""The one clock: everything that needs the time is handed a `Clock`."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present moment as an aware UTC datetime."""


def utc_now() -> datetime:
    """The system's clock, as an aware UTC datetime."""
    return datetime.now(UTC)
