"""How much there is, as it is kept: records and open error records by the database itself, list entries by `lists`."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    Table,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    update,
)

from qbwc_server.domain.causes import NotAccepted
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State

from .bulk import among_ids
from .schema import connector, error, error_count, error_group, list_entry, list_load, record, record_count

# --- reading ------------------------------------------------------------------------------------------------


def of_states(conn: Connection, connector_ids: Collection[int]) -> dict[int, dict[State, int]]:
    """How many records of each of these connectors are in each state; states without records are 0."""
    query = (
        select(record_count.c.connector_id, record_count.c.state, func.sum(record_count.c.number))
        .where(among_ids(conn, record_count.c.connector_id, connector_ids))
        .group_by(record_count.c.connector_id, record_count.c.state)
    )
    found = {connector_id: dict.fromkeys(State, 0) for connector_id in connector_ids}
    for connector_id, state, number in conn.execute(query):
        found[connector_id][State(state)] = int(number)
    return found


def of_kinds(conn: Connection, connector_id: int) -> dict[Kind, dict[State, int]]:
    """How many records of a connector are of each kind in each state; none is left out."""
    found = {kind: dict.fromkeys(State, 0) for kind in Kind}
    for row in conn.execute(select(record_count).where(record_count.c.connector_id == connector_id)):
        found[Kind(row.kind)][State(row.state)] = row.number
    return found


def open_errors(conn: Connection, connector_ids: Collection[int]) -> dict[int, dict[tuple[str, str], int]]:
    """How many error records of each of these connectors are open, by cause and who must act; none is left out."""
    query = select(error_count).where(
        among_ids(conn, error_count.c.connector_id, connector_ids), error_count.c.number > 0
    )
    found: dict[int, dict[tuple[str, str], int]] = {connector_id: {} for connector_id in connector_ids}
    for row in conn.execute(query):
        found[row.connector_id][row.cause, row.actor] = row.number
    return found


def refused(found: Mapping[tuple[str, str], int]) -> int:
    """How many of the open error records of a connector tell what the host was refused."""
    return sum(number for (cause, _), number in found.items() if cause == NotAccepted.name)


# --- checking, and counting anew ---------------------------------------------------------------------------


_ENTRIES = (
    select(func.count())
    .where(
        list_entry.c.connector_id == list_load.c.connector_id,
        list_entry.c.list_name == list_load.c.list_name,
        list_entry.c.is_deleted.is_(False),
    )
    .correlate(list_load)
    .scalar_subquery()
)
"""How many living entries a list has."""


def _counted() -> dict[Table, list[Select[Any]]]:
    """What each table holds, counted."""
    is_open = error.c.closed_at.is_(None)
    groups = []
    for actor in (literal(""), error.c.actor):
        grouped = select(
            error.c.connector_id, actor, error.c.cause, error.c.cause_key, -func.count(), func.min(error.c.id)
        )
        groups.append(
            grouped.where(is_open).group_by(error.c.connector_id, actor, error.c.cause, error.c.cause_key)
        )
    by_state = (record.c.connector_id, record.c.kind, record.c.state)
    by_cause = (error.c.connector_id, error.c.cause, error.c.actor)
    return {
        record_count: [select(*by_state, func.count()).group_by(*by_state)],
        error_count: [select(*by_cause, func.count()).where(is_open).group_by(*by_cause)],
        error_group: groups,
    }


def wrong(conn: Connection) -> list[str]:
    """The connectors of which other numbers are kept than there are; it looks at every record and error record."""
    ids: set[int] = set()
    for table, queries in _counted().items():
        # what an error group began with is no number, and may be over
        width = len(table.columns) - (table is error_group)
        kept = {
            tuple(row)[:width] for row in conn.execute(select(table)) if row[len(table.primary_key.columns)]
        }
        counted = {tuple(row)[:width] for query in queries for row in conn.execute(query)}
        ids |= {row[0] for row in kept ^ counted}
    of_list = list_load.c.connector_id, list_load.c.entries
    ids |= {
        row[0] for row in conn.execute(select(*of_list, _ENTRIES.label("there"))) if row.entries != row.there
    }
    names = select(connector.c.name).where(connector.c.id.in_(ids)).order_by(connector.c.name)
    return list(conn.execute(names).scalars())


def recount(conn: Connection) -> None:
    """Keep the numbers there are; nobody writes meanwhile."""
    if conn.dialect.name != "sqlite":
        conn.execute(text("LOCK TABLE record, error, list_entry IN SHARE MODE"))
    for table, queries in _counted().items():
        conn.execute(delete(table))
        for query in queries:
            conn.execute(insert(table).from_select([column.name for column in table.columns], query))
    conn.execute(update(list_load).values(entries=_ENTRIES))
