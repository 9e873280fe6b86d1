"""How many living entries a list of the cache has is kept, not counted at each look."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("list_load", sa.Column("entries", sa.Integer(), nullable=False, server_default="0"))
    empty = "'{}'" if op.get_bind().dialect.name == "sqlite" else "CAST('{}' AS json)"
    # of a list that was never loaded an entry is known where it came with the answer to a write
    op.execute(
        sa.text(
            "INSERT INTO list_load (connector_id, list_name, number, is_resumed, changes) "
            f"SELECT connector_id, list_name, 0, false, {empty} FROM ("
            "SELECT DISTINCT connector_id, list_name FROM list_entry) AS known WHERE NOT EXISTS ("
            "SELECT 1 FROM list_load WHERE list_load.connector_id = known.connector_id "
            "AND list_load.list_name = known.list_name)"
        )
    )
    op.execute(
        sa.text(
            "UPDATE list_load SET entries = (SELECT count(*) FROM list_entry "
            "WHERE list_entry.connector_id = list_load.connector_id AND list_entry.list_name = list_load.list_name "
            "AND NOT list_entry.is_deleted)"
        )
    )
