"""What a reference names: an entry of QuickBooks' lists, or a record of the host that is on its way there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

import qbxml.records as qb
from qbwc_server.domain import host_records as host
from qbwc_server.domain.causes import (
    Candidate,
    Cause,
    CustomerNotMatched,
    InvalidField,
    ItemNotMatched,
    ReferenceMissing,
    VendorNotMatched,
)
from qbwc_server.domain.host_records.values import given_of
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry, choose, email_keys, fold, parent_key
from qbwc_server.domain.records import Record, State

from . import rules
from .found import Found, Outcome, as_candidates, usable
from .known import Known
from .rulings import instead
from .verdicts import Blocked, Finding, Waiting, blocked

NOT_MATCHED = {ListName.CUSTOMER: CustomerNotMatched, ListName.VENDOR: VendorNotMatched}

_DEEPEST = 20
"""How many parents a record may have above it, before it is taken for a circle; QuickBooks has four."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reference stands: in which record, in words, and in which field if that is not its main one."""

    record: Record
    words: str
    field: str | None = None

    def trouble(
        self,
        list_name: ListName,
        why: str,
        value: str | None = None,
        candidates: tuple[Candidate, ...] = (),
        by: str | None = None,
    ) -> Cause:
        """The cause why what it names cannot be told."""
        if self.field is not None and why == "name_unknown":
            field = self.field.strip("_").replace("_", " ")
            return ReferenceMissing(self.record.label, field, value, list_name)
        if list_name is ListName.ITEM:
            return ItemNotMatched(why, self.record.label, self.words, value, candidates, by)
        return NOT_MATCHED.get(list_name, CustomerNotMatched)(why, self.record.label, value, candidates, by)


# --- one reference ------------------------------------------------------------------------------------------


def party(known: Known, list_name: ListName, ref: host.PartyReference, place: Place) -> Outcome:
    """The customer or vendor that is named."""
    return instead(known, list_name, _party(known, list_name, ref, place))


def _party(known: Known, list_name: ListName, ref: host.PartyReference, place: Place) -> Outcome:
    if ref.email is None:
        return _named(known, list_name, ref, place)
    emails = email_keys(ref.email)
    found = known.by_emails(list_name, emails)
    entries = list({entry.list_id: entry for hits in found.values() for entry in hits}.values())
    heads = [entry for entry in entries if not parent_key(entry.full_name)]
    if not choose(heads):
        # whoever is on the way and stands at the head of a family is meant, rather than a job of another
        keys = [f"email:{email}" for email in emails]
        targets = _others(known, place, Kind(list_name), keys)
        on_its_way = next((item for item in targets if stands_at_the_head(known, item)), None)
        if on_its_way is not None and on_its_way.link is None:
            return of_record(known, on_its_way)
        if not choose(entries) and targets:
            return of_record(known, targets[0])
    candidates = heads if choose(heads) else entries
    if not candidates:
        given = emails or (fold(ref.email),)
        return Blocked(tuple(Finding(place.trouble(list_name, "email_unknown", email)) for email in given))
    by_email = {email: hits for email, hits in found.items() if hits}
    return _one_of(candidates, {f"email:{email}": email for email in by_email}, list_name, place)


def item(
    known: Known,
    ref: host.ItemReference,
    place: Place,
    by_rule: rules.ByRule | None = None,
) -> Outcome:
    """The item that is named; one named by its SKU is found by the connector's rules, as the record of it would be.

    Args:
        by_rule: what the rules find for its SKU, when that has been looked up already.
    """
    return instead(known, ListName.ITEM, _item(known, ref, place, by_rule))


