"""Requests that somebody has written in qbXML themselves, and the pages of their answers."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "connector", sa.Column("has_requests", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "raw_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connector_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("writes", sa.Boolean(), nullable=False),
        sa.Column("follow", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("sent_at", moment),
        sa.Column("answered_at", moment),
        sa.Column("request_id", sa.Text()),
        sa.Column("session_id", sa.Integer()),
        sa.Column("iterator_id", sa.Text()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("status_code", sa.Integer()),
        sa.Column("status_severity", sa.Text()),
        sa.Column("status_message", sa.Text()),
        sa.Column("problem", sa.Text()),
        sa.ForeignKeyConstraint(
            ["connector_id"],
            ["connector.id"],
            name=op.f("fk_raw_request_connector_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_request")),
    )
    op.create_index("ix_raw_request_connector", "raw_request", ["connector_id", "id"])
    is_waiting = sa.text("state IN ('queued', 'sent')")
    op.create_index(
        "ix_raw_request_waiting",
        "raw_request",
        ["connector_id", "id"],
        sqlite_where=is_waiting,
        postgresql_where=is_waiting,
    )
    op.create_table(
        "raw_page",
        sa.Column("raw_request_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("connector_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["raw_request_id"],
            ["raw_request.id"],
            name=op.f("fk_raw_page_raw_request_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connector.id"], name=op.f("fk_raw_page_connector_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("raw_request_id", "position", name=op.f("pk_raw_page")),
    )
