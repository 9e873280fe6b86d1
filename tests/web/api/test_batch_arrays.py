"""A batch may come as a JSON array, and is answered by one: what becomes of its members is what becomes of lines."""

import json
from typing import Any

import pytest

from qbwc_server.web.api import bodies

INVOICE = {"customer": {"email": "ap@harbour.example"}, "lines": [{"item": {"sku": "MU-1"}, "quantity": "1"}]}


@pytest.fixture
def place(lab) -> str:
    """The address for batches."""
    return f"/connectors/{lab.CONNECTOR}/batch"


def member(external_id: str, **more: Any) -> dict[str, Any]:
    return {"kind": "invoice", "external_id": external_id, **INVOICE, **more}


def test_an_array_is_answered_by_an_array_as_lines_are_by_lines(host, place):
    members = [member("a-1"), member("a-2", colour="red"), {"kind": "invoice"}, "text", member("a-1")]
    found = host.post(place, members).json
    assert [each["result"] for each in found] == ["created", "faulty", "faulty", "faulty", "unchanged"]
    assert [each["line"] for each in found] == [1, 2, 3, 4, 5]
    lines = "\n".join(map(json.dumps, members)).encode()
    answer = host.post(place, lines, headers={"Content-Type": "application/x-ndjson"})
    again = [json.loads(line) for line in answer.text.splitlines()]
    assert [each["faults"] for each in again] == [each["faults"] for each in found]


def test_numbers_in_an_array_stay_exact(host, place, lab):
    lines = '[{"item": {"sku": "MU-1"}, "quantity": 3, "rate": 0.1000000000000000055511151231257827}]'
    body = f'[{{"kind": "invoice", "external_id": "a-1", "customer": "Pier", "lines": {lines}}}]'
    (found,) = host.post(place, body.encode()).json
    one = {"kind": "invoice", "external_id": "a-2", "customer": "Pier", "lines": json.loads(lines)}
    assert found["result"] in ("created", "faulty")
    ok = body.replace("0.1000000000000000055511151231257827", "9.10").replace("a-1", "a-3")
    assert host.post(place, ok.encode()).json[0]["result"] == "created", one
    rate = host.get(f"/connectors/{lab.CONNECTOR}/invoices/a-3").json["record"]["lines"][0]["rate"]
    assert rate == "9.10"


def test_an_empty_array_is_answered_by_an_empty_one(host, place):
    assert host.post(place, []).json == []


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b"1", b"[1,]", b"\xff", b"[" * 100_000])
def test_what_is_no_array_is_refused(host, place, body):
    assert host.post(place, body).status_code == 400


def test_an_array_is_bounded(host, place, monkeypatch):
    monkeypatch.setattr(bodies, "LARGEST_ARRAY", 2_000)
    assert host.post(place, [member("a-1")]).status_code == 200
    assert host.post(place, [member(f"a-{number}") for number in range(50)]).status_code == 413
