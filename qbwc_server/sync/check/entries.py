"""Entries of QuickBooks' lists: which one a record of the host is, and new ones for those it does not hold yet."""

from collections.abc import Iterable, Mapping, Sequence

import qbxml.records as qb
from qbwc_server.domain import host_records as host
from qbwc_server.domain.causes import ItemNotMatched, RecordInactive, ReferenceMissing
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry, choose, email_keys, fold, parent_key
from qbwc_server.domain.records import Record, external_guid
from qbwc_server.sync.check import named, rules
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.check.named import NOT_MATCHED, as_candidates, behind
from qbwc_server.sync.check.rulings import is_to_be_created
from qbwc_server.sync.check.taken import already_linked, link_to, name_taken
from qbwc_server.sync.check.verdicts import Blocked, Finding, Matched, Ready, Verdict, blocked

# --- customers and vendors ----------------------------------------------------------------------------------


def new_party(known: Known, record: Record, content: host.HostCustomer | qb.Vendor) -> Verdict:
    """Which customer or vendor a record is, or what it is created as."""
    bound = named.bind(known, record, content)
    if bound.verdict is not None:
        return bound.verdict
    content = bound.content
    payload = content.to_quickbooks() if isinstance(content, host.HostCustomer) else content
    parent = _full_name_of(content.parent) if isinstance(content, host.HostCustomer) else None
    values = rules.values_of_party(payload)
    if parent is not None:
        found = _job(known, record, payload, parent, values)
        looked_for = {"name": (_full_name(payload),)}
        return _unless_ruled(known, record, found) or _created(known, record, payload, looked_for)
    tried = {rule: values[rule] for rule in rules.of_parties(known, ListName(record.kind))}
    found = _head(known, record, tried)
    return _unless_ruled(known, record, found) or _created(known, record, payload, tried)


def ask_for_party(known: Known, record: Record, content: host.HostCustomer | qb.Vendor) -> None:
    """Ask for the entries of the list cache that one at the head of its family may be, or that may have its name, and
    for the records that would be the same."""
    if not named.stands_at_the_head(known, record):
        return
    list_name, values = ListName(record.kind), rules.values_of_party(content)
    tried = {rule: values[rule] for rule in rules.of_parties(known, list_name) if values[rule]}
    for rule, some in tried.items():
        rules.heads(known, list_name, rule, some)
    known.by_keys(record.kind, _keys(tried))
    for each in list_name.sharing:
        known.by_name(each, content.name or "")


def _keys(tried: Mapping[str, Sequence[str]]) -> list[str]:
    """By what a record that would be the same entry is found."""
    return [f"{rule}:{fold(value)}" for rule, values in tried.items() for value in values]


def _unless_ruled(known: Known, record: Record, found: Verdict | None) -> Verdict | None:
    """What was found of a record; nothing, where a person said that it is none of what stands in its way."""
    if isinstance(found, Blocked) and is_to_be_created(known, record):
        return None
    return found


def _full_name_of(reference: host.Reference | None) -> str | None:
    """What a reference that has been found is called in QuickBooks; None for no reference."""
    if reference is None or reference.is_empty:
        return None
    return reference.full_name or ""


def _head(known: Known, record: Record, tried: Mapping[str, Sequence[str]]) -> Verdict | None:
    """The verdict on one that stands at the head of its family, as far as the rules tell; None: it is not there.

    The first rule that finds anything decides; what it finds several of is a question.
    """
    list_name = ListName(record.kind)
    trouble = NOT_MATCHED[list_name]
    if not any(tried.values()):
        if known.settings.create_without_email:
            return None
        return blocked(trouble("email_missing" if "email" in tried else "number_missing", record.label))
    for rule, values in tried.items():
        hits = rules.heads(known, list_name, rule, values) if values else {}
        found = rules.meant(hits.values())
        if len(found) > 1:
            candidates = as_candidates(found)
            causes = [
                trouble("several", record.label, value, candidates, rule)
                for value in hits
                if choose(hits[value])
            ]
            return Blocked(tuple(map(Finding, causes)))
        if found:
            value = next(value for value in hits if found[0] in hits[value])
            return matched(known, record, found[0], rule, trouble("several", "", value, (), rule).key)
    return _behind_its_twin(known, record, _keys(tried))


