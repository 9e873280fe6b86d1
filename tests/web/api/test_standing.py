"""How a connector stands, told to hosts as the command line tells it; paused by those who may."""

import json

import pytest

from qbwc_server.desk.standing import queue
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State

INVOICE = {"customer": {"email": "ap@harbour.example"}, "lines": [{"item": {"sku": "MU-1"}, "quantity": "1"}]}


@pytest.fixture
def place(lab) -> str:
    """The address of the busy connector."""
    return f"/connectors/{lab.CONNECTOR}"


def test_records_are_counted_by_kind_and_state(host, place):
    counts = host.get(f"{place}/counts").json
    for kind in Kind:
        for state in State:
            found = host.get(f"{place}/{kind.plural}?state={state}&limit=500").json["records"]
            assert counts["records"][kind][state] == len(found), (kind, state)
    total = {state: sum(counts["records"][kind][state] for kind in Kind) for state in State}
    assert total == host.get(place).json["counts"]
    errors = host.get(f"{place}/errors?limit=500").json["errors"]
    assert sum(counts["open_errors"].values()) == len(errors) > 0
    assert set(counts["open_errors"]) == {error["cause"] for error in errors}


def test_the_queue_is_told_as_the_desk_has_it(host, place, lab, world):
    host.put(f"{place}/invoices/q-late?priority=900", INVOICE)
    host.put(f"{place}/invoices/q-soon?priority=1", INVOICE)
    told = host.get(f"{place}/queue").json
    known = queue.queue(world.core, lab.CONNECTOR)
    assert [each["external_id"] for each in told["next"]] == [each.external_id for each in known.next]
    assert told["queued"] == known.queued
    mine = [each["external_id"] for each in told["next"] if each["external_id"].startswith("q-")]
    assert mine == ["q-soon", "q-late"]
    assert len(host.get(f"{place}/queue?limit=1").json["next"]) == 1


def test_a_priority_is_no_new_revision_and_stays_until_another_is_said(host, place):
    first = host.put(f"{place}/invoices/p-1?priority=7", INVOICE).json
    assert host.put(f"{place}/invoices/p-1", INVOICE).json["revision"] == first["revision"] == 1
    (mine,) = [each for each in host.get(f"{place}/queue").json["next"] if each["external_id"] == "p-1"]
    assert mine["priority"] == 7
    answer = host.put(f"{place}/invoices/p-1?priority=1001", INVOICE)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["faults"]] == ["/priority"]


def test_a_batch_and_each_of_its_lines_may_say_what_goes_first(host, place):
    lines = [
        {"kind": "invoice", "external_id": "b-usual", **INVOICE},
        {"kind": "invoice", "external_id": "b-soon", "priority": 1, **INVOICE},
        {"kind": "invoice", "external_id": "b-odd", "priority": 1001, **INVOICE},
        {"kind": "invoice", "external_id": "b-odder", "priority": "1", **INVOICE},
    ]
    answers = _batch(host, f"{place}/batch?priority=7", lines)
    assert [item["result"] for item in answers] == ["created", "created", "faulty", "faulty"]
    assert [fault["pointer"] for item in answers for fault in item["faults"]] == ["/priority"] * 2
    assert _turns(host, place) == {"b-soon": 1, "b-usual": 7}
    assert "priority" not in host.get(f"{place}/invoices/b-soon").json["record"]


def test_the_same_line_again_may_give_another_turn_and_is_no_new_revision(host, place):
    line = {"kind": "invoice", "external_id": "b-1", **INVOICE}
    results, turns = [], []
    for more in ({}, {"priority": 3}, {}, {"priority": None}):
        (answer,) = _batch(host, f"{place}/batch", [line | more])
        results.append(answer["result"])
        turns.append(_turns(host, place)["b-1"])
    assert results == ["created", "unchanged", "unchanged", "unchanged"]
    assert turns == [100, 3, 3, 3]
    assert host.get(f"{place}/invoices/b-1").json["revision"] == 1


def _batch(host, address, lines):
    body = "\n".join(map(json.dumps, lines)).encode()
    answer = host.post(address, body, headers={"Content-Type": "application/x-ndjson"})
    return [json.loads(line) for line in answer.data.splitlines()]


def _turns(host, place):
    found = host.get(f"{place}/queue?limit=100").json["next"]
    return {each["external_id"]: each["priority"] for each in found if each["external_id"].startswith("b-")}


def test_the_health_check_says_what_is_wrong_and_what_to_do(host, place, lab, world):
    told = host.get(f"{place}/doctor").json
    assert told["findings"] == host.get(place).json["findings"]
    assert told["ok"] == all(finding["severity"] != "problem" for finding in told["findings"])
    assert told["name"] == lab.CONNECTOR


def test_a_connector_is_paused_and_goes_on(host, place):
    assert host.post(f"{place}/pause").json["paused"] is True
    assert host.post(f"{place}/pause").status_code == 200
    assert "paused" in host.get(f"{place}/queue").json["held"]
    assert host.get(f"{place}/doctor").json["paused"] is True
    assert host.put(f"{place}/invoices/p-1", INVOICE).status_code == 201
    assert host.post(f"{place}/resume").json["paused"] is False
