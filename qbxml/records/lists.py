"""The small lists, which we only read: accounts, terms, classes, tax codes, reps, units, sites, currencies …"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

import qbxml.table as q
from qbxml.record import Record, Ref
from qbxml.records.common import Address, AddressBlock, DataExt, ListRecord
from qbxml.words import (
    ACCOUNT_TYPES,
    DETAIL_ACCOUNT_TYPES,
    PAYMENT_METHOD_TYPES,
    SPECIAL_ACCOUNT_TYPES,
)


class TaxLineInfo(Record):
    """The line of the tax form an account is reported on."""

    tax_line_id: int | None = q.whole("TaxLineID", "R")
    tax_line_name: str | None = q.text("TaxLineName", 256, "R")


class Account(ListRecord):
    """An account of the chart of accounts."""

    kind: ClassVar[str] = "Account"

    name: str | None = q.text("Name", 31, "R")
    full_name: str | None = q.text("FullName", 159, "R")
    is_active: bool | None = q.flag("IsActive", "R")
    parent: Ref | None = q.ref("ParentRef", None, "R")
    sublevel: int | None = q.whole("Sublevel", "R")
    account_type: str | None = q.word("AccountType", ACCOUNT_TYPES, "R")
    detail_account_type: str | None = q.word("DetailAccountType", DETAIL_ACCOUNT_TYPES, "R", not_in=q.NOWHERE)
    special_account_type: str | None = q.word("SpecialAccountType", SPECIAL_ACCOUNT_TYPES, "R")
    is_tax_account: bool | None = q.flag("IsTaxAccount", "R", not_in=q.OUTSIDE_US)
    account_number: str | None = q.text("AccountNumber", 7, "R")
    bank_number: str | None = q.text("BankNumber", 25, "R")
    last_check_number: str | None = q.text("LastCheckNumber", None, "R", not_in=q.NOWHERE)
    desc: str | None = q.text("Desc", 200, "R")
    balance: Decimal | None = q.amount("Balance", "R")
    total_balance: Decimal | None = q.amount("TotalBalance", "R")
    sales_tax_code: Ref | None = q.ref("SalesTaxCodeRef", 3, "R")
    tax_line_info: TaxLineInfo | None = q.block("TaxLineInfoRet", TaxLineInfo, "R")
    cash_flow_classification: str | None = q.word(
        "CashFlowClassification", "None Operating Investing Financing NotApplicable", "R"
    )
    currency: Ref | None = q.ref("CurrencyRef", 64, "R")
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)


class StandardTerms(ListRecord):
    """Payment terms counted in days from the invoice date."""

    kind: ClassVar[str] = "StandardTerms"

    name: str | None = q.text("Name", 31, "R")
    is_active: bool | None = q.flag("IsActive", "R")
    std_due_days: int | None = q.whole("StdDueDays", "R")
    std_discount_days: int | None = q.whole("StdDiscountDays", "R")
    discount_pct: Decimal | None = q.percent("DiscountPct", "R")


class DateDrivenTerms(ListRecord):
    """Payment terms that fall on a day of the month."""

    kind: ClassVar[str] = "DateDrivenTerms"

    name: str | None = q.text("Name", 31, "R")
    is_active: bool | None = q.flag("IsActive", "R")
    day_of_month_due: int | None = q.whole("DayOfMonthDue", "R", low=1, high=31)
    due_next_month_days: int | None = q.whole("DueNextMonthDays", "R")
    discount_day_of_month: int | None = q.whole("DiscountDayOfMonth", "R", low=1, high=31)
    discount_pct: Decimal | None = q.percent("DiscountPct", "R")


class Class(ListRecord):
    """A class: the company's own dimension across transactions."""

    kind: ClassVar[str] = "Class"

    name: str | None = q.text("Name", 31, "R")
    full_name: str | None = q.text("FullName", 159, "R")
    is_active: bool | None = q.flag("IsActive", "R")
    parent: Ref | None = q.ref("ParentRef", None, "R")
    sublevel: int | None = q.whole("Sublevel", "R")


class SalesTaxCode(ListRecord):
    """A three-letter code that says whether a line is taxed."""

    kind: ClassVar[str] = "SalesTaxCode"

    name: str | None = q.text("Name", 3, "R")
    is_active: bool | None = q.flag("IsActive", "R")
    is_taxable: bool | None = q.flag("IsTaxable", "R")
    desc: str | None = q.text("Desc", 31, "R")
    item_purchase_tax: Ref | None = q.ref("ItemPurchaseTaxRef", 31, "R", not_in=q.OUTSIDE_US)
    item_sales_tax: Ref | None = q.ref("ItemSalesTaxRef", 31, "R", not_in=q.OUTSIDE_US)


