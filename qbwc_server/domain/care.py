"""What people agreed about an error group: who looks after it, what they noted, and until when it may sleep."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT = timedelta(days=30)
"""So long it is kept of a group that nothing waits behind any more: the same may come again."""
LONGEST_NOTE = 500
LONGEST_SNOOZE = timedelta(days=366)
_MORE_AT_LEAST = 5


@dataclass(frozen=True, slots=True)
class Snooze:
    """A group sleeps until a moment, as it was when it was put to sleep.

    Attributes:
        number: how many waited then; `kinds` what they were.
    """

    until: datetime
    by: str
    number: int
    kinds: frozenset[str]

    def lasts(self, number: int, kinds: Collection[str], now: datetime) -> bool:
        """Whether it still sleeps: it wakes when its time is over, when something of another kind waits too, and
        when more than twice as many wait, and five more at least."""
        if now >= self.until or not set(kinds) <= self.kinds:
            return False
        return number <= 2 * self.number or number < self.number + _MORE_AT_LEAST


@dataclass(frozen=True, slots=True)
class Care:
    """What was agreed about one group."""

    assignee: str | None = None
    snooze: Snooze | None = None


NOBODY = Care()


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody noted on a group."""

    at: datetime
    actor: str
    text: str
