"""Pages of error records, and of those that share a cause and its key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    select,
    true,
    union_all,
)

from qbwc_server.domain.errors import EVERY, Narrowed, StoredError
from qbwc_server.storage import kept_counts
from qbwc_server.storage.bulk import among_ids, rows_asked
from qbwc_server.storage.errors.narrowing import ids
from qbwc_server.storage.errors.rows import read, whole
from qbwc_server.storage.schema import error as table
from qbwc_server.storage.schema import error_group


def count_open(conn: Connection, connector_id: int) -> tuple[int, int]:
    """How many error records of a connector are open, and how many of those tell what the host was refused."""
    found = kept_counts.open_errors(conn, [connector_id])[connector_id]
    return sum(found.values()), kept_counts.refused(found)


def page(
    conn: Connection,
    connector_id: int,
    *,
    is_open: bool | None,
    narrowed: Narrowed = EVERY,
    after_id: int = 0,
    limit: int | None = 100,
) -> list[StoredError]:
    """Error records of a connector behind an id, oldest first; `is_open` None means open and closed ones."""
    parts = [
        part
        for each in ((True, False) if is_open is None else (is_open,))
        for part in ids(connector_id, narrowed, is_open=each, after_id=after_id, limit=limit)
    ]
    # open and closed ones have an index each; SQLite takes a part with an order only as a table of its own
    found = union_all(*(select(part.subquery()) for part in parts)).subquery()
    first = select(found.c.id).order_by(found.c.id).limit(limit)
    return read(conn, whole().where(table.c.id.in_(first)))


def closed(
    conn: Connection, connector_id: int, *, before: int | None = None, limit: int = 100
) -> list[StoredError]:
    """The closed error records of a connector from the newest back, or from the one before an id."""
    query = whole().where(table.c.connector_id == connector_id, table.c.closed_at.is_not(None))
    if before is not None:
        query = query.where(table.c.id < before)
    query = query.order_by(None).order_by(table.c.id.desc()).limit(limit)
    return read(conn, query)


def members(
    conn: Connection, connector_id: int, cause: str, cause_key: str, *, skipped: int = 0, limit: int
) -> list[StoredError]:
    """Some of the open error records of one group, oldest first."""
    some = (
        select(table.c.id)
        .where(
            table.c.connector_id == connector_id,
            table.c.cause == cause,
            table.c.cause_key == cause_key,
            table.c.closed_at.is_(None),
        )
        .order_by(table.c.id)
        .offset(skipped)
        .limit(limit)
    )
    return read(conn, whole().where(table.c.id.in_(some)))


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """The open error records of a connector with one cause behind one cause key.

    Attributes:
        number: how many there are.
        since_id: the one with which it began.
    """

    cause: str
    cause_key: str
    number: int
    since_id: int


def longest_groups(
    conn: Connection, connector_id: int, *, actor: str, skipped: int, limit: int
) -> list[OpenGroup]:
    """The longest groups of a connector, of equals the oldest.

    Args:
        actor: only those that this one must put right; "" for all.
    """
    query = _groups(connector_id, None, actor).order_by(error_group.c.minus, error_group.c.since_id)
    return _read_groups(conn, query.limit(limit).offset(skipped))


def groups_since(
    conn: Connection, connector_id: int, narrowed: Narrowed, *, after_id: int, limit: int
) -> list[OpenGroup]:
    """The groups of a connector in the order in which they began, behind one; by cause, actor and cause key."""
    query = _groups(connector_id, narrowed.cause, narrowed.actor or "").where(
        error_group.c.since_id > after_id
    )
    if narrowed.cause_key is not None:
        query = query.where(error_group.c.cause_key == narrowed.cause_key)
    return _read_groups(conn, query.order_by(error_group.c.since_id).limit(limit))


def group_of(conn: Connection, connector_id: int, cause: str, cause_key: str) -> OpenGroup | None:
    """The group behind one cause key, or None when none of it is open."""
    query = _groups(connector_id, cause, "").where(error_group.c.cause_key == cause_key)
    return next(iter(_read_groups(conn, query)), None)


def _groups(connector_id: int, cause: str | None, actor: str) -> Select[Any]:
    query = select(error_group).where(
        error_group.c.connector_id == connector_id, error_group.c.actor == actor
    )
    return query if cause is None else query.where(error_group.c.cause == cause)


def _read_groups(conn: Connection, query: Select[Any]) -> list[OpenGroup]:
    return [OpenGroup(row.cause, row.cause_key, -row.minus, row.since_id) for row in conn.execute(query)]


def of_groups(
    conn: Connection, connector_id: int, groups: Sequence[OpenGroup], *, actor: str, limit: int
) -> dict[tuple[str, str], list[StoredError]]:
    """The first open error records of each of these groups, oldest first, by cause and cause key.

    Args:
        actor: only those that this one must put right; "" for all.
        limit: of each group.
    """
    found: dict[tuple[str, str], list[StoredError]] = {(each.cause, each.cause_key): [] for each in groups}
    if groups:
        first = _first_of(conn, connector_id, list(found), actor, limit)
        found_ids = list(conn.execute(first).scalars())
        for item in read(conn, whole().where(among_ids(conn, table.c.id, found_ids))):
            found[item.cause.name, item.cause_key].append(item)
    return found


def _first_of(
    conn: Connection, connector_id: int, keys: Sequence[tuple[str, str]], actor: str, limit: int
) -> Select[Any]:
    """The ids of the first error records of each group: so many are looked at, however many there are."""
    rows, _ = rows_asked(conn, (table.c.cause, table.c.cause_key), keys)
    member = table.alias("member")
    behind = (
        member.c.connector_id == connector_id,
        member.c.cause == rows.c.asked_0,
        member.c.cause_key == rows.c.asked_1,
        member.c.closed_at.is_(None),
    )
    some = select(member.c.id).where(*behind)
    if actor:
        some = some.where(member.c.actor == actor)
    some = some.order_by(member.c.id).limit(limit).correlate(rows)
    if conn.dialect.name == "sqlite":
        return select(table.c.id).join_from(rows, table, table.c.id.in_(some))
    each = some.lateral("each")
    return select(each.c.id).join_from(rows, each, true())
