"""The records as the host writes them: qbXML's own names, plus references by external id, email or SKU."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

import qbxml.records as qb
from qbxml.errors import InvalidRecord
from qbxml.table import Shape

from .changes import LinePlan, lost_texts
from .connectors import ConnectorSettings
from .faults import Fault, InvalidInput
from .kinds import Kind
from .matching import email_keys, fold

LONGEST_NUMBER = 11
"""Characters of a RefNumber of an invoice or purchase order (qbXML 13.0 schema; QuickBooks refuses more)."""

_OURS = "external_guid"


class _Reference(BaseModel):
    """Says which list record is meant, in one of several ways; a plain string is the full name."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    external_id: str | None = None
    list_id: str | None = None
    full_name: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"full_name": value}
        if isinstance(value, Mapping):
            # an empty reference says nothing: it is the same as none, and is told as an error of its own
            return {key: item for key, item in value.items() if item not in (None, "")}
        return value

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if len(self.model_fields_set) > 1:
            given = ", ".join(sorted(self.model_fields_set))
            raise ValueError(f"give one of these, not several: {given}")
        return self

    @property
    def is_empty(self) -> bool:
        """True when it does not say anything."""
        return not self.model_fields_set


class PartyReference(_Reference):
    """A customer or vendor: by external id, email, full name or ListID."""

    email: str | None = None


class ItemReference(_Reference):
    """An item: by external id, SKU, full name or ListID."""

    sku: str | None = None


# --- items --------------------------------------------------------------------------------------------------

ItemType = Literal["service", "non_inventory", "other_charge", "inventory"]
TYPES_WITH_PART_NUMBER = frozenset({"non_inventory", "inventory"})
"""Types for which QuickBooks keeps a Manufacturer's Part Number (qbXML 13.0 schema)."""

_SALE_OR_PURCHASE: Mapping[str, type[qb.ItemService | qb.ItemNonInventory | qb.ItemOtherCharge]] = {
    "service": qb.ItemService,
    "non_inventory": qb.ItemNonInventory,
    "other_charge": qb.ItemOtherCharge,
}
# accounts in place of those still to be set, when only the rest of an item is being checked
_ANY_ACCOUNTS = ConnectorSettings(
    default_income_account="any",
    default_expense_account="any",
    default_cogs_account="any",
    default_asset_account="any",
)


