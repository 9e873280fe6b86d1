"""What goes into the next message set.

In this order: what was proven absent, probes of what is uncertain or was linked by hand, what somebody else has written
(every other time at most, so that it holds nothing up), lists that are due, then writes, each kind behind the kinds it
refers to, with the number probe for the documents of the set after riding along.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from qbwc_server.domain import changes
from qbwc_server.domain.connectors import Connector, kinds_to_post, may_write
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.limits import Limits
from qbwc_server.domain.operations import Changing, Greeting, Operation, Writing
from qbwc_server.domain.records import Record
from qbwc_server.domain.sessions import MessageSet, Session, new_request_id
from qbwc_server.storage import Transaction, records, standing
from qbwc_server.sync import copies, resolve
from qbwc_server.sync.check import Ready, of_unknown_sides
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.work import asked
from qbwc_server.visit import last_check, settlement
from qbwc_server.visit.draft import Draft, store
from qbwc_server.visit.operations import claims, guids, lists, lost, numbers, raw, reading, verify
from qbwc_server.visit.pace import batch_size
from qbxml import Version
from qbxml.requests import Query
from qbxml.requests import Request as QbxmlRequest

TAGGED_SINCE = {True: Version("9.0"), False: Version("8.0")}
"""First version with an ExternalGUID: for documents, and for list records (qbXML schema)."""

_PAGES_LOOKED_AT = 4
"""How many batches of queued records are looked at for one message set: enough for a full batch of writes and
one of number probes, with some that turn out to be blocked."""


def next_set(
    conn: Transaction, connector: Connector, session: Session, limits: Limits, *, now: datetime
) -> MessageSet:
    """The next message set, stored as sent. A session with the wrong company file gets none: see `calls`.

    When nothing is left to be sent it asks who is there: the Web Connector can be told only behind an answer that
    all is done, and takes a visit without any for one that failed.
    """
    writing = may_write(connector, session)
    unusual = standing.unusual(conn, connector.id, now=now)
    if writing and unusual.has_absent:
        return settlement.send_again(conn, connector, session, now=now)
    draft = Draft(conn, connector, session, now)
    if unusual.has_uncertain or unusual.has_claims:
        _add_probes(draft)
    if not draft.requests and not raw.was_last(conn, connector, session):
        draft.pass_on(raw.orders(conn, connector, session, now=now))
    if not draft.requests:
        _add_pages(draft, limits.page_size)
    if not draft.requests and writing and resolve.can_check(conn, connector):
        _add_writes(draft, batch_size(connector, limits), unusual)
    if not draft.requests:
        # a record may have been found to name something of a list that nobody asked for before
        _add_pages(draft, limits.page_size)
    if not draft.requests:
        draft.pass_on(raw.orders(conn, connector, session, now=now))
    if not draft.requests:
        draft.add(Query("Host", request_id=new_request_id()), Operation.GREETING, Greeting())
    return store(draft)


def _add_probes(draft: Draft) -> None:
    attempts = settlement.uncertain(draft.conn, draft.connector, now=draft.now)
    draft.ask(guids.of_uncertain(draft.conn, draft.connector, attempts))
    draft.ask(lost.questions(draft.conn, draft.connector, attempts))
    draft.ask(claims.questions(draft.conn, draft.connector, now=draft.now))


def _add_pages(draft: Draft, page_size: int) -> None:
    pages, begun = lists.pages(draft.conn, draft.connector, draft.session, page_size=page_size, now=draft.now)
    draft.ask(pages)
    for kind in sorted(begun):
        draft.ask(numbers.conflict_probes(draft.conn, draft.connector, kind))
    if Kind.INVOICE in begun or draft.connector.is_restored or draft.connector.is_verifying:
        # behind the question for deleted documents: what is missing and not among those has vanished
        draft.ask(verify.questions(draft.conn, draft.connector, again=draft.connector.is_restored))


def _add_writes(draft: Draft, size: int, unusual: standing.Unusual) -> None:
    conn, connector = draft.conn, draft.connector
    kinds = kinds_to_post(connector)
    isolated = records.isolated(conn, connector, kinds, now=draft.now) if unusual.has_isolated else []
    goes_last = bool(isolated) and records.goes_last(isolated[0])
    if not goes_last:
        _add_isolated(draft, kinds, isolated, size)
    if not draft.requests:
        _ask_first(draft, kinds, _fill(draft, kinds, size), size)
    if not draft.requests and goes_last:
        _add_isolated(draft, kinds, isolated, size)


def _add_isolated(draft: Draft, kinds: Sequence[Kind], isolated: list[Record], size: int) -> None:
    """Add one half of the records among which a culprit is, or what has to be asked before."""
    if not isolated:
        return
    unread = [record for record in isolated if record.needs_reading and record.link is not None][:size]
    draft.ask(reading.questions(unread))
    # their numbers were free in the session in which the set was refused, which may be long ago
    _ask_first(draft, kinds, _to_be_asked_for(draft, isolated)[:size], 0)
    if not draft.requests:
        # one half goes; if QuickBooks takes it, the culprit is in the rest, of which then again one half goes
        _add_writes_of(draft, isolated[: max(1, len(isolated) // 2)], size=len(isolated))


def _fill(draft: Draft, kinds: Sequence[Kind], size: int) -> list[Record]:
    """Add writes up to the batch size; returns documents passed over because their number is not known free."""
    asked_first = _AskedFirst(size)
    last: Record | None = None
    for page in range(1, _PAGES_LOOKED_AT + 1):
        found = records.sendable(draft.conn, draft.connector, kinds, now=draft.now, limit=size, after=last)
        _add_writes_of(draft, _sorted_out(draft, found, asked_first), size)
        if len(found) < size:
            break
        last = found[-1]
        if len(draft.requests) >= size:
            if not asked_first.is_full:
                more = (_PAGES_LOOKED_AT - page) * size
                _look_ahead(draft, kinds, asked_first, behind=last, more=more)
            break
    draft.ask(reading.questions(asked_first.unread))
    return asked_first.unprobed


@dataclass
class _AskedFirst:
    """Records of which QuickBooks is to be asked before they are sent, as many as go into one message set.

    Attributes:
        unprobed: documents whose number is not known to be free, and what may be there already.
        unread: linked records whose state there is not known.
    """

    size: int
    unprobed: list[Record] = field(default_factory=list)
    unread: list[Record] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return len(self.unprobed) + len(self.unread) >= self.size


def _sorted_out(draft: Draft, found: Sequence[Record], asked_first: _AskedFirst) -> list[Record]:
    """Those of these records that may be sent; the others are told to `asked_first`."""
    unasked = {record.id for record in _to_be_asked_for(draft, found)}
    known = Known(draft.connector)
    to_be_read = asked(draft.conn, known, partial(of_unknown_sides, known, found))
    ready: list[Record] = []
    for record in found:
        if record.link is not None and (record.needs_reading or record.id in to_be_read):
            asked_first.unread.append(record)
        elif record.id not in unasked:
            ready.append(record)
        elif len(asked_first.unprobed) < asked_first.size:
            asked_first.unprobed.append(record)
    return ready


def _look_ahead(
    draft: Draft, kinds: Sequence[Kind], asked_first: _AskedFirst, *, behind: Record, more: int
) -> None:
    """The message set is full: of those behind it only what is to be asked first matters, and only that is read."""
    found = records.perhaps_asked_first(
        draft.conn,
        draft.connector,
        kinds,
        now=draft.now,
        session_id=draft.session.id,
        after=behind,
        among=more,
        limit=asked_first.size,
    )
    _sorted_out(draft, found, asked_first)


def _add_writes_of(draft: Draft, members: Sequence[Record], size: int) -> None:
    """Add the requests of records, up to a size, but for those of which the check finds at the last moment that they
    must not or need not be sent."""
    left = list(members)
    while left and (room := size - len(draft.requests)) > 0:
        part, left = left[:room], left[room:]
        for record, verdict, request, built in last_check.passed(
            draft.conn, draft.connector, draft.session, part, now=draft.now
        ):
            draft.built[request.request_id] = built
            _add_write(draft, record, verdict, request)


def _add_write(draft: Draft, record: Record, verdict: Ready, request: QbxmlRequest) -> None:
    told: dict[str, Any] = {"content": dict(record.content), "clear": tuple(verdict.clear)}
    if verdict.unsaid:
        told["held"] = changes.held(record.content, record.synced_content, verdict.unsaid)
    if verdict.warnings:
        told["warnings"] = verdict.warnings
    purpose: Writing
    if record.link is not None:
        purpose = Changing(id=record.link.quickbooks_id, edit_sequence=record.link.edit_sequence, **told)
    else:
        tagged = draft.dialect.version >= TAGGED_SINCE[record.kind.is_document]
        purpose = copies.addition(verdict.payload, tagged=tagged, **told)
    draft.add(request, verdict.operation, purpose, record)


def _ask_first(draft: Draft, kinds: Sequence[Kind], unprobed: list[Record], size: int) -> None:
    """Ask about the records to be sent next: for what may be there already, and for the numbers of documents, also
    of those that only wait for this very set."""
    written = [record.id for _, record, _ in draft.notes if record is not None]
    documents = [kind for kind in kinds if kind.is_document]
    room = size - len(unprobed)
    if room > 0:
        soon = records.waiting_only_for(draft.conn, written, kinds=documents, limit=room)
        unprobed = [*unprobed, *_to_be_asked_for(draft, soon)]
    draft.ask(guids.of_queued(draft.conn, draft.connector, unprobed))
    for kind in documents:
        probe = numbers.probe(draft.connector, kind, [record for record in unprobed if record.kind is kind])
        if probe is not None:
            draft.ask([probe])


def _to_be_asked_for(draft: Draft, found: Sequence[Record]) -> list[Record]:
    """Those of these records of which QuickBooks must be asked before they are sent."""
    sought = {record.id for record in guids.to_be_sought(draft.conn, draft.session.id, found)}
    return [
        record
        for record in found
        if record.id in sought or numbers.needs_probe(draft.connector, draft.session.id, record)
    ]
