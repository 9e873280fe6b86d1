"""A company file restored from a backup: what it forgot is noticed, told, and never posted again by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.error_records import errors
from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.logs import history
from qbwc_server.desk.records import lives
from qbwc_server.domain.kinds import Kind
from qbwc_server.visit.operations.verify import ASKED_FOR
from tests.worlds.sync_world import START, Answer, World, line, names_in, refusing

HOUR = timedelta(minutes=61)
ALL_KINDS = {"default_expense_account": "Purchases"}


def post(world: World, *numbers: str) -> None:
    for number in numbers:
        world.invoice(number)
    world.poll()
    assert all(world.state(Kind.INVOICE, number) == "synced" for number in numbers)


@pytest.fixture
def time() -> FrozenDateTimeFactory:
    with freeze_time(START) as frozen:
        yield frozen


def test_documents_a_restored_file_has_forgotten_are_noticed_with_the_next_refresh(
    make_world: Callable[..., World], time: FrozenDateTimeFactory
) -> None:
    world = make_world(settings=ALL_KINDS)
    world.basics()
    world.vendor("v")
    post(world, "1", "2")
    backup = world.company.snapshot()
    time.tick(timedelta(minutes=5))
    world.order("po")
    post(world, "3", "4")
    world.company.restore(backup)
    time.tick(HOUR)
    world.poll()
    for kind, number in ((Kind.INVOICE, "3"), (Kind.INVOICE, "4"), (Kind.PURCHASE_ORDER, "po")):
        assert world.causes(kind, number) == [("document_deleted", "vanished")]
        (error,) = world.view(kind, number)["errors"]
        assert "restored from a backup" in error["message"]
    assert world.states(Kind.INVOICE) == {"synced": 2, "blocked": 2}
    assert {each["RefNumber"] for each in world.company.records("Invoice")} == {"1", "2"}
    assert any("restored" in entry.event.what for entry in history.log(world.core, "acme"))
    # a person who wants one has it posted again
    decisions.post_as_new(world.core, "acme", Kind.INVOICE, "3", actor="ada")
    world.poll()
    assert {each["RefNumber"] for each in world.company.records("Invoice")} == {"1", "2", "3"}


def test_documents_that_are_back_with_another_backup_are_taken_back(
    make_world: Callable[..., World], time: FrozenDateTimeFactory
) -> None:
    world = make_world()
    world.basics()
    post(world, "1")
    wrong = world.company.snapshot()
    time.tick(timedelta(minutes=5))
    world.customer("new")
    post(world, "2", "3")
    right = world.company.snapshot()
    world.company.restore(wrong)
    time.tick(HOUR)
    world.poll()
    assert world.states() == {"synced": 3, "blocked": 3}
    world.company.restore(right)
    time.tick(HOUR)
    world.poll()
    assert world.states() == {"synced": 6}
    assert len(world.company.records("Invoice")) == 3
    assert world.errors() == []


def test_an_answer_that_is_lost_is_asked_for_again_at_once(
    make_world: Callable[..., World], time: FrozenDateTimeFactory
) -> None:
    world = make_world()
    world.basics()
    post(world, "1")
    backup = world.company.snapshot()
    time.tick(timedelta(minutes=5))
    post(world, "2")
    world.company.restore(backup)
    time.tick(HOUR)

    def broken_off(text: str, answer: Answer) -> Answer:
        return Answer(answer.response[: answer.response.rindex("<InvoiceQueryRs")])

    assert world.poll(fault=broken_off).progress[-1] == -1
    assert world.state(Kind.INVOICE, "2") == "synced"
    world.poll()
    assert world.causes(Kind.INVOICE, "2") == [("document_deleted", "vanished")]
    assert world.poll().texts == []


@pytest.mark.slow
def test_however_many_were_forgotten_all_are_found_in_one_session(
    make_world: Callable[..., World], time: FrozenDateTimeFactory
) -> None:
    world = make_world()
    world.basics()
    post(world, "kept")
    backup = world.company.snapshot()
    time.tick(timedelta(minutes=5))
    number = 2 * ASKED_FOR + 10
    post(world, *(f"n{each}" for each in range(number)))
    world.company.restore(backup)
    time.tick(HOUR)
    visit = world.poll()
    assert visit.progress[-1] == 100
    assert world.states(Kind.INVOICE) == {"synced": 1, "blocked": number}
    assert world.poll().texts == []


def test_customers_and_items_a_restored_file_has_forgotten_are_noticed_too(
    make_world: Callable[..., World], time: FrozenDateTimeFactory
) -> None:
    world = make_world()
    world.basics()
    post(world, "1")
    backup = world.company.snapshot()
    time.tick(timedelta(minutes=5))
    world.customer("new")
    post(world, "2")
    world.company.restore(backup)
    time.tick(HOUR)
    world.poll()
    assert world.causes(Kind.CUSTOMER, "new") == [("record_deleted", None)]
    assert world.state(Kind.CUSTOMER, "c") == "synced"
    world.invoice("3", customer={"external_id": "new"})
    for kind, external_id in ((Kind.CUSTOMER, "new"), (Kind.INVOICE, "3")):
        (error,) = world.view(kind, external_id)["errors"]
        assert "or is missing in a backup that was restored" in error["message"]


def test_a_customer_that_a_newer_file_has_again_goes_on_with_what_names_it(
    make_world: Callable[..., World], time: FrozenDateTimeFactory
) -> None:
    world = make_world()
    world.basics()
    post(world, "1")
    backup = world.company.snapshot()
    time.tick(timedelta(minutes=5))
    world.customer("new")
    world.poll()
    newer = world.company.snapshot()
    world.company.restore(backup)
    time.tick(HOUR)
    world.poll()
    world.invoice("2", customer={"external_id": "new"})
    assert world.state(Kind.INVOICE, "2") == "blocked"
    world.company.restore(newer)
    time.tick(HOUR)
    world.poll()
    assert world.states() == {"synced": 5}


def test_a_change_that_a_restored_file_took_back_is_made_again_once_a_person_says_so(
    make_world: Callable[..., World], time: FrozenDateTimeFactory
) -> None:
    world = make_world()
    world.basics()
    post(world, "1")
    backup = world.company.snapshot()
    time.tick(timedelta(minutes=5))
    changed = [line(quantity="7"), line(rate="1.00")]
    world.invoice("1", memo="changed", lines=changed)
    world.customer("c", phone="555")
    world.poll()
    world.company.restore(backup)
    time.tick(HOUR)
    world.poll()
    # the invoice is older, the customer is too, and nothing else is touched
    assert world.causes(Kind.INVOICE, "1") == [("changed_in_quickbooks", "older")]
    assert world.causes(Kind.CUSTOMER, "c") == [("changed_in_quickbooks", "older")]
    assert world.state(Kind.ITEM, "i") == "synced"
    assert world.company.find("Invoice", RefNumber="1").get("Memo") is None
    # what stands there was not read: it is not told to be what we wrote
    told = {side.path: side for side in lives.sides_of(world.core, "acme", Kind.INVOICE, "1")}
    assert (told["memo"].is_compared, told["memo"].wanted) == (False, "changed")
    for record in ("invoice 1", "customer c"):
        errors.retry(world.core, "acme", cause_key=f"record:{record}", actor="ada")
    world.poll()
    (invoice,) = world.company.records("Invoice")
    assert invoice["Memo"] == "changed"
    assert [each["Quantity"] for each in invoice["lines"]] == ["7", "2"]
    assert world.company.find("Customer", Phone="555")
    assert world.states() == {"synced": 3}


def test_a_change_taken_back_is_noticed_when_the_next_change_comes_before_the_next_refresh(
    make_world: Callable[..., World], time: FrozenDateTimeFactory
) -> None:
    world = make_world()
    world.basics()
    post(world, "1")
    backup = world.company.snapshot()
    time.tick(timedelta(minutes=5))
    world.invoice("1", memo="changed")
    world.poll()
    world.company.restore(backup)
    world.invoice("1", memo="changed", po_number="77")
    world.poll()
    assert world.causes(Kind.INVOICE, "1") == [("changed_in_quickbooks", "older")]
    errors.retry(world.core, "acme", cause_key="record:invoice 1", actor="ada")
    world.poll()
    (invoice,) = world.company.records("Invoice")
    assert (invoice["Memo"], invoice["PONumber"]) == ("changed", "77")
    assert world.state(Kind.INVOICE, "1") == "synced"


def test_a_void_that_a_restored_file_took_back_is_noticed(
    make_world: Callable[..., World], time: FrozenDateTimeFactory
) -> None:
    world = make_world()
    world.basics()
    post(world, "1")
    backup = world.company.snapshot()
    time.tick(timedelta(minutes=5))
    intake.void(world.core, "acme", Kind.INVOICE, "1", actor="host")
    world.poll()
    assert world.company.find("Invoice", RefNumber="1")["Subtotal"] == "0.00"
    world.company.restore(backup)
    time.tick(HOUR)
    world.poll()
    assert world.causes(Kind.INVOICE, "1") == [("changed_in_quickbooks", "older")]
    errors.retry(world.core, "acme", cause_key="record:invoice 1", actor="ada")
    world.poll()
    assert world.company.find("Invoice", RefNumber="1")["Subtotal"] == "0.00"
    assert world.state(Kind.INVOICE, "1") == "synced"


def test_a_document_a_person_deleted_is_told_as_deleted_and_not_as_forgotten(
    make_world: Callable[..., World], time: FrozenDateTimeFactory
) -> None:
    world = make_world()
    world.basics()
    world.poll()
    time.tick(HOUR)
    post(world, "1", "2")
    world.company.person.delete_transaction("Invoice", world.company.find("Invoice", RefNumber="2")["TxnID"])
    time.tick(HOUR)
    world.poll()
    assert world.causes(Kind.INVOICE, "2") == [("document_deleted", None)]
    assert world.state(Kind.INVOICE, "1") == "synced"


def test_a_document_a_person_changed_is_left_alone(
    make_world: Callable[..., World], time: FrozenDateTimeFactory
) -> None:
    world = make_world()
    world.basics()
    post(world, "1")
    time.tick(timedelta(minutes=5))
    txn_id = world.company.find("Invoice", RefNumber="1")["TxnID"]
    world.company.person.edit_transaction("Invoice", txn_id, {"Memo": "by hand"})
    time.tick(HOUR)
    world.poll()
    assert world.states() == {"synced": 3}


def test_a_refresh_asks_only_for_the_latest_documents_and_once(
    make_world: Callable[..., World], time: FrozenDateTimeFactory
) -> None:
    world = make_world()
    world.basics()
    post(world, *(f"n{each}" for each in range(ASKED_FOR + 10)))
    time.tick(HOUR)
    visit = world.poll()
    queries = [each for each in visit.requests() if each.tag == "InvoiceQueryRq"]
    assert [len(each.findall("TxnID")) for each in queries] == [ASKED_FOR]
    assert world.poll().texts == []


def test_a_quickbooks_that_will_not_show_them_blocks_nothing(
    make_world: Callable[..., World], time: FrozenDateTimeFactory
) -> None:
    world = make_world()
    world.basics()
    post(world, "1")
    time.tick(HOUR)
    visit = world.poll(fault=refusing("InvoiceQueryRs", 3260))
    assert visit.progress[-1] == 100
    assert "InvoiceQueryRq" in names_in(visit.texts[0])
    assert world.states() == {"synced": 3}


def test_what_a_person_linked_to_another_entry_meanwhile_is_not_missed_where_it_was(
    make_world: Callable[..., World], time: FrozenDateTimeFactory
) -> None:
    world = make_world()
    world.customer("c")
    other = world.company.person.add("Customer", {"Name": "Other"})
    world.poll()
    before = world.view(Kind.CUSTOMER, "c")["list_id"]
    time.tick(HOUR)
    visit = world.visit()
    text = visit.send()
    assert before in text
    world.company.person.delete("Customer", before)
    answer = visit.process(text)
    decisions.link(world.core, "acme", Kind.CUSTOMER, "c", other, actor="ada")
    visit.receive(answer)
    visit.run()
    view = world.view(Kind.CUSTOMER, "c")
    assert (view["state"], view["list_id"], view["errors"]) == ("synced", other, [])
