"""The last thirty days of a connector as pictures: what is drawn, the sentence it says, and the numbers behind it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.days import Day, day_of
from qbwc_server.storage import days as rows
from qbwc_server.sync.core import Core
from qbwc_server.sync.turn import look

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


def of_connector(core: Core, name: str) -> Pictures:
    """The pictures of a connector.

    Raises:
        NotFound: there is no such connector.
    """
    now = core.clock()
    with look(core, name) as (conn, connector):
        found = rows.of(conn, [connector.id], first_day(now))[connector.id]
    return drawn(connector, found, now)


def drawn(connector: Connector, found: Sequence[Day], now: datetime) -> Pictures:
    """The pictures of a connector of which these days are known."""
    days = _whole(found, now)
    return Pictures(strip(connector, found, now), _outcomes(days), _queue(days), _oldest(days), _pace(days))


def first_day(now: datetime) -> date:
    """The first of the days that are drawn."""
    return day_of(now) - timedelta(days=SHOWN - 1)


def _whole(found: Iterable[Day], now: datetime) -> list[Day]:
    """Every day that is drawn, oldest first."""
    known, first = {item.day: item for item in found}, first_day(now)
    days = [first + timedelta(days=number) for number in range(SHOWN)]
    return [known.get(day) or Day(day) for day in days]


# --- visits -------------------------------------------------------------------------------------------------


def strip(connector: Connector, found: Iterable[Day], now: datetime) -> Picture:
    """On which days the Web Connector came."""
    days = _whole(found, now)
    marks = [(item, _mark(item, connector, now)) for item in days]
    return Picture(
        title="Visits of 30 days",
        text=_visits_told(marks),
        paths=tuple(_runs([mark for _, mark in marks])),
        headings=("Day", "Web Connector", "Visits with work", "of them with trouble"),
        table=tuple(
            (_date(item.day), MARKS[mark], f"{item.visits:,}", f"{item.visits_failed:,}")
            for item, mark in reversed(marks)
        ),
        names=tuple((mark, MARKS[mark]) for mark in Mark if mark in {each for _, each in marks}),
        first=days[0].day,
        last=days[-1].day,
    )


def _mark(item: Day, connector: Connector, now: datetime) -> Mark:
    if item.has_come or item.visits:
        return Mark.TROUBLE if item.visits_failed else Mark.CAME
    if item.day < day_of(connector.created_at):
        return Mark.BEFORE
    return Mark.OPEN if item.day == day_of(now) else Mark.AWAY


_CAME = (Mark.CAME, Mark.TROUBLE)


def _visits_told(marks: Sequence[tuple[Day, Mark]]) -> str:
    there = [(item, mark) for item, mark in marks if mark not in (Mark.BEFORE, Mark.OPEN)]
    came = [item.day for item, mark in there if mark in _CAME]
    if not came:
        return f"Did not come on any of {_number(len(there), 'day')}." if there else "Has not come yet."
    trouble = sum(mark is Mark.TROUBLE for _, mark in there)
    with_trouble = f", with trouble on {trouble:,}" if trouble else ""
    return f"Came on {len(came)} of {_number(len(there), 'day')}{with_trouble}, last on {_date(came[-1])}."


def _runs(marks: Sequence[Mark]) -> Iterable[Path]:
    """Days of one mark that follow each other are one line; its dashes are the days."""
    drawings: dict[Mark, str] = {}
    start = 0
    for mark, run in groupby(marks):
        end = start + len(list(run))
        drawings[mark] = f"{drawings.get(mark, '')}M{STEP * start} 0H{STEP * end - 1}"
        start = end
    return (Path(mark, drawing) for mark, drawing in drawings.items())


# --- a day, a bar -------------------------------------------------------------------------------------------


def _outcomes(days: Sequence[Day]) -> Picture:
    synced, blocked = sum(item.synced for item in days), sum(item.blocked for item in days)
    most = max(days, key=lambda item: item.synced)
    text = f"{_number(synced, 'record')} went into QuickBooks in 30 days, {blocked:,} stopped"
    if synced:
        text += f"; most on {_date(most.day)}: {most.synced:,}"
    top = max(item.synced + item.blocked for item in days)
    return Picture(
        title="Synced and stopped a day",
        text=f"{text}."
        if synced or blocked
        else "Nothing went into QuickBooks in 30 days, and nothing stopped.",
        paths=(
            Path("synced", _bars([(0, item.synced) for item in days], top)),
            Path("failed", _bars([(item.synced, item.blocked) for item in days], top)),
        ),
        headings=("Day", "Synced", "Stopped", "Errors opened"),
        table=_table(days, lambda item: (f"{item.synced:,}", f"{item.blocked:,}", f"{item.errors_opened:,}")),
        names=(("synced", "synced"), ("failed", "stopped, as somebody has to do something")),
        first=days[0].day,
        last=days[-1].day,
        top=f"{top:,}",
        is_empty=not top,
    )


def _queue(days: Sequence[Day]) -> Picture:
    most = max(days, key=lambda item: item.queue_most)
    return _plain(
        "Longest queue of each day",
        f"At most {_number(most.queue_most, 'record')} waited, on {_date(most.day)}."
        if most.queue_most
        else "Nothing waited in 30 days.",
        days,
        ("queue", "records that waited"),
        lambda item: item.queue_most,
        lambda number: f"{int(number):,}",
    )


def _oldest(days: Sequence[Day]) -> Picture:
    most = max(days, key=lambda item: item.waited_most)
    return _plain(
        "Longest wait of each day",
        f"The longest wait was {for_long(most.waited_most)}, on {_date(most.day)}."
        if most.waited_most
        else "Nothing waited in 30 days.",
        days,
        ("oldest", "how long the oldest record had waited"),
        lambda item: item.waited_most,
        lambda seconds: for_long(int(seconds)) if seconds else "0",
    )


def _pace(days: Sequence[Day]) -> Picture:
    paces = [pace for item in days if (pace := item.writes_per_minute) is not None]
    return _plain(
        "Pace of QuickBooks",
        f"QuickBooks takes {_pace_range(paces)} a minute."
        if paces
        else "Nothing was written to QuickBooks in 30 days.",
        days,
        ("pace", "records QuickBooks takes a minute"),
        lambda item: item.writes_per_minute or 0,
        lambda pace: f"{pace:,.0f} a minute" if pace else "nothing written",
    )


def _pace_range(paces: Sequence[float]) -> str:
    least, most = f"{min(paces):,.0f}", f"{max(paces):,.0f}"
    return f"about {most}" if least == most else f"{least} to {most} records"


def _plain(
    title: str,
    text: str,
    days: Sequence[Day],
    name: tuple[str, str],
    value: Callable[[Day], float],
    said: Callable[[float], str],
) -> Picture:
    """One bar a day."""
    top = max(value(item) for item in days)
    return Picture(
        title=title,
        text=text,
        paths=(Path(name[0], _bars([(0, value(item)) for item in days], top)),),
        headings=("Day", name[1][:1].upper() + name[1][1:]),
        table=_table(days, lambda item: (said(value(item)),)),
        names=(name,),
        first=days[0].day,
        last=days[-1].day,
        top=said(top) if top else "",
        is_empty=not top,
    )


def _bars(spans: Sequence[tuple[float, float]], top: float) -> str:
    """A bar for each: from where it begins, and how long it is; something is never so small that it is not seen."""
    return "".join(
        f"M{STEP * place + STEP // 2} {HEIGHT - _scaled(begin, top)}v-{max(1, _scaled(long, top))}"
        for place, (begin, long) in enumerate(spans)
        if long
    )


def _scaled(value: float, top: float) -> int:
    return round(value * (HEIGHT - 2) / top) if top else 0


def _table(days: Sequence[Day], cells: Callable[[Day], tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple((_date(item.day), *cells(item)) for item in reversed(days))


# --- when something came about ------------------------------------------------------------------------------


def sparkline(
    moments: Mapping[date, int] | Iterable[datetime], now: datetime, noun: str = "error"
) -> Picture:
    """When something came about, day by day.

    Args:
        moments: each, or how many of a day (of UTC).
        noun: what one of them is called.
    """
    numbers = (
        Counter(moments) if isinstance(moments, Mapping) else Counter(day_of(moment) for moment in moments)
    )
    days = [item.day for item in _whole((), now)]
    counts = [numbers[day] for day in days]
    top, total = max(counts), sum(counts)
    text = f"{_number(total, noun)} in 30 days"
    if total:
        text += f", most on {_date(days[counts.index(top)])}: {top:,}"
    return Picture(
        title=f"{noun[:1].upper()}{noun[1:]}s of 30 days",
        text=f"{text}.",
        paths=(Path("failed", _bars([(0, number) for number in counts], top)),),
        headings=("Day", f"{noun[:1].upper()}{noun[1:]}s"),
        table=tuple(
            (_date(day), f"{number:,}") for day, number in zip(days[::-1], counts[::-1], strict=True)
        ),
        names=(("failed", f"{noun}s"),),
        first=days[0],
        last=days[-1],
        top=f"{top:,}",
        is_empty=not total,
    )


# --- words --------------------------------------------------------------------------------------------------


_LONG = ((2 * 86_400, 86_400, "day"), (7200, 3600, "hour"), (60, 60, "minute"), (0, 1, "second"))


def for_long(seconds: int) -> str:
    """How long something took: `3 days`, `5 hours`, `12 minutes`."""
    unit, noun = next((unit, noun) for least, unit, noun in _LONG if seconds >= least)
    return _number(seconds // unit, noun)


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _date(day: date) -> str:
    """`27 Nov`."""
    return f"{day.day} {day:%b}"
