"""Items without stock: services, non-inventory parts and other charges."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

import qbxml.table as q
from qbxml.record import Record, Ref
from qbxml.records.common import BarCode, DataExt, ListRecord
from qbxml.table import Choice, Shape

USE = Choice("use", needed=frozenset((Shape.ADD,)))
PRICE = Choice("price")


class SalesOrPurchase(Record):
    """An item that is either sold or bought: one account."""

    desc: str | None = q.text("Desc", 4095)
    price: Decimal | None = q.price("Price", choice=PRICE)
    price_percent: Decimal | None = q.percent("PricePercent", choice=PRICE)
    account: Ref | None = q.ref("AccountRef", 159, since_mod="7.0")
    apply_account_ref_to_existing_txns: bool | None = q.flag(
        "ApplyAccountRefToExistingTxns", "M", since="7.0"
    )


class SalesAndPurchase(Record):
    """An item that is bought and sold again: an income and an expense account."""

    sales_desc: str | None = q.text("SalesDesc", 4095)
    sales_price: Decimal | None = q.price("SalesPrice")
    income_account: Ref | None = q.ref("IncomeAccountRef", 159, since_mod="7.0")
    apply_income_account_ref_to_existing_txns: bool | None = q.flag(
        "ApplyIncomeAccountRefToExistingTxns", "M", since="7.0"
    )
    purchase_desc: str | None = q.text("PurchaseDesc", 4095)
    purchase_cost: Decimal | None = q.price("PurchaseCost")
    purchase_tax_code: Ref | None = q.ref("PurchaseTaxCodeRef", 3, since="6.0", not_in=q.OUTSIDE_US)
    expense_account: Ref | None = q.ref("ExpenseAccountRef", 159, since_mod="7.0")
    apply_expense_account_ref_to_existing_txns: bool | None = q.flag(
        "ApplyExpenseAccountRefToExistingTxns", "M", since="7.0"
    )
    pref_vendor: Ref | None = q.ref("PrefVendorRef", 41)


class ItemService(ListRecord):
    """Work that is sold or bought."""

    kind: ClassVar[str] = "ItemService"

    name: str | None = q.name("Name", 31)
    full_name: str | None = q.text("FullName", 159, "R")
    bar_code_value: str | None = q.text("BarCodeValue", 50, "R", since="12.0", not_in="AU")
    bar_code: BarCode | None = q.block("BarCode", BarCode, "AM", since="12.0", not_in="AU")
    is_active: bool | None = q.flag("IsActive")
    class_: Ref | None = q.ref("ClassRef", 159, since="12.0", alias="class")
    parent: Ref | None = q.ref("ParentRef")
    sublevel: int | None = q.whole("Sublevel", "R")
    unit_of_measure_set: Ref | None = q.ref("UnitOfMeasureSetRef", 31, since="7.0", vital=True)
    force_uom_change: bool | None = q.flag("ForceUOMChange", "M", since="7.0")
    is_tax_included: bool | None = q.flag(
        "IsTaxIncluded", since="6.0", not_in=q.OUTSIDE_US, vital=True, idle=False
    )
    sales_tax_code: Ref | None = q.ref("SalesTaxCodeRef", 3)
    sales_or_purchase: SalesOrPurchase | None = q.block(
        "SalesOrPurchase SalesOrPurchaseMod SalesOrPurchase", SalesOrPurchase, choice=USE
    )
    sales_and_purchase: SalesAndPurchase | None = q.block(
        "SalesAndPurchase SalesAndPurchaseMod SalesAndPurchase", SalesAndPurchase, choice=USE
    )
    external_guid: str | None = q.guid("ExternalGUID", since="8.0")
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)


class ItemNonInventory(ListRecord):
    """A part that is not kept in stock."""

    kind: ClassVar[str] = "ItemNonInventory"
    # The one record whose order differs: ParentRef stands before ClassRef in Add, after it in Mod and Ret.
    moved: ClassVar[Mapping[Shape, Mapping[str, str]]] = {Shape.ADD: {"parent": "class_"}}

    name: str | None = q.name("Name", 31)
    full_name: str | None = q.text("FullName", 159, "R")
    bar_code_value: str | None = q.text("BarCodeValue", 50, "R", since="12.0", not_in="AU")
    bar_code: BarCode | None = q.block("BarCode", BarCode, "AM", since="12.0", not_in="AU")
    is_active: bool | None = q.flag("IsActive")
    class_: Ref | None = q.ref("ClassRef", 159, since="12.0", alias="class")
    parent: Ref | None = q.ref("ParentRef")
    sublevel: int | None = q.whole("Sublevel", "R")
    manufacturer_part_number: str | None = q.text("ManufacturerPartNumber", 31, since="7.0")
    unit_of_measure_set: Ref | None = q.ref("UnitOfMeasureSetRef", 31, since="7.0", vital=True)
    force_uom_change: bool | None = q.flag("ForceUOMChange", "M", since="7.0")
    is_tax_included: bool | None = q.flag(
        "IsTaxIncluded", since="6.0", not_in=q.OUTSIDE_US, vital=True, idle=False
    )
    sales_tax_code: Ref | None = q.ref("SalesTaxCodeRef", 3)
    sales_or_purchase: SalesOrPurchase | None = q.block(
        "SalesOrPurchase SalesOrPurchaseMod SalesOrPurchase", SalesOrPurchase, choice=USE
    )
    sales_and_purchase: SalesAndPurchase | None = q.block(
        "SalesAndPurchase SalesAndPurchaseMod SalesAndPurchase", SalesAndPurchase, choice=USE
    )
    external_guid: str | None = q.guid("ExternalGUID", since="8.0")
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)


class ItemOtherCharge(ListRecord):
    """A charge such as freight."""

    kind: ClassVar[str] = "ItemOtherCharge"

    name: str | None = q.name("Name", 31)
    full_name: str | None = q.text("FullName", 159, "R")
    bar_code_value: str | None = q.text("BarCodeValue", 50, "R", since="12.0", not_in="AU")
    bar_code: BarCode | None = q.block("BarCode", BarCode, "AM", since="12.0", not_in="AU")
    is_active: bool | None = q.flag("IsActive")
    class_: Ref | None = q.ref("ClassRef", 159, since="12.0", alias="class")
    parent: Ref | None = q.ref("ParentRef")
    sublevel: int | None = q.whole("Sublevel", "R")
    is_tax_included: bool | None = q.flag(
        "IsTaxIncluded", since="6.0", not_in=q.OUTSIDE_US, vital=True, idle=False
    )
    sales_tax_code: Ref | None = q.ref("SalesTaxCodeRef", 3)
    sales_or_purchase: SalesOrPurchase | None = q.block(
        "SalesOrPurchase SalesOrPurchaseMod SalesOrPurchase", SalesOrPurchase, choice=USE
    )
    sales_and_purchase: SalesAndPurchase | None = q.block(
        "SalesAndPurchase SalesAndPurchaseMod SalesAndPurchase", SalesAndPurchase, choice=USE
    )
    special_item_type: str | None = q.word(
        "SpecialItemType",
        "FinanceCharge ReimbursableExpenseGroup ReimbursableExpenseSubtotal",
        "R",
        since="6.0",
    )
    external_guid: str | None = q.guid("ExternalGUID", since="8.0")
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)
