"""How much there is, as it is kept: records and open error records by the database itself, list entries by `lists`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Integer,
    Select,
    Table,
    Text,
    cast,
    delete,
    func,
    insert,
    literal,
    literal_column,
    null,
    select,
    text,
    union_all,
    update,
)

from qbwc_server.domain.causes import NotAccepted
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.domain.sessions import SessionState
from qbwc_server.storage.bulk import among_ids, listed, one_of
from qbwc_server.storage.schema import (
    connector,
    error,
    error_count,
    error_group,
    list_entry,
    list_load,
    record,
    record_count,
    session,
)

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


@dataclass(frozen=True, slots=True)
class Word:
    """The open error records of one cause with one finer word that one actor must put right.

    Attributes:
        number: how many there are; `groups`: of how many groups that began with this word.
    """

    cause: str
    sub_reason: str | None
    actor: str
    number: int
    groups: int


def words(conn: Connection, connector_ids: Collection[int]) -> dict[int, list[Word]]:
    """What is open of each of these connectors, by cause, finer word and who must act; none is left out."""
    kept = error_count.c
    query = select(kept.connector_id, kept.cause, kept.sub_reason, kept.actor, kept.number, kept.groups)
    query = query.where(among_ids(conn, kept.connector_id, connector_ids), kept.number > 0)
    found: dict[int, list[Word]] = {connector_id: [] for connector_id in connector_ids}
    for connector_id, cause, sub_reason, *rest in conn.execute(query):
        found[connector_id].append(Word(cause, sub_reason or None, *rest))
    return found


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of connectors, by their ids: records by state, open error records, and which have a live session."""

    states: Mapping[int, Mapping[State, int]]
    words: Mapping[int, Sequence[Word]]
    live: Collection[int]


def of_connectors(conn: Connection, connector_ids: Collection[int]) -> Kept:
    """What is kept of each of these connectors, in one statement; states without records are 0."""
    states = {connector_id: dict.fromkeys(State, 0) for connector_id in connector_ids}
    found: dict[int, list[Word]] = {connector_id: [] for connector_id in connector_ids}
    live = set()
    ids = listed(conn, connector_ids)
    for connector_id, state, cause, sub_reason, *rest in conn.execute(_kept(conn.dialect.name), {"ids": ids}):
        if state is not None:
            states[connector_id][State(state)] = int(rest[1])
        elif cause is not None:
            found[connector_id].append(Word(cause, sub_reason or None, *rest))
        else:
            live.add(connector_id)
    return Kept(states, found, live)


@lru_cache
def _kept(dialect: str) -> CompoundSelect[Any]:
    """Of each connector, state, cause, finer word, actor, number and groups: what there is not is NULL."""
    nothing: ColumnElement[Any] = cast(null(), Text)
    of_record, of_error = record_count.c, error_count.c
    number = cast(func.sum(of_record.number), Integer)
    states = select(
        of_record.connector_id, of_record.state, nothing, nothing, nothing, number, cast(null(), Integer)
    )
    errors = select(
        of_error.connector_id,
        nothing,
        *(of_error[name] for name in ("cause", "sub_reason", "actor", "number", "groups")),
    )
    live = select(session.c.connector_id, *[nothing] * 4, *[cast(null(), Integer)] * 2).where(
        session.c.state == literal_column(f"'{SessionState.OPEN}'")
    )
    return union_all(
        states.where(one_of(dialect, of_record.connector_id, "ids")).group_by(
            of_record.connector_id, of_record.state
        ),
        errors.where(one_of(dialect, of_error.connector_id, "ids"), of_error.number > 0),
        live.where(one_of(dialect, session.c.connector_id, "ids")),
    )


def by_cause(found: Iterable[Word]) -> dict[tuple[str, str], int]:
    """How many they are by cause and who must act."""
    numbers: dict[tuple[str, str], int] = {}
    for each in found:
        key = (each.cause, each.actor)
        numbers[key] = numbers.get(key, 0) + each.number
    return numbers


def open_errors(conn: Connection, connector_ids: Collection[int]) -> dict[int, dict[tuple[str, str], int]]:
    """How many error records of each of these connectors are open, by cause and who must act; none is left out."""
    return {connector_id: by_cause(found) for connector_id, found in words(conn, connector_ids).items()}


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
    """What each table holds, counted; groups before what counts them."""
    groups = [_counted_groups(actor) for actor in (literal(""), error.c.actor)]
    by_state = (record.c.connector_id, record.c.kind, record.c.state)
    return {
        record_count: [select(*by_state, func.count()).group_by(*by_state)],
        error_group: groups,
        error_count: [_counted_errors()],
    }


def _counted_groups(actor: ColumnElement[str]) -> Select[Any]:
    """Error records by cause and cause key, of everybody or of each actor, with the finer word of the oldest."""
    first = error.alias("first")
    each = (
        select(
            error.c.connector_id,
            actor.label("actor"),
            error.c.cause,
            error.c.cause_key,
            (-func.count()).label("minus"),
            func.min(error.c.id).label("since_id"),
        )
        .where(error.c.closed_at.is_(None))
        .group_by(error.c.connector_id, actor, error.c.cause, error.c.cause_key)
        .subquery()
    )
    return select(each, func.coalesce(first.c.sub_reason, "")).join(first, first.c.id == each.c.since_id)


def _counted_errors() -> Select[Any]:
    """Error records by cause, finer word and actor, and the groups that began so."""
    word = func.coalesce(error.c.sub_reason, "").label("sub_reason")
    each = select(
        error.c.connector_id,
        error.c.cause,
        word,
        error.c.actor,
        literal(1).label("one"),
        literal(0).label("groups"),
    ).where(error.c.closed_at.is_(None))
    its = error_group.c
    groups = select(its.connector_id, its.cause, its.sub_reason, its.actor, literal(0), literal(1))
    found = union_all(each, groups.where(its.actor != "")).subquery()
    by_word = (found.c.connector_id, found.c.cause, found.c.sub_reason, found.c.actor)
    return select(*by_word, func.sum(found.c.one), func.sum(found.c.groups)).group_by(*by_word)


def wrong(conn: Connection) -> list[str]:
    """The connectors of which other numbers are kept than there are; it looks at every record and error record."""
    ids: set[int] = set()
    for table, queries in _counted().items():
        # what an error group began with is no number, and may be over
        width = len(table.columns) - 2 * (table is error_group)
        numbers = slice(len(table.primary_key.columns), width)
        kept = {tuple(row)[:width] for row in conn.execute(select(table)) if any(row[numbers])}
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
