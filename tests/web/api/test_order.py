"""Late repetitions and preconditions: nothing that comes late takes back what is newer, and none is ignored."""

import json

import pytest

from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import connectors as connector_rows
from qbwc_server.storage import records as rows

A = {"name": "Pier Grill", "email": "pay@pier.example"}
B = A | {"phone": "555-1"}
ONCE, TWICE = '"1"', '"2"'


@pytest.fixture
def place(lab) -> str:
    """A customer of the busy connector that nobody handed over yet."""
    return f"/connectors/{lab.CONNECTOR}/customers/x1"


def put(host, place, body, **headers):
    """PUT with headers, whose names are written with underscores."""
    return host.put(place, body, headers={name.replace("_", "-"): text for name, text in headers.items()})


# --- etags --------------------------------------------------------------------------------------------------


def test_every_answer_about_a_record_has_its_revision_as_etag(host, place):
    assert host.put(place, A).headers["ETag"] == ONCE
    assert host.put(place, A).headers["ETag"] == ONCE
    assert host.put(place, B).headers["ETag"] == TWICE
    assert host.get(place).headers["ETag"] == TWICE
    assert host.post(f"{place}/retry").headers["ETag"] == TWICE
    assert host.delete(place).headers["ETag"] == TWICE


def test_a_late_repetition_with_the_old_etag_changes_nothing(host, place):
    host.put(place, A)
    host.put(place, B)
    answer = put(host, place, A, If_Match=ONCE)
    assert answer.status_code == 412
    assert "revision 2" in answer.json["detail"]
    assert "revision 1" in answer.json["detail"]
    assert host.get(place).json["record"] == B


@pytest.mark.parametrize("tags", ['"2"', '"1", "2"', 'W/"2"', '"1","2" ,"7"', "*"])
def test_a_change_of_what_was_seen_is_taken(host, place, tags):
    host.put(place, A)
    host.put(place, B)
    assert put(host, place, A, If_Match=tags).json["revision"] == 3


@pytest.mark.parametrize("tags", ['"1"', '"x"', '"02"', '""', '"1","3"'])
def test_a_change_of_anything_else_is_refused(host, place, tags):
    host.put(place, A)
    host.put(place, B)
    assert put(host, place, A, If_Match=tags).status_code == 412


def test_what_is_to_be_changed_must_be_there_and_what_is_to_be_new_must_not(host, place):
    assert put(host, place, A, If_Match="*").status_code == 412
    assert host.get(place).status_code == 404
    assert put(host, place, A, If_None_Match="*").status_code == 201
    again = put(host, place, B, If_None_Match="*")
    assert again.status_code == 412
    assert "revision 1" in again.json["detail"]
    assert host.get(place).json["record"] == A


@pytest.mark.parametrize(
    ("method", "step", "body"),
    [
        ("DELETE", "", None),
        ("GET", "", None),
        ("POST", "/retry", None),
        ("POST", "/void", None),
        ("POST", "/post-as-new", None),
    ],
)
def test_whatever_is_done_with_a_record_may_be_bound_to_its_revision(host, place, method, step, body):
    host.put(place, A)
    answer = host.ask(method, place + step, body, headers={"If-Match": '"7"'})
    assert answer.status_code == 412
    assert host.get(place).json["state"] != "cancelled"
    assert host.ask(method, place + step, body, headers={"If-Match": ONCE}).status_code in (200, 409)


def test_links_may_be_bound_to_a_revision_too(host, place, lab):
    host.put(place, A)
    link = place.replace("/customers/", "/links/customers/")
    for method, body in (("PUT", {"list_id": "80000001-1"}), ("DELETE", None)):
        assert host.ask(method, link, body, headers={"If-Match": '"7"'}).status_code == 412


def test_who_has_seen_a_record_as_it_is_gets_no_copy_until_something_becomes_of_it(host, place, world, lab):
    host.put(place, A)
    seen = host.get(place, headers={"If-None-Match": ONCE})
    assert (seen.status_code, seen.data, seen.headers["ETag"]) == (304, b"", ONCE)
    assert host.get(place, headers={"If-None-Match": '"7"'}).status_code == 200
    world.clock.forward(seconds=1)
    host.delete(place)
    assert host.get(place, headers={"If-None-Match": ONCE}).json["state"] == "cancelled"


