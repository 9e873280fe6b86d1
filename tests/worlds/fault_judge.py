"""The judge: compares what the host wanted with what the company file holds, and the server's words with both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, external_guid
from qbwc_server.storage import connectors as connector_rows
from qbwc_server.storage import records as record_rows
from tests.worlds.fault_world import QUICKBOOKS_NAMES, History, Wanted, Wish, id_name

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong, a sentence each; nothing when the history ended well."""

    duplicates: tuple[str, ...]
    lost: tuple[str, ...]
    false_states: tuple[str, ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """Everything that is wrong."""
        return (*self.duplicates, *self.lost, *self.false_states)


def judge(history: History) -> Verdict:
    """Hold the company file, the host's wishes and the server's words against each other."""
    book = _Book(history)
    lost: list[str] = []
    false: list[str] = []
    for wish, wanted in history.wishes.items():
        view = book.views[wish]
        state = str(view["state"])
        if state == "synced":
            book.judge_synced(wish, wanted, lost, false)
        elif state == "blocked":
            false += book.wrong_causes(wish)
        elif state == "cancelled" and wanted.is_void:
            false += book.still_there(wish)
        else:
            lost.append(f"{wish[1]} is {state}")
    false += [
        f"{_name(wish)} is {book.views[wish]['state']}, the host never asked for it"
        for wish in book.views
        if wish not in history.wishes and book.views[wish]["state"] != "cancelled"
    ]
    return Verdict(tuple(duplicates(history)), tuple(lost), tuple(false))


def duplicates(history: History) -> Iterator[str]:
    """Whatever the application posted twice, or at all into a file that is not the connector's."""
    guids = Counter(
        (entry.kind, entry.external_guid)
        for entry in history.company.ledger
        if entry.by == "application" and entry.request.endswith("AddRq")
    )
    yield from (f"{kind} {guid} was added {n} times" for (kind, guid), n in guids.items() if n > 1)
    for kind, field in _UNIQUE.items():
        values = Counter(each.get(field, "").casefold() for each in history.company.records(kind))
        allowed = {number.casefold() for number in history.taken_by_person} if kind == "Invoice" else set()
        yield from (
            f"{n} × {kind} with {field} {value}"
            for value, n in values.items()
            if value and n > 1 + (value in allowed)
        )
    for sister in history.sisters:
        yield from (f"{e.request} {e.name} in the wrong file" for e in sister.ledger if e.by == "application")


_UNIQUE = {
    "Invoice": "RefNumber",
    "PurchaseOrder": "RefNumber",
    "Customer": "Email",
    "Vendor": "Email",
    "Item": "ManufacturerPartNumber",
}


def _name(wish: Wish) -> str:
    return f"{wish[0]} {wish[1]}"


class _Book:
    """The company file by ID, and the server's records."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.views = history.views()
        self.held: dict[Kind, dict[str, Fields]] = {
            kind: {each[id_name(kind)]: each for each in history.company.records(name)}
            for kind, name in QUICKBOOKS_NAMES.items()
        }
        with history.core.database.read() as conn:
            connector = connector_rows.by_name(conn, "acme")
            rows = record_rows.page(conn, connector.id, limit=10_000)
        self.rows: dict[Wish, Record] = {(row.kind, row.external_id): row for row in rows}
        self.guids = {wish: external_guid(connector.uuid, row).upper() for wish, row in self.rows.items()}

    # --- synced ---------------------------------------------------------------------------------------------

    def judge_synced(self, wish: Wish, wanted: Wanted, lost: list[str], false: list[str]) -> None:
        """A synced record is in the file, as the host last wanted it, and the server knows its face."""
        view, history = self.views[wish], self.history
        found = self.held[wish[0]].get(view[wish[0].id_name])
        if found is None:
            if wish not in history.by_person:
                lost.append(f"{_name(wish)} is synced, and QuickBooks does not hold it")
            return
        if wish in history.by_person:
            return  # it was changed behind the server's back, which it learns when it has to change it
        false += [f"{_name(wish)}: {fault}" for fault in self._wrong(wish, wanted, view, found)]

    def _wrong(self, wish: Wish, wanted: Wanted, view: Fields, found: Fields) -> Iterator[str]:
        if view["revision"] != view["synced_revision"]:
            yield f"is synced at revision {view['synced_revision']} of {view['revision']}"
        yield from _unequal(self._known(wish, view), self._truth(wish, found))
        yield from _unequal(self._as_wanted(wish, wanted), self._as_found(wish, wanted, found))

    def _known(self, wish: Wish, view: Fields) -> Fields:
        row = self.rows[wish]
        name = view["ref_number" if wish[0].is_document else "full_name"]
        known: Fields = {"EditSequence": view["edit_sequence"], "name": name}
        if row.posted_lines and not row.needs_reading and not row.is_void:
            known["line ids"] = [(line.txn_line_id, line.is_group) for line in row.posted_lines]
        if row.needs_reading:
            del known["EditSequence"]  # it says of itself that it will read it anew
        return known

    def _truth(self, wish: Wish, found: Fields) -> Fields:
        lines = [(each["TxnLineID"], "lines" in each) for each in found.get("lines", ())]
        name = found.get("RefNumber") if wish[0].is_document else found["FullName"]
        return {"EditSequence": found["EditSequence"], "name": name, "line ids": lines}

    def _as_wanted(self, wish: Wish, wanted: Wanted) -> Fields:
        fields, kind = wanted.fields, wish[0]
        if kind is Kind.ITEM:
            return _given(ManufacturerPartNumber=fields["sku"], **self._asked(wish, "price", "name"))
        if not kind.is_document:
            return _given(**self._asked(wish, "name", "phone"))
        if wanted.is_void:
            return {"void": True}
        asked = [
            _line(self._item(each["item"]), each["quantity"], each.get("rate")) for each in fields["lines"]
        ]
        party = fields["customer" if kind is Kind.INVOICE else "vendor"]
        of = Kind.CUSTOMER if kind is Kind.INVOICE else Kind.VENDOR
        return _given(
            RefNumber=fields.get("ref_number"),
            TxnDate=fields["txn_date"],
            Memo=fields["memo"],
            party=self.views[of, party["external_id"]]["list_id"],
            lines=asked,
        )

    def _asked(self, wish: Wish, *names: str) -> Fields:
        """What was asked of a list record: all of one we made, what was changed of one that was matched."""
        row = self.rows[wish]
        made = row.link is not None and row.link.matched_by == "created"
        if not made and row.revision == 1:
            return {}
        wanted = self.history.wishes[wish].fields
        return {name: wanted[name] for name in names if made or (wish, name) in _CHANGED}

    def _item(self, reference: Mapping[str, Any]) -> str:
        if "full_name" in reference:
            return str(self.history.company.find("ItemGroup", Name=reference["full_name"])["ListID"])
        return str(self.views[Kind.ITEM, reference["external_id"]]["list_id"])

    def _as_found(self, wish: Wish, wanted: Wanted, found: Fields) -> Fields:
        kind = wish[0]
        if kind is Kind.ITEM:
            prices = found.get("SalesOrPurchase", {})
            return {**found, "name": found["FullName"], "price": prices.get("Price")}
        if not kind.is_document:
            return {**found, "name": found["FullName"], "phone": found.get("Phone")}
        if wanted.is_void:
            closed = found.get("IsManuallyClosed") == "true"
            return {"void": closed or Decimal(found.get("Subtotal", "1")) == 0}
        held = [
            _line((each.get("ItemRef") or each["ItemGroupRef"])["ListID"], each["Quantity"], each.get("Rate"))
            for each in found["lines"]
        ]
        party = found["CustomerRef" if kind is Kind.INVOICE else "VendorRef"]["ListID"]
        return {**found, "party": party, "lines": held}

    def still_there(self, wish: Wish) -> Iterable[str]:
        """A document that was to be voided and was taken back instead must never have been posted."""
        posted = any(
            e.external_guid and e.external_guid.upper() == self.guids[wish]
            for e in self.history.company.ledger
        )
        return [f"{_name(wish)} is cancelled, and was posted"] if posted else []

    # --- blocked --------------------------------------------------------------------------------------------

    def wrong_causes(self, wish: Wish) -> Iterable[str]:
        """The error records of a blocked record that are not so."""
        view = self.views[wish]
        if not view["errors"]:
            return [f"{_name(wish)} is blocked without a word"]
        return [
            f"{_name(wish)} is blocked as {item['cause']}: {item['message']}"
            for item in view["errors"]
            if not self._is_true(wish, item)
        ]

    def _is_true(self, wish: Wish, error: Fields) -> bool:
        kind, view, history = wish[0], self.views[wish], self.history
        match error["cause"]:
            case "number_conflict":
                number = history.wishes[wish].fields.get("ref_number")
                # what had it may be gone since; nobody has told the server, and a retry finds out
                had = [each for each in history.company.ledger if each.name == number]
                others = [each for each in had if (each.external_guid or "").upper() != self.guids[wish]]
                return bool(others) or "restore" in history.fired
            case "document_deleted" | "record_deleted":
                # with a reference to what is gone, it is the reference that is named
                ours = view[kind.id_name]
                gone = ours is not None and ours not in self.held[kind]
                return gone or self._refers_to_what_is_gone(wish)
            case "item_not_matched":
                return wish[1] == "unmatched"
            case "uncertain":
                return bool(history.fired & {"kill", "unstored", "unbegun"})
            case "refused":
                return error["quickbooks"]["code"] in {f.value for f in history.plan.fired} | {"500"}
            case "reference_missing":
                return "restore" in history.fired or bool(history.by_person)
            case "changed_in_quickbooks":
                return wish in history.by_person or "restore" in history.fired
            case "name_in_use":
                return "restore" in history.fired or bool(history.by_person)
            case "record_inactive":
                return bool(history.by_person)
        return False

    def _refers_to_what_is_gone(self, wish: Wish) -> bool:
        return "restore" in self.history.fired or bool(self.history.by_person)


_CHANGED = {
    ((Kind.CUSTOMER, "c0"), "phone"),
    ((Kind.CUSTOMER, "c1"), "phone"),
    ((Kind.CUSTOMER, "c1"), "name"),
}
"""The fields of matched records that the host changed: those that must have reached QuickBooks."""


def _line(item: str, quantity: str, rate: str | None) -> tuple[str, Decimal, Decimal | None]:
    """A line, or a group, which has no rate of its own."""
    return item, Decimal(quantity), None if rate is None else Decimal(rate)


def _given(**values: Any) -> Fields:
    return {name: value for name, value in values.items() if value is not None}


def _unequal(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    for name, value in ours.items():
        if value != theirs.get(name):
            yield f"{name} is {theirs.get(name)!r} in QuickBooks, not {value!r}"
