"""Verdicts that are rare, each from what is known alone: no database, no visit."""

from __future__ import annotations

from typing import Any

import pytest

import qbxml.records as qb
from qbwc_server.domain.causes import (
    AlreadyLinked,
    CustomerNotMatched,
    InvalidField,
    ItemNotMatched,
    NameInUse,
    RecordDeleted,
    RecordInactive,
    ReferenceMissing,
    Refused,
)
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.operations import Operation
from qbwc_server.domain.records import Link, Record, State, external_guid
from qbwc_server.sync.check import Blocked, Matched, Ready, Verdict, Waiting, before_in_quickbooks, full_names
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.check.named import Found
from qbwc_server.sync.check.naming import references_of

from .test_known import FISH, OYSTER, Shelf, connector, entry, invoice, record

JOB = entry(ListName.CUSTOMER, "C2", "Harbour Fish:Dock", email="dock@fish.example", type="Customer:Job")
GROUP = entry(ListName.ITEM, "I9", "Box of fish", sku="BOX", type="ItemGroup")
BELOW = {"full_name": "Harbour Fish"}


def link(quickbooks_id: str, name: str = "Harbour Fish") -> Link:
    return Link(quickbooks_id, "1", name, "created", "answer")


def job(record_id: int = 1, name: str = "Pier", email: str = "dock@fish.example", **more: Any) -> Record:
    content = {"name": name, "parent": BELOW, "email": email}
    return record(record_id, Kind.CUSTOMER, f"j{record_id}", content, **more)


def causes(verdict: Verdict) -> list[type]:
    assert isinstance(verdict, Blocked), verdict
    return [type(found.cause) for found in verdict.findings]


def test_a_job_is_the_one_of_that_name_below_its_parent_or_the_only_one_there_with_its_email() -> None:
    by_email = Shelf([FISH, JOB]).verdict(Known(connector()), job())
    assert isinstance(by_email, Matched)
    assert (by_email.link.quickbooks_id, by_email.link.matched_by) == ("C2", "email")
    by_name = Shelf([FISH, JOB]).verdict(Known(connector()), job(name="Dock", email="other@fish.example"))
    assert isinstance(by_name, Matched)
    assert (by_name.link.quickbooks_id, by_name.link.matched_by) == ("C2", "name")


def test_a_job_is_created_where_its_email_tells_nothing() -> None:
    """It is the parent's, or somebody else's by then, or others that are handed over have it too."""
    parents = Shelf([FISH._replace(email="dock@fish.example")])
    assert isinstance(parents.verdict(Known(connector()), job()), Ready)
    taken = Shelf([FISH, JOB], [(job(7, state=State.SYNCED, link=link("C2")), set())])
    assert isinstance(taken.verdict(Known(connector()), job()), Ready)
    twins = Shelf([FISH, JOB], [(job(7, "Quay"), {"email:dock@fish.example"})])
    assert isinstance(twins.verdict(Known(connector()), job()), Ready)


@pytest.mark.parametrize(
    ("kind", "operation"), [(Kind.INVOICE, Operation.VOID), (Kind.PURCHASE_ORDER, Operation.MOD)]
)
def test_an_invoice_is_voided_and_a_purchase_order_which_cannot_be_is_closed(
    kind: Kind, operation: Operation
) -> None:
    content = {"ref_number": "1", "lines": [{"desc": "Fish"}]}
    verdict = Shelf().verdict(
        Known(connector()), record(1, kind, "d1", content, is_void=True, link=link("5-1"))
    )
    assert isinstance(verdict, Ready)
    assert verdict.operation is operation


def test_a_record_linked_to_what_another_one_has_is_told_so_until_that_one_lets_go() -> None:
    second = record(2, Kind.CUSTOMER, "c2", {"name": "Harbour", "email": "ap@fish.example"})
    second = second._replace(link=link("C1"), is_surplus=True)
    first = record(1, Kind.CUSTOMER, "c1", {"name": "Harbour Fish", "email": "ap@fish.example"})
    held = Shelf([FISH], [(first._replace(link=link("C1"), state=State.SYNCED), set())])
    assert causes(held.verdict(Known(connector()), second)) == [AlreadyLinked]
    assert not isinstance(Shelf([FISH]).verdict(Known(connector()), second), Blocked)


