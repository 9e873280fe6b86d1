"""What a host hears of its records by their events alone: typed, with ids, causes and error records of that moment."""

from __future__ import annotations

from typing import Any

import pytest

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.feeds.event_views import EventView
from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.logs import history
from qbwc_server.domain.event_types import TYPES
from qbwc_server.domain.kinds import Kind
from qbwc_server.sync.core import Core
from tests.worlds.sync_world import World, enter_by_hand, line, refusing

Json = dict[str, Any]


def feed(world: World, external_id: str | None = None, *, type: str | None = None) -> list[Json]:
    told = [EventView.of(entry).as_json() for entry in history.feed(world.core, "acme", limit=1000)]
    assert {event["type"] for event in told} <= set(TYPES)
    told = [event for event in told if type in (None, event["type"])]
    return [event for event in told if external_id in (None, event["external_id"])]


def types(world: World, external_id: str) -> list[str]:
    return [event["type"].partition(".")[2] for event in feed(world, external_id)]


def test_an_invoice_that_is_created_tells_its_txn_id_and_number(world: World) -> None:
    world.basics()
    world.invoice("SO-1")
    world.poll()
    assert types(world, "SO-1") == ["handed_over", "sent", "synced"]
    told = feed(world, "SO-1")[-1]
    view = world.view(Kind.INVOICE, "SO-1")
    assert (told["kind"], told["from"], told["to"], told["actor"]) == (
        "invoice",
        "sent",
        "synced",
        "quickbooks",
    )
    assert told["data"]["txn_id"] == view["txn_id"]
    assert told["data"]["edit_sequence"] == view["edit_sequence"]
    assert (told["data"]["number"], told["data"]["revision"], told["data"]["synced_revision"]) == (
        "SO-1",
        1,
        1,
    )


def test_a_customer_that_is_found_tells_its_list_id_and_how_it_was_found(world: World) -> None:
    list_id = world.company.person.add("Customer", {"Name": "Pier Nine", "Email": "c@fish.example"})
    world.warm()
    world.customer("c")
    (told,) = feed(world, "c", type="customer.synced")
    assert (told["data"]["list_id"], told["data"]["full_name"]) == (list_id, "Pier Nine")
    assert (told["data"]["matched_by"], told["data"]["proof"]) == ("email", "cache")


def test_a_blocked_invoice_tells_why_and_the_error_record(world: World) -> None:
    world.warm()
    world.item("i")
    world.invoice("SO-1", customer={"full_name": "Nobody"})
    (told,) = feed(world, "SO-1", type="invoice.blocked")
    (error,) = world.view(Kind.INVOICE, "SO-1")["errors"]
    data = told["data"]
    assert data["error_id"] == error["id"]
    assert (data["cause"], data["cause_key"], data["message"]) == (
        error["cause"],
        error["cause_key"],
        error["message"],
    )
    (listed,) = data["errors"]
    assert (listed["remedy"], listed["actor"]) == (error["remedy"], error["actor"])
    assert data["error_count"] == 1


def test_each_of_many_that_are_blocked_together_names_its_own_error_record(world: World) -> None:
    world.basics()
    for number in range(12):
        world.invoice(f"SO-{number}")
    world.poll(fault=refusing("InvoiceAddRs", 3120))
    told = feed(world, type="invoice.blocked")
    assert len(told) == 12
    for event in told:
        (error,) = world.view(Kind.INVOICE, event["external_id"])["errors"]
        assert event["data"]["error_id"] == error["id"]
        assert event["data"]["errors"][0]["quickbooks"]["code"] == "3120"


def test_an_invoice_with_several_errors_tells_all_of_them(world: World) -> None:
    world.warm()
    world.invoice("SO-1", customer={"full_name": "Nobody"}, lines=[line("x"), line("y")])
    (told,) = feed(world, "SO-1", type="invoice.blocked")
    ids = [error["error_id"] for error in told["data"]["errors"]]
    assert sorted(ids) == sorted(error["id"] for error in world.view(Kind.INVOICE, "SO-1")["errors"])
    assert len(set(ids)) == told["data"]["error_count"] == 3


def test_what_is_over_by_now_does_not_change_what_was_told(world: World) -> None:
    world.warm()
    world.item("i")
    world.invoice("SO-1", customer={"external_id": "c"})
    before = feed(world, "SO-1", type="invoice.blocked")
    world.customer("c")
    world.poll()
    assert world.state(Kind.INVOICE, "SO-1") == "synced"
    assert feed(world, "SO-1", type="invoice.blocked") == before
    assert types(world, "SO-1") == ["handed_over", "blocked", "released", "sent", "synced"]


