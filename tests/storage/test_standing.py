"""How a connector stands is told by one statement, on every database."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from qbwc_server.domain.causes import BadCredentials
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.records import State
from qbwc_server.storage import errors, lists, login_failures, looks, records, sessions, standing
from qbwc_server.storage.database import Database
from qbwc_server.storage.schema import message_set, record, request
from qbwc_server.storage.standing import Standing, Unusual

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
SINCE = NOW - timedelta(minutes=15)
ADDRESS = "10.0.0.7"


def stands(conn: Connection, connector: Connector, now: datetime = NOW) -> Standing:
    found = standing.of(conn, connector.username, address=ADDRESS, since=SINCE, now=now)
    assert found is not None
    return found


def told(found: Standing | Unusual) -> set[str]:
    """What is true of it."""
    names = [each.name for each in fields(found) if each.name.startswith("has_")]
    return {name.removeprefix("has_") for name in names if getattr(found, name)}


def ready(conn: Connection, connector: Connector, **values: Any) -> int:
    made = records.add(conn, connector.id, Kind.ITEM, "i", {}, now=NOW, actor="host")
    if values:
        conn.execute(update(record).where(record.c.id == made.id).values(**values))
    return made.id


def test_a_new_connector_has_lists_to_load_and_nothing_else(database: Database, connector: Connector) -> None:
    with database.glance() as conn:
        found = stands(conn, connector)
    assert found.connector == connector
    assert told(found) == {"new_lists"}
    assert (found.oldest_list, found.fields) == (None, None)


def test_nobody_stands_under_an_unknown_name(database: Database, connector: Connector) -> None:
    with database.glance() as conn:
        assert standing.of(conn, "nobody", address=ADDRESS, since=SINCE, now=NOW) is None


def test_each_thing_to_do_is_told(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        login_failures.add(conn, ADDRESS, "x", now=NOW, before=SINCE)
        assert told(stands(conn, connector)) == {"new_lists", "failed_tries"}
        errors.open_error(conn, connector.id, None, BadCredentials(), now=NOW)
        live = sessions.open_session(conn, connector.id, "digest", now=NOW, address=ADDRESS)
        assert told(stands(conn, connector)) == {"new_lists", "failed_tries", "bad_login", "session"}
        one = ready(conn, connector)
        looks.note(conn, connector.id, [one], actor="ann")
        assert told(stands(conn, connector)) >= {"ready", "noted"}
        values = {"connector_id": connector.id, "session_id": live.id, "sent_at": NOW, "text": ""}
        lost = conn.execute(
            insert(message_set).values(state="absent", writes=True, resent=False, **values)
        ).inserted_primary_key
        assert lost is not None
        conn.execute(
            insert(request).values(
                id="r",
                message_set_id=lost[0],
                connector_id=connector.id,
                position=0,
                operation="add",
                record_id=one,
                data={},
                settled=False,
                absent=False,
            )
        )
        conn.execute(update(record).values(state=State.UNCERTAIN))
        assert told(stands(conn, connector)) >= {"uncertain", "absent"}
        assert told(standing.unusual(conn, connector.id, now=NOW)) == {"uncertain", "absent"}
        assert "ready" not in told(stands(conn, connector))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, {"ready"}),
        ({"waiting": 1}, set()),
        ({"not_before": NOW}, {"ready"}),
        ({"not_before": NOW + timedelta(seconds=1)}, set()),
        ({"claimed_id": "1A"}, {"claims"}),
        ({"claimed_id": "1A", "not_before": NOW + timedelta(seconds=1)}, set()),
        ({"state": State.BLOCKED}, set()),
    ],
)
def test_a_record_that_may_go_is_told(
    database: Database, connector: Connector, values: dict[str, Any], expected: set[str]
) -> None:
    with database.begin() as conn:
        ready(conn, connector, **values)
        assert told(stands(conn, connector)) == {"new_lists", *expected}
        assert told(standing.unusual(conn, connector.id, now=NOW)) == expected & {"claims"}


def test_another_connectors_work_is_not_told(
    database: Database, connector: Connector, other: Connector
) -> None:
    with database.begin() as conn:
        ready(conn, other, isolation="7")
        lists.change_load(conn, other.id, ListName.ITEM, loaded_at=NOW)
        assert told(stands(conn, connector)) == {"new_lists"}
        assert stands(conn, connector).oldest_list is None
        assert not told(standing.unusual(conn, connector.id, now=NOW))
        assert told(standing.unusual(conn, other.id, now=NOW)) == {"isolated"}


def test_whether_records_of_some_kinds_may_go(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        ready(conn, connector)
        assert standing.is_any_ready(conn, connector.id, (Kind.ITEM, Kind.VENDOR), now=NOW)
        assert not standing.is_any_ready(conn, connector.id, (Kind.VENDOR,), now=NOW)
        assert not standing.is_any_ready(conn, connector.id, (), now=NOW)


def test_lists_are_told_with_what_was_asked_for(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        for name in ListName:
            if not name.is_on_demand:
                lists.change_load(conn, connector.id, name, loaded_at=NOW, fields=["ListID", "Name"])
        earlier = NOW - timedelta(hours=1)
        lists.change_load(conn, connector.id, ListName.ITEM, loaded_at=earlier, fields=None)
        found = stands(conn, connector)
        assert told(found) == set()
        assert found.oldest_list == earlier
        assert found.fields is not None
        assert {"item:[]", 'customer:["ListID","Name"]'} <= set(found.fields.split(";"))
        lists.change_load(conn, connector.id, ListName.ITEM, not_before=NOW + timedelta(minutes=1))
        assert stands(conn, connector).oldest_list == NOW
        assert replace(stands(conn, connector, NOW + timedelta(minutes=1)), oldest_list=None) != found
        lists.change_load(conn, connector.id, ListName.VENDOR, resync_requested_at=NOW)
        assert told(stands(conn, connector)) == {"lists_due"}
