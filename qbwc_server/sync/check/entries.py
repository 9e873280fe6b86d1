"""Entries of QuickBooks' lists: which one is meant, whether it can be used, and new ones for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

import qbxml.records as qb
from qbwc_server.domain import host_records as host
from qbwc_server.domain.causes import (
    Candidate,
    Cause,
    CustomerNotMatched,
    ItemNotMatched,
    NameInUse,
    RecordDeleted,
    RecordInactive,
    ReferenceMissing,
    VendorNotMatched,
)
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry, choose, fold
from qbwc_server.domain.records import Link, Record, State, external_guid
from qbwc_server.storage import errors, lists, records

from .verdicts import Blocked, Finding, Matched, Ready, Verdict, Waiting, blocked

NOT_MATCHED = {ListName.CUSTOMER: CustomerNotMatched, ListName.VENDOR: VendorNotMatched}


def new_party(
    conn: Connection, connector: Connector, record: Record, content: qb.Customer | qb.Vendor
) -> Verdict:
    list_name = ListName(record.kind)
    settings = connector.settings
    may_create = settings.create_customers if list_name is ListName.CUSTOMER else settings.create_vendors
    trouble = NOT_MATCHED[list_name]
    if record.match_key is None:
        if not settings.create_without_email:
            return blocked(trouble("email_missing", record.label))
    else:
        found = choose(lists.by_email(conn, connector.id, list_name, record.match_key))
        if found:
            return from_candidates(
                found, "email", f"email:{record.match_key}", trouble, record.label, record.match_key
            )
        twin = records.by_match_key(conn, connector.id, record.kind, record.match_key)
        if twin is not None and twin.id < record.id and twin.link is None:
            return behind(conn, connector, twin)
    taken = name_taken(conn, connector, record, content.name or "")
    if taken is not None:
        return taken
    if not may_create:
        return blocked(trouble("creation_off", record.label, record.match_key))
    return Ready(host.with_guid(content, external_guid(connector.uuid, record)))


def from_candidates(
    found: Sequence[ListEntry],
    matched_by: str,
    looked_up: str,
    trouble: Callable[..., Cause],
    *details: str,
) -> Verdict:
    if len(found) > 1:
        candidates = tuple(Candidate(entry.full_name, entry.list_id) for entry in found)
        return blocked(trouble("several", *details, candidates))
    (entry,) = found
    if not entry.is_active:
        return blocked(RecordInactive(entry.list_name, entry.full_name, entry.list_id, looked_up))
    return Matched(link_to(entry, matched_by))


def link_to(entry: ListEntry, matched_by: str) -> Link:
    """The link to an entry of the list cache."""
    return Link(entry.list_id, entry.edit_sequence, entry.full_name, matched_by, "cache")


def name_taken(conn: Connection, connector: Connector, record: Record, full_name: str) -> Verdict | None:
    """The verdict when QuickBooks holds the name already; None when it is free."""
    guid = external_guid(connector.uuid, record).upper()
    own_list = ListName(record.kind)
    for list_name in own_list.sharing:
        for entry in lists.by_name(conn, connector.id, list_name, full_name):
            if entry.is_deleted:
                continue
            if list_name is own_list and (entry.external_guid or "").upper() == guid:
                return Matched(link_to(entry, "created"))
            return blocked(NameInUse(own_list, full_name, holder(entry)))
    return None


def holder(entry: ListEntry) -> str:
    """What holds a name, for a sentence: ``an inactive customer with the email a@b.example``."""
    words = [entry.list_name.entry_label]
    if not entry.is_active:
        words.insert(0, "inactive")
    if entry.list_name is ListName.ITEM:
        words.append(
            f"with the Manufacturer's Part Number {entry.sku}" if entry.sku else "without a part number"
        )
    elif entry.list_name.is_matched:
        words.append(f"with the email {entry.email}" if entry.email else "without an email")
    text = " ".join(words)
    return f"{'an' if text[0] in 'aeiou' else 'a'} {text}"


def new_item(conn: Connection, connector: Connector, record: Record, content: host.HostItem) -> Verdict:
    has_part_number = content.item_type(connector.settings) in host.TYPES_WITH_PART_NUMBER
    if content.sku is None and has_part_number:
        return blocked(ItemNotMatched("sku_missing", record.label, record.label))
    if content.sku is not None:
        found = choose(lists.by_sku(conn, connector.id, content.sku), exact_sku=content.sku)
        if found:
            return from_candidates(
                found, "sku", f"sku:{content.sku}", ItemNotMatched, record.label, record.label, content.sku
            )
        twin = records.by_match_key(conn, connector.id, Kind.ITEM, fold(content.sku))
        if twin is not None and twin.id < record.id and twin.link is None:
            return behind(conn, connector, twin)
    taken = _item_name_taken(conn, connector, record, content, has_part_number)
    if taken is not None:
        return taken
    if not connector.settings.create_items:
        return blocked(ItemNotMatched("creation_off", record.label, record.label, content.sku))
    missing = content.missing_account(connector.settings)
    if missing is not None:
        return blocked(ReferenceMissing(record.label, missing))
    guid = external_guid(connector.uuid, record)
    return Ready(host.with_guid(content.to_quickbooks(connector.settings), guid))


def _item_name_taken(
    conn: Connection, connector: Connector, record: Record, content: host.HostItem, has_part_number: bool
) -> Verdict | None:
    name = content.full_name
    if not has_part_number:
        # QuickBooks keeps no part number for such items: the name is all there is to match them by
        living = choose(lists.by_name(conn, connector.id, ListName.ITEM, name))
        if len(living) == 1:
            return from_candidates(living, "name", f"item_name:{fold(name)}", ItemNotMatched)
    return name_taken(conn, connector, record, name)


@dataclass(frozen=True, slots=True)
class Found:
    """A reference that QuickBooks can follow; `entry` None when the cache has not seen it yet."""

    list_id: str
    entry: ListEntry | None


Outcome = Found | Waiting | Blocked


def usable(entry: ListEntry, looked_up: str) -> Outcome:
    if entry.is_deleted:
        return blocked(RecordDeleted(entry.list_name, entry.full_name, entry.list_id, looked_up))
    if not entry.is_active:
        return blocked(RecordInactive(entry.list_name, entry.full_name, entry.list_id, looked_up))
    return Found(entry.list_id, entry)


def behind(conn: Connection, connector: Connector, target: Record) -> Waiting | Blocked:
    """Wait for a record that QuickBooks does not hold yet.

    What blocks that one blocks this one too, behind the same key: one fix releases both.
    """
    if target.state is not State.BLOCKED:
        return Waiting(frozenset({target.id}))
    causes = errors.find(conn, connector.id, record_id=target.id)
    return Blocked(tuple(Finding(item.cause, item.quickbooks, target.id) for item in causes))
