"""Which blocked records need no look, as nothing a look depends on has changed since the last one.

In doubt a record is looked at: what is wrongly taken for changed costs a moment, the opposite costs somebody's trust.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from qbwc_server import __version__
from qbwc_server.domain.causes import AlreadyLinked
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import Transaction, errors, events, records, sessions
from qbwc_server.storage.errors import LookedAt
from qbwc_server.sync import resolve

IN_DOUBT = timedelta(minutes=1)
"""A change this short before a look counts as one behind it: the clocks of several servers are not quite the same."""


def since(conn: Transaction, connector: Connector, *, now: datetime) -> Mapping[int, datetime]:
    """The blocked records of a connector that need no look, and when each was looked at last."""
    if not resolve.can_check(conn, connector):
        return {}
    changed = _last_change(conn, connector)
    looks: dict[int, datetime] = {}
    others: set[int] = set()
    for item in errors.looks(conn, connector.id):
        looked_at = item.looked_at
        if looked_at is None or not _is_good(item, looked_at, changed, now):
            others.add(item.record_id)
        else:
            looks[item.record_id] = min(looked_at, looks.get(item.record_id, looked_at))
    return {record_id: looked_at for record_id, looked_at in looks.items() if record_id not in others}


def _is_good(item: LookedAt, looked_at: datetime, changed: datetime | None, now: datetime) -> bool:
    """Whether a look would find the same again: it was one at the cache and the settings, by this version."""
    return (
        item.cause.told_by_a_look
        and not item.by_quickbooks
        and not (item.kind.is_document and isinstance(item.cause, AlreadyLinked))
        and item.looked_by == __version__
        and item.updated_at <= looked_at <= now
        and (changed is None or changed + IN_DOUBT < looked_at)
    )


def _last_change(conn: Transaction, connector: Connector) -> datetime | None:
    """When anything last happened that a look may depend on: QuickBooks told something, staff did something to the
    connector, the host changed a customer, vendor or item, or one of them got on."""
    moments = [
        sessions.last_call(conn, connector.id),
        events.last_of_connector(conn, connector.id),
        *(records.last_change(conn, connector.id, kind) for kind in Kind if not kind.is_document),
    ]
    return max((moment for moment in moments if moment is not None), default=None)
