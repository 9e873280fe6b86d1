"""A person working in QuickBooks between the Web Connector's visits: the hand that changes records, opens
forms, closes the books."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from lxml import etree

from qbwc_server.simulator.quickbooks.book import Fields
from qbwc_server.simulator.quickbooks.conditions import Trouble
from qbwc_server.simulator.quickbooks.contents import Contents
from qbwc_server.simulator.quickbooks.executor import line_shapes, only_given
from qbwc_server.simulator.quickbooks.kinds import LIST_KINDS, TXN_KINDS, ListKind, TxnKind
from qbwc_server.simulator.quickbooks.line_changes import LineChange
from qbwc_server.simulator.quickbooks.lists import touch
from qbwc_server.simulator.quickbooks.reading import Reader

Entry = Mapping[str, Any]
"""What a person types: element names to text, to nested entries, or to lists of them; a reference may be
given as
its full name alone: ``{"Name": "Ada", "TermsRef": "Net 30", "BillAddress": {"City": "Kiel"}}``."""


class Person:
    """Acts on one company file as QuickBooks' own screens do: no schema, no EditSequence, the same business
    rules.

    Every method raises StatusError where QuickBooks would show a message, and saves the file otherwise.

    Args:
        changing: holds the file and what is in it while something is changed, and saves it then.
    """

    def __init__(self, changing: Callable[[], AbstractContextManager[Contents]]) -> None:
        self._changing = changing

    # -- lists -----------------------------------------------------------------------------------------------

    def add(self, kind: str, entry: Entry) -> str:
        """Make a list record. Returns its ListID."""
        found = LIST_KINDS[kind]
        with self._changing() as contents:
            record = contents.lists.add(found, _read(contents, found, entry))
            _log(contents, f"{kind} added", found, record)
            return str(record["ListID"])

    def edit(self, kind: str, list_id: str, entry: Entry) -> None:
        """Change some fields of a list record; a value of ``""`` clears."""
        found = LIST_KINDS[kind]
        with self._changing() as contents:
            record = contents.lists.modify(found, list_id, _read(contents, found, entry))
            _log(contents, f"{kind} edited", found, record)

    def rename(self, kind: str, list_id: str, name: str) -> None:
        """Give a list record another name; the records below it follow."""
        self.edit(kind, list_id, {LIST_KINDS[kind].name_field: name})

    def deactivate(self, kind: str, list_id: str) -> None:
        """Make a list record inactive: it keeps its name and disappears from most queries."""
        self.edit(kind, list_id, {"IsActive": "false"})

    def reactivate(self, kind: str, list_id: str) -> None:
        """Make a list record active again."""
        self.edit(kind, list_id, {"IsActive": "true"})

    def delete(self, kind: str, list_id: str) -> None:
        """Delete a list record that nothing uses."""
        found = LIST_KINDS[kind]
        with self._changing() as contents:
            _log(contents, f"{kind} deleted", found, contents.lists.delete(found, list_id))

    def merge(self, kind: str, from_id: str, into_id: str) -> None:
        """Rename a record to the name of another: QuickBooks merges the two, the first ListID is gone."""
        found = LIST_KINDS[kind]
        with self._changing() as contents:
            _log(contents, f"{kind} merged", found, contents.lists.merge(found, from_id, into_id))

    def turn_on(self, kind: str) -> None:
        """Switch a feature on in the preferences, by the list it brings: PriceLevel, InventorySite, Currency."""
        with self._changing() as contents:
            contents.lists.turn_on(kind)

    # -- transactions ----------------------------------------------------------------------------------------

    def add_transaction(self, kind: str, entry: Entry, lines: Iterable[Entry]) -> str:
        """Make a transaction. Returns its TxnID. Without RefNumber QuickBooks takes its next number."""
        found = TXN_KINDS[kind]
        with self._changing() as contents:
            made = contents.transactions.add(
                found,
                _read(contents, found, entry),
                [only_given(_read_line(contents, found, line)) for line in lines],
                numbered="RefNumber" in entry,
            )
            _log(contents, f"{kind} added", found, made)
            return str(made["TxnID"])

    def edit_transaction(
        self, kind: str, txn_id: str, entry: Entry, lines: Iterable[Entry] | None = None
    ) -> None:
        """Change a transaction.

        Args:
            kind: Invoice or PurchaseOrder.
            txn_id: which one.
            entry: header fields.
            lines: all lines as they shall be, each with ``TxnLineID`` (``-1`` for a new one); None leaves
                them.
        """
        found = TXN_KINDS[kind]
        with self._changing() as contents:
            changes = None if lines is None else [_line_change(contents, found, line) for line in lines]
            changed = contents.transactions.modify(found, txn_id, _read(contents, found, entry), changes)
            _log(contents, f"{kind} edited", found, changed)

    def void(self, kind: str, txn_id: str) -> None:
        """Void a transaction."""
        found = TXN_KINDS[kind]
        with self._changing() as contents:
            _log(contents, f"{kind} voided", found, contents.transactions.void(found, txn_id))

    def delete_transaction(self, kind: str, txn_id: str) -> None:
        """Delete a transaction."""
        found = TXN_KINDS[kind]
        with self._changing() as contents:
            _log(contents, f"{kind} deleted", found, contents.transactions.delete(found, txn_id))

    def receive_payment(self, txn_id: str, amount: str) -> None:
        """Apply a payment to an invoice: its balance falls, and at zero it is paid."""
        with self._changing() as contents:
            record = contents.transactions.apply_payment(txn_id, amount)
            touch(record, contents.clock)
            _log(contents, "Invoice paid", TXN_KINDS["Invoice"], record)

    # -- circumstances ---------------------------------------------------------------------------------------

    def open_form(self, record_id: str) -> None:
        """Have the form of a record open on another screen: changing it now gives 3175."""
        with self._changing() as contents:
            contents.conditions.open_forms.add(record_id)

    def close_form(self, record_id: str) -> None:
        """Close that form."""
        with self._changing() as contents:
            contents.conditions.open_forms.discard(record_id)

    def lock_list(self, kind: str) -> None:
        """Work in a list in multi-user mode: writing to it now gives 3180."""
        with self._changing() as contents:
            contents.conditions.locked_lists.add(kind)

    def unlock_list(self, kind: str) -> None:
        """Leave the list."""
        with self._changing() as contents:
            contents.conditions.locked_lists.discard(kind)

    def deny(self, request: str, code: int = 3260) -> None:
        """Take away a right: ``deny("InvoiceAdd")``, ``deny("*", 3263)`` for an application that may only
        read."""
        with self._changing() as contents:
            contents.conditions.denied[request] = code

    def allow(self, request: str) -> None:
        """Give the right back."""
        with self._changing() as contents:
            contents.conditions.denied.pop(request, None)

    def close_books(self, closing_date: str | None) -> None:
        """Set the closing date (``2026-09-30``): nothing on or before it may be touched. None opens the
        books."""
        with self._changing() as contents:
            accounting = contents.preferences["AccountingPreferences"]
            accounting.pop("ClosingDate", None)
            if closing_date is not None:
                accounting["ClosingDate"] = closing_date

    def use_decimal_comma(self, *, comma: bool) -> None:
        """Change Windows' regional settings."""
        with self._changing() as contents:
            contents.conditions.decimal_comma = comma

    def block_sessions(self, hresult: str, message: str, *, times: int | None = None) -> None:
        """Keep applications from opening the file, e.g. with a dialog left open (0x80040414).

        Args:
            hresult: what BeginSession fails with.
            message: its sentence.
            times: for how many attempts; None until ``unblock``.
        """
        with self._changing() as contents:
            contents.conditions.sessions.append(Trouble(hresult, message, times))

    def block_requests(self, hresult: str, message: str, *, times: int | None = None) -> None:
        """Make ProcessRequest fail unread, e.g. while data is locked (0x8004041B)."""
        with self._changing() as contents:
            contents.conditions.requests.append(Trouble(hresult, message, times))

    def unblock(self) -> None:
        """Close the dialogs, start QuickBooks again: sessions and requests work."""
        with self._changing() as contents:
            contents.conditions.sessions.clear()
            contents.conditions.requests.clear()


