"""What would become of records, asked through the API: in the form in which they are sent, and nothing is stored."""

import json

import pytest

from qbwc_server.access import api_keys
from qbwc_server.desk.handing_over import previews
from qbwc_server.domain.people import Scope
from qbwc_server.web.api import bodies

CUSTOMER = {"kind": "customer", "external_id": "c-1", "name": "Pier Grill", "email": "pay@pier.example"}
INVOICE = {
    "kind": "invoice",
    "external_id": "i/1",
    "customer": {"external_id": "c-1"},
    "lines": [{"item": {"sku": "MU-1"}, "quantity": "2"}],
}
NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def place(lab) -> str:
    """Where previews are asked for."""
    return f"/connectors/{lab.CONNECTOR}/preview"


def test_one_record_an_array_and_lines_are_answered_in_their_own_form(host, place, lab):
    single = host.post(place, CUSTOMER)
    assert (single.status_code, single.content_type) == (200, "application/json")
    assert (single.json["line"], single.json["result"], single.json["external_id"]) == (1, "created", "c-1")
    several = host.post(place, [INVOICE, CUSTOMER]).json
    lines = host.post(
        place, b"\n".join(json.dumps(each).encode() for each in (INVOICE, CUSTOMER)), headers=NDJSON
    )
    assert lines.content_type == "application/x-ndjson"
    assert [json.loads(line) for line in lines.text.splitlines()] == several
    assert [each["external_id"] for each in several] == ["i/1", "c-1"]
    for kind, external_id in (("customers", "c-1"), ("invoices", "i%2F1")):
        assert host.get(f"/connectors/{lab.CONNECTOR}/{kind}/{external_id}").status_code == 404


def test_what_is_refused_says_why_and_holds_up_no_other(host, place):
    refused, other, well = host.post(place, [INVOICE | {"lines": []}, ["no object"], CUSTOMER]).json
    assert (refused["outcome"], refused["result"], refused["state"]) == ("refused", "faulty", None)
    assert [fault["pointer"] for fault in refused["faults"]] == ["/lines"]
    assert (other["outcome"], other["kind"], other["external_id"]) == ("refused", None, None)
    assert well["result"] == "created"


def test_what_was_refused_in_a_preview_is_no_error_of_anybody(host, place, lab):
    host.post(place, INVOICE | {"lines": []})
    assert host.get(f"/connectors/{lab.CONNECTOR}/errors?cause=not_accepted").json["errors"] == []


def test_too_many_too_large_and_no_json_are_refused_as_a_whole(host, place):
    many = b"\n".join(
        json.dumps(CUSTOMER | {"external_id": str(n)}).encode() for n in range(previews.MOST + 1)
    )
    answer = host.post(place, many, headers=NDJSON)
    assert answer.status_code == 422
    assert "1,000" in answer.json["faults"][0]["message"]
    assert host.post(place, b" " * (bodies.LARGEST_ARRAY + 1)).status_code == 413
    for text in (b"{", b"[{]", b"7", b""):
        assert host.post(place, text).status_code == 400, text
    assert host.post(place, b"<a/>", headers={"Content-Type": "text/xml"}).status_code == 415
    assert host.post(f"{place}?revive=perhaps", CUSTOMER).status_code == 422
    assert host.post(place, []).json == []


def test_a_key_that_only_reads_may_look_and_that_of_another_may_not(world, visit_as, place, lab, rival):
    made = api_keys.create(world.core, "reader", connector=lab.CONNECTOR, scope=Scope.READ, actor="cli")
    assert visit_as(made.secret).post(place, CUSTOMER).status_code == 200
    assert rival.post(place, CUSTOMER).status_code == 404


def test_a_cancelled_record_is_refused_unless_it_is_to_be_taken_up_again(host, place, lab):
    address = f"/connectors/{lab.CONNECTOR}/customers/c-1"
    host.put(address, {"name": "Pier Grill", "email": "pay@pier.example"})
    host.delete(address)
    refused = host.post(place, CUSTOMER | {"phone": "1"}).json
    assert refused["outcome"] == "refused"
    assert "was cancelled" in refused["faults"][0]["message"]
    assert host.post(f"{place}?revive=true", CUSTOMER | {"phone": "1"}).json["result"] == "changed"
    assert host.get(address).json["state"] == "cancelled"
