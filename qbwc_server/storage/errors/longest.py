"""The longest groups of open error records, and what is told of all without reading them: where very many are open."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Subquery, func, literal_column, select, union, union_all

from qbwc_server.domain.errors import Narrowed, Total
from qbwc_server.storage.bulk import rows_asked
from qbwc_server.storage.errors.gathered import Gathered, is_open
from qbwc_server.storage.schema import error as table
from qbwc_server.storage.schema import error_group
from qbwc_server.storage.types import Moment

Family = tuple[str, str | None]
"""A cause, and a finer word for it, where it has one."""


def longest(
    conn: Connection,
    connector_id: int,
    families: Collection[Family],
    actor: str,
    also: Collection[tuple[str, str]],
    *,
    limit: int,
) -> list[Gathered]:
    """The groups of each of these that are the longest, and some others by cause and cause key: where it would take too
    long to read all that is open. What is at stake is not added up, and a group is of the finer word it began with.

    Args:
        actor: only what this one must put right; "" for all.
        limit: so many of each.
    """
    groups = _longest(conn, connector_id, families, actor, also, limit)
    member, first, newest = table.alias("member"), table.alias("first"), table.alias("newest")
    its = (
        member.c.connector_id == connector_id,
        member.c.cause == groups.c.cause,
        member.c.cause_key == groups.c.cause_key,
        member.c.closed_at.is_(None),
        *([member.c.actor == actor] if actor else []),
    )
    ids = select(member.c.id).where(*its).correlate(groups).limit(1)
    query = (
        select(
            groups.c.cause,
            groups.c.cause_key,
            groups.c.sub_reason,
            groups.c.minus,
            first.c.id.label("first_id"),
            *(first.c[name] for name in ("actor", "record_id")),
            first.c.opened_at.label("since"),
            func.coalesce(newest.c.last_at, newest.c.opened_at, type_=Moment).label("last"),
        )
        .join_from(groups, first, first.c.id == ids.order_by(member.c.id).scalar_subquery())
        .join(newest, newest.c.id == ids.order_by(member.c.id.desc()).scalar_subquery())
    )
    return [
        Gathered(
            row.cause,
            row.sub_reason or None,
            row.cause_key,
            row.actor,
            row.first_id,
            row.record_id,
            Total(-row.minus, None, row.since, row.last, ()),
        )
        for row in conn.execute(query)
    ]


def _longest(
    conn: Connection,
    connector_id: int,
    families: Collection[Family],
    actor: str,
    also: Collection[tuple[str, str]],
    limit: int,
) -> Subquery:
    of_actor = (error_group.c.connector_id == connector_id, error_group.c.actor == actor)
    columns = tuple(error_group.c[name] for name in ("cause", "cause_key", "sub_reason", "minus"))
    order = (error_group.c.minus, error_group.c.since_id)
    parts = [
        select(*columns)
        .where(*of_actor, error_group.c.cause == cause, error_group.c.sub_reason == (word or ""))
        .order_by(*order)
        .limit(limit)
        for cause, word in families
    ]
    if also:
        # all that tells a group comes from these rows, or SQLite would go through the groups to find them
        its = tuple(error_group.c[name] for name in ("connector_id", "actor", "cause", "cause_key"))
        rows, asked = rows_asked(conn, its, [(connector_id, actor, *each) for each in also])
        parts.append(select(*columns).join_from(rows, error_group, asked))
    return union(*(select(part.subquery()) for part in parts)).subquery("groups")


def since_and_last(
    conn: Connection, connector_id: int, families: Collection[Family], actor: str
) -> dict[Family, tuple[datetime, datetime]]:
    """Since when something of each of these is open, and when the last of it happened: two looks at an index each.

    Args:
        actor: of what this one must put right; "" for all.
    """
    its = list(families)
    parts = [_since_and_last(connector_id, number, *each, actor) for number, each in enumerate(its)]
    if not parts:
        return {}
    found = conn.execute(union_all(*parts))
    return {its[number]: (since, last) for number, since, last in found if since is not None}


def _since_and_last(connector_id: int, number: int, cause: str, word: str | None, actor: str) -> Select[Any]:
    narrowed = Narrowed(cause=cause, sub_reason=word or "", actor=actor or None)
    these = tuple(is_open(connector_id, narrowed))
    last = func.coalesce(table.c.last_at, table.c.opened_at, type_=Moment)
    return select(
        literal_column(str(number)),
        select(table.c.opened_at).where(*these).order_by(table.c.id).limit(1).scalar_subquery(),
        select(last).where(*these).order_by(table.c.id.desc()).limit(1).scalar_subquery(),
    )
