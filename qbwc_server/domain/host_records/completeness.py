"""What every record must say when it is handed over, though a model could do without: told at once, not at the visit.

What was taken in before these rules is still read: they are for what comes in, not for what is stored.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import qbxml.records as qb
from qbwc_server.domain.faults import Fault
from qbwc_server.domain.host_records.documents import (
    HostDocument,
    HostInvoice,
    HostInvoiceLine,
    HostPurchaseOrder,
)
from qbwc_server.domain.host_records.items import HostItem
from qbwc_server.domain.host_records.references import Reference
from qbwc_server.domain.host_records.values import given_of
from qbxml.datatypes import Bool, Price, Problem
from qbxml.table import Shape

NUMBERS_OF_ITEMS = ("price", "cost")


def missing(record: qb.Record | HostItem) -> Iterator[Fault]:
    """A fault for everything that QuickBooks needs and the record does not say."""
    if isinstance(record, HostItem):
        if not record.sku and not record.name:
            yield Fault("/name", "is needed, unless there is a sku, which is its name then")
        return
    yield from _missing_in(record, "")
    if isinstance(record, HostPurchaseOrder) and _is_absent(record.vendor):
        yield Fault("/vendor", _needed(record, "vendor"))
    if isinstance(record, HostDocument):
        yield from _missing_lines(record)
    if isinstance(record, HostInvoice):
        for position, line in enumerate(record.lines):
            if line.link_to_txn is not None:
                yield from _linked_wrongly(record, line, line.link_to_txn, f"/lines/{position}")


def _missing_in(record: qb.Record, place: str) -> Iterator[Fault]:
    for name, alias, is_needed, has_parts in _looked_into(type(record)):
        value = getattr(record, name)
        if is_needed and _is_absent(value):
            yield Fault(f"{place}/{alias}", _needed(record, name))
        elif has_parts and value:
            yield from _missing_below(value, f"{place}/{alias}")


@cache
def _looked_into(model: type[qb.Record]) -> tuple[tuple[str, str, bool, bool], ...]:
    """The fields of a record that are needed, or hold others that may be: name, how the host calls it, which of it."""
    fields = [
        (name, name != "lines" and Shape.ADD in spec.required, name == "lines" or bool(spec.blocks))
        for name, spec in model.table.fields.items()
    ]
    return tuple(
        (name, model.model_fields[name].alias or name, is_needed, has_parts)
        for name, is_needed, has_parts in fields
        if is_needed or has_parts
    )


def _missing_below(value: qb.Record | tuple[qb.Record, ...], pointer: str) -> Iterator[Fault]:
    if isinstance(value, qb.Record):
        yield from _missing_in(value, pointer)
        return
    for position, member in enumerate(value):
        yield from _missing_in(member, f"{pointer}/{position}")


def _is_absent(value: Any) -> bool:
    return value.is_empty if isinstance(value, Reference) else value is None


def _says_nothing(value: Any) -> bool:
    return _is_absent(value) or value == () or (isinstance(value, str) and not value.strip())


def _needed(record: qb.Record, name: str) -> str:
    if record.kind in _WHOLE:
        return f"is needed: QuickBooks has no {_WHOLE[record.kind]} without a {name}"
    return "is needed: QuickBooks takes this part of the record only with it"


_WHOLE = {
    "Customer": "customer",
    "Vendor": "vendor",
    "Invoice": "invoice",
    "PurchaseOrder": "purchase order",
}


def _missing_lines(record: HostDocument) -> Iterator[Fault]:
    # QuickBooks makes the lines of an invoice from those of the document it is linked to
    if not record.lines and not getattr(record, "link_to_txn_id", ()):
        yield Fault("/lines", "at least one line is needed")
    for position, line in enumerate(record.lines):
        if not all(_says_nothing(getattr(line, name, None)) for name in _SELLS_OR_SAYS):
            continue
        if all(map(_says_nothing, given_of(line).values())):
            yield Fault(f"/lines/{position}", "is empty: an item is needed, or a text (desc)")
        else:
            yield Fault(f"/lines/{position}/item", "is needed, unless the line has a text (desc)")


_SELLS_OR_SAYS = ("item", "item_group", "link_to_txn", "desc")
"""A line has to give one of these."""


def _linked_wrongly(
    invoice: HostInvoice, line: HostInvoiceLine, link: qb.LinkToTxn, place: str
) -> Iterator[Fault]:
    """What QuickBooks does not take beside the link of a line to that of a sales order."""
    if not _says_nothing(line.item):
        yield Fault(f"{place}/item", "a line with link_to_txn has the item of the sales order's line")
    if link.txn_id in invoice.link_to_txn_id:
        yield Fault(
            f"{place}/link_to_txn/txn_id",
            "this sales order is taken over as a whole, by link_to_txn_id: name it in one of the two only",
        )


def loosely_typed(content: Mapping[str, Any]) -> Iterator[Fault]:
    """A fault for each value of an item that only looks like what is meant: ``0`` for false, ``"1_000"``."""
    types = dict.fromkeys(NUMBERS_OF_ITEMS, Price()) | {"is_active": Bool()}
    for name, kind in types.items():
        value = content.get(name)
        if value == "" and isinstance(value, str):
            continue
        try:
            kind.accept(value)
        except Problem as problem:
            yield Fault(f"/{name}", problem.message)
