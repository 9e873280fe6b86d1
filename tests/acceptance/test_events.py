"""A host that only listens: the feed over HTTP tells it everything, in time, and waiting costs nobody anything."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.test_decisions import Host
from tests.worlds.acceptance_world import Json, World
from tests.worlds.reader import wait_for


@dataclass
class OrderSystem:
    """Keeps a table of its own from nothing but events."""

    host: Host
    after: int = 0
    mark: str | None = None
    records: dict[tuple[str, str], Json] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)

    def listen(self, wait: int = 0) -> list[str]:
        """Go on from where it was, and note what it heard."""
        said = f"events?after={self.after}&wait={wait}&limit=500" + (
            f"&mark={self.mark}" if self.mark else ""
        )
        answer = self.host.get(said)
        self.after, self.mark = answer["next"], answer["mark"]
        for event in answer["events"]:
            if event["kind"] is not None:
                self._note(event)
        self.heard += (new := [event["type"] for event in answer["events"]])
        return new

    def _note(self, event: Json) -> None:
        row = self.records.setdefault((event["kind"], event["external_id"]), {})
        data = event["data"]
        row["state"] = event["to"] or row.get("state")
        row |= {name: data[name] for name in ("txn_id", "list_id", "number", "edit_sequence") if name in data}
        row["errors"] = {error["error_id"]: error["message"] for error in data.get("errors", ())}
        row["is_void"] = data.get("is_void", False)


@pytest.fixture
def world(shared_world: World) -> World:
    """The server goes on from test to test."""
    return shared_world


@pytest.fixture
def host(world: World) -> Host:
    return host_of(world)


def host_of(world: World) -> Host:
    """A host beside a company file with an item of its own."""
    items = {"Name": "Ice", "SalesOrPurchase": {"Price": "3.00", "AccountRef": "Sales"}}
    world.company.person.add("ItemService", items)
    made = Host(world)
    world.visit()
    return made


def test_the_feed_alone_tells_the_whole_life_of_an_invoice(host: Host) -> None:
    world, shop = host.world, OrderSystem(host)
    shop.listen()
    host.invoice("SO-1", customer={"external_id": "c"})
    assert "invoice.blocked" in shop.listen()
    mine = shop.records["invoice", "SO-1"]
    (error_id, message), *none = mine["errors"].items()
    assert none == []
    assert host.get(f"errors/{error_id}")["message"] == message
    assert "customer c" in message

    host.put("customers/c", name="Pier Nine", email="ap@pier.example")
    assert "invoice.released" in shop.listen()
    assert (mine["state"], mine["errors"]) == ("queued", {})
    world.visit()
    new = shop.listen()
    assert new.index("customer.synced") < new.index("invoice.synced")
    assert "connector.visit_ended" in new
    invoice = world.company.find("Invoice", RefNumber="SO-1")
    assert (mine["state"], mine["txn_id"], mine["number"]) == ("synced", invoice["TxnID"], "SO-1")
    assert mine["edit_sequence"] == invoice["EditSequence"]
    customer = world.company.find("Customer", FullName="Pier Nine")
    assert shop.records["customer", "c"]["list_id"] == customer["ListID"]

    host.invoice("SO-1", customer={"external_id": "c"}, memo="changed")
    assert shop.listen() == ["invoice.revised"]
    world.visit()
    assert "invoice.synced" in shop.listen()
    invoice = world.company.find("Invoice", RefNumber="SO-1")
    assert (invoice["Memo"], mine["edit_sequence"]) == ("changed", invoice["EditSequence"])

    assert host.ask("POST", "invoices/SO-1/void")[0] == 200
    assert shop.listen() == ["invoice.void_requested"]
    world.visit()
    assert "invoice.voided" in shop.listen()
    assert (mine["state"], mine["is_void"], mine["txn_id"]) == ("synced", True, invoice["TxnID"])
    assert shop.listen() == []


def in_background(pool: ThreadPoolExecutor, deed: Callable[[], Any]) -> Future[tuple[Any, float]]:
    def timed() -> tuple[Any, float]:
        result = deed()
        return result, time.monotonic()

    return pool.submit(timed)


def test_more_wait_than_may_work_at_a_time_and_all_are_told_at_once(host: Host) -> None:
    """Thirty waiters on a process that works on eight requests at a time."""
    world, shop = host.world, OrderSystem(host)
    shop.listen()
    after = shop.after
    body = {"name": "Pier", "email": "pier@fish.example"}
    with ThreadPoolExecutor(40) as pool:
        hear = f"events?after={after}&wait=60&type=customer.synced"
        waiting = [in_background(pool, lambda: host.get(hear)) for _ in range(20)]
        put = in_background(pool, lambda: host.ask("PUT", "customers/c?wait=60", body)[1])
        time.sleep(1)
        waiting += [in_background(pool, lambda: host.get("customers/c?wait=60")) for _ in range(10)]
        time.sleep(1)
        began = time.monotonic()
        for _ in range(5):
            host.get("errors")
        assert time.monotonic() - began < 4, "whoever does not wait is served as ever"
        assert not any(each.done() for each in (put, *waiting))
        world.visit()
        ended = time.monotonic()
        answer, at = put.result(20)
        assert (answer["state"], at - ended < 10) == ("synced", True)
        for each in waiting:
            told, at = each.result(20)
            assert at - ended < 10
            if "events" in told:
                assert [event["data"]["list_id"] for event in told["events"]] == [answer["list_id"]]
            else:
                assert told["state"] == "synced"


@pytest.mark.slow
def test_a_server_that_is_told_to_stop_lets_those_who_wait_go(tmp_path: Path) -> None:
    world = World.create(tmp_path)
    with world.server, ThreadPoolExecutor(8) as pool:
        host = host_of(world)
        shop = OrderSystem(host)
        shop.listen()
        waiting = [
            in_background(pool, lambda: host.get(f"events?after={shop.after}&wait=60")) for _ in range(8)
        ]
        time.sleep(1)
        began = time.monotonic()
        world.server.stop()
        assert time.monotonic() - began < 8
        for each in waiting:
            assert each.result(10)[0]["events"] == []
    assert not world.server.is_running


def test_put_waits_on_the_command_line(host: Host) -> None:
    world = host.world

    def visited() -> None:
        wait_for(lambda: host.ask("GET", "customers/c")[0] == 200)
        world.visit()

    visit = threading.Thread(target=visited)
    visit.start()
    done = world.run(
        "put", "customer", "c", "-", "--wait", "--json", text='{"name": "P", "email": "p@x.example"}'
    )
    visit.join()
    told = json.loads(done.stdout)
    assert (done.exit_code, told["state"], bool(told["list_id"])) == (0, "synced", True)
    line = {"item": {"full_name": "Ice"}, "quantity": "1", "rate": "2.00"}
    invoice = {"ref_number": "1", "customer": {"full_name": "Nobody"}, "lines": [line]}
    done = world.run("put", "invoice", "i", "-", "--wait", "5", "--json", text=json.dumps(invoice))
    assert (done.exit_code, json.loads(done.stdout)["state"]) == (1, "blocked")


def test_log_follows_until_ctrl_c(host: Host) -> None:
    world = host.world
    command = [sys.executable, "-m", "qbwc_server.cli", "--config", str(world.server.config_path)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("QBWC_")}
    running = subprocess.Popen(
        [*command, "log", "seafood", "--follow", "--limit", "1", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        # whoever runs the tests in the background has it ignored, and a process inherits that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert running.stdout is not None
    first = json.loads(running.stdout.readline())
    host.put("customers/c", name="Pier Nine", email="ap@pier.example")
    second = json.loads(running.stdout.readline())
    assert second["type"] == "customer.handed_over"
    assert second["id"] > first["id"]
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=20)
    assert (running.returncode, out, err) == (0, "", "")


def test_a_cursor_of_another_database_is_told(host: Host) -> None:
    shop = OrderSystem(host)
    shop.listen()
    status, told = host.ask("GET", f"events?after={shop.after + 5}")
    assert status == 410
    assert "restored from a backup" in told["detail"]
    status, told = host.ask("GET", f"events?after={shop.after}&mark=1234567890abcdef")
    assert status == 410
    request = urllib.request.Request(
        f"{host.world.server.url}/api/v1/connectors/seafood/events?type=invoice.synct",
        headers={"Authorization": f"Bearer {host.key}"},
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    assert refused.value.code == 422
    assert "did you mean invoice.synced" in refused.value.read().decode()
