"""Purchase orders with their lines and line groups."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Discriminator, Tag

import qbxml.table as q
from qbxml.record import Record, Ref
from qbxml.records.common import Address, AddressBlock, DataExt, LinkedTxn, TxnRecord, line_or_group
from qbxml.table import Choice, Shape

SHIP_TO = Choice("ship_to", shapes=frozenset((Shape.ADD, Shape.MOD)))


class PurchaseOrderLine(Record):
    """One line. In a Mod a line without txn_line_id is new."""

    txn_line_id: str | None = q.ident("TxnLineID", "M!R", in_mod="-1")
    item: Ref | None = q.ref("ItemRef")
    manufacturer_part_number: str | None = q.text("ManufacturerPartNumber", 31, since="7.0")
    desc: str | None = q.text("Desc", 4095, about="The text of the line.")
    quantity: Decimal | None = q.quantity("Quantity", about="How many.")
    unit_of_measure: str | None = q.text("UnitOfMeasure", 31, since="7.0", vital=True)
    override_uom_set: Ref | None = q.ref("OverrideUOMSetRef", 31, "MR", since="7.0", vital=True)
    rate: Decimal | None = q.price("Rate", about="The cost of one.")
    class_: Ref | None = q.ref("ClassRef", 159, alias="class")
    amount: Decimal | None = q.amount("Amount")
    tax_amount: Decimal | None = q.amount("TaxAmount", since="6.1", not_in="US CA UK", vital=True)
    inventory_site_location: Ref | None = q.ref(
        "InventorySiteLocationRef", 31, since="12.0", not_in="AU", vital=True
    )
    customer: Ref | None = q.ref("CustomerRef", 209)
    service_date: date | None = q.day("ServiceDate")
    sales_tax_code: Ref | None = q.ref("SalesTaxCodeRef", 3, since="6.0", not_in=q.OUTSIDE_US)
    received_quantity: Decimal | None = q.quantity("ReceivedQuantity", "R")
    unbilled_quantity: Decimal | None = q.quantity("UnbilledQuantity", "R", since="11.0")
    is_billed: bool | None = q.flag("IsBilled", "R", since="11.0")
    is_manually_closed: bool | None = q.flag("IsManuallyClosed", "MR")
    override_item_account: Ref | None = q.ref("OverrideItemAccountRef", 159, "AM")
    other1: str | None = q.text("Other1", 29, since="6.0")
    other2: str | None = q.text("Other2", 29, since="6.0")
    data_ext: tuple[DataExt, ...] = q.block(
        "DataExt DataExt DataExtRet", DataExt, "AR", since="5.0", most=None
    )


class PurchaseOrderLineGroup(Record):
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
    inventory_site_location: Ref | None = q.ref(
        "InventorySiteLocationRef", 31, "A", since="12.0", not_in="AU", vital=True
    )
    lines: tuple[PurchaseOrderLine, ...] = q.block("PurchaseOrderLine*", PurchaseOrderLine, "MR", most=None)
    data_ext: tuple[DataExt, ...] = q.block(
        "DataExt DataExt DataExtRet", DataExt, "AR", since="5.0", most=None
    )


Lines = tuple[
    Annotated[
        Annotated[PurchaseOrderLine, Tag("#line")] | Annotated[PurchaseOrderLineGroup, Tag("#group")],
        Discriminator(line_or_group),
    ],
    ...,
]


class PurchaseOrder(TxnRecord):
    """A purchase order. It cannot be voided: delete it, or set is_manually_closed."""

    kind: ClassVar[str] = "PurchaseOrder"
    moved: ClassVar[Mapping[Shape, Mapping[str, str]]] = {
        Shape.RET: {"exchange_rate": "total_amount_in_home_currency"}
    }

    vendor: Ref | None = q.ref("VendorRef", 41)
    class_: Ref | None = q.ref("ClassRef", 159, alias="class")
    inventory_site: Ref | None = q.ref(
        "InventorySiteRef", 31, since="10.0", not_in="AU", choice=SHIP_TO, vital=True
    )
    ship_to_entity: Ref | None = q.ref("ShipToEntityRef", 209, choice=SHIP_TO)
    template: Ref | None = q.ref("TemplateRef", 31, since="3.0")
    txn_date: date | None = q.day("TxnDate", about="Its date; today when left out.")
    ref_number: str | None = q.text(
        "RefNumber", 11, about="The number of the order; QuickBooks counts on when it is left out."
    )
    vendor_address: Address | None = q.block("VendorAddress", Address)
    vendor_address_block: AddressBlock | None = q.block("VendorAddressBlock", AddressBlock, "R", since="6.0")
    ship_address: Address | None = q.block("ShipAddress", Address)
    ship_address_block: AddressBlock | None = q.block("ShipAddressBlock", AddressBlock, "R", since="6.0")
    terms: Ref | None = q.ref("TermsRef", 31)
    due_date: date | None = q.day("DueDate")
    expected_date: date | None = q.day("ExpectedDate")
    ship_method: Ref | None = q.ref("ShipMethodRef", 15)
    fob: str | None = q.text("FOB", 13)
    total_amount: Decimal | None = q.amount("TotalAmount", "R")
    currency: Ref | None = q.ref("CurrencyRef", 64, "R", since="8.0", vital=True)
    total_amount_in_home_currency: Decimal | None = q.amount("TotalAmountInHomeCurrency", "R", since="8.0")
    is_manually_closed: bool | None = q.flag("IsManuallyClosed", "MR")
    is_fully_received: bool | None = q.flag("IsFullyReceived", "R")
    memo: str | None = q.text("Memo", 4095)
    vendor_msg: str | None = q.text("VendorMsg", 99)
    is_to_be_printed: bool | None = q.flag("IsToBePrinted")
    is_to_be_emailed: bool | None = q.flag("IsToBeEmailed", since="6.0")
    is_tax_included: bool | None = q.flag(
        "IsTaxIncluded", since="6.0", not_in=q.OUTSIDE_US, vital=True, idle=False
    )
    sales_tax_code: Ref | None = q.ref("SalesTaxCodeRef", 3, since="6.0", not_in=q.OUTSIDE_US)
    other1: str | None = q.text("Other1", 25, since="6.0")
    other2: str | None = q.text("Other2", 29, since="6.0")
    exchange_rate: Decimal | None = q.number("ExchangeRate", since="8.0", vital=True)
    external_guid: str | None = q.guid("ExternalGUID", since="9.0")
    linked_txn: tuple[LinkedTxn, ...] = q.block("LinkedTxn", LinkedTxn, "R", since="3.0", most=None)
    lines: Lines = q.mixed(
        ("PurchaseOrderLine*", PurchaseOrderLine),
        ("PurchaseOrderLineGroup*", PurchaseOrderLineGroup),
        uses="A!MR",
    )
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)