def test_a_record_that_is_blocked_for_another_reason_says_so(world: World) -> None:
    world.warm()
    world.invoice("SO-1", customer={"full_name": "Nobody"}, lines=[line("x")])
    world.item("x")
    one, other = feed(world, "SO-1", type="invoice.blocked")
    assert (one["data"]["error_count"], other["data"]["error_count"]) == (2, 1)
    assert (other["from"], other["to"]) == ("blocked", "blocked")
    assert other["data"]["error_id"] == world.view(Kind.INVOICE, "SO-1")["errors"][0]["id"]


def test_looking_again_and_finding_the_same_is_no_event(world: World) -> None:
    world.warm()
    world.invoice("SO-1", customer={"full_name": "Nobody"})
    before = feed(world, "SO-1")
    world.poll()
    connectors.change_settings(world.core, "acme", {"refresh_minutes": "5"}, actor="ann")
    assert feed(world, "SO-1") == before


def test_an_invoice_that_is_voided_is_told_as_void(world: World) -> None:
    world.basics()
    world.invoice("SO-1")
    world.poll()
    intake.void(world.core, "acme", Kind.INVOICE, "SO-1", actor="host")
    world.poll()
    asked, _, done = feed(world, "SO-1")[-3:]
    assert (asked["type"], done["type"]) == ("invoice.void_requested", "invoice.voided")
    assert (asked["data"]["is_void"], done["to"]) == (True, "synced")
    assert done["data"]["txn_id"] == world.view(Kind.INVOICE, "SO-1")["txn_id"]


def test_what_a_person_links_is_told_and_told_again_when_it_was_seen(world: World) -> None:
    txn_id = enter_by_hand(world, "A-7")
    world.basics()
    world.invoice("SO-1", ref_number="A-7")
    world.poll()
    decisions.link(world.core, "acme", Kind.INVOICE, "SO-1", txn_id, actor="ann")
    world.poll()
    told = types(world, "SO-1")
    assert told[told.index("released") :] == ["released", "linked", "link_confirmed", "synced"]


def test_a_dismissed_error_names_the_error_record_and_the_note(world: World) -> None:
    world.warm()
    world.item("i")
    world.invoice("SO-1", customer={"full_name": "Nobody"})
    (error,) = world.view(Kind.INVOICE, "SO-1")["errors"]
    decisions.dismiss(world.core, "acme", error["id"], "not wanted", actor="ann")
    dismissed, cancelled = feed(world, "SO-1")[-2:]
    assert (dismissed["type"], cancelled["type"]) == ("invoice.dismissed", "invoice.cancelled")
    assert (dismissed["data"]["error_id"], dismissed["data"]["detail"]) == (error["id"], "not wanted")


def test_another_company_file_is_told_as_a_quarantine_with_its_error_record(world: World) -> None:
    world.warm()
    world.paths["acme"] = r"C:\other.qbw"
    world.quickbooks["acme"] = world.add_connector("other")
    world.customer("c")
    world.poll()
    (began,) = feed(world, type="connector.quarantined")
    (error,) = world.connector_errors()
    assert (began["kind"], began["external_id"], began["from"]) == (None, None, None)
    assert (began["data"]["cause"], began["data"]["error_id"]) == ("wrong_company_file", error.id)
    assert began["data"]["message"] == error.message


def test_a_visit_that_is_over_is_told(world: World) -> None:
    world.customer("c")
    world.poll()
    (ended,) = feed(world, type="connector.visit_ended")
    assert ended["data"]["detail"]
    world.poll()
    assert len(feed(world, type="connector.visit_ended")) == 1, "with nothing to do there was no visit"


@pytest.mark.parametrize(
    ("deed", "happening"),
    [
        (connectors.pause, "paused"),
        (connectors.resync, "resync_requested"),
        (connectors.rotate_password, "password_rotated"),
    ],
)
def test_what_people_do_to_a_connector_is_told(world: World, deed: Any, happening: str) -> None:
    core: Core = world.core
    deed(core, "acme", actor="ann")
    told = feed(world)[-1]
    assert (told["type"], told["actor"]) == (f"connector.{happening}", "ann")
    assert told["data"]["what"]
