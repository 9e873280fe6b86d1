"""Rows of errands: when each was claimed last, so that one process alone runs it."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, update

from qbwc_server.storage.schema import errand as table
from qbwc_server.storage.upserts import upsert


def claim(conn: Connection, name: str, every: timedelta, *, now: datetime) -> bool:
    """Claim an errand if its time has come; False when it has not, or another process was quicker."""
    due = (table.c.name == name) & (table.c.claimed_at <= now - every)
    if conn.execute(update(table).where(due).values(claimed_at=now)).rowcount:
        return True
    # one that was never run; of two processes that think so, the database lets one
    first = upsert(table, conn.dialect.name).values(name=name, claimed_at=now).on_conflict_do_nothing()
    return conn.execute(first.returning(table.c.name)).first() is not None
