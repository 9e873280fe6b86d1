"""What many records share: addresses, contacts, custom fields, links, and the head of every record."""

from __future__ import annotations

import datetime
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import qbxml.table as q
from qbxml.record import Record
from qbxml.timestamps import Timestamp
from qbxml.words import DATA_EXT_TYPES, TXN_TYPES


class ListRecord(Record):
    """The head of every list record. A Mod must carry list_id and the latest edit_sequence."""

    list_id: str | None = q.ident("ListID", "M!R")
    time_created: Timestamp | None = q.moment("TimeCreated")
    time_modified: Timestamp | None = q.moment("TimeModified")
    edit_sequence: str | None = q.text("EditSequence", 16, "M!R")


class TxnRecord(Record):
    """The head of every transaction. A Mod must carry txn_id and the latest edit_sequence."""

    txn_id: str | None = q.ident("TxnID", "M!R")
    time_created: Timestamp | None = q.moment("TimeCreated")
    time_modified: Timestamp | None = q.moment("TimeModified")
    edit_sequence: str | None = q.text("EditSequence", 16, "M!R")
    txn_number: int | None = q.whole("TxnNumber", "R")


class Address(Record):
    """A postal address; the lines are free text, QuickBooks prints them as they are."""

    addr1: str | None = q.text("Addr1", 41)
    addr2: str | None = q.text("Addr2", 41)
    addr3: str | None = q.text("Addr3", 41)
    addr4: str | None = q.text("Addr4", 41, since="2.0")
    addr5: str | None = q.text("Addr5", 41, since="6.0")
    city: str | None = q.text("City", 31)
    state: str | None = q.text("State", 21)
    postal_code: str | None = q.text("PostalCode", 13)
    country: str | None = q.text("Country", 31)
    note: str | None = q.text("Note", 41, since="6.0")


class AddressBlock(Record):
    """An address as QuickBooks would print it (read only)."""

    addr1: str | None = q.text("Addr1", 41, "R")
    addr2: str | None = q.text("Addr2", 41, "R")
    addr3: str | None = q.text("Addr3", 41, "R")
    addr4: str | None = q.text("Addr4", 41, "R")
    addr5: str | None = q.text("Addr5", 41, "R")


class ShipToAddress(Record):
    """One of a customer's named shipping addresses."""

    name: str | None = q.text("Name", 41, "A!M!R")
    addr1: str | None = q.text("Addr1", 41)
    addr2: str | None = q.text("Addr2", 41)
    addr3: str | None = q.text("Addr3", 41)
    addr4: str | None = q.text("Addr4", 41)
    addr5: str | None = q.text("Addr5", 41)
    city: str | None = q.text("City", 31)
    state: str | None = q.text("State", 21)
    postal_code: str | None = q.text("PostalCode", 13)
    country: str | None = q.text("Country", 31)
    note: str | None = q.text("Note", 41)
    default_ship_to: bool | None = q.flag("DefaultShipTo")


class AdditionalContact(Record):
    """A further way to reach somebody: its label as QuickBooks shows it (`Mobile`), and the value."""

    contact_name: str | None = q.text("ContactName", 40, "A!M!R")
    contact_value: str | None = q.text("ContactValue", 255, "A!M!R")


class Contact(Record):
    """A person at a customer or vendor."""

    list_id: str | None = q.ident("ListID", "M!R")
    time_created: Timestamp | None = q.moment("TimeCreated")
    time_modified: Timestamp | None = q.moment("TimeModified")
    edit_sequence: str | None = q.text("EditSequence", 16, "M!R")
    contact: str | None = q.text("Contact", 41, "R")
    salutation: str | None = q.text("Salutation", 15)
    first_name: str | None = q.text("FirstName", 25, "A!M!R")
    middle_name: str | None = q.text("MiddleName", 5)
    last_name: str | None = q.text("LastName", 25)
    job_title: str | None = q.text("JobTitle", 41)
    additional_contact_ref: tuple[AdditionalContact, ...] = q.block(
        "AdditionalContactRef", AdditionalContact, most=5
    )


