"""Many records at once: one line in, one line out."""

import json

import pytest

from qbwc_server.desk.handing_over import batches, given, storing
from qbwc_server.domain.faults import DatabaseUnavailable
from qbwc_server.domain.kinds import Kind
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
def base(lab) -> str:
    """The address of the busy connector."""
    return f"/connectors/{lab.CONNECTOR}"


def test_records_of_any_kind_go_in_together(host, lab, base):
    answers = host.batch(lab.CONNECTOR, CUSTOMER, INVOICE)
    assert [(item["line"], item["kind"], item["external_id"], item["result"]) for item in answers] == [
        (1, "customer", "c-1", "created"),
        (2, "invoice", "i/1", "created"),
    ]
    assert host.get(f"{base}/invoices/i%2F1").json["record"]["customer"] == {"external_id": "c-1"}


def test_sending_the_same_lines_again_changes_nothing(host, lab):
    host.batch(lab.CONNECTOR, CUSTOMER, INVOICE)
    answers = host.batch(lab.CONNECTOR, CUSTOMER, INVOICE | {"memo": "in a hurry"})
    assert [item["result"] for item in answers] == ["unchanged", "changed"]


def test_a_faulty_line_holds_up_no_other(host, lab):
    answers = host.batch(
        lab.CONNECTOR,
        "{",
        "[]",
        "",
        {"kind": "estimate", "external_id": "e"},
        {"kind": "customer", "external_id": 7},
        {"external_id": "x"},
        INVOICE | {"lines": []},
        INVOICE | {"external_id": ""},
        '{"kind": "item", "external_id": "i", "price": 1E400, "name": "x"}',
        CUSTOMER,
    )
    assert [(item["line"], item["result"]) for item in answers] == [
        (line, "faulty" if line < 10 else "created") for line in (1, 2, 4, 5, 6, 7, 8, 9, 10)
    ]
    found = [[fault["pointer"] for fault in item["faults"]] for item in answers]
    expected = ["", "", "/kind", "/external_id", "/kind", "/lines", "/external_id", "/price"]
    assert found == [*([pointer] for pointer in expected), []]


def test_what_the_state_of_a_record_forbids_is_told_on_its_line(host, lab, base):
    host.post(f"{base}/invoices/SO-1045/void")
    (answer,) = host.batch(lab.CONNECTOR, INVOICE | {"external_id": "SO-1045"})
    assert answer["result"] == "faulty"
    assert "void" in answer["faults"][0]["message"]


def test_nothing_in_means_nothing_out(host, base):
    answer = host.post(f"{base}/batch", b"", headers=NDJSON)
    assert (answer.status_code, answer.data) == (200, b"")


def test_the_last_line_needs_no_end(host, base):
    answer = host.post(f"{base}/batch", json.dumps(CUSTOMER).encode(), headers=NDJSON)
    assert json.loads(answer.text)["result"] == "created"


def test_a_line_that_is_too_long_is_skipped_to_its_end(host, base):
    long = json.dumps(CUSTOMER | {"notes": "x" * (2 * bodies.LARGEST_OBJECT)})
    body = f"{long}\n{json.dumps(CUSTOMER)}\n".encode()
    lines = host.post(f"{base}/batch", body, headers=NDJSON).text.splitlines()
    first, second = map(json.loads, lines)
    assert (first["line"], first["result"]) == (1, "faulty")
    assert (second["line"], second["result"]) == (2, "created")


def test_more_than_a_batch_may_have_is_refused_before_any_line_is_taken_in(host, base):
    body = json.dumps(CUSTOMER).encode() + b"\n" * bodies.LARGEST_BATCH
    assert host.post(f"{base}/batch", body, headers=NDJSON).status_code == 413
    assert host.get(f"{base}/customers/c-1").status_code == 404


def test_one_json_document_is_not_taken_for_lines(host, base):
    answer = host.post(f"{base}/batch", CUSTOMER)
    assert answer.status_code == 400
    assert "JSON array" in answer.json["detail"]


def test_an_unknown_connector_is_told_by_the_status(head_office):
    assert head_office.post("/connectors/nope/batch", b"{}", headers=NDJSON).status_code == 404


def test_when_the_database_fails_the_host_is_told_where_to_go_on(host, lab, base, monkeypatch):
    real, calls = given.find_all, []

    def find_all(*arguments, **options):
        calls.append(arguments)
        if len(calls) == 2:
            raise DatabaseUnavailable("the disk is gone")
        return real(*arguments, **options)

    monkeypatch.setattr(storing, "find_all", find_all)
    monkeypatch.setattr(batches, "CHUNK", 1)
    answers = host.batch(lab.CONNECTOR, CUSTOMER, INVOICE, CUSTOMER | {"external_id": "c-2"})
    assert [item["result"] for item in answers] == ["created", "failed"]
    assert answers[1]["external_id"] == "i/1"
    assert "send this line and all after it again" in answers[1]["faults"][0]["message"]
    assert host.get(f"{base}/customers/c-2").status_code == 404


def test_lines_are_answered_as_they_are_taken_in(host, lab, site):
    """Nothing waits for the last line: of many the first are answered, and stored, before the last are."""
    many = batches.CHUNK + 1
    body = "".join(json.dumps(CUSTOMER | {"external_id": f"c-{n}"}) + "\n" for n in range(many)).encode()
    answer = site.test_client().post(
        f"/api/v1/connectors/{lab.CONNECTOR}/batch",
        data=body,
        headers=NDJSON | {"Authorization": f"Bearer {host.key}"},
        buffered=False,
    )
    lines = answer.iter_encoded()
    assert json.loads(next(lines))["external_id"] == "c-0"
    place = f"/connectors/{lab.CONNECTOR}/{Kind.CUSTOMER.plural}"
    assert host.get(f"{place}/c-0").status_code == 200
    assert host.get(f"{place}/c-{many - 1}").status_code == 404
    assert len(list(lines)) == many - 1
    assert host.get(f"{place}/c-{many - 1}").status_code == 200
