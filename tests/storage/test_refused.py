"""Rows of what the host was refused: one a record, counted, bounded, on every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qbwc_server.domain.causes import NotAccepted
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import Fault
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import errors, records, refused
from qbwc_server.storage.database import Database

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def cause(external_id: str, message: str = "is wrong", kind: Kind = Kind.CUSTOMER) -> NotAccepted:
    return NotAccepted.of(kind, external_id, [Fault("/name", message)])


def test_one_row_a_record_is_counted_closed_and_begun_anew(
    database: Database, connector: Connector, other: Connector
) -> None:
    with database.begin() as conn:
        refused.keep(conn, connector.id, [cause("a"), cause("b"), cause("a", kind=Kind.ITEM)], now=NOW)
        refused.keep(conn, other.id, [cause("a")], now=NOW)
        refused.keep(conn, connector.id, [cause("a", "is worse")], now=LATER)
        first, *_ = found = errors.find(conn, connector.id)
        assert [(item.kind, item.external_id, item.times) for item in found] == [
            (Kind.CUSTOMER, "a", 2),
            (Kind.CUSTOMER, "b", 1),
            (Kind.ITEM, "a", 1),
        ]
        assert (first.cause, first.opened_at, first.last_at) == (cause("a", "is worse"), NOW, LATER)
        assert refused.of(conn, connector.id, Kind.CUSTOMER, "a") == cause("a", "is worse")
        assert errors.count_open(conn, connector.id) == (3, 3)
        refused.close(conn, connector.id, Kind.CUSTOMER, ["a", "b", "c"], "accepted", now=LATER)
        assert refused.of(conn, connector.id, Kind.CUSTOMER, "a") is None
        assert [(item.kind, item.external_id) for item in errors.find(conn, connector.id)] == [
            (Kind.ITEM, "a")
        ]
        assert errors.count_open(conn, other.id) == (1, 1)
        refused.keep(conn, connector.id, [cause("a")], now=LATER)
        (again,) = errors.find(conn, connector.id, ids=[first.id])
        assert (again.times, again.opened_at, again.closed_at, again.close_reason) == (1, LATER, None, None)


def test_it_is_told_whether_there_is_a_record_of_that_id(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        there = records.add(conn, connector.id, Kind.CUSTOMER, "a", {}, now=NOW, actor="host")
        refused.keep(conn, connector.id, [cause("a"), cause("b")], now=NOW)
        assert {item.external_id: item.about_id is not None for item in errors.find(conn, connector.id)} == {
            "a": True,
            "b": False,
        }
        assert [item.external_id for item in errors.find(conn, about=there)] == ["a"]
        assert errors.find(conn, record_id=there.id) == []
        assert errors.find(conn, connector.id, connector_wide=True) == []


def test_only_so_many_of_a_connector_are_kept(
    database: Database, connector: Connector, other: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refused, "MOST_KEPT", 250)
    with database.begin() as conn:
        refused.keep(conn, other.id, [cause("a")], now=NOW)
        refused.keep(conn, connector.id, [cause(f"x{number}") for number in range(400)], now=NOW)
        assert errors.count_open(conn, connector.id) == (250, 250)
        refused.keep(conn, connector.id, [cause("newest")], now=LATER)
        assert errors.count_open(conn, connector.id) == (250, 250)
        assert refused.of(conn, connector.id, Kind.CUSTOMER, "newest") is not None
        assert errors.count_open(conn, other.id) == (1, 1)


def test_what_was_refused_before_a_moment_is_forgotten_with_nothing_else(
    database: Database, connector: Connector
) -> None:
    with database.begin() as conn:
        refused.keep(conn, connector.id, [cause("old"), cause("over")], now=NOW)
        refused.close(conn, connector.id, Kind.CUSTOMER, ["over"], "accepted", now=LATER)
        refused.keep(conn, connector.id, [cause("new")], now=LATER)
        errors.open_error(conn, connector.id, None, cause("x"), now=NOW)
        refused.forget(conn, connector.id, before=LATER)
        assert [item.external_id for item in errors.find(conn, connector.id, open_only=False)] == [
            "new",
            None,
        ]