def _read(contents: Contents, kind: ListKind | TxnKind, entry: Entry) -> Fields:
    return Reader(contents.book, kind.name, kind.name).fields(_element(kind.name, entry), kind.shape)


def _read_line(contents: Contents, kind: TxnKind, entry: Entry) -> Fields:
    line, group = line_shapes(kind)
    layout = group if "ItemGroupRef" in entry else line
    return Reader(contents.book, kind.name).fields(_element("Line", entry), layout)


def _line_change(contents: Contents, kind: TxnKind, entry: Entry) -> LineChange:
    fields = _read_line(contents, kind, entry)
    return LineChange(str(fields.pop("TxnLineID")), fields)


def _log(contents: Contents, what: str, kind: ListKind | TxnKind, record: Fields) -> None:
    contents.ledger.add(what, kind.name, record, contents.clock.utc(), by="person")


def _element(tag: str, value: Any) -> etree._Element:
    """What a person typed, as the elements a Reader reads."""
    element = etree.Element(tag)
    if isinstance(value, Mapping):
        for name, inner in value.items():
            for each in inner if isinstance(inner, list | tuple) else [inner]:
                element.append(_element(name, each))
    elif tag.endswith("Ref"):
        etree.SubElement(element, "FullName").text = str(value)
    else:
        element.text = str(value)
    return element
