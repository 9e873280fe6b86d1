"""What people and hosts decide of records, over HTTP and by command, judged from what QuickBooks was told."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from acceptance_world import Json, World

DAY = "2026-11-20"


class Host:
    """An order system with a key of its own, and the Web Connector when the test says so."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.key = world.command("api-key", "create", "shop", "--connector", "seafood")["key"]

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Json]:
        """A request to the REST API: status and answer."""
        request = urllib.request.Request(
            f"{self.world.server.url}/api/v1/connectors/seafood/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def put(self, path: str, **fields: Any) -> Json:
        """Hand a record over."""
        status, answer = self.ask("PUT", path, fields)
        assert status in (200, 201), answer
        return answer

    def invoice(self, external_id: str, **fields: Any) -> Json:
        """An invoice for what the company file holds from the start."""
        line = {"item": {"full_name": "Ice"}, "quantity": "2", "rate": "9.50"}
        given = {"ref_number": external_id, "txn_date": DAY, "customer": {"full_name": "Regular"}}
        return self.put(f"invoices/{external_id}", **{**given, "lines": [line], **fields})

    def get(self, path: str) -> Json:
        """One record, or whatever is there."""
        status, answer = self.ask("GET", path)
        assert status == 200, answer
        return answer


@pytest.fixture
def host(world: World) -> Host:
    """A host beside a company file with a customer and an item of its own."""
    person = world.company.person
    person.add("Customer", {"Name": "Regular", "Email": "regular@fish.example"})
    person.add("ItemService", {"Name": "Ice", "SalesOrPurchase": {"Price": "3.00", "AccountRef": "Sales"}})
    made = Host(world)
    world.visit()
    return made


def test_cancel_has_one_rule_at_every_door_and_the_history_names_who_did_it(host: Host) -> None:
    world = host.world
    host.invoice("SO-1")
    world.visit()
    status, told = host.ask("DELETE", "invoices/SO-1")
    by_command = world.run("cancel", "invoice", "SO-1", "--json")
    assert (status, by_command.exit_code) == (409, 1)
    # problem+json holds a whole sentence, the command line its words
    assert told["detail"].rstrip(".").casefold() == json.loads(by_command.stderr)["error"].casefold()
    assert host.get("invoices/SO-1")["state"] == "synced"

    host.invoice("SO-2")
    assert host.ask("DELETE", "invoices/SO-2")[1]["state"] == "cancelled"
    assert world.command("cancel", "invoice", "SO-2")["state"] == "cancelled"
    host.invoice("SO-3")
    assert world.command("cancel", "invoice", "SO-3")["state"] == "cancelled"
    world.visit()
    assert world.written()["InvoiceAddRq"] == 1

    events = host.get("events?limit=500")["events"]
    whose = {(event["external_id"], event["to_state"]): event["actor"] for event in events}
    assert whose["SO-1", "queued"] == whose["SO-2", "cancelled"] == "host (shop)"
    assert whose["SO-3", "cancelled"] == "cli"


def test_unlinking_a_cancelled_customer_creates_nothing_in_quickbooks(host: Host) -> None:
    host.put("customers/cx", name="Not wanted", email="cx@x.example")
    assert host.ask("DELETE", "customers/cx")[1]["state"] == "cancelled"
    assert host.ask("DELETE", "links/customers/cx")[1]["state"] == "cancelled"
    assert host.world.command("unlink", "customer", "cx")["state"] == "cancelled"
    host.world.visit()
    assert host.get("customers/cx")["state"] == "cancelled"
    assert host.world.written() == {}
