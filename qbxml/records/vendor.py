"""Vendors."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

import qbxml.table as q
from qbxml.record import Ref
from qbxml.records.common import (
    AdditionalContact,
    AdditionalNote,
    Address,
    AddressBlock,
    Contact,
    DataExt,
    ListRecord,
)


class Vendor(ListRecord):
    """A vendor. It has no parent and no FullName: its name is the full name."""

    kind: ClassVar[str] = "Vendor"

    name: str | None = q.name("Name", 41, about="Its name.")
    is_active: bool | None = q.flag("IsActive", since_mod="3.0", about="False to retire it.")
    class_: Ref | None = q.ref("ClassRef", 159, since="12.0", alias="class")
    is_tax_agency: bool | None = q.flag("IsTaxAgency", "R", since="6.0", not_in=q.OUTSIDE_US)
    company_name: str | None = q.text("CompanyName", 41)
    salutation: str | None = q.text("Salutation", 15)
    first_name: str | None = q.text("FirstName", 25)
    middle_name: str | None = q.text("MiddleName", 5)
    last_name: str | None = q.text("LastName", 25)
    suffix: str | None = q.text("Suffix", None, not_in=q.NOWHERE)
    job_title: str | None = q.text("JobTitle", 41, since="12.0")
    vendor_address: Address | None = q.block("VendorAddress", Address)
    vendor_address_block: AddressBlock | None = q.block("VendorAddressBlock", AddressBlock, "R", since="6.0")
    ship_address: Address | None = q.block("ShipAddress", Address, since="11.0")
    phone: str | None = q.text("Phone", 21)
    mobile: str | None = q.text("Mobile", 21, not_in=q.NOWHERE)
    pager: str | None = q.text("Pager", 21, not_in=q.NOWHERE)
    alt_phone: str | None = q.text("AltPhone", 21)
    fax: str | None = q.text("Fax", 21)
    email: str | None = q.text(
        "Email", 1023, about="Where purchase orders go, and by what it is found in QuickBooks."
    )
    cc: str | None = q.text("Cc", 1023, since="12.0")
    contact: str | None = q.text("Contact", 41)
    alt_contact: str | None = q.text("AltContact", 41)
    additional_contact_ref: tuple[AdditionalContact, ...] = q.block(
        "AdditionalContactRef", AdditionalContact, since="12.0", most=8
    )
    contacts: tuple[Contact, ...] = q.block(
        "Contacts ContactsMod ContactsRet", Contact, since="12.0", most=None
    )
    name_on_check: str | None = q.text("NameOnCheck", 41)
    account_number: str | None = q.text("AccountNumber", 99)
    notes: str | None = q.text("Notes", 4095, since="3.0")
    additional_notes: tuple[AdditionalNote, ...] = q.block(
        "AdditionalNotes AdditionalNotesMod AdditionalNotesRet", AdditionalNote, since="12.0", most=None
    )
    vendor_type: Ref | None = q.ref("VendorTypeRef", 159, since_mod="3.0")
    terms: Ref | None = q.ref(
        "TermsRef", 31, since_mod="3.0", about="The payment terms, as QuickBooks lists them."
    )
    credit_limit: Decimal | None = q.amount("CreditLimit", since_mod="3.0")
    vendor_tax_ident: str | None = q.text("VendorTaxIdent", 15, since_mod="3.0")
    is_vendor_eligible_for_1099: bool | None = q.flag(
        "IsVendorEligibleFor1099", since_mod="3.0", not_in="CA UK"
    )
    balance: Decimal | None = q.amount("Balance", "R")
    open_balance: Decimal | None = q.amount("OpenBalance", "A")
    open_balance_date: date | None = q.day("OpenBalanceDate", "A")
    billing_rate: Ref | None = q.ref("BillingRateRef", 31, since="6.0")
    external_guid: str | None = q.guid("ExternalGUID", since="8.0")
    sales_tax_code: Ref | None = q.ref("SalesTaxCodeRef", 3, since="8.0", not_in=q.OUTSIDE_US)
    sales_tax_country: str | None = q.word(
        "SalesTaxCountry", "Australia Canada UK US", since="8.0", not_in=q.OUTSIDE_US
    )
    is_sales_tax_agency: bool | None = q.flag("IsSalesTaxAgency", since="8.0", not_in=q.OUTSIDE_US)
    sales_tax_return: Ref | None = q.ref("SalesTaxReturnRef", since="8.0", not_in=q.OUTSIDE_US)
    tax_registration_number: str | None = q.text(
        "TaxRegistrationNumber", 30, since="8.0", not_in=q.OUTSIDE_US
    )
    reporting_period: str | None = q.word(
        "ReportingPeriod", "Monthly Quarterly", since="8.0", not_in=q.OUTSIDE_US
    )
    is_tax_tracked_on_purchases: bool | None = q.flag(
        "IsTaxTrackedOnPurchases", since="8.0", not_in=q.OUTSIDE_US
    )
    tax_on_purchases_account: Ref | None = q.ref(
        "TaxOnPurchasesAccountRef", 159, since="8.0", not_in=q.OUTSIDE_US
    )
    is_tax_tracked_on_sales: bool | None = q.flag("IsTaxTrackedOnSales", since="8.0", not_in=q.OUTSIDE_US)
    tax_on_sales_account: Ref | None = q.ref("TaxOnSalesAccountRef", 159, since="8.0", not_in=q.OUTSIDE_US)
    is_tax_on_tax: bool | None = q.flag("IsTaxOnTax", since="8.0", not_in=q.OUTSIDE_US)
    prefill_account: tuple[Ref, ...] = q.ref("PrefillAccountRef", 159, since="8.0", most=3)
    currency: Ref | None = q.ref("CurrencyRef", 64, since="8.0", vital=True)
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)
