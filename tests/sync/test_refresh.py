"""The list cache: when it is loaded, page by page, what a load changes, and what that releases."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from freezegun import freeze_time
from lxml import etree
from sqlalchemy import Engine, event

from qbwc_server.desk import overview
from qbwc_server.desk.administration import connectors
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.limits import Limits
from qbwc_server.domain.matching import ListEntry
from qbwc_server.storage import errors, lists, memory
from qbwc_server.storage.columns import LoadColumns
from qbwc_server.sync import list_cache
from tests.worlds.sync_world import (
    START,
    Answer,
    World,
    message_set_of,
    names_in,
    requests_in,
    transactions,
)

HOUR = timedelta(hours=1)


def add(world: World, name: str, **fields: Any) -> str:
    return world.company.person.add("Customer", {"Name": name, **fields})


def cached(world: World, list_name: ListName = ListName.CUSTOMER) -> set[str]:
    """The names of the living entries of a list in the cache."""
    connector = connectors.get(world.core, "acme")
    names = [str(each["FullName"]) for each in world.company.records(list_name.value.capitalize())]
    with world.core.database.begin() as conn:
        found = {
            entry.full_name
            for name in [*names, "Gone"]
            for entry in lists.by_name(conn, connector.id, list_name, name)
            if not entry.is_deleted
        }
        assert len(found) == lists.sizes(conn, connector.id).get(list_name, 0)
    return found


def pages_of(world: World, texts: list[str], name: str = "CustomerQueryRq") -> list[Any]:
    """The requests for pages of a list."""
    return [each for text in texts for each in requests_in(text) if each.tag == name]


# --- when ---------------------------------------------------------------------------------------------------


def test_how_far_the_lists_are_is_not_read_anew_for_each_of_them(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.warm()
        clock.tick(HOUR)
        with transactions() as done:
            (text,) = world.poll().texts
    assert len(requests_in(text)) > 10
    assert max(each.number("SELECT list_load.") for each in done) == 1


def test_what_is_remembered_of_the_lists_is_what_is_stored(make_world: Callable[..., World]) -> None:
    world = make_world()
    connector = connectors.get(world.core, "acme")
    values: LoadColumns = {"running": "full", "began_at": START, "fields": ["Name"], "changes": {"new": 2}}
    every = tuple(ListName)
    with world.core.database.begin() as conn, memory.remembering(conn):
        before = lists.loads(conn, connector.id, every)
        lists.change_load(conn, connector.id, ListName.TERMS, **values, number=3)
        lists.change_load(
            conn, connector.id, ListName.TERMS, loaded_at=START, high_water="2026-11-20T08:15:00"
        )
        remembered = lists.loads(conn, connector.id, every)
        memory.forget_all(conn)
        assert remembered == lists.loads(conn, connector.id, every) != before


def test_the_lists_are_loaded_once_an_hour(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.warm()
        clock.tick(HOUR - timedelta(seconds=1))
        assert world.poll().answer[1] == "none"
        clock.tick(timedelta(seconds=1))
        assert "CustomerQueryRq" in names_in(world.poll().texts[0])
        assert world.poll().answer[1] == "none"


def test_the_interval_is_a_setting(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as clock:
        world = make_world(settings={"refresh_minutes": 5})
        world.warm()
        clock.tick(timedelta(minutes=5))
        assert world.poll().texts


def test_an_hourly_refresh_asks_only_for_what_changed_and_reaches_back_to_before_the_last_load_in_any_zone(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        add(world, "Old")
        clock.tick(10 * HOUR)
        add(world, "Newest")
        world.warm()
        clock.tick(HOUR)
        add(world, "Later")
        visit = world.poll()
        (query,) = pages_of(world, visit.texts)
        since = query.findtext("FromModifiedDate")
        assert since is not None
        # the load began at 01:00 UTC, when it was 13:00 the day before in the zone furthest behind; less two hours
        assert since[:19] == "2026-11-20T11:00:00"
        assert cached(world) == {"Old", "Newest", "Later"}


def test_resync_loads_everything_at_the_next_visit(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        add(world, "One")
        world.warm()
        clock.tick(timedelta(minutes=1))
        connectors.resync(world.core, "acme", actor="ada")
        assert overview.health(world.core, "acme").resync_requested_at is not None
        (query,) = pages_of(world, world.poll().texts)
        assert query.find("FromModifiedDate") is None
        assert overview.health(world.core, "acme").resync_requested_at is None
        assert world.poll().answer[1] == "none"


def test_all_lists_travel_in_one_message_set(world: World) -> None:
    first = world.poll().texts[0]
    assert {"CustomerQueryRq", "VendorQueryRq", "ItemQueryRq"} <= set(names_in(first))


# --- pages --------------------------------------------------------------------------------------------------


def paged(make_world: Callable[..., World], number: int) -> World:
    world = make_world(limits=Limits(page_size=3))
    for each in range(number):
        add(world, f"Customer {each}", Email=f"{each}@x.example")
    return world


def test_a_list_is_loaded_page_by_page_with_one_iterator(make_world: Callable[..., World]) -> None:
    world = paged(make_world, 8)
    visit = world.poll()
    pages = pages_of(world, visit.texts)
    assert [page.get("iterator") for page in pages] == ["Start", "Continue", "Continue"]
    assert len({page.get("iteratorID") for page in pages[1:]}) == 1
    assert cached(world) == {f"Customer {each}" for each in range(8)}


def test_nothing_is_matched_before_every_list_is_loaded_to_its_end(make_world: Callable[..., World]) -> None:
    world = paged(make_world, 8)
    world.put(Kind.CUSTOMER, "c", {"name": "Other", "email": "7@x.example"})
    visit = world.visit()
    visit.exchange()
    assert world.state(Kind.CUSTOMER, "c") == "queued"
    visit.run()
    assert world.view(Kind.CUSTOMER, "c")["matched_by"] == "email"
    assert world.posted() == {}


def test_an_iterator_lost_in_the_middle_goes_on_behind_the_last_name_in_the_next_session(
    make_world: Callable[..., World],
) -> None:
    world = paged(make_world, 8)
    visit = world.visit()
    visit.exchange()
    visit.exchange()
    visit.close()
    again = world.poll()
    (page,) = pages_of(world, again.texts)
    assert page.get("iterator") == "Start"
    assert page.findtext("NameRangeFilter/FromName") == "Customer 5"
    assert cached(world) == {f"Customer {each}" for each in range(8)}
    assert again.progress[-1] == 100


@pytest.mark.parametrize("is_cut_off", [False, True])
def test_what_is_put_right_behind_a_load_that_is_half_through_is_seen_by_the_resync_pressed_then(
    make_world: Callable[..., World], is_cut_off: bool
) -> None:
    world = paged(make_world, 8)
    visit = world.visit()
    visit.exchange()
    visit.exchange()
    if is_cut_off:
        visit.close()
    entry = world.company.find("Customer", Name="Customer 0")
    world.company.person.edit("Customer", entry["ListID"], {"Email": "right@x.example"})
    connectors.resync(world.core, "acme", actor="ann")
    assert (world.poll() if is_cut_off else visit.run()).progress[-1] == 100
    world.customer("c", name="Another name", email="right@x.example")
    assert world.view(Kind.CUSTOMER, "c")["matched_by"] == "email"


def test_a_load_that_went_on_and_passed_entries_over_is_begun_anew(make_world: Callable[..., World]) -> None:
    """QuickBooks need not give names in order: here a late comer stands behind the name the load had come to."""
    world = paged(make_world, 6)
    for name in ("Zebra", "Alpha"):
        add(world, name)
    visit = world.visit()
    visit.exchange()
    visit.exchange()
    visit.close()
    pages = pages_of(world, world.poll().texts)
    assert [page.get("iterator") for page in pages] == ["Start", "Start", "Continue", "Continue"]
    assert [page.find("NameRangeFilter") is None for page in pages] == [False, True, True, True]
    assert cached(world) == {f"Customer {each}" for each in range(6)} | {"Zebra", "Alpha"}


def test_a_load_over_jobs_is_not_gone_on_with_because_their_names_are_not_in_order(
    make_world: Callable[..., World],
) -> None:
    world = make_world(limits=Limits(page_size=3))
    parent = add(world, "Customer 0")
    for name in ("Zebra job", "Alpha job"):
        add(world, name, ParentRef={"ListID": parent})
    for each in range(1, 6):
        add(world, f"Customer {each}")
    visit = world.visit()
    visit.exchange()
    visit.exchange()
    visit.close()
    pages = pages_of(world, world.poll().texts)
    assert [page.get("iterator") for page in pages] == ["Start", "Continue", "Continue"]
    assert all(page.find("NameRangeFilter") is None for page in pages)
    names = {f"Customer {each}" for each in range(6)}
    assert cached(world) == names | {"Customer 0:Zebra job", "Customer 0:Alpha job"}


def test_what_is_deleted_while_a_load_is_interrupted_is_found_all_the_same(
    make_world: Callable[..., World],
) -> None:
    world = paged(make_world, 8)
    visit = world.visit()
    visit.exchange()
    visit.close()
    gone = world.company.find("Customer", Name="Customer 1")["ListID"]
    world.company.person.delete("Customer", gone)
    world.poll()
    assert cached(world) == {f"Customer {each}" for each in range(8) if each != 1}


def test_an_answer_to_a_page_of_a_load_that_was_given_up_is_ignored(make_world: Callable[..., World]) -> None:
    world = paged(make_world, 8)
    first = world.visit()
    late = first.process(first.send())
    second = world.visit()
    second.send()
    first.receive(late)
    second.receive(second.process(second.texts[-1]))
    second.run()
    assert cached(world) == {f"Customer {each}" for each in range(8)}


def test_a_late_page_of_a_session_that_was_superseded_does_not_meddle_with_the_next_ones(
    make_world: Callable[..., World],
) -> None:
    world = make_world(limits=Limits(page_size=3))
    for number in range(9):
        add(world, f"Customer {number}")
    first = world.visit()
    first.exchange()
    late = first.process(first.send())
    second = world.visit()
    second.exchange()
    assert first.receive(late) >= 0
    assert second.run().progress[-1] == 100
    assert len(second.texts) == 3  # from the last name of the first page on, three at a time
    assert len(cached(world)) == 9


def test_a_broken_off_page_is_asked_for_again(make_world: Callable[..., World]) -> None:
    world = paged(make_world, 8)

    def cut(text: str, answer: Answer) -> Answer:
        return Answer(answer.response[: len(answer.response) // 3])

    assert world.poll(fault=cut).progress[-1] == -1
    world.warm()
    assert cached(world) == {f"Customer {each}" for each in range(8)}


def test_a_list_quickbooks_refuses_is_left_alone_for_a_while(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as clock:
        world = make_world()

        def refuse(text: str, answer: Answer) -> Answer:
            return Answer(
                answer.response.replace('statusCode="0"', 'statusCode="3260"').replace(
                    'statusCode="1"', 'statusCode="3260"'
                )
            )

        assert world.poll(fault=refuse).progress[-1] == 100
        assert world.poll().answer[1] == "none"
        clock.tick(timedelta(minutes=11))
        world.customer("c")
        world.poll()
        assert world.state(Kind.CUSTOMER, "c") == "synced"


def test_a_refused_optional_list_does_not_hold_up_the_records(world: World) -> None:
    """A company without class tracking refuses the list of classes."""

    def refuse(text: str, answer: Answer) -> Answer:
        message_set = message_set_of(answer.response)
        for response in message_set.iter("ClassQueryRs"):
            response[:] = []
            response.set("statusCode", "3250")
            response.set("statusSeverity", "Error")
        return Answer(etree.tostring(message_set.getparent(), encoding="unicode"))

    world.basics()
    assert any("ClassQueryRq" in text for text in world.poll(fault=refuse).texts)
    assert world.states() == {"synced": 2}


# --- what a load changes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("full", [True, False], ids=["Resync", "hourly"])
def test_what_was_deleted_in_quickbooks_is_gone_from_the_cache(
    make_world: Callable[..., World], full: bool
) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        gone = add(world, "Gone", Email="gone@x.example")
        add(world, "Stays")
        world.warm()
        clock.tick(HOUR)
        world.company.person.delete("Customer", gone)
        if full:
            connectors.resync(world.core, "acme", actor="ada")
        world.poll()
        assert cached(world) == {"Stays"}
        world.put(Kind.CUSTOMER, "c", {"name": "New", "email": "gone@x.example"})
        world.poll()
        assert world.posted() == {"New": 1}


@pytest.mark.parametrize("full", [True, False], ids=["Resync", "hourly"])
def test_a_merged_customer_is_gone_from_the_cache(make_world: Callable[..., World], full: bool) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        gone, stays = add(world, "Gone"), add(world, "Stays")
        world.warm()
        clock.tick(HOUR)
        world.company.person.merge("Customer", gone, stays)
        if full:
            connectors.resync(world.core, "acme", actor="ada")
        world.poll()
        assert cached(world) == {"Stays"}


def refresh(world: World, clock: Any, full: bool) -> None:
    clock.tick(HOUR)
    if full:
        connectors.resync(world.core, "acme", actor="ada")
    world.poll()


FIXES = {
    "an email entered": ("email_unknown", {"Email": "new@x.example"}),
    "an address taken off one of two": ("several", {"Email": ""}),
    "a name given up": ("name_in_use", {"Name": "Renamed"}),
    "made active again": ("record_inactive", {"IsActive": "true"}),
}


@pytest.mark.parametrize("full", [True, False], ids=["Resync", "hourly"])
@pytest.mark.parametrize("fix", FIXES)
def test_a_fix_in_quickbooks_releases_what_was_blocked(
    make_world: Callable[..., World], fix: str, full: bool
) -> None:
    cause, edit = FIXES[fix]
    with freeze_time(START) as clock:
        world = make_world()
        world.item("i")
        target = add(world, "Harbour", **({"Email": "both@x.example"} if cause == "several" else {}))
        if cause == "several":
            add(world, "Second", Email="both@x.example")
        if cause == "record_inactive":
            world.company.person.deactivate("Customer", target)
        world.warm()
        match cause:
            case "email_unknown":
                world.invoice("x", customer={"email": "new@x.example"})
            case "several":
                world.invoice("x", customer={"email": "both@x.example"})
            case "name_in_use":
                world.put(Kind.CUSTOMER, "c", {"name": "Harbour", "email": "new@x.example"})
                world.invoice("x")
            case _:
                world.invoice("x", customer="Harbour")
        ((found, sub_reason),) = world.causes(Kind.INVOICE, "x")
        assert cause in (found, sub_reason)
        clock.tick(timedelta(minutes=1))
        world.company.person.edit("Customer", target, edit)
        refresh(world, clock, full)
        assert world.state(Kind.INVOICE, "x") == "synced"
        assert world.errors() == []


@pytest.mark.parametrize("full", [True, False], ids=["Resync", "hourly"])
def test_a_name_whose_holder_was_deleted_is_free(make_world: Callable[..., World], full: bool) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        holder = add(world, "Harbour")
        world.warm()
        world.put(Kind.CUSTOMER, "c", {"name": "Harbour", "email": "new@x.example"})
        assert world.causes(Kind.CUSTOMER, "c") == [("name_in_use", None)]
        world.company.person.delete("Customer", holder)
        refresh(world, clock, full)
        assert world.state(Kind.CUSTOMER, "c") == "synced"
        assert world.posted() == {"Harbour": 1}


@pytest.mark.parametrize("full", [True, False], ids=["Resync", "hourly"])
def test_a_sku_entered_in_quickbooks_releases_the_invoice(
    make_world: Callable[..., World], full: bool
) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        entry = {"Name": "Oyster", "SalesOrPurchase": {"Price": "1.00", "AccountRef": "Sales"}}
        item = world.company.person.add("ItemNonInventory", entry)
        add(world, "Harbour")
        world.warm()
        world.invoice("x", customer="Harbour", lines=[{"item": {"sku": "A-1"}, "quantity": "1"}])
        assert world.causes(Kind.INVOICE, "x") == [("item_not_matched", "sku_unknown")]
        clock.tick(timedelta(minutes=1))
        world.company.person.edit("ItemNonInventory", item, {"ManufacturerPartNumber": "A-1"})
        refresh(world, clock, full)
        assert world.state(Kind.INVOICE, "x") == "synced"


def test_what_was_put_right_before_the_lists_were_loaded_anew_is_released(
    make_world: Callable[..., World],
) -> None:
    world = make_world(limits=Limits(page_size=1))
    world.item("i")
    target = add(world, "Harbour")
    for each in range(3):
        add(world, f"Other {each}")
    world.warm()
    world.invoice("x", customer={"email": "new@x.example"})
    assert world.causes(Kind.INVOICE, "x") == [("customer_not_matched", "email_unknown")]
    world.passwords["acme"] = connectors.reset(world.core, "acme", full=True, actor="ada") or ""
    connector = connectors.get(world.core, "acme")
    world.company.register(connector.owner_id, connector.file_id)
    world.company.person.edit("Customer", target, {"Email": "new@x.example"})
    world.poll()
    assert world.state(Kind.INVOICE, "x") == "synced"


def test_an_unchanged_cause_keeps_its_error_record_over_a_resync(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.warm()
        world.customer("c", email=None)
        (before,) = world.errors()
        refresh(world, clock, full=True)
        assert world.errors() == [before]


def test_a_synced_record_whose_entry_was_made_inactive_is_blocked_and_told(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.customer("c")
        world.poll()
        clock.tick(timedelta(minutes=1))
        list_id = world.view(Kind.CUSTOMER, "c")["list_id"]
        world.company.person.deactivate("Customer", list_id)
        refresh(world, clock, full=False)
        assert world.causes(Kind.CUSTOMER, "c") == [("record_inactive", None)]
        clock.tick(timedelta(minutes=1))
        world.company.person.reactivate("Customer", list_id)
        refresh(world, clock, full=False)
        assert world.state(Kind.CUSTOMER, "c") == "synced"


def test_a_long_page_takes_no_query_for_each_of_its_entries(make_world: Callable[..., World]) -> None:
    queries: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *_: object) -> None:
        queries.append(statement)

    def taken(number: int) -> int:
        with freeze_time(START) as clock:
            world = make_world(limits=Limits(page_size=1000))
            world.item("i")
            for name in range(number):
                add(world, f"Customer {name:04d}")
            world.warm()
            clock.tick(timedelta(minutes=1))
            for held in world.company.records("Customer"):
                world.company.person.deactivate("Customer", held["ListID"])
            queries.clear()
            refresh(world, clock, full=True)
            return len(queries)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert taken(450) == taken(50)
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("stamp", ["", "yesterday", "2026-13-45T00:00:00", "99999999999999999999-01-01"])
def test_a_time_that_cannot_be_read_costs_neither_the_entry_nor_the_page(world: World, stamp: str) -> None:
    def spoil(text: str, answer: Answer) -> Answer:
        stamps = r"<TimeModified>[^<]*</TimeModified>"
        return Answer(re.sub(stamps, f"<TimeModified>{stamp}</TimeModified>", answer.response))

    list_id = add(world, "Harbour", Email="ap@x.example")
    world.poll(fault=spoil)
    world.put(Kind.CUSTOMER, "c", {"name": "Harbour", "email": "ap@x.example"})
    assert world.view(Kind.CUSTOMER, "c")["list_id"] == list_id
    world.poll(fault=spoil)
    assert world.errors() == []


def test_after_daylight_saving_ends_no_change_is_missed(make_world: Callable[..., World]) -> None:
    """The PC's clock jumps back an hour: what is changed then looks older than what was seen before."""
    with freeze_time("2026-11-01 05:30:00") as clock:  # 01:30 in New York, the first time
        world = make_world(time_zone="America/New_York")
        add(world, "First")
        world.warm()
        clock.tick(HOUR)  # 01:30, the second time
        add(world, "Second")
        clock.tick(timedelta(minutes=20))
        world.poll()
        assert cached(world) == {"First", "Second"}


