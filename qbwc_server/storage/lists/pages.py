"""Pages of a list, and what of it is searched for."""

from sqlalchemy import (
    Connection,
    select,
)

from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry, fold
from qbwc_server.storage.schema import list_entry as table

from .rows import COLUMNS, every_one, these, value


def page(
    conn: Connection, connector_id: int, list_name: ListName, *, after: str = "", limit: int = 100
) -> list[ListEntry]:
    """The living entries of a list behind a ListID, by ListID."""
    query = select(*COLUMNS).where(these(connector_id, list_name), table.c.is_deleted.is_(False))
    return every_one(conn, query.where(table.c.list_id > after).limit(limit))


def search(
    conn: Connection, connector_id: int, list_name: ListName, text: str, *, limit: int
) -> list[ListEntry]:
    """The living entries whose FullName contains a text, by name. It reads the whole list: for people only."""
    query = select(*COLUMNS).where(
        these(connector_id, list_name),
        table.c.is_deleted.is_(False),
        table.c.name_key.contains(fold(text), autoescape=True),
    )
    return [value(row) for row in conn.execute(query.order_by(table.c.name_key).limit(limit))]
