"""On which days the Web Connector came, as a strip."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from qbwc_server.desk.pictures.shapes import MARKS, STEP, Mark, Path, Picture, whole
from qbwc_server.desk.pictures.words import number_of, said_day
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.days import Day, day_of


def strip(connector: Connector, found: Iterable[Day], now: datetime) -> Picture:
    """On which days the Web Connector came."""
    days = whole(found, now)
    marks = [(item, _mark(item, connector, now)) for item in days]
    return Picture(
        title="Visits of 30 days",
        text=_visits_told(marks, was_seen=connector.last_seen_at is not None),
        paths=tuple(_runs([mark for _, mark in marks])),
        headings=("Day", "Web Connector", "Visits with work", "of them with trouble"),
        table=tuple(
            (said_day(item.day), MARKS[mark], f"{item.visits:,}", f"{item.visits_failed:,}")
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


def _visits_told(marks: Sequence[tuple[Day, Mark]], *, was_seen: bool) -> str:
    there = [(item, mark) for item, mark in marks if mark not in (Mark.BEFORE, Mark.OPEN)]
    came = [item.day for item, mark in there if mark in _CAME]
    if not came:
        if there:
            return f"Did not come on any of {number_of(len(there), 'day')}."
        return "No visit has been counted yet." if was_seen else "Has not come yet."
    trouble = sum(mark is Mark.TROUBLE for _, mark in there)
    with_trouble = f", with trouble on {trouble:,}" if trouble else ""
    return (
        f"Came on {len(came)} of {number_of(len(there), 'day')}{with_trouble}, last on {said_day(came[-1])}."
    )


def _runs(marks: Sequence[Mark]) -> Iterable[Path]:
    """Days of one mark that follow each other are one line; its dashes are the days."""
    drawings: dict[Mark, str] = {}
    start = 0
    for mark, run in groupby(marks):
        end = start + len(list(run))
        drawings[mark] = f"{drawings.get(mark, '')}M{STEP * start} 0H{STEP * end - 1}"
        start = end
    return (Path(mark, drawing) for mark, drawing in drawings.items())
