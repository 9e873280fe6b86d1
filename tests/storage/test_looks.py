"""Records that are to be looked at: noted once, taken up in order, gone with their record."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, delete

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.storage import looks, records
from qbwc_server.storage.database import Database
from qbwc_server.storage.looks import Look
from qbwc_server.storage.schema import record as table

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def some(conn: Connection, connector: Connector, number: int) -> list[int]:
    return [
        records.add(conn, connector.id, Kind.ITEM, f"i{each}", {}, now=NOW, actor="host").id
        for each in range(number)
    ]


def test_what_is_noted_is_taken_up_once_in_order(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        ids = some(conn, connector, 5)
        looks.note(conn, connector.id, reversed(ids), actor="ada")
        assert (looks.any_noted(conn, connector.id), looks.count(conn, connector.id)) == (True, 5)
        assert looks.take(conn, connector.id, limit=3) == [Look(each, "ada", None) for each in ids[:3]]
        assert looks.take(conn, connector.id, limit=9) == [Look(each, "ada", None) for each in ids[3:]]
        assert (looks.any_noted(conn, connector.id), looks.take(conn, connector.id, limit=1)) == (False, [])


def test_what_is_noted_twice_is_looked_at_once(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        (one,) = some(conn, connector, 1)
        looks.note(conn, connector.id, [one], actor="ada", list_name=ListName.ITEM)
        looks.note(conn, connector.id, [one], actor="bob")
        assert looks.take(conn, connector.id, limit=9) == [Look(one, "ada", ListName.ITEM)]


def test_very_many_are_noted(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        ids = some(conn, connector, 1_200)
        looks.note(conn, connector.id, ids, actor="ada")
        assert looks.count(conn, connector.id) == 1_200


def test_a_record_that_is_gone_is_no_longer_noted(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        (one,) = some(conn, connector, 1)
        looks.note(conn, connector.id, [one], actor="ada")
        conn.execute(delete(table).where(table.c.id == one))
        assert not looks.any_noted(conn, connector.id)


def test_each_connector_has_its_own(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        looks.note(conn, connector.id, some(conn, connector, 1), actor="ada")
        assert looks.count(conn, connector.id + 1) == 0
        assert looks.take(conn, connector.id + 1, limit=5) == []
