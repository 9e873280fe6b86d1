"""Rows of what people did that belongs to no connector: whom they let in, and what became of whole connectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, false, func, insert, or_, select, update

from qbwc_server.storage.schema import audit as table


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that somebody did.

    Attributes:
        about: the name of the user, connector or API key it was done to, as it was then.
        actor: the name of a user, or ``cli``.
        data: what was changed, old and new, under ``changes``, as for events.
        times, last_at: of what comes in a run, how often and when last.
    """

    id: int
    at: datetime
    actor: str
    what: str
    about: str
    detail: str | None
    data: Mapping[str, Any] | None = None
    times: int = 1
    last_at: datetime | None = None


def _value(row: Row[Any]) -> Deed:
    return Deed(**row._mapping)


def add(
    conn: Connection,
    what: str,
    about: str,
    *,
    at: datetime,
    actor: str,
    detail: str | None = None,
    changes: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Note what somebody did.

    Args:
        changes: what was changed: its name, and its value before and after; never a secret.
    """
    data = {"changes": list(changes)} if changes else None
    conn.execute(insert(table).values(at=at, actor=actor, what=what, about=about, detail=detail, data=data))


def add_to_run(
    conn: Connection, what: str, about: str, *, at: datetime, since: datetime, actor: str, detail: str
) -> None:
    """Note what comes again and again, as one deed: as long as it came last after `since`, it is counted once more."""
    last = func.coalesce(table.c.last_at, table.c.at)
    same = (table.c.what == what, table.c.about == about, table.c.actor == actor, table.c.detail == detail)
    # of the newest only: however long the log is, few rows are looked at
    newest = select(func.max(table.c.id)).where(*same, table.c.at > since - _LONGEST_RUN, last > since)
    run = conn.execute(newest).scalar_one()
    if run is None:
        add(conn, what, about, at=at, actor=actor, detail=detail)
    else:
        conn.execute(update(table).where(table.c.id == run).values(times=table.c.times + 1, last_at=at))


_LONGEST_RUN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deeds somebody wants to see; what is None narrows nothing.

    Attributes:
        about_any: words of which one stands in what was done.
    """

    actor: str | None = None
    about_any: tuple[str, ...] | None = None
    words: str | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = Wanted()


def newest(
    conn: Connection,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 100,
    wanted: Wanted = EVERYTHING,
) -> list[Deed]:
    """The deeds from the newest back, or from the one before an id; with `after` those that came next after one."""
    query = select(table).where(*_conditions(wanted))
    if before is not None:
        query = query.where(table.c.id < before)
    if after is not None:
        query = query.where(table.c.id > after)
    order = table.c.id.desc() if after is None else table.c.id
    found = [_value(row) for row in conn.execute(query.order_by(order).limit(limit))]
    return found if after is None else found[::-1]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.actor is not None:
        found.append(table.c.actor == wanted.actor)
    if wanted.about_any is not None:
        found.append(or_(false(), *(table.c.what.icontains(word) for word in wanted.about_any)))
    if wanted.words is not None:
        columns = (table.c.what, table.c.about, table.c.detail)
        found.append(or_(*(column.icontains(wanted.words, autoescape=True) for column in columns)))
    if wanted.since is not None:
        found.append(table.c.at >= wanted.since)
    if wanted.until is not None:
        found.append(table.c.at < wanted.until)
    return found


def actors(conn: Connection, *, limit: int = 1_000) -> list[str]:
    """Who did something lately: those of the newest deeds."""
    newest = select(table.c.actor).order_by(table.c.id.desc()).limit(limit).subquery()
    return list(conn.execute(select(newest.c.actor).distinct().order_by(newest.c.actor)).scalars())
