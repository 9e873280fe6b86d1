"""The list cache keeps what lists are matched by: account numbers, bar codes, an item's own name."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INDEXES = {
    "account_number_key": ["connector_id", "list_name", "account_number_key"],
    "barcode_key": ["connector_id", "barcode_key"],
    "own_name_key": ["connector_id", "own_name_key"],
}


def upgrade() -> None:
    with op.batch_alter_table("list_entry", schema=None) as batch_op:
        for name in ("account_number", "account_number_key", "barcode", "barcode_key", "own_name_key"):
            batch_op.add_column(sa.Column(name, sa.Text(), nullable=True))
    for key, columns in _INDEXES.items():
        there = sa.text(f"{key} IS NOT NULL")
        op.create_index(
            f"ix_list_entry_{key.removesuffix('_key')}",
            "list_entry",
            columns,
            unique=False,
            sqlite_where=there,
            postgresql_where=there,
        )
    with op.batch_alter_table("list_load", schema=None) as batch_op:
        # NULL: it is not known what the last full load asked for, so that the lists are loaded once more
        batch_op.add_column(sa.Column("fields", sa.JSON(none_as_null=True), nullable=True))
    _name_items()


def _name_items() -> None:
    """Give the items their own names, which the cache holds within their full names."""
    conn = op.get_bind()
    entry = sa.table(
        "list_entry", *map(sa.column, ("connector_id", "list_name", "list_id", "name_key", "own_name_key"))
    )
    items = conn.execute(
        sa.select(entry.c.connector_id, entry.c.list_id, entry.c.name_key).where(entry.c.list_name == "item")
    ).all()
    change = (
        sa.update(entry)
        .where(
            entry.c.connector_id == sa.bindparam("of_connector"),
            entry.c.list_name == "item",
            entry.c.list_id == sa.bindparam("of_id"),
        )
        .values(own_name_key=sa.bindparam("own_name"))
    )
    rows = [
        {"of_connector": connector_id, "of_id": list_id, "own_name": name_key.rpartition(":")[2].strip()}
        for connector_id, list_id, name_key in items
    ]
    if rows:
        conn.execute(change, rows)
