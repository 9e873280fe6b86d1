"""Matching: how emails, SKUs and names are compared, and which list record is meant among those found."""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from qbwc_server.domain.kinds import ListName
from qbxml.text import plain_text

_SEPARATORS = re.compile(r"[\s,;<>]+")
_ADDRESS = re.compile(r"[^@]+@[^@]+")


def fold(text: str) -> str:
    """A name, email or SKU as it is compared: trimmed, case-folded, every dash, quote and blank in its plain form,
    and several blanks as one. Whoever typed it meant the same; QuickBooks' own spelling is what is sent."""
    if (
        text.isascii() and text.isprintable()
    ):  # the same, and much faster: every name of a list comes through here
        plain = text.strip().lower()
        return plain if "  " not in plain else " ".join(plain.split())
    return " ".join(plain_text(text).casefold().split())


def email_keys(field: str | None) -> tuple[str, ...]:
    """The addresses in an Email field, folded; users enter several, with commas or semicolons, and with the names
    of those who read them: ``Ann Smith <ann@x.example>``."""
    if not field:
        return ()
    return tuple(dict.fromkeys(fold(part) for part in _SEPARATORS.split(field) if _ADDRESS.fullmatch(part)))


def broken_address(field: str) -> str | None:
    """The first part of an Email field that is no address though it has an @: cut apart by a blank, as in
    ``ap @x.example``, or with one @ too many; None where there is none."""
    parts = (part for part in _SEPARATORS.split(field) if "@" in part)
    return next((part for part in parts if _ADDRESS.fullmatch(part) is None), None)


def parent_key(full_name: str) -> str:
    """The folded name of what an entry stands below; "" for one that stands at the head of its family."""
    return fold(full_name.rpartition(":")[0])


class ListEntry(NamedTuple):
    """A record of a QuickBooks list as the cache holds it: a tuple, as a page has thousands of them.

    Two are the same whatever people are only shown of them, and whatever only an answer in full tells: nothing is
    matched by that, so nothing waits for it.

    Attributes:
        type: the qbXML name of what it is: ``Customer``, ``ItemInventory`` …
        sku: its ManufacturerPartNumber, as written.
        external_guid: the GUID it was created with, when it was one of ours (upper case).
        terms: FullName of the customer's terms.
        account_number: AccountNumber of a customer or vendor, as written.
        barcode: BarCodeValue of an item, as written.
        sides: of a service, part or other charge, how it is used: ``one`` (sold or bought), ``both``, ``none`` when
            QuickBooks says neither; None when it is not known, as no load of the list asks for it.
        city, phone: of a customer or vendor, by which people tell those of one name apart.
        balance: what a customer owes, with its jobs, or what is owed to a vendor, in its currency, at `told_at`:
            QuickBooks tells it with its list only, so it may have become another since.
        currency: QuickBooks' name for the one a customer or vendor is kept in, where the company file has several; of
            an entry of the list of currencies its code: ``EUR``.
        told_at: when QuickBooks told a customer or vendor last.
    """

    list_name: ListName
    list_id: str
    type: str
    full_name: str
    is_active: bool
    is_deleted: bool
    email: str | None
    sku: str | None
    edit_sequence: str | None
    external_guid: str | None
    terms: str | None
    account_number: str | None = None
    barcode: str | None = None
    # from here on nothing is compared
    sides: str | None = None
    city: str | None = None
    phone: str | None = None
    balance: Decimal | None = None
    currency: str | None = None
    told_at: datetime | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ListEntry) and self[:_COMPARED] == other[:_COMPARED]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:_COMPARED])

    @property
    def shown(self) -> tuple[object, ...]:
        """What of it is only shown to people."""
        return (self.city, self.phone, self.balance, self.currency)

    @property
    def own_name(self) -> str:
        """Its Name: the FullName without the parents' (no Name holds a colon)."""
        return self.full_name.rpartition(":")[2]


_COMPARED = ListEntry._fields.index("sides")

EntryField = Literal["list_id", "email", "full_name", "sku", "barcode", "own_name", "account_number"]
"""What an entry of a list is looked up by."""


def spelt_so(found: Sequence[ListEntry], full_name: str) -> list[ListEntry]:
    """Of entries whose names look like this one: those that are spelt so, where a living one is; else all."""
    exact = [entry for entry in found if entry.full_name.casefold() == full_name.casefold()]
    return exact if any(not entry.is_deleted for entry in exact) else list(found)


def choose(found: Sequence[ListEntry], *, exact_sku: str | None = None) -> tuple[ListEntry, ...]:
    """The entries that may be meant, best first: one means matched, several mean ambiguous.

    Deleted entries are never meant. An active entry is preferred to inactive ones; an exact SKU to one that
    differs in upper and lower case.
    """
    living = [entry for entry in found if not entry.is_deleted]
    candidates = [entry for entry in living if entry.is_active] or living
    if exact_sku is not None:
        exact = [entry for entry in candidates if (entry.sku or "").strip() == exact_sku.strip()]
        candidates = exact or candidates
    return tuple(candidates)
