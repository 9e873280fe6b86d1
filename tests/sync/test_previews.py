"""What a preview says becomes true, to the letter, and it leaves nothing behind."""

from __future__ import annotations

import re
from typing import Any

import pytest

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.handing_over import intake, previews
from qbwc_server.desk.handing_over.lines import hand_over
from qbwc_server.desk.handing_over.preview_showing import Showing
from qbwc_server.desk.handing_over.preview_views import PreviewView
from qbwc_server.domain.kinds import Kind
from qbwc_server.sync import outlook
from tests.worlds.sync_world import World, line, transactions

Json = dict[str, Any]


def look(world: World, *given: tuple[Kind, str, Json], revive: bool = False) -> list[PreviewView]:
    handed = [
        hand_over(number, kind, external_id, fields, revive=revive, size=1)
        for number, (kind, external_id, fields) in enumerate(given, start=1)
    ]
    return [
        view
        for scene, part in previews.previewed(world.core, "acme", handed)
        for view in Showing(scene).all(part)
    ]


def one(world: World, kind: Kind, external_id: str, fields: Json, **options: bool) -> PreviewView:
    (view,) = look(world, (kind, external_id, fields), **options)
    return view


def invoice(**fields: Any) -> Json:
    given = {
        "ref_number": "1",
        "txn_date": "2026-11-20",
        "customer": {"external_id": "c"},
        "lines": [line("i")],
    }
    return {**given, **fields}


CUSTOMER = {"name": "Pier Nine", "email": "ap@pier.example"}


def test_what_waits_for_a_record_of_the_same_preview_shows_the_request_with_what_stands_for_its_id(
    world: World,
) -> None:
    world.warm()
    world.item("i")
    world.poll()
    made = look(
        world,
        (Kind.INVOICE, "n", invoice(customer={"email": "AP@pier.example"})),
        (Kind.CUSTOMER, "c", CUSTOMER),
    )
    assert [(each.outcome, each.state) for each in made] == [("waiting", "queued"), ("queued", "queued")]
    assert made[1].creates == "Customer “Pier Nine”"
    assert [(each.kind, each.external_id, each.state) for each in made[0].waits_for] == [
        ("customer", "c", "queued")
    ]
    named = {each.pointer: each for each in made[0].references}
    assert named["/customer"].stand_in == "new-customer-1"
    assert named["/lines/0/item"].matched_by == "external_id"
    assert "<CustomerRef><ListID>new-customer-1</ListID></CustomerRef>" in (made[0].request or "")
    assert world.states() == {"synced": 1}


def test_the_records_of_one_preview_see_each_other_in_whatever_order(world: World) -> None:
    world.warm()
    (wrong, job, invoiced) = look(
        world,
        (Kind.INVOICE, "n", invoice(customer={"external_id": "job"}, lines=[line("nothing")])),
        (Kind.CUSTOMER, "job", {"name": "June", "parent": {"external_id": "head"}}),
        (Kind.CUSTOMER, "head", {"name": "Head"}),
    )
    assert [each.outcome for each in (invoiced, job, wrong)] == ["blocked", "blocked", "blocked"]
    assert job.errors[0].cause_key == invoiced.errors[0].cause_key == "record:customer head"
    assert job.errors[0].via is not None
    assert job.errors[0].via.external_id == "head"
    assert {each.cause for each in wrong.errors} == {"customer_not_matched", "item_not_matched"}


def test_of_two_records_that_would_be_the_same_entry_the_second_waits_and_a_repetition_counts_last(
    world: World,
) -> None:
    world.warm()
    first, twin, again = look(
        world,
        (Kind.CUSTOMER, "a", CUSTOMER),
        (Kind.CUSTOMER, "b", {**CUSTOMER, "name": "Pier Ten"}),
        (Kind.CUSTOMER, "a", {**CUSTOMER, "phone": "1"}),
    )
    assert [each.result for each in (first, twin, again)] == ["created", "created", "changed"]
    assert (twin.outcome, twin.waits_for[0].external_id) == ("waiting", "a")
    assert "Line 3 hands it over again" in first.message
    assert first.request == again.request
    assert "<Phone>1</Phone>" in (again.request or "")


