"""What waits for QuickBooks, as people ask about it; the rest of it is tested through the command `queue`."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from qbwc_server.desk.standing import queue
from qbwc_server.domain.faults import NotFound
from tests.worlds.sync_world import PATH, START, World


def on_the_way(world: World) -> list[tuple[str, str]]:
    """Who is on its way, and how."""
    return [(place.external_id, place.state) for place in queue.queue(world.core, "acme").on_the_way]


def test_what_was_sent_is_on_its_way_until_its_answer_comes(world: World) -> None:
    world.warm()
    world.customer("c")
    visit = world.visit()
    text = visit.send()
    found = queue.queue(world.core, "acme")
    assert (on_the_way(world), found.sent, found.next) == ([("c", "sent")], 1, ())
    visit.receive(visit.process(text))
    assert on_the_way(world) == []


def test_what_lost_its_answer_is_uncertain(world: World) -> None:
    world.warm()
    world.customer("c")
    visit = world.visit()
    visit.process(visit.send())
    visit.close()
    found = queue.queue(world.core, "acme")
    assert (on_the_way(world), found.uncertain, found.sent) == ([("c", "uncertain")], 1, 0)


def test_what_is_to_wait_for_a_moment_says_which(world: World) -> None:
    world.warm()
    world.customer("c")
    world.company.person.lock_list("Customer")
    world.poll()
    (place,) = queue.queue(world.core, "acme").later
    assert place.not_before is not None
    assert place.not_before > datetime.now(UTC)


def test_another_company_file_holds_everything_back(world: World) -> None:
    world.warm()
    world.customer("c")
    world.paths["acme"] = PATH.replace("rock", "other")
    world.quickbooks["acme"] = world.add_connector("other")
    world.poll()
    held = queue.queue(world.core, "acme").held
    assert held is not None
    assert "another company file" in held


def test_quiet_hours_hold_everything_back(make_world: Callable[..., World]) -> None:
    world = make_world(clock=lambda: START, settings={"quiet_hours": "14:00-16:00"})
    held = queue.queue(world.core, "acme").held
    assert held is not None
    assert "left alone now (14:00-16:00)" in held


def test_a_connector_nobody_added_has_no_queue(world: World) -> None:
    with pytest.raises(NotFound):
        queue.queue(world.core, "nowhere")