def test_a_change_of_what_is_inactive_in_quickbooks_is_held_back_and_one_that_retires_it_is_not() -> None:
    shelf = Shelf([FISH._replace(is_active=False)])
    content = {"name": "Harbour Fish", "email": "ap@fish.example"}
    changed = record(1, Kind.CUSTOMER, "c1", content, link=link("C1"), synced_content=content)
    assert causes(shelf.verdict(Known(connector()), changed)) == [RecordInactive]
    retired = changed._replace(content={**content, "is_active": False})
    assert not isinstance(shelf.verdict(Known(connector()), retired), Blocked)


def test_a_change_that_names_what_is_not_there_is_held_back() -> None:
    before = {"sku": "A-77", "name": "Oyster", "price": "2.00"}
    after = {**before, "price": "3.00", "pref_vendor": {"full_name": "Nobody"}}
    changed = record(1, Kind.ITEM, "i1", after, link=link("I1"), synced_content=before)
    assert causes(Shelf([OYSTER]).verdict(Known(connector()), changed)) == [ReferenceMissing]


@pytest.mark.parametrize("vendor", [{}, {"full_name": " "}])
def test_an_item_whose_vendor_says_nothing_is_not_bought(vendor: dict[str, Any]) -> None:
    content = {"sku": "B-1", "name": "Cod", "price": "2.00", "income_account": "Sales", "pref_vendor": vendor}
    verdict = Shelf().verdict(Known(connector()), record(1, Kind.ITEM, "i1", content))
    assert isinstance(verdict, Ready)
    assert {"sales_or_purchase", "sales_and_purchase"} & verdict.payload.model_fields_set == {
        "sales_or_purchase"
    }


def test_an_item_on_its_way_with_the_very_sku_is_meant_rather_than_one_that_is_written_otherwise() -> None:
    ours = record(7, Kind.ITEM, "i-7", {"sku": "a-77", "name": "Own oyster"})
    shelf = Shelf([FISH, OYSTER], [(ours, {"sku:a-77"})])
    assert shelf.verdict(Known(connector()), invoice(1, sku="a-77")) == Waiting(frozenset({7}))
    assert isinstance(shelf.verdict(Known(connector()), invoice(2, sku="A-77")), Ready)


def test_whoever_is_named_and_gone_from_quickbooks_is_said_to_be_deleted() -> None:
    shelf = Shelf([FISH._replace(is_deleted=True), OYSTER])
    verdict = shelf.verdict(Known(connector()), invoice(1, {"full_name": "harbour fish"}))
    assert causes(verdict) == [RecordDeleted]


def test_a_line_for_an_item_group_may_not_say_what_only_plain_lines_say() -> None:
    grouped = invoice(1, sku="BOX")
    line = {"item": {"sku": "BOX"}, "quantity": "1", "rate": "2.00", "desc": "Ours"}
    grouped = grouped._replace(content={**grouped.content, "lines": [line]})
    verdict = Shelf([FISH, GROUP]).verdict(Known(connector()), grouped)
    assert set(causes(verdict)) == {InvalidField}


def test_a_deleted_holder_of_a_name_leaves_it_free() -> None:
    content = {"name": "Harbour Fish", "email": "new@fish.example"}
    wanted = record(1, Kind.CUSTOMER, "c1", content)
    gone = FISH._replace(email=None, is_deleted=True)
    assert isinstance(Shelf([gone]).verdict(Known(connector()), wanted), Ready)
    there = FISH._replace(email=None)
    assert causes(Shelf([there]).verdict(Known(connector()), wanted)) == [NameInUse]


def test_the_second_of_two_items_that_are_one_waits_for_the_first() -> None:
    first, second = (
        record(number, Kind.ITEM, f"i{number}", {"sku": "NEW", "type": "non_inventory"}) for number in (1, 2)
    )
    shelf = Shelf([], [(first, {"sku:new"}), (second, {"sku:new"})])
    assert shelf.verdict(Known(connector()), second) == Waiting(frozenset({1}))


