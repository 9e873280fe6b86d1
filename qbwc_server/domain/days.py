"""A day of a connector in numbers, which are kept when the events and visits they were counted from are forgotten.

Days are those of UTC, for every connector: so the strips of several stand under each other day by day, and no day is
ever counted anew. The clock of QuickBooks' PC is known only after the first write, is set forward and back twice a
year, and moves with the PC.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

KEPT = timedelta(days=730)
"""How long they are kept: two years, so that a month can be compared with the same one before."""


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on a day.

    Attributes:
        hours: the hours in which the Web Connector called, as bits: 1 is midnight to one o'clock.
        visits: that ended: sessions, and sign-ins that were refused. A call that found nothing to do is none.
        visits_failed: those of them that ended with something wrong.
        synced: how often a record came to be in QuickBooks as the host wants it.
        blocked: how often a record came to be blocked.
        errors_opened: error records.
        writes: requests that wrote something and were answered, in `write_seconds`.
        queue_most: the most records that waited, of the times they were counted: at the begin of visits, and hourly.
        waited_most: the seconds that the oldest of them had waited, at most.
    """

    day: date
    hours: int = 0
    visits: int = 0
    visits_failed: int = 0
    synced: int = 0
    blocked: int = 0
    errors_opened: int = 0
    writes: int = 0
    write_seconds: float = 0
    queue_most: int = 0
    waited_most: int = 0

    @property
    def has_come(self) -> bool:
        """Whether the Web Connector called."""
        return self.hours != 0

    @property
    def writes_per_minute(self) -> float | None:
        """How fast QuickBooks took what was written; None when nothing was."""
        return 60 * self.writes / self.write_seconds if self.writes and self.write_seconds > 0 else None


def day_of(moment: datetime) -> date:
    """The day a moment counts for."""
    return moment.astimezone(UTC).date()


def hour_bit(moment: datetime) -> int:
    """The hour of a moment, as a bit of `Day.hours`."""
    return 1 << moment.astimezone(UTC).hour


def is_another_hour(before: datetime | None, moment: datetime) -> bool:
    """Whether a moment lies in another hour than the one before."""
    return before is None or (day_of(before), hour_bit(before)) != (day_of(moment), hour_bit(moment))
