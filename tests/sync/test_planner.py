"""What goes into the next message set: the order, the batches, the number probe that rides along."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.handing_over import host
from qbwc_server.domain.kinds import Kind
from qbwc_server.visit import to_do
from tests.worlds.sync_world import START, Answer, Fault, World, names_in, requests_in, writes_in

ALL_KINDS = {"default_expense_account": "Purchases"}


def round_trips(world: World) -> list[list[str]]:
    """The element names of each message set of a visit, those for the lists left out."""
    return [names_in(text) for text in world.poll().texts if "iterator=" not in text]


def test_kinds_go_in_the_order_in_which_quickbooks_must_learn_of_them(
    make_world: Callable[..., World],
) -> None:
    world = make_world(settings=ALL_KINDS)
    world.order("o")
    world.invoice("n")
    world.item("i")
    world.vendor("v")
    world.customer("c")
    first, second = round_trips(world)
    assert first == [
        "CustomerAddRq",
        "VendorAddRq",
        "ItemNonInventoryAddRq",
        "InvoiceQueryRq",
        "PurchaseOrderQueryRq",
    ]
    assert second == ["InvoiceAddRq", "PurchaseOrderAddRq"]
    assert world.states() == {"synced": 5}


def test_the_number_probe_rides_along_with_the_set_that_writes_the_batch_before(
    make_world: Callable[..., World],
) -> None:
    world = make_world(settings={"batch_size": 5})
    world.basics()
    world.poll()
    for number in range(12):
        world.invoice(f"{number:02}")
    sets = round_trips(world)
    assert [each.count("InvoiceAddRq") for each in sets] == [0, 5, 5, 2]
    assert [each.count("InvoiceQueryRq") for each in sets] == [1, 1, 1, 0]
    assert world.posted(Kind.INVOICE) == {f"{number:02}": 1 for number in range(12)}


def test_a_number_probe_asks_for_a_whole_batch_and_only_for_what_is_needed(world: World) -> None:
    world.basics()
    world.poll()
    for number in range(12):
        world.invoice(f"{number:02}")
    (query,) = requests_in(world.poll().texts[0])
    assert [each.text for each in query.findall("RefNumber")] == [f"{number:02}" for number in range(12)]
    assert "ExternalGUID" in {each.text for each in query.findall("IncludeRetElement")}
    assert query.find("IncludeLineItems") is None


def test_a_batch_is_never_larger_than_the_setting(make_world: Callable[..., World]) -> None:
    world = make_world(settings={"batch_size": 3})
    for number in range(8):
        world.customer(f"c{number}")
    world.warm()
    assert all(len(writes) <= 3 for writes in round_trips(world))
    assert world.states() == {"synced": 8}


def test_within_a_kind_arrival_decides(make_world: Callable[..., World]) -> None:
    world = make_world(settings={"batch_size": 2})
    for name in ("b", "a", "d", "c"):
        world.customer(name)
    world.poll()
    names = [entry.name for entry in world.company.ledger]
    assert names == ["Customer b", "Customer a", "Customer d", "Customer c"]


def test_only_dependants_wait_for_what_is_held_up(make_world: Callable[..., World]) -> None:
    world = make_world(settings={"batch_size": 1})
    world.basics()
    world.customer("d")
    world.company.person.add("OtherName", {"Name": "Customer d"})
    world.invoice("waits", customer={"external_id": "d"})
    world.invoice("goes")
    world.poll()
    assert world.state(Kind.INVOICE, "goes") == "synced"
    assert world.state(Kind.INVOICE, "waits") == "blocked"


def test_every_write_carries_a_guid_that_is_stable_and_its_own(make_world: Callable[..., World]) -> None:
    world = make_world(settings=ALL_KINDS)
    world.basics()
    world.vendor("v")
    world.invoice("1")
    world.order("2")
    world.poll()
    guids = [entry.external_guid for entry in world.company.ledger]
    assert len(set(guids)) == 5
    assert all(guid is not None and guid.startswith("{") and guid.endswith("}") for guid in guids)


@pytest.mark.parametrize(
    ("version", "tagged"),
    [("7.0", set()), ("8.0", {"CustomerAddRq", "ItemNonInventoryAddRq"}), ("9.0", None)],
)
def test_the_guid_is_left_out_where_the_version_does_not_have_it(
    world: World, version: str, tagged: set[str] | None
) -> None:
    world.company.host["SupportedQBXMLVersion"] = [version]
    world.basics()
    world.invoice("1")
    visit = world.poll()
    assert world.states() == {"synced": 3}
    writes = [request for request in visit.requests() if str(request.tag).endswith("AddRq")]
    found = {str(request.tag) for request in writes if request.find(".//ExternalGUID") is not None}
    assert found == ({str(request.tag) for request in writes} if tagged is None else tagged)


def test_fields_newer_than_the_version_are_left_out_and_the_record_says_so(world: World) -> None:
    world.company.host["SupportedQBXMLVersion"] = ["7.0"]
    world.customer("c")
    world.poll()
    view = world.view(Kind.CUSTOMER, "c")
    assert view["state"] == "synced"
    assert any("external_guid" in warning for warning in view["warnings"])


def test_a_setting_changed_in_between_counts_from_the_next_message_set(world: World) -> None:
    world.warm()
    for number in range(4):
        world.customer(f"c{number}")
    connectors.change_settings(world.core, "acme", {"batch_size": 2}, actor="ada")
    visit = world.visit()
    assert len(writes_in(visit.send())) == 2
    connectors.change_settings(world.core, "acme", {"batch_size": 1}, actor="ada")
    visit.receive(visit.process(visit.texts[0]))
    assert len(writes_in(visit.send())) == 1


def slow(time: FrozenDateTimeFactory, took: timedelta) -> Fault:
    """QuickBooks takes that long over every message set that writes."""

    def wait(text: str, answer: Answer) -> Answer:
        if writes_in(text):
            time.tick(took)
        return answer

    return wait


@pytest.mark.slow
def test_a_slow_quickbooks_gets_smaller_batches_and_a_quick_one_whole_ones_again(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as time:
        world = make_world(settings={"batch_size": 40})
        world.warm()

        def batches(took: timedelta) -> list[int]:
            start = len(host.find(world.core, "acme", limit=10_000))
            for each in range(start, start + 160):
                world.customer(f"c{each}")
            return [
                len(writes_in(text)) for text in world.poll(fault=slow(time, took)).texts if writes_in(text)
            ]

        first, second, *_ = batches(timedelta(seconds=240))
        assert first == 40
        assert 1 < second <= 20  # one long wait may have been the PC's sleep: it is not taken at its word
        assert max(batches(timedelta(0))) == 40


def test_a_first_visit_with_customers_items_and_invoices_needs_few_round_trips(world: World) -> None:
    for number in range(10):
        world.customer(f"c{number}")
        world.item(f"i{number}")
    for number in range(60):
        lines = [{"item": {"external_id": f"i{number % 10}"}, "quantity": "1", "rate": "2.00"}]
        world.invoice(f"n{number:02}", customer={"external_id": f"c{number % 10}"}, lines=lines)
    visit = world.poll()
    assert world.states() == {"synced": 80}
    # lists, 20 list records with the probe of the first 50, 50 with the probe of the rest, 10
    assert len(visit.texts) == 4


def test_what_lies_behind_more_than_is_looked_at_goes_in_the_same_visit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(to_do, "_LOOKED_AT_ONCE", 2)
    for number in range(12):
        world.customer(f"without-{number}", email=None)
    world.customer("c")
    world.poll()
    assert world.states() == {"blocked": 12, "synced": 1}
