"""Invoices with their lines and line groups."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Discriminator, Tag

import qbxml.table as q
from qbxml.record import Record, Ref
from qbxml.records.common import (
    Address,
    AddressBlock,
    DataExt,
    LinkedTxn,
    LinkToTxn,
    SetCredit,
    TxnRecord,
    line_or_group,
)
from qbxml.table import Choice, Shape

RATE = Choice("rate")
TRACKING = Choice("tracking")


class InvoiceLine(Record):
    """One line. In a Mod a line without txn_line_id is new."""

    txn_line_id: str | None = q.ident("TxnLineID", "M!R", in_mod="-1")
    item: Ref | None = q.ref("ItemRef")
    desc: str | None = q.text("Desc", 4095, about="The text of the line.")
    quantity: Decimal | None = q.quantity("Quantity", about="How many.")
    unit_of_measure: str | None = q.text("UnitOfMeasure", 31, since="7.0", vital=True)
    override_uom_set: Ref | None = q.ref("OverrideUOMSetRef", 31, "MR", since="7.0", vital=True)
    rate: Decimal | None = q.price("Rate", choice=RATE, about="The price of one.")
    rate_percent: Decimal | None = q.percent("RatePercent", choice=RATE)
    price_level: Ref | None = q.ref("PriceLevelRef", 31, "AM", since="4.0", choice=RATE)
    class_: Ref | None = q.ref("ClassRef", 159, alias="class")
    amount: Decimal | None = q.amount(
        "Amount", about="Quantity times rate, which QuickBooks works out when it is left out."
    )
    tax_amount: Decimal | None = q.amount("TaxAmount", since="6.1", not_in="US CA UK", vital=True)
    option_for_price_rule_conflict: str | None = q.word(
        "OptionForPriceRuleConflict", "Zero BasePrice", "AM", since="13.0"
    )
    inventory_site: Ref | None = q.ref("InventorySiteRef", 31, since="10.0", not_in="AU", vital=True)
    inventory_site_location: Ref | None = q.ref(
        "InventorySiteLocationRef", 31, since="12.0", not_in="AU", vital=True
    )
    serial_number: str | None = q.text("SerialNumber", 4095, not_in="AU", choice=TRACKING, vital=True)
    lot_number: str | None = q.text("LotNumber", 40, not_in="AU", choice=TRACKING, vital=True)
    service_date: date | None = q.day("ServiceDate")
    sales_tax_code: Ref | None = q.ref("SalesTaxCodeRef", 3)
    is_taxable: bool | None = q.flag("IsTaxable", "AR", since="4.0", not_in=q.NOWHERE, vital=True)
    override_item_account: Ref | None = q.ref("OverrideItemAccountRef", 159, "AM")
    other1: str | None = q.text("Other1", 29, since="6.0")
    other2: str | None = q.text("Other2", 29, since="6.0")
    link_to_txn: LinkToTxn | None = q.block("LinkToTxn", LinkToTxn, "A", since="6.0", vital=True)
    data_ext: tuple[DataExt, ...] = q.block(
        "DataExt DataExt DataExtRet", DataExt, "AR", since="5.0", most=None
    )


class InvoiceLineGroup(Record):
    """An item group expanded into its lines."""

    txn_line_id: str | None = q.ident("TxnLineID", "M!R", in_mod="-1")
    item_group: Ref | None = q.ref("ItemGroupRef", 31, "A!MR")
    desc: str | None = q.text("Desc", 4095, "AR", not_in=q.NOWHERE)
    quantity: Decimal | None = q.quantity("Quantity")
    unit_of_measure: str | None = q.text("UnitOfMeasure", 31, since="7.0", vital=True)
    override_uom_set: Ref | None = q.ref("OverrideUOMSetRef", 31, "MR", since="7.0", vital=True)
    is_print_items_in_group: bool | None = q.flag("IsPrintItemsInGroup", "R")
    total_amount: Decimal | None = q.amount("TotalAmount", "R")
    service_date: date | None = q.day("ServiceDate", "AR", not_in=q.NOWHERE)
    inventory_site: Ref | None = q.ref("InventorySiteRef", 31, "A", since="10.0", not_in="AU", vital=True)
    inventory_site_location: Ref | None = q.ref(
        "InventorySiteLocationRef", 31, "A", since="12.0", not_in="AU", vital=True
    )
    lines: tuple[InvoiceLine, ...] = q.block("InvoiceLine*", InvoiceLine, "MR", most=None)
    data_ext: tuple[DataExt, ...] = q.block(
        "DataExt DataExt DataExtRet", DataExt, "AR", since="5.0", most=None
    )


class DiscountLine(Record):
    """QuickBooks Online only."""

    amount: Decimal | None = q.amount("Amount", "AR", choice=RATE)
    rate_percent: Decimal | None = q.percent("RatePercent", "AR", choice=RATE)
    is_taxable: bool | None = q.flag("IsTaxable", "AR", vital=True)
    account: Ref | None = q.ref("AccountRef", 159, "AR")


class SalesTaxLine(Record):
    """QuickBooks Online only."""

    amount: Decimal | None = q.amount("Amount", "AR", choice=RATE)
    rate_percent: Decimal | None = q.percent("RatePercent", "AR", choice=RATE)
    account: Ref | None = q.ref("AccountRef", 159, "AR")


class ShippingLine(Record):
    """QuickBooks Online only."""

    amount: Decimal | None = q.amount("Amount", "A!R")
    account: Ref | None = q.ref("AccountRef", 159, "AR")


Lines = tuple[
    Annotated[
        Annotated[InvoiceLine, Tag("#line")] | Annotated[InvoiceLineGroup, Tag("#group")],
        Discriminator(line_or_group),
    ],
    ...,
]


class Invoice(TxnRecord):
    """An invoice. QuickBooks computes the third of quantity, rate and amount of a line from two."""

    kind: ClassVar[str] = "Invoice"
    moved: ClassVar[Mapping[Shape, Mapping[str, str]]] = {
        Shape.RET: {"exchange_rate": "balance_remaining_in_home_currency"}
    }

    customer: Ref | None = q.ref("CustomerRef", 209, "A!MR")
    class_: Ref | None = q.ref("ClassRef", 159, alias="class")
    ar_account: Ref | None = q.ref("ARAccountRef", 159)
    template: Ref | None = q.ref("TemplateRef", 31, since="3.0")
    txn_date: date | None = q.day("TxnDate", about="Its date; the ship date, or today, when left out.")
    ref_number: str | None = q.text(
        "RefNumber", 11, about="The number of the invoice; QuickBooks counts on when it is left out."
    )
    bill_address: Address | None = q.block("BillAddress", Address)
    bill_address_block: AddressBlock | None = q.block("BillAddressBlock", AddressBlock, "R", since="6.0")
    ship_address: Address | None = q.block("ShipAddress", Address)
    ship_address_block: AddressBlock | None = q.block("ShipAddressBlock", AddressBlock, "R", since="6.0")
    is_pending: bool | None = q.flag("IsPending")
    is_finance_charge: bool | None = q.flag("IsFinanceCharge", "AR", since="8.0", vital=True, idle=False)
    po_number: str | None = q.text("PONumber", 25)
    terms: Ref | None = q.ref("TermsRef", 31)
    due_date: date | None = q.day("DueDate", about="When it is to be paid; by the terms when left out.")
    sales_rep: Ref | None = q.ref("SalesRepRef", 5)
    fob: str | None = q.text("FOB", 13)
    ship_date: date | None = q.day("ShipDate")
    ship_method: Ref | None = q.ref("ShipMethodRef", 15)
    subtotal: Decimal | None = q.amount("Subtotal", "R")
    item_sales_tax: Ref | None = q.ref("ItemSalesTaxRef", 31)
    sales_tax_percentage: Decimal | None = q.percent("SalesTaxPercentage", "R")
    sales_tax_total: Decimal | None = q.amount("SalesTaxTotal", "R")
    applied_amount: Decimal | None = q.amount("AppliedAmount", "R")
    balance_remaining: Decimal | None = q.amount("BalanceRemaining", "R")
    currency: Ref | None = q.ref("CurrencyRef", 64, "R", since="8.0", vital=True)
    balance_remaining_in_home_currency: Decimal | None = q.amount(
        "BalanceRemainingInHomeCurrency", "R", since="8.0"
    )
    memo: str | None = q.text("Memo", 4095)
    is_paid: bool | None = q.flag("IsPaid", "R")
    customer_msg: Ref | None = q.ref("CustomerMsgRef", 101)
    is_to_be_printed: bool | None = q.flag("IsToBePrinted")
    is_to_be_emailed: bool | None = q.flag("IsToBeEmailed", since="6.0")
    is_tax_included: bool | None = q.flag(
        "IsTaxIncluded", since="6.0", not_in=q.OUTSIDE_US, vital=True, idle=False
    )
    customer_sales_tax_code: Ref | None = q.ref("CustomerSalesTaxCodeRef", 3)
    suggested_discount_amount: Decimal | None = q.amount("SuggestedDiscountAmount", "R")
    suggested_discount_date: date | None = q.day("SuggestedDiscountDate", "R")
    other: str | None = q.text("Other", 29, since="6.0")
    exchange_rate: Decimal | None = q.number("ExchangeRate", since="8.0", vital=True)
    external_guid: str | None = q.guid("ExternalGUID", since="9.0")
    linked_txn: tuple[LinkedTxn, ...] = q.block("LinkedTxn", LinkedTxn, "R", most=None)
    link_to_txn_id: tuple[str, ...] = q.ident("LinkToTxnID", "A", since="6.0", most=None, vital=True)
    set_credit: tuple[SetCredit, ...] = q.block(
        "SetCredit", SetCredit, "AM", since="10.0", most=None, vital=True
    )
    lines: Lines = q.mixed(("InvoiceLine*", InvoiceLine), ("InvoiceLineGroup*", InvoiceLineGroup))
    discount_line: DiscountLine | None = q.block(
        "DiscountLine*", DiscountLine, "AR", since="4.0", not_in=q.NOWHERE, vital=True
    )
    sales_tax_line: SalesTaxLine | None = q.block(
        "SalesTaxLine*", SalesTaxLine, "AR", since="4.0", not_in=q.NOWHERE, vital=True
    )
    shipping_line: ShippingLine | None = q.block(
        "ShippingLine*", ShippingLine, "AR", since="4.0", not_in=q.NOWHERE, vital=True
    )
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)
