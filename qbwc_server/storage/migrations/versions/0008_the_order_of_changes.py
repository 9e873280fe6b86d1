"""The host's own version of a record, and when it last handed it over with another content."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("record", sa.Column("version", sa.BigInteger(), nullable=True))
    op.add_column("record", sa.Column("revised_at", sa.DateTime(timezone=True), nullable=True))
