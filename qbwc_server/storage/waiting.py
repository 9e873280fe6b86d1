"""Queued records that cannot be sent just now, whatever the reason: looked up for people."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, or_, select

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, State

from . import records
from .schema import record as table


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
