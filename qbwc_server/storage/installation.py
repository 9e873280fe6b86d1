"""Which key the digests in a database were made with: its fingerprint, in one row."""

from sqlalchemy import Connection, delete, insert, inspect, select

from qbwc_server.storage.schema import api_key, connector
from qbwc_server.storage.schema import installation as table


def fingerprint(conn: Connection) -> str | None:
    """The fingerprint of the key; None in a database of a former version, or a new one."""
    if not inspect(conn).has_table(table.name):
        return None
    return conn.execute(select(table.c.key_fingerprint)).scalar_one_or_none()


def needs_no_key(conn: Connection) -> bool:
    """Whether nothing in a database, whatever its schema, was made with a key: no connector and no API key."""
    known = inspect(conn)
    held = (item for item in (connector, api_key) if known.has_table(item.name))
    return all(conn.execute(select(item.c.id).limit(1)).first() is None for item in held)


def set_fingerprint(conn: Connection, value: str) -> None:
    """Let the database belong to the key of this fingerprint, and to no other."""
    conn.execute(delete(table))
    conn.execute(insert(table).values(id=1, key_fingerprint=value))
