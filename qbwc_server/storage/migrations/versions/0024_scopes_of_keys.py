"""What an API key may be used for, and until when; keys that exist may do everything, as before."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_key", sa.Column("scope", sa.Text(), nullable=False, server_default="manage"))
    op.add_column("api_key", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index("uq_api_key_name", "api_key")
    good = sa.text("revoked_at IS NULL")
    op.create_index(
        "uq_api_key_name",
        "api_key",
        ["connector_id", "name"],
        unique=True,
        sqlite_where=good,
        postgresql_where=good,
    )
    of_all = sa.text("revoked_at IS NULL AND connector_id IS NULL")
    op.create_index(
        "uq_api_key_name_of_all",
        "api_key",
        ["name"],
        unique=True,
        sqlite_where=of_all,
        postgresql_where=of_all,
    )
