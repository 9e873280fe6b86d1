"""Whether a person asked for the Resync of a list."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "list_load", sa.Column("is_persons", sa.Boolean(), nullable=False, server_default=sa.false())
    )
