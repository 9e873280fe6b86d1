"""A document linked by hand is a claim until QuickBooks, asked by TxnID, shows a document of that kind."""

from datetime import datetime
from typing import Any

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.event_types import Happening
from qbwc_server.domain.events import of_record
from qbwc_server.domain.records import Claim, Record, State
from qbwc_server.storage import Transaction, errors, events, records
from qbwc_server.sync import pauses, resolve


def make(
    conn: Transaction, connector: Connector, record: Record, txn_id: str, *, now: datetime, actor: str
) -> Record:
    """Note that a person says which document of QuickBooks a record is; it is asked for at the next visit."""
    detail = f"TxnID {txn_id}, to be looked at in QuickBooks"
    claim = Claim(txn_id, resolve.revision_found(record), record.content)
    values: dict[str, Any] = {"attempts": 0, "isolation": None, **pauses.GOES_ON}
    values |= records.claim_columns(claim)
    if record.state is State.QUEUED:
        record = records.change(conn, record, now=now, **values)
    else:
        errors.close_of_record(conn, record.id, f"linked by {actor}", now=now)
        record = records.move(conn, record, State.QUEUED, now=now, actor=actor, detail=detail, **values)
    told = of_record(record, Happening.LINKED, "linked by hand", at=now, actor=actor, detail=detail)
    events.add_all(conn, [told])
    return records.set_waits(conn, record, (), now=now)
