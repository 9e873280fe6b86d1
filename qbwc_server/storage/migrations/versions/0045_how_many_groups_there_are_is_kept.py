"""How many groups of error records there are is kept by cause and finer word; what waits for later has its index.

An error group remembers the finer word with which it began, and the database counts groups as they come and go. An
error record says of what kind its record is, so that those of a kind are found in an index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

IS_OPEN = "closed_at IS NULL"
WAITS_FOR_LATER = "state = 'queued' AND (waiting > 0 OR not_before IS NOT NULL)"


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name in ("added", "moved", "deleted", *(("closed", "opened") if is_sqlite else ())):
        op.execute(sa.text(f"DROP TRIGGER error_count_{name}{'' if is_sqlite else ' ON error'}"))
    _word_the_groups()
    _tell_the_kinds()
    _make_count()
    for statement in _SQLITE if is_sqlite else _POSTGRESQL:
        op.execute(sa.text(statement))
    _make_indexes()


def _word_the_groups() -> None:
    op.add_column("error_group", sa.Column("sub_reason", sa.Text(), nullable=False, server_default=""))
    began_with = "SELECT sub_reason FROM error WHERE error.id = error_group.since_id"
    op.execute(sa.text(f"UPDATE error_group SET sub_reason = coalesce(({began_with}), '')"))


def _tell_the_kinds() -> None:
    op.add_column("error", sa.Column("kind", sa.Text()))
    its = "SELECT record.kind FROM record WHERE record.id = error.record_id"
    op.execute(sa.text(f"UPDATE error SET kind = coalesce(({its}), refused_kind)"))


def _make_count() -> None:
    op.drop_table("error_count")
    op.create_table(
        "error_count",
        sa.Column(
            "connector_id",
            sa.Integer(),
            sa.ForeignKey("connector.id", name="fk_error_count_connector_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("sub_reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("groups", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connector_id", "cause", "sub_reason", "actor", name="pk_error_count"),
    )
    found = (
        "SELECT connector_id, cause, coalesce(sub_reason, '') AS sub_reason, actor, 1 AS one, 0 AS of_group "
        f"FROM error WHERE {IS_OPEN} "
        "UNION ALL SELECT connector_id, cause, sub_reason, actor, 0, 1 FROM error_group WHERE actor <> ''"
    )
    op.execute(
        sa.text(
            "INSERT INTO error_count (connector_id, cause, sub_reason, actor, number, groups) "
            f"SELECT connector_id, cause, sub_reason, actor, sum(one), sum(of_group) FROM ({found}) AS found "
            "GROUP BY connector_id, cause, sub_reason, actor"
        )
    )


def _make_indexes() -> None:
    for name in ("longest_of_cause", "since", "since_of_cause"):
        op.drop_index(f"ix_error_group_{name}", "error_group")
    op.create_index(
        "ix_error_group_longest_of_word",
        "error_group",
        ["connector_id", "actor", "cause", "sub_reason", "minus", "since_id"],
    )
    op.create_index("ix_error_group_since", "error_group", ["connector_id", "actor", "since_id"])
    op.create_index(
        "ix_error_group_since_of_cause", "error_group", ["connector_id", "actor", "cause", "since_id"]
    )
    op.drop_index("ix_error_open_counted", "error")
    _partial_index("ix_error_open_of_word", "error", ["connector_id", "cause", "sub_reason", "id"], IS_OPEN)
    _partial_index("ix_error_open_of_kind", "error", ["connector_id", "kind", "id"], IS_OPEN)
    _partial_index(
        "ix_error_closed_of_kind", "error", ["connector_id", "kind", "id"], "closed_at IS NOT NULL"
    )
    _partial_index("ix_record_later", "record", ["connector_id", "kind_rank", "id"], WAITS_FOR_LATER)


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


# --- SQLite -------------------------------------------------------------------------------------------------


def _in(row: str) -> str:
    """An error record is open from now on."""
    word = f"coalesce({row}.sub_reason, '')"
    groups = "".join(
        "INSERT INTO error_group (connector_id, actor, cause, cause_key, sub_reason, minus, since_id) "
        f"VALUES ({row}.connector_id, {actor}, {row}.cause, {row}.cause_key, {word}, -1, {row}.id) "
        "ON CONFLICT (connector_id, actor, cause, cause_key) DO UPDATE SET minus = minus - 1; "
        for actor in ("''", f"{row}.actor")
    )
    return (
        "INSERT INTO error_count (connector_id, cause, sub_reason, actor, number, groups) "
        f"VALUES ({row}.connector_id, {row}.cause, {word}, {row}.actor, 1, 0) "
        f"ON CONFLICT (connector_id, cause, sub_reason, actor) DO UPDATE SET number = number + 1; {groups}"
    )


def _out(row: str) -> str:
    """An error record is open no longer, or not as it was."""
    group = (
        f"connector_id = {row}.connector_id AND actor IN ('', {row}.actor) AND cause = {row}.cause "
        f"AND cause_key = {row}.cause_key"
    )
    return (
        f"UPDATE error_count SET number = number - 1 WHERE connector_id = {row}.connector_id "
        f"AND cause = {row}.cause AND sub_reason = coalesce({row}.sub_reason, '') AND actor = {row}.actor; "
        f"UPDATE error_group SET minus = minus + 1 WHERE {group}; "
        f"DELETE FROM error_group WHERE {group} AND minus >= 0; "
    )


_ANOTHER = (
    "(OLD.cause <> NEW.cause OR OLD.sub_reason IS NOT NEW.sub_reason OR OLD.cause_key <> NEW.cause_key "
    "OR OLD.actor <> NEW.actor)"
)
_CHANGES = "UPDATE OF closed_at, cause, sub_reason, cause_key, actor"

_SQLITE = (
    "CREATE TRIGGER error_count_added AFTER INSERT ON error "
    f"WHEN NEW.closed_at IS NULL BEGIN {_in('NEW')} END",
    f"CREATE TRIGGER error_count_closed AFTER {_CHANGES} ON error "
    f"WHEN OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL BEGIN {_out('OLD')} END",
    f"CREATE TRIGGER error_count_opened AFTER {_CHANGES} ON error "
    f"WHEN OLD.closed_at IS NOT NULL AND NEW.closed_at IS NULL BEGIN {_in('NEW')} END",
    f"CREATE TRIGGER error_count_moved AFTER {_CHANGES} ON error "
    f"WHEN OLD.closed_at IS NULL AND NEW.closed_at IS NULL AND {_ANOTHER} BEGIN {_in('NEW')} {_out('OLD')} END",
    "CREATE TRIGGER error_count_deleted AFTER DELETE ON error "
    f"WHEN OLD.closed_at IS NULL BEGIN {_out('OLD')} END",
    "CREATE TRIGGER error_group_began AFTER INSERT ON error_group WHEN NEW.actor <> '' BEGIN "
    "INSERT INTO error_count (connector_id, cause, sub_reason, actor, number, groups) "
    "VALUES (NEW.connector_id, NEW.cause, NEW.sub_reason, NEW.actor, 0, 1) "
    "ON CONFLICT (connector_id, cause, sub_reason, actor) DO UPDATE SET groups = groups + 1; END",
    "CREATE TRIGGER error_group_ended AFTER DELETE ON error_group WHEN OLD.actor <> '' BEGIN "
    "UPDATE error_count SET groups = groups - 1 WHERE connector_id = OLD.connector_id AND cause = OLD.cause "
    "AND sub_reason = OLD.sub_reason AND actor = OLD.actor; END",
)


# --- PostgreSQL ---------------------------------------------------------------------------------------------

_COLUMNS = "connector_id, cause, coalesce(sub_reason, '') AS sub_reason, actor, cause_key, id"
_ADDED = f"SELECT {_COLUMNS}, 1 AS one FROM added WHERE {IS_OPEN}"
_MOVED = f"{_ADDED} UNION ALL SELECT {_COLUMNS}, -1 FROM gone WHERE {IS_OPEN}"
_DROP_EMPTY = """
        DELETE FROM error_group AS kept USING (
            SELECT DISTINCT connector_id, cause, cause_key, whose
            FROM gone CROSS JOIN LATERAL (VALUES (''), (actor)) AS actors (whose)) AS less
        WHERE kept.connector_id = less.connector_id AND kept.actor = less.whose AND kept.cause = less.cause
            AND kept.cause_key = less.cause_key AND kept.minus >= 0;
