"""Tidying: removed connectors are erased when their days are over, and texts that nobody needs are forgotten."""

from datetime import datetime, timedelta

from qbwc_server.desk.administration import removal
from qbwc_server.domain import care as cared
from qbwc_server.domain import habits
from qbwc_server.domain.causes import RequestUncertain
from qbwc_server.domain.days import KEPT as DAYS_KEPT
from qbwc_server.domain.days import day_of
from qbwc_server.domain.repeats import KEPT
from qbwc_server.storage import (
    Transaction,
    care,
    connectors,
    deliveries,
    errors,
    idempotency,
    raw_requests,
    refused,
    sessions,
)
from qbwc_server.storage import days as day_rows
from qbwc_server.sync.core import Core

DAILY = timedelta(days=1)
"""How often a connector's old texts are looked for."""
_KEYS_AT_ONCE = 500


def tidy(core: Core) -> list[str]:
    """Erase and forget what is due; the names of the connectors that were erased.

    One connector is one transaction, or several: whoever else writes waits for one of them at most.
    """
    erased = removal.erase_due(core)
    _forget_keys(core)
    with core.database.read() as conn:
        untidy = connectors.not_tidied_since(conn, core.clock() - DAILY)
    for connector_id in untidy:
        _forget(core, connector_id)
        core.database.give_way()
    return erased


def _forget_keys(core: Core) -> None:
    """Forget what requests of hosts were answered whose keys have had their time, in slices."""
    is_more = True
    while is_more:
        with core.database.begin() as conn:
            gone = idempotency.forget_some(conn, before=core.clock() - KEPT, limit=_KEYS_AT_ONCE)
        is_more = gone == _KEYS_AT_ONCE
        core.database.give_way()


def _forget(core: Core, connector_id: int) -> None:
    """Forget the texts of message sets that were settled long ago, which recovery never needs, and what the host was
    refused and what was sent to webhooks that long ago; its days after two years. Its habit is learned anew."""
    now, days = core.clock(), core.limits.keep_message_texts_days
    with core.database.begin() as conn:
        sessions.forget_texts(conn, connector_id, before=now - timedelta(days=days))
        undecided = errors.find(conn, connector_id, cause=RequestUncertain.name, connector_wide=True)
        but = [item.cause.request_id for item in undecided if isinstance(item.cause, RequestUncertain)]
        raw_requests.forget(conn, connector_id, before=now - timedelta(days=max(days, 1)), but=but)
        refused.forget(conn, connector_id, before=now - timedelta(days=max(days, 1)))
        deliveries.forget(conn, connector_id, before=now - timedelta(days=max(days, 1)))
        care.forget(conn, connector_id, before=now - cared.KEPT)
        day_rows.forget(conn, connector_id, day_of(now - DAYS_KEPT))
        connectors.change(conn, connector_id, tidied_at=now, habit=_habit(conn, connector_id, now))


def _habit(conn: Transaction, connector_id: int, now: datetime) -> str | None:
    """When its Web Connector usually calls, by the last weeks."""
    since = day_of(now) - timedelta(weeks=habits.WEEKS)
    found = day_rows.of(conn, [connector_id], since)[connector_id]
    known_since = day_of(connectors.get(conn, connector_id).created_at)
    return habits.learned(found, max(since, known_since), now)
