"""A Resync is told as a process, from what is stored of it: it waits, the lists are read, what was blocked goes out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.standing import progress
from qbwc_server.desk.standing.resyncs import SHOWN_FOR, Phase, Resync
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.limits import Limits
from tests.worlds.hand_clock import HandClock
from tests.worlds.sync_world import World

GHOST = "orders@ghost.example"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def ready(make_world: Any, clock: HandClock) -> World:
    """Two invoices are blocked, as QuickBooks has no customer with this email; one for want of another."""
    world: World = make_world(clock=clock, limits=Limits(page_size=2))
    for number in range(5):
        world.company.person.add("Customer", {"Name": f"Walk-in {number}"})
    world.basics()
    world.warm()
    for name in ("so-1", "so-2"):
        world.invoice(name, customer={"email": GHOST})
    world.invoice("so-3", customer={"email": "nobody@else.example"})
    clock.forward(minutes=2)
    return world


def told(world: World) -> Resync:
    found = progress.progress(world.core, "acme").resync
    assert found is not None
    return found


def test_a_resync_is_told_from_the_press_to_its_end(ready: World, clock: HandClock) -> None:
    assert progress.progress(ready.core, "acme").resync is None
    connectors.resync(ready.core, "acme", actor="ann")
    waiting = told(ready)
    assert (waiting.phase, waiting.actor) == (Phase.WAITING, "ann")
    assert waiting.expected_at == clock() + timedelta(minutes=3)
    ready.company.person.add("Customer", {"Name": "Ghost Kitchen", "Email": GHOST})

    visit = ready.visit()
    assert told(ready).is_visited
    phases = [told(ready).phase]
    reading: list[tuple[int, int | None]] = []
    while text := visit.send():
        phases.append(told(ready).phase)
        reading += [(item.read, item.of) for item in told(ready).reading if item.list.label == "customers"]
        progressed = visit.receive(visit.process(text))
        clock.forward(seconds=20)
        phases.append(told(ready).phase)
        if progressed >= 100:
            break
    visit.close()

    assert list(dict.fromkeys(phases)) == [Phase.WAITING, Phase.READING, Phase.SENDING, Phase.DONE]
    # page by page, of as many as QuickBooks told there are
    assert [number for number, _ in dict.fromkeys(reading)] == [0, 2, 4, 6]
    assert {of for number, of in reading if number} == {7}
    done = told(ready)
    assert (done.went_out, done.on_the_way, done.blocked) == (2, 0, 1)
    assert done.remaining is not None
    assert done.remaining.number == 1
    assert "nobody@else.example" in done.remaining.message
    assert ready.state(Kind.INVOICE, "so-1") == "synced"

    clock.forward(seconds=SHOWN_FOR.total_seconds())
    assert progress.progress(ready.core, "acme").resync is None


def test_a_visit_that_breaks_off_leaves_the_rest_to_the_next_one(ready: World, clock: HandClock) -> None:
    connectors.resync(ready.core, "acme", actor="ann")
    visit = ready.visit()
    visit.exchange()
    visit.close()
    broken = told(ready)
    assert broken.phase is Phase.BROKEN_OFF
    assert 0 < broken.lists_read < broken.lists
    assert broken.expected_at is not None
    clock.forward(minutes=5)
    ready.poll()
    assert told(ready).phase is Phase.DONE


def test_while_one_waits_another_press_asks_for_nothing(ready: World, clock: HandClock) -> None:
    assert connectors.resync(ready.core, "acme", actor="ann") is None
    first, at = told(ready), clock()
    clock.forward(minutes=1)
    assert connectors.resync(ready.core, "acme", actor="bob") == at
    assert told(ready) == first
    # of a list that has been read meanwhile it is a question again
    visit = ready.visit()
    visit.exchange()
    assert connectors.resync(ready.core, "acme", actor="bob") is None
    assert told(ready).actor == "bob"
    visit.run()
    assert told(ready).phase is Phase.DONE


def test_a_resync_that_cannot_be_read_says_what_it_waits_for(ready: World) -> None:
    connectors.resync(ready.core, "acme", actor="ann")
    connectors.pause(ready.core, "acme", actor="ann")
    assert told(ready).is_paused
    connectors.resume(ready.core, "acme", actor="ann")
    ready.visit(password="guessed")
    assert told(ready).obstacle == "bad_credentials"


def test_a_full_reset_drops_the_resync(ready: World) -> None:
    connectors.resync(ready.core, "acme", actor="ann")
    connectors.reset(ready.core, "acme", full=True, actor="ann")
    assert progress.progress(ready.core, "acme").resync is None


def test_a_refresh_by_the_clock_is_no_resync(ready: World, clock: HandClock) -> None:
    clock.forward(hours=2)
    ready.poll()
    assert progress.progress(ready.core, "acme").resync is None


def test_a_run_tells_how_much_is_done_its_pace_and_its_end(make_world: Any, clock: HandClock) -> None:
    world: World = make_world(clock=clock, settings={"batch_size": 10})
    world.basics()
    world.warm()
    for number in range(40):
        world.invoice(f"so-{number}")
    assert progress.progress(world.core, "acme").run is None
    visit = world.visit()
    at_first = progress.progress(world.core, "acme").run
    assert at_first is not None
    assert (at_first.done, at_first.left, at_first.per_minute, at_first.ends_at) == (0, 40, None, None)
    for _ in range(2):
        text = visit.send()
        clock.forward(seconds=30)
        visit.receive(visit.process(text))
    run = progress.progress(world.core, "acme").run
    assert run is not None
    # the first message set asked for the numbers, the second wrote ten in half a minute
    assert (run.done, run.left, run.total, run.per_minute) == (10, 30, 40, 20)
    assert run.ends_at == clock() + timedelta(seconds=90)
    clock.forward(minutes=6)
    silent = progress.progress(world.core, "acme").run
    assert silent is not None
    assert silent.is_silent
