"""Rows of raw requests on both databases: what goes next, and how answers are kept and forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from qbwc_server.desk.administration import connectors
from qbwc_server.domain.raw_requests import RawRequest, RawState
from qbwc_server.storage import Transaction, raw_requests
from qbwc_server.storage.database import Database
from qbwc_server.sync.core import Core

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def connector_id(database: Database, name: str = "shop") -> int:
    core = Core(database, lambda: NOW, b"k" * 32, "http://localhost")
    return connectors.add(core, name, actor="staff").connector.id


def added(conn: Transaction, connector: int, *, writes: bool = False) -> RawRequest:
    return raw_requests.add(
        conn, connector, name="X", writes=writes, follow=False, text="<X/>", actor="host", now=NOW
    )


def test_what_goes_next_is_a_next_page_then_the_queued_in_their_order_and_never_what_is_on_its_way(
    database: Database,
) -> None:
    shop, pier = connector_id(database), connector_id(database, "pier")
    with database.begin() as conn:
        queued, on_its_way, paging, write = (added(conn, shop, writes=number == 3) for number in range(4))
        added(conn, pier)
        raw_requests.move(conn, on_its_way, RawState.SENT, now=NOW, request_id="a")
        raw_requests.move(conn, paging, RawState.SENT, now=NOW, request_id=None, iterator_id="{i}")

        def waiting(*, with_writes: bool) -> list[int]:
            found = raw_requests.waiting(conn, shop, with_writes=with_writes, limit=10)
            return [raw.id for raw in found]

        assert waiting(with_writes=True) == [paging.id, queued.id, write.id]
        assert waiting(with_writes=False) == [paging.id, queued.id]
        assert raw_requests.count_waiting(conn, shop) == 3
        assert raw_requests.any_waiting(conn, pier, with_writes=False)
        for raw in (queued, paging):
            raw_requests.move(conn, raw, RawState.ANSWERED, now=NOW)
        assert not raw_requests.any_waiting(conn, shop, with_writes=False)
        assert raw_requests.any_waiting(conn, shop, with_writes=True)


def test_what_is_over_is_forgotten_with_its_pages_and_nothing_else(database: Database) -> None:
    shop = connector_id(database)
    with database.begin() as conn:
        over, late, open_one = (added(conn, shop) for _ in range(3))
        for raw in (over, late):
            raw_requests.keep_page(conn, raw, "é" * 100_000)
        raw_requests.move(conn, over, RawState.ANSWERED, now=NOW)
        raw_requests.move(conn, late, RawState.UNCERTAIN, now=NOW + timedelta(days=2))
        assert raw_requests.pages_of(conn, late.id) == ["é" * 100_000]
        raw_requests.forget(conn, shop, before=NOW + timedelta(days=1))
        assert [raw.id for raw in raw_requests.page(conn, shop, limit=10)] == [open_one.id, late.id]
        assert raw_requests.pages_of(conn, over.id) == []
        assert raw_requests.pages_of(conn, late.id) != []
