"""What is told of a connector is so: since when, how often, what a pause hides (nothing), over HTTP and by commands."""

from __future__ import annotations

from typing import Any

from acceptance_world import Json
from change_world import House, Office

from qbwc_server.simulator.report import Outcome


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
        (event["what"], event["detail"]) for event in answer["events"] if "connector error" in event["what"]
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


def test_a_wrong_first_password_is_told_as_such_once_and_not_as_a_connector_to_be_installed(
    house: House,
) -> None:
    office = house.office()
    guess(office, 3)
    (error,) = open_errors(office)
    assert (error["cause"], error["times"], error["address"]) == ("bad_credentials", 3, "127.0.0.1")
    assert error["opened_at"] < error["last_at"]
    assert office.call("GET", f"errors/{error['id']}") == (200, error)
    told = health(office)
    assert (told["mood"], told["last_seen_at"]) == ("attention", None)
    assert told["headline"] == "The Web Connector came with a wrong password."
    assert told["connector_errors"] == [error]
    assert "3 times" in told["findings"][0]["text"]
    assert not any("never called" in item["text"] for item in told["findings"])
    listed, shown, found = told_by_commands(house, office)
    assert (listed["mood"], shown["headline"]) == ("attention", told["headline"])
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


def test_a_pause_hides_neither_a_wrong_password_nor_a_blocked_record(house: House, office: Office) -> None:
    office.customer("d", email="")
    assert office.view("customers/d")["state"] == "blocked"
    house.command("connector", "pause", office.name)
    told = health(office)
    assert (told["mood"], told["paused"]) == ("attention", True)
    assert told["headline"] == (
        "1 blocked record needs somebody's help. Also paused by staff; 0 records wait."
    )
    guess(office, 1)
    told = health(office)
    assert (told["mood"], told["paused"]) == ("attention", True)
    assert told["headline"].startswith("The Web Connector came with a wrong password. Also paused by staff")
    listed, shown, _ = told_by_commands(house, office)
    assert (listed["mood"], listed["paused"], shown["headline"]) == ("attention", True, told["headline"])
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
