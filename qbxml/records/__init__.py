"""One typed record class a kind of QuickBooks record; `RETS` finds the class of a response element."""

from qbxml.record import Record, Ref, faults_of
from qbxml.records.common import (
    AdditionalContact,
    AdditionalNote,
    Address,
    AddressBlock,
    BarCode,
    Contact,
    CreditCardInfo,
    DataExt,
    ErrorRecovery,
    LinkedTxn,
    LinkToTxn,
    ListRecord,
    SetCredit,
    ShipToAddress,
    TxnRecord,
)
from qbxml.records.company import Company, Host
from qbxml.records.customer import Customer
from qbxml.records.data_ext import DataExtDef, DataExtDeleted, DataExtTarget, DataExtValue
from qbxml.records.deleted import ListDeleted, ListDelResult, TxnDeleted, TxnDelResult, TxnVoidResult
from qbxml.records.employee import Employee
from qbxml.records.invoice import Invoice, InvoiceLine, InvoiceLineGroup
from qbxml.records.items_other import (
    ItemDiscount,
    ItemGroup,
    ItemGroupLine,
    ItemPayment,
    ItemSalesTax,
    ItemSalesTaxGroup,
    ItemSubtotal,
)
from qbxml.records.items_sold import (
    ItemNonInventory,
    ItemOtherCharge,
    ItemService,
    SalesAndPurchase,
    SalesOrPurchase,
)
from qbxml.records.items_stocked import (
    FixedAssetSalesInfo,
    ItemFixedAsset,
    ItemInventory,
    ItemInventoryAssembly,
    ItemInventoryAssemblyLine,
)
from qbxml.records.lists import (
    Account,
    Class,
    Currency,
    CustomerMsg,
    CustomerType,
    DateDrivenTerms,
    InventorySite,
    JobType,
    OtherName,
    PaymentMethod,
    PriceLevel,
    SalesRep,
    SalesTaxCode,
    ShipMethod,
    StandardTerms,
    Template,
    UnitOfMeasureSet,
    VendorType,
)
from qbxml.records.preferences import Preferences
from qbxml.records.purchase_order import PurchaseOrder, PurchaseOrderLine, PurchaseOrderLineGroup
from qbxml.records.vendor import Vendor

ITEMS: tuple[type[ListRecord], ...] = (
    ItemService,
    ItemNonInventory,
    ItemOtherCharge,
    ItemInventory,
    ItemInventoryAssembly,
    ItemFixedAsset,
    ItemGroup,
    ItemSubtotal,
    ItemDiscount,
    ItemPayment,
    ItemSalesTax,
    ItemSalesTaxGroup,
)
"""The twelve item types, which share one list of names."""

LISTS: tuple[type[ListRecord], ...] = (
    *ITEMS,
    Customer,
    Vendor,
    Employee,
    OtherName,
    Account,
    StandardTerms,
    DateDrivenTerms,
    Class,
    SalesTaxCode,
    CustomerMsg,
    ShipMethod,
    SalesRep,
    Template,
    CustomerType,
    VendorType,
    JobType,
    PaymentMethod,
    PriceLevel,
    UnitOfMeasureSet,
    InventorySite,
    Currency,
)

TXNS: tuple[type[TxnRecord], ...] = (Invoice, PurchaseOrder)

_OTHERS: tuple[type[Record], ...] = (
    Host,
    Company,
    Preferences,
    ListDeleted,
    TxnDeleted,
    DataExt,
    DataExtDef,
)

KINDS: dict[str, type[Record]] = {model.kind: model for model in [*LISTS, *TXNS, *_OTHERS]}
"""Every kind of record a response may hold, by its qbXML name."""

RETS: dict[str, type[Record]] = {f"{kind}Ret": model for kind, model in KINDS.items()} | {
    "DataExtDelRet": DataExtDeleted
}
"""The class of each response element."""

DIRECT: dict[str, type[Record]] = {
    "TxnVoidRs": TxnVoidResult,
    "TxnDelRs": TxnDelResult,
    "ListDelRs": ListDelResult,
}
"""Responses whose fields stand directly inside, without a Ret."""

__all__ = [
    "DIRECT",
    "ITEMS",
    "KINDS",
    "LISTS",
    "RETS",
    "TXNS",
    "Account",
    "AdditionalContact",
    "AdditionalNote",
    "Address",
    "AddressBlock",
    "BarCode",
    "Class",
    "Company",
    "Contact",
    "CreditCardInfo",
    "Currency",
    "Customer",
    "CustomerMsg",
    "CustomerType",
    "DataExt",
    "DataExtDef",
    "DataExtDeleted",
    "DataExtTarget",
    "DataExtValue",
    "DateDrivenTerms",
    "Employee",
    "ErrorRecovery",
    "FixedAssetSalesInfo",
    "Host",
    "InventorySite",
    "Invoice",
    "InvoiceLine",
    "InvoiceLineGroup",
    "ItemDiscount",
    "ItemFixedAsset",
    "ItemGroup",
    "ItemGroupLine",
    "ItemInventory",
    "ItemInventoryAssembly",
    "ItemInventoryAssemblyLine",
    "ItemNonInventory",
    "ItemOtherCharge",
    "ItemPayment",
    "ItemSalesTax",
    "ItemSalesTaxGroup",
    "ItemService",
    "ItemSubtotal",
    "JobType",
    "LinkToTxn",
    "LinkedTxn",
    "ListDelResult",
    "ListDeleted",
    "ListRecord",
    "OtherName",
    "PaymentMethod",
    "Preferences",
    "PriceLevel",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "PurchaseOrderLineGroup",
    "Record",
    "Ref",
    "SalesAndPurchase",
    "SalesOrPurchase",
    "SalesRep",
    "SalesTaxCode",
    "SetCredit",
    "ShipMethod",
    "ShipToAddress",
    "StandardTerms",
    "Template",
    "TxnDelResult",
    "TxnDeleted",
    "TxnRecord",
    "TxnVoidResult",
    "UnitOfMeasureSet",
    "Vendor",
    "VendorType",
    "faults_of",
]
