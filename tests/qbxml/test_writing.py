"""What becomes of records on their way out: order, clearing, new lines, choices, faults told all at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from qbxml import InvalidRecord
from qbxml.encode import encode, faults
from qbxml.record import Record
from qbxml.records import (
    Account,
    Address,
    Customer,
    DataExt,
    Invoice,
    InvoiceLine,
    InvoiceLineGroup,
    ItemGroup,
    ItemInventoryAssembly,
    ItemNonInventory,
    ItemService,
    PurchaseOrder,
    PurchaseOrderLine,
    Ref,
    SalesAndPurchase,
    SalesOrPurchase,
    Vendor,
)
from qbxml.requests import Add, Mod
from qbxml.table import Shape


def tags(element: etree._Element) -> list[str]:
    return [child.tag for child in element]


def text_of(record: Record, shape: Shape, **rest: Any) -> str:
    return etree.tostring(encode(record, "x", shape, **rest)[0], encoding="us-ascii").decode()


def faults_of(call: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidRecord) as refused:
        call()
    return [(fault.path, fault.code) for fault in refused.value.faults]


class TestOrder:
    def test_non_inventory_parent_comes_before_class_in_add_and_after_it_in_mod_and_ret(self) -> None:
        item = ItemNonInventory(
            list_id="1",
            edit_sequence="2",
            name="A",
            class_="C",
            parent="P",
            sales_or_purchase={"account": "S"},
        )
        assert tags(encode(item, "x", Shape.ADD)[0])[1:3] == ["ParentRef", "ClassRef"]
        assert tags(encode(item, "x", Shape.MOD)[0])[3:5] == ["ClassRef", "ParentRef"]
        assert tags(encode(item, "x", Shape.RET)[0])[3:5] == ["ClassRef", "ParentRef"]

    def test_lines_and_groups_keep_their_order(self) -> None:
        invoice = Invoice(customer="C", lines=[{"item": "a"}, {"item_group": "g"}, {"desc": "b"}])
        assert tags(encode(invoice, "x", Shape.ADD)[0])[1:] == [
            "InvoiceLineAdd",
            "InvoiceLineGroupAdd",
            "InvoiceLineAdd",
        ]


class TestMod:
    HEAD: ClassVar[dict[str, Any]] = {"list_id": "80-1", "edit_sequence": "5"}

    def test_an_absent_field_is_left_alone_and_an_empty_text_clears_it(self) -> None:
        customer = Customer(**self.HEAD, notes="", phone=None)
        assert text_of(customer, Shape.MOD) == (
            "<x><ListID>80-1</ListID><EditSequence>5</EditSequence><Notes></Notes></x>"
        )

    def test_named_fields_are_cleared_by_an_empty_element(self) -> None:
        request = Mod(Customer(**self.HEAD), clear=("terms", "credit_limit", "job_end_date", "notes"))
        inner = etree.tostring(request.to_element().element[0]).decode()
        assert "<TermsRef><FullName></FullName></TermsRef>" in inner
        assert "<CreditLimit></CreditLimit>" in inner
        assert "<JobEndDate></JobEndDate>" in inner
        assert "<Notes></Notes>" in inner

    def test_class_can_be_cleared_by_its_json_name(self) -> None:
        request = Mod(Customer(**self.HEAD), clear=("class",))
        assert (
            "<ClassRef><FullName></FullName></ClassRef>"
            in etree.tostring(request.to_element().element).decode()
        )

    def test_what_cannot_be_cleared_is_refused(self) -> None:
        head = Customer(**self.HEAD)
        assert faults_of(Mod(head, clear=("name",)).to_element) == [("name", "clear")]
        assert faults_of(Mod(head, clear=("bill_address",)).to_element) == [("bill_address", "clear")]
        assert faults_of(Mod(head, clear=("balance", "nonsense")).to_element) == [
            ("balance", "unknown"),
            ("nonsense", "unknown"),
        ]

    def test_a_value_and_its_clearing_contradict(self) -> None:
        request = Mod(Customer(**self.HEAD, phone="1"), clear=("phone",))
        assert faults_of(request.to_element) == [("phone", "clear")]

    def test_id_and_edit_sequence_are_needed(self) -> None:
        assert faults_of(Mod(Customer(name="A")).to_element) == [
            ("list_id", "missing"),
            ("edit_sequence", "missing"),
        ]

    def test_a_line_without_id_is_new_and_one_with_id_alone_is_kept(self) -> None:
        kept = InvoiceLine(txn_line_id="7-7")
        group = InvoiceLineGroup(txn_line_id="8-8", lines=[InvoiceLine(item="I")])
        invoice = Invoice(txn_id="1-1", edit_sequence="2", lines=(kept, InvoiceLine(item="I"), group))
        element, caveats = encode(invoice, "x", Shape.MOD)
        assert caveats == ()
        assert [line.findtext("TxnLineID") for line in element.iter("InvoiceLineMod")] == ["7-7", "-1", "-1"]
        assert tags(element.findall("InvoiceLineMod")[0]) == ["TxnLineID"]
        assert element.findtext("InvoiceLineGroupMod/TxnLineID") == "8-8"

    def test_no_lines_leave_the_lines_alone(self) -> None:
        assert tags(encode(Invoice(txn_id="1-1", edit_sequence="2"), "x", Shape.MOD)[0]) == [
            "TxnID",
            "EditSequence",
        ]

    def test_a_record_as_read_can_be_changed_and_sent_back(self) -> None:
        held = Customer.believed(
            {
                "list_id": "8-1",
                "edit_sequence": "9",
                "name": "A",
                "balance": Decimal(5),
                "full_name": "A",
                "sublevel": 0,
            }
        )
        changed = held.model_copy(update={"phone": "555"})
        element, caveats = encode(changed, "x", Shape.MOD)
        assert tags(element) == ["ListID", "EditSequence", "Name", "Phone"]
        assert caveats == ()

    def test_what_belongs_to_another_shape_is_left_out_with_a_warning(self) -> None:
        customer = Customer(**self.HEAD, open_balance=5)
        [caveat] = encode(customer, "x", Shape.MOD)[1]
        assert (caveat.path, caveat.code) == ("open_balance", "not_here")
        item = ItemService(name="A", force_uom_change=True, sales_or_purchase={"account": "S"})
        [caveat] = encode(item, "x", Shape.ADD)[1]
        assert "when a record is changed" in caveat.message

    def test_aggregates_change_their_name(self) -> None:
        item = ItemService(**self.HEAD, sales_and_purchase=SalesAndPurchase(income_account="S"))
        assert tags(encode(item, "x", Shape.MOD)[0])[-1] == "SalesAndPurchaseMod"
        customer = Customer(**self.HEAD, contacts=[{"list_id": "1", "edit_sequence": "2", "first_name": "Ö"}])
        assert tags(encode(customer, "x", Shape.MOD)[0])[-1] == "ContactsMod"


class TestChoices:
    def test_an_item_needs_one_of_sales_or_purchase_and_sales_and_purchase(self) -> None:
        assert faults_of(Add(ItemService(name="A")).to_element) == [("sales_or_purchase", "missing")]
        both = ItemService(
            name="A", sales_or_purchase=SalesOrPurchase(), sales_and_purchase=SalesAndPurchase()
        )
        assert faults_of(Add(both).to_element) == [("sales_or_purchase", "choice")]

    def test_a_mod_needs_neither(self) -> None:
        assert faults(ItemService(list_id="1", edit_sequence="2"), Shape.MOD) == ()

    def test_rate_percent_and_price_level_exclude_each_other(self) -> None:
        invoice = Invoice(customer="C", lines=[InvoiceLine(item="I", rate=1, rate_percent=2)])
        assert faults_of(Add(invoice).to_element) == [("lines.0.rate", "choice")]

    def test_a_purchase_order_is_shipped_to_one_place(self) -> None:
        order = PurchaseOrder(vendor="V", inventory_site="S", ship_to_entity="C", lines=[{"item": "I"}])
        assert faults_of(Add(order).to_element) == [("inventory_site", "choice")]
        assert faults(order, Shape.RET) == ()

    def test_members_are_cleared_or_given(self) -> None:
        group = ItemGroup(list_id="1", edit_sequence="2", clear_items_in_group=True, lines=[{"item": "I"}])
        assert faults_of(Mod(group).to_element) == [("clear_items_in_group", "choice")]
        assert faults(ItemInventoryAssembly(name="A"), Shape.ADD) == ()

    def test_a_purchase_order_needs_a_line(self) -> None:
        assert faults_of(Add(PurchaseOrder(vendor="V")).to_element) == [("lines", "missing")]


class TestReferences:
    def test_the_id_is_sent_alone_where_both_are_known(self) -> None:
        invoice = Invoice(customer=Ref(list_id="8-1", full_name="C"))
        assert text_of(invoice, Shape.ADD) == "<x><CustomerRef><ListID>8-1</ListID></CustomerRef></x>"

    def test_a_name_longer_than_the_list_holds_is_a_fault(self) -> None:
        line = Invoice.believed({"customer": Ref(full_name="C"), "sales_rep": Ref(full_name="TOOLONG")})
        [fault] = faults(line, Shape.ADD)
        assert (fault.path, fault.code, fault.limit) == ("sales_rep.full_name", "too_long", 5)

    def test_an_empty_reference_is_a_fault(self) -> None:
        assert faults_of(Add(Invoice.believed({"customer": Ref.believed({})})).to_element) == [
            ("customer", "missing")
        ]

    def test_a_colon_is_allowed_in_a_full_name(self) -> None:
        assert "a:b" in text_of(Invoice(customer="a:b"), Shape.ADD)


class TestFaults:
    def test_all_faults_are_told_with_path_value_and_limit(self) -> None:
        broken = Invoice.believed(
            {
                "ref_number": "x" * 12,
                "txn_date": "2026-01-01",
                "bill_address": Address.believed({"addr1": "a" * 42, "city": "中"}),
                "lines": (InvoiceLine.believed({"quantity": Decimal("0.123456"), "desc": 5}),),
                "customer": Ref(full_name="C"),
            }
        )
        with pytest.raises(InvalidRecord) as refused:
            Add(broken).to_element()
        found = {fault.path: (fault.code, fault.limit) for fault in refused.value.faults}
        assert found == {
            "ref_number": ("too_long", 11),
            "txn_date": ("type", None),
            "bill_address.addr1": ("too_long", 41),
            "bill_address.city": ("character", None),
            "lines.0.quantity": ("digits", 5),
            "lines.0.desc": ("type", None),
        }
        assert "InvoiceAddRq" in str(refused.value)

    def test_too_many_repetitions_are_a_fault(self) -> None:
        vendor = Vendor.believed(
            {"name": "V", "prefill_account": tuple(Ref(full_name=f"A{n}") for n in range(4))}
        )
        assert [(f.path, f.code, f.limit) for f in faults(vendor, Shape.ADD)] == [
            ("prefill_account", "too_many", 3)
        ]

    def test_values_of_the_wrong_class_are_faults_not_crashes(self) -> None:
        wrong = Customer.believed(
            {"name": "A", "terms": "Net 30", "bill_address": Ref(full_name="x"), "is_active": 1}
        )
        assert {f.path for f in faults(wrong, Shape.ADD)} == {"terms", "bill_address", "is_active"}

    def test_records_we_only_read_cannot_be_written(self) -> None:
        assert faults_of(Add(Account(name="A")).to_element) == [("", "verb")]
        assert faults_of(Mod(Account(list_id="1", edit_sequence="2")).to_element) == [("", "verb")]
        assert faults_of(Add(Address(city="X")).to_element) == [("", "verb")]

    def test_a_line_group_is_not_a_line_of_an_order(self) -> None:
        order = PurchaseOrder.believed({"lines": (InvoiceLine(item="I"),)})
        [fault] = faults(order, Shape.ADD)
        assert (fault.path, fault.code) == ("lines.0", "type")


class TestCustomFieldsOnLines:
    def test_they_go_out_as_data_ext_and_come_back_as_data_ext_ret(self) -> None:
        ext = DataExt(owner_id="0", data_ext_name="Colour", data_ext_value="red")
        order = PurchaseOrder(lines=[PurchaseOrderLine(item="I", data_ext=[ext])])
        assert encode(order, "x", Shape.ADD)[0].find("PurchaseOrderLineAdd/DataExt") is not None
        assert encode(order, "x", Shape.RET)[0].find("PurchaseOrderLineRet/DataExtRet") is not None


def test_zero_empty_and_false_are_values() -> None:
    invoice = Invoice(
        customer="C", ref_number="", is_pending=False, lines=[{"item": "I", "quantity": 0, "rate": "0"}]
    )
    text = text_of(invoice, Shape.ADD)
    assert "<RefNumber></RefNumber>" in text
    assert "<IsPending>false</IsPending>" in text
    assert "<Quantity>0</Quantity><Rate>0</Rate>" in text


@given(name=st.text(), memo=st.text(), rate=st.decimals(), quantity=st.decimals(), number=st.text())
def test_whatever_is_put_in_either_a_fault_or_clean_xml_comes_out(
    name: str, memo: str, rate: Decimal, quantity: Decimal, number: str
) -> None:
    line = InvoiceLine.believed(
        {"item": Ref.believed({"full_name": name}), "rate": rate, "quantity": quantity}
    )
    invoice = Invoice.believed(
        {"customer": Ref.believed({"full_name": name}), "memo": memo, "ref_number": number, "lines": (line,)}
    )
    try:
        element = Add(invoice, request_id="1").to_element().element
    except InvalidRecord:
        return
    sent = etree.tostring(element, encoding="us-ascii")
    assert etree.fromstring(sent).findtext("InvoiceAdd/RefNumber") in (
        number,
        etree.fromstring(sent)[0][1].text,
        "",
    )
