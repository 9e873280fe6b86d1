"""A set of records within one transaction: each is dealt with in sight of what became of those before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.handing_over import intake
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.records import Link, Record
from qbwc_server.storage import looks, records, rulings
from qbwc_server.sync import resolve
from qbwc_server.sync.resolve import Arrival
from qbwc_server.sync.turn import turn
from qbwc_server.sync.work import Work
from tests.worlds.sync_world import World

FISH = Link("80000001-1", "1", "Harbour Fish", "created", "answer")


@contextmanager
def at_work(world: World) -> Iterator[Work]:
    """Deal with records of the connector in one transaction."""
    with (
        turn(world.core, "acme") as (conn, connector),
        resolve.working(conn, connector, now=world.clock()) as work,
    ):
        yield work


def record(work: Work, external_id: str, kind: Kind = Kind.CUSTOMER) -> Record:
    found = records.find(work.conn, work.connector.id, kind, external_id)
    assert found is not None
    return found


def test_of_two_records_that_are_one_entry_in_quickbooks_the_second_is_told_whose_it_is(world: World) -> None:
    world.customer("a")
    world.customer("b")
    with at_work(world) as work:
        resolve.link_all(work, [Arrival(record(work, each), FISH, 1) for each in "ab"], actor="quickbooks")
    assert (world.state(Kind.CUSTOMER, "a"), world.view(Kind.CUSTOMER, "a")["list_id"]) == (
        "synced",
        "80000001-1",
    )
    assert world.causes(Kind.CUSTOMER, "b") == [("already_linked", None)]
    assert world.view(Kind.CUSTOMER, "b")["list_id"] is None


def test_what_turns_out_to_be_in_quickbooks_waits_for_nobody_any_more(world: World) -> None:
    world.warm()
    world.customer("head")
    world.customer("job", parent={"external_id": "head"})
    with at_work(world) as work:
        assert record(work, "job").waiting == 1
        resolve.link_all(work, [Arrival(record(work, "job"), FISH, 1)], actor="quickbooks")
    with at_work(world) as work:
        assert record(work, "job").waiting == 0
        assert records.end_waits(work.conn, [record(work, "head").id]) == {}


def test_what_a_person_rules_meanwhile_counts_at_once(world: World) -> None:
    key = "email:ap@fish.example"
    with at_work(world) as work:
        assert work.ask(lambda: work.known.ruling(ListName.CUSTOMER, key)) is None
        rulings.set_one(
            work.conn, work.connector.id, ListName.CUSTOMER, key, "80000001-1", actor="ada", now=work.now
        )
        ruled = work.ask(lambda: work.known.ruling(ListName.CUSTOMER, key))
        assert ruled is not None
        assert ruled.list_id == "80000001-1"


@pytest.mark.parametrize("meanwhile", ["cancelled", "claimed"])
def test_a_look_at_what_was_withdrawn_or_linked_by_hand_since_it_was_noted_finds_nothing(
    world: World, meanwhile: str
) -> None:
    world.warm()
    world.invoice("x")
    world.customer("d")
    with at_work(world) as work:
        both = [record(work, "x", Kind.INVOICE), record(work, "d")]
        looks.note(work.conn, work.connector.id, [each.id for each in both], actor="ada")
    if meanwhile == "cancelled":
        intake.cancel(world.core, "acme", Kind.INVOICE, "x", actor="host")
    else:
        decisions.link(world.core, "acme", Kind.INVOICE, "x", "1A2B-1700000001", actor="ada")
    before = world.view(Kind.INVOICE, "x")
    with at_work(world) as work:
        resolve.take_up(work.conn, work.connector, now=work.now)
        assert not looks.any_noted(work.conn, work.connector.id)
    assert world.view(Kind.INVOICE, "x") == before
    assert world.state(Kind.CUSTOMER, "d") == "queued"
