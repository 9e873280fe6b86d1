"""Whether what a record refers to by name (terms, accounts, classes …) is in QuickBooks and usable."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import qbxml.records as qb
from qbwc_server.domain.causes import Cause, RecordInactive, ReferenceMissing
from qbwc_server.domain.host_records.values import given_of
from qbwc_server.domain.in_quickbooks import KINDS, NAMED_BY
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.lists import ListLoad
from qbwc_server.domain.matching import ListEntry, fold
from qbwc_server.domain.records import Record
from qbwc_server.sync.check.known import Known

_TYPES = {"item_sales_tax": frozenset({"ItemSalesTax", "ItemSalesTaxGroup"})}
"""Which types of entry a field may refer to, where a list holds others too."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What became of the references of a payload.

    Attributes:
        payload: it, with its references by name exactly as QuickBooks has them.
        causes: what keeps it from being sent because of what it names.
        unread: the lists that must be asked for before that can be told.
    """

    payload: qb.Record
    causes: tuple[Cause, ...]
    unread: frozenset[ListName]


def resolved(known: Known, record: Record, payload: qb.Record) -> Resolved:
    """Look up what a payload names in the lists that have been loaded; what is named by ListID is left to QuickBooks.

    A list that QuickBooks does not give out, because a feature is off, has no entries.
    """
    found: dict[str, Cause] = {}
    entries: dict[tuple[ListName, str], ListEntry] = {}
    unread: set[ListName] = set()
    named = sorted(set(_looked_up(payload, record)))
    wanted = sorted({list_name for _, list_name, _ in named})
    loads = {load.list_name: load for load in known.loads(wanted)} if wanted else {}
    for field, list_name, full_name in named:
        load = loads[list_name]
        if load.loaded_at is None and not (list_name.is_on_demand and load.refusal):
            unread |= {list_name} if list_name.is_on_demand else set()
            continue
        there, cause = _looked_up_in(known, record, field, load, full_name, payload.kind)
        if cause is not None:
            found.setdefault(cause.key, cause)
        else:
            entries[list_name, full_name] = next(entry for entry in there if entry.is_active)
    return Resolved(_with_names(payload, record, entries), tuple(found.values()), frozenset(unread))


def look_up(
    known: Known, record: Record, field: str, list_name: ListName, full_name: str
) -> ListEntry | Cause | None:
    """What a field names in a list; None where that has not been read."""
    (load,) = known.loads([list_name])
    if load.loaded_at is None and not (list_name.is_on_demand and load.refusal):
        return None
    there, cause = _looked_up_in(known, record, field, load, full_name, KINDS[record.kind].name)
    return cause or next(entry for entry in there if entry.is_active)


def _looked_up_in(
    known: Known, record: Record, field: str, load: ListLoad, full_name: str, kind: str
) -> tuple[list[ListEntry], Cause | None]:
    there = _entries(known, field, load.list_name, full_name, kind)
    return there, _judge(record, field, load, full_name, there)


def _with_names(
    value: Any, record: Record, entries: dict[tuple[ListName, str], ListEntry], field: str = ""
) -> Any:
    """The same value with the names of entries as they are spelt in QuickBooks."""
    if isinstance(value, tuple):
        return tuple(_with_names(item, record, entries, field) for item in value)
    if isinstance(value, qb.Ref):
        list_name = list_of(field, record)
        entry = entries.get((list_name, value.full_name or "")) if list_name and not value.list_id else None
        if entry is None or entry.full_name == value.full_name:
            return value
        return qb.Ref.believed({"full_name": entry.full_name})
    if not isinstance(value, qb.Record) or not entries:
        return value
    given = {name: getattr(value, name) for name in value.model_fields_set}
    return type(value).believed(
        {name: _with_names(item, record, entries, name) for name, item in given.items()}
    )


def _looked_up(payload: qb.Record, record: Record) -> Iterator[tuple[str, ListName, str]]:
    """The names to be looked up: the field, the list, the name."""
    for field, ref in _named(payload):
        list_name = list_of(field, record)
        if list_name is not None and ref.list_id is None and ref.full_name is not None:
            yield field, list_name, ref.full_name


def _named(record: qb.Record) -> Iterator[tuple[str, qb.Ref]]:
    """Every reference in a record and in what it holds, with the field it stands in."""
    for field, value in given_of(record).items():
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, qb.Ref):
                yield field, item
            elif isinstance(item, qb.Record):
                yield from _named(item)


def list_of(field: str, record: Record) -> ListName | None:
    """The list a field names an entry of; None for one that is looked up otherwise, or not at all."""
    if field.endswith("account"):
        return ListName.ACCOUNT
    if field == "parent" and not record.kind.is_document:
        return ListName(record.kind)
    return NAMED_BY.get(field)


def _entries(
    known: Known,
    field: str,
    list_name: ListName,
    full_name: str,
    kind: str,
) -> list[ListEntry]:
    """What has that name, and may be referred to by this field of this kind of record."""
    types = {kind} if list_name is ListName.TEMPLATE else _TYPES.get(field)
    return [
        entry
        for entry in known.by_name(list_name, full_name)
        if not entry.is_deleted and (types is None or entry.type in types)
    ]


def _judge(
    record: Record, field: str, load: ListLoad, full_name: str, entries: list[ListEntry]
) -> Cause | None:
    list_name = load.list_name
    if not entries:
        what = list_name.entry_label if field == list_name else field.strip("_").replace("_", " ")
        return ReferenceMissing(record.label, what, full_name, list_name, load.refusal)
    if any(entry.is_active for entry in entries):
        return None
    entry = entries[0]
    return RecordInactive(list_name, entry.full_name, entry.list_id, f"{list_name}_name:{fold(full_name)}")