class HostItem(BaseModel):
    """An item, without the differences between QuickBooks' item types.

    Attributes:
        sku: Manufacturer's Part Number in QuickBooks.
        name: at most 31 characters; the SKU when left out.
        type: what to create; the connector's default when left out.
        desc, price: for sales; `purchase_desc`, `cost`: for purchases.
        parent: FullName of the item this one is a part of.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    sku: str | None = None
    name: str | None = None
    type: ItemType | None = None
    is_active: bool | None = None
    parent: qb.Ref | None = None
    desc: str | None = None
    price: Decimal | None = None
    purchase_desc: str | None = None
    cost: Decimal | None = None
    income_account: qb.Ref | None = None
    expense_account: qb.Ref | None = None
    cogs_account: qb.Ref | None = None
    asset_account: qb.Ref | None = None
    pref_vendor: qb.Ref | None = None
    sales_tax_code: qb.Ref | None = None
    unit_of_measure_set: qb.Ref | None = None

    @model_validator(mode="before")
    @classmethod
    def _empty_means_absent(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            for key in ("price", "cost"):
                if isinstance(value.get(key), float):
                    raise ValueError(
                        f"{key} must be a decimal in quotes, as a binary number cannot hold it exactly"
                    )
            return {key: item for key, item in value.items() if item != ""}
        return value

    @model_validator(mode="after")
    def _has_name(self) -> Self:
        if not self.sku and not self.name:
            raise ValueError("an item needs a name or a sku")
        return self

    @property
    def full_name(self) -> str:
        """The FullName it has, or will have, in QuickBooks."""
        name = self.name or self.sku or ""
        return f"{self.parent.full_name}:{name}" if self.parent and self.parent.full_name else name

    def item_type(self, settings: ConnectorSettings) -> str:
        """What to create it as."""
        return self.type or settings.default_item_type

    def missing_account(self, settings: ConnectorSettings) -> str | None:
        """The account it needs that neither it nor the connector names; None when it has all."""
        for name in self._accounts_needed(settings):
            if self._account(name, settings) is None:
                return name.replace("_", " ")
        return None

    def _accounts_needed(self, settings: ConnectorSettings) -> tuple[str, ...]:
        if self.item_type(settings) == "inventory":
            return ("income_account", "cogs_account", "asset_account")
        return ("income_account", "expense_account") if self._is_purchased else ("income_account",)

    @property
    def _is_purchased(self) -> bool:
        given = (self.cost, self.purchase_desc, self.expense_account, self.pref_vendor)
        return any(value is not None for value in given)

    def _account(self, name: str, settings: ConnectorSettings) -> qb.Ref | None:
        own: qb.Ref | None = getattr(self, name)
        default: str | None = getattr(settings, f"default_{name}")
        return own or (qb.Ref(full_name=default) if default else None)

    def to_quickbooks(
        self, settings: ConnectorSettings, as_type: str | None = None
    ) -> qb.ItemService | qb.ItemNonInventory | qb.ItemOtherCharge | qb.ItemInventory:
        """The item as QuickBooks is to have it.

        Args:
            as_type: what it is in QuickBooks already; by default what it is to be created as.

        Raises:
            InvalidRecord: a value does not fit (length, digits).
        """
        kind = as_type or self.item_type(settings)
        values: dict[str, Any] = {
            "name": self.name or self.sku,
            "is_active": self.is_active,
            "parent": self.parent,
            "sales_tax_code": self.sales_tax_code,
        }
        if kind in TYPES_WITH_PART_NUMBER:
            values["manufacturer_part_number"] = self.sku
        if kind != "other_charge":
            values["unit_of_measure_set"] = self.unit_of_measure_set
        if kind == "inventory":
            values |= self._sale(settings) | self._purchase(settings, "cogs_account")
            values["asset_account"] = self._account("asset_account", settings)
            return qb.ItemInventory.from_json(_given(values))
        if self._is_purchased:
            both = self._sale(settings) | self._purchase(settings, "expense_account")
            values["sales_and_purchase"] = _given(both)
        else:
            sale = {
                "desc": self.desc,
                "price": self.price,
                "account": self._account("income_account", settings),
            }
            values["sales_or_purchase"] = _given(sale)
        return _SALE_OR_PURCHASE[kind].from_json(_given(values))

    def _sale(self, settings: ConnectorSettings) -> dict[str, Any]:
        account = self._account("income_account", settings)
        return {"sales_desc": self.desc, "sales_price": self.price, "income_account": account}

    def _purchase(self, settings: ConnectorSettings, account: str) -> dict[str, Any]:
        return {
            "purchase_desc": self.purchase_desc,
            "purchase_cost": self.cost,
            account: self._account(account, settings),
            "pref_vendor": self.pref_vendor,
        }


def item_type_of(quickbooks_type: str) -> str | None:
    """Our word for one of QuickBooks' item types (``ItemNonInventory``); None for those we do not write."""
    if quickbooks_type == "ItemInventory":
        return "inventory"
    return next((name for name, model in _SALE_OR_PURCHASE.items() if model.kind == quickbooks_type), None)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


# --- documents ----------------------------------------------------------------------------------------------


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

    def item_lines(self, label: str) -> Iterator[tuple[str, HostInvoiceLine]]:
        """The lines that need an item, each with the words for its place."""
        return _item_lines(self.lines, label)

    def to_quickbooks(
        self, settings: ConnectorSettings, *, party: qb.Ref, items: list[qb.Ref], party_has_terms: bool
    ) -> qb.Invoice:
        """The invoice as QuickBooks is to create it, with the references found.

        Without a date of its own it is dated on its ship date. The connector's default terms apply only when
        neither the invoice nor the customer in QuickBooks has any.
        """
        values = _values(self) | {"customer": party, "lines": _with_items(self.lines, qb.InvoiceLine, items)}
        values["ref_number"] = self.number(settings)
        values.setdefault("txn_date", self.ship_date)
        if settings.default_terms and not party_has_terms:
            values.setdefault("terms", qb.Ref(full_name=settings.default_terms))
        if settings.template:
            values.setdefault("template", qb.Ref(full_name=settings.template))
        return qb.Invoice.believed(_given(values))

    def header(
        self, settings: ConnectorSettings, party: qb.Ref | None, beside: qb.Invoice | qb.PurchaseOrder
    ) -> qb.Invoice:
        """The header alone in QuickBooks' terms, to be compared with `beside`.

        What stems from the connector's settings and not from the invoice is taken over from `beside`: a
        setting that was changed is no reason to change what was posted before.
        """
        values = _values(self) | {"customer": party, "ref_number": self.number(settings), "lines": ()}
        values.setdefault("txn_date", self.ship_date)
        for name in ("terms", "template"):
            values.setdefault(name, getattr(beside, name))
        return qb.Invoice.believed(_given(values))

    def alone(self, settings: ConnectorSettings) -> qb.Invoice:
        """What the invoice itself says, without the references that must be looked up."""
        bare = tuple(qb.InvoiceLine.believed(_without_item(line)) for line in self.lines)
        values = _values(self) | {"customer": None, "ref_number": self.number(settings), "lines": bare}
        return qb.Invoice.believed(_given(values))