@pytest.mark.parametrize(
    "headers",
    [
        {"If-Match": "1"},
        {"If-Match": ""},
        {"If-Match": '*, "1"'},
        {"If-Match": '"1"; "2"'},
        {"If-Match": '"1'},
        {"If-None-Match": "star"},
        {"If-Unmodified-Since": "Fri, 20 Nov 2026 15:00:00 GMT"},
        {"If-Modified-Since": "Fri, 20 Nov 2026 15:00:00 GMT"},
        {"If-Range": '"1"'},
        {"If-Schedule-Tag-Match": '"1"'},
        {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"},
    ],
)
def test_a_precondition_that_is_not_understood_is_refused_never_ignored(host, place, headers):
    answer = host.put(place, A, headers=headers)
    assert answer.status_code == 400
    assert next(iter(headers)) in answer.json["detail"]
    assert host.get(place).status_code == 404


def test_where_no_single_record_is_meant_no_precondition_is_taken(host, lab):
    place = f"/connectors/{lab.CONNECTOR}"
    headers = {"If-Match": ONCE}
    assert host.post(f"{place}/resync", headers=headers).status_code == 400
    assert host.ask("PATCH", f"{place}/settings", {"host_wins": True}, headers=headers).status_code == 400
    assert host.get(f"{place}/customers", headers={"If-Modified-Since": "x"}).status_code == 200


# --- versions -----------------------------------------------------------------------------------------------


def test_an_older_version_is_refused_naming_both(host, place):
    assert host.put(place, A | {"version": 7}).json["version"] == 7
    assert host.put(place, B | {"version": 9}).json["version"] == 9
    answer = host.put(place, A | {"version": 7})
    assert answer.status_code == 409
    assert "version 9" in answer.json["detail"]
    assert "version 7" in answer.json["detail"]
    view = host.get(place).json
    assert (view["record"], view["version"], view["revision"]) == (B, 9, 2)


def test_one_version_cannot_be_two_contents(host, place):
    first = host.put(place, A | {"version": 7})
    assert host.put(place, A | {"version": 7}).json == first.json
    assert host.put(place, B | {"version": 7}).status_code == 409
    assert host.get(place).json["record"] == A


def test_the_same_content_under_a_later_version_is_remembered_and_no_new_revision(host, place):
    host.put(place, A | {"version": 7})
    view = host.put(place, A | {"version": 8}).json
    assert (view["version"], view["revision"]) == (8, 1)
    assert host.put(place, B | {"version": 7}).status_code == 409


def test_once_a_record_has_a_version_another_content_needs_one(host, place):
    host.put(place, A)
    assert host.put(place, A | {"version": 1}).json["revision"] == 1
    assert host.put(place, A).status_code == 200
    answer = host.put(place, B)
    assert answer.status_code == 409
    assert "version" in answer.json["detail"]


@pytest.mark.parametrize("version", [-1, 2**63, True, "7", 1.5, [7], {}])
def test_a_version_is_a_whole_number(host, place, version):
    answer = host.put(place, A | {"version": version})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["faults"]] == ["/version"]
    assert host.put(place, A | {"version": 7.0}).json["version"] == 7
    assert host.put(place, A | {"version": 2**63 - 1}).json["version"] == 2**63 - 1


# --- cancelled ----------------------------------------------------------------------------------------------


def test_a_late_put_brings_no_cancelled_record_back_unless_that_is_asked_for(host, place):
    host.put(place, A)
    host.delete(place)
    for body in (A, B):
        answer = host.put(place, body)
        assert answer.status_code == 409
        assert "was cancelled at 20" in answer.json["detail"]
    assert host.get(place).json["state"] == "cancelled"
    assert host.put(f"{place}?revive=true", A).json["state"] != "cancelled"


def test_a_later_version_brings_a_cancelled_record_back_and_no_other(host, place):
    host.put(place, A | {"version": 3})
    host.delete(place)
    for version in (2, 3):
        assert host.put(place, A | {"version": version}).status_code == 409
    assert host.put(f"{place}?revive=true", A | {"version": 2}).status_code == 409
    assert host.put(place, A | {"version": 4}).json["state"] != "cancelled"


def test_a_record_without_version_is_not_brought_back_by_its_first(host, place):
    host.put(place, A)
    host.delete(place)
    assert host.put(place, A | {"version": 1}).status_code == 409


# --- many at once -------------------------------------------------------------------------------------------


def test_the_lines_of_a_batch_have_an_order_too(host, place, lab):
    whose = {"kind": "customer", "external_id": "x1"}
    outcomes = host.batch(
        lab.CONNECTOR, whose | A | {"version": 2}, whose | B | {"version": 1}, whose | B | {"version": 3}
    )
    assert [outcome["result"] for outcome in outcomes] == ["created", "faulty", "changed"]
    assert "version 2" in outcomes[1]["faults"][0]["message"]
    host.delete(place)
    (late,) = host.batch(lab.CONNECTOR, whose | B | {"version": 3})
    assert late["result"] == "faulty"
    assert "was cancelled" in late["faults"][0]["message"]


def test_a_batch_may_take_cancelled_records_up_again(host, place, lab):
    host.put(place, A)
    host.delete(place)
    answer = host.post(
        f"/connectors/{lab.CONNECTOR}/batch?revive=true",
        b'{"kind": "customer", "external_id": "x1", "name": "Pier Grill"}',
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert json.loads(answer.text)["result"] == "changed"


def test_the_database_keeps_the_version_beside_the_content(host, place, world, lab):
    host.put(place, A | {"version": 5})
    with world.core.database.begin() as conn:
        connector = connector_rows.by_name(conn, lab.CONNECTOR)
        record = rows.find(conn, connector.id, Kind.CUSTOMER, "x1")
    assert (record.version, dict(record.content)) == (5, A)