@pytest.mark.parametrize("rule", ["sub_name", "barcode", "name", "part_number"])
def test_an_item_is_found_by_each_rule(rule: str) -> None:
    cod = entry(ListName.ITEM, "I2", "Fish:Cod", sku="Cod", barcode="Cod")
    if rule == "name":
        cod = cod._replace(full_name="Cod")
    shelf = Shelf([FISH, cod])
    verdict = shelf.verdict(Known(connector(match_items_by=[rule])), invoice(1, sku="Cod"))
    assert isinstance(verdict, Ready)
    nothing = Shelf([FISH]).verdict(Known(connector(match_items_by=[rule])), invoice(1, sku="Cod"))
    assert causes(nothing) == [ItemNotMatched]


@pytest.mark.parametrize(
    ("parent", "names"),
    [
        (None, {"pier"}),
        ({"full_name": "Harbour Fish"}, {"harbour fish:pier"}),
        ({"list_id": "C1"}, {"harbour fish:pier"}),
        ({"email": "ap@fish.example"}, {"harbour fish:pier"}),
        ({"external_id": "c-7"}, {"own parent:pier"}),
        ({"external_id": "nobody"}, set()),
    ],
)
def test_a_job_has_the_name_of_its_parent_whatever_way_that_is_named(
    parent: dict[str, str] | None, names: set[str]
) -> None:
    content = {"name": "Pier", "email": "p@fish.example"} | ({} if parent is None else {"parent": parent})
    wanted = record(1, Kind.CUSTOMER, "c1", content)
    above = record(7, Kind.CUSTOMER, "c-7", {"name": "Own parent", "email": "o@fish.example"})
    known, shelf = Known(connector()), Shelf([FISH], [(above, set())])
    while True:
        found = full_names(known, wanted)
        if not known.missing:
            break
        shelf.tell(known)
    assert found == names


def test_a_nameless_record_has_no_name_to_be_found_by() -> None:
    assert (
        full_names(Known(connector()), record(1, Kind.CUSTOMER, "c1", {"email": "p@fish.example"})) == set()
    )


def test_what_was_not_changed_before_has_nothing_to_be_compared_with() -> None:
    assert before_in_quickbooks(Known(connector()), job()) is None


@pytest.mark.parametrize(("number", "is_there"), [("AC-1", True), ("ac-1", True), ("AC-2", False)])
def test_a_customer_is_found_by_its_account_number_where_that_is_the_rule(
    number: str, is_there: bool
) -> None:
    shelf = Shelf([FISH._replace(account_number="AC-1")])
    wanted = record(1, Kind.CUSTOMER, "c1", {"name": "Harbour", "account_number": number})
    verdict = shelf.verdict(Known(connector(match_customers_by=["account_number"])), wanted)
    assert isinstance(verdict, Matched if is_there else Ready)


def test_a_vendor_is_found_by_its_name_where_that_is_the_rule() -> None:
    known, wanted = Known(connector(match_vendors_by=["name"])), {"email": "other@boats.example"}
    verdict = Shelf([BOATS]).verdict(known, record(1, Kind.VENDOR, "v1", {"name": "boats", **wanted}))
    assert isinstance(verdict, Matched)
    assert (verdict.link.quickbooks_id, verdict.link.matched_by) == ("V1", "name")
    other = Shelf([BOATS]).verdict(known, record(2, Kind.VENDOR, "v2", {"name": "Ships", **wanted}))
    assert isinstance(other, Ready)


