"""Customers and jobs (a job is a customer with a parent)."""

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
    CreditCardInfo,
    DataExt,
    ListRecord,
    ShipToAddress,
)


class Customer(ListRecord):
    """A customer or job. Its top-level name is unique among customers, vendors, employees and other names."""

    kind: ClassVar[str] = "Customer"

    name: str | None = q.name("Name", 41, about="Its own name, without that of its parent.")
    full_name: str | None = q.text("FullName", 209, "R")
    is_active: bool | None = q.flag("IsActive", since_mod="3.0", about="False to retire it.")
    class_: Ref | None = q.ref("ClassRef", 159, since="12.0", alias="class")
    parent: Ref | None = q.ref(
        "ParentRef", since_mod="3.0", about="The customer this one is a job or branch of."
    )
    sublevel: int | None = q.whole("Sublevel", "R")
    company_name: str | None = q.text("CompanyName", 41)
    salutation: str | None = q.text("Salutation", 15)
    first_name: str | None = q.text("FirstName", 25)
    middle_name: str | None = q.text("MiddleName", 5)
    last_name: str | None = q.text("LastName", 25)
    suffix: str | None = q.text("Suffix", None, not_in=q.NOWHERE)
    job_title: str | None = q.text("JobTitle", 41, since="12.0")
    bill_address: Address | None = q.block("BillAddress", Address)
    bill_address_block: AddressBlock | None = q.block("BillAddressBlock", AddressBlock, "R", since="6.0")
    ship_address: Address | None = q.block("ShipAddress", Address)
    ship_address_block: AddressBlock | None = q.block("ShipAddressBlock", AddressBlock, "R", since="6.0")
    ship_to_address: tuple[ShipToAddress, ...] = q.block(
        "ShipToAddress", ShipToAddress, since="12.0", most=50
    )
    print_as: str | None = q.text("PrintAs", 41, not_in=q.NOWHERE)
    phone: str | None = q.text("Phone", 21)
    mobile: str | None = q.text("Mobile", 21, not_in=q.NOWHERE)
    pager: str | None = q.text("Pager", 21, not_in=q.NOWHERE)
    alt_phone: str | None = q.text("AltPhone", 21)
    fax: str | None = q.text("Fax", 21)
    email: str | None = q.text(
        "Email",
        1023,
        about="Where invoices go, and by what it is found in QuickBooks; several are separated by commas.",
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
    customer_type: Ref | None = q.ref("CustomerTypeRef", 159, since_mod="3.0")
    terms: Ref | None = q.ref(
        "TermsRef", 31, since_mod="3.0", about="The payment terms, as QuickBooks lists them."
    )
    sales_rep: Ref | None = q.ref("SalesRepRef", 5, since_mod="3.0")
    balance: Decimal | None = q.amount("Balance", "R")
    total_balance: Decimal | None = q.amount("TotalBalance", "R")
    open_balance: Decimal | None = q.amount(
        "OpenBalance", "A", about="What it owes at the start; only when it is created."
    )
    open_balance_date: date | None = q.day("OpenBalanceDate", "A")
    sales_tax_code: Ref | None = q.ref("SalesTaxCodeRef", 3, since_mod="3.0")
    item_sales_tax: Ref | None = q.ref("ItemSalesTaxRef", 31, since_mod="3.0", not_in="CA UK")
    sales_tax_country: str | None = q.word(
        "SalesTaxCountry", "Australia Canada UK US", since="6.0", not_in=q.OUTSIDE_US
    )
    resale_number: str | None = q.text("ResaleNumber", 15, since_mod="3.0")
    account_number: str | None = q.text(
        "AccountNumber", 99, about="Your number for it, as it is printed on forms."
    )
    credit_limit: Decimal | None = q.amount("CreditLimit", since_mod="3.0", about="How much it may owe.")
    preferred_payment_method: Ref | None = q.ref("PreferredPaymentMethodRef", 31, since="3.0")
    credit_card_info: CreditCardInfo | None = q.block("CreditCardInfo", CreditCardInfo, since="3.0")
    job_status: str | None = q.word(
        "JobStatus", "Awarded Closed InProgress None NotAwarded Pending", since_mod="3.0"
    )
    job_start_date: date | None = q.day("JobStartDate", since_mod="3.0")
    job_projected_end_date: date | None = q.day("JobProjectedEndDate", since_mod="3.0")
    job_end_date: date | None = q.day("JobEndDate", since_mod="3.0")
    job_desc: str | None = q.text("JobDesc", 99, since_mod="3.0")
    job_type: Ref | None = q.ref("JobTypeRef", 159, since_mod="3.0")
    notes: str | None = q.text("Notes", 4095, since="3.0")
    additional_notes: tuple[AdditionalNote, ...] = q.block(
        "AdditionalNotes AdditionalNotesMod AdditionalNotesRet", AdditionalNote, since="12.0", most=None
    )
    is_statement_with_parent: bool | None = q.flag("IsStatementWithParent", since_mod="3.0", not_in=q.NOWHERE)
    delivery_method: str | None = q.word(
        "DeliveryMethod", "Email Fax Print", since_mod="3.0", not_in=q.NOWHERE
    )
    preferred_delivery_method: str | None = q.word("PreferredDeliveryMethod", "None Email Fax", since="12.0")
    price_level: Ref | None = q.ref("PriceLevelRef", 31, since="4.0")
    external_guid: str | None = q.guid("ExternalGUID", since="8.0")
    tax_registration_number: str | None = q.text(
        "TaxRegistrationNumber", 30, since="8.0", not_in=q.OUTSIDE_US
    )
    currency: Ref | None = q.ref("CurrencyRef", 64, since="8.0", vital=True)
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)
