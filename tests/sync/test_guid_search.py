"""What was sent before is found by its GUID, whatever a person made of its name or number meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from freezegun import freeze_time

from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.error_records import errors
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.retries import MOST_ATTEMPTS
from tests.worlds.sync_world import START, Answer, Visit, World, names_in, refusing, writes_in


def lose_all_but_one(world: World) -> Visit:
    """QuickBooks carries out a set of writes and stores no outcome; all but the last of its answers are lost."""
    visit = world.visit()
    while not writes_in(text := visit.send()):
        visit.receive(visit.process(text))
    answer = visit.process(text).response
    start, end = (
        answer.index("<QBXMLMsgsRs"),
        answer.rindex("<" + answer.rstrip().split("</")[-3].split(">")[0]),
    )
    head = answer[: answer.index(">", start) + 1]
    visit.receive(Answer(head + answer[end:]))
    return visit.close()


def change(world: World, kind: Kind) -> None:
    """A person gives every record of a kind another name or number."""
    person = world.company.person
    if kind is Kind.INVOICE:
        for invoice in world.company.records("Invoice"):
            person.edit_transaction("Invoice", invoice["TxnID"], {"RefNumber": invoice["RefNumber"] + "x"})
    else:
        name = {Kind.CUSTOMER: "Customer", Kind.ITEM: "ItemNonInventory"}[kind]
        for entry in world.company.records(name):
            person.rename(name, entry["ListID"], entry["Name"] + " (renamed)")


def hand_over(world: World, kind: Kind, number: int) -> None:
    world.basics()
    world.poll()
    for each in range(number):
        if kind is Kind.INVOICE:
            world.invoice(f"n{each}")
        elif kind is Kind.CUSTOMER:
            world.customer(f"n{each}")
        else:
            world.item(f"n{each}")


def held(world: World, kind: Kind) -> int:
    name = {Kind.INVOICE: "Invoice", Kind.CUSTOMER: "Customer", Kind.ITEM: "Item"}[kind]
    return len(world.company.records(name))


KINDS = pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.CUSTOMER, Kind.ITEM])


@KINDS
def test_what_a_person_renamed_before_its_lost_answer_was_asked_for_is_not_added_again(
    world: World, kind: Kind
) -> None:
    hand_over(world, kind, 4)
    lose_all_but_one(world)
    before = held(world, kind)
    assert world.states(kind)["uncertain"] == 3
    change(world, kind)
    world.poll()
    assert held(world, kind) == before
    assert set(world.states(kind)) == {"synced"}
    assert {world.view(kind, f"n{each}")["proof"] for each in range(4)} == {"answer", "probe"}


@KINDS
def test_what_a_person_renamed_is_found_when_another_one_has_it_sent_again(
    make_world: Callable[..., World], kind: Kind
) -> None:
    tag = {Kind.INVOICE: "InvoiceQueryRs", Kind.CUSTOMER: "CustomerQueryRs", Kind.ITEM: "ItemQueryRs"}[kind]
    with freeze_time(START) as time:
        world = make_world(settings={"message_set_recovery": False, "refresh_minutes": 10_080})
        hand_over(world, kind, 3)
        lose_all_but_one(world)
        before = held(world, kind)
        for _ in range(MOST_ATTEMPTS + 1):
            world.poll(fault=refusing(tag, 3260))
            time.tick(timedelta(hours=6))
        assert world.states(kind)["blocked"] == 2
        change(world, kind)
        for each in range(2):
            errors.retry(world.core, "acme", cause_key=f"record:{kind.label} n{each}", actor="ada")
        world.poll()
        assert held(world, kind) == before
        assert set(world.states(kind)) == {"synced"}


def test_a_record_sent_for_the_first_time_is_not_searched_for(world: World) -> None:
    world.warm()
    world.customer("x")
    assert names_in(world.poll().texts[0]) == ["CustomerAddRq"]


def test_a_record_quickbooks_refused_is_not_searched_for_when_it_is_corrected(world: World) -> None:
    world.warm()
    world.company.person.deny("CustomerAdd")
    world.customer("x")
    world.poll()
    assert world.state(Kind.CUSTOMER, "x") == "blocked"
    world.company.person.allow("CustomerAdd")
    world.customer("x", phone="555")
    assert names_in(world.poll().texts[0]) == ["CustomerAddRq"]
    assert world.states() == {"synced": 1}


def test_what_a_person_linked_by_hand_while_it_was_searched_for_stays_as_they_said(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as time:
        world = make_world(settings={"message_set_recovery": False, "refresh_minutes": 10_080})
        other = world.company.person.add("Customer", {"Name": "Other"})
        hand_over(world, Kind.CUSTOMER, 2)
        lose_all_but_one(world)
        for _ in range(MOST_ATTEMPTS + 1):
            world.poll(fault=refusing("CustomerQueryRs", 3260))
            time.tick(timedelta(hours=6))
        assert world.state(Kind.CUSTOMER, "n0") == "blocked"
        errors.retry(world.core, "acme", cause_key="record:customer n0", actor="ada")
        visit = world.visit()
        answer = visit.process(visit.send())
        assert names_in(visit.texts[0]) == ["CustomerQueryRq"]
        assert "<Name>Customer n0</Name>" in answer.response
        decisions.link(world.core, "acme", Kind.CUSTOMER, "n0", other, actor="ada")
        world.customer("n0", phone="555")
        visit.receive(answer)
        assert world.view(Kind.CUSTOMER, "n0")["list_id"] == other
        visit.close()
