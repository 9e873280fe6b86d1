"""How a connector stands, for a Web Connector that asks whether there is anything to do: in one statement."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from qbwc_server.domain.causes import BadCredentials
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.records import State
from qbwc_server.domain.sessions import SessionState, SetState
from qbwc_server.storage.connectors import value_of
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.schema import (
    connector,
    error,
    list_load,
    login_failure,
    message_set,
    record,
    record_look,
    request,
    session,
)
from qbwc_server.storage.types import Moment


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
        has_new_lists: lists that every company file has were never asked for.
        has_lists_due: a list is being loaded, or a Resync was asked for, or QuickBooks may be asked once more.
        oldest_list: when the list that was loaded the longest ago was loaded.
        fields: the elements that were asked for, list by list: its name, a colon, a JSON array, and a semicolon
            between two lists. Of those QuickBooks may be asked for now, like the two before.
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
    has_new_lists: bool
    has_lists_due: bool
    oldest_list: datetime | None
    fields: str | None


def _word(constant: str) -> ColumnElement[str]:
    """A constant as part of the statement. SQLite plans a statement anew at each call where the value of a parameter
    decides whether an index of some of the rows may be used: three times the work of the statement itself."""
    return literal_column(f"'{constant}'", Text)


_NOW: ColumnElement[Any] = bindparam("now", type_=Moment)
_MAY_GO = or_(record.c.not_before.is_(None), record.c.not_before <= _NOW)


def _ready(*which: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    return (
        record.c.state == _word(State.QUEUED),
        record.c.waiting == literal_column("0"),
        record.c.claimed_id.is_(None),
        _MAY_GO,
        *which,
    )


def _mine(table: Any, *which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(table.c.connector_id == connector.c.id, *which)


_LISTS = and_(
    list_load.c.connector_id == connector.c.id,
    or_(list_load.c.not_before.is_(None), list_load.c.not_before <= _NOW),
)
_EVERYBODYS = [name for name in ListName if not name.is_on_demand]
_IS_EVERYBODYS = or_(*(list_load.c.list_name == _word(name) for name in _EVERYBODYS))
_KNOWN = select(func.count()).where(list_load.c.connector_id == connector.c.id, _IS_EVERYBODYS)
_DUE = or_(
    list_load.c.running.is_not(None),
    list_load.c.resync_requested_at.is_not(None),
    and_(
        list_load.c.loaded_at.is_(None),
        or_(list_load.c.refusal.is_not(None), _IS_EVERYBODYS),
    ),
)
_FIELDS = list_load.c.list_name + _word(":") + func.coalesce(cast(list_load.c.fields, Text), _word("[]"))


_HAS_UNCERTAIN = _mine(
    record,
    record.c.state == _word(State.UNCERTAIN),
    _MAY_GO,
    exists().where(
        request.c.record_id == record.c.id, request.c.settled.is_(False), request.c.absent.is_(False)
    ),
)
_HAS_ABSENT = _mine(message_set, message_set.c.state == _word(SetState.ABSENT))
_HAS_CLAIMS = _mine(record, record.c.claimed_id.is_not(None), record.c.state == _word(State.QUEUED), _MAY_GO)


def _statement(concatenated: Callable[..., ColumnElement[Any]]) -> Select[Any]:
    """Built once, and of plain parameters: one that SQLAlchemy has to look through at each call takes it longer than
    the database."""
    fields = select(concatenated(_FIELDS, _word(";")))
    return select(
        *connector.c,
        exists().where(
            login_failure.c.address == bindparam("address"),
            login_failure.c.at > bindparam("since", type_=Moment),
        ),
        _mine(session, session.c.state == _word(SessionState.OPEN)),
        _mine(
            error,
            error.c.cause == _word(BadCredentials.name),
            error.c.record_id.is_(None),
            error.c.refused_kind.is_(None),
            error.c.closed_at.is_(None),
        ),
        _mine(record_look),
        _HAS_UNCERTAIN,
        _HAS_ABSENT,
        _HAS_CLAIMS,
        _mine(record, *_ready()),
        _KNOWN.scalar_subquery() < literal_column(str(len(_EVERYBODYS))),
        exists().where(_LISTS, _DUE),
        select(func.min(list_load.c.loaded_at)).where(_LISTS).scalar_subquery(),
        fields.where(_LISTS, list_load.c.loaded_at.is_not(None)).scalar_subquery(),
    ).where(connector.c.username == bindparam("username"))


_STATEMENTS = {"sqlite": _statement(func.group_concat), "postgresql": _statement(func.string_agg)}

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
    row = conn.execute(_STATEMENTS[conn.dialect.name], values).one_or_none()
    if row is None:
        return None
    columns = len(connector.c)
    return Standing(value_of(row[:columns]), *row[columns:])


@dataclass(frozen=True, slots=True)
class Unusual:
    """What may have to be done before anything new is sent; in ordinary life none of it.

    Attributes:
        has_uncertain, has_absent, has_claims: as of `Standing`.
        has_isolated: the culprit of a refused message set is being looked for among some records.
    """

    has_uncertain: bool
    has_absent: bool
    has_claims: bool
    has_isolated: bool


def unusual(conn: Connection, connector_id: int, *, now: datetime) -> Unusual:
    """What of a connector comes before anything new that is sent: in one statement."""
    found = _UNUSUAL.rows(conn, {"connector_id": connector_id, "now": now})
    return Unusual(*map(bool, found[0]))


_UNUSUAL = Prepared(
    select(_HAS_UNCERTAIN, _HAS_ABSENT, _HAS_CLAIMS, _mine(record, record.c.isolation.is_not(None))).where(
        connector.c.id == bindparam("connector_id")
    )
)


def is_any_ready(conn: Connection, connector_id: int, kinds: tuple[Kind, ...], *, now: datetime) -> bool:
    """Whether a record of these kinds waits for nothing."""
    values = {"connector_id": connector_id, "kinds": kinds, "now": now}
    return conn.execute(_READY, values).first() is not None
