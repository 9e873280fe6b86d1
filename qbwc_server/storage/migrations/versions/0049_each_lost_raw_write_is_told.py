"""Of each raw write whose answer was lost there is an error record, also beside another one of the connector.

What concerns a connector as a whole was open once a cause, which left room for a single raw write: the next one that
was lost could not be stored, and stopped every visit. What was lost before there was such a cause, and that nobody was
ever asked about, is asked about now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0045"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_REQUEST = sa.table(
    "raw_request",
    *map(sa.column, ("id", "connector_id", "name", "actor", "state", "writes")),
    sa.column("updated_at", _MOMENT),
)
_ERROR = sa.table(
    "error",
    *map(sa.column, ("connector_id", "cause", "cause_key", "folded_key")),
    sa.column("data", sa.JSON()),
    sa.column("opened_at", _MOMENT),
)


def upgrade() -> None:
    _open_once_a_key()
    _ask_about_the_lost()


def _open_once_a_key() -> None:
    op.drop_index("uq_error_connector_cause", "error")
    of_connector = sa.text("record_id IS NULL AND refused_kind IS NULL AND closed_at IS NULL")
    op.create_index(
        "uq_error_connector_cause",
        "error",
        ["connector_id", "cause", "cause_key"],
        unique=True,
        sqlite_where=of_connector,
        postgresql_where=of_connector,
    )


def _ask_about_the_lost() -> None:
    bind = op.get_bind()
    key = sa.literal("request:") + sa.cast(_REQUEST.c.id, sa.Text())
    # who was asked and let it be, is not asked again
    was_asked = sa.exists().where(
        _ERROR.c.connector_id == _REQUEST.c.connector_id,
        _ERROR.c.cause == "request_uncertain",
        _ERROR.c.cause_key == key,
    )
    lost = sa.select(_REQUEST, key.label("key")).where(
        _REQUEST.c.state == "uncertain", _REQUEST.c.writes, ~was_asked
    )
    rows = [
        {
            "connector_id": each.connector_id,
            "cause": "request_uncertain",
            "cause_key": each.key,
            "folded_key": each.key,
            "data": {"request_id": each.id, "request": each.name, "asked_by": each.actor},
            "opened_at": each.updated_at,
        }
        for each in bind.execute(lost.order_by(_REQUEST.c.id))
    ]
    if rows:
        bind.execute(sa.insert(_ERROR), rows)
