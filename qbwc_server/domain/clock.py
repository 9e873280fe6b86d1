"""The one clock: everything that needs the time is handed a `Clock`; and moments as people write them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present moment as an aware UTC datetime."""


def utc_now() -> datetime:
    """The system's clock, as an aware UTC datetime."""
    return datetime.now(UTC)


def read_moment(text: str) -> datetime:
    """A moment written with its offset.

    Raises:
        ValueError: it is none; in words for whoever wrote it.
    """
    words = "must be a moment with its offset, such as 2026-11-20T15:04:05Z"
    try:
        # a plus that was not percent-encoded arrives as a space
        moment = datetime.fromisoformat(_WITH_A_BLANK.sub("T", text.strip()).replace(" ", "+"))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        words += f"; if that is UTC, write {moment.isoformat()}Z"
    except (ValueError, OverflowError):
        pass
    raise ValueError(words)


_WITH_A_BLANK = re.compile(r"(?<=^\d{4}-\d\d-\d\d) (?=\d\d:)")
"""Between day and time a blank is as good as a T."""
