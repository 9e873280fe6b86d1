"""The check as a pure function: what is known goes in, a verdict comes out, and no database is anywhere near."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from qbwc_server.domain.causes import AlreadyLinked, CustomerNotMatched, ItemNotMatched
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import OpenCause
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import EntryField, ListEntry, email_keys, fold
from qbwc_server.domain.records import Record, State
from qbwc_server.domain.settings import ConnectorSettings
from qbwc_server.sync.check import Blocked, Matched, Ready, Verdict, Waiting, anticipate, check
from qbwc_server.sync.check.known import Known

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def connector(**settings: Any) -> Connector:
    unknown = dict.fromkeys(
        ("binding", "last_seen_at", "last_message_set", "qbxml_version", "product", "country")
    )
    values: dict[str, Any] = {**unknown, "seconds_per_request": None, "tidied_at": None, "created_at": NOW}
    values |= dict.fromkeys(("username", "password_digest", "owner_id", "file_id"), "-")
    values |= dict.fromkeys(("paused", "is_restored", "is_verifying"), False)
    return Connector(id=1, uuid=UUID(int=7), name="acme", settings=ConnectorSettings(**settings), **values)


def record(record_id: int, kind: Kind, external_id: str, content: Mapping[str, Any], **more: Any) -> Record:
    values: dict[str, Any] = {
        "state": State.QUEUED,
        "revision": 1,
        "synced_revision": None,
        "priority": 100,
        "waiting": 0,
        "link": None,
        "is_surplus": False,
        "synced_content": None,
        "posted_lines": (),
        "needs_reading": False,
        "is_void": False,
        "generation": 0,
        "warnings": (),
        "attempts": 0,
        "not_before": None,
        "pause_reason": None,
        "isolation": None,
        "probed_session_id": None,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Record(record_id, 1, kind, external_id, content=content, **{**values, **more})


def entry(list_name: ListName, list_id: str, full_name: str, **more: Any) -> ListEntry:
    values: dict[str, Any] = {"email": None, "sku": None, "edit_sequence": "1", "external_guid": None}
    values |= {"is_active": True, "is_deleted": False, "terms": None, "type": "ItemNonInventory"}
    return ListEntry(list_name=list_name, list_id=list_id, full_name=full_name, **{**values, **more})


def keys_of_entry(entry: ListEntry, by: EntryField) -> tuple[str, ...]:
    """What an entry is found by: folded, but for its ListID."""
    if by == "list_id":
        return (entry.list_id,)
    if by == "email":
        return email_keys(entry.email)
    if by == "own_name" and entry.list_name is not ListName.ITEM:
        return ()
    text: str | None = getattr(entry, by)
    return (fold(text),) if text else ()


class Shelf:
    """Entries and records as a database would have them, and the questions it was asked."""

    def __init__(
        self, entries: Iterable[ListEntry] = (), records: Iterable[tuple[Record, set[str]]] = ()
    ) -> None:
        self.entries, self.records = list(entries), list(records)
        self.errors: dict[int, list[OpenCause]] = {}
        self.rounds = 0

    def tell(self, known: Known) -> None:
        """Answer everything that is missing."""
        missing = known.missing
        known.forget_missing()
        self.rounds += 1
        if missing.loads:
            known.read_loads({})
        if missing.rulings:
            known.read_rulings(())
        for (list_name, field), keys in missing.entries.items():
            found = [
                (key, each)
                for key in keys
                for each in self.entries
                if each.list_name is list_name and key in keys_of_entry(each, field)
            ]
            known.read_entries((list_name, field), keys, found)
        for (kind, by), keys in missing.records.items():
            known.read_records(
                (kind, by), keys, [(key, each) for key in keys for each in self._named(kind, by, key)]
            )
        known.read_errors(
            missing.errors, [(each, item) for each in missing.errors for item in self.errors.get(each, [])]
        )

    def _named(self, kind: Kind, by: str, key: str) -> Iterable[Record]:
        for each, keys in self.records:
            linked = each.link.quickbooks_id if each.link is not None else None
            named = {
                "external_id": each.external_id == key,
                "key": key in keys,
                "quickbooks_id": linked == key,
            }
            if each.kind is kind and named[by]:
                yield each

    def verdict(self, known: Known, wanted: Record) -> Verdict:
        """What the check finds once all is known."""
        while True:
            found = check(known, wanted)
            if not known.missing:
                return found
            self.tell(known)


FISH = entry(ListName.CUSTOMER, "C1", "Harbour Fish", email="ap@fish.example", type="Customer")
OYSTER = entry(ListName.ITEM, "I1", "Oyster", sku="A-77")


def invoice(record_id: int, customer: Any = None, sku: str = "A-77") -> Record:
    content = {
        "ref_number": str(record_id),
        "txn_date": "2026-11-20",
        "customer": customer or {"email": "ap@fish.example"},
        "lines": [{"item": {"sku": sku}, "quantity": "1", "rate": "2.00"}],
    }
    return record(record_id, Kind.INVOICE, f"i{record_id}", content)


def test_all_that_a_set_of_invoices_refers_to_is_asked_for_in_one_round() -> None:
    shelf, known = Shelf([FISH, OYSTER]), Known(connector())
    members = [invoice(number, sku=sku) for number, sku in enumerate(["A-77", "B-1", "B-2"], start=1)]
    anticipate(known, members)
    shelf.tell(known)
    verdict = check(known, members[0])
    assert not known.missing
    assert isinstance(verdict, Ready)
    assert shelf.rounds == 1


def test_what_nobody_foresaw_is_missing_rather_than_taken_for_absent() -> None:
    known = Known(connector())
    check(known, invoice(1, {"external_id": "c-7"}))
    assert known.missing
    assert list(known.missing.records[Kind.CUSTOMER, "external_id"]) == ["c-7"]


@pytest.mark.parametrize(
    ("entries", "cause"),
    [
        ([OYSTER], CustomerNotMatched),
        ([FISH], ItemNotMatched),
        ([FISH, OYSTER._replace(is_deleted=True)], None),
    ],
)
def test_what_keeps_an_invoice_from_being_sent_is_found_without_a_database(
    entries: list[ListEntry], cause: type | None
) -> None:
    verdict = Shelf(entries).verdict(Known(connector()), invoice(1))
    assert isinstance(verdict, Blocked)
    if cause is not None:
        assert [type(found.cause) for found in verdict.findings] == [cause]


def test_an_invoice_waits_for_a_customer_that_is_on_its_way() -> None:
    customer = record(7, Kind.CUSTOMER, "c-7", {"name": "Harbour", "email": "ap@fish.example"})
    shelf = Shelf([OYSTER], [(customer, {"email:ap@fish.example"})])
    assert shelf.verdict(Known(connector()), invoice(1)) == Waiting(frozenset({7}))


def test_an_invoice_is_blocked_for_what_blocks_its_customer() -> None:
    content = {"name": "Harbour", "email": "ap@fish.example"}
    customer = record(7, Kind.CUSTOMER, "c-7", content, state=State.BLOCKED)
    shelf = Shelf([OYSTER], [(customer, set())])
    cause = CustomerNotMatched("several", "customer c-7", "ap@fish.example", ())
    shelf.errors[7] = [OpenCause(1, cause, cause.key, None)]
    verdict = shelf.verdict(Known(connector()), invoice(1, {"external_id": "c-7"}))
    assert isinstance(verdict, Blocked)
    assert [(found.cause, found.via_record_id) for found in verdict.findings] == [(cause, 7)]


def test_of_two_of_a_set_that_are_one_entry_the_second_is_told_whose_it_is() -> None:
    known, shelf = Known(connector()), Shelf([FISH])
    first, second = (
        record(number, Kind.CUSTOMER, f"c{number}", {"name": f"N{number}", "email": "ap@fish.example"})
        for number in (1, 2)
    )
    verdict = shelf.verdict(known, first)
    assert isinstance(verdict, Matched)
    known.changed(first._replace(state=State.SYNCED, link=verdict.link))
    verdict = shelf.verdict(known, second)
    assert isinstance(verdict, Blocked)
    assert [type(found.cause) for found in verdict.findings] == [AlreadyLinked]


def test_an_entry_that_was_renamed_meanwhile_is_found_by_its_new_name_only() -> None:
    known, shelf = Known(connector()), Shelf([FISH, OYSTER])
    by_old, by_new = invoice(1, {"full_name": "Harbour Fish"}), invoice(2, {"full_name": "Pier Fish"})
    assert isinstance(shelf.verdict(known, by_old), Ready)
    assert isinstance(shelf.verdict(known, by_new), Blocked)
    shelf.entries[0] = FISH._replace(full_name="Pier Fish")
    known.forget_lists()
    assert isinstance(shelf.verdict(known, by_old), Blocked)
    assert isinstance(shelf.verdict(known, by_new), Ready)
