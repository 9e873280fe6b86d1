"""How far a load of a list has come is counted without reading the entries."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_list_entry_seen", "list_entry", ["connector_id", "list_name", "seen_in_load"])
