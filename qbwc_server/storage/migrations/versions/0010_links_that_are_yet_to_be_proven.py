"""A document linked by hand is asked for before it counts as linked: what was claimed, and what was found.

What was linked by hand before stays linked; QuickBooks was not asked then, and is at the next change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("claimed_id", sa.Text(), nullable=True),
        sa.Column("claim", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("linked_document", sa.JSON(none_as_null=True), nullable=True),
    ):
        op.add_column("record", column)
    is_claimed = sa.text("claimed_id IS NOT NULL")
    op.create_index(
        "ix_record_claim",
        "record",
        ["connector_id", "claimed_id"],
        sqlite_where=is_claimed,
        postgresql_where=is_claimed,
    )
