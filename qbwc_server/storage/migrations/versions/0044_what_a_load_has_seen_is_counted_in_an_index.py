"""How far a load of a list has come is counted without reading the entries."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # the load before the list: SQLite would take connector and list for enough to find an entry by, and read them all
    op.create_index("ix_list_entry_seen", "list_entry", ["connector_id", "seen_in_load", "list_name"])
