"""Very many invoices wait for one item: nobody else waits for them, nothing is lost when the server dies, and a press
that cannot help says so. Judged by the answers over HTTP and by the company file's ledger."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass

import pytest
import requests

from tests.worlds.acceptance_world import Json, World

MANY = 500


@dataclass
class Host:
    """The order system of a connector."""

    world: World
    connector: str
    key: str

    def ask(self, method: str, path: str, body: object = None) -> requests.Response:
        """Call the API."""
        place = f"http://127.0.0.1:{self.world.server.port}/api/v1/connectors/{self.connector}/{path}"
        lines = isinstance(body, str)
        return requests.request(
            method,
            place,
            data=body if lines else json.dumps(body),
            headers={
                "Authorization": f"Bearer {self.key}",
                "Content-Type": "application/x-ndjson" if lines else "application/json",
            },
            timeout=60,
        )

    def batch(self, lines: list[Json]) -> list[Json]:
        """Hand many over at once."""
        answer = self.ask("POST", "batch", "".join(json.dumps(line) + "\n" for line in lines))
        assert answer.status_code == 200
        return [json.loads(line) for line in answer.text.splitlines()]

    def retry(self) -> Json:
        """Have all invoices tried again."""
        answer = self.ask("POST", "errors/retry", {"cause_key": "sku:PEARL"})
        assert answer.status_code == 200
        told: Json = answer.json()
        return told

    def states(self) -> Counter[str]:
        """How many invoices are in which state, as the database has it."""
        with closing(sqlite3.connect(self.world.folder / "qbwc.db")) as opened:
            return Counter(
                dict(
                    opened.execute("SELECT state, count(*) FROM record WHERE kind = 'invoice' GROUP BY state")
                )
            )


def host_of(world: World, connector: str) -> Host:
    return Host(
        world, connector, world.command("api-key", "create", connector, "--connector", connector)["key"]
    )


def invoice(number: int) -> Json:
    return {
        "kind": "invoice",
        "external_id": f"p-{number}",
        "ref_number": f"P{number}",
        "txn_date": "2026-11-20",
        "customer": {"full_name": "Regular"},
        "lines": [{"item": {"sku": "PEARL"}, "quantity": "2", "rate": "9.50"}],
    }


@pytest.fixture
def host(world: World) -> Host:
    """A host all of whose invoices wait for an item that QuickBooks does not have."""
    world.company.person.add("Customer", {"Name": "Regular", "Email": "regular@fish.example"})
    made = host_of(world, "seafood")
    world.visit()
    answers = made.batch([invoice(number) for number in range(MANY)])
    assert [(each["line"], each["result"], each["state"]) for each in answers] == [
        (number, "created", "blocked") for number in range(1, MANY + 1)
    ]
    return made


def enter_pearl(world: World) -> None:
    """A person enters the item, and asks for a Resync."""
    sale = {"SalesOrPurchase": {"Price": "9.50", "AccountRef": "Sales"}}
    world.company.person.add("ItemNonInventory", {"Name": "Pearl", "ManufacturerPartNumber": "PEARL", **sale})
    world.command("resync", "seafood")


def let_an_hour_pass(world: World) -> None:
    """Everything so far was an hour ago, but for when the invoices were handed over and looked at."""
    aged = (
        ("session", "last_call_at", ""),
        ("event", "at", ""),
        ("record", "updated_at", " WHERE kind <> 'invoice'"),
    )
    with closing(sqlite3.connect(world.folder / "qbwc.db")) as opened, opened:
        for table, column, where in aged:
            opened.execute(f"UPDATE {table} SET {column} = datetime({column}, '-1 hour') || '.000000'{where}")


def test_a_press_that_cannot_help_says_so_at_every_door_and_one_that_can_helps(
    host: Host, world: World
) -> None:
    let_an_hour_pass(world)
    told = host.retry()
    assert (told["released"], told["still_blocked"], told["unchanged"]) == (0, MANY, MANY)
    assert told["unchanged_since"] is not None
    done = world.run("errors", "retry", "--all", "--connector", "seafood")
    assert "Nothing has changed since" in done.output
    assert f"for {MANY} of them" in " ".join(done.output.split())
    assert f"{MANY} are still blocked: nothing has changed since" in pressed_on_the_site(world)
    enter_pearl(world)
    world.visit()
    assert host.states() == {"synced": MANY}
    assert world.written() == {"InvoiceAddRq": MANY}
    assert len({item["RefNumber"] for item in world.company.records("Invoice")}) >= MANY


def pressed_on_the_site(world: World) -> str:
    """What the errors page says when somebody has pressed Retry all there."""
    password = "correct horse battery"
    world.command("user", "add", "ann", "--role", "admin", "--password-stdin", text=password + "\n")
    base, browser = f"http://127.0.0.1:{world.server.port}", requests.Session()

    def press(page: str, path: str, **form: str) -> str:
        token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(base + page, timeout=20).text)
        assert token is not None
        return browser.post(base + path, {"csrf_token": token[1], **form}, timeout=60).text

    press("/login", "/login", name="ann", password=password)
    errors = "/connectors/seafood/errors"
    return " ".join(press(errors, f"{errors}/retry", all="true").split())


def test_another_hosts_orders_are_taken_in_while_very_many_are_released(host: Host, world: World) -> None:
    world.command("connector", "add", "bakery")
    other = host_of(world, "bakery")
    item = {"name": "Pearl", "sku": "PEARL", "price": "9.50", "income_account": "Sales"}
    released = threading.Thread(target=host.ask, args=("PUT", "items/pearl", item))
    between = 0
    released.start()
    number = 0
    while released.is_alive():
        answer = other.ask("PUT", f"customers/c{number}", {"name": f"C{number}", "email": "c@x.example"})
        assert answer.status_code == 201
        blocked = host.states()["blocked"]
        between += 0 < blocked < MANY
        number += 1
    released.join()
    assert between > 0
    assert host.states() == {"queued": MANY}
    world.visit()
    assert host.states() == {"synced": MANY}
    assert world.written()["InvoiceAddRq"] == MANY


def test_a_server_that_dies_over_a_release_goes_on_with_the_next_visit(host: Host, world: World) -> None:
    item = {"name": "Pearl", "sku": "PEARL", "price": "9.50", "income_account": "Sales"}

    def hand_over() -> None:
        with pytest.raises(requests.ConnectionError):
            host.ask("PUT", "items/pearl", item)

    cut_off = threading.Thread(target=hand_over)
    cut_off.start()
    deadline = time.monotonic() + 60
    while host.states()["queued"] == 0 and time.monotonic() < deadline:
        time.sleep(0.005)
    world.server.kill()
    cut_off.join()
    left = host.states()
    assert 0 < left["queued"] < MANY
    assert left["blocked"] > 0
    world.server.start()
    world.visit()
    assert host.states() == {"synced": MANY}
    numbers = Counter(entry["RefNumber"] for entry in world.company.records("Invoice"))
    assert {numbers[f"P{number}"] for number in range(MANY)} == {1}
    assert world.written()["InvoiceAddRq"] == MANY
