"""How a connector stands, for a Web Connector that asks whether there is anything to do: one statement."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, exists, or_, select

from qbwc_server.domain.causes import BadCredentials
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.domain.sessions import SessionState, SetState

from .connectors import value_of
from .schema import connector, error, login_failure, message_set, record, record_look, request, session
from .types import Moment


@dataclass(frozen=True, slots=True)
class Standing:
    """A connector, and what there may be to do for it.

    Attributes:
        has_failed_tries: somebody at the caller's address failed to sign in lately.
        has_session: one is live.
        has_bad_login: the error record of a wrong password is open.
        has_noted: records are noted to be looked at.
        has_uncertain: QuickBooks may be asked about a record whose answer was lost.
        has_absent: a message set is to be sent again.
        has_claims: QuickBooks may be asked about a document that a person named.
        has_ready: a record waits for nothing, be its kind posted or not.
    """

    connector: Connector
    has_failed_tries: bool
    has_session: bool
    has_bad_login: bool
    has_noted: bool
    has_uncertain: bool
    has_absent: bool
    has_claims: bool
    has_ready: bool


_NOW: ColumnElement[Any] = bindparam("now", type_=Moment)
_MAY_GO = or_(record.c.not_before.is_(None), record.c.not_before <= _NOW)


def _ready(*which: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    return (
        record.c.state == State.QUEUED,
        record.c.waiting == 0,
        record.c.claimed_id.is_(None),
        _MAY_GO,
        *which,
    )


def _mine(table: Any, *which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(table.c.connector_id == connector.c.id, *which)


_STANDING: Select[Any] = select(
    *connector.c,
    exists().where(
        login_failure.c.address == bindparam("address"), login_failure.c.at > bindparam("since", type_=Moment)
    ),
    _mine(session, session.c.state == SessionState.OPEN),
    _mine(
        error,
        error.c.cause == BadCredentials.name,
        error.c.record_id.is_(None),
        error.c.refused_kind.is_(None),
        error.c.closed_at.is_(None),
    ),
    _mine(record_look),
    _mine(
        record,
        record.c.state == State.UNCERTAIN,
        _MAY_GO,
        exists().where(
            request.c.record_id == record.c.id, request.c.settled.is_(False), request.c.absent.is_(False)
        ),
    ),
    _mine(message_set, message_set.c.state == SetState.ABSENT),
    _mine(record, record.c.claimed_id.is_not(None), record.c.state == State.QUEUED, _MAY_GO),
    _mine(record, *_ready()),
).where(connector.c.username == bindparam("username"))

_READY = (
    select(record.c.id)
    .where(
        record.c.connector_id == bindparam("connector_id"),
        *_ready(record.c.kind.in_(bindparam("kinds", expanding=True))),
    )
    .limit(1)
)


def of(conn: Connection, username: str, *, address: str, since: datetime, now: datetime) -> Standing | None:
    """How the connector with this user name stands; None when there is none.

    Args:
        address, since: where failures to sign in count, and from when on.
    """
    values = {"username": username, "address": address, "since": since, "now": now}
    row = conn.execute(_STANDING, values).one_or_none()
    if row is None:
        return None
    columns = len(connector.c)
    return Standing(value_of(row[:columns]), *map(bool, row[columns:]))


def is_any_ready(conn: Connection, connector_id: int, kinds: tuple[Kind, ...], *, now: datetime) -> bool:
    """Whether a record of these kinds waits for nothing."""
    values = {"connector_id": connector_id, "kinds": kinds, "now": now}
    return conn.execute(_READY, values).first() is not None
