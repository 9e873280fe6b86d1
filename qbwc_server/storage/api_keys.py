"""Rows of API keys: by what digest a host is known, which connector it may reach, for what, and until when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from qbwc_server.domain.faults import Conflict
from qbwc_server.domain.people import ApiKey, Scope
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.schema import api_key as table
from qbwc_server.storage.schema import connector


def _query() -> Select[Any]:
    columns = [column for column in table.c if column.name not in ("connector_id", "digest")]
    of_connector = (connector.c.name.label("connector"), connector.c.removed_at.label("connector_removed_at"))
    return select(*columns, *of_connector).outerjoin(connector, connector.c.id == table.c.connector_id)


_GOOD = Prepared(
    _query().where(
        table.c.digest == bindparam("digest"), table.c.revoked_at.is_(None), connector.c.removed_at.is_(None)
    )
)


_NAMES = tuple(_query().selected_columns.keys())


def _value(row: Sequence[Any]) -> ApiKey:
    values = dict(zip(_NAMES, row, strict=True))
    values["scope"] = Scope(values["scope"])
    return ApiKey(**values)


def add(
    conn: Connection,
    name: str,
    digest: str,
    connector_id: int | None,
    *,
    scope: Scope,
    expires_at: datetime | None,
    now: datetime,
) -> ApiKey:
    """Store a new key. One of the same name whose time is over makes room for it.

    Raises:
        Conflict: a key that is good has this name.
    """
    is_over = (table.c.name == name, table.c.connector_id.is_not_distinct_from(connector_id))
    conn.execute(
        update(table)
        .where(*is_over, table.c.revoked_at.is_(None), table.c.expires_at <= now)
        .values(revoked_at=now)
    )
    query = insert(table).values(
        name=name,
        digest=digest,
        connector_id=connector_id,
        scope=scope.value,
        expires_at=expires_at,
        created_at=now,
    )
    try:
        made = conn.execute(query.returning(table.c.id)).scalar_one()
    except IntegrityError:
        raise Conflict(f"there is already an API key named {name!r}") from None
    return _value(conn.execute(_query().where(table.c.id == made)).one())


def good(conn: Connection, digest: str) -> ApiKey | None:
    """The key with this digest that is not revoked, and whose connector was not removed, or None.

    Its time may be over: whoever holds it is told so.
    """
    row = _GOOD.row(conn, {"digest": digest})
    return None if row is None else _value(row)


def used(conn: Connection, key_id: int, *, now: datetime) -> None:
    """Note when a key was last used."""
    conn.execute(update(table).where(table.c.id == key_id).values(last_used_at=now))


def named(conn: Connection, name: str) -> list[ApiKey]:
    """The keys of this name that are not revoked: at most one a connector, and one that opens all."""
    query = _query().where(table.c.name == name, table.c.revoked_at.is_(None)).order_by(table.c.id)
    return [_value(row) for row in conn.execute(query)]


def get(conn: Connection, key_id: int) -> ApiKey | None:
    """The key with this id, or None."""
    row = conn.execute(_query().where(table.c.id == key_id)).one_or_none()
    return None if row is None else _value(row)


def revoke(conn: Connection, key_id: int, *, now: datetime) -> bool:
    """Let a key open nothing any more; False when it opens nothing already."""
    query = update(table).where(table.c.id == key_id, table.c.revoked_at.is_(None)).values(revoked_at=now)
    return conn.execute(query).rowcount == 1


def revoke_all(conn: Connection, *, now: datetime) -> None:
    """Let no key open anything any more."""
    conn.execute(update(table).where(table.c.revoked_at.is_(None)).values(revoked_at=now))


def every(conn: Connection) -> list[ApiKey]:
    """All keys, good and revoked, in the order they were made."""
    return [_value(row) for row in conn.execute(_query().order_by(table.c.id))]


def of_connector(conn: Connection, connector_id: int) -> list[ApiKey]:
    """The keys that open this connector and no other, good and revoked, in the order they were made."""
    query = _query().where(table.c.connector_id == connector_id).order_by(table.c.id)
    return [_value(row) for row in conn.execute(query)]
