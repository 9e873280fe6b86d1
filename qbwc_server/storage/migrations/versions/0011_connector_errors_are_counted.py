"""An error of a connector as a whole is one record: how often it happened, when last, and from which address.

Of several open ones of one cause the oldest stays open. What was closed before stays as it was told then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_OPEN = "record_id IS NULL AND closed_at IS NULL"


def upgrade() -> None:
    op.add_column("error", sa.Column("times", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("error", sa.Column("last_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("error", sa.Column("address", sa.Text(), nullable=True))
    op.add_column("session", sa.Column("address", sa.Text(), nullable=True))
    op.execute(
        sa.text(
            """UPDATE error SET closed_at = opened_at, close_reason = 'told by an earlier error record'
            WHERE record_id IS NULL AND closed_at IS NULL AND EXISTS (
                SELECT 1 FROM error AS earlier
                WHERE earlier.connector_id = error.connector_id AND earlier.cause = error.cause
                    AND earlier.record_id IS NULL AND earlier.closed_at IS NULL AND earlier.id < error.id)"""
        )
    )
    op.create_index(
        "uq_error_connector_cause",
        "error",
        ["connector_id", "cause"],
        unique=True,
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )
