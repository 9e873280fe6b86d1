"""Rows of rulings: what people said is meant where it could not be told."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, select

from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import fold
from qbwc_server.domain.rulings import Ruling
from qbwc_server.storage import memory
from qbwc_server.storage.schema import ruling as table
from qbwc_server.storage.upserts import upsert


def _value(row: Row[Any]) -> Ruling:
    return Ruling(row.id, ListName(row.list_name), row.key, row.list_id, row.actor, row.at)


_QUERY: Select[Any] = select(
    table.c.id, table.c.list_name, table.c.key, table.c.list_id, table.c.actor, table.c.at
)


def every(conn: Connection, connector_id: int) -> list[Ruling]:
    """All rulings of a connector, the oldest first: people made them one by one."""
    return memory.recall(conn, _key(connector_id), "every", lambda: _every(conn, connector_id))


def _every(conn: Connection, connector_id: int) -> list[Ruling]:
    return [_value(row) for row in conn.execute(_EVERY, {"connector_id": connector_id})]


_EVERY = _QUERY.where(table.c.connector_id == bindparam("connector_id")).order_by(table.c.id)


def keep_none(conn: Connection, connector_id: int) -> None:
    """It is known that there are no rulings of a connector."""
    memory.keep(conn, _key(connector_id), "every", [])


def _key(connector_id: int) -> tuple[str, int]:
    """What the rulings of a connector depend on, for `memory`."""
    return ("rulings", connector_id)


def set_one(
    conn: Connection,
    connector_id: int,
    list_name: ListName,
    key: str,
    list_id: str | None,
    *,
    actor: str,
    now: datetime,
) -> None:
    """Note what is meant behind a key, in place of what was said of it before."""
    memory.forget(conn, _key(connector_id))
    said = {"list_id": list_id, "actor": actor, "at": now}
    query = upsert(table, conn.dialect.name).values(
        connector_id=connector_id, list_name=list_name, key=key, folded_key=fold(key), **said
    )
    keys = [table.c.connector_id, table.c.list_name, table.c.folded_key]
    conn.execute(query.on_conflict_do_update(index_elements=keys, set_=said))


def take_back(conn: Connection, connector_id: int, ruling_id: int) -> Ruling | None:
    """Forget one; returns what it was, None when there is no such ruling."""
    memory.forget(conn, _key(connector_id))
    these = (table.c.connector_id == connector_id, table.c.id == ruling_id)
    found = conn.execute(_QUERY.where(*these)).first()
    conn.execute(delete(table).where(*these))
    return None if found is None else _value(found)


def forget(conn: Connection, connector_id: int, list_name: ListName, key: str) -> None:
    """Forget what was said behind a key, if anything was."""
    memory.forget(conn, _key(connector_id))
    conn.execute(
        delete(table).where(
            table.c.connector_id == connector_id,
            table.c.list_name == list_name,
            table.c.folded_key == fold(key),
        )
    )
