"""One record, for whoever has no others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.records import Link, PostedLine, Record
from qbwc_server.storage import Transaction
from qbwc_server.sync.check import (
    Finding,
    Verdict,
)
from qbwc_server.sync.resolve.blocking import put_off
from qbwc_server.sync.resolve.freeing import free_entry
from qbwc_server.sync.resolve.linking import Arrival, link_to, withdrawn
from qbwc_server.sync.resolve.sets import working
from qbwc_server.sync.resolve.verdicts import decide_all


def decide(
    conn: Transaction, connector: Connector, record: Record, *, now: datetime, actor: str
) -> tuple[Record, Verdict]:
    """Check a queued or blocked record and carry out the verdict; returns it as it stands then."""
    with working(conn, connector, now=now) as work:
        ((record, verdict),) = decide_all(work, [record], actor=actor)
    return work.known.now(record), verdict


def block(
    conn: Transaction,
    connector: Connector,
    record: Record,
    findings: Sequence[Finding],
    *,
    now: datetime,
    actor: str,
) -> Record:
    """Block a record for these reasons; what waits for it is blocked behind the same keys."""
    with working(conn, connector, now=now) as work:
        record = put_off(work, record, findings, actor=actor)
    return work.known.now(record)


def become_synced(
    conn: Transaction,
    connector: Connector,
    record: Record,
    link: Link,
    revision: int,
    *,
    now: datetime,
    actor: str,
    content: Mapping[str, Any] | None = None,
    posted_lines: Sequence[PostedLine] | None = None,
) -> Record:
    """QuickBooks holds the record at this revision, as `link_all` takes it of several."""
    arrival = Arrival(record, link, revision, content, posted_lines)
    with working(conn, connector, now=now) as work:
        record = link_to(work, arrival, actor=actor)
    return work.known.now(record)


def withdraw(conn: Transaction, connector: Connector, record: Record, *, now: datetime, actor: str) -> Record:
    """Cancel a record that is not on its way, and with it a wish to void it that QuickBooks has not heard of yet;
    what waited for it is checked again."""
    with working(conn, connector, now=now) as work:
        record = withdrawn(work, record, actor=actor)
    return work.known.now(record)


def let_go(conn: Transaction, connector: Connector, record: Record, *, now: datetime, actor: str) -> None:
    """A record has given up its link, or was withdrawn: check again those that would be linked to the same."""
    with working(conn, connector, now=now) as work:
        free_entry(work, record, actor=actor)
