"""Parts of the log are found by an index, however long it is: a page looks at a bounded number of its rows."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, insert, select, text

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.sessions import SessionState
from qbwc_server.storage import log_pages, records, sessions, visit_pages
from qbwc_server.storage.database import Database
from qbwc_server.storage.log_pages import NEWEST, Place, Wanted
from qbwc_server.storage.schema import event as table
from qbwc_server.storage.visit_pages import WantedVisits

from .conftest import NOW
from .test_finding import plan

MANY = 9_002
PEOPLE = {10: "ann", 6_000: "bob", 9_000: "ann"}


@pytest.fixture
def long_log(database: Database, connector: Connector) -> Database:
    """Events a minute apart, nearly all of them the server's; three are deeds."""
    rows = [
        {
            "connector_id": connector.id,
            "at": NOW + timedelta(minutes=number),
            "type": "connector.paused" if number in PEOPLE else "connector.visit_ended",
            "what": "paused" if number in PEOPLE else "visit ended",
            "actor": PEOPLE.get(number, "server"),
            "detail": f"needle-{number}." if number == 5 else None,
        }
        for number in range(MANY)
    ]
    with database.begin() as conn:
        for begin in range(0, MANY, 5_000):
            conn.execute(insert(table), rows[begin : begin + 5_000])
        conn.execute(text("ANALYZE"))
    return database


def deeds(
    database: Database, connector: Connector | None, place: Place = NEWEST, **more: object
) -> list[str]:
    wanted = Wanted(deeds=True, **more)
    with database.read() as conn:
        of = connector.id if connector else None
        return [each.actor for each in log_pages.find_events(conn, of, wanted, place, limit=50).events]


def test_filters_of_a_long_log(long_log: Database, connector: Connector) -> None:
    assert deeds(long_log, connector) == ["ann", "bob", "ann"]
    assert deeds(long_log, None) == ["ann", "bob", "ann"]
    assert deeds(long_log, connector, actor="bob") == ["bob"]
    since, until = NOW + timedelta(minutes=20), NOW + timedelta(minutes=8_999)
    assert deeds(long_log, connector, since=since, until=until) == ["bob"]
    with long_log.read() as conn:
        ids = [
            each.id for each in log_pages.find_events(conn, connector.id, Wanted(), NEWEST, limit=3).events
        ]
    assert deeds(long_log, connector, Place(before=ids[0] - 2_000)) == ["bob", "ann"]
    assert deeds(long_log, connector, Place(after=ids[0] - 8_000)) == ["ann", "bob"]


def test_words_are_looked_for_a_part_at_a_time_until_all_was_looked_through(
    long_log: Database, connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_pages, "LOOKED_AT", 2_000)
    place, parts = NEWEST, 0
    with long_log.read() as conn:
        while True:
            found = log_pages.find_events(conn, connector.id, Wanted(words="NEEDLE-5."), place, limit=50)
            parts += 1
            if found.events or found.reached is None:
                break
            place = Place(before=found.reached)
    assert [each.detail for each in found.events] == ["needle-5."]
    assert parts == -(-MANY // log_pages.LOOKED_AT)


def test_whose_record_says_words_is_looked_up_for_the_rows_of_a_part_and_not_for_all_records(
    long_log: Database, connector: Connector
) -> None:
    wanted = Wanted(words="so-1")
    with long_log.begin() as conn:
        record = records.add(conn, connector.id, Kind.CUSTOMER, "so-1", {"name": "C"}, now=NOW, actor="host")
        conn.execute(table.update().values(record_id=record.id))
        conn.execute(text("ANALYZE"))
    with long_log.read() as conn:
        # what lies beyond the part is asked first, and known here
        within = log_pages._within(connector.id, wanted, NEWEST) + log_pages._narrowing(wanted)
        carried_out = plan(conn, lambda: conn.execute(select(table).where(*within).limit(50)))
    assert "(id = event.record_id)" in carried_out or "USING INTEGER PRIMARY KEY" in carried_out
    assert "hashed" not in carried_out
    assert "SCAN record" not in carried_out


WAYS = (
    (Wanted(), "ix_event_connector"),
    (Wanted(deeds=True), "ix_event_deed"),
    (Wanted(deeds=True, types={"connector.paused"}), "ix_event_deed"),
    (Wanted(types={"connector.paused"}), "ix_event_type"),
    (Wanted(since=NOW, until=NOW + timedelta(days=1)), "ix_event_at"),
)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_each_way_of_asking_has_its_index(long_log: Database, connector: Connector) -> None:
    plans: list[str] = []

    def explain(conn, cursor, statement, parameters, context, executemany):
        if statement.lstrip().upper().startswith("SELECT"):
            rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            plans.extend(str(row[3]) for row in rows)

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        for wanted, index in WAYS:
            plans.clear()
            with long_log.read() as conn:
                log_pages.find_events(conn, connector.id, wanted, NEWEST, limit=50)
            plan = "\n".join(plans)
            assert index in plan, wanted
            assert not re.search(r"SCAN event(?! USING (COVERING )?INDEX)", plan), plan
    finally:
        event.remove(Engine, "before_cursor_execute", explain)


def test_visits_are_narrowed_by_failures_words_and_days(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        made = []
        for number in range(6):
            opened = sessions.open_session(
                conn,
                connector.id,
                f"t-{number}",
                now=NOW + timedelta(days=number),
                address=f"10.0.0.{number}",
            )
            sessions.change(
                conn,
                opened.id,
                state=SessionState.CLOSED,
                last_error="busy" if number == 4 else "",
                end_reason="finished",
                has_refusal=number == 1,
            )
            made.append(opened.id)
        record = records.add(conn, connector.id, Kind.CUSTOMER, "c", {"name": "C"}, now=NOW, actor="host")
        assert record.id

    def ids(place: Place = NEWEST, **wanted: object) -> list[int]:
        with database.read() as conn:
            asked = WantedVisits(**wanted)
            return [each.id for each in visit_pages.find_visits(conn, connector.id, asked, place, limit=3)]

    assert ids() == made[:2:-1]
    assert ids(Place(before=made[3])) == made[2::-1]
    assert ids(Place(after=made[0])) == made[3:0:-1]
    assert ids(failed=True) == [made[4], made[1]]
    assert ids(words="10.0.0.2") == [made[2]]
    assert ids(since=NOW + timedelta(days=1), until=NOW + timedelta(days=3)) == [made[2], made[1]]


def test_visits_that_failed_are_not_looked_for_among_all(database: Database, connector: Connector) -> None:
    with database.read() as conn:
        told = plan(
            conn,
            lambda: visit_pages.find_visits(conn, connector.id, WantedVisits(failed=True), NEWEST, limit=3),
        )
    assert "ix_session_failed" in told, told
