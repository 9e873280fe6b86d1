"""Handing records over: what is taken, what is refused with every fault, what a repeat and a cancellation do."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import update

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.documents import documents
from qbwc_server.desk.handing_over import host, intake
from qbwc_server.desk.logs import history
from qbwc_server.domain.faults import Conflict, InvalidInput, NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.reading_json import read_json
from qbwc_server.domain.records import State
from qbwc_server.storage import events, schema
from qbwc_server.storage.records import find
from tests.worlds.sync_world import Answer, World, line


def story(world: World, kind: Kind, external_id: str) -> list[str]:
    """The states a record went through."""
    connector = connectors.get(world.core, "acme")
    with world.core.database.begin() as conn:
        record = find(conn, connector.id, kind, external_id)
        assert record is not None
        return [str(event.to_state) for event in events.of_record(conn, record.id)]


def test_a_new_record_is_queued_and_its_content_kept_as_it_was_written(world: World) -> None:
    fields = {"name": "Café “Ünal” & Söhne", "email": "A@B.example", "credit_limit": Decimal("10.50")}
    outcome = world.put(Kind.CUSTOMER, "c-7", fields)
    assert outcome.created
    assert outcome.changed
    view = world.view(Kind.CUSTOMER, "c-7")
    assert view["state"] == "queued"
    assert view["revision"] == 1
    assert view["synced_revision"] is None
    assert view["record"] == {"name": "Café “Ünal” & Söhne", "email": "A@B.example", "credit_limit": "10.50"}
    json.dumps(view)


def test_what_a_document_comes_to_is_kept_and_follows_its_revisions(world: World) -> None:
    def amount() -> Decimal | None:
        with world.core.database.read() as conn:
            record = find(conn, connectors.get(world.core, "acme").id, Kind.INVOICE, "i-1")
            assert record is not None
            return documents.recognised(conn, [record.id])[record.id].amount

    sold = {"item": {"sku": "A"}, "quantity": "3", "rate": "146.665"}
    world.put(Kind.INVOICE, "i-1", {"customer": "C", "lines": [sold]})
    assert amount() == Decimal("440.00")
    world.put(Kind.INVOICE, "i-1", {"customer": "C", "lines": [sold | {"quantity": "1"}]})
    assert amount() == Decimal("146.67")
    world.put(Kind.INVOICE, "i-1", {"customer": "C", "lines": [{"item": {"sku": "A"}, "quantity": "1"}]})
    assert amount() is None


def test_the_same_content_again_changes_nothing(world: World) -> None:
    world.customer("c", phone="1")
    before = world.view(Kind.CUSTOMER, "c")
    outcome = world.customer("c", phone="1")
    assert not outcome.created
    assert not outcome.changed
    assert world.view(Kind.CUSTOMER, "c") == before
    assert story(world, Kind.CUSTOMER, "c") == ["queued"]


@pytest.mark.parametrize("when", ["queued", "sent", "uncertain", "synced", "blocked"])
def test_the_same_content_again_changes_nothing_in_any_state(world: World, when: str) -> None:
    world.warm()
    world.customer("c", **({"email": None} if when == "blocked" else {}))
    visit = world.visit() if when not in ("queued", "blocked") else None
    if visit is not None:
        answer = visit.process(visit.send())
        if when == "synced":
            visit.receive(answer)
        if when == "uncertain":
            visit.receive(Answer(""))
    assert world.state(Kind.CUSTOMER, "c") == when
    told = story(world, Kind.CUSTOMER, "c")
    assert not world.customer("c", **({"email": None} if when == "blocked" else {})).changed
    assert world.state(Kind.CUSTOMER, "c") == when
    assert story(world, Kind.CUSTOMER, "c") == told


def test_the_same_content_in_another_spelling_changes_nothing(world: World) -> None:
    world.basics()
    world.invoice("1", lines=[{"item": {"sku": "A"}, "quantity": "2", "rate": "9.50"}])
    again = {
        "lines": [{"rate": Decimal("9.50"), "quantity": 2, "item": {"sku": "A"}}],
        "customer": {"external_id": "c"},
        "txn_date": "2026-11-20",
        "ref_number": "1",
    }
    assert not world.put(Kind.INVOICE, "1", again).changed


def test_what_is_handed_over_again_as_it_stands_waits_for_nobody_who_writes(world: World) -> None:
    first = world.put(Kind.CUSTOMER, "c-1", {"name": "Harbor", "email": "h@x.example"})
    with world.core.database.begin():
        again = world.put(Kind.CUSTOMER, "c-1", {"name": "Harbor", "email": "h@x.example"})
    assert (again.created, again.changed) == (False, False)
    assert again.view == first.view


def test_what_only_python_takes_for_the_same_is_refused_as_ever(world: World) -> None:
    world.put(Kind.CUSTOMER, "c-1", {"name": "Harbor", "credit_limit": 1})
    with pytest.raises(InvalidInput):
        world.put(Kind.CUSTOMER, "c-1", {"name": "Harbor", "credit_limit": True})


@pytest.mark.parametrize("when", ["queued", "synced"])
def test_what_was_taken_in_under_looser_rules_is_unchanged_as_it_stands_and_refused_with_its_next_change(
    world: World, when: str
) -> None:
    world.warm()
    fields = {"name": "Rope", "sku": "R-1", "price": "9.50", "is_active": True}
    world.put(Kind.ITEM, "i-1", fields)
    if when == "synced":
        world.poll()
    assert world.state(Kind.ITEM, "i-1") == when
    looser = {**fields, "is_active": 1}
    with world.core.database.begin() as conn:
        conn.execute(update(schema.record).values(content=looser))
    before = world.view(Kind.ITEM, "i-1")
    again = world.put(Kind.ITEM, "i-1", looser)
    assert (again.created, again.changed) == (False, False)
    assert world.view(Kind.ITEM, "i-1") == before
    with pytest.raises(InvalidInput) as refused:
        world.put(Kind.ITEM, "i-1", {**looser, "price": "8.00"})
    assert [fault.pointer for fault in refused.value.faults] == ["/is_active"]
    assert world.put(Kind.ITEM, "i-1", {**fields, "price": "8.00"}).changed
    world.poll()
    assert world.state(Kind.ITEM, "i-1") == "synced"


def test_a_change_before_sending_is_a_new_revision_and_only_the_latest_is_posted(world: World) -> None:
    world.customer("c", phone="1")
    outcome = world.customer("c", phone="2")
    assert outcome.changed
    assert not outcome.created
    world.poll()
    view = world.view(Kind.CUSTOMER, "c")
    assert (view["revision"], view["synced_revision"]) == (2, 2)
    assert world.company.find("Customer", Name="Customer c")["Phone"] == "2"
    assert world.posted() == {"Customer c": 1}


def test_a_revision_handed_over_while_the_record_is_on_its_way_is_not_lost_and_doubles_nothing(
    world: World,
) -> None:
    world.basics()
    world.poll()
    world.invoice("1", memo="first")
    visit = world.visit()
    visit.exchange()  # the number probe
    answer = visit.process(visit.send())
    world.invoice("1", memo="second")
    assert world.state(Kind.INVOICE, "1") == "sent"
    visit.receive(answer)
    visit.run()
    world.poll()
    assert world.state(Kind.INVOICE, "1") == "synced"
    (invoice,) = world.company.records("Invoice")
    assert invoice["Memo"] == "second"


def test_a_record_with_faults_is_refused_with_all_of_them_and_nothing_is_stored(world: World) -> None:
    fields = {
        "ref_number": "123456789012",
        "txn_date": "2026-02-30",
        "txn_id": "1-2",
        "colour": "red",
        "lines": [{"quantity": "two", "rate": 1.5}, {"item": {"sku": "A", "list_id": "8"}}],
    }
    with pytest.raises(InvalidInput) as caught:
        world.put(Kind.INVOICE, "", fields)
    pointers = {fault.pointer for fault in caught.value.faults}
    assert {
        "/external_id",
        "/ref_number",
        "/txn_date",
        "/colour",
        "/lines/0/quantity",
        "/lines/0/rate",
        "/lines/1/item",
    } <= pointers
    assert all(fault.message for fault in caught.value.faults)
    assert world.states() == {}


@pytest.mark.parametrize("external_id", ["", "x" * 201, "a\nb", "a\x00b"])
def test_an_external_id_that_cannot_be_shown_is_refused(world: World, external_id: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        world.put(Kind.CUSTOMER, external_id, {"name": "A"})
    assert [fault.pointer for fault in caught.value.faults] == ["/external_id"]


def test_any_printable_external_id_is_taken(world: World) -> None:
    for external_id in ("x" * 200, "a b/c?d#e&f", "Ünïcode-号"):
        world.customer(external_id, name="N" + external_id[:5], email=None)
        assert world.view(Kind.CUSTOMER, external_id)["external_id"] == external_id


def test_an_unknown_connector_or_record_is_named(world: World) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        intake.put(world.core, "nowhere", Kind.CUSTOMER, "c", {"name": "A"}, actor="host")
    with pytest.raises(NotFound, match="customer 'c'"):
        world.view(Kind.CUSTOMER, "c")
    with pytest.raises(NotFound):
        intake.cancel(world.core, "acme", Kind.CUSTOMER, "c", actor="host")


def test_records_of_two_connectors_do_not_meet(world: World) -> None:
    world.add_connector("other")
    world.customer("c", phone="1")
    world.put(Kind.CUSTOMER, "c", {"name": "Other c", "email": "c@fish.example"}, connector="other")
    assert world.view(Kind.CUSTOMER, "c")["record"]["phone"] == "1"
    world.poll()
    world.poll("other")
    assert world.posted() == {"Customer c": 1}
    assert world.posted(connector="other") == {"Other c": 1}


# --- cancelling ---------------------------------------------------------------------------------------------


def test_a_cancelled_record_is_not_sent_and_its_error_records_are_closed(world: World) -> None:
    world.warm()
    world.customer("c", email=None)
    assert len(world.errors()) == 1
    assert intake.cancel(world.core, "acme", Kind.CUSTOMER, "c", actor="host")["state"] == "cancelled"
    assert world.errors() == []
    assert intake.cancel(world.core, "acme", Kind.CUSTOMER, "c", actor="host")["state"] == "cancelled"
    world.poll()
    assert world.company.ledger == ()


def test_what_waited_for_a_cancelled_record_is_told_so(world: World) -> None:
    world.warm()
    world.basics()
    world.invoice("1")
    intake.cancel(world.core, "acme", Kind.CUSTOMER, "c", actor="host")
    assert world.causes(Kind.INVOICE, "1") == [("customer_not_matched", "not_handed_over")]
    world.revive(Kind.CUSTOMER, "c")
    assert world.state(Kind.INVOICE, "1") == "queued"
    world.poll()
    assert world.posted() == {"Customer c": 1, "Item i": 1, "1": 1}


@pytest.mark.parametrize("lost", [False, True])
def test_a_record_on_its_way_cannot_be_cancelled(world: World, lost: bool) -> None:
    world.warm()
    world.customer("c")
    visit = world.visit()
    visit.send()
    if lost:
        visit.close()
    with pytest.raises(Conflict, match="on its way"):
        intake.cancel(world.core, "acme", Kind.CUSTOMER, "c", actor="host")


def test_a_cancelled_record_is_taken_up_again_with_the_same_content_when_that_is_asked_for(
    world: World,
) -> None:
    world.customer("c")
    intake.cancel(world.core, "acme", Kind.CUSTOMER, "c", actor="host")
    with pytest.raises(Conflict, match="was cancelled at"):
        world.customer("c")
    content = {"name": "Customer c", "email": "c@fish.example"}
    outcome = intake.put(world.core, "acme", Kind.CUSTOMER, "c", content, actor="host", revive=True)
    assert outcome.changed
    world.poll()
    assert world.state(Kind.CUSTOMER, "c") == "synced"


# --- pages --------------------------------------------------------------------------------------------------


def test_records_are_listed_in_pages_by_kind_and_state(world: World) -> None:
    for number in range(5):
        world.customer(f"c{number}")
    world.item("i")
    first = host.find(world.core, "acme", limit=4)
    second = host.find(world.core, "acme", after_id=first[-1]["id"], limit=4)
    assert [item["external_id"] for item in first + second] == ["c0", "c1", "c2", "c3", "c4", "i"]
    items = host.find(world.core, "acme", kind=Kind.ITEM, state=State.QUEUED)
    assert [item["external_id"] for item in items] == ["i"]
    assert host.find(world.core, "acme", state=State.SYNCED) == []


# --- what may be posted -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "kind"), [("post_invoices", Kind.INVOICE), ("post_purchase_orders", Kind.PURCHASE_ORDER)]
)
def test_a_kind_that_is_switched_off_stays_queued_until_it_is_switched_on(
    make_world: Callable[..., World], setting: str, kind: Kind
) -> None:
    world = make_world(settings={setting: False, "default_expense_account": "Purchases"})
    world.basics()
    world.vendor("v")
    world.invoice("1")
    world.order("2")
    assert world.poll().progress[-1] == 100
    assert world.states(kind) == {"queued": 1}
    assert world.poll().answer[1] == "none"
    connectors.change_settings(world.core, "acme", {setting: True}, actor="ada")
    world.poll()
    assert world.states() == {"synced": 5}


def test_a_read_only_connector_reads_lists_and_writes_nothing(make_world: Callable[..., World]) -> None:
    world = make_world(settings={"read_only": True})
    world.company.person.add("Customer", {"Name": "Ada", "Email": "c@fish.example"})
    world.basics()
    world.invoice("1", lines=[line()])
    assert world.poll().progress[-1] == 100
    assert world.poll().answer[1] == "none"
    assert world.posted() == {}
    connectors.change_settings(world.core, "acme", {"read_only": False}, actor="ada")
    world.poll()
    assert world.states() == {"synced": 3}
    assert world.posted() == {"Item i": 1, "1": 1}


@pytest.mark.parametrize(
    ("price", "pointer"),
    [
        (Decimal("1E999999999"), "/price"),
        ("1E-999999999", "/price"),
        (Decimal("1E-999999999"), "/price"),
    ],
)
def test_a_number_of_a_billion_digits_is_a_fault(world: World, price: object, pointer: str) -> None:
    with pytest.raises(InvalidInput, match="digits") as caught:
        world.item("i", price=price)
    assert [fault.pointer for fault in caught.value.faults] == [pointer]


@pytest.mark.parametrize("text", ["a\0b", "half \ud800 a pair"])
def test_a_text_no_database_can_hold_is_a_fault(world: World, text: str) -> None:
    with pytest.raises(InvalidInput, match="surrogate pair or a NUL"):
        world.invoice("n", lines=[{**line("i"), "desc": text}])


def refused_void(world: World) -> int:
    """An invoice that QuickBooks will not void; its error record."""
    world.basics()
    world.invoice("n")
    world.poll()
    intake.void(world.core, "acme", Kind.INVOICE, "n", actor="host")
    world.company.person.deny("TxnVoid")
    world.poll()
    world.company.person.allow("TxnVoid")
    (error,) = world.errors()
    return error.id


def test_a_void_cannot_be_cancelled_as_quickbooks_holds_the_document(world: World) -> None:
    world.basics()
    world.invoice("n")
    world.poll()
    intake.void(world.core, "acme", Kind.INVOICE, "n", actor="host")
    with pytest.raises(Conflict, match="is void, or will be at the next visit"):
        intake.cancel(world.core, "acme", Kind.INVOICE, "n", actor="host")
    world.poll()
    assert world.company.find("Invoice", RefNumber="n")["Subtotal"] == "0.00"


def test_a_void_that_was_let_rest_can_be_asked_for_again(world: World) -> None:
    decisions.dismiss(world.core, "acme", refused_void(world), "paid by now", actor="ann")
    assert world.view(Kind.INVOICE, "n")["is_void"] is False
    intake.void(world.core, "acme", Kind.INVOICE, "n", actor="host")
    world.poll()
    assert world.state(Kind.INVOICE, "n") == "synced"
    assert world.company.find("Invoice", RefNumber="n")["Subtotal"] == "0.00"


def test_after_a_void_was_let_rest_the_document_can_be_changed(world: World) -> None:
    decisions.dismiss(world.core, "acme", refused_void(world), "paid by now", actor="ann")
    world.revive(Kind.INVOICE, "n", memo="after all")
    world.poll()
    assert world.company.find("Invoice", RefNumber="n")["Memo"] == "after all"


def test_voiding_what_was_deleted_in_quickbooks_cancels_it(world: World) -> None:
    world.warm()
    world.basics()
    world.invoice("n")
    world.poll()
    txn_id = world.view(Kind.INVOICE, "n")["txn_id"]
    world.company.person.delete_transaction("Invoice", txn_id)
    world.invoice("n", memo="changed")
    world.poll()
    assert world.causes(Kind.INVOICE, "n") == [("document_deleted", None)]
    assert intake.void(world.core, "acme", Kind.INVOICE, "n", actor="host")["state"] == "cancelled"
    world.poll()
    assert "TxnVoidRq" not in [entry.request for entry in world.company.ledger]


def test_an_unlinked_cancelled_record_stays_cancelled(world: World) -> None:
    world.warm()
    world.basics()
    world.poll()
    customer = world.view(Kind.CUSTOMER, "c")["list_id"]
    world.company.person.edit("Customer", customer, {"IsActive": "false"})
    connectors.resync(world.core, "acme", actor="ann")
    world.poll()
    (error,) = world.errors()
    decisions.dismiss(world.core, "acme", error.id, "gone out of business", actor="ann")
    before = world.posted()
    assert world.view(Kind.CUSTOMER, "c")["list_id"] == customer
    after = decisions.unlink(world.core, "acme", Kind.CUSTOMER, "c", actor="ann")
    assert (after["state"], after["list_id"]) == ("cancelled", None)
    world.poll()
    assert (world.state(Kind.CUSTOMER, "c"), world.posted()) == ("cancelled", before)


def test_unlinking_what_is_linked_to_nothing_changes_nothing(world: World) -> None:
    world.customer("c")
    intake.cancel(world.core, "acme", Kind.CUSTOMER, "c", actor="host")
    before = world.view(Kind.CUSTOMER, "c")
    assert decisions.unlink(world.core, "acme", Kind.CUSTOMER, "c", actor="ann") == before


@pytest.mark.parametrize("external_id", ["c", "new"])
def test_the_history_names_whoever_handed_over_and_cancelled(world: World, external_id: str) -> None:
    world.warm()
    fields = {"name": "Pier", "email": f"{external_id}@x.example"}
    intake.put(world.core, "acme", Kind.CUSTOMER, external_id, fields, actor="host (shop)")
    intake.put(world.core, "acme", Kind.CUSTOMER, external_id, {"name": "No mail"}, actor="host (shop)")
    intake.cancel(world.core, "acme", Kind.CUSTOMER, external_id, actor="cli")
    intake.put(world.core, "acme", Kind.CUSTOMER, external_id, fields, actor="host (outlet)", revive=True)
    events = history.life(world.core, "acme", Kind.CUSTOMER, external_id)
    by_whom = [(event.to_state, event.actor) for event in events if event.actor != "server"]
    assert by_whom == [
        (State.QUEUED, "host (shop)"),
        (State.CANCELLED, "cli"),
        (State.QUEUED, "host (outlet)"),
    ]


def test_card_data_is_not_taken(world: World) -> None:
    card = {"credit_card_number": "4111111111111111"}
    with pytest.raises(InvalidInput, match="card data"):
        world.customer("c", credit_card_info=card)


def test_json_nested_without_end_is_a_fault() -> None:
    with pytest.raises(InvalidInput, match="nested too deeply"):
        read_json("[" * 200_000)
