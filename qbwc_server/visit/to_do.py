"""Whether a session would have anything to do, and how far it has come."""

from collections.abc import Sequence
from datetime import datetime
from itertools import repeat

from qbwc_server.domain.connectors import Connector, kinds_to_post, may_write
from qbwc_server.domain.records import Record
from qbwc_server.domain.sessions import Session
from qbwc_server.storage import Transaction, records, sessions, standing
from qbwc_server.sync import list_cache, resolve
from qbwc_server.visit import last_check
from qbwc_server.visit.operations import guids, numbers, raw

_LOOKED_AT_ONCE = 50
"""How many records are read at once to see whether there is any that would be sent."""

_PAGES_LOOKED_AT = 4
"""So many times; with more behind them there is something to do."""

_ENOUGH = 1000
"""Beyond this many, how many records are still to come does not change the progress shown."""


def has_work(
    conn: Transaction, connector: Connector, *, now: datetime, session: Session | None = None
) -> bool:
    """Whether a session would have anything to do."""
    writing = may_write(connector, session)
    unusual = standing.unusual(conn, connector.id, now=now)
    if unusual.has_uncertain or unusual.has_claims or (writing and unusual.has_absent):
        return True
    if connector.is_restored or connector.is_verifying or list_cache.any_due(conn, connector, now):
        return True
    if resolve.has_noted(conn, connector) or raw.any_waiting(conn, connector, session):
        return True
    # a record that names something of a list nobody asked for before makes that list due
    return writing and (
        _anything_to_write(conn, connector, session, unusual, now) or list_cache.any_due(conn, connector, now)
    )


def _anything_to_write(
    conn: Transaction, connector: Connector, session: Session | None, unusual: standing.Unusual, now: datetime
) -> bool:
    """Whether anything would be sent. What turns out to be blocked, or in QuickBooks already, is decided at once:
    a visit for which nothing is left would end with an error in the Web Connector's window."""
    if not resolve.can_check(conn, connector):
        return False
    kinds = kinds_to_post(connector)
    isolated = records.isolated(conn, connector, kinds, now=now) if unusual.has_isolated else []
    if _any_would_go(conn, connector, session, isolated, now):
        return True
    last: Record | None = None
    for limit in (1, *repeat(_LOOKED_AT_ONCE, _PAGES_LOOKED_AT)):  # mostly the first one is enough
        found = records.sendable(conn, connector, kinds, now=now, limit=limit, after=last)
        if _any_would_go(conn, connector, session, found, now):
            return True
        if len(found) < limit:
            return False
        last = found[-1]
    return True


def _any_would_go(
    conn: Transaction, connector: Connector, session: Session | None, found: Sequence[Record], now: datetime
) -> bool:
    """Whether QuickBooks would hear of any of these records, in words or in a question."""
    if not found:
        return False
    asked_in = session.id if session is not None else None
    if guids.to_be_sought(conn, asked_in, found) or any(
        (record.needs_reading and record.link is not None)
        or (record.is_void and record.link is None and numbers.needs_probe(connector, asked_in, record))
        for record in found
    ):
        return True
    return bool(last_check.passed(conn, connector, session, found, now=now))


def progress(conn: Transaction, connector: Connector, session: Session, *, now: datetime) -> int:
    """Percent done, 100 only when nothing is left for this session."""
    done, is_last = sessions.sets_of(conn, session.id)
    is_over = is_last and not resolve.has_noted(conn, connector)
    if is_over or not has_work(conn, connector, now=now, session=session):
        return 100
    left = records.count_sendable(conn, connector, kinds_to_post(connector), now=now, most=_ENOUGH)
    sets_left = max(1, left // connector.settings.batch_size)
    return min(99, 100 * done // (done + sets_left))
