"""Waiting for what becomes of a record: told soon, whoever did it, and at nobody's expense."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from qbwc_server.desk.administration import connectors, registered
from qbwc_server.desk.feeds import feed, waits
from qbwc_server.domain.events import Wanted
from qbwc_server.domain.faults import Gone, NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import glances, records
from qbwc_server.storage.database import Database
from qbwc_server.sync.core import Core
from tests.worlds.sync_world import World

SOON = 3.0
"""Seconds: many times what it takes, on a machine that does other things as well."""


class Waiting(threading.Thread):
    """Somebody who waits in a thread of their own."""

    def __init__(self, wait: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._wait = wait
        self.answer: Any = None
        self.seconds = 0.0
        self.start()

    def run(self) -> None:
        began = time.monotonic()
        self.answer = self._wait()
        self.seconds = time.monotonic() - began

    def ended(self, within: float = SOON) -> bool:
        self.join(within)
        return not self.is_alive()


def settled(world: World, external_id: str, seconds: float = 30, kind: Kind = Kind.CUSTOMER) -> Waiting:
    return Waiting(lambda: waits.until_settled(world.core, "acme", kind, external_id, seconds))


def is_waiting(thread: Waiting) -> bool:
    time.sleep(0.4)
    return thread.is_alive()


@pytest.fixture
def queued(world: World) -> World:
    """A customer that waits for the Web Connector."""
    world.customer("c")
    return world


def test_it_ends_when_the_record_is_synced(queued: World) -> None:
    waiting = settled(queued, "c")
    assert is_waiting(waiting)
    queued.poll()
    assert waiting.ended()
    assert queued.state(Kind.CUSTOMER, "c") == "synced"


def test_it_ends_when_the_record_is_blocked_or_cancelled(world: World) -> None:
    world.invoice("SO-1", customer={"full_name": "Nobody"})
    waiting = settled(world, "SO-1", kind=Kind.INVOICE)
    assert is_waiting(waiting)
    world.poll()
    assert waiting.ended()
    assert world.state(Kind.INVOICE, "SO-1") == "blocked"


@pytest.fixture
def elsewhere(queued: World) -> Iterator[Core]:
    """Another process on the same database: its `Database` shares nothing with this one but the file."""
    core, database = queued.core, Database(f"sqlite:///{queued.core.database.path}")
    yield Core(database, core.clock, core.digest_key, core.public_url, core.limits)
    database.close()


def test_it_is_told_of_what_another_process_did(queued: World, elsewhere: Core) -> None:
    waiting = Waiting(lambda: waits.until_settled(elsewhere, "acme", Kind.CUSTOMER, "c", 30))
    assert is_waiting(waiting)
    queued.poll()
    assert waiting.ended()


def test_it_ends_when_time_is_up_and_not_long_after(queued: World) -> None:
    waiting = settled(queued, "c", seconds=0.5)
    assert waiting.ended()
    assert waiting.answer is True
    assert waiting.seconds == pytest.approx(0.5, abs=0.4)
    assert queued.state(Kind.CUSTOMER, "c") == "queued"


def test_what_is_settled_or_does_not_exist_is_not_waited_for(queued: World) -> None:
    queued.poll()
    assert settled(queued, "c").ended(1)
    assert settled(queued, "nobody").ended(1)
    with pytest.raises(NotFound):
        waits.until_settled(queued.core, "nowhere", Kind.CUSTOMER, "c", 30)


def test_what_happens_while_somebody_begins_to_wait_is_not_missed(world: World) -> None:
    for number in range(20):
        world.customer(f"c{number}")
    found = [settled(world, f"c{number}") for number in range(20)]
    world.poll()
    assert all(waiting.ended() for waiting in found)


@contextmanager
def said(names: str) -> Iterator[list[str]]:
    """The statements of the threads whose names begin so."""
    statements: list[str] = []

    def note(*given: Any) -> None:
        if threading.current_thread().name.startswith(names):
            statements.append(given[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.slow
def test_many_who_wait_cost_one_statement_a_look_and_no_connection(queued: World) -> None:
    found = [settled(queued, "c") for _ in range(30)]
    time.sleep(0.5)
    with said("") as everything, said("waits") as looks:
        began = time.monotonic()
        time.sleep(1.5)
        most = (time.monotonic() - began) / waits._SOONEST
    assert len(looks) >= 2, "somebody looks"
    assert len(looks) <= most
    assert everything == looks, "those who wait ask nothing themselves"
    pool = queued.core.database._engine.pool
    assert pool.checkedout() <= glances.MOST + 1  # type: ignore[attr-defined]
    queued.poll()
    assert all(waiting.ended() for waiting in found)
    time.sleep(0.7)
    with said("waits") as looks:
        time.sleep(0.7)
    assert looks == [], "nobody waits, so nobody looks"


def test_what_becomes_of_other_records_wakes_nobody(world: World) -> None:
    world.warm()
    for each in ("c", "d"):
        world.customer(each)
    asked: list[int] = []
    with world.core.database.read() as conn:
        mine = records.find(conn, 1, Kind.CUSTOMER, "c")
    assert mine is not None

    def is_so() -> bool:
        asked.append(1)
        return False

    connector_id = registered.id_of(world.core, "acme")
    waiting = Waiting(lambda: waits.until(world.core, connector_id, is_so, 2.0, record_id=mine.id))
    time.sleep(0.5)
    before = len(asked)
    for number in range(5):
        world.customer("d", name=f"Other {number}", email=f"d{number}@fish.example")
        connectors.pause(world.core, "acme", actor="ann")
        time.sleep(0.1)
    assert len(asked) == before
    assert waiting.ended()


def test_beyond_so_many_nobody_waits(queued: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waits, "MOST_OF_ONE", 2)
    found = [settled(queued, "c") for _ in range(2)]
    assert is_waiting(found[0])
    third = settled(queued, "c")
    assert third.ended(1)
    assert third.answer is False
    queued.poll()
    assert all(waiting.ended() and waiting.answer for waiting in found)
    assert settled(queued, "c").ended(1), "there is room again"


def test_whoever_ends_this_process_lets_all_go(elsewhere: Core) -> None:
    def wait() -> bool:
        return waits.until_settled(elsewhere, "acme", Kind.CUSTOMER, "c", 30)

    waiting = Waiting(wait)
    assert is_waiting(waiting)
    waits.close(elsewhere)
    assert waiting.ended(1)
    late = Waiting(wait)
    assert late.ended(1)
    assert late.answer is False


def test_others_are_let_in_only_while_one_waits(queued: World) -> None:
    inside: list[str] = []

    @contextmanager
    def aside() -> Iterator[None]:
        inside.append("out")
        try:
            yield
        finally:
            inside.append("in")

    waits.until_settled(queued.core, "acme", Kind.CUSTOMER, "c", 0.3, aside=aside)
    assert inside
    assert inside[::2] == ["out"] * (len(inside) // 2)
    assert inside[1::2] == ["in"] * (len(inside) // 2)


# --- events -------------------------------------------------------------------------------------------------


def heard(world: World, place: feed.Place, seconds: float = 30, **more: Any) -> Waiting:
    return Waiting(lambda: feed.read_when_there(world.core, "acme", place, seconds, **more)[0])


def test_a_wait_for_events_ends_with_the_first(queued: World) -> None:
    end = feed.end_of(queued.core, "acme")
    waiting = heard(queued, end)
    assert is_waiting(waiting)
    connectors.pause(queued.core, "acme", actor="ann")
    assert waiting.ended()
    assert [each.type for each in waiting.answer.events] == ["connector.paused"]
    assert waiting.answer.end == feed.end_of(queued.core, "acme")


def test_only_what_is_wanted_ends_it(queued: World) -> None:
    end = feed.end_of(queued.core, "acme")
    waiting = heard(queued, end, wanted=Wanted(frozenset({"connector.resumed"})))
    connectors.pause(queued.core, "acme", actor="ann")
    assert is_waiting(waiting)
    connectors.resume(queued.core, "acme", actor="ann")
    assert waiting.ended()
    assert [each.type for each in waiting.answer.events] == ["connector.resumed"]


def test_when_nothing_happens_the_place_is_the_same(queued: World) -> None:
    end = feed.end_of(queued.core, "acme")
    waiting = heard(queued, end, seconds=0.3)
    assert waiting.ended()
    assert (waiting.answer.events, waiting.answer.end) == ((), end)


def test_a_place_that_is_none_is_told_at_once(queued: World) -> None:
    with pytest.raises(Gone):
        feed.read_when_there(queued.core, "acme", feed.Place(10_000), 30)
