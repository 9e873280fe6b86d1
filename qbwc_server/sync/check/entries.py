"""Entries of QuickBooks' lists: which one a record of the host is, and new ones for those it does not hold yet."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

import qbxml.records as qb
from qbwc_server.domain import host_records as host
from qbwc_server.domain.causes import (
    AlreadyLinked,
    ItemNotMatched,
    NameInUse,
    RecordInactive,
    ReferenceMissing,
)
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry, choose, email_keys, fold, parent_key
from qbwc_server.domain.records import Link, Record, external_guid
from qbwc_server.storage import lists, records

from . import named
from .named import NOT_MATCHED, as_candidates, behind
from .verdicts import Blocked, Finding, Matched, Ready, Verdict, blocked

# --- customers and vendors ----------------------------------------------------------------------------------


def new_party(
    conn: Connection, connector: Connector, record: Record, content: host.HostCustomer | qb.Vendor
) -> Verdict:
    """Which customer or vendor a record is, or what it is created as."""
    bound = named.bind(conn, connector, record, content)
    if bound.verdict is not None:
        return bound.verdict
    content, emails = bound.content, email_keys(content.email)
    if isinstance(content, host.HostCustomer):
        parent = _full_name_of(content.parent)
        payload: qb.Customer | qb.Vendor = content.to_quickbooks()
        if parent is not None:
            found = _job(conn, connector, record, payload, parent, emails)
            return found or _created(conn, connector, record, payload, ())
    else:
        payload = content
    return _head(conn, connector, record, emails) or _created(conn, connector, record, payload, emails)


def _full_name_of(reference: host.Reference | None) -> str | None:
    """What a reference that has been found is called in QuickBooks; None for no reference."""
    if reference is None or reference.is_empty:
        return None
    return reference.full_name or ""


def _head(conn: Connection, connector: Connector, record: Record, emails: Sequence[str]) -> Verdict | None:
    """The verdict on one that stands at the head of its family, as far as its emails tell; None: it is not there."""
    list_name = ListName(record.kind)
    if not emails:
        if connector.settings.create_without_email:
            return None
        return blocked(NOT_MATCHED[list_name]("email_missing", record.label))
    by_email = {
        f"email:{email}": [entry for entry in hits if not parent_key(entry.full_name)]
        for email, hits in lists.by_emails(conn, connector.id, list_name, emails).items()
    }
    found = choose(_distinct(by_email.values()))
    if len(found) > 1:
        named_ones = as_candidates(found)
        return Blocked(
            tuple(
                Finding(NOT_MATCHED[list_name]("several", record.label, key.partition(":")[2], named_ones))
                for key, hits in by_email.items()
                if choose(hits)
            )
        )
    if found:
        looked_up = next(key for key, hits in by_email.items() if found[0] in hits)
        return matched(conn, record, found[0], "email", looked_up)
    return _behind_its_twin(conn, connector, record, [f"email:{email}" for email in emails])


def _distinct(groups: Iterable[Iterable[ListEntry]]) -> list[ListEntry]:
    return list({entry.list_id: entry for group in groups for entry in group}.values())


def _behind_its_twin(
    conn: Connection, connector: Connector, record: Record, keys: Iterable[str]
) -> Verdict | None:
    """Wait for a record that was handed over before and would be the same entry; it is known then which it is."""
    for twin in records.by_keys(conn, connector.id, record.kind, keys):
        if twin.id < record.id and twin.link is None and named.stands_at_the_head(twin):
            return behind(conn, connector, twin)
    return None


def _job(
    conn: Connection,
    connector: Connector,
    record: Record,
    payload: qb.Customer | qb.Vendor,
    parent: str,
    emails: Sequence[str],
) -> Verdict | None:
    """The verdict on a job: it is known by its name below its parent, or by an email that it alone has there.

    Jobs mostly have the address of their parent or of one another, which tells nothing.
    """
    full_name = f"{parent}:{payload.name or ''}"
    there = choose(lists.by_name(conn, connector.id, ListName.CUSTOMER, full_name))
    if there:
        return matched(conn, record, there[0], "name", f"customer_name:{fold(full_name)}")
    hits = _distinct(lists.by_emails(conn, connector.id, ListName.CUSTOMER, emails).values())
    family = [entry for entry in hits if _is_of_family(entry, parent)]
    found = choose(family)
    if len(found) != 1 or parent_key(found[0].full_name) != fold(parent):
        return None
    if records.holder(conn, record, found[0].list_id) is not None:
        return None
    others = records.by_keys(conn, connector.id, Kind.CUSTOMER, [f"email:{email}" for email in emails])
    if any(other.id != record.id for other in others):
        return None
    looked_up = next(f"email:{email}" for email in emails if email in email_keys(found[0].email))
    return matched(conn, record, found[0], "email", looked_up)


def _is_of_family(entry: ListEntry, parent: str) -> bool:
    name = fold(entry.full_name)
    return name == fold(parent) or name.startswith(fold(parent) + ":")


def _created(
    conn: Connection,
    connector: Connector,
    record: Record,
    payload: qb.Customer | qb.Vendor,
    emails: Sequence[str],
) -> Verdict:
    list_name, settings = ListName(record.kind), connector.settings
    full_name = _full_name(payload)
    taken = name_taken(conn, connector, record, full_name)
    if taken is not None:
        return taken
    if settings.create_customers if list_name is ListName.CUSTOMER else settings.create_vendors:
        return Ready(host.with_guid(payload, external_guid(connector.uuid, record)))
    trouble = NOT_MATCHED[list_name]
    if not emails:
        return blocked(trouble("creation_off_by_name", record.label, full_name))
    return Blocked(tuple(Finding(trouble("creation_off", record.label, email)) for email in emails))


def _full_name(payload: qb.Customer | qb.Vendor) -> str:
    parent = payload.parent if isinstance(payload, qb.Customer) else None
    above = f"{parent.full_name}:" if parent is not None and parent.full_name else ""
    return above + (payload.name or "")


# --- items --------------------------------------------------------------------------------------------------


def new_item(conn: Connection, connector: Connector, record: Record, content: host.HostItem) -> Verdict:
    """Which item a record is, or what it is created as."""
    bound = named.bind(conn, connector, record, content)
    if bound.verdict is not None:
        return bound.verdict
    content = bound.content
    return _known_item(conn, connector, record, content) or _new_item(conn, connector, record, content)


def _known_item(
    conn: Connection, connector: Connector, record: Record, content: host.HostItem
) -> Verdict | None:
    """The verdict on an item as far as its SKU, or else its name, tells; None: it is not there."""
    has_part_number = content.item_type(connector.settings) in host.TYPES_WITH_PART_NUMBER
    if content.sku is None and has_part_number:
        return blocked(ItemNotMatched("sku_missing", record.label, record.label))
    if content.sku is not None:
        verdict = _by_sku(conn, connector, record, content, content.sku)
        if verdict is not None:
            return verdict
    if not has_part_number:
        # QuickBooks keeps no part number for such items: the name is all there is to match them by
        living = choose(lists.by_name(conn, connector.id, ListName.ITEM, content.full_name))
        if living:
            return matched(conn, record, living[0], "name", f"item_name:{fold(content.full_name)}")
    return None


def _by_sku(
    conn: Connection, connector: Connector, record: Record, content: host.HostItem, sku: str
) -> Verdict | None:
    parent = _full_name_of(content.parent)
    entries = [
        entry
        for entry in lists.by_skus(conn, connector.id, [sku])[fold(sku)]
        # a part number is an item's own, wherever it stands; but below a parent only that one's are meant
        if parent is None or parent_key(entry.full_name) == fold(parent)
    ]
    found = choose(entries, exact_sku=sku)
    twins = records.by_keys(conn, connector.id, Kind.ITEM, [f"sku:{fold(sku)}"])
    if not named.is_exact(found, sku):
        found = _free(conn, record, found, twins)
    if len(found) > 1:
        return blocked(ItemNotMatched("several", record.label, record.label, sku, as_candidates(found)))
    if found:
        return matched(conn, record, found[0], "sku", f"sku:{sku}")
    for twin in twins:
        if twin.id < record.id and twin.link is None and named.sku_of(twin) == sku.strip():
            return behind(conn, connector, twin)
    return None


def _free(
    conn: Connection, record: Record, found: Sequence[ListEntry], twins: Sequence[Record]
) -> tuple[ListEntry, ...]:
    """Those of the items whose SKU is written otherwise that no other record is, nor will be by its very SKU."""
    taken = records.holders(conn, record.connector_id, Kind.ITEM, [entry.list_id for entry in found])
    wanted = {named.sku_of(twin) for twin in twins if twin.id != record.id and twin.link is None}
    return tuple(
        entry for entry in found if entry.list_id not in taken and (entry.sku or "").strip() not in wanted
    )


def _new_item(conn: Connection, connector: Connector, record: Record, content: host.HostItem) -> Verdict:
    taken = name_taken(conn, connector, record, content.full_name)
    if taken is not None:
        return taken
    if not connector.settings.create_items:
        return blocked(ItemNotMatched("creation_off", record.label, record.label, content.sku))
    missing = content.missing_account(connector.settings)
    if missing is not None:
        return blocked(ReferenceMissing(record.label, missing))
    guid = external_guid(connector.uuid, record)
    return Ready(host.with_guid(content.to_quickbooks(connector.settings), guid))


# --- entries ------------------------------------------------------------------------------------------------


def matched(conn: Connection, record: Record, entry: ListEntry, matched_by: str, looked_up: str) -> Verdict:
    """The verdict on a record that is this entry, unless it is another record's or was retired."""
    other = records.holder(conn, record, entry.list_id)
    if other is not None:
        return blocked(already_linked(record, other, entry.list_id, entry.full_name))
    if not entry.is_active:
        return blocked(RecordInactive(entry.list_name, entry.full_name, entry.list_id, looked_up))
    return Matched(link_to(entry, matched_by))


def already_linked(record: Record, holder: Record, quickbooks_id: str, name: str | None) -> AlreadyLinked:
    """The cause that names the record which has what this one would be."""
    return AlreadyLinked(record.label, holder.label, quickbooks_id, record.kind.is_document, name)


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
                # created by us, and perhaps retired since: that is told when it is to be changed
                other = records.holder(conn, record, entry.list_id)
                if other is not None:
                    return blocked(already_linked(record, other, entry.list_id, entry.full_name))
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
