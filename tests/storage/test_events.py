"""Events are found by type, kind and record, however many others there are; and in an order nobody can miss one in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert

from qbwc_server.access import api_keys, key_change
from qbwc_server.desk.administration import connectors as desk_connectors
from qbwc_server.desk.administration import removal
from qbwc_server.desk.feeds import feed, waits
from qbwc_server.desk.handing_over import intake
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.event_types import TYPES, ConnectorHappening, Happening, of_kind
from qbwc_server.domain.events import EVERYTHING, Event, Wanted, of_record
from qbwc_server.domain.faults import Gone
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.limits import Limits
from qbwc_server.domain.records import State
from qbwc_server.storage import connectors, events, records
from qbwc_server.storage.database import Database
from qbwc_server.storage.schema import event as table
from qbwc_server.sync.core import Core

from .conftest import NOW, make_connector


def core_on(database: Database) -> Core:
    return Core(database, lambda: NOW, b"k" * 32, "https://qb.example.com", Limits())


def test_the_columns_of_an_event_are_what_it_has_in_the_same_order() -> None:
    assert tuple(table.c.keys()) == tuple(each.name for each in fields(Event))


def found(database: Database, connector: Connector, wanted: Wanted, **more: Any) -> list[str]:
    with database.read() as conn:
        return [each.type for each in events.of_connector(conn, connector.id, wanted=wanted, **more)]


@pytest.fixture
def told(database: Database, connector: Connector) -> Connector:
    """A customer and two invoices that were handed over; one was sent, and the connector paused meanwhile."""
    with database.begin() as conn:
        records.add(conn, connector.id, Kind.CUSTOMER, "x", {}, now=NOW, actor="host")
        first = records.add(conn, connector.id, Kind.INVOICE, "x", {}, now=NOW, actor="host")
        events.add(conn, connector.id, ConnectorHappening.PAUSED, at=NOW, actor="ann")
        records.add(conn, connector.id, Kind.INVOICE, "y", {}, now=NOW, actor="host")
        happened = [of_record(first, Happening.LINKED, "linked by hand", at=NOW, actor="ann")]
        events.add_all(conn, happened)
    return connector


def test_they_are_chosen_by_type(database: Database, told: Connector) -> None:
    wanted = Wanted(frozenset({"invoice.handed_over", "connector.paused"}))
    assert found(database, told, wanted) == ["invoice.handed_over", "connector.paused", "invoice.handed_over"]
    assert found(database, told, wanted, limit=2) == ["invoice.handed_over", "connector.paused"]
    assert found(database, told, Wanted(frozenset())) == []


def test_they_are_chosen_by_kind(database: Database, told: Connector) -> None:
    of_invoices = ["invoice.handed_over", "invoice.handed_over", "invoice.linked"]
    assert found(database, told, Wanted(kind=Kind.INVOICE)) == of_invoices
    assert found(database, told, Wanted(frozenset({"invoice.linked"}), Kind.INVOICE)) == ["invoice.linked"]
    assert found(database, told, Wanted(frozenset({"invoice.linked"}), Kind.CUSTOMER)) == []


def test_they_are_chosen_by_record(database: Database, told: Connector) -> None:
    assert found(database, told, Wanted(external_id="x")) == [
        "customer.handed_over",
        "invoice.handed_over",
        "invoice.linked",
    ]
    of_one = Wanted(kind=Kind.INVOICE, external_id="x")
    assert found(database, told, of_one) == ["invoice.handed_over", "invoice.linked"]
    assert found(database, told, Wanted(frozenset({"invoice.linked"}), Kind.INVOICE, "x")) == [
        "invoice.linked"
    ]
    assert found(database, told, Wanted(external_id="nobody")) == []


def test_they_are_those_between_two_places(database: Database, told: Connector) -> None:
    with database.read() as conn:
        ids = [each.id for each in events.of_connector(conn, told.id)]
    for wanted in (EVERYTHING, Wanted(frozenset(TYPES) - {"connector.added"})):
        between = found(database, told, wanted, after=ids[0], up_to=ids[2])
        assert between == ["invoice.handed_over", "connector.paused"]


def test_those_of_another_connector_are_not_among_them(database: Database, told: Connector) -> None:
    other = make_connector(database, "other")
    for wanted in (EVERYTHING, Wanted(kind=Kind.INVOICE), Wanted(external_id="x")):
        assert found(database, other, wanted) == []


def test_a_rare_type_is_found_without_reading_all_others(database: Database, told: Connector) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL chooses its plan by how much there is")
    said: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        said.append((statement, values))

    for wanted in (Wanted(kind=Kind.INVOICE), Wanted(external_id="x")):
        event.listen(Engine, "before_cursor_execute", note)
        try:
            found(database, told, wanted)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        statement, values = next(each for each in said if "FROM event" in each[0])
        said.clear()
        with database.read() as conn:
            plan = " ".join(
                str(row[3]) for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            )
        assert "SCAN event" not in plan, plan
        assert ("ix_event_type (connector_id=? AND type=? AND id" in plan) or ("ix_event_record" in plan), (
            plan
        )
        assert "ix_event_connector" not in plan, plan


# --- the order in which they become visible ------------------------------------------------------------------


def test_no_event_is_missed_by_a_reader_who_goes_on_while_many_write(database: Database) -> None:
    """Ids are given in another order than transactions end, where they are not made to wait for each other."""
    name = make_connector(database, "busy").name
    core = core_on(database)
    stop = threading.Event()
    heard: list[int] = []
    failures: list[BaseException] = []

    def write(deed: Callable[[int], object]) -> None:
        try:
            for number in range(6):
                deed(number)
        except BaseException as error:
            failures.append(error)

    def listen() -> None:
        place = feed.BEGINNING
        while True:
            is_last = stop.is_set()
            part = feed.read(core, name, place)
            heard.extend(each.id for each in part.events)
            place = part.end
            if is_last and not part.more:
                return

    deeds: list[Callable[[int], object]] = [
        lambda number: intake.put(
            core, name, Kind.CUSTOMER, f"a{number}", {"name": f"A {number}"}, actor="host"
        ),
        lambda number: intake.put(
            core, name, Kind.CUSTOMER, f"b{number}", {"name": f"B {number}"}, actor="host"
        ),
        lambda number: api_keys.create(core, f"key {number}", connector=name, actor="ann"),
        lambda number: desk_connectors.pause(core, name, actor="ann"),
    ]
    writers = [threading.Thread(target=write, args=[deed]) for deed in deeds]
    reader = threading.Thread(target=listen)
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join(60)
    stop.set()
    reader.join(60)
    assert failures == []
    with database.read() as conn:
        there = [each.id for each in events.of_connector(conn, connectors.by_name(conn, name).id, limit=1000)]
    assert heard == there
    assert len(there) == 6 * len(deeds)


def test_an_event_waits_for_the_one_before_it_to_be_visible(database: Database) -> None:
    """The order is made by the connector's lock: this fails where somebody notes an event without it."""
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    connector = make_connector(database, "held")
    core = core_on(database)
    deeds: list[Callable[[], object]] = [
        lambda: intake.put(core, "held", Kind.CUSTOMER, "c", {"name": "C"}, actor="host"),
        lambda: api_keys.create(core, "key", connector="held", actor="ann"),
        lambda: api_keys.revoke(core, "key", actor="ann"),
        lambda: desk_connectors.pause(core, "held", actor="ann"),
        lambda: desk_connectors.rotate_password(core, "held", actor="ann"),
        lambda: _given_up(database),
        lambda: removal.remove(core, "held", actor="ann"),
        lambda: removal.restore(core, "held", actor="ann"),
    ]
    for deed in deeds:
        thread = threading.Thread(target=deed)
        with database.begin() as conn:
            held = connectors.lock(conn, connector.id)
            thread.start()
            time.sleep(0.15)
            assert thread.is_alive(), "it did not wait for whoever holds the connector"
            events.add(conn, held.id, ConnectorHappening.OTHER, at=NOW, actor="first")
        thread.join(30)
        with database.read() as conn:
            last = events.newest(conn, connector.id, limit=2)
        assert [each.actor == "first" for each in last][-1], deed
        assert last[0].actor != "first"


