"""Whether an item is sold, bought or both is kept, as QuickBooks wants it changed otherwise."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("list_entry", sa.Column("sides", sa.Text(), nullable=True))
