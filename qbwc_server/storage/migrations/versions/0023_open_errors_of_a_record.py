"""The open error records of one record, and of a connector as a whole, have an index: not all that is open is read."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_error_open_of_record",
        "error",
        ["connector_id", "record_id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
