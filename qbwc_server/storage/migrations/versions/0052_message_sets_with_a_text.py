"""Message sets that still have their text have an index: to find what to forget, all there ever were had to be read."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

HAS_TEXT = "length(text) > 8"


def upgrade() -> None:
    has_text = sa.text(HAS_TEXT)
    op.create_index(
        "ix_message_set_text",
        "message_set",
        ["connector_id", "sent_at"],
        sqlite_where=has_text,
        postgresql_where=has_text,
    )
