"""What people agreed about error groups: who looks after one, until when it sleeps, and what they noted."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "group_care",
        sa.Column("connector_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("cause_key", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text()),
        sa.Column("snoozed_until", moment),
        sa.Column("snoozed_by", sa.Text()),
        sa.Column("snoozed_number", sa.Integer(), nullable=False),
        sa.Column("snoozed_kinds", sa.Text(), nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connector.id"], name=op.f("fk_group_care_connector_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connector_id", "cause", "cause_key", name=op.f("pk_group_care")),
    )
    op.create_table(
        "group_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connector_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("cause_key", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connector.id"], name=op.f("fk_group_note_connector_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_note")),
    )
    op.create_index("ix_group_note_group", "group_note", ["connector_id", "cause", "cause_key", "id"])
