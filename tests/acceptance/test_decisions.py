"""What people and hosts decide of records, over HTTP and by command, judged from what QuickBooks was told."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from qbwc_server.simulator import CompanyFile
from tests.worlds.acceptance_world import Json, World

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
def world(shared_world: World) -> World:
    """The server goes on from test to test."""
    return shared_world


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
    whose = {(event["external_id"], event["to"]): event["actor"] for event in events}
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


def by_hand(world: World, number: str, kind: str = "Invoice", rate: str = "4.00") -> str:
    """A document that somebody entered in QuickBooks; its TxnID."""
    line = {"ItemRef": "Ice", "Quantity": "3", "Rate": rate}
    party = {"CustomerRef": "Regular"} if kind == "Invoice" else {"VendorRef": "Supplier"}
    if kind != "Invoice":
        world.company.person.add("Vendor", {"Name": "Supplier"})
    entry = {**party, "RefNumber": number, "TxnDate": "2026-11-01"}
    return world.company.person.add_transaction(kind, entry, [line])


def test_a_link_by_hand_is_believed_only_when_quickbooks_shows_the_document(host: Host) -> None:
    world = host.world
    txn_id = by_hand(world, "1042")
    host.invoice("y1", ref_number="1042")
    status, told = host.ask("PUT", "links/invoices/y1", {"txn_id": txn_id})
    assert (status, told["state"], told["txn_id"], told["proof"]) == (200, "queued", txn_id, "claim")
    assert "asked for at the next visit" in world.run("link", "invoice", "y1", txn_id).stdout
    assert host.ask("DELETE", "invoices/y1")[0] == 409
    world.visit()
    view = host.get("invoices/y1")
    assert (view["state"], view["txn_id"], view["ref_number"]) == ("synced", txn_id, "1042")
    assert (view["matched_by"], view["proof"]) == ("hand", "query")
    assert view["linked_document"] == {
        "ref_number": "1042",
        "customer": "Regular",
        "txn_date": "2026-11-01",
        "total": "12.00",
    }
    assert "customer Regular" in world.run("get", "invoice", "y1").stdout
    events = host.get("events?limit=500")["events"]
    (seen,) = [event for event in events if event["type"] == "invoice.link_confirmed"]
    assert "total 12.00" in seen["data"]["detail"]
    assert world.written() == {}


@pytest.mark.parametrize(
    ("txn_id", "sub_reason", "says"),
    [
        ("banana", "not_there", "QuickBooks has no such invoice"),
        ("1FFFF-1700000000", "not_there", "QuickBooks has no such invoice"),
        ("purchase order", "other_kind", "is a purchase order in QuickBooks"),
    ],
)
def test_a_link_to_what_is_no_such_document_is_dropped_and_told(
    host: Host, txn_id: str, sub_reason: str, says: str
) -> None:
    world = host.world
    txn_id = by_hand(world, "PO-7", "PurchaseOrder") if " " in txn_id else txn_id
    host.invoice("y2")
    good = by_hand(world, "1043")
    host.invoice("y3", ref_number="1043")
    assert host.ask("PUT", "links/invoices/y2", {"txn_id": txn_id})[1]["state"] == "queued"
    assert host.ask("PUT", "links/invoices/y3", {"txn_id": good})[0] == 200
    world.visit()
    view = host.get("invoices/y2")
    assert (view["state"], view["txn_id"]) == ("blocked", None)
    (error,) = view["errors"]
    assert (error["cause"], error["sub_reason"]) == ("link_refused", sub_reason)
    assert says in error["message"]
    assert host.get("invoices/y3")["state"] == "synced"
    assert world.written() == {}
    # the person sees the slip and says so: it goes its own way
    assert host.ask("POST", "invoices/y2/retry")[1]["state"] == "queued"
    world.visit()
    assert host.get("invoices/y2")["state"] == "synced"
    assert world.written() == {"InvoiceAddRq": 1}


def test_a_wrong_link_of_a_posted_invoice_leaves_the_link_it_had(host: Host) -> None:
    world = host.world
    host.invoice("y4", ref_number=None)
    world.visit()
    posted = host.get("invoices/y4")["txn_id"]
    host.ask("PUT", "links/invoices/y4", {"txn_id": "1FFFF-1700000000"})
    world.visit()
    view = host.get("invoices/y4")
    assert (view["state"], view["txn_id"]) == ("blocked", posted)
    host.ask("POST", "invoices/y4/retry")
    world.visit()
    assert host.get("invoices/y4")["state"] == "synced"
    assert world.written() == {"InvoiceAddRq": 1}


def test_what_is_linked_and_voided_before_the_visit_is_voided_only_when_it_was_seen(host: Host) -> None:
    world = host.world
    txn_id = by_hand(world, "1044")
    host.invoice("y5", ref_number="1044")
    host.invoice("y6", ref_number="1045")
    host.ask("PUT", "links/invoices/y5", {"txn_id": txn_id})
    host.ask("PUT", "links/invoices/y6", {"txn_id": "1FFFF-1700000000"})
    for name in ("y5", "y6"):
        told = host.ask("POST", f"invoices/{name}/void")[1]
        assert (told["state"], told["is_void"]) == ("queued", True)
    world.visit()
    assert host.get("invoices/y5")["state"] == "synced"
    assert world.company.find("Invoice", RefNumber="1044")["Subtotal"] == "0.00"
    assert world.written() == {"TxnVoidRq": 1}
    assert host.get("invoices/y6")["state"] == "blocked"


def test_a_change_after_a_link_is_compared_with_what_stands_in_quickbooks(host: Host) -> None:
    world = host.world
    txn_id = by_hand(world, "1046", rate="4.00")
    host.invoice("y7", ref_number="1046")
    host.ask("PUT", "links/invoices/y7", {"txn_id": txn_id})
    line = {"item": {"full_name": "Ice"}, "quantity": "9", "rate": "9.50"}
    host.invoice("y7", ref_number="1046", lines=[line])
    world.visit()
    view = host.get("invoices/y7")
    assert [error["cause"] for error in view["errors"]] == ["changed_in_quickbooks"]
    assert world.company.find("Invoice", RefNumber="1046")["Subtotal"] == "12.00"
    assert world.written() == {}


def test_a_document_is_claimed_by_one_record_alone(host: Host) -> None:
    txn_id = by_hand(host.world, "1047")
    host.invoice("y8")
    host.invoice("y9")
    assert host.ask("PUT", "links/invoices/y8", {"txn_id": txn_id})[0] == 200
    status, told = host.ask("PUT", "links/invoices/y9", {"txn_id": txn_id})
    assert (status, "nvoice y8 is linked to" in told["detail"]) == (409, True)


SISTER = "Sister Company, Inc."


def another_file(world: World, name: str, number: int) -> CompanyFile:
    """A company file in which the application is set up for another connection."""
    made = CompanyFile.create(None, company_name=name)
    made.register(world.card["owner_id"], f"{{00000000-0000-4000-8000-{number:012}}}")
    return made


def visit_with(world: World, company: CompanyFile) -> None:
    """A visit with this file open."""
    visitor = world.web_connector()
    visitor.company_file = company
    visitor.run(max_sessions=2)


def test_the_one_file_that_was_shown_is_confirmed_by_its_name_and_a_third_is_refused(host: Host) -> None:
    world = host.world
    host.put("customers/c-1", name="Pier", email="pier@x.example")
    sister, third = another_file(world, SISTER, 2), another_file(world, "A third one", 3)
    visit_with(world, sister)
    assert SISTER in world.command("errors", "list", "--connector", "seafood")[0]["message"]
    refused = world.run("connector", "confirm", "seafood", "--company", "Another, Inc.")
    assert (refused.exit_code, SISTER in refused.stderr) == (1, True)
    asked = world.run("connector", "confirm", "seafood", text=f"{SISTER}\n")
    assert asked.exit_code == 0, asked.output
    visit_with(world, third)
    assert third.ledger == ()
    assert "A third one" in world.command("errors", "list", "--connector", "seafood")[0]["message"]
    visit_with(world, sister)
    assert [entry.name for entry in sister.ledger if entry.by == "application"] == ["Pier"]
    assert world.written() == {}


def test_the_same_company_file_by_another_path_is_gone_on_with(host: Host) -> None:
    world = host.world
    host.put("customers/c-1", name="Pier", email="pier@x.example")
    visitor = world.web_connector()
    visitor.company_file_name = r"\\SRV01\Books\company.qbw"
    visitor.run(max_sessions=5)
    assert host.get("customers/c-1")["state"] == "synced"
    assert world.written() == {"CustomerAddRq": 1}
    events = host.get("events?limit=500")["events"]
    assert [event for event in events if event["type"] == "connector.company_file_moved"]
