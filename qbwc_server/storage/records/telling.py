"""The events of what becomes of records."""

from datetime import datetime

from sqlalchemy import (
    Connection,
)

from qbwc_server.domain.events import NewEvent
from qbwc_server.domain.records import Record, State, meaning
from qbwc_server.storage import events


def tell(
    conn: Connection, record: Record, before: State | None, *, now: datetime, actor: str, detail: str | None
) -> None:
    """Note that a record has just come to its state."""
    events.add_all(conn, [told(record, before, now=now, actor=actor, detail=detail)])


def told(
    record: Record, before: State | None, *, now: datetime, actor: str, detail: str | None = None
) -> NewEvent:
    """The event of a record that has just come to its state."""
    return NewEvent(
        connector_id=record.connector_id,
        what=meaning(before, record.state),
        at=now,
        actor=actor,
        record_id=record.id,
        from_state=before,
        to_state=record.state,
        revision=record.revision,
        detail=detail,
    )
