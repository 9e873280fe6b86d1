"""Records checked once more just before they are sent, each with the request that says it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.records import Record, State
from qbwc_server.domain.sessions import Session, new_request_id
from qbwc_server.storage import Transaction
from qbwc_server.sync import resolve, wording
from qbwc_server.sync.check import Finding, Ready
from qbwc_server.sync.wording import Dialect
from qbwc_server.sync.work import Work
from qbxml.requests import Built
from qbxml.requests import Request as QbxmlRequest

ToBeSent = tuple[Record, Ready, QbxmlRequest, Built]


def passed(
    conn: Transaction,
    connector: Connector,
    session: Session | None,
    members: Sequence[Record],
    *,
    now: datetime,
) -> list[ToBeSent]:
    """Those of these records that are to be sent, each with its request; of the others the check found that they must
    not or need not."""
    going: list[ToBeSent] = []
    # before a session there is no knowing which QuickBooks it will be: the one it was last time
    dialect = Dialect.of(session if session is not None else connector)
    with resolve.working(conn, connector, now=now) as work:
        for record in members:
            if record.is_void and record.link is None:
                # voided while nobody knew whether QuickBooks had it, and it has not: there is nothing to void
                resolve.withdrawn(work, record, actor="server")
        left = [record for record in members if not (record.is_void and record.link is None)]
        for record, verdict in resolve.decide_all(work, left, actor="server"):
            if isinstance(verdict, Ready) and record.state is State.QUEUED:
                going += _sayable(work, record, verdict, dialect)
    still = [(work.known.now(record), verdict, request, built) for record, verdict, request, built in going]
    return [each for each in still if each[0].state is State.QUEUED and not each[0].waiting]


def _sayable(work: Work, record: Record, verdict: Ready, dialect: Dialect) -> Iterator[ToBeSent]:
    """A record with its request, unless that cannot be said in the QuickBooks that is to hear it."""
    request = wording.request_of(verdict, new_request_id())
    built = wording.said(record, request, dialect)
    if isinstance(built, Finding):
        resolve.put_off(work, record, [built], actor="server")
        return
    yield record, verdict, request, built
