"""Lost answers: QuickBooks is asked first, and nothing is ever posted twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from freezegun import freeze_time
from lxml import etree

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.error_records import errors
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.retries import MOST_ATTEMPTS
from tests.worlds.sync_world import (
    START,
    Answer,
    Visit,
    World,
    message_set_of,
    names_in,
    refusing,
    requests_in,
    writes_in,
)

ALL_KINDS = {"default_expense_account": "Purchases"}


def lose(world: World, *, executed: bool) -> Visit:
    """Carry a visit up to its first writing set, and lose the answer to that."""
    visit = world.visit()
    while not writes_in(text := visit.send()):
        visit.receive(visit.process(text))
    if executed:
        visit.process(text)
    return visit.close()


def hand_over(world: World, kind: Kind) -> None:
    """A record ``x`` of a kind, with what it needs in QuickBooks already."""
    if kind.is_document:
        world.basics()
        world.vendor("v")
        world.poll()
    else:
        world.warm()
    make = {
        Kind.CUSTOMER: world.customer,
        Kind.VENDOR: world.vendor,
        Kind.ITEM: world.item,
        Kind.INVOICE: world.invoice,
        Kind.PURCHASE_ORDER: world.order,
    }[kind]
    make("x")


@pytest.mark.parametrize("kind", Kind)
def test_a_write_whose_answer_was_lost_is_found_and_linked(
    make_world: Callable[..., World], kind: Kind
) -> None:
    world = make_world(settings=ALL_KINDS)
    hand_over(world, kind)
    lose(world, executed=True)
    assert world.state(kind, "x") == "uncertain"
    visit = world.poll()
    assert writes_in(visit.texts[0]) == []
    view = world.view(kind, "x")
    assert (view["state"], view["proof"]) == ("synced", "probe")
    assert all(not writes_in(text) for text in visit.texts)
    assert len(world.posted(kind)) == 1
    assert set(world.posted().values()) == {1}


@pytest.mark.parametrize("kind", Kind)
def test_a_write_that_never_arrived_is_sent_again_identical_under_its_own_id(
    make_world: Callable[..., World], kind: Kind
) -> None:
    world = make_world(settings=ALL_KINDS)
    hand_over(world, kind)
    lost = lose(world, executed=False)
    visit = world.poll()
    assert writes_in(visit.texts[0]) == []
    again = [text for text in visit.texts if writes_in(text)]
    assert again == [lost.texts[-1]]
    assert message_set_of(again[0]).get("newMessageSetID")
    view = world.view(kind, "x")
    assert (view["state"], view["proof"]) == ("synced", "message_set")
    assert set(world.posted().values()) == {1}


@pytest.mark.parametrize("kind", [Kind.CUSTOMER, Kind.INVOICE])
def test_without_message_set_recovery_what_never_arrived_goes_out_anew_after_asking(
    make_world: Callable[..., World], kind: Kind
) -> None:
    world = make_world(settings={**ALL_KINDS, "message_set_recovery": False})
    hand_over(world, kind)
    lose(world, executed=False)
    visit = world.poll()
    assert names_in(visit.texts[0])[0].endswith("QueryRq")
    assert all("MessageSetID" not in text for text in visit.texts)
    assert world.state(kind, "x") == "synced"
    assert set(world.posted().values()) == {1}


def test_if_quickbooks_did_execute_it_after_the_probe_the_stored_outcome_comes_back(world: World) -> None:
    """The probe came too early: QuickBooks executes the lost set between it and the second sending."""
    world.warm()
    world.customer("x")
    lost = lose(world, executed=False)
    visit = world.visit()
    visit.exchange()
    again = visit.send()
    visit.process(lost.texts[-1])  # late, after all
    visit.receive(visit.process(again))
    visit.run()
    assert world.view(Kind.CUSTOMER, "x")["proof"] == "message_set"
    assert world.posted() == {"Customer x": 1}


def test_a_set_executed_in_part_has_only_the_absent_part_queued_again(world: World) -> None:
    world.warm()
    for number in range(6):
        world.customer(f"c{number}")
    visit = world.visit()
    text = visit.send()
    half = message_set_of(text)
    for request in list(half)[3:]:
        half.remove(request)
    for name in ("newMessageSetID", "oldMessageSetID"):
        if name in half.attrib:
            del half.attrib[name]
    pieces = etree.tostring(half.getparent(), encoding="unicode")
    world.company.process(text[: text.index("<QBXML>")] + pieces)
    visit.close()
    assert world.states() == {"uncertain": 6}
    again = world.poll()
    assert world.states() == {"synced": 6}
    assert set(world.posted().values()) == {1}
    written = [writes_in(each) for each in again.texts if writes_in(each)]
    assert written == [["CustomerAddRq"] * 3]
    assert message_set_of(again.texts[-1]).get("newMessageSetID") != message_set_of(text).get(
        "newMessageSetID"
    )


def test_every_writing_set_clears_the_one_settled_before(world: World) -> None:
    world.warm()
    names: list[tuple[str | None, str | None]] = []
    for number in range(3):
        world.customer(f"c{number}")
        (text,) = world.poll().texts
        found = message_set_of(text)
        names.append((found.get("oldMessageSetID"), found.get("newMessageSetID")))
    assert names[0][0] is None
    assert [old for old, _ in names[1:]] == [new for _, new in names[:-1]]
    assert all(len(new or "") <= 24 for _, new in names)
    assert len({new for _, new in names}) == 3
    assert len(world.company.recovery.outcomes) == 1


def test_reading_sets_have_no_ids(world: World) -> None:
    visit = world.poll()
    assert all("MessageSetID" not in text for text in visit.texts)


def test_an_uncertain_record_is_probed_before_anything_else_is_written(world: World) -> None:
    world.warm()
    world.customer("x")
    lose(world, executed=True)
    world.customer("y")
    visit = world.poll()
    assert set(names_in(visit.texts[0])) == {"CustomerQueryRq"}
    assert [writes_in(text) for text in visit.texts[1:]] == [["CustomerAddRq"]]


def test_losing_the_answer_to_the_second_sending_too_still_posts_once(world: World) -> None:
    world.warm()
    world.customer("x")
    lose(world, executed=False)
    for _ in range(3):
        visit = world.visit()
        visit.exchange()  # absent
        visit.send()
        visit.close()
    assert world.posted() == {}
    world.poll()
    assert world.posted() == {"Customer x": 1}
    assert world.state(Kind.CUSTOMER, "x") == "synced"


def test_losing_the_answer_to_the_probe_is_only_asked_again(world: World) -> None:
    world.warm()
    world.customer("x")
    lose(world, executed=True)
    visit = world.visit()
    visit.process(visit.send())
    visit.close()
    world.poll()
    assert world.posted() == {"Customer x": 1}
    assert world.state(Kind.CUSTOMER, "x") == "synced"


def test_a_number_taken_by_somebody_else_meanwhile_is_a_conflict_not_ours(world: World) -> None:
    world.basics()
    world.poll()
    world.invoice("x")
    lose(world, executed=False)
    person = world.company.person
    person.add("Customer", {"Name": "Else"})
    item = world.company.find("ItemNonInventory", Name="Item i")["ListID"]
    line = {"ItemRef": {"ListID": item}, "Quantity": "1", "Rate": "1.00"}
    person.add_transaction(
        "Invoice", {"CustomerRef": "Else", "RefNumber": "x", "TxnDate": "2026-11-20"}, [line]
    )
    world.poll()
    assert world.causes(Kind.INVOICE, "x") == [("number_conflict", None)]
    assert world.posted(Kind.INVOICE) == {}


def test_a_document_that_may_or_may_not_be_ours_is_left_to_a_person(world: World) -> None:
    """Same number, customer, date and total, but without our GUID: entered by hand for the same order?"""
    world.basics()
    world.poll()
    world.invoice("x")
    lose(world, executed=False)
    item = world.company.find("ItemNonInventory", Name="Item i")["ListID"]
    line = {"ItemRef": {"ListID": item}, "Quantity": "2", "Rate": "9.50"}
    entry = {"CustomerRef": "Customer c", "RefNumber": "x", "TxnDate": "2026-11-20"}
    world.company.person.add_transaction("Invoice", entry, [line])
    world.poll()
    assert world.causes(Kind.INVOICE, "x") == [("uncertain", None)]
    assert world.posted(Kind.INVOICE) == {}


def test_before_version_9_the_same_customer_date_and_total_is_ours(world: World) -> None:
    world.company.host["SupportedQBXMLVersion"] = ["7.0", "8.0"]
    world.basics()
    world.poll()
    world.invoice("x")
    lose(world, executed=True)
    world.poll()
    assert world.state(Kind.INVOICE, "x") == "synced"
    assert world.posted(Kind.INVOICE) == {"x": 1}


def test_before_version_9_another_document_with_the_number_is_a_conflict(world: World) -> None:
    world.company.host["SupportedQBXMLVersion"] = ["7.0", "8.0"]
    world.basics()
    world.poll()
    world.invoice("x")
    lose(world, executed=False)
    item = world.company.find("ItemNonInventory", Name="Item i")["ListID"]
    line = {"ItemRef": {"ListID": item}, "Quantity": "1", "Rate": "1.00"}
    entry = {"CustomerRef": "Customer c", "RefNumber": "x", "TxnDate": "2026-11-20"}
    world.company.person.add_transaction("Invoice", entry, [line])
    world.poll()
    assert world.causes(Kind.INVOICE, "x") == [("number_conflict", None)]


@pytest.mark.parametrize("version", ["7.0", "10.0", "13.0"])
@pytest.mark.parametrize("executed", [True, False])
def test_every_version_settles_a_lost_batch_exactly_once(
    make_world: Callable[..., World], version: str, executed: bool
) -> None:
    world = make_world(settings=ALL_KINDS)
    known = world.company.host["SupportedQBXMLVersion"]
    world.company.host["SupportedQBXMLVersion"] = [each for each in known if float(each) <= float(version)]
    world.warm()
    world.basics()
    world.vendor("v")
    lose(world, executed=executed)
    world.poll()
    for number in range(3):
        world.invoice(f"i{number}")
        world.order(f"o{number}")
    lose(world, executed=executed)
    for _ in range(3):
        world.poll()
    assert world.states() == {"synced": 9}
    assert set(world.posted().values()) == {1}
    assert len(world.posted()) == 9


@pytest.mark.parametrize("executed", [True, False])
def test_a_document_without_a_number_is_found_among_its_customers_documents(
    world: World, executed: bool
) -> None:
    world.basics()
    world.poll()
    for external_id in ("a", "b"):
        world.invoice(external_id, ref_number=None)
    lose(world, executed=executed)
    world.poll()
    assert world.states(Kind.INVOICE) == {"synced": 2}
    assert len(world.company.records("Invoice")) == 2
    ids = {world.view(Kind.INVOICE, external_id)["txn_id"] for external_id in ("a", "b")}
    assert ids == {invoice["TxnID"] for invoice in world.company.records("Invoice")}


@pytest.mark.parametrize("recovery", [True, False])
@pytest.mark.parametrize("dated", [True, False])
def test_a_document_without_a_number_that_a_person_retries_is_looked_for_before_it_is_sent_again(
    make_world: Callable[..., World], recovery: bool, dated: bool
) -> None:
    with freeze_time(START) as time:
        world = make_world(settings={"message_set_recovery": recovery})
        world.basics()
        world.poll()
        for external_id in ("a", "b"):
            world.invoice(external_id, ref_number=None, txn_date="2026-11-20" if dated else None)
        lose(world, executed=True)
        for _ in range(MOST_ATTEMPTS + 1):  # QuickBooks will not tell
            world.poll(fault=refusing("InvoiceQueryRs", 3260))
            time.tick(timedelta(days=1))
        assert world.states(Kind.INVOICE) == {"blocked": 2}
        (error,) = world.view(Kind.INVOICE, "a")["errors"]
        assert (error["cause"], error["quickbooks"]["code"]) == ("uncertain", "3260")
        # one is no longer there, and a person who did not look closely says of both: send them again
        taken, other = world.company.records("Invoice")
        world.company.person.delete_transaction("Invoice", other["TxnID"])
        for external_id in ("a", "b"):
            errors.retry(world.core, "acme", cause_key=f"record:invoice {external_id}", actor="ada")
        world.poll()
    assert world.states(Kind.INVOICE) == {"synced": 2}
    ids = {invoice["TxnID"] for invoice in world.company.records("Invoice")}
    assert len(ids) == 2
    assert taken["TxnID"] in ids
    assert {world.view(Kind.INVOICE, external_id)["txn_id"] for external_id in ("a", "b")} == ids


@pytest.mark.parametrize("code", [9001, 9002, 9005])
def test_a_set_whose_outcome_quickbooks_does_not_tell_is_left_to_a_person(world: World, code: int) -> None:
    world.warm()
    world.customer("x")
    world.customer("y")
    lose(world, executed=False)

    def forgotten(text: str, answer: Answer) -> Answer:
        if not writes_in(text):
            return answer
        return Answer(
            f'<?xml version="1.0" ?><QBXML><QBXMLMsgsRs messageSetStatusCode="{code}"></QBXMLMsgsRs></QBXML>'
        )

    visit = world.poll(fault=forgotten)
    assert len(visit.texts) < 5
    assert world.states() == {"blocked": 2}
    assert world.causes(Kind.CUSTOMER, "x") == [("uncertain", None)]
    (error,) = world.view(Kind.CUSTOMER, "x")["errors"]
    assert error["quickbooks"]["code"] == str(code)
    # nothing is sent again by itself
    assert world.poll().texts == []
    # a person has looked: one is not there, the other one is withdrawn
    errors.retry(world.core, "acme", cause_key="record:customer x", actor="ada")
    forget = world.company.records("Customer")
    for customer in forget:
        world.company.person.delete("Customer", customer["ListID"])
    world.poll()
    assert world.state(Kind.CUSTOMER, "x") == "synced"
    assert world.state(Kind.CUSTOMER, "y") == "blocked"


@pytest.mark.parametrize("response", ["<QBXML><QBXMLMsgsRs/></QBXML>", "", "<QBXML><QBXMLMsgsRs>"])
def test_silence_in_the_middle_of_a_session_never_sends_the_set_again_unasked(
    make_world: Callable[..., World], response: str
) -> None:
    world = make_world(settings={"message_set_recovery": False})
    world.basics()

    def silence(text: str, answer: Answer) -> Answer:
        return Answer(response) if writes_in(text) else answer

    visit = world.poll(fault=silence)
    assert visit.progress[0] >= 0
    assert visit.progress[-1] == -1
    assert len([text for text in visit.texts if writes_in(text)]) == 1
    world.poll()
    assert world.posted() == {"Customer c": 1, "Item i": 1}
    assert world.states() == {"synced": 2}


def test_a_refused_probe_is_left_alone_for_a_while_and_the_rest_goes_on(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as clock:
        world = make_world(settings={"refresh_minutes": 10_000})
        world.warm()
        world.customer("x")
        lose(world, executed=True)
        world.item("i")
        visit = world.poll(fault=refusing("CustomerQueryRs", 3260))
        assert visit.progress[-1] == 100
        assert world.states() == {"uncertain": 1, "synced": 1}
        assert world.poll().answer[1] == "none"
        clock.tick(timedelta(minutes=6))
        world.poll()
        assert world.states() == {"synced": 2}
        assert world.posted() == {"Customer x": 1, "Item i": 1}


def test_a_read_only_connector_asks_about_what_is_uncertain_and_sends_nothing(world: World) -> None:
    world.warm()
    world.customer("x")
    world.customer("y")
    lose(world, executed=False)
    connectors.change_settings(world.core, "acme", {"read_only": True}, actor="ada")
    visit = world.poll()
    assert all(not writes_in(text) for text in visit.texts)
    assert world.poll().answer[1] == "none"
    connectors.change_settings(world.core, "acme", {"read_only": False}, actor="ada")
    world.poll()
    assert world.states() == {"synced": 2}
    assert set(world.posted().values()) == {1}


def test_the_external_guid_is_the_same_for_every_sending(make_world: Callable[..., World]) -> None:
    world = make_world(settings={"message_set_recovery": False})
    world.warm()
    world.customer("x")
    lost = lose(world, executed=False)
    visit = world.poll()
    texts = [text for text in (*lost.texts, *visit.texts) if writes_in(text)]
    guids = {request.findtext(".//ExternalGUID") for text in texts for request in requests_in(text)}
    assert len(texts) == 2
    assert len(guids) == 1
