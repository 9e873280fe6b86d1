"""What was read is remembered within a transaction, and read again as soon as it may be another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from qbwc_server.domain.causes import NotPermitted
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.records import Link, Record, State
from qbwc_server.storage import errors, lists, memory, records
from qbwc_server.storage.database import Database

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
ENTRY = ListEntry(
    ListName.ITEM, "8-1", "ItemService", "Oyster", True, False, None, "A-77", "1", None, None, None
)


def item(conn: Connection, connector: Connector, name: str = "i") -> Record:
    return records.add(conn, connector.id, Kind.ITEM, name, {"name": name}, now=NOW, actor="host")


def answers(conn: Connection, connector: Connector, record: Record) -> dict[str, Any]:
    """Everything that is remembered, asked for."""
    loads = lists.loads(conn, connector.id, [ListName.ITEM])
    return {
        "get": records.get(conn, record.id),
        "find": records.find(conn, connector.id, Kind.ITEM, "i"),
        "keys": records.by_keys(conn, connector.id, Kind.ITEM, ["sku:a"]),
        "holder": records.holder(conn, record, "8-1"),
        "errors": errors.of_record(conn, connector.id, record.id),
        "sku": lists.by_skus(conn, connector.id, ["A-77"]),
        "name": lists.by_name(conn, connector.id, ListName.ITEM, "Oyster"),
        "id": lists.by_ids(conn, connector.id, ListName.ITEM, ["8-1"]),
        "email": lists.by_emails(conn, connector.id, ListName.CUSTOMER, ["a@b.example"]),
        "loads": (loads, lists.all_loaded(conn, connector.id, [ListName.ITEM])),
    }


Write = Callable[[Connection, Connector, Record], object]
WRITES: dict[str, Write] = {
    "add": lambda conn, connector, record: item(conn, connector, "j"),
    "move": lambda conn, connector, record: records.move(conn, record, State.BLOCKED, now=LATER, actor="ada"),
    "move_all": lambda conn, connector, record: records.move_all(
        conn, [record], State.SENT, now=LATER, actor="ada"
    ),
    "change": lambda conn, connector, record: records.change(conn, record, now=LATER, attempts=3),
    "change_all": lambda conn, connector, record: records.change_all(conn, [record], now=LATER, attempts=3),
    "set_keys": lambda conn, connector, record: records.set_keys(conn, record, ["sku:a"]),
    "holder": lambda conn, connector, record: records.change(
        conn,
        item(conn, connector, "j"),
        now=LATER,
        **records.link_columns(Link("8-1", None, None, "sku", "x")),
    ),
    "set_waits": lambda conn, connector, record: records.set_waits(
        conn, record, [item(conn, connector, "j").id], now=LATER
    ),
    "open_error": lambda conn, connector, record: errors.open_error(
        conn, connector.id, record.id, NotPermitted("item i"), now=NOW
    ),
    "store": lambda conn, connector, record: lists.store(conn, connector.id, [ENTRY], load=None),
    "mark_deleted": lambda conn, connector, record: (
        lists.store(conn, connector.id, [ENTRY], load=None),
        lists.mark_deleted(conn, connector.id, ListName.ITEM, ["8-1"]),
    ),
    "sweep": lambda conn, connector, record: (
        lists.store(conn, connector.id, [ENTRY], load=1),
        lists.sweep(conn, connector.id, ListName.ITEM, 2),
    ),
    "forget": lambda conn, connector, record: (
        lists.store(conn, connector.id, [ENTRY], load=1),
        lists.forget(conn, connector.id),
    ),
    "change_load": lambda conn, connector, record: lists.change_load(
        conn, connector.id, ListName.ITEM, loaded_at=NOW
    ),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_no_answer_outlives_what_is_written(database: Database, connector: Connector, write: Write) -> None:
    with database.begin() as conn:
        record = item(conn, connector)
        with memory.remembering(conn):
            answers(conn, connector, record)
            write(conn, connector, record)
            remembered = answers(conn, connector, record)
        assert remembered == answers(conn, connector, record)


def test_an_error_record_that_is_closed_is_forgotten(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        record = item(conn, connector)
        with memory.remembering(conn):
            for close in (
                lambda found: errors.close(conn, [found.id], "went away", now=LATER),
                lambda found: errors.close_of_record(conn, record.id, "went away", now=LATER),
            ):
                errors.open_error(conn, connector.id, record.id, NotPermitted("item i"), now=NOW)
                (found,) = errors.of_record(conn, connector.id, record.id)
                close(found)
                assert errors.of_record(conn, connector.id, record.id) == []


def test_whoever_waits_for_a_record_is_read_again_when_the_waiting_ends(
    database: Database, connector: Connector
) -> None:
    with database.begin() as conn:
        record = item(conn, connector)
        other = item(conn, connector, "j")
        records.set_waits(conn, record, [other.id], now=NOW)
        with memory.remembering(conn):
            assert records.get(conn, record.id).waiting == 1
            assert records.end_waits(conn, [other.id]) == {other.id: [record.id]}
            assert records.get(conn, record.id).waiting == 0


def test_what_is_read_ahead_is_not_read_again(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        ids = [item(conn, connector, f"i{number}").id for number in range(3)]
        with memory.remembering(conn):
            records.read_ahead(conn, ids)
            errors.read_ahead(conn, ids)
            conn.exec_driver_sql("UPDATE record SET attempts = 7")
            assert [records.get(conn, each).attempts for each in ids] == [0, 0, 0]
            assert [errors.of_record(conn, connector.id, each) for each in ids] == [[], [], []]
        assert [records.get(conn, each).attempts for each in ids] == [7, 7, 7]


def test_one_transaction_knows_nothing_of_another(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        record = item(conn, connector)
        with memory.remembering(conn), memory.remembering(conn):
            records.get(conn, record.id)
    with database.begin() as conn:
        records.change(conn, record, now=LATER, attempts=3)
        with memory.remembering(conn):
            assert records.get(conn, record.id).attempts == 3
