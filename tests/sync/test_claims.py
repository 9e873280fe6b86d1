"""Links by hand are claims: asked for once, proven or dropped, and nothing is written meanwhile."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.logs import history
from qbwc_server.domain.faults import Conflict, InvalidInput
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage.schema import record
from tests.worlds.sync_world import World, enter_by_hand, names_in, refusing, writes_in


@pytest.fixture
def ready(world: World) -> World:
    """A customer and an item in QuickBooks, the lists loaded."""
    world.basics()
    world.poll()
    return world


def link(world: World, external_id: str, txn_id: str, kind: Kind = Kind.INVOICE) -> None:
    decisions.link(world.core, "acme", kind, external_id, txn_id, actor="ann")


def test_all_claims_of_a_visit_are_asked_for_in_one_message_set(ready: World) -> None:
    for number in range(12):
        ready.invoice(f"n{number}")
        link(ready, f"n{number}", enter_by_hand(ready, f"H{number}"))
    visit = ready.poll()
    assert names_in(visit.texts[0])[:2] == ["PurchaseOrderQueryRq", "InvoiceQueryRq"]
    assert sum(text.count("<TxnID>") for text in visit.texts) == 24
    assert ready.poll().texts == []
    assert {ready.state(Kind.INVOICE, f"n{number}") for number in range(12)} == {"synced"}


@pytest.mark.parametrize("setting", [{"read_only": True}, {"post_invoices": False}])
def test_a_claim_is_looked_at_where_nothing_may_be_written(ready: World, setting: dict[str, bool]) -> None:
    connectors.change_settings(ready.core, "acme", setting, actor="ann")
    ready.invoice("1")
    link(ready, "1", enter_by_hand(ready, "77"))
    visit = ready.poll()
    assert [name for text in visit.texts for name in writes_in(text)] == []
    assert ready.state(Kind.INVOICE, "1") == "synced"


@pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.PURCHASE_ORDER])
def test_either_kind_is_told_from_the_other(ready: World, kind: Kind) -> None:
    other = "PurchaseOrder" if kind is Kind.INVOICE else "Invoice"
    ready.vendor("v")
    ready.poll()
    (ready.invoice if kind is Kind.INVOICE else ready.order)("1")
    link(ready, "1", enter_by_hand(ready, "77", other), kind)
    ready.poll()
    assert ready.causes(kind, "1") == [("link_refused", "other_kind")]


def test_a_change_that_makes_it_unsendable_does_not_hide_the_claim(ready: World) -> None:
    ready.invoice("1")
    link(ready, "1", enter_by_hand(ready, "77"))
    ready.invoice("1", customer={"email": "nobody@x.example"})
    assert ready.state(Kind.INVOICE, "1") == "queued"
    ready.poll()
    assert ready.view(Kind.INVOICE, "1")["ref_number"] == "77"
    assert ready.causes(Kind.INVOICE, "1") == [("customer_not_matched", "email_unknown")]
    assert "1" not in ready.posted()


def test_an_id_quickbooks_cannot_read_holds_up_no_other(ready: World) -> None:
    ready.invoice("1")
    ready.invoice("2")
    link(ready, "1", enter_by_hand(ready, "77"))
    link(ready, "2", "banana")
    visit = ready.visit()
    text = visit.send()
    assert visit.receive(refusing("InvoiceQueryRs", 3000)(text, visit.process(text))) < 100
    # now each alone: one is found, the other is refused for good
    text = visit.send()
    assert names_in(text).count("InvoiceQueryRq") == 2
    visit.receive(visit.process(text))
    visit.run()
    assert ready.state(Kind.INVOICE, "1") == "synced"
    assert ready.causes(Kind.INVOICE, "2") == [("link_refused", "not_there")]


def test_a_claim_quickbooks_will_not_look_at_is_asked_for_later_and_ends_with_a_person(ready: World) -> None:
    ready.invoice("1")
    link(ready, "1", enter_by_hand(ready, "77"))
    visit = ready.poll(fault=refusing("InvoiceQueryRs", 3260))
    assert visit.progress[-1] == 100
    assert ready.state(Kind.INVOICE, "1") == "queued"
    assert ready.view(Kind.INVOICE, "1")["not_before"]


def test_a_claim_takes_the_place_of_an_earlier_one(ready: World) -> None:
    ready.invoice("1")
    link(ready, "1", "1FFFF-1")
    link(ready, "1", enter_by_hand(ready, "77"))
    ready.poll()
    assert ready.view(Kind.INVOICE, "1")["ref_number"] == "77"


def test_what_was_claimed_is_not_cancelled_nor_linked_twice(ready: World) -> None:
    ready.invoice("1")
    ready.invoice("2")
    link(ready, "1", "1FFFF-1")
    with pytest.raises(Conflict, match="QuickBooks is yet to be asked"):
        intake.cancel(ready.core, "acme", Kind.INVOICE, "1", actor="host")
    with pytest.raises(Conflict, match="invoice 1 is linked to 1FFFF-1 already"):
        link(ready, "2", "1FFFF-1")


def test_a_document_another_record_came_to_hold_meanwhile_is_not_taken_from_it(ready: World) -> None:
    ready.invoice("1")
    ready.poll()
    txn_id = ready.view(Kind.INVOICE, "1")["txn_id"]
    ready.invoice("2")
    link(ready, "2", "1FFFF-1")
    with ready.core.database.begin() as conn:  # as if the other had been posted since the link was made
        conn.execute(update(record).where(record.c.external_id == "2").values(claimed_id=txn_id))
    ready.poll()
    assert ready.causes(Kind.INVOICE, "2") == [("link_refused", "taken")]
    connectors.resync(ready.core, "acme", actor="ann")
    ready.poll()
    assert ready.causes(Kind.INVOICE, "2") == [("link_refused", "taken")]
    assert (ready.view(Kind.INVOICE, "2")["txn_id"], ready.state(Kind.INVOICE, "1")) == (None, "synced")
    assert ready.posted()["1"] == 1


def test_the_history_tells_who_linked_it_and_what_was_seen(ready: World) -> None:
    ready.invoice("1")
    link(ready, "1", enter_by_hand(ready, "77"))
    ready.poll()
    events = history.life(ready.core, "acme", Kind.INVOICE, "1")
    told = [(event.what, event.actor) for event in events]
    assert ("linked by hand", "ann") in told
    (seen,) = [event for event in events if event.what == "the linked document was seen in QuickBooks"]
    assert seen.detail == "ref number 77, customer By hand 77, txn date 2026-11-01, total 12.00"


@pytest.mark.parametrize("txn_id", ["", "not an id", " 1A-1", "1A-1\n", "\u0661-1", "x" * 37])
def test_what_cannot_be_an_id_is_refused_at_once(ready: World, txn_id: str) -> None:
    ready.invoice("1")
    with pytest.raises(InvalidInput, match="without blanks"):
        link(ready, "1", txn_id)
    assert ready.poll().texts


def test_the_answer_to_a_claim_that_was_replaced_meanwhile_decides_nothing(ready: World) -> None:
    ready.invoice("1")
    link(ready, "1", enter_by_hand(ready, "77"))
    visit = ready.visit()
    answer = visit.process(visit.send())
    link(ready, "1", enter_by_hand(ready, "88"))
    visit.receive(answer)
    assert ready.state(Kind.INVOICE, "1") == "queued"
    visit.run()
    assert ready.view(Kind.INVOICE, "1")["ref_number"] == "88"


def test_an_id_that_quickbooks_refuses_by_itself_is_none_of_its_own(ready: World) -> None:
    ready.invoice("1")
    link(ready, "1", enter_by_hand(ready, "77"))
    ready.poll(fault=refusing("InvoiceQueryRs", 3000))
    assert ready.causes(Kind.INVOICE, "1") == [("link_refused", "not_there")]
