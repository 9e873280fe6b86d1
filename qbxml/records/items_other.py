"""Items that are no goods: groups, subtotals, discounts, payments and sales taxes."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import qbxml.table as q
from qbxml.record import Record, Ref
from qbxml.records.common import BarCode, DataExt, ListRecord
from qbxml.table import Choice

LINES = Choice("lines")
RATE = Choice("rate")


class ItemGroupLine(Record):
    """One member of a group."""

    item: Ref | None = q.ref("ItemRef")
    quantity: Decimal | None = q.quantity("Quantity")
    unit_of_measure: str | None = q.text("UnitOfMeasure", 31, since="7.0", vital=True)


class ItemGroup(ListRecord):
    """Several items entered as one."""

    kind: ClassVar[str] = "ItemGroup"

    name: str | None = q.name("Name", 31)
    bar_code_value: str | None = q.text("BarCodeValue", 50, "R", since="12.0", not_in="AU")
    bar_code: BarCode | None = q.block("BarCode", BarCode, "AM", since="12.0", not_in="AU")
    is_active: bool | None = q.flag("IsActive")
    item_desc: str | None = q.text("ItemDesc", 4095)
    unit_of_measure_set: Ref | None = q.ref("UnitOfMeasureSetRef", 31, since="7.0", vital=True)
    force_uom_change: bool | None = q.flag("ForceUOMChange", "M", since="7.0")
    is_print_items_in_group: bool | None = q.flag("IsPrintItemsInGroup")
    special_item_type: str | None = q.word(
        "SpecialItemType",
        "FinanceCharge ReimbursableExpenseGroup ReimbursableExpenseSubtotal",
        "R",
        since="6.0",
    )
    external_guid: str | None = q.guid("ExternalGUID", since="8.0")
    clear_items_in_group: bool | None = q.flag("ClearItemsInGroup", "M", choice=LINES)
    lines: tuple[ItemGroupLine, ...] = q.block("ItemGroupLine", ItemGroupLine, most=None, choice=LINES)
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)


class ItemSubtotal(ListRecord):
    """Sums the lines above it."""

    kind: ClassVar[str] = "ItemSubtotal"

    name: str | None = q.name("Name", 31)
    bar_code_value: str | None = q.text("BarCodeValue", 50, "R", since="12.0", not_in="AU")
    bar_code: BarCode | None = q.block("BarCode", BarCode, "AM", since="12.0", not_in="AU")
    is_active: bool | None = q.flag("IsActive")
    item_desc: str | None = q.text("ItemDesc", 4095)
    special_item_type: str | None = q.word(
        "SpecialItemType",
        "FinanceCharge ReimbursableExpenseGroup ReimbursableExpenseSubtotal",
        "R",
        since="6.0",
    )
    external_guid: str | None = q.guid("ExternalGUID", since="8.0")
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)


class ItemDiscount(ListRecord):
    """Takes an amount or a percentage off."""

    kind: ClassVar[str] = "ItemDiscount"

    name: str | None = q.name("Name", 31)
    full_name: str | None = q.text("FullName", 159, "R")
    bar_code_value: str | None = q.text("BarCodeValue", 50, "R", since="12.0", not_in="AU")
    bar_code: BarCode | None = q.block("BarCode", BarCode, "AM", since="12.0", not_in="AU")
    is_active: bool | None = q.flag("IsActive")
    class_: Ref | None = q.ref("ClassRef", 159, since="12.0", alias="class")
    parent: Ref | None = q.ref("ParentRef")
    sublevel: int | None = q.whole("Sublevel", "R")
    item_desc: str | None = q.text("ItemDesc", 4095)
    sales_tax_code: Ref | None = q.ref("SalesTaxCodeRef", 3)
    discount_rate: Decimal | None = q.price("DiscountRate", choice=RATE)
    discount_rate_percent: Decimal | None = q.percent("DiscountRatePercent", choice=RATE)
    account: Ref | None = q.ref("AccountRef", 159, since_mod="7.0")
    external_guid: str | None = q.guid("ExternalGUID", since="8.0")
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)
    apply_account_ref_to_existing_txns: bool | None = q.flag(
        "ApplyAccountRefToExistingTxns", "M", since="7.0"
    )


class ItemPayment(ListRecord):
    """A payment taken on an invoice."""

    kind: ClassVar[str] = "ItemPayment"

    name: str | None = q.name("Name", 31)
    bar_code_value: str | None = q.text("BarCodeValue", 50, "R", since="12.0", not_in="AU")
    bar_code: BarCode | None = q.block("BarCode", BarCode, "AM", since="12.0", not_in="AU")
    is_active: bool | None = q.flag("IsActive")
    class_: Ref | None = q.ref("ClassRef", 159, since="12.0", alias="class")
    item_desc: str | None = q.text("ItemDesc", 4095)
    deposit_to_account: Ref | None = q.ref("DepositToAccountRef", 159)
    payment_method: Ref | None = q.ref("PaymentMethodRef", 31)
    external_guid: str | None = q.guid("ExternalGUID", since="8.0")
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)


class ItemSalesTax(ListRecord):
    """One sales tax."""

    kind: ClassVar[str] = "ItemSalesTax"

    name: str | None = q.name("Name", 31)
    bar_code_value: str | None = q.text("BarCodeValue", 50, "R", since="12.0", not_in="AU")
    bar_code: BarCode | None = q.block("BarCode", BarCode, "AM", since="12.0", not_in="AU")
    is_active: bool | None = q.flag("IsActive")
    class_: Ref | None = q.ref("ClassRef", 159, since="12.0", alias="class")
    item_desc: str | None = q.text("ItemDesc", 4095)
    tax_rate: Decimal | None = q.percent("TaxRate")
    tax_vendor: Ref | None = q.ref("TaxVendorRef", 41)
    sales_tax_return_line: Ref | None = q.ref("SalesTaxReturnLineRef", since="8.0", not_in=q.OUTSIDE_US)
    external_guid: str | None = q.guid("ExternalGUID", since="8.0")
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)


class ItemSalesTaxGroup(ListRecord):
    """Several sales taxes charged together."""

    kind: ClassVar[str] = "ItemSalesTaxGroup"

    name: str | None = q.name("Name", 31)
    bar_code_value: str | None = q.text("BarCodeValue", 50, "R", since="12.0", not_in="AU")
    bar_code: BarCode | None = q.block("BarCode", BarCode, "AM", since="12.0", not_in="AU")
    is_active: bool | None = q.flag("IsActive")
    item_desc: str | None = q.text("ItemDesc", 4095)
    external_guid: str | None = q.guid("ExternalGUID", since="8.0")
    item_sales_tax: tuple[Ref, ...] = q.ref("ItemSalesTaxRef", 31, "A!MR", most=None)
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)
