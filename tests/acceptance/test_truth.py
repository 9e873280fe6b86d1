"""What is told of a connector is so: since when, how often, what a pause hides (nothing), over HTTP and by commands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from qbwc_server.simulator.web_connector.report import Outcome
from tests.worlds.acceptance_world import Json
from tests.worlds.change_world import House, Office


def health(office: Office) -> Json:
    status, answer = office.call("GET", "")
    assert status == 200, answer
    found: Json = answer
    return found


def open_errors(office: Office) -> list[Json]:
    status, answer = office.call("GET", "errors?state=open")
    assert status == 200, answer
    found: list[Json] = answer["errors"]
    return found


def feed(office: Office) -> list[tuple[str, str]]:
    _, answer = office.call("GET", "events")
    return [
        (event["data"]["what"], event["data"]["detail"])
        for event in answer["events"]
        if event["type"] in ("connector.error_began", "connector.error_ended")
    ]


def guess(office: Office, times: int) -> None:
    """The Web Connector comes so often with a wrong password."""
    right, office.web_connector.password = office.web_connector.password, "guessed"
    for _ in range(times):
        (report,) = office.web_connector.run(until_idle=False, max_sessions=1)
        assert report.outcome is Outcome.REFUSED
    office.web_connector.password = right


def told_by_commands(house: House, office: Office) -> tuple[Any, Any, Any]:
    """`connector list`, `connector doctor` and `errors list` of one connector."""
    (listed,) = [item for item in house.command("connector", "list") if item["name"] == office.name]
    found = house.command("errors", "list", "--connector", office.name)
    return listed, house.command("connector", "show", office.name), found


def assert_shown_alone(office: Office, error: Json) -> None:
    """Looked at alone, an error record says the same, and what may be chosen beside it."""
    status, alone = office.call("GET", f"errors/{error['id']}")
    assert status == 200
    assert {name: alone[name] for name in error} == error
    assert alone["choices"]


def test_a_wrong_first_password_is_told_as_such_once_and_not_as_a_connector_to_be_installed(
    house: House,
) -> None:
    office = house.office()
    guess(office, 3)
    (error,) = open_errors(office)
    assert (error["cause"], error["times"], error["address"]) == ("bad_credentials", 3, "127.0.0.1")
    assert error["opened_at"] < error["last_at"]
    assert_shown_alone(office, error)
    told = health(office)
    assert (told["mood"], told["last_seen_at"]) == ("stopped", None)
    assert told["headline"] == "The Web Connector came with a wrong password."
    assert told["connector_errors"] == [error]
    assert "3 times" in told["findings"][0]["text"]
    assert not any("never called" in item["text"] for item in told["findings"])
    listed, shown, found = told_by_commands(house, office)
    assert (listed["mood"], shown["headline"]) == ("stopped", told["headline"])
    assert [(item["id"], item["times"], item["address"]) for item in found] == [(error["id"], 3, "127.0.0.1")]
    assert feed(office) == [("connector error began", "bad_credentials; from 127.0.0.1")]

    office.customer()
    office.visit()
    assert open_errors(office) == []
    assert office.written() == ["CustomerAddRq"]
    (began, ended) = feed(office)
    assert began[0] == "connector error began"
    assert "3 times" in ended[1]
    assert health(office)["mood"] == "ok"
    _, closed = office.call("GET", "errors?state=closed")
    assert [(item["id"], item["times"]) for item in closed["errors"]] == [(error["id"], 3)]


def test_the_next_visit_is_expected_after_the_interval_and_a_wrong_password_stops_everything(
    house: House, office: Office
) -> None:
    told = health(office)
    seen = datetime.fromisoformat(told["last_seen_at"])
    assert datetime.fromisoformat(told["next_expected_at"]) == seen + timedelta(minutes=5)
    before = office.written()
    office.customer("waits", name="Waits", email="w@x.example")
    guess(office, 1)
    told = health(office)
    assert (told["mood"], told["counts"]["queued"]) == ("stopped", 1)
    assert office.written() == before
    office.visit()
    assert office.written() == [*before, "CustomerAddRq"]
    assert health(office)["mood"] == "ok"


def test_a_pause_hides_neither_a_wrong_password_nor_a_blocked_record(house: House, office: Office) -> None:
    office.customer("d", email="")
    assert office.view("customers/d")["state"] == "blocked"
    house.command("connector", "pause", office.name)
    told = health(office)
    assert (told["mood"], told["paused"]) == ("attention", True)
    assert told["headline"] == ("1 blocked record needs attention. Also paused by staff; 0 records wait.")
    guess(office, 1)
    told = health(office)
    assert (told["mood"], told["paused"]) == ("stopped", True)
    assert told["headline"].startswith("The Web Connector came with a wrong password. Also paused by staff")
    listed, shown, _ = told_by_commands(house, office)
    assert (listed["mood"], listed["paused"], shown["headline"]) == ("stopped", True, told["headline"])
    written = office.written()
    office.customer("e", name="Elsewhere", email="e@x.example")
    office.visit()
    assert office.written() == written
    house.command("connector", "resume", office.name)
    office.visit()
    assert office.written() == [*written, "CustomerAddRq"]


def test_another_company_file_is_one_error_record_however_often_it_is_open(office: Office) -> None:
    own = office.company.company["CompanyName"]
    office.company.company["CompanyName"] = "Sister Company"
    office.company.register(str(office.web_connector.owner_id), "{00000000-0000-0000-0000-000000000001}")
    office.invoice()
    written = office.written()
    for _ in range(3):
        office.web_connector.run(until_idle=False, max_sessions=1)
    (error,) = open_errors(office)
    assert (error["cause"], error["times"]) == ("wrong_company_file", 3)
    assert office.written() == written
    office.company.company["CompanyName"] = own
    office.company.register(str(office.web_connector.owner_id), str(office.web_connector.file_id))
    office.visit()
    assert open_errors(office) == []
    assert office.written() == [*written, "InvoiceAddRq"]


# --- as of when ---------------------------------------------------------------------------------------------


def test_what_a_person_deleted_is_synced_as_of_a_moment_before_that_until_quickbooks_is_asked(
    house: House, office: Office
) -> None:
    office.invoice()
    assert office.view("invoices/inv")["seen_at"] is None
    office.visit()
    first = office.synced("invoices/inv")["seen_at"]
    office.refresh()
    again = office.synced("invoices/inv")["seen_at"]
    assert again > first
    office.company.person.delete_transaction("Invoice", office.view("invoices/inv")["txn_id"])
    assert office.synced("invoices/inv")["seen_at"] == again
    told = house.command("get", "invoice", "inv", "--connector", office.name)
    assert told["seen_at"] == again
    office.refresh()
    assert office.blocked("invoices/inv")["cause"] == "document_deleted"
    assert office.view("invoices/inv")["seen_at"] == again
    assert office.synced("customers/c")["seen_at"] > again


# --- what the host was refused ------------------------------------------------------------------------------


def test_what_the_host_was_refused_is_told_where_it_is_missed_until_it_is_handed_over_well(
    house: House,
) -> None:
    office = house.office()
    office.item()
    office.visit()
    office.invoice("one", customer={"external_id": "c-102"})
    for _ in range(2):
        status, problem = office.call(
            "PUT", "customers/c-102", {"name": "寿司まつり", "email": "s@x.example"}
        )
        assert (status, [fault["pointer"] for fault in problem["faults"]]) == (422, ["/name"])
    office.invoice("two", ref_number="SO-2", customer={"external_id": "c-102"})
    office.visit()
    assert office.written() == ["ItemNonInventoryAddRq"]

    told = {(item["kind"], item["external_id"]): item for item in open_errors(office)}
    assert set(told) == {("customer", "c-102"), ("invoice", "one"), ("invoice", "two")}
    refused = told["customer", "c-102"]
    assert (refused["cause"], refused["actor"], refused["times"]) == ("not_accepted", "host", 2)
    assert refused["faults"] == problem["faults"]
    assert_shown_alone(office, refused)
    assert [item["id"] for item in office.call("GET", "errors?cause=not_accepted")[1]["errors"]] == [
        refused["id"]
    ]
    for number in ("one", "two"):
        error = office.blocked(f"invoices/{number}")
        assert error["message"].startswith("The customer c-102 was handed over and not accepted: name: ")
        assert told["invoice", number]["message"] == error["message"]
    status, missing = office.call("GET", "customers/c-102")
    assert (status, "handed over and not accepted" in missing["detail"]) == (404, True)
    by_command = house.command("errors", "list", "--connector", office.name, "--who", "host")
    assert {(item["cause"], item["external_id"]) for item in by_command} >= {("not_accepted", "c-102")}
    assert house.command("errors", "show", str(refused["id"]))["faults"] == refused["faults"]
    assert health(office)["mood"] == "attention"

    office.customer("c-102", name="Sushi Matsuri", email="s@x.example")
    office.visit()
    assert open_errors(office) == []
    assert sorted(office.written()[1:]) == ["CustomerAddRq", "InvoiceAddRq", "InvoiceAddRq"]
    (customer,) = office.company.records("Customer")
    assert customer["Name"] == "Sushi Matsuri"
    assert {item["CustomerRef"]["ListID"] for item in office.company.records("Invoice")} == {
        customer["ListID"]
    }
    assert health(office)["headline"] == "Everything is in QuickBooks."


def test_a_refused_change_leaves_quickbooks_as_it_is_and_stands_on_the_record(office: Office) -> None:
    written = office.written()
    assert office.call("PUT", "customers/c", {"name": "a\0b", "email": "h@x.example"})[0] == 422
    office.visit()
    view = office.view("customers/c")
    assert (view["state"], [item["cause"] for item in view["errors"]]) == ("synced", ["not_accepted"])
    assert (view["revision"], office.written()) == (1, written)
    assert office.there("customers/c")["Name"] == "Harbour"
    office.customer(phone="2")
    office.visit()
    assert office.synced("customers/c")["revision"] == 2
    assert office.there("customers/c")["Phone"] == "2"


def test_the_refused_lines_of_a_batch_are_kept_and_hold_up_no_other(office: Office) -> None:
    lines = [
        {"kind": "customer", "external_id": "d", "name": "寿", "email": "d@x.example"},
        {"kind": "customer", "external_id": "e", "name": "Eel", "email": "e@x.example"},
        {"kind": "item", "external_id": "k", "nonsense": "\udc00"},
        {"kind": "item", "name": "without an id"},
        {"kind": "customer", "external_id": "f", "name": "寿", "email": "f@x.example"},
        {"kind": "customer", "external_id": "f", "name": "Fry", "email": "f@x.example"},
    ]
    outcomes = office.batch(lines)
    assert [item["result"] for item in outcomes] == [
        "faulty", "created", "faulty", "faulty", "faulty", "created",
    ]  # fmt: skip
    office.visit()
    assert [(item["kind"], item["external_id"]) for item in open_errors(office)] == [
        ("customer", "d"),
        ("item", "k"),
    ]
    names = {item["Name"] for item in office.company.records("Customer")}
    assert names == {"Harbour", "Eel", "Fry"}
    for path in ("customers/d", "items/k"):
        assert office.call("DELETE", path)[0] == 404
    assert open_errors(office) == []
