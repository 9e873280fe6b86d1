"""Lost answers: what was on its way becomes uncertain, QuickBooks is asked, and only then is anything sent again.

Two proofs guard against duplicates. QuickBooks is first asked, read-only, whether it holds the record. Only a
message set of which it holds nothing is sent again, as the identical text under its own newMessageSetID, so
that QuickBooks returns the stored outcome instead of executing twice if it had executed after all.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

import qbxml.records as qb
from qbwc_server.domain import changes, in_quickbooks, posted_lines
from qbwc_server.domain import host_records as host
from qbwc_server.domain.causes import NumberConflict, Uncertain
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry, fold
from qbwc_server.domain.records import Link, Record, State, external_guid
from qbwc_server.domain.retries import Do, Trouble, next_step
from qbwc_server.domain.sessions import (
    MessageSet,
    Operation,
    Request,
    Session,
    SetState,
    new_request_id,
)
from qbwc_server.storage import connectors, records, sessions
from qbwc_server.sync import pauses, resolve, revision, session_ends
from qbwc_server.sync.check import Finding, Ready, check
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.work import asked
from qbxml import Response
from qbxml.requests import Query
from qbxml.text import stored_text

from . import refresh

# --- asking -------------------------------------------------------------------------------------------------


def traits(payload: qb.Record) -> dict[str, Any]:
    """What a record can be recognised by if its answer is lost; kept with the attempt."""
    if in_quickbooks.is_document(payload):
        party = in_quickbooks.party_of(payload)
        day = getattr(payload, "txn_date", None)
        return {
            "number": getattr(payload, "ref_number", None),
            "party": party.list_id if party is not None else None,
            "date": day.isoformat() if day is not None else None,
            "total": _total_of_lines(payload),
        }
    parent = getattr(payload, "parent", None)
    name = str(getattr(payload, "name", ""))
    return {"name": f"{parent.full_name}:{name}" if parent is not None and parent.full_name else name}


def traits_of_change(link: Link) -> dict[str, Any]:
    """By what a change (a Mod, a void) is recognised if its answer is lost: the EditSequence it set out from."""
    return {"id": link.quickbooks_id, "edit_sequence": link.edit_sequence}


def _total_of_lines(document: Any) -> str | None:
    """The sum of the lines as QuickBooks will compute it; None when a line leaves it to QuickBooks."""
    total = Decimal(0)
    if getattr(document, "link_to_txn_id", ()) or any(
        getattr(line, "link_to_txn", None) for line in document.lines
    ):
        return None
    for line in document.lines:
        amount = getattr(line, "amount", None)
        if amount is None:
            quantity, rate = getattr(line, "quantity", None), getattr(line, "rate", None)
            if rate is None:
                return None
            amount = (rate * (Decimal(1) if quantity is None else quantity)).quantize(Decimal("0.01"))
        total += amount
    return str(total)


@dataclass(frozen=True, slots=True)
class Probe:
    """A query that asks for records whose answer was lost, and what is needed to read its answer."""

    query: Query
    data: dict[str, Any]
    operation: Operation = Operation.RECORD_PROBE


def probes(conn: Connection, connector: Connector, *, now: datetime) -> list[Probe]:
    """The queries for up to a batch of uncertain records: one a kind, one more for each unnumbered document."""
    named: dict[tuple[Kind, str], dict[str, str]] = {}
    made: list[Probe] = []
    for attempt in sessions.uncertain_writes(
        conn, connector.id, now=now, limit=connector.settings.batch_size
    ):
        kind = session_ends.record_of(conn, attempt).kind
        name = attempt.data.get("number" if kind.is_document else "name")
        if "id" in attempt.data:
            named.setdefault((kind, kind.id_name), {})[attempt.id] = attempt.data["id"]
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
        made.append(Probe(query, {"kind": kind, "names": names}))
    return made


def _unnumbered(connector: Connector, kind: Kind, attempt: Request, sent_at: datetime) -> Probe:
    """A document that QuickBooks was to number is looked for among its customer's (vendor's) documents."""
    selectors: dict[str, Any] = {"entity_filter": {"list_id": [attempt.data["party"]]}}
    if attempt.data["date"] is not None:
        day = date.fromisoformat(attempt.data["date"])
        selectors["txn_date_range_filter"] = {"from_txn_date": day, "to_txn_date": day}
    else:
        since = refresh.wall_clock_before(connector, sent_at)
        selectors["modified_date_range_filter"] = {"from_modified_date": since}
    query = Query(in_quickbooks.KINDS[kind].name, request_id=new_request_id(), **selectors)
    return Probe(query, {"kind": kind, "names": {attempt.id: None}})


# --- reading ------------------------------------------------------------------------------------------------


def read_probe(
    conn: Connection, connector: Connector, data: dict[str, Any], response: Response, *, now: datetime
) -> None:
    """Settle the uncertain records a probe asked for: found, absent, or for a person to decide."""
    found = list(response.records)
    refused = response.status_code >= 1000
    touched: set[int] = set()
    for attempt_id, name in data["names"].items():
        attempt = sessions.find_request(conn, connector.id, attempt_id)
        if attempt is None or attempt.settled:
            continue
        record = session_ends.record_of(conn, attempt)
        if record.state is not State.UNCERTAIN or (record.not_before is not None and record.not_before > now):
            continue  # settled, or the search for its GUID in the same message set was refused
        if refused:
            ask_later(conn, connector, record, attempt.id, QuickBooksAnswer.of(response), now=now)
            touched.add(attempt.message_set_id)
            continue
        if "id" in attempt.data:
            there = next((item for item in found if id_of(item) == attempt.data["id"]), None)
            _judge_change(conn, connector, record, attempt, there, now=now)
        else:
            candidates = [item for item in found if name is None or fold(_name(item)) == fold(name)]
            _judge(conn, connector, record, attempt, candidates, now=now)
        touched.add(attempt.message_set_id)
    for set_id in sorted(touched):
        conclude(conn, connector, sessions.get_set(conn, set_id), now=now)


def ask_later(
    conn: Connection,
    connector: Connector,
    record: Record,
    attempt_id: str,
    answer: QuickBooksAnswer,
    *,
    now: datetime,
) -> None:
    """QuickBooks would not tell: ask again after a while, and a person if that does not come to an end."""
    step = next_step(Trouble.QUESTION_REFUSED, record.attempts)
    if step.do is not Do.ASK_A_PERSON:
        values = pauses.columns(record, Trouble.QUESTION_REFUSED, step, answer, now=now)
        records.change(conn, record, now=now, **values)
        return
    sessions.settle_all(conn, [attempt_id])
    finding = Finding(Uncertain(record.label), answer)
    resolve.block(conn, connector, record, [finding], now=now, actor="quickbooks")


def _name(item: Any) -> str:
    return (
        getattr(item, "ref_number", None)
        or getattr(item, "full_name", None)
        or getattr(item, "name", None)
        or ""
    )


def _judge(
    conn: Connection,
    connector: Connector,
    record: Record,
    attempt: Request,
    candidates: list[Any],
    *,
    now: datetime,
) -> None:
    guid = external_guid(connector.uuid, record)
    ours = next((item for item in candidates if is_ours(item, guid)), None)
    alike = next((item for item in candidates if _could_be(item, attempt)), None)
    if ours is None and not attempt.data["tagged"]:
        # this QuickBooks keeps no ExternalGUID: the same name, or the same party, date and total, is ours
        ours = alike
    if ours is not None:
        sessions.settle_all(conn, [attempt.id])
        arrive(conn, connector, record, attempt, ours, "probe", now=now)
        return
    if alike is not None:
        # no GUID came back although one was sent: an old QuickBooks, or one entered by hand. Only a person can tell
        sessions.settle_all(conn, [attempt.id])
        cause = Uncertain(record.label, f"{record.kind.label} {_name(alike)}")
        resolve.block(conn, connector, record, [Finding(cause)], now=now, actor="quickbooks")
        return
    if record.kind.is_document and attempt.data.get("number") and candidates:
        sessions.settle_all(conn, [attempt.id])
        conflict = number_conflict(record.kind, attempt.data["number"], candidates[0])
        resolve.block(conn, connector, record, [Finding(conflict)], now=now, actor="quickbooks")
        return
    sessions.mark_absent(conn, attempt.id)


def _judge_change(
    conn: Connection, connector: Connector, record: Record, attempt: Request, there: Any, *, now: datetime
) -> None:
    """A change whose answer was lost: was it made?"""
    if there is not None and getattr(there, "edit_sequence", None) == attempt.data["edit_sequence"]:
        sessions.mark_absent(conn, attempt.id)
        return
    sessions.settle_all(conn, [attempt.id])
    if there is None or record.link is None:
        cause = revision.gone_cause(record, record.link or Link(attempt.data["id"], None, None, "", ""))
        resolve.block(conn, connector, record, [Finding(cause)], now=now, actor="quickbooks")
    elif _is_made(conn, connector, record, attempt, there):
        arrive(conn, connector, record, attempt, there, "probe", now=now)
    else:
        # somebody changed it, after us or instead of us; making the same change again does no harm
        records.move(conn, record, State.QUEUED, now=now, actor="quickbooks", needs_reading=True)


def _is_made(conn: Connection, connector: Connector, record: Record, attempt: Request, there: Any) -> bool:
    """Whether QuickBooks' copy says what the change said, whatever the host has changed since."""
    if attempt.operation is Operation.VOID:
        return in_quickbooks.total_of(there) == 0
    is_latest = record.revision == attempt.revision
    sent = replace(record, content=attempt.data["content"], is_void=record.is_void and is_latest)
    known = Known(connector)
    verdict = asked(conn, known, lambda: check(known, sent))
    if not isinstance(verdict, Ready) or not changes.is_applied(revision.pending(verdict), there):
        return False
    lines = getattr(verdict.payload, "lines", ())
    return not lines or not changes.lines_differ(
        [line for line in lines if line.model_fields_set != {"txn_line_id"}]
        if len(lines) != len(there.lines)
        else lines,
        there.lines,
        revision.negated(conn, connector, there.lines),
        stored_text,
    )


