"""Records as QuickBooks shows them: with full names, printed addresses and balances, which are never
stored."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from qbwc_server.simulator.quickbooks import money
from qbwc_server.simulator.quickbooks.book import Book, Fields
from qbwc_server.simulator.quickbooks.kinds import ENTITY, ListKind, TxnKind
from qbwc_server.simulator.quickbooks.render import Renderer

_BLOCKS = {
    "BillAddress": "BillAddressBlock",
    "ShipAddress": "ShipAddressBlock",
    "VendorAddress": "VendorAddressBlock",
    "OtherNameAddress": "OtherNameAddressBlock",
}


@dataclass(slots=True)
class View:
    """Completes stored records; one view serves one message set, because it remembers balances.

    ``home``: what refers to the home currency, in a company file that has several.
    """

    book: Book
    home: Fields | None = None
    _balances: dict[str, Decimal] = field(default_factory=dict)

    def complete(self, kind: ListKind | TxnKind, record: Fields) -> Fields:
        """A shallow copy with everything the ``*Ret`` may print."""
        shown = {**record, **_blocks(kind, record)}
        if isinstance(kind, ListKind):
            shown["FullName"] = self.book.full_name(kind.space, record["ListID"])
            if kind.name in ("Customer", "Vendor"):
                shown |= self._customer_balances(kind, record["ListID"])
                shown |= self._currency(record)
        elif self.home is not None and kind.party in record:
            party = self.book.list_record(ENTITY, record[kind.party]["ListID"])
            shown |= self._currency(party[1] if party is not None else {})
        return shown

    def _currency(self, party: Fields) -> Fields:
        """The currency somebody is kept in, and all documents are: theirs, or the home currency."""
        currency = party.get("CurrencyRef") or self.home
        return {} if self.home is None or currency is None else {"CurrencyRef": currency}

    def plain(self, kind: ListKind | TxnKind, record: Fields, renderer: Renderer) -> Fields:
        """A deep copy for people and tests: references with their full names, moments as QuickBooks prints
        them."""
        shown = copy.deepcopy(self.complete(kind, record))
        for name in ("TimeCreated", "TimeModified"):
            shown[name] = renderer.stamp(shown[name])
        named: Fields = _named(shown, lambda name, value: renderer.reference(name, value, kind.name))
        return named

    def _customer_balances(self, kind: ListKind, list_id: str) -> Fields:
        own = self._balance(list_id)
        if kind.name == "Vendor":
            return {"Balance": money.amount(own)}
        return {
            "Balance": money.amount(own),
            "TotalBalance": money.amount(self._total_balance(kind, list_id)),
        }

    def _total_balance(self, kind: ListKind, list_id: str) -> Decimal:
        below = self.book.children_of(kind.space, list_id)
        return self._balance(list_id) + sum((self._total_balance(kind, each) for each in below), money.ZERO)

    def _balance(self, list_id: str) -> Decimal:
        if list_id not in self._balances:
            documents = [(each.name, fields) for each, fields in self.book.of_party(list_id)]
            owed = [Decimal(fields["BalanceRemaining"]) for name, fields in documents if name == "Invoice"]
            given = [Decimal(fields["CreditRemaining"]) for name, fields in documents if name == "CreditMemo"]
            self._balances[list_id] = sum(owed, money.ZERO) - sum(given, money.ZERO)
        return self._balances[list_id]


def _blocks(kind: ListKind | TxnKind, record: Fields) -> Fields:
    return {
        block: _printed(record[name])
        for name, block in _BLOCKS.items()
        if name in record and block in kind.shape.by_name
    }


def _printed(address: Fields) -> Fields:
    """The address as QuickBooks prints it on a form: at most five lines, the last ones joined when there are
    more."""
    region = " ".join(filter(None, (address.get("State"), address.get("PostalCode"))))
    town = ", ".join(filter(None, (address.get("City"), region)))
    lines = [address.get(f"Addr{number}") for number in range(1, 6)] + [town, address.get("Country")]
    shown = [line for line in lines if line]
    return {f"Addr{number}": line[:41] for number, line in enumerate(shown[:5], start=1)}


def _named(value: Any, look_up: Callable[[str, Fields], Fields], name: str = "") -> Any:
    if isinstance(value, list):
        return [_named(each, look_up, name) for each in value]
    if not isinstance(value, dict):
        return value
    if name.endswith("Ref") and set(value) == {"ListID"}:
        return look_up(name, value)
    return {inner: _named(each, look_up, inner) for inner, each in value.items()}
