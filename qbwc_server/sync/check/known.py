"""What a set of records refers to, as it was read before any of them is checked.

The check asks this and nothing else. What it asks for and was not read is `missing`: whoever can read reads that for
all the records of the set at once, and has the check made again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from qbwc_server.domain import host_records as host
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import OpenCause
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.lists import ListLoad
from qbwc_server.domain.matching import EntryField, ListEntry, fold, spelt_so
from qbwc_server.domain.records import Record, RecordField, State
from qbwc_server.domain.rulings import Ruling
from qbwc_server.domain.settings import ConnectorSettings

EntryQuestion = tuple[ListName, EntryField]
RecordQuestion = tuple[Kind, RecordField]


class Missing:
    """What was asked for and has not been read: a question, and all the keys it was asked with."""

    def __init__(self) -> None:
        self.entries: dict[EntryQuestion, dict[str, None]] = {}
        self.records: dict[RecordQuestion, dict[str, None]] = {}
        self.errors: dict[int, None] = {}
        self.loads = False
        self.rulings = False

    def __bool__(self) -> bool:
        return bool(self.entries or self.records or self.errors or self.loads or self.rulings)


class Known:
    """All that is known of the lists of QuickBooks and of the host's records, as far as it was asked for.

    It is kept true while a set is dealt with: it is told what became of it meanwhile, and what may have.
    """

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.missing = Missing()
        self._loads: Mapping[ListName, ListLoad] | None = None
        self._entries: dict[EntryQuestion, dict[str, dict[str, ListEntry]]] = {}
        self._records: dict[int, Record] = {}
        self._named: dict[RecordQuestion, dict[str, dict[int, None]]] = {}
        self._errors: dict[int, list[OpenCause]] = {}
        self._rulings: Mapping[tuple[ListName, str], Ruling] | None = None
        self._parsed: dict[int, tuple[Mapping[str, Any], host.HostRecord]] = {}

    @property
    def settings(self) -> ConnectorSettings:
        """The connector's settings."""
        return self.connector.settings

    # --- lists ----------------------------------------------------------------------------------------------

    def loads(self, wanted: Iterable[ListName]) -> list[ListLoad]:
        """How far the wanted lists are, in that order."""
        if self._loads is None:
            self.missing.loads = True
            return [ListLoad.never(name) for name in wanted]
        return [self._loads.get(name) or ListLoad.never(name) for name in wanted]

    def ruling(self, list_name: ListName, key: str) -> Ruling | None:
        """What a person said of a cause key that is about a list, or None."""
        if self._rulings is None:
            self.missing.rulings = True
            return None
        return self._rulings.get((list_name, fold(key)))

    def _found(self, list_name: ListName, field: EntryField, key: str) -> list[ListEntry]:
        found = self._entries.get((list_name, field), _NOTHING).get(key)
        if found is None:
            self.missing.entries.setdefault((list_name, field), {})[key] = None
            return []
        return list(found.values())

    def by_ids(self, list_name: ListName, list_ids: Iterable[str]) -> list[ListEntry]:
        """Entries with these ListIDs."""
        return [entry for each in list_ids for entry in self._found(list_name, "list_id", each)]

    def by_emails(self, list_name: ListName, emails: Iterable[str]) -> dict[str, list[ListEntry]]:
        """Entries by their addresses, folded: address → entries."""
        return {email: self._found(list_name, "email", email) for email in emails}

    def by_sku(self, sku: str) -> list[ListEntry]:
        """Items whose ManufacturerPartNumber is this SKU, in any case."""
        return self._found(ListName.ITEM, "sku", fold(sku))

    def by_skus(self, skus: Iterable[str]) -> dict[str, list[ListEntry]]:
        """Items by their ManufacturerPartNumber, in any case: folded SKU → items."""
        return self._folded(ListName.ITEM, "sku", skus)

    def by_barcodes(self, barcodes: Iterable[str]) -> dict[str, list[ListEntry]]:
        """Items by their BarCodeValue, in any case: folded bar code → items."""
        return self._folded(ListName.ITEM, "barcode", barcodes)

    def by_own_names(self, names: Iterable[str]) -> dict[str, list[ListEntry]]:
        """Items by their Name, below whatever parent, in any case: folded name → items."""
        return self._folded(ListName.ITEM, "own_name", names)

    def by_names(self, list_name: ListName, full_names: Iterable[str]) -> dict[str, list[ListEntry]]:
        """Entries by their FullName, in any case: folded name → entries (a deleted one may share a living one's)."""
        return self._folded(list_name, "full_name", full_names)

    def by_account_numbers(self, list_name: ListName, numbers: Iterable[str]) -> dict[str, list[ListEntry]]:
        """Customers or vendors by their AccountNumber, in any case: folded number → entries."""
        return self._folded(list_name, "account_number", numbers)

    def _folded(
        self, list_name: ListName, field: EntryField, texts: Iterable[str]
    ) -> dict[str, list[ListEntry]]:
        return {key: self._found(list_name, field, key) for key in map(fold, texts)}

    def by_name(self, list_name: ListName, full_name: str) -> list[ListEntry]:
        """Entries with this FullName, in any case (deleted ones may share a living one's name).

        One that differs only in the form of its dashes, quotes and blanks is found where none is spelt so.
        """
        return spelt_so(self._found(list_name, "full_name", fold(full_name)), full_name)

    # --- records --------------------------------------------------------------------------------------------

    def now(self, record: Record) -> Record:
        """A record as it stands by now."""
        return self._records.get(record.id, record)

    def record(self, record_id: int) -> Record | None:
        """The record with this id as it stands by now, if it was read."""
        return self._records.get(record_id)

    def parsed(self, kind: Kind, content: Mapping[str, Any]) -> host.HostRecord:
        """The host's JSON as a typed record, read once."""
        known = self._parsed.get(id(content))
        if known is None:
            # the content is kept beside it, so that no other one can have its id meanwhile
            known = self._parsed[id(content)] = (content, host.parse(kind, content))
        return known[1]

    def forget_parsed(self) -> None:
        """The typed records are read anew when they are asked for: of many there is no room for all."""
        self._parsed = {}

    def believe(self, content: Mapping[str, Any], parsed: host.HostRecord) -> None:
        """A content has been read, and is this."""
        self._parsed[id(content)] = (content, parsed)

    def _ids(self, kind: Kind, field: RecordField, key: str) -> Collection[int]:
        found = self._named.get((kind, field), _NOBODY).get(key)
        if found is None:
            self.missing.records.setdefault((kind, field), {})[key] = None
            return ()
        return found

    def called(self, kind: Kind, external_id: str) -> Record | None:
        """The record the host calls so, or None."""
        return next((self._records[each] for each in self._ids(kind, "external_id", external_id)), None)

    def by_keys(self, kind: Kind, keys: Iterable[str]) -> list[Record]:
        """The records that are found by one of these keys and are not cancelled, the oldest first."""
        found = sorted({each for key in keys for each in self._ids(kind, "key", key)})
        return [record for each in found if (record := self._records[each]).state is not State.CANCELLED]

    def holder(self, record: Record, quickbooks_id: str) -> Record | None:
        """The other record of its kind that what QuickBooks calls so belongs to, or None."""
        return next(
            (each for each in self._holders(record.kind, quickbooks_id) if each.id != record.id), None
        )

    def holders(self, kind: Kind, quickbooks_ids: Iterable[str]) -> dict[str, Record]:
        """The records that these entries of QuickBooks belong to, by ListID or TxnID."""
        return {each: record for each in quickbooks_ids for record in self._holders(kind, each)}

    def _holders(self, kind: Kind, quickbooks_id: str) -> list[Record]:
        linked = [self._records[each] for each in self._ids(kind, "quickbooks_id", quickbooks_id)]
        return [
            record
            for record in linked
            if record.link is not None
            and record.link.quickbooks_id == quickbooks_id
            and record.state is not State.CANCELLED
            and not record.is_surplus
        ]

    def errors_of(self, record_id: int) -> list[OpenCause]:
        """The open error records of a record, oldest first."""
        found = self._errors.get(record_id)
        if found is None:
            self.missing.errors[record_id] = None
            return []
        return found

    def is_clear(self, record_id: int) -> bool:
        """Whether it is known that a record has no open error records."""
        return self._errors.get(record_id) == []

    # --- what was read, and what became of it meanwhile ------------------------------------------------------

    def read_loads(self, loads: Mapping[ListName, ListLoad]) -> None:
        """These lists have come so far; all others were never asked for."""
        self._loads = loads
        self.missing.loads = False

    def read_rulings(self, found: Iterable[Ruling]) -> None:
        """All that people said of the connector's cause keys."""
        self._rulings = {(each.list_name, fold(each.key)): each for each in found}
        self.missing.rulings = False

    def read_entries(
        self, question: EntryQuestion, keys: Iterable[str], found: Iterable[tuple[str, ListEntry]]
    ) -> None:
        """All entries that have these keys."""
        answers = self._entries.setdefault(question, {})
        answers.update((key, {}) for key in keys)
        for key, entry in found:
            answers[key][entry.list_id] = entry

    def read_records(
        self, question: RecordQuestion, keys: Iterable[str], found: Iterable[tuple[str, Record]]
    ) -> None:
        """All records that have these keys."""
        answers = self._named.setdefault(question, {})
        answers.update((key, {}) for key in keys)
        for key, record in found:
            answers[key][record.id] = None
            # what was read before may have been changed since, without having been written yet
            self._records.setdefault(record.id, record)

    def read_errors(self, record_ids: Iterable[int], found: Iterable[tuple[int, OpenCause]]) -> None:
        """All open error records of these records."""
        self._errors.update((record_id, []) for record_id in record_ids)
        for record_id, item in found:
            self._errors[record_id].append(item)

    def changed(self, record: Record) -> Record:
        """A record stands like this now."""
        self._records[record.id] = record
        self._called(record)
        if record.link is not None:
            linked = self._named.get((record.kind, "quickbooks_id"), _NOBODY).get(record.link.quickbooks_id)
            if linked is not None:
                linked[record.id] = None
        return record

    def _called(self, record: Record) -> None:
        self._named.setdefault((record.kind, "external_id"), {})[record.external_id] = {record.id: None}

    def tell_errors(self, record_id: int, items: Sequence[OpenCause]) -> None:
        """These are a record's open error records now."""
        self._errors[record_id] = list(items)

    def forget_errors(self, record_ids: Iterable[int]) -> None:
        """The open error records of these records are to be read when they are asked for."""
        for record_id in record_ids:
            self._errors.pop(record_id, None)

    def forget_keys(self, kind: Kind) -> None:
        """Records of a kind are found by other keys now."""
        self._named.pop((kind, "key"), None)

    def forget_lists(self) -> None:
        """QuickBooks' lists are different from what they were."""
        self._loads = None
        self._entries = {}

    def forget_rulings(self) -> None:
        """People said something else than they had."""
        self._rulings = None

    def forget_all(self) -> None:
        """All may be different from what it was."""
        self.forget_lists()
        self.forget_rulings()
        self._records, self._named, self._errors = {}, {}, {}

    def forget_missing(self) -> None:
        """What was missing has been read."""
        self.missing = Missing()


_NOTHING: Mapping[str, dict[str, ListEntry]] = {}
_NOBODY: Mapping[str, dict[int, None]] = {}
