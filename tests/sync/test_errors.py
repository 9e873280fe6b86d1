"""Error records as people see them, and retrying them one by one or by cause key."""

from __future__ import annotations

import json

import pytest

from qbwc_server.desk.error_records import errors
from qbwc_server.desk.views.base import OpenErrorView
from qbwc_server.domain.faults import NotFound
from qbwc_server.domain.kinds import Kind
from tests.worlds.sync_world import World

SHAPE = {
    "id",
    "cause",
    "sub_reason",
    "cause_key",
    "kind",
    "external_id",
    "message",
    "remedy",
    "actor",
    "retryable",
    "quickbooks",
    "opened_at",
    "times",
    "last_at",
    "address",
    "faults",
    "candidates",
}
"""What an error record says, by the names the contract gives it."""


def deny(world: World) -> None:
    """Three customers that QuickBooks does not let us enter, each with its own record, one key."""
    world.warm()
    world.company.person.deny("CustomerAdd")
    for name in "abc":
        world.customer(name)
    world.poll()
    assert world.states() == {"blocked": 3}


def test_an_error_record_reads_as_sentences_and_fits_in_json(world: World) -> None:
    deny(world)
    error = world.errors()[0]
    assert error.actor == "quickbooks_user"
    assert error.message.endswith(".")
    assert "Edit > Preferences" in error.remedy
    shown = json.loads(json.dumps(OpenErrorView.of(error).as_json()))
    assert set(shown) == SHAPE
    assert shown["quickbooks"]["code"] == "3260"


def test_errors_are_grouped_by_cause_and_key_the_longest_list_first(world: World) -> None:
    deny(world)
    world.customer("nomail", email=None)
    groups = errors.group(world.errors())
    assert [(group.cause, group.cause_key, len(group.errors)) for group in groups] == [
        ("not_permitted", "permission", 3),
        ("customer_not_matched", "record:customer nomail", 1),
    ]


def test_one_is_retried_by_its_id_and_the_others_are_left(world: World) -> None:
    deny(world)
    world.company.person.allow("CustomerAdd")
    first = world.errors()[0]
    outcome = errors.retry(world.core, "acme", ids=[first.id], actor="ada")
    assert (outcome.released, outcome.still_blocked) == (1, 0)
    assert world.states() == {"queued": 1, "blocked": 2}
    world.poll()
    assert world.posted() == {"Customer a": 1}


def test_all_are_retried_by_their_key(world: World) -> None:
    deny(world)
    world.company.person.allow("CustomerAdd")
    outcome = errors.retry(world.core, "acme", cause_key="permission", actor="ada")
    assert (outcome.released, outcome.still_blocked) == (3, 0)
    assert world.errors() == []
    world.poll()
    assert world.posted() == {"Customer a": 1, "Customer b": 1, "Customer c": 1}


def test_a_retry_of_a_cause_that_is_still_there_says_so(world: World) -> None:
    world.warm()
    world.customer("a", email=None)
    (error,) = world.errors()
    outcome = errors.retry(world.core, "acme", ids=[error.id], actor="ada")
    assert (outcome.released, outcome.still_blocked) == (0, 1)
    assert world.errors() == [error]


def test_a_retry_that_fails_again_opens_a_new_error_record_and_keeps_the_old_one(world: World) -> None:
    deny(world)
    (first, *_) = world.errors()
    errors.retry(world.core, "acme", ids=[first.id], actor="ada")
    world.poll()
    history = [item for item in errors.find(world.core, open_only=False) if item.external_id == "a"]
    assert [item.closed_at is None for item in history] == [False, True]
    assert "ada" in (history[0].close_reason or "")
    assert errors.get(world.core, first.id) == history[0]


def test_an_error_of_the_connector_is_closed_by_a_retry(world: World) -> None:
    visit = world.visit()
    world.calls.connection_error(visit.ticket, "0x80040414", "dialog")
    (error,) = world.connector_errors()
    assert errors.retry(world.core, "acme", ids=[error.id], actor="ada").released == 1
    assert world.connector_errors() == []


@pytest.mark.parametrize("what", [{"ids": [10**9]}, {"cause_key": "no:such"}, {}])
def test_what_does_not_exist_cannot_be_retried(world: World, what: dict[str, object]) -> None:
    with pytest.raises(NotFound):
        errors.retry(world.core, "acme", actor="ada", **what)
    with pytest.raises(NotFound):
        errors.get(world.core, 10**9)


def test_another_connectors_error_cannot_be_retried(world: World) -> None:
    deny(world)
    world.add_connector("other")
    error = world.errors()[0]
    with pytest.raises(NotFound):
        errors.retry(world.core, "other", ids=[error.id], actor="ada")
    assert errors.find(world.core, connector="other") == []
    assert len(errors.find(world.core, connector="acme", cause="not_permitted")) == 3


def test_a_retry_of_a_record_that_waits_for_another_blocked_one_tells_the_same_cause(world: World) -> None:
    world.warm()
    world.item("i")
    world.customer("c", email=None)
    world.invoice("1")
    (error,) = (item for item in world.errors() if item.kind is Kind.INVOICE)
    assert errors.retry(world.core, "acme", ids=[error.id], actor="ada").still_blocked == 1
    assert world.causes(Kind.INVOICE, "1") == [("customer_not_matched", "email_missing")]


def test_a_new_reason_replaces_the_old_one_on_the_record_and_on_its_dependants(world: World) -> None:
    world.company.person.add("Customer", {"Name": "Taken"})
    world.warm()
    world.item("i")
    world.customer("c", name="Taken", email=None)
    world.invoice("1")
    assert world.causes(Kind.INVOICE, "1") == [("customer_not_matched", "email_missing")]
    world.customer("c", name="Taken", email="c@x.example")
    assert world.causes(Kind.CUSTOMER, "c") == [("name_in_use", None)]
    assert world.causes(Kind.INVOICE, "1") == [("name_in_use", None)]
    world.customer("c", name="Free", email="c@x.example")
    assert world.states() == {"queued": 3}


def test_what_a_person_changed_in_quickbooks_is_overwritten_by_its_own_retry_only(world: World) -> None:
    world.warm()
    lines = [{"desc": "Oysters", "amount": "10.00", "item": {"sku": "A-1"}}]
    world.item("i", name="Oyster", sku="A-1")
    world.customer("c", name="Harbour")
    world.invoice("x", customer={"external_id": "c"}, lines=lines, memo="as agreed")
    world.poll()
    invoice = world.company.records("Invoice")[0]
    world.company.person.edit_transaction("Invoice", invoice["TxnID"], {"Memo": "by hand"})
    world.invoice("x", customer={"external_id": "c"}, lines=lines, memo="ours")
    world.poll()
    assert world.causes(Kind.INVOICE, "x") == [("changed_in_quickbooks", None)]
    (error,) = world.errors()

    outcome = errors.retry(world.core, "acme", everything=True, actor="me")
    world.poll()
    assert (outcome.released, world.company.records("Invoice")[0]["Memo"]) == (0, "by hand")

    errors.retry(world.core, "acme", ids=[error.id], actor="me")
    world.poll()
    assert world.company.records("Invoice")[0]["Memo"] == "ours"