def test_one_that_we_created_under_that_name_is_it_unless_another_record_has_it() -> None:
    wanted = record(1, Kind.CUSTOMER, "c1", {"name": "Harbour Fish", "email": "new@fish.example"})
    ours = FISH._replace(email=None, external_guid=external_guid(connector().uuid, wanted))
    verdict = Shelf([ours]).verdict(Known(connector()), wanted)
    assert isinstance(verdict, Matched)
    assert (verdict.link.quickbooks_id, verdict.link.matched_by) == ("C1", "created")
    other = record(2, Kind.CUSTOMER, "c2", {"name": "X", "email": "x@y.example"}, link=link("C1"))
    assert causes(Shelf([ours], [(other, set())]).verdict(Known(connector()), wanted)) == [AlreadyLinked]


def test_an_item_that_is_of_another_type_in_quickbooks_is_not_changed() -> None:
    content = {"sku": "A-77", "name": "Oyster", "type": "non_inventory"}
    changed = record(1, Kind.ITEM, "i1", content, link=link("I1"), synced_content=content)
    shelf = Shelf([OYSTER._replace(type="ItemPayment")])
    assert causes(shelf.verdict(Known(connector()), changed)) == [Refused]


def test_what_a_record_names_is_told_with_what_it_was_found_by() -> None:
    content = {
        "ref_number": "1",
        "customer": {"email": "ap@fish.example"},
        "terms": {"full_name": "Net 30"},
        "class": {"list_id": "K1"},
        "lines": [{"item": {"sku": "A-77"}}, {"desc": "Thank you"}],
    }
    wanted, known = record(1, Kind.INVOICE, "i1", content), Known(connector())
    shelf = Shelf([FISH, OYSTER])
    while True:
        found = references_of(known, wanted, None)
        if not known.missing:
            break
        shelf.tell(known)
    assert [(each.path, each.by, each.value) for each in found] == [
        ("customer", "email", "ap@fish.example"),
        ("lines.0.item", "sku", "A-77"),
        ("class", "list_id", "K1"),
        ("terms", "full_name", "Net 30"),
    ]
    assert [isinstance(each.outcome, Found) for each in found] == [True, True, False, False]


def test_of_a_document_that_names_nothing_no_reference_is_told() -> None:
    """As a former version took them in."""
    said = {"ref_number": "1", "customer": {}, "lines": [{"item": {}, "quantity": "1"}]}
    for kind, content in (
        (Kind.INVOICE, said),
        (Kind.INVOICE, {"ref_number": "1", "lines": [{"quantity": "1"}]}),
        (Kind.PURCHASE_ORDER, {"ref_number": "1", "ship_to_entity": {}, "lines": [{"customer": {}}]}),
    ):
        assert references_of(Known(connector()), record(1, kind, "d1", content), None) == []


def test_an_invoice_names_a_job_or_a_vendor_by_no_other_list_than_its_own() -> None:
    boats = entry(ListName.VENDOR, "V1", "Boats", email="b@fish.example", type="Vendor")
    verdict = Shelf([OYSTER, boats]).verdict(Known(connector()), invoice(1, {"full_name": "Boats"}))
    assert causes(verdict) == [CustomerNotMatched]


ANN = entry(ListName.EMPLOYEE, "E1", "Ann Smith", type="Employee")
BOATS = entry(ListName.VENDOR, "V1", "Boats", email="b@fish.example", type="Vendor")


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"full_name": "Ann Smith"}, "E1"),
        ({"list_id": "E1"}, "E1"),
        ({"full_name": "Harbour Fish"}, "C1"),
        ({"full_name": "Nobody"}, None),
    ],
)
def test_an_order_is_shipped_to_whoever_has_that_name_in_any_list_of_people(
    given: Any, sent: str | None
) -> None:
    content = {
        "ref_number": "9",
        "vendor": {"full_name": "Boats"},
        "ship_to_entity": given,
        "lines": [{"item": {"sku": "A-77"}, "quantity": "1"}],
    }
    shelf = Shelf([FISH, OYSTER, ANN, BOATS])
    verdict = shelf.verdict(Known(connector()), record(1, Kind.PURCHASE_ORDER, "p1", content))
    if sent is None:
        assert causes(verdict) == [ReferenceMissing]
    else:
        assert isinstance(verdict, Ready)
        assert getattr(verdict.payload, "ship_to_entity", qb.Ref(list_id="-")).list_id == sent
