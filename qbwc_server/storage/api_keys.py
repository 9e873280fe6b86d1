"""Rows of API keys: by what digest a host is known, which connector it may reach, and until when."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from qbwc_server.domain.faults import Conflict
from qbwc_server.domain.people import ApiKey

from .schema import api_key as table
from .schema import connector


def _query() -> Select[Any]:
    columns = [column for column in table.c if column.name not in ("connector_id", "digest")]
    of_connector = (connector.c.name.label("connector"), connector.c.removed_at.label("connector_removed_at"))
    return select(*columns, *of_connector).outerjoin(connector, connector.c.id == table.c.connector_id)


_GOOD = _query().where(
    table.c.digest == bindparam("digest"), table.c.revoked_at.is_(None), connector.c.removed_at.is_(None)
)


def _value(row: Row[Any]) -> ApiKey:
    return ApiKey(**row._mapping)


def add(conn: Connection, name: str, digest: str, connector_id: int | None, *, now: datetime) -> ApiKey:
    """Store a new key.

    Raises:
        Conflict: a key that is good has this name.
    """
    query = insert(table).values(name=name, digest=digest, connector_id=connector_id, created_at=now)
    try:
        made = conn.execute(query.returning(table.c.id)).scalar_one()
    except IntegrityError:
        raise Conflict(f"there is already an API key named {name!r}") from None
    return _value(conn.execute(_query().where(table.c.id == made)).one())


def good(conn: Connection, digest: str) -> ApiKey | None:
    """The key with this digest that is not revoked, and whose connector was not removed, or None."""
    row = conn.execute(_GOOD, {"digest": digest}).one_or_none()
    return None if row is None else _value(row)


def used(conn: Connection, key_id: int, *, now: datetime) -> None:
    """Note when a key was last used."""
    conn.execute(update(table).where(table.c.id == key_id).values(last_used_at=now))


def revoke(conn: Connection, name: str, *, now: datetime) -> ApiKey | None:
    """Let the good key of this name open nothing any more; None when there is none."""
    query = update(table).where(table.c.name == name, table.c.revoked_at.is_(None)).values(revoked_at=now)
    revoked = conn.execute(query.returning(table.c.id)).scalar_one_or_none()
    return None if revoked is None else _value(conn.execute(_query().where(table.c.id == revoked)).one())


def every(conn: Connection) -> list[ApiKey]:
    """All keys, good and revoked, in the order they were made."""
    return [_value(row) for row in conn.execute(_query().order_by(table.c.id))]
