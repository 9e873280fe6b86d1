"""A connector is removed while a real server runs, restored, and erased: who comes for it, and what the books hold."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from contextlib import closing
from typing import Any

import pytest
import requests

from qbwc_server.simulator.web_connector.report import CallEvent
from qbwc_server.storage.schema import metadata
from tests.worlds.acceptance_world import World

CUSTOMER = {"name": "Regular", "email": "regular@fish.example"}
INVOICE = {
    "ref_number": "R-1",
    "txn_date": "2026-11-20",
    "customer": {"external_id": "c"},
    "lines": [{"item": {"full_name": "Ice"}, "quantity": "2", "rate": "9.50"}],
}


class Host:
    """An order system with a key of its own for one connector, or for all."""

    def __init__(self, world: World, *options: str) -> None:
        self._base = f"http://127.0.0.1:{world.server.port}/api/v1/connectors/seafood"
        key = world.command("api-key", "create", f"key{options}", *options)["key"]
        self._headers = {"Authorization": f"Bearer {key}"}

    def put(self, path: str, body: object) -> int:
        """Hand something over; the status."""
        return requests.put(f"{self._base}/{path}", json=body, headers=self._headers, timeout=20).status_code

    def get(self, path: str = "") -> requests.Response:
        """Ask for something."""
        return requests.get(f"{self._base}{path}", headers=self._headers, timeout=20)


@pytest.fixture
def host(world: World) -> Host:
    """A host whose customer and invoice are in QuickBooks."""
    world.company.person.add(
        "ItemService", {"Name": "Ice", "SalesOrPurchase": {"Price": "3.00", "AccountRef": "Sales"}}
    )
    made = Host(world, "--connector", "seafood")
    assert made.put("customers/c", CUSTOMER) == 201
    assert made.put("invoices/i", INVOICE) == 201
    world.visit()
    assert world.written() == Counter(CustomerAddRq=1, InvoiceAddRq=1)
    return made


def test_a_removed_connector_is_dead_at_once_and_comes_back_as_it_was(world: World, host: Host) -> None:
    for_all = Host(world, "--all-connectors")
    assert host.put("invoices/j", {**INVOICE, "ref_number": "R-2"}) == 201
    world.command("connector", "remove", "seafood", "--yes", "seafood")
    (refused,) = world.web_connector().run(max_sessions=1)
    assert refused.status
    assert "sendRequestXML" not in refused.methods
    assert (host.get().status_code, for_all.get().status_code) == (401, 404)
    assert world.command("connector", "list") == []
    assert world.written() == Counter(CustomerAddRq=1, InvoiceAddRq=1)

    world.command("connector", "restore", "seafood")
    world.visit()
    assert world.written() == Counter(CustomerAddRq=1, InvoiceAddRq=2)
    assert host.get("/invoices/i").json()["state"] == "synced"
    assert host.get("/invoices/j").json()["state"] == "synced"


def test_removed_in_the_middle_of_a_visit_nothing_is_lost_or_doubled(world: World, host: Host) -> None:
    assert host.put("invoices/j", {**INVOICE, "ref_number": "R-2"}) == 201
    removed: list[Any] = []

    def remove(call: CallEvent) -> None:
        is_written = "InvoiceAddRq" in str(call.arguments) + str(call.result)
        if call.phase == "after" and call.method == "sendRequestXML" and is_written and not removed:
            removed.append(world.command("connector", "remove", "seafood", "--yes", "seafood"))

    world.visit(remove)
    assert removed
    assert world.written()["InvoiceAddRq"] == 2, "QuickBooks had the message set already"
    world.command("connector", "restore", "seafood")
    world.visit()
    assert world.written()["InvoiceAddRq"] == 2
    assert host.get("/invoices/j").json()["state"] == "synced"


def test_after_thirty_days_the_server_erases_it_by_itself(world: World, host: Host) -> None:
    world.command("connector", "add", "other")
    world.command("connector", "remove", "seafood", "--yes", "seafood")
    world.server.stop()
    database = world.folder / "qbwc.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "UPDATE connector SET removed_at = '2026-01-01 00:00:00' WHERE name LIKE 'seafood%'"
        )
        # a server that ran long enough before has tidied, and it is not due again so soon
        connection.execute("DELETE FROM errand")
    assert world.command("connector", "list", "--removed") == []
    world.server.start()
    deadline = time.monotonic() + 30
    with closing(sqlite3.connect(database)) as connection:
        while connection.execute("SELECT count(*) FROM connector").fetchone() != (1,):
            assert time.monotonic() < deadline, "it was not erased"
            time.sleep(0.2)
        for table in metadata.sorted_tables:
            if "connector_id" in table.columns and table.name != "event":
                assert connection.execute(f"SELECT count(*) FROM {table.name}").fetchone() == (0,), table.name
    (erased,) = (deed for deed in world.command("user", "log") if deed["what"] == "connector erased")
    assert (erased["about"], erased["actor"]) == ("seafood", "server")
    assert world.command("db", "tidy") == {"erased": []}
