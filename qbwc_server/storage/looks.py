"""Rows of records that are to be looked at again: noted by one transaction, taken up by the ones that follow."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, select

from qbwc_server.domain.kinds import ListName
from qbwc_server.storage import memory
from qbwc_server.storage.bulk import batched
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.schema import record_look as table
from qbwc_server.storage.upserts import upsert


@dataclass(frozen=True, slots=True)
class Look:
    """A record that is to be looked at.

    Attributes:
        actor: who changed what may have blocked it.
        list_name: the list whose refresh did; None when it was something else.
    """

    record_id: int
    actor: str
    list_name: ListName | None


def note(
    conn: Connection,
    connector_id: int,
    record_ids: Iterable[int],
    *,
    actor: str,
    list_name: ListName | None = None,
) -> None:
    """Note records that are to be looked at; one that is noted already stays as it is."""
    memory.forget(conn, _ANY)
    query = upsert(table, conn.dialect.name).on_conflict_do_nothing(index_elements=[table.c.record_id])
    for part in batched(record_ids):
        conn.execute(
            query,
            [
                {"record_id": each, "connector_id": connector_id, "actor": actor, "list_name": list_name}
                for each in part
            ],
        )


def take(conn: Connection, connector_id: int, *, limit: int) -> list[Look]:
    """The next records that are to be looked at, which are no longer noted then: the caller looks at them."""
    query = select(table.c.record_id, table.c.actor, table.c.list_name)
    query = query.where(table.c.connector_id == connector_id).order_by(table.c.record_id).limit(limit)
    found = [
        Look(record_id, actor, ListName(list_name) if list_name else None)
        for record_id, actor, list_name in conn.execute(query)
    ]
    memory.forget(conn, _ANY)
    if found:
        conn.execute(delete(table).where(table.c.record_id.in_([look.record_id for look in found])))
    return found


def count(conn: Connection, connector_id: int) -> int:
    """How many records of a connector are yet to be looked at."""
    query = select(func.count()).where(table.c.connector_id == connector_id)
    return conn.execute(query).scalar_one()


def any_noted(conn: Connection, connector_id: int) -> bool:
    """Whether any is."""
    given = {"connector_id": connector_id}
    return memory.recall(conn, _ANY, connector_id, lambda: _ONE.row(conn, given) is not None)


_ONE = Prepared(select(table.c.record_id).where(table.c.connector_id == bindparam("connector_id")).limit(1))
_ANY = "looks"
"""What that answer depends on, for `memory`."""
