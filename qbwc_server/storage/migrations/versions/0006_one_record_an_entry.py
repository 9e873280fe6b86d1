"""What QuickBooks holds belongs to one record; a record is found by all its emails, its SKU and its name.

Databases of before may have several records linked to one entry. The oldest keeps it; the others are marked as
surplus and blocked, each with an error record that names the oldest, for a person to decide.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from qbwc_server.domain.matching import email_keys, fold
from qbwc_server.storage.types import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_HOLDS_AN_ENTRY = "state <> 'cancelled' AND quickbooks_id IS NOT NULL AND NOT is_surplus"
_LISTS = ("customer", "vendor", "item")

_record = sa.table(
    "record",
    sa.column("id", sa.Integer),
    sa.column("connector_id", sa.Integer),
    sa.column("kind", sa.Text),
    sa.column("external_id", sa.Text),
    sa.column("state", sa.Text),
    sa.column("revision", sa.Integer),
    sa.column("content", sa.JSON),
    sa.column("waiting", sa.Integer),
    sa.column("quickbooks_id", sa.Text),
    sa.column("quickbooks_name", sa.Text),
    sa.column("is_surplus", sa.Boolean),
    sa.column("updated_at", Moment),
)
_key = sa.table("record_key", *(sa.column(name) for name in ("record_id", "key", "connector_id", "kind")))
_wait = sa.table("record_wait", sa.column("record_id"))
_entry = sa.table(
    "list_entry", *(sa.column(name) for name in ("connector_id", "list_name", "list_id", "email"))
)
_email = sa.table(
    "list_email", *(sa.column(name) for name in ("connector_id", "list_name", "email_key", "list_id"))
)
_error = sa.table(
    "error",
    *(sa.column(name) for name in ("connector_id", "record_id", "cause", "cause_key", "folded_key")),
    sa.column("data", sa.JSON),
    sa.column("opened_at", Moment),
    sa.column("closed_at", Moment),
    sa.column("close_reason"),
)
_event = sa.table(
    "event",
    *(sa.column(name) for name in ("connector_id", "record_id")),
    sa.column("at", Moment),
    *(sa.column(name) for name in ("what", "from_state", "to_state", "revision", "actor", "detail")),
)


def upgrade() -> None:
    op.create_table(
        "record_key",
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("connector_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connector_id"],
            ["connector.id"],
            name=op.f("fk_record_key_connector_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_record_key_record_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("record_id", "key", name=op.f("pk_record_key")),
    )
    op.create_index("ix_record_key_key", "record_key", ["connector_id", "kind", "key"])
    op.add_column("record", sa.Column("is_surplus", sa.Boolean(), nullable=False, server_default=sa.false()))
    conn = op.get_bind()
    _fill_keys(conn)
    _split_emails_again(conn)
    _mark_surplus(conn)
    op.drop_index("ix_record_match", table_name="record")
    # not alembic's batch, which copies the table: SQLite would take all that refers to its rows along
    op.execute("ALTER TABLE record DROP COLUMN match_key")
    op.create_index(
        "uq_record_entry",
        "record",
        ["connector_id", "kind", "quickbooks_id"],
        unique=True,
        sqlite_where=sa.text(_HOLDS_AN_ENTRY),
        postgresql_where=sa.text(_HOLDS_AN_ENTRY),
    )


def _batches(rows: Iterable[Any], size: int = 1000) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _fill_keys(conn: sa.Connection) -> None:
    query = sa.select(_record.c.id, _record.c.connector_id, _record.c.kind, _record.c.content).where(
        _record.c.kind.in_(_LISTS)
    )
    for batch in _batches(conn.execute(query).all()):
        rows = [
            {"record_id": row.id, "connector_id": row.connector_id, "kind": row.kind, "key": key}
            for row in batch
            for key in _keys(row.kind, row.content)
        ]
        if rows:
            conn.execute(sa.insert(_key), rows)


def _keys(kind: str, content: Mapping[str, Any]) -> set[str]:
    """What a record is found by; the content is the host's own JSON."""
    given = {name: value.strip() for name, value in content.items() if isinstance(value, str)}
    sku = given.get("sku") if kind == "item" else None
    name = given.get("name") or sku
    keys = set() if kind == "item" else {f"email:{key}" for key in email_keys(given.get("email"))}
    if kind != "item" and given.get("account_number"):
        keys.add(f"account_number:{fold(given['account_number'])}")
    if sku:
        keys.add(f"sku:{fold(sku)}")
    if name:
        keys.add(f"name:{fold(name)}")
    return keys


def _split_emails_again(conn: sa.Connection) -> None:
    """``Ann <a@b.example>`` is found by the address alone from now on."""
    query = sa.select(_entry).where(_entry.c.email.contains("<"))
    for row in conn.execute(query).all():
        values = {name: row._mapping[name] for name in ("connector_id", "list_name", "list_id")}
        conn.execute(sa.delete(_email).where(*(_email.c[name] == value for name, value in values.items())))
        rows = [{**values, "email_key": key} for key in email_keys(row.email)]
        if rows:
            conn.execute(sa.insert(_email), rows)


def _mark_surplus(conn: sa.Connection) -> None:
    older = _record.alias()
    first = (
        sa.select(sa.func.min(older.c.id))
        .where(
            older.c.connector_id == _record.c.connector_id,
            older.c.kind == _record.c.kind,
            older.c.quickbooks_id == _record.c.quickbooks_id,
            older.c.state != "cancelled",
        )
        .scalar_subquery()
    )
    linked = sa.select(_record, first.label("first_id")).where(
        _record.c.state != "cancelled", _record.c.quickbooks_id.is_not(None)
    )
    found = linked.subquery()
    now = datetime.now(UTC)
    for row in conn.execute(sa.select(found).where(found.c.id != found.c.first_id)).all():
        _block(conn, row, now)


def _block(conn: sa.Connection, row: Any, now: datetime) -> None:
    """One that is on its way is blocked when it arrives."""
    this = _record.c.id == row.id
    conn.execute(sa.update(_record).where(this).values(is_surplus=True))
    if row.state not in ("synced", "queued", "blocked"):
        return
    first = conn.execute(sa.select(_record).where(_record.c.id == row.first_id)).one()
    conn.execute(sa.delete(_wait).where(_wait.c.record_id == row.id))
    conn.execute(sa.update(_record).where(this).values(state="blocked", waiting=0, updated_at=now))
    open_errors = (_error.c.record_id == row.id, _error.c.closed_at.is_(None))
    conn.execute(sa.update(_error).where(*open_errors).values(closed_at=now, close_reason="went away"))
    label = row.kind.replace("_", " ")
    key = f"{'list_id' if row.kind in _LISTS else 'txn_id'}:{row.quickbooks_id}"
    data = {
        "record": f"{label} {row.external_id}",
        "holder": f"{label} {first.external_id}",
        "quickbooks_id": row.quickbooks_id,
        "is_document": row.kind not in _LISTS,
        "quickbooks_name": first.quickbooks_name,
    }
    conn.execute(
        sa.insert(_error).values(
            connector_id=row.connector_id,
            record_id=row.id,
            cause="already_linked",
            cause_key=key,
            folded_key=key.casefold(),
            data=json.loads(json.dumps(data)),
            opened_at=now,
        )
    )
    conn.execute(
        sa.insert(_event).values(
            connector_id=row.connector_id,
            record_id=row.id,
            at=now,
            what="two records were linked to one entry in QuickBooks",
            from_state=row.state,
            to_state="blocked",
            revision=row.revision,
            actor="server",
            detail="already_linked",
        )
    )