def test_what_is_matched_says_why_and_what_an_update_changes_says_from_what_to_what(world: World) -> None:
    list_id = world.company.person.add(
        "Customer", {"Name": "Pier Nine", "Email": "AP@pier.example; x@y.example"}
    )
    world.warm()
    found = one(world, Kind.CUSTOMER, "c", CUSTOMER)
    assert (found.outcome, found.state, found.request, found.creates) == ("synced", "synced", None, None)
    assert found.matched is not None
    assert (found.matched.list_id, found.matched.name, found.matched.matched_by) == (
        list_id,
        "Pier Nine",
        "email",
    )
    world.put(Kind.CUSTOMER, "c", CUSTOMER)
    changed = one(world, Kind.CUSTOMER, "c", {**CUSTOMER, "name": "Pier 9", "phone": "207"})
    assert changed.changes is not None
    assert {each.path: (each.old, each.new) for each in changed.changes.fields} == {
        "name": ("Pier Nine", "Pier 9"),
        "phone": (None, "207"),
    }
    assert "<CustomerModRq" in (changed.request or "")
    assert one(world, Kind.CUSTOMER, "c", CUSTOMER).outcome == "unchanged"


def test_what_is_on_its_way_or_was_ended_says_so_plainly(world: World) -> None:
    world.basics()
    world.poll()
    world.invoice("1")
    visit = world.visit()
    while "InvoiceAddRq" not in visit.send():
        visit.receive(visit.process(visit.texts[-1]))
    sent = one(world, Kind.INVOICE, "1", invoice(memo="later"))
    assert (sent.outcome, sent.state, sent.request) == ("on_its_way", "sent", None)
    visit.receive(visit.process(visit.texts[-1]))
    visit.close()
    intake.void(world.core, "acme", Kind.INVOICE, "1", actor="host")
    void = one(world, Kind.INVOICE, "1", invoice(memo="later"))
    assert (void.outcome, void.state) == ("refused", None)
    assert "is void" in void.faults[0].message


def test_what_holds_the_connector_up_is_said_and_the_request_is_shown_all_the_same(world: World) -> None:
    unread = one(world, Kind.CUSTOMER, "c", CUSTOMER)
    assert (unread.outcome, unread.state, unread.request) == ("unchecked", "queued", None)
    assert unread.held is not None
    assert "lists have not been loaded" in unread.held
    world.warm()
    assert one(world, Kind.CUSTOMER, "c", CUSTOMER).held is None
    for settings, words in (
        ({"read_only": True}, "only reads"),
        ({"post_invoices": False}, "keep invoices back"),
    ):
        connectors.change_settings(world.core, "acme", settings, actor="staff")
        view = one(world, Kind.INVOICE, "1", invoice(customer={"external_id": "nobody"}))
        assert words in (view.held or "")
        connectors.change_settings(
            world.core, "acme", {"read_only": False, "post_invoices": True}, actor="staff"
        )
    connectors.pause(world.core, "acme", actor="staff")
    view = one(world, Kind.CUSTOMER, "c", CUSTOMER)
    assert (view.held, view.outcome) == ("The connector is paused.", "queued")
    assert "<CustomerAddRq" in (view.request or "")


def test_what_this_quickbooks_does_not_know_yet_is_left_out_and_told_as_the_record_tells_it(
    world: World,
) -> None:
    world.company.host["SupportedQBXMLVersion"] = ["7.0"]
    world.warm()
    told = one(world, Kind.CUSTOMER, "c", CUSTOMER)
    assert "ExternalGUID" not in (told.request or "")
    world.put(Kind.CUSTOMER, "c", CUSTOMER)
    world.poll()
    assert list(told.warnings) == world.view(Kind.CUSTOMER, "c")["warnings"] != []
    refused = one(world, Kind.CUSTOMER, "d", {**CUSTOMER, "notes": "日本"})
    assert (refused.outcome, [each.pointer for each in refused.faults]) == ("refused", ["/notes"])


def test_a_preview_writes_nothing_and_takes_as_few_statements_for_many_as_for_one(world: World) -> None:
    world.basics()
    world.poll()

    def cost(number: int) -> int:
        with transactions() as done:
            views = look(
                world, *((Kind.INVOICE, str(each), invoice(ref_number=str(each))) for each in range(number))
            )
        assert {each.outcome for each in views} == {"queued"}
        assert not any(each.writes for each in done)
        return sum(len(each.statements) for each in done)

    assert cost(50) == cost(5)
    assert world.states() == {"synced": 2}


def test_what_is_named_by_its_name_alone_is_shown_with_what_it_is_in_quickbooks(world: World) -> None:
    world.company.person.add("StandardTerms", {"Name": "Net 45"})
    world.warm()
    (terms,) = one(world, Kind.CUSTOMER, "c", {**CUSTOMER, "terms": "net 45"}).references
    assert (terms.pointer, terms.full_name) == ("/terms", "Net 45")
    missing = one(world, Kind.CUSTOMER, "d", {**CUSTOMER, "terms": "Net 99", "job_type": "Refit"})
    assert missing.outcome == "blocked"
    # there are no such terms, and the list of job types was never read
    assert {each.pointer: each.full_name for each in missing.references} == {
        "/terms": None,
        "/job_type": None,
    }


