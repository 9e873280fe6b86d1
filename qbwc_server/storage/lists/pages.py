"""Pages of a list."""

from sqlalchemy import (
    Connection,
    literal,
    select,
    tuple_,
)

from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry, fold
from qbwc_server.storage.lists.rows import COLUMNS, every_one, these, value
from qbwc_server.storage.schema import list_entry as table


def page(
    conn: Connection, connector_id: int, list_name: ListName, *, after: str = "", limit: int = 100
) -> list[ListEntry]:
    """The living entries of a list behind a ListID, by ListID."""
    query = select(*COLUMNS).where(these(connector_id, list_name), table.c.is_deleted.is_(False))
    return every_one(conn, query.where(table.c.list_id > after).limit(limit))


Place = tuple[str, str]
"""Where an entry stands among those of its list: its folded name and its ListID."""


def place_of(entry: ListEntry) -> Place:
    """Where an entry stands by name."""
    return fold(entry.full_name), entry.list_id


def by_alphabet(
    conn: Connection,
    connector_id: int,
    list_name: ListName,
    *,
    behind: Place | None = None,
    before: Place | None = None,
    limit: int,
    with_deleted: bool = False,
) -> list[ListEntry]:
    """Entries of a list by name: those behind a place, or the last ones before one."""
    place, query = (
        tuple_(table.c.name_key, table.c.list_id),
        select(*COLUMNS).where(these(connector_id, list_name)),
    )
    if not with_deleted:
        query = query.where(table.c.is_deleted.is_(False))
    if before is not None:
        query = query.where(place < tuple_(*map(literal, before)))
        query = query.order_by(table.c.name_key.desc(), table.c.list_id.desc())
        return [value(row) for row in conn.execute(query.limit(limit))][::-1]
    if behind is not None:
        query = query.where(place > tuple_(*map(literal, behind)))
    query = query.order_by(table.c.name_key, table.c.list_id)
    return [value(row) for row in conn.execute(query.limit(limit))]