class HostPurchaseOrderLine(qb.PurchaseOrderLine):
    """A line whose item may be named by external id or SKU."""

    item: ItemReference | None = None  # type: ignore[assignment]  # widened on purpose


class HostPurchaseOrder(qb.PurchaseOrder):
    """A purchase order whose vendor and items may be named by the host's own marks."""

    vendor: PartyReference | None = None  # type: ignore[assignment]  # widened on purpose
    lines: tuple[HostPurchaseOrderLine, ...] = ()

    @property
    def party(self) -> PartyReference | None:
        """Whom it is for."""
        return self.vendor

    def number(self, settings: ConnectorSettings) -> str | None:
        """Its RefNumber with the connector's prefix; None when QuickBooks is to number it."""
        return number_of(self.ref_number, settings)

    def item_lines(self, label: str) -> Iterator[tuple[str, HostPurchaseOrderLine]]:
        """The lines that need an item, each with the words for its place."""
        return _item_lines(self.lines, label)

    def to_quickbooks(
        self, settings: ConnectorSettings, *, party: qb.Ref, items: list[qb.Ref], party_has_terms: bool
    ) -> qb.PurchaseOrder:
        """The purchase order as QuickBooks is to create it, with the references found."""
        lines = _with_items(self.lines, qb.PurchaseOrderLine, items)
        values = _values(self) | {"vendor": party, "lines": lines, "ref_number": self.number(settings)}
        return qb.PurchaseOrder.believed(_given(values))

    def header(
        self, settings: ConnectorSettings, party: qb.Ref | None, beside: qb.Invoice | qb.PurchaseOrder
    ) -> qb.PurchaseOrder:
        """The header alone in QuickBooks' terms, to be compared with `beside`."""
        values = _values(self) | {"vendor": party, "ref_number": self.number(settings), "lines": ()}
        return qb.PurchaseOrder.believed(_given(values))

    def alone(self, settings: ConnectorSettings) -> qb.PurchaseOrder:
        """What the purchase order itself says, without the references that must be looked up."""
        bare = tuple(qb.PurchaseOrderLine.believed(_without_item(line)) for line in self.lines)
        values = _values(self) | {"vendor": None, "ref_number": self.number(settings), "lines": bare}
        return qb.PurchaseOrder.believed(_given(values))


def _without_item(line: qb.Record) -> dict[str, Any]:
    return {name: value for name, value in _values(line).items() if name != "item"}


def planned_line(line: qb.Record, before: qb.Record | None, plan: LinePlan) -> qb.Record:
    """A line of a Mod: a kept one is named by its TxnLineID alone, a changed one carries everything.

    Args:
        line: the new line in QuickBooks' terms.
        before: the host's old line in its place; texts it has lost are emptied.
    """
    if plan.keep:
        return type(line).believed({"txn_line_id": plan.line_id})
    if plan.line_id is None or before is None:
        return type(line).believed(_values(line))
    return type(line).believed({**lost_texts(before, line), **_values(line), "txn_line_id": plan.line_id})


def number_of(ref_number: str | None, settings: ConnectorSettings) -> str | None:
    """A document's RefNumber with the connector's prefix; None when QuickBooks is to number it."""
    return (settings.ref_number_prefix or "") + ref_number if ref_number else None


def _values(record: qb.Record) -> dict[str, Any]:
    return {
        name: getattr(record, name) for name in record.model_fields_set if getattr(record, name) is not None
    }


_HostLine = TypeVar("_HostLine", HostInvoiceLine, HostPurchaseOrderLine)
_Line = TypeVar("_Line", bound=qb.Record)


def _item_lines(lines: tuple[_HostLine, ...], label: str) -> Iterator[tuple[str, _HostLine]]:
    for position, line in enumerate(lines, start=1):
        if not _is_comment(line):
            yield f"line {position} of {label}", line