def arrive(
    conn: Connection,
    connector: Connector,
    record: Record,
    attempt: Request,
    written: Any,
    proof: str,
    *,
    now: datetime,
) -> Record:
    """QuickBooks holds what an attempt wrote; what it answered of a list record is known to the cache at once."""
    learned: list[ListEntry] = []
    if not record.kind.is_document and isinstance(written, qb.Record):
        learned = refresh.learn(conn, connector, ListName(record.kind), written)
    matched_by = record.link.matched_by if record.link is not None else "created"
    link = link_of(written, proof, matched_by)
    if record.link is not None and link.name is None:
        link = replace(link, name=record.link.name)
    told = attempt.data.get("held") or attempt.data.get("content")
    if attempt.operation is Operation.MOD and told is not None and not record.is_void:
        cleared = attempt.data.get("clear", ())
        found = revision.unfulfilled(conn, connector, record, told, cleared, written)
        if found:
            record = records.change(conn, record, now=now, warnings=[*record.warnings, *found])
    return resolve.become_synced(
        conn,
        connector,
        record,
        link,
        attempt.revision or record.revision,
        now=now,
        actor="quickbooks",
        content=told,
        posted_lines=_posted_lines(record, attempt, written),
        learned=learned,
    )


def _posted_lines(record: Record, attempt: Request, written: Any) -> posted_lines.Posted | None:
    """The lines of a document as QuickBooks answered them; None when it did not."""
    lines = getattr(written, "lines", ())
    if not lines:
        return None if record.kind.is_document else ()
    told = host.parse(record.kind, attempt.data.get("content") or record.content)
    return posted_lines.of_answer(lines, told, record.posted_lines)


