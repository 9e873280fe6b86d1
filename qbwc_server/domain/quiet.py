"""When QuickBooks is left alone: hours of every day, and whole days, as they are in a time zone."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Literal, get_args
from zoneinfo import ZoneInfo

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[str, ...] = get_args(Weekday)
HOURS = r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$"


def days_of(given: Sequence[str]) -> tuple[str, ...]:
    """Days of the week in their order, each once, whatever their case.

    Raises:
        ValueError: one of them is none, or none of the week would be left.
    """
    days = {day.casefold() for day in given}
    if not days <= set(WEEKDAYS) or len(days) == len(WEEKDAYS):
        raise ValueError("must be days such as saturday, sunday; one at least has to be left")
    return tuple(day for day in WEEKDAYS if day in days)


def is_quiet(now: datetime, zone: ZoneInfo, hours: str | None, days: Sequence[str]) -> bool:
    """Whether `now` is in the quiet hours (``22:00-06:00``), which may span midnight, or on a quiet day."""
    there = now.astimezone(zone)
    if WEEKDAYS[there.weekday()] in days:
        return True
    if hours is None:
        return False
    start, end = (time.fromisoformat(part) for part in hours.split("-"))
    clock = there.time()
    return start <= clock < end if start <= end else clock >= start or clock < end
