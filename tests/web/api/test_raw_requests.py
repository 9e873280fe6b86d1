"""Requests in qbXML that hosts write themselves, at the API's door."""

import time

import pytest

from qbwc_server.access import api_keys
from qbwc_server.domain.people import Scope

QUERY = "<CustomerQueryRq><MaxReturned>1</MaxReturned></CustomerQueryRq>"
ADD = "<CustomerAddRq><CustomerAdd><Name>By hand</Name></CustomerAdd></CustomerAddRq>"
XML = {"Content-Type": "application/xml"}


@pytest.fixture
def place(lab):
    """The address of the raw requests of the busy connector."""
    return f"/connectors/{lab.CONNECTOR}/requests"


@pytest.fixture
def writer(world, lab, visit_as):
    """A host whose key hands records over."""
    made = api_keys.create(world.core, "writer", connector=lab.CONNECTOR, scope=Scope.WRITE, actor="cli")
    return visit_as(made.secret)


def test_a_request_is_taken_as_json_or_as_it_is(host, place):
    as_json = host.post(place, {"qbxml": QUERY})
    assert as_json.status_code == 202
    assert (as_json.json["name"], as_json.json["state"], as_json.json["writes"]) == (
        "CustomerQueryRq",
        "queued",
        False,
    )
    assert as_json.json["qbxml"] == QUERY
    assert as_json.json["response"] is None
    as_xml = host.post(place, QUERY.encode(), headers=XML)
    assert as_xml.json["qbxml"] == QUERY
    assert as_xml.json["id"] == as_json.json["id"] + 1
    assert host.get(f"{place}/{as_xml.json['id']}").json == as_xml.json


def test_what_writes_needs_a_key_that_manages(host, writer, place):
    assert writer.post(place, {"qbxml": QUERY}).status_code == 202
    refused = writer.post(place, {"qbxml": ADD})
    assert refused.status_code == 403
    assert "of scope manage" in refused.json["detail"]
    assert host.post(place, {"qbxml": ADD}).json["writes"] is True


def test_every_fault_is_told(host, place):
    def faults(body, **headers):
        answer = host.post(place, body, **({"headers": headers} if headers else {}))
        assert answer.status_code == 422, answer.text
        return [fault["pointer"] for fault in answer.json["faults"]]

    assert faults({"qbxm": "x", "follow": "yes"}) == ["/qbxm", "/qbxml", "/follow"]
    assert faults({"qbxml": '<CustomerQueryRq iterator="Start" colour="red"/>'}) == ["/qbxml", "/qbxml"]
    assert faults({"qbxml": QUERY, "follow": True}) == ["/follow"]
    assert faults(b"<!DOCTYPE x><HostQueryRq/>", **XML) == ["/qbxml"]
    assert host.post(place, b"\xff", headers=XML).status_code == 400
    assert host.post(place, b"<HostQueryRq/>", headers={"Content-Type": "text/plain"}).status_code == 415
    assert host.post(place, b"x" * (1 << 20) + b"x", headers=XML).status_code == 413
    assert host.get(place).json == {"requests": [], "next": None}


def test_they_are_listed_newest_first_and_by_state(host, place):
    ids = [host.post(place, {"qbxml": QUERY}).json["id"] for _ in range(5)]
    host.delete(f"{place}/{ids[0]}")
    first = host.get(f"{place}?limit=2").json
    assert [each["id"] for each in first["requests"]] == ids[:2:-1]
    second = host.get(f"{place}?limit=3&cursor={first['next']}").json
    assert [each["id"] for each in second["requests"]] == ids[2::-1]
    assert second["next"] is None
    assert [each["id"] for each in host.get(f"{place}?state=cancelled").json["requests"]] == ids[:1]
    assert len(host.get(f"{place}?state=cancelled,queued").json["requests"]) == 5
    assert host.get(f"{place}?state=lost").status_code == 422


def test_what_is_queued_is_taken_back(host, place):
    made = host.post(place, {"qbxml": ADD}).json
    for _ in range(2):
        assert host.delete(f"{place}/{made['id']}").json["state"] == "cancelled"
    assert host.get(f"{place}/99").status_code == 404
    assert host.delete(f"{place}/99").status_code == 404


def test_a_connector_that_only_reads_takes_no_write(host, place, lab):
    host.ask("PATCH", f"/connectors/{lab.CONNECTOR}/settings", {"read_only": True})
    refused = host.post(place, {"qbxml": ADD})
    assert refused.status_code == 409
    assert "read_only" in refused.json["detail"]
    assert host.post(place, {"qbxml": QUERY}).status_code == 202


def test_too_many_at_once_are_refused(host, place, monkeypatch):
    monkeypatch.setattr("qbwc_server.desk.requests.raw_requests.MOST_WAITING", 2)
    assert [host.post(place, {"qbxml": QUERY}).status_code for _ in range(3)] == [202, 202, 409]


def test_whoever_waits_is_answered_as_soon_as_it_is_over_and_when_time_is_up(host, place):
    began = time.monotonic()
    made = host.post(f"{place}?wait=1", {"qbxml": QUERY}).json
    assert made["state"] == "queued"
    assert time.monotonic() - began >= 1
    host.delete(f"{place}/{made['id']}")
    began = time.monotonic()
    assert host.get(f"{place}/{made['id']}?wait=30").json["state"] == "cancelled"
    assert time.monotonic() - began < 10
    assert host.get(f"{place}/99?wait=30").status_code == 404
    assert host.get(f"{place}/{made['id']}?wait=61").status_code == 422
