"""Which record an entry or document of QuickBooks belongs to."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    bindparam,
    or_,
    select,
)

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import memory
from qbwc_server.storage.bulk import among, listed, one_of
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.records.reading import get
from qbwc_server.storage.records.rows import key_of_holder, value, value_of
from qbwc_server.storage.schema import record as table


def holder(conn: Connection, record: Record, quickbooks_id: str) -> Record | None:
    """The other record of its kind that what QuickBooks calls so belongs to, or None."""
    holder_id: int | None = memory.recall(
        conn,
        key_of_holder(record.connector_id, record.kind, quickbooks_id),
        "holder",
        lambda: _holders(conn, record.connector_id, record.kind, [quickbooks_id]).get(quickbooks_id),
    )
    return None if holder_id in (None, record.id) else get(conn, holder_id)


def _holders(
    conn: Connection, connector_id: int, kind: Kind, quickbooks_ids: Collection[str]
) -> dict[str, int]:
    """The ids of the records that these belong to; each belongs to one at most."""
    query = select(table.c.quickbooks_id, table.c.id).where(
        table.c.connector_id == connector_id,
        table.c.kind == kind,
        among(conn, table.c.quickbooks_id, quickbooks_ids),
        table.c.state != State.CANCELLED,
        table.c.is_surplus.is_(False),
    )
    return {row.quickbooks_id: row.id for row in conn.execute(query)}


def surplus(conn: Connection) -> list[Record]:
    """The records of all connectors that are linked to what another one has, by connector."""
    query = select(table).where(table.c.is_surplus.is_(True), table.c.state != State.CANCELLED)
    return [value(row) for row in conn.execute(query.order_by(table.c.connector_id, table.c.id))]


def linked_to(conn: Connection, connector_id: int, kind: Kind, quickbooks_ids: Iterable[str]) -> list[Record]:
    """The records linked to these ListIDs or TxnIDs, however many, that are not cancelled."""
    given = {"connector_id": connector_id, "kind": kind, "quickbooks_ids": listed(conn, quickbooks_ids)}
    return [value(row) for row in conn.execute(_linked_to(conn.dialect.name), given)]


@lru_cache
def _linked_to(dialect: str) -> Select[Any]:
    query = select(table).where(
        table.c.connector_id == bindparam("connector_id"),
        table.c.kind == bindparam("kind"),
        one_of(dialect, table.c.quickbooks_id, "quickbooks_ids"),
        table.c.state != State.CANCELLED,
    )
    return query.order_by(table.c.id)


def claimed_as(conn: Connection, connector_id: int, kind: Kind, quickbooks_id: str) -> list[Record]:
    """The records of which a person said that they are this document, which QuickBooks is yet to be asked about."""
    query = select(table).where(
        table.c.connector_id == connector_id,
        table.c.claimed_id == quickbooks_id,
        table.c.kind == kind,
        table.c.state != State.CANCELLED,
    )
    return [value(row) for row in conn.execute(query.order_by(table.c.id))]


def claimed(conn: Connection, connector_id: int, *, now: datetime, limit: int) -> list[Record]:
    """The queued records whose claim QuickBooks may be asked about now."""
    given = {"connector_id": connector_id, "now": now, "limit": limit}
    return [value_of(columns) for columns in _CLAIMED.rows(conn, given)]


_CLAIMED = Prepared(
    select(table)
    .where(
        table.c.connector_id == bindparam("connector_id"),
        table.c.claimed_id.is_not(None),
        table.c.state == State.QUEUED,
        or_(table.c.not_before.is_(None), table.c.not_before <= bindparam("now")),
    )
    .order_by(table.c.id)
    .limit(bindparam("limit"))
)
