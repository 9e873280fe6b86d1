"""The clock of QuickBooks' PC: wrong, put right or in another zone, it hides no change and makes no restored backup."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from freezegun import freeze_time

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.logs import history
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.limits import Limits
from qbwc_server.domain.lists import ListLoad
from qbwc_server.simulator.quickbooks.pc_clock import read_zone
from qbwc_server.storage import lists
from qbwc_server.sync import full_loads
from tests.worlds.sync_world import START, World, line, requests_in

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
YEARS = 4 * 365 * DAY


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(START) as frozen:
        yield frozen


def add(world: World, name: str) -> str:
    email = f"{name.lower()}@x.example"
    return world.company.person.add("Customer", {"Name": name, "Email": email})


def add_in_the_future(world: World, name: str, ahead: timedelta = YEARS) -> str:
    """Somebody enters a customer while the PC's clock is fast, and puts the clock right."""
    world.company.shift_clock(ahead.total_seconds())
    made = add(world, name)
    world.company.shift_clock(-ahead.total_seconds())
    return made


def waiting_invoice(world: World) -> None:
    """An invoice for a customer that QuickBooks does not know yet."""
    world.item("i")
    world.invoice("1", customer={"email": "late@x.example"})


def is_released(world: World) -> bool:
    world.poll()
    return world.state(Kind.INVOICE, "1") == "synced"


def load_of(world: World, list_name: ListName = ListName.CUSTOMER) -> ListLoad:
    connector = connectors.get(world.core, "acme")
    with world.core.database.begin() as conn:
        return lists.loads(conn, connector.id, (list_name,))[0]


def set_load(world: World, **values: Any) -> None:
    connector = connectors.get(world.core, "acme")
    with world.core.database.begin() as conn:
        for name in (ListName.CUSTOMER, ListName.ITEM):
            lists.change_load(conn, connector.id, name, **values)


def happened(world: World) -> list[str]:
    return [str(entry.event.what) for entry in history.feed(world.core, "acme", after=0, limit=1000)]


@pytest.mark.parametrize("ahead", [YEARS, 3 * DAY, 14 * HOUR, 5 * HOUR])
def test_a_record_stamped_in_the_future_hides_nothing_that_comes_after_it(
    make_world: Callable[..., World], clock: Any, ahead: timedelta
) -> None:
    world = make_world()
    add_in_the_future(world, "Fast", ahead)
    world.warm()
    waiting_invoice(world)
    for _ in range(3):
        clock.tick(HOUR)
        world.poll()
    assert world.state(Kind.INVOICE, "1") == "blocked"
    add(world, "Late")
    clock.tick(HOUR)
    assert is_released(world)


def test_a_record_that_gets_its_stamp_in_the_future_later_hides_nothing_either(
    make_world: Callable[..., World], clock: Any
) -> None:
    world = make_world()
    add(world, "Old")
    world.warm()
    waiting_invoice(world)
    clock.tick(HOUR)
    add_in_the_future(world, "Fast")
    world.poll()
    clock.tick(HOUR)
    world.poll()
    add(world, "Late")
    clock.tick(HOUR)
    assert is_released(world)


@pytest.mark.parametrize("back", [3 * HOUR, 10 * HOUR, 5 * DAY, YEARS])
def test_what_is_entered_after_the_clock_was_put_back_is_seen_once_something_was_written(
    make_world: Callable[..., World], clock: Any, back: timedelta
) -> None:
    world = make_world()
    add(world, "Old")
    world.warm()
    waiting_invoice(world)
    clock.tick(HOUR)
    world.company.shift_clock(-back.total_seconds())
    world.customer("c")  # is written, which shows the clock
    world.poll()
    add(world, "Late")
    clock.tick(HOUR)
    assert is_released(world)


@pytest.mark.parametrize("back", [3 * HOUR, 10 * HOUR])
def test_a_step_back_of_some_hours_needs_nothing_written_to_be_seen_through(
    make_world: Callable[..., World], clock: Any, back: timedelta
) -> None:
    world = make_world()
    add(world, "Old")
    world.warm()
    waiting_invoice(world)
    world.poll()
    clock.tick(HOUR)
    world.company.shift_clock(-back.total_seconds())
    add(world, "Late")
    assert is_released(world)


def test_a_clock_that_is_days_slow_hides_a_change_for_a_day_at_most_where_nothing_is_written(
    make_world: Callable[..., World], clock: Any
) -> None:
    world = make_world(settings={"read_only": True})
    add(world, "Old")
    world.warm()
    world.company.shift_clock(-(5 * DAY).total_seconds())
    add(world, "Late")
    clock.tick(DAY)
    world.poll()
    connector = connectors.get(world.core, "acme")
    with world.core.database.begin() as conn:
        assert lists.by_email(conn, connector.id, ListName.CUSTOMER, "late@x.example")


@pytest.mark.parametrize(
    "zones", [("Europe/Berlin", "America/Los_Angeles"), ("Pacific/Auckland", "Pacific/Honolulu")]
)
def test_another_time_zone_hides_nothing(
    make_world: Callable[..., World], clock: Any, zones: tuple[str, str]
) -> None:
    world = make_world(time_zone=zones[0])
    add(world, "Old")
    world.warm()
    waiting_invoice(world)
    world.poll()
    clock.tick(HOUR)
    world.company.shift_clock(
        _step(*zones, datetime.fromisoformat("2026-11-20T16:00:00+00:00")).total_seconds()
    )
    add(world, "Late")
    assert is_released(world)


def _step(before: str, after: str, moment: datetime) -> timedelta:
    old, new = (moment.astimezone(read_zone(zone)).replace(tzinfo=None) for zone in (before, after))
    return new - old


