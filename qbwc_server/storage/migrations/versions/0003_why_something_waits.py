"""Why a record or a list waits, and how often a list was refused.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("record", sa.Column("pause_reason", sa.Text(), nullable=True))
    op.add_column("list_load", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("list_load", sa.Column("refusal", sa.Text(), nullable=True))