def test_what_a_setting_gives_an_item_is_shown_where_the_host_would_give_it(world: World) -> None:
    world.warm()
    (account,) = one(world, Kind.ITEM, "i", {"name": "Oyster", "sku": "O-1", "price": "9.50"}).references
    assert (account.pointer, account.given, account.full_name) == (
        "/income_account",
        {"setting": "Sales"},
        "Sales",
    )


def test_an_order_shows_whom_it_is_shipped_to_beside_its_vendor_and_items(world: World) -> None:
    world.basics()
    world.vendor("v")
    world.poll()
    fields = {
        "ref_number": "1",
        "txn_date": "2026-11-20",
        "vendor": {"external_id": "v"},
        "ship_to_entity": {"external_id": "c"},
        "lines": [{**line("i"), "customer": {"external_id": "c"}}, {"desc": "Thank you"}],
    }
    found = one(world, Kind.PURCHASE_ORDER, "o", fields)
    assert [each.pointer for each in found.references][:4] == [
        "/vendor",
        "/lines/0/item",
        "/ship_to_entity",
        "/lines/0/customer",
    ]


def test_a_record_that_several_wait_for_is_created_once_whoever_is_shown_first(world: World) -> None:
    world.warm()
    world.customer("c")
    world.poll()
    sub = {"name": "Small", "sku": "S-1", "price": "1.00", "parent": {"external_id": "head"}}
    invoiced, small, _ = look(
        world,
        (Kind.INVOICE, "n", invoice(lines=[line("sub"), line("head")])),
        (Kind.ITEM, "sub", sub),
        (Kind.ITEM, "head", {"name": "Oyster", "sku": "O-1", "price": "1.00"}),
    )
    assert {each.pointer: each.stand_in for each in invoiced.references if "item" in each.pointer} == {
        "/lines/0/item": "new-item-2",
        "/lines/1/item": "new-item-1",
    }
    asked_for = re.findall("<ItemRef><ListID>([^<]*)<", invoiced.request or "")
    assert asked_for == ["new-item-2", "new-item-1"]
    assert (small.outcome, small.creates) == ("waiting", "ItemNonInventory “Oyster:Small”")
    assert "<ParentRef><ListID>new-item-1</ListID>" in (small.request or "")


def test_what_waits_for_an_item_that_turns_out_to_be_in_quickbooks_names_that_one(world: World) -> None:
    entry = {"Name": "Oyster", "SalesOrPurchase": {"Price": "1.00", "AccountRef": "Sales"}}
    list_id = world.company.person.add("ItemNonInventory", {**entry, "ManufacturerPartNumber": "O-1"})
    world.warm()
    world.customer("c")
    world.poll()
    invoiced, item, _ = look(
        world,
        (Kind.INVOICE, "n", invoice()),
        (Kind.ITEM, "i", {"name": "Ours", "sku": "O-1", "pref_vendor": {"external_id": "v"}}),
        (Kind.VENDOR, "v", {"name": "Boats", "email": "v@boats.example"}),
    )
    assert [each.outcome for each in (invoiced, item)] == ["waiting", "waiting"]
    assert f"<ItemRef><ListID>{list_id}</ListID>" in (invoiced.request or "")


def test_what_waits_for_a_record_that_cannot_be_said_in_this_quickbooks_has_no_request(world: World) -> None:
    world.company.host["SupportedQBXMLVersion"] = ["5.0", "6.0"]
    world.warm()
    world.item("i")
    world.poll()
    job = {
        **CUSTOMER,
        "name": "June",
        "parent": {"external_id": "head"},
        "currency": {"list_id": "80000001-1"},
    }
    invoiced, below, above = look(
        world,
        (Kind.INVOICE, "n", invoice(customer={"external_id": "job"})),
        (Kind.CUSTOMER, "job", job),
        (Kind.CUSTOMER, "head", CUSTOMER),
    )
    assert [each.outcome for each in (invoiced, below, above)] == ["waiting", "waiting", "queued"]
    assert (below.request, [each.cause for each in below.errors]) == (None, ["invalid_field"])
    assert (invoiced.request, {each.stand_in for each in invoiced.references}) == (None, {None})


def test_a_family_deeper_than_any_in_quickbooks_is_followed_only_so_far(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlook, "_ROUNDS", 3)
    world.warm()
    below = [
        (Kind.CUSTOMER, f"c{each}", {"name": f"C{each}", "parent": {"external_id": f"c{each + 1}"}})
        for each in range(5)
    ]
    made = look(world, *below, (Kind.CUSTOMER, "c5", {"name": "C5"}))
    # with every look one more is seen to stand below what is blocked
    assert [each.outcome for each in made] == ["waiting"] * 3 + ["blocked"] * 3
