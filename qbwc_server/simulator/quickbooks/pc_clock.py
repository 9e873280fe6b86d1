"""The clock of the PC QuickBooks runs on: local wall time, printed with the offset of standard time all
year."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qbwc_server.simulator.errors import SimulatorError

Clock = Callable[[], datetime]
"""Gives the present moment as an aware datetime."""

_FIXED = re.compile(r"UTC([+-])(\d\d):(\d\d)$")
_STAMP = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:T(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})([+-]\d{1,2}:\d{1,2})?)?)?)?$"
)


def utc_now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)


def read_zone(name: str) -> tzinfo:
    """A time zone by name: ``UTC``, ``UTC-05:00``, or an IANA name such as ``America/New_York``.

    Raises:
        SimulatorError: the name is unknown to this machine.
    """
    fixed = _FIXED.match(name)
    if fixed:
        size = timedelta(hours=int(fixed[2]), minutes=int(fixed[3]))
        return timezone(-size if fixed[1] == "-" else size)
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SimulatorError(f"unknown time zone {name!r}; is the tzdata package installed?") from error


@dataclass(frozen=True, slots=True)
class PcClock:
    """Wall-clock time of one PC.

    QuickBooks prints TimeCreated and TimeModified with the PC's standard-time offset all year: while daylight
    saving is on, the wall-clock part is right and the offset is one hour wrong (seen by implementers).
    Filters are compared with the wall clock, so such a stamp handed back unchanged finds its record.
    """

    zone: tzinfo
    now: Clock

    def utc(self) -> datetime:
        """The present, to the second: QuickBooks keeps no fractions."""
        return self.now().astimezone(UTC).replace(microsecond=0)

    def today(self) -> date:
        """The calendar day on the PC."""
        return self.utc().astimezone(self.zone).date()

    def wall(self, moment: datetime) -> datetime:
        """The naive wall-clock reading of a moment."""
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def stamp(self, moment: datetime) -> str:
        """The moment as QuickBooks prints it, e.g. ``2026-07-01T09:00:00-05:00`` in New York's summer."""
        wall = self.wall(moment)
        return f"{wall.isoformat()}{_offset_text(self.standard_offset(wall.year))}"

    def standard_offset(self, year: int) -> timedelta:
        """Offset outside daylight saving: the smaller of January's and July's, whichever the hemisphere."""
        return _standard_offset(self.zone, year)

    def read_bound(self, text: str, *, is_end: bool) -> datetime:
        """A filter's date or time as naive wall clock; what is left out counts from the start or to the end.

        Args:
            text: DATETIMETYPE: ``2026-11-01``, ``2026-11-01T10``, ``2026-11-01T10:00:00``, or with an offset.
            is_end: the upper bound: a date alone means the end of that day.

        Raises:
            ValueError: not a date.
        """
        found = _STAMP.match(text)
        if found is None:
            raise ValueError(text)
        year, month, day = (int(part) for part in found.groups()[:3])
        last = (23, 59, 59) if is_end else (0, 0, 0)
        hour, minute, second = (
            int(part) if part is not None else fill
            for part, fill in zip(found.groups()[3:6], last, strict=True)
        )
        wall = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the wall clock has no zone
        return self._from_offset(wall, found[7]) if found[7] else wall

    def _from_offset(self, wall: datetime, offset: str) -> datetime:
        """A stamp with another offset than the PC's own is moved into the PC's standard time."""
        sign = -1 if offset.startswith("-") else 1
        hours, minutes = (int(part) for part in offset[1:].split(":"))
        given = sign * timedelta(hours=hours, minutes=minutes)
        return wall - given + self.standard_offset(wall.year)


@cache
def _standard_offset(zone: tzinfo, year: int) -> timedelta:
    offsets = (datetime(year, month, 1, tzinfo=zone).utcoffset() for month in (1, 7))
    return min(offset or timedelta() for offset in offsets)


def _offset_text(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def write_moment(moment: datetime) -> str:
    """An aware moment as the state file keeps it, e.g. ``2026-11-22T10:00:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_moment(text: str) -> datetime:
    """The reverse of write_moment."""
    return datetime.fromisoformat(text)
