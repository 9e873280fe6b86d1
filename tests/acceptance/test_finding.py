"""Whoever knows a number, a customer or a TxnID from QuickBooks finds the host's record of it, and no other."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.acceptance.test_doors import DAY, LINE, Host
from tests.worlds.acceptance_world import World


@pytest.fixture
def world(shared_world: World) -> World:
    """The server goes on from test to test."""
    return shared_world


@pytest.fixture
def host(world: World) -> Host:
    """A host beside a company file with two customers and an item of its own."""
    person = world.company.person
    for name in ("Regular", "Other"):
        person.add("Customer", {"Name": name, "Email": f"{name.lower()}@fish.example"})
    person.add("ItemService", {"Name": "Ice", "SalesOrPurchase": {"Price": "3.00", "AccountRef": "Sales"}})
    made = Host(world)
    world.visit()
    return made


def found(host: Host, query: str, kind: str = "invoices") -> list[str]:
    status, page, _ = host.ask("GET", f"{kind}?{query}")
    assert status == 200, page
    return [view["external_id"] for view in page["records"]]


def test_what_stands_in_the_ledger_is_found_by_what_stands_there(host: Host) -> None:
    ways = [
        {"full_name": "Regular"},
        {"email": "regular@fish.example"},
        {"full_name": "Other"},
        {"external_id": "c-9"},
    ]
    for number, customer in enumerate(ways, start=1):
        invoice = {"txn_date": DAY, "customer": customer, "lines": [LINE], "ref_number": f"W-{number}"}
        assert host.ask("PUT", f"invoices/i-{number}", invoice)[0] == 201
    host.ask("PUT", "invoices/unnumbered", {"txn_date": DAY, "customer": "Other", "lines": [LINE]})
    host.world.visit()
    ledger = {
        item["RefNumber"]: item
        for item in host.world.company.records("Invoice")
        if item["CustomerRef"]["FullName"] in ("Regular", "Other")
    }
    assert {"W-1", "W-2", "W-3"} < set(ledger)
    assert len(ledger) == 4
    for number, document in ledger.items():
        (name,) = found(host, f"txn_id={document['TxnID']}")
        assert found(host, f"ref_number={quote(number)}") == [name]
        assert name in found(host, f"customer={document['CustomerRef']['ListID']}")
        assert name == (f"i-{number[2:]}" if number.startswith("W-") else "unnumbered")
    assert found(host, "customer=Regular") == found(host, "customer=regular@fish.example") == ["i-1", "i-2"]
    assert sorted(found(host, "customer=other")) == ["i-3", "unnumbered"]
    assert found(host, "customer=c-9") == found(host, "state=blocked,queued") == ["i-4"]
    assert found(host, "q=w-3") == ["i-3"]
    assert sorted(found(host, f"q=w-&created_after={DAY}T00:00:00Z")) == ["i-1", "i-2", "i-3", "i-4"]


def test_a_customer_that_was_renamed_in_quickbooks_is_found_by_either_name(host: Host) -> None:
    host.ask("PUT", "customers/c-1", {"name": "Regular", "email": "regular@fish.example"})
    host.ask("PUT", "invoices/i-1", {"txn_date": DAY, "customer": {"external_id": "c-1"}, "lines": [LINE]})
    host.world.visit()
    (regular,) = [item for item in host.world.company.records("Customer") if item["Name"] == "Regular"]
    host.world.company.person.rename("Customer", regular["ListID"], "Regular & Sons")
    host.world.command("resync", "seafood")
    host.world.visit()
    for text in ("c-1", "Regular", "regular & sons", "regular@fish.example", regular["ListID"]):
        assert found(host, f"customer={quote(text)}") == ["i-1"], text
    assert found(host, "q=regular") == ["i-1"]
    assert found(host, f"list_id={regular['ListID']}", "customers") == ["c-1"]
