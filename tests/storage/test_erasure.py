"""No row of a connector stays when it is erased, and none of another one goes: for every table there is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    Integer,
    Table,
    Text,
    Uuid,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.types import TypeEngine

from qbwc_server.domain.connectors import Connector
from qbwc_server.storage import connectors, erasure
from qbwc_server.storage.database import Database
from qbwc_server.storage.schema import metadata
from qbwc_server.storage.types import Moment, PackedText, PostedLines
from tests.worlds.former_database import FORMER_CONNECTOR, upgrade_to

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
_NUMBERS = count(1)
OF_NO_CONNECTOR = {
    "errand",
    "user",
    "setup_token",
    "login_failure",
    "installation",
    "audit",
    "support_right",
    "password_link",
}


def theirs() -> list[Table]:
    """Every table whose rows belong to a connector, by themselves or through another one's."""
    return [each for each in metadata.sorted_tables if each.name not in {*OF_NO_CONNECTOR, "connector"}]


def test_every_table_goes_with_its_connector() -> None:
    reached = {"connector"}
    for table in metadata.sorted_tables:
        keys = [key for key in table.foreign_keys if key.column.table.name in reached]
        if keys:
            assert all(key.ondelete == "CASCADE" for key in keys), table.name
            reached.add(table.name)
    assert reached == {table.name for table in metadata.sorted_tables} - OF_NO_CONNECTOR


def fill(conn: Connection, connector_id: int, rows: int) -> None:
    """So many rows in every table, whatever its columns are."""
    made: dict[str, list[Any]] = {"connector": [connector_id]}
    for table in theirs():
        made[table.name] = []
        for number in range(rows):
            values = {
                column.name: _value(column, made, number) for column in table.columns if _needed(column)
            }
            key = conn.execute(insert(table).values(values)).inserted_primary_key
            made[table.name].append(key[0] if key is not None else None)


BY_TYPE: dict[type[TypeEngine[Any]], Callable[[int], Any]] = {
    Integer: int,
    BigInteger: int,
    Boolean: lambda number: False,
    Date: lambda number: NOW.date() + timedelta(days=number),
    Float: float,
    JSON: lambda number: {},
    Moment: lambda number: NOW,
    PackedText: str,
    PostedLines: lambda number: (),
    Text: str,
    Uuid: lambda number: uuid4(),
}
"""A value of each type of column, made of a number that no other row has."""


def _needed(column: Column[Any]) -> bool:
    if column.primary_key and column.autoincrement is not False and not column.foreign_keys:
        return len(column.table.primary_key.columns) > 1 or not isinstance(column.type, Integer)
    return not column.nullable or bool(column.foreign_keys)


def _value(column: Column[Any], made: dict[str, list[Any]], number: int) -> Any:
    for key in column.foreign_keys:
        rows = made[key.column.table.name]
        return rows[number % len(rows)]
    unique = next(_NUMBERS)
    return BY_TYPE[type(column.type)](unique)


def rows_of(conn: Connection, connector_id: int) -> dict[str, int]:
    """How many rows of each table belong to a connector."""
    found = {}
    for table in theirs():
        query = select(func.count()).select_from(table)
        if "connector_id" in table.columns:
            query = query.where(table.c.connector_id == connector_id)
        else:
            key = next(iter(table.foreign_keys))
            owner = key.column.table
            owned = select(owner.c.id).where(owner.c.connector_id == connector_id)
            query = query.where(key.parent.in_(owned))
        found[table.name] = conn.execute(query).scalar_one()
    return found


def test_no_row_of_it_stays_and_none_of_another_one_goes(
    database: Database, connector: Connector, make: Callable[..., Connector]
) -> None:
    other = make(database, "other")
    with database.begin() as conn:
        for each in (connector, other):
            fill(conn, each.id, 5)
        before = rows_of(conn, other.id)
        assert min(before.values()) > 0, before
        assert rows_of(conn, connector.id) == before
    slices = 0
    while True:
        with database.begin() as conn:
            slices += 1
            if erasure.erase_some(conn, connector.id, 2):
                break
    assert slices > len(erasure.tables())
    with database.begin() as conn:
        assert set(rows_of(conn, connector.id).values()) == {0}
        assert rows_of(conn, other.id) == before
        assert [each.id for each in connectors.every(conn)] == [other.id]
        total = conn.execute(select(func.count()).select_from(metadata.tables["record_wait"])).scalar_one()
        assert total == before["record_wait"]
        assert not connectors.is_there(conn, connector.id)


def test_a_slice_deletes_no_more_than_it_was_told(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        fill(conn, connector.id, 5)
        before = sum(rows_of(conn, connector.id).values())
        assert not erasure.erase_some(conn, connector.id, 3)
        assert before - sum(rows_of(conn, connector.id).values()) == 3


def test_the_name_of_a_removed_connector_is_free(
    database: Database, connector: Connector, make: Callable[..., Connector]
) -> None:
    with database.begin() as conn:
        dead = connectors.bury(conn, connector, now=NOW)
        assert (dead.given_name, dead.given_username) == ("acme", "qbwc-acme")
        assert connectors.every(conn) == []
        assert connectors.by_username(conn, "qbwc-acme") is None
    again = make(database, "acme")
    with database.begin() as conn:
        assert connectors.by_name(conn, "acme") == again
        assert connectors.buried(conn) == [dead]


def test_no_connector_of_a_former_version_was_removed(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0015")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
    database.upgrade()
    with database.begin() as conn:
        assert [each.name for each in connectors.every(conn)] == ["acme"]
        assert connectors.buried(conn) == []
