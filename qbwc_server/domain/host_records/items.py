"""Items as the host writes them, without the differences between QuickBooks' item types."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

import qbxml.records as qb
from qbwc_server.domain.changes import Unsaid
from qbwc_server.domain.host_records.references import ItemReference, PartyReference, Reference
from qbwc_server.domain.host_records.values import given
from qbwc_server.domain.settings import ConnectorSettings

ItemType = Literal["service", "non_inventory", "other_charge", "inventory"]
TYPES_WITH_PART_NUMBER = frozenset({"non_inventory", "inventory"})
"""Types for which QuickBooks keeps a Manufacturer's Part Number (qbXML 13.0 schema)."""

_SALE_OR_PURCHASE: Mapping[str, type[qb.ItemService | qb.ItemNonInventory | qb.ItemOtherCharge]] = {
    "service": qb.ItemService,
    "non_inventory": qb.ItemNonInventory,
    "other_charge": qb.ItemOtherCharge,
}


def _named_within(limit: int) -> dict[str, Any]:
    """What the documentation says of a reference whose full name has at most that many characters."""
    return {"maxLength": limit, "properties": {"full_name": {"maxLength": limit}}}


_ACCOUNT = _named_within(159)


class HostItem(BaseModel):
    """An item, without the differences between QuickBooks' item types."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    sku: str | None = Field(
        None,
        description="The Manufacturer's Part Number in QuickBooks, at most 31 characters where its type has one.",
    )
    barcode: str | None = Field(
        None,
        description="A bar code, which QuickBooks knows since qbXML 12.0, and not in Australia.",
        json_schema_extra={"maxLength": 50},
    )
    name: str | None = Field(
        None,
        description="Its own name in QuickBooks; the SKU when left out.",
        json_schema_extra={"maxLength": 31, "pattern": "^[^:]*$"},
    )
    type: ItemType | None = Field(
        None, description="What to create it as; the connector's default when left out."
    )
    is_active: bool | None = Field(None, description="False to retire it.")
    parent: ItemReference | None = Field(None, description="The item this one is a part of.")
    desc: str | None = Field(
        None, description="The text on sales forms.", json_schema_extra={"maxLength": 4095}
    )
    price: Decimal | None = Field(None, description="The sales price of one.")
    purchase_desc: str | None = Field(
        None, description="The text on purchase orders.", json_schema_extra={"maxLength": 4095}
    )
    cost: Decimal | None = Field(None, description="What one costs to buy.")
    income_account: qb.Ref | None = Field(
        None, description="Where sales of it are posted.", json_schema_extra=_ACCOUNT
    )
    expense_account: qb.Ref | None = Field(
        None,
        description="Where purchases of it are posted, unless it is kept in stock.",
        json_schema_extra=_ACCOUNT,
    )
    cogs_account: qb.Ref | None = Field(
        None,
        description="Where the cost of what was sold from stock is posted.",
        json_schema_extra=_ACCOUNT,
    )
    asset_account: qb.Ref | None = Field(
        None, description="Where the stock of it is kept in the books.", json_schema_extra=_ACCOUNT
    )
    pref_vendor: PartyReference | None = Field(
        None, description="From whom it is usually bought.", json_schema_extra=_named_within(41)
    )
    sales_tax_code: qb.Ref | None = Field(
        None,
        description="Whether it is taxed: the code of the sales tax.",
        json_schema_extra=_named_within(3),
    )
    unit_of_measure_set: qb.Ref | None = Field(
        None, description="The set of units it is counted in.", json_schema_extra=_named_within(31)
    )

    @field_validator("type", mode="before")
    @classmethod
    def _no_group(cls, value: Any) -> Any:
        if value == "group":
            raise ValueError(
                "a group of items is put together in QuickBooks; name it on a line by its full name"
            )
        return value

    @model_validator(mode="before")
    @classmethod
    def _empty_means_absent(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            for key in ("price", "cost"):
                if isinstance(value.get(key), float):
                    raise ValueError(
                        f"{key} must be a decimal in quotes, as a binary number cannot hold it exactly"
                    )
            return {key: item for key, item in value.items() if item != "" or key not in cls.model_fields}
        return value

    @property
    def own_name(self) -> str:
        """Its name without its parent's."""
        return self.name or self.sku or ""

    @property
    def full_name(self) -> str:
        """The FullName it has, or will have, in QuickBooks, once its parent is found."""
        name = self.own_name
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
    def sides(self) -> str:
        """Whether it is created to be sold only (``one``), or sold and bought (``both``)."""
        return "both" if self._is_purchased else "one"

    def unsaid(self, entry_type: str | None, there: qb.Record) -> tuple[Unsaid, ...]:
        """What of it cannot be said of the item as it is in QuickBooks.

        Args:
            entry_type: QuickBooks' name of its type, None when that is not known.
            there: the item in QuickBooks' terms, as what it is there.
        """
        found = []
        is_type = item_type_of(entry_type) if entry_type else None
        if self.type is not None and is_type is not None and self.type != is_type:
            found.append(Unsaid("type", self.type, is_type, _OWN_TYPE, None))
        if getattr(there, "sales_or_purchase", None) is not None:
            for name in ("purchase_desc", "cost", "expense_account", "pref_vendor"):
                if getattr(self, name) is not None:
                    found.append(Unsaid(name, getattr(self, name), None, _MAKE_IT_TWO_SIDED, None))
        return tuple(found)

    @property
    def _is_purchased(self) -> bool:
        given = (self.cost, self.purchase_desc, self.expense_account, self.pref_vendor)
        return any(value is not None for value in given)

    def _account(self, name: str, settings: ConnectorSettings) -> qb.Ref | None:
        own: qb.Ref | None = getattr(self, name)
        default: str | None = getattr(settings, f"default_{name}")
        return own or (qb.Ref(full_name=default) if default else None)

    def to_quickbooks(
        self, settings: ConnectorSettings, as_type: str | None = None, sides: str | None = None
    ) -> qb.ItemService | qb.ItemNonInventory | qb.ItemOtherCharge | qb.ItemInventory:
        """The item as QuickBooks is to have it.

        Args:
            as_type: what it is in QuickBooks already; by default what it is to be created as.
            sides: how it is used in QuickBooks already, ``one`` or ``both``; by default as it is to be created.

        Raises:
            InvalidRecord: a value does not fit (length, digits).
        """
        kind = as_type or self.item_type(settings)
        values: dict[str, Any] = {
            "name": self.name or self.sku,
            "is_active": self.is_active,
            "parent": _found(self.parent),
            "sales_tax_code": self.sales_tax_code,
            "bar_code": {"bar_code_value": self.barcode} if self.barcode else None,
        }
        if kind in TYPES_WITH_PART_NUMBER:
            values["manufacturer_part_number"] = self.sku
        if kind != "other_charge":
            values["unit_of_measure_set"] = self.unit_of_measure_set
        if kind == "inventory":
            values |= self._sale(settings) | self._purchase(settings, "cogs_account")
            values["asset_account"] = self._account("asset_account", settings)
            return qb.ItemInventory.from_json(given(values))
        if (sides or self.sides) == "both":
            both = self._sale(settings) | self._purchase(settings, "expense_account")
            values["sales_and_purchase"] = given(both)
        else:
            sale = {
                "desc": self.desc,
                "price": self.price,
                "account": self._account("income_account", settings),
            }
            values["sales_or_purchase"] = given(sale)
        return _SALE_OR_PURCHASE[kind].from_json(given(values))

    def _sale(self, settings: ConnectorSettings) -> dict[str, Any]:
        account = self._account("income_account", settings)
        return {"sales_desc": self.desc, "sales_price": self.price, "income_account": account}

    def _purchase(self, settings: ConnectorSettings, account: str) -> dict[str, Any]:
        return {
            "purchase_desc": self.purchase_desc,
            "purchase_cost": self.cost,
            account: self._account(account, settings),
            "pref_vendor": _found(self.pref_vendor),
        }


