"""Whether what a record refers to by name (terms, accounts, classes …) is in QuickBooks and usable."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

import qbxml.records as qb
from qbwc_server.domain.causes import Cause, RecordInactive, ReferenceMissing
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry, fold
from qbwc_server.domain.records import Record
from qbwc_server.storage import lists

_LISTS = {
    "terms": ListName.TERMS,
    "class_": ListName.CLASS,
    "sales_tax_code": ListName.SALES_TAX_CODE,
    "customer_sales_tax_code": ListName.SALES_TAX_CODE,
    "purchase_tax_code": ListName.SALES_TAX_CODE,
    "ship_method": ListName.SHIP_METHOD,
    "pref_vendor": ListName.VENDOR,
    "template": ListName.TEMPLATE,
}


def resolved(
    conn: Connection, connector: Connector, record: Record, payload: qb.Record
) -> tuple[qb.Record, tuple[Cause, ...]]:
    """A payload with its references by name exactly as QuickBooks has them, and the causes that keep it from being
    sent because of what it names; none when all is there.

    Only lists that have been loaded are judged by; what is named by ListID is left to QuickBooks.
    """
    found: dict[str, Cause] = {}
    entries: dict[tuple[ListName, str], ListEntry] = {}
    for field, list_name, full_name in sorted(set(_looked_up(payload, record))):
        if lists.all_loaded(conn, connector.id, (list_name,)):
            there = _entries(conn, connector, list_name, full_name, payload)
            cause = _judge(record, field, list_name, full_name, there)
            if cause is not None:
                found.setdefault(cause.key, cause)
            else:
                entries[list_name, full_name] = next(entry for entry in there if entry.is_active)
    return _with_names(payload, record, entries), tuple(found.values())


def _with_names(
    value: Any, record: Record, entries: dict[tuple[ListName, str], ListEntry], field: str = ""
) -> Any:
    """The same value with the names of entries as they are spelt in QuickBooks."""
    if isinstance(value, tuple):
        return tuple(_with_names(item, record, entries, field) for item in value)
    if isinstance(value, qb.Ref):
        list_name = _list_of(field, record)
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
        list_name = _list_of(field, record)
        if list_name is not None and ref.list_id is None and ref.full_name is not None:
            yield field, list_name, ref.full_name


def _named(value: Any, name: str = "") -> Iterator[tuple[str, qb.Ref]]:
    """Every reference in a record and in what it holds, with the field it stands in."""
    if isinstance(value, qb.Ref):
        yield name, value
    elif isinstance(value, qb.Record):
        for field in value.model_fields_set:
            yield from _named(getattr(value, field), field)
    elif isinstance(value, tuple):
        for item in value:
            yield from _named(item, name)


def _list_of(field: str, record: Record) -> ListName | None:
    if field.endswith("account"):
        return ListName.ACCOUNT
    if field == "parent" and not record.kind.is_document:
        return ListName(record.kind)
    return _LISTS.get(field)


def _entries(
    conn: Connection, connector: Connector, list_name: ListName, full_name: str, payload: qb.Record
) -> list[ListEntry]:
    """What has that name, and may be referred to by this kind of record."""
    return [
        entry
        for entry in lists.by_name(conn, connector.id, list_name, full_name)
        if not entry.is_deleted and (list_name is not ListName.TEMPLATE or entry.type == payload.kind)
    ]


def _judge(
    record: Record, field: str, list_name: ListName, full_name: str, entries: list[ListEntry]
) -> Cause | None:
    if not entries:
        return ReferenceMissing(record.label, field.strip("_").replace("_", " "), full_name, list_name)
    if any(entry.is_active for entry in entries):
        return None
    entry = entries[0]
    return RecordInactive(list_name, entry.full_name, entry.list_id, f"{list_name}_name:{fold(full_name)}")
