"""An attempt is over: QuickBooks holds what it wrote, or does not, or a person has to say."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import qbxml.records as qb
from qbwc_server.domain import host_records as host
from qbwc_server.domain import posted_lines
from qbwc_server.domain.causes import Uncertain
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.operations import Operation, Request, Writing
from qbwc_server.domain.records import Record, State
from qbwc_server.domain.retries import Do, Trouble, next_step
from qbwc_server.domain.sessions import MessageSet, Session, SetState
from qbwc_server.storage import Transaction, connectors, records, sessions
from qbwc_server.sync import copies, list_cache, pauses, resolve, revision, session_ends
from qbwc_server.sync.check import Finding
from qbwc_server.sync.work import Work

# --- QuickBooks holds it ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arrival:
    """QuickBooks holds what an attempt wrote.

    Attributes:
        written: the record as QuickBooks answered it.
        proof: what shows it, as in `Link`.
    """

    record: Record
    attempt: Request
    written: Any
    proof: str


def arrive(conn: Transaction, connector: Connector, arrivals: Sequence[Arrival], *, now: datetime) -> None:
    """QuickBooks holds what these attempts wrote; what it answered of list records is known to the cache at once.

    What waits behind any of them is looked at when all are linked.
    """
    with resolve.working(conn, connector, now=now) as work:
        _learn(work, arrivals)
        _foresee(work, arrivals)
        resolve.link_all(work, [_linked(work, arrival) for arrival in arrivals], actor="quickbooks")


def _learn(work: Work, arrivals: Sequence[Arrival]) -> None:
    """Take the list records among them into the cache, and let go what may wait for what this changed there."""
    for kind in sorted({arrival.record.kind for arrival in arrivals if not arrival.record.kind.is_document}):
        written = [
            arrival.written
            for arrival in arrivals
            if arrival.record.kind is kind and isinstance(arrival.written, qb.Record)
        ]
        learned = list_cache.learn(work.conn, work.connector, ListName(kind), written, now=work.now)
        resolve.free(work, resolve.entry_keys(learned), actor="server")


def _foresee(work: Work, arrivals: Sequence[Arrival]) -> None:
    """Read for all of them what it takes to compare what changes told with what QuickBooks answered."""
    while True:
        for arrival in arrivals:
            if _is_compared(arrival):
                revision.told(work.known, arrival.record, _told(arrival))
        if not work.known.missing:
            return
        work.read()


def _told(arrival: Arrival) -> Mapping[str, Any] | None:
    """What QuickBooks holds of the host's content by an attempt; None where that was not kept with it."""
    return arrival.attempt.purpose_as(Writing).told


def _is_compared(arrival: Arrival) -> bool:
    """Whether QuickBooks' answer may show that it has something otherwise than it was told."""
    is_change = arrival.attempt.operation is Operation.MOD and not arrival.record.is_void
    return is_change and _told(arrival) is not None


def _linked(work: Work, arrival: Arrival) -> resolve.Arrival:
    """What an attempt wrote, as it is linked."""
    record, attempt, written = arrival.record, arrival.attempt, arrival.written
    matched_by = record.link.matched_by if record.link is not None else "created"
    link = copies.link_of(written, arrival.proof, matched_by)
    if record.link is not None and link.name is None:
        link = link._replace(name=record.link.name)
    told = _told(arrival)
    if _is_compared(arrival) and told is not None:
        found = revision.unfulfilled(work, record, told, attempt.purpose_as(Writing).clear, written)
        if found:
            record = work.change(record, warnings=[*record.warnings, *found])
    return resolve.Arrival(
        record,
        link,
        attempt.revision or record.revision,
        content=told,
        posted_lines=_posted_lines(record, attempt, written),
    )


def _posted_lines(record: Record, attempt: Request, written: Any) -> posted_lines.Posted | None:
    """The lines of a document as QuickBooks answered them; None when it did not."""
    lines = getattr(written, "lines", ())
    if not lines:
        return None if record.kind.is_document else ()
    content = attempt.purpose_as(Writing).content or record.content
    # only one that was made from a sales order has lines that are not the host's
    told = host.parse(record.kind, content) if content.get("link_to_txn_id") else None
    return posted_lines.of_answer(lines, told, record.posted_lines)


# --- what QuickBooks does not hold ---------------------------------------------------------------------------


def conclude(conn: Transaction, connector: Connector, set_ids: Collection[int], *, now: datetime) -> None:
    """Once every write of an uncertain message set has been asked about, decide what becomes of the absent ones.

    A set of which QuickBooks holds nothing is to be sent again under its own ID, once. If it holds a part, the set
    was executed in part, so sending it again could double that part: the absent rest goes into a new set.
    """
    for set_id in sorted(set_ids):
        message_set = sessions.get_set(conn, set_id)
        if message_set.state is SetState.UNCERTAIN:
            _conclude(conn, connector, message_set, now=now)


def _conclude(conn: Transaction, connector: Connector, message_set: MessageSet, *, now: datetime) -> None:
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
    conn: Transaction, connector: Connector, message_set: MessageSet, *, now: datetime
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
    conn: Transaction,
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
    with resolve.working(conn, connector, now=now):
        members = session_ends.records_of(conn, attempts)
        for record in members:
            step = next_step(Trouble.NEVER_TAKEN, record.attempts)
            if len(members) == 1 and step.do is Do.ASK_A_PERSON:
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


def _last_words(conn: Transaction, message_set: MessageSet, record: Record) -> QuickBooksAnswer | None:
    """What was said when a set with a single record was lost, or about the record itself; None when nothing was."""
    kept = sessions.document(conn, message_set.connector_id, message_set.id)
    if kept is not None and kept.hresult:
        return QuickBooksAnswer(kept.hresult, None, kept.hresult_message)
    told = [item for item in sessions.exchanges_of(conn, record.id) if item.status_code is not None]
    if not told:
        return None
    return QuickBooksAnswer(str(told[-1].status_code), told[-1].status_severity, told[-1].status_message)


# --- sending again ------------------------------------------------------------------------------------------


def send_again(conn: Transaction, connector: Connector, session: Session, *, now: datetime) -> MessageSet:
    """Put the next of the wholly absent message sets on its way again, identical."""
    message_set = sessions.sets_in(conn, connector.id, SetState.ABSENT)[0]
    writes = [item for item in sessions.requests_of(conn, message_set.id) if item.operation.writes]
    members = session_ends.records_of(conn, writes)
    records.move_all(conn, members, State.SENT, now=now, actor="server")
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


def uncertain(conn: Transaction, connector: Connector, *, now: datetime) -> list[Request]:
    """The attempts that QuickBooks is to be asked about next: up to a batch of those whose answer was lost."""
    return sessions.uncertain_writes(conn, connector.id, now=now, limit=connector.settings.batch_size)