def test_a_load_notes_the_latest_change_that_it_has_seen(
    make_world: Callable[..., World], clock: Any
) -> None:
    world = make_world()
    add(world, "Old")
    clock.tick(HOUR)
    add(world, "New")
    world.warm()
    assert str(load_of(world).high_water)[:13] == "2026-11-20T16"


@pytest.mark.parametrize("mark", ["2030-11-20T15:00:00", "2026-11-25T15:00:00"])
def test_a_mark_that_a_former_version_set_years_ahead_is_healed(
    make_world: Callable[..., World], clock: Any, mark: str
) -> None:
    world = make_world()
    add(world, "Old")
    world.warm()
    waiting_invoice(world)
    world.poll()
    set_load(world, high_water=mark, read_from=None, fully_loaded_at=None)
    add(world, "Late")
    clock.tick(HOUR)
    assert is_released(world)
    assert (load_of(world).high_water or "") < "2026-11-21"


@pytest.mark.parametrize("back", [timedelta(0), 5 * DAY, YEARS])
@pytest.mark.parametrize("fast", [False, True])
def test_a_deleted_invoice_is_deleted_and_no_backup_whatever_the_clocks_say(
    make_world: Callable[..., World], clock: Any, back: timedelta, fast: bool
) -> None:
    world = make_world()
    if fast:
        add_in_the_future(world, "Fast")
    world.basics()
    world.invoice("1")
    world.poll()
    txn_id = world.view(Kind.INVOICE, "1")["txn_id"]
    clock.tick(HOUR)
    world.poll()
    world.company.shift_clock(-back.total_seconds())
    world.company.person.delete_transaction("Invoice", txn_id)
    clock.tick(HOUR)
    world.poll()
    (error,) = world.view(Kind.INVOICE, "1")["errors"]
    assert error["cause"] == "document_deleted"
    assert "backup" not in error["message"] + error["remedy"]
    assert not [what for what in happened(world) if "backup" in what]


@pytest.mark.parametrize("back", [timedelta(0), 5 * DAY, YEARS])
def test_a_deleted_list_record_is_told_by_the_next_refresh(
    make_world: Callable[..., World], clock: Any, back: timedelta
) -> None:
    world = make_world()
    add_in_the_future(world, "Fast")
    list_id = add(world, "Gone")
    world.warm()
    world.company.shift_clock(-back.total_seconds())
    world.company.person.delete("Customer", list_id)
    clock.tick(HOUR)
    world.poll()
    connector = connectors.get(world.core, "acme")
    with world.core.database.begin() as conn:
        (entry,) = lists.by_ids(conn, connector.id, ListName.CUSTOMER, [list_id])
    assert entry.is_deleted


@pytest.mark.parametrize("back", [30 * DAY, YEARS])
def test_an_invoice_whose_answer_was_lost_is_found_by_its_guid_on_a_pc_that_is_slow(
    make_world: Callable[..., World], clock: Any, back: timedelta
) -> None:
    world = make_world()
    world.company.shift_clock(-back.total_seconds())
    world.basics()
    world.poll()  # is written, which shows the clock
    world.put(
        Kind.INVOICE, "1", {"customer": {"external_id": "c"}, "txn_date": "2026-11-20", "lines": [line("i")]}
    )
    visit = world.visit()
    while "InvoiceAddRq" not in (text := visit.send()):
        visit.receive(visit.process(text))
    visit.process(text)
    visit.close()  # the answer is lost
    clock.tick(HOUR)
    world.poll()
    assert world.state(Kind.INVOICE, "1") == "synced"
    assert len(world.company.records("Invoice")) == 1


def test_changes_that_a_cut_off_load_did_not_come_to_are_read_by_the_next_one(
    make_world: Callable[..., World], clock: Any
) -> None:
    """Of two pages of changes the first holds the later stamp, and is all that was read."""
    world = make_world(limits=Limits(page_size=1))
    for name in ("A", "Z"):
        add(world, name)
    world.warm()
    z_id = world.company.find("Customer", Name="Z")["ListID"]
    world.company.person.edit("Customer", z_id, {"Email": "new@x.example"})
    clock.tick(20 * HOUR)
    world.company.person.edit("Customer", world.company.find("Customer", Name="A")["ListID"], {"Phone": "2"})
    cut = world.visit()
    cut.exchange()
    cut.close()
    clock.tick(HOUR)
    world.poll()
    connector = connectors.get(world.core, "acme")
    with world.core.database.begin() as conn:
        assert lists.by_email(conn, connector.id, ListName.CUSTOMER, "new@x.example")


def test_a_list_is_loaded_in_full_once_a_day_and_a_long_one_once_a_week(
    make_world: Callable[..., World], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world()
    add(world, "Old")
    world.warm()

    def loads_in_full(after: timedelta) -> bool:
        clock.tick(after)
        (page,) = (
            each for text in world.poll().texts for each in requests_in(text) if each.tag == "CustomerQueryRq"
        )
        return page.find("FromModifiedDate") is None

    assert [loads_in_full(12 * HOUR) for _ in range(4)] == [False, True, False, True]
    monkeypatch.setattr(full_loads, "FULL_LOADS", ((0, DAY), (None, 7 * DAY)))
    assert [loads_in_full(DAY) for _ in range(8)] == [False] * 6 + [True, False]


def test_what_was_written_shows_how_far_the_clock_is_from_ours(
    make_world: Callable[..., World], clock: Any
) -> None:
    world = make_world(time_zone="UTC-05:00")
    world.customer("c")
    world.poll()
    assert connectors.get(world.core, "acme").pc_offset == -5 * 3600
    world.company.shift_clock(-(5 * DAY).total_seconds())
    world.customer("d")
    world.poll()
    assert connectors.get(world.core, "acme").pc_offset == -5 * 3600 - 5 * 24 * 3600
