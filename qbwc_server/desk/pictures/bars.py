"""What went through and what waited, and how fast it went: a bar a day."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime

from qbwc_server.desk.pictures.shapes import HEIGHT, STEP, Path, Picture, whole
from qbwc_server.desk.pictures.words import for_long, number_of, said_day
from qbwc_server.domain.days import Day, day_of


def outcomes(days: Sequence[Day]) -> Picture:
    synced, blocked = sum(item.synced for item in days), sum(item.blocked for item in days)
    most = max(days, key=lambda item: item.synced)
    text = f"{number_of(synced, 'record')} went into QuickBooks in 30 days, {blocked:,} stopped"
    if synced:
        text += f"; most on {said_day(most.day)}: {most.synced:,}"
    top = max(item.synced + item.blocked for item in days)
    return Picture(
        title="Synced and stopped each day",
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


def queue(days: Sequence[Day]) -> Picture:
    most = max(days, key=lambda item: item.queue_most)
    return _plain(
        "Longest queue of each day",
        f"At most {number_of(most.queue_most, 'record')} waited, on {said_day(most.day)}."
        if most.queue_most
        else "Nothing was waiting at any of the hourly counts.",
        days,
        ("queue", "records that waited"),
        lambda item: item.queue_most,
        lambda number: f"{int(number):,}",
    )


def oldest(days: Sequence[Day]) -> Picture:
    most = max(days, key=lambda item: item.waited_most)
    return _plain(
        "Longest wait of each day",
        f"The longest wait was {for_long(most.waited_most)}, on {said_day(most.day)}."
        if most.waited_most
        else "Nothing waited for long."
        if any(item.queue_most for item in days)
        else "Nothing was waiting at any of the hourly counts.",
        days,
        ("oldest", "how long the oldest record had waited"),
        lambda item: item.waited_most,
        lambda seconds: for_long(int(seconds)) if seconds else "0",
    )


def pace(days: Sequence[Day]) -> Picture:
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
    return tuple((said_day(item.day), *cells(item)) for item in reversed(days))


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
    days = [item.day for item in whole((), now)]
    counts = [numbers[day] for day in days]
    top, total = max(counts), sum(counts)
    text = f"{number_of(total, noun)} in 30 days"
    if total:
        text += f", most on {said_day(days[counts.index(top)])}: {top:,}"
    return Picture(
        title=f"{noun[:1].upper()}{noun[1:]}s of 30 days",
        text=f"{text}.",
        paths=(Path("failed", _bars([(0, number) for number in counts], top)),),
        headings=("Day", f"{noun[:1].upper()}{noun[1:]}s"),
        table=tuple(
            (said_day(day), f"{number:,}") for day, number in zip(days[::-1], counts[::-1], strict=True)
        ),
        names=(("failed", f"{noun}s"),),
        first=days[0],
        last=days[-1],
        top=f"{top:,}",
        is_empty=not total,
    )
