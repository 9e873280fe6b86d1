"""What people answered to error records, and what they said is meant where it could not be told."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def _connector_id() -> sa.Column[int]:
    return sa.Column("connector_id", sa.Integer(), nullable=False)


def _of_connector(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_connector_id"
    return sa.ForeignKeyConstraint(["connector_id"], ["connector.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "answer",
        sa.Column("error_id", sa.Integer(), nullable=False),
        _connector_id(),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _of_connector("answer"),
        sa.ForeignKeyConstraint(["error_id"], ["error.id"], name="fk_answer_error_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("error_id", name="pk_answer"),
    )
    op.create_index("ix_answer_connector", "answer", ["connector_id", "error_id"])
    op.create_table(
        "ruling",
        sa.Column("id", sa.Integer(), nullable=False),
        _connector_id(),
        sa.Column("list_name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("folded_key", sa.Text(), nullable=False),
        sa.Column("list_id", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _of_connector("ruling"),
        sa.PrimaryKeyConstraint("id", name="pk_ruling"),
    )
    op.create_index("uq_ruling_key", "ruling", ["connector_id", "list_name", "folded_key"], unique=True)
