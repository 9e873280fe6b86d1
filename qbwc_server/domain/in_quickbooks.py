"""What QuickBooks calls a kind of record, and a list: one row each, which everything that asks or writes looks up."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from qbwc_server.domain.kinds import Kind, ListName

if TYPE_CHECKING:
    import qbxml.records as qb


@dataclass(frozen=True, slots=True)
class OfKind:
    """What QuickBooks calls a kind of record.

    Attributes:
        name: its name in requests: ``Invoice`` in InvoiceQuery, InvoiceAdd, and among the types of TxnDeletedQuery.
        rank: its place in the order of sending, as it is stored; what others refer to goes first. Far apart, so that
            a kind can come between two others.
        party: the field of a document that says whose it is.
        party_list: the list that one is in.
        total: the field of a document with its total before tax, and the element it is asked for by.
        posted_if: the setting that switches its posting off.
        is_voidable: whether QuickBooks can void it (qbXML schema, TxnVoidType); what it cannot void is closed.
        deletions_with: the list with which its deletions are asked for: where there are any, that list is not empty.
    """

    name: str
    rank: int
    party: str | None = None
    party_list: ListName | None = None
    total: tuple[str, str] | None = None
    posted_if: str | None = None
    is_voidable: bool = False
    deletions_with: ListName | None = None


KINDS: Mapping[Kind, OfKind] = {
    Kind.CUSTOMER: OfKind("Customer", rank=100),
    Kind.VENDOR: OfKind("Vendor", rank=200),
    Kind.ITEM: OfKind("Item", rank=300),
    Kind.INVOICE: OfKind(
        "Invoice",
        rank=1100,
        party="customer",
        party_list=ListName.CUSTOMER,
        total=("subtotal", "Subtotal"),
        posted_if="post_invoices",
        is_voidable=True,
        deletions_with=ListName.CUSTOMER,
    ),
    Kind.PURCHASE_ORDER: OfKind(
        "PurchaseOrder",
        rank=1200,
        party="vendor",
        party_list=ListName.VENDOR,
        total=("total_amount", "TotalAmount"),
        posted_if="post_purchase_orders",
        deletions_with=ListName.VENDOR,
    ),
}


_BY_NAME = {row.name: row for row in KINDS.values()}


def is_document(record: "qb.Record") -> bool:
    """Whether what QuickBooks holds is a document of a kind that is posted."""
    row = _BY_NAME.get(record.kind)
    return row is not None and row.party is not None


def party_of(document: "qb.Record") -> "qb.Ref | None":
    """Whose a document of QuickBooks is."""
    party: qb.Ref | None = getattr(document, _BY_NAME[document.kind].party or "", None)
    return party


def total_of(document: "qb.Record") -> Decimal | None:
    """What a document in QuickBooks comes to before tax; None when QuickBooks did not say."""
    field, _ = _BY_NAME[document.kind].total or ("", "")
    total: Decimal | None = getattr(document, field, None)
    return total


def document_fields(kind: Kind) -> tuple[str, ...]:
    """The elements by which a document is recognised as ours, or as another's that bears its number."""
    row = KINDS[kind]
    if row.party is None or row.total is None:
        raise ValueError(f"{kind} is no document")
    party = f"{row.party.capitalize()}Ref"
    return ("TxnID", "EditSequence", party, "TxnDate", "RefNumber", row.total[1], "ExternalGUID")


def identity_fields(kind: Kind) -> tuple[str, ...]:
    """The elements that tell whether a record is there and as it was; of what can be voided the total too, which is
    all that a void changes for certain."""
    row = KINDS[kind]
    identity = ("ListID" if row.party is None else "TxnID", "EditSequence")
    return (*identity, row.total[1]) if row.is_voidable and row.total is not None else identity


_COMMON = ("ListID", "TimeModified", "EditSequence", "Name", "FullName", "IsActive", "ExternalGUID")
_PARTY = (*_COMMON, "Email", "AccountNumber", "TermsRef", "Phone", "CurrencyRef")
_NAMES = ("ListID", "EditSequence", "Name", "FullName", "IsActive")
_PROFILES = "Lists > Customer & Vendor Profile Lists > "


@dataclass(frozen=True, slots=True)
class OfList:
    """What QuickBooks calls a list.

    Attributes:
        name: its name in requests: ``Terms`` in TermsQuery.
        menu: where in QuickBooks' menus it is opened.
        fields: the elements that are asked for: only what is kept, as a list of 50,000 items in full would be tens of
            megabytes. A list whose latest full load did not ask for all of them is loaded anew in full.
        named_by: the fields of records that name an entry of it.
        deleted_as: the types by which its deletions are asked for, where those are not its name. Only of the lists
            that are matched: the others are always loaded in full.
    """

    name: str
    menu: str
    fields: tuple[str, ...] = _NAMES
    named_by: tuple[str, ...] = ()
    deleted_as: tuple[str, ...] = ()


