"""How many writes go into one message set: what a QuickBooks that takes its time is likely to carry out in time."""

from datetime import datetime

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.limits import Limits
from qbwc_server.domain.sessions import MessageSet
from qbwc_server.storage import Transaction, connectors, days, sessions


def batch_size(connector: Connector, limits: Limits) -> int:
    """How many writes go into one message set: the connector's batch size, or as many as a slow QuickBooks is
    likely to carry out in time."""
    pace = connector.seconds_per_request
    if not pace:
        return connector.settings.batch_size
    return max(1, min(connector.settings.batch_size, int(limits.target_seconds / pace)))


def learn_pace(
    conn: Transaction, connector: Connector, answered: MessageSet, limits: Limits, *, now: datetime
) -> None:
    """Measure how long QuickBooks took over each write of a message set, smoothed over several.

    An answer that was very long in coming counts as twice the time aimed at: the PC may have slept meanwhile,
    which is no reason to go on with single records.
    """
    if not answered.writes:
        return
    number = sum(item.operation.writes for item in sessions.requests_of(conn, answered.id))
    if not number:
        return
    elapsed = min(max(0.0, (now - answered.sent_at).total_seconds()), 2 * limits.target_seconds)
    days.add(conn, connector.id, answered.sent_at, writes=number, write_seconds=elapsed)
    seconds = elapsed / number
    before = connector.seconds_per_request
    pace = seconds if before is None else 0.7 * before + 0.3 * seconds
    connectors.change(conn, connector.id, seconds_per_request=pace)
