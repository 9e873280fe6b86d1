"""Requests as somebody else has written them: taken apart, checked by name, and written with a requestID of ours."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from lxml import etree

from qbxml.encode import Element, Encoder
from qbxml.errors import FieldError, InvalidRecord, UnsupportedVersion
from qbxml.guard import Cleaned, Text, parser_options, refusal
from qbxml.queries import QUERY_SINCE
from qbxml.requests import REQUEST_ID_LIMIT, Built, Request
from qbxml.versions import LATEST, Country, Version

MOST_BYTES = 1 << 20
"""A request may have so many: an invoice of 5,000 lines has about half of it."""

_ADDED = (
    "ARRefundCreditCard Account Bill BillPaymentCheck BillPaymentCreditCard BillingRate BuildAssembly Charge Check "
    "Class CreditCardCharge CreditCardCredit CreditMemo Currency Customer CustomerMsg CustomerType DataExt DataExtDef "
    "DateDrivenTerms Deposit Employee Estimate InventoryAdjustment InventorySite Invoice ItemDiscount ItemFixedAsset "
    "ItemGroup ItemInventory ItemInventoryAssembly ItemNonInventory ItemOtherCharge ItemPayment ItemReceipt "
    "ItemSalesTax ItemSalesTaxGroup ItemService ItemSubtotal JobType JournalEntry Lead ListDisplay OtherName "
    "PaymentMethod PayrollItemWage PriceLevel PurchaseOrder ReceivePayment SalesOrder SalesReceipt SalesRep "
    "SalesTaxCode SalesTaxPaymentCheck ShipMethod SpecialAccount SpecialItem StandardTerms TimeTracking ToDo Transfer "
    "TransferInventory TxnDisplay UnitOfMeasureSet Vehicle VehicleMileage Vendor VendorCredit VendorType "
    "WorkersCompCode"
)
_CHANGED = (
    "Account Bill BillPaymentCheck BuildAssembly Charge Check Class ClearedStatus CreditCardCharge CreditCardCredit "
    "CreditMemo Currency Customer DataExt DataExtDef Deposit Employee Estimate Form1099CategoryAccountMapping "
    "InventoryAdjustment InventorySite Invoice ItemDiscount ItemFixedAsset ItemGroup ItemInventory "
    "ItemInventoryAssembly ItemNonInventory ItemOtherCharge ItemPayment ItemReceipt ItemSalesTax ItemSalesTaxGroup "
    "ItemService ItemSubtotal JournalEntry Lead ListDisplay OtherName PriceLevel PurchaseOrder ReceivePayment "
    "SalesOrder SalesReceipt SalesRep SalesTaxCode SalesTaxPaymentCheck TimeTracking ToDo Transfer TransferInventory "
    "TxnDisplay Vehicle Vendor VendorCredit WorkersCompCode"
)
_ASKED = (
    "ARRefundCreditCard Account AccountTaxLineInfo AgingReport BarCode Bill BillPaymentCheck BillPaymentCreditCard "
    "BillToPay BillingRate BudgetSummaryReport BuildAssembly Charge Check Class Company CompanyActivity "
    "CreditCardCharge CreditCardCredit CreditMemo Currency CustomDetailReport CustomSummaryReport Customer CustomerMsg "
    "CustomerType DataEventRecoveryInfo DataExtDef DateDrivenTerms Deposit Employee Entity Estimate "
    "Form1099CategoryAccountMapping GeneralDetailReport GeneralSummaryReport Host InventoryAdjustment InventorySite "
    "Invoice Item ItemAssembliesCanBuild ItemDiscount ItemFixedAsset ItemGroup ItemInventory ItemInventoryAssembly "
    "ItemNonInventory ItemOtherCharge ItemPayment ItemReceipt ItemSalesTax ItemSalesTaxGroup ItemService ItemSites "
    "ItemSubtotal JobReport JobType JournalEntry Lead ListDeleted OtherName PaymentMethod PayrollDetailReport "
    "PayrollItemNonWage PayrollItemWage PayrollLastPeriod PayrollSummaryReport Preferences PriceLevel PurchaseOrder "
    "ReceivePayment ReceivePaymentToDeposit SalesOrder SalesReceipt SalesRep SalesTaxCode SalesTaxPayable "
    "SalesTaxPaymentCheck SalesTaxReturn SalesTaxReturnLine ShipMethod StandardTerms Template Terms TimeReport "
    "TimeTracking ToDo Transaction Transfer TransferInventory TxnDeleted UnitOfMeasureSet Vehicle VehicleMileage "
    "Vendor VendorCredit VendorType WorkersCompCode"
)
NAMES = frozenset(
    (
        *(f"{kind}AddRq" for kind in _ADDED.split()),
        *(f"{kind}ModRq" for kind in _CHANGED.split()),
        *(f"{kind}QueryRq" for kind in _ASKED.split()),
        *("DataEventRecoveryInfoDelRq", "DataExtDefDelRq", "DataExtDelRq", "ListDelRq", "TxnDelRq"),
        *("ListMergeRq", "TxnVoidRq"),
    )
)
"""The requests a message set of qbXML 13.0 may hold."""

_VERSION = re.compile(r"<\?qbxml\s+version\s*=\s*[\"']([^\"']*)[\"']\s*\?>")
_OURS = ("newMessageSetID", "oldMessageSetID")


@dataclass(frozen=True, slots=True)
class RawRequest(Request):
    """One `*Rq` element, as text without a requestID.

    Attributes:
        tag: what its element is called.
        iterator_id: to go on with the iterator it began; None: to begin.
    """

    tag: str
    text: str
    request_id: str = ""
    iterator_id: str | None = None

    @property
    def name(self) -> str:
        """`CustomerQueryRq`."""
        return self.tag

    @property
    def asks(self) -> bool:
        """Whether it changes nothing in QuickBooks."""
        return asks(self.name)

    @property
    def begins_iterator(self) -> bool:
        """Whether it is answered in parts."""
        return _parsed(self.text).get("iterator") is not None

    def _fill(self, element: Element, encoder: Encoder) -> None:
        """It is there already; see `to_element`."""

    def to_element(self, version: Version = LATEST, country: Country = "US") -> Built:
        """The request as one element, as it was written."""
        element = _parsed(self.text)
        if not 0 < len(self.request_id) <= REQUEST_ID_LIMIT:
            raise InvalidRecord([FieldError("request_id", "is needed, up to 50 characters")], self.name)
        # QuickBooks reads the attributes in any order
        element.set("requestID", self.request_id)
        if self.iterator_id is not None:
            element.set("iterator", "Continue")
            element.set("iteratorID", self.iterator_id)
        return Built(element, ())


def asks(name: str) -> bool:
    """Whether a request of this name changes nothing in QuickBooks."""
    return name.endswith("QueryRq")


def read_request(source: str, newest: Version) -> RawRequest:
    """The one request in a text: an element of its own, or a whole document with one message set.

    Args:
        newest: the version it will be sent in.

    Raises:
        InvalidRecord: it is not exactly one request we may send, with all that is wrong.
        ReadError: it is not well-formed, has a document type or entities, or is too large.
    """
    cleaned = Cleaned(Text(source), MOST_BYTES)
    data = b"".join(cleaned)
    try:
        root = etree.fromstring(data, etree.XMLParser(encoding="utf-8", **parser_options()))
    except etree.XMLSyntaxError as error:
        raise refusal(error, data) from None
    faults: list[str] = []
    if cleaned.dropped:
        faults.append(f"it holds {cleaned.dropped} control characters, which no XML may have")
    stated = _VERSION.search(source)
    if stated is not None:
        faults += _version_faults(stated[1], newest)
    element = _only_request(root, faults)
    if element is not None:
        faults += _request_faults(element, newest)
    if faults or element is None:
        raise InvalidRecord([FieldError("", problem) for problem in faults], "request")
    element.tail = None
    element.attrib.pop("requestID", "")
    return RawRequest(str(element.tag), etree.tostring(element, encoding="us-ascii").decode("ascii"))


def _parsed(text: str) -> Element:
    return etree.fromstring(text.encode("ascii"), etree.XMLParser(**parser_options()))


def _version_faults(stated: str, newest: Version) -> list[str]:
    try:
        version = Version(stated)
    except UnsupportedVersion:
        return [f"qbxml version {stated!r} is no version of qbXML"]
    return [f"it is written in qbXML {version}; it would be sent in {newest}"] if version > newest else []


def _only_request(root: Element, faults: list[str]) -> Element | None:
    """The request of a document."""
    element = root
    for wrapper in ("QBXML", "QBXMLMsgsRq"):
        if element.tag != wrapper:
            continue
        faults += [
            f"{name} is the server's own: leave it out" for name in _OURS if element.get(name) is not None
        ]
        children = list(element)
        if len(children) != 1:
            faults.append(
                f"{wrapper} must hold one element, and not {len(children)}: send each request by itself"
            )
            return None
        (element,) = children
    return element


def _request_faults(element: Element, newest: Version) -> list[str]:
    name = str(element.tag)
    if name not in NAMES:
        near = difflib.get_close_matches(name, sorted(NAMES), n=3)
        return [
            f"there is no request {name!r} in qbXML {LATEST}"
            + (f"; did you mean {' or '.join(near)}?" if near else "")
        ]
    faults = []
    since = QUERY_SINCE.get(name.removesuffix("QueryRq"))
    if since is not None and since > newest:
        faults.append(f"{name} needs qbXML {since}; the connector's QuickBooks speaks {newest}")
    if element.get("iterator") not in (None, "Start"):
        faults.append(
            'an iterator lives within one visit: begin it with iterator="Start" and have it followed'
        )
    if element.get("iteratorID") is not None:
        faults.append("an iteratorID lives within one visit only")
    if element.get("iterator") == "Start" and (not asks(name) or element.find("MaxReturned") is None):
        faults.append("an iterator needs a query with MaxReturned")
    faults += [f"QuickBooks knows no attribute {each!r} here" for each in _strange(element)]
    return faults


def _strange(element: Element) -> list[str]:
    return [
        str(each)
        for each in element.attrib
        if each not in ("requestID", "iterator", "iteratorID", "metaData")
    ]
