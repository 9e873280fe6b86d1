"""What a preview says becomes true, to the letter, and it leaves nothing behind."""

from __future__ import annotations

from typing import Any

from qbwc_server.desk import batches, previews
from qbwc_server.desk.preview_showing import Showing
from qbwc_server.desk.preview_views import PreviewView
from qbwc_server.domain.kinds import Kind
from tests.worlds.sync_world import World, line

Json = dict[str, Any]


def look(world: World, *given: tuple[Kind, str, Json], revive: bool = False) -> list[PreviewView]:
    handed = [
        batches.hand_over(number, kind, external_id, fields, revive=revive, size=1)
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
