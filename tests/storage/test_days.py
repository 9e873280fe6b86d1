"""Days, what waits and where connectors stand, as both databases keep and tell them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from qbwc_server.domain.connectors import Binding, Connector
from qbwc_server.domain.days import Day
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.storage import connectors, days, gathering, records, waiting
from qbwc_server.storage.database import Database

NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def kept(database: Database, connector: Connector) -> list[Day]:
    with database.read() as conn:
        return days.of(conn, [connector.id], NOW.date())[connector.id]


@pytest.mark.parametrize("is_gathered", [False, True])
def test_numbers_add_up_hours_come_together_and_maxima_stay(
    database: Database, connector: Connector, is_gathered: bool
) -> None:
    def add_all(conn: Any) -> None:
        for number in (3, 9, 5):
            days.add(
                conn,
                connector.id,
                NOW,
                hours=1 << number,
                synced=number,
                write_seconds=0.5,
                queue_most=number,
            )
        days.add(conn, connector.id, LATER, visits=1)

    for _ in range(2):
        with database.begin() as conn:
            if is_gathered:
                with gathering.gathered(conn):
                    add_all(conn)
            else:
                add_all(conn)
    assert kept(database, connector) == [
        Day(NOW.date(), hours=1 << 3 | 1 << 9 | 1 << 5, synced=34, write_seconds=3.0, queue_most=9),
        Day(LATER.date(), visits=2),
    ]


def test_a_day_is_of_utc_whatever_zone_a_moment_is_told_in(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        days.add(conn, connector.id, datetime.fromisoformat("2026-11-20T20:30:00-06:00"), synced=1)
    (day,) = kept(database, connector)
    assert str(day.day) == "2026-11-21"


def test_the_oldest_that_waits_is_told_of_each_kind_and_of_connectors_where_anything_does(
    database: Database, connector: Connector
) -> None:
    with database.begin() as conn:
        assert waiting.oldest(conn, [connector.id]) == {}
        for number, at in enumerate((LATER, NOW, LATER)):
            records.add(conn, connector.id, Kind.ITEM, f"i-{number}", {}, now=at, actor="host")
        gone = records.add(
            conn, connector.id, Kind.ITEM, "gone", {}, now=NOW - timedelta(days=9), actor="host"
        )
        records.move(conn, gone, State.CANCELLED, now=NOW, actor="host")
        records.add(conn, connector.id, Kind.INVOICE, "x", {}, now=LATER, actor="host")
        found = waiting.oldest(conn, [connector.id])
    assert sorted(found[connector.id]) == [(Kind.INVOICE, 1, LATER), (Kind.ITEM, 3, NOW)]


def test_a_connector_is_known_in_brief_also_with_settings_of_a_former_version(
    database: Database, connector: Connector
) -> None:
    with database.begin() as conn:
        connectors.change(conn, connector.id, binding=Binding("{1}", "Nordmeer", None), habit="f" * 42)
        (brief,) = connectors.briefs(conn)
        whole = connectors.some(conn, [connector.id])[connector.id]
        assert (brief.name, brief.company, brief.habit) == (whole.name, "Nordmeer", whole.habit)
        assert brief.run_every_minutes == whole.settings.run_every_minutes == 5
        conn.exec_driver_sql("UPDATE connector SET settings = '{}', binding = NULL")
        (brief,) = connectors.briefs(conn)
    assert (brief.run_every_minutes, brief.company) == (5, None)
