"""Whether QuickBooks still holds what was posted: a company file restored from a backup has forgotten the latest.

Nothing in QuickBooks tells of a restored backup, and no list of what was deleted names what it took away. So
the records synced last are asked for with every refresh, and the ones before them as long as some are missing.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from qbwc_server.domain import in_quickbooks
from qbwc_server.domain.causes import DocumentDeleted
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import Narrowed, QuickBooksAnswer
from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.operations import Operation, Request, Verifying
from qbwc_server.domain.records import Link, Record, State
from qbwc_server.domain.sessions import new_request_id
from qbwc_server.storage import Transaction, connectors, errors, events, records
from qbwc_server.sync import copies, full_loads, resolve, revision
from qbwc_server.sync.work import Work
from qbwc_server.visit.questions import Heard, Question
from qbxml.requests import Query

log = logging.getLogger(__name__)

ASKED_FOR = 50
"""How many of the records synced last are asked for at once."""

_MOST_VANISHED = 1000
"""How many documents that had vanished are asked for with a refresh."""


def questions(conn: Transaction, connector: Connector, *, again: bool) -> list[Question]:
    """Ask for what was synced last; the answer says whether to go on with what was synced before.

    Args:
        again: this is what was synced before. Otherwise the documents that had vanished are asked for, too: another
            backup may have been put in place since.
    """
    wanted = [records.synced_last(conn, connector.id, limit=ASKED_FOR)]
    if not again:
        wanted.append(_vanished(conn, connector))
    parts = [part for members in wanted for part in _by_kind(members)]
    connectors.change(conn, connector.id, is_restored=False, is_verifying=bool(parts))
    return [
        _question(kind, ids, again=again, last=number == len(parts))
        for number, (kind, ids) in enumerate(parts, start=1)
    ]


def _vanished(conn: Transaction, connector: Connector) -> list[Record]:
    """The documents that had vanished."""
    found = errors.page(
        conn, connector.id, is_open=True, narrowed=Narrowed(cause=DocumentDeleted.name), limit=_MOST_VANISHED
    )
    ids = [
        item.record_id
        for item in found
        if item.record_id is not None and isinstance(item.cause, DocumentDeleted) and item.cause.vanished
    ]
    return list(records.get_all(conn, ids).values())


def _by_kind(wanted: Sequence[Record]) -> Iterator[tuple[Kind, dict[int, str]]]:
    """The ListIDs or TxnIDs of linked records, kind by kind."""
    for kind in Kind:
        ids = {
            record.id: record.link.quickbooks_id
            for record in wanted
            if record.kind is kind and record.link is not None
        }
        if ids:
            yield kind, ids


def _question(kind: Kind, ids: Mapping[int, str], *, again: bool, last: bool) -> Question:
    selectors: dict[str, Any] = {kind.id_name: list(ids.values())}
    query = Query(
        KINDS[kind].name,
        request_id=new_request_id(),
        include_ret_element=in_quickbooks.identity_fields(kind),
        **selectors,
    )
    return Question(query, Operation.VERIFY, Verifying(kind, ids, again, last))


def read(heard: Heard) -> None:
    """Block what is missing or was put back to an older version, and have the rest looked at too."""
    conn, connector, now = heard.conn, heard.connector, heard.now
    verifying = heard.purpose_as(Verifying)
    if verifying.last:
        connectors.change(conn, connector.id, is_verifying=False)
    if heard.is_refused:
        log.warning(
            "connector %s: QuickBooks refused to show what was posted (%s)",
            connector.name,
            heard.response.status_code,
        )
        return
    found = {copies.id_of(item): item for item in heard.response.records}
    asked = records.get_all(conn, verifying.ids)
    with resolve.working(conn, connector, now=now) as work:
        errors.read_ahead(conn, list(asked))
        resolve.foresee_errors(work, asked.values())
        missing = _judge(work, verifying.ids, asked, found)
    if missing:
        _look_further(conn, connector, missing, again=verifying.again, now=now)


def give_up(
    conn: Transaction, connector: Connector, request: Request, answer: QuickBooksAnswer, *, now: datetime
) -> None:
    """The whole message set was refused: what was synced last is looked at again with the next refresh; nothing
    waits for it."""
    connectors.change(conn, connector.id, is_verifying=False)


def _judge(
    work: Work, ids: Mapping[int, str], asked: Mapping[int, Record], found: Mapping[str | None, Any]
) -> int:
    """Compare what was posted with what QuickBooks shows; how many are missing or older there."""
    missing, there = 0, []
    for record_id, quickbooks_id in ids.items():
        record = asked[record_id]
        link = record.link
        if link is None or link.quickbooks_id != quickbooks_id:
            continue
        if record.state is State.BLOCKED and quickbooks_id in found:
            _take_back(work.conn, record, now=work.now)
        if record.state is not State.SYNCED:
            continue
        if quickbooks_id not in found:
            revision.vanished(work, record, link)
            missing += 1
        elif _is_older(record, link, found[quickbooks_id]):
            revision.taken_back(work, record)
            missing += 1
        else:
            there.append(record.id)
    records.seen(work.conn, there, now=work.now)
    return missing


def _take_back(conn: Transaction, record: Record, *, now: datetime) -> None:
    """A document that had vanished is there: read it, and go on from there."""
    open_errors = errors.of_record(conn, record.connector_id, record.id)
    if any(isinstance(item.cause, DocumentDeleted) for item in open_errors):
        errors.close_of_record(conn, record.id, "it is in QuickBooks after all", now=now)
        records.move(conn, record, State.QUEUED, now=now, actor="quickbooks", needs_reading=True)


def _is_older(record: Record, link: Link, found: Any) -> bool:
    if record.is_void and KINDS[record.kind].is_voidable and link.edit_sequence is None:
        return (
            in_quickbooks.total_of(found) != 0
        )  # QuickBooks tells no EditSequence when it voids (TxnVoidRs)
    return revision.is_older(link, found.edit_sequence)


def _look_further(
    conn: Transaction, connector: Connector, missing: int, *, again: bool, now: datetime
) -> None:
    """Look at older records in the next message set; lists are loaded whole, as they may have gone back too."""
    if not again:
        detail = f"{missing} of the records synced last are not in QuickBooks as they were"
        what = ConnectorHappening.COMPANY_FILE_RESTORED
        events.add(conn, connector.id, what, at=now, actor="quickbooks", detail=detail)
        full_loads.request(conn, connector, now=now)
    connectors.change(conn, connector.id, is_restored=True)
