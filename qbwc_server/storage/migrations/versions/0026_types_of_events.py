"""Events have a type, and what was true then.

Of those a former version noted the type is told by what they say. What QuickBooks called a record then was not kept,
and is not made up; the error records that stood in its way are those that were opened at the same moment.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_OF_CONNECTORS = {
    "connector added": "added",
    "connector removed": "removed",
    "connector restored": "restored",
    "settings changed": "settings_changed",
    "paused": "paused",
    "resumed": "resumed",
    "Resync asked for": "resync_requested",
    "session reset": "session_reset",
    "full reset": "full_reset",
    "password rotated": "password_rotated",
    "API key created": "key_created",
    "API key revoked": "key_revoked",
    "secrets file replaced: password and API keys are dead": "secrets_replaced",
    "bound to a company file": "company_file_bound",
    "the same company file under another path or name": "company_file_moved",
    "company file confirmed": "company_file_confirmed",
    "company file probably restored from a backup": "company_file_restored",
    "connector error began": "error_began",
    "connector error ended": "error_ended",
    "error record dismissed": "error_dismissed",
}
_OF_RECORDS = {
    "linked by hand": "linked",
    "the linked document was seen in QuickBooks": "link_confirmed",
    "error record dismissed": "dismissed",
}
_MOST_AT_ONCE = 1000

event = sa.table(
    "event",
    *map(
        sa.column,
        ("id", "record_id", "connector_id", "type", "what", "from_state", "to_state", "detail", "data"),
    ),
    sa.column("at", sa.DateTime(timezone=True)),
)
record = sa.table("record", sa.column("id"), sa.column("kind"))
error = sa.table(
    "error",
    *map(sa.column, ("id", "record_id", "cause", "cause_key", "actor")),
    sa.column("opened_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    op.add_column("event", sa.Column("type", sa.Text(), nullable=False, server_default="connector.other"))
    op.add_column("event", sa.Column("data", sa.JSON(), nullable=True))
    conn = op.get_bind()
    conn.execute(sa.update(event).where(event.c.record_id.is_(None)).values(type=_of_connector()))
    kind = sa.select(record.c.kind).where(record.c.id == event.c.record_id).scalar_subquery()
    of_record = sa.update(event).where(event.c.record_id.is_not(None))
    conn.execute(of_record.values(type=kind + "." + _of_record()))
    _name_the_errors(conn)
    op.create_index("ix_event_type", "event", ["connector_id", "type", "id"])


def _of_connector() -> sa.ColumnElement[str]:
    said = event.c.what
    is_file = event.c.detail.startswith("wrong_company_file")
    return sa.case(
        (sa.and_(said == "connector error began", is_file), "connector.quarantined"),
        (sa.and_(said == "connector error ended", is_file), "connector.quarantine_ended"),
        *((said == what, f"connector.{word}") for what, word in _OF_CONNECTORS.items()),
        else_="connector.other",
    )


def _of_record() -> sa.ColumnElement[str]:
    before, after = event.c.from_state, event.c.to_state
    return sa.case(
        *((sa.and_(after.is_(None), event.c.what == what), word) for what, word in _OF_RECORDS.items()),
        (sa.and_(after == "queued", before.is_(None)), "handed_over"),
        (sa.and_(after == "queued", before == "blocked"), "released"),
        (sa.and_(after == "queued", before == "synced"), "revised"),
        (sa.and_(after == "queued", before == "cancelled"), "revived"),
        (after == "queued", "requeued"),
        else_=sa.func.coalesce(after, "linked"),
    )


def _name_the_errors(conn: sa.Connection) -> None:
    query = (
        sa.select(event.c.id.label("event_id"), error.c.id, error.c.cause, error.c.cause_key, error.c.actor)
        .join(error, sa.and_(error.c.record_id == event.c.record_id, error.c.opened_at == event.c.at))
        .where(event.c.to_state == "blocked")
        .order_by(event.c.id, error.c.id)
    )
    change = sa.text("UPDATE event SET data = :data WHERE id = :event_id")
    found: list[dict[str, Any]] = []
    for event_id, errors in _by_event(conn.execute(query).all()):
        found.append(
            {"event_id": event_id, "data": json.dumps({"errors": errors, "error_count": len(errors)})}
        )
    for start in range(0, len(found), _MOST_AT_ONCE):
        conn.execute(change, found[start : start + _MOST_AT_ONCE])


def _by_event(rows: Sequence[Any]) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    told: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        one = {"error_id": row.id, "cause": row.cause, "cause_key": row.cause_key, "actor": row.actor}
        told.setdefault(row.event_id, []).append(one)
    yield from told.items()
