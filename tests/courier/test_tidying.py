"""Old texts of messages are removed, and never one that recovery may still need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from freezegun import freeze_time
from sqlalchemy import select

from qbwc_server.courier import tidying
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.feeds import deliveries, webhooks
from qbwc_server.desk.overview import health
from qbwc_server.domain.clock import utc_now
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import deliveries as rows
from qbwc_server.storage.schema import message_set
from tests.worlds.sync_world import World, writes_in


def texts(world: World) -> list[tuple[str, str, str | None]]:
    """State, text and answer of every message set."""
    query = select(message_set.c.state, message_set.c.text, message_set.c.response).order_by(message_set.c.id)
    with world.core.database.read() as conn:
        return [tuple(row) for row in conn.execute(query)]


def tidy(world: World, *, days: int) -> None:
    """What the server does once a day, `days` from now."""
    tidying.tidy(replace(world.core, clock=lambda: utc_now() + timedelta(days=days)))


def test_texts_are_kept_for_their_days_and_removed_afterwards(world: World) -> None:
    world.basics()
    world.poll()
    tidy(world, days=29)
    assert all(text for _, text, _ in texts(world))
    tidy(world, days=31)
    assert {(text, answer) for _, text, answer in texts(world)} == {("", None)}


def test_a_set_whose_answer_was_lost_keeps_its_text_until_it_is_settled(world: World) -> None:
    world.warm()
    world.customer("c")
    visit = world.visit()
    lost = visit.send()
    assert writes_in(lost)
    visit.close()
    tidy(world, days=400)
    assert [text for _, text, _ in texts(world) if text] == [lost]
    again = world.poll()
    assert lost in again.texts
    assert world.state(Kind.CUSTOMER, "c") == "synced"
    assert world.posted(Kind.CUSTOMER) == {"Customer c": 1}
    tidy(world, days=800)
    assert not any(text for _, text, _ in texts(world))


def test_a_set_that_is_under_way_keeps_its_text(world: World) -> None:
    world.warm()
    world.customer("c")
    visit = world.visit()
    sent = visit.send()
    tidy(world, days=400)
    assert visit.send() == sent
    visit.receive(visit.process(sent))
    assert world.posted(Kind.CUSTOMER) == {"Customer c": 1}


def test_it_is_done_once_a_day_and_for_a_connector_that_nobody_visits(world: World) -> None:
    world.basics()
    world.poll()
    tidy(world, days=31)
    first = connectors.get(world.core, "acme").tidied_at
    tidy(world, days=31)
    assert connectors.get(world.core, "acme").tidied_at == first
    tidy(world, days=33)
    assert connectors.get(world.core, "acme").tidied_at != first


def test_what_was_sent_to_webhooks_is_kept_as_long_as_texts_are(world: World) -> None:
    found, _ = webhooks.add(
        world.core, "acme", url="https://a.example", types=["*"], allow_private=False, actor="host"
    )
    waiting = deliveries.test(world.core, "acme", found.endpoint.id, actor="host")
    done = deliveries.test(world.core, "acme", found.endpoint.id, actor="host")
    with world.core.database.begin() as conn:
        rows.sent(conn, [(done.id, {"at": done.at, "duration_ms": 7, "status": 200})])
    tidy(world, days=29)
    assert len(deliveries.log(world.core, "acme", found.endpoint.id).items) == 2
    tidy(world, days=31)
    assert [item.id for item in deliveries.log(world.core, "acme", found.endpoint.id).items] == [waiting.id]


@pytest.mark.slow
def test_when_a_web_connector_usually_calls_is_learned_once_a_day(make_world: Callable[..., World]) -> None:
    with freeze_time("2026-10-26 09:00:00") as clock:  # a Monday
        world = make_world()
        for day in range(33):
            clock.move_to(datetime(2026, 10, 26, 9, tzinfo=UTC) + timedelta(days=day))
            if day % 7 < 5:
                world.poll()
            tidying.tidy(world.core)
        # Friday's visit was the last, and it is Friday afternoon
        assert health(world.core, "acme").expected_at == datetime(2026, 11, 30, 9, tzinfo=UTC)
        clock.move_to(datetime(2026, 11, 29, 12, tzinfo=UTC))
        assert health(world.core, "acme").mood == "ok"
        clock.move_to(datetime(2026, 11, 30, 11, tzinfo=UTC))
        assert health(world.core, "acme").mood == "late"
