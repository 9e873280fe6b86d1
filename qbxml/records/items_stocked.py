"""Items kept in stock: inventory parts, assemblies, fixed assets."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

import qbxml.table as q
from qbxml.record import Record, Ref
from qbxml.records.common import BarCode, DataExt, ListRecord
from qbxml.table import Choice

LINES = Choice("lines")


class ItemInventory(ListRecord):
    """A part kept in stock. QuickBooks wants an income, a COGS and an asset account."""

    kind: ClassVar[str] = "ItemInventory"

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
    sales_desc: str | None = q.text("SalesDesc", 4095)
    sales_price: Decimal | None = q.price("SalesPrice")
    income_account: Ref | None = q.ref("IncomeAccountRef", 159, since_mod="7.0")
    apply_income_account_ref_to_existing_txns: bool | None = q.flag(
        "ApplyIncomeAccountRefToExistingTxns", "M", since="7.0"
    )
    purchase_desc: str | None = q.text("PurchaseDesc", 4095)
    purchase_cost: Decimal | None = q.price("PurchaseCost")
    purchase_tax_code: Ref | None = q.ref("PurchaseTaxCodeRef", 3, since="6.0", not_in=q.OUTSIDE_US)
    cogs_account: Ref | None = q.ref("COGSAccountRef", 159)
    apply_cogs_account_ref_to_existing_txns: bool | None = q.flag(
        "ApplyCOGSAccountRefToExistingTxns", "M", since="8.0"
    )
    pref_vendor: Ref | None = q.ref("PrefVendorRef", 41)
    asset_account: Ref | None = q.ref("AssetAccountRef", 159)
    reorder_point: Decimal | None = q.quantity("ReorderPoint")
    max: Decimal | None = q.quantity("Max", since="13.0")
    quantity_on_hand: Decimal | None = q.quantity("QuantityOnHand", "AR")
    average_cost: Decimal | None = q.price("AverageCost", "R")
    quantity_on_order: Decimal | None = q.quantity("QuantityOnOrder", "R")
    quantity_on_sales_order: Decimal | None = q.quantity("QuantityOnSalesOrder", "R")
    total_value: Decimal | None = q.amount("TotalValue", "A")
    inventory_date: date | None = q.day("InventoryDate", "A")
    external_guid: str | None = q.guid("ExternalGUID", since="8.0")
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)


class ItemInventoryAssemblyLine(Record):
    """One component of an assembly."""

    item_inventory: Ref | None = q.ref("ItemInventoryRef", 159, "A!M!R")
    quantity: Decimal | None = q.quantity("Quantity")


class ItemInventoryAssembly(ListRecord):
    """A stocked item built from others."""

    kind: ClassVar[str] = "ItemInventoryAssembly"

    name: str | None = q.name("Name", 31)
    full_name: str | None = q.text("FullName", 159, "R")
    bar_code_value: str | None = q.text("BarCodeValue", 50, "R", since="12.0", not_in="AU")
    bar_code: BarCode | None = q.block("BarCode", BarCode, "AM", since="12.0", not_in="AU")
    is_active: bool | None = q.flag("IsActive")
    class_: Ref | None = q.ref("ClassRef", 159, since="12.0", alias="class")
    parent: Ref | None = q.ref("ParentRef")
    sublevel: int | None = q.whole("Sublevel", "R")
    manufacturer_part_number: str | None = q.text("ManufacturerPartNumber", 31, since="12.0")
    unit_of_measure_set: Ref | None = q.ref("UnitOfMeasureSetRef", 31, since="7.0", vital=True)
    force_uom_change: bool | None = q.flag("ForceUOMChange", "M", since="7.0")
    is_tax_included: bool | None = q.flag(
        "IsTaxIncluded", since="6.0", not_in=q.OUTSIDE_US, vital=True, idle=False
    )
    sales_tax_code: Ref | None = q.ref("SalesTaxCodeRef", 3)
    sales_desc: str | None = q.text("SalesDesc", 4095)
    sales_price: Decimal | None = q.price("SalesPrice")
    income_account: Ref | None = q.ref("IncomeAccountRef", 159, since_mod="7.0")
    apply_income_account_ref_to_existing_txns: bool | None = q.flag(
        "ApplyIncomeAccountRefToExistingTxns", "M", since="7.0"
    )
    purchase_desc: str | None = q.text("PurchaseDesc", 4095)
    purchase_cost: Decimal | None = q.price("PurchaseCost")
    purchase_tax_code: Ref | None = q.ref("PurchaseTaxCodeRef", 3, since="6.0", not_in=q.OUTSIDE_US)
    cogs_account: Ref | None = q.ref("COGSAccountRef", 159)
    pref_vendor: Ref | None = q.ref("PrefVendorRef", 41)
    asset_account: Ref | None = q.ref("AssetAccountRef", 159)
    build_point: Decimal | None = q.quantity("BuildPoint")
    max: Decimal | None = q.quantity("Max", since="13.0")
    quantity_on_hand: Decimal | None = q.quantity("QuantityOnHand", "AR")
    average_cost: Decimal | None = q.price("AverageCost", "R")
    quantity_on_order: Decimal | None = q.quantity("QuantityOnOrder", "R")
    quantity_on_sales_order: Decimal | None = q.quantity("QuantityOnSalesOrder", "R")
    total_value: Decimal | None = q.amount("TotalValue", "A")
    inventory_date: date | None = q.day("InventoryDate", "A")
    external_guid: str | None = q.guid("ExternalGUID", since="8.0")
    clear_items_in_group: bool | None = q.flag("ClearItemsInGroup", "M", choice=LINES)
    lines: tuple[ItemInventoryAssemblyLine, ...] = q.block(
        "ItemInventoryAssemblyLine", ItemInventoryAssemblyLine, most=None, choice=LINES
    )
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)


class FixedAssetSalesInfo(Record):
    """How a fixed asset was sold."""

    sales_desc: str | None = q.text("SalesDesc", 50, "A!MR")
    sales_date: date | None = q.day("SalesDate", "A!MR")
    sales_price: Decimal | None = q.price("SalesPrice")
    sales_expense: Decimal | None = q.price("SalesExpense")


class ItemFixedAsset(ListRecord):
    """An asset the company owns."""

    kind: ClassVar[str] = "ItemFixedAsset"

    name: str | None = q.name("Name", 31)
    bar_code_value: str | None = q.text("BarCodeValue", 50, "R", since="12.0", not_in="AU")
    bar_code: BarCode | None = q.block("BarCode", BarCode, "AM", since="12.0", not_in="AU")
    is_active: bool | None = q.flag("IsActive")
    class_: Ref | None = q.ref("ClassRef", 159, since="12.0", alias="class")
    acquired_as: str | None = q.word("AcquiredAs", "New Old", "A!MR")
    purchase_desc: str | None = q.text("PurchaseDesc", 50, "A!MR")
    purchase_date: date | None = q.day("PurchaseDate", "A!MR")
    purchase_cost: Decimal | None = q.price("PurchaseCost")
    vendor_or_payee_name: str | None = q.text("VendorOrPayeeName", 50)
    asset_account: Ref | None = q.ref("AssetAccountRef", 159)
    fixed_asset_sales_info: FixedAssetSalesInfo | None = q.block(
        "FixedAssetSalesInfo FixedAssetSalesInfoMod FixedAssetSalesInfo", FixedAssetSalesInfo
    )
    asset_desc: str | None = q.text("AssetDesc", 50)
    location: str | None = q.text("Location", 50)
    po_number: str | None = q.text("PONumber", 30)
    serial_number: str | None = q.text("SerialNumber", 30, vital=True)
    warranty_exp_date: date | None = q.day("WarrantyExpDate")
    notes: str | None = q.text("Notes", 4095)
    asset_number: str | None = q.text("AssetNumber", 10)
    cost_basis: Decimal | None = q.amount("CostBasis")
    year_end_accumulated_depreciation: Decimal | None = q.amount("YearEndAccumulatedDepreciation")
    year_end_book_value: Decimal | None = q.amount("YearEndBookValue")
    external_guid: str | None = q.guid("ExternalGUID", since="8.0")
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)
