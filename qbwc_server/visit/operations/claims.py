"""A document linked by hand is a claim until QuickBooks, asked by TxnID, shows a document of that kind.

Every claim is asked for under its own kind and under the others, so that the answer can say what it is instead.
Nothing is written of a record while its claim is open, and the link it had before stays until another is proven.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from qbwc_server.domain import in_quickbooks
from qbwc_server.domain.causes import LinkRefused
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.event_types import Happening
from qbwc_server.domain.events import of_record
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.operations import Claiming, Operation
from qbwc_server.domain.records import Claim, Record, State
from qbwc_server.domain.sessions import new_request_id
from qbwc_server.storage import Transaction, events, records
from qbwc_server.sync import copies, pauses, resolve
from qbwc_server.sync.check import Finding
from qbwc_server.visit import untold
from qbwc_server.visit.questions import Heard, Question
from qbxml.requests import Query

_SEEN = "the linked document was seen in QuickBooks"

_AT_ONCE = 50
"""How many claims are asked for in one query."""

_DOCUMENTS = tuple(kind for kind in Kind if kind.is_document)


def questions(conn: Transaction, connector: Connector, *, now: datetime) -> Iterator[Question]:
    """Ask for every open claim: under the other kinds first, so that the last answer can tell all."""
    claimed = records.claimed(conn, connector.id, now=now, limit=_AT_ONCE)
    fresh = [record for record in claimed if not record.attempts]
    # one that QuickBooks refused to look for goes alone: it may have been to blame
    alone = [[record] for record in claimed if record.attempts]
    for kind in _DOCUMENTS:
        for part in ([record for record in fresh if record.kind is kind], *alone):
            if part and part[0].kind is kind:
                yield from (_question(part, asked) for asked in _DOCUMENTS if asked is not kind)
                yield _question(part, kind)


def _question(part: Sequence[Record], kind: Kind) -> Question:
    ids = {record.id: record.claim.quickbooks_id for record in part if record.claim is not None}
    selectors: dict[str, Any] = {kind.id_name: sorted(set(ids.values()))}
    if part[0].kind is not kind:
        selectors["include_ret_element"] = ["TxnID"]
    query = Query(in_quickbooks.KINDS[kind].name, request_id=new_request_id(), **selectors)
    return Question(query, Operation.CLAIM, Claiming(kind, ids))


def read(heard: Heard) -> None:
    """What QuickBooks shows under the claimed TxnIDs: the right document, one of another kind, or none."""
    conn, connector, now = heard.conn, heard.connector, heard.now
    claiming = heard.purpose_as(Claiming)
    kind = claiming.kind
    found = {copies.id_of(item): item for item in heard.response.records}
    asked = records.get_all(conn, claiming.ids)
    with resolve.working(conn, connector, now=now):
        for record_id, txn_id in claiming.ids.items():
            record = asked[record_id]
            claim = record.claim
            if claim is None or claim.quickbooks_id != txn_id or record.state is not State.QUEUED:
                continue
            if record.kind is not kind:
                if txn_id in found:
                    _note_kind(conn, record, claim, kind, now=now)
            elif heard.is_refused:
                _wait_or_drop(heard, record, claim)
            elif txn_id in found:
                _prove(conn, connector, record, claim, found[txn_id], now=now)
            else:
                _drop(conn, connector, record, claim, None, now=now)


def _note_kind(conn: Transaction, record: Record, claim: Claim, kind: Kind, *, now: datetime) -> None:
    noted = Claim(claim.quickbooks_id, claim.revision, claim.content, kind)
    records.change(conn, record, now=now, **records.claim_columns(noted))


def _wait_or_drop(heard: Heard, record: Record, claim: Claim) -> None:
    """QuickBooks would not look: an id it cannot read is none of its own, anything else is asked again later."""
    conn, connector, now = heard.conn, heard.connector, heard.now
    if not record.attempts:
        records.change(conn, record, now=now, attempts=1)  # it goes alone next, at once
    elif 3000 <= heard.response.status_code < 3100:
        _drop(conn, connector, record, claim, heard.answer, now=now)
    else:
        untold.question_refused(conn, connector, record, heard.answer, heard.remedy, now=now)


def _prove(
    conn: Transaction, connector: Connector, record: Record, claim: Claim, found: Any, *, now: datetime
) -> None:
    """It is there: linked as it stands in QuickBooks, which the next change is compared with."""
    others = records.linked_to(conn, connector.id, record.kind, [claim.quickbooks_id])
    rival = next((other for other in others if other.id != record.id and not other.is_surplus), None)
    if rival is not None:
        # not `already_linked`, which a Resync looks at again: to post it after all is for a person to say
        cause = LinkRefused(record.kind.label, record.label, claim.quickbooks_id, taken_by=rival.label)
        _block(conn, connector, record, Finding(cause), now=now)
        return
    shown = _shown(record.kind, found)
    detail = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in shown.items() if value)
    told = of_record(record, Happening.LINK_CONFIRMED, _SEEN, at=now, actor="quickbooks", detail=detail)
    events.add_all(conn, [told])
    record = records.change(conn, record, now=now, linked_document=shown, **records.claim_columns(None))
    link = copies.link_of(found, "query", "hand")
    resolve.become_synced(
        conn, connector, record, link, claim.revision, now=now, actor="quickbooks", content=claim.content
    )


def _shown(kind: Kind, found: Any) -> dict[str, str | None]:
    """What a person tells a document by."""
    party = in_quickbooks.party_of(found)
    total = in_quickbooks.total_of(found)
    return {
        "ref_number": found.ref_number,
        str(in_quickbooks.KINDS[kind].party): party.full_name if party is not None else None,
        "txn_date": found.txn_date.isoformat() if found.txn_date is not None else None,
        "total": None if total is None else str(total),
    }


def _drop(
    conn: Transaction,
    connector: Connector,
    record: Record,
    claim: Claim,
    answer: QuickBooksAnswer | None,
    *,
    now: datetime,
) -> None:
    other = claim.found_as.label if claim.found_as is not None else None
    cause = LinkRefused(record.kind.label, record.label, claim.quickbooks_id, other)
    _block(conn, connector, record, Finding(cause, answer), now=now)


def _block(
    conn: Transaction, connector: Connector, record: Record, finding: Finding, *, now: datetime
) -> None:
    """It is not the document that was meant: the claim goes, what the record was linked to before stays."""
    record = records.change(
        conn, record, now=now, attempts=0, **pauses.GOES_ON, **records.claim_columns(None)
    )
    resolve.block(conn, connector, record, [finding], now=now, actor="quickbooks")
