"""Endpoints that events are sent to: how far each has come, which records are behind, and what was sent."""

import sqlalchemy as sa
from alembic import op

from qbwc_server.storage.types import Moment, PackedText

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connector_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("allow_private", sa.Boolean(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("old_salt", sa.Text()),
        sa.Column("old_until", Moment()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("after_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failing_since", Moment()),
        sa.Column("not_before", Moment()),
        sa.Column("disabled_at", Moment()),
        sa.Column("disabled_reason", sa.Text()),
        sa.Column("claimed_by", sa.Text()),
        sa.Column("claimed_until", Moment()),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connector.id"], name="fk_webhook_connector_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_webhook_connector", "webhook", ["connector_id", "id"])
    _behind()
    _deliveries()


def _of_an_endpoint(table: str) -> tuple[sa.Column[int], sa.Column[int], sa.Constraint, sa.Constraint]:
    return (
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("connector_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connector.id"], name=f"fk_{table}_connector_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name=f"fk_{table}_webhook_id", ondelete="CASCADE"
        ),
    )


def _behind() -> None:
    op.create_table(
        "webhook_behind",
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("since", Moment()),
        sa.Column("not_before", Moment(), nullable=False),
        *_of_an_endpoint("webhook_behind"),
        sa.PrimaryKeyConstraint("webhook_id", "lane", name="pk_webhook_behind"),
    )
    op.create_index("ix_webhook_behind_next", "webhook_behind", ["webhook_id", "not_before", "event_id"])


def _deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer()),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", PackedText(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("wanted_by", sa.Text()),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("duration_ms", sa.Integer()),
        sa.Column("status", sa.Integer()),
        sa.Column("answer", sa.Text()),
        sa.Column("failure", sa.Text()),
        sa.Column("next_try_at", Moment()),
        *_of_an_endpoint("webhook_delivery"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_delivery"),
    )
    op.create_index("ix_webhook_delivery_webhook", "webhook_delivery", ["webhook_id", "id"])
    op.create_index("ix_webhook_delivery_connector", "webhook_delivery", ["connector_id", "at"])
    is_wanted = sa.text("duration_ms IS NULL")
    op.create_index(
        "ix_webhook_delivery_wanted",
        "webhook_delivery",
        ["webhook_id", "id"],
        sqlite_where=is_wanted,
        postgresql_where=is_wanted,
    )
