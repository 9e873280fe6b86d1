"""The id of a ruling that was taken back is not given to another one: SQLite did so with the highest."""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

COLUMNS = "id, connector_id, list_name, key, folded_key, list_id, actor, at"


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return  # a sequence gives each number once
    op.drop_index("uq_ruling_key", "ruling")
    op.rename_table("ruling", "former_ruling")
    # in words of its own: only so has the key both its name and AUTOINCREMENT
    op.execute(
        "CREATE TABLE ruling ("
        "id INTEGER NOT NULL CONSTRAINT pk_ruling PRIMARY KEY AUTOINCREMENT, "
        "connector_id INTEGER NOT NULL, "
        "list_name TEXT NOT NULL, "
        "key TEXT NOT NULL, "
        "folded_key TEXT NOT NULL, "
        "list_id TEXT, "
        "actor TEXT NOT NULL, "
        "at DATETIME NOT NULL, "
        "CONSTRAINT fk_ruling_connector_id FOREIGN KEY(connector_id) REFERENCES connector (id) ON DELETE CASCADE)"
    )
    op.execute(f"INSERT INTO ruling ({COLUMNS}) SELECT {COLUMNS} FROM former_ruling")
    op.drop_table("former_ruling")
    op.create_index("uq_ruling_key", "ruling", ["connector_id", "list_name", "folded_key"], unique=True)
