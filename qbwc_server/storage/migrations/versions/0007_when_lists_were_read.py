"""Lists remember by our own clock since when their changes have to be asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("connector", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pc_offset", sa.Integer(), nullable=True))
    with op.batch_alter_table("list_load", schema=None) as batch_op:
        # NULL: the marks of a former version may be wrong by years, so that the lists are loaded in full once
        for name in ("began_at", "read_from", "fully_loaded_at"):
            batch_op.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("newest", sa.Text(), nullable=True))