def _found(reference: Reference | None) -> qb.Ref | None:
    return None if reference is None else reference.in_quickbooks


_OWN_TYPE = "QuickBooks keeps the type an item has: edit the item there, or leave the type out."
_MAKE_IT_TWO_SIDED = (
    "The item is not bought in QuickBooks: edit it there, tick “This item is used in assemblies or is purchased for a "
    "specific customer:job” (for a service “… or is performed by a subcontractor or partner”), then hand the record "
    "over again."
)


def has_sides(quickbooks_type: str) -> bool:
    """Whether an item of this type is either sold or bought, or both."""
    return any(model.kind == quickbooks_type for model in _SALE_OR_PURCHASE.values())


def sides_of(record: qb.Record) -> str:
    """How an item that QuickBooks told in full is used: ``one`` (sold or bought), ``both`` or ``none``."""
    if getattr(record, "sales_and_purchase", None) is not None:
        return "both"
    return "one" if getattr(record, "sales_or_purchase", None) is not None else "none"


NAMES_OF_FIELDS: Mapping[str, str] = {
    "manufacturer_part_number": "sku",
    "bar_code_value": "barcode",
    "sales_desc": "desc",
    "sales_price": "price",
    "purchase_cost": "cost",
    "account": "income_account",
}
"""What the host calls the fields that QuickBooks' item types call otherwise."""


def in_host_words(unsaid: Unsaid) -> Unsaid:
    """The same with the names the host has for an item's fields."""
    name = unsaid.path.rpartition(".")[2]
    path = NAMES_OF_FIELDS.get(name, name)
    return replace(unsaid, path=path, before=path)


def item_type_of(quickbooks_type: str) -> str | None:
    """Our word for one of QuickBooks' item types (``ItemNonInventory``); None for those we do not write."""
    if quickbooks_type == "ItemInventory":
        return "inventory"
    return next((name for name, model in _SALE_OR_PURCHASE.items() if model.kind == quickbooks_type), None)
