"""Finding records: the selectors and filters of list and transaction queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from lxml import etree

from qbwc_server.simulator.errors import StatusError
from qbwc_server.simulator.quickbooks.book import Book, Fields
from qbwc_server.simulator.quickbooks.kinds import ENTITY, LIST_KINDS, ListKind, TxnKind
from qbwc_server.simulator.quickbooks.pc_clock import PcClock, read_moment

Found = list[tuple[ListKind | TxnKind, Fields]]
Test = Callable[[Fields], bool]

_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "LessThan": Decimal.__lt__,
    "LessThanEqual": Decimal.__le__,
    "Equal": Decimal.__eq__,
    "GreaterThan": Decimal.__gt__,
    "GreaterThanEqual": Decimal.__ge__,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query found, and the names it asked for that do not exist."""

    found: Found
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Searcher:
    """Answers queries from the book; ``balance_of`` gives a customer's total balance for its filter."""

    book: Book
    clock: PcClock
    balance_of: Callable[[ListKind, Fields], Decimal]

    def lists(self, request: etree._Element, kinds: tuple[str, ...]) -> Answer:
        """List records by ListID, by FullName (both whatever their status), or by filters.

        Raises:
            StatusError: 3030 for a date range that ends before it begins.
        """
        space = LIST_KINDS[kinds[0]].space
        ids = _texts(request, "ListID")
        if ids:
            return self._named(ids, lambda wanted: self._list_record(space, wanted, kinds))
        names = _texts(request, "FullName")
        if names:
            return self._named(
                names, lambda name: self._list_record(space, self.book.list_id_of(space, name), kinds)
            )
        tests = self._list_tests(request, LIST_KINDS[kinds[0]])
        return Answer(
            [(kind, each) for kind, each in self.book.records_of(kinds) if all(t(each) for t in tests)]
        )

    def transactions(self, request: etree._Element, kind: TxnKind) -> Answer:
        """Transactions by TxnID, by RefNumber, or by filters."""
        records = self.book.transactions[kind.name]
        ids = _texts(request, "TxnID")
        if ids:
            return self._named(ids, lambda wanted: [(kind, records[wanted])] if wanted in records else [])
        exact, loose = _texts(request, "RefNumberCaseSensitive"), _texts(request, "RefNumber")
        if exact or loose:
            return self._named(
                exact or loose, lambda wanted: self._by_number(kind, wanted, exactly=bool(exact))
            )
        tests = self._txn_tests(request, kind)
        return Answer([(kind, each) for each in records.values() if all(test(each) for test in tests)])

    def _named(self, wanted: Iterable[str], look_up: Callable[[str], Found]) -> Answer:
        found: Found = []
        missing = []
        for each in wanted:
            hits = look_up(each)
            found.extend(hits)
            if not hits:
                missing.append(each)
        return Answer(found, tuple(missing))

    def _list_record(self, space: str, list_id: str | None, kinds: tuple[str, ...]) -> Found:
        record = self.book.list_record(space, list_id) if list_id else None
        return [record] if record is not None and record[0].name in kinds else []

    def _by_number(self, kind: TxnKind, number: str, *, exactly: bool) -> Found:
        hits = self.book.numbered(kind.name, number)
        return [(kind, each) for each in hits if not exactly or each["RefNumber"] == number]

    def _list_tests(self, request: etree._Element, kind: ListKind) -> list[Test]:
        tests = [*_status_tests(request), *self._modified_tests(request)]
        tests += _name_tests(request.find("NameFilter"), kind.name_field, "Name")
        tests += _range_tests(request.find("NameRangeFilter"), kind.name_field, "FromName", "ToName")
        account_types = set(_texts(request, "AccountType"))
        if account_types:
            tests.append(lambda record: record.get("AccountType") in account_types)
        tests += self._reference_tests(request.find("ClassFilter"), "ClassRef", "Class")
        balance = request.find("TotalBalanceFilter")
        if balance is not None and kind.space == ENTITY:
            tests.append(self._balance_test(balance))
        return tests

    def _txn_tests(self, request: etree._Element, kind: TxnKind) -> list[Test]:
        modified = request.find("ModifiedDateRangeFilter")
        tests = self._modified_tests(modified) if modified is not None else []
        tests += _txn_date_tests(request.find("TxnDateRangeFilter"))
        tests += self._reference_tests(request.find("EntityFilter"), kind.party, ENTITY)
        tests += self._reference_tests(request.find("AccountFilter"), "ARAccountRef", "Account")
        tests += _name_tests(request.find("RefNumberFilter"), "RefNumber", "RefNumber")
        tests += _range_tests(
            request.find("RefNumberRangeFilter"), "RefNumber", "FromRefNumber", "ToRefNumber"
        )
        paid = {"PaidOnly": "true", "NotPaidOnly": "false"}.get(request.findtext("PaidStatus") or "")
        if paid:
            tests.append(lambda record: record.get("IsPaid") == paid)
        return tests

    def _modified_tests(self, holder: etree._Element) -> list[Test]:
        """FromModifiedDate and ToModifiedDate, both inclusive, in the PC's wall clock."""
        start, end = (
            self._bound(holder, "FromModifiedDate"),
            self._bound(holder, "ToModifiedDate", is_end=True),
        )
        if start and end and end < start:
            raise StatusError(3030, "The from date is after the to date.")
        tests: list[Test] = []
        if start:
            tests.append(lambda record: self._modified(record) >= start)
        if end:
            tests.append(lambda record: self._modified(record) <= end)
        return tests

    def _modified(self, record: Fields) -> datetime:
        return self.clock.wall(read_moment(record["TimeModified"]))

    def _bound(self, holder: etree._Element, name: str, *, is_end: bool = False) -> datetime | None:
        text = (holder.findtext(name) or "").strip()
        try:
            return self.clock.read_bound(text, is_end=is_end) if text else None
        except ValueError:
            raise StatusError(3020, f'The date "{text}" is invalid.') from None

    def _reference_tests(self, holder: etree._Element | None, name: str, space: str) -> list[Test]:
        if holder is None:
            return []
        wanted = set(_texts(holder, "ListID"))
        wanted |= {self.book.list_id_of(space, each) or "" for each in _texts(holder, "FullName")}
        roots = set(_texts(holder, "ListIDWithChildren"))
        roots |= {self.book.list_id_of(space, each) or "" for each in _texts(holder, "FullNameWithChildren")}
        wanted |= {each for root in roots for each in self._with_children(space, root)}
        return [lambda record: record.get(name, {}).get("ListID") in wanted]

    def _with_children(self, space: str, list_id: str) -> set[str]:
        below = (self._with_children(space, child) for child in self.book.children_of(space, list_id))
        return {list_id}.union(*below)

    def _balance_test(self, holder: etree._Element) -> Test:
        compare = _COMPARE[holder.findtext("Operator") or ""]
        bound = Decimal(holder.findtext("Amount") or "0")

        def test(record: Fields) -> bool:
            found = self.book.list_record(ENTITY, record["ListID"])
            return found is not None and compare(self.balance_of(found[0], record), bound)

        return test

    def deleted(self, request: etree._Element, log: list[Fields], type_name: str) -> list[Fields]:
        """Entries of a deletion log by type and date range."""
        types = set(_texts(request, type_name))
        holder = request.find("DeletedDateRangeFilter")
        start = self._bound(holder, "FromDeletedDate") if holder is not None else None
        end = self._bound(holder, "ToDeletedDate", is_end=True) if holder is not None else None
        return [
            entry
            for entry in log
            if entry[type_name] in types
            and (start is None or self.clock.wall(read_moment(entry["TimeDeleted"])) >= start)
            and (end is None or self.clock.wall(read_moment(entry["TimeDeleted"])) <= end)
        ]


