"""Rows of sessions, message sets and requests; the database is the referee over what may be live at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from qbwc_server.domain.connectors import Connector, digest
from qbwc_server.domain.faults import DatabaseUnavailable
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.operations import Adding, Numbering, Operation, Request
from qbwc_server.domain.records import State
from qbwc_server.domain.sessions import SessionState, SetState
from qbwc_server.storage import connectors, records, sessions
from qbwc_server.storage.database import Database
from qbwc_server.storage.schema import message_set
from qbwc_server.storage.sessions import visits
from tests.storage.test_kept_counts import plan

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def open_one(database: Database, connector: Connector, ticket: str) -> int:
    with database.begin() as conn:
        return sessions.open_session(conn, connector.id, ticket, now=NOW).id


def test_a_connector_has_at_most_one_live_session(
    database: Database, connector: Connector, other: Connector
) -> None:
    first = open_one(database, connector, "a")
    open_one(database, other, "b")
    with pytest.raises(DatabaseUnavailable):
        open_one(database, connector, "c")
    with database.begin() as conn:
        live = sessions.live(conn, connector.id)
        assert live is not None
        assert live.id == first
        sessions.change(conn, first, state=SessionState.SUPERSEDED, ended_at=NOW)
        assert sessions.live(conn, connector.id) is None
    second = open_one(database, connector, "c")
    with database.begin() as conn:
        latest = sessions.latest(conn, connector.id)
        assert latest is not None
        assert latest.id == second


def test_a_session_is_found_by_its_ticket_alive_or_not(database: Database, connector: Connector) -> None:
    first = open_one(database, connector, "a")
    with database.begin() as conn:
        sessions.change(conn, first, state=SessionState.CLOSED, ended_at=NOW, end_reason="finished")
        found = sessions.by_ticket(conn, "a")
        assert found is not None
        assert (found.id, found.state, found.end_reason) == (first, SessionState.CLOSED, "finished")
        assert sessions.by_ticket(conn, "b") is None


def test_a_session_has_at_most_one_unanswered_set(database: Database, connector: Connector) -> None:
    open_one(database, connector, "a")

    def add() -> int:
        with database.begin() as conn:
            session = sessions.by_ticket(conn, "a")
            assert session is not None
            return sessions.add_set(conn, session, name=None, writes=False, text="", now=NOW).id

    first = add()
    with pytest.raises(DatabaseUnavailable):
        add()
    with database.begin() as conn:
        unanswered = sessions.unanswered(conn, sessions.get_set(conn, first).session_id)
        assert unanswered is not None
        assert unanswered.id == first
        sessions.change_set(conn, first, state=SetState.ANSWERED, progress=30, answered_at=NOW)
    second = add()
    with database.begin() as conn:
        session_id = sessions.get_set(conn, second).session_id
        newest, answered = sessions.newest_set(conn, session_id), sessions.newest_answered(conn, session_id)
        assert answered is not None
        assert (newest, answered.id, answered.progress) == (second, first, 30)
        assert [each.id for each in sessions.sets_in(conn, connector.id, SetState.SENT)] == [second]


def test_the_text_of_a_message_set_comes_back_byte_for_byte(database: Database, connector: Connector) -> None:
    open_one(database, connector, "a")
    text = "<?xml version='1.0'?>\r\n<a b=\"&#233;\">\tÜnïcode 号 😀  </a>\n" * 500
    with database.begin() as conn:
        session = sessions.by_ticket(conn, "a")
        assert session is not None
        made = sessions.add_set(conn, session, name="n", writes=True, text="", now=NOW)
        sessions.change_set(conn, made.id, text=text)
    with database.begin() as conn:
        assert sessions.get_set(conn, made.id).text == text


@pytest.fixture
def requests(database: Database, connector: Connector) -> list[Request]:
    """Three writes of uncertain customers and a query, in one message set."""
    open_one(database, connector, "a")
    made: list[Request] = []
    with database.begin() as conn:
        session = sessions.by_ticket(conn, "a")
        assert session is not None
        message_set = sessions.add_set(conn, session, name="n", writes=True, text="", now=NOW)
        for number in range(3):
            record = records.add(conn, connector.id, Kind.CUSTOMER, str(number), {}, now=NOW, actor="host")
            for state in (State.SENT, State.UNCERTAIN):
                record = records.move(conn, record, state, now=NOW, actor="server")
            made.append(
                Request(
                    f"r{9 - number}",
                    message_set.id,
                    connector.id,
                    Operation.ADD,
                    record.id,
                    1,
                    Adding(name="ü"),
                )
            )
        made.append(
            Request(
                "q",
                message_set.id,
                connector.id,
                Operation.NUMBER_PROBE,
                None,
                None,
                Numbering(Kind.INVOICE, {}),
            )
        )
        sessions.add_requests(conn, made)
    return made


def test_requests_keep_their_order_and_are_found_within_their_connector_only(
    database: Database, other: Connector, requests: list[Request]
) -> None:
    with database.begin() as conn:
        assert sessions.requests_of(conn, requests[0].message_set_id) == requests
        assert sessions.find_request(conn, requests[0].connector_id, "r9") == requests[0]
        assert sessions.find_request(conn, other.id, "r9") is None
        assert sessions.find_request(conn, requests[0].connector_id, "nowhere") is None


def test_an_answer_counts_once(database: Database, requests: list[Request]) -> None:
    with database.begin() as conn:
        assert sessions.settle(conn, "r9", 0, "Info", "OK")
        assert not sessions.settle(conn, "r9", 0, "Info", "OK")
        sessions.unsettle(conn, "r9")
        assert sessions.settle(conn, "r9", 0, "Info", "OK")
        assert not sessions.settle(conn, "unknown", 0, "Info", "OK")


def test_lost_writes_are_asked_for_in_order_until_something_is_known_of_them(
    database: Database, connector: Connector, requests: list[Request]
) -> None:
    def lost(now: datetime = NOW, limit: int = 10) -> list[str]:
        with database.begin() as conn:
            return [item.id for item in sessions.uncertain_writes(conn, connector.id, now=now, limit=limit)]

    assert lost() == ["r9", "r8", "r7"]
    assert lost(limit=2) == ["r9", "r8"]
    with database.begin() as conn:
        sessions.mark_absent(conn, "r9")
        sessions.settle_all(conn, ["r8"])
        later = NOW + timedelta(minutes=1)
        record = records.get(conn, requests[2].record_id or 0)
        records.change(conn, record, now=NOW, not_before=later)
    assert lost() == []
    assert lost(now=later) == ["r7"]
    with database.begin() as conn:
        sessions.forget_absence(conn, requests[0].message_set_id)
    assert lost() == ["r9"]


@pytest.mark.slow
def test_processes_that_authenticate_at_once_leave_one_live_session(
    database: Database, connector: Connector, url: str, processes: Callable[..., list[str]]
) -> None:
    with database.begin() as conn:
        connectors.change(conn, connector.id, password_digest=digest(b"k" * 32, "secret"))
    assert processes(2, "authenticate", url, "secret") == ["opened", "opened"]
    with database.begin() as conn:
        live = sessions.live(conn, connector.id)
        assert live is not None
        latest = sessions.latest(conn, connector.id)
        assert latest is not None
        assert live.id == latest.id


def test_what_a_visit_brought_into_quickbooks_is_counted_in_its_index(
    database: Database, connector: Connector
) -> None:
    open_one(database, connector, "t")
    with database.begin() as conn:
        for number, minutes in enumerate((-1, 0, 1, 2)):
            record = records.add(conn, connector.id, Kind.ITEM, str(number), {}, now=NOW, actor="host")
            at = NOW + timedelta(minutes=minutes)
            records.move(conn, record, State.SYNCED, now=at, actor="quickbooks")
    with database.begin() as conn:
        visit = sessions.by_ticket(conn, "t")
        assert visit is not None
        assert sessions.work_of(conn, visit) == (0, 3)
        ended = replace(visit, ended_at=NOW + timedelta(minutes=1))
        assert sessions.work_of(conn, ended) == (0, 2)
        told = plan(conn, lambda: conn.execute(visits.synced_in(ended)))
        assert conn.dialect.name != "sqlite" or "INDEX ix_event_synced" in told


def test_a_text_that_was_forgotten_is_neither_looked_for_nor_written_again(
    database: Database, connector: Connector
) -> None:
    later = NOW + timedelta(seconds=1)
    written: list[int] = []

    def heard(_conn: Any, cursor: Any, *_: Any) -> None:
        written.append(cursor.rowcount)

    with database.begin() as conn:
        visit = sessions.open_session(conn, connector.id, "a", now=NOW)
        alike = {"connector_id": connector.id, "session_id": visit.id, "state": SetState.ANSWERED}
        alike |= {"writes": False, "resent": False, "sent_at": NOW}
        conn.execute(insert(message_set), [alike | {"text": ""}] * 2_000)
        conn.execute(insert(message_set), [alike | {"text": each} for each in ("x", "<QBXML/>")])
        event.listen(conn, "after_cursor_execute", heard)
        for before in (NOW, later, later):
            sessions.forget_texts(conn, connector.id, before=before)
        event.remove(conn, "after_cursor_execute", heard)
        assert written == [0, 2, 0]
        conn.execute(text("ANALYZE"))
        told = plan(conn, lambda: sessions.forget_texts(conn, connector.id, before=later))
        assert "ix_message_set_text" in told, told
