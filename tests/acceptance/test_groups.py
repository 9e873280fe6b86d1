"""Item groups on lines, and invoices made from sales orders. Over HTTP, judged from the company file."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.worlds.change_world import House, Office

PLATTER = {"item": "Platter", "quantity": "2"}
OYSTERS = {"item": {"external_id": "i"}, "quantity": "3", "rate": "9.50"}


@pytest.fixture
def office(house: House) -> Office:
    """Customer ``c`` and item ``i`` in QuickBooks, and a group of four oysters and a lemon, worth 39.00."""
    made = house.office()
    made.customer()
    made.item()
    made.visit()
    lemon = {"Price": "1.00", "AccountRef": "Sales"}
    made.company.person.add("ItemNonInventory", {"Name": "Lemon", "SalesOrPurchase": lemon})
    members = [{"ItemRef": "Oysters", "Quantity": "4"}, {"ItemRef": "Lemon", "Quantity": "1"}]
    made.company.person.add("ItemGroup", {"Name": "Platter", "ItemDesc": "Mixed", "ItemGroupLine": members})
    made.refresh()
    return made


def lines_of(office: Office, path: str = "invoices/inv") -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = office.there(path)["lines"]
    return lines


def ids_of(office: Office, path: str = "invoices/inv") -> list[str]:
    return [line["TxnLineID"] for line in lines_of(office, path)]


class TestGroups:
    def test_a_group_goes_out_as_a_group_and_is_opened(self, office: Office) -> None:
        office.invoice(lines=[OYSTERS, PLATTER, OYSTERS])
        office.visit()
        office.synced("invoices/inv")
        first, group, last = lines_of(office)
        assert group["ItemGroupRef"]["FullName"] == "Platter"
        assert [line["Quantity"] for line in group["lines"]] == ["8", "2"]
        assert (first["Quantity"], last["Quantity"]) == ("3", "3")
        assert Decimal(office.there("invoices/inv")["Subtotal"]) == Decimal("135.00")

    def test_a_purchase_order_takes_a_group_too(self, office: Office) -> None:
        office.vendor()
        office.put(
            "purchase-orders/po",
            ref_number="PO-1",
            vendor={"external_id": "v"},
            lines=[PLATTER, {"item": {"external_id": "i"}, "quantity": "1", "rate": "5"}],
        )
        office.visit()
        office.synced("purchase-orders/po")
        group, plain = lines_of(office, "purchase-orders/po")
        assert [line["Quantity"] for line in group["lines"]] == ["8", "2"]
        office.put(
            "purchase-orders/po",
            ref_number="PO-1",
            vendor={"external_id": "v"},
            lines=[PLATTER, {"item": {"external_id": "i"}, "quantity": "7", "rate": "5"}],
        )
        office.visit()
        office.synced("purchase-orders/po")
        kept, changed = lines_of(office, "purchase-orders/po")
        assert kept == group
        assert (changed["TxnLineID"], changed["Quantity"]) == (plain["TxnLineID"], "7")

    @pytest.mark.parametrize("field", ["rate", "amount", "class", "sales_tax_code", "other1"])
    def test_what_a_group_cannot_say_is_named(self, office: Office, field: str) -> None:
        office.invoice(lines=[OYSTERS, {**PLATTER, field: "9" if field in ("rate", "amount") else "Tax"}])
        office.visit()
        error = office.blocked("invoices/inv")
        assert (error["cause"], error["sub_reason"]) == ("invalid_field", f"lines.1.{field}")
        assert "group of items" in error["message"]
        assert office.company.records("Invoice") == []

    def test_a_description_of_a_group_is_left_out_and_the_record_says_so(self, office: Office) -> None:
        office.invoice(lines=[{**PLATTER, "desc": "for ten people"}])
        office.visit()
        (warning,) = office.synced("invoices/inv")["warnings"]
        assert "desc" in warning.casefold()
        assert lines_of(office)[0]["Desc"] == "Mixed"

    def test_a_changed_invoice_keeps_its_groups(self, office: Office) -> None:
        office.invoice(lines=[OYSTERS, PLATTER])
        office.visit()
        first, group = lines_of(office)
        more = {**OYSTERS, "quantity": "5"}
        office.invoice(lines=[more, PLATTER, {"item": "Lemon", "quantity": "1"}])
        office.visit()
        office.synced("invoices/inv")
        changed, kept, new = lines_of(office)
        assert kept == group
        assert (changed["TxnLineID"], changed["Quantity"]) == (first["TxnLineID"], "5")
        assert new["Rate"] == "1.00"

    def test_another_number_of_a_group_is_opened_anew(self, office: Office) -> None:
        office.invoice(lines=[PLATTER, OYSTERS])
        office.visit()
        before = ids_of(office)
        office.invoice(lines=[{**PLATTER, "quantity": "3"}, OYSTERS])
        office.visit()
        office.synced("invoices/inv")
        group, plain = lines_of(office)
        assert [line["Quantity"] for line in group["lines"]] == ["12", "3"]
        assert group["TxnLineID"] not in before
        assert plain["TxnLineID"] == before[1]
        assert Decimal(office.there("invoices/inv")["Subtotal"]) == Decimal("145.50")

    def test_a_group_and_a_line_change_places_of_form(self, office: Office) -> None:
        office.invoice(lines=[PLATTER, OYSTERS])
        office.visit()
        office.invoice(lines=[{"item": "Lemon", "quantity": "9"}, OYSTERS])
        office.visit()
        office.synced("invoices/inv")
        assert [line.get("Quantity") for line in lines_of(office)] == ["9", "3"]
        office.invoice(lines=[PLATTER, OYSTERS])
        office.visit()
        office.synced("invoices/inv")
        assert [("lines" in line) for line in lines_of(office)] == [True, False]

    def test_a_group_in_an_invoice_linked_by_hand_is_kept(self, office: Office) -> None:
        """What the order system calls a plain line may be a group in the document a person linked."""
        person = office.company.person
        by_hand = [{"ItemRef": "Oysters", "Quantity": "3", "Rate": "9.50"}, {"ItemGroupRef": "Platter"}]
        txn_id = person.add_transaction("Invoice", {"CustomerRef": "Harbour", "RefNumber": "SO-1"}, by_hand)
        group = office.company.find("Invoice")["lines"][1]
        platter = {"item": "Platter"}
        office.invoice(lines=[OYSTERS, platter])
        office.visit()
        assert office.call("PUT", "links/invoices/inv", {"txn_id": txn_id})[0] == 200
        office.visit()
        office.invoice(lines=[{**OYSTERS, "quantity": "4"}, platter], memo="changed")
        office.visit()
        office.synced("invoices/inv")
        changed, kept = lines_of(office)
        assert (changed["Quantity"], kept) == ("4", group)

    def test_a_line_a_person_changed_beside_a_group_is_a_question(self, office: Office) -> None:
        office.invoice(lines=[OYSTERS, PLATTER])
        office.visit()
        first, group = lines_of(office)
        lines = [
            {"TxnLineID": first["TxnLineID"], "Quantity": "30"},
            {"TxnLineID": group["TxnLineID"], "ItemGroupRef": "Platter"},
        ]
        office.company.person.edit_transaction("Invoice", office.there("invoices/inv")["TxnID"], {}, lines)
        office.invoice(lines=[{**OYSTERS, "quantity": "5"}, PLATTER])
        office.visit()
        error = office.blocked("invoices/inv")
        assert error["cause"] == "changed_in_quickbooks"
        assert "30" in error["message"]

    def test_a_group_is_not_created_by_us(self, office: Office) -> None:
        status, answer = office.call("PUT", "items/g", {"sku": "G", "name": "Set", "type": "group"})
        assert status == 422
        assert "group" in str(answer)


# --- sales orders -------------------------------------------------------------------------------------------


def sales_order(office: Office) -> tuple[str, list[str]]:
    """Ten oysters at 8.00 and a platter: its TxnID and the TxnLineIDs of its two lines."""
    lines = [{"ItemRef": "Oysters", "Quantity": "10", "Rate": "8.00"}, {"ItemGroupRef": "Platter"}]
    txn_id = office.company.person.add_transaction("SalesOrder", {"CustomerRef": "Harbour"}, lines)
    return txn_id, [line["TxnLineID"] for line in office.company.find("SalesOrder")["lines"]]


class TestSalesOrders:
    def test_an_invoice_is_made_from_a_sales_order_by_its_txn_id_alone(self, office: Office) -> None:
        txn_id, _ = sales_order(office)
        office.invoice(link_to_txn_id=[txn_id], lines=[])
        office.visit()
        office.synced("invoices/inv")
        assert office.there("invoices/inv")["Subtotal"] == "119.00"
        assert office.company.find("SalesOrder")["IsFullyInvoiced"] == "true"

    def test_its_own_lines_come_beside_those_of_the_sales_order(self, office: Office) -> None:
        txn_id, _ = sales_order(office)
        office.invoice(link_to_txn_id=[txn_id], lines=[OYSTERS])
        office.visit()
        office.synced("invoices/inv")
        assert office.there("invoices/inv")["Subtotal"] == "147.50"

    def test_a_change_keeps_the_lines_of_the_sales_order(self, office: Office) -> None:
        txn_id, _ = sales_order(office)
        office.invoice(link_to_txn_id=[txn_id], lines=[OYSTERS])
        office.visit()
        before = lines_of(office)
        office.invoice(link_to_txn_id=[txn_id], lines=[{**OYSTERS, "quantity": "5"}, PLATTER])
        office.visit()
        office.synced("invoices/inv")
        after = lines_of(office)
        assert after[:2] == before[:2]
        assert (after[2]["TxnLineID"], after[2]["Quantity"]) == (before[2]["TxnLineID"], "5")
        assert len(after) == 4
        assert office.company.find("SalesOrder")["IsFullyInvoiced"] == "true"
        office.invoice(link_to_txn_id=[txn_id], lines=[PLATTER], memo="again")
        office.visit()
        office.synced("invoices/inv")
        assert [line["TxnLineID"] for line in lines_of(office)] == [
            line["TxnLineID"] for line in (*after[:2], after[3])
        ]

    def test_a_line_is_linked_to_a_line_of_a_sales_order(self, office: Office) -> None:
        txn_id, (oysters, _) = sales_order(office)
        link = {"txn_id": txn_id, "txn_line_id": oysters}
        office.invoice(lines=[{"quantity": "4", "link_to_txn": link}, OYSTERS])
        office.visit()
        office.synced("invoices/inv")
        assert office.there("invoices/inv")["Subtotal"] == "60.50"
        assert office.company.find("SalesOrder")["lines"][0]["Invoiced"] == "4"
        office.invoice(lines=[{"quantity": "6", "link_to_txn": link}, OYSTERS])
        office.visit()
        office.synced("invoices/inv")
        assert office.company.find("SalesOrder")["lines"][0]["Invoiced"] == "6"

    def test_what_is_linked_cannot_be_added_to_an_invoice_that_is_there(self, office: Office) -> None:
        txn_id, (oysters, _) = sales_order(office)
        office.invoice()
        office.visit()
        office.invoice(lines=[OYSTERS, {"link_to_txn": {"txn_id": txn_id, "txn_line_id": oysters}}])
        office.visit()
        error = office.blocked("invoices/inv")
        assert (error["cause"], error["sub_reason"]) == ("invalid_field", "lines.1.link_to_txn")

    def test_what_quickbooks_would_never_take_is_refused_at_the_door(self, office: Office) -> None:
        link = {"txn_id": "1-1", "txn_line_id": "2-1"}
        line = {"item": "Lemon", "link_to_txn": link}
        body = {"customer": {"external_id": "c"}, "link_to_txn_id": ["1-1"], "lines": [line]}
        status, answer = office.call("PUT", "invoices/bad", body)
        assert status == 422
        assert [fault["pointer"] for fault in answer["faults"]] == [
            "/lines/0/item",
            "/lines/0/link_to_txn/txn_id",
        ]
        assert office.call("PUT", "invoices/none", {"customer": {"external_id": "c"}, "lines": []})[0] == 422

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"link_to_txn_id": ["77-1"]}, "77-1"),
            ({"set_credit": [{"credit_txn_id": "78-1", "applied_amount": "1.00"}]}, "78-1"),
        ],
    )
    def test_a_transaction_that_is_not_there_is_told_with_its_txn_id(
        self, office: Office, fields: dict[str, Any], words: str
    ) -> None:
        office.invoice(**fields)
        office.visit()
        error = office.blocked("invoices/inv")
        assert error["cause"] == "reference_missing"
        assert words in error["message"]
        assert office.company.records("Invoice") == []
