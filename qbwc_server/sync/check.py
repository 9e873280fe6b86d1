"""Checking a record against links and the list cache: can it be sent, and as what?

Everything that can be known without QuickBooks is found here, before the Web Connector is involved.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

import qbxml.records as qb
from qbwc_server.domain import changes
from qbwc_server.domain import host_records as host
from qbwc_server.domain.causes import (
    Candidate,
    Cause,
    CustomerNotMatched,
    InvalidField,
    ItemNotMatched,
    NameInUse,
    RecordDeleted,
    RecordInactive,
    ReferenceMissing,
    Refused,
    VendorNotMatched,
)
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry, choose, fold
from qbwc_server.domain.records import Link, Record, State, external_guid
from qbwc_server.domain.sessions import Operation
from qbwc_server.storage import errors, lists, records
from qbwc_server.storage.errors import QuickBooksAnswer

from . import references


@dataclass(frozen=True, slots=True)
class Ready:
    """It can be sent.

    Attributes:
        payload: what is written: all of it for an Add, what changes (with its ids) for a Mod.
        operation: how it is written.
        clear: the fields a Mod empties.
    """

    payload: qb.Record
    operation: Operation = Operation.ADD
    clear: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matched:
    """QuickBooks already holds it."""

    link: Link


@dataclass(frozen=True, slots=True)
class Waiting:
    """It refers to these records (ids), which QuickBooks does not hold yet."""

    on: frozenset[int]


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why it cannot be sent, with what QuickBooks said if it was QuickBooks that found it.

    Attributes:
        via_record_id: the record it refers to that is itself blocked for this reason.
    """

    cause: Cause
    answer: QuickBooksAnswer | None = None
    via_record_id: int | None = None


@dataclass(frozen=True, slots=True)
class Blocked:
    """It cannot be sent as things stand."""

    findings: tuple[Finding, ...]


Verdict = Ready | Matched | Waiting | Blocked


def check(conn: Connection, connector: Connector, record: Record) -> Verdict:
    """What is to become of a record that is not in QuickBooks at its latest revision.

    The lists it is matched against must have been loaded once.
    """
    verdict = _check(conn, connector, record)
    if isinstance(verdict, Ready) and verdict.operation is not Operation.VOID:
        causes = references.missing(conn, connector, record, verdict.payload)
        if causes:
            return Blocked(tuple(Finding(cause) for cause in causes))
    return verdict


def _check(conn: Connection, connector: Connector, record: Record) -> Verdict:
    content = host.parse(record.kind, record.content)
    if isinstance(content, host.HostInvoice | host.HostPurchaseOrder):
        if record.is_void and record.link is not None:
            return _check_void(record, record.link)
        return _check_document(conn, connector, record, content)
    if record.link is not None:
        return _check_list_change(conn, connector, record, record.link, content)
    if isinstance(content, host.HostItem):
        return _check_item(conn, connector, record, content)
    return _check_party(conn, connector, record, content)


# --- what is in QuickBooks already --------------------------------------------------------------------------


def _check_void(record: Record, link: Link) -> Verdict:
    """An invoice is voided; a purchase order cannot be (qbXML schema, TxnVoidType), so it is closed."""
    if record.kind is Kind.INVOICE:
        return Ready(qb.Invoice.believed({"txn_id": link.quickbooks_id}), Operation.VOID)
    values = {"txn_id": link.quickbooks_id, "edit_sequence": link.edit_sequence, "is_manually_closed": True}
    return Ready(qb.PurchaseOrder.believed(values), Operation.MOD)


def _check_list_change(
    conn: Connection,
    connector: Connector,
    record: Record,
    link: Link,
    content: qb.Customer | qb.Vendor | host.HostItem,
) -> Verdict:
    list_name = ListName(record.kind)
    entries = lists.by_ids(conn, connector.id, list_name, [link.quickbooks_id])
    if entries and content.is_active is not False:
        unusable = _usable(entries[0], f"list_id:{link.quickbooks_id}")
        if isinstance(unusable, Blocked):
            return unusable
    new, old = content_in_quickbooks(connector, record, entries[0].type if entries else None)
    if new is None:
        return _blocked(Refused(record.label, _OTHER_TYPE))
    return _modification(record, link, new, changes.between(old, new), {}, "list_id")


def before_in_quickbooks(conn: Connection, connector: Connector, record: Record) -> qb.Record | None:
    """What QuickBooks was last told of a linked record, in its terms; None when it was never told anything.

    The references of a document's lines are left out: they are compared by what the host calls them.
    """
    if record.synced_content is None:
        return None
    if not record.kind.is_document:
        entries = lists.by_ids(
            conn, connector.id, ListName(record.kind), [record.link.quickbooks_id if record.link else ""]
        )
        return content_in_quickbooks(connector, record, entries[0].type if entries else None)[1]
    before = host.parse(record.kind, record.synced_content)
    if not isinstance(before, host.HostInvoice | host.HostPurchaseOrder):
        raise TypeError(f"{record.label} is no document")
    return before.alone(connector.settings)


