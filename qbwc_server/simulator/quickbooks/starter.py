"""What a new company file starts with: accounts, terms, tax codes, templates and the like."""

from __future__ import annotations

from collections.abc import Iterable

from qbwc_server.simulator.quickbooks.book import Fields
from qbwc_server.simulator.quickbooks.kinds import LIST_KINDS
from qbwc_server.simulator.quickbooks.lists import ListEditor

_ACCOUNTS = (
    ("Checking", "Bank"),
    ("Accounts Receivable", "AccountsReceivable"),
    ("Inventory Asset", "OtherCurrentAsset"),
    ("Undeposited Funds", "OtherCurrentAsset"),
    ("Accounts Payable", "AccountsPayable"),
    ("Sales Tax Payable", "OtherCurrentLiability"),
    ("Opening Balance Equity", "Equity"),
    ("Retained Earnings", "Equity"),
    ("Sales", "Income"),
    ("Shipping and Delivery Income", "Income"),
    ("Sales Discounts", "Income"),
    ("Cost of Goods Sold", "CostOfGoodsSold"),
    ("Freight", "CostOfGoodsSold"),
    ("Purchases", "CostOfGoodsSold"),
    ("Uncategorized Expenses", "Expense"),
    ("Purchase Orders", "NonPosting"),
)
_STANDARD_TERMS = (("Due on receipt", 0), ("Net 7", 7), ("Net 15", 15), ("Net 30", 30), ("Net 60", 60))
_NAMED: dict[str, Iterable[str]] = {
    "ShipMethod": ("Courier", "Cold truck", "Air freight", "Pick-up"),
    "CustomerMsg": ("Thank you for your business.", "Please remit to the address above."),
    "PaymentMethod": ("Cash", "Check", "E-Check"),
    "CustomerType": ("Restaurant", "Retail", "Wholesale"),
    "VendorType": ("Fishery", "Carrier"),
    "Class": ("Fresh", "Frozen"),
}


def fill_starter_lists(lists: ListEditor, preferences: Fields) -> None:
    """Make the records, and point the preferences at the default tax codes and tax item."""
    for name, account_type in _ACCOUNTS:
        _add(
            lists,
            "Account",
            {"Name": name, "AccountType": account_type, "Balance": "0.00", "TotalBalance": "0.00"},
        )
    for name, days in _STANDARD_TERMS:
        _add(lists, "StandardTerms", {"Name": name, "StdDueDays": str(days), "StdDiscountDays": "0"})
    _add(
        lists,
        "DateDrivenTerms",
        {"Name": "15th of the month", "DayOfMonthDue": "15", "DueNextMonthDays": "5", "DiscountPct": "0.0"},
    )
    for kind, names in _NAMED.items():
        for name in names:
            _add(lists, kind, {"Name": name})
    for name, kind in (("Intuit Product Invoice", "Invoice"), ("Custom Purchase Order", "PurchaseOrder")):
        _add(lists, "Template", {"Name": name, "TemplateType": kind})
    _fill_taxes(lists, preferences)


def _fill_taxes(lists: ListEditor, preferences: Fields) -> None:
    taxable = _add(lists, "SalesTaxCode", {"Name": "Tax", "IsTaxable": "true", "Desc": "Taxable Sales"})
    exempt = _add(lists, "SalesTaxCode", {"Name": "Non", "IsTaxable": "false", "Desc": "Non-Taxable Sales"})
    agency = _add(lists, "Vendor", {"Name": "State Board of Equalization"})
    item = _add(
        lists,
        "ItemSalesTax",
        {"Name": "Out of State", "ItemDesc": "Sale for resale", "TaxRate": "0.0", "TaxVendorRef": agency},
    )
    preferences["SalesTaxPreferences"] |= {
        "DefaultItemSalesTaxRef": item,
        "DefaultTaxableSalesTaxCodeRef": taxable,
        "DefaultNonTaxableSalesTaxCodeRef": exempt,
    }


def _add(lists: ListEditor, kind: str, fields: Fields) -> Fields:
    return {"ListID": lists.add(LIST_KINDS[kind], fields)["ListID"]}