def _behind_its_twin(known: Known, record: Record, keys: Iterable[str]) -> Verdict | None:
    """Wait for a record that was handed over before and would be the same entry; it is known then which it is."""
    for twin in known.by_keys(record.kind, keys):
        if twin.id < record.id and twin.link is None and named.stands_at_the_head(known, twin):
            return behind(known, twin)
    return None


def _job(
    known: Known,
    record: Record,
    payload: qb.Customer | qb.Vendor,
    parent: str,
    values: Mapping[str, Sequence[str]],
) -> Verdict | None:
    """The verdict on a job: it is known by its name below its parent, or by an email that it alone has there.

    Jobs mostly have the address of their parent or of one another, which tells nothing.
    """
    full_name, emails = f"{parent}:{payload.name or ''}", values["email"]
    there = choose(known.by_name(ListName.CUSTOMER, full_name))
    if there:
        return matched(known, record, there[0], "name", f"customer_name:{fold(full_name)}")
    hits = rules.distinct(known.by_emails(ListName.CUSTOMER, emails).values())
    family = [entry for entry in hits if _is_of_family(entry, parent)]
    found = choose(family)
    if len(found) != 1 or parent_key(found[0].full_name) != fold(parent):
        return None
    if known.holder(record, found[0].list_id) is not None:
        return None
    others = known.by_keys(Kind.CUSTOMER, [f"email:{email}" for email in emails])
    if any(other.id != record.id for other in others):
        return None
    looked_up = next(f"email:{email}" for email in emails if email in email_keys(found[0].email))
    return matched(known, record, found[0], "email", looked_up)


def _is_of_family(entry: ListEntry, parent: str) -> bool:
    name = fold(entry.full_name)
    return name == fold(parent) or name.startswith(fold(parent) + ":")


def _created(
    known: Known,
    record: Record,
    payload: qb.Customer | qb.Vendor,
    tried: Mapping[str, Sequence[str]],
) -> Verdict:
    list_name, settings = ListName(record.kind), known.settings
    taken = name_taken(known, record, _full_name(payload))
    if taken is not None:
        return taken
    may = settings.create_customers if list_name is ListName.CUSTOMER else settings.create_vendors
    if may or is_to_be_created(known, record):
        return Ready(host.with_guid(payload, external_guid(known.connector.uuid, record)))
    looked_for = tried if any(tried.values()) else {"name": (_full_name(payload),)}
    causes = [
        NOT_MATCHED[list_name]("creation_off", record.label, value, (), rule)
        for rule, values in looked_for.items()
        for value in values
    ]
    return Blocked(tuple(map(Finding, causes)))


def _full_name(payload: qb.Customer | qb.Vendor) -> str:
    parent = payload.parent if isinstance(payload, qb.Customer) else None
    above = f"{parent.full_name}:" if parent is not None and parent.full_name else ""
    return above + (payload.name or "")


# --- items --------------------------------------------------------------------------------------------------


def new_item(known: Known, record: Record, content: host.HostItem) -> Verdict:
    """Which item a record is, or what it is created as."""
    bound = named.bind(known, record, content)
    if bound.verdict is not None:
        return bound.verdict
    content = bound.content
    found = _unless_ruled(known, record, _known_item(known, record, content))
    return found or _new_item(known, record, content)


