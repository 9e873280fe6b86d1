"""Rows of the days of connectors: numbers are added in the transaction that they are about, those of a set at once."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypedDict, Unpack

from sqlalchemy import Connection, delete, func, select

from qbwc_server.domain.days import Day, day_of
from qbwc_server.storage import gathering
from qbwc_server.storage.bulk import among_ids
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.schema import connector_day as table
from qbwc_server.storage.upserts import upsert


class Numbers(TypedDict, total=False):
    """What may be added to a day: fields of `Day`."""

    hours: int
    visits: int
    visits_failed: int
    synced: int
    blocked: int
    errors_opened: int
    writes: int
    write_seconds: float
    queue_most: int
    waited_most: int


_BITS = frozenset({"hours"})
_GREATEST = frozenset({"queue_most", "waited_most"})
_NAMES = tuple(Numbers.__annotations__)
_New = tuple[int, datetime, Numbers]


def add(conn: Connection, connector_id: int, at: datetime, **numbers: Unpack[Numbers]) -> None:
    """Add to the day of a moment; of what is a maximum the greater stays, and hours come together.

    The caller holds the connector, or has changed its row.
    """
    gathering.keep_back(conn, _store, (connector_id, at, numbers))


def _store(conn: Connection, news: Sequence[_New]) -> None:
    days: dict[tuple[int, date], dict[str, Any]] = {}
    for connector_id, at, numbers in news:
        kept = days.setdefault((connector_id, day_of(at)), dict.fromkeys(_NAMES, 0))
        for name, number in numbers.items():
            kept[name] = _joined(name, kept[name], number)
    rows = [
        {"connector_id": connector_id, "day": day, **days[connector_id, day]}
        for connector_id, day in sorted(days)
    ]
    _adding(conn.dialect.name).write(conn, rows)


def _joined(name: str, before: Any, number: Any) -> Any:
    if name in _BITS:
        return before | number
    return max(before, number) if name in _GREATEST else before + number


@lru_cache
def _adding(dialect: str) -> Prepared:
    query = upsert(table, dialect)
    greater = func.max if dialect == "sqlite" else func.greatest
    values = {}
    for name in _NAMES:
        kept, new = table.c[name], query.excluded[name]
        joined = greater(kept, new) if name in _GREATEST else kept + new
        values[name] = kept.bitwise_or(new) if name in _BITS else joined
    days = [table.c.connector_id, table.c.day]
    return Prepared(query.on_conflict_do_update(index_elements=days, set_=values))


def of(conn: Connection, connector_ids: Collection[int], since: date) -> dict[int, list[Day]]:
    """The days of each of these connectors from one on, oldest first; those on which nothing happened are left out."""
    query = (
        select(table.c.connector_id, table.c.day, *(table.c[name] for name in _NAMES))
        .where(among_ids(conn, table.c.connector_id, connector_ids), table.c.day >= since)
        .order_by(table.c.connector_id, table.c.day)
    )
    found: dict[int, list[Day]] = {connector_id: [] for connector_id in connector_ids}
    for connector_id, *columns in conn.execute(query):
        found[connector_id].append(Day(*columns))
    return found


def forget(conn: Connection, connector_id: int, before: date) -> None:
    """Forget the days of a connector before one."""
    conn.execute(delete(table).where(table.c.connector_id == connector_id, table.c.day < before))
