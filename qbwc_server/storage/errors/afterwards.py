"""What became of error records that stood together: when and how they ended, and where their records are now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from qbwc_server.domain.errors import StoredError
from qbwc_server.domain.event_types import ConnectorHappening, type_of_connector
from qbwc_server.domain.matching import fold
from qbwc_server.domain.records import State
from qbwc_server.storage.errors.rows import read, whole
from qbwc_server.storage.schema import error as table
from qbwc_server.storage.schema import event, record
from qbwc_server.storage.types import Moment


@dataclass(frozen=True, slots=True)
class Ending:
    """So many of them ended in one way.

    Attributes:
        reason: how; None: the cause went away.
        at: when the last of them did.
    """

    reason: str | None
    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """So many of their records wait for something else now.

    Attributes:
        first_id: the first of the error records that say so.
    """

    cause: str
    cause_key: str
    number: int
    first_id: int


def endings(
    conn: Connection, connector_id: int, cause: str, cause_key: str, *, since: datetime
) -> list[Ending]:
    """How those of one cause and key ended since a moment, the latest first."""
    ended = func.max(table.c.closed_at, type_=Moment)
    query = select(table.c.close_reason, func.count(), ended).where(
        *_closed(connector_id, cause, cause_key, since)
    )
    query = query.group_by(table.c.close_reason).order_by(ended.desc())
    return [Ending(*row) for row in conn.execute(query)]


def last_closed(conn: Connection, connector_id: int, cause: str, cause_key: str) -> StoredError | None:
    """The one of one cause and key that ended last by its id; None: none did."""
    these = (
        table.c.connector_id == connector_id,
        # the second is what is indexed
        table.c.cause_key == cause_key,
        table.c.folded_key == fold(cause_key),
        table.c.cause == cause,
        table.c.closed_at.is_not(None),
    )
    newest = select(func.max(table.c.id)).where(*these).scalar_subquery()
    return next(iter(read(conn, whole().where(table.c.id == newest))), None)


def whereabouts(
    conn: Connection, connector_id: int, cause: str, cause_key: str, *, since: datetime
) -> dict[State, int]:
    """In which states their records are now."""
    records = select(table.c.record_id).where(*_closed(connector_id, cause, cause_key, since))
    query = select(record.c.state, func.count()).where(record.c.id.in_(records)).group_by(record.c.state)
    return {State(state): number for state, number in conn.execute(query)}


def elsewhere(
    conn: Connection, connector_id: int, cause: str, cause_key: str, *, since: datetime, limit: int
) -> list[Elsewhere]:
    """For what else their records wait now, the most first."""
    records = select(table.c.record_id).where(*_closed(connector_id, cause, cause_key, since))
    now = table.alias("now")
    number = func.count()
    query = (
        select(now.c.cause, now.c.cause_key, number, func.min(now.c.id))
        .where(now.c.record_id.in_(records), now.c.closed_at.is_(None))
        .group_by(now.c.cause, now.c.cause_key)
        .order_by(number.desc())
        .limit(limit)
    )
    return [Elsewhere(*row) for row in conn.execute(query)]


def _closed(
    connector_id: int, cause: str, cause_key: str, since: datetime
) -> tuple[ColumnElement[bool], ...]:
    return (
        table.c.connector_id == connector_id,
        # the second is what is indexed
        table.c.cause_key == cause_key,
        table.c.folded_key == fold(cause_key),
        table.c.cause == cause,
        table.c.closed_at >= since,
    )


def resync_before(conn: Connection, connector_id: int, at: datetime, *, since: datetime) -> str | None:
    """Who asked for the last Resync up to a moment; None: nobody since another one."""
    query = (
        select(event.c.actor)
        .where(
            event.c.connector_id == connector_id,
            event.c.type == type_of_connector(ConnectorHappening.RESYNC_REQUESTED),
            event.c.at <= at,
            event.c.at >= since,
        )
        .order_by(event.c.id.desc())
        .limit(1)
    )
    return conn.execute(query).scalar()