_ITEM_TYPES = (
    "ItemService",
    "ItemNonInventory",
    "ItemOtherCharge",
    "ItemInventory",
    "ItemInventoryAssembly",
    "ItemFixedAsset",
    "ItemSubtotal",
    "ItemDiscount",
    "ItemPayment",
    "ItemSalesTax",
    "ItemSalesTaxGroup",
    "ItemGroup",
)

LISTS: Mapping[ListName, OfList] = {
    ListName.CUSTOMER: OfList("Customer", "the Customer Center", (*_PARTY, "BillAddress", "TotalBalance")),
    ListName.VENDOR: OfList(
        "Vendor",
        "the Vendor Center",
        (*_PARTY, "VendorAddress", "Balance"),
        named_by=("pref_vendor",),
    ),
    ListName.ITEM: OfList(
        "Item",
        "Lists > Item List",
        (*_COMMON, "ManufacturerPartNumber", "BarCodeValue"),
        named_by=("item_sales_tax",),
        deleted_as=_ITEM_TYPES,
    ),
    ListName.ACCOUNT: OfList("Account", "Lists > Chart of Accounts", (*_COMMON, "AccountType")),
    ListName.TERMS: OfList("Terms", _PROFILES + "Terms List", named_by=("terms",)),
    ListName.CLASS: OfList("Class", "Lists > Class List", named_by=("class_",)),
    ListName.SALES_TAX_CODE: OfList(
        "SalesTaxCode",
        "Lists > Sales Tax Code List",
        named_by=("sales_tax_code", "customer_sales_tax_code", "purchase_tax_code"),
    ),
    ListName.SHIP_METHOD: OfList("ShipMethod", _PROFILES + "Ship Via List", named_by=("ship_method",)),
    ListName.EMPLOYEE: OfList("Employee", "the Employee Center"),
    ListName.OTHER_NAME: OfList("OtherName", "Lists > Other Names List"),
    ListName.TEMPLATE: OfList(
        "Template", "Lists > Templates", (*_NAMES, "TemplateType"), named_by=("template",)
    ),
    ListName.SALES_REP: OfList(
        "SalesRep",
        _PROFILES + "Sales Rep List",
        ("ListID", "EditSequence", "Initial", "IsActive"),
        named_by=("sales_rep",),
    ),
    ListName.CUSTOMER_MSG: OfList(
        "CustomerMsg", _PROFILES + "Customer Message List", named_by=("customer_msg",)
    ),
    ListName.PAYMENT_METHOD: OfList(
        "PaymentMethod", _PROFILES + "Payment Method List", named_by=("preferred_payment_method",)
    ),
    ListName.PRICE_LEVEL: OfList("PriceLevel", "Lists > Price Level List", named_by=("price_level",)),
    ListName.UNIT_OF_MEASURE_SET: OfList(
        "UnitOfMeasureSet", "Lists > U/M Set List", named_by=("unit_of_measure_set",)
    ),
    ListName.INVENTORY_SITE: OfList(
        "InventorySite",
        "Lists > Inventory Site List",
        named_by=("inventory_site", "inventory_site_location"),
    ),
    ListName.CURRENCY: OfList(
        "Currency", "Lists > Currency List", (*_NAMES, "CurrencyCode"), named_by=("currency",)
    ),
    ListName.CUSTOMER_TYPE: OfList(
        "CustomerType", _PROFILES + "Customer Type List", named_by=("customer_type",)
    ),
    ListName.VENDOR_TYPE: OfList("VendorType", _PROFILES + "Vendor Type List", named_by=("vendor_type",)),
    ListName.JOB_TYPE: OfList("JobType", _PROFILES + "Job Type List", named_by=("job_type",)),
}

NAMED_BY: Mapping[str, ListName] = {field: name for name, row in LISTS.items() for field in row.named_by}
"""Which list a field of a record names an entry of."""


def deletion_types(list_name: ListName) -> tuple[str, ...]:
    """The types of a ListDeletedQuery for a list; there is no "Item" among them (qbXML schema, ListDelType)."""
    row = LISTS[list_name]
    return row.deleted_as or (row.name,)


def documents_with(list_name: ListName) -> Kind | None:
    """The documents whose deletions are asked for with a list."""
    return next((kind for kind, row in KINDS.items() if row.deletions_with is list_name), None)


def menu_of(list_name: str | None) -> str:
    """Where in QuickBooks' menus a list is opened."""
    return next((row.menu for name, row in LISTS.items() if name == list_name), "the Lists menu")
