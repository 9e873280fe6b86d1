"""The records as the host writes them: every fault is found, and every name becomes QuickBooks' own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

import qbxml.records as qb
from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.host_records import (
    HostInvoice,
    HostItem,
    HostPurchaseOrder,
    NamedItem,
    has_sides,
    item_type_of,
    keys_of,
    not_of_a_group,
    parse,
    take_in,
    with_guid,
)
from qbwc_server.domain.json_values import impossible
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.settings import ConnectorSettings

ACCOUNTS = ConnectorSettings(
    default_income_account="Sales",
    default_expense_account="Purchases",
    default_cogs_account="COGS",
    default_asset_account="Stock",
)


def faults(kind: Kind, content: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        take_in(kind, content)
    return {fault.pointer: fault.message for fault in caught.value.faults}


def invoice(**fields: Any) -> HostInvoice:
    record = parse(Kind.INVOICE, {"lines": [{"item": {"sku": "A"}}], **fields})
    assert isinstance(record, HostInvoice)
    return record


def item(**fields: Any) -> HostItem:
    record = parse(Kind.ITEM, fields)
    assert isinstance(record, HostItem)
    return record


# --- faults -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("content", [[], "text", 5, None])
def test_a_record_must_be_an_object(kind: Kind, content: Any) -> None:
    assert faults(kind, content) == {"": "a record must be a JSON object"}


def test_every_fault_of_an_invoice_is_found_with_its_pointer() -> None:
    found = faults(
        Kind.INVOICE,
        {
            "ref_number": "123456789012",
            "txn_date": "20.11.2026",
            "colour": "red",
            "bill_address": {"addr1": "x" * 42, "planet": "Mars"},
            "lines": [
                {"item": {"sku": "A"}, "quantity": "many"},
                {"item": {"sku": "A", "external_id": "i"}, "rate": "9.50"},
                {"item": {"colour": "blue"}},
            ],
        },
    )
    assert {
        "/ref_number",
        "/txn_date",
        "/colour",
        "/bill_address/addr1",
        "/bill_address/planet",
        "/lines/0/quantity",
        "/lines/1/item",
    } <= set(found)
    assert any(pointer.startswith("/lines/2/item") for pointer in found)
    assert "11" in found["/ref_number"]
    assert "41" in found["/bill_address/addr1"]


@pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.PURCHASE_ORDER])
@pytest.mark.parametrize("lines", [{}, {"lines": []}])
def test_a_document_needs_a_line(kind: Kind, lines: dict[str, Any]) -> None:
    whom = {"customer" if kind is Kind.INVOICE else "vendor": "Somebody"}
    assert faults(kind, {"ref_number": "1", **whom, **lines}) == {"/lines": "at least one line is needed"}


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (Kind.CUSTOMER, {"list_id": "8-1"}),
        (Kind.CUSTOMER, {"edit_sequence": "1"}),
        (Kind.CUSTOMER, {"external_guid": "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D20}"}),
        (Kind.VENDOR, {"time_created": "2026-11-20T00:00:00Z"}),
        (Kind.INVOICE, {"txn_id": "5-1", "lines": [{"item": {"sku": "A"}}]}),
    ],
)
def test_what_quickbooks_or_we_set_cannot_be_handed_over(kind: Kind, field: dict[str, Any]) -> None:
    (pointer,) = [f"/{name}" for name in field if name != "lines"]
    assert pointer in faults(kind, {"name": "A", **field} if not kind.is_document else field)


@pytest.mark.parametrize("value", [9.5, 0.1, 1e3, float("inf"), float("nan")])
def test_a_binary_number_is_refused_for_money(value: float) -> None:
    assert list(faults(Kind.INVOICE, {"lines": [{"item": {"sku": "A"}, "rate": value}]})) == ["/lines/0/rate"]
    assert set(faults(Kind.ITEM, {"sku": "A", "price": value})) <= {"/price", ""}
    assert list(faults(Kind.CUSTOMER, {"name": "A", "credit_limit": value})) == ["/credit_limit"]


@pytest.mark.parametrize("value", ["9.50", "9.5", 9, Decimal("9.50"), "0", "-3.25"])
def test_a_decimal_is_taken_exactly(value: Any) -> None:
    line = invoice(lines=[{"item": {"sku": "A"}, "rate": value}]).lines[0]
    assert line.rate == Decimal(str(value))
    assert isinstance(line.rate, Decimal)


def test_a_long_name_of_an_item_is_told_by_the_hosts_name_for_it() -> None:
    found = faults(Kind.ITEM, {"name": "x" * 32, "sku": "y" * 32, "desc": "z" * 4096, "price": "1.123456"})
    assert {"/name", "/sku", "/desc"} <= set(found)
    assert "31" in found["/name"]
    assert all(not pointer.startswith("/sales") for pointer in found)


def test_an_item_needs_a_name_or_a_sku() -> None:
    said = {"/name": "is needed, unless there is a sku, which is its name then"}
    assert faults(Kind.ITEM, {"price": "1.00"}) == said
    assert faults(Kind.ITEM, {"name": "", "sku": "  "}).keys() == {"/name"}


def test_an_unknown_field_or_type_of_an_item_is_a_fault() -> None:
    found = faults(Kind.ITEM, {"sku": "A", "type": "bundle", "colour": "red"})
    assert set(found) == {"/type", "/colour"}


def test_a_colon_in_a_name_is_refused() -> None:
    assert "/name" in faults(Kind.CUSTOMER, {"name": "A:B"})
    assert "/name" in faults(Kind.ITEM, {"name": "A:B"})


# --- references ---------------------------------------------------------------------------------------------


def test_a_reference_may_be_given_in_one_way_and_a_string_is_the_full_name() -> None:
    assert invoice(customer="Harbour").party.full_name == "Harbour"
    assert invoice(customer={"email": " ap@x "}).party.email == "ap@x"
    assert invoice(customer={"external_id": "c", "email": ""}).party.external_id == "c"
    assert "/customer" in faults(
        Kind.INVOICE, {"customer": {"email": "a@x", "list_id": "8"}, "lines": [{"item": {"sku": "A"}}]}
    )


def test_an_empty_reference_is_the_same_as_none() -> None:
    for empty in ({}, {"sku": ""}, {"sku": None}, None):
        line = invoice(lines=[{"item": empty, "quantity": "1"}]).lines[0]
        assert line.item is None or line.item.is_empty


# --- items --------------------------------------------------------------------------------------------------


def test_a_sku_alone_names_the_item() -> None:
    made = item(sku="A-77").to_quickbooks(ACCOUNTS)
    assert isinstance(made, qb.ItemNonInventory)
    assert (made.name, made.manufacturer_part_number) == ("A-77", "A-77")


def test_a_sold_item_names_one_account_and_a_sold_and_bought_one_two() -> None:
    sold = item(sku="A", desc="Oyster", price="9.50").to_quickbooks(ACCOUNTS)
    assert isinstance(sold, qb.ItemNonInventory)
    assert sold.sales_or_purchase is not None
    assert sold.sales_or_purchase.account == qb.Ref(full_name="Sales")
    assert (sold.sales_or_purchase.desc, sold.sales_or_purchase.price) == ("Oyster", Decimal("9.50"))
    both = item(sku="A", price="9.50", cost="6.00", income_account="Own").to_quickbooks(ACCOUNTS)
    assert isinstance(both, qb.ItemNonInventory)
    assert both.sales_or_purchase is None
    assert both.sales_and_purchase is not None
    assert both.sales_and_purchase.income_account == qb.Ref(full_name="Own")
    assert both.sales_and_purchase.expense_account == qb.Ref(full_name="Purchases")
    assert both.sales_and_purchase.purchase_cost == Decimal("6.00")


@pytest.mark.parametrize(
    ("kind", "model"),
    [
        ("service", qb.ItemService),
        ("non_inventory", qb.ItemNonInventory),
        ("other_charge", qb.ItemOtherCharge),
        ("inventory", qb.ItemInventory),
    ],
)
def test_every_type_becomes_its_own_record(kind: str, model: type[qb.Record]) -> None:
    made = item(name="Oyster", sku="A", type=kind, cost="1.00").to_quickbooks(ACCOUNTS)
    assert type(made) is model
    assert type(item(name="Oyster").to_quickbooks(ACCOUNTS.changed(default_item_type=kind))) is model


@pytest.mark.parametrize(
    ("fields", "default", "missing"),
    [
        ({"sku": "A"}, {}, "income account"),
        ({"sku": "A", "income_account": "X"}, {}, None),
        ({"sku": "A"}, {"default_income_account": "X"}, None),
        ({"sku": "A", "cost": "1"}, {"default_income_account": "X"}, "expense account"),
        ({"sku": "A", "type": "inventory"}, {"default_income_account": "X"}, "cogs account"),
        (
            {"sku": "A", "type": "inventory"},
            {"default_income_account": "X", "default_cogs_account": "X"},
            "asset account",
        ),
    ],
)
def test_the_account_that_is_missing_is_named(
    fields: dict[str, Any], default: dict[str, Any], missing: str | None
) -> None:
    assert item(**fields).missing_account(ConnectorSettings(**default)) == missing


def test_the_full_name_of_an_item_has_its_parent() -> None:
    assert item(name="100ct", parent={"full_name": "Oyster"}).full_name == "Oyster:100ct"
    assert item(sku="A").full_name == "A"


# --- documents ----------------------------------------------------------------------------------------------

CUSTOMER = qb.Ref(list_id="8-1")
ITEMS = [qb.Ref(list_id="9-1"), qb.Ref(list_id="9-2")]
NAMED = [NamedItem(ref) for ref in ITEMS]


def posted(
    record: HostInvoice, settings: ConnectorSettings | None = None, *, terms: bool = False
) -> qb.Invoice:
    items = NAMED[: len(list(record.item_lines("x")))]
    return record.to_quickbooks(
        settings or ConnectorSettings(), party=CUSTOMER, items=items, party_has_terms=terms
    )


def test_the_references_found_take_the_place_of_the_hosts() -> None:
    made = posted(
        invoice(customer={"external_id": "c"}, lines=[{"item": {"sku": "A"}}, {"item": {"sku": "B"}}])
    )
    assert made.customer == CUSTOMER
    assert [line.item for line in made.lines] == ITEMS


def test_a_comment_line_has_no_item_and_takes_none_from_its_neighbours() -> None:
    record = invoice(
        lines=[{"item": {"sku": "A"}}, {"desc": "Thank you"}, {"item": {"sku": "B"}, "desc": "Oyster"}]
    )
    assert [place for place, _ in record.item_lines("invoice 1")] == [
        "line 1 of invoice 1",
        "line 3 of invoice 1",
    ]
    assert [line.item for line in posted(record).lines] == [ITEMS[0], None, ITEMS[1]]


@pytest.mark.parametrize(
    "line",
    [
        {"quantity": "1"},
        {"desc": "x", "quantity": "1"},
        {"desc": "x", "rate": "1"},
        {"desc": "x", "amount": "1"},
    ],
)
def test_a_line_that_sells_something_needs_an_item(line: dict[str, Any]) -> None:
    assert len(list(invoice(lines=[line]).item_lines("x"))) == 1


def test_the_prefix_stands_before_the_number_and_no_number_has_none() -> None:
    prefixed = ConnectorSettings(ref_number_prefix="W-")
    assert posted(invoice(ref_number="7"), prefixed).ref_number == "W-7"
    assert posted(invoice(), prefixed).ref_number is None
    assert posted(invoice(ref_number="7")).ref_number == "7"


def test_the_ship_date_stands_in_for_a_missing_date() -> None:
    assert str(posted(invoice(ship_date="2026-10-02")).txn_date) == "2026-10-02"
    assert str(posted(invoice(ship_date="2026-10-02", txn_date="2026-10-01")).txn_date) == "2026-10-01"
    assert posted(invoice()).txn_date is None


def test_default_terms_apply_only_where_nobody_has_any() -> None:
    settings = ConnectorSettings(default_terms="Net 15", template="Web invoice")
    assert posted(invoice(), settings).terms == qb.Ref(full_name="Net 15")
    assert posted(invoice(), settings, terms=True).terms is None
    assert posted(invoice(terms="Net 7"), settings).terms == qb.Ref(full_name="Net 7")
    assert posted(invoice(), settings).template == qb.Ref(full_name="Web invoice")
    assert posted(invoice(template="Own"), settings).template == qb.Ref(full_name="Own")


def test_a_purchase_order_names_its_vendor() -> None:
    record = parse(Kind.PURCHASE_ORDER, {"vendor": {"email": "v@x"}, "lines": [{"item": {"sku": "A"}}]})
    assert isinstance(record, HostPurchaseOrder)
    made = record.to_quickbooks(ConnectorSettings(), party=CUSTOMER, items=NAMED[:1], party_has_terms=False)
    assert (made.vendor, made.lines[0].item) == (CUSTOMER, ITEMS[0])


# --- keys and marks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content", "keys"),
    [
        (Kind.CUSTOMER, {"name": "A", "email": "B@x; a@x"}, {"email:b@x", "email:a@x", "name:a"}),
        (Kind.CUSTOMER, {"name": "A", "email": "Ann Smith <ann@x>, B"}, {"email:ann@x", "name:a"}),
        (Kind.VENDOR, {"name": "A", "email": "none"}, {"name:a"}),
        (Kind.CUSTOMER, {"name": "Job", "parent": "A"}, {"name:job"}),
        (Kind.ITEM, {"sku": "A-77"}, {"sku:a-77", "name:a-77"}),
        (Kind.ITEM, {"name": "A"}, {"name:a"}),
    ],
)
def test_the_keys_a_record_is_found_by(kind: Kind, content: dict[str, Any], keys: set[str]) -> None:
    assert keys_of(parse(kind, content)) == keys


def test_a_guid_is_added_and_nothing_else_changes() -> None:
    customer = parse(Kind.CUSTOMER, {"name": "A", "phone": "1"})
    assert isinstance(customer, qb.Customer)
    guid = "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D20}"
    tagged = with_guid(customer, guid)
    assert tagged.external_guid == guid
    assert (tagged.name, tagged.phone) == ("A", "1")
    assert customer.external_guid is None


def test_the_same_content_in_another_spelling_is_equal() -> None:
    one = {"lines": [{"item": {"sku": "A"}, "quantity": "2", "rate": "9.50"}], "ref_number": "1"}
    two = {"ref_number": "1", "lines": [{"rate": Decimal("9.50"), "item": {"sku": "A"}, "quantity": 2}]}
    assert parse(Kind.INVOICE, one) == parse(Kind.INVOICE, two)
    assert parse(Kind.INVOICE, one) != parse(Kind.INVOICE, {**one, "memo": "x"})


def test_an_item_group_takes_the_form_of_a_group() -> None:
    record = invoice(
        lines=[{"item": "Platter", "quantity": "2", "desc": "x"}, {"item": {"sku": "A"}, "rate": "1"}]
    )
    items = [NamedItem(ITEMS[0], is_group=True), NamedItem(ITEMS[1])]
    made = record.to_quickbooks(ConnectorSettings(), party=CUSTOMER, items=items, party_has_terms=False)
    group, line = made.lines
    assert isinstance(group, qb.InvoiceLineGroup)
    assert (group.item_group, group.quantity, group.desc) == (ITEMS[0], 2, "x")
    assert isinstance(line, qb.InvoiceLine)
    assert [not_of_a_group(each) for each in record.lines] == [[], ["rate"]]


def test_an_invoice_may_be_made_from_a_sales_order_alone() -> None:
    assert invoice(link_to_txn_id=["5-1"], lines=[]).lines == ()
    assert faults(Kind.INVOICE, {"customer": "Somebody", "lines": []}).keys() == {"/lines"}


def test_a_linked_line_names_no_item() -> None:
    link = {"txn_id": "5-1", "txn_line_id": "6-1"}
    record = invoice(lines=[{"link_to_txn": link, "quantity": "2"}, {"item": "A"}])
    assert [place for place, _ in record.item_lines("invoice x")] == ["line 2 of invoice x"]
    both = {"customer": "A", "link_to_txn_id": ["5-1"], "lines": [{"item": "A", "link_to_txn": link}]}
    assert list(faults(Kind.INVOICE, both)) == ["/lines/0/item", "/lines/0/link_to_txn/txn_id"]


def test_a_bar_code_that_is_too_long_is_told_by_the_name_the_host_gave_it() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(Kind.ITEM, {"sku": "A-77", "barcode": "9" * 51})
    assert [fault.pointer for fault in caught.value.faults] == ["/barcode"]


def test_an_item_group_is_put_together_in_quickbooks() -> None:
    assert "put together in QuickBooks" in faults(Kind.ITEM, {"name": "Box", "type": "group"})["/type"]


def test_an_account_number_is_one_of_the_marks_of_a_customer() -> None:
    customer = parse(Kind.CUSTOMER, {"name": "Harbour", "account_number": "AC-1"})
    assert keys_of(customer) == {"account_number:ac-1", "name:harbour"}


def test_a_purchase_order_alone_says_all_but_what_its_lines_are_for() -> None:
    order = parse(
        Kind.PURCHASE_ORDER, {"ref_number": "9", "lines": [{"item": {"sku": "A"}, "quantity": "2"}]}
    )
    assert isinstance(order, HostPurchaseOrder)
    alone = order.alone(ConnectorSettings(), qb.Ref(list_id="V1"))
    assert (alone.ref_number, alone.vendor) == ("9", qb.Ref(list_id="V1"))
    assert [(line.item, line.quantity) for line in alone.lines] == [(None, Decimal(2))]


def test_the_types_of_items_that_are_sold_or_bought_are_known_by_quickbooks_names() -> None:
    assert [item_type_of(name) for name in ("ItemInventory", "ItemNonInventory", "ItemGroup")] == [
        "inventory",
        "non_inventory",
        None,
    ]
    assert [has_sides(name) for name in ("ItemInventory", "ItemNonInventory")] == [False, True]


def test_an_item_is_an_object_wherever_it_is_read() -> None:
    with pytest.raises(ValidationError):
        HostItem.model_validate("Cod")


def test_what_json_cannot_hold_is_found_within_what_python_made() -> None:
    assert list(impossible({"lines": ({"desc": "fine"},)})) == []
    assert [fault.pointer for fault in impossible({"lines": ({"desc": "\0"},)})] == ["/lines/0/desc"]
