"""What the host was refused is kept, the newest refusal of each record: an error record that is of no record we have.

What was refused before is known to the host alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("error", sa.Column("refused_kind", sa.Text(), nullable=True))
    op.add_column("error", sa.Column("refused_id", sa.Text(), nullable=True))
    refused = sa.text("refused_kind IS NOT NULL")
    op.create_index(
        "uq_error_refused",
        "error",
        ["connector_id", "refused_kind", "refused_id"],
        unique=True,
        sqlite_where=refused,
        postgresql_where=refused,
    )
    op.drop_index("uq_error_connector_cause", "error")
    of_connector = sa.text("record_id IS NULL AND refused_kind IS NULL AND closed_at IS NULL")
    op.create_index(
        "uq_error_connector_cause",
        "error",
        ["connector_id", "cause"],
        unique=True,
        sqlite_where=of_connector,
        postgresql_where=of_connector,
    )