class CustomerMsg(ListRecord):
    """A message printed at the foot of an invoice."""

    kind: ClassVar[str] = "CustomerMsg"

    name: str | None = q.text("Name", 101, "R")
    is_active: bool | None = q.flag("IsActive", "R")


class ShipMethod(ListRecord):
    """A way to ship."""

    kind: ClassVar[str] = "ShipMethod"

    name: str | None = q.text("Name", 15, "R")
    is_active: bool | None = q.flag("IsActive", "R")


class SalesRep(ListRecord):
    """A sales representative, known by initials."""

    kind: ClassVar[str] = "SalesRep"

    initial: str | None = q.text("Initial", 5, "R")
    is_active: bool | None = q.flag("IsActive", "R")
    sales_rep_entity: Ref | None = q.ref("SalesRepEntityRef", 41, "R")


class Template(ListRecord):
    """A form template."""

    kind: ClassVar[str] = "Template"

    name: str | None = q.text("Name", 31, "R")
    is_active: bool | None = q.flag("IsActive", "R")
    template_type: str | None = q.word(
        "TemplateType", "BuildAssembly CreditMemo Estimate Invoice PurchaseOrder SalesOrder SalesReceipt", "R"
    )


class _Typed(ListRecord):
    """A tree of names that customers, vendors or jobs are sorted by."""

    name: str | None = q.text("Name", 31, "R")
    full_name: str | None = q.text("FullName", 159, "R")
    is_active: bool | None = q.flag("IsActive", "R")
    parent: Ref | None = q.ref("ParentRef", None, "R")
    sublevel: int | None = q.whole("Sublevel", "R")


class CustomerType(_Typed):
    """A type of customer."""

    kind: ClassVar[str] = "CustomerType"


class VendorType(_Typed):
    """A type of vendor."""

    kind: ClassVar[str] = "VendorType"


class JobType(_Typed):
    """A type of job."""

    kind: ClassVar[str] = "JobType"


class PaymentMethod(ListRecord):
    """A way to pay."""

    kind: ClassVar[str] = "PaymentMethod"

    name: str | None = q.text("Name", 31, "R")
    is_active: bool | None = q.flag("IsActive", "R")
    payment_method_type: str | None = q.word("PaymentMethodType", PAYMENT_METHOD_TYPES, "R")


class PriceLevelItem(Record):
    """What one item costs at a price level."""

    item: Ref | None = q.ref("ItemRef", None, "R")
    custom_price: Decimal | None = q.price("CustomPrice", "R")
    custom_price_percent: Decimal | None = q.percent("CustomPricePercent", "R")


class PriceLevel(ListRecord):
    """Other prices for some customers or lines: a percentage of all, or a price an item."""

    kind: ClassVar[str] = "PriceLevel"

    name: str | None = q.text("Name", 31, "R")
    is_active: bool | None = q.flag("IsActive", "R")
    price_level_type: str | None = q.word("PriceLevelType", "FixedPercentage PerItem", "R")
    price_level_fixed_percentage: Decimal | None = q.percent("PriceLevelFixedPercentage", "R")
    price_level_per_item: tuple[PriceLevelItem, ...] = q.block(
        "PriceLevelPerItemRet", PriceLevelItem, "R", most=None
    )
    currency: Ref | None = q.ref("CurrencyRef", 64, "R")


class Unit(Record):
    """The unit others of a set are counted in."""

    name: str | None = q.text("Name", 31, "R")
    abbreviation: str | None = q.text("Abbreviation", 31, "R")


class RelatedUnit(Record):
    """Another unit of a set, so many of the base unit."""

    name: str | None = q.text("Name", 31, "R")
    abbreviation: str | None = q.text("Abbreviation", 31, "R")
    conversion_ratio: Decimal | None = q.price("ConversionRatio", "R")


class DefaultUnit(Record):
    """Which unit is taken where none is named."""

    unit_used_for: str | None = q.word("UnitUsedFor", "Purchase Sales Shipping", "R")
    unit: str | None = q.text("Unit", 31, "R")