# --- what is kept of an entry -------------------------------------------------------------------------------


def entry_of(world: World, list_name: ListName, name: str) -> ListEntry:
    connector = connectors.get(world.core, "acme")
    with world.core.database.begin() as conn:
        (found,) = lists.by_name(conn, connector.id, list_name, name)
        return found


def elements_asked_for(text: str, query: str) -> set[str]:
    """The children of a Ret that a page of a message set asks for."""
    (page,) = (each for each in requests_in(text) if each.tag == query)
    return {str(each.text) for each in page.findall("IncludeRetElement")}


def older_quickbooks(world: World, version: str) -> None:
    versions = world.company.host["SupportedQBXMLVersion"]
    world.company.host["SupportedQBXMLVersion"] = versions[: versions.index(version) + 1]


def test_account_numbers_and_bar_codes_are_kept_with_the_lists(world: World) -> None:
    add(world, "Quay", AccountNumber="K-1")
    world.company.person.add("Vendor", {"Name": "Boats", "AccountNumber": "4711"})
    world.company.person.add(
        "ItemService",
        {
            "Name": "Delivery",
            "BarCodeValue": "4006381333931",
            "SalesOrPurchase": {"Price": "1.00", "AccountRef": "Sales"},
        },
    )
    world.warm()
    assert entry_of(world, ListName.CUSTOMER, "Quay").account_number == "K-1"
    assert entry_of(world, ListName.VENDOR, "Boats").account_number == "4711"
    assert entry_of(world, ListName.ITEM, "Delivery").barcode == "4006381333931"


