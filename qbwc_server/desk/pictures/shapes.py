"""What a picture is: what is drawn, the sentence it says, and the numbers behind it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from qbwc_server.domain.days import Day, day_of

SHOWN = 30
"""So many days are drawn, today among them."""
STEP, HEIGHT = 10, 60
"""How far a day lies from the next one, and how high a picture is, in its own units."""


class Mark(StrEnum):
    """How a day of visits went."""

    CAME = "came"
    TROUBLE = "trouble"
    """It came, and a visit broke off, was refused or left a sentence why it stopped."""
    AWAY = "away"
    OPEN = "open"
    """Today it has not come yet."""
    BEFORE = "before"
    """There was no such connector."""


MARKS: Mapping[Mark, str] = {
    Mark.CAME: "came",
    Mark.TROUBLE: "came, with trouble",
    Mark.AWAY: "did not come",
    Mark.OPEN: "not yet today",
    Mark.BEFORE: "not set up yet",
}
"""What each says."""


@dataclass(frozen=True, slots=True)
class Path:
    """A line to be drawn: `name` tells its colour, `drawing` is what SVG calls d."""

    name: str
    drawing: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Something drawn.

    Attributes:
        title: what it is of, in a few words.
        text: what it shows, in a sentence.
        paths: what is drawn, behind one another.
        headings, table: the same as numbers: a row a day, the newest first.
        names: what the colours are called, each with its words.
        first, last: the days at its ends.
        top: what its upper edge stands for; "" where height means nothing.
        is_empty: there is nothing to be seen.
    """

    title: str
    text: str
    paths: tuple[Path, ...]
    headings: tuple[str, ...]
    table: tuple[tuple[str, ...], ...]
    names: tuple[tuple[str, str], ...]
    first: date
    last: date
    top: str = ""
    is_empty: bool = False

    @property
    def width(self) -> int:
        """In the units of the paths."""
        return STEP * ((self.last - self.first).days + 1)


@dataclass(frozen=True, slots=True)
class Pictures:
    """All that is drawn of a connector."""

    strip: Picture
    outcomes: Picture
    queue: Picture
    oldest: Picture
    pace: Picture


def first_day(now: datetime) -> date:
    """The first of the days that are drawn."""
    return day_of(now) - timedelta(days=SHOWN - 1)


def whole(found: Iterable[Day], now: datetime) -> list[Day]:
    """Every day that is drawn, oldest first."""
    known, first = {item.day: item for item in found}, first_day(now)
    days = [first + timedelta(days=number) for number in range(SHOWN)]
    return [known.get(day) or Day(day) for day in days]
