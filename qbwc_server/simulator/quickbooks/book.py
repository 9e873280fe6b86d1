"""The records of a company file and the indexes that find them: by id, by full name, by number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from qbwc_server.simulator.quickbooks.kinds import LIST_KINDS, SPACES, TXN_KINDS, ListKind, TxnKind

Fields = dict[str, Any]
"""One record: element name to text, to another ``Fields``, or to a list of them. Every value is as QuickBooks
would print it, except that moments are UTC and references hold the ListID only."""


class Book:
    """All lists and transactions, with counters for ids. Knows nothing of requests, clocks or rules.

    Args:
        state: the ``lists``, ``transactions`` and ``counters`` of a state file; taken over, not copied.
    """

    def __init__(self, state: Fields) -> None:
        self.lists: dict[str, dict[str, Fields]] = {name: {} for name in LIST_KINDS} | state.get("lists", {})
        self.transactions: dict[str, dict[str, Fields]] = {name: {} for name in TXN_KINDS} | state.get(
            "transactions", {}
        )
        self.counters: dict[str, int] = state.get("counters", {})
        self._kind_of: dict[str, dict[str, str]] = {space: {} for space in SPACES}
        self._names: dict[str, dict[str, str]] = {space: {} for space in SPACES}
        self._full_names: dict[str, dict[str, str]] = {space: {} for space in SPACES}
        self._children: dict[str, dict[str, set[str]]] = {space: defaultdict(set) for space in SPACES}
        self._parents: dict[str, dict[str, str]] = {space: {} for space in SPACES}
        self._numbers: dict[str, dict[str, dict[str, None]]] = {kind: defaultdict(dict) for kind in TXN_KINDS}
        self._of_party: dict[str, dict[str, None]] = defaultdict(dict)
        self._index_all()

    def to_state(self) -> Fields:
        """What a state file must keep of this book; shares its values."""
        return {
            "counters": self.counters,
            "lists": {kind: records for kind, records in self.lists.items() if records},
            "transactions": {kind: records for kind, records in self.transactions.items() if records},
        }

    # -- ids -------------------------------------------------------------------------------------------------

    def new_list_id(self, space: str, moment: datetime) -> str:
        """A ListID as QuickBooks forms it: a hexadecimal counter of the list and the second of creation.

        Lists count separately, so a customer and an item may bear the same ListID.
        """
        return f"{0x80000000 + self._count(f'ListID {space}'):X}-{int(moment.timestamp())}"

    def new_txn_id(self, moment: datetime) -> str:
        """A TxnID or TxnLineID: transactions and their lines share one counter."""
        return f"{self._count('TxnID'):X}-{int(moment.timestamp())}"

    def new_txn_number(self) -> str:
        """TxnNumber: 1, 2, 3 … over all transactions."""
        return str(self._count("TxnNumber"))

    def _count(self, what: str) -> int:
        self.counters[what] = self.counters.get(what, 0) + 1
        return self.counters[what]

    # -- lists -----------------------------------------------------------------------------------------------

    def list_record(self, space: str, list_id: str) -> tuple[ListKind, Fields] | None:
        """A list record of a name space by its ListID."""
        kind = self._kind_of[space].get(list_id)
        return None if kind is None else (LIST_KINDS[kind], self.lists[kind][list_id])

    def list_id_of(self, space: str, full_name: str) -> str | None:
        """The ListID that owns a full name; names are matched without regard to case."""
        return self._names[space].get(_key(full_name))

    def full_name(self, space: str, list_id: str) -> str:
        """The names of all ancestors and the record's own, joined with ``:``."""
        return self._full_names[space][list_id]

    def records_of(self, kinds: Iterable[str]) -> Iterator[tuple[ListKind, Fields]]:
        """All records of some list kinds, in the order they were made."""
        for kind in kinds:
            for fields in self.lists[kind].values():
                yield LIST_KINDS[kind], fields

    def children_of(self, space: str, list_id: str) -> set[str]:
        """ListIDs of the records directly below one."""
        return self._children[space].get(list_id, set())

    def put_list(self, kind: ListKind, fields: Fields) -> None:
        """Take in a new record, or index a record again whose name or parent changed."""
        list_id = fields["ListID"]
        self._forget_names(kind.space, list_id)
        self.lists[kind.name][list_id] = fields
        self._index_list(kind, fields)
        for child in sorted(self.children_of(kind.space, list_id)):
            self._refresh(kind.space, child)

    def remove_list(self, kind: ListKind, list_id: str) -> Fields:
        """Take a record out of its list. The caller has made sure that nothing hangs below it."""
        self._forget_names(kind.space, list_id)
        del self._kind_of[kind.space][list_id]
        return self.lists[kind.name].pop(list_id)

    def _refresh(self, space: str, list_id: str) -> None:
        found = self.list_record(space, list_id)
        if found:
            self.put_list(*found)

    def _forget_names(self, space: str, list_id: str) -> None:
        full_name = self._full_names[space].pop(list_id, None)
        if full_name is not None and self._names[space].get(_key(full_name)) == list_id:
            del self._names[space][_key(full_name)]
        parent = self._parents[space].pop(list_id, None)
        if parent is not None:
            self._children[space][parent].discard(list_id)

    def _index_list(self, kind: ListKind, fields: Fields) -> None:
        list_id, parent = fields["ListID"], _parent(fields)
        above = self._full_names[kind.space].get(parent)
        own = fields[kind.name_field]
        full_name = own if above is None else f"{above}:{own}"
        self._kind_of[kind.space][list_id] = kind.name
        self._full_names[kind.space][list_id] = full_name
        self._names[kind.space][_key(full_name)] = list_id
        if parent:
            self._children[kind.space][parent].add(list_id)
            self._parents[kind.space][list_id] = parent

    # -- transactions ----------------------------------------------------------------------------------------

    def transaction(self, txn_id: str) -> tuple[TxnKind, Fields] | None:
        """A transaction of any kind by its TxnID."""
        for kind, records in self.transactions.items():
            if txn_id in records:
                return TXN_KINDS[kind], records[txn_id]
        return None

    def numbered(self, kind: str, ref_number: str) -> list[Fields]:
        """Transactions of a kind that bear a number, case aside; QuickBooks lets several share one."""
        found = self._numbers[kind].get(_key(ref_number), {})
        return [self.transactions[kind][txn_id] for txn_id in found]

    def of_party(self, list_id: str) -> list[tuple[TxnKind, Fields]]:
        """Transactions of one customer or vendor."""
        found = (self.transaction(txn_id) for txn_id in self._of_party.get(list_id, {}))
        return [each for each in found if each is not None]

    def put_transaction(self, kind: TxnKind, fields: Fields) -> None:
        """Take in a new transaction, or one that was changed: unindex it first if its number or party
        changed."""
        txn_id = fields["TxnID"]
        self.transactions[kind.name][txn_id] = fields
        if fields.get("RefNumber"):
            self._numbers[kind.name][_key(fields["RefNumber"])][txn_id] = None
        party = fields.get(kind.party)
        if party:
            self._of_party[party["ListID"]][txn_id] = None

    def take_over(self, kind: TxnKind, fields: Fields, from_id: str) -> None:
        """Index a transaction whose party was merged into another, which it names already."""
        self._of_party[from_id].pop(fields["TxnID"], None)
        self.put_transaction(kind, fields)

    def remove_transaction(self, kind: TxnKind, txn_id: str) -> Fields:
        """Take a transaction out."""
        self.unindex_transaction(kind, txn_id)
        return self.transactions[kind.name].pop(txn_id)

    def unindex_transaction(self, kind: TxnKind, txn_id: str) -> None:
        """Forget number and party of a transaction that is about to change or go; its place in order
        stays."""
        fields = self.transactions[kind.name][txn_id]
        self._numbers[kind.name].get(_key(fields.get("RefNumber", "")), {}).pop(txn_id, None)
        if fields.get(kind.party):
            self._of_party.get(fields[kind.party]["ListID"], {}).pop(txn_id, None)

    def _index_all(self) -> None:
        for kind in LIST_KINDS.values():
            waiting = list(self.lists[kind.name].values())
            while waiting:
                known = self._full_names[kind.space]
                ready = [each for each in waiting if not _parent(each) or _parent(each) in known]
                if not ready:
                    raise ValueError(
                        f"{kind.name} {waiting[0]['ListID']} hangs below a record that does not exist"
                    )
                for fields in ready:
                    self._index_list(kind, fields)
                waiting = [each for each in waiting if each["ListID"] not in known]
        for name, txn_kind in TXN_KINDS.items():
            for fields in self.transactions[name].values():
                self.put_transaction(txn_kind, fields)


def _key(name: str) -> str:
    return name.casefold()


def _parent(fields: Fields) -> str:
    parent = fields.get("ParentRef")
    return str(parent["ListID"]) if parent else ""
