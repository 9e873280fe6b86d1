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


def test_a_repetition_within_a_preview_counts_last(world: World) -> None:
    world.warm()
    first, again = look(
        world, (Kind.CUSTOMER, "a", CUSTOMER), (Kind.CUSTOMER, "a", {**CUSTOMER, "phone": "1"})
    )
    assert [each.result for each in (first, again)] == ["created", "changed"]
    assert "Line 2 hands it over again" in first.message
    assert first.request == again.request
    assert "<Phone>1</Phone>" in (again.request or "")


ALIKE: dict[str, tuple[tuple[Kind, str, Json], tuple[Kind, str, Json]]] = {
    "customers of one email": (
        (Kind.CUSTOMER, "x", CUSTOMER),
        (Kind.CUSTOMER, "y", {**CUSTOMER, "name": "Pier Ten"}),
    ),
    "customers of one name": (
        (Kind.CUSTOMER, "x", CUSTOMER),
        (Kind.CUSTOMER, "y", {**CUSTOMER, "name": "pier nine", "email": "y@y.example"}),
    ),
    "a vendor of a customer's name": (
        (Kind.CUSTOMER, "x", CUSTOMER),
        (Kind.VENDOR, "y", {"name": "Pier Nine", "email": "v@y.example"}),
    ),
    "vendors of one email": (
        (Kind.VENDOR, "x", {"name": "Trawlers", "email": "v@trawlers.example"}),
        (Kind.VENDOR, "y", {"name": "Ships", "email": "v@trawlers.example"}),
    ),
    "vendors of one name": (
        (Kind.VENDOR, "x", {"name": "Trawlers", "email": "v@trawlers.example"}),
        (Kind.VENDOR, "y", {"name": "Trawlers", "email": "y@trawlers.example"}),
    ),
    "items of one SKU": (
        (Kind.ITEM, "x", {"name": "Oyster", "sku": "O-1", "price": "1.00"}),
        (Kind.ITEM, "y", {"name": "Mussel", "sku": "O-1", "price": "1.00"}),
    ),
    "items of one name": (
        (Kind.ITEM, "x", {"name": "Oyster", "sku": "O-1", "price": "1.00"}),
        (Kind.ITEM, "y", {"name": "Oyster", "sku": "O-2", "price": "1.00"}),
    ),
    "invoices of one number": ((Kind.INVOICE, "x", invoice()), (Kind.INVOICE, "y", invoice(memo="Again"))),
    "orders of one number": (
        (Kind.PURCHASE_ORDER, "x", {"ref_number": "1", "vendor": {"external_id": "v"}, "lines": [line("i")]}),
        (Kind.PURCHASE_ORDER, "y", {"ref_number": "1", "vendor": {"external_id": "v"}, "lines": [line("i")]}),
    ),
}


@pytest.mark.parametrize(
    ("pair", "stored"),
    [
        pytest.param(pair, stored, id=f"{name}{', one handed over before' if stored else ''}")
        for name, pair in ALIKE.items()
        for stored in (False, True)
        # whether the number of a document is free is asked of QuickBooks
        if not (stored and pair[0][0].is_document)
    ],
)
def test_of_two_alike_the_second_is_told_to_be_blocked_by_what_the_visit_will_block_it_by(
    world: World, pair: tuple[tuple[Kind, str, Json], tuple[Kind, str, Json]], stored: bool
) -> None:
    first, second = pair
    world.basics()
    world.vendor("v")
    world.poll()
    if stored:
        world.put(*first)
    told = look(world, first, second)[-1]
    assert (told.outcome, told.request, told.waits_for) == ("blocked", None, ())
    world.put(*first)
    world.put(*second)
    world.poll()
    assert world.view(*first[:2])["state"] == "synced"
    (error,) = world.view(*second[:2])["errors"]
    (foretold,) = told.errors
    assert (foretold.cause, foretold.actor, foretold.remedy) == (
        error["cause"],
        error["actor"],
        error["remedy"],
    )
    if second[0].is_document:
        assert f"it is {second[0].label} x of the order system" in foretold.message
    else:
        assert foretold.message == error["message"]


def test_what_names_a_record_that_the_visit_will_block_is_told_to_be_blocked_for_the_same(
    world: World,
) -> None:
    world.warm()
    world.item("i")
    world.poll()
    job = {"name": "June", "parent": {"external_id": "twin"}}
    first, *others, invoiced = look(
        world,
        (Kind.CUSTOMER, "first", CUSTOMER),
        (Kind.CUSTOMER, "job", job),
        (Kind.CUSTOMER, "twin", {**CUSTOMER, "name": "Pier Ten"}),
        (Kind.INVOICE, "n", invoice(customer={"external_id": "job"})),
    )
    assert [each.outcome for each in (first, *others, invoiced)] == ["queued", *["blocked"] * 3]
    assert {each.errors[0].cause for each in (*others, invoiced)} == {"already_linked"}


def test_what_a_part_of_a_preview_would_create_is_not_there_yet_for_the_next_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlook, "AT_ONCE", 1)
    world.warm()
    world.item("i")
    world.customer("c")
    handed = [
        hand_over(1, Kind.INVOICE, each, invoice(ref_number=number), revive=False, size=1)
        for each, number in (("n", "1"), ("m", "2"), ("again", "1"))
    ]
    made = [
        view
        for scene, part in previews.previewed(world.core, "acme", handed, together=False)
        for view in Showing(scene).all(part)
    ]
    assert [each.outcome for each in made] == ["waiting", "waiting", "blocked"]
    assert len({each.stand_in for view in made[:2] for each in view.references}) == 2


def test_many_that_are_alike_or_wait_take_as_few_statements_as_a_few(world: World) -> None:
    world.warm()

    def cost(number: int) -> int:
        heads = [
            (Kind.CUSTOMER, f"h{each}", {"name": f"H{each}", "email": f"h{each}@x.example"})
            for each in range(number)
        ]
        jobs = [
            (Kind.CUSTOMER, f"j{each}", {"name": "June", "parent": {"external_id": f"h{each}"}})
            for each in range(number)
        ]
        twins = [
            (Kind.VENDOR, f"v{each}", {"name": f"H{each}", "email": f"v{each}@x.example"})
            for each in range(number)
        ]
        with transactions() as done:
            made = look(world, *jobs, *heads, *twins)
        assert [each.outcome for each in made] == [
            *["waiting"] * number,
            *["queued"] * number,
            *["blocked"] * number,
        ]
        return sum(len(each.statements) for each in done)

    assert cost(30) == cost(4)


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
    assert [each.outcome for each in (invoiced, below, above)] == ["blocked", "blocked", "queued"]
    assert (below.request, [each.cause for each in below.errors]) == (None, ["invalid_field"])
    assert (invoiced.request, {each.stand_in for each in invoiced.references}) == (None, {None})


def test_what_stands_at_the_head_of_a_family_blocks_all_below_however_deep_they_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlook, "_ROUNDS", 3)
    world.warm()
    below = [
        (Kind.CUSTOMER, f"c{each}", {"name": f"C{each}", "parent": {"external_id": f"c{each + 1}"}})
        for each in range(5)
    ]
    made = look(world, *below, (Kind.CUSTOMER, "c5", {"name": "C5"}))
    assert [each.outcome for each in made] == ["blocked"] * 6
    assert {each.errors[0].cause_key for each in made} == {"record:customer c5"}
