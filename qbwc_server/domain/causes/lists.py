"""Causes found in QuickBooks' lists: an entry that is gone or inactive, a name that is taken."""

from dataclasses import dataclass

from .base import Actor, Cause


@dataclass(frozen=True, slots=True)
class _GoneFromList(Cause):
    """A list record that cannot be used.

    Attributes:
        list_name: ``customer``, ``vendor`` or ``item``.
        full_name: its name in QuickBooks.
        looked_up: the reference by which it was found; the cause key.
    """

    list_name: str
    full_name: str
    list_id: str
    looked_up: str

    usual_actor = Actor.QUICKBOOKS_USER
    seen_in_cache = True

    @property
    def key(self) -> str:
        return self.looked_up


@dataclass(frozen=True, slots=True)
class RecordInactive(_GoneFromList):
    """The customer, vendor or item is inactive in QuickBooks."""

    name = "record_inactive"

    def message(self) -> str:
        return f"The {self.list_name.replace('_', ' ')} “{self.full_name}” is inactive in QuickBooks."

    def remedy(self) -> str:
        centers = {
            "customer": "the Customer Center",
            "vendor": "the Vendor Center",
            "item": "Lists > Item List",
        }
        where = centers.get(self.list_name, "the Lists menu")
        return (
            f"In QuickBooks open {where}, show the inactive entries and make “{self.full_name}” active again; "
            f"then press Resync. If it is no longer to be used, name another one in the order system."
        )


@dataclass(frozen=True, slots=True)
class RecordDeleted(_GoneFromList):
    """The customer, vendor or item was deleted (or merged into another) in QuickBooks."""

    name = "record_deleted"

    def message(self) -> str:
        return (
            f"The {self.list_name} “{self.full_name}” was deleted in QuickBooks, or merged into another one."
        )

    def remedy(self) -> str:
        return (
            f"Name another {self.list_name} in the order system, or create this one again in QuickBooks "
            f"and press Resync."
        )


@dataclass(frozen=True, slots=True)
class NameInUse(Cause):
    """The name is taken: customers, vendors, employees and other names share one set of names; so do items.

    Attributes:
        full_name: the name wanted.
        holder: what holds it, as far as known: ``a customer with the email a@b.example``.
    """

    list_name: str
    full_name: str
    holder: str | None = None

    name = "name_in_use"
    usual_actor = Actor.STAFF
    seen_in_cache = True

    @property
    def key(self) -> str:
        return f"{self.list_name}_name:{self.full_name.casefold()}"

    def message(self) -> str:
        holder = self.holder or "another entry (a customer, vendor, employee or other name)"
        if self.list_name == "item" and self.holder is None:
            holder = "another item"
        return f"The name “{self.full_name}” is already used in QuickBooks by {holder}."

    def remedy(self) -> str:
        match = "Manufacturer's Part Number" if self.list_name == "item" else "Main Email"
        return (
            f"If it is the same {self.list_name}, enter the {match} of the record there and press Resync, "
            f"so that both are matched. Otherwise change one of the two names."
        )
