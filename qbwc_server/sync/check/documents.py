"""Invoices and purchase orders: what they refer to, and how they are written."""

from collections.abc import Iterable, Sequence

import qbxml.records as qb
from qbwc_server.domain import changes, posted_lines
from qbwc_server.domain import host_records as host
from qbwc_server.domain.causes import InvalidField
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import email_keys
from qbwc_server.domain.records import Link, Record, external_guid
from qbwc_server.sync.check import named, rules
from qbwc_server.sync.check.changed import modification
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.check.named import Found, Outcome
from qbwc_server.sync.check.verdicts import Blocked, Finding, Ready, Verdict, Waiting, blocked


def document(
    known: Known,
    record: Record,
    content: host.HostDocument,
) -> Verdict:
    party = party_of(known, record, content)
    refs = [(place, line.item) for place, line in content.item_lines(record.label)]
    by_rule = rules.items(known, (ref.sku for _, ref in refs if ref is not None and ref.sku))
    items = [item_of(known, record, ref, place, by_rule) for place, ref in refs]
    outcomes: list[Outcome] = [party, *items]
    bound = named.bind(known, record, content)
    findings = [
        finding for outcome in outcomes if isinstance(outcome, Blocked) for finding in outcome.findings
    ]
    findings += bound.findings
    number = content.number(known.settings)
    if number is not None and len(number) > host.LONGEST_NUMBER:
        problem = f"“{number}” has {len(number)} characters, QuickBooks takes {host.LONGEST_NUMBER}"
        setting = "ref_number_prefix" if known.settings.ref_number_prefix else None
        findings.append(Finding(InvalidField(record.label, "ref_number", problem, setting)))
    if findings:
        return Blocked(_distinct(findings))
    waits = [outcome.on for outcome in outcomes if isinstance(outcome, Waiting)]
    if waits or bound.waits:
        return Waiting(bound.waits.union(*waits))
    found = [outcome for outcome in outcomes if isinstance(outcome, Found)]
    chosen = [host.NamedItem(_ref(item), _is_group(item)) for item in found[1:]]
    faults = _not_sayable_of_groups(record, content, chosen)
    if faults:
        return Blocked(faults)
    payload = bound.content.to_quickbooks(
        known.settings,
        party=_ref(found[0]),
        items=chosen,
        party_has_terms=found[0].entry is not None and found[0].entry.terms is not None,
    )
    if record.link is not None:
        return _document_change(known, record, record.link, content, payload)
    return Ready(host.with_guid(payload, external_guid(known.connector.uuid, record)))


def refer_to(known: Known, record: Record, content: host.HostDocument) -> None:
    """Ask for the entries of the list cache that a document's customer or vendor and its items may be."""
    list_name, party = _list_of_parties(record.kind), content.party
    if party is not None and party.email is not None:
        known.by_emails(list_name, email_keys(party.email))
    items = content.named_items
    rules.items(known, (ref.sku for ref in items if ref.sku))
    for target in _records_named(known, record.kind, content, items):
        if target.link is not None and not target.is_surplus:
            known.by_ids(ListName(target.kind), [target.link.quickbooks_id])


def records_named(known: Known, kind: Kind, content: host.HostDocument) -> list[Record]:
    """The host's records that a document names by the host's own ids, as far as there are any."""
    return _records_named(known, kind, content, content.named_items)


def _records_named(
    known: Known, kind: Kind, content: host.HostDocument, items: Iterable[host.ItemReference]
) -> list[Record]:
    party = content.party
    found: list[Record | None] = []
    if party is not None and party.external_id is not None and party.email is None:
        found.append(known.called(Kind(_list_of_parties(kind)), party.external_id))
    for ref in items:
        if ref.external_id is not None and ref.sku is None:
            found.append(known.called(Kind.ITEM, ref.external_id))
    return [each for each in found if each is not None]


def _ref(found: Found) -> qb.Ref:
    return qb.Ref.believed({"list_id": found.list_id})


def _is_group(found: Found) -> bool:
    return found.entry is not None and found.entry.type == "ItemGroup"


def _not_sayable_of_groups(
    record: Record, content: host.HostDocument, chosen: Sequence[host.NamedItem]
) -> tuple[Finding, ...]:
    """Faults of lines that are for an item group and say what only plain lines may say."""
    if not any(item.is_group for item in chosen):
        return ()
    numbered = {id(line): number for number, line in enumerate(content.lines)}
    lines = [line for _, line in content.item_lines(record.label)]
    return tuple(
        Finding(InvalidField(record.label, f"lines.{numbered[id(line)]}.{name}", _OF_A_GROUP))
        for line, item in zip(lines, chosen, strict=True)
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
    record: Record, new: host.QuickBooksDocument, plans: Sequence[changes.LinePlan]
) -> tuple[Finding, ...]:
    """Faults of new lines of a document that is there already: without their link they would be for nothing."""
    fresh = [plan.position for plan in plans if plan.posted is None and plan.position is not None]
    return tuple(
        Finding(InvalidField(record.label, f"lines.{position}.link_to_txn", _LINKED_TOO_LATE))
        for position in fresh
        if getattr(new.lines[position], "link_to_txn", None) is not None
    )


def _document_change(
    known: Known,
    record: Record,
    link: Link,
    content: host.HostDocument,
    new: host.QuickBooksDocument,
) -> Verdict:
    before = None if record.synced_content is None else known.parsed(record.kind, record.synced_content)
    if before is not None and not isinstance(before, host.HostDocument):
        raise TypeError(f"{record.label} was no document before")
    header = changes.between(old_header(known, record, before, content, new), new)
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
    known: Known,
    record: Record,
    before: host.HostDocument,
) -> qb.Record:
    """What QuickBooks was last told of a linked document, in its terms.

    The items of its lines are left out: lines are compared by what the host calls their items. So is a customer
    or vendor that cannot be used any more.
    """
    party = party_of(known, record, before)
    ref = _ref(party) if isinstance(party, Found) else None
    bound: host.HostDocument = named.bind(known, record, before).content
    return bound.alone(known.settings, ref)


def old_header(
    known: Known,
    record: Record,
    before: host.HostDocument | None,
    content: host.HostDocument,
    new: host.QuickBooksDocument,
) -> qb.Record | None:
    """The header of the synced revision in QuickBooks' terms, to be compared with the new one."""
    if before is None:
        return None
    same_party = before.party == content.party
    party = (new.customer if isinstance(new, qb.Invoice) else new.vendor) if same_party else None
    bound: host.HostDocument = named.bind(known, record, before).content
    return bound.header(known.settings, party, new)


def _distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple({(finding.cause.name, finding.cause.key): finding for finding in findings}.values())


def party_of(
    known: Known,
    record: Record,
    content: host.HostDocument,
) -> Outcome:
    list_name = _list_of_parties(record.kind)
    ref, place = content.party, named.Place(record, record.label)
    if ref is None or ref.is_empty:
        return blocked(place.trouble(list_name, "not_named"))
    return named.party(known, list_name, ref, place)


def _list_of_parties(kind: Kind) -> ListName:
    return KINDS[kind].party_list or ListName.CUSTOMER


def item_of(
    known: Known,
    record: Record,
    ref: host.ItemReference | None,
    words: str,
    by_rule: rules.ByRule,
) -> Outcome:
    place = named.Place(record, words)
    if ref is None or ref.is_empty:
        return blocked(place.trouble(ListName.ITEM, "sku_missing"))
    return named.item(known, ref, place, by_rule)
