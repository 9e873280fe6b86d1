"""The numbers the database keeps are those there are, whatever was done; and one page is read from an index's order."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, select, text, update

from qbwc_server.domain.causes import (
    BadCredentials,
    CustomerNotMatched,
    ItemNotMatched,
    NotAccepted,
    NotPermitted,
    QuickbooksUnreachable,
)
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import Narrowed
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.records import TRANSITIONS, Record, State
from qbwc_server.storage import (
    erasure,
    errors,
    finding,
    kept_counts,
    lists,
    records,
    refused,
    schema,
    waiting,
)
from qbwc_server.storage.database import Database

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


class History:
    """Whatever may happen to the records and error records of two connectors, in an order by chance."""

    def __init__(self, seed: int, database: Database, *owners: Connector) -> None:
        self.chance = random.Random(seed)
        self.database = database
        self.owners = list(owners)
        self.names = iter(range(10**6))
        self.now = NOW

    def go_on(self) -> None:
        """One transaction of a few things."""
        self.now += timedelta(seconds=1)
        with self.database.begin() as conn:
            for _ in range(self.chance.randint(1, 4)):
                self.chance.choice(
                    (
                        self.add,
                        self.move,
                        self.move,
                        self.move_many,
                        self.open,
                        self.open,
                        self.close,
                        self.of_connector,
                        self.refuse,
                        self.accept,
                        self.drop,
                    )
                )(conn)

    def owner(self) -> int:
        return self.chance.choice(self.owners).id

    def some(self, conn: Connection) -> list[Record]:
        return records.page(conn, self.owner(), limit=30)

    def add(self, conn: Connection) -> None:
        kind, owner = self.chance.choice(list(Kind)), self.owner()
        for _ in range(self.chance.randint(1, 5)):
            records.add(conn, owner, kind, f"r{next(self.names)}", {}, now=self.now, actor="host")

    def move(self, conn: Connection) -> None:
        if found := self.some(conn):
            self._moved(conn, [self.chance.choice(found)], records_move)

    def move_many(self, conn: Connection) -> None:
        if found := self.some(conn):
            state = self.chance.choice(found).state
            self._moved(conn, [item for item in found if item.state is state], records.move_all)

    def _moved(self, conn: Connection, members: list[Record], move: Callable[..., Any]) -> None:
        ways = [after for before, after in TRANSITIONS if before is members[0].state]
        if ways:
            move(conn, members, self.chance.choice(ways), now=self.now, actor="server")

    def open(self, conn: Connection) -> None:
        for item in self.some(conn)[: self.chance.randint(0, 6)]:
            why = self.chance.choice(("email_unknown", "email_missing", "several"))
            cause = self.chance.choice(
                (
                    CustomerNotMatched(why, item.label, self.chance.choice(("a@x.example", "b@x.example"))),
                    ItemNotMatched("sku_unknown", item.label, "line 1", "A-77"),
                    NotPermitted(item.label),
                )
            )
            errors.open_error(conn, item.connector_id, item.id, cause, now=self.now)

    def close(self, conn: Connection) -> None:
        found = errors.find(conn, self.owner())
        if found and self.chance.random() < 0.5:
            errors.close(conn, [item.id for item in found[::2]], "went away", now=self.now)
        elif found and (record_id := self.chance.choice(found).record_id) is not None:
            errors.close_of_record(conn, record_id, "went away", now=self.now)

    def of_connector(self, conn: Connection) -> None:
        owner, cause = (
            self.owner(),
            self.chance.choice((BadCredentials(), QuickbooksUnreachable("Start it."))),
        )
        if not errors.count_again(conn, owner, cause, None, now=self.now, address=None):
            errors.open_error(conn, owner, None, cause, now=self.now)

    def refuse(self, conn: Connection) -> None:
        causes = [
            NotAccepted(Kind.INVOICE, f"x{number}", (("/lines", "is needed"),))
            for number in sorted({self.chance.randint(1, 9) for _ in range(4)})
        ]
        refused.keep(conn, self.owner(), causes, now=self.now)

    def accept(self, conn: Connection) -> None:
        names = [f"x{number}" for number in range(1, self.chance.randint(2, 9))]
        refused.close(conn, self.owner(), Kind.INVOICE, names, "accepted", now=self.now)
        if self.chance.random() < 0.2:
            refused.forget(conn, self.owner(), before=self.now - timedelta(seconds=30))

    def drop(self, conn: Connection) -> None:
        """What nothing of the program does: rows written past it."""
        found = self.some(conn)
        if found and self.chance.random() < 0.3:
            item = self.chance.choice(found)
            conn.execute(delete(schema.record).where(schema.record.c.id == item.id))
        elif found:
            these = schema.error.c.record_id == self.chance.choice(found).id
            conn.execute(
                update(schema.error)
                .where(these)
                .values(cause_key="another", sub_reason="several", actor="staff")
            )


def records_move(conn: Connection, members: list[Record], after: State, **how: Any) -> None:
    records.move(conn, members[0], after, **how)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in (1, 2))])
def test_whatever_happens_the_numbers_kept_are_those_there_are(
    database: Database, connector: Connector, other: Connector, seed: int
) -> None:
    history = History(seed, database, connector, other)
    for _ in range(60):
        history.go_on()
        with database.read() as conn:
            assert kept_counts.wrong(conn) == []
            for each in (connector, other):
                _agree(conn, each.id)


def _agree(conn: Connection, connector_id: int) -> None:
    """What is read is what is found by looking at every row."""
    every = records.page(conn, connector_id, limit=10_000)
    assert records.counts(conn, connector_id) == {
        state: sum(item.state is state for item in every) for state in State
    }
    found = errors.find(conn, connector_id)
    by_cause = kept_counts.open_errors(conn, [connector_id])[connector_id]
    assert sum(by_cause.values()) == len(found)
    assert kept_counts.refused(by_cause) == sum(item.cause.name == "not_accepted" for item in found)


class Stop(Exception):
    """Raised to roll back."""


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in (1, 2))])
def test_however_lists_are_read_their_lengths_are_those_there_are(
    database: Database, connector: Connector, other: Connector, seed: int
) -> None:
    chance = random.Random(seed)
    for load in range(1, 40):
        with database.begin() as conn:
            owner = chance.choice((connector, other)).id
            name = chance.choice((ListName.CUSTOMER, ListName.ITEM))
            ids = [str(chance.randint(1, 30)) for _ in range(chance.randint(0, 12))]
            match chance.randint(0, 8):
                case 0:
                    lists.mark_deleted(conn, owner, name, ids)
                case 1:
                    lists.sweep(conn, owner, name, load)
                case 2 if chance.random() < 0.3:
                    lists.forget(conn, owner)
                case 3:
                    lists.change_load(conn, owner, name, loaded_at=NOW, number=load)
                case _:
                    found = [_entry(name, each, is_deleted=chance.random() < 0.2) for each in ids]
                    lists.store(conn, owner, found, load=chance.choice((None, load)))
        with database.read() as conn:
            assert kept_counts.wrong(conn) == []
            for each in (connector, other):
                for list_name in (ListName.CUSTOMER, ListName.ITEM):
                    there = lists.page(conn, each.id, list_name)
                    assert lists.sizes(conn, each.id).get(list_name, 0) == len(there)


def _entry(list_name: ListName, list_id: str, *, is_deleted: bool) -> ListEntry:
    return ListEntry(list_name, list_id, "T", f"E{list_id}", True, is_deleted, None, None, "1", None, None)


def test_what_is_rolled_back_was_never_counted(database: Database, connector: Connector) -> None:
    with suppress(Stop), database.begin() as conn:
        records.add(conn, connector.id, Kind.ITEM, "i", {}, now=NOW, actor="host")
        raise Stop
    with database.read() as conn:
        assert records.counts(conn, connector.id)[State.QUEUED] == 0
        assert kept_counts.wrong(conn) == []


def test_an_erased_connector_leaves_no_numbers_and_those_of_another_are_right(
    database: Database, connector: Connector, other: Connector
) -> None:
    history = History(7, database, connector, other)
    for _ in range(30):
        history.go_on()
    with database.begin() as conn:
        while not erasure.erase_some(conn, connector.id, 3):
            assert kept_counts.wrong(conn) in ([], [connector.name])  # nothing is looked at of one that goes
    with database.begin() as conn:
        conn.execute(delete(schema.connector).where(schema.connector.c.id == other.id))
        for table in (schema.record_count, schema.error_count, schema.error_group):
            assert conn.execute(select(table)).all() == []


def test_numbers_that_are_wrong_are_noticed_and_counted_anew(
    database: Database, connector: Connector, other: Connector
) -> None:
    history = History(8, database, connector, other)
    for _ in range(30):
        history.go_on()
    with database.begin() as conn:
        lists.store(conn, other.id, [_entry(ListName.ITEM, "1", is_deleted=False)], load=None)
    tables = (schema.record_count, schema.error_count, schema.error_group)
    spoilt = [delete(table).where(table.c.connector_id == other.id) for table in tables]
    spoilt.append(
        update(schema.list_load).where(schema.list_load.c.connector_id == other.id).values(entries=7)
    )
    for spoil in spoilt:
        with database.begin() as conn:
            conn.execute(spoil)
            assert kept_counts.wrong(conn) == [other.name]
            kept_counts.recount(conn)
            assert kept_counts.wrong(conn) == []


def test_a_change_of_state_costs_no_further_statement(database: Database, connector: Connector) -> None:
    said: list[str] = []
    with database.begin() as conn:
        made = records.add(conn, connector.id, Kind.ITEM, "i", {}, now=NOW, actor="host")
        event.listen(conn, "before_cursor_execute", lambda *heard: said.append(heard[2]))
        records.move(conn, made, State.SENT, now=NOW, actor="server")
        assert len(said) == 2  # the record, and the event
        assert records.counts(conn, connector.id)[State.SENT] == 1


def test_two_who_write_at_once_lose_no_number(database: Database, connector: Connector) -> None:
    def refuse(seed: int) -> None:
        history = History(seed, database, connector)
        for _ in range(25):
            with database.begin() as conn:
                history.refuse(conn)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(refuse, range(3)))
    with database.read() as conn:
        assert kept_counts.wrong(conn) == []
        found = kept_counts.open_errors(conn, [connector.id])[connector.id]
        assert 1 <= kept_counts.refused(found) <= 9


# --- what a page looks at -----------------------------------------------------------------------------------


def plan(conn: Connection, read: Callable[[], object]) -> str:
    """How the database carries out the first question that `read` asks."""
    asked: list[tuple[str, Any]] = []

    def heard(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(conn, "before_cursor_execute", heard)
    read()
    event.remove(conn, "before_cursor_execute", heard)
    statement, parameters = asked[0]
    is_sqlite = conn.dialect.name == "sqlite"
    if not is_sqlite:  # it would rather read tables that are nearly empty from their begin to their end
        for way in ("seqscan", "bitmapscan"):
            conn.execute(text(f"SET LOCAL enable_{way} = off"))
    said = conn.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if is_sqlite else ''}{statement}", parameters)
    return "\n".join(str(row[-1]) for row in said)


@pytest.mark.parametrize("kind", [None, Kind.INVOICE])
@pytest.mark.parametrize("state", [None, State.BLOCKED])
def test_a_page_of_records_is_read_from_its_index(
    database: Database, connector: Connector, kind: Kind | None, state: State | None
) -> None:
    parts = (1 if kind else len(Kind)) * (1 if state else len(State))
    with database.read() as conn:
        told = plan(conn, lambda: records.page(conn, connector.id, kind=kind, state=state, after_id=7))
        _reads(told, "ix_record_listed", parts)
        kinds, states = (kind,) if kind else tuple(Kind), (state,) if state else tuple(State)
        wanted = finding.Wanted(kinds=kinds, states=states, updated_after=NOW)
        told = plan(
            conn,
            lambda: finding.find(conn, connector.id, wanted, behind=(NOW, 7)),
        )
        _reads(told, "ix_record_changed", parts)


def test_what_waits_for_later_is_not_looked_for_among_all_that_is_queued(
    database: Database, connector: Connector
) -> None:
    with database.read() as conn:
        told = plan(
            conn, lambda: waiting.not_yet(conn, connector.id, (Kind.INVOICE, Kind.ITEM), now=NOW, limit=20)
        )
    assert "ix_record_later" in told, told
    _reads(told, "ix_record_listed", len(Kind) - 2)


def _reads(told: str, index: str, parts: int) -> None:
    assert told.count(index) == parts, told
    assert "SCAN record" not in told, told


def test_pages_of_records_are_whole_and_in_order(database: Database, connector: Connector) -> None:
    chance = random.Random(5)
    history = History(5, database, connector)
    for _ in range(60):
        history.go_on()
    with database.read() as conn:
        every = conn.execute(select(schema.record.c.id).order_by(schema.record.c.id)).scalars().all()
        found: list[int] = []
        while page := records.page(conn, connector.id, after_id=found[-1] if found else 0, limit=7):
            found += [item.id for item in page]
        assert found == list(every)
        order = (schema.record.c.updated_at, schema.record.c.id)
        by_change = conn.execute(select(schema.record.c.id).order_by(*order)).scalars().all()
        found, place = [], None
        every_one = finding.Wanted()
        while page := finding.find(conn, connector.id, every_one, behind=place, limit=chance.randint(3, 9)):
            found += [item.id for item in page]
            place = (page[-1].updated_at, page[-1].id)
        assert found == list(by_change)


# --- groups of error records --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.thorough)])
def test_groups_come_as_from_looking_at_every_error_record(
    database: Database, connector: Connector, other: Connector, seed: int
) -> None:
    history = History(seed, database, connector, other)
    for _ in range(60):
        history.go_on()
    with database.read() as conn:
        for actor in ("", "host", "quickbooks_user"):
            _compare_groups(conn, connector.id, actor)


def _compare_groups(conn: Connection, connector_id: int, actor: str) -> None:
    groups: dict[tuple[str, str], list[int]] = {}
    families: dict[tuple[str, str | None], list[datetime]] = {}
    rows = schema.error.c
    query = select(schema.error).where(rows.connector_id == connector_id, rows.closed_at.is_(None))
    for row in conn.execute(query.order_by(rows.id)):
        if actor in ("", row.actor):
            groups.setdefault((row.cause, row.cause_key), []).append(row.id)
            families.setdefault((row.cause, row.sub_reason), []).append(row.last_at or row.opened_at)
    found = [
        errors.longest_groups(conn, connector_id, actor=actor, skipped=skipped, limit=3)
        for skipped in range(0, len(groups), 3)
    ]
    every = [group for page in found for group in page]
    assert {(group.cause, group.cause_key): group.number for group in every} == {
        key: len(ids) for key, ids in groups.items()
    }
    assert [group.number for group in every] == sorted((group.number for group in every), reverse=True)
    first = errors.of_groups(conn, connector_id, every, actor=actor, limit=4)
    assert {key: [item.id for item in items] for key, items in first.items()} == {
        key: ids[:4] for key, ids in groups.items()
    }
    words = [
        each for each in kept_counts.words(conn, [connector_id])[connector_id] if actor in ("", each.actor)
    ]
    assert {(each.cause, each.sub_reason) for each in words} == set(families)
    assert sum(each.number for each in words) == sum(map(len, groups.values()))
    told = errors.longest(conn, connector_id, list(families), actor, list(groups), limit=2)
    assert {(each.cause, each.cause_key): (each.first_id, each.sum.number) for each in told} == {
        key: (ids[0], len(ids)) for key, ids in groups.items()
    }
    moments = errors.since_and_last(conn, connector_id, list(families), actor)
    assert {family: last for family, (_, last) in moments.items()} == {
        family: each[-1] for family, each in families.items()
    }


def test_groups_are_paged_in_the_order_in_which_they_began(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        made = [
            records.add(conn, connector.id, Kind.INVOICE, str(n), {}, now=NOW, actor="host") for n in range(9)
        ]
        for item in made:
            for key in (int(item.external_id) % 3, int(item.external_id)):
                cause = CustomerNotMatched("email_unknown", item.label, f"{key}@x.example")
                errors.open_error(conn, connector.id, item.id, cause, now=NOW)
        every = errors.groups_since(conn, connector.id, Narrowed(), after_id=0, limit=100)
        assert [group.cause_key for group in every] == [f"email:{number}@x.example" for number in range(9)]
        oldest = every[0]
        first = errors.find(conn, connector.id, cause_keys=[oldest.cause_key])[0]
        errors.close(conn, [first.id], "went away", now=NOW)
        again = errors.groups_since(conn, connector.id, Narrowed(), after_id=oldest.since_id, limit=3)
        assert [group.cause_key for group in again] == [f"email:{number}@x.example" for number in (1, 2, 3)]
        assert errors.group_of(conn, connector.id, oldest.cause, oldest.cause_key).number == oldest.number - 1


def test_groups_and_what_stands_in_them_are_read_from_their_indexes(
    database: Database, connector: Connector
) -> None:
    group = errors.OpenGroup("customer_not_matched", "email:a@x.example", 2, 1)
    looks: dict[str, Callable[[Connection], object]] = {
        "ix_error_group_longest": lambda conn: errors.longest_groups(
            conn, connector.id, actor="host", skipped=0, limit=51
        ),
        "ix_error_group_longest_of_word": lambda conn: errors.longest(
            conn, connector.id, [("refused", None)], "host", [], limit=51
        ),
        "ix_error_open_of_word": lambda conn: errors.since_and_last(
            conn, connector.id, [("item_not_matched", "sku_unknown"), ("refused", None)], ""
        ),
        "ix_error_group_since": lambda conn: errors.groups_since(
            conn, connector.id, Narrowed(), after_id=3, limit=51
        ),
        "ix_error_group_since_of_cause": lambda conn: errors.groups_since(
            conn, connector.id, Narrowed(cause="refused", actor="host"), after_id=3, limit=51
        ),
        "ix_error_open_together": lambda conn: errors.of_groups(
            conn, connector.id, [group], actor="", limit=50
        ),
        "ix_error_open ": lambda conn: errors.page(conn, connector.id, is_open=True, after_id=3),
        "ix_error_closed_of_cause": lambda conn: errors.page(
            conn, connector.id, is_open=False, narrowed=Narrowed(cause="refused"), after_id=3
        ),
        "ix_error_closed ": lambda conn: errors.closed(conn, connector.id, before=9),
    }
    with database.begin() as conn:
        item = records.add(conn, connector.id, Kind.INVOICE, "1", {}, now=NOW, actor="host")
        of_one: tuple[Callable[[], object], ...] = (
            lambda: errors.find(conn, connector.id, open_only=False, about=item),
            lambda: errors.open_of(conn, [item]),
        )
        for each in of_one:
            told = plan(conn, each)
            assert not database.is_sqlite or "SEARCH error USING INTEGER PRIMARY KEY" in told, told
            assert "ix_error_record" in told, told
            assert "uq_error_refused" in told, told
    with database.read() as conn:
        for index, look in looks.items():
            told = plan(conn, partial(look, conn))
            assert index in told, (index, told)
            assert "SCAN error" not in told, (index, told)


def test_open_errors_are_not_looked_for_among_all_that_are_open(
    database: Database, connector: Connector
) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL chooses by what the tables hold")
    each, asked = connector.id, errors.open_ones
    looks: dict[Callable[[Connection], object], str] = {
        lambda conn: errors.find(conn, each, record_id=7): "ix_error_open_of_record",
        lambda conn: errors.find(conn, each, connector_wide=True): "ix_error_open_of_record",
        lambda conn: errors.of_connectors(conn, [each]): "ix_error_open_of_record",
        lambda conn: asked(conn, each, record_ids=[7]): "ix_error_open_of_record",
        lambda conn: asked(conn, each, cause_key="sku:a"): "ix_error_key",
        lambda conn: asked(conn, each, ids=[7]): "rowid=?",
        lambda conn: errors.waiting_behind(conn, each, ["sku:a", "sku:b"]): "ix_error_key",
        lambda conn: errors.blocked_via(conn, [7]): "ix_error_via_record",
        lambda conn: errors.find(conn, each, cause="refused", cause_keys=["a"]): "ix_error_open_together",
        lambda conn: errors.by_key(
            conn, each, Narrowed(cause="refused", cause_key="a")
        ): "ix_error_open_together",
    }
    with database.read() as conn:
        for look, index in looks.items():
            told = plan(conn, partial(look, conn))
            (read,) = [line for line in told.splitlines() if line.startswith("SEARCH error ")]
            assert index in read, (index, told)


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({"cause": "refused"}, "ix_error_open_of_cause"),
        ({"actor": "host"}, "ix_error_open_of_actor"),
        ({"sub_reason": "sku_unknown"}, "ix_error_open_of_sub_reason"),
        ({"cause_key": "sku:a"}, "ix_error_key"),
        ({"external_id": "a"}, "ix_error_record"),
        ({"external_id": "a", "kind": Kind.INVOICE}, "uq_error_refused"),
        ({"kind": Kind.INVOICE}, "ix_error_open_of_kind"),
    ],
)
def test_whatever_is_known_of_error_records_has_its_index(
    database: Database, connector: Connector, asked: dict[str, Any], index: str
) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL chooses by what the tables hold")
    with database.read() as conn:
        told = plan(
            conn,
            lambda: errors.page(conn, connector.id, is_open=True, narrowed=Narrowed(**asked), after_id=7),
        )
    assert index in told, told
    assert "SCAN error" not in told, told
