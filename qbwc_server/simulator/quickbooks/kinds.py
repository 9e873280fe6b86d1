"""The kinds of records a company file holds, as data: how they look, who shares names, who refers to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from qbwc_server.simulator.quickbooks import tables
from qbwc_server.simulator.quickbooks.shapes import Shape, shape

ENTITY: Final = "Entity"
ITEM: Final = "Item"
TERMS: Final = "Terms"


@dataclass(frozen=True, slots=True)
class ListKind:
    """One list of the company file.

    ``space`` is the name space: kinds in the same space count their ListIDs together and may not share a name
    (customers, vendors, employees and other names; all item types; both kinds of terms).
    """

    name: str
    space: str
    shape: Shape
    is_tree: bool = False
    name_field: str = "Name"

    @property
    def id_field(self) -> str:
        """What QuickBooks calls the identity of a list record."""
        return "ListID"

    @property
    def ret(self) -> str:
        """Element that carries one record in an answer."""
        return f"{self.name}Ret"


@dataclass(frozen=True, slots=True)
class TxnKind:
    """One type of transaction.

    ``party`` names the reference to whom it belongs, ``address`` the address it takes from them, ``total``
    its sum.
    """

    name: str
    shape: Shape
    party: str
    address: str
    total: str
    can_void: bool

    @property
    def id_field(self) -> str:
        """What QuickBooks calls the identity of a transaction."""
        return "TxnID"

    @property
    def ret(self) -> str:
        """Element that carries one transaction in an answer."""
        return f"{self.name}Ret"

    @property
    def line(self) -> str:
        """Element that carries one line in an answer."""
        return f"{self.name}LineRet"

    @property
    def group(self) -> str:
        """Element that carries one group of lines (an item group) in an answer."""
        return f"{self.name}LineGroupRet"


Kind = ListKind | TxnKind


_SPACES_OF: Final[dict[str, str]] = {
    **dict.fromkeys(("Customer", "Vendor", "Employee", "OtherName"), ENTITY),
    **dict.fromkeys(("StandardTerms", "DateDrivenTerms"), TERMS),
    **dict.fromkeys(tables.ITEMS, ITEM),
}


def _list_kind(name: str, table: str) -> ListKind:
    return ListKind(
        name,
        _SPACES_OF.get(name, name),
        layout := shape(table),
        is_tree="ParentRef" in layout.by_name,
        name_field="Initial" if name == "SalesRep" else "Name",
    )


LIST_KINDS: Final[dict[str, ListKind]] = {
    name: _list_kind(name, table) for name, table in {**tables.LISTS, **tables.ITEMS}.items()
}
"""Every list, by the name its requests begin with."""

TXN_KINDS: Final[dict[str, TxnKind]] = {
    "Invoice": TxnKind(
        "Invoice",
        shape(tables.TRANSACTIONS["Invoice"]),
        "CustomerRef",
        "BillAddress",
        "Subtotal",
        can_void=True,
    ),
    "PurchaseOrder": TxnKind(
        "PurchaseOrder",
        shape(tables.TRANSACTIONS["PurchaseOrder"]),
        "VendorRef",
        "VendorAddress",
        "TotalAmount",
        can_void=False,
    ),
    "SalesOrder": TxnKind(
        "SalesOrder",
        shape(tables.TRANSACTIONS["SalesOrder"]),
        "CustomerRef",
        "BillAddress",
        "Subtotal",
        can_void=False,
    ),
    "CreditMemo": TxnKind(
        "CreditMemo",
        shape(tables.TRANSACTIONS["CreditMemo"]),
        "CustomerRef",
        "BillAddress",
        "Subtotal",
        can_void=True,
    ),
}
"""Every type of transaction, by the name its requests begin with."""

SPACES: Final[dict[str, tuple[str, ...]]] = {
    space: tuple(kind.name for kind in LIST_KINDS.values() if kind.space == space)
    for space in dict.fromkeys(kind.space for kind in LIST_KINDS.values())
}
"""The kinds in each name space. Space names double as the name of the query that reads them all."""

_ACCOUNT_REFS = (
    "AccountRef",
    "IncomeAccountRef",
    "COGSAccountRef",
    "AssetAccountRef",
    "ExpenseAccountRef",
    "ARAccountRef",
    "OverrideItemAccountRef",
    "DepositToAccountRef",
    "PrefillAccountRef",
    "FinanceChargeAccountRef",
    "DefaultDiscountAccountRef",
)

REFERENCES: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(_ACCOUNT_REFS, ("Account",)),
    "CustomerRef": ("Customer",),
    "VendorRef": ("Vendor",),
    "PrefVendorRef": ("Vendor",),
    "TaxVendorRef": ("Vendor",),
    "ShipToEntityRef": SPACES[ENTITY],
    "SalesRepEntityRef": SPACES[ENTITY],
    "ItemRef": tuple(name for name in SPACES[ITEM] if name != "ItemGroup"),
    "ItemInventoryRef": ("ItemInventory", "ItemInventoryAssembly", "ItemNonInventory", "ItemService"),
    "ItemGroupRef": ("ItemGroup",),
    "ItemSalesTaxRef": ("ItemSalesTax", "ItemSalesTaxGroup"),
    "DefaultItemSalesTaxRef": ("ItemSalesTax", "ItemSalesTaxGroup"),
    "TermsRef": SPACES[TERMS],
    "ClassRef": ("Class",),
    "SalesTaxCodeRef": ("SalesTaxCode",),
    "CustomerSalesTaxCodeRef": ("SalesTaxCode",),
    "DefaultTaxableSalesTaxCodeRef": ("SalesTaxCode",),
    "DefaultNonTaxableSalesTaxCodeRef": ("SalesTaxCode",),
    "SalesRepRef": ("SalesRep",),
    "CustomerTypeRef": ("CustomerType",),
    "VendorTypeRef": ("VendorType",),
    "JobTypeRef": ("JobType",),
    "CustomerMsgRef": ("CustomerMsg",),
    "PreferredPaymentMethodRef": ("PaymentMethod",),
    "PaymentMethodRef": ("PaymentMethod",),
    "ShipMethodRef": ("ShipMethod",),
    "DefaultShipMethodRef": ("ShipMethod",),
    "TemplateRef": ("Template",),
    "PriceLevelRef": ("PriceLevel",),
    "UnitOfMeasureSetRef": ("UnitOfMeasureSet",),
    "OverrideUOMSetRef": ("UnitOfMeasureSet",),
    "InventorySiteRef": ("InventorySite",),
    "InventorySiteLocationRef": ("InventorySite",),
    "ParentSiteRef": ("InventorySite",),
    "CurrencyRef": ("Currency",),
    "HomeCurrencyRef": ("Currency",),
}
"""Which kinds a reference may lead to. ParentRef leads to the record's own kind. A group of items stands on a
line of its own form, so that an ItemRef never leads to one."""

FEATURES: Final[dict[str, tuple[str, ...]]] = {
    "PriceLevel": ("SalesAndCustomersPreferences", "PriceLevels", "IsUsingPriceLevels"),
    "InventorySite": ("MultiLocationInventoryPreferences", "IsMultiLocationInventoryEnabled"),
    "Currency": ("MultiCurrencyPreferences", "IsMultiCurrencyOn"),
}
"""Lists that are there only while a preference is on, with the place of that preference."""

RENAMED: Final[dict[str, str]] = {
    "Contacts": "ContactsRet",
    "ContactsMod": "ContactsRet",
    "AdditionalNotes": "AdditionalNotesRet",
    "AdditionalNotesMod": "AdditionalNotesRet",
    "SalesOrPurchaseMod": "SalesOrPurchase",
    "SalesAndPurchaseMod": "SalesAndPurchase",
    "FixedAssetSalesInfoMod": "FixedAssetSalesInfo",
    "PriceLevelPerItem": "PriceLevelPerItemRet",
}
"""Aggregates called differently in a request than in the answer."""


def kinds_called(name: str) -> tuple[str, ...]:
    """The kinds a query of that name reads: a kind, a name space ("Item", "Entity", "Terms"), or none."""
    if name in LIST_KINDS:
        return (name,)
    return SPACES.get(name, ())
