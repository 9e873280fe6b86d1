"""How many records a visit has brought into QuickBooks is counted in an index, not among all that happened since."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_synced = sa.text("to_state = 'synced'")
    op.create_index(
        "ix_event_synced",
        "event",
        ["connector_id", "at"],
        sqlite_where=is_synced,
        postgresql_where=is_synced,
    )