def _item(known: Known, ref: host.ItemReference, place: Place, by_rule: rules.ByRule | None) -> Outcome:
    if ref.sku is None:
        return _named(known, ListName.ITEM, ref, place)
    sku = ref.sku
    gone: list[ListEntry] = []
    for rule, found in (by_rule or rules.items(known, [sku])).items():
        entries = found.get(fold(sku), [])
        exact_sku = sku if rule == "part_number" else None
        candidates = choose(entries, exact_sku=exact_sku)
        if candidates and exact_sku is not None and not is_exact(candidates, sku):
            # an item that is on its way with this very SKU is meant, rather than one that is written otherwise
            exact = [
                target for target in _with_sku(known, place, sku) if sku_of(known, target) == sku.strip()
            ]
            if exact:
                return of_record(known, exact[0])
        if len(candidates) > 1:
            named = as_candidates(candidates)
            return blocked(place.trouble(ListName.ITEM, "several", sku, named, rule))
        if candidates:
            return usable(candidates[0], f"sku:{sku}")
        gone += entries
    targets = _with_sku(known, place, sku)
    exact = [target for target in targets if sku_of(known, target) == sku.strip()]
    if targets:
        return of_record(known, (exact or targets)[0])
    if gone:
        return usable(gone[0], f"sku:{sku}")
    tried = ",".join(known.settings.match_items_by)
    return blocked(place.trouble(ListName.ITEM, "sku_unknown", sku, (), tried))


def _with_sku(known: Known, place: Place, sku: str) -> list[Record]:
    return _others(known, place, Kind.ITEM, [f"sku:{fold(sku)}"])


def is_exact(candidates: Sequence[ListEntry], sku: str) -> bool:
    """Whether these items have the SKU just as it is written."""
    return bool(candidates) and all((entry.sku or "").strip() == sku.strip() for entry in candidates)


def sku_of(known: Known, record: Record) -> str | None:
    """The SKU of an item as the host writes it."""
    content = known.parsed(record.kind, record.content)
    return content.sku.strip() if isinstance(content, host.HostItem) and content.sku else None


def stands_at_the_head(known: Known, record: Record) -> bool:
    """Whether a record has no parent."""
    parent = getattr(known.parsed(record.kind, record.content), "parent", None)
    return parent is None or parent.is_empty


def _named(known: Known, list_name: ListName, ref: host.Reference, place: Place) -> Outcome:
    """What is named by the host's own id, by ListID or by full name."""
    if ref.external_id is not None:
        target = known.called(Kind(list_name), ref.external_id)
        if target is None or target.state is State.CANCELLED:
            return blocked(place.trouble(list_name, "not_handed_over", ref.external_id))
        return of_record(known, target)
    if ref.list_id is not None:
        entries = known.by_ids(list_name, [ref.list_id])
        if entries:
            return usable(entries[0], f"list_id:{ref.list_id}")
        return blocked(place.trouble(list_name, "id_unknown", ref.list_id))
    return _by_full_name(known, list_name, ref.full_name or "", place)


def _by_full_name(known: Known, list_name: ListName, full_name: str, place: Place) -> Outcome:
    looked_up = f"{list_name}_name:{fold(full_name)}"
    entries = known.by_name(list_name, full_name)
    if choose(entries):
        return _one_of(entries, {looked_up: full_name}, list_name, place, "name")
    own_name = full_name.rpartition(":")[2]
    namesakes = [
        target
        for target in _others(known, place, Kind(list_name), [f"name:{fold(own_name)}"])
        if fold(full_name) in full_names(known, target)
    ]
    if len(namesakes) == 1 or (namesakes and all(target.link is None for target in namesakes)):
        return of_record(known, namesakes[0])
    if entries and not namesakes:
        return usable(entries[0], looked_up)
    return blocked(place.trouble(list_name, "name_unknown", full_name))


def _others(known: Known, place: Place, kind: Kind, keys: Iterable[str]) -> list[Record]:
    """The records found by these keys, without the one that names them."""
    return [target for target in known.by_keys(kind, keys) if target.id != place.record.id]


def _one_of(
    entries: Sequence[ListEntry],
    looked_up: Mapping[str, str],
    list_name: ListName,
    place: Place,
    by: str | None = None,
) -> Outcome:
    """The outcome of a reference that was looked up in the list cache, by these keys (each with its value)."""
    candidates = choose(entries)
    if len(candidates) > 1:
        named = as_candidates(candidates)
        return Blocked(
            tuple(
                Finding(place.trouble(list_name, "several", value, named, by)) for value in looked_up.values()
            )
        )
    return usable(candidates[0] if candidates else entries[0], next(iter(looked_up)))


