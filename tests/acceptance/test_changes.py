"""Changes say what they do: what QuickBooks can be told reaches it, what it cannot be told stands on the record with
its remedy, and nothing is called synced over a difference in silence. Over HTTP, judged from the company file."""

from __future__ import annotations

from typing import Any

import pytest

from qbwc_server.simulator.web_connector.report import Outcome
from tests.worlds.change_world import Office

COST = {"cost": "4.00", "purchase_desc": "Bought", "expense_account": "Cost of Goods Sold"}


class TestSidesOfAnItem:
    """An item is changed as what it is in QuickBooks, whatever the host gives."""

    def test_the_price_goes_though_the_cost_cannot(self, office: Office) -> None:
        office.item(price="10.50", **COST)
        office.visit()
        warnings = office.synced("items/i")["warnings"]
        assert [each.partition(":")[0] for each in warnings] == ["purchase_desc", "cost", "expense_account"]
        assert all(
            "used in assemblies or is purchased for a specific customer:job" in each for each in warnings
        )
        there = office.there("items/i")
        assert there["SalesOrPurchase"]["Price"] == "10.50"
        assert "SalesAndPurchase" not in there

    def test_a_cost_alone_writes_nothing_and_is_told_for_as_long_as_it_is_so(self, office: Office) -> None:
        before = office.written()
        office.item(cost="4.00")
        office.visit()
        assert len(office.synced("items/i")["warnings"]) == 1
        assert office.written() == before
        office.item(cost="4.00", desc="Fresh")
        office.visit()
        assert [each.partition(":")[0] for each in office.synced("items/i")["warnings"]] == ["cost"]
        assert office.there("items/i")["SalesOrPurchase"]["Desc"] == "Fresh"

    def test_the_remedy_works(self, office: Office) -> None:
        office.item(**COST)
        office.visit()
        both = {
            "SalesPrice": "9.50",
            "IncomeAccountRef": "Sales",
            "ExpenseAccountRef": "Cost of Goods Sold",
        }
        office.company.person.edit(
            "ItemNonInventory", office.view("items/i")["list_id"], {"SalesAndPurchase": both}
        )
        office.refresh()
        office.item(price="10.50", **COST)
        office.visit()
        assert office.synced("items/i")["warnings"] == []
        there = office.there("items/i")["SalesAndPurchase"]
        assert (there["SalesPrice"], there["PurchaseCost"], there["PurchaseDesc"]) == (
            "10.50",
            "4.00",
            "Bought",
        )

    @pytest.mark.parametrize("refreshed", [True, False])
    def test_an_item_that_a_person_made_two_sided_gets_its_new_price(
        self, office: Office, refreshed: bool
    ) -> None:
        both = {
            "SalesPrice": "9.50",
            "IncomeAccountRef": "Sales",
            "PurchaseCost": "3.00",
            "ExpenseAccountRef": "Cost of Goods Sold",
        }
        office.company.person.edit(
            "ItemNonInventory", office.view("items/i")["list_id"], {"SalesAndPurchase": both}
        )
        if refreshed:
            office.refresh()
        office.item(price="11.00")
        office.visit()
        assert office.synced("items/i")["warnings"] == []
        there = office.there("items/i")["SalesAndPurchase"]
        assert (there["SalesPrice"], there["PurchaseCost"]) == ("11.00", "3.00")

    @pytest.mark.parametrize("kind", ["ItemService", "ItemNonInventory", "ItemOtherCharge"])
    def test_a_two_sided_item_of_quickbooks_gets_the_price_of_a_host_that_knows_no_cost(
        self, office: Office, kind: str
    ) -> None:
        both = {
            "SalesPrice": "1.00",
            "IncomeAccountRef": "Sales",
            "PurchaseCost": "0.50",
            "ExpenseAccountRef": "Cost of Goods Sold",
        }
        office.company.person.add(kind, {"Name": "Ice", "SalesAndPurchase": both})
        office.refresh()
        types = {
            "ItemService": "service",
            "ItemNonInventory": "non_inventory",
            "ItemOtherCharge": "other_charge",
        }
        given = {"name": "Ice", "sku": None, "type": types[kind]}
        list_id = office.company.find(kind, Name="Ice")["ListID"]
        if kind == "ItemNonInventory":
            given["sku"] = "ICE"
            office.company.person.edit(kind, list_id, {"ManufacturerPartNumber": "ICE"})
            office.refresh()
        given = {name: value for name, value in given.items() if value is not None}
        office.put("items/ice", **given, price="1.00")
        office.visit()
        assert office.synced("items/ice")["list_id"] == list_id
        office.put("items/ice", **given, price="2.00")
        office.visit()
        assert office.synced("items/ice")["warnings"] == []
        there = office.there("items/ice")["SalesAndPurchase"]
        assert (there["SalesPrice"], there["PurchaseCost"]) == ("2.00", "0.50")

    def test_a_matched_item_that_costs_something_else_in_quickbooks_gets_the_new_price(
        self, office: Office
    ) -> None:
        sold = {"Price": "3.00", "AccountRef": "Sales"}
        entry = {"Name": "Ice", "ManufacturerPartNumber": "ICE", "SalesOrPurchase": sold}
        office.company.person.add("ItemNonInventory", entry)
        office.refresh()
        office.put("items/ice", sku="ICE", name="Ice", price="1.00")
        office.visit()
        office.put("items/ice", sku="ICE", name="Ice", price="2.00")
        office.visit()
        assert office.synced("items/ice")["warnings"] == []
        assert office.there("items/ice")["SalesOrPurchase"]["Price"] == "2.00"

    def test_a_cost_that_is_gone_stays_with_a_warning_and_the_price_goes(self, office: Office) -> None:
        office.item("t", sku="T", name="Two", **COST)
        office.visit()
        office.item("t", sku="T", name="Two", price="12.00")
        office.visit()
        warnings = office.synced("items/t")["warnings"]
        assert any(
            each.startswith("cost: stays “4.00” in QuickBooks.") and "hand over 0" in each
            for each in warnings
        )
        there = office.there("items/t")["SalesAndPurchase"]
        assert (there["SalesPrice"], there["PurchaseCost"]) == ("12.00", "4.00")
        assert "PurchaseDesc" not in there
        office.item("t", sku="T", name="Two", price="12.00", cost="0")
        office.visit()
        assert office.there("items/t")["SalesAndPurchase"]["PurchaseCost"] == "0.00"

    def test_another_type_is_told(self, office: Office) -> None:
        office.item(type="service", price="10.00")
        office.visit()
        (warning,) = office.synced("items/i")["warnings"]
        assert warning.startswith("type: “service” was not sent to QuickBooks")
        assert office.there("items/i")["SalesOrPurchase"]["Price"] == "10.00"


