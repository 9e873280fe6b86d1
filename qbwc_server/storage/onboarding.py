"""Rows of the links for the person at the QuickBooks PC."""

from datetime import datetime
from typing import Any, Unpack

from sqlalchemy import Connection, Row, insert, select, update

from qbwc_server.domain.onboarding import Hours, Onboarding
from qbwc_server.storage.columns import OnboardingColumns
from qbwc_server.storage.schema import onboarding as table


def _value(row: Row[Any]) -> Onboarding:
    values = {name: value for name, value in row._mapping.items() if name != "digest"}
    hours = None if values["hours"] is None else Hours.restored(values["hours"])
    return Onboarding(**{**values, "hours": hours})


def add(
    conn: Connection, connector_id: int, digest: str, *, made_by: str, now: datetime, expires_at: datetime
) -> Onboarding:
    """Store a new link."""
    query = insert(table).values(
        connector_id=connector_id,
        digest=digest,
        made_by=made_by,
        created_at=now,
        expires_at=expires_at,
        hours_changes=0,
    )
    return _value(conn.execute(query.returning(*table.c)).one())


def end(conn: Connection, connector_id: int, *, now: datetime) -> bool:
    """Let no link of a connector open anything any more; False when none did."""
    good = (table.c.connector_id == connector_id, table.c.ended_at.is_(None), table.c.expires_at > now)
    return conn.execute(update(table).where(*good).values(ended_at=now)).rowcount > 0


def with_digest(conn: Connection, digest: str) -> Onboarding | None:
    """The link with this digest, good or over, or None."""
    row = conn.execute(select(table).where(table.c.digest == digest)).one_or_none()
    return None if row is None else _value(row)


def newest(conn: Connection, connector_id: int) -> Onboarding | None:
    """The newest link of a connector, good or over, or None."""
    query = select(table).where(table.c.connector_id == connector_id).order_by(table.c.id.desc()).limit(1)
    row = conn.execute(query).one_or_none()
    return None if row is None else _value(row)


def change(conn: Connection, link_id: int, **values: Unpack[OnboardingColumns]) -> None:
    """Set columns of a link."""
    conn.execute(update(table).where(table.c.id == link_id).values(**values))