def _is_comment(line: HostInvoiceLine | HostPurchaseOrderLine) -> bool:
    """A line that says something and sells nothing: QuickBooks takes it without an item."""
    named = line.item is not None and not line.item.is_empty
    return (
        bool(line.desc) and not named and line.quantity is None and line.rate is None and line.amount is None
    )


def _with_items(
    lines: tuple[HostInvoiceLine, ...] | tuple[HostPurchaseOrderLine, ...],
    model: type[_Line],
    items: list[qb.Ref],
) -> tuple[_Line, ...]:
    left = iter(items)
    return tuple(
        model.believed(_values(line) | ({"item": None} if _is_comment(line) else {"item": next(left)}))
        for line in lines
    )


# --- reading ------------------------------------------------------------------------------------------------

HostRecord = qb.Customer | qb.Vendor | HostItem | HostInvoice | HostPurchaseOrder
QuickBooksRecord = (
    qb.Customer
    | qb.Vendor
    | qb.ItemService
    | qb.ItemNonInventory
    | qb.ItemOtherCharge
    | qb.ItemInventory
    | qb.Invoice
    | qb.PurchaseOrder
)

_MODELS: Mapping[Kind, type[qb.Record]] = {
    Kind.CUSTOMER: qb.Customer,
    Kind.VENDOR: qb.Vendor,
    Kind.INVOICE: HostInvoice,
    Kind.PURCHASE_ORDER: HostPurchaseOrder,
}


def parse(kind: Kind, content: Mapping[str, Any]) -> HostRecord:
    """The host's JSON as a typed record.

    Raises:
        InvalidInput: faults, each with a JSON pointer into what the host wrote.
    """
    if not isinstance(content, Mapping):
        raise InvalidInput([Fault("", "a record must be a JSON object")])
    if kind is Kind.ITEM:
        return _parse_item(content)
    try:
        record = _MODELS[kind].from_json(content)
    except InvalidRecord as error:
        raise InvalidInput(_faults(error)) from None
    faults = [*_not_the_hosts(record), *_incomplete(record)]
    if faults:
        raise InvalidInput(faults)
    return record  # type: ignore[return-value]  # the table above holds the members of HostRecord


def _parse_item(content: Mapping[str, Any]) -> HostItem:
    try:
        item = HostItem.model_validate(content)
    except ValidationError as error:
        raise InvalidInput(Fault.of(found) for found in error.errors()) from None
    try:
        item.to_quickbooks(_ANY_ACCOUNTS)
    except InvalidRecord as error:
        raise InvalidInput(_faults(error, _ITEM_NAMES)) from None
    return item


_ITEM_NAMES = {
    "manufacturer_part_number": "sku",
    "sales_desc": "desc",
    "sales_price": "price",
    "purchase_cost": "cost",
    "account": "income_account",
}
"""What the host calls the fields that QuickBooks' item types call otherwise."""


def _faults(error: InvalidRecord, names: Mapping[str, str] | None = None) -> list[Fault]:
    faults = []
    for fault in error.faults:
        parts = fault.path.split(".") if fault.path else []
        if names is not None:
            parts = [
                names.get(part, part)
                for part in parts
                if part not in ("sales_or_purchase", "sales_and_purchase")
            ]
        faults.append(Fault("".join(f"/{part}" for part in parts), fault.problem))
    return faults


def _not_the_hosts(record: qb.Record) -> Iterator[Fault]:
    """Fields that QuickBooks or this server sets."""
    for name in sorted(record.model_fields_set):
        spec = record.table.fields.get(name)
        if name == _OURS or (spec is not None and Shape.ADD not in spec.uses):
            yield Fault(f"/{name}", "is set by QuickBooks or this server and cannot be handed over")


def _incomplete(record: qb.Record) -> Iterator[Fault]:
    if isinstance(record, HostInvoice | HostPurchaseOrder) and not record.lines:
        yield Fault("/lines", "at least one line is needed")


def match_key(record: HostRecord) -> str | None:
    """By what it is found in QuickBooks: the first billing email, or the SKU, folded; None without one."""
    if isinstance(record, HostItem):
        return fold(record.sku) if record.sku else None
    if isinstance(record, qb.Customer | qb.Vendor):
        return next(iter(email_keys(record.email)), None)
    return None


_Record = TypeVar("_Record", bound=qb.Record)


def with_guid(record: _Record, guid: str) -> _Record:
    """The record with its ExternalGUID, by which it is recognised when it comes back."""
    return type(record).believed(_values(record) | {_OURS: guid})