class TestRetiredAndTakenBack:
    @pytest.mark.parametrize("word", [{"is_active": True}, {}], ids=["said", "left out"])
    @pytest.mark.parametrize("path", ["customers/c", "vendors/v", "items/i"])
    def test_what_the_host_retired_it_may_take_back(
        self, office: Office, path: str, word: dict[str, bool]
    ) -> None:
        hand_over = {"customers/c": office.customer, "vendors/v": office.vendor, "items/i": office.item}[path]
        hand_over(is_active=False)
        office.visit()
        assert office.there(path)["IsActive"] == "false"
        hand_over(**word)
        office.visit()
        assert office.synced(path)["warnings"] == []
        assert office.there(path)["IsActive"] == "true"

    def test_documents_behind_it_are_released(self, office: Office) -> None:
        office.customer(is_active=False)
        office.item(is_active=False)
        office.visit()
        office.invoice()
        office.visit()
        assert office.view("invoices/inv")["state"] == "blocked"
        office.customer(is_active=True)
        office.item(is_active=True)
        office.visit()
        office.synced("invoices/inv")
        assert office.there("invoices/inv")["Subtotal"] == "19.00"

    def test_what_a_person_retired_blocks_as_before(self, office: Office) -> None:
        office.company.person.deactivate("Customer", office.view("customers/c")["list_id"])
        office.refresh()
        office.customer(is_active=True, phone="1")
        office.visit()
        assert office.blocked("customers/c")["cause"] == "record_inactive"
        assert office.there("customers/c")["IsActive"] == "false"

    def test_what_the_host_retired_and_a_person_deleted_stays_blocked(self, office: Office) -> None:
        office.customer(is_active=False)
        office.visit()
        office.company.person.delete("Customer", office.view("customers/c")["list_id"])
        office.refresh()
        office.customer(is_active=True)
        office.visit()
        assert office.blocked("customers/c")["cause"] == "record_deleted"


