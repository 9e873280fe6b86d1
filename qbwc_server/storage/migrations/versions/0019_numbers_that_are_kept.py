"""How many records and open error records there are is kept, not counted at each look; lists are read in order.

The database keeps the numbers itself, with triggers, so that none of the program's many ways to write can forget one.
On SQLite they run for each row; on PostgreSQL once for all rows of a statement.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ACTORS = {
    "host": (
        "customer_not_matched",
        "vendor_not_matched",
        "item_not_matched",
        "invalid_field",
        "not_accepted",
    ),
    "quickbooks_user": (
        "quickbooks_unreachable",
        "bad_credentials",
        "version_unsupported",
        "record_inactive",
        "not_permitted",
        "closed_period",
    ),
}
"""Who must act, by cause; of all others it is staff."""
MENDED_IN_QUICKBOOKS = ("email_unknown", "sku_unknown", "several", "creation_off")
"""What customers, vendors and items are not matched for that is put right in QuickBooks."""


def upgrade() -> None:
    _name_who_must_act()
    _make_tables()
    _count()
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(sa.text(statement))
    _make_indexes()


def _name_who_must_act() -> None:
    op.add_column("error", sa.Column("actor", sa.Text(), nullable=False, server_default="staff"))
    for actor, causes in ACTORS.items():
        op.execute(sa.text(f"UPDATE error SET actor = '{actor}' WHERE cause IN {causes}"))
    sqlite = op.get_bind().dialect.name == "sqlite"
    why = "json_extract(data, '$.why')" if sqlite else "data ->> 'why'"
    matching = tuple(cause for cause in ACTORS["host"] if cause.endswith("_not_matched"))
    op.execute(
        sa.text(
            f"UPDATE error SET actor = 'quickbooks_user' WHERE cause IN {matching} AND {why} IN {MENDED_IN_QUICKBOOKS}"
        )
    )


def _make_tables() -> None:
    op.create_table(
        "record_count",
        _connector_id("record_count"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connector_id", "kind", "state", name="pk_record_count"),
    )
    op.create_table(
        "error_count",
        _connector_id("error_count"),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connector_id", "cause", "actor", name="pk_error_count"),
    )
    op.create_table(
        "error_group",
        _connector_id("error_group"),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("cause_key", sa.Text(), nullable=False),
        sa.Column("minus", sa.Integer(), nullable=False),
        sa.Column("since_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connector_id", "actor", "cause", "cause_key", name="pk_error_group"),
    )


def _connector_id(table: str) -> sa.Column[int]:
    return sa.Column(
        "connector_id",
        sa.Integer(),
        sa.ForeignKey("connector.id", name=f"fk_{table}_connector_id", ondelete="CASCADE"),
        nullable=False,
    )


def _count() -> None:
    op.execute(
        sa.text(
            "INSERT INTO record_count (connector_id, kind, state, number) "
            "SELECT connector_id, kind, state, count(*) FROM record GROUP BY connector_id, kind, state"
        )
    )
    op.execute(
        sa.text(
            "INSERT INTO error_count (connector_id, cause, actor, number) "
            "SELECT connector_id, cause, actor, count(*) FROM error WHERE closed_at IS NULL "
            "GROUP BY connector_id, cause, actor"
        )
    )
    for actor, by in (("''", ""), ("actor", "actor, ")):
        op.execute(
            sa.text(
                "INSERT INTO error_group (connector_id, actor, cause, cause_key, minus, since_id) "
                f"SELECT connector_id, {actor}, cause, cause_key, -count(*), min(id) FROM error "
                "WHERE closed_at IS NULL "
                f"GROUP BY connector_id, {by}cause, cause_key"
            )
        )


def _make_indexes() -> None:
    op.drop_index("ix_record_changed", "record")
    op.create_index("ix_record_changed", "record", ["connector_id", "kind", "state", "updated_at", "id"])
    op.create_index("ix_record_listed", "record", ["connector_id", "kind", "state", "id"])
    op.create_index("ix_error_group_longest", "error_group", ["connector_id", "actor", "minus", "since_id"])
    op.create_index(
        "ix_error_group_longest_of_cause",
        "error_group",
        ["connector_id", "actor", "cause", "minus", "since_id"],
    )
    _partial_index("ix_error_group_since", "error_group", ["connector_id", "since_id"], "actor = ''")
    _partial_index(
        "ix_error_group_since_of_cause", "error_group", ["connector_id", "cause", "since_id"], "actor = ''"
    )
    op.drop_index("ix_error_open", "error")
    is_open, is_closed = "closed_at IS NULL", "closed_at IS NOT NULL"
    _partial_index("ix_error_open", "error", ["connector_id", "id"], is_open)
    _partial_index("ix_error_open_of_cause", "error", ["connector_id", "cause", "id"], is_open)
    _partial_index("ix_error_open_together", "error", ["connector_id", "cause", "cause_key", "id"], is_open)
    _partial_index("ix_error_closed", "error", ["connector_id", "id"], is_closed)
    _partial_index("ix_error_closed_of_cause", "error", ["connector_id", "cause", "id"], is_closed)


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


# --- SQLite -------------------------------------------------------------------------------------------------


def _in(row: str) -> str:
    """An error record is open from now on."""
    groups = "".join(
        f"INSERT INTO error_group (connector_id, actor, cause, cause_key, minus, since_id) "
        f"VALUES ({row}.connector_id, {actor}, {row}.cause, {row}.cause_key, -1, {row}.id) "
        f"ON CONFLICT (connector_id, actor, cause, cause_key) DO UPDATE SET minus = minus - 1; "
        for actor in ("''", f"{row}.actor")
    )
    return (
        f"INSERT INTO error_count (connector_id, cause, actor, number) "
        f"VALUES ({row}.connector_id, {row}.cause, {row}.actor, 1) "
        f"ON CONFLICT (connector_id, cause, actor) DO UPDATE SET number = number + 1; {groups}"
    )


def _out(row: str) -> str:
    """An error record is open no longer, or not as it was."""
    group = (
        f"connector_id = {row}.connector_id AND actor IN ('', {row}.actor) AND cause = {row}.cause "
        f"AND cause_key = {row}.cause_key"
    )
    return (
        f"UPDATE error_count SET number = number - 1 WHERE connector_id = {row}.connector_id "
        f"AND cause = {row}.cause AND actor = {row}.actor; "
        f"UPDATE error_group SET minus = minus + 1 WHERE {group}; "
        f"DELETE FROM error_group WHERE {group} AND minus >= 0; "
    )


_ANOTHER = "(OLD.cause <> NEW.cause OR OLD.cause_key <> NEW.cause_key OR OLD.actor <> NEW.actor)"
_CHANGES = "UPDATE OF closed_at, cause, cause_key, actor"
_RECORD_IN = (
    "INSERT INTO record_count (connector_id, kind, state, number) "
    "VALUES (NEW.connector_id, NEW.kind, NEW.state, 1) "
    "ON CONFLICT (connector_id, kind, state) DO UPDATE SET number = number + 1; "
)
_RECORD_OUT = (
    "UPDATE record_count SET number = number - 1 "
    "WHERE connector_id = OLD.connector_id AND kind = OLD.kind AND state = OLD.state; "
)

_SQLITE = (
    f"CREATE TRIGGER record_count_added AFTER INSERT ON record BEGIN {_RECORD_IN} END",
    "CREATE TRIGGER record_count_moved AFTER UPDATE OF state, kind ON record "
    f"WHEN OLD.state <> NEW.state OR OLD.kind <> NEW.kind BEGIN {_RECORD_IN} {_RECORD_OUT} END",
    f"CREATE TRIGGER record_count_deleted AFTER DELETE ON record BEGIN {_RECORD_OUT} END",
    f"CREATE TRIGGER error_count_added AFTER INSERT ON error WHEN NEW.closed_at IS NULL BEGIN {_in('NEW')} END",
    f"CREATE TRIGGER error_count_closed AFTER {_CHANGES} ON error "
    f"WHEN OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL BEGIN {_out('OLD')} END",
    f"CREATE TRIGGER error_count_opened AFTER {_CHANGES} ON error "
    f"WHEN OLD.closed_at IS NOT NULL AND NEW.closed_at IS NULL BEGIN {_in('NEW')} END",
    f"CREATE TRIGGER error_count_moved AFTER {_CHANGES} ON error "
    f"WHEN OLD.closed_at IS NULL AND NEW.closed_at IS NULL AND {_ANOTHER} BEGIN {_in('NEW')} {_out('OLD')} END",
    f"CREATE TRIGGER error_count_deleted AFTER DELETE ON error "
    f"WHEN OLD.closed_at IS NULL BEGIN {_out('OLD')} END",
)


# --- PostgreSQL ---------------------------------------------------------------------------------------------

# what is deleted may belong to a connector whose numbers are gone already: they must not be made anew
_RECORDS = """
CREATE FUNCTION qbwc_count_records() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO record_count AS kept (connector_id, kind, state, number)
        SELECT connector_id, kind, state, count(*) FROM added GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ON CONFLICT (connector_id, kind, state) DO UPDATE SET number = kept.number + excluded.number;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO record_count AS kept (connector_id, kind, state, number)
        SELECT connector_id, kind, state, sum(one) FROM (
            SELECT connector_id, kind, state, 1 AS one FROM added
            UNION ALL SELECT connector_id, kind, state, -1 FROM gone) AS moved
        GROUP BY 1, 2, 3 HAVING sum(one) <> 0 ORDER BY 1, 2, 3
        ON CONFLICT (connector_id, kind, state) DO UPDATE SET number = kept.number + excluded.number;
    ELSE
        UPDATE record_count AS kept SET number = kept.number - less.number FROM (
            SELECT connector_id, kind, state, count(*) AS number FROM gone GROUP BY 1, 2, 3) AS less
        WHERE kept.connector_id = less.connector_id AND kept.kind = less.kind AND kept.state = less.state;
    END IF;
    RETURN NULL;
