"""What a connector's rules compare is told to QuickBooks, read from it, and set at every door."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds.change_world import House, Office


@pytest.fixture
def office(house: House) -> Office:
    return house.office()


def test_account_numbers_and_bar_codes_go_to_quickbooks_and_come_back_with_its_lists(office: Office) -> None:
    office.customer(account_number="K-17")
    office.vendor(account_number="4711")
    office.item(barcode="4006381333931")
    office.company.person.add("Customer", {"Name": "By hand", "AccountNumber": "K-18"})
    office.visit()
    assert office.there("customers/c")["AccountNumber"] == "K-17"
    assert office.there("vendors/v")["AccountNumber"] == "4711"
    assert office.there("items/i")["BarCodeValue"] == "4006381333931"
    office.refresh()
    cached = {
        entry["full_name"]: entry["account_number"] or entry["barcode"]
        for name in ("customers", "vendors", "items")
        for entry in office.call("GET", f"quickbooks/{name}")[1]["entries"]
    }
    ours = {"Harbour": "K-17", "By hand": "K-18", "Boats": "4711", "Oysters": "4006381333931"}
    assert {name: number for name, number in cached.items() if number is not None} == ours


def test_a_changed_and_a_dropped_bar_code_reach_quickbooks(office: Office) -> None:
    office.item(barcode="1111")
    office.visit()
    office.item(barcode="2222")
    office.visit()
    office.synced("items/i")
    assert office.there("items/i")["BarCodeValue"] == "2222"
    office.item(price="10.00")
    office.visit()
    office.synced("items/i")
    assert office.there("items/i").get("BarCodeValue") is None


def test_the_rules_are_set_by_command_and_by_the_host(office: Office) -> None:
    office.house.command("connector", "set", office.name, "match_items_by=name,part_number")
    settings = office.call("GET", "settings")[1]
    assert settings["match_items_by"] == ["name", "part_number"]
    assert office.call("PATCH", "settings", {"match_vendors_by": ["account_number"]})[0] == 200
    status, answer = office.call("PATCH", "settings", {"match_vendors_by": ["email", "email"]})
    assert (status, [fault["pointer"] for fault in answer["faults"]]) == (422, ["/match_vendors_by"])


def test_a_file_of_links_decides_what_records_are_and_their_invoices_go_there(
    office: Office, tmp_path: Path
) -> None:
    office.company.person.add("Customer", {"Name": "Known otherwise", "AccountNumber": "K-9"})
    assert office.call("PATCH", "settings", {"create_customers": False})[0] == 200
    office.customer(name="Ours", email="nowhere@x.example")
    office.item()
    office.invoice()
    office.visit()
    assert office.blocked("customers/c")["cause"] == "customer_not_matched"
    file = tmp_path / "links.csv"
    file.write_text("kind,external_id,account_number\ncustomer,c,K-9\n", encoding="utf-8")
    done = office.house.command("link", "--from", str(file), "--connector", office.name)
    assert (done["linked"], done["faulty"]) == (1, 0)
    office.visit()
    office.synced("invoices/inv")
    assert office.there("invoices/inv")["CustomerRef"]["FullName"] == "Known otherwise"
    assert "CustomerAdd" not in "".join(office.written())
