"""Rows of records: their transitions, what they wait for, and what may be sent next, in which order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import DatabaseUnavailable
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import ForbiddenTransition, Link, Record, State
from qbwc_server.storage import events, records
from qbwc_server.storage.database import Database

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


class Rows:
    """The rows of one connector in one open transaction."""

    def __init__(self, conn: Any, connector: Connector) -> None:
        self.conn = conn
        self.connector = connector

    def add(
        self, external_id: str, kind: Kind = Kind.CUSTOMER, key: str | None = None, **values: Any
    ) -> Record:
        record = records.add(
            self.conn, self.connector.id, kind, external_id, {"name": external_id}, now=NOW, actor="host"
        )
        records.set_keys(self.conn, record, [key] if key else [])
        return records.change(self.conn, record, now=NOW, **values) if values else record

    def to(self, record: Record, *states: State, **values: Any) -> Record:
        for state in states:
            record = records.move(self.conn, record, state, now=LATER, actor="ada", **values)
        return record

    def sendable(
        self, *kinds: Kind, now: datetime = NOW, limit: int = 100, after: Record | None = None
    ) -> list[str]:
        found = records.sendable(
            self.conn, self.connector, kinds or tuple(Kind), now=now, limit=limit, after=after
        )
        return [record.external_id for record in found]


@pytest.fixture
def rows(database: Database, connector: Connector, other: Connector) -> Any:
    """Rows beside those of another connector, which has one of everything."""
    with database.begin() as conn:
        stranger = Rows(conn, other)
        for kind in Kind:
            stranger.add("a", kind, "key")
            stranger.to(stranger.add("linked", kind), State.SYNCED, **records.link_columns(LINK))
        yield Rows(conn, connector)


LINK = Link("8-1", "100", "Harbour", "created", "answer")


# --- life ---------------------------------------------------------------------------------------------------


def test_a_record_comes_back_as_it_was_stored(rows: Rows) -> None:
    content = {"name": "Ünal “&” <x>", "credit_limit": "10.50", "lines": [{"a": None, "b": False, "c": 0}]}
    stored = records.add(rows.conn, rows.connector.id, Kind.ITEM, "i/7 ü", content, now=NOW, actor="host")
    assert stored == records.get(rows.conn, stored.id)
    assert stored == records.find(rows.conn, rows.connector.id, Kind.ITEM, "i/7 ü")
    assert stored.content == content
    assert (stored.state, stored.revision, stored.link) == (State.QUEUED, 1, None)
    assert stored.created_at == NOW


def test_of_any_number_of_ids_those_of_our_records_are_found(rows: Rows) -> None:
    linked = [
        rows.to(
            rows.add(f"c{number}"), State.SYNCED, **records.link_columns(LINK._replace(quickbooks_id=name))
        )
        for number, name in enumerate(("8-1", "8-20000", "8-it's"))
    ]
    rows.add("queued")
    ids = [f"8-{number}" for number in range(40_000)]
    found = records.linked_to(rows.conn, rows.connector.id, Kind.CUSTOMER, [*ids, "8-it's"])
    assert found == linked
    assert records.linked_to(rows.conn, rows.connector.id, Kind.CUSTOMER, []) == []


def test_an_external_id_is_unique_within_kind_and_connector(
    database: Database, connector: Connector, other: Connector
) -> None:
    with database.begin() as conn:
        for owner, kind in ((connector, Kind.CUSTOMER), (connector, Kind.VENDOR), (other, Kind.CUSTOMER)):
            records.add(conn, owner.id, kind, "a", {}, now=NOW, actor="host")

    def again() -> None:
        with database.begin() as conn:
            records.add(conn, connector.id, Kind.CUSTOMER, "a", {}, now=NOW, actor="host")

    with pytest.raises(DatabaseUnavailable):
        again()


def test_every_transition_is_an_event_in_order(rows: Rows) -> None:
    record = rows.to(rows.add("a"), State.SENT, State.SYNCED)
    told = events.of_record(rows.conn, record.id)
    assert [(event.from_state, event.to_state) for event in told] == [
        (None, State.QUEUED),
        (State.QUEUED, State.SENT),
        (State.SENT, State.SYNCED),
    ]
    assert [event.actor for event in told] == ["host", "ada", "ada"]
    assert [event.at for event in told] == [NOW, LATER, LATER]
    assert all(event.what and event.revision == 1 for event in told)


def test_columns_are_set_with_a_transition(rows: Rows) -> None:
    record = rows.to(rows.add("a"), State.SYNCED, **records.link_columns(LINK), synced_revision=1)
    assert record.link == LINK
    assert record.synced_revision == 1
    assert record.updated_at == LATER


def test_a_transition_that_is_not_in_the_table_is_refused(rows: Rows) -> None:
    record = rows.to(rows.add("a"), State.SENT)
    with pytest.raises(ForbiddenTransition):
        rows.to(record, State.CANCELLED)
    assert records.get(rows.conn, record.id).state is State.SENT


def test_an_update_that_lost_its_state_is_noticed_and_changes_nothing(rows: Rows) -> None:
    seen = rows.add("a")
    rows.to(seen, State.SENT)
    with pytest.raises(RuntimeError, match="customer a is no longer queued"):
        rows.to(seen, State.BLOCKED)
    assert records.get(rows.conn, seen.id).state is State.SENT
    assert len(events.of_record(rows.conn, seen.id)) == 2


def test_counts_name_every_state(rows: Rows) -> None:
    rows.add("a")
    rows.to(rows.add("b"), State.BLOCKED)
    counts = records.counts(rows.conn, rows.connector.id)
    assert set(counts) == set(State)
    assert {state for state, number in counts.items() if number} == {State.QUEUED, State.BLOCKED}


# --- look-ups -----------------------------------------------------------------------------------------------


def test_pages_follow_the_order_of_arrival_and_narrow(rows: Rows) -> None:
    made = [rows.add(name, Kind.INVOICE if name in "bd" else Kind.CUSTOMER) for name in "abcd"]
    first = records.page(rows.conn, rows.connector.id, limit=3)
    assert [record.external_id for record in first] == ["a", "b", "c"]
    rest = records.page(rows.conn, rows.connector.id, after_id=first[-1].id, limit=3)
    assert [record.external_id for record in rest] == ["d"]
    documents = records.page(rows.conn, rows.connector.id, kind=Kind.INVOICE)
    assert [record.external_id for record in documents] == ["b", "d"]
    rows.to(made[1], State.BLOCKED)
    blocked = records.page(rows.conn, rows.connector.id, kind=Kind.INVOICE, state=State.BLOCKED)
    assert [record.external_id for record in blocked] == ["b"]


def test_a_key_finds_the_records_that_are_not_cancelled(rows: Rows) -> None:
    first, second = rows.add("a", key="k"), rows.add("b", key="k")
    rows.add("c", Kind.VENDOR, key="k")

    def found(*keys: str) -> list[int]:
        return [each.id for each in records.by_keys(rows.conn, rows.connector.id, Kind.CUSTOMER, keys)]

    assert found("k", "other") == [first.id, second.id]
    rows.to(first, State.CANCELLED)
    assert found("k") == [second.id]
    records.set_keys(rows.conn, second, ["l", "m"])
    assert (found("k"), found("l"), found("other")) == ([], [second.id], [])
    assert found() == []


def test_a_quickbooks_id_finds_the_records_linked_to_it(rows: Rows) -> None:
    withdrawn = rows.to(rows.add("b"), State.SYNCED, **records.link_columns(LINK))
    rows.to(withdrawn, State.CANCELLED)
    rows.to(rows.add("a"), State.SYNCED, **records.link_columns(LINK))
    rows.to(rows.add("c"), State.SYNCED, **records.link_columns(LINK._replace(quickbooks_id="8-2")))
    found = records.linked_to(rows.conn, rows.connector.id, Kind.CUSTOMER, ["8-1", "9-9"])
    assert [record.external_id for record in found] == ["a"]


# --- waiting ------------------------------------------------------------------------------------------------


def test_a_record_waits_for_exactly_the_others_it_is_told(rows: Rows) -> None:
    a, b, waiter = rows.add("a"), rows.add("b"), rows.add("w", Kind.INVOICE)
    waiter = records.set_waits(rows.conn, waiter, [a.id, b.id, a.id], now=NOW)
    assert waiter.waiting == 2
    assert [record.external_id for record in records.waits_of(rows.conn, waiter.id)] == ["a", "b"]
    waiter = records.set_waits(rows.conn, waiter, [b.id], now=NOW)
    assert waiter.waiting == 1
    assert records.end_waits(rows.conn, [a.id]) == {}
    assert records.end_waits(rows.conn, [b.id]) == {b.id: [waiter.id]}
    assert records.get(rows.conn, waiter.id).waiting == 0
    assert records.end_waits(rows.conn, [b.id]) == {}


def test_who_waits_only_for_given_records_is_found_in_the_order_of_sending(rows: Rows) -> None:
    a, b = rows.add("a"), rows.add("b")
    order = rows.add("order", Kind.PURCHASE_ORDER)
    both, one, free = (rows.add(name, Kind.INVOICE) for name in ("both", "one", "free"))
    for waiter, on in ((order, [a.id]), (both, [a.id, b.id]), (one, [a.id]), (free, [])):
        records.set_waits(rows.conn, waiter, on, now=NOW)
    documents = [Kind.INVOICE, Kind.PURCHASE_ORDER]

    def only(*on: Record, limit: int = 10) -> list[str]:
        ids = [record.id for record in on]
        found = records.waiting_only_for(rows.conn, ids, kinds=documents, limit=limit)
        return [record.external_id for record in found]

    assert only(a) == ["one", "order"]
    assert only(a, b) == ["both", "one", "order"]
    assert only(a, b, limit=2) == ["both", "one"]
    assert only(b) == []
    assert only() == []
    rows.to(one, State.BLOCKED)
    assert only(a) == ["order"]


# --- what is next -------------------------------------------------------------------------------------------


def test_records_are_sent_by_kind_then_priority_then_arrival(rows: Rows) -> None:
    rows.add("o", Kind.PURCHASE_ORDER)
    rows.add("n", Kind.INVOICE)
    rows.add("late customer")
    rows.add("urgent", priority=1)
    rows.add("customer")
    rows.add("i", Kind.ITEM)
    rows.add("v", Kind.VENDOR)
    wanted = ["urgent", "late customer", "customer", "v", "i", "n", "o"]
    assert rows.sendable() == wanted
    assert rows.sendable(limit=3) == wanted[:3]
    assert rows.sendable(Kind.ITEM, Kind.INVOICE) == ["i", "n"]


def test_the_next_page_starts_behind_the_last_record_even_if_that_has_moved_on(rows: Rows) -> None:
    for name, priority in (("a", 100), ("b", 5), ("c", 100), ("d", 5)):
        rows.add(name, priority=priority)
    rows.add("n", Kind.INVOICE)
    seen: list[str] = []
    last = None
    while True:
        page = records.sendable(rows.conn, rows.connector, tuple(Kind), now=NOW, limit=2, after=last)
        if not page:
            break
        seen += [record.external_id for record in page]
        last = page[-1]
        for record in page:
            rows.to(record, State.SENT)
    assert seen == ["b", "d", "a", "c", "n"]


@pytest.mark.parametrize("hold", ["waiting", "backoff", "isolation", "state"])
def test_what_is_held_up_is_not_sent(rows: Rows, hold: str) -> None:
    rows.add("free")
    held = rows.add("held")
    match hold:
        case "waiting":
            records.change(rows.conn, held, now=NOW, waiting=1)
        case "backoff":
            records.change(rows.conn, held, now=NOW, not_before=LATER)
        case "isolation":
            records.change(rows.conn, held, now=NOW, isolation="7")
        case _:
            rows.to(held, State.BLOCKED)
    assert rows.sendable() == ["free"]
    if hold == "backoff":
        assert rows.sendable(now=LATER) == ["free", "held"]
        assert rows.sendable(now=LATER - timedelta(microseconds=1)) == ["free"]


def test_the_oldest_isolated_group_comes_first_and_alone(rows: Rows) -> None:
    for name, mark in (("a", "000000000009"), ("b", "000000000010"), ("c", "000000000009")):
        rows.add(name, isolation=mark)
    rows.add("d")

    def isolated() -> list[str]:
        found = records.isolated(rows.conn, rows.connector, tuple(Kind), now=NOW)
        return [record.external_id for record in found]

    assert isolated() == ["a", "c"]
    records.end_isolation(rows.conn, rows.connector.id)
    assert isolated() == []
    assert rows.sendable() == ["a", "b", "c", "d"]


# --- looking for records ------------------------------------------------------------------------------------


def test_what_many_records_wait_for_is_read_at_once(rows: Rows) -> None:
    first, second, free = rows.add("a"), rows.add("b"), rows.add("c")
    both = records.set_waits(rows.conn, rows.add("d"), [first.id, second.id], now=NOW)
    one = records.set_waits(rows.conn, rows.add("e"), [second.id], now=NOW)
    found = records.waits_of_all(rows.conn, [both.id, one.id, free.id])
    assert {waiter: [record.external_id for record in waits] for waiter, waits in found.items()} == {
        both.id: ["a", "b"],
        one.id: ["b"],
    }


def test_records_are_looked_up_by_all_they_are_found_by_in_one_statement(rows: Rows) -> None:
    first, second, other = rows.add("a"), rows.add("b"), rows.add("a", Kind.INVOICE)
    records.set_keys(rows.conn, first, ["email:x", "name:y"])
    records.set_keys(rows.conn, second, ["email:x"])
    link = Link("80-1", "1", "A", "email", "cache")
    first = records.move(
        rows.conn, first, State.SYNCED, now=NOW, actor="server", **records.link_columns(link)
    )
    second = records.move(rows.conn, second, State.CANCELLED, now=NOW, actor="host")
    asked = {
        (first.kind, "external_id"): ["a", "b", "nobody"],
        (first.kind, "key"): ["email:x", "name:y", "sku:z"],
        (first.kind, "quickbooks_id"): ["80-1", "80-2"],
        (Kind.INVOICE, "external_id"): ["a"],
    }
    found = records.look_up(rows.conn, first.connector_id, asked)
    assert found == {
        (first.kind, "external_id"): [("a", first), ("b", second)],
        (first.kind, "key"): [("email:x", first), ("name:y", first)],
        (first.kind, "quickbooks_id"): [("80-1", first)],
        (Kind.INVOICE, "external_id"): [("a", other)],
    }


def test_the_numbers_on_their_way_are_told_of_a_kind_whatever_its_host_calls_them(rows: Rows) -> None:
    def invoice(name: str, number: str | None) -> Record:
        content = {"lines": [], **({"ref_number": number} if number is not None else {})}
        return records.add(rows.conn, rows.connector.id, Kind.INVOICE, name, content, now=NOW, actor="host")

    sent = rows.to(invoice("sent", 'SO-"ü" 1'), State.SENT)
    uncertain = rows.to(invoice("uncertain", None), State.SENT, State.UNCERTAIN)
    free = records.change(rows.conn, invoice("free", "1042"), now=NOW, probed_session_id=7)
    records.change(rows.conn, invoice("free in another session", "1043"), now=NOW, probed_session_id=6)
    linked = rows.to(invoice("linked", "1044"), State.SYNCED, **records.link_columns(LINK))
    rows.to(linked, State.QUEUED, State.SENT)
    rows.to(rows.add("of another kind", Kind.PURCHASE_ORDER), State.SENT)
    found = records.on_their_way(rows.conn, rows.connector.id, Kind.INVOICE, 7)
    assert found == {sent.id: 'SO-"ü" 1', uncertain.id: None, free.id: "1042"}
