"""What a person changed in QuickBooks is told apart from what we wrote ourselves."""

from __future__ import annotations

from qbwc_server.desk.error_records import errors
from qbwc_server.domain.kinds import Kind
from tests.worlds.sync_world import Answer, World, line, writes_in


def posted(world: World) -> str:
    """An invoice of customer ``c``; its TxnID."""
    world.basics()
    world.customer("d")
    world.invoice("1")
    world.poll()
    return str(world.view(Kind.INVOICE, "1")["txn_id"])


def edit(world: World, txn_id: str, **fields: object) -> None:
    world.company.person.edit_transaction("Invoice", txn_id, fields)


def test_another_customer_from_the_host_is_no_change_by_a_person(world: World) -> None:
    txn_id = posted(world)
    edit(world, txn_id, Memo="seen by ann")  # so that the EditSequence is out of date
    world.invoice("1", customer={"external_id": "d"})
    world.poll()
    assert world.causes(Kind.INVOICE, "1") == []
    (invoice,) = world.company.records("Invoice")
    assert invoice["CustomerRef"]["ListID"] == world.view(Kind.CUSTOMER, "d")["list_id"]
    assert invoice["Memo"] == "seen by ann"


def test_what_a_person_voided_is_said_to_be_void_and_not_only_to_have_other_quantities(world: World) -> None:
    txn_id = posted(world)
    world.company.person.void("Invoice", txn_id)
    world.invoice("1", lines=[line(quantity="5")])
    world.poll()
    (error,) = world.view(Kind.INVOICE, "1")["errors"]
    assert error["message"].startswith("Invoice 1 was voided in QuickBooks by a person: ")


def test_a_memo_that_says_void_voids_nothing(world: World) -> None:
    txn_id = posted(world)
    edit(world, txn_id, Memo="VOID: was so once", PONumber="7")
    world.invoice("1", memo="ours", po_number="8")
    world.poll()
    (error,) = world.view(Kind.INVOICE, "1")["errors"]
    assert error["message"].startswith("Invoice 1 was changed in QuickBooks by a person: ")


def test_another_customer_from_a_person_is(world: World) -> None:
    txn_id = posted(world)
    world.company.person.add("Customer", {"Name": "Somebody else"})
    edit(world, txn_id, CustomerRef="Somebody else")
    world.invoice("1", customer={"external_id": "d"})
    world.poll()
    (error,) = world.view(Kind.INVOICE, "1")["errors"]
    assert error["cause"] == "changed_in_quickbooks"
    assert "Somebody else" in error["message"]


def test_our_own_change_whose_answer_was_lost_is_no_change_by_a_person(world: World) -> None:
    posted(world)
    world.invoice("1", memo="second", lines=[line(quantity="5")])
    lost = [world.poll(fault=lambda text, answer: Answer("") if writes_in(text) else answer)]
    assert lost[0].progress[-1] == -1
    world.invoice("1", memo="third", lines=[line(quantity="6")])
    world.poll()
    assert world.causes(Kind.INVOICE, "1") == []
    (invoice,) = world.company.records("Invoice")
    assert (invoice["Memo"], invoice["lines"][0]["Quantity"]) == ("third", "6")
    assert world.state(Kind.INVOICE, "1") == "synced"


def test_a_customer_that_was_matched_and_never_touched_since_is_no_change_by_a_person(world: World) -> None:
    """It is read, as QuickBooks died over the change; what it holds beside the host's was never written by us."""
    world.company.person.add("Customer", {"Name": "Quay", "Email": "ap@quay.example"})
    world.warm()
    world.customer("q", name="Quay", email="ap@quay.example", phone="1")
    world.poll()
    world.customer("q", name="Quay", email="ap@quay.example", phone="2")
    world.company.mishaps.die_over_next_set()
    world.poll()
    world.poll()
    assert world.causes(Kind.CUSTOMER, "q") == []
    assert world.company.find("Customer", Name="Quay")["Phone"] == "2"


def test_our_own_lines_whose_outcome_was_never_told_are_no_change_by_a_person(world: World) -> None:
    posted(world)
    world.invoice("1", lines=[line(quantity="5"), line(quantity="6")])
    untold = '<?xml version="1.0" ?><QBXML><QBXMLMsgsRs messageSetStatusCode="9005"></QBXMLMsgsRs></QBXML>'
    world.poll(fault=lambda text, answer: Answer(untold) if writes_in(text) else answer)
    assert world.causes(Kind.INVOICE, "1") == [("uncertain", None)]
    errors.retry(world.core, "acme", cause_key="record:invoice 1", actor="ada")
    world.poll()
    assert world.causes(Kind.INVOICE, "1") == []
    (invoice,) = world.company.records("Invoice")
    assert [each["Quantity"] for each in invoice["lines"]] == ["5", "6"]