def colour(value: str) -> dict[str, object]:
    return {"data_ext": [{"owner_id": "0", "data_ext_name": "Colour", "data_ext_value": value}]}


class TestWhatOnlyACreationCarries:
    def test_a_custom_field_of_a_line_is_told_until_it_is_taken_back(self, office: Office) -> None:
        line = {"item": {"external_id": "i"}, "quantity": "2", "rate": "9.50"}
        office.invoice(lines=[{**line, **colour("red")}])
        office.visit()
        assert office.synced("invoices/inv")["warnings"] == []
        before = office.written()
        office.invoice(lines=[{**line, **colour("blue")}])
        office.visit()
        (warning,) = office.synced("invoices/inv")["warnings"]
        assert warning.startswith("lines.0.data_ext: ")
        assert "blue" in warning
        assert "still has “0, Colour, red”" in warning
        assert "enter it on that line in QuickBooks" in warning
        assert office.written() == before
        # it is told with later changes too, and no longer once QuickBooks' value is wanted again
        office.invoice(memo="m", lines=[{**line, **colour("blue")}])
        office.visit()
        assert len(office.synced("invoices/inv")["warnings"]) == 1
        assert office.there("invoices/inv")["Memo"] == "m"
        office.invoice(memo="n", lines=[{**line, **colour("red")}])
        office.visit()
        assert office.synced("invoices/inv")["warnings"] == []

    def test_a_finance_charge_and_an_opening_balance_are_told(self, office: Office) -> None:
        office.invoice()
        office.visit()
        office.invoice(is_finance_charge=True, memo="m")
        office.customer(open_balance="5.00", phone="1")
        office.visit()
        assert [each.partition(":")[0] for each in office.synced("invoices/inv")["warnings"]] == [
            "is_finance_charge"
        ]
        assert [each.partition(":")[0] for each in office.synced("customers/c")["warnings"]] == [
            "open_balance"
        ]
        assert (office.there("invoices/inv")["Memo"], office.there("customers/c")["Phone"]) == ("m", "1")

    def test_contacts_that_only_quickbooks_can_name_hold_up_nothing(self, office: Office) -> None:
        contact = {"first_name": "Ann", "last_name": "Smith"}
        office.customer("d", name="D", email="d@x.example", contacts=[contact])
        office.visit()
        office.customer(
            "d", name="D", email="d@x.example", contacts=[{**contact, "last_name": "Jones"}], phone="1"
        )
        office.visit()
        (warning,) = office.synced("customers/d")["warnings"]
        assert warning.startswith(
            "contacts: “Ann, Jones” was not sent to QuickBooks, which still has “Ann, Smith”"
        )
        assert "change it in QuickBooks" in warning
        there = office.there("customers/d")
        assert (there["Phone"], there["ContactsRet"][0]["LastName"]) == ("1", "Smith")


ADDRESS = {"addr1": "1 Pier", "city": "Kiel", "postal_code": "24103"}


