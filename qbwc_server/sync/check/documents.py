"""Invoices and purchase orders: what they refer to, and how they are written."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import Connection

import qbxml.records as qb
from qbwc_server.domain import changes, posted_lines
from qbwc_server.domain import host_records as host
from qbwc_server.domain.causes import (
    Candidate,
    Cause,
    InvalidField,
    ItemNotMatched,
)
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry, choose, fold
from qbwc_server.domain.records import Link, Record, State, external_guid
from qbwc_server.storage import lists, records

from .changed import modification
from .entries import NOT_MATCHED, Found, Outcome, behind, usable
from .verdicts import Blocked, Finding, Ready, Verdict, Waiting, blocked


def document(
    conn: Connection,
    connector: Connector,
    record: Record,
    content: host.HostInvoice | host.HostPurchaseOrder,
) -> Verdict:
    party = party_of(conn, connector, record, content)
    refs = [(place, line.item) for place, line in content.item_lines(record.label)]
    by_sku = lists.by_skus(conn, connector.id, (ref.sku for _, ref in refs if ref is not None and ref.sku))
    items = [item_of(conn, connector, record, ref, place, by_sku) for place, ref in refs]
    outcomes: list[Outcome] = [party, *items]
    findings = [
        finding for outcome in outcomes if isinstance(outcome, Blocked) for finding in outcome.findings
    ]
    number = content.number(connector.settings)
    if number is not None and len(number) > host.LONGEST_NUMBER:
        problem = f"“{number}” has {len(number)} characters, QuickBooks takes {host.LONGEST_NUMBER}"
        setting = "ref_number_prefix" if connector.settings.ref_number_prefix else None
        findings.append(Finding(InvalidField(record.label, "ref_number", problem, setting)))
    if findings:
        return Blocked(_distinct(findings))
    waits = [outcome.on for outcome in outcomes if isinstance(outcome, Waiting)]
    if waits:
        return Waiting(frozenset().union(*waits))
    found = [outcome for outcome in outcomes if isinstance(outcome, Found)]
    named = [host.NamedItem(qb.Ref(list_id=item.list_id), _is_group(item)) for item in found[1:]]
    faults = _not_sayable_of_groups(record, content, named)
    if faults:
        return Blocked(faults)
    payload = content.to_quickbooks(
        connector.settings,
        party=qb.Ref(list_id=found[0].list_id),
        items=named,
        party_has_terms=found[0].entry is not None and found[0].entry.terms is not None,
    )
    if record.link is not None:
        return _document_change(connector, record, record.link, content, payload)
    return Ready(host.with_guid(payload, external_guid(connector.uuid, record)))


def _is_group(found: Found) -> bool:
    return found.entry is not None and found.entry.type == "ItemGroup"


def _not_sayable_of_groups(
    record: Record, content: host.HostInvoice | host.HostPurchaseOrder, named: Sequence[host.NamedItem]
) -> tuple[Finding, ...]:
    """Faults of lines that are for an item group and say what only plain lines may say."""
    numbered = {id(line): number for number, line in enumerate(content.lines)}
    lines = [line for _, line in content.item_lines(record.label)]
    return tuple(
        Finding(InvalidField(record.label, f"lines.{numbered[id(line)]}.{name}", _OF_A_GROUP))
        for line, item in zip(lines, named, strict=True)
        if item.is_group
        for name in host.not_of_a_group(line)
    )


_OF_A_GROUP = (
    "the line's item is a group of items in QuickBooks, which opens it into lines with descriptions, prices, classes "
    "and tax codes of their own; only the quantity, unit and site of a group can be given"
)
_LINKED_TOO_LATE = (
    "QuickBooks takes over lines of a sales order only when the document is created; add the line in QuickBooks, or "
    "hand the order over as a new document"
)


def _linked_too_late(
    record: Record, new: qb.Invoice | qb.PurchaseOrder, plans: Sequence[changes.LinePlan]
) -> tuple[Finding, ...]:
    """Faults of new lines of a document that is there already: without their link they would be for nothing."""
    fresh = [plan.position for plan in plans if plan.posted is None and plan.position is not None]
    return tuple(
        Finding(InvalidField(record.label, f"lines.{position}.link_to_txn", _LINKED_TOO_LATE))
        for position in fresh
        if getattr(new.lines[position], "link_to_txn", None) is not None
    )


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
    old_lines = before.lines if before else ()
    groups = [position for position, line in enumerate(new.lines) if posted_lines.is_group(line)]
    plans = changes.plan_lines(old_lines, content.lines, record.posted_lines, groups)
    faults = _linked_too_late(record, new, plans or ())
    if faults:
        return Blocked(faults)
    pairs = changes.unplanned(content.lines) if plans is None else plans
    said = [
        changes.line_change(
            None if plan.before is None or not old_lines else old_lines[plan.before],
            None if plan.position is None else new.lines[plan.position],
            plan,
        )
        for plan in pairs
    ]
    lines = tuple(
        host.planned_line(new, change, plan) for plan, change in zip(plans or (), said, strict=False)
    )
    emptied = [f"lines.{place}.{name}" for place, change in enumerate(said) for name in change.clear]
    whole = changes.Changes(
        {**header.values, **({"lines": lines} if lines else {})},
        (*header.clear, *emptied),
        (*header.unsaid, *(each for change in said for each in change.unsaid)),
    )
    return modification(link, new, whole, "txn_id")


def document_before(
    conn: Connection,
    connector: Connector,
    record: Record,
    before: host.HostInvoice | host.HostPurchaseOrder,
) -> qb.Record:
    """What QuickBooks was last told of a linked document, in its terms.

    The items of its lines are left out: lines are compared by what the host calls their items. So is a customer
    or vendor that cannot be used any more.
    """
    party = party_of(conn, connector, record, before)
    ref = qb.Ref(list_id=party.list_id) if isinstance(party, Found) else None
    return before.alone(connector.settings, ref)


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


def party_of(
    conn: Connection,
    connector: Connector,
    record: Record,
    content: host.HostInvoice | host.HostPurchaseOrder,
) -> Outcome:
    list_name = ListName.CUSTOMER if record.kind is Kind.INVOICE else ListName.VENDOR
    trouble = NOT_MATCHED[list_name]
    ref = content.party
    if ref is None or ref.is_empty:
        return blocked(trouble("not_named", record.label))
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


def item_of(
    conn: Connection,
    connector: Connector,
    record: Record,
    ref: host.ItemReference | None,
    place: str,
    by_sku: Mapping[str, list[ListEntry]],
) -> Outcome:
    if ref is None or ref.is_empty:
        return blocked(ItemNotMatched("sku_missing", record.label, place))
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


def _record(conn: Connection, connector: Connector, target: Record | None, missing: Cause) -> Outcome:
    """The outcome of a reference to another record of the host."""
    if target is None or target.state is State.CANCELLED:
        return blocked(missing)
    if target.link is None:
        return behind(conn, connector, target)
    list_name = ListName(target.kind)
    entries = lists.by_ids(conn, connector.id, list_name, [target.link.quickbooks_id])
    if not entries:
        return Found(target.link.quickbooks_id, None)
    return usable(entries[0], f"{target.kind}:{target.external_id}")


def _entry(
    entries: Sequence[ListEntry],
    looked_up: str,
    trouble: Callable[..., Cause],
    missing: Cause,
    *details: str,
) -> Outcome:
    """The outcome of a reference that was looked up in the list cache."""
    exact = details[-1] if trouble is ItemNotMatched and looked_up.startswith("sku:") else None
    candidates = choose(entries, exact_sku=exact)
    if len(candidates) > 1:
        named = tuple(Candidate(entry.full_name, entry.list_id) for entry in candidates)
        value = details if len(details) > (2 if trouble is ItemNotMatched else 1) else (*details, looked_up)
        return blocked(trouble("several", *value, named))
    if candidates:
        return usable(candidates[0], looked_up)
    if entries:
        return usable(entries[0], looked_up)
    return blocked(missing)
