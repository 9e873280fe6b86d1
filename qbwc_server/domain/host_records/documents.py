"""Invoices and purchase orders as the host writes them, naming customers, vendors and items by its own marks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import qbxml.records as qb
from qbwc_server.domain.changes import LineChange, LinePlan
from qbwc_server.domain.host_records.references import ItemReference, PartyReference, Reference
from qbwc_server.domain.host_records.values import given, given_of
from qbwc_server.domain.settings import ConnectorSettings
from qbxml.table import Shape

QuickBooksDocument = qb.Invoice | qb.PurchaseOrder

LONGEST_NUMBER = 11
"""Characters of a RefNumber of an invoice or purchase order (qbXML 13.0 schema; QuickBooks refuses more)."""


@dataclass(frozen=True, slots=True)
class NamedItem:
    """What a line is for, found in QuickBooks.

    Attributes:
        is_group: an item group: such a line goes out in a form of its own, and QuickBooks opens it.
    """

    ref: qb.Ref
    is_group: bool = False


class HostInvoiceLine(qb.InvoiceLine):
    """A line whose item may be named by external id or SKU."""

    item: ItemReference | None = None  # type: ignore[assignment]  # widened on purpose


class HostInvoice(qb.Invoice):
    """An invoice whose customer and items may be named by the host's own marks."""

    customer: PartyReference | None = None  # type: ignore[assignment]  # widened on purpose
    lines: tuple[HostInvoiceLine, ...] = ()

    @property
    def party(self) -> PartyReference | None:
        """Whom it is for."""
        return self.customer

    def number(self, settings: ConnectorSettings) -> str | None:
        """Its RefNumber with the connector's prefix; None when QuickBooks is to number it."""
        return number_of(self.ref_number, settings)

    @property
    def named_items(self) -> list[ItemReference]:
        """The items of the lines that need one, as far as they name one."""
        return _named_items(self.lines)

    def item_lines(self, label: str) -> Iterator[tuple[str, HostInvoiceLine]]:
        """The lines that need an item, each with the words for its place."""
        return _item_lines(self.lines, label)

    def to_quickbooks(
        self, settings: ConnectorSettings, *, party: qb.Ref, items: Sequence[NamedItem], party_has_terms: bool
    ) -> qb.Invoice:
        """The invoice as QuickBooks is to create it, with the references found.

        Without a date of its own it is dated on its ship date. The connector's default terms apply only when
        neither the invoice nor the customer in QuickBooks has any.
        """
        values = given_of(self) | {"customer": party, "lines": _with_items(self.lines, qb.InvoiceLine, items)}
        values["ref_number"] = self.number(settings)
        values.setdefault("txn_date", self.ship_date)
        if settings.default_terms and not party_has_terms:
            values.setdefault("terms", qb.Ref(full_name=settings.default_terms))
        if settings.template:
            values.setdefault("template", qb.Ref(full_name=settings.template))
        return qb.Invoice.believed(given(values))

    def header(
        self, settings: ConnectorSettings, party: qb.Ref | None, beside: QuickBooksDocument
    ) -> qb.Invoice:
        """The header alone in QuickBooks' terms, to be compared with `beside`.

        What stems from the connector's settings and not from the invoice is taken over from `beside`: a
        setting that was changed is no reason to change what was posted before.
        """
        values = given_of(self) | {"customer": party, "ref_number": self.number(settings), "lines": ()}
        values.setdefault("txn_date", self.ship_date)
        for name in ("terms", "template"):
            values.setdefault(name, getattr(beside, name))
        return qb.Invoice.believed(given(values))

    def alone(self, settings: ConnectorSettings, party: qb.Ref | None) -> qb.Invoice:
        """What the invoice itself says, without the items of its lines, which must be looked up."""
        bare = tuple(qb.InvoiceLine.believed(_without_item(line)) for line in self.lines)
        values = given_of(self) | {"customer": party, "ref_number": self.number(settings), "lines": bare}
        return qb.Invoice.believed(given(values))


class HostPurchaseOrderLine(qb.PurchaseOrderLine):
    """A line whose item and customer may be named by the host's own marks."""

    item: ItemReference | None = None  # type: ignore[assignment]  # widened on purpose
    customer: PartyReference | None = None  # type: ignore[assignment]  # widened on purpose


class HostPurchaseOrder(qb.PurchaseOrder):
    """A purchase order whose vendor and items may be named by the host's own marks."""

    vendor: PartyReference | None = None  # type: ignore[assignment]  # widened on purpose
    ship_to_entity: PartyReference | None = None  # type: ignore[assignment]  # widened on purpose
    lines: tuple[HostPurchaseOrderLine, ...] = ()

    @property
    def party(self) -> PartyReference | None:
        """Whom it is for."""
        return self.vendor

    def number(self, settings: ConnectorSettings) -> str | None:
        """Its RefNumber with the connector's prefix; None when QuickBooks is to number it."""
        return number_of(self.ref_number, settings)

    @property
    def named_items(self) -> list[ItemReference]:
        """The items of the lines that need one, as far as they name one."""
        return _named_items(self.lines)

    def item_lines(self, label: str) -> Iterator[tuple[str, HostPurchaseOrderLine]]:
        """The lines that need an item, each with the words for its place."""
        return _item_lines(self.lines, label)

    def to_quickbooks(
        self, settings: ConnectorSettings, *, party: qb.Ref, items: Sequence[NamedItem], party_has_terms: bool
    ) -> qb.PurchaseOrder:
        """The purchase order as QuickBooks is to create it, with the references found."""
        lines = _with_items(self.lines, qb.PurchaseOrderLine, items)
        values = _in_quickbooks(self) | {"vendor": party, "lines": lines, "ref_number": self.number(settings)}
        return qb.PurchaseOrder.believed(given(values))

    def header(
        self, settings: ConnectorSettings, party: qb.Ref | None, beside: QuickBooksDocument
    ) -> qb.PurchaseOrder:
        """The header alone in QuickBooks' terms, to be compared with `beside`."""
        values = _in_quickbooks(self) | {"vendor": party, "ref_number": self.number(settings), "lines": ()}
        return qb.PurchaseOrder.believed(given(values))

    def alone(self, settings: ConnectorSettings, party: qb.Ref | None) -> qb.PurchaseOrder:
        """What the purchase order itself says, without the items of its lines, which must be looked up."""
        bare = tuple(qb.PurchaseOrderLine.believed(_without_item(line)) for line in self.lines)
        values = _in_quickbooks(self) | {"vendor": party, "ref_number": self.number(settings), "lines": bare}
        return qb.PurchaseOrder.believed(given(values))


