"""When it was last looked at whether a cause is still there, so that nobody looks again for nothing.

Of error records of a former version nobody knows, so they are looked at.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("error", sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("error", sa.Column("looked_by", sa.Text(), nullable=True))
