"""What a record must say when it is handed over: each thing missing is told at once, with its place."""

from typing import Any

import pytest

from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.host_records import parse, take_in
from qbwc_server.domain.kinds import Kind

LINE = {"item": "Oyster", "quantity": "1"}


def pointers(kind: Kind, content: Any) -> list[str]:
    """Where faults are found; empty when it is taken in."""
    try:
        take_in(kind, content)
    except InvalidInput as error:
        return [fault.pointer for fault in error.faults]
    return []


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (Kind.CUSTOMER, ["/name"]),
        (Kind.VENDOR, ["/name"]),
        (Kind.ITEM, ["/name"]),
        (Kind.INVOICE, ["/customer", "/lines"]),
        (Kind.PURCHASE_ORDER, ["/vendor", "/lines"]),
    ],
)
def test_an_empty_record_is_refused_with_everything_it_lacks(kind: Kind, wanted: list[str]) -> None:
    assert pointers(kind, {}) == wanted
    parse(kind, {})  # what a database has of former times is still read


@pytest.mark.parametrize("nothing", [None, "", " ", {}, {"external_id": ""}, {"full_name": " "}])
def test_a_reference_that_names_nobody_is_none(nothing: object) -> None:
    assert pointers(Kind.INVOICE, {"customer": nothing, "lines": [LINE]}) == ["/customer"]
    assert pointers(Kind.PURCHASE_ORDER, {"vendor": nothing, "lines": [LINE]}) == ["/vendor"]
    assert pointers(Kind.INVOICE, {"customer": "A", "lines": [{"item": nothing, "quantity": "1"}]}) == [
        "/lines/0/item"
    ]


@pytest.mark.parametrize("line", [{}, {"item": None}, {"desc": " "}, {"item": {}, "desc": ""}])
def test_an_empty_line_is_told_as_empty(line: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        take_in(Kind.INVOICE, {"customer": "A", "lines": [LINE, line]})
    (fault,) = caught.value.faults
    assert (fault.pointer, fault.message.split(":")[0]) == ("/lines/1", "is empty")


@pytest.mark.parametrize(
    "line",
    [{"desc": "Thank you"}, {"desc": "Catch of the day", "quantity": "10"}, {"item": {"sku": "A"}}],
)
def test_a_line_with_an_item_or_a_text_is_taken_in(line: dict[str, Any]) -> None:
    assert pointers(Kind.INVOICE, {"customer": "A", "lines": [line]}) == []


def test_an_invoice_made_from_another_document_needs_no_line() -> None:
    assert pointers(Kind.INVOICE, {"customer": "A", "link_to_txn_id": ["1A-1"]}) == []


def test_parts_of_a_record_say_what_quickbooks_needs_of_them() -> None:
    customer = {"name": "A", "contacts": [{"last_name": "B"}], "ship_to_address": [{"addr1": "Pier"}]}
    assert sorted(pointers(Kind.CUSTOMER, customer)) == ["/contacts/0/first_name", "/ship_to_address/0/name"]


@pytest.mark.parametrize("field", ["terms", "sales_rep", "class", "parent", "price_level"])
@pytest.mark.parametrize("blank", ["", " "])
def test_an_empty_text_in_place_of_a_reference_says_nothing(field: str, blank: str) -> None:
    assert take_in(Kind.CUSTOMER, {"name": "A", field: blank}) == take_in(Kind.CUSTOMER, {"name": "A"})


@pytest.mark.parametrize("value", [0, 1, "true", "yes", "0"])
def test_a_yes_or_no_of_an_item_is_true_or_false(value: object) -> None:
    assert pointers(Kind.ITEM, {"sku": "A", "is_active": value}) == ["/is_active"]
    parse(Kind.ITEM, {"sku": "A", "is_active": value})


@pytest.mark.parametrize(
    ("written", "wanted"), [("1E+1", "10"), ("5e2", "500"), ("1.5E-1", "0.15"), ("-2E0", "-2")]
)
def test_a_number_with_an_exponent_is_told_how_to_write_it(written: str, wanted: str) -> None:
    for kind, content, pointer in (
        (Kind.ITEM, {"sku": "A", "price": written}, "/price"),
        (Kind.CUSTOMER, {"name": "A", "credit_limit": written}, "/credit_limit"),
        (
            Kind.INVOICE,
            {"customer": "A", "lines": [{"item": "B", "quantity": written}]},
            "/lines/0/quantity",
        ),
    ):
        with pytest.raises(InvalidInput) as caught:
            take_in(kind, content)
        (fault,) = caught.value.faults
        assert (fault.pointer, fault.message) == (pointer, f"write {wanted}, not {written}")


@pytest.mark.parametrize("price", ["1_000", " 9.50 ", "٣", "NaN", True])
def test_a_price_of_an_item_is_written_as_other_numbers_are(price: object) -> None:
    assert pointers(Kind.ITEM, {"sku": "A", "price": price}) == ["/price"]
