"""Rows of the list cache: how entries are found, and what a load leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, event

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.storage import currencies, lists
from qbwc_server.storage.database import Database

from .test_finding import plan

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def customer(list_id: str, name: str, email: str | None = None, **values: Any) -> ListEntry:
    entry = ListEntry(
        ListName.CUSTOMER, list_id, "Customer", name, True, False, email, None, "100", None, None
    )
    return entry._replace(**values)


def item(list_id: str, name: str, sku: str | None) -> ListEntry:
    return customer(list_id, name, sku=sku, list_name=ListName.ITEM, type="ItemNonInventory")


class Cache:
    """The list cache of one connector in one open transaction."""

    def __init__(self, conn: Any, connector: Connector) -> None:
        self.conn = conn
        self.id = connector.id

    def store(self, *entries: ListEntry, load: int | None = 1) -> list[tuple[ListEntry | None, ListEntry]]:
        return lists.store(self.conn, self.id, entries, load=load)

    def by_email(self, email: str, name: ListName = ListName.CUSTOMER) -> list[str]:
        return [entry.list_id for entry in lists.by_email(self.conn, self.id, name, email)]

    def by_name(self, name: str) -> list[str]:
        return [entry.list_id for entry in lists.by_name(self.conn, self.id, ListName.CUSTOMER, name)]

    def by_sku(self, sku: str) -> list[str]:
        return [entry.list_id for entry in lists.by_sku(self.conn, self.id, sku)]


@pytest.fixture
def cache(database: Database, connector: Connector, other: Connector) -> Any:
    """The cache of a connector beside that of another one with the very same names."""
    with database.begin() as conn:
        stranger = Cache(conn, other)
        stranger.store(customer("x", "Harbour", "ap@x.example"))
        stranger.store(item("y", "Oyster", "A-77"))
        yield Cache(conn, connector)


def test_each_of_several_addresses_in_a_field_finds_the_entry_in_any_case(cache: Cache) -> None:
    cache.store(customer("1", "A", "ap@x.example; Sales@X.example"), customer("2", "B", "sales@x.example"))
    assert cache.by_email("AP@x.example") == ["1"]
    assert cache.by_email(" sales@X.EXAMPLE ") == ["1", "2"]
    assert cache.by_email("x.example") == []
    assert cache.by_email("ap@x.example", ListName.VENDOR) == []


def test_an_address_that_was_taken_off_finds_nothing_any_more(cache: Cache) -> None:
    cache.store(customer("1", "A", "old@x.example, both@x.example"))
    cache.store(customer("1", "A", "new@x.example, both@x.example"))
    assert [cache.by_email(f"{each}@x.example") for each in ("old", "new", "both")] == [[], ["1"], ["1"]]


def test_names_and_skus_are_found_in_any_case(cache: Cache) -> None:
    cache.store(customer("1", "STRASSE"), customer("2", "Café:Job"))
    cache.store(item("3", "Oyster", "A-77"), item("4", "Clam", " a-77 "), item("5", "None", None))
    assert cache.by_name("straße") == ["1"]
    assert cache.by_name("CAFE\u0301:job") == ["2"]
    assert cache.by_name("caf") == []
    assert cache.by_sku("a-77") == ["3", "4"]
    assert cache.by_sku("") == []
    found = lists.by_skus(cache.conn, cache.id, ["A-77", "none", "a-77"])
    assert {entry.list_id for entries in found.values() for entry in entries} == {"3", "4"}


def test_deleted_and_inactive_entries_are_found_and_marked(cache: Cache) -> None:
    cache.store(customer("1", "A", "a@x", is_active=False), customer("2", "A", "a@x"))
    lists.mark_deleted(cache.conn, cache.id, ListName.CUSTOMER, ["2"])
    found = lists.by_email(cache.conn, cache.id, ListName.CUSTOMER, "a@x")
    assert [(entry.list_id, entry.is_active, entry.is_deleted) for entry in found] == [
        ("1", False, False),
        ("2", True, True),
    ]
    assert cache.by_name("a") == ["1", "2"]


def test_storing_tells_what_is_new_or_different_and_what_it_was(cache: Cache) -> None:
    first = customer("1", "A", "a@x")
    assert cache.store(first) == [(None, first)]
    assert cache.store(first, load=2) == []
    renamed = first._replace(full_name="B", edit_sequence="101")
    assert cache.store(renamed, load=3) == [(first, renamed)]
    assert cache.store() == []


def test_a_deleted_entry_that_is_seen_again_lives_again(cache: Cache) -> None:
    entry = customer("1", "A")
    cache.store(entry)
    lists.mark_deleted(cache.conn, cache.id, ListName.CUSTOMER, ["1"])
    assert cache.store(entry, load=2) == [(entry._replace(is_deleted=True), entry)]
    assert lists.sizes(cache.conn, cache.id) == {ListName.CUSTOMER: 1}


def test_marking_as_deleted_tells_only_what_was_alive(cache: Cache) -> None:
    cache.store(customer("1", "A"), customer("2", "B"))
    gone = lists.mark_deleted(cache.conn, cache.id, ListName.CUSTOMER, ["1", "unknown"])
    assert [entry.list_id for entry in gone] == ["1"]
    assert lists.mark_deleted(cache.conn, cache.id, ListName.CUSTOMER, ["1"]) == []


def test_what_a_full_load_did_not_see_is_swept(cache: Cache) -> None:
    cache.store(customer("1", "A"), customer("2", "B"), customer("3", "C"), load=1)
    cache.store(item("9", "Oyster", "A"), load=1)
    cache.store(customer("1", "A"), customer("3", "New name"), load=2)
    assert lists.seen(cache.conn, cache.id, ListName.CUSTOMER, 2) == 2
    gone = lists.sweep(cache.conn, cache.id, ListName.CUSTOMER, 2)
    assert [(entry.list_id, entry.is_deleted) for entry in gone] == [("2", True)]
    assert lists.sizes(cache.conn, cache.id) == {ListName.CUSTOMER: 2, ListName.ITEM: 1}
    assert lists.sweep(cache.conn, cache.id, ListName.CUSTOMER, 2) == []


def test_an_answer_to_a_write_does_not_count_as_seen_by_a_load(cache: Cache) -> None:
    cache.store(customer("1", "A"), load=4)
    cache.store(customer("1", "A", edit_sequence="2"), load=None)
    assert lists.seen(cache.conn, cache.id, ListName.CUSTOMER, 4) == 1
    cache.store(customer("2", "B"), load=None)
    assert lists.seen(cache.conn, cache.id, ListName.CUSTOMER, 4) == 1


def test_a_large_page_is_stored_at_once(cache: Cache) -> None:
    entries = [customer(f"{number:04}", f"Customer {number}", f"{number}@x") for number in range(2000)]
    assert len(cache.store(*entries)) == 2000
    assert cache.by_email("1999@x") == ["1999"]
    assert lists.sizes(cache.conn, cache.id) == {ListName.CUSTOMER: 2000}
    assert len(lists.by_ids(cache.conn, cache.id, ListName.CUSTOMER, [e.list_id for e in entries])) == 2000


def test_an_entry_told_twice_in_one_page_is_stored_as_it_was_told_last(cache: Cache) -> None:
    first, last = customer("c", "Harbour", "ap@x.example"), customer("c", "Harbour Fish", "ap@x.example")
    assert cache.store(first, last) == [(None, last)]
    assert cache.by_email("ap@x.example") == ["c"]
    assert cache.by_name("harbour fish") == ["c"]
    assert cache.by_name("harbour") == []


def test_every_value_of_a_large_page_comes_back_as_it_was(cache: Cache) -> None:
    entries = [
        customer(
            f"8000{number}-1'\"",
            f"Größe {number} 𝄞",
            f"a{number}@x.example; b{number}@x.example" if number % 2 else None,
            is_active=number % 3 > 0,
            edit_sequence=None if number % 5 == 0 else str(number),
            external_guid="{GUID}" if number % 7 == 0 else None,
            terms="Net 30" if number % 11 == 0 else None,
        )
        for number in range(1200)
    ]
    assert len(cache.store(*entries)) == 1200
    ids = [entry.list_id for entry in entries]
    found = lists.by_ids(cache.conn, cache.id, ListName.CUSTOMER, ids)
    assert sorted(found, key=lambda entry: entry.list_id) == sorted(entries, key=lambda entry: entry.list_id)
    assert cache.store(*entries, load=2) == []
    assert lists.seen(cache.conn, cache.id, ListName.CUSTOMER, 2) == 1200
    assert cache.by_email("B7@x.example") == [ids[7]]


def test_forgetting_empties_the_cache_of_one_connector(cache: Cache, other: Connector) -> None:
    cache.store(customer("1", "A", "a@x"))
    lists.change_load(cache.conn, cache.id, ListName.CUSTOMER, loaded_at=NOW)
    lists.forget(cache.conn, cache.id)
    assert lists.sizes(cache.conn, cache.id) == {}
    assert cache.by_email("a@x") == []
    (load,) = lists.loads(cache.conn, cache.id, [ListName.CUSTOMER])
    assert load.loaded_at is None
    assert lists.sizes(cache.conn, other.id) == {ListName.CUSTOMER: 1, ListName.ITEM: 1}


def test_how_far_a_load_has_come_is_kept(cache: Cache) -> None:
    (load,) = lists.loads(cache.conn, cache.id, [ListName.ITEM])
    assert (load.number, load.running, load.loaded_at) == (0, None, None)
    lists.change_load(
        cache.conn, cache.id, ListName.ITEM, running="full", number=3, iterator_id="{X}", session_id=9
    )
    lists.change_load(
        cache.conn, cache.id, ListName.ITEM, changes={"new": 2}, high_water="2026-11-20T08:15:00"
    )
    (load,) = lists.loads(cache.conn, cache.id, [ListName.ITEM])
    assert (load.number, load.running, load.iterator_id) == (3, "full", "{X}")
    assert load.changes == {"new": 2}
    lists.drop_iterators(cache.conn, cache.id)
    (load,) = lists.loads(cache.conn, cache.id, [ListName.ITEM])
    assert (load.number, load.running, load.iterator_id, load.session_id) == (3, None, None, None)
    assert load.high_water == "2026-11-20T08:15:00"


def test_all_lists_must_have_been_loaded(cache: Cache) -> None:
    wanted = [ListName.CUSTOMER, ListName.ITEM]
    lists.change_load(cache.conn, cache.id, ListName.CUSTOMER, loaded_at=NOW)
    assert not lists.all_loaded(cache.conn, cache.id, wanted)
    lists.change_load(cache.conn, cache.id, ListName.ITEM, loaded_at=NOW)
    assert lists.all_loaded(cache.conn, cache.id, wanted)


def test_entries_are_found_in_sets_by_whatever_a_rule_compares(cache: Cache) -> None:
    cache.store(
        customer("1", "Quay", account_number="K-1"),
        customer("2", "Quay:Refit", account_number="k-1 "),
        customer("3", "Pier"),
    )
    cache.store(
        item("4", "Oyster:100ct", None)._replace(barcode="4006381333931"),
        item("5", "Clam:100CT", None)._replace(barcode="ean-5"),
    )

    def ids(found: dict[str, list[ListEntry]]) -> dict[str, list[str]]:
        return {key: [entry.list_id for entry in entries] for key, entries in found.items()}

    conn, mine = cache.conn, cache.id
    numbers = ids(lists.by_account_numbers(conn, mine, ListName.CUSTOMER, ["K-1", "k-1", "K-2"]))
    assert numbers == {"k-1": ["1", "2"], "k-2": []}
    assert ids(lists.by_account_numbers(conn, mine, ListName.VENDOR, ["K-1"])) == {"k-1": []}
    names = ids(lists.by_names(conn, mine, ListName.CUSTOMER, ["QUAY:refit", "pier", "Refit"]))
    assert names == {"quay:refit": ["2"], "pier": ["3"], "refit": []}
    assert ids(lists.by_own_names(conn, mine, ["100ct", "Oyster"])) == {"100ct": ["4", "5"], "oyster": []}
    codes = ids(lists.by_barcodes(conn, mine, ["EAN-5", "4006381333931"]))
    assert codes == {"ean-5": ["5"], "4006381333931": ["4"]}
    assert lists.by_barcodes(conn, mine, []) == {}


def test_what_is_compared_changes_with_the_entry(cache: Cache) -> None:
    cache.store(item("4", "Oyster:100ct", None)._replace(barcode="EAN-4"))
    cache.store(item("4", "Oyster:Dozen", None))
    assert lists.by_barcodes(cache.conn, cache.id, ["EAN-4"]) == {"ean-4": []}
    assert lists.by_own_names(cache.conn, cache.id, ["100ct"]) == {"100ct": []}
    assert len(lists.by_own_names(cache.conn, cache.id, ["Dozen"])["dozen"]) == 1


LOOK_UPS: Mapping[str, Callable[[Connection, int], object]] = {
    "ix_list_entry_account_number": lambda c, i: lists.by_account_numbers(
        c, i, ListName.CUSTOMER, ["x", "y"]
    ),
    "ix_list_entry_barcode": lambda c, i: lists.by_barcodes(c, i, ["x", "y"]),
    "ix_list_entry_own_name": lambda c, i: lists.by_own_names(c, i, ["x", "y"]),
    "ix_list_entry_name": lambda c, i: lists.by_names(c, i, ListName.CUSTOMER, ["x", "y"]),
    "ix_list_entry_sku": lambda c, i: lists.by_skus(c, i, ["x", "y"]),
    "AND email_key=?": lambda c, i: lists.by_emails(c, i, ListName.CUSTOMER, ["x", "y"]),
    "AND list_id=?": lambda c, i: lists.by_ids(c, i, ListName.CUSTOMER, ["x", "y"]),
}


@pytest.mark.parametrize("how", LOOK_UPS)
def test_no_look_up_reads_a_whole_list(cache: Cache, how: str) -> None:
    told = plan(cache.conn, lambda: LOOK_UPS[how](cache.conn, cache.id))
    if cache.conn.dialect.name == "sqlite":
        assert how in told, told
        assert "(connector_id=? AND list_name=?)" not in told, told
    assert "Seq Scan" not in told, told


def test_neither_a_rename_nor_a_currency_is_looked_for_among_all_entries(cache: Cache) -> None:
    if cache.conn.dialect.name != "sqlite":
        pytest.skip("PostgreSQL reads a table of three rows as a whole, and is right to")
    cache.store(customer("1", "Old Harbour"), customer("2", "Old Harbour:Pier"))
    told: list[tuple[str, Any, bool]] = []
    heard = [cache.conn, "before_cursor_execute", lambda *each: told.append((each[2], each[3], each[5]))]
    event.listen(*heard)
    cache.store(customer("1", "Quay"))
    currencies.codes(cache.conn, {(cache.id, "Euro"), (cache.id, "US Dollar")})
    event.remove(*heard)
    forgotten = [each for each in told if each[0].startswith("DELETE FROM entry_word")]
    named = [each for each in told if "json_extract" in each[0]]
    # of the entry itself, and of what stands below it
    assert (len(forgotten), len(named)) == (2, 1)
    for text, values, are_many in (*forgotten, *named):
        plan = cache.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values[0] if are_many else values)
        steps = [row[3] for row in plan if "entry_word" in row[3] or "list_entry" in row[3]]
        assert all("word=?" in step or "name_key=?" in step for step in steps), steps


def test_entries_are_looked_up_by_all_they_are_found_by_in_one_statement(cache: Cache) -> None:
    fish = customer("1", "Harbour", "ap@x.example, both@x.example", account_number="K-1")
    pier = customer("2", "Harbour:Pier", "both@x.example")
    oyster = item("3", "Shells:Oyster", "A-77")
    cache.store(pier, fish)
    cache.store(oyster)
    asked: dict[lists.Question, list[str]] = {
        (ListName.CUSTOMER, "email"): ["both@x.example", "nobody@x.example"],
        (ListName.CUSTOMER, "full_name"): ["harbour", "harbour:pier"],
        (ListName.CUSTOMER, "list_id"): ["2", "9"],
        (ListName.CUSTOMER, "account_number"): ["k-1"],
        (ListName.ITEM, "sku"): ["a-77"],
        (ListName.ITEM, "own_name"): ["oyster"],
        (ListName.ITEM, "barcode"): ["oyster"],
    }
    assert lists.look_up(cache.conn, cache.id, asked) == {
        (ListName.CUSTOMER, "email"): [("both@x.example", fish), ("both@x.example", pier)],
        (ListName.CUSTOMER, "full_name"): [("harbour", fish), ("harbour:pier", pier)],
        (ListName.CUSTOMER, "list_id"): [("2", pier)],
        (ListName.CUSTOMER, "account_number"): [("k-1", fish)],
        (ListName.ITEM, "sku"): [("a-77", oyster)],
        (ListName.ITEM, "own_name"): [("oyster", oyster)],
        (ListName.ITEM, "barcode"): [],
    }


def test_what_is_only_shown_to_people_is_kept_but_makes_no_entry_another_one(cache: Cache) -> None:
    cache.store(customer("1", "Harbour", "ap@x.example", sides="one"), customer("2", "Quay"))
    known = customer("1", "Harbour", "ap@x.example", city="Kiel", phone="1", balance=Decimal("-0.05"))
    later = NOW + timedelta(hours=1)
    stored = lists.store(cache.conn, cache.id, [known, customer("2", "Quay")], load=2, told_at=later)
    assert stored == []
    first, second = lists.by_ids(cache.conn, cache.id, ListName.CUSTOMER, ["1", "2"])
    assert first.shown == ("Kiel", "1", Decimal("-0.05"), None)
    assert (first.sides, first.told_at, second.told_at) == ("one", later, later)
    # an amount that no column could hold is not known
    lists.store(cache.conn, cache.id, [known._replace(balance=Decimal("1e20"))], load=None, told_at=later)
    (first,) = lists.by_ids(cache.conn, cache.id, ListName.CUSTOMER, ["1"])
    assert (first.balance, first.city) == (None, "Kiel")
