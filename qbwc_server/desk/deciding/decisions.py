"""What only a person may decide of a record: which QuickBooks record it is, post it as new, let an error rest."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.views import record_views
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.decisions import Decision
from qbwc_server.domain.errors import StoredError
from qbwc_server.domain.event_types import ConnectorHappening, Happening
from qbwc_server.domain.events import NewEvent, Reason, of_connector, of_record
from qbwc_server.domain.faults import Conflict, Fault, InvalidInput, NotFound, NotInQuickBooks
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.order import ANYTHING, Expected
from qbwc_server.domain.records import Link, Record, State
from qbwc_server.domain.rulings import key_of_record
from qbwc_server.storage import Transaction, errors, events, lists, records, rulings
from qbwc_server.sync import claims, resolve
from qbwc_server.sync.core import Core
from qbwc_server.sync.turn import turn

_LEXICAL = re.compile(r"[!-~]{1,36}")
"""A ListID or TxnID (qbXML schema, IDTYPE): any other text could not even be asked for."""


def link(
    core: Core,
    connector_name: str,
    kind: Kind,
    external_id: str,
    quickbooks_id: str,
    *,
    actor: str,
    expected: Expected = ANYTHING,
) -> dict[str, Any]:
    """Say which record of QuickBooks a record is. It is remembered, and nothing is matched any more.

    A list record must be in the list cache. A document stays queued until QuickBooks has shown it at the next visit
    (see `claims`); what stands in it is taken as it is, and compared before the next change.

    Returns:
        The record as `record_views.view` shows it.

    Raises:
        NotFound: there is no such connector or record.
        InvalidInput: it is no ListID or TxnID at all.
        NotInQuickBooks: the list cache has no such ListID.
        Conflict: the record is on its way, or another record is linked to this one in QuickBooks.
    """
    with turn(core, connector_name) as (conn, connector):
        record = link_in(
            core, conn, connector, kind, external_id, quickbooks_id, actor=actor, expected=expected
        )
        return record_views.view_of(conn, record)


def link_in(
    core: Core,
    conn: Transaction,
    connector: Connector,
    kind: Kind,
    external_id: str,
    quickbooks_id: str,
    *,
    actor: str,
    expected: Expected = ANYTHING,
) -> Record:
    """`link` within an open transaction that holds the connector; returns the record as it stands then."""
    record = record_views.existing(conn, connector, kind, external_id)
    expected.check(record.label, record)
    intake.ensure_may(conn, record, Decision.LINK)
    _check_id(kind, quickbooks_id)
    others = [
        item
        for item in (
            *records.linked_to(conn, connector.id, kind, [quickbooks_id]),
            *records.claimed_as(conn, connector.id, kind, quickbooks_id),
        )
        if item.id != record.id and not item.is_surplus
    ]
    if others:
        raise Conflict(f"{others[0].label} is linked to {quickbooks_id} already")
    now = core.clock()
    if kind.is_document:
        return claims.make(conn, connector, record, quickbooks_id, now=now, actor=actor)
    chosen = chosen_in(conn, connector, kind, quickbooks_id)
    record = _to_queue(conn, record, core, actor)
    reached = resolve.revision_found(record)
    resolve.become_synced(conn, connector, record, chosen, reached, now=now, actor=actor)
    return records.get(conn, record.id)


def is_linked_to(record: Record, quickbooks_id: str) -> bool:
    """Whether a record is that of QuickBooks already, or said to be, so that to link it again says nothing new."""
    if record.claim is not None:
        return record.claim.quickbooks_id == quickbooks_id
    return record.link is not None and record.link.quickbooks_id == quickbooks_id and not record.is_surplus


def _check_id(kind: Kind, quickbooks_id: str) -> None:
    if _LEXICAL.fullmatch(quickbooks_id) is None:
        problem = "must have 1 to 36 letters, digits or signs without blanks, as 1A2B-1700000001"
        raise InvalidInput([Fault(f"/{kind.id_name}", problem)])


def chosen_in(conn: Transaction, connector: Connector, kind: Kind, quickbooks_id: str) -> Link:
    """The link to an entry that a person chose.

    Raises:
        NotInQuickBooks: the list cache has no such ListID.
    """
    entries = lists.by_ids(conn, connector.id, ListName(kind), [quickbooks_id])
    if not entries or entries[0].is_deleted:
        raise NotInQuickBooks(
            f"QuickBooks' list has no {kind.label} with this ListID; if it is newer than the last refresh, press "
            f"Resync (qbwc-server resync {connector.name}) and try again after the next visit"
        )
    return Link(quickbooks_id, entries[0].edit_sequence, entries[0].full_name, "hand", "person")


def _to_queue(conn: Transaction, record: Record, core: Core, actor: str) -> Record:
    """A blocked record needs no step in between; any other is queued first, so that its life reads on."""
    if record.state in (State.BLOCKED, State.QUEUED):
        return record
    return records.move(conn, record, State.QUEUED, now=core.clock(), actor=actor)


def unlink(
    core: Core,
    connector_name: str,
    kind: Kind,
    external_id: str,
    *,
    actor: str,
    expected: Expected = ANYTHING,
) -> dict[str, Any]:
    """Forget which record of QuickBooks a list record is: it is matched anew. A cancelled one stays cancelled, and
    one that is linked to nothing as it is.

    Raises:
        NotFound: there is no such connector or record.
        Conflict: it may not be unlinked as it stands (`domain.decisions`).
    """
    with turn(core, connector_name) as (conn, connector):
        record = record_views.existing(conn, connector, kind, external_id)
        expected.check(record.label, record)
        if record.link is not None or kind.is_document:
            unlink_in(conn, connector, record, now=core.clock(), actor=actor)
        return record_views.view_of(conn, records.get(conn, record.id))


def unlink_in(conn: Transaction, connector: Connector, record: Record, *, now: datetime, actor: str) -> None:
    """`unlink` within an open transaction that holds the connector."""
    intake.ensure_may(conn, record, Decision.UNLINK)
    _go_on(conn, connector, record, _forgotten(conn, record, now=now), now=now, actor=actor)


def unlink_in_favour_of(
    core: Core, conn: Transaction, connector: Connector, holder: Record, record: Record, *, actor: str
) -> None:
    """Forget what a list record is in QuickBooks, and let another one be that instead; then it is matched anew."""
    intake.ensure_may(conn, holder, Decision.UNLINK)
    list_id = holder.link.quickbooks_id if holder.link is not None else ""
    freed = _forgotten(conn, holder, now=core.clock())
    link_in(core, conn, connector, record.kind, record.external_id, list_id, actor=actor)
    _go_on(conn, connector, holder, freed, now=core.clock(), actor=actor)


def post_as_new(
    core: Core,
    connector_name: str,
    kind: Kind,
    external_id: str,
    *,
    actor: str,
    expected: Expected = ANYTHING,
) -> dict[str, Any]:
    """Post a document that was deleted in QuickBooks once more, as a new document.

    Raises:
        NotFound: there is no such connector or record.
        Conflict: it is a list record, or it was not deleted in QuickBooks.
    """
    with turn(core, connector_name) as (conn, connector):
        record = record_views.existing(conn, connector, kind, external_id)
        expected.check(record.label, record)
        post_as_new_in(conn, connector, record, now=core.clock(), actor=actor)
        return record_views.view_of(conn, records.get(conn, record.id))


def post_as_new_in(
    conn: Transaction, connector: Connector, record: Record, *, now: datetime, actor: str
) -> None:
    """`post_as_new` within an open transaction that holds the connector."""
    intake.ensure_may(conn, record, Decision.POST_AS_NEW)
    _go_on(conn, connector, record, _forgotten(conn, record, now=now), now=now, actor=actor)


def _forgotten(conn: Transaction, record: Record, *, now: datetime) -> Record:
    """Forget the link. A new generation gives another ExternalGUID, so that old and new are told apart."""
    if not record.kind.is_document:
        rulings.forget(conn, record.connector_id, ListName(record.kind), key_of_record(record))
    return records.change(
        conn,
        record,
        now=now,
        generation=record.generation + 1,
        is_surplus=False,
        quickbooks_id=None,
        edit_sequence=None,
        quickbooks_name=None,
        matched_by=None,
        proof=None,
        synced_content=None,
        line_ids=(),
        needs_reading=False,
        probed_session_id=None,
        linked_document=None,
    )


def _go_on(
    conn: Transaction, connector: Connector, before: Record, record: Record, *, now: datetime, actor: str
) -> None:
    """A record whose link was forgotten is tried as if it had never been there."""
    if record.state is State.BLOCKED:
        resolve.retry(conn, connector, [record.id], now=now, actor=actor)
    elif record.state is State.SYNCED:
        record = records.move(conn, record, State.QUEUED, now=now, actor=actor)
        if resolve.can_check(conn, connector):
            resolve.decide(conn, connector, record, now=now, actor=actor)
    resolve.let_go(conn, connector, before, now=now, actor=actor)


def dismiss(core: Core, connector_name: str, error_id: int, note: str, *, actor: str) -> None:
    """Let an error record rest: its record is cancelled, with a note why. Nothing in QuickBooks is touched.

    An error record of the connector as a whole is only closed.

    Raises:
        NotFound: the connector has no such open error record.
        InvalidInput: there is no note.
    """
    if not note.strip():
        raise InvalidInput([Fault("/note", "say why, so that the next person knows")])
    with turn(core, connector_name) as (conn, connector):
        if not dismiss_in(conn, connector, [error_id], note.strip(), now=core.clock(), actor=actor):
            raise NotFound(f"there is no open error record {error_id}")


def dismiss_in(
    conn: Transaction,
    connector: Connector,
    error_ids: Sequence[int],
    note: str,
    *,
    now: datetime,
    actor: str,
) -> int:
    """`dismiss` of several within an open transaction that holds the connector; returns how many were open yet."""
    found = errors.find(conn, connector.id, ids=error_ids)
    errors.close(conn, [item.id for item in found], f"dismissed by {actor}: {note}", now=now)
    blamed = records.get_all(conn, [item.record_id for item in found if item.record_id is not None])
    told = [_dismissed(connector, blamed.get(item.record_id or 0), item, note, now, actor) for item in found]
    events.add_all(conn, told)
    with resolve.working(conn, connector, now=now) as work:
        for record in blamed.values():
            if record.state is State.BLOCKED:
                resolve.withdrawn(work, record, actor=actor)
    return len(found)


def _dismissed(
    connector: Connector, record: Record | None, item: StoredError, note: str, now: datetime, actor: str
) -> NewEvent:
    reasons = [Reason.of(item)]
    if record is None:
        happening = ConnectorHappening.ERROR_DISMISSED
        return of_connector(connector.id, happening, at=now, actor=actor, detail=note, reasons=reasons)
    what = "error record dismissed"
    return of_record(record, Happening.DISMISSED, what, at=now, actor=actor, detail=note, reasons=reasons)
