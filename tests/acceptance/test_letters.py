"""Letters: what Windows-1252 holds arrives as it was written, what is compared is what was sent, and names are found
however their dashes and quotes are typed. Over HTTP, judged from the company file."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.change_world import Office

TYPOGRAPHY = "‘Pier’ 4 – north — “Šibenik” … € ™ • Œ ½"


class TestWhatIsSent:
    def test_what_windows_1252_holds_arrives_as_it_was_written(self, office: Office) -> None:
        office.customer(name=f"Ä {TYPOGRAPHY}"[:40], notes=TYPOGRAPHY)
        office.invoice(
            memo=TYPOGRAPHY, lines=[{"item": {"external_id": "i"}, "desc": TYPOGRAPHY, "rate": "1"}]
        )
        office.visit()
        assert office.synced("customers/c")["warnings"] == []
        assert office.synced("invoices/inv")["warnings"] == []
        there = office.there("customers/c")
        assert (there["Name"], there["Notes"]) == (f"Ä {TYPOGRAPHY}"[:40], TYPOGRAPHY)
        invoice = office.there("invoices/inv")
        assert (invoice["Memo"], invoice["lines"][0]["Desc"]) == (TYPOGRAPHY, TYPOGRAPHY)

    def test_the_rest_is_mapped_where_that_is_safe_and_the_record_says_so(self, office: Office) -> None:
        office.invoice(memo="5\u2033 \u2212 Cafe\u0301\u2003ﬁsh")
        office.visit()
        assert office.there("invoices/inv")["Memo"] == '5" - Café fish'
        warnings = office.synced("invoices/inv")["warnings"]
        assert len(warnings) == 4
        assert all(each.startswith("memo: ") and "is sent as" in each for each in warnings)

    def test_what_quickbooks_cannot_hold_is_refused_by_name_and_position(self, office: Office) -> None:
        status, answer = office.call("PUT", "customers/x", {"name": "Fish 魚", "email": "x@x.example"})
        assert status == 422
        assert "'魚' (U+9B5A CJK UNIFIED IDEOGRAPH-9B5A) at position 6" in str(answer)


SPELLINGS = {
    "a dash": ("Pier 4 – north", "Pier 5 – north"),
    "line ends": ("a\r\nb", "a\r\nc"),
    "tabs": ("a\tb", "a\tc"),
    "curly quotes": ("“a”", "“b”"),
    "primes": ("5″", "6″"),
    "decomposed": ("Cafe\u0301", "Cafe\u0301s"),
    "blanks at the end": ("a  ", "b  "),
}


class TestChangesOfAPerson:
    """What a person did not change is not taken for a change, however the host writes it."""

    @pytest.mark.parametrize(("before", "after"), SPELLINGS.values(), ids=SPELLINGS.keys())
    def test_what_was_sent_is_compared_with_what_came_back(
        self, office: Office, before: str, after: str
    ) -> None:
        def everything(value: str) -> Any:
            lines = [{"item": {"external_id": "i"}, "quantity": "2", "rate": "9.50", "desc": value}]
            address = {"addr1": value, "city": "Kiel"}
            office.customer(notes=value, bill_address=address)
            office.item(desc=value)
            office.invoice(memo=value, lines=lines, bill_address=address)

        everything(before)
        office.visit()
        txn_id = office.synced("invoices/inv")["txn_id"]
        person = office.company.person
        person.edit_transaction("Invoice", txn_id, {"IsToBePrinted": "true"})
        person.edit("Customer", office.view("customers/c")["list_id"], {"JobDesc": "by hand"})
        person.edit("ItemNonInventory", office.view("items/i")["list_id"], {"ManufacturerPartNumber": "OYS"})
        everything(after)
        office.visit()
        for path in ("customers/c", "items/i", "invoices/inv"):
            office.synced(path)
        # two texts that differ where it shows: they arrived
        assert len({office.there("invoices/inv")["Memo"], office.there("customers/c")["Notes"]}) == 1
        assert office.there("invoices/inv")["Memo"] != before.strip()

    def test_a_text_written_otherwise_is_no_change_at_all(self, office: Office) -> None:
        office.invoice(memo="Café\nb")
        office.visit()
        before = office.written()
        office.invoice(memo="Cafe\u0301\r\nb  ")
        office.visit()
        office.synced("invoices/inv")
        assert office.written() == before

    def test_a_discount_of_5_is_no_change_when_quickbooks_shows_it_as_minus_5(self, office: Office) -> None:
        office.company.person.add(
            "ItemDiscount", {"Name": "Rebate", "DiscountRate": "5.00", "AccountRef": "Sales"}
        )
        office.refresh()
        rebate = {"item": {"full_name": "Rebate"}, "rate": "5.00"}
        sold = {"item": {"external_id": "i"}, "quantity": "2", "rate": "9.50"}
        office.invoice(lines=[sold, rebate])
        office.visit()
        invoice = office.there("invoices/inv")
        assert (invoice["lines"][1]["Rate"], invoice["Subtotal"]) == ("-5.00", "14.00")
        office.company.person.edit_transaction("Invoice", invoice["TxnID"], {"IsToBePrinted": "true"})
        office.invoice(lines=[{**sold, "quantity": "3"}, rebate])
        office.visit()
        office.synced("invoices/inv")
        assert office.there("invoices/inv")["Subtotal"] == "23.50"

    def test_another_discount_entered_by_a_person_is_a_change(self, office: Office) -> None:
        office.company.person.add(
            "ItemDiscount", {"Name": "Rebate", "DiscountRate": "5.00", "AccountRef": "Sales"}
        )
        office.refresh()
        rebate = {"item": {"full_name": "Rebate"}, "rate": "5.00"}
        sold = {"item": {"external_id": "i"}, "quantity": "2", "rate": "9.50"}
        office.invoice(lines=[sold, rebate])
        office.visit()
        invoice = office.there("invoices/inv")
        ids = [line["TxnLineID"] for line in invoice["lines"]]
        office.company.person.edit_transaction(
            "Invoice", invoice["TxnID"], {}, [{"TxnLineID": ids[0]}, {"TxnLineID": ids[1], "Rate": "-7.00"}]
        )
        office.invoice(lines=[{**sold, "quantity": "3"}, rebate])
        office.visit()
        message = office.blocked("invoices/inv")["message"]
        assert "line 2 rate 5.00" in message
        assert "line 2 rate -7.00" in message

    def test_a_changed_line_is_told_by_the_same_figure_on_both_sides(self, office: Office) -> None:
        office.invoice(lines=[{"item": {"external_id": "i"}, "quantity": "3", "rate": "95.00"}])
        office.visit()
        invoice = office.there("invoices/inv")
        line_id = invoice["lines"][0]["TxnLineID"]
        office.company.person.edit_transaction(
            "Invoice", invoice["TxnID"], {}, [{"TxnLineID": line_id, "Rate": "100.00"}]
        )
        office.invoice(lines=[{"item": {"external_id": "i"}, "quantity": "4", "rate": "95.00"}])
        office.visit()
        message = office.blocked("invoices/inv")["message"]
        assert "“line 1 rate 95.00”" in message
        assert "“line 1 rate 100.00”" in message
        assert "300" not in message


class TestNames:
    """Names are found and clash however their dashes, quotes and blanks are typed."""

    @pytest.mark.parametrize(
        "typed", ["Sales – Hardware", "Sales - Hardware", "Sales — Hardware", "Sales –  Hardware"]
    )
    def test_a_reference_goes_out_as_quickbooks_spells_it(self, office: Office, typed: str) -> None:
        office.company.person.add("Account", {"Name": "Sales – Hardware", "AccountType": "Income"})
        office.company.person.add("StandardTerms", {"Name": "Net 30 – “fast”"})
        office.refresh()
        office.item("e", sku="E-1", name="E", income_account=typed)
        office.customer("d", name="D", email="d@x.example", terms='Net 30 - "fast"')
        office.visit()
        office.synced("items/e")
        office.synced("customers/d")
        assert office.there("items/e")["SalesOrPurchase"]["AccountRef"]["FullName"] == "Sales – Hardware"
        assert office.there("customers/d")["TermsRef"]["FullName"] == "Net 30 – “fast”"

    def test_of_two_accounts_that_look_alike_the_one_spelt_so_is_named(self, office: Office) -> None:
        for name in ("Sales – Hardware", "Sales - Hardware"):
            office.company.person.add("Account", {"Name": name, "AccountType": "Income"})
        office.refresh()
        office.item("e", sku="E-1", name="E", income_account="Sales - Hardware")
        office.item("f", sku="F-1", name="F", income_account="Sales – Hardware")
        office.visit()
        for path, name in (("items/e", "Sales - Hardware"), ("items/f", "Sales – Hardware")):
            assert office.there(path)["SalesOrPurchase"]["AccountRef"]["FullName"] == name

    @pytest.mark.parametrize("asked", ["Fish – Co", "Fish - Co", "FISH — CO", "Fish  – Co"])
    @pytest.mark.parametrize("made", ["Fish – Co", "Fish - Co"])
    def test_a_customer_is_found_by_its_name(self, office: Office, made: str, asked: str) -> None:
        office.customer("f", name=made, email="f@x.example")
        office.visit()
        assert office.there("customers/f")["Name"] == made
        office.invoice(customer={"full_name": asked})
        office.visit()
        office.synced("invoices/inv")
        assert office.there("invoices/inv")["CustomerRef"]["FullName"] == made

    def test_a_name_that_looks_the_same_is_in_use(self, office: Office) -> None:
        office.company.person.add("Customer", {"Name": "O'Hara – Sons"})
        office.company.person.add(
            "ItemNonInventory",
            {"Name": '5" bolt', "SalesOrPurchase": {"Price": "1.00", "AccountRef": "Sales"}},
        )
        office.refresh()
        office.customer("o", name="O’Hara – Sons", email="o@x.example")
        office.item("b", sku="B", name="5″ bolt")
        office.visit()
        assert office.blocked("customers/o")["cause"] == "name_in_use"
        assert office.blocked("items/b")["cause"] == "name_in_use"
        assert [each["Name"] for each in office.company.records("Customer")].count("O’Hara – Sons") == 0

    def test_what_waits_for_a_name_is_released_however_it_is_typed(self, office: Office) -> None:
        office.invoice(customer={"full_name": "O’Hara – Sons"})
        office.visit()
        assert office.blocked("invoices/inv")["sub_reason"] == "name_unknown"
        office.company.person.add("Customer", {"Name": "O'Hara - Sons"})
        office.refresh()
        office.synced("invoices/inv")
        assert office.there("invoices/inv")["CustomerRef"]["FullName"] == "O'Hara - Sons"

    def test_an_item_is_found_by_its_part_number_however_it_is_typed(self, office: Office) -> None:
        office.item("b", sku="B–7", name="Bolt")
        office.visit()
        office.invoice(lines=[{"item": {"sku": "b-7"}, "quantity": "1", "rate": "2.00"}])
        office.visit()
        office.synced("invoices/inv")
        assert office.there("invoices/inv")["lines"][0]["ItemRef"]["FullName"] == "Bolt"
