"""When a Web Connector usually calls: the hours of the week, learned from the days before.

A PC that is switched off at night and over the weekend is no reason to worry; one that is silent at an hour at which
it called in most of the last weeks is.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from qbwc_server.domain.days import Day, day_of

WEEKS = 4
"""So many weeks are looked back at most."""
_HOURS = 24 * 7
_DIGITS = _HOURS // 4
_HOUR = timedelta(hours=1)


def learned(found: Iterable[Day], known_since: date, now: datetime) -> str | None:
    """The usual hours, as they are stored; None before a whole week is known.

    Args:
        found: the days on which the Web Connector called.
        known_since: the first day of which anything can be known.
    """
    hours = {item.day: item.hours for item in found}
    newest = day_of(now) - timedelta(days=1)
    weeks = min(WEEKS, ((newest - known_since).days + 1) // 7)
    if weeks < 1:
        return None
    usual = 0
    for weekday_back in range(7):
        day = newest - timedelta(days=weekday_back)
        usual |= _usual_of(day, hours, weeks) << 24 * day.weekday()
    return f"{usual:0{_DIGITS}x}"


def _usual_of(day: date, hours: Mapping[date, int], weeks: int) -> int:
    """The hours of a day of the week in which it called in more than half of the weeks."""
    seen = [hours.get(day - timedelta(weeks=week), 0) for week in range(weeks)]
    return sum(1 << hour for hour in range(24) if 2 * sum(bits >> hour & 1 for bits in seen) > weeks)


def next_call(last_call: datetime, every: timedelta, habit: str | None) -> datetime:
    """When a Web Connector that called last at that moment is to be expected: after its interval, if it usually calls
    at that hour, and else when the next hour begins at which it does.

    When within an hour it falls silent is not known: in the last one of a row it is not awaited any more.
    """
    expected = last_call + every
    usual = int(habit, 16) if habit else 0
    hour = _hour_of(expected)
    may_be_over = hour == _hour_of(last_call) and not _is_usual(usual, hour + _HOUR)
    if not usual or (_is_usual(usual, expected) and not may_be_over):
        return expected
    following = (hour + number * _HOUR for number in range(1, _HOURS + 1))
    return next((each for each in following if _is_usual(usual, each)), expected)


def _hour_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _is_usual(usual: int, moment: datetime) -> bool:
    at = moment.astimezone(UTC)
    return bool(usual >> (24 * at.weekday() + at.hour) & 1)


def patience(every: timedelta) -> timedelta:
    """How long after that it is late: three further intervals, and at least an hour."""
    return max(3 * every, _HOUR)
