"""Lost answers: what was on its way is uncertain, QuickBooks is asked, and only then is anything sent again.

Two proofs guard against duplicates. QuickBooks is first asked, read-only, whether it holds the record. Only a
message set of which it holds nothing is sent again, as the identical text under its own newMessageSetID, so
that QuickBooks returns the stored outcome instead of executing twice if it had executed after all.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from qbwc_server.domain import changes, in_quickbooks
from qbwc_server.domain.causes import Cause
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.matching import fold
from qbwc_server.domain.operations import Adding, Changing, LookingForLost, Operation, Request, Writing
from qbwc_server.domain.records import Link, Record, State, external_guid
from qbwc_server.domain.sessions import new_request_id
from qbwc_server.storage import Transaction, records, sessions
from qbwc_server.sync import copies, list_cache, resolve, revision, session_ends
from qbwc_server.sync.check import Finding, Ready, check
from qbwc_server.sync.work import Work
from qbwc_server.visit import settlement, untold
from qbwc_server.visit.questions import Heard, Question
from qbxml.requests import Query
from qbxml.text import stored_text

# --- asking -------------------------------------------------------------------------------------------------


def questions(conn: Transaction, connector: Connector, attempts: Sequence[Request]) -> list[Question]:
    """The queries for what these attempts were to write: one a kind, one more for each unnumbered document."""
    named: dict[tuple[Kind, str], dict[str, str]] = {}
    made: list[Question] = []
    asked = records.get_all(
        conn, [attempt.record_id for attempt in attempts if attempt.record_id is not None]
    )
    for attempt in attempts:
        kind = asked[attempt.record_id or 0].kind
        written = attempt.purpose
        name = None
        if isinstance(written, Adding):
            name = written.number if kind.is_document else written.name
        if isinstance(written, Changing):
            named.setdefault((kind, kind.id_name), {})[attempt.id] = written.id
        elif name:
            named.setdefault((kind, "ref_number" if kind.is_document else "full_name"), {})[attempt.id] = name
        else:
            made.append(
                _unnumbered(connector, kind, attempt, sessions.get_set(conn, attempt.message_set_id).sent_at)
            )
    for (kind, selector), names in named.items():
        selectors: dict[str, Any] = {selector: list(dict.fromkeys(names.values()))}
        if kind.is_document:
            selectors["include_line_items"] = True
        query = Query(in_quickbooks.KINDS[kind].name, request_id=new_request_id(), **selectors)
        made.append(Question(query, Operation.RECORD_PROBE, LookingForLost(kind, names)))
    return made


def _unnumbered(connector: Connector, kind: Kind, attempt: Request, sent_at: datetime) -> Question:
    """A document that QuickBooks was to number is looked for among its customer's (vendor's) documents."""
    written = attempt.purpose_as(Adding)
    selectors: dict[str, Any] = {"entity_filter": {"list_id": [written.party]}}
    if written.date is not None:
        day = date.fromisoformat(written.date)
        selectors["txn_date_range_filter"] = {"from_txn_date": day, "to_txn_date": day}
    else:
        since = list_cache.wall_clock_before(connector, sent_at)
        selectors["modified_date_range_filter"] = {"from_modified_date": since}
    query = Query(in_quickbooks.KINDS[kind].name, request_id=new_request_id(), **selectors)
    return Question(query, Operation.RECORD_PROBE, LookingForLost(kind, {attempt.id: None}))


# --- reading ------------------------------------------------------------------------------------------------


def read(heard: Heard) -> None:
    """Settle the uncertain records a probe asked for: found, absent, or for a person to decide."""
    conn, connector, now = heard.conn, heard.connector, heard.now
    found = list(heard.response.records)
    names = heard.purpose_as(LookingForLost).names
    touched: set[int] = set()
    arrivals: list[settlement.Arrival] = []
    with resolve.working(conn, connector, now=now) as work:
        for attempt, record in _still_asked(work, names):
            if any(record.id == arrival.record.id for arrival in arrivals):
                continue
            if heard.is_refused:
                untold.ask_later(conn, connector, record, attempt.id, heard.answer, now=now)
            else:
                ours = _judge(work, record, attempt, names[attempt.id], found)
                if ours is not None:
                    arrivals.append(settlement.Arrival(record, attempt, ours, "probe"))
            touched.add(attempt.message_set_id)
        settlement.arrive(conn, connector, arrivals, now=now)
        settlement.conclude(conn, connector, touched, now=now)


def _still_asked(work: Work, attempt_ids: Collection[str]) -> Iterator[tuple[Request, Record]]:
    """Those of these attempts of which it is not known yet what became of them, with their records.

    Others were settled meanwhile, or the search for their GUIDs in the same message set was refused.
    """
    conn = work.conn
    attempts = sessions.find_requests(conn, work.connector.id, attempt_ids)
    resolve.foresee_errors(work, session_ends.records_of(conn, list(attempts.values())))
    for attempt_id in attempt_ids:
        attempt = attempts.get(attempt_id)
        if attempt is None or attempt.settled:
            continue
        record = session_ends.record_of(conn, attempt)
        is_resting = record.not_before is not None and record.not_before > work.now
        if record.state is State.UNCERTAIN and not is_resting:
            yield attempt, record


def _judge(work: Work, record: Record, attempt: Request, name: str | None, found: Sequence[Any]) -> Any:
    """What became of an attempt: the copy of it that QuickBooks holds; None when that is not decided so, but is noted.

    Args:
        name: the number or name that was asked for; None for a document that QuickBooks was to number.
    """
    if isinstance(attempt.purpose, Changing):
        there = next((item for item in found if copies.id_of(item) == attempt.purpose.id), None)
        return _judge_change(work, record, attempt, attempt.purpose, there)
    candidates = [item for item in found if name is None or fold(copies.name_of(item)) == fold(name)]
    return _judge_addition(work, record, attempt, candidates)


def _judge_addition(work: Work, record: Record, attempt: Request, candidates: Sequence[Any]) -> Any:
    guid, written = external_guid(work.connector.uuid, record), attempt.purpose_as(Adding)
    ours = next((item for item in candidates if copies.is_ours(item, guid)), None)
    alike = next((item for item in candidates if copies.could_be(item, written)), None)
    if ours is None and not written.tagged:
        # this QuickBooks keeps no ExternalGUID: the same name, or the same party, date and total, is ours
        ours = alike
    if ours is not None:
        sessions.settle_all(work.conn, [attempt.id])
        return ours
    if alike is not None:
        # no GUID came back although one was sent: an old QuickBooks, or one entered by hand. Only a person can tell
        cause: Cause = copies.uncertain(record, alike)
    elif record.kind.is_document and written.number and candidates:
        owner = records.holder(work.conn, record, copies.id_of(candidates[0]) or "")
        cause = copies.number_conflict(record.kind, written.number, candidates[0], owner)
    else:
        sessions.mark_absent(work.conn, attempt.id)
        return None
    sessions.settle_all(work.conn, [attempt.id])
    resolve.put_off(work, record, [Finding(cause)], actor="quickbooks")
    return None


def _judge_change(work: Work, record: Record, attempt: Request, change: Changing, there: Any) -> Any:
    """A change whose answer was lost: was it made?"""
    if there is not None and getattr(there, "edit_sequence", None) == change.edit_sequence:
        sessions.mark_absent(work.conn, attempt.id)
        return None
    sessions.settle_all(work.conn, [attempt.id])
    if there is None or record.link is None:
        cause = revision.gone_cause(record, record.link or Link(change.id, None, None, "", ""))
        resolve.put_off(work, record, [Finding(cause)], actor="quickbooks")
        return None
    if _is_made(work, record, attempt, there):
        return there
    # somebody changed it, after us or instead of us; making the same change again does no harm
    work.move(record, State.QUEUED, actor="quickbooks", needs_reading=True)
    return None


def _is_made(work: Work, record: Record, attempt: Request, there: Any) -> bool:
    """Whether QuickBooks' copy says what the change said, whatever the host has changed since."""
    if attempt.operation is Operation.VOID:
        return in_quickbooks.total_of(there) == 0
    is_latest = record.revision == attempt.revision
    sent = record._replace(
        content=attempt.purpose_as(Writing).content or record.content,
        is_void=record.is_void and is_latest,
    )
    verdict = work.ask(lambda: check(work.known, sent))
    if not isinstance(verdict, Ready) or not changes.is_applied(revision.pending(verdict), there):
        return False
    lines = getattr(verdict.payload, "lines", ())
    return not lines or not changes.lines_differ(
        [line for line in lines if line.model_fields_set != {"txn_line_id"}]
        if len(lines) != len(there.lines)
        else lines,
        there.lines,
        revision.negated(work.conn, work.connector, there.lines),
        stored_text,
    )
