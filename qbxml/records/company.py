"""The running QuickBooks and the company file it has open (read only)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import qbxml.table as q
from qbxml.record import Record
from qbxml.records.common import Address, AddressBlock, DataExt

MONTHS = "January February March April May June July August September October November December"


class ListCapacity(Record):
    """How many records a list can hold."""

    max_capacity: int | None = q.whole("MaxCapacity", "R")


class ListMetaData(Record):
    """The capacity of every list."""

    account_meta_data: ListCapacity | None = q.block("AccountMetaData", ListCapacity, "R")
    billing_rate_meta_data: ListCapacity | None = q.block("BillingRateMetaData", ListCapacity, "R")
    class_meta_data: ListCapacity | None = q.block("ClassMetaData", ListCapacity, "R")
    customer_msg_meta_data: ListCapacity | None = q.block("CustomerMsgMetaData", ListCapacity, "R")
    customer_type_meta_data: ListCapacity | None = q.block("CustomerTypeMetaData", ListCapacity, "R")
    entity_meta_data: ListCapacity | None = q.block("EntityMetaData", ListCapacity, "R")
    item_meta_data: ListCapacity | None = q.block("ItemMetaData", ListCapacity, "R")
    job_type_meta_data: ListCapacity | None = q.block("JobTypeMetaData", ListCapacity, "R")
    payment_method_meta_data: ListCapacity | None = q.block("PaymentMethodMetaData", ListCapacity, "R")
    payroll_item_meta_data: ListCapacity | None = q.block("PayrollItemMetaData", ListCapacity, "R")
    price_level_meta_data: ListCapacity | None = q.block("PriceLevelMetaData", ListCapacity, "R")
    sales_rep_meta_data: ListCapacity | None = q.block("SalesRepMetaData", ListCapacity, "R")
    sales_tax_code_meta_data: ListCapacity | None = q.block("SalesTaxCodeMetaData", ListCapacity, "R")
    ship_method_meta_data: ListCapacity | None = q.block("ShipMethodMetaData", ListCapacity, "R")
    template_meta_data: ListCapacity | None = q.block("TemplateMetaData", ListCapacity, "R")
    terms_meta_data: ListCapacity | None = q.block("TermsMetaData", ListCapacity, "R")
    to_do_meta_data: ListCapacity | None = q.block("ToDoMetaData", ListCapacity, "R")
    vehicle_meta_data: ListCapacity | None = q.block("VehicleMetaData", ListCapacity, "R")
    vendor_type_meta_data: ListCapacity | None = q.block("VendorTypeMetaData", ListCapacity, "R")


class Host(Record):
    """The QuickBooks program that answers: product, edition and the qbXML versions it speaks."""

    kind: ClassVar[str] = "Host"

    product_name: str | None = q.text("ProductName", 255, "R")
    major_version: str | None = q.text("MajorVersion", 5, "R")
    minor_version: str | None = q.text("MinorVersion", 5, "R")
    country: str | None = q.text("Country", 2, "R", since="3.0")
    supported_qbxml_version: tuple[str, ...] = q.text("SupportedQBXMLVersion", 10, "R", most=None)
    is_automatic_login: bool | None = q.flag("IsAutomaticLogin", "R", since="3.0")
    qb_file_mode: str | None = q.word("QBFileMode", "MultiUser SingleUser", "R", since="3.0")
    list_meta_data: ListMetaData | None = q.block("ListMetaData", ListMetaData, "R", since="6.0")


class Service(Record):
    """One service the company has subscribed to."""

    name: str | None = q.text("Name", 50, "R")
    domain: str | None = q.text("Domain", 50, "R")
    service_status: str | None = q.word(
        "ServiceStatus", "Active Expired Never Pending Suspended Terminated Trial", "R"
    )


class SubscribedServices(Record):
    """The services the company has subscribed to."""

    service: tuple[Service, ...] = q.block("Service", Service, "R", most=None)


class AccountantCopy(Record):
    """Whether the accountant has a copy, and from when on it may be changed."""

    accountant_copy_exists: bool | None = q.flag("AccountantCopyExists", "R")
    dividing_date: date | None = q.day("DividingDate", "R")


class Company(Record):
    """The company file itself. FileID is the DataExt the Web Connector keeps here."""

    kind: ClassVar[str] = "Company"

    is_sample_company: bool | None = q.flag("IsSampleCompany", "R", since="3.0")
    company_name: str | None = q.text("CompanyName", 59, "R")
    legal_company_name: str | None = q.text("LegalCompanyName", 59, "R")
    address: Address | None = q.block("Address", Address, "R")
    address_block: AddressBlock | None = q.block("AddressBlock", AddressBlock, "R", since="6.0")
    legal_address: Address | None = q.block("LegalAddress", Address, "R")
    company_address_for_customer: Address | None = q.block("CompanyAddressForCustomer", Address, "R")
    company_address_block_for_customer: AddressBlock | None = q.block(
        "CompanyAddressBlockForCustomer", AddressBlock, "R", since="6.0"
    )
    phone: str | None = q.text("Phone", 51, "R")
    fax: str | None = q.text("Fax", 51, "R")
    email: str | None = q.text("Email", 1023, "R")
    company_email_for_customer: str | None = q.text("CompanyEmailForCustomer", None, "R", not_in=q.NOWHERE)
    company_web_site: str | None = q.text("CompanyWebSite", 128, "R")
    first_month_fiscal_year: str | None = q.word("FirstMonthFiscalYear", MONTHS, "R")
    first_month_income_tax_year: str | None = q.word("FirstMonthIncomeTaxYear", MONTHS, "R")
    company_type: str | None = q.text("CompanyType", 255, "R")
    ein: str | None = q.text("EIN", 20, "R")
    ssn: str | None = q.text("SSN", 11, "R")
    tax_form: str | None = q.word(
        "TaxForm", "Form1040 Form1065 Form1120 Form1120S Form990 Form990PF Form990T OtherOrNone", "R"
    )
    subscribed_services: SubscribedServices | None = q.block(
        "SubscribedServices", SubscribedServices, "R", since="7.0"
    )
    accountant_copy: AccountantCopy | None = q.block("AccountantCopy", AccountantCopy, "R", since="8.0")
    data_ext: tuple[DataExt, ...] = q.block("DataExtRet", DataExt, "R", most=None)
