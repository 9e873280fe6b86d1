"""Versions are ordered by number, negotiated from what QuickBooks offers, and obeyed field by field."""

from __future__ import annotations

import pytest

from qbxml import InvalidRecord, UnsupportedVersion, Version, negotiate
from qbxml.encode import encode
from qbxml.records import Customer, Invoice, InvoiceLine, ItemInventory
from qbxml.requests import Add, Query
from qbxml.table import Shape

SUPPORTED = ["1.0", "2.0", "3.0", "CA2.0", "CA3.0", "UK2.0", "9.0", "13.0"]


def test_nine_is_older_than_thirteen() -> None:
    assert Version("9.0") < Version("13.0")
    assert max(Version(v) for v in ("2.1", "10.0", "9.0")) == Version("10.0")
    assert str(Version(" 6.1 ")) == "6.1"


def test_the_highest_common_version_is_taken_and_dialects_are_skipped() -> None:
    assert negotiate(SUPPORTED) == Version("13.0")
    assert negotiate(SUPPORTED, Version("12.0")) == Version("9.0")
    assert negotiate(["13.0", "16.0"], Version("13.0")) == Version("13.0")


@pytest.mark.parametrize("offered", [[], ["14.0"], ["CA2.0"]])
def test_no_common_version_is_an_error(offered: list[str]) -> None:
    with pytest.raises(UnsupportedVersion):
        negotiate(offered)


@pytest.mark.parametrize("text", ["", "13", "v13.0", "13.0.1", "-1.0"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(UnsupportedVersion):
        Version(text)


def test_a_version_is_compared_with_versions_only() -> None:
    with pytest.raises(TypeError):
        assert Version("1.0") < "2.0"


def test_a_newer_field_is_left_out_with_a_warning_that_names_it() -> None:
    customer = Customer(name="A", job_title="Buyer", external_guid="0")
    built = Add(customer, request_id="1").to_element(Version("7.0"))
    assert [child.tag for child in built.element[0]] == ["Name"]
    assert [(w.path, w.code) for w in built.warnings] == [
        ("job_title", "version"),
        ("external_guid", "version"),
    ]
    assert "needs qbXML 12.0, QuickBooks speaks 7.0" in built.warnings[0].message


def test_a_field_whose_loss_would_change_the_meaning_is_refused() -> None:
    invoice = Invoice(customer="C", lines=[InvoiceLine(item="I", quantity=2, unit_of_measure="dozen")])
    with pytest.raises(InvalidRecord) as refused:
        Add(invoice, request_id="1").to_element(Version("6.0"))
    assert [(f.path, f.code) for f in refused.value.faults] == [("lines.0.unit_of_measure", "version")]


def test_a_field_of_another_country_is_left_out_or_refused() -> None:
    customer = Customer(name="A", tax_registration_number="1", item_sales_tax="Tax")
    assert [(c.path, c.code) for c in encode(customer, "x", Shape.ADD)[1]] == [
        ("tax_registration_number", "country")
    ]
    assert [c.path for c in encode(customer, "x", Shape.ADD, country="UK")[1]] == ["item_sales_tax"]
    item = ItemInventory(name="A", is_tax_included=True)
    with pytest.raises(InvalidRecord, match="the US edition"):
        encode(item, "x", Shape.ADD)


def test_a_flag_that_says_what_quickbooks_does_anyway_is_only_left_out() -> None:
    _, caveats = encode(ItemInventory(name="A", is_tax_included=False), "x", Shape.ADD)
    assert [c.code for c in caveats] == ["country"]


def test_a_field_no_desktop_edition_has_is_left_out_everywhere() -> None:
    element, caveats = encode(Customer(name="A", mobile="555"), "x", Shape.ADD)
    assert [c.tag for c in element] == ["Name"]
    assert [(c.path, c.code) for c in caveats] == [("mobile", "unusable")]


def test_the_shape_decides_since_when_a_field_exists() -> None:
    item = ItemInventory(list_id="1", edit_sequence="2", income_account="Sales")
    assert encode(item, "x", Shape.MOD, version=Version("6.0"))[1][0].path == "income_account"
    assert (
        encode(ItemInventory(name="A", income_account="Sales"), "x", Shape.ADD, version=Version("6.0"))[1]
        == ()
    )


def test_an_old_version_asks_for_no_selected_elements() -> None:
    query = Query("Customer", request_id="1", include_ret_element=["ListID"])
    built = query.to_element(Version("3.0"))
    assert len(built.element) == 0
    assert [w.path for w in built.warnings] == ["include_ret_element"]


class TestWhatAQueryMayAsk:
    """Attributes and queries have a first version, as elements have."""

    def test_an_iterator_below_its_version_is_a_fault_and_not_left_out(self) -> None:
        query = Query("Customer", iterator="Start", max_returned=5)
        assert query.to_element(Version("5.0")).element.get("iterator") == "Start"
        with pytest.raises(InvalidRecord, match=r"an iterator needs qbXML 5\.0"):
            query.to_element(Version("4.1"))

    def test_a_query_below_its_version_is_a_fault(self) -> None:
        assert Query("Template").is_known(Version("3.0"))
        assert not Query("Template").is_known(Version("2.0"))
        with pytest.raises(InvalidRecord, match=r"TemplateQueryRq needs qbXML 3\.0"):
            Query("Template").to_element(Version("2.0"))

    def test_a_version_older_than_the_oldest_is_as_good_as_none(self) -> None:
        assert negotiate(["1.1", "2.0"], oldest=Version("2.0")) == Version("2.0")
        with pytest.raises(UnsupportedVersion, match=r"offers 1\.0, 1\.1; we speak 2\.0 to 13\.0"):
            negotiate(["1.0", "1.1"], oldest=Version("2.0"))
