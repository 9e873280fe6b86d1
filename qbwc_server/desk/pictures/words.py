"""How pictures say days, numbers and how long something took."""

from datetime import date

_LONG = ((2 * 86_400, 86_400, "day"), (7200, 3600, "hour"), (60, 60, "minute"), (0, 1, "second"))


def for_long(seconds: int) -> str:
    """How long something took: `3 days`, `5 hours`, `12 minutes`."""
    unit, noun = next((unit, noun) for least, unit, noun in _LONG if seconds >= least)
    return number_of(seconds // unit, noun)


def number_of(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def said_day(day: date) -> str:
    """`27 Nov`."""
    return f"{day.day} {day:%b}"
