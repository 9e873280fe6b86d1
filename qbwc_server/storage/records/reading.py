"""Records by their ids, by what the host calls them, and by their state."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy import (
    Connection,
    bindparam,
    case,
    func,
    select,
    union_all,
)

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import kept_counts, memory
from qbwc_server.storage.bulk import among_ids, listed, one_of
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.records.rows import key, key_of_name, value, value_of
from qbwc_server.storage.schema import event
from qbwc_server.storage.schema import record as table


def get(conn: Connection, record_id: int) -> Record:
    """The record with this id, which must exist."""
    return memory.recall(conn, key(record_id), "row", lambda: _get(conn, record_id))


def _get(conn: Connection, record_id: int) -> Record:
    (columns,) = _BY_ID.rows(conn, {"record_id": record_id})
    return value_of(columns)


_BY_ID = Prepared(select(table).where(table.c.id == bindparam("record_id")))


def state_of(conn: Connection, record_id: int) -> State | None:
    """The state of a record; None when there is none of this id any more."""
    state = conn.execute(_STATE, {"record_id": record_id}).scalar_one_or_none()
    return None if state is None else State(state)


_STATE = select(table.c.state).where(table.c.id == bindparam("record_id"))


def read_ahead(conn: Connection, record_ids: Collection[int]) -> None:
    """Read records that are about to be looked at one by one, where that is remembered."""
    get_all(conn, record_ids)


def get_all(conn: Connection, record_ids: Collection[int]) -> dict[int, Record]:
    """The records with these ids, by id."""
    found: dict[int, Record] = {
        record_id: record
        for record_id in record_ids
        if (record := memory.known(conn, key(record_id), "row")) is not None
    }
    unread = [record_id for record_id in record_ids if record_id not in found]
    if unread:
        query = _those(conn.dialect.name)
        for record in map(value_of, query.rows(conn, {"ids": listed(conn, unread)})):
            memory.keep(conn, key(record.id), "row", record)
            found[record.id] = record
    return {record_id: found[record_id] for record_id in record_ids if record_id in found}


@lru_cache
def _those(dialect: str) -> Prepared:
    return Prepared(select(table).where(one_of(dialect, table.c.id, "ids")))


def names(conn: Connection, record_ids: Collection[int]) -> dict[int, tuple[Kind, str]]:
    """What these records are and what the host calls them, by id."""
    query = select(table.c.id, table.c.kind, table.c.external_id).where(
        among_ids(conn, table.c.id, record_ids)
    )
    return {record_id: (Kind(kind), external_id) for record_id, kind, external_id in conn.execute(query)}


def called(conn: Connection, connector_id: int, kinds: Collection[Kind], external_id: str) -> list[Record]:
    """The records of several kinds that the host calls so, in the order of the kinds."""
    query = select(table).where(
        table.c.connector_id == connector_id, table.c.kind.in_(kinds), table.c.external_id == external_id
    )
    return [value(row) for row in conn.execute(query.order_by(table.c.kind_rank))]


def find(conn: Connection, connector_id: int, kind: Kind, external_id: str) -> Record | None:
    """The record the host calls so, or None."""
    return memory.recall(
        conn,
        key_of_name(connector_id, kind, external_id),
        "row",
        lambda: _find(conn, connector_id, kind, external_id),
    )


def _find(conn: Connection, connector_id: int, kind: Kind, external_id: str) -> Record | None:
    given = {"connector_id": connector_id, "kind": kind, "external_id": external_id}
    columns = _BY_NAME.row(conn, given)
    return None if columns is None else value_of(columns)


_BY_NAME = Prepared(
    select(table).where(
        table.c.connector_id == bindparam("connector_id"),
        table.c.kind == bindparam("kind"),
        table.c.external_id == bindparam("external_id"),
    )
)


def by_external_ids(
    conn: Connection, connector_id: int, kind: Kind, external_ids: Iterable[str]
) -> list[Record]:
    """The records of a kind with these ids."""
    given = {"connector_id": connector_id, "kind": kind, "external_ids": listed(conn, external_ids)}
    return [value_of(columns) for columns in _by_external_ids(conn.dialect.name).rows(conn, given)]


@lru_cache
def _by_external_ids(dialect: str) -> Prepared:
    return Prepared(
        select(table).where(
            table.c.connector_id == bindparam("connector_id"),
            table.c.kind == bindparam("kind"),
            one_of(dialect, table.c.external_id, "external_ids"),
        )
    )


def synced_last(conn: Connection, connector_id: int, *, limit: int) -> list[Record]:
    """The records that are synced now and became so last, latest first; fewer than `limit` where the same ones
    became so several times."""
    query = (
        select(table)
        .join(event, event.c.record_id == table.c.id)
        .where(
            event.c.connector_id == connector_id,
            event.c.to_state == State.SYNCED,
            table.c.state == State.SYNCED,
        )
        .order_by(event.c.id.desc())
        .limit(limit)
    )
    return list({row.id: value(row) for row in conn.execute(query)}.values())


def last_change(conn: Connection, connector_id: int, kind: Kind) -> datetime | None:
    """When any record of a kind last changed; None when there is none."""
    of_kind = select(func.max(table.c.updated_at).label("at")).where(
        table.c.connector_id == connector_id, table.c.kind == kind
    )
    # of each state, as that is how the index has them
    found = union_all(*(of_kind.where(table.c.state == state) for state in State)).subquery()
    latest: datetime | None = conn.execute(select(func.max(found.c.at))).scalar_one()
    return latest


def in_states(conn: Connection, connector_id: int, states: Sequence[State], *, limit: int) -> list[Record]:
    """Records of a connector that are in one of these states, those of the first of them first, each in the order of
    sending."""
    query = select(table).where(table.c.connector_id == connector_id, table.c.state.in_(states))
    rank = case({state: number for number, state in enumerate(states)}, value=table.c.state)
    order = (rank, table.c.kind_rank, table.c.id)
    return [value(row) for row in conn.execute(query.order_by(*order).limit(limit))]


def counts(conn: Connection, connector_id: int) -> dict[State, int]:
    """How many records are in each state; states without records are 0."""
    return kept_counts.of_states(conn, [connector_id])[connector_id]
