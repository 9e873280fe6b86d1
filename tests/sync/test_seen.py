"""A record that is synced says as of when that is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from freezegun import freeze_time

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.documents import finding
from qbwc_server.domain.kinds import Kind
from tests.worlds.sync_world import World

START = "2026-11-20 15:00:00"


def seen(world: World, kind: Kind, external_id: str) -> str | None:
    at: str | None = world.view(kind, external_id)["seen_at"]
    return at[11:16] if at else None


def test_synced_is_as_of_the_answer_and_then_of_whenever_quickbooks_is_asked(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.basics()
        world.invoice("inv")
        assert seen(world, Kind.INVOICE, "inv") is None
        clock.tick(timedelta(minutes=1))
        world.poll()
        assert seen(world, Kind.INVOICE, "inv") == "15:01"
        changed = world.view(Kind.INVOICE, "inv")["updated_at"]

        clock.tick(timedelta(minutes=10))
        (txn_id,) = [item["TxnID"] for item in world.company.records("Invoice")]
        world.company.person.delete_transaction("Invoice", txn_id)
        view = world.view(Kind.INVOICE, "inv")
        assert (view["state"], view["seen_at"][11:16]) == ("synced", "15:01")
        clock.tick(timedelta(minutes=10))
        connectors.resync(world.core, "acme", actor="ada")
        world.poll()
        view = world.view(Kind.INVOICE, "inv")
        assert (view["state"], view["seen_at"][11:16]) == ("blocked", "15:01")
        assert view["updated_at"] > changed


def test_to_be_looked_at_is_no_change_of_the_record(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.basics()
        world.invoice("inv")
        world.poll()
        before = world.view(Kind.INVOICE, "inv")
        clock.tick(timedelta(hours=2))
        connectors.resync(world.core, "acme", actor="ada")
        world.poll()
        after = world.view(Kind.INVOICE, "inv")
        assert (before["seen_at"][11:16], after["seen_at"][11:16]) == ("15:00", "17:00")
        assert {**after, "seen_at": None} == {**before, "seen_at": None}


def test_what_stands_in_a_list_is_known_as_of_the_lists_last_reading(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.company.person.add("Customer", {"Name": "Old", "Email": "old@x.example"})
        world.warm()
        clock.tick(timedelta(minutes=5))
        world.put(Kind.CUSTOMER, "old", {"name": "Old", "email": "old@x.example"})
        assert world.view(Kind.CUSTOMER, "old")["proof"] == "cache"
        assert seen(world, Kind.CUSTOMER, "old") == "15:00"
        world.customer("new")
        assert seen(world, Kind.CUSTOMER, "new") is None
        world.poll()
        assert seen(world, Kind.CUSTOMER, "new") == "15:05"
        clock.tick(timedelta(hours=1))
        world.vendor("v")
        world.poll()
        assert {seen(world, Kind.CUSTOMER, name) for name in ("old", "new")} == {"16:05"}
        pages = finding.page(world.core, "acme", finding.Filter(kind=Kind.CUSTOMER)).items
        assert {item["seen_at"][11:16] for item in pages} == {"16:05"}


def test_a_change_that_is_on_its_way_leaves_it_as_it_was(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.basics()
        world.invoice("inv")
        world.poll()
        clock.tick(timedelta(minutes=5))
        world.invoice("inv", memo="more")
        assert seen(world, Kind.INVOICE, "inv") == "15:00"
        clock.tick(timedelta(minutes=5))
        world.poll()
        assert seen(world, Kind.INVOICE, "inv") == "15:10"
