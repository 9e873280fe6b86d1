"""When a Web Connector is expected: a quiet night or weekend is no silence, a silent office hour is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from qbwc_server.domain import habits
from qbwc_server.domain.days import Day

FRIDAY = datetime(2026, 11, 27, 17, 30, tzinfo=UTC)
EVERY = timedelta(minutes=5)
OFFICE = sum(1 << hour for hour in range(8, 18))
LONG_AGO = date(2026, 1, 1)


def office_days(weeks: int, *, but: tuple[date, ...] = ()) -> list[Day]:
    """Monday to Friday, eight to six, up to yesterday."""
    days = [FRIDAY.date() - timedelta(days=number) for number in range(1, 7 * weeks + 1)]
    return [Day(day, hours=OFFICE) for day in days if day.weekday() < 5 and day not in but]


def office(weeks: int = 4, **values: tuple[date, ...]) -> str | None:
    return habits.learned(office_days(weeks, **values), LONG_AGO, FRIDAY)


def test_within_its_hours_it_is_expected_after_its_interval() -> None:
    last = FRIDAY.replace(hour=16)
    assert habits.next_call(last, EVERY, office()) == last + EVERY


def test_after_the_last_visit_of_a_friday_it_is_expected_on_monday() -> None:
    last = FRIDAY.replace(hour=17, minute=58)
    assert habits.next_call(last, EVERY, office()) == datetime(2026, 11, 30, 8, tzinfo=UTC)


def test_after_the_last_visit_of_a_day_it_is_expected_the_next_morning() -> None:
    last = FRIDAY.replace(day=25, hour=17, minute=58)
    assert habits.next_call(last, EVERY, office()) == datetime(2026, 11, 26, 8, tzinfo=UTC)


def test_one_that_fell_silent_before_the_end_of_its_day_is_still_awaited_then() -> None:
    # on Saturday, too: it is told by the last call, not by the present
    last = FRIDAY.replace(hour=16)
    assert habits.next_call(last, EVERY, office()) == last + EVERY


def test_one_that_comes_once_a_day_is_not_awaited_five_minutes_later() -> None:
    days = [Day(item.day, hours=1 << 9) for item in office_days(4)]
    habit = habits.learned(days, LONG_AGO, FRIDAY)
    last = FRIDAY.replace(hour=9, minute=2)
    assert habits.next_call(last, EVERY, habit) == datetime(2026, 11, 30, 9, tzinfo=UTC)


def test_a_holiday_does_not_change_a_habit() -> None:
    thanksgiving = date(2026, 11, 26)
    assert office(but=(thanksgiving,)) == office()


def test_nothing_is_known_before_a_whole_week_and_then_the_interval_alone_tells() -> None:
    found = office_days(4)
    assert habits.learned(found, date(2026, 11, 21), FRIDAY) is None
    assert habits.learned(found, date(2026, 11, 20), FRIDAY) is not None
    saturday = FRIDAY + timedelta(days=1)
    assert habits.next_call(saturday, EVERY, None) == saturday + EVERY


def test_one_that_never_came_has_no_habit_that_could_hide_it() -> None:
    habit = habits.learned([], LONG_AGO, FRIDAY)
    assert habits.next_call(FRIDAY, EVERY, habit) == FRIDAY + EVERY


def test_an_hour_is_usual_when_it_called_in_more_than_half_of_the_weeks() -> None:
    def at_noon(*weeks_ago: int) -> str | None:
        days = [Day(FRIDAY.date() - timedelta(weeks=each), hours=1 << 12) for each in weeks_ago]
        return habits.learned(days, LONG_AGO, FRIDAY)

    last = FRIDAY - timedelta(days=1)
    noon = FRIDAY.replace(hour=12, minute=0)
    assert habits.next_call(last, EVERY, at_noon(1, 2, 3)) == noon
    assert habits.next_call(last, EVERY, at_noon(1, 2)) == last + EVERY


@pytest.mark.parametrize("minutes", [1, 5, 60, 1440])
def test_patience_is_three_more_intervals_and_an_hour_at_least(minutes: int) -> None:
    every = timedelta(minutes=minutes)
    assert habits.patience(every) == max(3 * every, timedelta(hours=1))
