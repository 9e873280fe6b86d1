"""One reference: a party, an item, or an entry by its full name or ListID."""

from collections.abc import Iterable, Mapping, Sequence

from qbwc_server.domain import host_records as host
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry, choose, email_keys, fold, parent_key
from qbwc_server.domain.records import Record, State
from qbwc_server.sync.check import rules
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.check.named.names import full_names
from qbwc_server.sync.check.named.outcomes import Outcome, Place, as_candidates, instead, of_record, usable
from qbwc_server.sync.check.verdicts import Blocked, Finding, blocked


def party(known: Known, list_name: ListName, ref: host.PartyReference, place: Place) -> Outcome:
    """The customer or vendor that is named."""
    return instead(known, list_name, _party(known, list_name, ref, place))


def _party(known: Known, list_name: ListName, ref: host.PartyReference, place: Place) -> Outcome:
    if ref.email is None:
        return named(known, list_name, ref, place)
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
        return named(known, ListName.ITEM, ref, place)
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
            several = as_candidates(candidates)
            return blocked(place.trouble(ListName.ITEM, "several", sku, several, rule))
        if candidates:
            return usable(candidates[0], f"sku:{sku}", rule)
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


def named(known: Known, list_name: ListName, ref: host.Reference, place: Place) -> Outcome:
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
        several = as_candidates(candidates)
        return Blocked(
            tuple(
                Finding(place.trouble(list_name, "several", value, several, by))
                for value in looked_up.values()
            )
        )
    return usable(candidates[0] if candidates else entries[0], next(iter(looked_up)))
