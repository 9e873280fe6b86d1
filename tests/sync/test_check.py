"""What is found before QuickBooks is asked to write anything: matches, and the causes that block a record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.handing_over import host
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import records
from tests.worlds.sync_world import World, line


def blocked(world: World, kind: Kind, external_id: str) -> dict[str, Any]:
    """The one error record of a blocked record; and no message set went out since the lists were loaded."""
    view = world.view(kind, external_id)
    assert view["state"] == "blocked", view
    (error,) = view["errors"]
    assert world.poll().texts == []
    assert world.posted() == {}
    assert world.view(kind, external_id)["errors"] == [error]
    return dict(error)


def add(world: World, kind: str, name: str, **fields: Any) -> str:
    """A person enters a list record in QuickBooks."""
    return world.company.person.add(kind, {"Name": name, **fields})


def add_item(
    world: World, name: str, sku: str | None = None, kind: str = "ItemNonInventory", **more: Any
) -> str:
    entry = {"SalesOrPurchase": {"Price": "1.00", "AccountRef": "Sales"}, **more}
    if sku is not None:
        entry["ManufacturerPartNumber"] = sku
    return add(world, kind, name, **entry)


# --- customers and vendors ----------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["ap@fish.example", " AP@Fish.Example ", "x@y.example; ap@fish.example"])
@pytest.mark.parametrize("kind", [Kind.CUSTOMER, Kind.VENDOR])
def test_a_party_with_the_same_email_is_linked_without_a_write(world: World, kind: Kind, field: str) -> None:
    list_id = add(world, kind.value.capitalize(), "Harbour Fish", Email=field)
    world.put(kind, "h", {"name": "Harbour Fish Co", "email": "Ap@Fish.example"})
    world.poll()
    view = world.view(kind, "h")
    assert (view["state"], view["list_id"], view["matched_by"]) == ("synced", list_id, "email")
    assert view["full_name"] == "Harbour Fish"
    assert view["proof"] == "cache"
    assert world.posted() == {}


def test_a_party_handed_over_after_the_lists_are_loaded_is_linked_at_once(world: World) -> None:
    list_id = add(world, "Customer", "Harbour Fish", Email="ap@fish.example")
    world.warm()
    world.put(Kind.CUSTOMER, "h", {"name": "Other name", "email": "ap@fish.example"})
    assert world.view(Kind.CUSTOMER, "h")["list_id"] == list_id
    assert world.poll().answer[1] == "none"


def test_any_of_several_emails_the_host_gives_is_enough_for_the_first_to_match(world: World) -> None:
    list_id = add(world, "Customer", "Harbour Fish", Email="ap@fish.example")
    world.warm()
    world.put(Kind.CUSTOMER, "h", {"name": "H", "email": "ap@fish.example, other@fish.example"})
    assert world.view(Kind.CUSTOMER, "h")["list_id"] == list_id


@pytest.mark.parametrize("kind", [Kind.CUSTOMER, Kind.VENDOR])
@pytest.mark.parametrize("email", [None, "", "   ", "no address"])
def test_a_party_without_email_is_blocked(world: World, kind: Kind, email: str | None) -> None:
    world.warm()
    world.put(kind, "x", {"name": "No Mail", **({} if email is None else {"email": email})})
    error = blocked(world, kind, "x")
    assert (error["cause"], error["sub_reason"]) == (f"{kind}_not_matched", "email_missing")
    assert error["cause_key"] == f"record:{kind} x"
    assert error["actor"] == "host"
    assert "email, so it cannot be matched" in error["message"]


def test_a_party_without_email_is_created_where_the_settings_allow_it(
    make_world: Callable[..., World],
) -> None:
    world = make_world(settings={"create_without_email": True})
    world.put(Kind.CUSTOMER, "x", {"name": "No Mail"})
    world.poll()
    assert world.posted() == {"No Mail": 1}
    assert world.view(Kind.CUSTOMER, "x")["matched_by"] == "created"


def test_several_customers_with_the_email_are_named_as_candidates(world: World) -> None:
    for name in ("Harbour A", "Harbour B"):
        add(world, "Customer", name, Email="ap@fish.example")
    world.warm()
    world.put(Kind.CUSTOMER, "h", {"name": "Harbour C", "email": "ap@fish.example"})
    error = blocked(world, Kind.CUSTOMER, "h")
    assert (error["cause"], error["sub_reason"]) == ("customer_not_matched", "several")
    assert error["cause_key"] == "email:ap@fish.example"
    assert "2 customers" in error["message"]
    assert "“Harbour A”, “Harbour B”" in error["message"]


def test_an_active_customer_is_preferred_to_an_inactive_one_with_the_same_email(world: World) -> None:
    old = add(world, "Customer", "Old", Email="ap@fish.example")
    new = add(world, "Customer", "New", Email="ap@fish.example")
    world.company.person.deactivate("Customer", old)
    world.warm()
    world.put(Kind.CUSTOMER, "h", {"name": "H", "email": "ap@fish.example"})
    assert world.view(Kind.CUSTOMER, "h")["list_id"] == new


def test_an_inactive_customer_with_the_email_blocks(world: World) -> None:
    list_id = add(world, "Customer", "Harbour Fish", Email="ap@fish.example")
    world.company.person.deactivate("Customer", list_id)
    world.warm()
    world.put(Kind.CUSTOMER, "h", {"name": "H", "email": "ap@fish.example"})
    error = blocked(world, Kind.CUSTOMER, "h")
    assert error["cause"] == "record_inactive"
    assert error["actor"] == "quickbooks_user"
    assert "“Harbour Fish”" in error["message"]


@pytest.mark.parametrize("holder", ["Customer", "Vendor"])
@pytest.mark.parametrize("kind", [Kind.CUSTOMER, Kind.VENDOR])
def test_a_name_that_is_taken_blocks_and_names_the_holder(world: World, kind: Kind, holder: str) -> None:
    add(world, holder, "HARBOUR fish", Email="else@fish.example")
    world.warm()
    world.put(kind, "h", {"name": "Harbour Fish", "email": "ap@fish.example"})
    error = blocked(world, kind, "h")
    assert error["cause"] == "name_in_use"
    assert f"a {holder.lower()} with the email else@fish.example" in error["message"]


def test_a_name_that_another_record_has_taken_names_that_record(world: World) -> None:
    world.warm()
    world.customer("first", name="Harbour Fish", email="first@fish.example")
    world.poll()
    world.customer("second", name="Harbour Fish", email="second@fish.example")
    world.poll()
    assert world.posted() == {"Harbour Fish": 1}
    (error,) = world.view(Kind.CUSTOMER, "second")["errors"]
    assert error["cause"] == "name_in_use"
    assert "it is customer first of the order system" in error["message"]
    assert "go on with customer first" in error["remedy"]


def test_an_inactive_holder_of_the_name_is_said_to_be_inactive(world: World) -> None:
    world.company.person.deactivate("Customer", add(world, "Customer", "Harbour"))
    world.warm()
    world.put(Kind.CUSTOMER, "h", {"name": "Harbour", "email": "ap@fish.example"})
    assert "an inactive customer without" in blocked(world, Kind.CUSTOMER, "h")["message"]


@pytest.mark.parametrize(
    ("kind", "setting"), [(Kind.CUSTOMER, "create_customers"), (Kind.VENDOR, "create_vendors")]
)
def test_nothing_is_created_where_creation_is_off(
    make_world: Callable[..., World], kind: Kind, setting: str
) -> None:
    world = make_world(settings={setting: False})
    world.warm()
    world.put(kind, "h", {"name": "H", "email": "ap@fish.example"})
    error = blocked(world, kind, "h")
    assert (error["cause"], error["sub_reason"]) == (f"{kind}_not_matched", "creation_off")


def test_of_two_records_with_one_email_the_second_is_told_which_has_the_customer(world: World) -> None:
    world.customer("a", email="same@fish.example")
    world.customer("b", email="Same@fish.example")
    world.poll()
    assert world.states() == {"synced": 1, "blocked": 1}
    assert sum(world.posted().values()) == 1
    (error,) = world.view(Kind.CUSTOMER, "b")["errors"]
    assert error["cause"] == "already_linked"
    assert "customer a is already" in error["message"]


def test_a_record_with_the_email_of_a_blocked_one_is_blocked_with_it(world: World) -> None:
    add(world, "Vendor", "Taken")
    world.warm()
    world.customer("a", name="Taken", email="same@fish.example")
    world.customer("b", name="Free", email="same@fish.example")
    assert world.causes(Kind.CUSTOMER, "b") == world.causes(Kind.CUSTOMER, "a") == [("name_in_use", None)]
    world.customer("a", name="Not taken", email="same@fish.example")
    assert world.states() == {"queued": 2}
    world.poll()
    assert world.causes(Kind.CUSTOMER, "b") == [("already_linked", None)]
    assert world.posted() == {"Not taken": 1}


# --- items --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ItemNonInventory", "ItemInventory", "ItemInventoryAssembly"])
def test_an_item_with_the_sku_is_linked_without_a_write(world: World, kind: str) -> None:
    accounts = {
        "IncomeAccountRef": "Sales",
        "COGSAccountRef": "Cost of Goods Sold",
        "AssetAccountRef": "Inventory Asset",
    }
    if kind == "ItemNonInventory":
        list_id = add_item(world, "Oyster", "A-77")
    else:
        list_id = add(world, kind, "Oyster", ManufacturerPartNumber="A-77", **accounts)
    world.warm()
    world.put(Kind.ITEM, "i", {"name": "Oysters", "sku": "a-77"})
    view = world.view(Kind.ITEM, "i")
    assert (view["state"], view["list_id"], view["matched_by"]) == ("synced", list_id, "sku")
    assert world.posted() == {}


def test_an_exact_sku_is_preferred_to_one_in_another_case(world: World) -> None:
    add_item(world, "Small", "a-77")
    exact = add_item(world, "Large", "A-77")
    world.warm()
    world.put(Kind.ITEM, "i", {"sku": "A-77"})
    assert world.view(Kind.ITEM, "i")["list_id"] == exact


def test_two_items_whose_skus_differ_in_case_only_warn_of_each_other(world: World) -> None:
    """They are two on purpose (tests/acceptance/test_identity.py), or by a slip that nobody would notice."""
    world.warm()
    for number, sku in enumerate(("a-77", "A-77", "B-1")):
        world.put(Kind.ITEM, sku, {"sku": sku, "name": f"Item {number}"})
    world.poll()
    assert world.view(Kind.ITEM, "a-77")["warnings"] == [
        "sku: “A-77” of item A-77 is nearly the same, and another item in QuickBooks."
    ]
    assert world.view(Kind.ITEM, "A-77")["warnings"] == [
        "sku: “a-77” of item a-77 is nearly the same, and another item in QuickBooks."
    ]
    assert world.view(Kind.ITEM, "B-1")["warnings"] == []


def test_several_items_with_the_sku_are_named_as_candidates(world: World) -> None:
    add_item(world, "One", "A-77")
    add_item(world, "Two", "A-77")
    world.warm()
    world.put(Kind.ITEM, "i", {"sku": "A-77"})
    error = blocked(world, Kind.ITEM, "i")
    assert (error["cause"], error["sub_reason"]) == ("item_not_matched", "several")
    assert error["cause_key"] == "sku:A-77"
    assert "“One”, “Two”" in error["message"]


def test_an_item_without_sku_of_a_type_that_has_part_numbers_is_blocked(world: World) -> None:
    world.warm()
    world.put(Kind.ITEM, "i", {"name": "Oyster"})
    error = blocked(world, Kind.ITEM, "i")
    assert (error["cause"], error["sub_reason"]) == ("item_not_matched", "sku_missing")


def test_a_service_is_matched_by_its_full_name(world: World) -> None:
    list_id = add_item(world, "Delivery", kind="ItemService")
    world.warm()
    world.put(Kind.ITEM, "d", {"name": "delivery", "type": "service"})
    view = world.view(Kind.ITEM, "d")
    assert (view["list_id"], view["matched_by"]) == (list_id, "name")


def test_an_inactive_item_blocks(world: World) -> None:
    world.company.person.deactivate("ItemNonInventory", add_item(world, "Oyster", "A-77"))
    world.warm()
    world.put(Kind.ITEM, "i", {"sku": "A-77"})
    assert blocked(world, Kind.ITEM, "i")["cause"] == "record_inactive"


def test_an_item_name_that_is_taken_blocks_and_names_the_part_number_of_the_holder(world: World) -> None:
    add_item(world, "Oyster", "B-1")
    world.warm()
    world.put(Kind.ITEM, "i", {"name": "OYSTER", "sku": "A-77"})
    error = blocked(world, Kind.ITEM, "i")
    assert error["cause"] == "name_in_use"
    assert "an item with the Manufacturer's Part Number B-1" in error["message"]


def test_an_item_needs_an_account_to_be_created(make_world: Callable[..., World]) -> None:
    world = make_world(settings={"default_income_account": ""})
    world.warm()
    world.put(Kind.ITEM, "i", {"sku": "A-77"})
    error = blocked(world, Kind.ITEM, "i")
    assert (error["cause"], error["sub_reason"]) == ("reference_missing", "income account")
    assert "default income account" in error["remedy"]


def test_items_are_not_created_where_creation_is_off(make_world: Callable[..., World]) -> None:
    world = make_world(settings={"create_items": False})
    world.warm()
    world.item("i")
    error = blocked(world, Kind.ITEM, "i")
    assert (error["cause"], error["sub_reason"]) == ("item_not_matched", "creation_off")


@pytest.mark.parametrize("kind", ["service", "non_inventory", "other_charge", "inventory"])
def test_every_item_type_reaches_quickbooks_with_its_values(
    make_world: Callable[..., World], kind: str
) -> None:
    world = make_world(
        settings={
            "default_item_type": kind,
            "default_expense_account": "Purchases",
            "default_cogs_account": "Cost of Goods Sold",
            "default_asset_account": "Inventory Asset",
        }
    )
    world.put(
        Kind.ITEM, "i", {"name": "Oyster", "sku": "A", "desc": "A dozen", "price": "9.50", "cost": "6.00"}
    )
    world.poll()
    assert world.states() == {"synced": 1}
    (item,) = (item for item in world.company.records("Item") if item["Name"] == "Oyster")
    assert item["type" if "type" in item else "Name"]
    sale = item.get("SalesAndPurchase", item)
    assert (sale["SalesPrice"], sale["PurchaseCost"], sale["SalesDesc"]) == ("9.50", "6.00", "A dozen")


# --- documents ----------------------------------------------------------------------------------------------

PARTIES = {
    "not_handed_over": {"external_id": "who"},
    "id_unknown": {"list_id": "80000FFF-1"},
    "name_unknown": {"full_name": "Who"},
    "email_unknown": {"email": "who@x.example"},
}
ITEMS = {
    "sku_missing": None,
    "not_handed_over": {"external_id": "what"},
    "id_unknown": {"list_id": "80000FFF-1"},
    "name_unknown": {"full_name": "What"},
    "sku_unknown": {"sku": "WHAT"},
}


@pytest.mark.parametrize("why", PARTIES)
@pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.PURCHASE_ORDER])
def test_a_document_whose_party_cannot_be_told_is_blocked_with_the_reason(
    world: World, kind: Kind, why: str
) -> None:
    add_item(world, "Oyster", "A")
    world.warm()
    party = "customer" if kind is Kind.INVOICE else "vendor"
    lines = [{"item": {"sku": "A"}, "quantity": "1"}]
    world.put(kind, "1", {"ref_number": "1", party: PARTIES[why], "lines": lines})
    error = blocked(world, kind, "1")
    assert (error["cause"], error["sub_reason"]) == (f"{party}_not_matched", why)


@pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.PURCHASE_ORDER])
def test_a_document_for_nobody_that_a_former_version_took_in_is_blocked(world: World, kind: Kind) -> None:
    add_item(world, "Oyster", "A")
    party = "customer" if kind is Kind.INVOICE else "vendor"
    content = {"ref_number": "1", "lines": [{"item": {"sku": "A"}, "quantity": "1"}]}
    world.warm()
    world.put(kind, "1", {**content, party: "Somebody"})
    with world.core.database.begin() as conn:
        (record,) = records.page(conn, 1, kind=kind)
        records.change(conn, record, now=world.clock(), content=content)
    host.retry(world.core, "acme", kind, "1", actor="ann")
    error = blocked(world, kind, "1")
    assert (error["cause"], error["sub_reason"]) == (f"{party}_not_matched", "not_named")


@pytest.mark.parametrize("why", ITEMS)
def test_a_line_whose_item_cannot_be_told_is_named(world: World, why: str) -> None:
    add(world, "Customer", "Harbour")
    add_item(world, "Oyster", "A")
    world.warm()
    bad: dict[str, Any] = {"desc": "Catch of the day", "quantity": "1", "rate": "2"}
    if ITEMS[why] is not None:
        bad["item"] = ITEMS[why]
    lines = [{"item": {"sku": "A"}, "quantity": "1"}, bad]
    world.put(Kind.INVOICE, "1", {"ref_number": "1", "customer": "Harbour", "lines": lines})
    error = blocked(world, Kind.INVOICE, "1")
    assert (error["cause"], error["sub_reason"]) == ("item_not_matched", why)
    assert "ine 2 of invoice 1" in error["message"]


def test_every_fault_of_a_document_has_its_own_error_record(world: World) -> None:
    world.warm()
    lines = [{"item": {"sku": "A"}, "quantity": "1"}, {"item": {"sku": "B"}}, {"item": {"sku": "A"}}]
    world.put(Kind.INVOICE, "1", {"customer": {"email": "who@x.example"}, "lines": lines})
    errors = world.view(Kind.INVOICE, "1")["errors"]
    assert [error["cause_key"] for error in errors] == ["email:who@x.example", "sku:A", "sku:B"]


def test_naming_a_customer_or_item_never_creates_it(world: World) -> None:
    world.warm()
    lines = [{"item": {"sku": "NEW"}, "quantity": "1"}, {"item": {"full_name": "New"}, "quantity": "1"}]
    for number, customer in enumerate(
        ({"email": "new@x.example"}, {"full_name": "New"}, {"external_id": "new"}, "New")
    ):
        world.put(Kind.INVOICE, str(number), {"customer": customer, "lines": lines})
    world.poll()
    assert world.states() == {"blocked": 4}
    assert world.company.ledger == ()
    assert world.company.records("Customer") == []


@pytest.mark.parametrize(
    "customer",
    [
        {"email": "AP@fish.example"},
        {"full_name": "harbour"},
        {"list_id": ""},
        "Harbour",
        {"external_id": "h"},
    ],
)
def test_a_customer_may_be_named_in_every_way(world: World, customer: Any) -> None:
    list_id = add(world, "Customer", "Harbour", Email="ap@fish.example")
    add_item(world, "Oyster", "A")
    world.put(Kind.CUSTOMER, "h", {"name": "Harbour", "email": "ap@fish.example"})
    if isinstance(customer, dict) and "list_id" in customer:
        customer = {"list_id": list_id}
    world.put(Kind.INVOICE, "1", {"ref_number": "1", "customer": customer, "lines": [{"item": {"sku": "A"}}]})
    world.poll()
    assert world.company.find("Invoice", RefNumber="1")["CustomerRef"]["ListID"] == list_id


@pytest.mark.parametrize("item", [{"sku": "A"}, {"full_name": "oyster"}, {"list_id": ""}, "Oyster"])
def test_an_item_may_be_named_in_every_way(world: World, item: Any) -> None:
    add(world, "Customer", "Harbour")
    list_id = add_item(world, "Oyster", "A")
    if isinstance(item, dict) and "list_id" in item:
        item = {"list_id": list_id}
    world.put(Kind.INVOICE, "1", {"ref_number": "1", "customer": "Harbour", "lines": [{"item": item}]})
    world.poll()
    (invoice,) = world.company.records("Invoice")
    assert invoice["lines"][0]["ItemRef"]["ListID"] == list_id


def test_a_deleted_customer_blocks_the_document_that_names_it_by_list_id(world: World) -> None:
    list_id = add(world, "Customer", "Harbour")
    add_item(world, "Oyster", "A")
    world.warm()
    world.company.person.delete("Customer", list_id)
    connectors.resync(world.core, "acme", actor="ada")
    world.warm()
    world.put(Kind.INVOICE, "1", {"customer": {"list_id": list_id}, "lines": [{"item": {"sku": "A"}}]})
    assert blocked(world, Kind.INVOICE, "1")["cause"] == "record_deleted"


def test_an_inactive_customer_blocks_the_document_that_names_it(world: World) -> None:
    list_id = add(world, "Customer", "Harbour")
    add_item(world, "Oyster", "A")
    world.company.person.deactivate("Customer", list_id)
    world.warm()
    world.put(Kind.INVOICE, "1", {"customer": "Harbour", "lines": [{"item": {"sku": "A"}}]})
    assert blocked(world, Kind.INVOICE, "1")["cause"] == "record_inactive"


def test_several_customers_with_the_email_an_invoice_names_are_named_as_candidates(world: World) -> None:
    for name in ("One", "Two"):
        add(world, "Customer", name, Email="ap@fish.example")
    add_item(world, "Oyster", "A")
    world.warm()
    fields = {"customer": {"email": "ap@fish.example"}, "lines": [{"item": {"sku": "A"}}]}
    world.put(Kind.INVOICE, "1", fields)
    error = blocked(world, Kind.INVOICE, "1")
    assert error["sub_reason"] == "several"
    assert "“One”, “Two”" in error["message"]
    assert "ap@fish.example" in error["message"]


def test_a_number_too_long_with_the_prefix_is_told_with_limit_and_value(
    make_world: Callable[..., World],
) -> None:
    world = make_world(settings={"ref_number_prefix": "WEB-"})
    add(world, "Customer", "Harbour")
    add_item(world, "Oyster", "A")
    world.warm()
    fields = {"customer": "Harbour", "lines": [{"item": {"sku": "A"}}]}
    world.put(Kind.INVOICE, "1", {"ref_number": "12345678", **fields})
    error = blocked(world, Kind.INVOICE, "1")
    assert (error["cause"], error["sub_reason"]) == ("invalid_field", "ref_number")
    assert "“WEB-12345678” has 12 characters" in error["message"]
    assert "11" in error["message"]
    world.put(Kind.INVOICE, "1", {"ref_number": "1234567", **fields})
    world.poll()
    assert world.posted() == {"WEB-1234567": 1}


def test_documents_wait_for_what_they_refer_to_and_for_nothing_else(world: World) -> None:
    add(world, "Customer", "Harbour")
    add_item(world, "Oyster", "A")
    world.warm()
    world.basics()
    world.invoice("waits")
    world.put(Kind.INVOICE, "free", {"customer": "Harbour", "lines": [{"item": {"sku": "A"}}]})
    waiting = {
        (item["kind"], item["external_id"]) for item in world.view(Kind.INVOICE, "waits")["waiting_for"]
    }
    assert waiting == {("customer", "c"), ("item", "i")}
    assert world.view(Kind.INVOICE, "free")["waiting_for"] == []


def test_dependants_are_blocked_and_released_behind_the_same_key(world: World) -> None:
    world.warm()
    world.item("i")
    world.customer("c", email=None)
    for number in range(3):
        world.invoice(str(number))
    keys = {error.cause_key for error in world.errors() if error.kind in (Kind.INVOICE, Kind.CUSTOMER)}
    assert keys == {"record:customer c"}
    assert world.states() == {"queued": 1, "blocked": 4}
    world.customer("c")
    assert world.states() == {"queued": 5}
    assert world.errors() == []
    world.poll()
    assert world.states() == {"synced": 5}


def test_terms_of_the_connector_apply_only_where_neither_invoice_nor_customer_has_any(
    make_world: Callable[..., World],
) -> None:
    world = make_world(settings={"default_terms": "Net 15"})
    add(world, "Customer", "With terms", TermsRef="Net 60")
    add(world, "Customer", "Without")
    add_item(world, "Oyster", "A")
    lines = [{"item": {"sku": "A"}, "quantity": "1", "rate": "1"}]
    world.put(Kind.INVOICE, "1", {"ref_number": "1", "customer": "Without", "lines": lines})
    world.put(Kind.INVOICE, "2", {"ref_number": "2", "customer": "With terms", "lines": lines})
    world.put(Kind.INVOICE, "3", {"ref_number": "3", "customer": "Without", "terms": "Net 7", "lines": lines})
    world.customer("c", terms="Net 30")
    world.put(Kind.INVOICE, "4", {"ref_number": "4", "customer": {"external_id": "c"}, "lines": lines})
    world.poll()
    terms = {item["RefNumber"]: item["TermsRef"]["FullName"] for item in world.company.records("Invoice")}
    assert terms == {"1": "Net 15", "2": "Net 60", "3": "Net 7", "4": "Net 30"}


def test_terms_of_a_customer_whose_answer_was_lost_are_not_overridden(
    make_world: Callable[..., World],
) -> None:
    world = make_world(settings={"default_terms": "Net 15"})
    world.warm()
    world.customer("c", terms="Net 30")
    world.item("i")
    visit = world.visit()
    visit.process(visit.send())
    visit.close()
    world.invoice("1")
    world.poll()
    assert world.company.find("Invoice", RefNumber="1")["TermsRef"]["FullName"] == "Net 30"


def test_an_invoice_is_dated_on_its_ship_date_unless_it_has_a_date(world: World) -> None:
    world.basics()
    world.invoice("1", txn_date=None, ship_date="2026-10-02")
    world.invoice("2", ship_date="2026-10-02")
    world.poll()
    dates = {item["RefNumber"]: item["TxnDate"] for item in world.company.records("Invoice")}
    assert dates == {"1": "2026-10-02", "2": "2026-11-20"}


def test_comment_lines_need_no_item(world: World) -> None:
    world.basics()
    world.invoice("1", lines=[line(), {"desc": "Thank you"}, line(quantity="3")])
    world.poll()
    (invoice,) = world.company.records("Invoice")
    assert [item.get("Desc") for item in invoice["lines"]][1] == "Thank you"
    assert [item.get("Quantity") for item in invoice["lines"]] == ["2", None, "3"]


def test_characters_outside_quickbooks_repertoire_are_mapped_where_safe_and_shown(world: World) -> None:
    world.customer("c", name="Müller “Fisch” – 5″")
    world.poll()
    assert [entry.name for entry in world.company.ledger] == ['Müller “Fisch” – 5"']
    assert world.view(Kind.CUSTOMER, "c")["warnings"] == ["name: '″' (U+2033) is sent as '\"'"]


def test_a_dropped_control_character_is_told_and_holds_nothing_up(world: World) -> None:
    world.warm()
    world.customer("c", notes="by the\x0bback door")
    world.poll()
    assert world.state(Kind.CUSTOMER, "c") == "synced"
    assert world.view(Kind.CUSTOMER, "c")["warnings"] == ["notes: '\\x0b' (U+000B) is left out"]


# --- lists that are read once something names an entry of them ------------------------------------------------


def test_what_names_an_entry_of_a_list_that_was_never_read_waits_until_it_is(world: World) -> None:
    world.company.person.add("CustomerType", {"Name": "Harbour"})
    world.warm()
    world.customer("c", customer_type="Harbour")
    assert world.state(Kind.CUSTOMER, "c") == "queued"
    first, *_ = world.poll().texts
    assert "CustomerTypeQueryRq" in first
    assert world.state(Kind.CUSTOMER, "c") == "synced"
    world.customer("d", customer_type="Smuggler")
    assert world.causes(Kind.CUSTOMER, "d") == [("reference_missing", "customer type")]


def test_a_name_goes_out_as_it_is_spelt_in_quickbooks(world: World) -> None:
    world.company.person.add("StandardTerms", {"Name": "Due At Once"})
    world.warm()
    world.customer("c", terms="due at once")
    (text,) = world.poll().texts
    assert "<TermsRef><FullName>Due At Once</FullName></TermsRef>" in text


def test_a_line_that_would_take_over_a_sales_order_is_refused_once_the_invoice_is_there(world: World) -> None:
    world.basics()
    world.invoice("x")
    world.poll()
    late = {"link_to_txn": {"txn_id": "1F-1", "txn_line_id": "20-1"}}
    world.invoice("x", lines=[line("i"), late])
    assert world.causes(Kind.INVOICE, "x") == [("invalid_field", "lines.1.link_to_txn")]


def test_what_this_quickbooks_cannot_be_told_without_changing_its_meaning_is_not_sent(world: World) -> None:
    world.company.host["SupportedQBXMLVersion"] = ["5.0", "6.0"]
    world.basics()
    world.poll()
    world.invoice("x", lines=[{**line("i"), "unit_of_measure": "crate"}])
    world.poll()
    assert world.causes(Kind.INVOICE, "x") == [("invalid_field", "lines.0.unit_of_measure")]
    assert world.posted(Kind.INVOICE) == {}