def _texts(element: etree._Element, name: str) -> list[str]:
    return [(child.text or "").strip() for child in element.findall(name)]


def _status_tests(request: etree._Element) -> list[Test]:
    status = request.findtext("ActiveStatus") or "ActiveOnly"
    if status == "All":
        return []
    wanted = "true" if status == "ActiveOnly" else "false"
    return [lambda record: record.get("IsActive") == wanted]


def _name_tests(holder: etree._Element | None, field: str, element: str) -> list[Test]:
    if holder is None:
        return []
    wanted = (holder.findtext(element) or "").casefold()
    match: Callable[[str], bool] = {
        "StartsWith": lambda name: name.startswith(wanted),
        "Contains": lambda name: wanted in name,
        "EndsWith": lambda name: name.endswith(wanted),
    }[holder.findtext("MatchCriterion") or ""]
    return [lambda record: match(record.get(field, "").casefold())]


def _range_tests(holder: etree._Element | None, field: str, start: str, end: str) -> list[Test]:
    if holder is None:
        return []
    first, last = (holder.findtext(start) or "").casefold(), (holder.findtext(end) or "").casefold()
    return [
        lambda record: (
            record.get(field, "").casefold() >= first
            and (not last or record.get(field, "").casefold()[: len(last)] <= last)
        )
    ]


def _txn_date_tests(holder: etree._Element | None) -> list[Test]:
    if holder is None:
        return []
    start, end = holder.findtext("FromTxnDate"), holder.findtext("ToTxnDate")
    macro = holder.findtext("DateMacro")
    if macro not in (None, "All"):
        raise StatusError(1030, f"This simulated QuickBooks does not know the date macro {macro}.")
    tests: list[Test] = []
    if start:
        tests.append(lambda record: date.fromisoformat(record["TxnDate"]) >= date.fromisoformat(start))
    if end:
        tests.append(lambda record: date.fromisoformat(record["TxnDate"]) <= date.fromisoformat(end))
    return tests