class UnitOfMeasureSet(ListRecord):
    """The units an item may be bought and sold in."""

    kind: ClassVar[str] = "UnitOfMeasureSet"

    name: str | None = q.text("Name", 31, "R")
    is_active: bool | None = q.flag("IsActive", "R")
    unit_of_measure_type: str | None = q.word(
        "UnitOfMeasureType", "Area Count Length Other Time Volume Weight", "R"
    )
    base_unit: Unit | None = q.block("BaseUnit", Unit, "R")
    related_unit: tuple[RelatedUnit, ...] = q.block("RelatedUnit", RelatedUnit, "R", most=None)
    default_unit: tuple[DefaultUnit, ...] = q.block("DefaultUnit", DefaultUnit, "R", most=None)


class SiteAddress(Record):
    """Where an inventory site is."""

    addr1: str | None = q.text("Addr1", 41, "R")
    addr2: str | None = q.text("Addr2", 41, "R")
    addr3: str | None = q.text("Addr3", 41, "R")
    addr4: str | None = q.text("Addr4", 41, "R")
    addr5: str | None = q.text("Addr5", 41, "R")
    city: str | None = q.text("City", 31, "R")
    state: str | None = q.text("State", 21, "R")
    postal_code: str | None = q.text("PostalCode", 13, "R")
    country: str | None = q.text("Country", 31, "R")


class InventorySite(ListRecord):
    """A place stock is kept at, or a bin inside one."""

    kind: ClassVar[str] = "InventorySite"

    name: str | None = q.text("Name", 31, "R")
    is_active: bool | None = q.flag("IsActive", "R")
    parent_site: Ref | None = q.ref("ParentSiteRef", 31, "R")
    is_default_site: bool | None = q.flag("IsDefaultSite", "R")
    site_desc: str | None = q.text("SiteDesc", 100, "R")
    contact: str | None = q.text("Contact", 41, "R")
    phone: str | None = q.text("Phone", 21, "R")
    fax: str | None = q.text("Fax", 21, "R")
    email: str | None = q.text("Email", 1023, "R")
    site_address: SiteAddress | None = q.block("SiteAddress", SiteAddress, "R")
    site_address_block: AddressBlock | None = q.block("SiteAddressBlock", AddressBlock, "R")


class CurrencyFormat(Record):
    """How amounts of a currency are printed."""

    thousand_separator: str | None = q.word("ThousandSeparator", "Comma Period Space Apostrophe", "R")
    thousand_separator_grouping: str | None = q.word(
        "ThousandSeparatorGrouping", "XX_XXX_XXX X_XX_XX_XXX", "R"
    )
    decimal_places: str | None = q.word("DecimalPlaces", "0 2", "R")
    decimal_separator: str | None = q.word("DecimalSeparator", "Period Comma", "R")


class Currency(ListRecord):
    """A currency customers, vendors or accounts are kept in."""

    kind: ClassVar[str] = "Currency"

    name: str | None = q.text("Name", 64, "R")
    is_active: bool | None = q.flag("IsActive", "R")
    currency_code: str | None = q.text("CurrencyCode", 3, "R")
    currency_format: CurrencyFormat | None = q.block("CurrencyFormat", CurrencyFormat, "R")
    is_user_defined_currency: bool | None = q.flag("IsUserDefinedCurrency", "R")
    exchange_rate: Decimal | None = q.number("ExchangeRate", "R")
    as_of_date: date | None = q.day("AsOfDate", "R")


class OtherName(ListRecord):
    """A name that is neither customer, vendor nor employee; it shares their name space."""

    kind: ClassVar[str] = "OtherName"

    name: str | None = q.text("Name", 41, "R")
    is_active: bool | None = q.flag("IsActive", "R")
    company_name: str | None = q.text("CompanyName", 41, "R")
    salutation: str | None = q.text("Salutation", 15, "R")
    first_name: str | None = q.text("FirstName", 25, "R")
    middle_name: str | None = q.text("MiddleName", 5, "R")
    last_name: str | None = q.text("LastName", 25, "R")
    other_name_address: Address | None = q.block("OtherNameAddress", Address, "R")
    other_name_address_block: AddressBlock | None = q.block("OtherNameAddressBlock", AddressBlock, "R")
    phone: str | None = q.text("Phone", 21, "R")
    alt_phone: str | None = q.text("AltPhone", 21, "R")
    fax: str | None = q.text("Fax", 21, "R")
    email: str | None = q.text("Email", 1023, "R")
    contact: str | None = q.text("Contact", 41, "R")
    alt_contact: str | None = q.text("AltContact", 41, "R")
    account_number: str | None = q.text("AccountNumber", 99, "R")
    notes: str | None = q.text("Notes", 4095, "R")
    external_guid: str | None = q.guid("ExternalGUID", "R")
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)