_OTHER_TYPE = "QuickBooks holds it as an item of a type this server does not change. Change it in QuickBooks."


def content_in_quickbooks(
    connector: Connector, record: Record, entry_type: str | None
) -> tuple[qb.Record | None, qb.Record | None]:
    """A list record's content, and that of its synced revision, in QuickBooks' terms.

    Args:
        entry_type: what the list cache knows it as (``ItemInventory``); an item is changed as what it is there,
            whatever the host would have created. (None, None) when that is a type we do not change.
    """
    contents = (record.content, record.synced_content)
    parsed = [None if item is None else host.parse(record.kind, item) for item in contents]
    made: list[qb.Record | None] = []
    for item in parsed:
        if isinstance(item, host.HostItem):
            wanted = host.item_type_of(entry_type) if entry_type else item.item_type(connector.settings)
            if wanted is None:
                return None, None
            made.append(item.to_quickbooks(connector.settings, wanted))
        else:
            made.append(item if isinstance(item, qb.Record) else None)
    return made[0], made[1]


def _modification(
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


# --- customers and vendors ----------------------------------------------------------------------------------

_NOT_MATCHED = {ListName.CUSTOMER: CustomerNotMatched, ListName.VENDOR: VendorNotMatched}


def _check_party(
    conn: Connection, connector: Connector, record: Record, content: qb.Customer | qb.Vendor
) -> Verdict:
    list_name = ListName(record.kind)
    settings = connector.settings
    may_create = settings.create_customers if list_name is ListName.CUSTOMER else settings.create_vendors
    trouble = _NOT_MATCHED[list_name]
    if record.match_key is None:
        if not settings.create_without_email:
            return _blocked(trouble("email_missing", record.label))
    else:
        found = choose(lists.by_email(conn, connector.id, list_name, record.match_key))
        if found:
            return _from_candidates(
                found, "email", f"email:{record.match_key}", trouble, record.label, record.match_key
            )
        twin = records.by_match_key(conn, connector.id, record.kind, record.match_key)
        if twin is not None and twin.id < record.id and twin.link is None:
            return _behind(conn, connector, twin)
    taken = _name_taken(conn, connector, record, content.name or "")
    if taken is not None:
        return taken
    if not may_create:
        return _blocked(trouble("creation_off", record.label, record.match_key))
    return Ready(host.with_guid(content, external_guid(connector.uuid, record)))


def _from_candidates(
    found: Sequence[ListEntry],
    matched_by: str,
    looked_up: str,
    trouble: Callable[..., Cause],
    *details: str,
) -> Verdict:
    if len(found) > 1:
        candidates = tuple(Candidate(entry.full_name, entry.list_id) for entry in found)
        return _blocked(trouble("several", *details, candidates))
    (entry,) = found
    if not entry.is_active:
        return _blocked(RecordInactive(entry.list_name, entry.full_name, entry.list_id, looked_up))
    return Matched(link_to(entry, matched_by))


def link_to(entry: ListEntry, matched_by: str) -> Link:
    """The link to an entry of the list cache."""
    return Link(entry.list_id, entry.edit_sequence, entry.full_name, matched_by, "cache")


def _name_taken(conn: Connection, connector: Connector, record: Record, full_name: str) -> Verdict | None:
    """The verdict when QuickBooks holds the name already; None when it is free."""
    guid = external_guid(connector.uuid, record).upper()
    own_list = ListName(record.kind)
    for list_name in own_list.sharing:
        for entry in lists.by_name(conn, connector.id, list_name, full_name):
            if entry.is_deleted:
                continue
            if list_name is own_list and (entry.external_guid or "").upper() == guid:
                return Matched(link_to(entry, "created"))
            return _blocked(NameInUse(own_list, full_name, holder(entry)))
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


# --- items --------------------------------------------------------------------------------------------------


def _check_item(conn: Connection, connector: Connector, record: Record, content: host.HostItem) -> Verdict:
    has_part_number = content.item_type(connector.settings) in host.TYPES_WITH_PART_NUMBER
    if content.sku is None and has_part_number:
        return _blocked(ItemNotMatched("sku_missing", record.label, record.label))
    if content.sku is not None:
        found = choose(lists.by_sku(conn, connector.id, content.sku), exact_sku=content.sku)
        if found:
            return _from_candidates(
                found, "sku", f"sku:{content.sku}", ItemNotMatched, record.label, record.label, content.sku
            )
        twin = records.by_match_key(conn, connector.id, Kind.ITEM, fold(content.sku))
        if twin is not None and twin.id < record.id and twin.link is None:
            return _behind(conn, connector, twin)
    taken = _item_name_taken(conn, connector, record, content, has_part_number)
    if taken is not None:
        return taken
    if not connector.settings.create_items:
        return _blocked(ItemNotMatched("creation_off", record.label, record.label, content.sku))
    missing = content.missing_account(connector.settings)
    if missing is not None:
        return _blocked(ReferenceMissing(record.label, missing))
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
            return _from_candidates(living, "name", f"item_name:{fold(name)}", ItemNotMatched)
    return _name_taken(conn, connector, record, name)


# --- documents ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    """A reference that QuickBooks can follow; `entry` None when the cache has not seen it yet."""

    list_id: str
    entry: ListEntry | None


_Outcome = _Found | Waiting | Blocked


def _check_document(
    conn: Connection,
    connector: Connector,
    record: Record,
    content: host.HostInvoice | host.HostPurchaseOrder,
) -> Verdict:
    party = _party(conn, connector, record, content)
    refs = [(place, line.item) for place, line in content.item_lines(record.label)]
    by_sku = lists.by_skus(conn, connector.id, (ref.sku for _, ref in refs if ref is not None and ref.sku))
    items = [_item(conn, connector, record, ref, place, by_sku) for place, ref in refs]
    outcomes: list[_Outcome] = [party, *items]
    findings = [
        finding for outcome in outcomes if isinstance(outcome, Blocked) for finding in outcome.findings
    ]
    number = content.number(connector.settings)
    if number is not None and len(number) > host.LONGEST_NUMBER:
        problem = f"“{number}” has {len(number)} characters, QuickBooks takes {host.LONGEST_NUMBER}"
        findings.append(Finding(InvalidField(record.label, "ref_number", problem)))
    if findings:
        return Blocked(_distinct(findings))
    waits = [outcome.on for outcome in outcomes if isinstance(outcome, Waiting)]
    if waits:
        return Waiting(frozenset().union(*waits))
    found = [outcome for outcome in outcomes if isinstance(outcome, _Found)]
    payload = content.to_quickbooks(
        connector.settings,
        party=qb.Ref(list_id=found[0].list_id),
        items=[qb.Ref(list_id=item.list_id) for item in found[1:]],
        party_has_terms=found[0].entry is not None and found[0].entry.terms is not None,
    )
    if record.link is not None:
        return _document_change(connector, record, record.link, content, payload)
    return Ready(host.with_guid(payload, external_guid(connector.uuid, record)))


def _document_change(
    connector: Connector,
    record: Record,
    link: Link,
    content: host.HostInvoice | host.HostPurchaseOrder,
    new: qb.Invoice | qb.PurchaseOrder,
) -> Verdict:
    before = None if record.synced_content is None else host.parse(record.kind, record.synced_content)
    if before is not None and not isinstance(before, host.HostInvoice | host.HostPurchaseOrder):
        raise TypeError(f"{record.label} was no document before")
    header = changes.between(old_header(connector, before, content, new), new)
    plans = changes.plan_lines(before.lines if before else (), content.lines, record.line_ids)
    lines: dict[str, object] = {}
    if plans is not None:
        old_lines = before.lines if before else ()
        lines["lines"] = tuple(
            host.planned_line(
                new.lines[plan.position], None if plan.before is None else old_lines[plan.before], plan
            )
            for plan in plans
        )
    return _modification(record, link, new, header, lines, "txn_id")


def old_header(
    connector: Connector,
    before: host.HostInvoice | host.HostPurchaseOrder | None,
    content: host.HostInvoice | host.HostPurchaseOrder,
    new: qb.Invoice | qb.PurchaseOrder,
) -> qb.Record | None:
    """The header of the synced revision in QuickBooks' terms, to be compared with the new one."""
    if before is None:
        return None
    same_party = before.party == content.party
    party = (new.customer if isinstance(new, qb.Invoice) else new.vendor) if same_party else None
    return before.header(connector.settings, party, new)


def _distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple({(finding.cause.name, finding.cause.key): finding for finding in findings}.values())


def _party(
    conn: Connection,
    connector: Connector,
    record: Record,
    content: host.HostInvoice | host.HostPurchaseOrder,
) -> _Outcome:
    list_name = ListName.CUSTOMER if record.kind is Kind.INVOICE else ListName.VENDOR
    trouble = _NOT_MATCHED[list_name]
    ref = content.party
    if ref is None or ref.is_empty:
        return _blocked(trouble("not_named", record.label))
    if ref.external_id is not None:
        target = records.find(conn, connector.id, Kind(list_name), ref.external_id)
        missing = trouble("not_handed_over", record.label, ref.external_id)
        return _record(conn, connector, target, missing)
    if ref.list_id is not None:
        entries = lists.by_ids(conn, connector.id, list_name, [ref.list_id])
        missing = trouble("id_unknown", record.label, ref.list_id)
        return _entry(entries, f"list_id:{ref.list_id}", trouble, missing, record.label)
    if ref.full_name is not None:
        entries = lists.by_name(conn, connector.id, list_name, ref.full_name)
        missing = trouble("name_unknown", record.label, ref.full_name)
        return _entry(entries, f"{list_name}_name:{fold(ref.full_name)}", trouble, missing, record.label)
    email = fold(ref.email or "")
    entries = lists.by_email(conn, connector.id, list_name, email)
    missing = trouble("email_unknown", record.label, email)
    if not choose(entries):
        target = records.by_match_key(conn, connector.id, Kind(list_name), email)
        return _record(conn, connector, target, missing)
    return _entry(entries, f"email:{email}", trouble, missing, record.label, email)


def _item(
    conn: Connection,
    connector: Connector,
    record: Record,
    ref: host.ItemReference | None,
    place: str,
    by_sku: Mapping[str, list[ListEntry]],
) -> _Outcome:
    if ref is None or ref.is_empty:
        return _blocked(ItemNotMatched("sku_missing", record.label, place))
    if ref.external_id is not None:
        target = records.find(conn, connector.id, Kind.ITEM, ref.external_id)
        missing = ItemNotMatched("not_handed_over", record.label, place, ref.external_id)
        return _record(conn, connector, target, missing)
    if ref.list_id is not None:
        entries = lists.by_ids(conn, connector.id, ListName.ITEM, [ref.list_id])
        missing = ItemNotMatched("id_unknown", record.label, place, ref.list_id)
        return _entry(entries, f"list_id:{ref.list_id}", ItemNotMatched, missing, record.label, place)
    if ref.full_name is not None:
        entries = lists.by_name(conn, connector.id, ListName.ITEM, ref.full_name)
        missing = ItemNotMatched("name_unknown", record.label, place, ref.full_name)
        return _entry(
            entries, f"item_name:{fold(ref.full_name)}", ItemNotMatched, missing, record.label, place
        )
    sku = ref.sku or ""
    entries = by_sku[fold(sku)]
    missing = ItemNotMatched("sku_unknown", record.label, place, sku)
    if not choose(entries):
        return _record(
            conn, connector, records.by_match_key(conn, connector.id, Kind.ITEM, fold(sku)), missing
        )
    return _entry(entries, f"sku:{sku}", ItemNotMatched, missing, record.label, place, sku)


def _record(conn: Connection, connector: Connector, target: Record | None, missing: Cause) -> _Outcome:
    """The outcome of a reference to another record of the host."""
    if target is None or target.state is State.CANCELLED:
        return _blocked(missing)
    if target.link is None:
        return _behind(conn, connector, target)
    list_name = ListName(target.kind)
    entries = lists.by_ids(conn, connector.id, list_name, [target.link.quickbooks_id])
    if not entries:
        return _Found(target.link.quickbooks_id, None)
    return _usable(entries[0], f"{target.kind}:{target.external_id}")


def _behind(conn: Connection, connector: Connector, target: Record) -> Waiting | Blocked:
    """Wait for a record that QuickBooks does not hold yet.

    What blocks that one blocks this one too, behind the same key: one fix releases both.
    """
    if target.state is not State.BLOCKED:
        return Waiting(frozenset({target.id}))
    causes = errors.find(conn, connector.id, record_id=target.id)
    return Blocked(tuple(Finding(item.cause, item.quickbooks, target.id) for item in causes))


def _entry(
    entries: Sequence[ListEntry],
    looked_up: str,
    trouble: Callable[..., Cause],
    missing: Cause,
    *details: str,
) -> _Outcome:
    """The outcome of a reference that was looked up in the list cache."""
    exact = details[-1] if trouble is ItemNotMatched and looked_up.startswith("sku:") else None
    candidates = choose(entries, exact_sku=exact)
    if len(candidates) > 1:
        named = tuple(Candidate(entry.full_name, entry.list_id) for entry in candidates)
        value = details if len(details) > (2 if trouble is ItemNotMatched else 1) else (*details, looked_up)
        return _blocked(trouble("several", *value, named))
    if candidates:
        return _usable(candidates[0], looked_up)
    if entries:
        return _usable(entries[0], looked_up)
    return _blocked(missing)


def _usable(entry: ListEntry, looked_up: str) -> _Outcome:
    if entry.is_deleted:
        return _blocked(RecordDeleted(entry.list_name, entry.full_name, entry.list_id, looked_up))
    if not entry.is_active:
        return _blocked(RecordInactive(entry.list_name, entry.full_name, entry.list_id, looked_up))
    return _Found(entry.list_id, entry)


def _blocked(cause: Cause) -> Blocked:
    return Blocked((Finding(cause),))
