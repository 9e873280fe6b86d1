"""The log by day and by deed; what was changed, old and new; and what comes in a run told once."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_IS_DEED = (
    "actor <> 'server' AND actor <> 'quickbooks' "
    "AND (record_id IS NULL OR (actor <> 'host' AND substr(actor, 1, 6) <> 'host ('))"
)


def upgrade() -> None:
    op.create_index("ix_event_at", "event", ["connector_id", "at", "id"])
    deeds = sa.text(_IS_DEED)
    for name, columns in (("ix_event_deed", ["connector_id", "id"]), ("ix_event_deed_of_all", ["id"])):
        op.create_index(name, "event", columns, sqlite_where=deeds, postgresql_where=deeds)
    op.create_index("ix_session_opened", "session", ["connector_id", "opened_at", "id"])
    op.add_column("audit", sa.Column("data", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("audit", sa.Column("times", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("audit", sa.Column("last_at", sa.DateTime(timezone=True), nullable=True))