class TestWhatIsGone:
    def test_an_address_is_emptied_and_the_rest_goes_out(self, office: Office) -> None:
        office.customer(phone="1", bill_address=ADDRESS, ship_address=ADDRESS)
        office.vendor(vendor_address=ADDRESS)
        office.visit()
        assert office.there("customers/c")["BillAddress"]["City"] == "Kiel"
        office.customer(phone="2")
        office.vendor(phone="3")
        office.visit()
        there = office.there("customers/c")
        assert office.synced("customers/c")["warnings"] == []
        assert ("BillAddress" in there, "ShipAddress" in there, there["Phone"]) == (False, False, "2")
        there = office.there("vendors/v")
        assert ("VendorAddress" in there, there["Phone"]) == (False, "3")

    def test_what_a_line_has_lost_is_emptied(self, office: Office) -> None:
        office.company.person.add("Class", {"Name": "Wholesale"})
        office.refresh()
        line = {"item": {"external_id": "i"}, "rate": "9.50"}
        full = {
            "class": "Wholesale",
            "service_date": "2026-11-19",
            "quantity": "2",
            "desc": "Fresh",
            "other1": "a",
        }
        office.invoice(lines=[{**line, **full}, line])
        office.visit()
        there = office.there("invoices/inv")["lines"][0]
        assert (there["ClassRef"]["FullName"], there["ServiceDate"]) == ("Wholesale", "2026-11-19")
        office.invoice(lines=[line, line])
        office.visit()
        assert office.synced("invoices/inv")["warnings"] == []
        there = office.there("invoices/inv")["lines"][0]
        left = {"ClassRef", "ServiceDate", "Quantity", "Desc", "Other1"} & set(there)
        assert (left, there["Amount"]) == (set(), "9.50")

    def test_a_tax_code_that_is_gone_is_emptied(self, office: Office) -> None:
        line = {"item": {"external_id": "i"}, "quantity": "2", "rate": "9.50"}
        office.invoice(lines=[{**line, "sales_tax_code": "Non"}])
        office.visit()
        assert office.there("invoices/inv")["lines"][0]["SalesTaxCodeRef"]["FullName"] == "Non"
        office.invoice(lines=[line])
        office.visit()
        office.synced("invoices/inv")
        assert "SalesTaxCodeRef" not in office.there("invoices/inv")["lines"][0]

    def test_a_line_without_its_price_is_priced_anew_by_quickbooks(self, office: Office) -> None:
        office.invoice(lines=[{"item": {"external_id": "i"}, "quantity": "2", "rate": "5.00"}])
        office.visit()
        assert office.there("invoices/inv")["Subtotal"] == "10.00"
        office.invoice(lines=[{"item": {"external_id": "i"}, "quantity": "2"}])
        office.visit()
        office.synced("invoices/inv")
        (there,) = office.there("invoices/inv")["lines"]
        assert (there["Rate"], there["Amount"]) == ("9.50", "19.00")

    def test_an_amount_in_place_of_a_rate_is_what_counts(self, office: Office) -> None:
        office.invoice(lines=[{"item": {"external_id": "i"}, "quantity": "2", "rate": "5.00"}])
        office.visit()
        office.invoice(lines=[{"item": {"external_id": "i"}, "quantity": "2", "amount": "30.00"}])
        office.visit()
        assert office.synced("invoices/inv")["warnings"] == []
        (there,) = office.there("invoices/inv")["lines"]
        assert (there["Rate"], there["Amount"]) == ("15.00", "30.00")

    def test_a_price_of_an_item_that_is_gone_is_told(self, office: Office) -> None:
        office.put("items/i", sku="OYS", name="Oysters", desc="Fresh")
        office.visit()
        (warning,) = office.synced("items/i")["warnings"]
        assert warning.startswith("price: stays “9.50” in QuickBooks.")
        assert office.there("items/i")["SalesOrPurchase"] | {"AccountRef": None} == {
            "Desc": "Fresh",
            "Price": "9.50",
            "AccountRef": None,
        }


class TestTheAnswerIsBelievedNotTheRequest:
    """Whatever QuickBooks makes of a change, the record does not say more than is there."""

    def test_what_quickbooks_keeps_otherwise_is_told(self, office: Office) -> None:
        office.customer(terms="Net 30")
        office.visit()
        # QuickBooks as it might be: it puts every number into its own form, and keeps its terms
        real = office.company.lists.modify

        def stubborn(kind, list_id, changes):
            changes = {name: value for name, value in changes.items() if name != "TermsRef"}
            return real(kind, list_id, {**changes, "Phone": "555 1234"} if "Phone" in changes else changes)

        editor: Any = type(office.company.lists)
        editor.modify, former = (
            (lambda _, *given: stubborn(*given)),
            editor.modify,
        )
        try:
            office.customer(phone="5551234")
            office.visit()
        finally:
            editor.modify = former
        warnings = office.synced("customers/c")["warnings"]
        assert warnings == [
            "phone: QuickBooks has “555 1234” instead of “5551234”.",
            "terms: QuickBooks kept “Net 30”.",
        ]


class TestEveryoneSeesTheWarning:
    def test_in_the_view_and_on_the_command_line_and_it_lasts(self, office: Office) -> None:
        office.item(price="10.50", cost="4.00")
        office.visit()
        (warning,) = office.synced("items/i")["warnings"]
        assert office.house.command("get", "item", "i", "--connector", office.name)["warnings"] == [warning]
        office.company.person.edit("Customer", office.view("customers/c")["list_id"], {"JobDesc": "x"})
        office.refresh()
        assert office.visit()[-1].outcome is Outcome.NOTHING_TO_DO
        assert office.synced("items/i")["warnings"] == [warning]
