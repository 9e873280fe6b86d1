"""Adding, changing, deleting and merging list records, with QuickBooks' rules about names and accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from qbwc_server.simulator.errors import (
    StatusError,
    feature_off,
    missing_element,
    name_in_use,
    object_not_found,
    save_failed,
)
from qbwc_server.simulator.quickbooks.book import Book, Fields
from qbwc_server.simulator.quickbooks.kinds import FEATURES, LIST_KINDS, REFERENCES, ListKind
from qbwc_server.simulator.quickbooks.pc_clock import PcClock, write_moment
from qbwc_server.simulator.quickbooks.reading import compact, merge

_ZERO_STOCK = {
    "QuantityOnHand": "0",
    "AverageCost": "0.00",
    "QuantityOnOrder": "0",
    "QuantityOnSalesOrder": "0",
}

_DEFAULTS: dict[str, Fields] = {
    "Customer": {"JobStatus": "None", "PreferredDeliveryMethod": "None"},
    "Vendor": {"IsVendorEligibleFor1099": "false"},
    "ItemInventory": _ZERO_STOCK,
    "ItemInventoryAssembly": _ZERO_STOCK,
    "ItemGroup": {"IsPrintItemsInGroup": "false"},
}

_STOCK_ACCOUNTS = ("IncomeAccountRef", "COGSAccountRef", "AssetAccountRef")


@dataclass(slots=True)
class ListEditor:
    """Changes the lists of one company file. Every method either succeeds or raises StatusError having
    changed nothing.

    Args:
        book: the records.
        clock: the PC's clock.
        preferences: PreferencesRet as stored, for the defaults QuickBooks fills in.
        deleted: the log behind ListDeletedQuery; appended to.
    """

    book: Book
    clock: PcClock
    preferences: Fields
    deleted: list[Fields] = field(default_factory=list)

    def add(self, kind: ListKind, wanted: Fields) -> Fields:
        """Make a record from the fields of an Add.

        Raises:
            StatusError: 3100 name in use, 3090 impossible name, 3150 no name, 3270 no account, 3250 feature
                off.
        """
        fields = {
            "IsActive": "true",
            **_DEFAULTS.get(kind.name, {}),
            **self._defaults(kind),
            **compact(wanted),
        }
        self._check(kind, fields, own_id=None)
        moment = self.clock.utc()
        stamp = write_moment(moment)
        record: Fields = {
            "ListID": self.book.new_list_id(kind.space, moment),
            "TimeCreated": stamp,
            "TimeModified": stamp,
            "EditSequence": str(int(moment.timestamp())),
            **fields,
        }
        self.book.put_list(kind, _with_parts(record, stamp))
        return record

    def modify(self, kind: ListKind, list_id: str, changes: Fields) -> Fields:
        """Apply the fields of a Mod; the caller has compared the EditSequence.

        Raises:
            StatusError: as ``add``, and 3120 for an unknown id.
        """
        record = self.get(kind, list_id)
        changed = merge(record, changes)
        for former, present in (
            ("SalesOrPurchase", "SalesAndPurchase"),
            ("SalesAndPurchase", "SalesOrPurchase"),
        ):
            if present in changes:
                changed.pop(former, None)
        self._check(kind, changed, own_id=list_id)
        touch(changed, self.clock)
        self.book.put_list(kind, _with_parts(changed, changed["TimeModified"]))
        return changed

    def delete(self, kind: ListKind, list_id: str) -> Fields:
        """Delete a record and log it. Answers the log entry.

        Raises:
            StatusError: 3120 unknown, 3160 still in use.
        """
        record = self.get(kind, list_id)
        full_name = self.book.full_name(kind.space, list_id)
        if self.book.children_of(kind.space, list_id) or any(self._references_to(kind, list_id)):
            raise StatusError(
                3160,
                f'Cannot delete the object specified by the id = "{list_id}".  QuickBooks error message: '
                f'The {kind.name} "{full_name}" is used in a transaction or by another record.',
            )
        self.book.remove_list(kind, list_id)
        return self._log_deletion(kind, record, full_name)

    def merge(self, kind: ListKind, from_id: str, into_id: str) -> Fields:
        """Fold one record into another: what referred to the first refers to the second. Answers the log
        entry.

        Raises:
            StatusError: 3120 unknown; 3180 when they are the same or records hang below the first.
        """
        record, target = self.get(kind, from_id), self.get(kind, into_id)
        full_name = self.book.full_name(kind.space, from_id)
        if record is target or self.book.children_of(kind.space, from_id):
            raise save_failed(kind.name, full_name, "These list elements cannot be merged.")
        for reference in self._references_to(kind, from_id):
            reference["ListID"] = into_id
        self._move_transactions(from_id, into_id)
        self.book.remove_list(kind, from_id)
        touch(target, self.clock)
        return self._log_deletion(kind, record, full_name)

    def get(self, kind: ListKind, list_id: str) -> Fields:
        """The record with that id.

        Raises:
            StatusError: 3120.
        """
        record = self.book.lists[kind.name].get(list_id)
        if record is None:
            raise object_not_found(list_id)
        return record

    def _defaults(self, kind: ListKind) -> Fields:
        tax = self.preferences.get("SalesTaxPreferences", {})
        code = tax.get("DefaultTaxableSalesTaxCodeRef")
        if (
            code
            and "SalesTaxCodeRef" in kind.shape.by_name
            and not kind.shape.by_name["SalesTaxCodeRef"].foreign
        ):
            item_tax = {"ItemSalesTaxRef": tax["DefaultItemSalesTaxRef"]} if kind.name == "Customer" else {}
            return {"SalesTaxCodeRef": code, **item_tax}
        return {}

    def _check(self, kind: ListKind, fields: Fields, own_id: str | None) -> None:
        self._check_name(kind, fields, own_id)
        if "Sublevel" in kind.shape.by_name:
            fields["Sublevel"] = str(self._level(kind, fields, own_id))
        _check_accounts(kind, fields)
        uses_inventory = self.preferences.get("PurchasesAndVendorsPreferences", {}).get("IsUsingInventory")
        if kind.name.startswith("ItemInventory") and uses_inventory == "false":
            raise feature_off()
        self.check_feature(kind.name)

    def check_feature(self, kind: str) -> None:
        """Raise StatusError 3250 for a list whose feature is switched off in the preferences."""
        if kind in FEATURES and not self.is_on(kind):
            raise feature_off()

    def is_on(self, kind: str) -> bool:
        """Whether the preference is on that a list needs."""
        value: Any = self.preferences
        for name in FEATURES[kind]:
            value = value.get(name, {})
        return bool(value == "true")

    def turn_on(self, kind: str) -> None:
        """Switch the preference on that a list needs."""
        *path, last = FEATURES[kind]
        holder = self.preferences
        for name in path:
            holder = holder.setdefault(name, {})
        holder[last] = "true"
        if kind == "Currency" and "HomeCurrencyRef" not in holder:
            dollar = self.add(LIST_KINDS[kind], {"Name": "US Dollar", "CurrencyCode": "USD"})
            holder["HomeCurrencyRef"] = {"ListID": dollar["ListID"]}

    def _check_name(self, kind: ListKind, fields: Fields, own_id: str | None) -> None:
        name = fields.get(kind.name_field)
        if not name:
            raise missing_element(kind.name_field)
        if ":" in name:
            raise StatusError(3090, f'The name "{name}" of the list element is invalid: it contains a colon.')
        parent = fields.get("ParentRef")
        full_name = f"{self.book.full_name(kind.space, parent['ListID'])}:{name}" if parent else name
        owner = self.book.list_id_of(kind.space, full_name)
        if owner is not None and owner != own_id:
            raise name_in_use(full_name)

    def _level(self, kind: ListKind, fields: Fields, own_id: str | None) -> int:
        level, parent = 0, fields.get("ParentRef")
        while parent:
            if parent["ListID"] == own_id:
                raise save_failed(kind.name, fields[kind.name_field], "A record cannot be its own parent.")
            level, parent = level + 1, self.get(kind, parent["ListID"]).get("ParentRef")
        return level

    def _references_to(self, kind: ListKind, list_id: str) -> Iterator[Fields]:
        """Every stored reference to a record, wherever it stands."""
        for records in (*self.book.lists.values(), *self.book.transactions.values()):
            for record in records.values():
                yield from _inner_references(record, kind, list_id)

    def _move_transactions(self, from_id: str, into_id: str) -> None:
        """Index again the transactions that belonged to a merged customer or vendor."""
        for txn_kind, fields in self.book.of_party(from_id):
            if fields[txn_kind.party]["ListID"] == into_id:
                self.book.take_over(txn_kind, fields, from_id)

    def _log_deletion(self, kind: ListKind, record: Fields, full_name: str) -> Fields:
        entry = {
            "ListDelType": kind.name,
            "ListID": record["ListID"],
            "TimeCreated": record["TimeCreated"],
            "TimeDeleted": write_moment(self.clock.utc()),
            "FullName": full_name,
        }
        self.deleted.append(entry)
        return entry


def touch(record: Fields, clock: PcClock) -> None:
    """A change: TimeModified moves on, and EditSequence always differs from the one before."""
    moment = clock.utc()
    record["TimeModified"] = write_moment(moment)
    record["EditSequence"] = str(max(int(moment.timestamp()), int(record["EditSequence"]) + 1))


def _check_accounts(kind: ListKind, fields: Fields) -> None:
    """Items post to accounts; which ones is not in the schema (3270 is from general SDK knowledge)."""
    holder: Fields = fields
    needed: tuple[str, ...] = ()
    if kind.name in ("ItemInventory", "ItemInventoryAssembly"):
        needed = _STOCK_ACCOUNTS
    elif "SalesOrPurchase" in fields:
        holder, needed = fields["SalesOrPurchase"], ("AccountRef",)
    elif "SalesAndPurchase" in fields:
        holder, needed = fields["SalesAndPurchase"], ("IncomeAccountRef", "ExpenseAccountRef")
    missing = [name for name in needed if name not in holder]
    if missing:
        raise StatusError(3270, f'There is a missing posting account: "{missing[0]}".')


def _with_parts(record: Fields, stamp: str) -> Fields:
    """Contacts and notes inside a record get ids and dates of their own."""
    for number, note in enumerate(record.get("AdditionalNotesRet", []), start=1):
        note.setdefault("NoteID", str(number))
        note.setdefault("Date", stamp[:10])
    for number, contact in enumerate(record.get("ContactsRet", []), start=1):
        contact.setdefault(
            "ListID", f"{record['ListID'].split('-')[0]}{number:02d}-{record['ListID'].split('-')[1]}"
        )
        contact.update(TimeCreated=contact.get("TimeCreated", stamp), TimeModified=stamp)
        contact["EditSequence"] = record["EditSequence"]
        contact["Contact"] = " ".join(filter(None, (contact.get("FirstName"), contact.get("LastName"))))
    return record


def _inner_references(record: Any, kind: ListKind, list_id: str, name: str = "") -> Iterator[Fields]:
    if isinstance(record, list):
        for each in record:
            yield from _inner_references(each, kind, list_id, name)
    elif isinstance(record, dict):
        if _leads_to(name, kind) and record.get("ListID") == list_id:
            yield record
        for inner_name, inner in record.items():
            yield from _inner_references(inner, kind, list_id, inner_name)


def _leads_to(name: str, kind: ListKind) -> bool:
    kinds = REFERENCES.get(name)
    return kinds is not None and LIST_KINDS[kinds[0]].space == kind.space
