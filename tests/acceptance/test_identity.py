"""Who is who: one entry of QuickBooks is one record's, families keep to themselves, every address of a field counts.

Over HTTP, judged from the company file.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.acceptance_world import Json
from tests.worlds.change_world import House, Office

AP = "ap@chain.example"


@pytest.fixture
def office(house: House) -> Office:
    """Item ``i`` in QuickBooks."""
    made = house.office()
    made.item()
    made.visit()
    return made


def names(office: Office, kind: str = "Customer") -> set[str]:
    return {each["FullName"] for each in office.company.records(kind)}


def billed(office: Office, external_id: str = "inv") -> str:
    """The full name of the customer an invoice was posted to."""
    customer = office.there(f"invoices/{external_id}")["CustomerRef"]["ListID"]
    return str(office.company.find("Customer", ListID=customer)["FullName"])


def enter(office: Office, name: str, kind: str = "Customer", **fields: Any) -> str:
    """A person enters a list record; its ListID."""
    return office.company.person.add(kind, {"Name": name, **fields})


def line(**item: str) -> Json:
    return {"item": item, "quantity": "1", "rate": "2"}


class TestOneEntryIsOneRecords:
    @pytest.mark.parametrize("kind", ["customers", "vendors"])
    @pytest.mark.parametrize("in_one_batch", [True, False])
    def test_a_second_record_with_the_same_email_does_not_become_the_first(
        self, office: Office, kind: str, in_one_batch: bool
    ) -> None:
        office.put(f"{kind}/a", name="Store A", email=AP)
        if not in_one_batch:
            office.visit()
        office.put(f"{kind}/b", name="Store B", email=AP)
        office.visit()
        error = office.blocked(f"{kind}/b")
        assert error["cause"] == "already_linked"
        assert f"{kind[:-1]} a is already" in error["message"]
        office.synced(f"{kind}/a")
        office.put(f"{kind}/b", name="Store Bee", email=AP, phone="555")
        office.visit()
        assert office.there(f"{kind}/a")["Name"] == "Store A"
        assert "Phone" not in office.there(f"{kind}/a")
        office.put(f"{kind}/b", name="Store B", email="b@chain.example")
        office.visit()
        assert office.synced(f"{kind}/b")["list_id"] != office.synced(f"{kind}/a")["list_id"]

    @pytest.mark.parametrize("way_out", ["unlink", "relink", "another email"])
    def test_it_goes_on_when_the_other_lets_go(self, office: Office, way_out: str) -> None:
        list_id = enter(office, "Chain", Email=AP)
        other = enter(office, "Other", Email="o@chain.example")
        office.refresh()
        office.put("customers/a", name="A", email=AP)
        office.put("customers/b", name="B", email=AP)
        assert office.blocked("customers/b")["cause_key"] == f"list_id:{list_id}"
        match way_out:
            case "unlink":
                office.put("customers/a", name="A", email="a@chain.example")
                assert office.call("DELETE", "links/customers/a")[0] == 200
            case "relink":
                assert office.call("PUT", "links/customers/a", {"list_id": other})[0] == 200
            case _:
                office.company.person.edit("Customer", list_id, {"Email": "gone@chain.example"})
                office.refresh()
        if way_out == "another email":
            office.visit()
            assert office.synced("customers/b")["list_id"] not in (list_id, other)
        else:
            assert office.synced("customers/b")["list_id"] == list_id

    def test_a_record_that_is_handed_over_again_does_not_take_back_what_is_anothers_by_now(
        self, office: Office
    ) -> None:
        list_id = enter(office, "Chain", Email=AP)
        office.refresh()
        office.put("customers/a", name="A", email=AP)
        office.company.person.deactivate("Customer", list_id)
        office.refresh()
        error = str(office.blocked("customers/a")["id"])
        office.house.command("errors", "dismiss", error, "--note", "retired")
        office.company.person.reactivate("Customer", list_id)
        office.refresh()
        office.put("customers/b", name="B", email=AP)
        assert office.synced("customers/b")["list_id"] == list_id
        office.put("customers/a?revive=true", name="A again", email="a@chain.example")
        assert office.blocked("customers/a")["cause"] == "already_linked"
        office.visit()
        assert office.company.find("Customer", ListID=list_id)["Name"] == "Chain"
        office.put("customers/b", name="B", email="b@chain.example")
        assert office.call("DELETE", "links/customers/b")[0] == 200
        office.visit()
        view = office.view("customers/a")
        assert view["list_id"] == list_id
        # to be renamed; but the name it has there was given by a person
        assert [each["cause"] for each in view["errors"]] == ["changed_in_quickbooks"]

    def test_the_second_of_two_that_are_the_same_can_be_cancelled(self, office: Office) -> None:
        enter(office, "Chain", Email=AP)
        office.refresh()
        office.put("customers/a", name="A", email=AP)
        office.put("customers/b", name="B", email=AP)
        assert office.call("DELETE", "customers/b")[0] == 200
        assert office.view("customers/b")["state"] == "cancelled"

    def test_an_invoice_found_by_its_number_that_another_record_has_is_not_taken_twice(
        self, office: Office
    ) -> None:
        office.customer()
        office.invoice("one")
        office.visit()
        txn_id = office.synced("invoices/one")["txn_id"]
        status, answer = office.call("PUT", "links/invoices/two", {"txn_id": txn_id})
        assert status == 404, answer
        office.invoice("two", ref_number="SO-2")
        status, answer = office.call("PUT", "links/invoices/two", {"txn_id": txn_id})
        assert status == 409
        assert "Invoice one" in str(answer)

    def test_skus_that_differ_in_case_are_two_items_when_both_exist(self, office: Office) -> None:
        for batch in (("DUP", "dup"), ("Tri", "TRI")):
            for sku in batch:
                office.item(sku, sku=sku, name=f"Item {sku} {batch.index(sku)}")
        office.visit()
        skus = [each.get("ManufacturerPartNumber") for each in office.company.records("Item")]
        assert {"OYS", "DUP", "dup", "Tri", "TRI"} == {*skus} - {None}
        assert office.synced("items/DUP")["list_id"] != office.synced("items/dup")["list_id"]
        office.put("items/DUP", sku="DUP", name="Item DUP 0", price="77")
        office.visit()
        assert office.there("items/dup")["SalesOrPurchase"]["Price"] == "9.50"

    def test_an_item_written_in_another_case_is_still_found(self, office: Office) -> None:
        list_id = office.company.person.add(
            "ItemNonInventory",
            {
                "Name": "Clams",
                "ManufacturerPartNumber": "CLM-1",
                "SalesOrPurchase": {"Price": "1.00", "AccountRef": "Sales"},
            },
        )
        office.refresh()
        office.item("c", sku="clm-1", name="Clams of ours")
        assert office.synced("items/c")["list_id"] == list_id


class TestFamilies:
    def test_a_job_with_its_parents_address_becomes_a_job_below_it(self, office: Office) -> None:
        enter(office, "Quay Café", Email="ap@quay.example", Phone="1")
        office.refresh()
        office.customer("j", name="Refit", parent="Quay Café", email="ap@quay.example")
        office.customer("k", name="Repaint", parent="Quay Café", email="ap@quay.example")
        office.invoice(customer={"external_id": "j"})
        office.visit()
        assert {"Quay Café:Refit", "Quay Café:Repaint"} <= names(office)
        assert billed(office) == "Quay Café:Refit"
        office.customer("j", name="Refit", parent="Quay Café", email="ap@quay.example", phone="2")
        office.visit()
        assert office.there("customers/j")["Phone"] == "2"
        assert office.company.find("Customer", FullName="Quay Café")["Phone"] == "1"

    def test_of_head_and_jobs_with_one_address_the_address_means_the_head(self, office: Office) -> None:
        office.customer("head", name="Chain Co", email=AP)
        office.customer("st1", name="Store 1", parent={"external_id": "head"}, email=AP)
        office.customer("st2", name="Store 2", parent={"email": AP}, email=AP)
        office.invoice(customer={"email": AP})
        office.visit()
        assert {"Chain Co", "Chain Co:Store 1", "Chain Co:Store 2"} <= names(office)
        assert billed(office) == "Chain Co"
        office.customer("st3", name="Store 3", parent={"external_id": "head"}, email=AP)
        office.invoice("late", ref_number="SO-2", customer={"email": AP})
        office.visit()
        assert billed(office, "late") == "Chain Co"

    def test_a_name_is_taken_only_below_the_same_parent(self, office: Office) -> None:
        enter(office, "Cash Customer")
        enter(office, "7 Seas Provisioning", Email="7@seas.example")
        office.refresh()
        office.customer("j", name="Cash Customer", parent="7 Seas Provisioning", email="x@y.example")
        office.visit()
        assert office.there("customers/j")["FullName"] == "7 Seas Provisioning:Cash Customer"

    def test_a_job_that_is_there_is_known_by_its_name_before_anything_is_sent(self, office: Office) -> None:
        parent = enter(office, "7 Seas", Email="7@seas.example")
        job = enter(office, "Refit", ParentRef={"ListID": parent})
        office.refresh()
        office.customer("p", name="Seven Seas", email="7@seas.example")
        office.put("customers/j", name="refit", parent={"external_id": "p"})
        view = office.synced("customers/j")
        assert (view["list_id"], view["matched_by"]) == (job, "name")
        office.put("customers/k", name="Refit", parent={"list_id": parent})
        assert office.blocked("customers/k")["cause"] == "already_linked"

    def test_a_job_needs_no_address_of_its_own(self, office: Office) -> None:
        office.customer("p", name="7 Seas", email="7@seas.example")
        office.put("customers/j", name="Refit", parent={"external_id": "p"})
        office.visit()
        assert office.there("customers/j")["FullName"] == "7 Seas:Refit"

    def test_a_job_renamed_in_quickbooks_is_known_by_an_address_that_it_alone_has(
        self, office: Office
    ) -> None:
        parent = enter(office, "7 Seas", Email="7@seas.example")
        job = enter(office, "Refit of 2026", ParentRef={"ListID": parent}, Email="refit@seas.example")
        office.refresh()
        office.customer("j", name="Refit", parent={"email": "7@seas.example"}, email="refit@seas.example")
        assert office.synced("customers/j")["list_id"] == job

    def test_a_record_without_a_parent_is_never_a_job(self, office: Office) -> None:
        parent = enter(office, "7 Seas", Email="7@seas.example")
        enter(office, "Refit", ParentRef={"ListID": parent}, Email="refit@seas.example")
        office.refresh()
        office.customer("r", name="Refit Ltd", email="refit@seas.example")
        office.visit()
        assert "Refit Ltd" in names(office)

    def test_a_family_is_known_whatever_order_it_is_handed_over_in(self, office: Office) -> None:
        office.customer("leaf", name="Deck", parent={"external_id": "job"}, email=AP)
        office.customer("job", name="Refit", parent={"external_id": "head"}, email=AP)
        office.invoice(customer="Chain Co:Refit:Deck")
        office.customer("head", name="Chain Co", email=AP)
        office.visit()
        assert billed(office) == "Chain Co:Refit:Deck"

    def test_records_that_stand_below_each_other_are_told_so(self, office: Office) -> None:
        office.put("customers/a", name="A", parent={"external_id": "b"})
        office.put("customers/b", name="B", parent={"external_id": "a"})
        office.put("customers/c", name="C", parent={"external_id": "c"})
        office.visit()
        for name in "abc":
            view = office.view(f"customers/{name}")
            assert "below itself" in str(view["errors"]), view
        office.put("customers/a", name="A", email="a@x.example")
        office.visit()
        office.synced("customers/a")
        assert office.there("customers/b")["FullName"] == "A:B"

    def test_what_stands_below_follows_when_its_parent_is_renamed_by_us(self, office: Office) -> None:
        office.customer("p", name="Old", email="7@seas.example")
        office.put("customers/j", name="Refit", parent={"external_id": "p"})
        office.visit()
        office.customer("p", name="New", email="7@seas.example")
        office.invoice(customer="New:Refit")
        office.visit()
        assert billed(office) == "New:Refit"

    def test_sub_items_are_matched_below_their_parent(self, office: Office) -> None:
        office.item("fish", sku="FISH", name="Fish")
        bought: Json = {
            "cost": "1",
            "expense_account": "Cost of Goods Sold",
            "pref_vendor": {"external_id": "v"},
        }
        office.item("cod", sku="COD", name="Cod", parent={"sku": "FISH"}, **bought)
        office.vendor("v", name="Boats", email="b@x.example")
        office.visit()
        there = office.there("items/cod")
        assert there["FullName"] == "Fish:Cod"
        vendor = there["SalesAndPurchase"]["PrefVendorRef"]["ListID"]
        assert vendor == office.synced("vendors/v")["list_id"]


class TestWhatIsNamed:
    @pytest.mark.parametrize(
        "reference",
        [{"external_id": "c"}, {"email": "second@x.example"}, {"full_name": "harbour"}, "Harbour"],
        ids=str,
    )
    def test_purchase_orders_name_customers_in_every_way(self, office: Office, reference: Any) -> None:
        office.vendor()
        order = {
            "ref_number": "PO-1",
            "vendor": {"external_id": "v"},
            "ship_to_entity": reference,
            "lines": [{"item": {"external_id": "i"}, "quantity": "1", "rate": "2", "customer": reference}],
        }
        office.put("purchase-orders/po", **order)
        office.customer(email="h@x.example; second@x.example")
        office.visit()
        there, customer = office.there("purchase-orders/po"), office.synced("customers/c")["list_id"]
        assert there["lines"][0]["CustomerRef"]["ListID"] == customer
        assert there["ShipToEntityRef"]["ListID"] == customer
        office.put("purchase-orders/po", **order, memo="again")
        office.visit()
        office.synced("purchase-orders/po")

    def test_what_is_named_by_its_full_name_in_the_same_batch_is_waited_for(self, office: Office) -> None:
        office.invoice(customer="Bar Co", lines=[line(full_name="Foo item")])
        assert office.view("invoices/inv")["state"] == "blocked"
        office.customer("bar", name="Bar Co", email="bar@bar.example")
        office.item("foo", sku="FOO", name="Foo item")
        assert office.view("invoices/inv")["state"] == "queued"
        office.visit()
        assert billed(office) == "Bar Co"

    def test_a_name_our_own_change_gives_up_is_free_at_once(self, office: Office) -> None:
        office.customer("a", name="Old name", email="a@x.example")
        office.visit()
        office.customer("b", name="Old name", email="b@x.example")
        assert office.blocked("customers/b")["cause"] == "name_in_use"
        office.customer("a", name="New name", email="a@x.example")
        office.visit()
        office.synced("customers/b")
        assert {"Old name", "New name"} <= names(office)

    def test_a_name_our_own_change_gives_is_found_at_once(self, office: Office) -> None:
        office.customer("a", name="Old name", email="a@x.example")
        office.visit()
        office.invoice(customer="New name")
        office.blocked("invoices/inv")
        office.customer("a", name="New name", email="a@x.example")
        office.visit()
        assert billed(office) == "New name"

    def test_any_of_the_hosts_addresses_matches(self, office: Office) -> None:
        list_id = enter(office, "Eins", Email="Lucia Rossi <lucia@x.example>")
        office.refresh()
        office.customer(name="Zwei", email="office@x.example, lucia@x.example")
        assert office.synced("customers/c")["list_id"] == list_id

    def test_any_address_of_a_record_on_its_way_is_waited_for(self, office: Office) -> None:
        office.invoice(customer={"email": "b@x.example"})
        office.customer(name="Both", email="Ann <a@x.example>; b@x.example")
        office.invoice("other", ref_number="SO-2", customer={"email": "Ann Smith <a@x.example>"})
        office.visit()
        assert billed(office) == billed(office, "other") == "Both"

    def test_addresses_of_two_entries_are_a_question(self, office: Office) -> None:
        for name in "ab":
            enter(office, name, Email=f"{name}@x.example")
        office.refresh()
        office.customer(name="C", email="a@x.example, b@x.example")
        errors = office.view("customers/c")["errors"]
        assert {each["sub_reason"] for each in errors} == {"several"}
        assert {each["cause_key"] for each in errors} == {"email:a@x.example", "email:b@x.example"}
