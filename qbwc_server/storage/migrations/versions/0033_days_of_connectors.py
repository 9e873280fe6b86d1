"""What happened on a day is kept in numbers, counted for the past from what is still there."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

FINE = ("finished", "Nothing to do.", "reset by staff", "the connector was removed")
"""How a visit ends with which nothing was wrong."""
WRITES = ("add", "mod", "void")


def upgrade() -> None:
    op.add_column("connector", sa.Column("habit", sa.Text()))
    op.create_table(
        "connector_day",
        sa.Column("connector_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("hours", "visits", "visits_failed")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("synced", "blocked", "errors_opened")),
        sa.Column("writes", sa.Integer(), nullable=False),
        sa.Column("write_seconds", sa.Float(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("queue_most", "waited_most")),
        sa.ForeignKeyConstraint(
            ["connector_id"],
            ["connector.id"],
            name=op.f("fk_connector_day_connector_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connector_id", "day", name=op.f("pk_connector_day")),
    )
    op.execute(sa.text(_filled(op.get_bind().dialect.name == "sqlite")))


def _filled(sqlite: bool) -> str:
    """Each source gives its columns and nothing for the others; one day is the sum of them.

    How long the queue was is not known of the past. An hour in which the Web Connector called, and found nothing to
    do, is known of the last call only.
    """

    def day(column: str) -> str:
        return f"date({column})" if sqlite else f"CAST({column} AT TIME ZONE 'UTC' AS date)"

    def bit(column: str) -> str:
        hour = (
            f"CAST(strftime('%H', {column}) AS integer)"
            if sqlite
            else f"CAST(extract(hour FROM {column} AT TIME ZONE 'UTC') AS integer)"
        )
        return f"(1 << {hour})"

    took = (
        "(julianday(answered_at) - julianday(sent_at)) * 86400"
        if sqlite
        else "CAST(extract(epoch FROM answered_at - sent_at) AS double precision)"
    )
    within = "min(120.0, max(0.0, {}))" if sqlite else "least(120.0, greatest(0.0, {}))"
    hours = " UNION ".join(
        f"SELECT {owner} AS connector_id, {day(at)} AS day, {bit(at)} AS bit FROM {table} WHERE {at} IS NOT NULL"
        for table, owner, at in (
            ("session", "connector_id", "opened_at"),
            ("session", "connector_id", "last_call_at"),
            ("connector", "id", "last_seen_at"),
        )
    )
    is_fine = f"state <> 'superseded' AND end_reason IN {FINE}"
    written = (
        "SELECT message_set.id, message_set.connector_id, sent_at, answered_at, count(*) AS number "
        "FROM message_set JOIN request ON request.message_set_id = message_set.id "
        f"WHERE message_set.writes AND answered_at IS NOT NULL AND request.operation IN {WRITES} "
        "GROUP BY message_set.id, message_set.connector_id, sent_at, answered_at"
    )
    sources = (
        f"SELECT connector_id, day, sum(bit), 0, 0, 0, 0, 0, 0, 0.0 FROM ({hours}) AS called "
        "GROUP BY connector_id, day",
        f"SELECT connector_id, {day('ended_at')}, 0, count(*), sum(CASE WHEN {is_fine} THEN 0 ELSE 1 END), "
        "0, 0, 0, 0, 0.0 FROM session WHERE ended_at IS NOT NULL GROUP BY 1, 2",
        f"SELECT connector_id, {day('at')}, 0, 0, 0, sum(CASE WHEN to_state = 'synced' THEN 1 ELSE 0 END), "
        "sum(CASE WHEN to_state = 'blocked' THEN 1 ELSE 0 END), 0, 0, 0.0 FROM event "
        "WHERE to_state IN ('synced', 'blocked') AND (from_state IS NULL OR from_state <> to_state) GROUP BY 1, 2",
        f"SELECT connector_id, {day('opened_at')}, 0, 0, 0, 0, 0, count(*), 0, 0.0 FROM error "
        "WHERE refused_kind IS NULL GROUP BY 1, 2",
        f"SELECT connector_id, {day('sent_at')}, 0, 0, 0, 0, 0, 0, sum(number), sum({within.format(took)}) "
        f"FROM ({written}) AS written GROUP BY 1, 2",
    )
    names = "hours, visits, visits_failed, synced, blocked, errors_opened, writes, write_seconds"
    first, *others = sources
    columns = f"connector_id, day, {names}"
    named = first.replace(
        "SELECT connector_id, day, sum(bit), 0, 0, 0, 0, 0, 0, 0.0",
        "SELECT connector_id, day, sum(bit) AS hours, 0 AS visits, 0 AS visits_failed, 0 AS synced, 0 AS blocked, "
        "0 AS errors_opened, 0 AS writes, 0.0 AS write_seconds",
    )
    parts = " UNION ALL ".join((named, *others))
    sums = ", ".join(f"sum({name})" for name in names.split(", "))
    return (
        f"INSERT INTO connector_day ({columns}, queue_most, waited_most) "
        f"SELECT connector_id, day, {sums}, 0, 0 FROM ({parts}) AS counted GROUP BY connector_id, day"
    )