def _given_up(database: Database) -> None:
    with database.begin() as conn:
        key_change.give_up(conn, now=NOW, actor="server")


# --- where to go on from -------------------------------------------------------------------------------------


def test_a_feed_that_went_back_and_grew_again_is_noticed_by_its_mark(
    database: Database, told: Connector
) -> None:
    core = core_on(database)
    end = feed.read(core, told.name).end
    assert feed.read(core, told.name, end).events == ()
    with (
        database.begin() as conn
    ):  # as a restored backup has it: the id is given once more, to something else
        kept = events.one(conn, told.id, end.after)
        assert kept is not None
        conn.execute(table.delete().where(table.c.id == end.after))
        row = {"id": end.after, "connector_id": told.id, "type": "connector.paused", "what": "paused"}
        conn.execute(insert(table).values(**row, at=NOW + timedelta(seconds=1), actor="ann"))
    assert feed.read(core, told.name, feed.Place(end.after)).events == ()
    with pytest.raises(Gone):
        feed.read(core, told.name, end)


def test_a_place_that_is_none_of_this_feed_is_told(database: Database, told: Connector) -> None:
    core = core_on(database)
    end = feed.read(core, told.name).end
    with pytest.raises(Gone, match="restored from a backup"):
        feed.read(core, told.name, feed.Place(end.after + 1))
    other = make_connector(database, "other")
    assert feed.read(core, other.name).end == feed.BEGINNING
    with pytest.raises(Gone):
        feed.read(core, other.name, end)


