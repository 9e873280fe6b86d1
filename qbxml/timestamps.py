"""QuickBooks' timestamps: a wall clock whose offset must not be believed.

QuickBooks prints the PC's standard-time offset all year round, so during daylight saving the clock part is
right and the offset an hour wrong. The raw text is therefore the value; the wall clock is read from it on
demand, and an instant only exists once somebody names the PC's time zone.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(T[0-9]{1,2}(:[0-9]{1,2}(:[0-9]{1,2}([+-][0-9]{1,2}:[0-9]{1,2})?)?)?)?"
)
_USUAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?![0-9])")
_PARTS = re.compile(r"([0-9]+)-([0-9]+)-([0-9]+)(?:T([0-9]+)(?::([0-9]+)(?::([0-9]+))?)?)?")


class Timestamp(str):
    """DATETIMETYPE as received, `2026-11-20T09:30:00-08:00`; send it back unchanged or read its `wall`."""

    __slots__ = ()

    @classmethod
    def of(cls, wall: datetime) -> Timestamp:
        """The timestamp of a naive wall-clock time, fractions cut off (QuickBooks refuses them)."""
        return cls(wall.replace(tzinfo=None, microsecond=0).isoformat())

    @classmethod
    def local(cls, moment: datetime, zone: tzinfo) -> Timestamp:
        """An aware moment as the wall clock of a PC in `zone`, without offset: QuickBooks reads its own zone.

        Raises ValueError for a naive moment.
        """
        if moment.tzinfo is None:
            raise ValueError("an aware moment is needed")
        return cls.of(moment.astimezone(zone))

    @property
    def is_usual(self) -> bool:
        """Whether it is written as nearly all are, so that two of them are in the order of their texts."""
        return _USUAL.match(self) is not None

    @property
    def wall(self) -> datetime:
        """Naive wall-clock time of the PC. Raises ValueError where QuickBooks sent no time at all."""
        if self.is_usual:
            return datetime.fromisoformat(self[:19])
        match = _PARTS.match(self)
        if match is None:
            raise ValueError(f"not a QuickBooks time: {str(self)!r}")
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - naive is the point

    def utc(self, zone: tzinfo) -> datetime:
        """The instant, given the zone the PC is set to; the printed offset is ignored."""
        return self.wall.replace(tzinfo=zone).astimezone(UTC)

    @property
    def day(self) -> date:
        """The calendar day on the PC."""
        return self.wall.date()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())
