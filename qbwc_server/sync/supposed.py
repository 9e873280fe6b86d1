"""What would be known if records were handed over that are not. Nothing of it is ever written."""

from collections.abc import Collection, Iterator
from itertools import count

from qbwc_server.domain import host_records as host
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import EntryField, ListEntry, email_keys, fold
from qbwc_server.domain.records import Record, RecordField
from qbwc_server.sync.check.known import Known

_FIRST_ID = 2**62
"""Records that are only supposed come behind all there are: of two that are the same entry the older one has it."""


class Supposed(Known):
    """What is known, and what is only supposed: records handed over, and entries QuickBooks would then hold."""

    def __init__(self, connector: Connector) -> None:
        super().__init__(connector)
        self._ids_to_give: Iterator[int] = count(_FIRST_ID)
        self._keys: dict[int, frozenset[str]] = {}
        self._found_by: dict[tuple[Kind, RecordField, str], dict[int, None]] = {}
        self._would_be: dict[tuple[ListName, EntryField, str], list[ListEntry]] = {}

    def new_id(self) -> int:
        """An id for a record that is not there."""
        return next(self._ids_to_give)

    def hand_over(self, record: Record, typed: host.HostRecord) -> Record:
        """Suppose that a record is handed over, and is found by what it says then and by nothing else."""
        self.believe(record.content, typed)
        for key in self._keys.get(record.id, ()):
            del self._found_by[record.kind, "key", key][record.id]
        self._keys[record.id] = host.keys_of(typed)
        for key in self._keys[record.id]:
            self._found_by.setdefault((record.kind, "key", key), {})[record.id] = None
        return self.changed(record)

    def changed(self, record: Record) -> Record:
        """A record would stand like this."""
        if record.link is not None:
            linked = (record.kind, _LINKED, record.link.quickbooks_id)
            self._found_by.setdefault(linked, {})[record.id] = None
        return super().changed(record)

    def would_hold(self, entry: ListEntry) -> None:
        """Suppose that QuickBooks holds an entry, which is found by whatever entries are found by."""
        for field, keys in _marks_of(entry).items():
            for key in keys:
                self._would_be.setdefault((entry.list_name, field, key), []).append(entry)

    def would_hold_nothing(self) -> None:
        """QuickBooks holds nothing but what it holds."""
        self._would_be.clear()

    def _found(self, list_name: ListName, field: EntryField, key: str) -> list[ListEntry]:
        supposed = self._would_be.get((list_name, field, key), [])
        if supposed and field == "list_id":
            return supposed  # what stands for a ListID is none that QuickBooks could have
        return [*super()._found(list_name, field, key), *supposed]

    def _ids(self, kind: Kind, field: RecordField, key: str) -> Collection[int]:
        found = super()._ids(kind, field, key)
        supposed = self._found_by.get((kind, field, key), {})
        if field != "key":
            return found if not supposed else {**dict.fromkeys(found), **supposed}
        return [*(each for each in found if each not in self._keys), *supposed]


_LINKED: RecordField = "quickbooks_id"


def _marks_of(entry: ListEntry) -> dict[EntryField, tuple[str, ...]]:
    """What an entry is looked up by, as the list cache keeps it."""
    marks: dict[EntryField, str | None] = {
        "full_name": entry.full_name,
        "own_name": entry.own_name,
        "sku": entry.sku,
        "barcode": entry.barcode,
        "account_number": entry.account_number,
    }
    folded: dict[EntryField, tuple[str, ...]] = {by: (fold(text),) for by, text in marks.items() if text}
    return {**folded, "list_id": (entry.list_id,), "email": email_keys(entry.email)}
