"""A record as the host and people see it: its state, what QuickBooks calls it, and what stands in its way."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from qbwc_server.desk import refused
from qbwc_server.desk.views.base import OpenErrorView
from qbwc_server.desk.views.error_views import shown
from qbwc_server.domain import json_values
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import StoredError
from qbwc_server.domain.faults import NotFound
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.records import Link, Record, State
from qbwc_server.storage import Transaction, connectors, errors, lists, records
from qbwc_server.sync import pauses
from qbwc_server.sync.core import Core


def existing(conn: Transaction, connector: Connector, kind: Kind, external_id: str) -> Record:
    record = records.find(conn, connector.id, kind, external_id)
    if record is None:
        why = refused.told(conn, connector, kind, external_id)
        raise NotFound(f"the connector {connector.name} has no {kind.label} {external_id!r}{why}")
    return record


def view(core: Core, connector_name: str, kind: Kind, external_id: str) -> dict[str, Any]:
    """Everything the host may know of a record: state, link, warnings, errors, what it waits for, content.

    Raises:
        NotFound: there is no such connector or record.
    """
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        return view_of(conn, existing(conn, connector, kind, external_id))


def view_of(
    conn: Transaction, record: Record, *, open_errors: Sequence[StoredError] | None = None
) -> dict[str, Any]:
    """A record as `view` shows it, within a transaction.

    Args:
        open_errors: those about it, where that is known.
    """
    return views_of(conn, [record], None if open_errors is None else {record.id: open_errors})[0]


def views_of(
    conn: Transaction,
    shown_records: Sequence[Record],
    known_errors: Mapping[int, Sequence[StoredError]] | None = None,
) -> list[dict[str, Any]]:
    """Records as `view` shows them, in their order, within a transaction; so many reads as of a single one.

    Args:
        known_errors: the open error records about them, by their ids, where that is known.
    """
    open_errors = errors.open_of(conn, shown_records) if known_errors is None else known_errors
    waits = records.waits_of_all(conn, [record.id for record in shown_records if record.waiting])
    read_at = _lists_read(conn, shown_records)
    return [
        _view(record, open_errors.get(record.id, ()), waits.get(record.id, ()), read_at.get(record.kind))
        for record in shown_records
    ]


def _lists_read(conn: Transaction, shown_records: Sequence[Record]) -> Mapping[Kind, datetime]:
    """As of when QuickBooks' lists are known in which these records stand: a change there would have been told."""
    kinds = [kind for kind in Kind if not kind.is_document]
    if all(record.kind.is_document for record in shown_records):
        return {}
    loads = lists.loads(conn, shown_records[0].connector_id, [ListName(kind) for kind in kinds])
    read = zip(kinds, (load.read_from or load.loaded_at for load in loads), strict=True)
    return {kind: at for kind, at in read if at is not None}


def _seen_at(record: Record, list_read_at: datetime | None) -> datetime | None:
    """When QuickBooks confirmed a record last: the record itself, or the list in which it stands."""
    is_listed = record.link is not None and record.state is State.SYNCED
    return max(filter(None, (record.seen_at, list_read_at if is_listed else None)), default=None)


def _view(
    record: Record,
    open_errors: Sequence[StoredError],
    waits: Sequence[Record],
    list_read_at: datetime | None,
) -> dict[str, Any]:
    seen_at = _seen_at(record, list_read_at)
    link = _link_shown(record)
    return {
        "external_id": record.external_id,
        "kind": record.kind,
        "state": record.state,
        "revision": record.revision,
        "synced_revision": record.synced_revision,
        "version": record.version,
        record.kind.id_name: link.quickbooks_id if link else None,
        "edit_sequence": link.edit_sequence if link else None,
        ("ref_number" if record.kind.is_document else "full_name"): link.name if link else None,
        "matched_by": link.matched_by if link else None,
        "proof": link.proof if link else None,
        "seen_at": seen_at.isoformat() if seen_at else None,
        **({"linked_document": record.linked_document} if record.kind.is_document else {}),
        "warnings": list(record.warnings),
        "errors": [OpenErrorView.of(shown(item)).as_json() for item in open_errors],
        "is_void": record.is_void,
        "waiting_for": [
            {"kind": item.kind, "external_id": item.external_id, "state": item.state} for item in waits
        ],
        "not_before": record.not_before.isoformat() if record.not_before else None,
        "waiting": pauses.shown(record, waits),
        "created_at": record.created_at.isoformat(),
        "updated_at": record.updated_at.isoformat(),
        "record": json_values.with_decimals_as_text(record.content),
    }


def _link_shown(record: Record) -> Link | None:
    """What it is in QuickBooks; as long as that is only claimed, that is said."""
    if record.claim is None:
        return record.link
    return Link(record.claim.quickbooks_id, None, None, "hand", "claim")
