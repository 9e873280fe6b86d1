"""Linked records: what QuickBooks must be told to get from the synced revision to the latest one."""

from collections.abc import Iterable
from dataclasses import replace

import qbxml.records as qb
from qbwc_server.domain import changes
from qbwc_server.domain import host_records as host
from qbwc_server.domain.causes import (
    Refused,
)
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.operations import Operation
from qbwc_server.domain.records import Link, Record
from qbwc_server.domain.settings import ConnectorSettings
from qbwc_server.sync.check import named
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.check.named import usable
from qbwc_server.sync.check.verdicts import Blocked, Matched, Ready, Verdict, blocked


def voided(record: Record, link: Link) -> Verdict:
    """An invoice is voided; a purchase order cannot be (qbXML schema, TxnVoidType), so it is closed."""
    if KINDS[record.kind].is_voidable:
        return Ready(qb.Invoice.believed({"txn_id": link.quickbooks_id}), Operation.VOID)
    values = {"txn_id": link.quickbooks_id, "edit_sequence": link.edit_sequence, "is_manually_closed": True}
    return Ready(qb.PurchaseOrder.believed(values), Operation.MOD)


def changed_entry(
    known: Known,
    record: Record,
    link: Link,
    content: qb.Customer | qb.Vendor | host.HostItem,
) -> Verdict:
    list_name = ListName(record.kind)
    entries = known.by_ids(list_name, [link.quickbooks_id])
    entry = entries[0] if entries else None
    if entry is not None and content.is_active is not False and not _is_taken_back(record, entry):
        unusable = usable(entry, f"list_id:{link.quickbooks_id}")
        if isinstance(unusable, Blocked):
            return unusable
    new, old, keeps = content_in_quickbooks(known, record, entry)
    if keeps is not None:
        return keeps
    if new is None:
        return blocked(Refused(record.label, _OTHER_TYPE))
    found = changes.between(old, new)
    if isinstance(content, host.HostItem):
        stuck = (*content.unsaid(entry.type if entry else None, new), *map(host.in_host_words, found.unsaid))
        found = replace(found, unsaid=stuck)
    return modification(link, new, found, "list_id")


def _is_taken_back(record: Record, entry: ListEntry) -> bool:
    """Whether an inactive entry is one that the host itself had retired, so that it may take it back."""
    retired = (record.synced_content or {}).get("is_active") is False
    return retired and not entry.is_deleted


def entry_before(known: Known, record: Record) -> qb.Record | None:
    """What QuickBooks was last told of a linked list record, in its terms."""
    list_id = record.link.quickbooks_id if record.link else ""
    entries = known.by_ids(ListName(record.kind), [list_id])
    return content_in_quickbooks(known, record, entries[0] if entries else None)[1]


_OTHER_TYPE = "QuickBooks holds it as an item of a type this server does not change. Change it in QuickBooks."


def of_unknown_sides(known: Known, members: Iterable[Record]) -> frozenset[int]:
    """The linked items among these records of which QuickBooks must first be asked whether they are sold, bought or
    both: a change is said otherwise for the one than for the other."""
    linked = {
        record.link.quickbooks_id: record.id
        for record in members
        if record.kind is Kind.ITEM and record.link is not None
    }
    if not linked:
        return frozenset()
    entries = known.by_ids(ListName.ITEM, linked)
    return frozenset(
        linked[entry.list_id] for entry in entries if entry.sides is None and host.has_sides(entry.type)
    )


def content_in_quickbooks(
    known: Known, record: Record, entry: ListEntry | None
) -> tuple[qb.Record | None, qb.Record | None, Verdict | None]:
    """A list record's content, and that of its synced revision, in QuickBooks' terms.

    Args:
        entry: what the list cache knows of it; an item is changed as what it is there, whatever the host would
            have created.

    Returns:
        Both contents, None for a type we do not change; and what keeps the record from being changed, where what
        it names cannot be told.
    """
    parsed = known.parsed(record.kind, record.content)
    before = None if record.synced_content is None else known.parsed(record.kind, record.synced_content)
    sides = (entry.sides if entry is not None else None) or _sides_given((parsed, before))
    new = named.bind(known, record, parsed, before)
    made = _in_quickbooks(known.settings, new.content, entry, sides)
    if before is None or made is None:
        return made, None, new.verdict
    old = named.bind(known, record, before, parsed)
    return made, _in_quickbooks(known.settings, old.content, entry, sides), new.verdict


def _in_quickbooks(
    settings: ConnectorSettings, content: host.HostRecord, entry: ListEntry | None, sides: str | None
) -> qb.Record | None:
    if isinstance(content, host.HostItem):
        wanted = host.item_type_of(entry.type) if entry else content.item_type(settings)
        return None if wanted is None else content.to_quickbooks(settings, wanted, sides)
    return content.to_quickbooks() if isinstance(content, host.HostCustomer) else content


def _sides_given(versions: Iterable[object]) -> str | None:
    """The sides an item was created with, as far as its versions tell; the latest one was perhaps never sent."""
    items = [version for version in versions if isinstance(version, host.HostItem)]
    return items[-1].sides if items else None


def modification(link: Link, new: qb.Record, found: changes.Changes, id_name: str) -> Verdict:
    """The Mod that carries these changes; nothing to send when there are none."""
    if not found.fields:
        return Matched(link, found.unsaid)
    ids = {id_name: link.quickbooks_id, "edit_sequence": link.edit_sequence}
    payload = type(new).believed({**found.values, **ids})
    return Ready(payload, Operation.MOD, found.clear, found.unsaid)