HostDocument = HostInvoice | HostPurchaseOrder


def _in_quickbooks(record: qb.Record) -> dict[str, Any]:
    """What was given of a document or a line, with its references in QuickBooks' words."""
    return given(
        {
            name: value.in_quickbooks if isinstance(value, Reference) else value
            for name, value in given_of(record).items()
        }
    )


_GROUPS: Mapping[type[qb.Record], type[qb.Record]] = {
    qb.InvoiceLine: qb.InvoiceLineGroup,
    qb.PurchaseOrderLine: qb.PurchaseOrderLineGroup,
}
_LINES: Mapping[type[qb.Record], type[qb.Record]] = {
    qb.Invoice: qb.InvoiceLine,
    qb.PurchaseOrder: qb.PurchaseOrderLine,
}


def not_of_a_group(line: HostInvoiceLine | HostPurchaseOrderLine) -> list[str]:
    """What a line says that QuickBooks does not let anybody say of an item group: its lines have prices, classes
    and tax codes of their own."""
    model = qb.InvoiceLineGroup if isinstance(line, HostInvoiceLine) else qb.PurchaseOrderLineGroup
    taken = {"item", *model.model_fields} - {"lines"}
    return [
        name.strip("_") for name in type(line).model_fields if name in given_of(line) and name not in taken
    ]


def _without_item(line: qb.Record) -> dict[str, Any]:
    return {name: value for name, value in _in_quickbooks(line).items() if name != "item"}


def planned_line(document: QuickBooksDocument, change: LineChange, plan: LinePlan) -> qb.Record:
    """A line of a Mod: a kept one is named by its TxnLineID alone, a changed one carries everything.

    Args:
        document: the new version in QuickBooks' terms.
        change: what is said of the line beside the values it has.
    """
    if plan.keep and plan.posted is not None:
        model = _LINES[type(document)]
        if plan.posted.is_group:
            model = _GROUPS[model]
        return model.believed({"txn_line_id": plan.posted.txn_line_id})
    if plan.position is None:
        raise RuntimeError("a line of the host's has a position among its lines")
    line = document.lines[plan.position]
    table = type(line).table.fields
    values = {name: value for name, value in given_of(line).items() if Shape.MOD in table[name].uses}
    if plan.posted is None:
        return type(line).believed(values)
    return type(line).believed({**change.texts, **values, "txn_line_id": plan.posted.txn_line_id})


def number_of(ref_number: str | None, settings: ConnectorSettings) -> str | None:
    """A document's RefNumber with the connector's prefix; None when QuickBooks is to number it."""
    return (settings.ref_number_prefix or "") + ref_number if ref_number else None


_HostLine = TypeVar("_HostLine", HostInvoiceLine, HostPurchaseOrderLine)
_Line = TypeVar("_Line", bound=qb.Record)


def _item_lines(lines: tuple[_HostLine, ...], label: str) -> Iterator[tuple[str, _HostLine]]:
    for position, line in enumerate(lines, start=1):
        if _needs_item(line):
            yield f"line {position} of {label}", line


def _named_items(
    lines: tuple[HostInvoiceLine, ...] | tuple[HostPurchaseOrderLine, ...],
) -> list[ItemReference]:
    return [line.item for line in lines if line.item is not None and _needs_item(line)]


def _needs_item(line: HostInvoiceLine | HostPurchaseOrderLine) -> bool:
    """Not a comment, nor a line that takes its item from that of a sales order."""
    return not _is_comment(line) and vars(line).get("link_to_txn") is None


def _is_comment(line: HostInvoiceLine | HostPurchaseOrderLine) -> bool:
    """A line that says something and sells nothing: QuickBooks takes it without an item."""
    return (
        bool(line.desc)
        and line.quantity is None
        and line.rate is None
        and line.amount is None
        and (line.item is None or line.item.is_empty)
    )


def _with_items(
    lines: tuple[HostInvoiceLine, ...] | tuple[HostPurchaseOrderLine, ...],
    model: type[_Line],
    items: Sequence[NamedItem],
) -> tuple[Any, ...]:
    left = iter(items)
    return tuple(
        _with_item(model, line, next(left)) if _needs_item(line) else model.believed(_without_item(line))
        for line in lines
    )


def _with_item(model: type[_Line], line: qb.Record, item: NamedItem) -> qb.Record:
    if not item.is_group:
        return model.believed(_in_quickbooks(line) | {"item": item.ref})
    return _GROUPS[model].believed(_without_item(line) | {"item_group": item.ref})
