"""Pages of records, in the order they were handed over or last changed."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, State
from qbwc_server.storage.schema import record as table

from .rows import value

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


def changed(
    conn: Connection,
    connector_id: int,
    kind: Kind | None = None,
    *,
    states: Collection[State] = (),
    number: str | None = None,
    customer: str | None = None,
    since: datetime | None = None,
    behind: tuple[datetime, int] | None = None,
    limit: int = 100,
) -> list[Record]:
    """Records of a kind or of all, the one whose last change is oldest first.

    In this order nothing is missed by whoever pages: a record that changes meanwhile comes once more.

    Args:
        states: only those in one of these; none means any.
        number: only documents with this number, the host's or the one in QuickBooks.
        customer: only documents that name their customer so: by external id, full name, email or ListID.
        since: only those changed later than this.
        behind: `updated_at` and id of the last record of the page before.
    """
    conditions = []
    if number is not None:
        conditions.append(_has_number(number))
    if customer is not None:
        conditions.append(_names_customer(customer))
    if since is not None:
        conditions.append(table.c.updated_at > since)
    if behind is not None:
        place = (table.c.updated_at, table.c.id)
        conditions.append(tuple_(*place) > tuple_(*map(literal, behind, (column.type for column in place))))
    order = (table.c.updated_at, table.c.id)
    query = _side_by_side(_some(kind, Kind), tuple(states) or tuple(State), conditions, order)
    return [value(row) for row in conn.execute(query, {"connector_id": connector_id, "most": limit})]


def _has_number(number: str) -> ColumnElement[bool]:
    documents = [kind for kind in Kind if kind.is_document]
    given = table.c.content["ref_number"].as_string() == number
    return and_(table.c.kind.in_(documents), or_(given, table.c.quickbooks_name == number))


def _names_customer(customer: str) -> ColumnElement[bool]:
    """Whether a document names its customer so, as plain text or in one of the ways of a reference."""
    said = table.c.content["customer"]
    ways = ("external_id", "full_name", "email", "list_id")
    named = [table.c.content[("customer", way)].as_string() == customer for way in ways]
    return and_(table.c.kind == Kind.INVOICE, or_(said.as_string() == customer, *named))
