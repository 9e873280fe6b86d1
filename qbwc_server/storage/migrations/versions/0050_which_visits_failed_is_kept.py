"""In which visits QuickBooks refused something is kept with them: to find them, all requests had to be read."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

IS_FAILED = "(has_refusal OR quarantined OR connection_errors > 0 OR last_error <> '')"


def upgrade() -> None:
    op.add_column(
        "session", sa.Column("has_refusal", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute(
        sa.text(
            "UPDATE session SET has_refusal = true WHERE id IN ("
            "SELECT session_id FROM message_set WHERE hresult IS NOT NULL "
            "UNION SELECT session_id FROM message_set JOIN request ON request.message_set_id = message_set.id "
            "WHERE request.status_severity = 'Error')"
        )
    )
    is_failed = sa.text(IS_FAILED)
    op.create_index(
        "ix_session_failed",
        "session",
        ["connector_id", "id"],
        sqlite_where=is_failed,
        postgresql_where=is_failed,
    )
