"""Rows of error records: opened with a cause, found behind its key, closed when it went away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from qbwc_server.domain.causes import BadCredentials, CustomerNotMatched, NotPermitted, QuickbooksUnreachable
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.faults import DatabaseUnavailable
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import errors, records
from qbwc_server.storage.database import Database

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


@pytest.fixture
def opened(database: Database, connector: Connector, other: Connector) -> Any:
    """Three error records of one connector (two of records, one of its own) and one of another."""
    with database.begin() as conn:
        ids = [
            records.add(conn, owner.id, Kind.INVOICE, name, {}, now=NOW, actor="host").id
            for owner, name in ((connector, "a"), (connector, "b"), (other, "a"))
        ]
        unknown = CustomerNotMatched("email_unknown", "invoice a", "AP@x.example")
        answer = QuickBooksAnswer("3260", "Error", "Insufficient “permission”")
        errors.open_error(conn, connector.id, ids[0], unknown, now=NOW)
        errors.open_error(conn, connector.id, ids[1], NotPermitted("invoice b"), answer, now=NOW)
        errors.open_error(conn, connector.id, None, QuickbooksUnreachable("Start it."), now=NOW)
        errors.open_error(conn, other.id, ids[2], unknown, now=NOW)
        yield conn, connector, ids


def test_an_error_record_comes_back_with_its_cause_and_quickbooks_own_words(opened: Any) -> None:
    conn, connector, ids = opened
    first, second, third = errors.find(conn, connector.id)
    assert first.cause == CustomerNotMatched("email_unknown", "invoice a", "AP@x.example")
    assert (first.kind, first.external_id, first.connector_name) == (Kind.INVOICE, "a", "acme")
    assert first.cause_key == "email:ap@x.example"
    assert second.quickbooks == QuickBooksAnswer("3260", "Error", "Insufficient “permission”")
    assert (third.record_id, third.kind, third.quickbooks) == (None, None, None)
    assert {item.opened_at for item in (first, second, third)} == {NOW}
    assert first.record_id == ids[0]


def test_what_concerns_the_connector_is_counted_and_told_as_it_is_now(opened: Any) -> None:
    conn, connector, _ = opened
    later, answer = NOW + timedelta(hours=1), QuickBooksAnswer("0x80040414", None, "A dialog")
    cause = QuickbooksUnreachable("Close it.", was_reached=True)
    again = {"now": later, "address": "10.0.0.7"}
    assert errors.count_again(conn, connector.id, cause, answer, **again)
    assert not errors.count_again(conn, connector.id, BadCredentials(), None, **again)
    (found,) = errors.find(conn, connector.id, connector_wide=True)
    assert (found.times, found.opened_at, found.last_at, found.address) == (2, NOW, later, "10.0.0.7")
    assert (found.cause, found.quickbooks) == (cause, answer)
    assert found.occurrences == "2 times since 2026-11-20 15:00 UTC, last 2026-11-20 16:00 UTC, from 10.0.0.7"
    assert [item.times for item in errors.find(conn, connector.id)] == [1, 1, 2]


def test_the_database_itself_has_a_cause_of_a_connector_open_once(
    database: Database, connector: Connector, other: Connector
) -> None:
    with database.begin() as conn:
        for owner in (connector, other):
            errors.open_error(conn, owner.id, None, BadCredentials(), now=NOW)
    with pytest.raises(DatabaseUnavailable), database.begin() as conn:
        errors.open_error(conn, connector.id, None, BadCredentials(), now=NOW)
    with database.begin() as conn:
        errors.close(conn, [item.id for item in errors.find(conn, connector.id)], "over", now=NOW)
        errors.open_error(conn, connector.id, None, BadCredentials(), now=NOW)


def test_every_argument_narrows(opened: Any) -> None:
    conn, connector, ids = opened

    def found(**narrow: Any) -> list[str | None]:
        return [item.external_id for item in errors.find(conn, connector.id, **narrow)]

    assert found() == ["a", "b", None]
    assert found(cause="not_permitted") == ["b"]
    assert found(cause_keys=["email:ap@x.example", "nothing"]) == ["a"]
    assert found(record_id=ids[1]) == ["b"]
    assert found(connector_wide=True) == [None]
    assert found(ids=[]) == []
    assert len(errors.find(conn)) == 4


def test_a_closed_error_record_keeps_the_first_reason(opened: Any) -> None:
    conn, connector, _ = opened
    first = errors.find(conn, connector.id)[0]
    errors.close(conn, [first.id], "synced", now=NOW)
    errors.close(conn, [first.id], "again", now=NOW)
    assert len(errors.find(conn, connector.id)) == 2
    (closed,) = errors.find(conn, connector.id, open_only=False, ids=[first.id])
    assert (closed.closed_at, closed.close_reason) == (NOW, "synced")


def test_who_waits_behind_a_key_is_found_in_any_case_where_the_cache_can_tell(opened: Any) -> None:
    conn, connector, ids = opened
    assert errors.waiting_behind(conn, connector.id, {"EMAIL:ap@X.example"}) == {ids[0]}
    assert errors.waiting_behind(conn, connector.id, {"permission"}) == set()
    assert errors.waiting_behind(conn, connector.id, set()) == set()
    many = {f"sku:{number}" for number in range(5000)} | {"email:ap@x.example"}
    assert errors.waiting_behind(conn, connector.id, many) == {ids[0]}
