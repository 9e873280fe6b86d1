"""Many links at once through the API: one line in, one line out."""

import json

import pytest

OLD = "80000010-1700000000"


@pytest.fixture
def link(host, lab):
    """Sends lines, each an object or a raw string; their answers."""

    def send(*lines, query=""):
        text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
        answer = host.post(
            f"/connectors/{lab.CONNECTOR}/links{query}",
            text.encode(),
            headers={"Content-Type": "application/x-ndjson"},
        )
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]

    return send


@pytest.fixture
def world(troubled):
    """The connector with a customer that is not matched."""
    return troubled


def test_each_line_is_answered_and_a_faulty_one_holds_up_no_other(link, host, lab):
    lines = (
        "not json",
        {"kind": "customer", "external_id": "c-2", "colour": "red"},
        {"kind": "customer", "external_id": "c-2", "list_id": 7},
        {"kind": "customer", "external_id": "nobody", "list_id": OLD},
        {"kind": "customer", "external_id": "c-2", "list_id": OLD},
    )
    looked = link(*lines, query="?dry_run=true")
    assert host.get(f"/connectors/{lab.CONNECTOR}/customers/c-2").json["list_id"] is None
    answers = link(*lines)
    assert answers == looked
    assert [(item["line"], item["result"]) for item in answers] == [
        (1, "faulty"),
        (2, "faulty"),
        (3, "faulty"),
        (4, "faulty"),
        (5, "linked"),
    ]
    assert "colour" in answers[1]["reason"]
    assert "list_id" in answers[2]["reason"]
    assert (answers[4]["quickbooks_id"], answers[4]["full_name"]) == (OLD, "North Fish (old)")
    assert host.get(f"/connectors/{lab.CONNECTOR}/customers/c-2").json["matched_by"] == "hand"
    assert [item["result"] for item in link(lines[-1])] == ["unchanged"]


def test_a_key_of_another_connector_links_nothing(rival, lab):
    answer = rival.post(
        f"/connectors/{lab.CONNECTOR}/links", b"{}\n", headers={"Content-Type": "application/x-ndjson"}
    )
    assert answer.status_code in (403, 404)
