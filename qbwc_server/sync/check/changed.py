"""Linked records: what QuickBooks must be told to get from the synced revision to the latest one."""

from collections.abc import Mapping

from sqlalchemy import Connection

import qbxml.records as qb
from qbwc_server.domain import changes
from qbwc_server.domain import host_records as host
from qbwc_server.domain.causes import (
    Refused,
)
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.records import Link, Record
from qbwc_server.domain.sessions import Operation
from qbwc_server.storage import lists

from . import named
from .named import usable
from .verdicts import Blocked, Matched, Ready, Verdict, blocked


def voided(record: Record, link: Link) -> Verdict:
    """An invoice is voided; a purchase order cannot be (qbXML schema, TxnVoidType), so it is closed."""
    if record.kind is Kind.INVOICE:
        return Ready(qb.Invoice.believed({"txn_id": link.quickbooks_id}), Operation.VOID)
    values = {"txn_id": link.quickbooks_id, "edit_sequence": link.edit_sequence, "is_manually_closed": True}
    return Ready(qb.PurchaseOrder.believed(values), Operation.MOD)


def changed_entry(
    conn: Connection,
    connector: Connector,
    record: Record,
    link: Link,
    content: qb.Customer | qb.Vendor | host.HostItem,
) -> Verdict:
    list_name = ListName(record.kind)
    entries = lists.by_ids(conn, connector.id, list_name, [link.quickbooks_id])
    if entries and content.is_active is not False:
        unusable = usable(entries[0], f"list_id:{link.quickbooks_id}")
        if isinstance(unusable, Blocked):
            return unusable
    entry_type = entries[0].type if entries else None
    new, old, keeps = content_in_quickbooks(conn, connector, record, entry_type)
    if keeps is not None:
        return keeps
    if new is None:
        return blocked(Refused(record.label, _OTHER_TYPE))
    return modification(record, link, new, changes.between(old, new), {}, "list_id")


def entry_before(conn: Connection, connector: Connector, record: Record) -> qb.Record | None:
    """What QuickBooks was last told of a linked list record, in its terms."""
    list_id = record.link.quickbooks_id if record.link else ""
    entries = lists.by_ids(conn, connector.id, ListName(record.kind), [list_id])
    return content_in_quickbooks(conn, connector, record, entries[0].type if entries else None)[1]


_OTHER_TYPE = "QuickBooks holds it as an item of a type this server does not change. Change it in QuickBooks."


def content_in_quickbooks(
    conn: Connection, connector: Connector, record: Record, entry_type: str | None
) -> tuple[qb.Record | None, qb.Record | None, Verdict | None]:
    """A list record's content, and that of its synced revision, in QuickBooks' terms.

    Args:
        entry_type: what the list cache knows it as (``ItemInventory``); an item is changed as what it is there,
            whatever the host would have created.

    Returns:
        Both contents, None for a type we do not change; and what keeps the record from being changed, where what
        it names cannot be told.
    """
    parsed = host.parse(record.kind, record.content)
    before = None if record.synced_content is None else host.parse(record.kind, record.synced_content)
    new = named.bind(conn, connector, record, parsed, before)
    made = _in_quickbooks(connector, new.content, entry_type)
    if before is None or made is None:
        return made, None, new.verdict
    old = named.bind(conn, connector, record, before, parsed)
    return made, _in_quickbooks(connector, old.content, entry_type), new.verdict


def _in_quickbooks(
    connector: Connector, content: host.HostRecord, entry_type: str | None
) -> qb.Record | None:
    if isinstance(content, host.HostItem):
        wanted = host.item_type_of(entry_type) if entry_type else content.item_type(connector.settings)
        return None if wanted is None else content.to_quickbooks(connector.settings, wanted)
    return content.to_quickbooks() if isinstance(content, host.HostCustomer) else content


def modification(
    record: Record,
    link: Link,
    new: qb.Record,
    header: changes.Changes,
    lines: Mapping[str, object],
    id_name: str,
) -> Verdict:
    """The Mod that carries these changes; nothing to send when there are none."""
    if not header.fields and not lines:
        return Matched(link)
    ids = {id_name: link.quickbooks_id, "edit_sequence": link.edit_sequence}
    payload = type(new).believed({**header.values, **lines, **ids})
    return Ready(payload, Operation.MOD, header.clear)
