"""The documents whose lines name an item, the one that was handed over last first."""

from collections.abc import Collection

from sqlalchemy import Connection, select, union

from qbwc_server.storage.schema import record_word as table


def newest(conn: Connection, connector_id: int, keys: Collection[str], *, limit: int) -> list[int]:
    """The ids of the documents with an item that were handed over last.

    Each key is read from the end of its part of the index, however many documents name the item.

    Args:
        keys: all the ways in which lines name it (`findable.item_key`).
    """
    parts = [
        select(table.c.record_id)
        .where(table.c.connector_id == connector_id, table.c.word == key)
        .order_by(table.c.record_id.desc())
        .limit(limit)
        for key in sorted(keys)
    ]
    if not parts:
        return []
    # SQLite takes a part with an order only as a table of its own
    found = union(*(select(part.subquery()) for part in parts)).subquery()
    return list(
        conn.execute(select(found.c.record_id).order_by(found.c.record_id.desc()).limit(limit)).scalars()
    )
