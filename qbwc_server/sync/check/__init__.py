"""Checking a record against links and the list cache: can it be sent, and as what?

Everything that can be known without QuickBooks is found here, before the Web Connector is involved.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import qbxml.records as qb
from qbwc_server.domain import host_records as host
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.operations import Operation
from qbwc_server.domain.records import Record
from qbwc_server.sync.check import references
from qbwc_server.sync.check.changed import changed_entry, entry_before, of_unknown_sides, voided
from qbwc_server.sync.check.documents import document, document_before, records_named, refer_to
from qbwc_server.sync.check.entries import ask_for_party, new_item, new_party
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.check.named import full_names
from qbwc_server.sync.check.taken import already_linked, holder
from qbwc_server.sync.check.verdicts import (
    Blocked,
    Finding,
    Matched,
    Ready,
    Unread,
    Verdict,
    Waiting,
    blocked,
)

__all__ = [
    "Blocked",
    "Finding",
    "Matched",
    "Ready",
    "Unread",
    "Verdict",
    "Waiting",
    "already_linked",
    "anticipate",
    "ask_for_named",
    "before_in_quickbooks",
    "check",
    "full_names",
    "holder",
    "of_unknown_sides",
    "written",
]


def check(known: Known, record: Record) -> Verdict:
    """What is to become of a record that is not in QuickBooks at its latest revision.

    The lists it is matched against must have been loaded once.
    """
    surplus = _surplus(known, record)
    if surplus is not None:
        return surplus
    verdict = _check(known, record)
    if isinstance(verdict, Ready) and verdict.operation is not Operation.VOID:
        found = references.resolved(known, record, verdict.payload)
        if found.causes:
            return Blocked(tuple(Finding(cause) for cause in found.causes))
        if found.unread:
            return Unread(found.unread)
        if found.payload is not verdict.payload:
            return replace(verdict, payload=found.payload)
    return verdict


def anticipate(known: Known, members: Iterable[Record]) -> None:
    """Ask for what records are sure to be checked against, so that it is read for all of them at once."""
    for record in members:
        content = known.parsed(record.kind, record.content)
        if isinstance(content, host.HostDocument):
            refer_to(known, record, content)
        elif record.link is None and isinstance(content, host.HostCustomer | qb.Vendor):
            ask_for_party(known, record, content)


def ask_for_named(known: Known, kind: Kind, content: host.HostRecord) -> None:
    """Ask for the host's records that a content names, which is told before any of it is checked."""
    if isinstance(content, host.HostDocument):
        records_named(known, kind, content)


def before_in_quickbooks(known: Known, record: Record) -> qb.Record | None:
    """What QuickBooks was last told of a linked record, in its terms; None when it was never told anything."""
    if record.synced_content is None:
        return None
    before = known.parsed(record.kind, record.synced_content)
    if isinstance(before, host.HostDocument):
        return document_before(known, record, before)
    return entry_before(known, record)


def _surplus(known: Known, record: Record) -> Verdict | None:
    """The verdict on a record that is linked to what another one has, as long as that one has it."""
    if record.link is None or not record.is_surplus:
        return None
    link = record.link
    other = known.holder(record, link.quickbooks_id)
    if other is None:
        return None
    return blocked(already_linked(record, other, link.quickbooks_id, link.name))


def written(known: Known, record: Record, content: Mapping[str, Any]) -> qb.Record | None:
    """A content in QuickBooks' terms, without the references that must be looked up: to be compared with what
    QuickBooks answers to a change of that record."""
    return before_in_quickbooks(known, record._replace(synced_content=content))


def _check(known: Known, record: Record) -> Verdict:
    content = known.parsed(record.kind, record.content)
    if isinstance(content, host.HostDocument):
        if record.is_void and record.link is not None:
            return voided(record, record.link)
        return document(known, record, content)
    if record.link is not None:
        return changed_entry(known, record, record.link, content)
    if isinstance(content, host.HostItem):
        return new_item(known, record, content)
    return new_party(known, record, content)