def test_whoever_hears_only_some_goes_on_behind_all_that_there_is(
    database: Database, told: Connector
) -> None:
    core = core_on(database)
    everything = feed.read(core, told.name)
    some = feed.read(core, told.name, wanted=Wanted(frozenset({"customer.handed_over"})))
    assert [each.type for each in some.events] == ["customer.handed_over"]
    assert some.end == everything.end
    part = feed.read(core, told.name, limit=1, wanted=Wanted(frozenset(of_kind(Kind.INVOICE))))
    assert (part.more, part.end.after) == (True, part.events[-1].id)


# --- waiting ------------------------------------------------------------------------------------------------


def test_the_newest_of_several_connectors_are_found_at_once(database: Database, told: Connector) -> None:
    other, silent = make_connector(database, "other"), make_connector(database, "silent")
    with database.begin() as conn:
        events.add(conn, other.id, ConnectorHappening.PAUSED, at=NOW, actor="ann")
    with database.glance() as conn:
        newest = events.newest_ids(conn, [told.id, other.id, silent.id])
        assert newest == {each.id: events.newest(conn, each.id, limit=1)[0].id for each in (told, other)}


def test_it_is_known_which_records_events_are_about(database: Database, told: Connector) -> None:
    with database.read() as conn:
        happened = events.of_connector(conn, told.id)
        first, last = happened[0], happened[-1]
        touched = events.records_touched(conn, told.id, after=first.id, up_to=last.id)
        assert touched == {each.record_id for each in happened[1:]} - {None}
        assert events.records_touched(conn, told.id, after=last.id, up_to=last.id + 5) == set()


def test_whoever_waits_is_told_on_every_database(database: Database, told: Connector) -> None:
    core = core_on(database)
    with database.read() as conn:
        record = records.find(conn, told.id, Kind.INVOICE, "x")
    assert record is not None
    ended = threading.Event()

    def wait() -> None:
        waits.until_settled(core, told.name, Kind.INVOICE, "x", 30)
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    assert not ended.wait(0.5)
    with database.begin() as conn:
        connectors.lock(conn, told.id)
        records.move(conn, record, State.CANCELLED, now=NOW, actor="host")
        assert not ended.wait(0.3), "it is not so before it is committed, and nobody waits for a lock"
    assert ended.wait(5)
