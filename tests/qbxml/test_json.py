"""JSON in and out: every fault with its place, no binary floats, JSON Schema from the same declarations."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qbxml import InvalidRecord
from qbxml.encode import encode
from qbxml.queries import QUERIES
from qbxml.record import Record, Ref
from qbxml.records import KINDS, Customer, Invoice, InvoiceLine, InvoiceLineGroup, ItemInventory
from qbxml.table import Shape, Spec
from tests.worlds.makers import Maker


def faults(call: Any) -> dict[str, str]:
    with pytest.raises(InvalidRecord) as refused:
        call()
    return {fault.path: fault.code for fault in refused.value.faults}


def test_an_invoice_is_read_from_json() -> None:
    invoice = Invoice.from_json(
        """{"customer": {"list_id": "80-1"}, "class": "Retail", "txn_date": "2026-11-20", "ref_number": "SO-1",
            "bill_address": {"addr1": "1 Quay"}, "is_to_be_printed": false,
            "lines": [{"item": "Oyster", "quantity": "12", "rate": "9.50"},
                      {"item_group": "Platter", "quantity": 2}]}"""
    )
    assert invoice.class_ == Ref(full_name="Retail")
    assert [type(line) for line in invoice.lines] == [InvoiceLine, InvoiceLineGroup]
    assert invoice.lines[0].quantity == Decimal(12)


def test_class_may_be_written_either_way() -> None:
    assert Invoice.from_json({"class": "A"}) == Invoice.from_json({"class_": "A"}) == Invoice(class_="A")


def test_every_fault_is_listed_with_its_place_in_the_document() -> None:
    document = {
        "customer": {},
        "ref_number": "x" * 12,
        "txn_date": "20.11.2026",
        "is_pending": "yes",
        "bill_address": {"addr1": "ok", "street": "?"},
        "class": {"list_id": "a b"},
        "lines": [{"item": "I", "rate": 9.5}, {"item_group": 5}, {"desc": "日本"}],
        "nonsense": 1,
    }
    assert faults(lambda: Invoice.from_json(document)) == {
        "customer": "missing",
        "ref_number": "too_long",
        "txn_date": "date",
        "is_pending": "type",
        "bill_address.street": "extra_forbidden",
        "class.list_id": "id",
        "lines.0.rate": "number",
        "lines.1.item_group": "model_type",
        "lines.2.desc": "character",
        "nonsense": "extra_forbidden",
    }


def test_a_fault_carries_limit_and_value() -> None:
    with pytest.raises(InvalidRecord) as refused:
        Customer.from_json({"name": "x" * 42})
    [fault] = refused.value.faults
    assert (fault.limit, fault.value, fault.path) == (41, "x" * 42, "name")


def test_a_reference_longer_than_its_list_allows_is_a_fault() -> None:
    assert faults(lambda: Invoice.from_json({"sales_rep": "TOOLONG"})) == {"sales_rep": "too_long"}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', '{"lines": 5}', '{"lines": [7]}'])
def test_what_is_no_record_is_a_fault(text: str) -> None:
    assert faults(lambda: Invoice.from_json(text))


def test_an_amount_keeps_every_digit() -> None:
    line = InvoiceLine.from_json('{"rate": "0.10000", "quantity": 3, "amount": "1234567890123.45"}')
    assert (str(line.rate), line.quantity, str(line.amount)) == ("0.10000", Decimal(3), "1234567890123.45")


def test_records_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Customer(name="A").name = "B"


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("Customer", Shape.RET),
        ("Vendor", Shape.RET),
        ("ItemInventory", Shape.RET),
        ("ItemGroup", Shape.RET),
        ("Preferences", Shape.RET),
        ("Invoice", Shape.ADD),
        ("PurchaseOrder", Shape.ADD),
    ],
)
@settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_json_out_and_in_is_the_same_record(kind: str, shape: Shape, seed: int) -> None:
    record = Maker(seed).record(KINDS[kind], shape)
    assert KINDS[kind].from_json(json.dumps(record.to_json())) == record


def test_absent_fields_stay_out_of_json_and_values_stay_in() -> None:
    assert Customer(name="A", is_active=False, notes="").to_json() == {
        "name": "A",
        "is_active": False,
        "notes": "",
    }


def every_title(schema: object) -> set[object]:
    if isinstance(schema, list):
        return set().union(*(every_title(part) for part in schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    own = {schema["title"]} if isinstance(schema.get("title", {}), str | None) else set()
    return own.union(*(every_title(part) for part in schema.values()))


class TestSchema:
    def test_it_knows_lengths_words_and_numbers(self) -> None:
        schema = Customer.model_json_schema()
        fields = schema["properties"]
        assert fields["name"]["maxLength"] == 41
        assert "Awarded" in fields["job_status"]["enum"]
        largest = 10**13 - 1
        numbers = {"type": "integer", "minimum": -largest, "maximum": largest}
        assert numbers in fields["credit_limit"]["anyOf"]
        assert not any(part.get("type") == "number" for part in fields["credit_limit"]["anyOf"])
        assert schema["additionalProperties"] is False

    def test_class_appears_under_its_json_name(self) -> None:
        assert "class" in Invoice.model_json_schema()["properties"]

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_kind_has_one(self, kind: str) -> None:
        schema = KINDS[kind].model_json_schema()
        assert set(schema["properties"]) == {
            info.alias or name for name, info in KINDS[kind].model_fields.items()
        }
        assert None not in every_title(schema)
        json.dumps(schema)

    def test_a_reference_may_be_a_string(self) -> None:
        string, mapping = Customer.model_json_schema()["$defs"]["Ref"]["anyOf"]
        assert string["type"] == "string"
        assert set(mapping["properties"]) == {"list_id", "full_name"}

    def test_words_in_a_list_are_never_null(self) -> None:
        [kind] = [QUERIES["ListDeleted"].model_json_schema()["properties"]["list_del_type"]]
        assert None not in kind["items"]["enum"]


class HostRef(Record):
    """What a server may add: a reference by its own id."""

    external_id: str


class HostLine(InvoiceLine):
    item: Ref | HostRef | None = None  # type: ignore[assignment]


class HostInvoice(Invoice):
    customer: Ref | HostRef | None = None  # type: ignore[assignment]
    lines: tuple[HostLine, ...] = ()
    priority: int = 0


class TestSubclasses:
    def test_a_widened_field_keeps_its_declaration(self) -> None:
        spec = HostInvoice.table.fields["customer"]
        assert isinstance(spec, Spec)
        assert spec == Invoice.table.fields["customer"]
        assert list(HostInvoice.table.fields) == list(Invoice.table.fields)

    def test_it_accepts_both_forms(self) -> None:
        host = HostInvoice.from_json(
            {"customer": {"external_id": "c-7"}, "lines": [{"item": {"external_id": "i"}}]}
        )
        assert host.customer == HostRef(external_id="c-7")
        assert HostInvoice.from_json({"customer": "Name"}).customer == Ref(full_name="Name")

    def test_its_own_fields_are_not_sent(self) -> None:
        element, _ = encode(HostInvoice(customer=Ref(full_name="C"), priority=3), "x", Shape.ADD)
        assert [child.tag for child in element] == ["CustomerRef"]

    def test_an_unresolved_reference_is_a_fault_not_a_crash(self) -> None:
        host = HostInvoice(customer=HostRef(external_id="c"), lines=[HostLine(item="I")])
        with pytest.raises(InvalidRecord, match="a reference expected, not HostRef"):
            encode(host, "x", Shape.ADD)

    def test_lengths_are_still_checked(self) -> None:
        assert faults(lambda: HostInvoice.from_json({"ref_number": "x" * 12})) == {"ref_number": "too_long"}


def test_json_of_an_item_and_qbxml_come_from_one_declaration() -> None:
    item = ItemInventory.from_json({"name": "A", "max": "5", "sales_price": "9.50", "cogs_account": "COGS"})
    element, _ = encode(item, "ItemInventoryAdd", Shape.ADD)
    assert [child.tag for child in element] == ["Name", "SalesPrice", "COGSAccountRef", "Max"]
