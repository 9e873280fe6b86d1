"""All that belongs to a connector deleted, some rows at a time, so that nobody waits for long."""

from sqlalchemy import Connection, Table, delete

from qbwc_server.storage.bulk import some_of
from qbwc_server.storage.schema import connector, metadata


def tables() -> list[Table]:
    """The tables whose rows belong to a connector, those that refer to others first; the rest goes with their rows."""
    return [table for table in reversed(metadata.sorted_tables) if "connector_id" in table.columns]


def erase_some(conn: Connection, connector_id: int, limit: int) -> bool:
    """Delete up to so many rows of a connector, and the connector itself when nothing else is left.

    Returns:
        Whether it is gone.
    """
    for table in tables():
        some = some_of(conn, table, table.c.connector_id == connector_id, limit)
        if conn.execute(delete(table).where(some)).rowcount:
            return False
    conn.execute(delete(connector).where(connector.c.id == connector_id))
    return True
