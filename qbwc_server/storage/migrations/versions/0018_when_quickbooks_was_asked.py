"""When QuickBooks confirmed a record last: "synced" says as of when.

What was confirmed before is known from the events, as far as they are kept.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("record", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        sa.text(
            """UPDATE record SET seen_at = (
                SELECT max(event.at) FROM event WHERE event.record_id = record.id AND event.to_state = 'synced')
            WHERE quickbooks_id IS NOT NULL AND proof NOT IN ('cache', 'person')"""
        )
    )
