"""Rows of webhooks: the endpoints of connectors, and which courier delivers to one at the moment."""

from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import Connection, Row, and_, delete, exists, func, insert, or_, select, update

from qbwc_server.domain.webhooks import Endpoint
from qbwc_server.storage.schema import connector, event
from qbwc_server.storage.schema import webhook as table
from qbwc_server.storage.schema import webhook_behind as behind
from qbwc_server.storage.schema import webhook_delivery as delivery


class EndpointColumns(TypedDict, total=False):
    """Those that may be set."""

    url: str
    types: list[str]
    allow_private: bool
    salt: str
    old_salt: str | None
    old_until: datetime | None
    after_id: int
    epoch: int
    attempts: int
    failing_since: datetime | None
    not_before: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None


def _value(row: Row[Any]) -> Endpoint:
    values = dict(row._mapping)
    return Endpoint(**{**values, "types": tuple(values["types"])})


def add(
    conn: Connection,
    connector_id: int,
    *,
    url: str,
    types: list[str],
    allow_private: bool,
    salt: str,
    after_id: int,
    now: datetime,
) -> Endpoint:
    """Store a new endpoint, which gets what happens after an event."""
    values = {
        "connector_id": connector_id,
        "url": url,
        "types": types,
        "allow_private": allow_private,
        "salt": salt,
        "created_at": now,
        "after_id": after_id,
        "epoch": 0,
        "attempts": 0,
    }
    return _value(conn.execute(insert(table).values(values).returning(*table.c)).one())


def find(conn: Connection, connector_id: int, webhook_id: int) -> Endpoint | None:
    """An endpoint of a connector, or None."""
    query = select(table).where(table.c.connector_id == connector_id, table.c.id == webhook_id)
    row = conn.execute(query).one_or_none()
    return None if row is None else _value(row)


def of_connector(conn: Connection, connector_id: int) -> list[Endpoint]:
    """The endpoints of a connector, in the order they were made."""
    query = select(table).where(table.c.connector_id == connector_id).order_by(table.c.id)
    return [_value(row) for row in conn.execute(query)]


def change(conn: Connection, webhook_id: int, **values: Unpack[EndpointColumns]) -> Endpoint:
    """Set columns of an endpoint, which must exist."""
    query = update(table).where(table.c.id == webhook_id).values(**values).returning(*table.c)
    return _value(conn.execute(query).one())


def remove(conn: Connection, webhook_id: int) -> None:
    """Forget an endpoint, and all that was sent to it."""
    conn.execute(delete(table).where(table.c.id == webhook_id))


def newest_event(conn: Connection, connector_id: int) -> int:
    """The id of the last event of a connector, 0 before the first."""
    query = select(func.max(event.c.id)).where(event.c.connector_id == connector_id)
    return conn.execute(query).scalar_one() or 0


# --- delivering --------------------------------------------------------------------------------------------


def there_are(conn: Connection) -> bool:
    """Whether there is any endpoint."""
    return bool(conn.execute(select(exists().select_from(table))).scalar_one())


def due(conn: Connection, *, now: datetime, limit: int) -> list[int]:
    """The endpoints that have something to be delivered, and to which nobody delivers at the moment, in any order."""
    is_free = or_(table.c.claimed_until.is_(None), table.c.claimed_until <= now)
    is_new = exists().where(event.c.connector_id == table.c.connector_id, event.c.id > table.c.after_id)
    is_late = exists().where(behind.c.webhook_id == table.c.id, behind.c.not_before <= now)
    is_wanted = exists().where(delivery.c.webhook_id == table.c.id, delivery.c.duration_ms.is_(None))
    may_go = or_(table.c.not_before.is_(None), table.c.not_before <= now)
    goes_on = and_(table.c.disabled_at.is_(None), may_go, or_(is_new, is_late))
    query = (
        select(table.c.id)
        .join(connector, connector.c.id == table.c.connector_id)
        .where(connector.c.removed_at.is_(None), is_free, or_(goes_on, is_wanted))
    )
    # where more are due than are worked for at a time, each has its chance
    return list(conn.execute(query.order_by(func.random()).limit(limit)).scalars())


def claim(
    conn: Connection, webhook_id: int, claimed_by: str, *, now: datetime, until: datetime
) -> Endpoint | None:
    """Deliver to an endpoint until a moment; None when another courier does, or it is gone.

    One who delivers to it already goes on.
    """
    is_free = or_(
        table.c.claimed_until.is_(None), table.c.claimed_until <= now, table.c.claimed_by == claimed_by
    )
    query = update(table).where(table.c.id == webhook_id, is_free)
    claimed = query.values(claimed_by=claimed_by, claimed_until=until).returning(*table.c)
    row = conn.execute(claimed).one_or_none()
    return None if row is None else _value(row)


def advance(conn: Connection, endpoint: Endpoint, **values: Unpack[EndpointColumns]) -> bool:
    """Set columns of an endpoint that is claimed, unless the claim was lost or somebody has moved it; whether so."""
    query = update(table).where(
        table.c.id == endpoint.id,
        table.c.claimed_by == endpoint.claimed_by,
        table.c.epoch == endpoint.epoch,
    )
    return conn.execute(query.values(**values)).rowcount == 1


def hold(conn: Connection, webhook_id: int) -> bool:
    """Whether an endpoint is there; it stays until the transaction ends."""
    return (
        conn.execute(select(table.c.id).where(table.c.id == webhook_id).with_for_update()).first() is not None
    )


def release(conn: Connection, webhook_id: int, claimed_by: str) -> None:
    """Let others deliver to an endpoint."""
    query = update(table).where(table.c.id == webhook_id, table.c.claimed_by == claimed_by)
    conn.execute(query.values(claimed_by=None, claimed_until=None))
