"""What a record could not be found by is told with its place when it is handed over; what was stored before is read."""

from __future__ import annotations

from typing import Any

import pytest

from qbwc_server.domain import host_records
from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.kinds import Kind

LINE = {"item": {"sku": "A-1"}, "quantity": "1", "desc": "by the bag"}
GOOD: dict[Kind, dict[str, Any]] = {
    Kind.CUSTOMER: {"name": "Harbour", "email": "ap@harbour.example"},
    Kind.VENDOR: {"name": "Boats", "email": "ap@boats.example"},
    Kind.ITEM: {"sku": "A-1", "price": "1.00"},
    Kind.INVOICE: {"ref_number": "SO-1", "customer": {"external_id": "c"}, "lines": [LINE]},
    Kind.PURCHASE_ORDER: {"ref_number": "PO-1", "vendor": {"external_id": "v"}, "lines": [LINE]},
}


def faults(kind: Kind, **fields: Any) -> dict[str, str]:
    try:
        host_records.take_in(kind, GOOD[kind] | fields)
    except InvalidInput as error:
        return {fault.pointer: fault.message for fault in error.faults}
    return {}


def test_what_texts_of_several_lines_are_written_with_is_taken() -> None:
    assert faults(Kind.CUSTOMER, notes="one\r\ntwo\n\tthree\x0bthree\u2028four\x85five") == {}
    assert faults(Kind.INVOICE, memo="one\ntwo", lines=[LINE | {"desc": "one\ntwo"}]) == {}
    assert faults(Kind.CUSTOMER, bill_address={"addr1": "Pier 4\nback door"}) == {}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Kind.CUSTOMER, "name"),
        (Kind.CUSTOMER, "account_number"),
        (Kind.VENDOR, "name"),
        (Kind.ITEM, "name"),
        (Kind.ITEM, "sku"),
        (Kind.INVOICE, "ref_number"),
        (Kind.PURCHASE_ORDER, "ref_number"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\u2028"])
def test_what_a_record_is_found_by_stands_in_one_line(kind: Kind, name: str, end: str) -> None:
    told = faults(kind, **{name: f"ab{end}c"})
    assert list(told) == [f"/{name}"]
    assert "line break at position 3" in told[f"/{name}"]
    # a file's own line end goes with the blanks around it
    assert faults(kind, **{name: f"{end}abc{end}"}) == {}


@pytest.mark.parametrize("kind", [Kind.CUSTOMER, Kind.VENDOR])
@pytest.mark.parametrize(
    "email", ["ap @harbour.example", "ap@ harbour.example", "x@y.example, @z.example", "a@@b"]
)
def test_an_address_that_is_cut_apart_is_refused(kind: Kind, email: str) -> None:
    """Matched by what is left of it, it would be whoever else is cut apart there."""
    told = faults(kind, email=email)
    assert list(told) == ["/email"]
    assert "take out the blank or the @" in told["/email"]


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ap@x.example",
        " ap@x.example ",
        "a@x.example; b@x.example,c@x.example",
        "Ann Smith <ann@x.example>",
        "none",
    ],
)
def test_addresses_as_people_write_them_are_taken(email: str) -> None:
    assert faults(Kind.CUSTOMER, email=email) == {}


def test_every_fault_is_told_at_once() -> None:
    told = faults(Kind.ITEM, name="a\nb", sku="c\nd", colour="red", price="x")
    assert {"/name", "/sku", "/colour", "/price"} <= set(told)


def test_what_was_taken_in_before_is_read() -> None:
    content = {"name": "Bell\x07Co", "email": "ap @x.example"}
    record = host_records.parse(Kind.CUSTOMER, content)
    assert host_records.keys_of(record) == {"name:bellco"}