END $$
"""

_MOVED = """
        SELECT connector_id, cause, actor, cause_key, id, 1 AS one FROM added WHERE closed_at IS NULL
        UNION ALL SELECT connector_id, cause, actor, cause_key, id, -1 FROM gone WHERE closed_at IS NULL
"""
_ADDED = "SELECT connector_id, cause, actor, cause_key, id, 1 AS one FROM added WHERE closed_at IS NULL"
_DROP_EMPTY = """
        DELETE FROM error_group AS kept USING (
            SELECT DISTINCT connector_id, cause, cause_key, whose
            FROM gone CROSS JOIN LATERAL (VALUES (''), (actor)) AS actors (whose)) AS less
        WHERE kept.connector_id = less.connector_id AND kept.actor = less.whose AND kept.cause = less.cause
            AND kept.cause_key = less.cause_key AND kept.minus >= 0;
"""


def _sum_up(moved: str) -> str:
    return f"""
        INSERT INTO error_count AS kept (connector_id, cause, actor, number)
        SELECT connector_id, cause, actor, sum(one) FROM ({moved}) AS moved
        GROUP BY 1, 2, 3 HAVING sum(one) <> 0 ORDER BY 1, 2, 3
        ON CONFLICT (connector_id, cause, actor) DO UPDATE SET number = kept.number + excluded.number;
        INSERT INTO error_group AS kept (connector_id, actor, cause, cause_key, minus, since_id)
        SELECT connector_id, whose, cause, cause_key, -sum(one), coalesce(min(id) FILTER (WHERE one > 0), 0)
        FROM ({moved}) AS moved CROSS JOIN LATERAL (VALUES (''), (actor)) AS actors (whose)
        GROUP BY 1, 2, 3, 4 HAVING sum(one) <> 0 ORDER BY 1, 2, 3, 4
        ON CONFLICT (connector_id, actor, cause, cause_key) DO UPDATE SET minus = kept.minus + excluded.minus;
    """


_ERRORS = f"""
CREATE FUNCTION qbwc_count_errors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        {_sum_up(_ADDED)}
    ELSIF TG_OP = 'UPDATE' THEN
        {_sum_up(_MOVED)}
        {_DROP_EMPTY}
    ELSE
        UPDATE error_count AS kept SET number = kept.number - less.number FROM (
            SELECT connector_id, cause, actor, count(*) AS number FROM gone WHERE closed_at IS NULL
            GROUP BY 1, 2, 3) AS less
        WHERE kept.connector_id = less.connector_id AND kept.cause = less.cause AND kept.actor = less.actor;
        UPDATE error_group AS kept SET minus = kept.minus + less.number FROM (
            SELECT connector_id, cause, cause_key, whose, count(*) AS number
            FROM gone CROSS JOIN LATERAL (VALUES (''), (actor)) AS actors (whose) WHERE closed_at IS NULL
            GROUP BY 1, 2, 3, 4) AS less
        WHERE kept.connector_id = less.connector_id AND kept.actor = less.whose AND kept.cause = less.cause
            AND kept.cause_key = less.cause_key;
        {_DROP_EMPTY}
    END IF;
    RETURN NULL;
END $$
"""


def _triggers(table: str, function: str) -> tuple[str, ...]:
    new, old = "NEW TABLE AS added", "OLD TABLE AS gone"
    return tuple(
        f"CREATE TRIGGER {table}_count_{name} AFTER {what} ON {table} REFERENCING {tables} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        for name, what, tables in (
            ("added", "INSERT", new),
            ("moved", "UPDATE", f"{old} {new}"),
            ("deleted", "DELETE", old),
        )
    )


_POSTGRESQL = (
    _RECORDS,
    *_triggers("record", "qbwc_count_records"),
    _ERRORS,
    *_triggers("error", "qbwc_count_errors"),
)
