"""The connector's rules to match by, over HTTP: the first that finds anything decides, several hits are a question."""

from __future__ import annotations

import pytest

from tests.worlds.acceptance_world import Json
from tests.worlds.change_world import House, Office

PART = "ItemNonInventory"


@pytest.fixture
def office(house: House) -> Office:
    return house.office()


def rule(office: Office, **rules: str) -> None:
    given = [f"{name}={value}" for name, value in rules.items()]
    office.house.command("connector", "set", office.name, *given)


def enter(office: Office, name: str, kind: str = "Customer", **fields: object) -> str:
    if kind == PART:
        fields["SalesOrPurchase"] = {"Price": "3.00", "AccountRef": "Sales"}
    return office.company.person.add(kind, {"Name": name, **fields})


def line(sku: str) -> Json:
    return {"item": {"sku": sku}, "quantity": "1", "rate": "2"}


def added(office: Office) -> list[str]:
    return [request for request in office.written() if "ItemNonInventory" in request or "Customer" in request]


class TestItems:
    def test_a_firm_whose_items_are_named_by_sku_is_linked_by_one_setting(self, office: Office) -> None:
        ids = {f"A-{number}": enter(office, f"A-{number}", PART) for number in range(120)}
        rule(office, match_items_by="name")
        for sku in ids:
            office.item(sku, sku=sku.lower(), name=f"Oyster of {sku}")
        office.customer()
        office.invoice(lines=[line("A-7"), line("a-8")])
        office.visit()
        assert {sku: office.synced(f"items/{sku}")["list_id"] for sku in ids} == ids
        lines = office.there("invoices/inv")["lines"]
        assert [each["ItemRef"]["ListID"] for each in lines] == [ids["A-7"], ids["A-8"]]
        assert office.call("GET", "errors?state=open")[1]["errors"] == []
        assert added(office) == ["CustomerAddRq"]

    def test_the_first_rule_that_finds_one_decides(self, office: Office) -> None:
        by_code = enter(office, "Clams", PART, BarCodeValue="4006381333931")
        by_number = enter(office, "Oysters", PART, ManufacturerPartNumber="OYS-1")
        rule(office, match_items_by="barcode,part_number")
        office.item("clams", sku="OYS-1", name="C", barcode="4006381333931")
        office.item("oysters", sku="OYS-1", name="O", barcode="5555555555555")
        office.visit()
        assert office.synced("items/clams")["list_id"] == by_code
        assert office.synced("items/clams")["matched_by"] == "barcode"
        assert office.synced("items/oysters")["list_id"] == by_number

    def test_the_own_name_is_found_below_whatever_item(self, office: Office) -> None:
        fish = enter(office, "Fish", PART)
        cod = enter(office, "COD-1", PART, ParentRef={"ListID": fish})
        rule(office, match_items_by="sub_name")
        office.customer()
        office.invoice(lines=[line("cod-1")])
        office.item("cod", sku="cod-1", name="Cod of the day")
        office.visit()
        assert office.synced("items/cod")["list_id"] == cod
        assert office.there("invoices/inv")["lines"][0]["ItemRef"]["ListID"] == cod

    def test_several_hits_of_a_rule_are_a_question_and_never_passed_over(self, office: Office) -> None:
        fish, meat = enter(office, "Fish", PART), enter(office, "Meat", PART)
        for parent in (fish, meat):
            enter(office, "Day", PART, ParentRef={"ListID": parent})
        enter(office, "Other", PART, ManufacturerPartNumber="Day")
        rule(office, match_items_by="sub_name,part_number")
        office.customer()
        office.item("day", sku="Day", name="Dish of the day")
        office.invoice(lines=[line("Day")])
        office.visit()
        for path in ("items/day", "invoices/inv"):
            error = office.blocked(path)
            assert (error["cause"], error["sub_reason"]) == ("item_not_matched", "several")
            assert "“Fish:Day”, “Meat:Day”" in error["message"]
            assert "name below whatever item" in error["message"]
        other = office.company.find(PART, FullName="Meat:Day")["ListID"]
        office.company.person.rename(PART, other, "Night")
        office.refresh()
        assert office.synced("items/day")["full_name"] == "Fish:Day"
        office.synced("invoices/inv")

    def test_what_a_rule_finds_only_once_it_is_there_goes_on_then(self, office: Office) -> None:
        rule(office, match_items_by="name", create_items="false")
        office.customer()
        office.item("i", sku="A-1", name="Oysters")
        office.invoice(lines=[line("A-1"), line("B-1")])
        office.visit()
        assert office.blocked("items/i")["sub_reason"] == "creation_off"
        assert "has the name A-1" in office.blocked("items/i")["message"]
        ids = [enter(office, name, PART) for name in ("A-1", "B-1")]
        office.refresh()
        lines = office.there("invoices/inv")["lines"]
        assert [each["ItemRef"]["ListID"] for each in lines] == ids
        assert office.synced("items/i")["list_id"] == ids[0]


class TestParties:
    def test_customers_without_emails_are_known_by_their_names(self, office: Office) -> None:
        list_id = enter(office, "Harbour Fish")
        parent = enter(office, "Chain")
        enter(office, "Pier Nine", ParentRef={"ListID": parent})
        rule(office, match_customers_by="name")
        office.put("customers/h", name="harbour  fish")
        office.put("customers/p", name="Pier Nine")
        office.put("customers/twin", name="Harbour Fish", email="h@x.example")
        office.visit()
        assert office.synced("customers/h")["list_id"] == list_id
        assert office.synced("customers/h")["matched_by"] == "name"
        assert office.there("customers/p")["FullName"] == "Pier Nine"
        assert office.blocked("customers/twin")["cause"] == "already_linked"

    @pytest.mark.parametrize("kind", ["customer", "vendor"])
    def test_account_numbers_decide_before_emails(self, office: Office, kind: str) -> None:
        one = enter(office, "One", kind.capitalize(), AccountNumber="AC-1", Email="shared@x.example")
        two = enter(office, "Two", kind.capitalize(), AccountNumber="AC-2", Email="shared@x.example")
        rule(office, **{f"match_{kind}s_by": "account_number,email"})
        office.put(f"{kind}s/2", name="2", email="shared@x.example", account_number="ac-2")
        office.put(f"{kind}s/1", name="1", account_number="AC-1")
        office.put(f"{kind}s/3", name="3", email="shared@x.example", account_number="AC-3")
        office.visit()
        assert [office.synced(f"{kind}s/{each}")["list_id"] for each in "12"] == [one, two]
        assert office.blocked(f"{kind}s/3")["sub_reason"] == "several"

    def test_one_account_number_of_two_is_a_question(self, office: Office) -> None:
        for name in ("One", "Two"):
            enter(office, name, AccountNumber="AC-1")
        rule(office, match_customers_by="account_number")
        office.put("customers/c", name="C", account_number="AC-1")
        office.put("customers/none", name="None")
        office.visit()
        error = office.blocked("customers/c")
        assert (error["sub_reason"], error["cause_key"]) == ("several", "account_number:ac-1")
        assert office.blocked("customers/none")["sub_reason"] == "number_missing"
        two = office.company.find("Customer", Name="Two")["ListID"]
        office.company.person.edit("Customer", two, {"AccountNumber": "AC-2"})
        office.refresh()
        assert office.synced("customers/c")["full_name"] == "One"
