"""A link for the person at the QuickBooks PC, who has no account, and the hours they would have it run in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qbwc_server.domain.faults import Fault, InvalidInput

LIFE = timedelta(hours=72)
"""So long a link is good unless somebody says otherwise."""
LONGEST = timedelta(days=30)

MOST_CHANGES = 20
"""So often the hours may be changed by one link."""

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody would have it run.

    Attributes:
        days: the weekdays, Monday being 0.
        start, end: times of day, as 07:00; the end may be that of the next day.
    """

    days: tuple[int, ...]
    start: str
    end: str
    time_zone: str

    def words(self) -> str:
        """As one says it: `Monday to Friday, 07:00 to 18:00 (America/New_York)`."""
        return f"{_days(self.days)}, {self.start} to {self.end} ({self.time_zone})"

    @property
    def quiet_hours(self) -> str:
        """The hours of a day in which QuickBooks is to be left alone, as the setting has them."""
        return f"{self.end}-{self.start}"

    @property
    def quiet_days(self) -> tuple[str, ...]:
        """The days on which it is to be left alone, as the setting has them."""
        return tuple(day.lower() for number, day in enumerate(DAYS) if number not in self.days)

    def stored(self) -> dict[str, Any]:
        """As it is stored."""
        return {"days": list(self.days), "start": self.start, "end": self.end, "time_zone": self.time_zone}

    @classmethod
    def restored(cls, stored: Mapping[str, Any]) -> "Hours":
        """What was stored."""
        return cls(tuple(stored["days"]), stored["start"], stored["end"], stored["time_zone"])


def hours_of(days: Sequence[str], start: str, end: str, time_zone: str) -> Hours:
    """The hours somebody asked for.

    Raises:
        InvalidInput: no day, times that are none or the same, or an unknown time zone; all faults are listed.
    """
    chosen = tuple(number for number, day in enumerate(DAYS) if day in days)
    faults = [] if chosen else [Fault("/days", "tick at least one day")]
    for name, value in (("start", start), ("end", end)):
        if not _is_time(value):
            faults.append(Fault(f"/{name}", "enter a time such as 07:00"))
    if not faults and start == end:
        faults.append(Fault("/end", "must be another time than the first"))
    if not _is_zone(time_zone):
        faults.append(Fault("/time_zone", "choose a time zone"))
    if faults:
        raise InvalidInput(faults)
    return Hours(chosen, start, end, time_zone)


def _is_time(value: str) -> bool:
    try:
        return time.fromisoformat(value).strftime("%H:%M") == value
    except ValueError:
        return False


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _days(days: Sequence[int]) -> str:
    is_run = len(days) > 2 and list(days) == list(range(days[0], days[-1] + 1))
    names = [DAYS[day] for day in days]
    if len(days) == len(DAYS):
        return "Every day"
    return f"{names[0]} to {names[-1]}" if is_run else ", ".join(names)


@dataclass(frozen=True, slots=True)
class Onboarding:
    """A link, without what it opens the door with.

    Attributes:
        ended_at: it was taken back, or a newer one, a full reset or the connector's removal ended it.
        opened_at, downloaded_at, password_at: when it was opened first, when the .qwc was downloaded first, and when
            the password was asked for, which is shown once.
        hours: when they would have it run; None: they have not said.
    """

    id: int
    connector_id: int
    made_by: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    opened_at: datetime | None
    downloaded_at: datetime | None
    password_at: datetime | None
    hours: Hours | None
    hours_changes: int

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything."""
        return self.ended_at is None and now < self.expires_at
