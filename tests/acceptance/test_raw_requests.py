"""Anything asked or told in qbXML, over real HTTP: QuickBooks' ledger holds what was told, and nothing twice."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import etree

from qbwc_server.simulator.fault_plan import FaultPlan
from tests.worlds.acceptance_world import Json, World

WHICH = "<MaxReturned>4</MaxReturned><ActiveStatus>All</ActiveStatus>"
QUERY = f'<CustomerQueryRq iterator="Start">{WHICH}</CustomerQueryRq>'
CUSTOMER = "<CustomerAddRq><CustomerAdd><Name>By hand</Name></CustomerAdd></CustomerAddRq>"


@pytest.fixture
def world(shared_world: World) -> World:
    """The server goes on from test to test."""
    return shared_world


class Host:
    """A program with a key of its own."""

    def __init__(self, world: World, scope: str) -> None:
        self.world = world
        self.key = world.command("api-key", "create", scope, "--connector", "seafood", "--scope", scope)[
            "key"
        ]

    def ask(self, method: str, path: str, body: Any = None, kind: str = "json") -> tuple[int, Json]:
        """Status and answer."""
        place = urlsplit(self.world.server.url)
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": f"application/{kind}"}
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        try:
            connection.request(method, f"/api/v1/connectors/seafood/{path}", data, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


def by_hand(world: World) -> int:
    """How often QuickBooks was made to add such a customer."""
    return sum(
        entry.request == "CustomerAddRq" and "By hand" in str(entry.name) for entry in world.company.ledger
    )


def test_a_program_asks_and_tells_quickbooks_whatever_it_likes(world: World) -> None:
    manager, reader, writer = (Host(world, scope) for scope in ("manage", "read", "write"))
    assert reader.ask("POST", "requests", {"qbxml": QUERY})[0] == 403
    assert writer.ask("POST", "requests", {"qbxml": CUSTOMER})[0] == 403
    status, asked = writer.ask("POST", "requests?follow=true", QUERY, kind="xml")
    assert status == 202
    status, told = manager.ask("POST", "requests", {"qbxml": CUSTOMER})
    assert status == 202
    world.visit()
    _, answer = reader.ask("GET", f"requests/{asked['id']}")
    assert answer["state"] == "answered"
    assert answer["pages"] > 1
    shown = {each.text for each in etree.fromstring(answer["response"]).iterfind("CustomerRet/FullName")}
    assert shown == {item["FullName"] for item in world.company.records("Customer")} - {"By hand"}
    assert manager.ask("GET", f"requests/{told['id']}")[1]["state"] == "answered"
    assert by_hand(world) == 1
    events = [event["type"] for event in manager.ask("GET", "events?limit=500")[1]["events"]]
    assert events.count("connector.request_queued") == 2
    assert events.count("connector.request_answered") == 2


FAULTS = (
    "drop-before@sendRequestXML",
    "drop-after@sendRequestXML",
    "drop-after@receiveResponseXML",
    "truncate@receiveResponseXML",
    "kill:0",
    "refuse:0x80040400",
)


def test_a_write_is_carried_out_at_most_once_whatever_is_cut(world: World) -> None:
    world.visit()
    manager, by_which = Host(world, "manage"), set()
    for fault in FAULTS:
        before = by_hand(world)
        name = f"By hand {FAULTS.index(fault)}"
        raw_id = world.command("request", "-", text=CUSTOMER.replace("By hand", name))["id"]
        connector = world.web_connector()
        connector.faults = FaultPlan.of([fault])
        connector.run(max_sessions=3)
        world.visit()
        times, told = by_hand(world) - before, world.command("requests", "show", str(raw_id))
        assert times <= 1, fault
        assert told["state"] in {0: ("refused", "uncertain"), 1: ("answered", "uncertain")}[times], fault
        # what nobody knows stands as an error record until somebody has looked, and nothing is ever sent for it
        found = world.command("errors", "list", "--connector", "seafood", "--cause", "request_uncertain")
        assert [each["cause_key"] for each in found] == [f"request:{raw_id}"] * (told["state"] == "uncertain")
        if found:
            settled = says(manager, found[0]["id"], "carried_out" if times else "not_carried_out")
            assert settled == {0: "refused", 1: "answered"}[times]
            world.visit()
            assert by_hand(world) - before == times
            by_which.add(settled)
    assert by_which == {"refused", "answered"}


def says(host: Host, error_id: int, choice: str) -> str:
    """What becomes of a request when somebody has looked in QuickBooks and says what is there."""
    _, error = host.ask("GET", f"errors/{error_id}")
    asked = {"choice": choice, "token": error["token"]}
    status, told = host.ask("POST", f"errors/{error_id}/answer", asked)
    assert (status, told["error"]["close_reason"] is not None) == (200, True)
    raw_id = error["cause_key"].partition(":")[2]
    return str(host.ask("GET", f"requests/{raw_id}")[1]["state"])
