"""The full names a record has or will have in QuickBooks."""

from collections.abc import Iterable

from qbwc_server.domain import host_records as host
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry, choose, email_keys, fold
from qbwc_server.domain.records import Record
from qbwc_server.sync.check import rules
from qbwc_server.sync.check.known import Known

DEEPEST = 20
"""How many parents a record may have above it, before it is taken for a circle; QuickBooks has four."""


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
    above = _names_of(known, record, parent, depth) if depth < DEEPEST else set()
    return names | {f"{name}:{fold(own_name)}" for name in above}


def _names_of(known: Known, record: Record, parent: host.Reference, depth: int) -> set[str]:
    """The full names of a parent, whatever way it is named in, folded."""
    if parent.full_name is not None:
        return {fold(parent.full_name)}
    target = None if parent.list_id is not None else record_named(known, record, parent)
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


def record_named(known: Known, record: Record, ref: host.Reference) -> Record | None:
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
