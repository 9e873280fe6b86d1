"""The place of a kind in the order of sending, with gaps, so that a kind can come between two others."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_RANKS = {"customer": 100, "vendor": 200, "item": 300, "invoice": 1100, "purchase_order": 1200}


def upgrade() -> None:
    record = sa.table("record", sa.column("kind", sa.String), sa.column("kind_rank", sa.Integer))
    op.execute(record.update().values(kind_rank=sa.case(_RANKS, value=record.c.kind)))
