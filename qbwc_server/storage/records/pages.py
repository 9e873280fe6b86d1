"""Pages of records, in the order they were handed over or last changed."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    select,
    union_all,
)

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, State
from qbwc_server.storage.records.rows import value
from qbwc_server.storage.schema import record as table

_Member = TypeVar("_Member", bound=StrEnum)


def page(
    conn: Connection,
    connector_id: int,
    *,
    kind: Kind | None = None,
    state: State | None = None,
    after_id: int = 0,
    limit: int = 100,
) -> list[Record]:
    """Records in the order they were first handed over."""
    behind = (table.c.id > bindparam("after_id"),)
    query = _side_by_side(_some(kind, Kind), _some(state, State), behind, (table.c.id,))
    given = {"connector_id": connector_id, "after_id": after_id, "most": limit}
    return [value(row) for row in conn.execute(query, given)]


def _some(one: _Member | None, every: type[_Member]) -> tuple[_Member, ...]:
    return tuple(every) if one is None else (one,)


def _side_by_side(
    kinds: Sequence[Kind],
    states: Sequence[State],
    conditions: Sequence[ColumnElement[bool]],
    order: Sequence[Column[Any]],
) -> Select[Any]:
    """Records of some kinds and states in an order of which the database has an index, for one kind and state each.

    The first of each are read from that index and then merged: however many there are, only so many are looked at.

    Args:
        conditions: what else they must fulfil.
        order: ends with the id.
    """
    parts = [
        select(*order)
        .where(
            table.c.connector_id == bindparam("connector_id"), table.c.kind == kind, table.c.state == state
        )
        .where(*conditions)
        .order_by(*order)
        .limit(bindparam("most"))
        for kind in kinds
        for state in states
    ]
    # SQLite takes a part with an order only as a table of its own
    found = union_all(*(select(part.subquery()) for part in parts)).subquery()
    first = select(found.c.id).order_by(*(found.c[column.name] for column in order)).limit(bindparam("most"))
    return select(table).where(table.c.id.in_(first)).order_by(*order)