def of_record(known: Known, target: Record) -> Outcome:
    """The outcome of a reference to another record of the host, which is not cancelled."""
    if target.link is None or target.is_surplus:
        return behind(known, target)
    entries = known.by_ids(ListName(target.kind), [target.link.quickbooks_id])
    if not entries:
        return Found(target.link.quickbooks_id, None, target.link.name)
    return usable(entries[0], f"{target.kind}:{target.external_id}")


def behind(known: Known, target: Record) -> Waiting | Blocked:
    """Wait for a record that QuickBooks does not hold yet.

    What blocks that one blocks this one too, behind the same key: one fix releases both.
    """
    if target.state is not State.BLOCKED:
        return Waiting(frozenset({target.id}))
    causes = known.errors_of(target.id)
    if not causes:
        return Waiting(frozenset({target.id}))  # why it is blocked is yet to be read
    return Blocked(tuple(Finding(item.cause, item.quickbooks, target.id) for item in causes))


# --- names --------------------------------------------------------------------------------------------------


def full_names(known: Known, record: Record, depth: int = 0) -> set[str]:
    """The full names of a list record, folded: the one QuickBooks has for it, and what the host's words come to."""
    names = {fold(record.link.name)} if record.link is not None and record.link.name else set()
    content = known.parsed(record.kind, record.content)
    if isinstance(content, host.HostItem):
        own_name: str | None = content.own_name
    else:
        own_name = getattr(content, "name", None)
    parent: host.Reference | None = getattr(content, "parent", None)
    if not own_name:
        return names
    if parent is None or parent.is_empty:
        return names | {fold(own_name)}
    above = _names_of(known, record, parent, depth) if depth < _DEEPEST else set()
    return names | {f"{name}:{fold(own_name)}" for name in above}


def _names_of(known: Known, record: Record, parent: host.Reference, depth: int) -> set[str]:
    """The full names of a parent, whatever way it is named in, folded."""
    if parent.full_name is not None:
        return {fold(parent.full_name)}
    target = None if parent.list_id is not None else _record_named(known, record, parent)
    if target is not None and target.id != record.id:
        return full_names(known, target, depth + 1)
    return {fold(entry.full_name) for entry in _entries_named(known, record, parent)}


def _entries_named(known: Known, record: Record, ref: host.Reference) -> Iterable[ListEntry]:
    """The entries of the list cache that a parent's ListID, email or SKU means."""
    list_name = ListName(record.kind)
    if ref.list_id is not None:
        return known.by_ids(list_name, [ref.list_id])
    if isinstance(ref, host.PartyReference) and ref.email is not None:
        hits = rules.heads(known, list_name, "email", email_keys(ref.email))
        return rules.meant(hits.values())
    if isinstance(ref, host.ItemReference) and ref.sku is not None:
        return choose(known.by_sku(ref.sku), exact_sku=ref.sku)
    return ()


# --- the references of a record beside its main ones --------------------------------------------------------

_LISTS_OF: Mapping[str, tuple[ListName, ...]] = {
    "parent": (),
    "pref_vendor": (ListName.VENDOR,),
    "customer": (ListName.CUSTOMER,),
    "ship_to_entity": (ListName.CUSTOMER, ListName.VENDOR, ListName.EMPLOYEE, ListName.OTHER_NAME),
}
"""In which lists what a field names may be; a parent is of the record's own."""