class AdditionalNote(Record):
    """A dated note on a customer or vendor."""

    note_id: int | None = q.whole("NoteID", "M!R")
    date: datetime.date | None = q.day("Date", "R")
    note: str | None = q.text("Note", 4095, "A!M!R")


class CreditCardInfo(Record):
    """A card on file. QuickBooks gives the number back masked."""

    credit_card_number: str | None = q.text("CreditCardNumber", 25)
    expiration_month: int | None = q.whole("ExpirationMonth", low=1, high=12)
    expiration_year: int | None = q.whole("ExpirationYear")
    name_on_card: str | None = q.text("NameOnCard", 41)
    credit_card_address: str | None = q.text("CreditCardAddress", 41)
    credit_card_postal_code: str | None = q.text("CreditCardPostalCode", 41)


class BarCode(Record):
    """A bar code to assign to an item."""

    bar_code_value: str | None = q.text("BarCodeValue", 50, "AM")
    assign_even_if_used: bool | None = q.flag("AssignEvenIfUsed", "AM")
    allow_override: bool | None = q.flag("AllowOverride", "AM")


class DataExt(Record):
    """A custom field (owner_id "0") or private data of an application (owner_id its GUID)."""

    kind: ClassVar[str] = "DataExt"

    owner_id: str | None = q.guid("OwnerID", "A!R")
    data_ext_name: str | None = q.text("DataExtName", 31, "A!R")
    data_ext_type: str | None = q.word("DataExtType", DATA_EXT_TYPES, "R")
    data_ext_value: str | None = q.text("DataExtValue", None, "A!R")


class LinkToTxn(Record):
    """The line of another transaction a new line fulfils."""

    txn_id: str | None = q.ident("TxnID", "A!")
    txn_line_id: str | None = q.ident("TxnLineID", "A!")


class TxnLineDetail(Record):
    """How much of one line is linked (QuickBooks Online only)."""

    txn_line_id: str | None = q.ident("TxnLineID")
    amount: Decimal | None = q.amount("Amount", "R")


class LinkedTxn(Record):
    """Another transaction this one is linked to (read only)."""

    txn_id: str | None = q.ident("TxnID")
    txn_type: str | None = q.word("TxnType", TXN_TYPES, "R")
    txn_date: date | None = q.day("TxnDate", "R")
    ref_number: str | None = q.text("RefNumber", 20, "R")
    link_type: str | None = q.word("LinkType", "AMTTYPE QUANTYPE", "R", since="3.0")
    amount: Decimal | None = q.amount("Amount", "R")
    txn_line_detail: tuple[TxnLineDetail, ...] = q.block(
        "TxnLineDetail", TxnLineDetail, "R", most=None, not_in=q.NOWHERE
    )


class SetCredit(Record):
    """A credit to apply to an invoice."""

    credit_txn_id: str | None = q.ident("CreditTxnID", "A!M!")
    txn_line_id: str | None = q.ident("TxnLineID", "AM", not_in=q.NOWHERE)
    applied_amount: Decimal | None = q.amount("AppliedAmount", "A!M!")
    override: bool | None = q.flag("Override", "AM", since="10.0")


class ErrorRecovery(Record):
    """What a stored outcome tells about the record a lost response had written (since 11.0)."""

    kind: ClassVar[str] = "ErrorRecovery"

    list_id: str | None = q.ident("ListID", choice=q.Choice("of"))
    owner_id: str | None = q.guid("OwnerID", "R", choice=q.Choice("of"))
    txn_id: str | None = q.ident("TxnID", choice=q.Choice("of"))
    txn_number: int | None = q.whole("TxnNumber", "R")
    edit_sequence: str | None = q.text("EditSequence", 16, "R")
    external_guid: str | None = q.guid("ExternalGUID", "R")


_GROUP_ONLY = frozenset(("item_group", "lines", "total_amount", "is_print_items_in_group"))


def line_or_group(value: Any) -> str:
    """Which of the two a line is: a group names an item group instead of an item, has a total, holds lines."""
    if isinstance(value, dict):
        return "#line" if _GROUP_ONLY.isdisjoint(value) else "#group"
    return "#group" if hasattr(value, "item_group") else "#line"
