"""City, phone, balance and currency of customers and vendors, by which people tell them apart.

What is in the cache has none of them. As its latest full load did not ask for them, the lists are loaded anew in full
at the next visit; until then nothing that was known is unknown.
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("list_entry", sa.Column("city", sa.Text(), nullable=True))
    op.add_column("list_entry", sa.Column("phone", sa.Text(), nullable=True))
    op.add_column("list_entry", sa.Column("balance", sa.BigInteger(), nullable=True))
    op.add_column("list_entry", sa.Column("currency", sa.Text(), nullable=True))
    op.add_column("list_entry", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