def _known_item(known: Known, record: Record, content: host.HostItem) -> Verdict | None:
    """The verdict on an item as far as the rules, or else its name, tell; None: it is not there.

    The first rule that finds anything decides; what it finds several of is a question.
    """
    has_part_number = content.item_type(known.settings) in host.TYPES_WITH_PART_NUMBER
    values = rules.values_of_item(content)
    tried = {rule: values[rule] for rule in known.settings.match_items_by if values[rule]}
    if not tried and has_part_number:
        return blocked(ItemNotMatched("sku_missing", record.label, record.label))
    twins = known.by_keys(Kind.ITEM, [f"sku:{fold(content.sku)}"]) if content.sku else []
    for rule, texts in tried.items():
        found = _by_rule(known, record, content, rule, texts)
        if rule == "part_number" and not named.is_exact(found, content.sku or ""):
            found = _free(known, record, found, twins)
        if len(found) > 1:
            candidates = as_candidates(found)
            return blocked(ItemNotMatched("several", record.label, record.label, texts[0], candidates, rule))
        if found:
            by_name = rules.MATCHED_BY[rule] == "name"
            looked_up = f"item_name:{fold(found[0].full_name)}" if by_name else f"sku:{texts[0]}"
            return matched(known, record, found[0], rules.MATCHED_BY[rule], looked_up)
    for twin in twins:
        if (
            twin.id < record.id
            and twin.link is None
            and named.sku_of(known, twin) == (content.sku or "").strip()
        ):
            return behind(known, twin)
    if not has_part_number:
        # QuickBooks keeps no part number for such items: the name is all there is to match them by
        living = choose(known.by_name(ListName.ITEM, content.full_name))
        if living:
            return matched(known, record, living[0], "name", f"item_name:{fold(content.full_name)}")
    return None


def _by_rule(
    known: Known,
    record: Record,
    content: host.HostItem,
    rule: str,
    texts: Sequence[str],
) -> tuple[ListEntry, ...]:
    """The items that a rule finds. What it compares is an item's own, wherever it stands; but of one with a parent
    only those below that are meant."""
    parent = _full_name_of(content.parent)
    entries = [
        entry
        for entry in rules.distinct(rules.items_by(known, rule, texts).values())
        if parent is None or parent_key(entry.full_name) == fold(parent)
    ]
    return choose(entries, exact_sku=content.sku if rule == "part_number" else None)


def _free(
    known: Known, record: Record, found: Sequence[ListEntry], twins: Sequence[Record]
) -> tuple[ListEntry, ...]:
    """Those of the items whose SKU is written otherwise that no other record is, nor will be by its very SKU."""
    taken = known.holders(Kind.ITEM, [entry.list_id for entry in found])
    wanted = {named.sku_of(known, twin) for twin in twins if twin.id != record.id and twin.link is None}
    return tuple(
        entry for entry in found if entry.list_id not in taken and (entry.sku or "").strip() not in wanted
    )


def _new_item(known: Known, record: Record, content: host.HostItem) -> Verdict:
    taken = name_taken(known, record, content.full_name)
    if taken is not None:
        return taken
    if not known.settings.create_items and not is_to_be_created(known, record):
        return blocked(_creation_off(known, record, content))
    missing = content.missing_account(known.settings)
    if missing is not None:
        return blocked(ReferenceMissing(record.label, missing))
    guid = external_guid(known.connector.uuid, record)
    payload = host.with_guid(content.to_quickbooks(known.settings), guid)
    return Ready(payload, remarks=_written_otherwise(known, record, content.sku))


def _written_otherwise(known: Known, record: Record, sku: str | None) -> tuple[str, ...]:
    """A warning where another record's SKU is the same but for capitals and the like. Two items come of it, as some
    companies mean it; whoever does not would hardly notice."""
    others = known.by_keys(Kind.ITEM, [f"sku:{fold(sku)}"]) if sku else []
    for other in others:
        theirs = named.sku_of(known, other)
        if other.id != record.id and theirs and sku and theirs != sku.strip():
            return (f"sku: “{theirs}” of {other.label} is nearly the same, and another item in QuickBooks.",)
    return ()


def _creation_off(known: Known, record: Record, content: host.HostItem) -> ItemNotMatched:
    tried = ",".join(known.settings.match_items_by)
    return ItemNotMatched(
        "creation_off", record.label, record.label, content.sku or content.full_name, (), tried
    )


# --- entries ------------------------------------------------------------------------------------------------


def matched(known: Known, record: Record, entry: ListEntry, matched_by: str, looked_up: str) -> Verdict:
    """The verdict on a record that is this entry, unless it is another record's or was retired."""
    other = known.holder(record, entry.list_id)
    if other is not None:
        return blocked(already_linked(record, other, entry.list_id, entry.full_name))
    if not entry.is_active:
        return blocked(RecordInactive(entry.list_name, entry.full_name, entry.list_id, looked_up))
    return Matched(link_to(entry, matched_by))
