"""Sloppy hosts: late repetitions, slashes and spaces too many, empty records; the ledger holds one invoice each."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.worlds.acceptance_world import Json, World

DAY = "2026-11-20"
LINE = {"item": {"full_name": "Ice"}, "quantity": "2", "rate": "9.50"}
INVOICE = {"txn_date": DAY, "customer": {"full_name": "Regular"}, "lines": [LINE]}


class Host:
    """An order system with a key of its own, whose addresses go out as they are written."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.key = world.command("api-key", "create", "shop", "--connector", "seafood")["key"]

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Json, str | None]:
        """Status, answer and ETag; names of headers are written with underscores."""
        place = urlsplit(self.world.server.url)
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)
        all_headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        all_headers |= {name.replace("_", "-"): text for name, text in headers.items()}
        data = None if body is None else json.dumps(body)
        try:
            connection.request(method, f"/api/v1/connectors/seafood/{path}", data, all_headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read()), answer.headers["ETag"]
        finally:
            connection.close()


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


def written(world: World) -> dict[str, int]:
    """How many writes of invoices QuickBooks executed."""
    return {name: count for name, count in world.written().items() if name.startswith("Invoice")}


def memo(world: World) -> list[Any]:
    """The memos of the invoices this server made."""
    return [item.get("Memo") for item in world.company.records("Invoice") if item.get("Memo")]


def test_a_late_repetition_takes_nothing_back(host: Host) -> None:
    old, new = INVOICE | {"memo": "old"}, INVOICE | {"memo": "new"}
    _, _, first = host.ask("PUT", "invoices/x1", old)
    host.world.visit()
    assert host.ask("PUT", "invoices/x1", new, If_Match=str(first))[0] == 200
    host.world.visit()
    status, told, _ = host.ask("PUT", "invoices/x1", old, If_Match=str(first))
    assert (status, "revision 2" in told["detail"], "revision 1" in told["detail"]) == (412, True, True)
    host.world.visit()
    assert memo(host.world) == ["new"]
    assert written(host.world) == {"InvoiceAddRq": 1, "InvoiceModRq": 1}


def test_an_older_version_takes_nothing_back_at_any_door(host: Host) -> None:
    world = host.world
    old, new = INVOICE | {"memo": "old", "version": 7}, INVOICE | {"memo": "new", "version": 8}
    for content in (old, new):
        host.ask("PUT", "invoices/x1", content)
        world.visit()
    assert host.ask("PUT", "invoices/x1", old)[0] == 409
    by_command = world.run("put", "invoice", "x1", "-", "--json", text=json.dumps(old))
    assert by_command.exit_code == 1
    assert "version 8" in json.loads(by_command.stderr)["error"]
    line = json.dumps({"external_id": "x1", **old})
    for options in ((), ("--dry-run",)):
        done = world.run("import", "invoice", "-", "--json", *options, text=line)
        assert done.exit_code == 1
        assert json.loads(done.stdout)["records"][0]["result"] == "faulty"
    world.visit()
    assert memo(world) == ["new"]
    assert world.view("invoice", "x1")["version"] == 8
    assert written(world) == {"InvoiceAddRq": 1, "InvoiceModRq": 1}


def test_what_was_cancelled_stays_so_whoever_repeats_it_late(host: Host) -> None:
    world = host.world
    host.ask("PUT", "invoices/x2", INVOICE)
    assert host.ask("DELETE", "invoices/x2")[1]["state"] == "cancelled"
    status, told, _ = host.ask("PUT", "invoices/x2", INVOICE)
    assert (status, "was cancelled at" in told["detail"]) == (409, True)
    assert world.run("put", "invoice", "x2", "-", text=json.dumps(INVOICE)).exit_code == 1
    world.visit()
    assert written(world) == {}
    world.command("put", "invoice", "x2", "-", "--revive", text=json.dumps(INVOICE))
    world.visit()
    assert written(world) == {"InvoiceAddRq": 1}


def test_a_slash_or_a_space_too_many_posts_nothing_twice(host: Host) -> None:
    world = host.world
    assert host.ask("PUT", "invoices/x3", INVOICE)[0] == 201
    for step, status in (("x3/", 404), ("x3//", 404), ("x3%20", 422), ("x3%2F", 404), ("x3/void", 405)):
        assert host.ask("PUT", f"invoices/{step}", INVOICE)[0] == status, step
    for external_id in ("x3/", "x3 ", " x3", "x3/void", "retry"):
        assert world.run("put", "invoice", external_id, "-", text=json.dumps(INVOICE)).exit_code == 1
        line = json.dumps({"external_id": external_id, **INVOICE})
        assert world.run("import", "invoice", "-", text=line).exit_code == 1
    world.visit()
    assert written(world) == {"InvoiceAddRq": 1}
    assert host.ask("PUT", "invoices/2026%2F04%2F7", INVOICE)[1]["external_id"] == "2026/04/7"
    world.visit()
    assert written(world) == {"InvoiceAddRq": 2}


def test_what_is_empty_is_refused_at_every_door_with_its_place(host: Host) -> None:
    world = host.world
    for kind, content, pointers in (
        ("customer", {}, ["/name"]),
        ("vendor", {"email": "a@b.example"}, ["/name"]),
        ("item", {"price": "1.00"}, ["/name"]),
        ("invoice", {"lines": [{}]}, ["/customer", "/lines/0"]),
        ("purchase_order", {"lines": [LINE]}, ["/vendor"]),
    ):
        status, told, _ = host.ask("PUT", f"{kind.replace('_', '-')}s/e", content)
        assert (status, [fault["pointer"] for fault in told["faults"]]) == (422, pointers)
        assert world.run("put", kind, "e", "-", text=json.dumps(content)).exit_code == 1
        done = world.run("import", kind, "-", "--json", text=json.dumps({"external_id": "e", **content}))
        (line,) = json.loads(done.stdout)["records"]
        assert [fault["pointer"] for fault in line["faults"]] == pointers


def test_what_is_urgent_in_a_batch_goes_to_quickbooks_before_what_came_earlier(host: Host) -> None:
    def customers(*names: str, **more: object) -> list[Json]:
        return [
            {"kind": "customer", "external_id": name, "name": name, "email": f"{name}@x.example", **more}
            for name in names
        ]

    usual = customers("usual-1", "usual-2")
    mixed = [*customers("late", priority=900), *customers("hurried"), *customers("first", priority=0)]
    for path, lines in (("batch", usual), ("batch?priority=10", mixed)):
        status, told, _ = host.ask("POST", path, lines)
        assert (status, {each["result"] for each in told}) == (200, {"created"})
    status, told, _ = host.ask("POST", "batch?priority=5000", usual)
    assert (status, [fault["pointer"] for fault in told["faults"]]) == (422, ["/priority"])
    queue = host.ask("GET", "queue")[1]["next"]
    host.world.visit()
    names = ["first", "hurried", "usual-1", "usual-2", "late"]
    added = [entry.name for entry in host.world.company.ledger if entry.request == "CustomerAddRq"]
    assert [name for name in added if name in names] == names
    assert [each["external_id"] for each in queue if each["external_id"] in names] == names
