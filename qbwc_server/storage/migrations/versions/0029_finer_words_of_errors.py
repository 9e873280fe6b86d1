"""The finer word of an error record's cause is written beside it; who must act and that word have an index."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

AT_ONCE = 1_000
_ERROR = sa.table("error", *map(sa.column, ("id", "cause", "sub_reason")), sa.column("data", sa.JSON()))


def upgrade() -> None:
    op.add_column("error", sa.Column("sub_reason", sa.Text(), nullable=True))
    bind, last = op.get_bind(), 0
    told = (
        sa.update(_ERROR).where(_ERROR.c.id == sa.bindparam("which")).values(sub_reason=sa.bindparam("word"))
    )
    part = sa.select(_ERROR).order_by(_ERROR.c.id).limit(AT_ONCE)
    while found := list(bind.execute(part.where(_ERROR.c.id > last))):
        last = found[-1].id
        words = [
            {"which": row.id, "word": word}
            for row in found
            if (word := sub_reason_of(row.cause, row.data)) is not None
        ]
        if words:
            bind.execute(told, words)
    is_open = sa.text("closed_at IS NULL")
    for column in ("actor", "sub_reason"):
        op.create_index(
            f"ix_error_open_of_{column}",
            "error",
            ["connector_id", column, "id"],
            sqlite_where=is_open,
            postgresql_where=is_open,
        )


def sub_reason_of(cause: str, data: Mapping[str, Any]) -> str | None:
    """As the program told it when this was written: it may come to do it otherwise."""
    match cause:
        case "customer_not_matched" | "vendor_not_matched" | "item_not_matched":
            return data.get("why")
        case "invalid_field":
            return data.get("field")
        case "reference_missing":
            return data.get("what")
        case "changed_in_quickbooks":
            return "older" if data.get("older") else None
        case "document_deleted":
            return "vanished" if data.get("vanished") else None
        case "link_refused":
            return "taken" if data.get("taken_by") else "other_kind" if data.get("found") else "not_there"
    return None
