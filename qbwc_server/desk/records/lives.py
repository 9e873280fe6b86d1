"""All that the page of one record shows, read in one snapshot: what it is, what stands in its way, and its life."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qbwc_server.desk.deciding import overwriting
from qbwc_server.desk.deciding.overwriting import Side
from qbwc_server.desk.documents import answered, exchanges, papers
from qbwc_server.desk.documents.answered import Answered
from qbwc_server.desk.documents.documents import Recognised, recognised
from qbwc_server.desk.documents.exchanges import Conversation
from qbwc_server.desk.documents.finding import ways_of_entry, ways_of_record
from qbwc_server.desk.documents.papers import Paper
from qbwc_server.desk.error_records import candidates, choices, errors
from qbwc_server.desk.error_records.choices import Offer
from qbwc_server.desk.views import record_views
from qbwc_server.desk.views.error_views import ErrorRecord, shown
from qbwc_server.domain.causes import AlreadyLinked, Candidate, Cause, ChangedInQuickbooks
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.decisions import Decision, objection
from qbwc_server.domain.errors import StoredError
from qbwc_server.domain.events import Event
from qbwc_server.domain.findable import item_key
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.records import Record
from qbwc_server.storage import Transaction, events, of_item, of_party, records, sessions
from qbwc_server.storage import errors as error_rows
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look
from qbwc_server.sync.supposed import Supposed
from qbwc_server.sync.work import asked

MOST_EVENTS = 100
"""So many events of a record are on one page."""
MOST_SETS = 20
"""So many message sets it travelled in are on one page."""

MOST_DOCUMENTS = 10
"""So many documents of a customer or vendor are on its page."""


@dataclass(frozen=True, slots=True)
class Glance:
    """One record as it is to be recognised before somebody decides about it.

    Attributes:
        open_errors: what stands in its way, oldest first.
        candidates: what may be meant in QuickBooks, with what is known of each by now.
        objections: every decision, and why it may not be taken; None where it may.
    """

    connector: Connector
    view: dict[str, Any]
    paper: Paper
    open_errors: Sequence[ErrorRecord]
    candidates: Sequence[Candidate]
    objections: Mapping[Decision, str | None]


@dataclass(frozen=True, slots=True)
class Life:
    """One record with all that happened to it.

    Attributes:
        errors: those it has and had, oldest first.
        offer: what may be chosen of the first error record that is open.
        sides: of what somebody changed in QuickBooks, what we wrote, what is there, what will be written.
        events: of the page that is asked for; `earlier` is what the page before it ends behind.
        conversations: what was asked and answered about it, the oldest first; `earlier_sets` as `earlier`.
        answered: what QuickBooks said of it last.
        documents: of a customer or vendor those that changed last; of an item those that name it, the last first.
        holders: the records that have in QuickBooks what this one would be.
    """

    glance: Glance
    errors: Sequence[ErrorRecord]
    offer: Offer | None
    sides: Sequence[Side]
    events: Sequence[Event]
    earlier: int | None
    conversations: Sequence[Conversation]
    earlier_sets: int | None
    answered: Answered | None
    documents: Sequence[Recognised]
    holders: Sequence[Recognised]


def glance(core: Core, connector_name: str, kind: Kind, external_id: str) -> Glance:
    """One record as it is to be recognised.

    Raises:
        NotFound: there is no such connector or record.
    """
    with look(core, connector_name) as (conn, connector):
        record = record_views.existing(conn, connector, kind, external_id)
        known = _known(connector, record)
        return _glance(conn, connector, known, record, _errors(conn, connector, record))


def life(
    core: Core,
    connector_name: str,
    kind: Kind,
    external_id: str,
    *,
    before: int | None = None,
    sets_before: int | None = None,
) -> Life:
    """One record with its life.

    Args:
        before: only events before the one with this id; `sets_before`: message sets before this one.

    Raises:
        NotFound: there is no such connector or record.
    """
    with look(core, connector_name) as (conn, connector):
        record = record_views.existing(conn, connector, kind, external_id)
        known = _known(connector, record)
        found = _errors(conn, connector, record)
        seen = _glance(conn, connector, known, record, found)
        happened = events.of_record(conn, record.id, before=before, limit=MOST_EVENTS + 1)
        travelled = sessions.exchanges_of(conn, record.id, before=sets_before, limit=MOST_SETS + 1)
        own = [item for item in found if item.closed_at is None and item.record_id == record.id]
        offer = choices.offer_of(conn, connector, own[0].id) if own else None
        sides = _sides(conn, known, record, seen.paper, [item.cause for item in own])
        theirs = _documents(conn, record, seen.paper)
        holders = _holders(conn, record, [item.cause for item in found])
    conversations = tuple(exchanges.cut_out(travelled[-MOST_SETS:]))
    return Life(
        glance=seen,
        errors=tuple(map(shown, found)),
        offer=offer,
        sides=sides,
        events=tuple(happened[-MOST_EVENTS:]),
        earlier=happened[-MOST_EVENTS].id if len(happened) > MOST_EVENTS else None,
        conversations=conversations,
        earlier_sets=travelled[-MOST_SETS].message_set_id if len(travelled) > MOST_SETS else None,
        answered=answered.last_answer(conversations) if kind.is_document else None,
        documents=theirs,
        holders=holders,
    )


def sides_of(core: Core, connector_name: str, kind: Kind, external_id: str) -> tuple[Side, ...]:
    """Of what somebody changed in QuickBooks of a record: what we wrote, what is there, what will be written.

    Raises:
        NotFound: there is no such connector or record.
    """
    with look(core, connector_name) as (conn, connector):
        record = record_views.existing(conn, connector, kind, external_id)
        known = _known(connector, record)
        causes = [item.cause for item in error_rows.find(conn, connector.id, record_id=record.id)]
        return _sides(conn, known, record, papers.paper(conn, known, record), causes)


def said_in(
    core: Core, connector_name: str, kind: Kind, external_id: str, set_id: int
) -> Conversation | None:
    """What was asked and answered of a record in one message set; None when it did not travel in it.

    Raises:
        NotFound: there is no such connector or record.
    """
    with look(core, connector_name) as (conn, connector):
        record = record_views.existing(conn, connector, kind, external_id)
        found = sessions.exchanges_of(conn, record.id, before=set_id + 1, limit=1)
    (conversation,) = exchanges.cut_out(found) if found else (None,)
    is_it = conversation is not None and conversation.exchange.message_set_id == set_id
    return conversation if is_it else None


def _known(connector: Connector, record: Record) -> Known:
    known = Supposed(connector)
    known.changed(record)
    return known


def _errors(conn: Transaction, connector: Connector, record: Record) -> list[StoredError]:
    return error_rows.find(conn, connector.id, open_only=False, about=record)


def _glance(
    conn: Transaction, connector: Connector, known: Known, record: Record, found: Sequence[StoredError]
) -> Glance:
    open_ones = [item for item in found if item.closed_at is None]
    causes = [item.cause for item in open_ones if item.record_id == record.id]
    return Glance(
        connector=connector,
        view=record_views.view_of(conn, record, open_errors=open_ones),
        paper=papers.paper(conn, known, record),
        open_errors=tuple(map(shown, open_ones)),
        candidates=_candidates(conn, known, record, open_ones),
        objections={decision: objection(record, decision, causes) for decision in Decision},
    )


def _candidates(
    conn: Transaction, known: Known, record: Record, open_ones: Sequence[StoredError]
) -> tuple[Candidate, ...]:
    """What an error record of this very record offers; an entry with what the list cache has of it by now."""
    mine = [
        candidate
        for item in map(shown, open_ones)
        if errors.is_to_blame(item)
        for candidate in item.candidates
    ]
    if record.kind.is_document or not mine:
        return tuple(mine)
    ids = [candidate.list_id for candidate in mine]
    entries = {
        entry.list_id: entry
        for entry in asked(conn, known, lambda: known.by_ids(ListName(record.kind), ids))
        if not entry.is_deleted
    }
    told = candidates.of_entries(conn, record.connector_id, ListName(record.kind), list(entries.values()))
    if record.kind is Kind.ITEM:
        told = {each: replace(it, email=entries[each].sku) for each, it in told.items()}
    return tuple(told.get(candidate.list_id, candidate) for candidate in mine)


def _documents(conn: Transaction, record: Record, paper: Paper) -> tuple[Recognised, ...]:
    """The documents of a customer or vendor that changed last, or that were handed over last of those with an item,
    however these name it."""
    kinds = [kind for kind in Kind if kind.is_document and KINDS[kind].party == record.kind.value]
    if record.kind is Kind.ITEM:
        keys = set(_keys_of_item(record, paper.entry))
        ids = of_item.newest(conn, record.connector_id, keys, limit=MOST_DOCUMENTS)
    elif kinds:
        ways = {*ways_of_record(record), *(ways_of_entry(paper.entry) if paper.entry is not None else ())}
        ids = of_party.newest(conn, record.connector_id, kinds, ways, limit=MOST_DOCUMENTS)
    else:
        return ()
    found = recognised(conn, ids)
    return tuple(found[each] for each in ids if each in found)


def _holders(conn: Transaction, record: Record, causes: Sequence[Cause]) -> tuple[Recognised, ...]:
    """The records that have what this one would be; a list record under the order system's name for it, as
    QuickBooks' name is that of both."""
    taken = {cause.quickbooks_id for cause in causes if isinstance(cause, AlreadyLinked)}
    if not taken:
        return ()
    linked = records.linked_to(conn, record.connector_id, record.kind, taken)
    others = {each.id: each for each in linked if each.id != record.id}
    found = recognised(conn, others)
    if record.kind.is_document:
        return tuple(found.values())
    return tuple(
        replace(it, party=others[each].content.get("name") or it.party) for each, it in found.items()
    )


def _keys_of_item(record: Record, entry: ListEntry | None) -> Iterator[str]:
    """How the lines of documents may name an item."""
    yield item_key("external_id", record.external_id)
    if record.link is not None:
        yield item_key("list_id", record.link.quickbooks_id)
    skus = (record.content.get("sku"), entry.sku if entry is not None else None)
    names = (
        record.link.name if record.link is not None else None,
        entry.full_name if entry is not None else None,
    )
    for way, texts in (("sku", skus), ("full_name", names)):
        yield from (item_key(way, text) for text in texts if isinstance(text, str) and text.strip())


def _sides(
    conn: Transaction, known: Known, record: Record, paper: Paper, causes: Sequence[Cause]
) -> tuple[Side, ...]:
    changed = next((cause for cause in causes if isinstance(cause, ChangedInQuickbooks)), None)
    if changed is None:
        return ()
    lines = record.content.get("lines") or ()
    items = {
        overwriting.as_said(lines[line.number - 1].get("item")): line.item.name
        for line in paper.lines
        if line.item is not None
    }
    return overwriting.sides(conn, known, record, changed, items)
