"""The order of elements in QuickBooks' answers, written once as compact tables.

A shape is a text of tokens, one an element, in schema order::

    Name            an element with text
    Name*           repeated
    Name#           a decimal (prints with a comma on a PC with such Windows settings)
    Name=address    an aggregate whose own shape is called ``address``
    Name@12.0       known since that qbXML version; hidden from requests in an older one
    Name~           in the schema but not usable in a US desktop file
    Name^           said in requests, never in answers

Names ending in ``Ref`` are references (``ListID``, ``FullName``) unless another shape is given.
Order, versions and countries are facts of the qbXML 13.0 schema and Intuit's annotated samples.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

Version = tuple[int, int]

_TOKEN = re.compile(
    r"(?P<name>[A-Za-z0-9]+)(?P<many>\*)?(?P<decimal>#)?(?P<foreign>~)?(?P<asked>\^)?(=(?P<shape>\w+))?(@(?P<since>\d+\.\d+))?$"
)
_FIRST_VERSION: Version = (1, 0)


def parse_version(text: str) -> Version:
    """``"13.0"`` to ``(13, 0)``. Raises ValueError for anything else."""
    major, dot, minor = text.partition(".")
    if not (dot and major.isdigit() and minor.isdigit()):
        raise ValueError(f"not a qbXML version: {text!r}")
    return int(major), int(minor)


@dataclass(frozen=True, slots=True)
class Field:
    """One element of a shape; ``shape`` names the shape of an aggregate, None is plain text; ``asked`` fields stand
    in requests only."""

    name: str
    many: bool = False
    decimal: bool = False
    foreign: bool = False
    shape: str | None = None
    since: Version = _FIRST_VERSION
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """The children of one aggregate, in schema order."""

    fields: tuple[Field, ...]
    by_name: dict[str, Field] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {each.name: each for each in self.fields})


def shape(text: str) -> Shape:
    """Read a table in the notation of this module."""
    return Shape(tuple(_field(token) for token in text.split()))


def _field(token: str) -> Field:
    found = _TOKEN.match(token)
    if found is None:
        raise ValueError(f"unreadable token in a shape: {token!r}")
    name, nested = found["name"], found["shape"]
    if nested is None and name.endswith("Ref"):
        nested = "ref"
    since = parse_version(found["since"]) if found["since"] else _FIRST_VERSION
    return Field(
        name,
        bool(found["many"]),
        bool(found["decimal"]),
        bool(found["foreign"]),
        nested,
        since,
        bool(found["asked"]),
    )


SALES_PURCHASE = "SalesOrPurchase=sales_or_purchase SalesAndPurchase=sales_and_purchase"
"""Both branches of the choice stand in the tables of services, non-inventory parts and other charges."""

_LINE = (
    "TxnLineID ItemRef {part} Desc Quantity# UnitOfMeasure@7.0 OverrideUOMSetRef@7.0 Rate# RatePercent# "
    "ClassRef "
    "Amount# TaxAmount#~@6.1 {rest} Other1@6.0 Other2@6.0 DataExtRet*=data_ext@5.0"
)
_GROUP = (
    "TxnLineID ItemGroupRef Desc Quantity# UnitOfMeasure@7.0 OverrideUOMSetRef@7.0 IsPrintItemsInGroup "
    "TotalAmount# "
    "ServiceDate~ InventorySiteRef^@10.0 InventorySiteLocationRef^@12.0 {lines}*={shape} "
    "DataExtRet*=data_ext@5.0"
)

NESTED: dict[str, Shape] = {
    "ref": shape("ListID FullName"),
    "address": shape("Addr1 Addr2 Addr3 Addr4@2.0 Addr5@6.0 City State PostalCode Country Note@6.0"),
    "block": shape("Addr1 Addr2 Addr3 Addr4 Addr5"),
    "ship_to": shape("Name Addr1 Addr2 Addr3 Addr4 Addr5 City State PostalCode Country Note DefaultShipTo"),
    "contact_value": shape("ContactName ContactValue"),
    "contact": shape(
        "ListID TimeCreated TimeModified EditSequence Contact Salutation FirstName MiddleName LastName "
        "JobTitle "
        "AdditionalContactRef*=contact_value"
    ),
    "note": shape("NoteID Date Note"),
    "credit_card": shape(
        "CreditCardNumber ExpirationMonth ExpirationYear NameOnCard CreditCardAddress CreditCardPostalCode"
    ),
    "data_ext": shape("OwnerID DataExtName DataExtType DataExtValue"),
    "sales_or_purchase": shape("Desc Price# PricePercent# AccountRef"),
    "sales_and_purchase": shape(
        "SalesDesc SalesPrice# IncomeAccountRef PurchaseDesc PurchaseCost# PurchaseTaxCodeRef~@6.0 "
        "ExpenseAccountRef PrefVendorRef"
    ),
    "fixed_asset_sale": shape("SalesDesc SalesDate SalesPrice# SalesExpense#"),
    "group_line": shape("ItemRef Quantity# UnitOfMeasure@7.0"),
    "assembly_line": shape("ItemInventoryRef Quantity#"),
    "price_level_item": shape("ItemRef CustomPrice# CustomPricePercent#"),
    "unit": shape("Name Abbreviation"),
    "related_unit": shape("Name Abbreviation ConversionRatio#"),
    "default_unit": shape("UnitUsedFor Unit"),
    "link_to_txn": shape("TxnID TxnLineID"),
    "set_credit": shape("CreditTxnID TxnLineID~ AppliedAmount# Override@10.0"),
    "linked_txn": shape("TxnID TxnType TxnDate RefNumber LinkType@3.0 Amount#"),
    "invoice_line": shape(
        _LINE.format(
            part="",
            rest="InventorySiteRef@10.0 InventorySiteLocationRef@12.0 SerialNumber@11.0 LotNumber@11.0 "
            "ServiceDate SalesTaxCodeRef IsTaxable~@4.0 PriceLevelRef^@4.0 OverrideItemAccountRef^ "
            "LinkToTxn^=link_to_txn@6.0",
        )
    ),
    "sales_order_line": shape(
        _LINE.format(
            part="",
            rest="InventorySiteRef@10.0 InventorySiteLocationRef@12.0 SerialNumber@11.0 LotNumber@11.0 "
            "SalesTaxCodeRef Invoiced# IsManuallyClosed",
        )
    ),
    "credit_memo_line": shape(
        _LINE.format(
            part="",
            rest="InventorySiteRef@10.0 InventorySiteLocationRef@12.0 SerialNumber@11.0 LotNumber@11.0 "
            "ServiceDate SalesTaxCodeRef IsTaxable~@4.0",
        )
    ),
    "purchase_order_line": shape(
        _LINE.format(
            part="ManufacturerPartNumber@7.0",
            rest="InventorySiteLocationRef@12.0 CustomerRef ServiceDate SalesTaxCodeRef~@6.0 "
            "ReceivedQuantity# UnbilledQuantity#@11.0 IsBilled@11.0 IsManuallyClosed OverrideItemAccountRef^",
        )
    ),
    "invoice_group": shape(_GROUP.format(lines="InvoiceLineRet", shape="invoice_line")),
    "purchase_order_group": shape(_GROUP.format(lines="PurchaseOrderLineRet", shape="purchase_order_line")),
    "sales_order_group": shape(_GROUP.format(lines="SalesOrderLineRet", shape="sales_order_line")),
    "credit_memo_group": shape(_GROUP.format(lines="CreditMemoLineRet", shape="credit_memo_line")),
    "subscribed_services": shape("Service*=subscribed_service"),
    "subscribed_service": shape("Name Domain ServiceStatus"),
    "accountant_copy": shape("AccountantCopyExists DividingDate"),
    "accounting": shape(
        "IsUsingAccountNumbers IsRequiringAccounts IsUsingClassTracking AssignClassesTo@12.0 "
        "IsUsingAuditTrail "
        "IsAssigningJournalEntryNumbers ClosingDate"
    ),
    "finance_charge": shape(
        "AnnualInterestRate# MinFinanceCharge# GracePeriod FinanceChargeAccountRef "
        "IsAssessingForOverdueCharges "
        "CalculateChargesFrom IsMarkedToBePrinted"
    ),
    "jobs_estimates": shape("IsUsingEstimates IsUsingProgressInvoicing IsPrintingItemsWithZeroAmounts"),
    "multi_currency": shape("IsMultiCurrencyOn HomeCurrencyRef"),
    "multi_location": shape("IsMultiLocationInventoryAvailable IsMultiLocationInventoryEnabled"),
    "purchases": shape(
        "IsUsingInventory DaysBillsAreDue IsAutomaticallyUsingDiscounts DefaultDiscountAccountRef"
    ),
    "reports": shape("AgingReportBasis SummaryReportBasis"),
    "sales": shape(
        "DefaultShipMethodRef DefaultFOB DefaultMarkup# IsTrackingReimbursedExpensesAsIncome "
        "IsAutoApplyingPayments PriceLevels=price_levels@4.0"
    ),
    "price_levels": shape("IsUsingPriceLevels IsRoundingSalesPriceUp"),
    "sales_tax": shape(
        "DefaultItemSalesTaxRef PaySalesTax DefaultTaxableSalesTaxCodeRef DefaultNonTaxableSalesTaxCodeRef "
        "IsUsingVendorTaxCode IsUsingCustomerTaxCode IsUsingAmountsIncludeTax"
    ),
    "time_tracking": shape("FirstDayOfWeek"),
    "app_rights": shape("IsAutomaticLoginAllowed AutomaticLoginUserName IsPersonalDataAccessAllowed"),
    "inventory": shape(
        "EnhancedInventoryReceivingEnabled IsTrackingSerialOrLotNumber isTrackingOnSalesTransactionsEnabled "
        "isTrackingOnPurchaseTransactionsEnabled isTrackingOnInventoryAdjustmentEnabled "
        "isTrackingOnBuildAssemblyEnabled FIFOEnabled FIFOEffectiveDate IsRSBEnabled@12.0 "
        "IsBarcodeEnabled@12.0"
    ),
}
"""Shapes of aggregates inside other aggregates, by the name used after ``=``."""
