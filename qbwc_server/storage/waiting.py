"""Queued records that cannot be sent just now, whatever the reason: looked up for people."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, or_, select, text, union

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import records
from qbwc_server.storage.bulk import among_ids
from qbwc_server.storage.schema import WAITS_FOR_LATER, record_count
from qbwc_server.storage.schema import record as table


def not_yet(
    conn: Connection, connector_id: int, kinds: Sequence[Kind], *, now: datetime, limit: int
) -> list[Record]:
    """Queued records that wait for others, for a moment to come, or for their kind to be posted at all, in the order of
    kinds. The first of each are read from an index; however much is queued, only so many are looked at.

    Args:
        kinds: those that are posted.
    """
    place = (table.c.kind_rank, table.c.id)
    ours = table.c.connector_id == connector_id
    may_wait = select(*place).where(
        ours, text(WAITS_FOR_LATER), or_(table.c.waiting > 0, table.c.not_before > now)
    )
    kept_back = [
        select(*place).where(ours, table.c.kind == kind, table.c.state == State.QUEUED).order_by(table.c.id)
        for kind in Kind
        if kind not in kinds
    ]
    parts = [may_wait.order_by(*place), *kept_back]
    found = union(*(select(part.limit(limit).subquery()) for part in parts)).subquery()
    first = select(found.c.id).order_by(found.c.kind_rank, found.c.id).limit(limit)
    return list(records.get_all(conn, conn.execute(first).scalars().all()).values())


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