def id_of(item: Any) -> str | None:
    """The TxnID or ListID of a record as QuickBooks answered it."""
    return getattr(item, "txn_id", None) or getattr(item, "list_id", None)


def is_ours(item: Any, guid: str) -> bool:
    """Whether a record of QuickBooks carries our ExternalGUID; compared without regard to case."""
    return (getattr(item, "external_guid", None) or "").upper() == guid.upper()


def _could_be(item: Any, attempt: Request) -> bool:
    """Whether a record without a GUID may still be ours: for a document the same party, date and total."""
    if getattr(item, "external_guid", None):
        return False
    if not in_quickbooks.is_document(item):
        return True
    party = in_quickbooks.party_of(item)
    same_party = party is not None and party.list_id == attempt.data["party"]
    same_date = attempt.data["date"] in (None, item.txn_date.isoformat() if item.txn_date else None)
    total = in_quickbooks.total_of(item)
    same_total = attempt.data["total"] is None or (
        total is not None and total == Decimal(attempt.data["total"])
    )
    return same_party and same_date and same_total


def link_of(item: Any, proof: str, matched_by: str = "created") -> Link:
    """The link to a record as QuickBooks answered it."""
    quickbooks_id = id_of(item)
    if not quickbooks_id:
        raise ValueError("QuickBooks answered a record without its ListID or TxnID")
    return Link(quickbooks_id, getattr(item, "edit_sequence", None), _name(item) or None, matched_by, proof)


def number_conflict(kind: Kind, number: str, item: Any) -> NumberConflict:
    """The cause that names the document that holds the number."""
    party = getattr(item, "customer", None) or getattr(item, "vendor", None)
    total = in_quickbooks.total_of(item)
    return NumberConflict(
        document=kind.label,
        number=number,
        txn_id=item.txn_id or "",
        party=party.full_name if party is not None else None,
        date=item.txn_date.isoformat() if item.txn_date is not None else None,
        total=str(total) if total is not None else None,
    )


# --- what QuickBooks does not hold ---------------------------------------------------------------------------


