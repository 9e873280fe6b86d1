"""One row of the list cache as the entry it is."""

from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
)

from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.storage.schema import list_entry as table

REMEMBERED = "lists"
"""What the look-ups here depend on, for `memory`."""


COLUMNS = tuple(table.c[name] for name in ListEntry._fields)
"""What an entry is made of, in its own order."""


def value(row: Row[Any]) -> ListEntry:
    """A row of `COLUMNS` as the entry it is."""
    values = tuple(row)
    return ListEntry(ListName(values[0]), *values[1:])


def these(connector_id: int, list_name: ListName) -> Any:
    """The entries of one list of a connector."""
    return and_(table.c.connector_id == connector_id, table.c.list_name == list_name)


def every_one(conn: Connection, query: Select[Any]) -> list[ListEntry]:
    """The entries a query finds, by ListID."""
    return [value(row) for row in conn.execute(query.order_by(table.c.list_id))]
