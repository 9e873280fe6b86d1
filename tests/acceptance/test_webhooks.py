"""A host that is told: what stands in QuickBooks arrives at its own address, signed, soon after it happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from standardwebhooks import Webhook

from qbwc_server.cli import main
from tests.worlds.change_world import Office
from tests.worlds.receiver import Receiver, Reply, receiving
from tests.worlds.staff import Staff, words

SOON = 10.0
"""Seconds; what is meant is about one, on a machine that has nothing else to do."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def wait_for(condition: Callable[[], Any]) -> Any:
    until = time.monotonic() + SOON
    while not (found := condition()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


def webhook(office: Office, receiver: Receiver, *types: str) -> dict[str, Any]:
    body = {"url": receiver.url, "types": list(types) or ["*"], "allow_private": True}
    status, made = office.call("POST", "webhooks", body)
    assert status == 201
    return made


def test_an_invoice_that_is_synced_is_told_with_what_quickbooks_calls_it(
    office: Office, receiver: Receiver
) -> None:
    made = webhook(office, receiver, "invoice.synced", "invoice.blocked")
    office.invoice("inv")
    office.visit()
    message = wait_for(lambda: receiver.taken)[0]
    told = Webhook(made["secret"]).verify(message.text, dict(message.headers))
    assert (told["type"], told["external_id"], told["to"]) == ("invoice.synced", "inv", "synced")
    assert told["data"]["txn_id"] == office.view("invoices/inv")["txn_id"]
    assert office.there("invoices/inv")["TxnID"] == told["data"]["txn_id"]


def test_what_happens_is_told_in_about_a_second(office: Office, receiver: Receiver) -> None:
    webhook(office, receiver)
    waited = []
    for number in range(5):
        began = time.monotonic()
        office.customer(f"n-{number}")
        wait_for(
            lambda number=number: len({event["external_id"] for event in receiver.events} - {None}) > number
        )
        waited.append(time.monotonic() - began)
    assert sorted(waited)[2] < 2.5, waited


def test_a_receiver_that_never_answers_keeps_neither_quickbooks_nor_the_host_waiting(
    office: Office, receiver: Receiver
) -> None:
    webhook(office, receiver)
    receiver.answering = lambda _: time.sleep(5) or Reply(500)
    office.invoice("inv")
    wait_for(lambda: receiver.messages)
    began = time.monotonic()
    office.visit()
    assert office.view("invoices/inv")["state"] == "synced"
    assert time.monotonic() - began < 5


def test_a_receiver_that_is_gone_is_told_to_staff_and_goes_on_when_it_is_enabled(
    office: Office, receiver: Receiver, staff: Staff
) -> None:
    made = webhook(office, receiver)
    receiver.answering = lambda _: Reply(410)
    office.customer("x")

    def errors() -> Any:
        return office.call("GET", "errors?cause=webhook_disabled")[1]["errors"]

    (error,) = wait_for(errors)
    assert (error["cause"], error["actor"]) == ("webhook_disabled", "staff")
    told = staff.page(f"errors/{error['id']}").xpath("//main")[0]
    assert "goes on by itself" not in words(told)
    assert told.xpath(".//a[contains(., 'webhooks')]/@href") == [f"/connectors/{office.name}/webhooks"]
    retried = CliRunner().invoke(
        main, ["--config", str(office.house.server.config_path), "errors", "retry", str(error["id"])]
    )
    assert "a retry does not help here" in retried.output
    receiver.answering = lambda _: Reply()
    assert office.call("PATCH", f"webhooks/{made['id']}", {"enabled": True})[0] == 200
    wait_for(lambda: any(event["external_id"] == "x" for event in receiver.events))
    assert errors() == []
