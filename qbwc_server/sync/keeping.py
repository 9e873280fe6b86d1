"""Keeping what QuickBooks has of a record that a person changed there: the host's last change of it is dropped."""

from datetime import datetime

from qbwc_server.domain.causes import Cause, ChangedInQuickbooks
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import Conflict
from qbwc_server.domain.records import Record
from qbwc_server.storage import Transaction, records
from qbwc_server.sync import resolve


def keep(
    conn: Transaction, connector: Connector, record: Record, cause: Cause, *, now: datetime, actor: str
) -> None:
    """Count a record as in QuickBooks as it stands there, and say on it what differs from what the host wanted.

    Raises:
        Conflict: it is nothing in QuickBooks.
    """
    if record.link is None or not isinstance(cause, ChangedInQuickbooks):
        raise Conflict(f"{record.label} is nothing in QuickBooks that could be kept")
    # of a copy from a backup its EditSequence is older than the one that is known: it would be told again
    link = record.link._replace(edit_sequence=None) if cause.older else record.link
    record = records.change(conn, record, now=now, warnings=_warnings(record, cause, actor))
    resolve.become_synced(conn, connector, record, link, record.revision, now=now, actor=actor)


def _warnings(record: Record, cause: ChangedInQuickbooks, actor: str) -> tuple[str, ...]:
    kept = [
        f"{field}: QuickBooks keeps “{theirs}”, as {actor} decided."
        for field, (_, theirs) in cause.differences.items()
    ]
    left = f"QuickBooks keeps an older version, as {actor} decided."
    return (*record.warnings, *(kept or [left]))