_Content = TypeVar("_Content", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Bound:
    """A record's content with its parent, preferred vendor … as QuickBooks calls them.

    Attributes:
        findings: why some of them cannot be told; `waits`: what they wait for.
    """

    content: Any
    findings: tuple[Finding, ...]
    waits: frozenset[int]

    @property
    def verdict(self) -> Blocked | Waiting | None:
        """What keeps the record from being sent, if anything does."""
        if self.findings:
            return Blocked(self.findings)
        return Waiting(self.waits) if self.waits else None


def bind(
    known: Known,
    record: Record,
    content: BaseModel,
    before: BaseModel | None = None,
) -> Bound:
    """Find what a record names beside its customer, vendor and items.

    Args:
        before: what QuickBooks was told; what it names as well need not be looked up again.
    """
    findings: list[Finding] = []
    waits: set[int] = set()

    def found(field: str, ref: host.Reference, words: str) -> host.Reference | None:
        place = Place(record, words, field)
        outcome = _looked_for(known, record, field, ref, place)
        if isinstance(outcome, Blocked):
            findings.extend(outcome.findings)
        elif isinstance(outcome, Waiting):
            waits.update(outcome.on)
        else:
            return _bound(ref, outcome)
        return ref

    def all_of(part: _Content, words: str, told: BaseModel | None = None) -> _Content:
        values: dict[str, Any] = {}
        for field in sorted(_LISTS_OF.keys() & part.model_fields_set):
            ref = getattr(part, field)
            if isinstance(ref, host.Reference):
                if ref.is_empty:
                    values[field] = None
                elif ref != getattr(told, field, None):
                    values[field] = found(field, ref, words)
        return _with(part, values)

    is_invoice = isinstance(content, host.HostInvoice)
    bound = content if is_invoice else all_of(content, record.label, before)
    if isinstance(bound, host.HostPurchaseOrder):
        lines = tuple(
            all_of(line, f"line {position} of {record.label}")
            for position, line in enumerate(bound.lines, start=1)
        )
        bound = _with(bound, {"lines": lines})
    return Bound(bound, tuple(findings), frozenset(waits))


def _with(part: _Content, values: Mapping[str, Any]) -> _Content:
    if not values:
        return part
    if isinstance(part, qb.Record):
        return type(part).believed({**given_of(part), **values})
    return part.model_copy(update=dict(values))


def _bound(ref: host.Reference, found: Found) -> host.Reference:
    """The reference by ListID, with the name beside it."""
    values = {"list_id": found.list_id}
    if found.full_name is not None:
        values["full_name"] = found.full_name
    return type(ref).model_construct(_fields_set=set(values), **values)


def _looked_for(
    known: Known,
    record: Record,
    field: str,
    ref: host.Reference,
    place: Place,
) -> Outcome:
    own, *others = _LISTS_OF[field] or (ListName(record.kind),)
    outcome = _resolved(known, own, ref, place)
    if field == "parent" and not isinstance(outcome, Found):
        above = _record_named(known, record, ref)
        if above is not None and _is_below(known, above, record):
            cause = InvalidField(record.label, "parent", "the record would stand below itself")
            return Blocked((Finding(cause, via_record_id=above.id),))
    by_its_name = ref.full_name is not None or ref.list_id is not None
    for list_name in others if by_its_name and isinstance(outcome, Blocked) else ():
        if ref.list_id is not None:
            entries = known.by_ids(list_name, [ref.list_id])
        else:
            entries = known.by_name(list_name, ref.full_name or "")
        if choose(entries):
            return usable(choose(entries)[0], f"{list_name}_name:{fold(entries[0].full_name)}")
    return outcome


def _resolved(known: Known, list_name: ListName, ref: host.Reference, place: Place) -> Outcome:
    if isinstance(ref, host.ItemReference):
        return item(known, ref, place)
    if isinstance(ref, host.PartyReference):
        return party(known, list_name, ref, place)
    raise TypeError(f"{type(ref).__name__} names nothing")


def _is_below(known: Known, target: Record, record: Record) -> bool:
    """Whether a target is, or stands below, a record; as far as QuickBooks does not hold what is above it."""
    for _ in range(_DEEPEST):
        if target.id == record.id:
            return True
        parent: host.Reference | None = getattr(known.parsed(target.kind, target.content), "parent", None)
        above = None if parent is None or parent.is_empty else _record_named(known, target, parent)
        if above is None or target.link is not None:
            return False
        target = above
    return True


def _record_named(known: Known, record: Record, ref: host.Reference) -> Record | None:
    """The record of the host, of the same kind, that a reference names."""
    if ref.external_id is not None:
        return known.called(record.kind, ref.external_id)
    if isinstance(ref, host.PartyReference) and ref.email is not None:
        keys = [f"email:{email}" for email in email_keys(ref.email)]
    elif isinstance(ref, host.ItemReference) and ref.sku is not None:
        keys = [f"sku:{fold(ref.sku)}"]
    else:
        keys = [f"name:{fold((ref.full_name or '').rpartition(':')[2])}"]
    return next(iter(known.by_keys(record.kind, keys)), None)
