"""Document numbers: those in use block, and what was blocked goes on when the number is given up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from freezegun import freeze_time

from qbwc_server.desk import overview
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.error_records import errors
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import external_guid
from qbwc_server.storage import records
from qbwc_server.visit.operations.numbers import ASKED_AT_ONCE
from tests.sync.test_recovery import lose
from tests.worlds.sync_world import (
    START,
    Answer,
    World,
    enter_by_hand,
    line,
    names_in,
    refusing,
    requests_in,
)

HOUR = timedelta(minutes=61)


@pytest.mark.parametrize(
    ("kind", "quickbooks"), [(Kind.INVOICE, "Invoice"), (Kind.PURCHASE_ORDER, "PurchaseOrder")]
)
def test_a_number_in_use_blocks_and_names_the_document_that_holds_it(
    make_world: Callable[..., World], kind: Kind, quickbooks: str
) -> None:
    world = make_world(settings={"default_expense_account": "Purchases"})
    world.basics()
    world.vendor("v")
    txn_id = enter_by_hand(world, "1042", quickbooks)
    (world.invoice if kind is Kind.INVOICE else world.order)("1042")
    world.poll()
    (error,) = world.view(kind, "1042")["errors"]
    assert error["cause"] == "number_conflict"
    assert error["cause_key"] == "number:1042"
    for part in (txn_id, "By hand 1042", "2026-11-01", "12.00"):
        assert part in error["message"]
    assert world.posted(kind) == {}
    world.company.person.delete_transaction(quickbooks, txn_id)
    errors.retry(world.core, "acme", cause_key="number:1042", actor="ada")
    world.poll()
    assert world.posted(kind) == {"1042": 1}


def test_a_document_with_our_guid_is_linked_not_posted_again(world: World) -> None:
    world.basics()
    world.invoice("1042")
    visit = world.visit()
    while True:
        text = visit.send()
        answer = visit.process(text)
        if "InvoiceAddRq" in text:
            guid = requests_in(text)[0].findtext(".//ExternalGUID")
            break
        visit.receive(answer)
    assert guid is not None
    visit.receive(answer)
    before = world.company.find("Invoice", RefNumber="1042")["TxnID"]
    # the server's database is lost, and everything is handed over anew
    forgotten(world)
    world.basics()
    world.invoice("1042")
    world.poll()
    view = world.view(Kind.INVOICE, "1042")
    assert (view["state"], view["txn_id"], view["proof"]) == ("synced", before, "probe")
    assert world.posted(Kind.INVOICE) == {"1042": 1}


def forgotten(world: World) -> None:
    """The records are forgotten, the connector with its identity is not."""
    from sqlalchemy import delete

    from qbwc_server.storage.schema import metadata

    with world.core.database.begin() as conn:
        for table in reversed(metadata.sorted_tables):
            if table.name not in ("connector",):
                conn.execute(delete(table))


def test_of_two_records_with_one_number_only_one_is_posted(world: World) -> None:
    world.basics()
    world.poll()
    world.invoice("a", ref_number="77")
    world.invoice("b", ref_number="77")
    world.poll()
    assert world.posted(Kind.INVOICE) == {"77": 1}
    assert world.states(Kind.INVOICE) == {"synced": 1, "blocked": 1}
    assert world.causes(Kind.INVOICE, "b") == [("number_conflict", None)]
    (error,) = world.view(Kind.INVOICE, "b")["errors"]
    assert "it is invoice a of the order system" in error["message"]
    assert "go on with invoice a" in error["remedy"]
    later = world.clock() + HOUR
    with freeze_time(later):
        world.poll()
        (error,) = world.view(Kind.INVOICE, "b")["errors"]
        assert "it is invoice a of the order system" in error["message"]


@pytest.mark.parametrize("code", [3260, 3250, 1030])
def test_a_refused_number_probe_does_not_make_a_number_free(world: World, code: int) -> None:
    world.basics()
    enter_by_hand(world, "1042")
    world.poll()
    world.invoice("1042")

    visit = world.poll(fault=refusing("InvoiceQueryRs", code))
    assert len(visit.texts) < 5
    assert world.posted(Kind.INVOICE) == {}
    assert world.state(Kind.INVOICE, "1042") == "queued"
    assert world.view(Kind.INVOICE, "1042")["not_before"] is not None


def test_a_document_without_a_number_is_numbered_by_quickbooks(world: World) -> None:
    world.basics()
    world.invoice("a", ref_number=None)
    world.poll()
    (invoice,) = world.company.records("Invoice")
    assert world.view(Kind.INVOICE, "a")["ref_number"] == invoice["RefNumber"]


# --- a number that was taken and is given up ------------------------------------------------------------------


def in_conflict(world: World, number: str = "1042", quickbooks: str = "Invoice") -> str:
    """A document blocked because QuickBooks has another with its number; the TxnID of that one."""
    world.basics()
    world.vendor("v")
    txn_id = enter_by_hand(world, number, quickbooks)
    kind = Kind.INVOICE if quickbooks == "Invoice" else Kind.PURCHASE_ORDER
    (world.invoice if kind is Kind.INVOICE else world.order)(number)
    world.poll()
    assert world.causes(kind, number) == [("number_conflict", None)]
    return txn_id


@pytest.mark.parametrize("given_up", ["deleted", "renumbered"])
@pytest.mark.parametrize(
    ("kind", "quickbooks"), [(Kind.INVOICE, "Invoice"), (Kind.PURCHASE_ORDER, "PurchaseOrder")]
)
def test_a_document_goes_on_by_itself_once_its_number_was_given_up_in_quickbooks(
    make_world: Callable[..., World], kind: Kind, quickbooks: str, given_up: str
) -> None:
    with freeze_time(START) as time:
        world = make_world(settings={"default_expense_account": "Purchases"})
        txn_id = in_conflict(world, quickbooks=quickbooks)
        if given_up == "deleted":
            world.company.person.delete_transaction(quickbooks, txn_id)
        else:
            world.company.person.edit_transaction(quickbooks, txn_id, {"RefNumber": "1042-old"})
        assert world.poll().texts == []
        time.tick(HOUR)
        world.poll()
        assert world.posted(kind) == {"1042": 1}
        assert world.state(kind, "1042") == "synced"
        released = [each.changes.get("released", 0) for each in overview.health(world.core, "acme").lists]
        assert sum(released) == 1


def test_a_resync_asks_for_numbers_that_were_taken_at_once(world: World) -> None:
    txn_id = in_conflict(world)
    world.company.person.delete_transaction("Invoice", txn_id)
    connectors.resync(world.core, "acme", actor="ada")
    world.poll()
    assert world.posted(Kind.INVOICE) == {"1042": 1}


def test_while_the_number_is_taken_the_error_names_who_has_it_now(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as time:
        world = make_world()
        txn_id = in_conflict(world)
        (before,) = world.view(Kind.INVOICE, "1042")["errors"]
        time.tick(HOUR)
        world.poll()
        assert world.view(Kind.INVOICE, "1042")["errors"] == [before]
        world.company.person.edit_transaction("Invoice", txn_id, {"RefNumber": "1043"})
        other = enter_by_hand(world, "1042b")
        world.company.person.edit_transaction("Invoice", other, {"RefNumber": "1042"})
        time.tick(HOUR)
        world.poll()
        (after,) = world.view(Kind.INVOICE, "1042")["errors"]
        assert other in after["message"]
        assert txn_id not in after["message"]
        assert world.posted(Kind.INVOICE) == {}


def test_a_document_the_host_gave_another_number_meanwhile_is_not_judged_by_the_old_one(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as time:
        world = make_world()
        txn_id = in_conflict(world)
        world.company.person.delete_transaction("Invoice", txn_id)
        time.tick(HOUR)
        visit = world.visit()
        text = visit.send()
        assert "1042" in text
        answer = visit.process(text)
        world.invoice("1042", ref_number="2000", lines=[line("i")])
        visit.receive(answer)
        visit.run()
        assert world.posted(Kind.INVOICE) == {"2000": 1}


def test_many_numbers_are_asked_for_in_portions_within_one_message_set(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as time:
        world = make_world()
        world.basics()
        world.poll()
        number = ASKED_AT_ONCE + 5
        taken = [enter_by_hand(world, f"n{each:03}") for each in range(number)]
        for each in range(number):
            world.invoice(f"n{each:03}")
        world.poll()
        assert world.states(Kind.INVOICE) == {"blocked": number}
        for txn_id in taken[::2]:
            world.company.person.delete_transaction("Invoice", txn_id)
        time.tick(HOUR)
        visit = world.poll()
        assert names_in(visit.texts[0]).count("InvoiceQueryRq") == 2
        free = len(taken[::2])
        assert world.states(Kind.INVOICE) == {"blocked": number - free, "synced": free}
        assert world.posted(Kind.INVOICE).total() == free


def test_when_quickbooks_will_not_tell_the_document_stays_blocked(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as time:
        world = make_world()
        txn_id = in_conflict(world)
        world.company.person.delete_transaction("Invoice", txn_id)
        time.tick(HOUR)
        assert world.poll(fault=refusing("InvoiceQueryRs", 3260)).progress[-1] == 100
        assert world.causes(Kind.INVOICE, "1042") == [("number_conflict", None)]
        time.tick(HOUR)
        world.poll()
        assert world.posted(Kind.INVOICE) == {"1042": 1}


def test_a_number_too_long_with_the_prefix_goes_on_when_the_prefix_is_changed(
    make_world: Callable[..., World],
) -> None:
    world = make_world(settings={"ref_number_prefix": "ORDER-"})
    world.basics()
    world.poll()
    world.invoice("a", ref_number="1234567")
    (error,) = world.view(Kind.INVOICE, "a")["errors"]
    assert (error["cause"], error["cause_key"]) == ("invalid_field", "setting:ref_number_prefix")
    assert "ref_number_prefix" in error["remedy"]
    connectors.change_settings(world.core, "acme", {"ref_number_prefix": "SO-"}, actor="ada")
    world.poll()
    assert world.posted(Kind.INVOICE) == {"SO-1234567": 1}


def test_a_number_that_is_promised_to_a_document_whose_answer_was_lost_is_left_to_that_one(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as clock:
        world = make_world(settings={"message_set_recovery": False, "refresh_minutes": 10_000})
        world.basics()
        world.poll()
        world.invoice("a", ref_number="7")
        lose(world, executed=False)
        world.invoice("b", ref_number="7")
        asked: list[str] = []

        def refuse_the_first(text: str, answer: Answer) -> Answer:
            asked.append(text)
            return refusing("InvoiceQueryRs", 3260)(text, answer) if len(asked) == 1 else answer

        world.poll(fault=refuse_the_first)
        # QuickBooks has no document of that number, and it is not known yet whether it is to have the first
        assert ["InvoiceQueryRq" in names_in(text) for text in asked] == [True, True]
        assert (world.state(Kind.INVOICE, "a"), world.state(Kind.INVOICE, "b")) == ("uncertain", "queued")
        assert "to go to another document" in str(world.view(Kind.INVOICE, "b")["waiting"])
        assert world.posted(Kind.INVOICE) == {}
        for _ in range(3):
            clock.tick(timedelta(minutes=10))
            world.poll()
        assert world.state(Kind.INVOICE, "a") == "synced"
        assert world.causes(Kind.INVOICE, "b") == [("number_conflict", None)]
        assert world.posted(Kind.INVOICE) == {"7": 1}


def test_a_document_that_turns_out_to_hold_its_number_itself_is_linked_with_the_next_refresh(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.basics()
        txn_id = enter_by_hand(world, "1042")
        world.invoice("1042")
        world.poll()
        assert world.causes(Kind.INVOICE, "1042") == [("number_conflict", None)]
        with world.core.database.read() as conn:
            (record,) = records.page(conn, 1, kind=Kind.INVOICE)
            guid = external_guid(connectors.get(world.core, "acme").uuid, record)
        world.company.person.edit_transaction("Invoice", txn_id, {"ExternalGUID": guid})
        clock.tick(HOUR)
        world.poll()
        view = world.view(Kind.INVOICE, "1042")
        assert (view["state"], view["txn_id"], view["proof"]) == ("synced", txn_id, "probe")
        assert world.posted(Kind.INVOICE) == {}
