"""The days of a connector: what is kept in numbers is what happened, and nothing is counted that was rolled back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from freezegun import freeze_time
from sqlalchemy import func, select

from qbwc_server.courier import stocktaking, tidying
from qbwc_server.desk.administration import connectors
from qbwc_server.domain.days import Day
from qbwc_server.storage import days
from qbwc_server.storage.schema import error, event
from tests.worlds.hand_clock import HandClock
from tests.worlds.sync_world import START, PowerCut, World, refusing

TODAY = START.date()


def kept(world: World, name: str = "acme") -> list[Day]:
    with world.core.database.read() as conn:
        owner = connectors.get(world.core, name).id
        return days.of(conn, [owner], TODAY - timedelta(days=60))[owner]


def counted(world: World) -> tuple[int, int, int]:
    """What events and error records tell: records synced, records blocked, error records opened."""
    with world.core.database.read() as conn:
        came = event.c.from_state.is_distinct_from(event.c.to_state)
        synced, blocked = (
            conn.execute(select(func.count()).where(event.c.to_state == state, came)).scalar_one()
            for state in ("synced", "blocked")
        )
        return synced, blocked, conn.execute(select(func.count()).select_from(error)).scalar_one()


def test_a_day_counts_what_events_errors_and_visits_tell(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.warm()
        world.basics()
        for number in range(7):
            world.invoice(f"i-{number}")
        world.invoice("nobody", customer={"email": "nobody@x.example"})
        clock.tick(90)
        world.poll()
        (day,) = kept(world)
    assert (day.synced, day.blocked, day.errors_opened) == counted(world)
    assert day.synced == 9
    assert day.blocked == 1
    assert (day.day, day.hours) == (date(2026, 11, 20), 1 << 15)
    assert (day.visits, day.visits_failed) == (2, 0)
    assert (day.queue_most, day.waited_most) == (9, 90)
    assert day.writes == 9


def test_a_visit_that_breaks_off_or_is_refused_ended_with_something_wrong(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.warm()
        world.customer("c")
        world.visit()
        clock.tick(3600)
        world.visit()  # takes the place of the one before
        world.visit(password="wrong")
        (day,) = kept(world)
        assert (day.visits, day.visits_failed) == (3, 2)
        assert day.hours == 1 << 15 | 1 << 16
        connectors.reset(world.core, "acme", full=False, actor="ann")
        (day,) = kept(world)
    assert (day.visits, day.visits_failed) == (4, 2)


def test_a_day_that_ends_begins_another(make_world: Callable[..., World]) -> None:
    with freeze_time(START.replace(hour=23, minute=59)) as clock:
        world = make_world()
        world.warm()
        clock.tick(120)
        world.customer("c")
        world.poll()
        before, after = kept(world)
    assert (before.hours, before.synced) == (1 << 23, 0)
    assert (after.day, after.hours, after.synced) == (TODAY + timedelta(days=1), 1, 1)


def test_what_is_rolled_back_is_not_counted(
    make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world()
    world.warm()
    world.basics()
    (before,) = kept(world)

    def cut(*_: Any, **__: Any) -> None:
        raise PowerCut

    visit = world.visit()
    answer = visit.process(visit.send())
    with monkeypatch.context() as patch:
        patch.setattr("qbwc_server.storage.sessions.change_set", cut)
        with pytest.raises(PowerCut):
            visit.receive(answer)
    (after,) = kept(world)
    assert (after.synced, after.writes) == (before.synced, before.writes) == (0, 0)
    visit.receive(answer)
    assert kept(world)[0].synced == counted(world)[0] == 2


def test_a_repeated_answer_is_counted_once(world: World) -> None:
    world.warm()
    world.basics()
    visit = world.visit()
    answer = visit.process(visit.send())
    for _ in range(3):
        visit.receive(answer)
    visit.close()
    assert (kept(world)[0].synced, kept(world)[0].writes) == (2, 2)


def test_a_refused_record_is_counted_among_the_blocked(world: World) -> None:
    world.warm()
    world.customer("c")
    world.poll(fault=refusing("CustomerAddRs", 3140))
    (day,) = kept(world)
    assert (day.synced, day.blocked, day.errors_opened) == counted(world)
    assert day.blocked == 1


def test_a_queue_is_seen_to_grow_while_nobody_comes(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as clock:
        world = make_world(settings={"post_purchase_orders": False})
        world.add_connector("idle")
        world.warm()
        world.basics()
        world.vendor("v")
        world.order("kept-back")
        for number in range(3):
            clock.move_to(START + timedelta(days=number, hours=2))
            world.invoice(f"i-{number}")
            stocktaking.take(world.core)
        found = kept(world)
        assert kept(world, "idle") == []
    assert [(day.queue_most, day.waited_most) for day in found] == [
        (4, 7200),
        (5, 86_400 + 7200),
        (6, 2 * 86_400 + 7200),
    ]


def test_days_are_forgotten_after_two_years_and_not_before(world: World) -> None:
    world.warm()
    for ahead, number in ((729, 1), (732, 0)):
        then = datetime.now(START.tzinfo) + timedelta(days=ahead)
        tidying.tidy(replace(world.core, clock=HandClock(then)))
        with world.core.database.read() as conn:
            owner = connectors.get(world.core, "acme").id
            assert len(days.of(conn, [owner], date.min)[owner]) == number


def test_what_is_added_to_a_day_adds_up_and_maxima_stay(world: World) -> None:
    owner = connectors.get(world.core, "acme").id
    for number in (3, 9, 5):
        with world.core.database.begin() as conn:
            days.add(conn, owner, START, hours=1 << number, synced=number, queue_most=number)
    assert kept(world) == [Day(TODAY, hours=1 << 3 | 1 << 9 | 1 << 5, synced=17, queue_most=9)]
