"""Checking a record against links and the list cache: can it be sent, and as what?

Everything that can be known without QuickBooks is found here, before the Web Connector is involved.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

import qbxml.records as qb
from qbwc_server.domain import host_records as host
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.records import Record
from qbwc_server.domain.sessions import Operation
from qbwc_server.storage import records

from . import references
from .changed import changed_entry, entry_before, of_unknown_sides, voided
from .documents import document, document_before
from .entries import already_linked, holder, new_item, new_party
from .named import full_names
from .verdicts import Blocked, Finding, Matched, Ready, Unread, Verdict, Waiting, blocked

__all__ = [
    "Blocked",
    "Finding",
    "Matched",
    "Ready",
    "Unread",
    "Verdict",
    "Waiting",
    "already_linked",
    "before_in_quickbooks",
    "check",
    "full_names",
    "holder",
    "of_unknown_sides",
    "written",
]


def check(conn: Connection, connector: Connector, record: Record) -> Verdict:
    """What is to become of a record that is not in QuickBooks at its latest revision.

    The lists it is matched against must have been loaded once.
    """
    surplus = _surplus(conn, record)
    if surplus is not None:
        return surplus
    verdict = _check(conn, connector, record)
    if isinstance(verdict, Ready) and verdict.operation is not Operation.VOID:
        found = references.resolved(conn, connector, record, verdict.payload)
        if found.causes:
            return Blocked(tuple(Finding(cause) for cause in found.causes))
        return Unread(found.unread) if found.unread else replace(verdict, payload=found.payload)
    return verdict


def before_in_quickbooks(conn: Connection, connector: Connector, record: Record) -> qb.Record | None:
    """What QuickBooks was last told of a linked record, in its terms; None when it was never told anything."""
    if record.synced_content is None:
        return None
    before = host.parse(record.kind, record.synced_content)
    if isinstance(before, host.HostInvoice | host.HostPurchaseOrder):
        return document_before(conn, connector, record, before)
    return entry_before(conn, connector, record)


def _surplus(conn: Connection, record: Record) -> Verdict | None:
    """The verdict on a record that is linked to what another one has, as long as that one has it."""
    if record.link is None or not record.is_surplus:
        return None
    link = record.link
    other = records.holder(conn, record, link.quickbooks_id)
    if other is None:
        return None
    return blocked(already_linked(record, other, link.quickbooks_id, link.name))


def written(
    conn: Connection, connector: Connector, record: Record, content: Mapping[str, Any]
) -> qb.Record | None:
    """A content in QuickBooks' terms, without the references that must be looked up: to be compared with what
    QuickBooks answers to a change of that record."""
    return before_in_quickbooks(conn, connector, replace(record, synced_content=content))


def _check(conn: Connection, connector: Connector, record: Record) -> Verdict:
    content = host.parse(record.kind, record.content)
    if isinstance(content, host.HostInvoice | host.HostPurchaseOrder):
        if record.is_void and record.link is not None:
            return voided(record, record.link)
        return document(conn, connector, record, content)
    if record.link is not None:
        return changed_entry(conn, connector, record, record.link, content)
    if isinstance(content, host.HostItem):
        return new_item(conn, connector, record, content)
    return new_party(conn, connector, record, content)
