"""A connector that was removed is kept for a while. Those of before are all there."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("connector", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
