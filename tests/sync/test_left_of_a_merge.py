"""What a deleted entry of QuickBooks was merged into is offered, where it can be told by what both have in common."""

from __future__ import annotations

import pytest

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import answering
from qbwc_server.desk.error_records import choices
from qbwc_server.domain.kinds import Kind
from tests.worlds.sync_world import World, line


def offered(world: World) -> dict[str, str]:
    """The choices that link to an entry of the one error record there is: ListID → label."""
    (error,) = world.errors()
    assert error.cause == "record_deleted"
    offer = choices.of_error(world.core, "acme", error.id)
    return {each.candidate.id: each.label for each in offer.choices if each.candidate is not None}


def look_again(world: World) -> None:
    connectors.resync(world.core, "acme", actor="ann")
    world.poll()


def merged(world: World, kind: str, one: str, **other: object) -> str:
    """Somebody enters another of a kind and merges the first into it, which the lists show; its ListID."""
    person = world.company.person
    left = person.add(kind, dict(other))
    person.merge(kind, world.company.find(kind, Name=one)["ListID"], left)
    look_again(world)
    return left


@pytest.mark.parametrize(
    "other",
    [
        {"Name": "Harbour (old)", "Email": "AP@harbour.example; office@harbour.example"},
        {"Name": "Harbour (old)", "AccountNumber": "H-7"},
    ],
    ids=["email", "account_number"],
)
def test_the_customer_that_is_left_is_offered_and_taken_with_one_answer(
    world: World, other: dict[str, str]
) -> None:
    world.warm()
    world.customer("c", name="Harbour", email="ap@harbour.example", account_number="h-7")
    world.company.person.add("Customer", {"Name": "Somebody else", "Email": "else@x.example"})
    world.poll()
    left = merged(world, "Customer", "Harbour", **other)
    assert offered(world) == {left: "It is “Harbour (old)”"}
    (error,) = world.errors()
    offer = choices.of_error(world.core, "acme", error.id)
    answering.answer(world.core, "acme", error.id, f"link:{left}", offer.token, actor="ann")
    assert world.view(Kind.CUSTOMER, "c")["list_id"] == left
    assert world.errors() == []


def test_the_item_that_is_left_is_offered_by_its_part_number(world: World) -> None:
    world.warm()
    world.item("i", sku="OY-100", name="Oysters")
    world.poll()
    sold = {"SalesOrPurchase": {"Price": "3.00", "AccountRef": "Sales"}}
    left = merged(
        world, "ItemNonInventory", "Oysters", Name="Oyster bag", ManufacturerPartNumber="oy-100", **sold
    )
    assert offered(world) == {left: "It is “Oyster bag”"}


def test_what_another_record_is_already_and_what_has_nothing_in_common_is_not_offered(world: World) -> None:
    world.warm()
    world.customer("c", name="Harbour", email="ap@harbour.example")
    world.customer("d", name="Pier", email="ap@pier.example")
    world.poll()
    person = world.company.person
    pier = world.company.find("Customer", Name="Pier")["ListID"]
    person.edit("Customer", pier, {"Email": "ap@pier.example, ap@harbour.example"})
    person.merge("Customer", world.company.find("Customer", Name="Harbour")["ListID"], pier)
    look_again(world)
    assert offered(world) == {}


def test_a_document_that_names_what_was_merged_is_told_what_is_left(world: World) -> None:
    world.warm()
    gone = world.company.person.add("Customer", {"Name": "Harbour", "Email": "ap@harbour.example"})
    world.item("i", sku="OY-100", name="Oysters")
    look_again(world)
    left = merged(world, "Customer", "Harbour", Name="Harbour (old)", Email="ap@harbour.example")
    world.invoice("x", customer={"list_id": gone}, lines=[line("i")])
    assert offered(world) == {left: "“Harbour (old)” is meant"}