def test_what_people_tell_customers_and_vendors_apart_by_is_kept_and_nothing_waits_for_it(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        person = world.company.person
        person.turn_on("Currency")
        person.add("Currency", {"Name": "Euro", "CurrencyCode": "EUR"})
        quay = {"BillAddress": {"Addr1": "1 Pier", "City": "Kiel"}, "Phone": "0431 77"}
        list_id = add(world, "Quay", CurrencyRef="Euro", **quay)
        job = add(world, "Dock", ParentRef="Quay")
        person.add("Vendor", {"Name": "Boats", "VendorAddress": {"City": "Bath"}, "Phone": "555-0100"})
        sale = [{"Desc": "Oysters", "Amount": "12.50"}]
        person.add_transaction("Invoice", {"CustomerRef": "Quay:Dock"}, sale)
        world.warm()
        found = entry_of(world, ListName.CUSTOMER, "Quay")
        assert found.shown == ("Kiel", "0431 77", Decimal("12.50"), "Euro")
        assert found.told_at == START
        boats = entry_of(world, ListName.VENDOR, "Boats")
        assert boats.shown == ("Bath", "555-0100", Decimal(0), "US Dollar")
        # the list of currencies was named, so that their codes are known
        assert entry_of(world, ListName.CURRENCY, "Euro").currency == "EUR"

        # what waits is added up in each currency
        for number, whose in enumerate((list_id, add(world, "Pier"), list_id), start=1):
            given = {"ref_number": f"N-{number}", "customer": {"list_id": whose}}
            line = {"item": {"sku": "NO-1"}, "quantity": "1", "rate": f"{number}.00"}
            world.put(Kind.INVOICE, f"i-{number}", {**given, "lines": [line]})
        connectors.resync(world.core, "acme", actor="ada")
        world.warm()
        with world.core.database.read() as conn:
            (total,) = [each.sum for each in errors.by_key(conn, connectors.get(world.core, "acme").id)]
        assert total.currencies == (("EUR", Decimal("4.00")), ("USD", Decimal("2.00")))

        person.add_transaction("Invoice", {"CustomerRef": "Quay:Dock"}, sale)
        person.edit("Vendor", boats.list_id, {"Phone": "555-0199"})
        clock.tick(timedelta(days=2))
        world.warm()
        found = entry_of(world, ListName.CUSTOMER, "Quay")
        assert (found.list_id, found.balance, found.told_at) == (
            list_id,
            Decimal("25.00"),
            START + timedelta(days=2),
        )
        assert entry_of(world, ListName.VENDOR, "Boats").phone == "555-0199"
        assert entry_of(world, ListName.CUSTOMER, "Quay:Dock").list_id == job


@pytest.mark.parametrize(
    ("version", "asked"), [("13.0", True), ("12.0", True), ("11.0", False), ("7.0", False)]
)
def test_no_element_is_asked_for_that_quickbooks_does_not_have_yet(
    world: World, version: str, asked: bool
) -> None:
    older_quickbooks(world, version)
    text = world.poll().texts[0]
    assert ("BarCodeValue" in elements_asked_for(text, "ItemQueryRq")) is asked
    assert ("ExternalGUID" in elements_asked_for(text, "ItemQueryRq")) is (version != "7.0")
    assert "ManufacturerPartNumber" in elements_asked_for(text, "ItemQueryRq")


def forget_fields(world: World, *, fields: list[str] | None = None) -> None:
    """As a version that kept less of the customers left it behind."""
    connector = connectors.get(world.core, "acme")
    with world.core.database.begin() as conn:
        lists.change_load(conn, connector.id, ListName.CUSTOMER, fields=fields)
        old = [
            entry._replace(account_number=None)
            for entry in lists.page(conn, connector.id, ListName.CUSTOMER, limit=1000)
        ]
        lists.store(conn, connector.id, old, load=None)


@pytest.mark.parametrize("fields", [None, ["ListID", "Name", "FullName", "IsActive", "Email"]])
def test_a_cache_that_was_filled_without_something_kept_now_is_filled_once_at_the_next_visit(
    make_world: Callable[..., World], fields: list[str] | None
) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        add(world, "Quay", AccountNumber="K-1")
        world.warm()
        forget_fields(world, fields=fields)
        clock.tick(timedelta(minutes=1))
        (page,) = pages_of(world, world.poll().texts)
        assert page.find("FromModifiedDate") is None
        assert entry_of(world, ListName.CUSTOMER, "Quay").account_number == "K-1"
        assert world.poll().answer[1] == "none"
        clock.tick(HOUR)
        (page,) = pages_of(world, world.poll().texts)
        assert page.find("FromModifiedDate") is not None


def test_the_load_that_fills_the_cache_anew_is_not_forgotten_when_it_is_cut_off(
    make_world: Callable[..., World],
) -> None:
    world = make_world(limits=Limits(page_size=2))
    for number in range(5):
        add(world, f"C{number}", AccountNumber=str(number))
    world.warm()
    forget_fields(world)
    cut = world.visit()
    cut.exchange()
    cut.close()
    world.warm()
    for number in range(5):
        assert entry_of(world, ListName.CUSTOMER, f"C{number}").account_number == str(number)
    assert world.poll().answer[1] == "none"


def test_a_load_that_was_cut_off_is_not_gone_on_with_by_a_version_that_keeps_more(
    make_world: Callable[..., World],
) -> None:
    world = make_world(limits=Limits(page_size=2))
    for number in range(5):
        add(world, f"C{number}", AccountNumber=str(number))
    cut = world.visit()
    cut.exchange()
    cut.close()
    forget_fields(world)
    world.warm()
    for number in range(5):
        assert entry_of(world, ListName.CUSTOMER, f"C{number}").account_number == str(number)


def test_a_newer_quickbooks_is_asked_for_what_the_old_one_did_not_have(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        every = list(world.company.host["SupportedQBXMLVersion"])
        older_quickbooks(world, "11.0")
        world.warm()
        world.company.host["SupportedQBXMLVersion"] = every
        world.customer("c")  # somebody comes for another reason
        clock.tick(HOUR)
        assert "BarCodeValue" in elements_asked_for(world.poll().texts[0], "ItemQueryRq")
        older_quickbooks(world, "11.0")
        clock.tick(HOUR)
        # back at the old one for a day: nothing is missing, so that nothing is loaded anew
        (page,) = pages_of(world, world.poll().texts, "ItemQueryRq")
        assert "BarCodeValue" not in {each.text for each in page.findall("IncludeRetElement")}


def test_a_list_that_quickbooks_is_too_old_for_is_not_asked_for_and_has_no_entries(world: World) -> None:
    older_quickbooks(world, "8.0")
    connector = connectors.get(world.core, "acme")
    with world.core.database.begin() as conn:
        list_cache.want(conn, connector, ListName.INVENTORY_SITE, now=world.clock())
    visit = world.poll()
    assert "InventorySiteQueryRq" not in {str(each.tag) for each in visit.requests()}
    with world.core.database.read() as conn:
        (load,) = lists.loads(conn, connector.id, (ListName.INVENTORY_SITE,))
    assert (load.refusal, load.running, load.resync_requested_at) == (
        "this version of QuickBooks does not have the list",
        None,
        None,
    )
    assert load.loaded_at is not None
    assert world.poll().answer[1] == "none"


def test_a_page_of_a_list_that_was_forgotten_meanwhile_finishes_nothing(world: World) -> None:
    add(world, "Quay")
    visit = world.visit()
    answer = visit.process(visit.send())
    with world.core.database.begin() as conn:
        lists.forget(conn, connectors.get(world.core, "acme").id)
    visit.receive(answer)
    visit.close()
    world.customer("c", name="Quay")
    assert world.state(Kind.CUSTOMER, "c") == "queued", "the list it is compared with was never read"
    assert cached(world) == set()
    world.warm()
    assert cached(world) == {"Quay"}


def test_an_entry_without_an_identity_is_passed_over_and_the_others_are_kept(world: World) -> None:
    for name in ("Quay", "Dock", "Pier"):
        add(world, name)

    def without_id(text: str, answer: Answer) -> Answer:
        return Answer(
            re.sub("<ListID>[^<]*</ListID>(?=(?:(?!</?CustomerRet>).)*<Name>Dock<)", "", answer.response)
        )

    assert world.poll(fault=without_id).progress[-1] == 100
    assert cached(world) == {"Quay", "Pier"}
    assert world.poll().answer[1] == "none"