"""


def _sum_up(moved: str) -> str:
    return f"""
        INSERT INTO error_count AS kept (connector_id, cause, sub_reason, actor, number, groups)
        SELECT connector_id, cause, sub_reason, actor, sum(one), 0 FROM ({moved}) AS moved
        GROUP BY 1, 2, 3, 4 HAVING sum(one) <> 0 ORDER BY 1, 2, 3, 4
        ON CONFLICT (connector_id, cause, sub_reason, actor)
            DO UPDATE SET number = kept.number + excluded.number;
        INSERT INTO error_group AS kept (connector_id, actor, cause, cause_key, sub_reason, minus, since_id)
        SELECT connector_id, whose, cause, cause_key,
            coalesce((array_agg(sub_reason ORDER BY id) FILTER (WHERE one > 0))[1], ''),
            -sum(one), coalesce(min(id) FILTER (WHERE one > 0), 0)
        FROM ({moved}) AS moved CROSS JOIN LATERAL (VALUES (''), (actor)) AS actors (whose)
        GROUP BY 1, 2, 3, 4 HAVING sum(one) <> 0 ORDER BY 1, 2, 3, 4
        ON CONFLICT (connector_id, actor, cause, cause_key) DO UPDATE SET minus = kept.minus + excluded.minus;
    """


_ERRORS = f"""
CREATE OR REPLACE FUNCTION qbwc_count_errors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        {_sum_up(_ADDED)}
    ELSIF TG_OP = 'UPDATE' THEN
        {_sum_up(_MOVED)}
        {_DROP_EMPTY}
    ELSE
        UPDATE error_count AS kept SET number = kept.number - less.number FROM (
            SELECT connector_id, cause, coalesce(sub_reason, '') AS sub_reason, actor, count(*) AS number
            FROM gone WHERE {IS_OPEN} GROUP BY 1, 2, 3, 4) AS less
        WHERE kept.connector_id = less.connector_id AND kept.cause = less.cause
            AND kept.sub_reason = less.sub_reason AND kept.actor = less.actor;
        UPDATE error_group AS kept SET minus = kept.minus + less.number FROM (
            SELECT connector_id, cause, cause_key, whose, count(*) AS number
            FROM gone CROSS JOIN LATERAL (VALUES (''), (actor)) AS actors (whose) WHERE {IS_OPEN}
            GROUP BY 1, 2, 3, 4) AS less
        WHERE kept.connector_id = less.connector_id AND kept.actor = less.whose AND kept.cause = less.cause
            AND kept.cause_key = less.cause_key;
        {_DROP_EMPTY}
    END IF;
    RETURN NULL;
