"""Requests and their envelope: what is refused before QuickBooks sees it, and the exact text that leaves."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import pytest
from lxml import etree

from qbxml import EnvelopeError, InvalidRecord, ReadError, Version, build
from qbxml.queries import QUERIES
from qbxml.records import Customer, Invoice
from qbxml.requests import (
    Add,
    DataExtAdd,
    DataExtDel,
    DataExtMod,
    ListDel,
    Mod,
    Query,
    Raw,
    Request,
    TxnDel,
    TxnVoid,
)


def xml(request: Request) -> str:
    return etree.tostring(request.to_element().element, encoding="us-ascii").decode()


def faults(call: Any) -> dict[str, str]:
    with pytest.raises(InvalidRecord) as refused:
        call()
    return {fault.path: fault.code for fault in refused.value.faults}


class TestNames:
    @pytest.mark.parametrize(
        ("request_", "name", "writes"),
        [
            (Add(Customer(name="A")), "CustomerAddRq", True),
            (Mod(Invoice()), "InvoiceModRq", True),
            (Query("Item"), "ItemQueryRq", False),
            (TxnVoid("Invoice", "1"), "TxnVoidRq", True),
            (TxnDel("Bill", "1"), "TxnDelRq", True),
            (ListDel("Customer", "1"), "ListDelRq", True),
            (DataExtDel(owner_id="0", data_ext_name="x"), "DataExtDelRq", True),
            (Raw(b"<BillQueryRq/>"), "BillQueryRq", False),
            (Raw(b"<GeneralSummaryReportQueryRq/>"), "GeneralSummaryReportQueryRq", False),
            (Raw(b"<BillAddRq/>"), "BillAddRq", True),
        ],
    )
    def test_every_request_knows_its_name_and_whether_it_writes(
        self, request_: Request, name: str, writes: bool
    ) -> None:
        assert (request_.name, request_.writes) == (name, writes)


class TestRequestId:
    def test_it_is_an_attribute(self) -> None:
        assert xml(Query("Host", request_id="h-1")) == '<HostQueryRq requestID="h-1"/>'

    @pytest.mark.parametrize("bad", ["x" * 51, "é", "a\nb"])
    def test_what_quickbooks_could_not_echo_is_refused(self, bad: str) -> None:
        assert faults(Query("Host", request_id=bad).to_element) == {"request_id": "request_id"}


class TestInclude:
    def test_an_add_may_name_what_it_wants_back(self) -> None:
        request = Add(Customer(name="A"), include_ret_elements=("ListID", "EditSequence"))
        assert xml(request).endswith(
            "</CustomerAdd><IncludeRetElement>ListID</IncludeRetElement>"
            "<IncludeRetElement>EditSequence</IncludeRetElement></CustomerAddRq>"
        )

    def test_a_name_longer_than_fifty_is_a_fault(self) -> None:
        request = Add(Customer(name="A"), include_ret_elements=("x" * 51,))
        assert faults(request.to_element) == {"include_ret_element.0": "too_long"}


class TestQuery:
    def test_selectors_come_in_schema_order_whatever_order_they_are_given_in(self) -> None:
        query = Query(
            "Customer",
            owner_id=["0"],
            include_ret_element="ListID",
            from_modified_date=datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001 - QuickBooks' wall clock
            active_status="All",
            max_returned=50,
        )
        assert [child.tag for child in query.to_element().element] == [
            "MaxReturned",
            "ActiveStatus",
            "FromModifiedDate",
            "IncludeRetElement",
            "OwnerID",
        ]

    def test_a_single_value_may_stand_for_a_list(self) -> None:
        assert xml(Query("Invoice", ref_number="1")) == xml(Query("Invoice", ref_number=["1"]))

    def test_filters_are_given_as_values_or_mappings(self) -> None:
        assert xml(Query("Customer", name_filter={"match_criterion": "StartsWith", "name": "A"})) == (
            "<CustomerQueryRq><NameFilter><MatchCriterion>StartsWith</MatchCriterion><Name>A</Name></NameFilter>"
            "</CustomerQueryRq>"
        )
        ranged = Query(
            "Invoice", txn_date_range_filter={"from_txn_date": "2026-01-01", "to_txn_date": "2026-01-31"}
        )
        assert "<FromTxnDate>2026-01-01</FromTxnDate><ToTxnDate>2026-01-31</ToTxnDate>" in xml(ranged)
        entity = Query("Invoice", entity_filter={"list_id": ["8-1"]}, paid_status="NotPaidOnly")
        assert "<EntityFilter><ListID>8-1</ListID></EntityFilter><PaidStatus>" in xml(entity)

    def test_branches_exclude_each_other(self) -> None:
        assert faults(Query("Customer", list_id=["1"], full_name=["A"]).to_element) == {"list_id": "choice"}
        assert faults(Query("Customer", list_id=["1"], max_returned=5).to_element) == {"list_id": "choice"}
        names = {"match_criterion": "Contains", "name": "x"}
        both = Query("Customer", name_filter=names, name_range_filter={"from_name": "a"})
        assert faults(both.to_element) == {"name_filter": "choice"}

    def test_a_filter_needs_its_parts(self) -> None:
        assert faults(Query("Customer", name_filter={"name": "x"}).to_element) == {
            "name_filter.match_criterion": "missing"
        }
        assert faults(Query("Invoice", entity_filter={}).to_element) == {"entity_filter.list_id": "missing"}

    def test_unknown_kinds_selectors_and_values_are_faults(self) -> None:
        assert faults(lambda: Query("Bill")) == {"kind": "unknown"}
        assert faults(lambda: Query("Host", list_id=["1"])) == {"list_id": "extra_forbidden"}
        assert faults(lambda: Query("Customer", active_status="Every", max_returned="x")) == {
            "active_status": "enum",
            "max_returned": "int_parsing",
        }
        assert faults(lambda: Query("Customer", max_returned=0)) == {"max_returned": "range"}

    def test_an_iterator_starts_and_continues(self) -> None:
        start = Query("Item", request_id="1", max_returned=500, iterator="Start")
        assert 'iterator="Start"' in xml(start)
        more = Query("Item", request_id="2", max_returned=500, iterator="Continue", iterator_id="{x}")
        assert 'iterator="Continue" iteratorID="{x}"' in xml(more)

    @pytest.mark.parametrize(
        ("kind", "given", "path"),
        [
            ("Item", {"iterator": "Start"}, "max_returned"),
            ("Item", {"iterator": "Again", "max_returned": 5, "iterator_id": "{x}"}, "iterator"),
            ("Item", {"iterator": "Continue", "max_returned": 5}, "iterator_id"),
            ("Item", {"iterator": "Start", "iterator_id": "{x}", "max_returned": 5}, "iterator_id"),
            ("Item", {"iterator_id": "{x}"}, "iterator"),
            ("Account", {"iterator": "Start", "max_returned": 5}, "iterator"),
            ("Item", {"meta_data": "All"}, "meta_data"),
        ],
    )
    def test_a_misused_iterator_is_a_fault(self, kind: str, given: dict[str, Any], path: str) -> None:
        assert list(faults(Query(kind, **given).to_element)) == [path]

    def test_control_characters_in_an_iterator_id_are_a_fault(self) -> None:
        query = Query("Item", max_returned=5, iterator="Continue", iterator_id="\x00")
        assert faults(query.to_element) == {"iterator_id": "iterator_id"}

    def test_deleted_records_are_asked_for_by_type(self) -> None:
        assert faults(Query("ListDeleted").to_element) == {"list_del_type": "missing"}
        query = Query("ListDeleted", list_del_type=["Customer", "ItemService"])
        assert xml(query).count("<ListDelType>") == 2

    def test_every_kind_can_be_asked_for_plainly(self) -> None:
        needy = {"ListDeleted", "TxnDeleted"}
        assert all(xml(Query(kind)) == f"<{kind}QueryRq/>" for kind in QUERIES if kind not in needy)


class TestByType:
    def test_void_names_type_and_id(self) -> None:
        assert xml(TxnVoid("Invoice", "5-1", request_id="v")) == (
            '<TxnVoidRq requestID="v"><TxnVoidType>Invoice</TxnVoidType><TxnID>5-1</TxnID></TxnVoidRq>'
        )
        assert "<ListDelType>Customer</ListDelType><ListID>8-1</ListID>" in xml(ListDel("Customer", "8-1"))

    def test_a_purchase_order_cannot_be_voided_but_deleted(self) -> None:
        assert faults(TxnVoid("PurchaseOrder", "5-1").to_element) == {"type": "enum"}
        assert "PurchaseOrder" in xml(TxnDel("PurchaseOrder", "5-1"))

    def test_an_empty_id_is_a_fault(self) -> None:
        assert faults(TxnDel("Invoice", "").to_element) == {"id": "id"}


class TestDataExt:
    FIELD: ClassVar[dict[str, Any]] = {"owner_id": "0", "data_ext_name": "Colour"}

    def test_a_custom_field_is_set_and_cleared(self) -> None:
        target = {"list_data_ext_type": "Customer", "list_obj": "Harbour"}
        assert "<DataExtValue>red</DataExtValue></DataExtMod>" in xml(
            DataExtMod(**self.FIELD, **target, data_ext_value="red")
        )
        assert xml(DataExtDel(**self.FIELD, **target)).endswith("</ListObjRef></DataExtDel></DataExtDelRq>")

    def test_the_target_must_be_one_and_complete(self) -> None:
        value = {"data_ext_value": "x"}
        assert faults(DataExtAdd(**self.FIELD, **value).to_element) == {"list_data_ext_type": "missing"}
        half = DataExtAdd(**self.FIELD, **value, list_data_ext_type="Customer")
        assert faults(half.to_element) == {"list_obj": "missing"}
        half = DataExtAdd(**self.FIELD, **value, txn_data_ext_type="Invoice")
        assert faults(half.to_element) == {"txn_id": "missing"}
        both = DataExtAdd(
            **self.FIELD, **value, list_data_ext_type="Customer", list_obj="A", other_data_ext_type="Company"
        )
        assert faults(both.to_element) == {"list_data_ext_type": "choice"}

    def test_wrong_fields_are_faults(self) -> None:
        assert faults(lambda: DataExtMod(owner_id="x", data_ext_name="y" * 32, colour=1)) == {
            "owner_id": "guid",
            "data_ext_name": "too_long",
            "colour": "extra_forbidden",
        }


class TestRaw:
    def test_content_is_the_callers_and_the_id_is_ours(self) -> None:
        raw = Raw(
            b'<BillAddRq requestID="theirs" other="1"><BillAdd><Memo>caf\xc3\xa9</Memo></BillAdd></BillAddRq>',
            "ours",
        )
        assert xml(raw) == (
            '<BillAddRq requestID="ours" other="1"><BillAdd><Memo>caf&#233;</Memo></BillAdd></BillAddRq>'
        )

    def test_an_element_may_be_given_and_is_copied(self) -> None:
        element = etree.fromstring("<BillAddRq><BillAdd/></BillAddRq>")
        raw = Raw(element)
        element.clear()
        assert xml(raw) == "<BillAddRq><BillAdd/></BillAddRq>"

    def test_it_can_be_built_twice(self) -> None:
        raw = Raw(b"<BillAddRq><BillAdd><a/></BillAdd></BillAddRq>", "1")
        assert xml(raw) == xml(raw)

    @pytest.mark.parametrize("source", [b"<QBXML/>", b"<BillAdd/>", b"<a:BillAddRq xmlns:a='x'/>"])
    def test_anything_but_a_request_is_refused(self, source: bytes) -> None:
        assert faults(lambda: Raw(source)) == {"source": "name"}

    @pytest.mark.parametrize(
        "source", [b"", b"<BillAddRq>", b"<!DOCTYPE a><BillAddRq/>", b"<A/><B/>", b"text"]
    )
    def test_what_is_not_well_formed_is_refused(self, source: bytes) -> None:
        with pytest.raises(ReadError):
            Raw(source)


class TestEnvelope:
    def test_the_exact_text(self) -> None:
        text = build([Add(Customer(name="Söhne & Co"), request_id="1")], version=Version("12.0")).text
        assert text == (
            '<?xml version="1.0" encoding="utf-8"?><?qbxml version="12.0"?>'
            '<QBXML><QBXMLMsgsRq onError="continueOnError"><CustomerAddRq requestID="1"><CustomerAdd>'
            "<Name>S&#246;hne &amp; Co</Name></CustomerAdd></CustomerAddRq></QBXMLMsgsRq></QBXML>"
        )

    def test_it_is_pure_ascii_and_reads_back(self) -> None:
        text = build([Add(Customer(name="Œuvre €", notes="“x”\n\ty"), request_id="1")]).text
        assert text.isascii()
        assert "\t" not in text
        assert etree.fromstring(text.encode()).findtext(".//Name") == "Œuvre €"

    def test_message_set_ids_are_attributes(self) -> None:
        text = build([], new_message_set_id="n" * 24, old_message_set_id="o", on_error="stopOnError").text
        assert f'onError="stopOnError" newMessageSetID="{"n" * 24}" oldMessageSetID="o"' in text

    @pytest.mark.parametrize("bad", ["", "x" * 25, "é", "a\nb"])
    def test_an_id_quickbooks_would_refuse_is_refused(self, bad: str) -> None:
        with pytest.raises(EnvelopeError, match="newMessageSetID"):
            build([], new_message_set_id=bad)
        with pytest.raises(EnvelopeError, match="oldMessageSetID"):
            build([], old_message_set_id=bad)

    def test_rollback_is_not_offered_because_quickbooks_does_not_have_it(self) -> None:
        with pytest.raises(EnvelopeError, match="rollbackOnError"):
            build([], on_error="rollbackOnError")

    def test_answers_must_be_told_apart(self) -> None:
        with pytest.raises(EnvelopeError, match="used twice"):
            build([Query("Host", request_id="1"), Query("Company", request_id="1")])
        with pytest.raises(EnvelopeError, match="2 of 2 has no request_id"):
            build([Query("Host", request_id="1"), Query("Company")])

    def test_a_lone_request_needs_no_id(self) -> None:
        assert "<HostQueryRq/>" in build([Query("Host")]).text

    def test_warnings_are_kept_by_request(self) -> None:
        built = build(
            [Add(Customer(name="5″"), request_id="1"), Add(Customer(name="C"), request_id="2")], country="US"
        )
        assert {key: [w.code for w in value] for key, value in built.warnings.items()} == {"1": ["mapped"]}

    def test_one_bad_request_refuses_the_set(self) -> None:
        with pytest.raises(InvalidRecord):
            build([Add(Customer(), request_id="1")])

    def test_requests_are_frozen_values(self) -> None:
        request = Query("Host", request_id="1")
        with pytest.raises(AttributeError):
            request.request_id = "2"
        assert request == Query("Host", request_id="1")
