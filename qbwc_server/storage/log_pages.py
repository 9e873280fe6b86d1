"""Parts of the log: events by who, what and when, back from a place or on from it, each by an index."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    Connection,
    Select,
    or_,
    select,
    text,
    union_all,
)

from qbwc_server.domain.events import Event
from qbwc_server.storage import events
from qbwc_server.storage.schema import IS_DEED, record
from qbwc_server.storage.schema import event as table

LOOKED_AT = 20_000
"""So many events are looked through at once for what no index finds: words, or one person among all that happened."""

HOST = "host"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to see of the log; what is None narrows nothing.

    Attributes:
        deeds: only what people did.
        actor: who did it; `HOST` stands for every order system.
        types: of these types.
        words: somewhere in the words of it, or in the id of the record.
        since, until: not before, and before.
    """

    deeds: bool = False
    actor: str | None = None
    types: Collection[str] | None = None
    words: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part begins: behind the entry of an id, going back; or before it, coming on. Neither: at the newest."""

    before: int | None = None
    after: int | None = None


NEWEST = Place()


@dataclass(frozen=True, slots=True)
class Found:
    """A part of the events, the newest first.

    Attributes:
        reached: the id up to which was looked, where there is more to look through than was; else None.
    """

    events: tuple[Event, ...]
    reached: int | None


def find_events(
    conn: Connection, connector_id: int | None, wanted: Wanted, place: Place, *, limit: int
) -> Found:
    """Events of a connector, or of all of them, that are wanted."""
    within = _within(connector_id, wanted, place)
    if (
        connector_id is not None
        and wanted.types is not None
        and not wanted.deeds
        and not _is_searched(wanted)
    ):
        return Found(_found(conn, _of_types(within, sorted(wanted.types), place, limit), place), None)
    narrowing = _narrowing(wanted)
    if not narrowing:
        return Found(
            _found(conn, select(table).where(*within).order_by(_order(place)).limit(limit), place), None
        )
    reached = conn.execute(
        select(table.c.id).where(*within).order_by(_order(place)).offset(LOOKED_AT).limit(1)
    ).scalar_one_or_none()
    if reached is not None:
        within.append(table.c.id > reached if place.after is None else table.c.id < reached)
    found = _found(conn, select(table).where(*within, *narrowing).order_by(_order(place)).limit(limit), place)
    return Found(found, reached if len(found) < limit else None)


def _found(conn: Connection, query: Select[Any], place: Place) -> tuple[Event, ...]:
    found = events.found(conn, query)
    return tuple(found if place.after is None else reversed(found))


def _order(place: Place) -> ColumnElement[int]:
    return table.c.id.desc() if place.after is None else table.c.id.asc()


def _is_searched(wanted: Wanted) -> bool:
    return wanted.actor is not None or wanted.words is not None


def _within(connector_id: int | None, wanted: Wanted, place: Place) -> list[ColumnExpressionArgument[bool]]:
    """The part of the log in which it lies, by an index."""
    found: list[ColumnExpressionArgument[bool]] = []
    if connector_id is not None:
        found.append(table.c.connector_id == connector_id)
    if wanted.deeds or connector_id is None:
        found.append(text(IS_DEED))
    if place.before is not None:
        found.append(table.c.id < place.before)
    if place.after is not None:
        found.append(table.c.id > place.after)
    return found + _of_days(connector_id, wanted)


def _of_days(connector_id: int | None, wanted: Wanted) -> list[ColumnExpressionArgument[bool]]:
    """Events come in the order of time: the ids between two days are looked up, and walked in their order."""
    found: list[ColumnExpressionArgument[bool]] = []
    of_connector = [table.c.connector_id == connector_id]
    if wanted.since is not None:
        found.append(table.c.at >= wanted.since)
        if connector_id is not None:
            first = select(table.c.id).where(*of_connector, table.c.at >= wanted.since)
            found.append(table.c.id >= first.order_by(table.c.at, table.c.id).limit(1).scalar_subquery())
    if wanted.until is not None:
        found.append(table.c.at < wanted.until)
        if connector_id is not None:
            last = select(table.c.id).where(*of_connector, table.c.at < wanted.until)
            latest = last.order_by(table.c.at.desc(), table.c.id.desc()).limit(1)
            found.append(table.c.id <= latest.scalar_subquery())
    return found


def _narrowing(wanted: Wanted) -> list[ColumnExpressionArgument[bool]]:
    found: list[ColumnExpressionArgument[bool]] = []
    if wanted.actor == HOST:
        found.append(or_(table.c.actor == HOST, table.c.actor.startswith(f"{HOST} (")))
    elif wanted.actor is not None:
        found.append(table.c.actor == wanted.actor)
    if wanted.types is not None:
        found.append(table.c.type.in_(sorted(wanted.types)))
    if wanted.words is not None:
        found.append(_says(wanted.words))
    return found


def _says(words: str) -> ColumnElement[bool]:
    # the name as a value: of an EXISTS PostgreSQL looks through all records there are, for the few rows of a window
    named = select(record.c.external_id).where(record.c.id == table.c.record_id).scalar_subquery()
    columns = (table.c.what, table.c.detail, table.c.actor, named)
    return or_(*(column.icontains(words, autoescape=True) for column in columns))


def _of_types(
    within: list[ColumnExpressionArgument[bool]], types: list[str], place: Place, limit: int
) -> Select[Any]:
    """The first of each type are read from their index and then merged."""
    if not types:
        return select(table).where(table.c.id < 0)
    parts = [
        select(table.c.id).where(*within, table.c.type == each).order_by(_order(place)).limit(limit)
        for each in types
    ]
    # SQLite takes a part with an order only as a table of its own
    merged = union_all(*(select(part.subquery()) for part in parts)).subquery()
    order = merged.c.id.desc() if place.after is None else merged.c.id.asc()
    first = select(merged.c.id).order_by(order).limit(limit)
    return select(table).where(table.c.id.in_(first)).order_by(_order(place))


def moment_of(conn: Connection, connector_id: int, event_id: int) -> datetime | None:
    """When an event of a connector happened."""
    query = select(table.c.at).where(table.c.connector_id == connector_id, table.c.id == event_id)
    return conn.execute(query).scalar_one_or_none()


def deed_actors(conn: Connection, connector_id: int | None, *, limit: int) -> list[str]:
    """Who did something lately, to a connector or to any: those of the newest deeds."""
    query = select(table.c.actor).where(text(IS_DEED))
    if connector_id is not None:
        query = query.where(table.c.connector_id == connector_id)
    newest = query.order_by(table.c.id.desc()).limit(limit).subquery()
    return list(conn.execute(select(newest.c.actor).distinct().order_by(newest.c.actor)).scalars())