END $$
"""

# what is deleted may belong to a connector whose numbers are gone already: they must not be made anew
_GROUPS = """
CREATE FUNCTION qbwc_count_groups() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO error_count AS kept (connector_id, cause, sub_reason, actor, number, groups)
        SELECT connector_id, cause, sub_reason, actor, 0, count(*) FROM added WHERE actor <> ''
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        ON CONFLICT (connector_id, cause, sub_reason, actor)
            DO UPDATE SET groups = kept.groups + excluded.groups;
    ELSE
        UPDATE error_count AS kept SET groups = kept.groups - less.number FROM (
            SELECT connector_id, cause, sub_reason, actor, count(*) AS number FROM gone WHERE actor <> ''
            GROUP BY 1, 2, 3, 4) AS less
        WHERE kept.connector_id = less.connector_id AND kept.cause = less.cause
            AND kept.sub_reason = less.sub_reason AND kept.actor = less.actor;
    END IF;
    RETURN NULL;
END $$
"""


def _trigger(table: str, name: str, what: str, tables: str, function: str) -> str:
    return (
        f"CREATE TRIGGER {name} AFTER {what} ON {table} REFERENCING {tables} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )


_NEW, _OLD = "NEW TABLE AS added", "OLD TABLE AS gone"
_POSTGRESQL = (
    _ERRORS,
    _trigger("error", "error_count_added", "INSERT", _NEW, "qbwc_count_errors"),
    _trigger("error", "error_count_moved", "UPDATE", f"{_OLD} {_NEW}", "qbwc_count_errors"),
    _trigger("error", "error_count_deleted", "DELETE", _OLD, "qbwc_count_errors"),
    _GROUPS,
    _trigger("error_group", "error_group_began", "INSERT", _NEW, "qbwc_count_groups"),
    _trigger("error_group", "error_group_ended", "DELETE", _OLD, "qbwc_count_groups"),
)
