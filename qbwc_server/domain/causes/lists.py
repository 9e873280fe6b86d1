"""Causes found in QuickBooks' lists: an entry that is gone, inactive or another record's, a name that is taken."""

from dataclasses import dataclass

from qbwc_server.domain.causes.base import Actor, Cause, at_the_start
from qbwc_server.domain.causes.candidates import Candidate
from qbwc_server.domain.in_quickbooks import menu_of


@dataclass(frozen=True, slots=True)
class _GoneFromList(Cause):
    """A list record that cannot be used.

    Attributes:
        list_name: ``customer``, ``vendor``, ``item``, ``account``, ``ship_method`` …
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

    @property
    def _label(self) -> str:
        return self.list_name.replace("_", " ")

    @property
    def _was_or_were(self) -> tuple[str, str]:
        """The verb of the entry, now and before: terms are many."""
        return ("are", "were") if self.list_name == "terms" else ("is", "was")

    @property
    def _is_the_hosts(self) -> bool:
        """Whether the host hands over such entries; others are named only, by it or by the connector's settings."""
        return self.list_name in ("customer", "vendor", "item")

    @property
    def _where_it_is_named(self) -> str:
        return "in the order system" + ("" if self._is_the_hosts else " or in the connector's settings")


@dataclass(frozen=True, slots=True)
class RecordInactive(_GoneFromList):
    """The customer, vendor or item is inactive in QuickBooks."""

    name = "record_inactive"

    def message(self) -> str:
        verb, _ = self._was_or_were
        return f"The {self._label} “{self.full_name}” {verb} inactive in QuickBooks."

    def remedy(self) -> str:
        return (
            f"In QuickBooks open {menu_of(self.list_name)}, show the inactive entries and make “{self.full_name}” "
            f"active again; then press Resync. If that is not wanted, name another entry {self._where_it_is_named}."
        )


@dataclass(frozen=True, slots=True)
class RecordDeleted(_GoneFromList):
    """The customer, vendor or item is no longer in QuickBooks, whose lists do not tell why."""

    name = "record_deleted"
    usual_actor = Actor.STAFF

    def message(self) -> str:
        now, before = self._was_or_were
        return (
            f"The {self._label} “{self.full_name}” {before} deleted in QuickBooks, or merged into another entry, or "
            f"{now} missing in a backup that was restored."
        )

    def remedy(self) -> str:
        if not self._is_the_hosts:
            return f"Name another entry {self._where_it_is_named}."
        return (
            "If it was merged, link the record to the entry that is left; if it is wanted again, an admin unlinks the "
            "record, which is then matched or created again. QuickBooks cannot bring back what was deleted. Where "
            "its ListID was named, name another one in the order system."
        )


@dataclass(frozen=True, slots=True)
class NameInUse(Cause):
    """The name is taken: customers, vendors, employees and other names share one set of names; so do items.

    Attributes:
        full_name: the name wanted.
        holder: what holds it, as far as known: ``a customer with the email a@b.example``.
        candidates: the same, where it may be what is meant: an entry of the same list.
        taken_by: the record of the order system that this entry is, or None.
    """

    list_name: str
    full_name: str
    holder: str | None = None
    candidates: tuple[Candidate, ...] = ()
    taken_by: str | None = None

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
        told = f"The name “{self.full_name}” is already used in QuickBooks by {holder}"
        return f"{told}: it is {self.taken_by} of the order system." if self.taken_by else f"{told}."

    @property
    def _may_be_the_same(self) -> bool:
        """Whether what holds the name may be the one that is meant, as far as known: a vendor is no customer."""
        return self.holder is None or self.list_name in self.holder.split()

    def remedy(self) -> str:
        if not self._may_be_the_same:
            return (
                f"Change one of the two names, that of the {self.list_name} in the order system or the other one in "
                f"QuickBooks, and press Resync. In QuickBooks no two customers, vendors, employees or other names have "
                f"the same name."
            )
        if self.taken_by:
            return (
                f"Change one of the two names in the order system. If both are the same {self.list_name}, let this "
                f"record be and go on with {self.taken_by}. If the name was given up in QuickBooks, press Resync."
            )
        match = "Manufacturer's Part Number" if self.list_name == "item" else "Main Email"
        return (
            f"If it is the same {self.list_name}, link the record to it, or enter the record's {match} there and "
            f"press Resync. Otherwise change one of the two names."
        )


@dataclass(frozen=True, slots=True)
class AlreadyLinked(Cause):
    """What the record would be matched to in QuickBooks belongs to another record of the host.

    Attributes:
        record: the record that is blocked; `holder` the one that has the entry or document: ``customer c-7``.
        quickbooks_id: its ListID or TxnID.
        quickbooks_name: its full name or number, as far as known.
    """

    record: str
    holder: str
    quickbooks_id: str
    is_document: bool = False
    quickbooks_name: str | None = None

    name = "already_linked"
    usual_actor = Actor.STAFF
    seen_in_cache = True

    @property
    def key(self) -> str:
        return f"{'txn_id' if self.is_document else 'list_id'}:{self.quickbooks_id}"

    def message(self) -> str:
        called = (
            f"“{self.quickbooks_name}” in QuickBooks" if self.quickbooks_name else "the same in QuickBooks"
        )
        return f"{at_the_start(self.record)} would be {called}, which {self.holder} is already."

    def remedy(self) -> str:
        if self.is_document:
            return (
                "If it is the same order handed over twice, cancel this record; if not, link the other one to the "
                "document it really is."
            )
        return (
            "If both are the same, cancel this record and use the other one in the order system. If they are two, tell "
            "them apart in the order system (another email or SKU, or a parent), or link this record to its own entry. "
            "If the other one is linked wrongly, unlink it."
        )
