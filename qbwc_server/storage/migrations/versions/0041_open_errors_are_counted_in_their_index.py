"""Where very many error records are open, they are counted without reading them."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_error_open_counted",
        "error",
        ["connector_id", "cause", "sub_reason", "cause_key", "actor", "id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
