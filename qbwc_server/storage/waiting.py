"""Queued records that cannot be sent just now, whatever the reason: looked up for people."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, State

from . import records
from .bulk import among_ids
from .schema import record as table
from .schema import record_count


def not_yet(
    conn: Connection, connector_id: int, kinds: Sequence[Kind], *, now: datetime, limit: int
) -> list[Record]:
    """Queued records that wait for others, for a moment to come, or for their kind to be posted at all.

    Args:
        kinds: those that are posted.
    """
    query = select(table.c.id).where(
        table.c.connector_id == connector_id,
        table.c.state == State.QUEUED,
        or_(table.c.waiting > 0, table.c.not_before > now, table.c.kind.not_in(kinds)),
    )
    found = conn.execute(query.order_by(table.c.kind_rank, table.c.id).limit(limit)).scalars().all()
    return list(records.get_all(conn, found).values())


def oldest(conn: Connection, connector_ids: Collection[int]) -> dict[int, list[tuple[Kind, int, datetime]]]:
    """What is queued or uncertain of each of these connectors: by kind and state how much, and when the one that has
    rested the longest last changed. Read from the counts that are kept, and from the begin of an index each."""
    kept = record_count.c
    since = (
        select(func.min(table.c.updated_at))
        .where(
            table.c.connector_id == kept.connector_id, table.c.kind == kept.kind, table.c.state == kept.state
        )
        .correlate(record_count)
        .scalar_subquery()
    )
    query = select(kept.connector_id, kept.kind, kept.number, since).where(
        among_ids(conn, kept.connector_id, connector_ids),
        kept.state.in_((State.QUEUED, State.UNCERTAIN)),
        kept.number > 0,
    )
    found: dict[int, list[tuple[Kind, int, datetime]]] = {}
    for connector_id, kind, number, moment in conn.execute(query):
        found.setdefault(connector_id, []).append((Kind(kind), number, moment))
    return found
