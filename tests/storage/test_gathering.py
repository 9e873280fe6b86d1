"""Writes that are kept back are few statements, and nobody can tell otherwise that they were kept back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from qbwc_server.domain.causes import NotPermitted
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import Conflict
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.operations import Operation, Reading, Request
from qbwc_server.domain.records import Claim, Link, PostedLine, Record, State
from qbwc_server.storage import errors, events, gathering, memory, opened_errors, records, sessions
from qbwc_server.storage.database import Database

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)


def item(conn: Connection, connector: Connector, name: str = "i") -> Record:
    return records.add(conn, connector.id, Kind.ITEM, name, {"name": name}, now=NOW, actor="host")


def items(conn: Connection, connector: Connector, number: int = 3) -> list[Record]:
    return [item(conn, connector, f"i{each}") for each in range(number)]


@contextmanager
def gathered(conn: Connection) -> Iterator[None]:
    with memory.remembering(conn), gathering.gathered(conn):
        yield


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is said to the database within the block."""
    said: list[str] = []

    def note(*given: Any) -> None:
        said.append(given[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def linked(quickbooks_id: str) -> dict[str, Any]:
    return {**records.link_columns(Link(quickbooks_id, "7", "Oyster", "sku", "answer"))}


def stored(conn: Connection, record: Record) -> Record:
    """A record as it stands in the database, whatever is remembered."""
    return records.by_external_ids(conn, record.connector_id, record.kind, [record.external_id])[0]


def test_the_changes_of_many_records_are_a_few_statements(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        found = items(conn, connector, 20)
        with statements() as said, gathered(conn):
            records.read_ahead(conn, [record.id for record in found])
            for record in found:
                moved = records.move(conn, record, State.SENT, now=LATER, actor="server")
                records.change(conn, moved, now=LATER, warnings=["odd"])
                errors.open_error(conn, connector.id, record.id, NotPermitted(record.label), now=LATER)
        # read, changed, their events, their error records, the day
        assert len(said) == 5
        for record in found:
            after = stored(conn, record)
            assert (after.state, after.warnings, after.updated_at) == (State.SENT, ("odd",), LATER)
            assert [told.to_state for told in events.of_record(conn, record.id)] == [State.QUEUED, State.SENT]
            assert len(errors.find(conn, connector.id, record_id=record.id)) == 1


CHANGES: dict[str, dict[str, Any]] = {
    "link": linked("8-1"),
    "claim": {**records.claim_columns(Claim("77-1", 1, {"ref_number": "7"}, Kind.INVOICE))},
    "pause": {"not_before": LATER, "pause_reason": "later"},
    "content": {"synced_content": {"name": "i", "price": "9.50"}, "synced_revision": 1},
    "lines": {"line_ids": (PostedLine("1-1"), PostedLine("1-2", is_group=True))},
    "warnings": {"warnings": ["odd", "odder"]},
    "document": {"linked_document": {"ref_number": "7", "total": None}},
    "flags": {"needs_reading": True, "is_void": True, "is_surplus": True, "probed_session_id": 4},
}


@pytest.mark.parametrize("values", CHANGES.values(), ids=CHANGES)
def test_a_record_is_known_at_once_as_it_will_be_stored(
    database: Database, connector: Connector, values: dict[str, Any]
) -> None:
    with database.begin() as conn:
        record = item(conn, connector)
        with gathered(conn):
            records.read_ahead(conn, [record.id])
            changed = records.change(conn, record, now=LATER, **values)
            assert records.get(conn, record.id) == changed
        assert stored(conn, record) == changed
        with gathered(conn):
            records.read_ahead(conn, [record.id])
            moved = records.move(conn, changed, State.BLOCKED, now=LATER + timedelta(1), actor="ada")
        assert stored(conn, record) == moved


QUESTIONS: dict[str, Callable[[Connection, Record], object]] = {
    "records": lambda conn, record: stored(conn, record).attempts,
    "counts": lambda conn, record: records.counts(conn, record.connector_id)[State.BLOCKED],
    "events": lambda conn, record: [told.to_state for told in events.of_record(conn, record.id)],
    "errors": lambda conn, record: [
        item.cause for item in errors.find(conn, record.connector_id, record_id=record.id)
    ],
    "plain SQL": lambda conn, record: conn.exec_driver_sql("SELECT attempts FROM record").scalar_one(),
}


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
def test_no_question_misses_what_is_kept_back(
    database: Database, connector: Connector, ask: Callable[[Connection, Record], object]
) -> None:
    with database.begin() as conn:
        record = item(conn, connector)
        with gathered(conn):
            records.read_ahead(conn, [record.id])
            records.move(conn, record, State.BLOCKED, now=LATER, actor="ada", attempts=3)
            errors.open_error(conn, connector.id, record.id, NotPermitted("item i"), now=LATER)
            inside = ask(conn, record)
        assert inside == ask(conn, record)


def change_and_fail(conn: Connection, record: Record) -> None:
    with gathered(conn):
        records.read_ahead(conn, [record.id])
        records.change(conn, record, now=LATER, attempts=3)
        raise ZeroDivisionError


def test_what_is_kept_back_is_committed_even_behind_an_exception(
    database: Database, connector: Connector
) -> None:
    with database.begin() as conn:
        record = item(conn, connector)
        with pytest.raises(ZeroDivisionError):
            change_and_fail(conn, record)
    with database.begin() as conn:
        assert records.get(conn, record.id).attempts == 3


def test_what_is_kept_back_is_gone_with_its_transaction(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        record = item(conn, connector)
    with pytest.raises(ZeroDivisionError), database.begin() as conn:
        change_and_fail(conn, record)
    with database.begin() as conn:
        assert records.get(conn, record.id).attempts == 0
        assert len(events.of_record(conn, record.id)) == 1


def test_an_update_that_lost_its_state_is_noticed(database: Database, connector: Connector) -> None:
    def change_behind_its_back() -> None:
        with database.begin() as conn, gathered(conn):
            record = item(conn, connector)
            conn.exec_driver_sql("UPDATE record SET state = 'cancelled'")
            records.move(conn, record, State.SENT, now=LATER, actor="server")

    with pytest.raises(RuntimeError, match="no longer"):
        change_behind_its_back()


def test_what_one_record_gives_up_another_may_have(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        later, first = items(conn, connector, 2)
        first = records.change(conn, first, now=NOW, **linked("8-1"))
        with gathered(conn):
            records.read_ahead(conn, [later.id, first.id])
            # the one that gets it is written first, unless it is seen to that the other one gives it up before
            records.change(conn, later, now=LATER, attempts=1)
            records.change(conn, first, now=LATER, **linked("8-2"))
            assert records.holder(conn, later, "8-1") is None
            records.change(conn, later, now=LATER, **linked("8-1"))
            assert records.holder(conn, first, "8-1") == records.get(conn, later.id)
        assert [stored(conn, each).link.quickbooks_id for each in (later, first)] == ["8-1", "8-2"]


def test_two_records_cannot_have_one_entry(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        found = items(conn, connector, 2)

    def link_both() -> None:
        with database.begin() as conn, gathered(conn):
            records.read_ahead(conn, [record.id for record in found])
            for record in found:
                records.change(conn, record, now=LATER, **linked("8-1"))

    with pytest.raises(Conflict):
        link_both()


def test_all_waiting_for_several_records_ends_at_once(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        first, second, both, one = items(conn, connector, 4)
        records.set_waits(conn, both, [first.id, second.id], now=NOW)
        records.set_waits(conn, one, [second.id], now=NOW)
        with statements() as said, gathered(conn):
            waited = records.end_waits(conn, [first.id, second.id])
        assert waited == {first.id: [both.id], second.id: [both.id, one.id]}
        assert len(said) == 2
        assert [records.get(conn, each.id).waiting for each in (both, one)] == [0, 0]
        assert records.waits_of(conn, both.id) == []


def requests(conn: Connection, connector: Connector, number: int) -> list[Request]:
    """A message set of so many queries."""
    live = sessions.open_session(conn, connector.id, "digest", now=NOW)
    message_set = sessions.add_set(conn, live, name=None, writes=False, text="", now=NOW)
    made = [
        Request(f"r{each}", message_set.id, connector.id, Operation.READ, None, None, Reading({}))
        for each in range(number)
    ]
    sessions.add_requests(conn, made)
    return made


def test_the_answers_to_a_message_set_are_one_statement_and_count_once(
    database: Database, connector: Connector
) -> None:
    with database.begin() as conn:
        made = requests(conn, connector, 10)
        with statements() as said, gathered(conn):
            assert sessions.requests_of(conn, made[0].message_set_id) == made
            for each in made:
                assert sessions.find_request(conn, connector.id, each.id) == each
                assert sessions.settle(conn, each.id, 0, "Info", "Status OK")
                assert not sessions.settle(conn, each.id, 3100, "Error", "again")
            sessions.unsettle(conn, "r3")
            assert sessions.settle(conn, "r3", 0, "Info", "Status OK")
            sessions.mark_absent(conn, "r4")
            known = sessions.requests_of(conn, made[0].message_set_id)
        # read; settled, and the one that is absent besides
        assert len(said) == 3
        assert sessions.requests_of(conn, made[0].message_set_id) == known
        assert [each.settled for each in known] == [True] * 10
        assert [each.id for each in known if each.absent] == ["r4"]
        codes = conn.exec_driver_sql("SELECT DISTINCT status_code, status_message FROM request").all()
        assert [tuple(code) for code in codes] == [(0, "Status OK")]


def test_a_request_of_another_connector_is_not_found(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        made = requests(conn, connector, 1)
        with gathered(conn):
            assert sessions.requests_of(conn, made[0].message_set_id) == made
            assert sessions.find_request(conn, connector.id + 1, "r0") is None
            assert sessions.find_requests(conn, connector.id + 1, ["r0", "r1"]) == {}


def test_what_is_said_of_some_records_is_not_said_of_others(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        found = items(conn, connector, 9)
        with statements() as said, gathered(conn):
            records.read_ahead(conn, [record.id for record in found])
            for number, record in enumerate(found):
                first, second = (("attempts", "revision"), ("revision", "attempts"))[number % 2]
                records.change(conn, record, now=LATER, **{first: 2, second: 3 if number < 8 else 4})
        assert len(said) == 4
        for number, record in enumerate(found):
            after, odd = stored(conn, record), number % 2
            last = 3 if number < 8 else 4
            assert (after.attempts, after.revision) == ((last, 2) if odd else (2, last))


def test_many_different_changes_are_one_statement(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        found = items(conn, connector, 12)
        with statements() as said, gathered(conn):
            records.read_ahead(conn, [record.id for record in found])
            for number, record in enumerate(found):
                records.change(conn, record, now=LATER, attempts=number // 2)
        assert len(said) == 2
        assert [stored(conn, record).attempts for record in found] == [number // 2 for number in range(12)]


def test_what_many_records_have_alike_beside_their_links_is_said_of_all_at_once(
    database: Database, connector: Connector
) -> None:
    with database.begin() as conn:
        found = [
            records.move(conn, each, State.SENT, now=NOW, actor="x") for each in items(conn, connector, 5)
        ]
        with statements() as said, gathered(conn):
            records.read_ahead(conn, [record.id for record in found])
            after = [
                records.move(
                    conn,
                    record,
                    State.SYNCED,
                    now=LATER,
                    actor="quickbooks",
                    synced_revision=1,
                    synced_content=dict(record.content),
                    **linked(f"8-{number}"),
                )
                for number, record in enumerate(found)
            ]
        # read, their links, their state, their events, the day
        assert len(said) == 5
        assert [stored(conn, record) for record in found] == after
        assert [each.link and each.link.quickbooks_id for each in after] == [
            f"8-{number}" for number in range(5)
        ]


@pytest.mark.parametrize("many", [3, 5])
@pytest.mark.parametrize("are_linked", [False, True])
def test_one_change_of_many_notices_one_that_lost_its_state(
    database: Database, connector: Connector, many: int, are_linked: bool
) -> None:
    with database.begin() as conn:
        found = items(conn, connector, many)
        records.move(conn, found[1], State.SENT, now=NOW, actor="server")
        with gathered(conn):
            for record in found:
                records.remember(conn, record)
                link = linked(f"8-{record.id}") if are_linked else {}
                records.move(conn, record, State.BLOCKED, now=LATER, actor="server", **link)
            with pytest.raises(RuntimeError, match="no longer"):
                gathering.write(conn)


def test_however_many_error_records_are_opened_it_is_one_statement_and_each_is_told_its_id(
    database: Database, connector: Connector
) -> None:
    """Events name the error records of the same transaction."""
    with database.begin() as conn:
        made = items(conn, connector, 150)
        causes = [NotPermitted(f"item {record.external_id}") for record in made]
        with statements() as said, gathered(conn):
            for record, cause in zip(made, causes, strict=True):
                errors.open_error(conn, connector.id, record.id, cause, now=NOW)
        assert [text.partition("(")[0].strip() for text in said] == [
            "INSERT INTO error",
            "INSERT INTO connector_day",
        ]
        found = {each.id: each.record_id for each in errors.find(conn, connector.id)}
        told = {
            opened_errors.find(conn, record.id, cause): record.id
            for record, cause in zip(made, causes, strict=True)
        }
        assert told == found