def conclude(conn: Connection, connector: Connector, message_set: MessageSet, *, now: datetime) -> None:
    """Once every write of an uncertain message set has been asked about, decide what becomes of the absent ones.

    A set of which QuickBooks holds nothing is to be sent again under its own ID, once. If it holds a part, the set
    was executed in part, so sending it again could double that part: the absent rest goes into a new set.
    """
    if message_set.state is not SetState.UNCERTAIN:
        return
    writes = [item for item in sessions.requests_of(conn, message_set.id) if item.operation.writes]
    if any(not item.settled and not item.absent for item in writes):
        return
    absent = [item for item in writes if item.absent and not item.settled]
    if writes and len(absent) == len(writes) and message_set.name is not None and not message_set.resent:
        sessions.change_set(conn, message_set.id, state=SetState.ABSENT)
        return
    live = sessions.live(conn, connector.id)
    # it was looked for in this session, which need not be done again before it is sent
    asked_in = live.id if live is not None else None
    _send_anew(conn, connector, message_set, absent, now=now, probed_session_id=asked_in)


def read_empty_outcome(
    conn: Connection, connector: Connector, message_set: MessageSet, *, now: datetime
) -> MessageSet:
    """QuickBooks says that the outcome of a set it was sent twice is: nothing. All of it goes into another set,
    once QuickBooks has been asked for it again; the set's own ID is used up."""
    connectors.change(conn, connector.id, last_message_set=message_set.name)
    open_requests = [item for item in sessions.requests_of(conn, message_set.id) if not item.settled]
    writes = [item for item in open_requests if item.operation.writes]
    sessions.settle_all(conn, (item.id for item in open_requests if not item.operation.writes))
    sessions.change_set(conn, message_set.id, answered_at=now, status_code=0)
    _send_anew(conn, connector, message_set, writes, now=now, probed_session_id=None, needs_reading=True)
    return sessions.get_set(conn, message_set.id)


def _send_anew(
    conn: Connection,
    connector: Connector,
    message_set: MessageSet,
    attempts: list[Request],
    *,
    now: datetime,
    **values: Any,
) -> None:
    """Have the writes of a set that QuickBooks does not hold sent in another one.

    What QuickBooks never takes may be what makes it die: a set that comes here again is sent by halves, behind
    everything else, until a record is alone, and that one is for a person.
    """
    sessions.settle_all(conn, (item.id for item in attempts))
    sessions.change_set(conn, message_set.id, state=SetState.SETTLED)
    members = [session_ends.record_of(conn, item) for item in attempts]
    is_alone = len(members) == 1
    for record in members:
        step = next_step(Trouble.NEVER_TAKEN, record.attempts)
        if is_alone and step.do is Do.ASK_A_PERSON:
            finding = Finding(Uncertain(record.label), _last_words(conn, message_set, record))
            resolve.block(conn, connector, record, [finding], now=now, actor="quickbooks")
            continue
        records.move(
            conn,
            record,
            State.QUEUED,
            now=now,
            actor="quickbooks",
            attempts=record.attempts + 1,
            isolation=records.suspicion(message_set.id, last=True) if record.attempts else None,
            **{**pauses.GOES_ON, **values},
        )


def _last_words(conn: Connection, message_set: MessageSet, record: Record) -> QuickBooksAnswer | None:
    """What was said when a set with a single record was lost, or about the record itself; None when nothing was."""
    kept = sessions.document(conn, message_set.connector_id, message_set.id)
    if kept is not None and kept.hresult:
        return QuickBooksAnswer(kept.hresult, None, kept.hresult_message)
    told = [item for item in sessions.exchanges_of(conn, record.id) if item.status_code is not None]
    if not told:
        return None
    return QuickBooksAnswer(str(told[-1].status_code), told[-1].status_severity, told[-1].status_message)


# --- sending again ------------------------------------------------------------------------------------------


def send_again(
    conn: Connection, connector: Connector, session: Session, *, now: datetime
) -> MessageSet | None:
    """Put the next wholly absent message set on its way again, identical; None when there is none."""
    for message_set in sessions.sets_in(conn, connector.id, SetState.ABSENT):
        for item in sessions.requests_of(conn, message_set.id):
            if item.operation.writes:
                records.move(conn, session_ends.record_of(conn, item), State.SENT, now=now, actor="server")
        sessions.forget_absence(conn, message_set.id)
        sessions.change_set(
            conn,
            message_set.id,
            state=SetState.SENT,
            session_id=session.id,
            sent_at=now,
            resent=True,
            progress=None,
        )
        return sessions.get_set(conn, message_set.id)
    return None


def has_work(conn: Connection, connector: Connector, *, now: datetime, may_write: bool) -> bool:
    """Whether there is anything to ask or to send again."""
    if sessions.uncertain_writes(conn, connector.id, now=now, limit=1):
        return True
    return may_write and bool(sessions.sets_in(conn, connector.id, SetState.ABSENT))
