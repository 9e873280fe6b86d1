"""What is told to the driver without a detour is answered, refused and heard as SQLAlchemy would have it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, event, insert, select
from sqlalchemy.exc import IntegrityError

from qbwc_server.domain.faults import Conflict, DatabaseUnavailable
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.storage import connectors, gathering, records, schema
from qbwc_server.storage.prepared import Prepared

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "table", [schema.connector, schema.record, schema.event], ids=lambda table: table.name
)
def test_a_row_is_answered_as_sqlalchemy_answers_it(database, connector, table) -> None:
    query = select(table).where(table.c.id >= bindparam("least")).order_by(table.c.id)
    with database.begin() as conn:
        records.add(
            conn, connector.id, Kind.INVOICE, "a", {"memo": None, "n": ["ü", 1]}, now=NOW, actor="host"
        )
        told = [list(row) for row in conn.execute(query, {"least": 0})]
        assert list(map(list, Prepared(query).rows(conn, {"least": 0}))) == told
    assert told


def test_a_statement_without_an_answer_has_no_row(database) -> None:
    query = Prepared(select(schema.record.c.id).where(schema.record.c.id == bindparam("which")))
    with database.read() as conn:
        assert query.row(conn, {"which": 1}) is None


def test_what_is_written_is_read_again(database, connector) -> None:
    new = Prepared(insert(schema.record_word))
    with database.begin() as conn:
        made = records.add(conn, connector.id, Kind.INVOICE, "a", {}, now=NOW, actor="host")
        new.write(
            conn,
            [{"connector_id": connector.id, "word": f"w{number}", "record_id": made.id} for number in (1, 2)],
        )
        words = conn.execute(select(schema.record_word.c.word).order_by("word")).scalars().all()
    assert {"w1", "w2"} <= set(words)


def test_other_columns_than_before_are_refused(database, connector) -> None:
    if not database.is_sqlite:
        pytest.skip("the driver of PostgreSQL is told by SQLAlchemy, which looks at each set of values")
    new = Prepared(insert(schema.record_word))
    with database.begin() as conn:
        made = records.add(conn, connector.id, Kind.INVOICE, "a", {}, now=NOW, actor="host")
        row: dict[str, Any] = {"connector_id": connector.id, "word": "w", "record_id": made.id}
        new.write(conn, [row])
        with pytest.raises(ValueError, match="other columns"):
            new.write(conn, [{**row, "more": 1}])


def test_what_the_database_refuses_is_refused_as_by_sqlalchemy(database, connector) -> None:
    new = Prepared(insert(schema.record_word))
    row = {"connector_id": connector.id, "word": "w", "record_id": -1}
    with pytest.raises((Conflict, DatabaseUnavailable)) as told, database.begin() as conn:
        new.write(conn, [row, row])
    assert isinstance(told.value.__cause__, IntegrityError)


def test_what_was_kept_back_is_written_before_it_is_asked(database, connector) -> None:
    with database.begin() as conn:
        made = records.add(conn, connector.id, Kind.INVOICE, "a", {}, now=NOW, actor="host")
        with gathering.gathered(conn):
            records.move(conn, made, State.SENT, now=NOW, actor="host")
            found = Prepared(select(schema.record.c.state)).rows(conn, {})
    assert [list(row) for row in found] == [["sent"]]


def test_whoever_listens_hears_it(database) -> None:
    with database.read() as conn, heard(conn) as said:
        connectors.briefs(conn)
        Prepared(select(schema.record.c.id)).rows(conn, {})
    assert said[-1].startswith("SELECT record.id")


@contextmanager
def heard(conn: Any) -> Iterator[list[str]]:
    said: list[str] = []
    event.listen(conn, "before_cursor_execute", lambda *given: said.append(given[2]))
    yield said
